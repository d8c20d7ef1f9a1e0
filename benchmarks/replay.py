"""Pages per second from WARC to rows, beside reading the same records without keeping anything.

    python benchmarks/replay.py [--articles 400] [--rounds 3] [--json]

Rates are per second of processor time (user and system, all processes), so that they mean the same
on a busy machine: what one core does. `warcio` reads the records and nothing else, which is the
limit; `trafilatura` reads text and metadata out of the same pages, without an archive.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from io import BytesIO
from pathlib import Path
from resource import RUSAGE_CHILDREN

import trafilatura
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import practice
from benchmarks import measured


def main() -> None:
    """Make a WARC file of practice articles, read it in each way, print the rates."""
    parser = measured.parser(__doc__)
    parser.add_argument("--articles", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        warc = Path(folder) / "articles.warc.gz"
        pages, size = made(warc, options.articles)
        rounds = [_round(warc, Path(folder) / f"{n}.db", pages) for n in range(options.rounds)]
    measured.tell(_part(rounds, pages, size), options.json)


def _round(warc: Path, db: Path, pages: int) -> dict[str, float]:
    """Pages a core-second of each way."""
    # One process: `jobs.py` tells what several do.
    imported, clock = _luutru("import", str(warc), "--db", str(db), "--jobs", "1")
    replayed, _ = _luutru("replay", str(db), "--jobs", "1")
    return {
        "warcio": pages / measured.own_seconds(lambda: _read(warc)),
        "trafilatura": pages / measured.own_seconds(lambda: _extracted(warc)),
        "import": pages / imported,
        "replay": pages / replayed,
        "import by the clock": pages / clock,
    }


def _part(rounds: list[dict[str, float]], pages: int, size: int) -> measured.Part:
    part = measured.Part(
        "replay",
        f"{pages} article pages of {size // pages / 1000:.1f} KB out of one WARC file, "
        f"{os.cpu_count()} cores, the start of the command left out. warcio reads the records and "
        "nothing else; trafilatura reads text and metadata, without an archive.",
    )
    rates = {name: [each[name] for each in rounds] for name in rounds[0]}
    for name in ("warcio", "trafilatura", "import", "replay"):
        part.measure(name, "pages/core-second", rates[name])
    part.measure("import", "pages/s by the clock", rates["import by the clock"])
    for way in ("import", "replay"):
        for peer in ("warcio", "trafilatura"):
            name = f"pages/core-second, {way} / {peer}"
            part.compare(name, rates[way], rates[peer], measured.MORE)
    largest = measured.peak_mb(RUSAGE_CHILDREN)
    part.measure("import or replay, largest process", "MB resident at most", [largest])
    return part


def made(warc: Path, articles: int) -> tuple[int, int]:
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


def _luutru(*words: str) -> tuple[float, float]:
    """Seconds of processor time and of the clock that the command takes, its start left out."""
    command = str(Path(sys.executable).with_name("luutru"))
    start = measured.children_seconds(lambda: _run(command, words[0], "--help"))
    begun = time.monotonic()
    spent = measured.children_seconds(lambda: _run(command, *words))
    return spent - start, time.monotonic() - begun


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
