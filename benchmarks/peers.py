"""Other readers of articles, each called as its own documentation does, on the same bytes.

They are installed apart (`peers.lock`, `make bench`): what they pin can't be had beside Scrapy's
own pins. So this file is a program, too, that needs nothing of luutru:

    PEERS_PYTHON benchmarks/peers.py [ROUNDS] < pages.json > readings.json

`pages.json` is a list of [url, path of the bytes]; the answer is, by reader, its readings in the
order of the pages and its processor time for a page in each round.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Reading:
    """What a reader makes of a page; None is what it does not find or does not read."""

    title: str | None = None
    published_on: str | None = None
    author: str | None = None
    body: str | None = None


READ = ("title", "published_on", "author", "body")
"""The fields that peers read; none of them knows view counts."""

Reader = Callable[[str, bytes], Any]
ROUNDS = 3


def milliseconds(
    reader: Reader, pages: list[tuple[str, bytes]], rounds: int = ROUNDS
) -> list[float]:
    """Processor time for a page, the mean over the pages, for each round; one before warms up."""
    taken = []
    for _ in range(rounds + 1):
        begun = time.process_time()
        for url, body in pages:
            reader(url, body)
        taken.append(1000 * (time.process_time() - begun) / max(1, len(pages)))
    return taken[1:]


def readers() -> dict[str, Reader]:
    """Every peer that is installed, by name."""
    made: dict[str, Reader] = {}
    for name, load in _LOADERS.items():
        try:
            made[name] = load()
        except ImportError:
            print(f"{name} is not installed, see benchmarks/peers.lock", file=sys.stderr)
    return made


def _trafilatura() -> Reader:
    import trafilatura

    def read(url: str, body: bytes) -> Reading:
        found = trafilatura.bare_extraction(body, url=url, with_metadata=True)
        if found is None:
            return Reading()
        return Reading(found.title, found.date, found.author, found.text)

    return read


def _newspaper() -> Reader:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from newspaper import Article

    def read(url: str, body: bytes) -> Reading:
        article = Article(url, language="vi", fetch_images=False)
        article.download(input_html=body.decode("utf-8", "replace"))
        article.parse()
        authors = ", ".join(article.authors) or None
        return Reading(article.title, _day(article.publish_date), authors, article.text)

    return read


def _news_please() -> Reader:
    from newsplease import NewsPlease

    def read(url: str, body: bytes) -> Reading:
        found = NewsPlease.from_html(body.decode("utf-8", "replace"), url, fetch_images=False)
        authors = ", ".join(found.authors) or None
        return Reading(found.title, _day(found.date_publish), authors, found.maintext)

    return read


def _readability() -> Reader:
    import lxml.html
    from readability import Document

    def read(url: str, body: bytes) -> Reading:
        document = Document(body.decode("utf-8", "replace"), url=url)
        text = lxml.html.fromstring(document.summary()).text_content()
        return Reading(document.short_title(), None, None, text)

    return read


_LOADERS: dict[str, Callable[[], Reader]] = {
    "trafilatura": _trafilatura,
    "newspaper4k": _newspaper,
    "news-please": _news_please,
    "readability": _readability,
}


def _day(moment: Any) -> str | None:
    if isinstance(moment, datetime):
        return moment.date().isoformat()
    if isinstance(moment, date):
        return moment.isoformat()
    return moment[:10] if isinstance(moment, str) else None


def main() -> None:
    """Reads the pages named on standard input with every peer, as many rounds as the word says."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    pages = [(url, Path(path).read_bytes()) for url, path in json.load(sys.stdin)]
    answer = {
        name: {
            "readings": [asdict(reader(url, body)) for url, body in pages],
            "milliseconds": milliseconds(reader, pages, rounds),
        }
        for name, reader in readers().items()
    }
    json.dump(answer, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
