"""Faults of markup: pages that are too deep, too long or too full."""

from __future__ import annotations

from practice.hostile.fault import GONE, TOO_LARGE, End, fault
from practice.hostile.visit import Visit

READ = End("done", "")
REFUSED = End(
    "failed|refused", r"nest|character|deep|depth|large|long|big|limit|links|size|markup|bytes"
)


@fault(READ, REFUSED, neighbours=1)
async def nested_elements(visit: Visit) -> None:
    """A hundred thousand elements, one inside the other."""
    deep = "<div>" * 100_000
    await visit.page("Thông tin", f"<ul>{visit.neighbours}</ul>{deep}<p>Hết</p>")


@fault(READ, REFUSED, neighbours=1)
async def nested_tables(visit: Visit) -> None:
    """Two thousand tables, one inside the other."""
    deep = "<table><tr><td>" * 2_000
    await visit.page("Thông tin", f"<ul>{visit.neighbours}</ul>{deep}Hết")


@fault(READ, REFUSED, GONE, place="tree", neighbours=1, most=60)
async def fifty_thousand_links(visit: Visit) -> None:
    """Fifty thousand links on one page, to forty places that are not there."""
    if visit.rest:
        return await visit.page("404", "<h1>Không tìm thấy trang</h1>", "404 Not Found")
    links = "".join(f'<a href="{visit.home}muc-{n % 40}#{n}">{n}</a> ' for n in range(50_000))
    return await visit.page("Sơ đồ", f"<ul>{visit.neighbours}</ul>{links}")


@fault(READ, REFUSED, place="tree", neighbours=1, most=4, stopped=r"long|length|character|url")
async def long_addresses(visit: Visit) -> None:
    """Links of five thousand characters."""
    hrefs = [f"{visit.home}{'a' * 5_000}", f"{visit.home}?ma={'b' * 5_000}"]
    links = "".join(f'<li><a href="{href}">dài</a></li>' for href in hrefs)
    await visit.page("Tra cứu", f"<ul>{visit.neighbours}</ul>{links}")


@fault(READ, REFUSED, neighbours=1)
async def huge_attribute(visit: Visit) -> None:
    """One attribute of ten megabytes."""
    await visit.page("Ảnh", f"<ul>{visit.neighbours}</ul><p title='{'x' * 10_000_000}'>Hết</p>")


@fault(READ, REFUSED, TOO_LARGE, neighbours=1)
async def unclosed_tags(visit: Visit) -> None:
    """A million tags that are never closed."""
    await visit.page("Tin", f"<ul>{visit.neighbours}</ul>" + "<b><i><p>" * 330_000)


@fault(READ, REFUSED, article="may")
async def long_lines(visit: Visit) -> None:
    """A line of two million letters, another of blanks, another of points."""
    k = visit.site.article_of(visit.kind)
    lines = "".join(f"<p>{each * 2_000_000}</p>" for each in ("a", " ", "."))
    await visit.reply(visit.site.article_page(k, beside=lines))


@fault(READ, REFUSED, article="may")
async def nearly_dates(visit: Visit) -> None:
    """Half a megabyte of numbers, each nearly a date."""
    k = visit.site.article_of(visit.kind)
    lines = "".join(f"<div>Ngày {n}/{n}/{n}/{n}</div>" for n in range(20_000))
    await visit.reply(visit.site.article_page(k, beside=lines))


@fault(READ, article="may")
async def open_comments(visit: Visit) -> None:
    """Comments, conditional comments and CDATA that are never closed."""
    page = visit.article.decode()
    junk = "<!--[if IE]><![CDATA[ <p>x</p> <!-- <script>document.write('</body>')"
    await visit.reply(page.replace("</body>", junk + "<!--" * 10_000))


@fault(READ, article="may")
async def two_pages_in_one(visit: Visit) -> None:
    """Two pages in one answer: html, head and body twice."""
    await visit.reply(visit.article * 2)


@fault(READ)
async def unfilled_template(visit: Visit) -> None:
    """A template that was not filled: {{title}}, <%= body %>, stack traces."""
    await visit.page("{{ bai.tieu_de }}", "<%= NoiDung %> {{#each}} System.NullReferenceException")
