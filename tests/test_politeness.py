"""robots.txt as RFC 9309 asks, from the first request on, against a server on raw sockets."""

from pathlib import Path

from crawler.archive.connection import open_archive
from tests.recording_server import Log, recording
from tests.test_cli import luutru


def _answer(body: str, status: str = "200 OK", kind: str = "text/html") -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _portal(robots: bytes | None) -> dict[str, bytes | None]:
    links = "".join(f"<a href='/cam/{n}'>x</a><a href='/duoc/{n}'>y</a>" for n in range(12))
    pages = {
        f"/{folder}/{n}": _answer("<p>trang</p>") for folder in ("cam", "duoc") for n in range(12)
    }
    return {"/": _answer(links), "/robots.txt": robots, **pages}


_QUICK = [
    f"--set={setting}"
    for setting in ("PAUSES=0.2,0.2", "PAUSES_AT_START=0.2,0.2", "RETRY_DELAY=0.2", "BACK_OFF=0.2")
]


def _crawl(folder: Path, robots: bytes | None) -> tuple[Log, list[tuple[str, str]]]:
    with recording(_portal(robots).get) as log:
        luutru("crawl", log.url, "--delay", "0", "--concurrency", "16", *_QUICK, cwd=folder)
    db = open_archive(folder / "archive.db")
    rows = [tuple(row) for row in db.execute("SELECT state, ifnull(reason, '') FROM urls")]
    db.close()
    return log, rows


def test_nothing_forbidden_is_asked_not_even_at_first(tmp_path: Path) -> None:
    log, rows = _crawl(tmp_path, _answer("User-agent: *\nDisallow: /cam/\n", kind="text/plain"))
    assert not [path for path in log.received if path.startswith("/cam/")]
    assert len([path for path in log.received if path.startswith("/duoc/")]) == 12
    assert rows.count(("refused", "robots.txt forbids it")) == 12


def test_a_failing_robots_txt_forbids_everything_for_now(tmp_path: Path) -> None:
    log, rows = _crawl(tmp_path, _answer("oops", "503 Service Unavailable"))
    assert set(log.received) == {"/robots.txt"}
    assert len(log.received["/robots.txt"]) == 3
    assert {state for state, _ in rows} == {"waiting"}
    assert all("503" in reason for _, reason in rows)


def test_no_robots_txt_allows_everything(tmp_path: Path) -> None:
    log, _ = _crawl(tmp_path, None)
    assert len([path for path in log.received if path.startswith(("/cam/", "/duoc/"))]) == 24


def test_we_say_who_we_are_and_keep_no_cookies(tmp_path: Path) -> None:
    log, _ = _crawl(tmp_path, None)
    for requests in log.received.values():
        for request in requests:
            assert b"\r\nUser-Agent: luutru/" in request
            assert b"\r\nCookie:" not in request


def test_only_the_portals_own_host_is_asked(tmp_path: Path) -> None:
    with recording({"/": _answer("trap")}.get) as other:
        pages = {
            "/": _answer(f"<a href='{other.url}a'>x</a><a href='/go'>y</a>"),
            "/go": _answer("", f"302 Found\r\nLocation: {other.url}b"),
        }
        with recording(pages.get) as log:
            luutru("crawl", log.url, "--delay", "0", cwd=tmp_path)
    assert "/go" in log.received
    assert other.received == {}
