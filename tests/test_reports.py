"""The report on a run: every number is that of the rows, in text, JSON and HTML."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from crawler.archive.saving import save
from crawler.items import ReadPage
from crawler.reporting.gaps import Gap, gaps
from crawler.reporting.page import page
from crawler.reporting.report import MOST_ROWS, report_of
from crawler.reporting.sections import SECTIONS
from crawler.words import vietnamese
from tests.conftest import Archive
from tests.small_portal import SmallPortal, small_portal
from tests.test_cli import luutru

# Each number in other words than the report's own query.
COUNTS = {
    "new": "SELECT articles_new FROM runs WHERE id = {run}",
    "changed": "SELECT articles_changed FROM runs WHERE id = {run}",
    "failed": "SELECT count(*) FROM urls WHERE state = 'failed'",
    "refused": "SELECT count(*) FROM urls WHERE state = 'refused'",
    "absent": "SELECT count(*) FROM articles WHERE absent_runs > 0",
    "files": "SELECT count(*) FROM urls WHERE kind = 'file' AND state = 'gone'",
    "planted": "SELECT count(*) FROM suspect_links",
    "problems": "SELECT count(*) FROM problems WHERE resolved_at IS NULL",
    "blocked": "SELECT count(*) FROM urls WHERE reason LIKE 'blocked%'",
    "slow": "SELECT min(10, count(*)) FROM captures WHERE run_id = {run}",
}


class Twice:
    """A small portal crawled twice, with news and faults in between."""

    def __init__(self, folder: Path) -> None:
        self.db = folder / "archive.db"
        with small_portal() as portal:
            _first_day(portal)
            self._crawl(portal)
            _second_day(portal)
            self._crawl(portal)

    def _crawl(self, portal: SmallPortal) -> None:
        words = ("--full", "--delay", "0", "--set", "RETRY_TIMES=0")
        self.told = luutru("crawl", portal.url, "--db", str(self.db), *words)

    def report(self, *words: str) -> str:
        """What `luutru report` prints."""
        return luutru("report", *words, "--db", str(self.db)).stdout

    def value(self, sql: str) -> Any:
        """The first value of a query."""
        with closing(sqlite3.connect(self.db)) as archive:
            return archive.execute(sql).fetchone()[0]


def _first_day(portal: SmallPortal) -> None:
    for number in range(1, 6):
        portal.article(f"/tin-{number}", f"Hội nghị lần thứ {number}")
    file = "<a href='/tep-dinh-kem.pdf'>Tải về</a><a href='/dang-nhap'>Đăng nhập</a>"
    portal.article("/tin-1", "Hội nghị <b>lần</b> thứ 1", file)
    portal.home(*(f"/tin-{number}" for number in range(1, 6)))


def _second_day(portal: SmallPortal) -> None:
    portal.article("/tin-2", "Hội nghị lần thứ hai")
    portal.article("/tin-6", "Hội thi &lt;script>alert(1)&lt;/script> &amp; hội diễn")
    del portal.pages["/tin-3"]
    portal.pages["/tin-4"].status = 500
    portal.home(*(f"/tin-{number}" for number in range(1, 7)))


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    return Twice(tmp_path_factory.mktemp("twice"))


@pytest.mark.parametrize("run", [1, 2])
def test_every_number_is_that_of_the_rows(twice: Twice, run: int) -> None:
    told = json.loads(twice.report(str(run), "--format", "json"))
    assert {name: told[name]["count"] for name in COUNTS} == {
        name: twice.value(sql.format(run=run)) for name, sql in COUNTS.items()
    }
    captures = "FROM captures WHERE run_id = " + str(run)
    assert told["captures"] == twice.value(f"SELECT count(*) {captures}")
    assert told["received"] == twice.value(f"SELECT sum(size) {captures}")
    assert told["kept"] == twice.value(f"SELECT sum(warc_length) {captures}")
    assert sum(told["urls"].values()) == twice.value("SELECT count(*) FROM urls")
    assert told["is_latest"] == (run == 2)


def test_what_happened_is_told(twice: Twice) -> None:
    told = json.loads(twice.report("--format", "json"))
    paths = {
        name: sorted(row["url"].rsplit("/", 1)[1] for row in told[name]["rows"])
        for name in ("new", "changed", "absent", "failed", "files", "back")
    }
    assert paths == {
        "new": ["tin-6"],
        "changed": ["tin-2"],
        "absent": ["tin-3"],
        "failed": ["tin-4"],
        "files": ["tep-dinh-kem.pdf"],
        "back": [],
    }
    assert (told["run"]["id"], told["run"]["verdict"]) == (2, "incomplete")
    assert told["run"]["verdict_reasons"][0].startswith("1 × HTTP 500: http://")
    assert told["refused"]["rows"][0]["reason"] == "login page"


def test_the_crawl_says_where_to_read_more(twice: Twice) -> None:
    assert "luutru report 2" in twice.told.stdout


def test_text_has_a_line_for_each(twice: Twice) -> None:
    told = twice.report()
    for line in ("New articles: 1", "Changed articles: 1", "Absent: 1", "Failed: 1"):
        assert line in told.splitlines()
    assert "Blocked" not in told
    older = "A later run is in the archive"
    assert (older in twice.report("1"), older in told) == (True, False)


def test_html_holds_the_same_and_no_markup_of_the_portal(twice: Twice) -> None:
    source = twice.report("--format", "html")
    tree = html.document_fromstring(source)
    assert not tree.xpath("//script | //link | //img | //iframe | //@onclick")
    assert "Hội thi <script>alert(1)</script> & hội diễn" in tree.xpath("string(//main)")
    told = json.loads(twice.report("--format", "json"))
    shown = {section.key for section in SECTIONS if told[section.key]["count"]}
    assert set(tree.xpath("//section/@id")) == shown
    for section in tree.xpath("//section"):
        assert section.findtext("h2").endswith(f": {told[section.get('id')]['count']}")
        assert len(section.xpath(".//tbody/tr")) == len(told[section.get("id")]["rows"])
    assert tree.xpath("//section//th[not(@scope)]") == []


def test_html_is_in_the_readers_language(twice: Twice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUUTRU_LANG", "vi")
    tree = html.document_fromstring(twice.report("--format", "html"))
    assert tree.get("lang") == "vi"
    words = tree.xpath("string(//main)")
    assert "Bài mới: 1" in words
    english = {section.title for section in SECTIONS} | set(tree.xpath("//th/text()"))
    assert [title for title in english if f"{title}:" in words] == []


def test_sections_and_their_columns_have_vietnamese_names(archive: Archive) -> None:
    values = {"run": 1, "portal": 1, "began": "", "ended": "9999"}
    for section in SECTIONS:
        columns = [column[0] for column in archive.db.execute(section.sql, values).description]
        assert {section.title, *columns} <= vietnamese().keys()


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_a_file_is_written_and_never_over_another(twice: Twice, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"report.{form}"
    words = ("report", "--db", str(twice.db), "--format", form, "-o", str(path))
    assert luutru(*words).returncode == 1
    assert "tin-6" in path.read_text("utf-8")
    again = luutru(*words)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    nowhere = luutru(*words[:-1], str(tmp_path / "none" / "report"))
    assert (nowhere.returncode, nowhere.stderr.count("\n")) == (3, 1)


@pytest.mark.parametrize("wanted", ["99", "kimsom", "-1"])
def test_what_is_not_there_is_a_clear_line(twice: Twice, wanted: str) -> None:
    result = luutru("report", "--db", str(twice.db), "--", wanted)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "there is no run" in result.stderr


def test_a_portal_means_its_last_run(twice: Twice) -> None:
    slug = twice.value("SELECT slug FROM portals")
    assert json.loads(twice.report(slug, "--format", "json"))["run"]["id"] == 2


def test_a_report_holds_a_bounded_number_of_rows(archive: Archive) -> None:
    for number in range(MOST_ROWS + 5):
        archive.page(f"/tin-{number}")
    archive.db.execute("UPDATE urls SET state = 'failed', reason = 'HTTP <500>'")
    report = report_of(archive.db, archive.run.id)
    failed = next(found for found in report.sections if found.section.key == "failed")
    assert (failed.count, len(failed.rows)) == (MOST_ROWS + 5, MOST_ROWS)
    assert f"{MOST_ROWS} lines, {MOST_ROWS + 5} in all" in page(report)


def test_a_planted_link_leads_nowhere(archive: Archive) -> None:
    listed = archive.page("/tin")
    save(archive.db, archive.run, ReadPage(listed, "listing"))
    archive.db.execute(
        """INSERT INTO suspect_links (url_id, href, text, hidden, why, first_seen_at, last_seen_at)
           VALUES (?, 'https://nha-cai.example/"><script>', 'nhà cái', 1, 'bet', ?, ?)""",
        (listed.url_id, archive.run.started_at, archive.run.started_at),
    )
    tree = html.document_fromstring(page(report_of(archive.db, archive.run.id)))
    assert 'https://nha-cai.example/"><script>' in tree.xpath("string(//section[@id='planted'])")
    assert not [href for href in tree.xpath("//a/@href") if "nha-cai" in href]


def _urls(numbers: Iterator[int] | range, form: str = "https://x.vn/tin/bai-{}.html") -> list[str]:
    return [form.format(number) for number in numbers]


def test_gaps_in_running_numbers_are_found() -> None:
    known = [n for n in range(1001, 1101) if not 1041 <= n <= 1060 and n != 1010]
    assert list(gaps(_urls(known))) == [Gap("-N.html", 1041, 1060)]
    named = _urls(known, "https://x.vn/View_Detail.aspx?ItemID={}&page=2")
    assert list(gaps(named)) == [Gap("?ItemID=N", 1041, 1060)]


@pytest.mark.parametrize("numbers", [range(1, 4000, 7), range(1, 15), range(0)])
def test_sparse_or_few_numbers_have_no_gaps(numbers: range) -> None:
    assert list(gaps(_urls(numbers))) == []


def test_gaps_are_told_but_make_nothing_incomplete(archive: Archive) -> None:
    for number in (*range(1, 25), *range(40, 60)):
        archive.keep(f"/bai-{number}.html", f"Bài {number}")
    report = report_of(archive.db, archive.run.id)
    assert report.gaps == [Gap("-N.html", 25, 39)]
    assert re.search(r"-N\.html: 25-39 were never listed", page(report))
