"""Readers of articles beside each other: time for a page of usual size, and what they get right.

    python benchmarks/readers.py [--peers PYTHON] [--articles 150] [--rounds 3] [--json]

Time is the processor's, on article pages of the practice portal in all its layouts; `tests/themes`,
pages with hand-checked truth in the markup of many themes, tells how much is right
(`benchmarks/extraction.py tests/themes` names each fault). PYTHON is an interpreter that has peers;
without it trafilatura alone is measured, on which luutru depends anyhow.
"""

import json
import sys
import tempfile
import urllib.request
from pathlib import Path

import practice
from benchmarks import extraction, measured, peers

OURS = "luutru"
THEMES = Path(__file__).parents[1] / "tests" / "themes"
ALL = ("trafilatura", "newspaper4k", "news-please", "readability")


def main() -> None:
    """Measure and print."""
    parser = measured.parser(__doc__)
    parser.add_argument("--peers", type=Path, default=Path(sys.executable), metavar="PYTHON")
    parser.add_argument("--articles", type=int, default=150)
    parser.add_argument("--themes", type=int, default=0, help="only so many pages of tests/themes")
    options = parser.parse_args()
    part = measured.Part("extraction", "")
    with tempfile.TemporaryDirectory() as folder:
        pages = practice_pages(Path(folder), options.articles)
        size = sum(len(page.body) for page in pages) / len(pages)
        _speed(part, pages, options.peers, options.rounds)
    themes = [page for page in extraction.load(THEMES, "") if page.is_article]
    themes = themes[: options.themes or None]
    _quality(part, themes, options.peers)
    part.about = (
        f"Milliseconds on {len(pages)} article pages of {size / 1000:.0f} KB in the layouts of the "
        f"practice portal; percent right of {len(themes)} articles of tests/themes."
    )
    measured.tell(part, options.json)


def practice_pages(folder: Path, articles: int) -> list[extraction.Golden]:
    """Article pages of a practice portal, as files with their addresses."""
    with practice.running(articles=articles, crawl_delay=0) as url:
        with urllib.request.urlopen(f"{url}_truth.json") as answer:
            addresses = [article["url"] for article in json.load(answer)["articles"]]
        for number, address in enumerate(addresses):
            with urllib.request.urlopen(address) as answer:
                (folder / f"{number}.html").write_bytes(answer.read())
    paths = [folder / f"{number}.html" for number in range(len(addresses))]
    return [
        extraction.Golden(path, {"url": address, "kind": "article"}, path.read_bytes())
        for address, path in zip(addresses, paths, strict=True)
    ]


def _speed(part: measured.Part, pages: list[extraction.Golden], python: Path, rounds: int) -> None:
    reader = extraction.luutru(None)
    asked = [(page.truth["url"], page.body) for page in pages]
    own = peers.milliseconds(reader, asked, rounds)
    part.measure(OURS, "ms a page", own)
    told = extraction.asked_of(python, pages, rounds)
    theirs = {name: each["milliseconds"] for name, each in told.items()}
    for name, taken in theirs.items():
        part.measure(name, "ms a page", taken)
    for name, taken in theirs.items():
        part.compare(f"ms a page, {OURS} / {name}", own, taken, measured.LESS)
    missing = [name for name in ALL if name not in theirs]
    part.notes += [f"{name} was not measured: it is not installed." for name in missing]


def _quality(part: measured.Part, pages: list[extraction.Golden], python: Path) -> None:
    reader = extraction.luutru(None)
    got = [extraction.taken(reader(page.truth["url"], page.body)) for page in pages]
    table = {OURS: extraction.faults_of(pages, got)} | {
        name: faults for name, (faults, _) in extraction.ask_peers(python, pages).items()
    }
    for field in peers.READ:
        for name, faults in table.items():
            part.measure(
                f"{name}: {field}", "% right", [extraction.percent(faults, field, len(pages))]
            )


if __name__ == "__main__":
    main()
