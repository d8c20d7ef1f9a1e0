"""What the search of the offline site reads: scripts, since a page from a disk may load no data.

`find/words-XX.js` has the words whose first two letters without marks are XX; by the word without
marks, then as written, the articles whose titles and whose texts have it. `find/articles-N.js` has
what is shown of the articles. Articles are numbered from the last published to the first.
"""

import json
import re
import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from browse.offline.places import path_of
from browse.writing import day
from crawler.search import matching
from crawler.vietnamese import fold, nfc, tone_placements

_WORD = re.compile(r"[^\W_]+")
_AT_A_TIME = 500
_SNIPPET = 200

Places = dict[str, "tuple[array[int], array[int]]"]
"""By word as written, the numbers of the articles with it in the title, and in the text."""


def write(db: sqlite3.Connection, folder: Path) -> None:
    """Write the scripts into `folder`, which is made."""
    folder.mkdir(parents=True)
    words: Places = defaultdict(lambda: (array("I"), array("I")))
    for number, rows in enumerate(_chunks(_articles(db))):
        _script(folder / f"articles-{number}.js", "articles", number, [_shown(row) for row in rows])
        for place, row in enumerate(rows, number * _AT_A_TIME):
            _note(words, place, row)
    for start, found in _by_start(words):
        _script(folder / f"words-{start}.js", "words", start, found)


def _articles(db: sqlite3.Connection) -> Iterator[sqlite3.Row]:
    for article_id in matching(db, ""):
        yield db.execute(
            """SELECT id, title, url, published_on, category, summary, author, body,
               attachments_text FROM articles WHERE id = ?""",
            (article_id,),
        ).fetchone()


def _chunks(rows: Iterator[sqlite3.Row]) -> Iterator[list[sqlite3.Row]]:
    while chunk := list(islice(rows, _AT_A_TIME)):
        yield chunk


def _shown(row: sqlite3.Row) -> list[str]:
    """Path, title, facts and beginning of an article."""
    facts = " · ".join(filter(None, (day(row["published_on"]), row["category"])))
    beginning = (row["summary"] or row["body"] or "")[:_SNIPPET]
    return [path_of(f"article/{row['id']}", {}), row["title"] or row["url"], facts, beginning]


def _note(words: Places, place: int, row: sqlite3.Row) -> None:
    in_title = _spellings(row["title"])
    texts = (row["summary"], row["author"], row["body"], row["attachments_text"])
    for word in in_title:
        words[word][0].append(place)
    for word in set().union(*map(_spellings, texts)) - in_title:
        words[word][1].append(place)


def _spellings(text: str | None) -> set[str]:
    """The words of a text in lower case, in every tone placement (hòa, hoà)."""
    found = {word.lower() for word in _WORD.findall(nfc(text or ""))}
    return {spelling for word in found for spelling in tone_placements(word)}


def _by_start(words: Places) -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    """The words by their first two letters without marks, as `offline.js` looks for them."""
    starts: dict[str, dict[str, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    for word, (titles, texts) in words.items():
        folded = fold(word)
        starts[start_of(folded)][folded][word] = [_gaps(titles), _gaps(texts)]
    yield from starts.items()


def start_of(folded: str) -> str:
    """The name of the file that a word is in: code points, since names may not be any letters."""
    return "-".join(f"{ord(letter):x}" for letter in folded[:2])


def _gaps(numbers: Iterable[int]) -> list[int]:
    """The steps from each number to the next, which are shorter to write."""
    before, steps = 0, []
    for number in numbers:
        steps.append(number - before)
        before = number
    return steps


def _script(path: Path, what: str, key: object, data: object) -> None:
    told = json.dumps([key, data], ensure_ascii=False, separators=(",", ":"))
    # JSON is JavaScript but for these two (ECMA-262 before 2019).
    told = told.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    path.write_text(f"luutru.{what}(...{told});\n", "utf-8")
