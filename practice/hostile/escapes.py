"""Faults that try to lead the crawl off the portal by what a page says: base, forms, images."""

from __future__ import annotations

from practice.hostile.fault import DONE, End, fault
from practice.hostile.visit import Visit

QUIET = End("done|failed|refused|gone", "")


@fault(DONE)
async def base_elsewhere(visit: Visit) -> None:
    """A page whose <base> puts all its relative links on another host."""
    base = f'<base href="{visit.site.canary("127.0.0.2")}">'
    links = "".join(f'<li><a href="tin/{n}.html">Tin số {n}</a></li>' for n in range(5))
    page = f"<html><head>{base}</head><body><ul>{links}</ul></body></html>"
    await visit.reply(page)


@fault(QUIET)
async def meta_refresh(visit: Visit) -> None:
    """A page that a meta element sends to another host after no time."""
    whereto = visit.site.canary("127.0.0.2")
    refresh = f'<meta http-equiv="refresh" content="0;url={whereto}">'
    await visit.reply(f"<html><head>{refresh}</head><body><a href='{whereto}'>Tiếp</a></body>")


@fault(QUIET, neighbours=1)
async def meta_refresh_home(visit: Visit) -> None:
    """A page that only sends on within the portal, by meta element."""
    place = visit.site.path_of_article(visit.site.neighbours_of(visit.kind)[0])
    refresh = f'<meta http-equiv="refresh" content="0; URL={place}">'
    await visit.reply(f"<html><head>{refresh}</head><body><a href='{place}'>Tiếp</a></body>")


@fault(QUIET)
async def post_back_elsewhere(visit: Visit) -> None:
    """ASP.NET pagers whose form is to be sent to another host."""
    links = "".join(
        f"""<a href="javascript:__doPostBack('ctl00$pager$ctl0{n}','page${n}')">{n}</a>"""
        for n in (2, 3)
    )
    state = '<input type="hidden" name="__VIEWSTATE" value="dDw0NTs+">'
    form = f'<form method="post" action="{visit.site.canary("127.0.0.2")}nop">{state}{links}</form>'
    await visit.page("Danh sách", form)


@fault(QUIET)
async def script_post_elsewhere(visit: Visit) -> None:
    """An inline script that loads further articles from another host."""
    whereto = visit.site.canary("127.0.0.1")
    script = (
        f'var url = "{whereto}ArticleInMenuPagination.aspx/LoadArticle"; maxPage = parseInt(9);'
        'var data = {"article_category_id": "12", "page_size": "15", "site_id": "3"};'
    )
    await visit.page("Tin tức", f"<script>{script}</script>")


@fault(QUIET, most=4)
async def forms(visit: Visit) -> None:
    """Forms that search, vote and delete."""
    await visit.page(
        "Góp ý",
        f'<form method="post" action="{visit.target}"><input name="y-kien"><button>Gửi</button>'
        f'</form><form action="{visit.home}/xoa"><input name="id" value="1"></form>'
        f'<form action="{visit.site.canary("127.0.0.1")}"><input name="q"></form>',
    )


@fault(QUIET)
async def foreign_links(visit: Visit) -> None:
    """A page full of links in every way of writing another host."""
    site = visit.site
    hrefs = [
        site.canary("127.0.0.1"), site.canary("127.0.0.2"), site.canary("localhost"),
        site.canary("[::1]"), site.canary("2130706433"), site.canary("0x7f.1"), site.alias,
        site.disguised, site.canary("127.0.0.2")[5:], "http://169.254.169.254/latest/meta-data/",
        "http://192.168.1.1/", "http://10.0.0.1/", "http://[fe80::1]/", "https://w99-vip.example/",
        "\\\\127.0.0.2\\x", "http:/\\127.0.0.2/", "file:///etc/passwd", "gopher://127.0.0.2/",
    ]  # fmt: skip
    await visit.page("Liên kết", "".join(f'<li><a href="{href}">x</a></li>' for href in hrefs))


@fault(QUIET, most=12)
async def broken_links(visit: Visit) -> None:
    """Links that are no addresses: https:, empty hosts, broken brackets, scripts."""
    hrefs = [
        "https:", "http://", "http:///", "https:///tin", "http://[", "http://[::1", "//", "///",
        "http://%zz/", "http://.../", "http://a b/", "javascript:void(0)", "javascript:;",
        "javascript:__doPostBack('a','b')", "mailto:ubnd@binhhai.example", "tel:+84229", "#", "?",
        "data:text/html,x", "http://x:99999/", "http://x:ab/", "http://\u0000/", "%", "http:",
        "ht!tp://x", "  ", "&#0;", "about:blank", "skype:ubnd?call", "http://" + "a" * 300 + "/",
    ]  # fmt: skip
    await visit.page("Liên hệ", "".join(f'<li><a href="{href}">x</a></li>' for href in hrefs))


@fault(DONE, article="must")
async def canonical_elsewhere(visit: Visit) -> None:
    """An article whose canonical address is on a betting site."""
    k = visit.site.article_of(visit.kind)
    canonical = f'<link rel="canonical" href="{visit.site.canary("127.0.0.2")}tai-xiu">'
    graph = '<meta property="og:url" content="https://w99-vip.example/tai-xiu">'
    await visit.reply(visit.site.article_page(k, extra=canonical + graph))


@fault(DONE, article="must")
async def files_elsewhere(visit: Visit) -> None:
    """An article whose images and files are on other hosts and in the cloud's metadata."""
    hosts = ("127.0.0.1", "127.0.0.2", "localhost", "[::1]")
    hrefs = [f"{visit.site.canary(host)}anh.jpg" for host in hosts]
    hrefs += ["http://169.254.169.254/latest/user-data.pdf", "file:///etc/passwd.jpg"]
    inside = "".join(f'<img src="{href}">' for href in hrefs)
    beside = "".join(f'<a href="{href[:-3]}pdf">Tệp đính kèm</a>' for href in hrefs)
    beside += f'<iframe src="/viewer.html?file={visit.site.canary("127.0.0.2")}x.pdf"></iframe>'
    k = visit.site.article_of(visit.kind)
    await visit.reply(visit.site.article_page(k, inside=inside, beside=beside))
