"""What of an article's text an intruder has written: it is kept as evidence, not as text."""

from collections.abc import Iterable

from crawler.items import SuspectLink
from pipelines.paragraphs import Paragraph
from pipelines.planted.words import words_of
from pipelines.prose import join

_MOSTLY = 2


def planted_in(
    paragraphs: Iterable[Paragraph], url: str, suspects: Iterable[SuspectLink]
) -> list[Paragraph]:
    """The paragraphs with a planted link that are nothing but links, or speak of betting.

    A true paragraph into which a link was slipped stays; `url` is the page's.
    """
    planted = {each.href for each in suspects}
    return [
        each
        for each in (paragraphs if planted else ())
        if not planted.isdisjoint(join(url, href) for href in each.hrefs)
        and (each.linked * _MOSTLY >= len(each.text) or words_of(each.text).is_telling)
    ]
