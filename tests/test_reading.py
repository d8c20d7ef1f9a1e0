"""Golden pages: bytes in tests/pages, what must be read from them beside it as JSON.

A missing JSON is written and the test fails, so that somebody looks at it before it counts.
"""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crawler import profiles
from crawler.golden import FIELDS, record, text_of
from crawler.items import Page, ReadPage
from pipelines.read import ReadPipeline, read

PAGES = Path(__file__).parent / "pages"
FETCHED = datetime(2024, 7, 3, 1, 12, tzinfo=UTC)


@cache
def read_golden(name: str) -> ReadPage:
    url = f"https://haivan.example/tin-tuc/{name.removesuffix('.html')}-1"
    page = Page(url, FETCHED, 200, "text/html", (PAGES / name).read_bytes())
    return read(page, profiles.Profile("any", "Any", layouts=profiles.every_layout()))


@cache
def golden(name: str) -> dict[str, Any]:
    return record(read_golden(name))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("name", sorted(path.name for path in PAGES.glob("*.html")))
def test_golden_page(name: str, field: str) -> None:
    expected = (PAGES / name).with_suffix(".json")
    if not expected.exists():
        expected.write_text(text_of(golden(name)), "utf-8")
        pytest.fail(f"{expected.name} was missing and has been written: look at it")
    assert golden(name).get(field) == json.loads(expected.read_text("utf-8")).get(field)


@cache
def read_bare(name: str) -> dict[str, Any]:
    page = Page(
        "https://haivan.example/a-1", FETCHED, 200, "text/html", (PAGES / name).read_bytes()
    )
    return record(read(page, profiles.Profile("any", "Any")))


@pytest.mark.parametrize(
    "field", ["kind", "title", "published_on", "published_at", "view_count", "author"]
)
@pytest.mark.parametrize("name", sorted(path.name for path in PAGES.glob("*.html")))
def test_golden_page_without_its_layout(name: str, field: str) -> None:
    """A portal that nobody prepared gives the same facts: layouts are for its texts and "
    "sections."""
    expected = json.loads((PAGES / name).with_suffix(".json").read_text("utf-8"))
    assert read_bare(name).get(field) == expected.get(field)


@pytest.mark.parametrize("name", ["kimson.html", "vnportal.html", "generic.html"])
def test_markup_is_safe_and_without_what_the_text_leaves_out(name: str) -> None:
    article = read_golden(name).article
    assert article
    assert article.body_html
    for part in ("<script", "style=", "onclick", "display:none", "Chia sẻ", "nhà cái", 'src="/'):
        assert part not in article.body_html


def test_a_page_is_not_changed_by_reading_it() -> None:
    page = Page("https://haivan.example/", FETCHED, 200, "", (PAGES / "kimson.html").read_bytes())
    before = "".join(page.document.tree.itertext())
    read(page, profiles.load("kimson"))
    assert "".join(page.document.tree.itertext()) == before


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (404, "page", "not_found"),
        (410, "page", "not_found"),
        (200, "feed", "feed"),
        (200, "sitemap", "sitemap"),
        (200, "file", "file"),
        (301, "redirect", "redirect"),
        (500, "page", "page"),
        (None, "page", "page"),
    ],
)
def test_what_is_no_readable_page_keeps_its_kind(
    status: int | None, kind: str, expected: str
) -> None:
    body = (PAGES / "kimson.html").read_bytes()
    got = read(
        Page("https://haivan.example/", FETCHED, status, "text/html", body, kind=kind),
        profiles.load("kimson"),
    )
    assert (got.kind, got.article) == (expected, None)


def test_a_listing_gives_its_traffic_box_only() -> None:
    body = (PAGES / "listing.html").read_bytes()
    got = read(
        Page("https://haivan.example/", FETCHED, 200, "text/html", body, kind="listing"),
        profiles.load("vnportal"),
    )
    assert (got.kind, got.article) == ("listing", None)
    assert got.site_counts
    assert got.site_counts.total_visits == 1024311


def test_the_pipeline_reads_with_the_spiders_profile() -> None:
    spider = SimpleNamespace(profile=profiles.load("kimson"))
    step = ReadPipeline.from_crawler(SimpleNamespace(spider=spider))
    body = (PAGES / "kimson.html").read_bytes()
    got = step.process_item(Page("https://haivan.example/a", FETCHED, 200, "text/html", body))
    assert got.article
    assert got.article.layout == "kimson-2023"
