"""How fast `luutru verify` reads WARC files, beside what the disk, inflating and SHA-256 take.

An archive of the practice portal is crawled and its WARC file repeated until it is large; then
both kinds of archive are checked: pages as they are, and documents of some MB. All numbers are MB
of inflated records a second: `python benchmarks/fixity.py [--megabytes 1000] [--rounds 3]`.
"""

import argparse
import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

import practice
from crawler.capture.exchange import Exchange
from crawler.capture.warc import WarcWriter

_LUUTRU = [sys.executable, "-c", "from crawler.cli import main; main()"]
_DOCUMENT = 8 << 20
# One file tells warcio's speed as well as all of them, and sooner.
_WARCIO = "from warcio.cli import main; main()"


def main() -> None:
    """Build both archives, measure in turn, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for build in (_pages, _documents):
        with tempfile.TemporaryDirectory() as folder:
            db = build(Path(folder), options.megabytes * 10**6)
            _measure(db, options.rounds, build.__name__.strip("_"))


def _pages(folder: Path, size: int) -> Path:
    """An archive of one crawl, with the rows of its WARC file under as many names as needed."""
    db = folder / "archive.db"
    with practice.running(articles=300, crawl_delay=0) as url:
        words = ["crawl", url, "--db", str(db), "--full", "--delay", "0", "--concurrency", "8"]
        subprocess.run([*_LUUTRU, *words], check=True, stdout=subprocess.DEVNULL)
    (first,) = db.with_suffix(".warcs").iterdir()
    times = size // _inflated(first) + 1
    with closing(sqlite3.connect(db)) as archive:
        names = [row[1] for row in archive.execute("PRAGMA table_info(captures)")]
        kept = ", ".join(name for name in names if name not in ("id", "warc_file"))
        for number in range(1, times):
            name = f"{first.name.removesuffix('.warc.gz')}-{number}.warc.gz"
            shutil.copy(first, first.with_name(name))
            archive.execute(
                f"INSERT INTO captures (warc_file, {kept}) SELECT ?, {kept} FROM captures "
                "WHERE warc_file = ?",
                (name, first.name),
            )
        archive.commit()
    return db


def _documents(folder: Path, size: int) -> Path:
    """WARC files of large documents that do not compress, such as scanned PDFs."""
    db = folder / "archive.db"
    subprocess.run(
        [sys.executable, "-c", f"from pathlib import Path; from crawler.archive.connection import "
         f"open_archive; open_archive(Path({str(db)!r}), create=True)"],
        check=True,
    )  # fmt: skip
    writer = WarcWriter(db.with_suffix(".warcs"), "documents", {}, 256 << 20)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n"
    for number in range(size // _DOCUMENT + 1):
        exchange = Exchange(received=bytearray(head + os.urandom(_DOCUMENT)))
        writer.keep(f"https://x.example/{number}.pdf", exchange, None, lambda sha: None)
    writer.close()
    return db


def _inflated(path: Path) -> int:
    with gzip.open(path) as file:
        return sum(len(block) for block in iter(lambda: file.read(1 << 20), b""))


def _measure(db: Path, rounds: int, name: str) -> None:
    files = sorted(db.with_suffix(".warcs").iterdir())
    plain = db.with_suffix(".plain")
    with plain.open("wb") as target:
        for path in files:
            with gzip.open(path) as source:
                shutil.copyfileobj(source, target, 1 << 20)
    size = plain.stat().st_size
    part = files[:1]
    peers: dict[str, tuple[Callable[[], None], int]] = {
        "sha256sum, inflated": (lambda: _run("sha256sum", str(plain)), size),
        "zcat | sha256sum": (lambda: _run("sh", "-c", 'zcat "$@" | sha256sum', "", *files), size),
        "luutru verify": (lambda: _run(*_LUUTRU, "verify", "--db", str(db)), size),
        "warcio check": (
            lambda: _run(sys.executable, "-c", _WARCIO, "check", *part),
            sum(map(_inflated, part)),
        ),
    }
    packed = sum(path.stat().st_size for path in files)
    print(f"{name}: {size / 1e6:.0f} MB in {len(files)} files of {packed / 1e6:.0f} MB")
    rates: dict[str, list[float]] = {peer: [] for peer in peers}
    for _ in range(rounds):
        for peer, (run, measured) in peers.items():
            began = time.monotonic()
            run()
            rates[peer].append(measured / 1e6 / (time.monotonic() - began))
    for peer, values in rates.items():
        print(f"{peer:>22}  {median(values):7.0f} MB/s")


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
