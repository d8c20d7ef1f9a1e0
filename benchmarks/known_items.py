"""Judged queries of our own making: articles of the practice portal, asked for by their titles.

    python -m benchmarks.known_items FOLDER [--articles 1500]
    python -m benchmarks.retrieval FOLDER --half all

FOLDER gets what `benchmarks/retrieval.py` reads. `run` queries are three to five neighbouring words
of a title, `pieces` two pairs of neighbouring words; all articles whose title has them answer. What
more than five articles answer is not asked. The same number gives the same corpus.
"""

import argparse
import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from crawler.vietnamese import nfc
from practice.portal import Portal

_ANSWERS = 5
_TRIES = 400


def write(folder: Path, articles: int) -> None:
    """Write articles and queries."""
    rows = documents(articles)
    _lines(folder / "articles.jsonl.gz", rows)
    _lines(folder / "queries.jsonl.gz", _queries({row["id"]: row["title"] for row in rows}))


def documents(articles: int) -> list[dict[str, Any]]:
    """The articles of a practice portal as a corpus has them."""
    portal = Portal(articles)
    return [_document(portal, k) for k in range(articles)]


def _document(portal: Portal, k: int) -> dict[str, Any]:
    article = portal.article(k)
    head = article.head
    texts = (block.text for block in article.blocks if block.kind == "p")
    return {
        "id": f"practice:{k}",
        "title": nfc(head.title),
        "body": nfc("\n\n".join(filter(None, (head.lead, *texts)))),
        "date": head.at.date().isoformat(),
        "category": head.category.name,
    }


def _queries(titles: dict[str, str]) -> Iterator[dict[str, Any]]:
    chance = random.Random(3)
    padded = {name: f" {' '.join(_words(title))} " for name, title in titles.items()}
    for number in range(_TRIES):
        words = _words(titles[chance.choice(sorted(titles))])
        kind = ("run", "pieces")[number % 2]
        pieces = _run(words, chance) if kind == "run" else _pieces(words, chance)
        relevant = [
            name for name, title in padded.items() if all(f" {piece} " in title for piece in pieces)
        ]
        if pieces and len(relevant) <= _ANSWERS:
            query = " ".join(pieces)
            yield {"qid": f"{kind}:{number}", "query": query, "relevant": relevant, "set": kind}


def _words(title: str) -> list[str]:
    return re.findall(r"\w+", title)


def _run(words: list[str], chance: random.Random) -> list[str]:
    length = chance.choice((3, 4, 5))
    at = chance.randrange(max(len(words) - length, 1))
    return [" ".join(words[at : at + length])]


def _pieces(words: list[str], chance: random.Random) -> list[str]:
    if len(words) < 6:
        return []
    first = chance.randrange(len(words) - 4)
    second = chance.randrange(first + 2, len(words) - 1)
    return [" ".join(words[at : at + 2]) for at in chance.sample((first, second), 2)]


def _lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def main() -> None:
    """Write the corpus into a folder."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--articles", type=int, default=1500)
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    write(given.folder, given.articles)


if __name__ == "__main__":
    main()
