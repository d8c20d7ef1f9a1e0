"""WARC files read in a cluster: real dask and workers, one killed; rows as on one machine."""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import practice
from benchmarks.machines import Cluster, cluster
from crawler.cluster import note
from crawler.cluster.job import REPLAY
from crawler.replaying.grouping import groups
from tests.test_cli import luutru

LUUTRU = (sys.executable, "-m", "crawler")


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("machines"), machines=2, threads=1) as made:
        yield made


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with WARC files of two portals, two of the first one's days among them."""
    folder = tmp_path_factory.mktemp("crawled")
    words = ("--delay", "0", "--full", "--db", "all.db")
    with practice.running(articles=30, seed=2, crawl_delay=0.001) as other:
        with practice.running(articles=20, crawl_delay=0.001) as first:
            assert luutru("crawl", first, other, *words, cwd=folder).returncode == 0
        port = int(first.rstrip("/").rpartition(":")[2])
        with practice.running(articles=20, day=9, port=port, crawl_delay=0.001) as first:
            assert luutru("crawl", first, *words, cwd=folder).returncode == 0
    assert len(_files(folder)) == 3
    return folder


def _files(folder: Path) -> list[Path]:
    return sorted((folder / "all.warcs").glob("*.warc.gz"))


ROWS = """
SELECT p.slug, a.url, v.title, v.published_on, v.author, v.body, v.content_sha256, c.captured_at,
    a.status, a.view_count
FROM versions v JOIN articles a ON a.id = v.article_id JOIN portals p ON p.id = a.portal_id
JOIN captures c ON c.id = v.capture_id ORDER BY p.slug, a.url, c.captured_at
"""


def _rows(*archives: Path) -> list[tuple[Any, ...]]:
    found = []
    for path in archives:
        with closing(sqlite3.connect(path)) as db:
            found += db.execute(ROWS).fetchall()
    return sorted(found, key=repr)


@pytest.mark.parametrize("command", ["import", "replay"])
def test_each_portal_is_read_into_its_own_archive_whoever_dies(
    machines: Cluster, crawled: Path, tmp_path: Path, command: str
) -> None:
    one, other, later = map(str, _files(crawled))
    local = [tmp_path / "first.db", tmp_path / "other.db"]
    for db, files in zip(local, ((one, later), (other,)), strict=True):
        assert luutru(command, *files, "--db", str(db)).returncode == 0
    words = [command, str(crawled / "all.warcs"), "--cluster", machines.address, "--json"]
    with subprocess.Popen(
        [*LUUTRU, *words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as reading:
        while not any(each.pages for each in note.notes(tmp_path / "archives", REPLAY)):
            assert reading.poll() is None
            time.sleep(0.05)
        machines.machines[0].lose_worker()
        out, errors = reading.communicate(timeout=120)
    assert (reading.returncode, errors) == (0, "")
    told = {each["portal"]: each for each in map(json.loads, out.splitlines())}
    assert [each["state"] for each in told.values()] == ["complete"] * 2
    archives = sorted((tmp_path / "archives").glob("*/archive.db"))
    assert [path.parent.name for path in archives] == sorted(told)
    assert len(_rows(*local)) > 50
    assert _rows(*archives) == _rows(*local)
    for path in archives:
        assert luutru("verify", "--db", str(path)).returncode == 0


def test_files_that_share_a_portal_stay_together(crawled: Path, tmp_path: Path) -> None:
    one, other, later = _files(crawled)
    apart = groups([crawled / "all.warcs"])
    assert [each.files for each in apart] == [(one, later), (other,)]
    mixed = tmp_path / "mixed.warc.gz"
    mixed.write_bytes(one.read_bytes() + other.read_bytes())
    # The practice portals are unknown ones: of these a file has the one with most pages.
    assert {len(each.files) for each in groups([later, mixed, other])} == {1, 2}
    plain = tmp_path / "plain.warc"
    url = "https://kimson.ninhbinh.gov.vn/"
    plain.write_bytes(_record(url) * 2 + _record("https://cdn.example/x.js"))
    both = tmp_path / "both.warc"
    both.write_bytes(_record(url) + _record(f"{_url(other)}x") * 2)
    found = groups([tmp_path / "both.warc", plain, other])
    assert [each.files for each in found] == [tuple(sorted([both, plain, other]))]
    assert {each.slug for each in groups([plain])} == {"kimson"}


def _url(file: Path) -> str:
    (group,) = groups([file])
    return f"http://127.0.0.1:{group.slug.rpartition('-')[2]}/"


def _record(url: str) -> bytes:
    answer = b"HTTP/1.1 200 OK\r\n\r\n"
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n"
    head += f"WARC-Date: 2024-07-01T00:00:00Z\r\nContent-Length: {len(answer)}\r\n\r\n"
    return head.encode() + answer + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("name", "words", "says"),
    [
        ("a.warc.gz", ["--portal", "kimson"], "--cluster takes neither --db nor --portal nor"),
        ("a.warc.gz", ["--db", "x.db"], "--cluster takes neither --db nor --portal nor --url"),
        ("page.html", [], "page.html does not say where it is from"),
        ("old.arc", [], "--cluster spreads WARC files; import"),
        ("empty.warc", [], "there is no page in"),
        ("none.warc.gz", [], "none.warc.gz can't be read"),
    ],
)
def test_what_is_not_spread_is_told_in_a_line(
    tmp_path: Path, name: str, words: list[str], says: str
) -> None:
    (tmp_path / "page.html").write_text("<html><body>x</body></html>")
    (tmp_path / "old.arc").write_bytes(b"filedesc://x 0.0.0.0 20080101000000 text/plain 0\n\n")
    (tmp_path / "empty.warc").write_bytes(_record("dns:kimson.ninhbinh.gov.vn"))
    result = luutru("import", name, "--cluster", "tcp://127.0.0.1:9", *words, cwd=tmp_path)
    assert says in result.stderr
    assert (result.stderr.count("\n"), result.returncode) == (1, 2)
