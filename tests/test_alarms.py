"""Alarms: each kind is caused for real, arrives once, and again only when it has returned."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from datetime import time as hour
from email.message import Message
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

import practice
from crawler.afterwards import is_due_again
from crawler.alarms.kinds import ALARMS, KINDS
from crawler.alarms.telling import is_due, tell
from crawler.archive.connection import open_archive
from crawler.locking import Lock
from crawler.schedules.config import Config
from crawler.schedules.reading import load
from crawler.words import vietnamese
from tests.conftest import Archive
from tests.receivers import Hook
from tests.small_portal import Answer, SmallPortal, small_portal
from tests.test_cli import AT_ONCE, luutru

IMPATIENT = ("RETRY_TIMES=0", "PAUSES_AT_START=0,0", "PAUSES=0,0,0")
FAST = (*AT_ONCE, "--concurrency", "8", "--full", *(w for s in IMPATIENT for w in ("--set", s)))


class Keeper:
    """An archive with its `luutru.toml`, whose keeper is told by a webhook."""

    def __init__(self, folder: Path, hook: Hook) -> None:
        self.folder = folder
        self.hook = hook
        self.db = folder / "archive.db"
        self.configure()

    def configure(self, top: str = "", urgent: tuple[str, ...] = ALARMS, more: str = "") -> None:
        (self.folder / "luutru.toml").write_text(
            f'archive = "archive.db"\nlanguage = "en"\n{top}\n'
            '[portals.practice]\nschedule = "daily 02:00"\n'
            f'[notify.desk]\nkind = "webhook"\nurl = "{self.hook.url}"\n'
            f"urgent = {json.dumps(urgent)}\n{more}",
            "utf-8",
        )

    def crawl(self, url: str, *words: str) -> CompletedProcess[str]:
        result = luutru("crawl", url, "--config", "luutru.toml", *FAST, *words, cwd=self.folder)
        assert "Traceback" not in result.stderr, result.stderr
        return result

    def luutru(self, *words: str) -> CompletedProcess[str]:
        return luutru(*words, cwd=self.folder)

    def told(self) -> list[dict[str, Any]]:
        """The alarms that have come since the last call."""
        got = [alarm for _, body in self.hook.got for alarm in body["alarms"]]
        self.hook.got.clear()
        return got

    def kinds(self) -> list[str]:
        return sorted({alarm["kind"] for alarm in self.told()})

    def write(self, sql: str, *values: object) -> None:
        with closing(open_archive(self.db)) as db:
            db.execute(sql, values)


@pytest.fixture
def keeper(tmp_path: Path, hook: Hook) -> Keeper:
    return Keeper(tmp_path, hook)


@pytest.fixture
def portal() -> Iterator[SmallPortal]:
    with small_portal() as made:
        made.home("/tin-1.html")
        made.article("/tin-1.html")
        yield made


def _complete(alarms: list[dict[str, Any]]) -> None:
    """What happened, since when, how sure and what to do are said of each."""
    for alarm in alarms:
        texts = [alarm[name] for name in ("what", "how_sure", "what_to_do")]
        assert all(texts), alarm
        assert not any("{" in text or "None" in text for text in texts), alarm
        datetime.fromisoformat(alarm["since"])


def test_a_week_of_the_practice_portal(keeper: Keeper) -> None:
    with practice.running(articles=60, port=0) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        assert keeper.crawl(url).returncode == 0
        first = keeper.told()
        keeper.crawl(url)
        assert keeper.told() == []
    with practice.running(articles=60, day=7, port=port) as url:
        truth = keeper.crawl(url)
        second = keeper.told()
        keeper.crawl(url)
        assert keeper.told() == []
    assert truth.returncode == 0
    assert {alarm["kind"] for alarm in first} == {"planted"}
    assert {"vanished", "edited"} <= {alarm["kind"] for alarm in second}
    _complete(first + second)
    with closing(sqlite3.connect(keeper.db)) as db:
        hosts = {row[0].split("/")[2].split(":")[0] for row in
                 db.execute("SELECT href FROM suspect_links")}  # fmt: skip
        absent = db.execute("SELECT url FROM articles WHERE absent_since IS NOT NULL").fetchall()
        edited = db.execute("SELECT articles_changed FROM runs WHERE id = 3").fetchone()[0]
    planted = [a["topic"] for a in first + second if a["kind"] == "planted"]
    assert sorted(planted) == sorted(hosts)
    assert [a["topic"] for a in second if a["kind"] == "vanished"] == [url for (url,) in absent]
    assert len([a for a in second if a["kind"] == "edited"]) == edited > 0
    told = [(alarm["kind"], alarm["topic"]) for alarm in first + second]
    assert len(told) == len(set(told))


def test_another_make_up_is_drift(keeper: Keeper) -> None:
    with practice.running(articles=60, layout="kimson", port=0) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        keeper.crawl(url)
        assert "drift" not in keeper.kinds()
    with practice.running(articles=60, layout="nukeviet", port=port) as url:
        keeper.crawl(url)
        drift = [alarm for alarm in keeper.told() if alarm["kind"] == "drift"]
        keeper.crawl(url)
        assert "drift" not in keeper.kinds()
    assert "known articles" in [alarm["topic"] for alarm in drift]
    _complete(drift)


def test_a_failed_run_is_told_once_and_again_when_it_returns(keeper: Keeper) -> None:
    with practice.running(articles=5, port=0) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        keeper.crawl(url)
        keeper.told()
    assert keeper.crawl(url).returncode == 3
    (failed,) = keeper.told()
    assert (failed["kind"], failed["urgent"]) == ("failed", True)
    _complete([failed])
    keeper.crawl(url)
    assert keeper.told() == []
    with practice.running(articles=5, port=port) as url:
        keeper.crawl(url)
        assert keeper.told() == []
        assert "failed" not in keeper.luutru("alarms").stdout
    keeper.crawl(url)
    assert keeper.kinds() == ["failed"]


def test_an_incomplete_run(keeper: Keeper, portal: SmallPortal) -> None:
    portal.home("/tin-1.html", "/tin-2.html")
    portal.pages["/tin-2.html"] = Answer(b"x", 500)
    assert keeper.crawl(portal.url).returncode == 1
    (alarm,) = keeper.told()
    assert (alarm["kind"], alarm["topic"]) == ("incomplete", "failed")
    assert "HTTP 500" in alarm["line"]
    portal.home("/tin-1.html", "/tin-2.html", "/tin-3.html")
    portal.pages["/tin-3.html"] = Answer(b"x", 500)
    keeper.crawl(portal.url)
    assert keeper.told() == [], "more of the same is a known state"
    _complete([alarm])


def test_a_home_page_that_is_another_s(keeper: Keeper, portal: SmallPortal) -> None:
    keeper.crawl(portal.url)
    assert keeper.told() == []
    title = "<title>Nhà cái uy tín số 1</title>"
    portal.pages["/"] = Answer(f"<html>{title}<h1>Tài xỉu</h1></html>".encode())
    keeper.crawl(portal.url)
    assert [a["kind"] for a in keeper.told() if a["urgent"]] == ["taken_over"]
    keeper.crawl(portal.url)
    assert keeper.told() == []


def test_an_article_that_is_missing(keeper: Keeper, portal: SmallPortal) -> None:
    patience = ("--set", "MISSING_AFTER_RUNS=2", "--set", "MISSING_AFTER_DAYS=0")
    keeper.crawl(portal.url, *patience)
    del portal.pages["/tin-1.html"]
    told = []
    for _ in range(4):
        keeper.crawl(portal.url, *patience)
        told.append([alarm["kind"] for alarm in keeper.told() if alarm["kind"] != "incomplete"])
    assert told == [["vanished"], ["missing"], [], []]
    portal.article("/tin-1.html")
    keeper.crawl(portal.url, *patience)
    assert keeper.luutru("alarms").returncode == 0


def test_flipped_bits_are_told_until_they_are_repaired(
    keeper: Keeper, portal: SmallPortal, tmp_path: Path
) -> None:
    keeper.configure(more='[after]\nverify = "100%"\n')
    keeper.crawl(portal.url)
    assert keeper.told() == []
    (warc,) = (tmp_path / "archive.warcs").glob("*.warc.gz")
    whole = warc.read_bytes()
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / warc.name).write_bytes(whole)
    warc.write_bytes(whole[:700] + bytes([whole[700] ^ 8]) + whole[701:])
    assert keeper.crawl(portal.url).returncode == 0
    (alarm,) = keeper.told()
    assert (alarm["kind"], alarm["topic"]) == ("fixity", warc.name)
    _complete([alarm])
    keeper.crawl(portal.url)
    assert keeper.told() == []
    keeper.luutru("verify", "--repair-from", "second")
    keeper.crawl(portal.url)
    assert keeper.told() == []
    assert "fixity" not in [row["kind"] for row in _standing(keeper)]


def test_a_large_archive_is_not_checked_after_each_run_of_a_night(
    keeper: Keeper, portal: SmallPortal, tmp_path: Path
) -> None:
    keeper.crawl(portal.url)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db, db:
        db.execute("CREATE TABLE padding AS SELECT zeroblob(257 << 20)")
    keeper.crawl(portal.url)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        checks = "SELECT count(*) FROM events WHERE event_type = 'fixity check'"
        assert db.execute(checks).fetchone() == (1,)


def test_a_large_database_is_not_copied_after_each_run_of_a_night_but_its_warc_files_are(
    keeper: Keeper, portal: SmallPortal, tmp_path: Path
) -> None:
    place = tmp_path / "second"
    keeper.configure(more=f'[[copies]]\nto = "{place}"\n')
    keeper.crawl(portal.url)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db, db:
        db.execute("CREATE TABLE padding AS SELECT zeroblob(257 << 20)")
    before = (place / "archive.db").read_bytes()
    portal.article("/tin-1.html")
    keeper.crawl(portal.url)
    assert (place / "archive.db").read_bytes() == before
    warcs = sorted(path.name for path in (tmp_path / "archive.warcs").glob("*.warc.gz"))
    assert len(warcs) == 2
    assert sorted(path.name for path in (place / "archive.warcs").glob("*.gz")) == warcs
    summed = ["sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt"]
    assert subprocess.run(summed, cwd=place, check=False).returncode == 0
    (place / "archive.db").unlink()
    keeper.crawl(portal.url)
    assert (place / "archive.db").stat().st_size > 257 << 20
    assert keeper.kinds() == ["copies"]


def test_a_check_is_due_again_after_a_day_and_when_the_clock_went_back() -> None:
    now, large = datetime(2026, 11, 28, tzinfo=UTC), 300 << 20
    assert is_due_again(large, None, now)
    assert not is_due_again(large, now - timedelta(hours=19), now)
    assert is_due_again(large, now - timedelta(hours=21), now)
    assert is_due_again(large, now + timedelta(days=900), now)
    assert is_due_again(1 << 20, now, now)


def test_what_a_check_by_hand_finds_stands_at_once(
    keeper: Keeper, portal: SmallPortal, tmp_path: Path
) -> None:
    """`luutru alarms` said that all was well until a scheduled run had judged the archive."""
    keeper.crawl(portal.url)
    (warc,) = (tmp_path / "archive.warcs").glob("*.warc.gz")
    whole = warc.read_bytes()
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / warc.name).write_bytes(whole)
    warc.write_bytes(whole[:700] + bytes([whole[700] ^ 8]) + whole[701:])
    assert keeper.luutru("verify").returncode == 1
    (alarm,) = _standing(keeper)
    assert (alarm["kind"], alarm["topic"], alarm["portal"]) == ("fixity", warc.name, None)
    told = keeper.luutru("alarms")
    assert (told.returncode, "--repair-from" in told.stdout) == (1, True)
    status = keeper.luutru("status")
    assert (status.returncode, "1 alarms stand" in status.stdout) == (1, True)
    keeper.luutru("verify", "--repair-from", "second")
    assert keeper.luutru("alarms").returncode == 0
    assert keeper.luutru("status").returncode == 0


def test_what_a_crawl_by_hand_leaves_stands_at_once(tmp_path: Path) -> None:
    """Without a file there is no judge: it said that all was well behind a crawl that failed."""
    with small_portal() as portal:
        portal.article("/tin-1.html")
        portal.home("/tin-1.html")
        crawl = ("crawl", portal.url, "--delay", "0")
        assert luutru(*crawl, cwd=tmp_path).returncode == 0
        assert luutru("alarms", cwd=tmp_path).returncode == 0
        portal.pages["/tin-1.html"] = Answer(b"x", 500)
        again = (*crawl, "--full", "--set", "RETRY_TIMES=0")
        assert luutru(*again, cwd=tmp_path).returncode == 1
        told = luutru("alarms", cwd=tmp_path)
        assert (told.returncode, "HTTP 500" in told.stdout) == (1, True)
        portal.article("/tin-1.html")
        assert luutru(*again, cwd=tmp_path).returncode == 0
    assert luutru("alarms", cwd=tmp_path).returncode == 0


def _standing(keeper: Keeper) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(keeper.luutru("alarms", "--json").stdout)
    return rows


def test_a_copy_that_was_damaged_is_told_once(
    keeper: Keeper, portal: SmallPortal, tmp_path: Path
) -> None:
    keeper.configure(
        top='metrics = "luutru.prom"',
        more='[after]\nverify = "100%"\n[[copies]]\nname = "second"\nto = "second"\n',
    )
    assert keeper.crawl(portal.url).returncode == 0
    assert keeper.told() == []
    assert "luutru_portal_articles" in (tmp_path / "luutru.prom").read_text("utf-8")
    copied = next((tmp_path / "second" / "archive.warcs").glob("*.warc.gz"))
    whole = copied.read_bytes()
    copied.write_bytes(whole[:700] + bytes([whole[700] ^ 8]) + whole[701:])
    assert keeper.crawl(portal.url).returncode == 0
    (alarm,) = keeper.told()
    assert (alarm["kind"], alarm["topic"]) == ("copies", f"second: archive.warcs/{copied.name}")
    _complete([alarm])
    assert copied.read_bytes() == whole
    keeper.crawl(portal.url)
    assert keeper.told() == []
    assert _standing(keeper) == []


def test_a_disk_that_is_nearly_full(keeper: Keeper, portal: SmallPortal) -> None:
    keeper.configure(more='[limits]\ndisk = "900000 TB"\n')
    keeper.crawl(portal.url)
    (alarm,) = keeper.told()
    assert alarm["kind"] == "disk"
    assert " are left" in alarm["line"]
    assert keeper.luutru("alarms", "--tell").returncode == 0
    assert keeper.told() == []
    keeper.configure()
    keeper.luutru("alarms", "--tell")
    assert _standing(keeper) == []


def test_a_portal_that_nothing_is_heard_of(keeper: Keeper, portal: SmallPortal) -> None:
    own = f'[portals."own"]\nurl = "{portal.url}"\nschedule = "daily 02:00"\n'
    keeper.configure(more=own)
    keeper.crawl(portal.url)
    keeper.luutru("alarms", "--tell")
    assert keeper.told() == []
    then = f"{datetime.now(UTC) - timedelta(days=4.5):%Y-%m-%dT%H:%M:%SZ}"
    keeper.write("UPDATE runs SET started_at = ?, finished_at = ?", then, then)
    assert "1 alarms told" in keeper.luutru("alarms", "--tell").stdout
    (alarm,) = keeper.told()
    assert (alarm["kind"], alarm["since"]) == ("silent", then)
    _complete([alarm])
    keeper.luutru("alarms", "--tell")
    assert keeper.told() == []
    keeper.crawl(portal.url)
    assert _standing(keeper) == []


def test_a_crawl_that_could_not_run(keeper: Keeper, portal: SmallPortal, tmp_path: Path) -> None:
    keeper.crawl(portal.url)
    slug = portal.url.split("/")[2].replace(".", "-").replace(":", "-")
    lock = Lock(tmp_path / "archive.warcs", slug)
    for expected in (["broken"], []):
        assert keeper.crawl(portal.url).returncode == 3
        assert keeper.kinds() == expected
    lock.release()
    keeper.crawl(portal.url)
    assert _standing(keeper) == []


def test_what_could_not_be_done_after_a_crawl(
    keeper: Keeper, portal: SmallPortal, tmp_path: Path
) -> None:
    keeper.configure(more='[after]\nreports = "luutru.toml"\n')
    result = keeper.crawl(portal.url)
    assert result.returncode == 0
    (alarm,) = keeper.told()
    assert (alarm["kind"], alarm["topic"]) == ("after", "report")
    assert "report: " in result.stderr
    keeper.configure(more='[after]\nreports = "reports"\n')
    keeper.crawl(portal.url)
    assert _standing(keeper) == []
    (report,) = (tmp_path / "reports").glob("*.html")
    assert "<!DOCTYPE html>" in report.read_text("utf-8")


def test_a_message_that_does_not_arrive_waits_and_harms_nothing(
    keeper: Keeper, portal: SmallPortal
) -> None:
    keeper.configure(more='[limits]\ndisk = "900000 TB"\n')
    keeper.hook.answer = 500
    result = keeper.crawl(portal.url)
    assert result.returncode == 0
    assert "notify desk: 127.0.0.1: HTTP 500" in result.stderr
    assert keeper.hook.asked == ["/hook"] * 2
    assert "desk could not be told of 1: 127.0.0.1: HTTP 500" in keeper.luutru("alarms").stdout
    keeper.hook.answer = 200
    keeper.luutru("alarms", "--tell")
    assert keeper.kinds() == ["disk"]
    assert "could not be told" not in keeper.luutru("alarms").stdout


def test_mail_says_it_in_the_readers_language(
    keeper: Keeper, portal: SmallPortal, mails: list[Message]
) -> None:
    server = os.environ["LUUTRU_SMTP"]
    reader = f'kind = "email"\nserver = "{server}"\nto = ["a@example.org", "b@example.org"]\n'
    keeper.configure(more=f'[limits]\ndisk = "900000 TB"\n[notify.mail]\n{reader}language = "vi"\n')
    keeper.crawl(portal.url)
    keeper.crawl(portal.url)
    (mail,) = mails
    assert mail["To"] == "a@example.org, b@example.org"
    text = mail.get_payload(decode=True).decode()
    kind = KINDS["disk"]
    for said in (kind.what, kind.sure, kind.todo):
        assert vietnamese()[said] in text
    for name in ("Since", "How sure", "What to do"):
        assert vietnamese()[name] in text


def test_an_outside_monitor_hears_of_good_runs_and_bad_ones(
    keeper: Keeper, portal: SmallPortal
) -> None:
    monitor = f"{keeper.hook.url}/id"
    keeper.configure(more=f'[heartbeat]\nurl = "{monitor}"\n')
    keeper.crawl(portal.url)
    assert keeper.hook.pinged == ["/hook/id"]
    keeper.luutru("alarms", "--tell")
    assert keeper.hook.pinged == ["/hook/id"] * 2
    portal.pages.clear()
    keeper.crawl("http://127.0.0.1:9/")
    keeper.luutru("alarms", "--tell")
    assert keeper.hook.pinged[2:] == ["/hook/id/fail"] * 2


def test_a_daemon_tells_between_crawls(keeper: Keeper, archive: Archive) -> None:
    more = f'[heartbeat]\nurl = "{keeper.hook.url}"\nevery = "1s"\n'
    keeper.configure(more=more + '[limits]\ndisk = "900000 TB"\n')
    command = [str(Path(sys.executable).with_name("luutru")), "schedule", "run"]
    with subprocess.Popen(command, cwd=keeper.folder) as daemon:
        while len(keeper.hook.pinged) < 3 and daemon.poll() is None:
            time.sleep(0.1)
        daemon.terminate()
    assert daemon.returncode == 0
    assert set(keeper.hook.pinged) == {"/hook/fail"}
    assert [alarm["kind"] for alarm in keeper.told()] == ["disk"]


# Digests.


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-03-01T01:00:00+07:00", True),
        ("2026-03-01T01:00:00+07:00", "2026-03-01T06:59:00+07:00", False),
        ("2026-03-01T01:00:00+07:00", "2026-03-01T07:00:00+07:00", True),
        ("2026-03-01T07:00:00+07:00", "2026-03-02T06:59:00+07:00", False),
        ("2026-03-01T07:00:00+07:00", "2026-03-02T00:00:00Z", True),
    ],
)
def test_a_digest_goes_out_once_a_day(last: str | None, now: str, due: bool) -> None:
    config = Config(Path("/luutru.toml"), Path("/archive.db"), digest=hour(7))
    before = datetime.fromisoformat(last) if last else None
    assert is_due(before, datetime.fromisoformat(now), config) is due


def test_what_is_not_urgent_waits_for_the_next_digest(
    keeper: Keeper, portal: SmallPortal, tmp_path: Path
) -> None:
    keeper.configure(urgent=("disk",))
    portal.home("/tin-1.html", "/tin-2.html")
    portal.article("/tin-2.html", "Họp")
    keeper.crawl(portal.url)
    portal.pages["/tin-2.html"] = Answer(b"x", 500)
    keeper.crawl(portal.url)
    assert keeper.kinds() == ["incomplete"]
    del portal.pages["/tin-1.html"]
    keeper.configure(urgent=("disk",), more='[limits]\ndisk = "900000 TB"\n')
    keeper.crawl(portal.url)
    assert keeper.kinds() == ["disk"]
    config, tomorrow = load(tmp_path / "luutru.toml"), datetime.now(UTC) + timedelta(days=1)
    with closing(open_archive(keeper.db)) as db:
        for _ in range(2):
            tell(db, config, tomorrow)
    assert keeper.kinds() == ["vanished"]


def test_a_target_hears_of_what_it_asked_for_only(keeper: Keeper, portal: SmallPortal) -> None:
    keeper.configure(more='alarms = ["failed"]\n[limits]\ndisk = "900000 TB"\n')
    keeper.crawl(portal.url)
    assert keeper.told() == []


def test_every_kind_is_said_in_vietnamese_with_the_same_names() -> None:
    for kind in KINDS.values():
        for said in (kind.what, kind.sure, kind.todo):
            assert said in vietnamese(), said
