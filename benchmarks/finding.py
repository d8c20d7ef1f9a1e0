"""Search beside LIKE, raw FTS5 and tantivy, on articles of the practice portal.

    python benchmarks/finding.py [--articles 20000] [--queries 30] [--rounds 3] [--json]

The same queries as `benchmarks/search.py` draws: words common and rare, two to four words, phrases
and prefixes, half of them without marks. luutru is asked as a program asks it, with total, snippets
and marks; the peers only for the numbers of ten articles, of the best where they rank. LIKE reads
the titles and bodies of the same file and finds what is written alike only. Times are the
processor's, warm. The practice portal writes with few thousand words: a real corpus, with
`benchmarks/search.py`, has rarer ones and is slower for common ones.
"""

import tempfile
import time
from pathlib import Path
from statistics import quantiles

from benchmarks import corpus, known_items, measured
from benchmarks.search import BEST, Asked, Luutru, Plain, Tantivy, build, drawn, spent

_DISTINCT = 3000


class Like:
    """SQLite without an index: a walk through every text."""

    name = "LIKE"

    def __init__(self, path: Path) -> None:
        self.db = corpus.open_archive(path)

    def ask(self, asked: Asked) -> object:
        """The first numbers, in no order of worth."""
        text = f"%{asked.luutru.rstrip('*')}%"
        return self.db.execute(
            "SELECT id FROM articles WHERE title LIKE ? OR body LIKE ? LIMIT ?", (text, text, BEST)
        ).fetchall()


Engine = Luutru | Plain | Tantivy | Like


def main() -> None:
    """Build the indexes, ask, and print."""
    parser = measured.parser(__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=30, help="of each kind")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        documents = _documents(min(options.articles, _DISTINCT))
        build(documents, work, options.articles)
        engines = _engines(work)
        asked = drawn(corpus.open_archive(work / "archive.db"), documents, options.queries)
        rounds = [_round(engines, asked) for _ in range(options.rounds + 1)]
    measured.tell(_part(rounds[1:], options.articles, len(asked)), options.json)


def _documents(number: int) -> list[corpus.Document]:
    return [
        corpus.Document(row["id"], row["title"], row["body"], row["date"], row["category"])
        for row in known_items.documents(number)
    ]


def _engines(work: Path) -> list[Engine]:
    archive, tantivy = work / "archive.db", work / "tantivy"
    made: list[Engine] = [Luutru(archive), Plain(work / "plain.db"), Like(archive)]
    return [*made, Tantivy(tantivy)] if tantivy.exists() else made


def _round(engines: list[Engine], asked: list[Asked]) -> dict[str, tuple[float, float]]:
    """The median and the 95th percentile of each engine, in milliseconds."""
    made = {}
    for engine in engines:
        times = [spent(lambda e=engine, q=one: e.ask(q), time.process_time) for one in asked]
        cuts = quantiles(times, n=20)
        made[engine.name] = cuts[9], cuts[18]
    return made


def _part(
    rounds: list[dict[str, tuple[float, float]]], articles: int, queries: int
) -> measured.Part:
    part = measured.Part(
        "search",
        f"{queries} queries of seven kinds among {articles:,} articles. luutru counts, cuts "
        "snippets and marks words; its peers give ten numbers.",
    )
    for at, percentile in enumerate(("p50", "p95")):
        for name in rounds[0]:
            part.measure(name, f"ms, {percentile}", [each[name][at] for each in rounds])
    for at, percentile in enumerate(("p50", "p95")):
        for peer in [name for name in rounds[0] if name != Luutru.name]:
            ours = [each[Luutru.name][at] for each in rounds]
            theirs = [each[peer][at] for each in rounds]
            part.compare(f"ms {percentile}, luutru / {peer}", ours, theirs, measured.LESS)
    if Tantivy.name not in rounds[0]:
        part.notes.append("tantivy was not measured: it is not installed.")
    return part


if __name__ == "__main__":
    main()
