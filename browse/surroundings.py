"""What every template may use beside its page's facts."""

from typing import Any

from browse.links import PageLinks
from browse.marking import pieces
from browse.writing import WRITING
from crawler.reporting.reasons import retold
from crawler.words import tr


def surroundings(to: PageLinks, lang: str) -> dict[str, Any]:
    """The variables, for a page with the links `to` in the language `lang`."""
    return {"t": tr, "to": to, "lang": lang, "pieces": pieces, "retold": retold, **WRITING}
