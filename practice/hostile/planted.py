"""What intruders leave: links, pages and sham errors for a betting site."""

from __future__ import annotations

from practice.hostile.fault import BLOCKED, DONE, GONE, End, fault
from practice.hostile.visit import Visit

FLAGGED = End("done|gone|failed|refused|blocked", "")
WORDS = "Tài xỉu online, nhà cái uy tín W99 VIP, soi cầu xổ số, kèo bóng đá, game bài đổi thưởng"


def _hidden(visit: Visit, style: str) -> str:
    href = visit.site.canary("127.0.0.2")
    return f'<div style="{style}"><a href="{href}tai-xiu">W99 VIP {WORDS}</a></div>'


@fault(DONE, article="must")
async def planted_links(visit: Visit) -> None:
    """Hidden betting links in an article's text."""
    styles = (
        "display:none",
        "position:absolute;left:-9999px",
        "font-size:0",
        "height:1px;overflow:hidden",
    )
    inside = "".join(_hidden(visit, style) for style in styles)
    k = visit.site.article_of(visit.kind)
    await visit.reply(visit.site.article_page(k, inside=inside, beside=inside))


@fault(GONE)
async def planted_404(visit: Visit) -> None:
    """A 404 page full of betting words that goes on to a betting site."""
    whereto = visit.site.canary("127.0.0.2")
    extra = f'<meta http-equiv="refresh" content="1;url={whereto}tai-xiu">'
    script = f"<script>location.href='{whereto}tai-xiu'</script>"
    await visit.page("404", f"<h1>Không tìm thấy trang</h1><p>{WORDS}</p>{script}",
                     "404 Not Found", extra)  # fmt: skip


@fault(GONE, BLOCKED)
async def planted_soft_404(visit: Visit) -> None:
    """A 404 page with HTTP 200 that goes on to a betting site."""
    whereto = visit.site.canary("127.0.0.1")
    extra = f'<meta http-equiv="refresh" content="0;url={whereto}tai-xiu">'
    await visit.page(
        "Không tìm thấy trang", f"<h1>Không tìm thấy trang</h1><p>{WORDS}</p>", extra=extra
    )


@fault(FLAGGED, article="may")
async def planted_page(visit: Visit) -> None:
    """A whole page of a betting site on the portal, linked from a hidden block."""
    href = visit.site.canary("127.0.0.2")
    lines = "".join(f'<p>{WORDS} - <a href="{href}{n}">W99 VIP {n}</a></p>' for n in range(30))
    await visit.page("W99 VIP - Nhà cái số 1 - Tài xỉu uy tín", f"<h1>W99 VIP</h1>{lines}")


@fault(DONE, article="may")
async def cloaked(visit: Visit) -> None:
    """A page that shows crawlers betting words and readers the portal."""
    is_reader = visit.headers.get("user-agent", "").startswith("Mozilla")
    body = visit.article.decode()
    await visit.reply(body if is_reader else body.replace("<h1", f"<p>{WORDS}</p><h1", 1))
