"""Crawling as a Scrapy user does: `scrapy crawl news` in a process of its own, with settings."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess

from crawler import profiles
from crawler.crawling import settings

ROOT = Path(__file__).parent.parent


def crawl(url: str, db: Path, env: dict[str, str] | None = None, **changed: Any) -> str:
    """Crawl `url` into `db`; what the crawl has logged. A crash of Scrapy fails the test."""
    chosen = {"ARCHIVE": str(db), "DOWNLOAD_DELAY": 0, "LOG_LEVEL": "WARNING", **changed}
    words = [word for name, value in chosen.items() for word in ("-s", f"{name}={value}")]
    return _logged("scrapy", "crawl", "news", "-a", f"url={url}", *words, env=env)


def crawl_profile(toml: str, db: Path, env: dict[str, str] | None = None) -> str:
    """Crawl the portal that the profile `toml` describes."""
    return _logged("tests.scrapy_run", toml, str(db), env=env)


def _logged(*module: str, env: dict[str, str] | None) -> str:
    result = subprocess.run(
        [sys.executable, "-m", *module],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return result.stderr


def _main(toml: str, db: str) -> None:
    process = AsyncCrawlerProcess(settings(Path(db), delay=0))
    process.crawl("news", profile=profiles.parse(toml, "portal-under-test", "the test"))
    process.start()


if __name__ == "__main__":
    _main(*sys.argv[1:])
