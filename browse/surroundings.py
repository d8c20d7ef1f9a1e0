"""What every template may use beside its page's facts."""

from typing import Any

from browse.links import PageLinks
from browse.marking import pieces
from browse.writing import WRITING
from crawler.reporting.causes import cause
from crawler.reporting.reasons import retold, suspected
from crawler.words import tr


def surroundings(to: PageLinks, lang: str) -> dict[str, Any]:
    """The variables, for a page with the links `to` in the language `lang`."""
    told = {"pieces": pieces, "retold": retold, "cause": cause, "suspected": suspected}
    return {"t": tr, "to": to, "lang": lang, **told, **WRITING}
