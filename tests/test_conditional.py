"""Conditional requests: what is unchanged costs a few bytes, and the server's word is evidence."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.capture.folder import folder_of
from tests.small_portal import SmallPortal, small_portal
from tests.test_cli import luutru

PNG = b"\x89PNG\r\n\x1a\n" + bytes(400)
MODIFIED = "Wed, 03 Jul 2024 02:00:00 GMT"


class Recrawled:
    """A portal crawled twice without a change."""

    def __init__(self, portal: SmallPortal, db: Path) -> None:
        self.portal = portal
        self.db = db
        portal.home("/tin-1", "/tin-2", "/tin-3")
        portal.article("/tin-1", "Bài có dấu", "<img src='/a.png'>", ETag='W/"é1"')
        portal.article("/tin-2", "Bài có ngày", Last_Modified=MODIFIED)
        portal.article("/tin-3", "Bài không có gì")
        portal.file("/a.png", PNG, "image/png", ETag='"anh"')
        for _ in range(2):
            self.crawl()

    def crawl(self) -> None:
        done = luutru("crawl", self.portal.url, "--db", str(self.db), "--full", "--delay", "0")
        assert done.returncode == 0, done.stdout + done.stderr

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.db)) as db:
            return db.execute(sql, values).fetchall()


@pytest.fixture(scope="module")
def recrawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recrawled]:
    with small_portal() as portal:
        yield Recrawled(portal, tmp_path_factory.mktemp("again") / "archive.db")


@pytest.mark.parametrize(
    ("path", "header", "value"),
    [
        ("/tin-1", "If-None-Match", 'W/"é1"'),
        ("/tin-2", "If-Modified-Since", MODIFIED),
        ("/a.png", "If-None-Match", '"anh"'),
    ],
)
def test_what_was_kept_is_asked_for_conditionally(
    recrawled: Recrawled, path: str, header: str, value: str
) -> None:
    first, second = recrawled.portal.asked_for(path)[:2]
    assert not {"If-None-Match", "If-Modified-Since"} & first.headers.keys()
    assert second.headers[header] == value
    assert (first.status, second.status) == (200, 304)


@pytest.mark.parametrize("path", ["/", "/robots.txt", "/tin-3"])
def test_what_leads_on_is_always_asked_for_anew(recrawled: Recrawled, path: str) -> None:
    for asked in recrawled.portal.asked_for(path):
        assert not {"If-None-Match", "If-Modified-Since"} & asked.headers.keys()


def test_the_unchanged_article_is_seen_again_with_its_count(recrawled: Recrawled) -> None:
    rows = recrawled.rows(
        """SELECT a.last_seen_at = c.captured_at, c.status, a.status, a.capture_id < c.id,
                  v.views, v.capture_id = c.id, u.state, u.kind
           FROM articles a JOIN captures c ON c.id = a.seen_capture_id
           JOIN urls u ON u.id = a.url_id
           JOIN view_counts v ON v.article_id = a.id AND v.capture_id = c.id
           WHERE a.url LIKE '%tin-1' OR a.url LIKE '%tin-2'"""
    )
    assert rows == [(1, 304, "present", 1, 478, 1, "done", "article")] * 2
    assert recrawled.rows("SELECT count(*) FROM versions") == [(3,)]
    assert recrawled.rows("SELECT articles_seen, articles_new FROM runs") == [(3, 3), (3, 0)]


def test_the_record_is_a_revisit_that_refers_to_the_kept_page(recrawled: Recrawled) -> None:
    found = recrawled.rows(
        """SELECT c.warc_file, c.warc_offset, o.captured_at, u.url, c.payload_sha256,
                  o.payload_sha256, c.record_type
           FROM captures c JOIN captures o ON o.id = c.refers_to JOIN urls u ON u.id = c.url_id
           WHERE c.status = 304"""
    )
    assert len(found) == 3
    for file, offset, original_at, url, sha256, original_sha256, record_type in found:
        with (folder_of(recrawled.db) / file).open("rb") as warc:
            warc.seek(offset)
            record = next(iter(ArchiveIterator(warc)))
            headers = record.rec_headers
            assert record.rec_type == record_type == "revisit"
            assert headers["WARC-Profile"].endswith("/1.1/revisit/server-not-modified")
            assert headers["WARC-Refers-To-Target-URI"] == url == headers["WARC-Target-URI"]
            assert headers["WARC-Refers-To-Date"] == original_at
            assert record.http_headers.get_statuscode() == "304"
        assert sha256 == original_sha256
        assert headers["WARC-Payload-Digest"] == _digest_of_original(recrawled, url)


def _digest_of_original(recrawled: Recrawled, url: str) -> str:
    for path in sorted(folder_of(recrawled.db).glob("*.warc.gz")):
        with path.open("rb") as warc:
            for record in ArchiveIterator(warc):
                headers = record.rec_headers
                if record.rec_type == "response" and headers["WARC-Target-URI"] == url:
                    return str(headers["WARC-Payload-Digest"])
    raise AssertionError(f"no response record of {url}")


def test_a_change_is_a_new_version_and_a_new_validator(tmp_path: Path) -> None:
    with small_portal() as portal:
        crawled = Recrawled(portal, tmp_path / "archive.db")
        portal.article("/tin-1", "Bài đã sửa", ETag='"2"')
        crawled.crawl()
        crawled.crawl()
        assert [asked.status for asked in portal.asked_for("/tin-1")] == [200, 304, 200, 304]
        assert portal.asked_for("/tin-1")[-1].headers["If-None-Match"] == '"2"'
        rows = crawled.rows("SELECT status, title, url LIKE '%tin-1' FROM articles ORDER BY id")
        assert ("changed", "Bài đã sửa", 1) in rows


def test_problems_of_an_unchanged_page_stay_open(tmp_path: Path) -> None:
    with small_portal() as portal:
        crawled = Recrawled(portal, tmp_path / "archive.db")
        before = crawled.rows("SELECT url_id, field, resolved_at FROM problems")
        crawled.crawl()
        assert crawled.rows("SELECT url_id, field, resolved_at FROM problems") == before
