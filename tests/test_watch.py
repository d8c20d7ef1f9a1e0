"""Saved searches: told once, by real mail, a real web server and a real program."""

import json
import sys
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

import practice
from tests.conftest import NOW, Archive
from tests.receivers import Hook
from tests.test_cli import luutru


def _watch(archive: Archive, *words: str) -> Any:
    result = luutru("watch", *words, "--db", str(archive.path))
    assert "Traceback" not in result.stderr
    return result


def _add(archive: Archive, *words: str) -> None:
    result = _watch(archive, "add", *words)
    assert result.returncode == 0, result.stderr


def test_new_articles_come_by_mail_once(archive: Archive, mails: list[Message]) -> None:
    archive.keep("/old", "Đất đai năm cũ", "Đã có từ trước.")
    _add(archive, "đất đai", "--email", "bao@example.org")
    archive.keep("/1", "Thanh tra đất đai", "Kết luận.", published_on=NOW.date())
    archive.keep("/2", "Chợ huyện", "Bán cá.")
    assert _watch(archive, "run").stdout == "đất đai: 1 new articles told\n"
    assert _watch(archive, "run").stdout == "đất đai: 0 new articles told\n"
    (mail,) = mails
    assert mail["To"] == "bao@example.org"
    text = mail.get_payload(decode=True).decode().replace("\r", "")
    assert "Thanh tra đất đai\n2024-07-03 · thu\nhttps://thu.example/1\n" in text
    assert "Đất đai năm cũ" not in text
    archive.keep("/1", "Thanh tra đất đai", "Kết luận đã sửa.")
    assert _watch(archive, "run").stdout == "đất đai: 0 new articles told\n"
    (row,) = json.loads(_watch(archive, "list", "--json").stdout)
    assert (row["told"], row["waiting"], row["problem"]) == (1, 0, None)


def test_a_webhook_gets_json_and_filters_count(archive: Archive, hook: Hook) -> None:
    _add(archive, "đất", "--webhook", hook.url, "--category", "Tin tức", "--from", "2024")
    for number, category in enumerate(("Tin tức", "Kinh tế")):
        archive.keep(f"/{number}", "Đấu giá đất", category=category, published_on=NOW.date())
    old = NOW.date().replace(year=2020)
    archive.keep("/3", "Đất cũ", category="Tin tức", published_on=old)
    assert _watch(archive, "run").returncode == 0
    ((kind, told),) = hook.got
    assert kind == "application/json"
    narrowed = {"category": "Tin tức", "since": "2024-01-01"}
    assert told["watch"] == {"id": 1, "query": "đất", **narrowed}
    (article,) = told["articles"]
    assert (article["url"], article["title"]) == ("https://thu.example/0", "Đấu giá đất")
    assert "body" not in article


@pytest.mark.parametrize("answer", [500, 404, 302])
def test_what_was_not_received_waits_for_the_next_time(
    archive: Archive, hook: Hook, answer: int
) -> None:
    _add(archive, "đất", "--webhook", hook.url)
    archive.keep("/1", "Đấu giá đất")
    hook.answer = answer
    result = _watch(archive, "run")
    assert result.returncode == 1
    assert f"HTTP {answer}" in result.stdout
    assert f"HTTP {answer}" in _watch(archive, "list").stdout
    archive.keep("/2", "Giá đất")
    hook.answer = 200
    assert _watch(archive, "run").stdout == "đất: 2 new articles told\n"
    assert [a["title"] for a in hook.got[0][1]["articles"]] == ["Đấu giá đất", "Giá đất"]
    assert "HTTP" not in _watch(archive, "list").stdout


def test_a_command_gets_json_without_a_shell(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUUTRU_WATCH_COMMANDS", "yes")
    out = tmp_path / "told.json"
    program = tmp_path / "tell.py"
    program.write_text(
        "import sys, pathlib\n"
        "pathlib.Path(sys.argv[1]).write_text(sys.stdin.read() + sys.argv[2])\n"
    )
    _add(archive, "đất", "--command", f"{sys.executable} {program} {out} '; echo $HOME'")
    archive.keep("/1", "Đấu giá đất")
    assert _watch(archive, "run").returncode == 0
    told, rest = out.read_text().split("; ")
    assert rest == "echo $HOME"
    assert json.loads(told)["articles"][0]["title"] == "Đấu giá đất"


@pytest.mark.parametrize("target", ["/nowhere/to/be/found", "false"])
def test_a_command_that_fails_is_said(
    archive: Archive, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUUTRU_WATCH_COMMANDS", "yes")
    _add(archive, "đất", "--command", target)
    archive.keep("/1", "Đấu giá đất")
    result = _watch(archive, "run")
    assert result.returncode == 1
    assert f"{target.split()[0]}" in result.stdout
    assert "will be tried again" in result.stdout


def test_what_an_archive_from_elsewhere_brings_runs_nothing_and_gets_no_secret(
    archive: Archive, tmp_path: Path, hook: Hook
) -> None:
    _add(archive, "đất", "--webhook", hook.url)
    insert = """INSERT INTO watches (query, channel, target, created_at)
        VALUES ('', ?, ?, '2020-01-01T00:00:00Z')"""
    archive.db.execute(insert, ("command", f"touch {tmp_path / 'ran'}"))
    archive.db.execute(insert, ("webhook", f"{hook.url}?home=${{HOME}}"))
    archive.keep("/1", "Đấu giá đất")
    result = _watch(archive, "run")
    assert result.returncode == 1
    assert "only where LUUTRU_WATCH_COMMANDS=yes is set" in result.stdout
    assert "names a secret" in result.stdout
    assert not (tmp_path / "ran").exists()
    assert len(hook.got) == 1


def test_a_mail_server_that_is_not_there_is_said(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add(archive, "đất", "--email", "bao@example.org")
    archive.keep("/1", "Đấu giá đất")
    monkeypatch.setenv("LUUTRU_SMTP", "smtp://127.0.0.1:1")
    assert "127.0.0.1" in _watch(archive, "run").stdout
    monkeypatch.setenv("LUUTRU_SMTP", "mail.example.org")
    result = _watch(archive, "run")
    assert result.returncode == 2
    assert "LUUTRU_SMTP names no mail server" in result.stderr


def test_hidden_articles_are_not_told(archive: Archive, hook: Hook) -> None:
    _add(archive, "đất", "--webhook", hook.url)
    archive.keep("/1", "Đấu giá đất")
    assert luutru("hide", "1", "--why", "x", "--db", str(archive.path)).returncode == 0
    assert _watch(archive, "run").returncode == 0
    assert hook.got == []


def test_searches_are_listed_and_forgotten(archive: Archive) -> None:
    assert _watch(archive, "list").returncode == 1
    _add(archive, "đất đai", "--email", "bao@example.org", "--portal", "thu")
    assert "đất đai · thu  → email bao@example.org" in _watch(archive, "list").stdout
    assert _watch(archive, "remove", "1").stdout == "1 is forgotten\n"
    assert _watch(archive, "remove", "1").returncode == 2
    assert archive.rows("SELECT count(*) FROM watch_hits") == [(0,)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "give one of"),
        (("--email", "a@b.example", "--webhook", "http://c.example/"), "give one of"),
        (("--email", "nobody"), "no mail address"),
        (("--email", "a@b.example\nBcc: c@d.example"), "no mail address"),
        (("--webhook", "file:///etc/passwd"), "no address"),
        (("--command", "'open"), "no command"),
        (("--command", "true"), "only where LUUTRU_WATCH_COMMANDS=yes is set"),
        (("--webhook", "http://c.example/${HOME}"), "names a secret"),
        (
            ("--webhook", "http://c.example/", "--portal", "thuu"),
            "the archive has no portal thuu; it has: thu",
        ),
    ],
)
def test_wrong_use_is_told(archive: Archive, words: tuple[str, ...], said: str) -> None:
    result = _watch(archive, "add", "đất", *words)
    assert result.returncode == 2
    assert said in result.stderr


def test_a_crawl_tells_at_its_end(tmp_path: Path, hook: Hook) -> None:
    db = str(tmp_path / "archive.db")
    words = ("--db", db, "--delay", "0", "--concurrency", "8", "--full")
    with practice.running(articles=12, port=0) as url:
        port = int(url.rstrip("/").rsplit(":", 1)[1])
        assert luutru("crawl", url, *words).returncode == 0
    assert luutru("watch", "add", "--db", db, "--webhook", hook.url).returncode == 0
    with practice.running(articles=12, day=7, port=port) as url:
        result = luutru("crawl", url, *words)
    assert result.returncode == 0
    told = [article["url"] for _, said in hook.got for article in said["articles"]]
    assert len(told) == len(set(told)) > 0
    assert f"all: {len(told)} new articles told" in result.stderr
