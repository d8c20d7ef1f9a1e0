"""One article from many sources: versions in the order of time, whatever came first."""

import itertools
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.test_cli import luutru
from tests.test_replay import PAGE, TEXT, _record

OWN_PROFILE = """name = "Thử"
url = "https://thu.example/"
cms = "generic"

[addresses]
aliases = ['/chitiet\\.asp\\?id=(\\d+).*$ => /tin/bai-\\1.html']
"""

# The same article, as five people kept it: address, day, words of its own.
SEEN = {
    "a.warc": ("http://www.thu.example/chitiet.asp?id=5&cat=2", "2012-03-01T00:00:00Z", "Cũ. "),
    "b.warc": ("http://thu.example/ChiTiet.asp?id=5", "2015-03-01T00:00:00Z", "Cũ. "),
    "c.warc": ("https://thu.example/tin/bai-5.html", "2019-03-01T00:00:00Z", "Sửa. "),
    "d.warc": ("http://thu.example/TIN/bai-5.html/", "2021-03-01T00:00:00Z", "Sửa nữa. "),
}
TRUTH = [
    ("2012-03-01T00:00:00Z", "a.warc.gz"),
    ("2019-03-01T00:00:00Z", "c.warc.gz"),
    ("2021-03-01T00:00:00Z", "d.warc.gz"),
]


def _query(db: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(db)) as archive:
        return archive.execute(sql).fetchall()


@pytest.mark.parametrize("order", [*itertools.permutations(SEEN)][::5])
def test_versions_stand_in_the_order_of_time(tmp_path: Path, order: tuple[str, ...]) -> None:
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "thu.toml").write_text(OWN_PROFILE)
    for name in order:
        url, at, words = SEEN[name]
        page = PAGE.format(n=5, text=words + TEXT).encode()
        (tmp_path / name).write_bytes(_record(url, page, WARC_Date=at))
        result = luutru("import", name, cwd=tmp_path)
        assert result.returncode == 0, result.stdout + result.stderr
    db = tmp_path / "archive.db"
    assert len(_query(db, "SELECT 1 FROM articles")) == 1
    versions = """SELECT v.seen_at, c.warc_file FROM versions v JOIN captures c ON c.id = capture_id
        ORDER BY v.seen_at"""
    assert _query(db, versions) == TRUTH
    ((first, last, body),) = _query(db, "SELECT first_seen_at, last_seen_at, body FROM articles")
    assert (first, last) == ("2012-03-01T00:00:00Z", "2021-03-01T00:00:00Z")
    assert body.startswith("Sửa nữa.")
    assert [url for (url,) in _query(db, "SELECT url FROM captures ORDER BY captured_at")] == [
        url for url, _, _ in SEEN.values()
    ]


def test_two_who_saw_different_things_at_one_time_are_both_shown(tmp_path: Path) -> None:
    url, at = "https://thu.example/tin/bai-5.html", "2019-03-01T00:00:00Z"
    for name, words in (("one.warc", "Một. "), ("two.warc", "Hai. ")):
        page = PAGE.format(n=5, text=words + TEXT).encode()
        (tmp_path / name).write_bytes(_record(url, page, WARC_Date=at))
        assert luutru("import", name, cwd=tmp_path).returncode == 0
    db = tmp_path / "archive.db"
    bodies = _query(db, "SELECT body FROM versions ORDER BY id")
    assert [body.split(".")[0] for (body,) in bodies] == ["Một", "Hai"]
    assert luutru("verify", "--db", str(db)).returncode == 0


@pytest.mark.parametrize(
    ("alias", "says"),
    [
        ("no arrow", "must be written as"),
        ("( => x", "no regular"),
        (r"a(b) => \\2", "can't become"),
    ],
)
def test_a_wrong_alias_is_told_with_its_line(tmp_path: Path, alias: str, says: str) -> None:
    (tmp_path / "portals").mkdir()
    text = f'name = "x"\nurl = "https://x.example/"\n\n[addresses]\naliases = ["{alias}"]\n'
    (tmp_path / "portals" / "x.toml").write_text(text)
    result = luutru("portals", cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "x.toml:5" in result.stderr
    assert says in result.stderr


def test_a_host_with_marks_is_one_in_both_spellings(tmp_path: Path) -> None:
    """Pages under the host as people write it were left out, as those of another."""
    hosts = ("huyện-thử.example", "huyện-thử.example".encode("idna").decode())
    pages = [
        _record(f"http://{host}/1.html", PAGE.format(n=1, text=TEXT).encode(), WARC_Date=day)
        for host, day in zip(hosts, ("2019-03-01T00:00:00Z", "2021-03-01T00:00:00Z"), strict=True)
    ]
    (tmp_path / "both.warc").write_bytes(b"".join(pages))
    result = luutru("import", "both.warc", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "left out" not in result.stdout
    db = tmp_path / "archive.db"
    assert _query(db, "SELECT first_seen_at, last_seen_at FROM articles") == [
        ("2019-03-01T00:00:00Z", "2021-03-01T00:00:00Z")
    ]


def test_what_is_known_to_be_gone_was_there_until_its_last_capture(tmp_path: Path) -> None:
    """After the portal's own 404, old captures came in: the oldest one stayed the last seen."""
    url = "http://thu.example/1.html"
    gone = _record(url, b"<html><h1>404</h1></html>", WARC_Date="2025-03-01T00:00:00Z")
    made = {"gone": gone.replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 404 NO")}
    for year in (2019, 2021, 2023):
        page = PAGE.format(n=1, text=f"Năm {year}. {TEXT}").encode()
        made[str(year)] = _record(url, page, WARC_Date=f"{year}-03-01T00:00:00Z")
    for name in ("gone", "2019", "2023", "2021"):
        (tmp_path / f"{name}.warc").write_bytes(made[name])
        result = luutru("import", f"{name}.warc", cwd=tmp_path)
        assert result.returncode == 0, result.stdout + result.stderr
    found = _query(
        tmp_path / "archive.db",
        """SELECT first_seen_at, last_seen_at, c.captured_at, s.captured_at, substr(body, 1, 8)
           FROM articles a JOIN captures c ON c.id = a.capture_id
           JOIN captures s ON s.id = a.seen_capture_id""",
    )
    last = "2023-03-01T00:00:00Z"
    assert found == [("2019-03-01T00:00:00Z", last, last, last, "Năm 2023")]
