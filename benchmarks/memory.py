"""Memory of a long crawl, as a curve: resident megabytes at every tenth of it.

python benchmarks/memory.py [--articles 20000]
"""

import argparse
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import practice


def main() -> None:
    """Crawl a practice portal with politeness off and print the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        practice.running(articles=options.articles, crawl_delay=0) as url,
    ):
        _curve(url, Path(folder) / "archive.db", options.articles)


def _curve(url: str, db: Path, articles: int) -> None:
    luutru = str(Path(sys.executable).with_name("luutru"))
    command = [luutru, "crawl", url, "--db", str(db), "--delay", "0", "--concurrency", "16"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as crawl:
        due = 0
        while crawl.poll() is None:
            time.sleep(0.5)
            pages = _pages(db)
            if pages >= due:
                print(f"{pages:>8} pages  {_resident_mb(crawl.pid):>6.0f} MB", flush=True)
                due = pages + articles // 10
    print(f"{_pages(db):>8} pages at the end, exit code {crawl.returncode}")


def _pages(db: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as archive:
            return int(archive.execute("SELECT count(*) FROM captures").fetchone()[0])
    except sqlite3.OperationalError:
        # The crawl has not made the archive yet.
        return 0


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found.group(1)) / 1024 if found else 0.0


if __name__ == "__main__":
    main()
