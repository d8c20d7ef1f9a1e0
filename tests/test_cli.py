"""The command line: one clear line for wrong use, and exit codes."""

import contextlib
import json
import os
import pty
import random
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.commands.options import Day
from tests.conftest import Archive
from tests.small_portal import small_portal

AT_ONCE = ("--delay", "0", "--set", "RETRY_DELAY=0")
"""Options for a crawl that waits neither between requests nor before it tries again."""


def luutru(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    command = [str(Path(sys.executable).with_name("luutru")), *words]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


def _one_line(result: subprocess.CompletedProcess[str]) -> str:
    assert result.stderr.count("\n") == 1, result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["crawl", "kimsom"], 2, "nearest: kimson"),
        (["crawl", "vnportal"], 2, "is a CMS, not a portal"),
        (["crawl", "https://"], 2, "no address with a host"),
        (["crawl", "kimson", "--into", "x"], 2, "--into is for --cluster"),
        (["import", "text.db", "--into", "x"], 2, "--into is for --cluster"),
        (["crawl", "kimson", "--cluster", "tcp://x:1", "--db", "x.db"], 2, "neither --db nor"),
        (["crawl", "ftp://x.vn/"], 2, "no address with a host"),
        (["crawl", "http://[::1"], 2, "no address with a host"),
        (["crawl", "http://x.vn:99999/"], 2, "no address with a host"),
        (["crawl", "http://x.vn:abc/"], 2, "no address with a host"),
        (["crawl", "http://huyện thử/"], 2, "no address with a host"),
        (["crawl", f"http://{'a.' * 200}vn/"], 2, "no address with a host"),
        (["crawl", "kimson", "--deadline", "99999999h"], 2, "no length of time"),
        (["crawl", "kimson", "--delay", "inf"], 2, "no number of seconds"),
        (["crawl", "kimson", "--delay", "nan"], 2, "no number of seconds"),
        (["crawl", "kimson", "--contact", "a\r\nCookie: b"], 2, "one line"),
        (["crawl", "kimson", "--set", "CONCURRENT_REQUESTS=abc"], 2, "takes a number"),
        (["crawl", "kimson", "--set", "PAUSES=1,x"], 2, "takes a number"),
        (
            ["crawl", "kimson", "--set", "RETRY_TIME=5"],
            2,
            "(nearest: RETRY_TIMES",
        ),
        (["crawl", "kimson", "--set", "CRAWL_BUDGET=1.5"], 2, "takes a whole number"),
        (["crawl", "kimson", "--set", "ROBOTSTXT_OBEY=no"], 2, "takes True or False"),
        (["crawl", "kimson", "--set", "ITEM_PIPELINES=x"], 2, "takes an object of JSON"),
        (["crawl", "kimson", "--set", "CRAWL_MODE=x"], 2, "'x' is none of"),
        (["crawl", "kimson", "--set", "CRAWL_DEADLINE=x"], 2, "'x' is no time"),
        (["crawl", "kimson", "--set", "CRAWL_WINDOW=99"], 2, "'99' is no window"),
        (["crawl", "http://x.vn/", "--db", "no/folder/archive.db"], 3, "can't be opened"),
        (["search", "x"], 2, "there is no archive at archive.db"),
        (["search", "x", "--db", "text.db"], 2, "not an SQLite archive"),
        (["search", "x", "--from", "13/13/2020"], 2, "is no date"),
        (["status", "--db", "songs.db"], 2, "no luutru archive"),
        (["crawl", "kimson", "--turn", "5m"], 2, "does nothing without --cluster"),
        (["crawl", "kimson", "--now", "--window", "22:00-06:00"], 2, "exclude each other"),
        (["rescue", "kimson", "--plan", "--forecast"], 2, "exclude each other"),
        (["status", "--suspects", "--prometheus", "x"], 2, "exclude each other"),
        (["show", "1", "--cite", "text", "--json"], 2, "exclude each other"),
        (["serve", "--replay-port", "0"], 2, "does nothing without --replay"),
        (["extract", "empty.html", "--url", "x.vn"], 2, "x.vn is no address with a host"),
        (["import", "empty.html", "--url", "x.vn"], 2, "x.vn is no address with a host"),
        (["portals", "check", "empty.html", "--url", "x.vn"], 2, "x.vn is no address"),
        (["extract", "http://127.0.0.1:9/", "--url", "http://x.vn/"], 2, "--url is for files"),
        (["portals", "check", "http://127.0.0.1:9/", "--url", "http://x.vn/"], 2, "for files"),
        (["portals", "check", "empty.html", "--delay", "1"], 2, "--delay is for addresses"),
        (["extract", "https://[::1"], 2, "no address with a host"),
        (["extract", "none.html"], 2, "none.html is neither a file nor an address"),
        (["extract", "."], 2, "can't be read"),
        (["extract", "empty.html"], 2, "empty.html is empty"),
        (["extract", "--portal", "kimsom", "text.db"], 2, "nearest: kimson"),
        (["extract", "http://127.0.0.1:9/"], 3, "gave no page"),
        (["frob"], 2, "No such command"),
        (["search", "x", "--sort", "best"], 2, "is not one of"),
    ],
)
def test_wrong_use_is_one_line_and_an_exit_code(
    tmp_path: Path, words: list[str], code: int, says: str
) -> None:
    (tmp_path / "text.db").write_text("no database " * 50)
    (tmp_path / "empty.html").write_text(" \n")
    songs = sqlite3.connect(tmp_path / "songs.db")
    songs.execute("CREATE TABLE songs (id)")
    songs.close()
    result = luutru(*words, cwd=tmp_path)
    assert says in _one_line(result)
    assert result.returncode == code


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["show", "http://[::1/"], 2, "the archive has no article http://[::1/;"),
        (["search", "--author", "\udcff"], 2, "luutru: '\\udcff' is no UTF-8;"),
        (["status", "--prometheus", ""], 3, ". can't be written: [Errno 21] Is a directory"),
        (["export", "csv", "-o", ""], 2, "there is no folder . to write to"),
    ],
)
def test_words_that_are_no_text_or_no_name_are_said(
    archive: Archive, words: list[str], code: int, says: str
) -> None:
    result = luutru(*words, "--db", str(archive.path))
    assert says in _one_line(result)
    assert result.returncode == code


def _on_a_terminal(*words: str) -> bytes:
    """What the command writes there."""
    ours, theirs = pty.openpty()
    command = [str(Path(sys.executable).with_name("luutru")), *words]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        written = b""
        # Linux says with EIO that nobody writes any more.
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 1 << 16):
                written += piece
    os.close(ours)
    return written


@pytest.mark.parametrize("command", ["search", "show", "hide", "none"])
def test_a_strangers_text_does_not_steer_the_terminal(archive: Archive, command: str) -> None:
    # It sets the title of the window, clears the screen in two ways, and turns the line around.
    title = "Hội nghị \x1b]0;x\x07\x1b[2J\u009b2J\u202e"
    archive.keep("/1", title, f"Hội nghị đã họp. {title}")
    words = {
        "search": ("search", "hội nghị"),
        "show": ("show", "1"),
        "hide": ("hide", "1", "--why", "test"),
        "none": ("show", f"http://{title}/"),
    }[command]
    written = _on_a_terminal(*words, "--db", str(archive.path)).decode()
    assert "\N{REPLACEMENT CHARACTER}]0;x" in written
    assert not re.search(r"\x1b(?!\[[0-9;]*m)|[\x00-\x08\x80-\x9f\u202e]", written)


def test_a_locked_archive_is_said(archive: Archive) -> None:
    archive.db.execute("BEGIN IMMEDIATE")
    result = luutru("crawl", "http://127.0.0.1:9/", "--db", str(archive.path))
    assert "is locked by another program" in _one_line(result)
    assert result.returncode == 3


def test_a_portal_that_does_not_answer_has_failed(tmp_path: Path) -> None:
    result = luutru("crawl", "http://127.0.0.1:9/", *AT_ONCE, cwd=tmp_path)
    assert result.returncode == 3
    assert "failed" in result.stdout
    assert "the portal does not answer" in result.stdout


def test_search_prints_for_people_and_json(archive: Archive) -> None:
    archive.keep("/1", "Nông thôn mới", "Làm đường liên thôn.", view_count=1204)
    db = ["--db", str(archive.path)]
    people = luutru("search", "nong", "thon", *db)
    assert people.returncode == 0
    assert "Nông thôn mới" in people.stdout
    assert "1204 views" in people.stdout
    assert "1 of 1 articles" in people.stdout
    found = json.loads(luutru("search", "nong thon", "--json", *db).stdout)
    assert found["total"] == 1
    assert found["hits"][0]["title"] == "Nông thôn mới"
    nothing = luutru("search", "khong co", *db)
    assert (nothing.returncode, nothing.stderr) == (1, "")
    assert "Try fewer words, or the words without marks." in nothing.stdout
    unknown = luutru("search", "nong", "--portal", "thuu", *db)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "the archive has no portal thuu; it has: thu" in unknown.stderr


def test_show_takes_a_number_or_any_spelling_of_the_address(archive: Archive) -> None:
    archive.keep("/tin/1", "Hội nghị", "Thân bài.")
    db = ["--db", str(archive.path)]
    for wanted in ("1", "https://thu.example/tin/1/?utm_source=x"):
        shown = json.loads(luutru("show", wanted, "--json", *db).stdout)
        assert (shown["title"], len(shown["versions"])) == ("Hội nghị", 1)
        assert shown["captures"][0]["status"] == 200
    assert "Thân bài." in luutru("show", "1", *db).stdout
    missing = luutru("show", "9", *db)
    assert missing.returncode == 2
    assert "has no article 9" in _one_line(missing)


def test_status_says_the_verdict_and_the_exit_code(archive: Archive) -> None:
    archive.keep("/1", "x")
    result = luutru("status", "--db", str(archive.path))
    assert result.returncode == 1
    assert "under way, or killed" in result.stdout


@pytest.mark.parametrize("columns", ["40", "80"])
def test_no_terminal_is_so_narrow_that_something_is_cut_off(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    archive.keep("/1", "x")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", columns)
    told = luutru("status", "--db", str(archive.path)).stdout
    assert ("articles: 1\n" in told) == (columns == "40")
    assert "under way, or killed" in " ".join(told.split())
    listed = luutru("portals").stdout
    assert ("address: " in listed) == (columns == "40")
    assert "…" not in told + listed


def test_extract_explains_every_field() -> None:
    page = Path(__file__).parent / "pages/generic.html"
    plain = json.loads(luutru("extract", "--json", str(page)).stdout)
    record = json.loads(luutru("extract", "--json", "--explain", str(page)).stdout)
    candidates = record["candidates"]
    assert record["kind"] == "article"
    for field, reading in plain["readings"].items():
        first, *others = candidates[field]
        assert (first["rule"], first["raw"], first["is_read"]) == (
            reading["rule"],
            reading["raw"],
            True,
        )
        assert not any(other["is_read"] for other in others)
    # What `<title>` says is one that was not taken; a lead in a heading of its own is none.
    titles = [candidate["rule"] for candidate in candidates["title"]]
    assert titles == ["heading: h1", "title element"]
    assert len(candidates["body"]) > 1
    shown = luutru("extract", "--explain", str(page)).stdout
    assert "✓ 1560  ← label: lượt đọc: 'Lê Hoàng • 04:00 chiều" in shown


def test_extract_explains_a_page_that_is_no_article() -> None:
    page = Path(__file__).parent / "pages/listing.html"
    result = luutru("extract", "--json", "--explain", str(page))
    record = json.loads(result.stdout)
    assert (result.returncode, record["kind"]) == (1, "listing")
    assert not any(c["is_read"] for each in record["candidates"].values() for c in each)


def test_extract_tells_of_bytes_that_are_no_text_in_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "noise.html").write_bytes(random.Random(1).randbytes(3000))
    result = luutru("extract", "noise.html", "--url", "https://x.vn/a", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stdout.endswith("not an article: other\n")
    assert result.stderr == ""


def test_extract_prints_one_json_object_per_input() -> None:
    pages = Path(__file__).parent / "pages"
    result = luutru("extract", "--json", str(pages / "kimson.html"), str(pages / "login.html"))
    article, login = map(json.loads, result.stdout.splitlines())
    assert list(article) == [
        "source",
        "url",
        "title",
        "published_on",
        "published_at",
        "view_count",
        "author",
        "summary",
        "category",
        "body",
        "layout",
        "readings",
        "problems",
        "documents",
        "suspect_links",
    ]
    assert [link["href"] for link in article["suspect_links"]] == [
        "https://198.51.100.7/",
        "https://203.0.113.9/",
    ]
    assert set(article["readings"]["view_count"]) == {"raw", "rule"}
    assert login["title"] is None
    assert "not an article" in login["problems"][0]["reason"]
    assert result.returncode == 1


def test_a_closed_pipe_is_no_error(archive: Archive) -> None:
    for number in range(200):
        archive.keep(f"/{number}", f"Nông thôn {number}", "x " * 2000)
    command = (
        f"{Path(sys.executable).with_name('luutru')} search nong --limit 200 --db {archive.path}"
    )
    result = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_people_read_vietnamese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUUTRU_LANG", "vi")
    assert "không có kho lưu trữ ở archive.db" in luutru("search", "x", cwd=tmp_path).stderr


def test_extract_prints_official_documents() -> None:
    page = Path(__file__).parent / "pages/legal.html"
    result = luutru("extract", "--json", "--url", "https://haivan.example/vb/214", str(page))
    (document,) = json.loads(result.stdout)["documents"]
    assert result.returncode == 0
    assert (document["number"], document["issued_on"]) == ("214/2023/QĐ-UBND", "2023-05-09")
    assert [file["filename"] for file in document["files"]] == ["214-qd.pdf"]
    assert "214/2023/QĐ-UBND  ← label: số/ký hiệu" in luutru("extract", str(page)).stdout


def test_commands_close_what_they_open(tmp_path: Path) -> None:
    with small_portal() as portal:
        portal.home("/tin-1.html")
        portal.article("/tin-1.html")
        _leaves_nothing_open(("crawl", portal.url, *AT_ONCE), tmp_path)
    for words in (
        ("search", "hội nghị"),
        ("status",),
        ("show", "1"),
        ("verify",),
        ("export", "wacz", "-o", "a.wacz"),
        ("import", "a.wacz", "--db", "b.db"),
        ("replay", "b.db"),
        ("merge", "archive.db", "b.db", "--db", "all.db"),
        ("show", "9"),
    ):
        _leaves_nothing_open(words, tmp_path)


def _leaves_nothing_open(words: tuple[str, ...], folder: Path) -> None:
    # Python 3.13 minds connections to databases, too.
    command = [sys.executable, "-X", "dev", str(Path(sys.executable).with_name("luutru"))]
    result = subprocess.run(
        [*command, *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert result.returncode == (2 if words == ("show", "9") else 0), result.stderr
    assert "ResourceWarning" not in result.stderr, words


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-2", "2023-02-01", "2023-02-28"),
        ("2023", "2023-01-01", "2023-12-31"),
        ("04/01/2023", "2023-01-04", "2023-01-04"),
    ],
)
def test_a_period_begins_with_its_first_day_and_ends_with_its_last(
    said: str, since: str, until: str
) -> None:
    assert Day().convert(said, None, None) == since
    assert Day(last=True).convert(said, None, None) == until
