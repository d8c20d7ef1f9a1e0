"""Start of the command line: time until `luutru --help`, `search`, `show` and `status` have ended.

    python benchmarks/start.py [--articles 60] [--rounds 15] [--json]

The archive is that of a practice portal. An empty Python, `sqlite-utils --help` and `scrapy --help`
are beside them in each round. Time is by the clock, ratios are of processor time.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import practice
from benchmarks import measured

EMPTY = "python -c pass"
PEERS = {"sqlite-utils --help": ["sqlite-utils", "--help"], "scrapy --help": ["scrapy", "--help"]}
OURS = {
    "luutru --help": ["--help"],
    "luutru search": ["search", "nông thôn mới"],
    "luutru show": ["show", "1"],
    "luutru status": ["status"],
}


def main() -> None:
    """Measure and print."""
    parser = measured.parser(__doc__)
    parser.add_argument("--articles", type=int, default=60)
    parser.set_defaults(rounds=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db = archive(Path(folder), options.articles)
        commands = _commands(db)
        rounds = [
            {name: _spent(command) for name, command in commands.items()}
            for _ in range(options.rounds + 1)
        ]
    # The first has read the files from the disk.
    measured.tell(_part(rounds[1:], options.articles), options.json)


def archive(folder: Path, articles: int) -> Path:
    """The archive of a practice portal, crawled without delay."""
    db = folder / "archive.db"
    words = ["--db", str(db), "--delay", "0", "--concurrency", "16"]
    with practice.running(articles=articles, crawl_delay=0) as url:
        subprocess.run(
            [_bin("luutru"), "crawl", url, *words], check=True, stdout=subprocess.DEVNULL
        )
    return db


def _commands(db: Path) -> dict[str, list[str]]:
    ours = {
        name: [_bin("luutru"), *words, *([] if words == ["--help"] else ["--db", str(db)])]
        for name, words in OURS.items()
    }
    peers = {name: [_bin(words[0]), *words[1:]] for name, words in PEERS.items()}
    return {EMPTY: [sys.executable, "-c", "pass"], **peers, **ours}


def _bin(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _spent(command: list[str]) -> tuple[float, float]:
    """Milliseconds by the clock and of processor time."""
    begun = time.perf_counter()
    used = measured.children_seconds(
        # `luutru status` says by its exit code what the last run found.
        lambda: subprocess.run(
            command, stdout=subprocess.DEVNULL, env=measured.in_english(), check=False
        )
    )
    return 1000 * (time.perf_counter() - begun), 1000 * used


def _part(rounds: list[dict[str, tuple[float, float]]], articles: int) -> measured.Part:
    part = measured.Part(
        "start",
        f"Whole commands from start to end, on the archive of {articles} practice articles.",
    )
    for name in rounds[0]:
        part.measure(name, "ms by the clock", [each[name][0] for each in rounds])
    for name in rounds[0]:
        part.measure(name, "ms of the processor", [each[name][1] for each in rounds])
    for name in OURS:
        part.compare(
            f"processor time, {name} / {EMPTY}",
            [each[name][1] for each in rounds],
            [each[EMPTY][1] for each in rounds],
            measured.LESS,
        )
    return part


if __name__ == "__main__":
    main()
