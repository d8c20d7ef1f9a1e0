"""What people ask for is found: judged queries of our own making stay above their floors."""

import tomllib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks import corpus, known_items
from benchmarks.retrieval import SPELLINGS, Finder, Judged, finders, judged_by, mean_of, queries

ARTICLES = 800
FLOORS = tomllib.loads(
    (Path(__file__).parents[1] / "benchmarks/retrieval_floors.toml").read_text("utf-8")
)

Engines = tuple[dict[str, Finder], list[Judged], list[str]]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    folder = tmp_path_factory.mktemp("known")
    known_items.write(folder, ARTICLES)
    asked = queries(folder / "queries.jsonl.gz", "all")[::2]
    names = [document.name for document in corpus.read(folder / "articles.jsonl.gz")]
    with finders(folder, folder, with_datasette=False) as made:
        yield made, asked, names


def _scores(engines: Engines, name: str, spelling: str) -> dict[str, float]:
    made, asked, names = engines
    change = SPELLINGS[spelling]
    changed = [Judged(change(query.text), query.relevant, query.set) for query in asked]
    return asdict(mean_of([judged_by(made[name], query, names) for query in changed]))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_score_is_below_its_floor(engines: Engines, spelling: str) -> None:
    floors, scores = FLOORS[spelling], _scores(engines, "luutru", spelling)
    assert {name: score for name, score in scores.items() if score < floors[name]} == {}
    plain = _scores(engines, "FTS5, all words", spelling)
    assert all(scores[name] > plain[name] for name in scores)


def test_words_without_marks_cost_at_most_a_tenth(engines: Engines) -> None:
    marked, bare = (_scores(engines, "luutru", s)["mrr"] for s in ("as written", "no marks"))
    assert bare >= 0.9 * marked


def test_a_search_that_finds_the_wrong_articles_is_below_its_floor(engines: Engines) -> None:
    made, asked, names = engines
    wrong = {"luutru": lambda text: [found + 1 for found in made["luutru"](text)]}
    scores = _scores((wrong, asked, [*names, "none"]), "luutru", "as written")
    assert scores["mrr"] < FLOORS["as written"]["mrr"]
