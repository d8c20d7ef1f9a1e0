"""The log as JSON lines: one for each URL that did not come, no pages, no secrets, rotated."""

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from crawler.rotation import Rotating
from tests.small_portal import PROSE, Answer, small_portal
from tests.test_cli import AT_ONCE, luutru


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_each_url_that_did_not_come_has_one_line_with_its_reason(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "crawl.jsonl"
    with small_portal() as portal:
        portal.home("/tin-1.html", "/tin-2.html", "/tin-3.html", "/cam/tin-4.html")
        portal.article("/tin-1.html")
        portal.pages["/tin-2.html"] = Answer(b"x" * 99, 500)
        portal.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /cam/\n")
        words = ("--log-json", str(file), "--set", "RETRY_TIMES=0")
        result = luutru("crawl", portal.url, *AT_ONCE, *words, cwd=tmp_path)
    assert result.returncode == 1
    first, *rest, last = _lines(file)
    assert (first["event"], first["run"], first["mode"]) == ("run begins", 1, "incremental")
    assert (last["event"], last["verdict"], last["level"]) == ("run ends", "incomplete", "warning")
    assert any("HTTP 500" in reason for reason in last["reasons"])
    told = [line for line in rest if "/tin-" in line.get("url", "")]
    urls = {line["url"].partition("/tin-")[2]: line for line in told}
    assert len(urls) == len(told) == 3
    assert (urls["2.html"]["state"], urls["2.html"]["reason"]) == ("failed", "HTTP 500")
    assert (urls["3.html"]["state"], urls["3.html"]["status"]) == ("gone", 404)
    assert urls["4.html"]["state"] == "refused"
    assert "robots.txt" in urls["4.html"]["reason"]
    text = file.read_text("utf-8")
    assert PROSE[:40] not in text
    assert "x" * 20 not in text
    assert {line["portal"] for line in _lines(file)} == {first["portal"]}


def test_a_full_file_is_put_aside_and_the_oldest_removed(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    log = Rotating(file, size=100, keep=2)
    for number in range(50):
        log.write(f"{number:09}\n")
    log.close()
    there = sorted(path.name for path in tmp_path.iterdir())
    assert there == ["x.jsonl", "x.jsonl.1", "x.jsonl.2"]
    text = "".join((tmp_path / name).read_text() for name in reversed(there))
    assert text.split() == [f"{number:09}" for number in range(20, 50)]


def _write(file: str, name: str) -> None:
    log = Rotating(Path(file), size=2000, keep=1000)
    for number in range(500):
        log.write(f"{name}-{number:05}\n")
    log.close()


def test_several_processes_write_and_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    with ProcessPoolExecutor(4, get_context("spawn")) as pool:
        list(pool.map(_write, [str(file)] * 4, "abcd"))
    lines = [line for path in tmp_path.iterdir() for line in path.read_text().splitlines()]
    assert sorted(lines) == [f"{name}-{number:05}" for name in "abcd" for number in range(500)]


def test_a_file_that_was_taken_away_is_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    log = Rotating(file, size=0, keep=2)
    log.write("a\n")
    file.rename(tmp_path / "old")
    log.write("b\n")
    log.close()
    assert (file.read_text(), (tmp_path / "old").read_text()) == ("b\n", "a\n")


def test_a_log_that_can_t_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    result = luutru("crawl", "http://127.0.0.1:9/", "--log-json", "file/x", cwd=tmp_path)
    assert result.returncode == 3
    assert result.stderr.count("\n") == 1
    assert "file/x" in result.stderr
