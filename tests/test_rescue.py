"""Rescue out of web archives: a real pywb stands in for the Wayback Machine."""

import json
import random
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.capture.folder import OPEN, folder_of
from crawler.rescue.cdx import Unreadable, listing
from tests.packing import needs_pywb
from tests.packing import rows as found_rows
from tests.test_cli import luutru
from tests.test_replay import everything, rows
from tests.wayback_front import Front, fronted
from tests.web_archives import Past, asked_at, at, past, pywb

pytestmark = needs_pywb

ARTICLES = 16
# What is saved once an hour, or when it was first seen, depends on what came first.
READ = ["articles", "versions", "view_counts", "readings", "images", "attachments", "urls"]


@dataclass(frozen=True)
class Archived:
    """The practice portal at days 0, 7, 30 and 90 in a pywb, and imported from the same files."""

    past: Past
    pywb: str
    imported: Path
    folder: Path

    def command(self, db: Path, options: tuple[str, ...] = (), *more: str) -> list[str]:
        """Words that rescue the portal into `db`."""
        options = options or at(self.pywb)
        return ["rescue", self.past.url, "--from", "wayback", "--db", str(db), *options, *more]


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archived]:
    folder = tmp_path_factory.mktemp("archived")
    made = past(folder, ARTICLES)
    imported = folder / "imported.db"
    assert luutru("import", *map(str, made.warcs), "--db", str(imported)).returncode == 0
    (folder / "pywb").mkdir()
    with pywb(folder / "pywb", made.warcs) as url:
        yield Archived(made, url, imported, folder)


@pytest.fixture(scope="module")
def rescued(archived: Archived) -> Path:
    db = archived.folder / "rescued.db"
    result = luutru(*archived.command(db))
    assert result.returncode == 0, result.stdout + result.stderr
    return db


def _texts_by_truth(told: Past) -> dict[str, list[tuple[int, str, str]]]:
    """Of each article the day of each new text, and the text."""
    texts: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for truth in told.truths:
        for article in truth["articles"]:
            text = (article["title"], article["body"])
            known = texts[article["url"]]
            if article["url"] in told.urls and (not known or known[-1][1:] != text):
                known.append((truth["day"], *text))
    return {url: found for url, found in texts.items() if found}


def _texts(db: Path) -> dict[str, list[tuple[int, str, str]]]:
    texts = defaultdict(list)
    for row in found_rows(
        db,
        """SELECT a.url, v.title, v.body,
               cast(julianday(v.seen_at) - julianday('2024-07-03T02:00:00Z') AS integer) AS day
           FROM versions v JOIN articles a ON a.id = v.article_id ORDER BY v.seen_at""",
    ):
        texts[row["url"]].append((row["day"], row["title"], row["body"]))
    return dict(texts)


def _views(db: Path) -> set[tuple[str, int, int]]:
    found = found_rows(
        db,
        """SELECT a.url, v.views,
               cast(julianday(v.seen_at) - julianday('2024-07-03T02:00:00Z') AS integer) AS day
           FROM view_counts v JOIN articles a ON a.id = v.article_id""",
    )
    return {(row["url"], row["day"], row["views"]) for row in found}


def test_articles_and_versions_are_those_of_the_days(archived: Archived, rescued: Path) -> None:
    expected = _texts_by_truth(archived.past)
    assert _texts(rescued) == expected
    assert len(expected) >= ARTICLES
    assert any(len(texts) > 1 for texts in expected.values())


def test_view_counts_are_those_of_the_days(archived: Archived, rescued: Path) -> None:
    expected = {
        (article["url"], truth["day"], article["view_count"])
        for truth in archived.past.truths
        for article in truth["articles"]
        if article["view_count"] is not None and article["url"] in archived.past.urls
    }
    assert _views(rescued) == expected
    assert len(expected) > ARTICLES


@pytest.mark.parametrize("table", READ)
def test_it_is_what_importing_the_same_files_gives(
    archived: Archived, rescued: Path, table: str
) -> None:
    assert rows(rescued, table) == rows(archived.imported, table)


def test_every_version_says_its_source(rescued: Path) -> None:
    query = "SELECT DISTINCT c.source FROM versions v JOIN captures c ON c.id = v.capture_id"
    assert [row[0] for row in found_rows(rescued, query)] == ["wayback"]
    runs = found_rows(rescued, "SELECT kind, verdict FROM runs")
    assert [tuple(row) for row in runs] == [("rescue", "complete")]


def _copied(rescued: Path, folder: Path) -> Path:
    """A copy for a test that changes it; a check is a change, it leaves events of its files."""
    again = folder / "again.db"
    shutil.copy(rescued, again)
    shutil.copytree(folder_of(rescued), folder_of(again))
    return again


def test_records_are_the_originals_with_their_origin(
    archived: Archived, rescued: Path, tmp_path: Path
) -> None:
    ours = {(url, date): body for url, date, body, _ in _responses(folder_of(rescued))}
    theirs = {(url, date): body for warc in archived.past.warcs for url, date, body, _ in _of(warc)}
    assert ours == theirs
    for url, date, _, headers in _responses(folder_of(rescued)):
        stamp = "".join(filter(str.isdecimal, date))
        assert headers.get_header("WARC-Source-URI") == f"{archived.pywb}/past/{stamp}id_/{url}"
        assert headers.get_header("WARC-Creation-Date") > date
    result = luutru("verify", "--db", str(_copied(rescued, tmp_path)))
    assert result.returncode == 0, result.stdout + result.stderr


def _responses(folder: Path) -> Iterator[tuple[str, str, bytes, Any]]:
    for path in sorted(folder.glob("*.warc.gz")):
        yield from _of(path)


def _of(path: Path) -> Iterator[tuple[str, str, bytes, Any]]:
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, check_digests="raise"):
            if record.rec_type == "response":
                header = record.rec_headers.get_header
                body = record.raw_stream.read()
                yield header("WARC-Target-URI"), header("WARC-Date"), body, record.rec_headers


def test_errors_that_were_archived_are_data(rescued: Path) -> None:
    found = found_rows(
        rescued,
        """SELECT DISTINCT u.state, c.status FROM captures c JOIN urls u ON u.id = c.url_id
           WHERE c.status IN (429, 503) ORDER BY c.status""",
    )
    assert [tuple(row) for row in found] == [("failed", 429), ("failed", 503)]


def test_records_that_a_power_cut_took_are_fetched_again(
    archived: Archived, rescued: Path, tmp_path: Path
) -> None:
    again = _copied(rescued, tmp_path)
    (warc,) = folder_of(again).glob("*.warc.gz")
    torn = warc.rename(f"{warc}{OPEN}")
    with torn.open("r+b") as file:
        file.truncate(torn.stat().st_size // 2)
    before = rows(again, "captures")
    result = luutru(*archived.command(again))
    assert result.returncode == 0, result.stdout + result.stderr
    after = rows(again, "captures")
    assert len(after) == len(before)
    assert all(row["warc_file"] for row in after)
    assert any(row["warc_file"] != warc.name for row in after)
    assert luutru("verify", "--db", str(again)).returncode == 0
    assert [row for row in rows(again, "problems") if "power cut" in row["reason"]
            and not row["resolved_at"]] == []  # fmt: skip


def test_a_replay_of_what_was_rescued_changes_nothing(rescued: Path, tmp_path: Path) -> None:
    again = _copied(rescued, tmp_path)
    before = everything(again)
    assert luutru("replay", str(again)).returncode == 0
    assert everything(again) == before


def test_an_export_that_is_imported_still_says_where_it_was_had(
    rescued: Path, tmp_path: Path
) -> None:
    made, db = tmp_path / "made.warc.gz", tmp_path / "archive.db"
    assert luutru("export", "warc", "--db", str(rescued), "-o", str(made)).returncode == 0
    assert luutru("import", str(made), "--db", str(db)).returncode == 0
    query = "SELECT source, count(*) > 10 FROM captures GROUP BY 1"
    assert [tuple(row) for row in found_rows(db, query)] == [("wayback", 1)]


def test_show_tells_where_a_version_is_from(rescued: Path) -> None:
    shown = luutru("show", "1", "--db", str(rescued)).stdout
    version = next(line for line in shown.splitlines() if "version" in line)
    assert version.rstrip().endswith("wayback")


def test_what_was_seen_later_stays_the_newest(archived: Archived, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    last = archived.past.warcs[-1]
    assert luutru("import", str(last), "--db", str(db)).returncode == 0
    newest = rows(db, "articles")
    assert luutru(*archived.command(db)).returncode == 0
    assert rows(db, "versions") == rows(archived.imported, "versions")
    assert rows(db, "view_counts") == rows(archived.imported, "view_counts")
    earlier = {"first_seen_at", "status"}
    assert [_without(row, earlier) for row in rows(db, "articles")] == [
        _without(row, earlier) for row in newest
    ]


def _without(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def test_a_forecast_fetches_nothing_and_a_limit_is_kept(archived: Archived, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    # pywb knows no resumption keys: it cuts off at the limit without a word.
    slowly = (*at(archived.pywb), "--set", "RESCUE_LINES=50", "--delay", "2")
    result = luutru(*archived.command(db, slowly, "--forecast", "--json"))
    assert result.returncode == 1
    told = json.loads(result.stdout)
    listed = len(archived.past.urls) * 4
    assert told["states"] == {"waiting": listed}
    assert told["seconds"] == 2 * listed
    assert not rows(db, "captures")
    (why,) = found_rows(db, "SELECT verdict_reasons FROM runs")
    assert "asked no more: a forecast fetches nothing" in why[0]
    result = luutru(*archived.command(db, (), "--limit", "5"))
    assert result.returncode == 1
    assert f"{listed - 5} listed captures are still to be fetched" in result.stdout
    assert len(found_rows(db, "SELECT 1 FROM captures")) == 5


def test_killed_at_random_moments_it_ends_the_same(archived: Archived, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    chance = random.Random(8)
    code = "from crawler.cli import main; main()"
    for _ in range(3):
        command = [sys.executable, "-c", code, *archived.command(db)]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(chance.uniform(0.8, 3))
            process.kill()
    result = luutru(*archived.command(db))
    assert result.returncode == 0, result.stdout + result.stderr
    for table in READ:
        assert rows(db, table) == rows(archived.imported, table), table
    assert luutru("verify", "--db", str(db)).returncode == 0


def _through(front: Front) -> tuple[str, ...]:
    return asked_at(f"{front.url}/cdx/search/cdx", f"{front.url}/web")


def test_the_wayback_machines_own_dialect(archived: Archived, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    with fronted(Front(pywb=archived.pywb, piece=50, packed=True)) as front:
        result = luutru(*archived.command(db, _through(front)))
        asked = sum(n for path, n in front.requests.items() if path.startswith("/cdx"))
    assert result.returncode == 0, result.stdout + result.stderr
    assert asked > 2
    for table in ("articles", "versions", "view_counts", "readings", "attachments"):
        assert _last_seen_aside(rows(db, table)) == _last_seen_aside(
            rows(archived.imported, table)
        ), table


def _last_seen_aside(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is byte for byte the same as before is listed once (collapse=digest)."""
    return [_without(row, {"last_seen_at"}) for row in found]


def test_faults_lose_nothing_that_can_be_had(archived: Archived, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    articles = [each["url"] for each in archived.past.truths[0]["articles"]]
    lost, moved, closed = articles[0], articles[1], articles[2]
    front = Front(
        pywb=archived.pywb,
        once={
            r"/cdx.*url=[^&]*&(?!.*resumeKey)": "429",
            r"/cdx.*resumeKey": "drop",
            r"/web/20240703020.[0-2]": "drop",
            r"/web/20240710020.[1-3]": "cut",
            r"/web/20240802020.[0-2]": "short",
            r"/web/20241001020.[0-1]5": "429",
            r"/web/20241001020.[0-1]7": "503",
        },
        always={
            rf"/web/20240710\d+id_/{lost}$": "404",
            rf"/web/20240802\d+id_/{moved}$": "moved",
            rf"/web/20241001\d+id_/{closed}$": "503",
        },
    )
    with fronted(front):
        result = luutru(*archived.command(db, _through(front)))
    assert result.returncode == 1, result.stdout + result.stderr
    failed = found_rows(
        db,
        "SELECT url, substr(captured_at, 1, 10), reason FROM listed_captures "
        "WHERE state = 'failed' ORDER BY captured_at",
    )
    assert [tuple(row) for row in failed] == [
        (lost, "2024-07-10", "the web archive says HTTP 404"),
        (moved, "2024-08-02", "the web archive says HTTP 302: found capture at 2001"),
        (closed, "2024-10-01", "the web archive says HTTP 503"),
    ]
    assert "3 listed captures could not be had" in result.stdout
    without = {(lost, 7), (moved, 30), (closed, 90)}
    assert _views(db) == {view for view in _views(archived.imported) if view[:2] not in without}


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1}',
        b"[[1, 2], [3, 4]]",
        b"[" * 100_000,
        pytest.param(b'[["urlkey", "timestamp"], ["vn,thu)/", "20200101000000"]]', id="no address"),
    ],
)
def test_an_answer_that_lists_no_captures_is_none(body: bytes) -> None:
    with pytest.raises(Unreadable):
        listing(body)


def test_a_number_that_nothing_can_have_is_none() -> None:
    entry = {"urlkey": "vn,thu)/", "timestamp": "20200101000000", "url": "http://thu.vn/"}
    for digits in ("9" * 5000, "9" * 30):
        (found,) = listing(
            json.dumps({**entry, "length": digits, "offset": digits}).encode()
        ).entries
        assert (found.size, found.offset) == (None, None)


@pytest.mark.parametrize("name", ["url", "digest", "mime", "filename"])
def test_a_capture_adds_no_field_to_the_record_that_is_made_of_it(name: str) -> None:
    entry = {"urlkey": "vn,thu)/", "timestamp": "20200101000000", "url": "http://thu.vn/"}
    told = {**entry, name: f"{entry.get(name, 'x')}\r\nWARC-Type: request"}
    found = listing(f"{json.dumps(told)}\n{json.dumps(entry)}".encode())
    assert ([each.url for each in found.entries], found.lines) == (["http://thu.vn/"], 2)


def test_a_silent_web_archive_ends_the_run_and_the_next_goes_on(
    archived: Archived, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    front = Front(pywb=archived.pywb, always={"/web/": "drop"})
    with fronted(front):
        result = luutru(*archived.command(db, _through(front)))
        assert result.returncode == 1
        assert "the web archive does not answer" in result.stdout
        front.always.clear()
        result = luutru(*archived.command(db, _through(front)))
    assert result.returncode == 0, result.stdout + result.stderr
    assert rows(db, "versions") == rows(archived.imported, "versions")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("khong-co", "--from", "wayback"), "khong-co"),
        (("kimson", "--from", "wayback", "--set", "WAYBACK_INDEX=nowhere"), "WAYBACK_INDEX"),
        (("kimson",), "--from"),
    ],
)
def test_wrong_use_is_told_in_one_line(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    result = luutru("rescue", *words, cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert says in result.stderr


def test_nobody_listens(tmp_path: Path) -> None:
    options = asked_at("http://127.0.0.1:9/cdx", "http://127.0.0.1:9/web")
    result = luutru("rescue", "kimson", "--from", "wayback", *options, cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "questions to the index are not answered" in result.stdout
