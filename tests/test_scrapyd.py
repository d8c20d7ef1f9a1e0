"""Scrapyd as its users know it: scrapyd-deploy, schedule.json, the job's end, its articles."""

import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

import practice

ROOT = Path(__file__).parent.parent
BIN = ROOT / "tests/parts/scrapyd/bin"
pytestmark = pytest.mark.skipif(
    not (BIN / "scrapyd").exists(), reason="tests/install-schedule-parts.sh"
)
_DEPLOYED = ("crawler", "spiders", "pipelines", "setup.py", "scrapy.cfg", "pyproject.toml")
_CONFIG = """[scrapyd]
bind_address = 127.0.0.1
http_port = {port}
poll_interval = 0.5
eggs_dir = {folder}/eggs
logs_dir = {folder}/logs
dbs_dir = {folder}/dbs
"""


@pytest.fixture
def scrapyd(tmp_path: Path) -> Iterator[str]:
    """A Scrapyd with nothing deployed; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "scrapyd.conf").write_text(_CONFIG.format(port=port, folder=tmp_path))
    url = f"http://127.0.0.1:{port}/"
    with (
        (tmp_path / "scrapyd.log").open("w") as log,
        subprocess.Popen([BIN / "scrapyd"], cwd=tmp_path, stdout=log, stderr=log) as process,
    ):
        try:
            _await(lambda: _answers(url))
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}daemonstatus.json").is_success
    except httpx.ConnectError:
        return False


def _await(true: Any) -> None:
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def _project(folder: Path, url: str) -> Path:
    """The project as it is in git, with that Scrapyd in its scrapy.cfg."""
    project = folder / "luutru"
    project.mkdir()
    for name in _DEPLOYED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, project / name)
    config = (ROOT / "scrapy.cfg").read_text()
    assert "url = http://127.0.0.1:6800/\n" in config
    (project / "scrapy.cfg").write_text(config.replace("http://127.0.0.1:6800/", url))
    return project


def test_deploy_schedule_and_watch_the_job_end(tmp_path: Path, scrapyd: str) -> None:
    project = _project(tmp_path, scrapyd)
    deployed = subprocess.run(
        [BIN / "scrapyd-deploy"], cwd=project, capture_output=True, text=True, check=False
    )
    assert '"status": "ok"' in deployed.stdout, deployed.stdout + deployed.stderr
    spiders = httpx.get(
        f"{scrapyd}listspiders.json", params={"project": "luutru"}, timeout=60
    ).json()
    assert {"news", "replay"} <= set(spiders["spiders"])
    (egg,) = (tmp_path / "eggs").rglob("*.egg")
    with ZipFile(egg) as packed:
        facts = {"crawler/units/units.tsv", "crawler/units/changes.tsv", "crawler/vi.toml"}
        assert facts <= set(packed.namelist())
    db = tmp_path / "archive.db"
    with practice.running(articles=20, crawl_delay=0.01) as url:
        job = {
            "project": "luutru",
            "spider": "news",
            "url": url,
            "setting": [f"ARCHIVE={db}", "DOWNLOAD_DELAY=0"],
        }
        scheduled = httpx.post(f"{scrapyd}schedule.json", data=job).json()
        assert scheduled["status"] == "ok"
        _await(lambda: scheduled["jobid"] in _finished(scrapyd))
    with closing(sqlite3.connect(db)) as archive:
        runs = archive.execute("SELECT verdict, articles_new FROM runs").fetchall()
        titles = archive.execute("SELECT count(*) FROM articles WHERE title <> ''").fetchone()
    assert runs == [("complete", 20)]
    assert titles == (20,)


def _finished(scrapyd: str) -> list[str]:
    jobs = httpx.get(f"{scrapyd}listjobs.json", params={"project": "luutru"}).json()
    return [job["id"] for job in jobs["finished"]]
