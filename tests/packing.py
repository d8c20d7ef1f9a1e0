"""What the tests of packages and playback share: a crawled archive, records, a browser."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

import practice
from crawler.capture.folder import folder_of
from tests.test_cli import luutru

PARTS = Path(__file__).parent / "parts"
REPLAY_WEB_PAGE = PARTS / "node_modules" / "replaywebpage"
PYWB = PARTS / "pywb" / "bin"
_INSTALL = "tests/install-browser-parts.sh installs it"

needs_pywb = pytest.mark.skipif(not (PYWB / "wayback").exists(), reason=f"no pywb; {_INSTALL}")
needs_chromium = pytest.mark.skipif(
    shutil.which("chromium") is None, reason=f"no Chromium; {_INSTALL}"
)
needs_replay_web_page = pytest.mark.skipif(
    not (REPLAY_WEB_PAGE / "ui.js").exists(), reason=f"no ReplayWeb.page; {_INSTALL}"
)


def crawled(folder: Path, times: int) -> Path:
    """An archive of a small practice portal, crawled so many times."""
    db = folder / "archive.db"
    with practice.running(articles=40, port=0) as url:
        for _ in range(times):
            result = luutru(
                "crawl", url, "--db", str(db), "--full", "--delay", "0", "--concurrency", "8"
            )
            assert result.returncode == 0, result.stdout + result.stderr
    return db


def warcs(db: Path) -> list[Path]:
    """The whole WARC files of an archive."""
    return sorted(folder_of(db).glob("*.warc.gz"))


def rows(db: Path, sql: str, *values: object) -> list[sqlite3.Row]:
    with closing(sqlite3.connect(db)) as archive:
        archive.row_factory = sqlite3.Row
        return archive.execute(sql, values).fetchall()


def record(folder: Path, line: dict[str, Any]) -> Any:
    """The record that a line of a CDXJ points at, read from just its bytes."""
    with (folder / line["filename"]).open("rb") as file:
        file.seek(int(line["offset"]))
        member = file.read(int(line["length"]))
    (folder.parent / "member.warc.gz").write_bytes(member)
    with (folder.parent / "member.warc.gz").open("rb") as file:
        found = next(ArchiveIterator(file))
        found.payload = found.raw_stream.read()
        return found


def parsed(line: str) -> tuple[str, str, dict[str, Any]]:
    """Key, timestamp and facts of a line of CDXJ."""
    key, timestamp, facts = line.split(" ", 2)
    return key, timestamp, json.loads(facts)


def checked_by_warcio(program: str, file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, "check", "-v", str(file)], capture_output=True, text=True, check=False
    )


@contextmanager
def chromium() -> Iterator[Any]:
    """A fresh, headless Chromium that speaks to nobody but the tests."""
    from playwright.sync_api import sync_playwright

    switches = (
        "no-sandbox disable-gpu disable-quic no-first-run disable-background-networking "
        "disable-component-update disable-sync"
    )
    with sync_playwright() as tool:
        browser = tool.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[f"--{switch}" for switch in switches.split()],
        )
        yield browser
        browser.close()
