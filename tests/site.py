"""What the tests of the site share: an archive crawled on two days, its server, a browser."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import practice
from crawler.archive.connection import open_archive
from tests.packing import PARTS
from tests.test_cli import luutru
from tests.test_datasette import served

AXE = PARTS / "node_modules" / "axe-core" / "axe.min.js"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


def crawled_twice(folder: Path, articles: int = 60) -> Path:
    """An archive of the practice portal as it was, and as it was a week later."""
    db, port = folder / "archive.db", 0
    for day in (0, 7):
        with practice.running(articles=articles, day=day, port=port) as url:
            port = urlsplit(url).port or 0
            words = ("crawl", url, "--db", str(db), "--full", "--delay", "0", "--concurrency", "8")
            result = luutru(*words)
            assert result.returncode == 0, result.stdout + result.stderr
    return db


def changed_rows(db: Path, *statements: str) -> None:
    """Write to the archive behind the program's back."""
    with closing(open_archive(db)) as archive:
        for statement in statements:
            archive.execute(statement)


@dataclass(frozen=True)
class Site:
    """A site that is being served."""

    db: Path
    origin: str

    def at(self, page: str) -> str:
        return f"{self.origin}/{self.db.stem}/-/{page}"


@contextmanager
def serving(db: Path) -> Iterator[Site]:
    with served("luutru", "serve", "--db", str(db), "--port", "0", plugins=True) as origin:
        yield Site(db, origin)


@contextmanager
def browsing(browser: Any, **options: Any) -> Iterator[Any]:
    """A page with a memory of its own that speaks English, or as `options` say."""
    context = browser.new_context(**{"locale": "en-GB", "viewport": WIDE, **options})
    yield context.new_page()
    context.close()
