"""A frontier of a million URLs: how long a crawl takes to start and stop, what a page costs.

Fills an archive with URLs that wait, or that were captured long ago and are due again, and lets
`luutru crawl --budget 1000` at it: `python benchmarks/frontier.py [--urls 1000000]
[--few 10000] [--pages 1000]`. The same with few URLs tells what the number of URLs costs. Exits 1
when the start takes 5 s or more, the peak is 300 MB or more, or a page costs twice as much.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks import peaks
from crawler import profiles
from crawler.archive import runs
from crawler.archive.connection import open_archive, transaction
from crawler.urls import link

MOST_SECONDS = 5.0
MOST_MEGABYTES = 300
MOST_TIMES = 2.0

_FILL = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :urls)
INSERT INTO urls (portal_id, key, url, kind, found_at, state, due_at, priority, last_fetched_at,
                  visits, last_status)
SELECT 1, :key || n, :url || n, 'article', :then, :state, :then, iif(:state = 'done', 30, 60),
       iif(:state = 'done', :then, NULL), :state = 'done', iif(:state = 'done', 200, NULL)
FROM numbers
"""
_THEN = "2024-07-03T02:00:00Z"
_PROSE = "Sáng nay, Ủy ban nhân dân huyện tổ chức hội nghị sơ kết sáu tháng đầu năm. " * 8


@dataclass(frozen=True)
class Measured:
    """One crawl of some pages out of many."""

    start: float
    """Seconds from the start of the process to its first request."""
    page: float
    """Milliseconds from request to request, on average."""
    stop: float
    """Seconds from the last request to the end of the process."""
    peak: float
    """Megabytes at most."""


class _Portal(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    asked: list[float]

    def do_GET(self) -> None:
        self.asked.append(time.monotonic())
        body = (
            f"<html><body><h1>Bài {self.path}</h1><div>Ngày đăng: 04/01/2023</div>"
            f"<div class='content'><p>{_PROSE}</p><p>{_PROSE[::-1]}</p></div></body></html>"
        ).encode()
        self.send_response(404 if self.path == "/robots.txt" else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The times are in `asked`."""


def main() -> None:
    """Measure few and many URLs in both states, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--urls", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--pages", type=int, default=1000)
    options = parser.parse_args()
    missed = []
    for state in ("waiting", "done"):
        few, many = (measured(urls, state, options.pages) for urls in (options.few, options.urls))
        for urls, found in ((options.few, few), (options.urls, many)):
            print(_line(urls, state, found), flush=True)
        missed += [f"{state}: {what}" for what in _missed(few, many)]
    print("\n".join(missed) or "within the limits")
    sys.exit(1 if missed else 0)


def _line(urls: int, state: str, found: Measured) -> str:
    return (
        f"{urls:>9,} {state:8} start {found.start:5.2f} s   page {found.page:6.2f} ms   "
        f"stop {found.stop:5.2f} s   peak {found.peak:4.0f} MB"
    )


def _missed(few: Measured, many: Measured) -> Iterator[str]:
    if many.start >= MOST_SECONDS:
        yield f"the start takes {many.start:.1f} s"
    if many.peak >= MOST_MEGABYTES:
        yield f"the peak is {many.peak:.0f} MB"
    if many.page >= MOST_TIMES * few.page:
        yield f"a page costs {many.page / few.page:.1f} times as much"


def measured(urls: int, state: str, pages: int) -> Measured:
    """Crawl `pages` pages out of so many `urls`, all in that `state` (waiting or done)."""
    with tempfile.TemporaryDirectory() as folder, _portal() as (url, asked):
        db = Path(folder) / "archive.db"
        _fill(db, url, urls, state)
        began = time.monotonic()
        peak = _crawl(url, db, pages)
        ended = time.monotonic()
    return Measured(
        start=asked[0] - began,
        page=(asked[-1] - asked[0]) / (len(asked) - 1) * 1000,
        stop=ended - asked[-1],
        peak=peak,
    )


@contextmanager
def _portal() -> Iterator[tuple[str, list[float]]]:
    """The address of a portal that has every page, and when it was asked."""
    asked: list[float] = []
    handler = type("Portal", (_Portal,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", asked
        server.shutdown()


def _fill(db: Path, url: str, urls: int, state: str) -> None:
    """An archive whose last crawl was complete and that knows so many URLs."""
    found = link("/tin-tuc/bai-1", url)
    if found is None:
        raise RuntimeError(f"{url} is no address")
    who = runs.Identity("benchmark", "", "obey")
    with closing(open_archive(db, create=True)) as archive:
        run = runs.begin(archive, profiles.for_url(url), "crawl", who, datetime.now(UTC))
        values = {"urls": urls, "state": state, "then": _THEN}
        with transaction(archive):
            archive.execute(_FILL, {**values, "key": found.key[:-1], "url": found.url[:-1]})
            archive.execute("UPDATE runs SET verdict = 'complete' WHERE id = ?", (run.id,))


def _crawl(url: str, db: Path, pages: int) -> float:
    """Crawl with a budget; the peak of the process in megabytes."""
    code = "from crawler.cli import main; main()"
    words = ["crawl", url, "--db", str(db), "--delay", "0", "--budget", str(pages)]
    ended = peaks.run([sys.executable, "-c", code, *words], stdout=subprocess.DEVNULL)
    if ended.code != 1:
        raise RuntimeError("the crawl did not end by its budget")
    return ended.megabytes


if __name__ == "__main__":
    main()
