"""What a second, full crawl of an unchanged portal adds to the WARC files; replay at both dates.

Every address is asked for again and every exchange is kept: the answer as a revisit where the
portal gave the same, its request and its metadata as always. With pywb installed, a sample of the
addresses is replayed at both dates and compared with what the rows say was received:

    python benchmarks/revisits.py [--articles 900] [--sample 200]
"""

import argparse
import hashlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from contextlib import closing
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

import practice
from crawler.capture.folder import folder_of
from crawler.errors import CannotRun
from crawler.playback import address, playing

_TWICE = """
SELECT a.url, a.captured_at, a.payload_sha256, b.captured_at AS again, b.payload_sha256 AS same
FROM captures a JOIN captures b ON b.url_id = a.url_id AND b.run_id = 2
JOIN urls u ON u.id = a.url_id
WHERE a.run_id = 1 AND a.status = 200 AND b.record_type = 'revisit' AND u.form IS NULL
"""


def main() -> int:
    """Crawl twice, print the sizes; exit code 1 when the second adds 5 % or something differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=900)
    parser.add_argument("--sample", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "archive.db"
        with practice.running(articles=options.articles, crawl_delay=0) as url:
            for _ in range(2):
                _crawl(url, db)
        share = _sizes(db)
        different = _replayed(db, options.sample)
    return int(share >= 0.05 or different > 0)


def _crawl(url: str, db: Path) -> None:
    program = str(Path(sys.executable).with_name("luutru"))
    words = ["--db", str(db), "--full", "--delay", "0", "--concurrency", "16"]
    subprocess.run([program, "crawl", url, *words], check=True, stdout=subprocess.DEVNULL)


def _sizes(db: Path) -> float:
    """Print what each run wrote, and return the second's bytes as a share of the first's."""
    written = []
    for run in (1, 2):
        files = sorted(folder_of(db).glob(f"*-r{run}-*.warc.gz"))
        written.append(sum(file.stat().st_size for file in files))
        count, size = _by_kind(files)
        print(f"run {run}: {written[-1]:,} bytes, {count['request']:,} exchanges")
        for kind in sorted(count):
            print(f"  {kind:8} {count[kind]:7,} × {size[kind] / count[kind]:9,.0f} bytes")
    share = written[1] / written[0]
    print(f"the second adds {share:.2%} of the first's bytes")
    return share


def _by_kind(files: list[Path]) -> tuple[Counter[str], Counter[str]]:
    count, size = Counter[str](), Counter[str]()
    for file in files:
        with file.open("rb") as stream:
            records = ArchiveIterator(stream, no_record_parse=True)
            for record in records:
                record.content_stream().read()
                count[record.rec_type] += 1
                size[record.rec_type] += records.get_record_length()
    return count, size


def _replayed(db: Path, sample: int) -> int:
    """How many of `sample` addresses give other bytes at one of the dates than were received."""
    with closing(sqlite3.connect(db)) as archive:
        rows = archive.execute(_TWICE).fetchall()
    chosen = random.Random(1).sample(rows, min(sample, len(rows)))
    try:
        with playing(db, 0) as port:
            wrong = sum(not _is_right(row, port) for row in chosen)
    except CannotRun as error:
        print(f"not replayed: {error}")
        return 0
    print(f"replay of {len(chosen)} of {len(rows)} addresses at both dates: {wrong} differ")
    return wrong


def _is_right(row: tuple[str, ...], port: int) -> bool:
    url, *facts = row
    moments = (facts[:2], facts[2:])
    return all(_sha256(address(url, at, port, "id_")) == sha256 for at, sha256 in moments)


def _sha256(place: str) -> str:
    with urllib.request.urlopen(place) as answer:
        return hashlib.sha256(answer.read()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
