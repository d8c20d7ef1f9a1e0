"""Pages of themes that nobody prepared a layout for: CMSs' stock themes, WebForms, newspapers.

Each was written, with its truth, before the reader was tried on it, to see how well pages are read
that no rule was made for (docs/portals.md has those first scores). One test per page per field.
`benchmarks/extraction.py tests/themes` scores the same pages.
"""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urljoin

import pytest

from crawler import profiles
from crawler.items import Page, ReadPage
from pipelines.read import read

THEMES = Path(__file__).parent / "themes"
TRUTH = json.loads((THEMES / "truth.json").read_text("utf-8"))
ARTICLES = [name for name, truth in TRUTH.items() if truth["kind"] == "article"]
FIELDS = ("title", "published_on", "published_at", "view_count", "author", "body")
BARE = profiles.Profile("any", "Any")


@cache
def got(name: str, bare: bool = False) -> ReadPage:
    truth = TRUTH[name]
    profile = BARE if bare else profiles.for_url(urljoin(truth["url"], "/"))
    fetched_at = datetime.fromisoformat(truth["fetched_at"])
    body = (THEMES / name).read_bytes()
    return read(Page(truth["url"], fetched_at, 200, "text/html", body), profile)


def value(page: ReadPage, field: str) -> str | int | None:
    found = getattr(page.article, field)
    return found.isoformat() if field.startswith("published") and found else found


def expected(name: str, field: str) -> str | int | None:
    told = TRUTH[name][field]
    if field == "published_at" and told:
        return datetime.fromisoformat(told).astimezone(UTC).isoformat()
    return told


@pytest.mark.parametrize("name", TRUTH)
@pytest.mark.parametrize("bare", [False, True], ids=["", "without layouts"])
def test_kind(name: str, bare: bool) -> None:
    assert (got(name, bare).kind == "article") == (TRUTH[name]["kind"] == "article")


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("name", ARTICLES)
def test_field(name: str, field: str) -> None:
    assert value(got(name), field) == expected(name, field)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("name", ARTICLES)
def test_field_without_layouts(name: str, field: str) -> None:
    assert value(got(name, bare=True), field) == expected(name, field)
