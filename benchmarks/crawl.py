"""Pages per second of the full crawl, as a ratio to a bare Scrapy spider in the same run.

The peer asks for the same pages, images and attachments and follows the same links with a light
selector; it parses and keeps nothing. A third contender is luutru without WARC files: the cost of
evidence. All run as processes of their own against the same practice portal, in turn, with
politeness off:

    python benchmarks/crawl.py [--articles 1000] [--rounds 3]
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

import practice

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
BARE, FULL, NO_WARC = "bare scrapy", "luutru", "luutru without WARC"


def main() -> None:
    """Run all in turn and print medians and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        practice.running(articles=options.articles, crawl_delay=0) as url,
    ):
        _print(_rates(url, _wanted(url, Path(folder)), Path(folder), options.rounds))


def _wanted(url: str, folder: Path) -> Path:
    """The requests of one crawl, for the peer; it also warms the portal's cache."""
    db = folder / "first.db"
    _child(FULL, url, db)
    with closing(sqlite3.connect(db)) as archive:
        rows = archive.execute("SELECT url, form FROM urls WHERE last_fetched_at IS NOT NULL")
        listed = folder / "wanted.json"
        listed.write_text(json.dumps(rows.fetchall()))
    return listed


def _rates(url: str, wanted: Path, folder: Path, rounds: int) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {BARE: [], FULL: [], NO_WARC: []}
    for number in range(rounds):
        rates[BARE].append(_child(BARE, url, wanted))
        rates[FULL].append(_child(FULL, url, folder / f"full{number}.db"))
        rates[NO_WARC].append(_child(NO_WARC, url, folder / f"rows{number}.db"))
    return rates


def _child(which: str, url: str, what: Path) -> float:
    """Pages per second of one crawl in a process of its own."""
    command = [sys.executable, __file__, which, url, str(what)]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    stats = json.loads(result.stdout.splitlines()[-1])
    print(f"{which:>20}  {stats['pages']} answers in {stats['seconds']:.1f} s", file=sys.stderr)
    return float(stats["pages"] / stats["seconds"])


def _print(rates: dict[str, list[float]]) -> None:
    for name, values in rates.items():
        runs = ", ".join(f"{value:.0f}" for value in values)
        print(f"{name:>20}  {median(values):6.1f} answers/s  (runs: {runs})")
    for ours, peer in ((FULL, BARE), (FULL, NO_WARC)):
        pairs = zip(rates[ours], rates[peer], strict=True)
        print(f"{ours} / {peer}: {median(a / b for a, b in pairs):.2f}")


def _luutru(url: str, db: str, **more: object) -> dict[str, Any]:
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
    FULL: _luutru,
    NO_WARC: lambda url, db: _luutru(url, db, WARC_ENABLED=False),
}


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in CONTENDERS:
        os.environ["LUUTRU_LANG"] = "en"
        stats = CONTENDERS[sys.argv[1]](*sys.argv[2:])
        pages, seconds = stats["response_received_count"], stats["elapsed_time_seconds"]
        print(json.dumps({"pages": pages, "seconds": seconds}))
    else:
        main()
