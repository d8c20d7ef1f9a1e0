"""The reader's scores on our own golden pages stay above their floors."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from benchmarks.disguises import DISGUISES, SITE, disguised
from benchmarks.extraction import (
    Golden,
    below,
    faults_of,
    fetched,
    hidden,
    kind_faults,
    load,
    luutru,
    taken,
    token_f1,
)
from crawler.items import Article

HERE = Path(__file__).parent
PAGES, THEMES = HERE / "pages", HERE / "themes"
FLOORS = tomllib.loads((HERE.parent / "benchmarks/floors.toml").read_text("utf-8"))
DISGUISED = tomllib.loads((HERE.parent / "benchmarks/disguise_floors.toml").read_text("utf-8"))


def _articles() -> tuple[list[Golden], list[Article]]:
    reader = luutru("generic")
    pages = [page for page in load(PAGES, "") if page.is_article]
    return pages, [reader(page.truth["url"], page.body).article for page in pages]  # type: ignore[attr-defined]


def test_no_field_is_below_its_floor() -> None:
    pages, articles = _articles()
    assert below(FLOORS, faults_of(pages, list(articles)), len(pages)) == []


def test_no_page_is_taken_for_another_kind() -> None:
    pages = load(PAGES, "")
    reader = luutru("generic")
    got = [reader(page.truth["url"], page.body) for page in pages]
    assert kind_faults(pages, got) == []  # type: ignore[arg-type]


def test_a_wrong_value_is_below_the_floor() -> None:
    pages, articles = _articles()
    faults = faults_of(pages, [*articles[1:], articles[0]])
    assert any(line.startswith("title") for line in below(FLOORS, faults, len(pages)))


def test_token_f1_is_the_mean_of_precision_and_recall() -> None:
    assert token_f1("một hai ba bốn", "một hai năm") == 4 / 7
    assert token_f1("một", None) == 0.0


@pytest.mark.parametrize("disguise", DISGUISED)
def test_disguised_pages_are_read_nearly_as_well(disguise: str) -> None:
    """Names, headings, titles a reader may know are gone, as after a redesign."""
    pages = hidden(load(THEMES, ""), disguise.split(","))
    reader = luutru(None, fetched(pages))
    got: list[Any] = [reader(page.truth["url"], page.body) for page in pages]
    articles = [page for page in pages if page.is_article]
    read = [taken(g) for g, page in zip(got, pages, strict=True) if page.is_article]
    floors = dict(DISGUISED[disguise])
    kinds = 100 * (1 - len(kind_faults(pages, got)) / len(pages))
    assert kinds >= floors.pop("kind")
    assert below(floors, faults_of(articles, read), len(articles)) == []


def test_a_disguise_leaves_the_text_and_takes_the_hints() -> None:
    page = (
        "<title>Khánh thành cầu</title><meta property='og:title' content='Khánh thành cầu'>"
        "<article class='tin'><h1 id='t'>Khánh <i>thành</i> cầu</h1>"
        "<time datetime='2024-05-01'>1/5/2024</time><i class='fa fa-eye'></i> 12</article>"
    )
    found = disguised(page.encode(), DISGUISES).decode()
    assert not [
        hint for hint in ("og:title", "h1", "<article", "<time", "2024-05") if hint in found
    ]
    assert not [
        kept for kept in ("Khánh <i>thành</i> cầu</b>", SITE, "fa-eye") if kept not in found
    ]
