"""What is told of portals and disk: status, the page of crawls, metrics for Prometheus."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from crawler.archive.connection import open_archive
from crawler.reporting import health
from crawler.reporting.disk import disk_of
from crawler.words import vietnamese
from tests.conftest import NOW, Archive
from tests.site import Site, changed_rows, crawled_twice, serving
from tests.test_cli import luutru


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    db = crawled_twice(tmp_path_factory.mktemp("health"), articles=12)
    changed_rows(
        db,
        """INSERT INTO alarms (portal_id, kind, topic, line, since, last_seen_at)
           VALUES (1, 'drift', 'x', '', '', ''), (NULL, 'disk', '', '', '', '')""",
        """UPDATE urls SET state = 'failed', reason = 'HTTP 503: asks to come again "soon"'
           WHERE id IN (SELECT url_id FROM articles LIMIT 2)""",
    )
    with serving(db) as served:
        yield served


def _samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_state_of_a_portal_needs_no_other_portals_runs(archive: Archive) -> None:
    """700 portals that are crawled each night have 255,500 runs after a year."""
    asked: list[str] = []
    archive.db.set_trace_callback(asked.append)
    assert len(health.portals(archive.db)) == 1
    archive.db.set_trace_callback(None)
    plans = [
        str(step["detail"])
        for sql in asked
        for step in archive.db.execute(f"EXPLAIN QUERY PLAN {sql}")
    ]
    assert any("runs_portal" in step for step in plans)
    assert [step for step in plans if step in ("SCAN runs", "SCAN r")] == []


def test_metrics_are_those_of_the_rows(site: Site, tmp_path: Path) -> None:
    target = tmp_path / "luutru.prom"
    result = luutru("status", "--db", str(site.db), "--prometheus", str(target))
    assert result.returncode == 0, result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["luutru.prom"]
    samples = _samples(target.read_text("utf-8"))
    with closing(sqlite3.connect(site.db)) as db:
        (slug,) = db.execute("SELECT slug FROM portals").fetchone()
        run = db.execute(
            """SELECT pages, articles_new, articles_changed, unixepoch(started_at),
               unixepoch(finished_at) - unixepoch(started_at), unixepoch(finished_at),
               (SELECT sum(size) FROM captures WHERE run_id = r.id) FROM runs r
               ORDER BY id DESC LIMIT 1"""
        ).fetchone()
        articles = db.execute("SELECT count(*) FROM articles").fetchone()[0]
        done = db.execute("SELECT count(*) FROM urls WHERE state = 'done'").fetchone()[0]
    of = (("portal", slug),)
    names = ("pages", "articles_new", "articles_changed", "start_timestamp_seconds",
             "duration_seconds")  # fmt: skip
    for name, value in zip(names, run, strict=False):
        assert samples[f"luutru_last_run_{name}", of] == value, name
    assert samples["luutru_portal_last_success_timestamp_seconds", of] == run[5]
    assert samples["luutru_last_run_received_bytes", of] == run[6]
    assert samples["luutru_portal_articles", of] == articles
    assert samples["luutru_portal_urls", (*of, ("state", "done"))] == done
    assert samples["luutru_portal_urls_failing", (*of, ("reason", "HTTP 503"))] == 2
    assert samples["luutru_last_run_verdict", (*of, ("verdict", "complete"))] == 1
    assert samples["luutru_last_run_verdict", (*of, ("verdict", "failed"))] == 0
    assert samples["luutru_alarms", (("kind", "disk"), ("portal", ""))] == 1
    assert samples["luutru_alarms", (("kind", "drift"), *of)] == 1
    assert samples["luutru_disk_free_bytes", ()] > 0
    assert samples["luutru_database_size_bytes", ()] == site.db.stat().st_size


def test_the_site_gives_the_same_to_prometheus(site: Site) -> None:
    answer = httpx.get(f"{site.origin}/-/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = _samples(answer.text)
    assert all(("archive", "archive") in labels for _, labels in samples)
    names = {family.name for family in text_string_to_metric_families(answer.text)}
    assert len(names) == answer.text.count("# HELP ") == answer.text.count("# TYPE ")
    units = ("_bytes", "_seconds", "_articles", "_urls", "_due", "_failing", "_pages", "_new",
             "_changed", "_verdict", "_alarms")  # fmt: skip
    for name in names:
        assert name.startswith("luutru_")
        assert name.endswith(units), name


def test_metrics_that_can_t_be_written_are_one_line(site: Site, tmp_path: Path) -> None:
    target = tmp_path / "no" / "x.prom"
    result = luutru("status", "--db", str(site.db), "--prometheus", str(target))
    assert result.returncode == 3
    assert "can't be written" in result.stderr
    assert result.stderr.count("\n") == 1


def test_status_tells_the_last_run_and_the_disk(site: Site) -> None:
    result = luutru("status", "--db", str(site.db))
    assert "Last success: " in result.stdout
    assert "2 × HTTP 503" in result.stdout
    assert "disk: " in result.stdout
    assert "2 alarms stand" in result.stdout
    (portal,) = json.loads(luutru("status", "--json", "--db", str(site.db)).stdout)
    assert portal["failures"] == {"HTTP 503": 2}
    assert portal["last_run"]["received"] > 0
    assert portal["last_run"]["seconds"] >= 0


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_the_page_of_crawls(site: Site, lang: str) -> None:
    page = httpx.get(site.at("runs"), params={"lang": lang})
    assert page.status_code == 200
    for number in (1, 2):
        assert f'/archive/-/run/{number}"' in page.text
    wanted = "Last success" if lang == "en" else vietnamese()["Last success"]
    assert wanted in page.text
    assert "2 × HTTP 503" in page.text
    assert 'href="/archive/-/runs"' in httpx.get(site.at("")).text


def test_a_silent_portal_makes_status_fail(archive: Archive) -> None:
    archive.db.execute("UPDATE runs SET verdict = 'complete', finished_at = started_at")
    words = ("status", "--db", str(archive.path))
    assert luutru(*words).returncode == 0
    archive.db.execute(
        """INSERT INTO alarms (portal_id, kind, topic, line, since, last_seen_at)
           VALUES (1, 'silent', '', '', '', '')"""
    )
    assert luutru(*words).returncode == 1


def test_the_forecast_needs_a_month_of_records(archive: Archive) -> None:
    def kept(day: str, length: int) -> None:
        archive.db.execute(
            """INSERT INTO captures (url_id, run_id, captured_at, status, payload_sha256, size,
                   source, warc_file, warc_offset, warc_length)
               VALUES (?, 1, ?, 200, 'x', 1, 'live', 'x', 0, ?)""",
            (archive.page("/x").url_id, f"{day}T00:00:00Z", length),
        )

    now = datetime(2024, 9, 1, tzinfo=UTC)
    kept("2024-08-20", 3000)
    assert disk_of(archive.db, archive.path, now).days_left is None
    kept("2024-07-01", 9000)
    disk = disk_of(archive.db, archive.path, now)
    assert disk.per_day == pytest.approx(3000 / 30 * (1 + disk.archive))
    assert disk.days_left == pytest.approx(disk.free / disk.per_day)


def test_the_calendar_shows_each_crawl_on_its_day(archive: Archive) -> None:
    with closing(open_archive(archive.path)) as db:
        dates, rows = health.calendar(db, 3, NOW)
    assert dates == ["2024-07-01", "2024-07-02", "2024-07-03"]
    (row,) = rows
    assert row["slug"] == "thu"
    assert row["days"] == {"2024-07-03": [{"id": 1, "verdict": None}]}
