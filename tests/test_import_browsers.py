"""Packages as Browsertrix 1.x and ArchiveWeb.page write them: only pages are read as pages."""

import gzip
import json
import sqlite3
import zipfile
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.test_cli import luutru
from tests.test_replay import PAGE, TEXT

HOST = "http://thu.example"
_HTML = "content-type: text/html; charset=utf-8\r\nx-orig-content-encoding: br\r\n"


def _record(kind: str, url: str, block: bytes, **more: str) -> bytes:
    fields = {
        "WARC-Type": kind,
        "WARC-Target-URI": url,
        "WARC-Date": "2025-03-01T02:00:00.123Z",
        "WARC-Page-ID": "2c9a5e0e-5d3f-4f0f-9c39-6a2e0f1f9a55",
        **{name.replace("_", "-"): value for name, value in more.items()},
        "Content-Length": str(len(block)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return gzip.compress(f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n", mtime=0)


def _fetched(
    n: int, url: str, body: bytes = b"", *, head: str = _HTML, method: str = "GET", form: str = ""
) -> bytes:
    """An answer and, behind it, its request, as both programs write them."""
    number = f"<urn:uuid:00000000-0000-0000-0000-{n:012}>"
    answer = f"HTTP/1.1 200 OK\r\n{head}content-length: {len(body)}\r\n\r\n".encode() + body
    asked = (
        f"{method} {url.removeprefix(HOST)} HTTP/1.1\r\nhost: thu.example\r\n\r\n{form}".encode()
    )
    return _record(
        "response",
        url,
        answer,
        WARC_Record_ID=number,
        WARC_Resource_Type="document",
        WARC_JSON_Metadata='{"ipType":"Public","cert":{"issuer":"R3","ctc":"1"}}',
        Content_Type="application/http; msgtype=response",
    ) + _record(
        "request",
        url,
        asked,
        WARC_Concurrent_To=number,
        Content_Type="application/http; msgtype=request",
    )


def _page(n: int) -> bytes:
    return PAGE.format(n=n, text=TEXT).encode()


def _beside(url: str) -> bytes:
    """What Browsertrix keeps beside a page: its text, pictures of it, what it fetched."""
    return b"".join(
        _record("resource", f"urn:{kind}:{url}", block, Content_Type=media_type)
        for kind, media_type, block in (
            ("text", 'text/plain; charset="UTF-8"', _page(7)),
            ("view", "image/png", b"\x89PNG"),
            ("thumbnail", "image/jpeg", b"\xff\xd8\xff"),
            ("pageinfo", "application/json", b'{"urls": {}}'),
        )
    )


def _packed(path: Path, warcs: dict[str, bytes], named: list[str]) -> None:
    """A WACZ 1.1.1 whose datapackage.json names `named`."""
    described = {"profile": "data-package", "wacz_version": "1.1.1"}
    resources = [{"name": Path(each).name, "path": each} for each in named]
    with zipfile.ZipFile(path, "w") as package:
        for name, content in warcs.items():
            package.writestr(name, content)
        package.writestr("pages/pages.jsonl", '{"format":"json-pages-1.0","id":"pages"}\n')
        package.writestr("pages/extraPages.jsonl", '{"format":"json-pages-1.0","id":"extra"}\n')
        package.writestr("logs/crawl.log", '{"logLevel":"info"}\n')
        package.writestr("datapackage.json", json.dumps({**described, "resources": resources}))
        package.writestr("datapackage-digest.json", '{"path":"datapackage.json","hash":"x"}')


def _rows(db: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(db)) as archive:
        return archive.execute(sql).fetchall()


def test_only_answers_to_get_and_post_are_pages(tmp_path: Path) -> None:
    url = f"{HOST}/tin/1.html"
    warc = [
        _fetched(1, url, _page(1)),
        _fetched(2, url, method="HEAD"),
        _fetched(3, f"{HOST}/tin/2.html", method="OPTIONS"),
        _fetched(4, f"{HOST}/tin.aspx", _page(3), method="POST", form="id=3"),
        _beside(url),
    ]
    _packed(tmp_path / "a.wacz", {"archive/rec-0.warc.gz": b"".join(warc)}, [])
    result = luutru("import", "a.wacz", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    db = tmp_path / "archive.db"
    assert _rows(db, "SELECT url, form, kind, state FROM urls WHERE state <> 'waiting'") == [
        (url, None, "article", "done"),
        (f"{HOST}/tin.aspx", "id=3", "article", "done"),
    ]
    assert _rows(db, "SELECT count(*) FROM captures") == [(2,)]
    assert luutru("verify", cwd=tmp_path).returncode == 0


def test_a_form_in_an_address_is_that_of_a_post(tmp_path: Path) -> None:
    """ArchiveWeb.page keeps a POST as a GET where it has no request body."""
    json_form = b64encode(b'{"id":1}').decode()
    warc = [
        _fetched(1, f"{HOST}/tin.aspx?__wb_method=POST&id=1", _page(1)),
        _fetched(2, f"{HOST}/tin.aspx?a=b&__wb_method=POST&id=2", _page(2)),
        _fetched(3, f"{HOST}/tin.aspx", _page(3), method="POST", form="id=3"),
        _fetched(4, f"{HOST}/dem?__wb_method=POST&__wb_post_data={json_form}", _page(4)),
    ]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(warc))
    result = luutru("import", "a.warc.gz", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    db = tmp_path / "archive.db"
    assert _rows(db, "SELECT url, form FROM urls WHERE state <> 'waiting' ORDER BY id") == [
        (f"{HOST}/tin.aspx", "id=1"),
        (f"{HOST}/tin.aspx?a=b", "id=2"),
        (f"{HOST}/tin.aspx", "id=3"),
        (f"{HOST}/dem", '{"id":1}'),
    ]
    assert luutru("verify", cwd=tmp_path).returncode == 0
    # As earlier versions knew it.
    with closing(sqlite3.connect(db)) as archive:
        known_as = "thu.example/tin.aspx?__wb_method=POST&id=1"
        archive.execute("UPDATE urls SET key = ? WHERE form = 'id=1'", (known_as,))
        archive.commit()
    assert luutru("verify", cwd=tmp_path).returncode == 0


def test_what_a_package_names_and_lacks_is_told(tmp_path: Path) -> None:
    there = "archive/rec-0.warc.gz"
    warcs = {there: _fetched(1, f"{HOST}/tin/1.html", _page(1))}
    named = [there, "archive/rec-1.warc.gz", "pages/none.jsonl", "https://thu.example/other.wacz"]
    _packed(tmp_path / "a.wacz", warcs, named)
    with zipfile.ZipFile(tmp_path / "several.wacz", "w") as package:
        package.write(tmp_path / "a.wacz", "a.wacz")
    for name in ("a.wacz", "several.wacz"):
        result = luutru("import", name, "--db", f"{name}.db", cwd=tmp_path)
        assert result.returncode == 1, result.stdout + result.stderr
        told = " ".join(result.stdout.split())
        assert f"{name}: archive/rec-1.warc.gz is named in datapackage.json and not there" in told
        assert f"{name}: https://thu.example/other.wacz is named in" in told
        assert told.count("is named in") == 2
        assert _rows(tmp_path / f"{name}.db", "SELECT count(*) FROM articles") == [(1,)]
