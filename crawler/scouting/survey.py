"""What a few pages tell of a portal: its CMS, what reads them, and a profile to start from."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from crawler import profiles
from crawler.facts import Profile
from crawler.scouting.listings import propose_listing
from crawler.scouting.looking import Read, Seen
from crawler.scouting.proposing import Proposal, propose
from crawler.scouting.recognition import Candidate, candidates
from crawler.selectors import text_of, xpath
from crawler.units.portals import shortest, unit_of
from crawler.vietnamese import squeeze

_SITE_NAMES = xpath("//meta[@property='og:site_name']/@content")
_TITLES = xpath("/descendant::title[1]")
_BETWEEN = re.compile(r"\s+[-|–—:»]\s+")
_HOME = frozenset({"trang chủ", "trang nhất", "home", "homepage"})


@dataclass(frozen=True)
class Survey:
    """The pages that were looked at, and what follows from them."""

    start: str
    seen: tuple[Seen, ...]
    candidates: tuple[Candidate, ...]
    proposals: tuple[Proposal, ...]
    """Layouts for articles that fit none, proven on the pages."""
    listing: tuple[str, ...]
    """Listing rules for lists that fit none, proven likewise."""

    @property
    def articles(self) -> list[Seen]:
        """The pages that were read as articles."""
        return [seen for seen in self.seen if seen.kind == "article"]

    @property
    def lists(self) -> list[Seen]:
        """The pages that list articles."""
        return [seen for seen in self.seen if seen.kind == "listing"]

    @property
    def cms(self) -> str:
        """The CMS that a profile would name: `generic` unless one alone is sure or likely."""
        told = [each for each in self.candidates if each.confidence != "perhaps"]
        surest = [each for each in told if each.confidence == told[0].confidence]
        if len(surest) != 1:
            return profiles.GENERIC
        own = {layout.name for layout in profiles.load(surest[0].slug).layouts} | {"generic"}
        fits = all(seen.layout in own for seen in self.articles)
        return surest[0].slug if fits else profiles.GENERIC


def survey(start: str, seen: list[Seen], read: Read, slug: str) -> Survey:
    """What `seen` tells of the portal at `start`; proposed layouts are named after `slug`."""
    answered = [each for each in seen if each.kind != "failed" and not each.is_feed]
    articles = [each for each in answered if each.kind == "article"]
    lists = [each for each in answered if each.kind == "listing" and not each.items]
    unfit = [each for each in articles if each.layout == "generic"]
    others = [each for each in answered if each.kind != "article"]
    year = max((each.page.fetched_at.year for each in answered), default=0)
    return Survey(
        start,
        tuple(seen),
        tuple(candidates([each.page for each in answered], profiles.cmss())),
        tuple(propose(unfit, others, read, f"{slug}-{year}")),
        tuple(propose_listing(lists, articles)),
    )


def draft(found: Survey, slug: str) -> Profile:
    """The profile to start from: address, CMS, place, and what was proven on the pages."""
    profile = Profile(
        slug=slug,
        name=portal_name(found) or slug,
        url=_start(found),
        cms=found.cms,
        listing=found.listing,
        layouts=tuple(proposal.layout for proposal in found.proposals),
    )
    unit = unit_of(profile).unit
    return replace(profile, unit=shortest(unit)) if unit else profile


def _start(found: Survey) -> str:
    """The start address on the host that answered: many portals redirect to HTTPS or `www.`."""
    answered, asked = urlsplit(found.seen[0].page.url), urlsplit(found.start)
    return (
        urlunsplit(asked._replace(scheme=answered.scheme, netloc=answered.netloc))
        if (answered.netloc.removeprefix("www.") == asked.netloc.removeprefix("www."))
        else found.start
    )


def portal_name(found: Survey) -> str:
    """What the pages call the portal; empty when they do not say.

    Most titles are an article's and the portal's: the part that most of them share is its name,
    unless the home page's own title says another.
    """
    pages = [seen for seen in found.seen if seen.kind != "failed" and not seen.is_feed]
    trees = [seen.page.document.tree for seen in pages]
    named = [squeeze(str(name)) for tree in trees for name in _SITE_NAMES(tree)]
    titles = [text_of(title) for tree in trees for title in _TITLES(tree)]
    parts = Counter(part for title in titles for part in set(_parts(title)))
    shared = [part for part, n in parts.most_common() if 2 * n > len(titles)]
    if not pages or pages[0].kind != "home":
        return next(filter(None, [*named, *shared, *titles]), "")
    own = [part for title in _TITLES(trees[0])[:1] for part in _parts(text_of(title))]
    both = [part for part in shared if part in own]
    return next(filter(None, [*named, *both, " - ".join(own), *shared]), "")


def _parts(title: str) -> list[str]:
    return [part for part in _BETWEEN.split(title) if part.lower() not in _HOME]
