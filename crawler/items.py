"""The records that travel from spider to archive. Each list of fields is written here once.

Times are aware `datetime` in UTC; dates are `datetime.date` in Vietnam's zone. `None` always
means "not known": an unreadable field additionally has a `Problem`, an absent one has none.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from crawler.capture.exchange import Capture
from crawler.document import Document


@dataclass(frozen=True, slots=True)
class Link:
    """A URL that a page mentions, on its way into the frontier (table `urls`)."""

    url: str
    """Absolute, cleaned by `crawler.urls.clean`."""
    kind: str = "page"
    """What it looks like from outside: page, listing, article, feed, sitemap, file."""
    form: str | None = None
    """URL-encoded body of a POST; None is a GET."""
    key: str = ""
    """What makes two links the same (see `crawler.urls.key_of`)."""
    refused: str | None = None
    """Why it is never fetched, or None."""
    canonical: bool = False
    """Whether the page names it as its own right address (RFC 6596); it may lie."""
    modified: datetime | None = None
    """When a sitemap says that it was last changed; None when it doesn't say."""
    words: str | None = None
    """The words that lead there, on one line, where they are long enough for a title."""


@dataclass(frozen=True, slots=True)
class ListingClaim:
    """What a listing page says of itself and shows: evidence for the verdict of a crawl."""

    series: str
    """What the pages of one listing have in common: the key of its first page."""
    page: int | None = None
    """Its number, from 1; None when neither page nor address gives one."""
    pages: int | None = None
    """How many pages it says there are."""
    total: int | None = None
    """How many articles it says there are."""
    listed: tuple[str, ...] | None = None
    """Keys of what it lists; None when nothing tells its items from its other links."""
    raw: str | None = None
    """The words that say so, on one line."""


@dataclass(frozen=True)
class Page:
    """One exchange with a portal, or the failure to have one, exactly as it came."""

    url: str
    fetched_at: datetime
    status: int | None = None
    """HTTP status; None when there was no response."""
    content_type: str = ""
    """The Content-Type header as sent, or empty."""
    body: bytes = field(default=b"", repr=False)
    """The payload after transfer and content decoding."""
    captures: tuple[Capture, ...] = ()
    """The exchanges that led to it, in order (retries); the page is what the last one brought."""
    url_id: int = 0
    """Row of `urls` that asked for it; 0 outside a crawl."""
    kind: str = "page"
    """What the spider takes it for while walking: page, listing, feed, sitemap, file, redirect."""
    links: tuple[Link, ...] = ()
    failure: str | None = None
    """Why there is no response (time-out, refused by robots.txt, ...), else None."""
    may_pass: bool = False
    """Whether that failure may pass by itself (time-out, lost connection, unknown host)."""
    retry_after: float | None = None
    """Seconds after which the server asks to come again (Retry-After); None when it names none."""
    claim: ListingClaim | None = None
    """What it says of itself as a listing; None when it is none."""
    left_out: tuple[str, ...] = ()
    """What of it was not walked, because there is too much of it; for people."""
    headers: str = ""
    """The answer's header, a line `Name: value` each; kept outside a crawl only."""
    location: str = ""
    """The Location header as sent, or empty: where a redirect leads, also out of the portal."""

    @cached_property
    def document(self) -> Document:
        """The decoded page; made on first use and shared by spider and reader."""
        return Document(self.body, self.content_type, self.url)

    def kept_as(self, url_id: int, capture: Capture) -> "Page":
        """The same page with the archive's number of its URL and its one capture."""
        page = replace(self, url_id=url_id, captures=(capture,))
        if "document" in self.__dict__:
            page.__dict__["document"] = self.document
        return page

    def walked(
        self,
        kind: str,
        links: tuple[Link, ...],
        claim: ListingClaim | None = None,
        left_out: tuple[str, ...] = (),
    ) -> "Page":
        """The same page after the walk; what was decoded and parsed for it is kept."""
        page = replace(self, kind=kind, links=links, claim=claim, left_out=left_out)
        if "document" in self.__dict__:
            page.__dict__["document"] = self.document
        return page

    def __getstate__(self) -> dict[str, Any]:
        # A parsed tree can't travel to another process; the bytes can.
        return {name: value for name, value in self.__dict__.items() if name != "document"}


@dataclass(frozen=True, slots=True)
class Reading:
    """How one field of one page was read."""

    field: str
    """Column of `articles`, such as `view_count`."""
    raw: str
    """The text as it stands on the page, NFC, before it was parsed."""
    rule: str
    """What found it: `layout kimson-2023: div.submitted`, `label: lượt xem`, `json-ld`, ..."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be the value of a field; of several the one that is read stands first."""

    field: str
    value: str | None
    """As text; None when the place or label is there and can't be understood."""
    raw: str
    rule: str
    score: float | None
    """Where candidates are weighed against each other: a title's likeness, a box's votes."""
    is_read: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should look at; becomes a row of `problems`."""

    reason: str
    """One line: what, and what was seen instead."""
    field: str | None = None
    """The field that could not be read; None when it concerns the page."""


FURTHER_PAGES, BUILT_BY_SCRIPTS = "further pages", "scripts"
"""Fields of problems by which a crawl is not complete: a script alone shows what is missing."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that belongs to an article."""

    url: str
    caption: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that an article offers for download."""

    url: str
    filename: str
    """The last part of its address, percent-decoded, or the name the page gives it."""


@dataclass(frozen=True, slots=True)
class File:
    """What the bytes of an image or attachment are."""

    media_type: str | None
    """Told by the bytes, never by name or header; None when they are of no known kind."""
    sha256: str
    """Hex digest of the file as a reader gets it, after content decoding."""
    text: str | None = field(default=None, repr=False)
    """NFC; None when no text was looked for, found or readable."""


@dataclass(frozen=True, slots=True)
class SiteCounts:
    """The portal's own traffic box, as printed on a page; a number not printed is None."""

    total_visits: int | None = None
    online_now: int | None = None
    today: int | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """Readers' rating of an article as printed: `0 điểm ( 0 đánh giá )` is score 0.0, count 0."""

    score: float | None
    count: int | None


@dataclass(frozen=True, slots=True)
class Article:
    """What a page says, read and normalised. Text is NFC."""

    url: str
    title: str | None
    published_on: date | None = None
    published_at: datetime | None = None
    """UTC; only when the page gives a time of day."""
    published_raw: str | None = None
    view_count: int | None = None
    author: str | None = None
    category: str | None = None
    summary: str | None = None
    """The lead, when it stands outside the body."""
    body: str | None = None
    """Plain text, paragraphs separated by one blank line."""
    body_html: str | None = field(default=None, repr=False)
    """The body's markup, sanitised: safe to show."""
    layout: str | None = None
    """Name of the layout that read it; `generic` when none fitted."""
    rating: Rating | None = None
    images: tuple[Image, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    readings: tuple[Reading, ...] = field(default=(), repr=False)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class LegalDocument:
    """An official document (văn bản) as a page or a list of documents describes it."""

    number: str | None = None
    """Number and sign (số, ký hiệu) without spaces: `12/2023/QĐ-UBND`."""
    kind: str | None = None
    """Loại văn bản: Quyết định, Nghị quyết, ...; by its label, else by the sign in the number."""
    issuer: str | None = None
    """Cơ quan ban hành."""
    signer: str | None = None
    """Người ký."""
    issued_on: date | None = None
    """Ngày ban hành; never the date on which a portal published it."""
    effective_on: date | None = None
    """Ngày có hiệu lực."""
    abstract: str | None = None
    """Trích yếu."""
    field: str | None = None
    """Lĩnh vực."""
    url: str | None = None
    """Its own page, absolute, where a list links to one; None when this page is all there is."""
    place: str = ""
    """What tells it from the others of a list; empty for the one that the page is about."""
    files: tuple[Attachment, ...] = ()
    readings: tuple[Reading, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class SuspectLink:
    """A link out of the portal that an intruder seems to have planted (`pipelines.planted`)."""

    href: str
    """Where it leads, absolute, otherwise as it stands on the page."""
    text: str | None
    """Its words on one line, those of its pictures and its title among them; None without any."""
    hidden: bool
    """Whether readers of the page do not see it."""
    why: str
    """The signs that give it away, the heaviest first, separated by `; `."""
    score: int
    """Sum of the points of all signs, also of those that speak for it."""


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page together with what reading it gave; the archive saves it in one transaction."""

    page: Page
    kind: str
    """article, listing, other, not_found, blocked, login, poll, no_file (a page where a file
    should be), or the spider's (feed, file, ...)."""
    article: Article | None = None
    """Only when `kind` is article."""
    site_counts: SiteCounts | None = None
    file: File | None = None
    """Only when `kind` is file."""
    problems: tuple[Problem, ...] = ()
    """Problems of the page itself; those of a field are in `article.problems`."""
    documents: tuple[LegalDocument, ...] = ()
    """Official documents that the page describes, its own or those that it lists."""
    suspects: tuple[SuspectLink, ...] = ()
    """Planted links, each address once."""
    likeness: str = ""
    """Digest of the words that the page shows (`Document.likeness`), where its reader took it."""
