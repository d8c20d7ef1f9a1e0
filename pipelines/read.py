"""Reads a page: bytes, URL and time of fetching in, a record out. No network, clock, database."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Self

from crawler.drift import home
from crawler.items import Article, Page, Problem, Reading, ReadPage, SuspectLink
from crawler.politeness.rules import problems_in
from crawler.profiles import Profile
from crawler.selectors import fitting
from pipelines import author, category, date, rating, summary, title, views
from pipelines.attachments import read_attachments
from pipelines.body import Body, read_body
from pipelines.found import Found, Unreadable
from pipelines.images import read_images
from pipelines.kind import kind_of
from pipelines.planted.suspects import read_suspects
from pipelines.refusal import blocked_by, is_not_found
from pipelines.scripted import left_to_scripts
from pipelines.sheet import Sheet
from pipelines.traffic import read_traffic

_NOT_READ = frozenset({"feed", "sitemap", "file", "redirect"})
_OK = 200
_ERROR = 400
_GONE = frozenset({404, 410})
_PLANTED = Problem("links that an intruder seems to have planted, see suspect_links", "planted")
_NEEDED = ("title", "published_on", "body")


def read(page: Page, profile: Profile) -> ReadPage:
    """What `page` says. Only an article has `article`; a broken page is a kind, never an error."""
    suspects = suspects_of(page, profile)
    found = _read(page, profile, suspects)
    problems = [*found.problems, *map(Problem, _left_out(found.page)), *home.judge(page, profile)]
    problems += [problem for document in found.documents for problem in document.problems]
    problems += left_to_scripts(found.page, found.kind) if _may_be_read(page) else ()
    planted = (_PLANTED,) if suspects else ()
    return replace(found, problems=(*problems, *planted), suspects=suspects)


def suspects_of(page: Page, profile: Profile) -> tuple[SuspectLink, ...]:
    """The planted links of any HTML page, also of one that is gone, or that leads elsewhere."""
    if page.status is None or page.kind == "robots" or not _is_html(page):
        return ()
    return read_suspects(page, profile.hosts)


def _left_out(page: Page) -> list[str]:
    """What of the page was neither walked nor read, because there is too much of it."""
    return [*page.left_out, *(page.document.left_out if "document" in page.__dict__ else ())]


def _read(page: Page, profile: Profile, suspects: tuple[SuspectLink, ...]) -> ReadPage:
    if page.kind == "robots":
        return ReadPage(page, "robots", problems=problems_in(page.status, page.body))
    if kind := kind_unread(page):
        return ReadPage(page, kind)
    sheet = Sheet(page, fitting(page.document, profile.layouts), suspects)
    if why := None if _is_listed(page) or is_not_found(sheet) else blocked_by(sheet):
        # What stands in the way leads nowhere and claims nothing.
        return ReadPage(
            replace(page, links=(), claim=None), "blocked", problems=(Problem(_told(page, why)),)
        )
    if page.status != _OK:
        return ReadPage(page, page.kind)
    site_counts = read_traffic(sheet.page_lines)
    if page.kind == "listing":
        return ReadPage(page, "listing", site_counts=site_counts, documents=sheet.documents)
    kind = kind_of(sheet)
    article = read_article(sheet) if kind == "article" else None
    return ReadPage(page, kind, article, site_counts, documents=sheet.documents)


def candidates(sheet: Sheet, body: Body | None) -> dict[str, Iterator[Found[Any] | Unreadable]]:
    """Field to everything that may be its value, the surest first: what is read is the first."""
    return {
        "title": title.candidates(sheet),
        "published_on": date.candidates(sheet),
        "view_count": views.candidates(sheet),
        "author": author.candidates(sheet, body.byline if body else None),
        "category": category.candidates(sheet),
        "summary": summary.candidates(sheet),
        "rating": rating.candidates(sheet),
        "body": _body_fields(body),
    }


def read_article(sheet: Sheet) -> Article:
    """Every field of an article, each read on its own."""
    body = read_body(sheet)
    fields = {name: next(found, None) for name, found in candidates(sheet, body).items()}
    moment = fields["published_on"]
    values = {name: _value(found) for name, found in fields.items() if name != "published_on"}
    dated = moment.value if isinstance(moment, Found) else None
    return Article(
        url=sheet.url,
        **values,
        published_on=dated.on if dated else None,
        published_at=dated.at if dated else None,
        published_raw=moment.raw if moment else None,
        body_html=body.html if body else None,
        layout=sheet.layout.name if sheet.layout else "generic",
        images=read_images(sheet, body),
        attachments=read_attachments(sheet),
        readings=tuple(_readings(fields)),
        problems=tuple(_problems(fields)),
    )


class ReadPipeline:
    """The Scrapy step that reads; the profile is the running spider's."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        """How Scrapy makes it."""
        return cls(crawler)

    def process_item(self, item: Page | ReadPage) -> ReadPage:
        """The page, read; a replay brings pages that are."""
        return item if isinstance(item, ReadPage) else read(item, self.crawler.spider.profile)


def kind_unread(page: Page) -> str | None:
    """The kind of a page that says nothing by its very nature; None of one that is read."""
    if page.status in _GONE:
        return "not_found"
    if page.status is None or not _is_html(page):
        return "file" if page.status == _OK and page.kind == "page" else page.kind
    # A page with an error's status may say who stands in the way.
    return None if page.status >= _ERROR or _may_be_read(page) else page.kind


def _may_be_read(page: Page) -> bool:
    return page.status == _OK and page.kind not in _NOT_READ


def _told(page: Page, why: str) -> str:
    return f"blocked: {why}" + (f" (HTTP {page.status})" if page.status != _OK else "")


def _is_listed(page: Page) -> bool:
    """Whether it lists articles, as no page does that stands in the way."""
    return page.kind == "listing" and any(link.kind == "article" for link in page.links)


def _is_html(page: Page) -> bool:
    media_type = page.content_type.partition(";")[0].strip().lower()
    if media_type:
        return media_type in ("text/html", "application/xhtml+xml")
    return not page.body.startswith((b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG"))


def _body_fields(body: Body | None) -> Iterator[Found[str]]:
    if body and body.text:
        yield Found(body.text, body.text[:200], body.rule)


def _value(found: Found[Any] | Unreadable | None) -> Any:
    return found.value if isinstance(found, Found) else None


def _readings(fields: dict[str, Any]) -> list[Reading]:
    return [Reading(name, found.raw, found.rule) for name, found in fields.items() if found]


def _problems(fields: dict[str, Any]) -> list[Problem]:
    found = [
        Problem(f"{field.rule}: can't read {field.raw!r}", name)
        for name, field in fields.items()
        if isinstance(field, Unreadable)
    ]
    missing = [Problem(f"no {name} found", name) for name in _NEEDED if fields[name] is None]
    return found + missing
