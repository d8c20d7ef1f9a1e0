"""Pages per second of the full crawl, as a ratio to a bare Scrapy spider in the same run.

The peer asks for the same pages and follows the same links with a light selector, and parses and
keeps nothing. Both run as processes of their own against the same practice portal, in turn, with
politeness off: `python benchmarks/crawl.py [--articles 1000] [--rounds 3] [--profile]`.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

import practice

HERE = Path(__file__).parent
POLITENESS_OFF = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "ROBOTSTXT_OBEY": False,
    "LOG_LEVEL": "ERROR",
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "COOKIES_ENABLED": False,
}


def main() -> None:
    """Run both in turn and print medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="say where luutru's time goes")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        practice.running(articles=options.articles, crawl_delay=0) as url,
    ):
        wanted = _wanted(url, Path(folder))
        rates = _rates(url, wanted, Path(folder), options.rounds)
        if options.profile:
            _profile(url, Path(folder))
    _print(rates)


def _wanted(url: str, folder: Path) -> Path:
    """The requests of one crawl, for the peer; it also warms the portal's cache."""
    db = folder / "first.db"
    _child("luutru", url, str(db))
    with closing(sqlite3.connect(db)) as archive:
        rows = archive.execute("SELECT url, form FROM urls WHERE last_fetched_at IS NOT NULL")
        listed = folder / "wanted.json"
        listed.write_text(json.dumps(rows.fetchall()))
    return listed


def _rates(url: str, wanted: Path, folder: Path, rounds: int) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {"bare scrapy": [], "luutru": []}
    for number in range(rounds):
        rates["bare scrapy"].append(_child("bare", url, str(wanted)))
        rates["luutru"].append(_child("luutru", url, str(folder / f"{number}.db")))
    return rates


def _child(which: str, url: str, what: str) -> float:
    """Pages per second of one crawl in a process of its own."""
    command = [sys.executable, __file__, which, url, what]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    stats = json.loads(result.stdout.splitlines()[-1])
    return float(stats["pages"] / stats["seconds"])


def _profile(url: str, folder: Path) -> None:
    saved = folder / "profile"
    script = [sys.executable, "-m", "cProfile", "-o", str(saved), __file__, "luutru", url]
    subprocess.run([*script, str(folder / "p.db")], stdout=subprocess.DEVNULL, check=True)
    import pstats

    pstats.Stats(str(saved)).sort_stats("cumulative").print_stats(
        r"(read|saving|walk|frontier|document|body|capture|http11|engine)\.py", 30
    )


def _print(rates: dict[str, list[float]]) -> None:
    for name, values in rates.items():
        runs = ", ".join(f"{value:.0f}" for value in values)
        print(f"{name:>12}  {median(values):6.1f} pages/s  (runs: {runs})")
    pairs = zip(rates["luutru"], rates["bare scrapy"], strict=True)
    print(f"{'ratio':>12}  {median(ours / peer for ours, peer in pairs):6.2f}")


def _run_luutru(url: str, db: str) -> dict[str, Any]:
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.crawling import settings

    made = settings(Path(db))
    made.update(POLITENESS_OFF, priority="cmdline")
    process = AsyncCrawlerProcess(made)
    crawler = process.create_crawler("news")
    process.crawl(crawler, url=url)
    process.start()
    return crawler.stats.get_stats()


def _run_bare(url: str, wanted: str) -> dict[str, Any]:
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess

    asked = json.loads(Path(wanted).read_text())
    pages = {address for address, _ in asked}
    forms = [(address, form) for address, form in asked if form]

    class Bare(scrapy.Spider):
        name = "bare"

        async def start(self) -> Any:
            yield scrapy.Request(url)
            for address in pages:
                # What only a POST, a feed or robots.txt names is given, not found.
                if address.endswith((".xml", ".txt")):
                    yield scrapy.Request(address)
            for address, form in forms:
                yield scrapy.Request(
                    address,
                    method="POST",
                    body=form,
                    headers={"Referer": url, "Content-Type": "application/x-www-form-urlencoded"},
                )

        def parse(self, response: Any) -> Any:
            if not isinstance(response, scrapy.http.TextResponse):
                return
            for href in response.xpath("//a/@href | //*[local-name()='loc']/text()").getall():
                address = response.urljoin(href)
                if address in pages:
                    yield scrapy.Request(address)

    process = AsyncCrawlerProcess(POLITENESS_OFF | {"HTTPERROR_ALLOW_ALL": True})
    crawler = process.create_crawler(Bare)
    process.crawl(crawler)
    process.start()
    return crawler.stats.get_stats()


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in ("luutru", "bare"):
        os.environ["LUUTRU_LANG"] = "en"
        run = _run_luutru if sys.argv[1] == "luutru" else _run_bare
        stats = run(sys.argv[2], sys.argv[3])
        print(
            json.dumps(
                {
                    "pages": stats["response_received_count"],
                    "seconds": stats["elapsed_time_seconds"],
                }
            )
        )
    else:
        main()
