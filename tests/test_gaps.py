"""The map of gaps: what is kept, what is elsewhere, what is nowhere, and what to do about it."""

import json
import shutil
import sqlite3
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from browse.remembered import remembered
from tests.listening import free_port
from tests.site import serving
from tests.test_cli import luutru
from tests.test_replay import PAGE, TEXT, _record

HOST = "http://thu.example"
LOST = "Khởi công cầu qua sông Vạc"
"""What page 1 calls page 4."""
LISTED = """INSERT INTO listed_captures (portal_id, source, url, key, kind, captured_at, status,
    state, priority, due_at, listed_at) VALUES (1, ?, ?, ?, 'article', ?, 200, ?, 1, '', '')"""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Page 1 is kept; 2 to 5 are listed elsewhere; what 1 links to was never asked for.

    It links to page 4, too, which is nowhere.
    """
    folder = tmp_path_factory.mktemp("gaps")
    link = f'<a href="{HOST}/tin/chua-tai.html">Bài khác</a>'
    link += f'<a href="{HOST}/tin/4.html">{LOST}</a></body>'
    page = PAGE.format(n=1, text=TEXT).replace("</body>", link)
    (folder / "a.warc").write_bytes(_record(f"{HOST}/tin/1.html", page.encode()))
    assert luutru("import", "a.warc", cwd=folder).returncode == 0
    with closing(sqlite3.connect(folder / "archive.db")) as archive:
        for number, source, state in (
            (1, "wayback", "waiting"),
            (2, "wayback", "waiting"),
            (3, "commoncrawl", "waiting"),
            (4, "wayback", "failed"),
            (5, "wayback", "waiting"),
            (5, "commoncrawl", "waiting"),
            (5, "commoncrawl", "refused"),
        ):
            key = f"thu.example/tin/{number}.html"
            at = f"201{8 if state == 'refused' else 9}-0{number}-01T00:00:00Z"
            archive.execute(LISTED, (source, f"http://{key}", key, at, state))
        # The portal has said since that it is not there any more.
        archive.execute(
            "UPDATE urls SET state = 'gone', reason = 'HTTP 404' WHERE url LIKE '%/4.html'"
        )
        archive.commit()
    return folder / "archive.db"


def test_every_listed_page_has_a_place(db: Path) -> None:
    with closing(sqlite3.connect(db)) as archive:
        found = archive.execute(
            "SELECT url, place, month FROM gap_map WHERE url LIKE '%/tin/%'"
        ).fetchall()
        assert len(found) == 6
        places = {url.rsplit("/", 1)[1]: (place, month) for url, place, month in found}
    assert places.pop("chua-tai.html")[0] == "portal"
    assert places == {
        "1.html": ("kept", "2024-07"),
        "2.html": ("wayback", "2019-02"),
        "3.html": ("commoncrawl", "2019-03"),
        "4.html": ("nowhere", "2019-04"),
        "5.html": ("wayback", "2019-05"),
    }


def test_a_page_is_called_by_its_title_or_by_what_others_call_it(db: Path) -> None:
    with closing(sqlite3.connect(db)) as archive:
        found = dict(archive.execute("SELECT substr(url, -6, 1), title FROM gap_map").fetchall())
    assert (found["1"], found["4"], found["2"]) == ("Bài số 1", LOST, None)


def test_a_replay_names_what_an_older_archive_has_lost(db: Path, tmp_path: Path) -> None:
    shutil.copytree(db.parent, tmp_path / "older")
    path = tmp_path / "older" / "archive.db"
    with closing(sqlite3.connect(path)) as archive:
        archive.execute("UPDATE urls SET linked_as = NULL")
        archive.execute("UPDATE urls SET last_fetched_at = found_at WHERE state = 'gone'")
        archive.commit()
        assert luutru("replay", str(path), cwd=path.parent).returncode == 0
        found = archive.execute("SELECT title FROM gap_map WHERE url LIKE '%/4.html'").fetchone()
    assert found == (LOST,)


def test_showing_a_page_that_is_gone_tells_what_is_known_of_it(db: Path) -> None:
    told = luutru("show", f"{HOST}/tin/4.html", "--db", str(db))
    assert told.returncode == 2
    line = told.stderr.replace("\n", " ")
    assert f"{HOST}/tin/1.html links to it as “{LOST}”" in line
    told = luutru("show", f"{HOST}/tin/chua-tai.html", "--db", str(db))
    assert "not asked for so far" in told.stderr


def test_the_first_rows_do_not_wait_for_the_last(db: Path) -> None:
    with closing(sqlite3.connect(db)) as archive:
        plan = archive.execute("EXPLAIN QUERY PLAN SELECT * FROM gap_map LIMIT 101").fetchall()
    steps = [step for *_, step in plan]
    assert not [step for step in steps if "MATERIALIZE" in step or "TEMP B-TREE" in step]


def test_the_plan_begins_with_what_only_the_portal_has(db: Path) -> None:
    result = luutru("rescue", "--plan", "--db", str(db), "--json")
    assert result.returncode == 1, result.stderr
    plan = json.loads(result.stdout)
    steps = [step["command"].split(" ", 2) for step in plan["steps"]]
    assert [step[1] for step in steps] == ["crawl", "rescue", "rescue"]
    assert plan["steps"][0]["urls"][0] == f"{HOST}/tin/chua-tai.html"
    assert plan["steps"][1]["urls"] == [f"{HOST}/tin/2.html", f"{HOST}/tin/5.html"]
    assert plan["steps"][2]["urls"] == [f"{HOST}/tin/3.html"]
    assert [(page["url"], page["title"]) for page in plan["lost"]] == [(f"{HOST}/tin/4.html", LOST)]
    told = luutru("rescue", "--plan", "--db", str(db))
    # It has no profile, so no command knows it by its short name.
    assert f"1. luutru crawl {HOST}/: " in told.stdout
    named = f"2. luutru rescue {HOST}/ --from wayback: 2 pages, 2 of them articles"
    assert named in told.stdout


def test_the_plan_for_a_portal_that_is_off_begins_with_the_web_archives(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}/"
    assert luutru("crawl", address, "--delay", "0", cwd=tmp_path).returncode == 3
    told = luutru("rescue", address, "--plan", "--json", cwd=tmp_path)
    assert told.returncode == 1, told.stderr
    steps = json.loads(told.stdout)["steps"]
    assert [(step["place"], step["urls"]) for step in steps] == [
        ("wayback", []),
        ("commoncrawl", []),
        ("portal", [address]),
    ]
    silent_since = date.fromisoformat(steps[2]["silent_since"])
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive:
        archive.execute(
            """INSERT INTO index_queries (portal_id, source, address, state, due_at)
               VALUES (1, 'wayback', 'a', 'done', ''), (1, 'commoncrawl', 'a', 'done', ''),
                   (1, 'commoncrawl', 'b', 'failed', '')"""
        )
        archive.commit()
    told = luutru("rescue", "--plan", cwd=tmp_path)
    assert told.stdout.splitlines() == [
        f"1. luutru rescue {address} --from commoncrawl: not asked to the end what it lists",
        f"2. luutru crawl {address}: 1 pages, 0 of them articles "
        f"(it did not answer on {silent_since})",
        f"   {address}",
    ]


def test_the_page_of_gaps_counts_them(db: Path) -> None:
    with serving(db) as site, urllib.request.urlopen(site.at("gaps")) as answer:
        page = answer.read().decode()
    assert f"{HOST}/tin/4.html" in page
    assert LOST in page
    assert "<svg" in page
    assert "in Common Crawl" in page


def test_what_is_counted_is_counted_once_for_each_state_of_the_archive(tmp_path: Path) -> None:
    """Each visitor of the page took 4 s of a processor, with 500,000 addresses."""
    asked: list[str] = []
    with (
        closing(sqlite3.connect(tmp_path / "a.db")) as db,
        closing(sqlite3.connect(tmp_path / "a.db")) as writer,
    ):
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("CREATE TABLE t (a)")
        db.set_trace_callback(asked.append)

        def count() -> int:
            return int(db.execute("SELECT count(*) FROM t").fetchone()[0])

        assert [remembered(db, "rows", count) for _ in range(3)] == [0, 0, 0]
        assert sum("count" in sql for sql in asked) == 1
        # What took no time is not held longer than that.
        with writer:
            writer.execute("INSERT INTO t VALUES (1)")
        time.sleep(1)
        assert [remembered(db, name, count) for name in ("rows", "rows", "other")] == [1, 1, 1]
        assert sum("count" in sql for sql in asked) == 3


def test_the_table_of_gaps_is_not_counted_for_suggestions(db: Path) -> None:
    """Datasette answers 400 where that takes too long."""
    with serving(db) as site:
        for address in (".json", ".json?kind=article"):
            with urllib.request.urlopen(f"{site.origin}/archive/gap_map{address}") as answer:
                assert json.load(answer)["suggested_facets"] == []


def test_the_page_of_gaps_says_how_many_it_does_not_name(db: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.db"
    shutil.copy(db, path)
    with closing(sqlite3.connect(path)) as archive:
        for number in range(1500):
            key = f"thu.example/tin/mat-{number}.html"
            values = ("wayback", f"http://{key}", key, "2018-01-01T00:00:00Z", "failed")
            archive.execute(LISTED, values)
        archive.commit()
    with serving(path) as site, urllib.request.urlopen(site.at("gaps")) as answer:
        page = answer.read().decode()
    assert "1–200 of 1,501" in page
    assert '<td class="number">1,500</td>' in page


class _Saver(BaseHTTPRequestHandler):
    """Save Page Now: takes what it is asked for, until it has had enough."""

    asked: ClassVar[list[str]] = []
    most = 100
    says: ClassVar[list[bytes]] = []
    """Its answers with status 200, one after the other, the last one for good; none leads on to the
    capture at once, as it does without."""

    def do_GET(self) -> None:
        if self.path.startswith("/web/"):
            self._answer(200, b"<html>")
            return
        self.asked.append(self.path)
        if len(self.asked) > self.most:
            self._answer(429)
        elif self.says:
            self._answer(200, self.says.pop(0) if len(self.says) > 1 else self.says[0])
        else:
            self._answer(302)

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/web/20261128000000/" + self.path.split("/", 2)[2])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        pass


@contextmanager
def _saving(most: int, *says: bytes) -> Iterator[tuple[str, list[str]]]:
    handler = type("Saver", (_Saver,), {"asked": [], "most": most, "says": list(says)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/save", handler.asked  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


def _save(db: Path, address: str) -> Any:
    words = ["--set", f"WAYBACK_SAVE={address}", "--set", "SAVE_DELAY=0", "--db", str(db), "--json"]
    return luutru("rescue", "thu-example", "--save-page-now", *words)


def test_pages_are_saved_only_if_asked_for_and_noted(db: Path) -> None:
    with _saving(100) as (address, asked):
        result = _save(db, address)
    assert result.returncode == 0, result.stdout + result.stderr
    kept = json.loads(result.stdout)["kept"]
    assert f"{HOST}/tin/chua-tai.html" in kept
    assert f"{HOST}/tin/1.html" not in kept
    assert asked == [f"/save/{url}" for url in kept]
    with closing(sqlite3.connect(db)) as archive:
        query = "SELECT object FROM events WHERE event_type = 'replication'"
        assert [row[0] for row in archive.execute(query)] == kept


def test_saving_stops_when_the_service_has_had_enough(db: Path) -> None:
    with _saving(0) as (address, asked):
        result = _save(db, address)
    assert result.returncode == 1, result.stdout + result.stderr
    assert len(asked) == 1
    assert json.loads(result.stdout)["stopped"].startswith("HTTP 429")


_JOB = b'<script>spn.watchJob("spn2-0a1b2c", "/_static/")</script>'
_LIMIT = b'{"status": "error", "status_ext": "error:user-session-limit", "message": "Too many."}'


@pytest.mark.parametrize(
    ("says", "is_kept", "why"),
    [
        ([_JOB, b'{"status": "pending"}', b'{"status": "success"}'], True, ""),
        (
            [_JOB, b'{"status": "error", "status_ext": "error:no-access", "message": "403."}'],
            False,
            "error:no-access: 403.",
        ),
        ([b"<html>Sorry</html>"], False, "the answer does not say that the page is kept"),
        ([_LIMIT], False, "error:user-session-limit: Too many."),
    ],
)
def test_a_page_is_kept_when_the_service_says_so(
    db: Path, says: list[bytes], is_kept: bool, why: str
) -> None:
    with _saving(100, *says) as (address, asked):
        words = ["--set", f"WAYBACK_SAVE={address}", "--set", "SAVE_DELAY=0", "--limit", "1"]
        result = luutru(
            "rescue", "thu-example", "--save-page-now", *words, "--db", str(db), "--json"
        )
    assert result.returncode == (0 if is_kept else 1), result.stdout + result.stderr
    told = json.loads(result.stdout)
    assert len(told["kept"]) == is_kept
    assert list(told["refused"].values()) == ([] if is_kept else [why])
    assert bool(told["stopped"]) == ("limit" in why)
    assert [path for path in asked if "/status/" in path] == ["/save/status/spn2-0a1b2c"] * (
        len(says) - 1
    )
