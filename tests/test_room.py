"""Large answers are taken in one at a time, and nobody waits for ever."""

import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

from benchmarks import peaks
from crawler.safety.room import Room
from tests.raw_server import links, raw_server

# How many wait at once is chance; all at once would take some two gigabytes.
_MOST_MEGABYTES = 600
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"


def _endless(connection: socket.socket) -> None:
    connection.sendall(_HEAD)
    while True:
        connection.sendall(b"<p>" + b"x" * 65_533)


def test_the_next_comes_when_one_leaves() -> None:
    room, come = Room(), list[int]()
    assert room.enter(1, lambda: come.append(1))
    assert room.enter(1, lambda: come.append(1))
    assert not room.enter(2, lambda: come.append(2))
    assert not room.enter(3, lambda: come.append(3))
    room.leave(4)
    room.leave(2)
    assert come == []
    room.leave(1)
    assert come == [3]
    assert room.enter(3, lambda: None)
    room.leave(3)
    assert room.enter(5, lambda: None)


def test_many_endless_pages_at_once_fit_into_memory(tmp_path: Path) -> None:
    paths = [f"/phim-{n}.html" for n in range(12)]
    db = tmp_path / "archive.db"
    answers = {"/": _HEAD + links(*paths), **dict.fromkeys(paths, _endless)}
    with raw_server(answers) as server:
        luutru = str(Path(sys.executable).with_name("luutru"))
        words = [luutru, "crawl", server.url, "--db", str(db), "--delay", "0"]
        words += ["--concurrency", "12", "--set", "RETRY_DELAY=0"]
        crawled = peaks.run(words, stdout=subprocess.DEVNULL)
    assert crawled.code == 1
    assert crawled.megabytes < _MOST_MEGABYTES
    told = sqlite3.connect(db).execute("SELECT DISTINCT reason FROM urls WHERE url LIKE '%phim%'")
    assert told.fetchall() == [("too large: more than 64 MiB",)]


def test_what_the_asker_once_held_is_not_what_the_command_took() -> None:
    asker = (
        "import sys; from benchmarks import peaks; held = b'x' * 500_000_000; del held; "
        "print(peaks.run([sys.executable, '-c', '']).megabytes)"
    )
    told = subprocess.run([sys.executable, "-c", asker], capture_output=True, text=True, check=True)
    assert 0 < float(told.stdout) < 100
