"""A crawl of the hostile portal as an operator starts it, and everything that it must not do."""

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from benchmarks import peaks
from crawler.reporting.causes import cause
from crawler.words import speaking
from practice import hostile

SEED = int(os.environ.get("HOSTILE_SEED", "1"))
METADATA = "169.254.169.254"
WITHOUT = tuple(filter(None, os.environ.get("HOSTILE_WITHOUT", "").split(",")))
LONGEST_SECONDS = 300
MOST_MEGABYTES = 500
# A crawl of a real portal waits longer; nothing else differs from what an operator gets.
IMPATIENT = {
    "DOWNLOAD_TIMEOUT": 1.5,
    "RETRY_TIMES": 1,
    "RETRY_DELAY": 0.2,
    "PAUSES": [1, 1, 1],
    "PAUSES_AT_START": [1, 1],
    "BACK_OFF": 0.5,
}
CRAWL = """
import json, sys
from pathlib import Path
from crawler.commands.crawl import report
from crawler.crawling import Target, crawl_all
url, db, settings = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
sys.exit(report(db, crawl_all([Target.named(url)], db, delay=0, overrides=settings).runs))
"""
KINDS = sorted(hostile.FAULTS.keys() - set(WITHOUT))
READABLE = [
    kind
    for kind in KINDS
    if hostile.FAULTS[kind].article == "must" or hostile.FAULTS[kind].neighbours
]


class Crawled:
    """One crawl of the hostile portal: what the archive says, and what the portal saw."""

    def __init__(self, folder: Path) -> None:
        self.db = folder / "archive.db"
        with hostile.running(seed=SEED, without=WITHOUT) as url, _metadata() as self.metadata:
            self.url = url
            self._crawl(folder)
            self.truth = _json(f"{url}_truth.json")
            self.log = _json(f"{url}_log.json")
        self.faults = {fault["kind"]: fault for fault in self.truth["faults"]}
        self.requests = [each for each in self.log["requests"] if each["method"]]
        self.urls = self._rows("SELECT * FROM urls")
        self.articles = self._rows("SELECT * FROM articles")
        self.run = self._rows("SELECT * FROM runs")[-1]
        self.problems: dict[int, list[str]] = {}
        for row in self._rows("SELECT url_id, reason FROM problems WHERE url_id IS NOT NULL"):
            self.problems.setdefault(row["url_id"], []).append(row["reason"])

    def _crawl(self, folder: Path) -> None:
        words = [sys.executable, "-c", CRAWL, self.url, str(self.db), json.dumps(IMPATIENT)]
        out, err = folder / "out", folder / "err"
        # A crawl that does not end tells where it was.
        environment = {**os.environ, "LUUTRU_LANG": "en", "PYTHONFAULTHANDLER": "1"}
        with out.open("w") as stdout, err.open("w") as stderr:
            self.code, self.megabytes = peaks.run(
                words, stdout=stdout, stderr=stderr, env=environment, longest=LONGEST_SECONDS
            )
        self.out, self.err = out.read_text(), err.read_text()

    def _rows(self, sql: str) -> list[sqlite3.Row]:
        with closing(sqlite3.connect(self.db)) as archive:
            archive.row_factory = sqlite3.Row
            return archive.execute(sql).fetchall()

    def known(self, pattern: str) -> list[sqlite3.Row]:
        """The URLs of the archive whose paths begin as `pattern` says, but no forbidden ones."""
        forbidden = self.truth["forbidden"]
        rows = [row for row in self.urls if re.match(pattern, _path(row["url"]))]
        return [row for row in rows if pattern == forbidden or not _matches(forbidden, row)]

    def read(self, pattern: str) -> list[sqlite3.Row]:
        """The articles of the archive whose paths begin as `pattern` says."""
        return [row for row in self.articles if re.match(pattern, _path(row["url"]))]

    def asked(self, kind: str) -> list[dict[str, Any]]:
        """The requests that a fault answered."""
        return [each for each in self.requests if each["kind"] == kind]


def _json(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return unquote(parts.path + (f"?{parts.query}" if parts.query else ""))


def _matches(pattern: str, row: sqlite3.Row) -> bool:
    return re.match(pattern, _path(row["url"])) is not None


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


@contextmanager
def _metadata() -> Iterator[list[str] | None]:
    """Listen where clouds keep their secrets; None where that can't be watched."""
    added = subprocess.run(
        ["ip", "addr", "add", f"{METADATA}/32", "dev", "lo"], capture_output=True, check=False
    )
    try:
        listener = socket.create_server((METADATA, 80))
    except OSError:
        yield None
        return
    callers: list[str] = []
    threading.Thread(target=_note, args=(listener, callers), daemon=True).start()
    try:
        yield callers
    finally:
        listener.close()
        if added.returncode == 0:
            subprocess.run(["ip", "addr", "del", f"{METADATA}/32", "dev", "lo"], check=False)


def _note(listener: socket.socket, callers: list[str]) -> None:
    while True:
        try:
            connection, peer = listener.accept()
        except OSError:
            return
        callers.append(f"{peer}: {connection.recv(200)!r}")
        connection.close()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    return Crawled(tmp_path_factory.mktemp("hostile"))


def test_there_are_faults_enough() -> None:
    assert len(hostile.FAULTS) >= 40


def test_it_ends_by_itself_and_says_that_it_is_incomplete(crawled: Crawled) -> None:
    assert crawled.code == 1, crawled.out[-2000:] + crawled.err[-2000:]
    assert crawled.run["verdict"] == "incomplete"
    assert crawled.run["verdict_reasons"]
    assert "Traceback" not in crawled.err


def test_every_reason_is_told_in_vietnamese(crawled: Crawled) -> None:
    reasons = {row["reason"] for row in crawled.urls if row["reason"]}
    reasons.update(*crawled.problems.values())
    with speaking("vi"):
        untold = {reason for reason in reasons if cause(reason) == reason}
    untold = {reason for reason in untold if not re.fullmatch(r"HTTP \d+", reason)}
    assert untold == set(), "\n".join(sorted(untold))


def test_nothing_forbidden_was_asked(crawled: Crawled) -> None:
    forbidden = re.compile(crawled.truth["forbidden"])
    targets = [each["target"] for each in crawled.requests]
    assert [target for target in targets if forbidden.match(unquote(target))] == []
    assert targets[0] == "/robots.txt"


def test_nothing_but_the_portal_was_contacted(crawled: Crawled) -> None:
    assert crawled.log["canary"] == []
    host = urlsplit(crawled.url).netloc
    assert {each["host"] for each in crawled.requests} == {host}


def test_the_metadata_address_saw_nothing(crawled: Crawled) -> None:
    if crawled.metadata is None:
        pytest.skip(f"{METADATA} can't be watched here: that takes root and a free port 80")
    assert crawled.metadata == []


def test_one_request_at_a_time(crawled: Crawled) -> None:
    inorder = sorted(crawled.requests, key=lambda each: each["began"])
    overlapping = [
        (one["target"], two["target"])
        for one, two in pairwise(inorder)
        if one["ended"] is None or two["began"] < one["ended"]
    ]
    assert overlapping == []


def test_no_cookie_was_sent(crawled: Crawled) -> None:
    assert [each["target"] for each in crawled.requests if each["cookie"] is not None] == []


def test_memory_stays_bounded(crawled: Crawled) -> None:
    assert crawled.megabytes < MOST_MEGABYTES


def test_a_server_that_asks_for_patience_gets_it(crawled: Crawled) -> None:
    for kind in ("busy-seconds", "busy-503", "busy-date"):
        first, second = (each["began"] for each in crawled.asked(kind)[:2])
        assert second - first >= 1, kind


def test_nothing_is_left_open(crawled: Crawled) -> None:
    later = crawled.faults["busy-for-a-day"]["pattern"]
    waiting = [row["url"] for row in crawled.urls if row["state"] == "waiting"]
    assert [url for url in waiting if not re.match(later, _path(url))] == []


def test_robots_txt_itself_is_archived(crawled: Crawled) -> None:
    assert [row["state"] for row in crawled.known(r"/robots\.txt$")] == ["done"]


def test_no_bad_page_became_an_article(crawled: Crawled) -> None:
    good = [each["pattern"] for each in crawled.truth["articles"]]
    may = [f["pattern"] for f in crawled.truth["faults"] if f["article"] == "may"]
    known = re.compile(
        "|".join(f"(?:{pattern.removeprefix('(?i)')})" for pattern in good + may), re.I
    )
    assert [row["url"] for row in crawled.articles if not known.match(_path(row["url"]))] == []


def test_every_article_has_one_row(crawled: Crawled) -> None:
    titles = Counter(row["title"] for row in crawled.articles)
    assert {title: n for title, n in titles.items() if n > 1} == {}


@pytest.mark.parametrize("kind", ["", *READABLE])
def test_good_articles(crawled: Crawled, kind: str) -> None:
    expected = [each for each in crawled.truth["articles"] if each["kind"] == kind]
    assert expected
    wrong = []
    for article in expected:
        rows = crawled.read(article["pattern"])
        if len(rows) != 1:
            there = [
                (row["url"], row["state"], row["reason"])
                for row in crawled.known(article["pattern"])
            ]
            wrong.append(f"{len(rows)} times {article['title']}: {there}")
            continue
        wrong += [
            f"{name}: {rows[0][name]!r} is not {article[name]!r}"
            for name in ("title", "published_on", "body")
            if _words(rows[0][name]) != _words(article[name])
        ]
    assert wrong == []


@pytest.mark.parametrize("kind", KINDS)
def test_fault(crawled: Crawled, kind: str) -> None:
    fault = crawled.faults[kind]
    rows = crawled.known(fault["pattern"])
    asked = [each["target"] for each in crawled.asked(kind)]
    assert rows, f"no row of urls; asked {len(asked)} times"
    assert len(asked) <= fault["most"], (
        f"asked {len(asked)} times, such as {asked[:3] + asked[-3:]}"
    )
    for row in rows:
        assert _ends(crawled, row, fault), (
            f"{row['url']}: {row['state']}: {row['reason']}; {crawled.problems.get(row['id'])}; "
            f"asked {len(asked)} times"
        )
    if fault["stopped"]:
        reasons = [row["reason"] or "" for row in rows if row["state"] != "done"]
        assert any(re.search(fault["stopped"], reason, re.I) for reason in reasons), (
            f"asked {len(asked)} times; {Counter(reasons)}"
        )
    if fault["article"] == "never" and not fault["inside"]:
        own = re.compile(fault["pattern"])
        there = [row["url"] for row in crawled.articles if own.match(_path(row["url"]))]
        assert kind in ("language-links", "print-views") or there == []


def _ends(crawled: Crawled, row: sqlite3.Row, fault: dict[str, Any]) -> bool:
    problems = "\n".join(crawled.problems.get(row["id"], []))
    return any(
        re.fullmatch(end["state"], row["state"])
        and re.search(end["reason"], row["reason"] or "", re.I)
        and re.search(end["problem"], problems, re.I)
        for end in fault["ends"]
    )


def _documented(page: str = "faults.md") -> dict[str, set[str]]:
    """By kind: the states that a page of docs names; a kind that stands there twice fails."""
    text = (Path(__file__).parent.parent / "docs" / page).read_text("utf-8")
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        cells = line.strip("|").split("|")
        if len(cells) != 3 or "<br>" not in cells[0]:
            continue
        for kind in re.findall(r"`([\w-]+)`", cells[0].partition("<br>")[2]):
            assert kind not in found, f"{kind} stands there twice"
            found[kind] = set(re.findall(r"`(done|gone|failed|refused|waiting)`", cells[2]))
    return found


def test_every_fault_has_its_line_in_the_docs() -> None:
    assert _documented().keys() == hostile.FAULTS.keys()
    assert _documented("faults.vi.md") == _documented()


@pytest.mark.parametrize("kind", KINDS)
def test_the_docs_tell_how_it_ends(crawled: Crawled, kind: str) -> None:
    states = {row["state"] for row in crawled.known(crawled.faults[kind]["pattern"])}
    assert states <= _documented()[kind]


def test_a_seed_moves_everything() -> None:
    with hostile.running(seed=1) as one, hostile.running(seed=2) as two:
        truths = [_json(f"{url}_truth.json") for url in (one, two, one)]
    places = [[_path(f["url"]) for f in truth["faults"] if f["url"]] for truth in truths]
    assert places[0] == places[2]
    # A few meet by chance.
    assert len(set(places[0]) & set(places[1])) <= 3


def test_the_portal_notices_whom_it_led_astray() -> None:
    with hostile.running(seed=3) as url:
        faults = {fault["kind"]: fault for fault in _json(f"{url}_truth.json")["faults"]}
        with pytest.raises(OSError, match=r"."):
            urllib.request.urlopen(faults["redirect-loopback"]["url"], timeout=5)
        assert _json(f"{url}_log.json")["canary"] == ["GET / HTTP/1.1"]
