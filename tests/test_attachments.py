"""Images and attachments: fetched, told by their bytes, read, searched, tied to their article."""

import asyncio
import hashlib
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docx
import pytest
from sqlite_utils import Database

import practice
from crawler.archive import schema
from crawler.archive.connection import open_archive
from crawler.archive.saving import save
from crawler.items import Attachment, File, ReadPage
from crawler.media import DOCX, HTML, PDF, media_type_of
from crawler.search import search
from crawler.urls import UNCLAIMED
from pipelines.documents import Unreadable, text_of
from pipelines.extraction import Extractor
from practice import files
from tests import raw_server
from tests.conftest import Archive
from tests.reading_processes import readers_of, wait_until
from tests.small_portal import SmallPortal, small_portal
from tests.test_cli import luutru

PNG = files.png("a")
LINES = ["Quyết định số 12/QĐ-UBND", "Về việc phê duyệt kế hoạch đắp đê Cồn Vạc."]


def _crawl(url: str, db: Path) -> None:
    done = luutru("crawl", url, "--db", str(db), "--full", "--delay", "0", "--concurrency", "8")
    assert done.returncode == 0, done.stdout + done.stderr


def _rows(db: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(db)) as archive:
        return archive.execute(sql, values).fetchall()


class Crawled:
    """The practice portal, crawled twice on one day."""

    def __init__(self, folder: Path) -> None:
        self.db = folder / "archive.db"
        with practice.running(articles=150, day=0, port=0, crawl_delay=0) as url:
            for _ in range(2):
                _crawl(url, self.db)
            with urllib.request.urlopen(f"{url}_truth.json") as answer:
                self.articles: list[dict[str, Any]] = json.load(answer)["articles"]
            self.bytes = {wanted: _get(wanted) for wanted in self.wanted()}

    def wanted(self) -> set[str]:
        """Every address of an image or attachment."""
        images = {image for article in self.articles for image in article["images"]}
        return images | {file["url"] for a in self.articles for file in a["attachments"]}


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        return bytes(answer.read())


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    return Crawled(tmp_path_factory.mktemp("files"))


def test_type_and_text_of_every_attachment_are_the_portals(crawled: Crawled) -> None:
    expected = {
        (article["url"], file["url"], file["filename"], file["media_type"], file["text"])
        for article in crawled.articles
        for file in article["attachments"]
    }
    found = _rows(
        crawled.db,
        """SELECT a.url, f.url, filename, media_type, text FROM attachments f
           JOIN articles a ON a.id = f.article_id""",
    )
    assert {media_type for *_, media_type, _ in expected} == {PDF, DOCX}
    assert set(found) == expected


def test_every_file_is_tied_to_the_capture_of_its_bytes(crawled: Crawled) -> None:
    for table in ("images", "attachments"):
        found = _rows(
            crawled.db,
            f"""SELECT t.url, t.sha256, c.payload_sha256, c.size FROM {table} t
                JOIN captures c ON c.id = t.capture_id JOIN urls u ON u.id = t.url_id
                WHERE u.state = 'done' AND u.kind = 'file' AND c.url_id = u.id""",
        )
        assert len(found) == _rows(crawled.db, f"SELECT count(*) FROM {table}")[0][0] > 20
        for url, sha256, payload_sha256, size in found:
            body = crawled.bytes[url]
            assert sha256 == payload_sha256 == hashlib.sha256(body).hexdigest()
            assert size == len(body)


def test_images_are_told_by_their_bytes(crawled: Crawled) -> None:
    found = dict(_rows(crawled.db, "SELECT url, media_type FROM images"))
    assert found == {
        url: "image/png" if url.endswith("png") else "image/jpeg"
        for url in crawled.wanted()
        if url.endswith(("png", "jpg"))
    }


def test_what_came_again_is_kept_once(crawled: Crawled) -> None:
    kinds = _rows(
        crawled.db,
        """SELECT r.id, c.record_type, count(*) FROM captures c JOIN runs r ON r.id = c.run_id
           JOIN urls u ON u.id = c.url_id WHERE u.kind = 'file'
           GROUP BY r.id, c.record_type ORDER BY 1""",
    )
    assert [record for run, record, _ in kinds if run == 2] == ["revisit"]
    open_problems = "SELECT count(*) FROM problems WHERE resolved_at IS NULL AND field <> 'planted'"
    assert _rows(crawled.db, open_problems) == [(0,)]


def test_an_article_is_found_by_the_text_of_its_attachment(crawled: Crawled) -> None:
    article = next(a for a in crawled.articles if a["attachments"])
    line = article["attachments"][0]["text"].splitlines()[-1]
    result = luutru("search", f'"{line}"', "--db", str(crawled.db), "--json")
    assert article["url"] in [hit["url"] for hit in json.loads(result.stdout)["hits"]]


@pytest.fixture
def offered(archive: Archive) -> Archive:
    archive.keep("/1", "Đắp đê", "Bà con ra đê.")
    archive.keep("/2", "Cồn Vạc", "Tin ngắn.")
    archive.db.execute(
        """INSERT INTO attachments (article_id, url, filename, text)
           VALUES (1, 'https://thu.example/a.pdf', 'a.pdf', ?)""",
        ("\n".join(LINES),),
    )
    return archive


def _ids(archive: Archive, match: str) -> list[int]:
    rows = archive.rows("SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?", match)
    return [row[0] for row in rows]


def test_the_text_of_a_file_weighs_less_than_a_title(offered: Archive) -> None:
    results = search(offered.db, "con vac")
    assert (results.total, [hit.id for hit in results.hits]) == (2, [2, 1])
    last = results.hits[1]
    marked = [last.snippet[start:end] for start, end in last.marks]
    assert marked == ["Cồn", "Vạc"]
    assert search(offered.db, '"quyết định"').hits[0].id == 1


def test_the_index_follows_attachments_whoever_writes(offered: Archive) -> None:
    plain = sqlite3.connect(offered.path)
    for statement, found in (
        ("UPDATE attachments SET text = 'Công văn hỏa tốc'", [1]),
        ("INSERT INTO attachments (article_id, url, filename, text) VALUES (2, 'b', 'b', 'hỏa tốc')"
         " ON CONFLICT DO NOTHING", [1, 2]),
        ("UPDATE attachments SET article_id = 2 WHERE article_id = 1", [2]),
        ("DELETE FROM attachments", []),
    ):  # fmt: skip
        plain.execute(statement)
        plain.commit()
        assert _ids(offered, '"hỏa"') == _ids(offered, "hoa") == found, statement
        plain.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
    plain.close()


@pytest.fixture
def portal() -> Iterator[SmallPortal]:
    with small_portal() as made:
        yield made


def test_bytes_decide_and_reasons_are_kept(portal: SmallPortal, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    portal.home("/tin-1", "/css/site.css", "/uploads/khac.pdf")
    names = {
        "lie.pdf": files.docx(LINES),
        "page.pdf": "<!doctype html><html><h1>Không tìm thấy trang</h1></html>".encode(),
        "home.doc": "<html><body><p>Trang chủ</p></body></html>".encode(),
        "broken.pdf": b"%PDF-1.7\n" + b"x" * 500,
        "moved.pdf": b"",
        "new.pdf": files.pdf(LINES),
    }
    for name, body in names.items():
        portal.file(f"/uploads/{name}", body, "application/pdf")
    portal.pages["/uploads/moved.pdf"].status = 301
    portal.pages["/uploads/moved.pdf"].headers["Location"] = "/uploads/new.pdf"
    shown = [name for name in names if name != "new.pdf"]
    links = "".join(f"<p><a href='/uploads/{name}'>Tải về</a></p>" for name in shown)
    far = "<p><a href='http://127.0.0.1:9/xa.pdf'>Xa</a></p><img src='/no.png'>"
    portal.article("/tin-1", extra=links + far)
    _crawl(portal.url, db)
    found = {
        name: tuple(rest)
        for name, *rest in _rows(
            db,
            """SELECT filename, media_type, text IS NOT NULL, state, reason FROM attachments f
               LEFT JOIN urls u ON u.id = f.url_id""",
        )
    }
    assert found == {
        "lie.pdf": (DOCX, 1, "done", None),
        "page.pdf": (None, 0, "gone", "a page that says not found"),
        "home.doc": (None, 0, "gone", "a web page instead of the file"),
        "broken.pdf": (PDF, 0, "done", None),
        "moved.pdf": (PDF, 1, "done", None),
        "xa.pdf": (None, 0, None, None),
    }
    problems = dict(
        _rows(db, "SELECT replace(u.url, ?, ''), p.reason FROM problems p JOIN urls u "
              "ON u.id = p.url_id", portal.url)
    )  # fmt: skip
    assert problems["uploads/broken.pdf"].startswith("no text of application/pdf: ")
    assert problems["uploads/page.pdf"] == "a web page came instead of the file"
    refused = _rows(db, "SELECT replace(url, ?, ''), reason FROM urls WHERE state = 'refused'",
                    portal.url)  # fmt: skip
    assert sorted(refused) == [("css/site.css", UNCLAIMED), ("uploads/khac.pdf", UNCLAIMED)]
    assert _rows(db, "SELECT state, reason FROM urls WHERE url LIKE '%no.png'") == [
        ("gone", "HTTP 404")
    ]
    assert _rows(db, "SELECT title FROM articles") == [("Hội nghị",)]
    asked = [asked.path for asked in portal.asked]
    assert len(asked) == len(set(asked)) + (asked.count("/robots.txt") - 1)
    _crawl(portal.url, db)
    assert _rows(db, "SELECT filename FROM attachments WHERE text > ''") == [
        ("lie.pdf",),
        ("moved.pdf",),
    ]


def test_a_changed_file_is_a_new_capture(portal: SmallPortal, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    portal.home("/tin-1")
    portal.article("/tin-1", extra="<p><a href='/a.pdf'>Văn bản</a></p>", ETag='"1"')
    portal.file("/a.pdf", files.pdf(LINES))
    _crawl(portal.url, db)
    old = _rows(db, "SELECT capture_id, sha256 FROM attachments")[0]
    portal.file("/a.pdf", files.pdf([*LINES, "Bản sửa đổi"]))
    _crawl(portal.url, db)
    new = _rows(db, "SELECT capture_id, sha256 FROM attachments")[0]
    assert new[0] > old[0]
    captures = "SELECT id, payload_sha256 FROM captures WHERE id IN (?, ?) ORDER BY id"
    assert _rows(db, captures, old[0], new[0]) == [old, new]
    assert json.loads(luutru("search", "sua doi", "--db", str(db), "--json").stdout)["total"] == 1


def test_a_file_without_an_ending_is_fetched_and_read(portal: SmallPortal, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    portal.home("/tin-1", "/documents/1/2/cv.pdf/0a-1b")
    portal.article("/tin-1", extra="<p><a href='/tai?id=7'>Công văn 12.docx</a></p>")
    portal.file("/tai?id=7", files.docx(LINES), "text/html")
    _crawl(portal.url, db)
    assert _rows(db, "SELECT filename, media_type, text FROM attachments") == [
        ("Công văn 12.docx", DOCX, "\n".join(LINES))
    ]


def test_a_file_that_was_fetched_before_it_was_offered(archive: Archive) -> None:
    page = archive.page("/tai?id=7")
    save(archive.db, archive.run, ReadPage(page, "file", file=File(PDF, "0" * 64, "x")))
    part = (Attachment("https://thu.example/tai?id=7", "a.pdf"),)
    archive.keep("/1", "Một", attachments=part)
    state = "SELECT state FROM urls WHERE id = ?"
    assert archive.rows(state, page.url_id) == [("waiting",)]
    save(archive.db, archive.run, ReadPage(page, "file", file=File(PDF, "0" * 64, "x")))
    archive.keep("/2", "Hai", attachments=part)
    assert archive.rows(state, page.url_id) == [("done",)]
    assert (
        archive.rows("SELECT media_type, sha256, text FROM attachments")
        == [(PDF, "0" * 64, "x")] * 2
    )


def _zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (files.png("x"), "image/png"),
        (files.jpeg("x"), "image/jpeg"),
        (b"GIF89a...", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (files.pdf(["x"]), PDF),
        (b"\r\n\r\n" + files.pdf(["x"]), PDF),
        (files.docx(["x"]), DOCX),
        (_zip("[Content_Types].xml", "xl/workbook.xml"),
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (_zip("[Content_Types].xml", "ppt/presentation.xml"),
         "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        (_zip("bieu-mau.txt"), "application/zip"),
        (b"PK\x03\x04 torn", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"),
         "application/msword"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"),
         "application/vnd.ms-excel"),
        (b"Rar!\x1a\x07\x00", "application/vnd.rar"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html>", HTML),
        (b"<?xml version='1.0'?><svg>", "image/svg+xml"),
        (b"just words", None),
        (b"", None),
    ],
)  # fmt: skip
def test_media_types(body: bytes, media_type: str | None) -> None:
    assert media_type_of(body) == media_type


def test_a_zip_of_word_files_is_a_zip() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("cong-van.docx", files.docx(["x"]))
    assert media_type_of(out.getvalue()) == "application/zip"


def test_a_word_file_is_read_with_its_tables() -> None:
    made = docx.Document()
    made.add_paragraph("Kính gửi: các xã")
    made.add_table(1, 2).rows[0].cells[1].text = "Số lượng"
    made.add_paragraph("Nơi nhận\tLưu")
    out = io.BytesIO()
    made.save(out)
    assert media_type_of(out.getvalue()) == DOCX
    text, left_out = text_of(out.getvalue(), DOCX, 9)
    assert [line for line in text.splitlines() if line] == [
        "Kính gửi: các xã",
        "Số lượng",
        "Nơi nhận Lưu",
    ]
    assert left_out is None


def test_reading_stops_between_two_pages() -> None:
    assert text_of(files.pdf(LINES), PDF, -1) == ("", "only 0 of 1 pages could be read in time")


async def _texts(*bodies: bytes, seconds: float = 20) -> list[str]:
    extractor, found = Extractor(seconds), []
    for body in bodies:
        try:
            found.append((await extractor.text(body, media_type_of(body) or DOCX))[0])
        except Unreadable as why:
            found.append(f"! {why}")
    await extractor.close()
    return found


def _bomb(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("word/document.xml", b" " * size)
    return out.getvalue()


def test_the_helper_survives_bombs_and_goes_on() -> None:
    good = files.docx(LINES)
    found = asyncio.run(_texts(good, _bomb(100 << 20), _bomb(100), b"%PDF-1.4", good))
    assert found[0] == found[4] == "\n".join(LINES)
    assert found[1] == "! its text unpacks to 104857600 bytes"
    assert found[2].startswith("! XMLSyntaxError")
    assert found[3].startswith("! ")


def _slow_pdf(words: int = 800_000) -> bytes:
    """A file of 10 KB whose one page takes pypdf some seconds; its own limits are above that."""
    content = zlib.compress(b"BT /F1 9 Tf\n" + b"(x) Tj\n" * words + b"ET\n", 9)
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream"
    return files._pdf_file((
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        stream % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ))  # fmt: skip


def test_a_file_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.extraction._GRACE", 0.5)
    good = files.docx(LINES)
    found = asyncio.run(_texts(good, _slow_pdf(), good, seconds=1))
    assert found == ["\n".join(LINES), "! no text within 2 s", "\n".join(LINES)]


def test_ctrl_c_lets_the_file_at_hand_be_read(tmp_path: Path) -> None:
    """A terminal sends it to every process of the crawl's group."""
    db = tmp_path / "archive.db"
    article = "<title>Bài</title><h1>Bài viết về nông thôn</h1><p>Ngày 01/02/2024</p><div>"
    article += "<p>Nội dung của bài viết có đủ chữ để đọc được.</p>" * 9 + "<a href=/a.pdf>Tệp</a>"
    pages: dict[str, raw_server.Answer] = {
        "/": raw_server.ok(raw_server.links("/bai-1.html")),
        "/bai-1.html": raw_server.ok(f"<html><body>{article}</div></body></html>".encode()),
        "/a.pdf": raw_server.ok(_slow_pdf(100_000)),
    }
    with raw_server.raw_server(pages) as portal:
        words = ("crawl", portal.url, "--db", str(db), "--delay", "0")
        command = [str(Path(sys.executable).with_name("luutru")), *words]
        crawl = subprocess.Popen(
            command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        wait_until(lambda: readers_of(crawl.pid, "pipelines.extraction"))
        os.killpg(crawl.pid, signal.SIGINT)
        said, errors = crawl.communicate(timeout=60)
    assert crawl.returncode == 1, errors
    assert b"stopped" in said
    assert _rows(db, "SELECT reason FROM problems") == []
    assert len(_rows(db, "SELECT text FROM attachments WHERE text IS NOT NULL")) == 1


def test_an_archive_of_the_version_before_gets_its_files(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    old = Database(path)
    schema.migrations.apply(old, stop_before="4-files-and-states")
    old.conn.executescript(_OLD_ARCHIVE)
    old.close()
    with closing(open_archive(path)) as db:
        assert [tuple(row) for row in db.execute(
            "SELECT url, kind, state, reason FROM urls WHERE id > 2 ORDER BY url"
        )] == [
            ("https://thu.example/a.css", "file", "refused", UNCLAIMED),
            ("https://thu.example/a.pdf", "file", "waiting", None),
            ("https://thu.example/a.png", "file", "waiting", None),
        ]  # fmt: skip
        assert [tuple(row) for row in db.execute(
            "SELECT i.url, u.url FROM images i LEFT JOIN urls u ON u.id = i.url_id ORDER BY i.id"
        )] == [("https://thu.example/a.png", "https://thu.example/a.png"),
               ("https://xa.example/b.png", None)]  # fmt: skip
        assert [tuple(row) for row in db.execute(
            "SELECT status, absent_since, absent_runs, absent_capture_id FROM articles"
        )] == [("present", None, 0, None), ("present", "2024-07-10T00:00:00Z", 1, 3)]  # fmt: skip
        assert search(db, "hoi nghi").total == 2
        db.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")


_OLD_ARCHIVE = """
INSERT INTO portals (id, slug, name, url) VALUES (1, 'thu', 'Thử', 'https://thu.example/');
INSERT INTO runs (id, portal_id, kind, started_at, software) VALUES
    (1, 1, 'crawl', '2024-07-03T00:00:00Z', 'x'), (2, 1, 'crawl', '2024-07-10T00:00:00Z', 'x');
INSERT INTO urls (id, portal_id, key, url, kind, found_at, state, reason, due_at) VALUES
    (1, 1, 'thu.example/1', 'https://thu.example/1', 'article', '2024', 'done', NULL, '2024'),
    (2, 1, 'thu.example/2', 'https://thu.example/2', 'article', '2024', 'gone', 'HTTP 404', '2024'),
    (3, 1, 'thu.example/a.pdf', 'https://thu.example/a.pdf', 'file', '2024', 'refused',
     'files are not captured by this version', '2024'),
    (4, 1, 'thu.example/a.css', 'https://thu.example/a.css', 'file', '2024', 'refused',
     'files are not captured by this version', '2024');
INSERT INTO captures (id, url_id, run_id, captured_at, status, payload_sha256, size, source) VALUES
    (1, 1, 1, '2024-07-03T00:00:00Z', 200, 'x', 1, 'live'),
    (2, 2, 1, '2024-07-03T00:00:00Z', 200, 'x', 1, 'live'),
    (3, 2, 2, '2024-07-10T00:00:00Z', 404, 'x', 1, 'live');
INSERT INTO articles (id, portal_id, url_id, url, title, first_seen_at, last_seen_at, status,
    capture_id) VALUES
    (1, 1, 1, 'https://thu.example/1', 'Hội nghị', '2024', '2024-07-03T00:00:00Z', 'present', 1),
    (2, 1, 2, 'https://thu.example/2', 'Hội nghị', '2024', '2024-07-03T00:00:00Z', 'missing', 2);
INSERT INTO attachments (article_id, url, filename) VALUES (1, 'https://thu.example/a.pdf', 'a');
INSERT INTO images (article_id, url) VALUES (1, 'https://thu.example/a.png'),
    (2, 'https://xa.example/b.png');
"""
