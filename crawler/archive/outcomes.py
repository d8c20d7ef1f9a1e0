"""What an answer means for the URL that was asked: its state, and why."""

import re

from crawler.items import Page, ReadPage
from crawler.urls import key_of

_GONE = {404, 410}
# Request Timeout, Too Early, Too Many Requests (RFC 9110, 15.5.9; RFC 8470; RFC 6585).
_FOR_NOW = {408, 425, 429}
NOT_MODIFIED = 304
_PART = 206
_MAY_BE_EMPTY = {"robots", "file"}
# ASP.NET sends broken requests on to an error page and tells it where they came from.
_ERROR_PAGE = re.compile(
    r"[?&]aspxerrorpath=|/(?:error|loi)?[-_]?(?:404|not-?found|khong-tim-thay)(?:[./?]|$)", re.I
)


def outcome(read: ReadPage, home: str = "") -> tuple[str, str | None]:
    """The state of the URL after this answer, and why.

    `home` is the key of the home page; an article that leads there is gone. Leave it empty for
    pages that are no known article: `/index.html` may well lead home.
    """
    page = read.page
    if page.failure:
        return ("refused" if page.kind == "refused" else "failed"), page.failure
    if page.status in _GONE:
        return "gone", f"HTTP {page.status}"
    if page.status == NOT_MODIFIED:
        return "done", "HTTP 304: unchanged"
    if page.kind == "redirect":
        return _led(read, home)
    if read.kind == "blocked":
        return "failed", next((told.reason for told in read.problems), "blocked")
    if page.status is None or page.status >= 400:
        return "failed", _refused(page)
    if page.status == _PART:
        return "failed", "HTTP 206: a part of a page, which nobody asked for"
    if not page.body and page.kind not in _MAY_BE_EMPTY:
        return "failed", f"HTTP {page.status}: an empty page"
    return _read(read.kind)


def may_pass(page: Page) -> bool:
    """Whether the failure may pass by itself: no answer, or one that asks to come again."""
    if page.status is None:
        return page.may_pass
    return page.status in _FOR_NOW or page.status >= 500


def _refused(page: Page) -> str:
    if page.retry_after is None or not may_pass(page):
        return f"HTTP {page.status}"
    return f"HTTP {page.status}: asks to come again in {page.retry_after:.0f} seconds"


def _read(kind: str) -> tuple[str, str | None]:
    if kind == "not_found":
        return "gone", "a page that says not found"
    if kind == "no_file":
        return "gone", "a web page instead of the file"
    return "done", None


def _led(read: ReadPage, home: str) -> tuple[str, str]:
    if not (read.page.links or read.page.location.strip()):
        return "failed", f"HTTP {read.page.status} that does not say where to go on"
    target = read.page.links[0].url if read.page.links else None
    if target and home and key_of(target) == home:
        return "gone", f"HTTP {read.page.status} to the home page"
    if target and home and _ERROR_PAGE.search(target):
        return "gone", f"HTTP {read.page.status} to an error page"
    return "done", f"HTTP {read.page.status} to {target or read.page.location or 'elsewhere'}"
