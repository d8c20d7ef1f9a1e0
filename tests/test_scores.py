"""The reader's scores on our own golden pages stay above their floors."""

import tomllib
from pathlib import Path

from benchmarks.extraction import Golden, below, faults_of, kind_faults, load, luutru, token_f1
from crawler.items import Article

PAGES = Path(__file__).parent / "pages"
FLOORS = tomllib.loads((Path(__file__).parents[1] / "benchmarks/floors.toml").read_text("utf-8"))


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
