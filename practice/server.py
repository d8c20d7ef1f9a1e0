"""The portal as an ASGI application: which page answers which request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from email.utils import format_datetime
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from practice import addresses, files, legal, machine, viewstate
from practice.counting import Counting
from practice.model import Article, Category
from practice.pages import LOAD_PATH, Pages, category_id, charset
from practice.portal import PAGE_SIZE, Portal
from practice.spelling import windows_1258
from practice.truth import truth

NOT_FOUND = "Không tìm thấy trang"
_STATIC = StaticFiles()
_FILE = re.compile(r"^/uploads/\d+/\d+/[a-z-]+-([0-9a-z]+)-\d\.(png|jpg|pdf|docx)$")
_POSTBACK = re.compile(r"^Page\$(\d{1,6})$")
_PAGE_IN_PATH = re.compile(r"^(/vi/news/[a-z-]+)/page-(\d{1,6})$")
_TEXTS = {
    "/gioi-thieu": (
        "Giới thiệu",
        "Huyện Kim Hải ở phía nam tỉnh Bình Hải, có 25 xã, thị trấn.",
    ),
    "/lien-he": ("Liên hệ", "Ban Biên tập, trụ sở UBND huyện, thị trấn Kim Hải."),
    "/binh-chon": ("Kết quả bình chọn", "Cảm ơn bạn đã tham gia bình chọn."),
    "/tim-kiem": ("Tìm kiếm", "Nhập từ khóa để tìm tin bài."),
    "/admin": ("Quản trị", "Khu vực dành cho quản trị viên."),
}
_FORMS = {
    "/dang-nhap": ("Đăng nhập", "login"),
    "/hoi-dap": ("Hỏi và đáp", "questions"),
}


def app(
    articles: int,
    day: int = 0,
    seed: int = 1,
    layout: str = "mixed",
    crawl_delay: float = 0.05,
    log: Path | None = None,
) -> Counting:
    """The ASGI application of one portal on one day; requests are lines of the file `log`."""
    site = Site(Portal(articles, day, seed, layout), crawl_delay)
    routes = [Route("/{path:path}", site.answer, methods=["GET", "POST"])]
    return Counting(Starlette(routes=routes), log)


class Site:
    """Answers requests."""

    def __init__(self, portal: Portal, crawl_delay: float) -> None:
        self._portal = portal
        self._pages = Pages(portal)
        self._crawl_delay = crawl_delay
        self._categories = {addresses.plain(each.path): each for each in portal.categories}
        self._article = lru_cache(maxsize=1_000)(self._render_article)

    async def answer(self, request: Request) -> Response:
        """The response to any request."""
        if request.method == "POST":
            return self._post(request, await request.body())
        query = _query(request.url.query)
        base = str(request.base_url).rstrip("/")
        path = request.url.path
        return (
            self._for_machines(path, base)
            or self._file(path, request)
            or self._listing(path, query)
            or self._official(path, query, request)
            or self._article_page(path, query, base)
            or self._other(path)
        )

    def _for_machines(self, path: str, base: str) -> Response | None:
        if path == "/_truth.json":
            return JSONResponse(truth(self._portal, base))
        if path == "/robots.txt":
            return Response(machine.robots(base, self._crawl_delay), media_type="text/plain")
        if path == "/rss.aspx":
            return _xml(machine.feed(self._portal, base))
        if path == "/sitemap.xml":
            return _xml(machine.sitemap_index(self._portal, base))
        part = re.fullmatch(r"/sitemap-(\d{1,6})\.xml", path)
        found = machine.sitemap(self._portal, base, int(part[1])) if part else None
        return _xml(found) if found else None

    def _file(self, path: str, request: Request) -> Response | None:
        found = _FILE.match(path)
        k = int(found[1], 36) if found and len(found[1]) < 10 else -1
        if not found or not 0 <= k < self._portal.total:
            return None
        article = self._portal.article(k)
        made = _picture(path, article) or _document(path, article)
        return _static(*made, article.head.at, request) if made else None

    def _official(self, path: str, query: Mapping[str, str], request: Request) -> Response | None:
        """The list of official documents, or the page or file of one."""
        layout = self._pages.home_layout
        if addresses.plain(path) == "/van-ban":
            page = _number(query.get("page", "1"))
            if not 1 <= page <= legal.pages():
                return self._not_found(404)
            return _html(self._pages.officials(page), layout)
        for each in legal.officials(self._portal.seed):
            if path == each.path:
                return _html(self._pages.official(each), layout)
            if path == each.file:
                at = datetime.combine(each.issued_on, time(8), UTC)
                return _static(files.pdf(each.lines), "application/pdf", at, request)
        return None

    def _listing(self, path: str, query: Mapping[str, str]) -> Response | None:
        wanted = addresses.plain(path)
        if wanted == "/danhsach.asp":
            wanted = f"{wanted}?cat={query.get('cat', '')}"
        in_path = _PAGE_IN_PATH.match(wanted)
        category = self._categories.get(in_path[1] if in_path else wanted)
        if category is None:
            return None
        page = _number(in_path[2] if in_path else query.get("page", "1"))
        return self._listing_page(category, page)

    def _listing_page(self, category: Category, page: int) -> Response:
        """Each layout has its own way with a page number that it does not have."""
        pages = self._portal.row(category).pages(PAGE_SIZE)
        if category.layout in ("vnportal", "sharepoint"):
            page = 1
        elif category.layout == "kimson":
            page = max(1, min(page, pages))
        elif page < 1 or (category.layout == "nukeviet" and page > pages):
            return self._not_found(404)
        return _html(self._pages.listing(category, page), category.layout)

    def _article_page(self, path: str, query: Mapping[str, str], base: str) -> Response | None:
        printing = path.startswith("/print/") or query.get("print") == "1"
        k = self._portal.find(addresses.asked(path.removeprefix("/print"), query))
        if k is None:
            return None
        if k in self._portal.vanished:
            return self._vanished(self._portal.vanished[k])
        layout = self._portal.headline(k).category.layout
        if printing:
            return _html(self._pages.print_view(k), layout)
        return _bytes(self._article(k, base), layout)

    def _render_article(self, k: int, base: str) -> bytes:
        layout = self._portal.headline(k).category.layout
        return _encoded(self._pages.article(k, base), layout)

    def _vanished(self, how: str) -> Response:
        if how == "302":
            return RedirectResponse("/", status_code=302)
        return self._not_found(200 if how == "soft404" else int(how))

    def _other(self, path: str) -> Response:
        wanted = addresses.plain(path)
        layout = self._pages.home_layout
        if wanted == "/":
            return _html(self._pages.home(), layout)
        if wanted in _TEXTS:
            return _html(self._pages.page(*_TEXTS[wanted]), layout)
        if wanted in _FORMS:
            heading, form = _FORMS[wanted]
            return _html(self._pages.page(heading, form=form), layout)
        return self._not_found(404)

    def _not_found(self, status: int) -> Response:
        page = self._pages.page(
            NOT_FOUND, "Nội dung bạn yêu cầu không tồn tại hoặc đã được chuyển đi nơi khác."
        )
        return _html(page, self._pages.home_layout, status)

    def _post(self, request: Request, body: bytes) -> Response:
        is_form = request.headers.get("content-type", "").startswith(
            "application/x-www-form-urlencoded"
        )
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        if request.url.path == LOAD_PATH:
            if "referer" not in request.headers:
                return Response("Forbidden", 403)
            return self._load(form) if is_form else Response("Unsupported Media Type", 415)
        category = self._categories.get(addresses.plain(request.url.path))
        if category and category.layout == "sharepoint":
            return self._postback(category, form)
        return self._other(request.url.path) if request.url.path == "/dang-nhap" else _refused()

    def _load(self, form: Mapping[str, str]) -> Response:
        """A page of a vnPortal listing as a fragment; nothing past the end."""
        ids = {str(category_id(each)): each for each in self._portal.categories}
        category = ids.get(form.get("article_category_id", ""))
        page = _number(form.get("page", ""))
        if category is None or page < 1 or _number(form.get("page_size", "")) != PAGE_SIZE:
            return Response("Runtime Error", 500)
        return _html(self._pages.items(category, page), "vnportal")

    def _postback(self, category: Category, form: Mapping[str, str]) -> Response:
        state, validation = form.get("__VIEWSTATE", ""), form.get("__EVENTVALIDATION", "")
        turned = _POSTBACK.match(form.get("__EVENTARGUMENT", ""))
        known = form.get("__EVENTTARGET", "").startswith("ctl00$pager$")
        pages = self._portal.row(category).pages(PAGE_SIZE)
        page = _number(turned[1]) if turned and known else 0
        if not viewstate.accepts(state, validation, category.slug) or not 1 <= page <= pages:
            return Response("Validation of viewstate MAC failed.", 500)
        return _html(self._pages.listing(category, page), category.layout)


def _query(raw: str) -> dict[str, str]:
    return {key.lower(): value for key, value in parse_qsl(raw)}


def _number(text: str) -> int:
    """A page number, or 0 when the text is none."""
    return int(text) if text.isdecimal() and len(text) < 7 else 0


def _refused() -> Response:
    return Response("Method Not Allowed", 405)


def _encoded(page: str, layout: str) -> bytes:
    return windows_1258(page) if layout == "table2009" else page.encode()


def _html(page: str, layout: str, status: int = 200) -> Response:
    return _bytes(_encoded(page, layout), layout, status)


def _bytes(page: bytes, layout: str, status: int = 200) -> Response:
    """Old pages tell their encoding in a meta element only, as old servers did."""
    known = "" if layout == "table2009" else f"; charset={charset(layout)}"
    return Response(page, status, headers={"Content-Type": f"text/html{known}"})


def _xml(text: str) -> Response:
    return Response(text, media_type="application/xml")


def _picture(path: str, article: Article) -> tuple[bytes, str] | None:
    """Content and media type of the picture at `path`, if the article shows it."""
    if path not in [block.src for block in article.blocks if block.src]:
        return None
    if path.endswith("png"):
        return files.png(path), "image/png"
    return files.jpeg(path), "image/jpeg"


def _document(path: str, article: Article) -> tuple[bytes, str] | None:
    """Content and media type of the document at `path`, if the article offers it."""
    for offered in article.attachments:
        if offered.path == path:
            write = files.pdf if path.endswith("pdf") else files.docx
            return write(offered.lines), offered.media_type
    return None


def _static(content: bytes, media_type: str, at: datetime, request: Request) -> Response:
    """A file as a static server gives it, or 304 to who has it already (RFC 9110, 13.2.2)."""
    etag = f'"{blake2b(content, digest_size=8).hexdigest()}"'
    headers = {"ETag": etag, "Last-Modified": format_datetime(at.astimezone(UTC), usegmt=True)}
    given = Response(content, headers=headers, media_type=media_type)
    if _STATIC.is_not_modified(given.headers, request.headers):
        return NotModifiedResponse(given.headers)
    return given
