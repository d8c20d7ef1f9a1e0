"""Pages per second of the full crawl beside bare Scrapy and wget in the same run.

The Scrapy peer asks for the same pages, images and attachments and follows the same links with a
light selector; it parses and keeps nothing. `wget --mirror` with a WARC file walks by itself and
keeps all that it gets. luutru without WARC files shows what the evidence costs. All run as
processes of their own against the same practice portal, in turn, with politeness off:

    python benchmarks/crawl.py [--articles 1000] [--rounds 3] [--json]

A core-second is processor time, user and system, of all processes of a contender from its start to
its end; the portal's own is not in it.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN
from typing import Any

import practice
from benchmarks import measured

POLITENESS_OFF = {
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "ROBOTSTXT_OBEY": False,
    "LOG_LEVEL": "ERROR",
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "COOKIES_ENABLED": False,
}
LINKS = "//a/@href | //img/@src | //*[local-name()='loc']/text()"
BARE, FULL, NO_WARC, WGET = "bare scrapy", "luutru", "luutru without WARC", "wget with WARC"


@dataclass(frozen=True)
class Crawled:
    """One crawl of one contender."""

    answers: int
    seconds: float
    core_seconds: float
    peak_mb: float

    @property
    def rate(self) -> float:
        """Answers a second by the clock."""
        return self.answers / self.seconds

    @property
    def core_rate(self) -> float:
        """Answers for a second of one core."""
        return self.answers / self.core_seconds


def main() -> None:
    """Run all in turn and print medians and the ratios."""
    parser = measured.parser(__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        practice.running(articles=options.articles, crawl_delay=0) as url,
    ):
        wanted = _wanted(url, Path(folder))
        rounds = [_round(url, wanted, Path(folder)) for _ in range(options.rounds)]
    measured.tell(_part(rounds, options.articles), options.json)


def _wanted(url: str, folder: Path) -> Path:
    """The requests of one crawl, for the peer; it also warms the portal's cache."""
    db = folder / "first.db"
    _child(FULL, url, db)
    with closing(sqlite3.connect(db)) as archive:
        rows = archive.execute("SELECT url, form FROM urls WHERE last_fetched_at IS NOT NULL")
        listed = folder / "wanted.json"
        listed.write_text(json.dumps(rows.fetchall()))
    return listed


def _round(url: str, wanted: Path, folder: Path) -> dict[str, Crawled]:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        made = {
            BARE: _child(BARE, url, wanted),
            FULL: _child(FULL, url, Path(place) / "full.db"),
            NO_WARC: _child(NO_WARC, url, Path(place) / "rows.db"),
        }
        if shutil.which("wget"):
            made[WGET] = _wget(url, Path(place))
    return made


def _child(which: str, url: str, what: Path) -> Crawled:
    """One crawl in a process of its own."""
    command = [sys.executable, __file__, which, url, str(what)]
    before = measured.processor(RUSAGE_CHILDREN)
    result = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, env=measured.in_english()
    )
    spent = measured.processor(RUSAGE_CHILDREN) - before
    stats = json.loads(result.stdout.splitlines()[-1])
    print(f"{which:>20}  {stats['pages']} answers in {stats['seconds']:.1f} s", file=sys.stderr)
    return Crawled(stats["pages"], stats["seconds"], spent, stats["peak_mb"])


def _wget(url: str, folder: Path) -> Crawled:
    """The same portal by wget, its own way; an answer is a line of its log."""
    command = ["wget", "--mirror", "--no-verbose", "-e", "robots=off", "--warc-file=all", url]
    before, begun = measured.processor(RUSAGE_CHILDREN), time.monotonic()
    # It ends with 8 when the portal has answered 404 to anything.
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begun
    answers = result.stderr.count(" URL:")
    print(f"{WGET:>20}  {answers} answers in {seconds:.1f} s", file=sys.stderr)
    return Crawled(answers, seconds, measured.processor(RUSAGE_CHILDREN) - before, 0)


def _part(rounds: list[dict[str, Crawled]], articles: int) -> measured.Part:
    answers = rounds[0][FULL].answers
    part = measured.Part(
        "crawl",
        f"A practice portal of {articles} articles ({answers} answers with images and files), "
        "politeness off; it runs on the same machine. All is kept, read and indexed by luutru.",
    )
    for name in rounds[0]:
        part.measure(name, "answers/s by the clock", [each[name].rate for each in rounds])
    for name in rounds[0]:
        part.measure(name, "answers/core-second", [each[name].core_rate for each in rounds])
    for name in (BARE, FULL):
        part.measure(name, "MB resident at most", [each[name].peak_mb for each in rounds])
    _compare(part, rounds)
    return part


def _compare(part: measured.Part, rounds: list[dict[str, Crawled]]) -> None:
    ours = [each[FULL] for each in rounds]
    for peer in (BARE, WGET, NO_WARC):
        if peer not in rounds[0]:
            part.notes.append(f"{peer} was not measured: it is not installed.")
            continue
        theirs = [each[peer] for each in rounds]
        part.compare(
            f"answers/s by the clock, luutru / {peer}",
            [each.rate for each in ours],
            [each.rate for each in theirs],
            measured.MORE,
        )
        if peer == NO_WARC:
            # What the evidence costs: no peer, and worse when all the rest becomes quicker.
            continue
        part.compare(
            f"answers/core-second, luutru / {peer}",
            [each.core_rate for each in ours],
            [each.core_rate for each in theirs],
            measured.MORE,
        )
    part.compare(
        f"MB resident, luutru / {BARE}",
        [each.peak_mb for each in ours],
        [each[BARE].peak_mb for each in rounds],
        measured.LESS,
    )


def luutru(url: str, db: str, **more: object) -> dict[str, Any]:
    """Crawl in this process, politeness off; the statistics of Scrapy."""
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.crawling import settings

    made = settings(Path(db))
    made.update(POLITENESS_OFF | more, priority="cmdline")
    process = AsyncCrawlerProcess(made)
    crawler = process.create_crawler("news")
    process.crawl(crawler, url=url)
    process.start()
    return crawler.stats.get_stats()


def _bare(url: str, wanted: str) -> dict[str, Any]:
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess

    asked = json.loads(Path(wanted).read_text())
    pages = {address for address, _ in asked}
    forms = [(address, form) for address, form in asked if form]
    encoded = "application/x-www-form-urlencoded"

    class Bare(scrapy.Spider):
        name = "bare"

        async def start(self) -> Any:
            yield scrapy.Request(url)
            # What only a POST, a feed or robots.txt names is given, not found.
            for address in pages:
                if address.endswith((".xml", ".txt")):
                    yield scrapy.Request(address)
            for address, form in forms:
                headers = {"Referer": url, "Content-Type": encoded}
                yield scrapy.Request(address, method="POST", body=form, headers=headers)

        def parse(self, response: Any) -> Any:
            if not isinstance(response, scrapy.http.TextResponse):
                return
            for href in response.xpath(LINKS).getall():
                address = response.urljoin(href)
                if address in pages:
                    yield scrapy.Request(address)

    process = AsyncCrawlerProcess(POLITENESS_OFF | {"HTTPERROR_ALLOW_ALL": True})
    crawler = process.create_crawler(Bare)
    process.crawl(crawler)
    process.start()
    return crawler.stats.get_stats()


CONTENDERS: dict[str, Callable[[str, str], dict[str, Any]]] = {
    BARE: _bare,
    FULL: luutru,
    NO_WARC: lambda url, db: luutru(url, db, WARC_ENABLED=False),
}


def _contend(which: str, url: str, what: str) -> None:
    """Be one contender, and print how it went."""
    stats = CONTENDERS[which](url, what)
    told = {
        "pages": stats["response_received_count"],
        "seconds": stats["elapsed_time_seconds"],
        "peak_mb": measured.peak_mb(),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in CONTENDERS:
        _contend(*sys.argv[1:])
    else:
        main()
