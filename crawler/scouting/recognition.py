"""Which CMS made some pages: the fingerprints of the profiles, held against pages and headers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawler.facts import Fingerprint, Profile
from crawler.items import Page
from crawler.selectors import matches, xpath
from crawler.vietnamese import squeeze

_GENERATORS = xpath("//meta[translate(@name, 'GENRATO', 'genrato') = 'generator']/@content")
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was seen and tells the CMS."""

    kind: str
    """generator, header, source or markup."""
    seen: str
    """What the page or its header says, on one line."""
    url: str
    """The first page on which it was seen."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A CMS that the pages may come from, with everything that speaks for it."""

    slug: str
    name: str
    evidence: tuple[Evidence, ...]

    @property
    def confidence(self) -> str:
        """sure when page or server name it, likely when two things tell it, else perhaps."""
        if any(each.kind in ("generator", "header") for each in self.evidence):
            return "sure"
        return "likely" if len(self.evidence) > 1 else "perhaps"


_ORDER = {"sure": 0, "likely": 1, "perhaps": 2}


def candidates(pages: list[Page], known: Iterable[Profile]) -> list[Candidate]:
    """The CMSs out of `known` that something on `pages` tells, the likeliest first."""
    found = [Candidate(p.slug, p.name, _evidence(p.fingerprint, pages)) for p in known]
    told = [each for each in found if each.evidence]
    return sorted(told, key=lambda each: (_ORDER[each.confidence], -len(each.evidence), each.slug))


def _evidence(fingerprint: Fingerprint, pages: list[Page]) -> tuple[Evidence, ...]:
    first: dict[tuple[str, str], Evidence] = {}
    for page in pages:
        for fact, kind, seen in _seen(fingerprint, page):
            first.setdefault((kind, fact), Evidence(kind, squeeze(seen)[:_LONGEST], page.url))
    return tuple(first.values())


def _seen(fingerprint: Fingerprint, page: Page) -> Iterator[tuple[str, str, str]]:
    """Fact, kind of evidence and what was seen, for each fact that the page bears out."""
    document = page.document
    generators = list(map(str, _GENERATORS(document.tree)))
    yield from _beginning(fingerprint.generator, "generator", generators)
    yield from _beginning(fingerprint.headers, "header", page.headers.splitlines())
    for text in fingerprint.source:
        if text in document.text:
            yield text, "source", text
    for _, selector in matches(document, fingerprint.markup):
        yield selector, "markup", selector


def _beginning(
    facts: tuple[str, ...], kind: str, lines: list[str]
) -> Iterator[tuple[str, str, str]]:
    for fact in facts:
        line = next((each for each in lines if each.lower().startswith(fact.lower())), None)
        if line:
            yield fact, kind, line
