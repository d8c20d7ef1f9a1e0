"""Rescue out of Common Crawl: its formats on loopback, over WARC files of the practice portal."""

import gzip
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from crawler.archive.listed import Listed
from crawler.capture.folder import folder_of
from crawler.capture.message import parsed
from crawler.rescue.playback import Refused
from crawler.rescue.ranges import record
from tests.common_crawl import Crawls, crawled
from tests.packing import rows as found_rows
from tests.test_cli import luutru
from tests.test_replay import _record, rows
from tests.web_archives import Past, past

# What is saved once an hour, or when it was first seen, depends on what came first.
READ = ["articles", "versions", "view_counts", "readings", "images", "attachments", "urls"]


@dataclass(frozen=True)
class Archived:
    """The practice portal at days 0, 7, 30 and 90 in three crawls, and imported."""

    past: Past
    imported: Path

    def crawls(self) -> Crawls:
        """Two crawls that have it, and one that knows nothing of it."""
        first, second, third, fourth = self.past.warcs
        return Crawls(
            files={
                "CC-MAIN-2024-26": [],
                "CC-MAIN-2024-30": [first, second],
                "CC-MAIN-2024-42": [third, fourth],
            }
        )


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Archived:
    folder = tmp_path_factory.mktemp("crawled")
    made = past(folder, 20)
    imported = folder / "imported.db"
    assert luutru("import", *map(str, made.warcs), "--db", str(imported)).returncode == 0
    return Archived(made, imported)


def _command(archived: Archived, db: Path, options: tuple[str, ...]) -> list[str]:
    return ["rescue", archived.past.url, "--from", "commoncrawl", "--db", str(db), *options]


@pytest.fixture(scope="module")
def rescued(archived: Archived, tmp_path_factory: pytest.TempPathFactory) -> Path:
    db = tmp_path_factory.mktemp("rescued") / "archive.db"
    with crawled(archived.crawls()) as options:
        result = luutru(*_command(archived, db, options))
    assert result.returncode == 0, result.stdout + result.stderr
    return db


@pytest.mark.parametrize("table", READ)
def test_it_is_what_importing_the_same_files_gives(
    archived: Archived, rescued: Path, table: str
) -> None:
    assert rows(rescued, table) == rows(archived.imported, table)


def test_records_are_byte_for_byte_those_of_the_files(archived: Archived, rescued: Path) -> None:
    files = {path.name: path.read_bytes() for path in archived.past.warcs}
    listed = found_rows(
        rescued,
        """SELECT l.file, l.file_offset, l.size, c.source, c.warc_file, c.warc_offset, c.warc_length
           FROM listed_captures l JOIN captures c ON c.id = l.capture_id""",
    )
    assert len(listed) == 4 * len(archived.past.urls)
    for row in listed:
        theirs = files[row["file"].rpartition("/")[2]][row["file_offset"] :][: row["size"]]
        ours = (folder_of(rescued) / row["warc_file"]).read_bytes()[row["warc_offset"] :]
        assert ours[: row["warc_length"]] == theirs
        assert row["source"] == "commoncrawl"
    assert luutru("verify", "--db", str(rescued)).returncode == 0


def test_its_files_imported_again_still_say_where_they_were_had(
    rescued: Path, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    warcs = map(str, folder_of(rescued).glob("*.warc.gz"))
    assert luutru("import", *warcs, "--db", str(db)).returncode == 0
    query = "SELECT source, count(*) > 10 FROM captures GROUP BY 1"
    assert [tuple(row) for row in found_rows(db, query)] == [("commoncrawl", 1)]


def test_a_crawl_that_was_read_is_not_read_again(archived: Archived, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    crawls = archived.crawls()
    with crawled(crawls) as options:
        assert luutru(*_command(archived, db, (*options, "--limit", "3"))).returncode == 1
        assert luutru(*_command(archived, db, options)).returncode == 0
        assert luutru(*_command(archived, db, options)).returncode == 0
    asked = {path: n for path, n in crawls.requests.items() if "-index?" in path}
    assert set(asked.values()) == {1}
    assert crawls.requests["/collinfo.json"] == 2


def test_faults_lose_nothing_that_can_be_had(archived: Archived, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    crawls = archived.crawls()
    crawls.once = {
        "collinfo": "503",
        "-index": "drop",
        r"bytes=\d*[1-4]-": "cut",
        r"bytes=\d*[5-6]-": "short",
        r"bytes=\d*7-": "503",
    }
    lost = crawls.lines("CC-MAIN-2024-30")[0]
    crawls.always = {rf"{lost['filename']} bytes={lost['offset']}-": "404"}
    with crawled(crawls) as options:
        result = luutru(*_command(archived, db, options))
    assert result.returncode == 1, result.stdout + result.stderr
    failed = found_rows(db, "SELECT url, reason FROM listed_captures WHERE state = 'failed'")
    assert [tuple(row) for row in failed] == [(lost["url"], "the web archive says HTTP 404")]
    assert rows(db, "versions") == rows(archived.imported, "versions")
    assert rows(db, "view_counts") == rows(archived.imported, "view_counts")


def test_who_is_locked_out_stops_asking_and_loses_nothing(
    archived: Archived, tmp_path: Path
) -> None:
    """Common Crawl answers 403 for a day to who asked too often."""
    db = tmp_path / "archive.db"
    crawls = archived.crawls()
    crawls.always = {"warc.gz": "403"}
    with crawled(crawls) as options:
        unspared = (*options, "--set", "RESCUE_BACK_OFF=0")
        result = luutru(*_command(archived, db, unspared))
    assert result.returncode == 1, result.stdout + result.stderr
    assert "the web archive keeps saying that there are too many requests" in result.stdout
    states = found_rows(db, "SELECT DISTINCT state FROM listed_captures WHERE kind <> 'file'")
    assert [row[0] for row in states] == ["waiting"]
    # One more may be on its way.
    assert sum(n for path, n in crawls.requests.items() if "warc.gz" in path) <= 14
    crawls.always = {}
    with crawled(crawls) as options:
        result = luutru(*_command(archived, db, options))
    assert result.returncode == 0, result.stdout + result.stderr
    assert rows(db, "versions") == rows(archived.imported, "versions")


def test_a_record_is_that_of_its_page_in_any_spelling() -> None:
    """What indexes is warcio, and it writes spaces as %20 (1.8)."""
    member = gzip.compress(_record("http://thu.example/tin/hai từ.html", b"x"))
    answer = parsed(b"HTTP/1.1 206 Partial Content\r\n\r\n" + member)
    assert answer
    url = "http://thu.example/tin/hai%20t%E1%BB%AB.html"
    at = "2024-07-03T02:00:00Z"
    listed = Listed(1, url, "", "page", at, 200, None, "", len(member), "a", 0, None, 0)
    assert record(answer, listed)[0] == member
    with pytest.raises(Refused, match="another page"):
        record(answer, replace(listed, url="http://thu.example/tin/ba.html"))
