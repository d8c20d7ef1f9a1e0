"""What the words of a link, and those around it, speak of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from crawler.vietnamese import nfc, tone_placements
from pipelines.planted import facts
from pipelines.planted.spelling import folded, is_foreign, spaced_out, undisguised

_LONGEST = 400
_ADDRESS = re.compile(r"(?:https?:)?//\S+")


@dataclass(frozen=True, slots=True)
class Words:
    """What was found in one text."""

    betting: tuple[str, ...] = ()
    """Each betting word once, as it is written in the list."""
    doubtful: tuple[str, ...] = ()
    """Words typed without marks that may be betting words."""
    brand: str | None = None
    """A betting brand, or what has the shape of one, as it stands there."""
    is_named: bool = False
    """Whether the brand is one of the list."""
    is_disguised: bool = False
    """Whether they only show when look-alike letters, spacing and the like are undone."""
    is_weak: bool = False
    praises: bool = False
    warns: bool = False
    is_whole: bool = False
    """Whether betting words and brands are half of the text or more."""
    is_foreign: bool = False

    @property
    def is_telling(self) -> bool:
        """Whether they speak of betting at all."""
        return bool(self.betting or self.doubtful or self.brand)


NONE = Words()


def words_of(text: str) -> Words:
    """What `text` speaks of; only its first 400 characters count, addresses in it do not."""
    return _words_of(text[:_LONGEST])


@lru_cache(maxsize=4_000)
def _words_of(text: str) -> Words:
    text = nfc(" ".join(_ADDRESS.sub(" ", text).split())).lower()
    if not text:
        return NONE
    bare = folded(text)
    spans = list(_betting(text, bare))
    betting = [facts.BETTING[facts.glued(bare[a:b])] for a, b in spans if _is_sure(text[a:b])]
    doubtful = [bare[a:b] for a, b in spans if not _is_sure(text[a:b])]
    disguised = [] if betting else list(_disguised(text))
    scripts = facts.FOREIGN_WORDS.findall(text)
    brand = _brand(text, bare)
    warns = any(map(_is_meant, facts.WARNING.finditer(bare)))
    praise = [found.group() for found in facts.PROMOTION.finditer(bare)]
    told = [*(bare[a:b] for a, b in spans), *scripts, *praise, brand[0] if brand else ""]
    return Words(
        betting=tuple(dict.fromkeys([*betting, *disguised, *scripts])),
        doubtful=tuple(dict.fromkeys(doubtful)),
        brand=brand[0] if brand else None,
        is_named=bool(brand and brand[1]),
        is_disguised=bool(disguised),
        is_weak=bool(facts.WEAK_WORDS.search(bare)),
        # Who warns may quote.
        praises=bool(praise) and not warns,
        warns=warns,
        is_whole=bool(disguised) or sum(map(len, told)) * 2 >= len(text),
        is_foreign=is_foreign(text),
    )


def _betting(text: str, bare: str) -> Iterator[tuple[int, int]]:
    """Where betting words stand; those that other words may be only with their own marks or none.

    `cả cuộc đời` holds no `cá cược`.
    """
    for found in facts.BETTING_WORDS.finditer(bare):
        shown = text[found.start() : found.end()]
        if facts.glued(shown) not in facts.DOUBTFUL or _is_marked(shown) or shown.isascii():
            yield found.span()


def _is_sure(shown: str) -> bool:
    return facts.glued(shown) not in facts.DOUBTFUL or _is_marked(shown)


def _is_marked(shown: str) -> bool:
    """Whether a doubtful word carries the marks of the list."""
    wanted = facts.BETTING[facts.glued(shown)]
    return " ".join(re.findall(r"\w+", shown)) in tone_placements(wanted)


def _is_meant(found: "re.Match[str]") -> bool:
    """Whether a word of warning is one: `không lừa đảo` is praise."""
    return not found.string[: found.start()].rstrip().endswith("khong")


def _disguised(text: str) -> Iterator[str]:
    """The betting words that only show without the disguise; doubtful ones if they wore it."""
    plain, bare = undisguised(text), folded(text)
    for found in facts.BETTING_WORDS.finditer(plain) if plain != bare else ():
        word = facts.glued(found.group())
        is_altered = len(plain) != len(bare) or bare[slice(*found.span())] != found.group()
        if word not in facts.DOUBTFUL or is_altered:
            yield facts.BETTING[word]
    for run in spaced_out(text):
        yield from (facts.BETTING[word] for word in facts.GLUED_WORDS.findall(run))
        yield from facts.GLUED_BRANDS.findall(run)


def _brand(text: str, bare: str) -> tuple[str, bool] | None:
    """A brand in the text, and whether the list names it; shapes count in plain letters only."""
    if named := facts.BRANDS.search(bare):
        return named.group(), True
    for found in facts.BRAND_SHAPE.finditer(bare):
        shown = text[found.start() : found.end()]
        if shown.isascii() and not facts.NO_BRAND.fullmatch(shown):
            return shown, False
    return None
