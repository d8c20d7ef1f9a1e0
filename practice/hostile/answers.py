"""Faults of the answer: a status that says one thing while the page is another."""

from __future__ import annotations

import time
from email.utils import formatdate

from practice.hostile.fault import BLOCKED, DONE, GONE, End, fault
from practice.hostile.visit import HTML, Visit, head

SERVER_ERROR = End("failed|blocked", r"50\d")
WAITS = End("failed|waiting|blocked|refused", r"503|retry|later|busy|day|hour|wait")
MISSING = "Không tìm thấy trang"
HELD_BACK_SECONDS = 1
"""What Retry-After asks for where an answer follows."""


@fault(DONE, article="must")
async def flaky_500(visit: Visit) -> None:
    """HTTP 500 the first time, the page the second."""
    if visit.nth == 1:
        return await visit.page("Lỗi", "<p>Server Error in '/' Application.</p>", "500 Error")
    return await visit.reply(visit.article)


@fault(SERVER_ERROR)
async def always_500(visit: Visit) -> None:
    """HTTP 500, always."""
    await visit.page("Runtime Error", "<h1>Server Error in '/' Application.</h1>", "500 Error")


@fault(SERVER_ERROR)
async def bad_gateway(visit: Visit) -> None:
    """HTTP 502 of a proxy, always."""
    await visit.reply("<html><h1>502 Bad Gateway</h1><hr>nginx</html>", "502 Bad Gateway")


async def _busy(visit: Visit, status: str, until: str) -> None:
    if visit.nth == 1:
        await visit.reply("<h1>Quá nhiều yêu cầu</h1>", status, fields=[("Retry-After", until)])
    else:
        await visit.reply(visit.article)


@fault(DONE, article="must")
async def busy_seconds(visit: Visit) -> None:
    """HTTP 429 with Retry-After in seconds, then the page."""
    await _busy(visit, "429 Too Many Requests", str(HELD_BACK_SECONDS))


@fault(DONE, article="must")
async def busy_date(visit: Visit) -> None:
    """HTTP 429 with Retry-After as a date, then the page."""
    until = formatdate(int(time.time()) + 1 + HELD_BACK_SECONDS, usegmt=True)
    await _busy(visit, "429 Too Many Requests", until)


@fault(DONE, article="must")
async def busy_503(visit: Visit) -> None:
    """HTTP 503 with Retry-After, then the page."""
    await _busy(visit, "503 Service Unavailable", str(HELD_BACK_SECONDS))


@fault(DONE, article="must")
async def busy_nonsense(visit: Visit) -> None:
    """HTTP 503 with a Retry-After that makes no sense, then the page."""
    await _busy(visit, "503 Service Unavailable", "-5; ngày mai")


@fault(WAITS)
async def busy_for_a_day(visit: Visit) -> None:
    """HTTP 503 on one page, which asks to come back in a day."""
    await visit.reply("<h1>503</h1>", "503 Service Unavailable", fields=[("Retry-After", "86400")])


@fault(GONE)
async def not_found(visit: Visit) -> None:
    """HTTP 404."""
    await visit.page("404", f"<h1>{MISSING}</h1>", "404 Not Found")


@fault(GONE)
async def gone(visit: Visit) -> None:
    """HTTP 410."""
    await visit.page("410", "<h1>Bài viết đã bị gỡ</h1>", "410 Gone")


@fault(GONE)
async def soft_404(visit: Visit) -> None:
    """'not found' with HTTP 200."""
    words = "Tài nguyên không được tìm thấy hoặc trang không tồn tại trên hệ thống."
    await visit.page(MISSING, f"<h1>{MISSING}</h1><p>{words}</p>")


@fault(End("gone|failed|refused|done", r"home page|same|copy|not found|duplicate|identical"))
async def home_instead(visit: Visit) -> None:
    """The home page with HTTP 200 where an article should be."""
    await visit.reply(visit.site.home_page())


@fault(End("gone|failed|done", r"home page|HTTP 302 to"))
async def redirect_home(visit: Visit) -> None:
    """A redirect to the home page where an article should be."""
    await visit.reply(b"", "302 Found", fields=[("Location", "/")])


@fault(
    End("done|failed|gone", r"empty|no page|nothing|no content|without"),
    End("done", problem=r"empty|nothing|no "),
)
async def empty_page(visit: Visit) -> None:
    """An empty page with HTTP 200."""
    await visit.reply(b"")


@fault(End("failed|refused", r"206|part"))
async def part_unasked(visit: Visit) -> None:
    """Half a page as HTTP 206, which was not asked for."""
    page = visit.article
    fields = [("Content-Range", f"bytes 0-{len(page) // 2 - 1}/{len(page)}")]
    await visit.reply(page[: len(page) // 2], "206 Partial Content", fields=fields)


@fault(End("failed|refused", r"304|unasked|not modified|unchanged"))
async def unchanged_unasked(visit: Visit) -> None:
    """HTTP 304 to a question that was no comparison."""
    await visit.raw(head("304 Not Modified", [("ETag", '"x"'), ("Connection", "close")]))


@fault(End("done|failed|gone", r"204|empty|no content"))
async def no_content(visit: Visit) -> None:
    """HTTP 204: no content."""
    await visit.raw(head("204 No Content", [("Connection", "close")]))


@fault(End("failed|refused|gone|blocked", r"401|log|pass"))
async def asks_for_a_password(visit: Visit) -> None:
    """HTTP 401: a password is asked for."""
    fields = [("WWW-Authenticate", 'Basic realm="Quản trị"'.encode().decode("latin-1"))]
    await visit.reply("<h1>Unauthorized</h1>", "401 Unauthorized", fields=fields)


@fault(DONE, End("failed|refused|gone|blocked", r"log ?in|pass|.*"))
async def login_instead(visit: Visit) -> None:
    """A login page with HTTP 200 where an article should be."""
    await visit.reply(visit.site.login_page())


@fault(DONE, article="may")
async def changing_text(visit: Visit) -> None:
    """The same address shows another text at each visit."""
    page = visit.article.decode()
    await visit.reply(page.replace("</p>", f" Lần thứ {visit.nth}.</p>", 1))


@fault(End("failed|refused|done", r"large|big|size|long|limit|media|video|file|bytes|type"), DONE)
async def video_instead(visit: Visit) -> None:
    """A video of a gigabyte at an article's address."""
    fields = [("Content-Type", "video/mp4"), ("Content-Length", str(2**30))]
    await visit.raw(head("200 OK", fields) + b"\0\0\0\x18ftypmp42")
    for _ in range(16_000):
        await visit.raw(b"\0" * 65_536)


@fault(DONE, End("gone|failed|refused", r"page|html|file"), article="may")
async def html_called_pdf(visit: Visit) -> None:
    """A web page that says it is a PDF."""
    await visit.reply(visit.article, media_type="application/pdf")


@fault(DONE, article="must")
async def no_type(visit: Visit) -> None:
    """A page without any Content-Type."""
    page = visit.article
    await visit.raw(head("200 OK", [("Content-Length", str(len(page)))]) + page)


@fault(BLOCKED)
async def waf_403(visit: Visit) -> None:
    """HTTP 403 from a firewall."""
    page = "<html><title>403</title><h1>Request Rejected</h1><p>Support ID: 4711</p></html>"
    await visit.reply(page, "403 Forbidden")


@fault(BLOCKED)
async def waf_200(visit: Visit) -> None:
    """A firewall's refusal with HTTP 200."""
    words = "The requested URL was rejected. Please consult with your administrator."
    page = f"<html><title>Request Rejected</title><body>{words}<br>Your support ID is: 8812</body>"
    await visit.reply(page)


@fault(BLOCKED)
async def captcha_200(visit: Visit) -> None:
    """'just a moment' with a captcha and HTTP 200."""
    await visit.reply(
        "<html><title>Just a moment...</title><body><h2>Checking your browser before accessing</h2>"
        "<div class='g-recaptcha'></div><noscript>Enable JavaScript and cookies</noscript></body>"
    )


@fault(BLOCKED)
async def captcha_503(visit: Visit) -> None:
    """'just a moment' with HTTP 503."""
    page = "<html><title>Just a moment...</title><h1>Vui lòng xác minh bạn là con người</h1></html>"
    await visit.reply(page, "503 Service Unavailable")


@fault(BLOCKED, End("failed|blocked|refused|gone", "script|cookie|challenge|empty"))
async def cookie_challenge(visit: Visit) -> None:
    """A page that only sets a cookie by script and loads itself again."""
    script = "document.cookie='D1N=7f3a; path=/';window.location.reload(true);"
    await visit.reply(f"<html><body><script>{script}</script></body></html>")


@fault(BLOCKED)
async def maintenance_200(visit: Visit) -> None:
    """A maintenance notice with HTTP 200."""
    words = "Hệ thống đang bảo trì, nâng cấp. Quý khách vui lòng quay lại sau."
    await visit.reply(f"<html><head><meta charset=utf-8><title>Bảo trì hệ thống</title>"
                      f"<body><h1>{words}</h1></body></html>")  # fmt: skip


@fault(BLOCKED)
async def maintenance_503(visit: Visit) -> None:
    """A maintenance notice with HTTP 503."""
    page = "<html><title>Bảo trì</title><h1>Website đang được nâng cấp</h1></html>"
    await visit.reply(page, "503 Service Unavailable", HTML)


@fault(BLOCKED)
async def limited(visit: Visit) -> None:
    """A tiny page with the word limited."""
    await visit.reply("<html><body>limited</body></html>")
