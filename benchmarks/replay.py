"""Pages per second from WARC to rows, beside reading the same records without keeping anything.

python benchmarks/replay.py [--articles 400]

Rates are per second of processor time (user and system, all processes), so that they mean the same
on a busy machine: what one core does. `warcio` reads the records and nothing else, which is the
limit; `trafilatura` reads text and metadata out of the same pages, without an archive.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import trafilatura
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import practice


def main() -> None:
    """Make a WARC file of practice articles, read it in each way, print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        warc = Path(folder) / "articles.warc.gz"
        pages, size = _made(warc, options.articles)
        print(f"{pages} article pages of {size // pages / 1000:.1f} KB, {os.cpu_count()} cores")
        limit = pages / _own_time(lambda: _read(warc))
        peer = pages / _own_time(lambda: _extracted(warc))
        print(f"warcio      {limit:>8.0f} pages a second of one core")
        print(f"trafilatura {peer:>8.0f}   1 / {limit / peer:.0f} of warcio")
        db = Path(folder) / "archive.db"
        for name, words in (
            ("import", [str(warc), "--db", str(db)]),
            ("replay", [str(db)]),
        ):
            processor, clock = _luutru(name, *words)
            rate = pages / processor
            print(
                f"{name:<11} {rate:>8.0f}   1 / {limit / rate:.0f} of warcio, {rate / peer:.2f} of "
                f"trafilatura; {pages / clock:.0f} a second by the clock"
            )
        print(f"memory of the largest process: {_most_mb():.0f} MB")


def _made(warc: Path, articles: int) -> tuple[int, int]:
    """Write each article of a practice portal as one record; how many, and their bytes."""
    size = 0
    with practice.running(articles=articles, crawl_delay=0) as url, warc.open("wb") as file:
        with urllib.request.urlopen(f"{url}_truth.json") as answer:
            addresses = [article["url"] for article in json.load(answer)["articles"]]
        writer = WARCWriter(file, gzip=True)
        for address in addresses:
            with urllib.request.urlopen(address) as answer:
                body = answer.read()
                head = StatusAndHeaders("200 OK", answer.getheaders(), protocol="HTTP/1.1")
            record = writer.create_warc_record(
                address, "response", payload=BytesIO(body), http_headers=head
            )
            writer.write_record(record)
            size += len(body)
    return len(addresses), size


def _read(warc: Path) -> list[bytes]:
    with warc.open("rb") as file:
        return [record.content_stream().read() for record in ArchiveIterator(file)]


def _extracted(warc: Path) -> None:
    for page in _read(warc):
        trafilatura.bare_extraction(page, with_metadata=True)


def _own_time(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _luutru(*words: str) -> tuple[float, float]:
    """Seconds of processor time and of the clock that the command takes, its start left out."""
    command = str(Path(sys.executable).with_name("luutru"))
    start = _children()
    subprocess.run([command, words[0], "--help"], check=True, stdout=subprocess.DEVNULL)
    start_up = _children() - start
    before, began = _children(), time.monotonic()
    subprocess.run([command, *words], check=True, stdout=subprocess.DEVNULL)
    return _children() - before - start_up, time.monotonic() - began


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _most_mb() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


if __name__ == "__main__":
    main()
