"""Real parts for tests: archives in files, pages as the pipelines hand them over."""

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from crawler.archive import frontier, runs
from crawler.archive.connection import open_archive, transaction
from crawler.archive.saving import save
from crawler.capture.exchange import Capture
from crawler.items import Article, Page, ReadPage
from crawler.profiles import Profile
from crawler.urls import link
from tests.receivers import hook, mails

__all__ = ["hook", "mails"]

# How long an example takes says how busy the machine is.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

NOW = datetime(2024, 7, 3, 2, 0, tzinfo=UTC)
WHO = runs.Identity("luutru test", "test", "obey")
PORTAL = Profile(slug="thu", name="Huyện Thử", url="https://thu.example/")


def captured(status: int, at: datetime, body: bytes = b"x") -> Capture:
    """A capture without a WARC record."""
    return Capture(at, status, "text/html", hashlib.sha256(body).hexdigest(), len(body))


class Archive:
    """An archive in a file, filled through the same functions as a crawl fills it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.db: sqlite3.Connection = open_archive(path, create=True)
        self.run = runs.begin(self.db, PORTAL, "crawl", WHO, NOW)

    def page(self, url: str, **facts: Any) -> Page:
        """A page at `url` (path or address) that the frontier knows."""
        found = link(url, PORTAL.url, "article")
        assert found is not None
        with transaction(self.db):
            frontier.add(self.db, self.run.portal_id, [found], NOW)
        row = self.db.execute("SELECT id FROM urls WHERE key = ?", (found.key,)).fetchone()
        given = {"fetched_at": NOW, "status": 200, "body": url.encode(), **facts}
        if given["status"] is not None:
            given.setdefault(
                "captures", (captured(given["status"], given["fetched_at"], given["body"]),)
            )
        return Page(url=found.url, url_id=row["id"], **given)

    def keep(self, url: str, title: str, body: str = "", **facts: Any) -> int:
        """Save an article and return its id."""
        page = self.page(url, **facts.pop("page", {}))
        article = Article(url=page.url, title=title, body=body, **facts)
        save(self.db, self.run, ReadPage(page, "article", article))
        row = self.db.execute("SELECT id FROM articles WHERE url_id = ?", (page.url_id,)).fetchone()
        return int(row["id"])

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query as plain tuples."""
        return [tuple(row) for row in self.db.execute(sql, values)]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path / "archive.db")
    yield made
    made.db.close()


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUUTRU_LANG", "en")
