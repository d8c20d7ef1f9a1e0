"""Complete and incomplete are told apart, and the verdict names what is missing."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from crawler import profiles
from crawler.archive import runs
from crawler.archive.forms import FORMS
from crawler.archive.saving import save
from crawler.items import ListingClaim, ReadPage
from crawler.reporting.reasons import retold
from crawler.words import vietnamese
from pipelines.read import read
from tests.conftest import NOW, PORTAL, WHO, Archive
from tests.faulty_front import Faulty, faulty_front
from tests.raw_server import ok, raw_server
from tests.test_cli import luutru

ARTICLES = 120
_CRAWL = """
import sys
from pathlib import Path
from crawler.crawling import Target, crawl_all
crawl_all([Target(url=sys.argv[1])], Path(sys.argv[2]), delay=0, concurrency=4, progress=False,
          overrides={"RETRY_TIMES": 1, "RETRY_DELAY": 0.1})
"""


def _crawl(front: Faulty, db: Path) -> tuple[str, list[str]]:
    """The verdict of a crawl and its reasons, addresses without their host."""
    command = [sys.executable, "-c", _CRAWL, front.url, str(db)]
    subprocess.run(command, check=True, timeout=100, cwd=db.parent)
    with closing(sqlite3.connect(db)) as archive:
        row = archive.execute(
            "SELECT verdict, verdict_reasons FROM runs ORDER BY id DESC"
        ).fetchone()
    return row[0], (row[1] or "").replace(front.url, "/").splitlines()


def _cut(pattern: bytes) -> Callable[[bytes], bytes]:
    """Takes out of a page what matches."""
    return lambda body: re.sub(pattern, b"", body, flags=re.DOTALL)


def _one_entry_more(path: bytes) -> Callable[[bytes], bytes]:
    """Puts an entry into a sitemap."""

    def rewrite(body: bytes) -> bytes:
        entry = re.search(rb"<url><loc>(http://[^/]+)", body)
        assert entry
        return body.replace(
            b"</urlset>", b"<url><loc>" + entry[1] + path + b"</loc></url></urlset>"
        )

    return rewrite


def _breaks_listing(front: Faulty) -> None:
    front.failing[r"/tin-tuc\?page=2"] = 500


def _breaks_posted_page(front: Faulty) -> None:
    front.failing[r"POST /portal/Pages/nong-thon-moi.aspx page=2"] = 500


def _breaks_loaded_page(front: Faulty) -> None:
    front.failing[r"POST /DesktopModule/.*/LoadArticle page=2"] = 503


def _breaks_article(front: Faulty) -> None:
    front.failing[r"/tin-tuc/[^?]*-2l"] = 500


def _cuts_pager(front: Faulty) -> None:
    front.rewritten[r"/tin-tuc"] = _cut(rb'<ul class="pager">.*?</ul>')


def _cuts_posted_pager(front: Faulty) -> None:
    front.rewritten[r"/portal/Pages/nong-thon-moi.aspx"] = _cut(rb'<div class="pager">.*?</div>')


def _claims_more_pages(front: Faulty) -> None:
    front.rewritten[r"/danhsach.asp\?cat=9"] = lambda body: body.replace(b"Trang 1/1", b"Trang 1/4")


def _loses_entry(front: Faulty) -> None:
    front.rewritten[r"/sitemap-1.xml"] = _one_entry_more(b"/tin-tuc/bai-da-go-9001")


def _breaks_entry(front: Faulty) -> None:
    front.rewritten[r"/sitemap-1.xml"] = _one_entry_more(b"/tin-tuc/bai-hong-9002")
    front.failing[r"/tin-tuc/bai-hong-9002"] = 500


def _breaks_sitemap(front: Faulty) -> None:
    front.failing[r"/sitemap-1.xml"] = 500


_NEW_COUNTRYSIDE = r"/portal/Pages/nong-thon-moi.aspx"
_SHORT = _NEW_COUNTRYSIDE + " says that it has 24 articles; its pages list only 15"
_TIN_TUC = r"/tin-tuc says that it has 2 pages; page 2 never came"


@pytest.mark.parametrize(
    ("faults", "named"),
    [
        ([_breaks_listing], [_TIN_TUC, r"1 × HTTP 500: /tin-tuc\?page=2"]),
        ([_breaks_article], [r"1 × HTTP 500: /tin-tuc/\S+-2l"]),
        ([_cuts_pager], [_TIN_TUC]),
        ([_loses_entry], [r"1 × named by the portal, but HTTP 404: /tin-tuc/bai-da-go-9001"]),
        (
            [_breaks_posted_page, _breaks_loaded_page, _breaks_entry, _claims_more_pages],
            [
                r"/danhsach.asp\?cat=9 says that it has 4 pages; page 2-4 never came",
                r"/kinh-te/nong-nghiep says that it has 2 pages; page 2 never came",
                _SHORT,
                rf"2 × HTTP 500: {_NEW_COUNTRYSIDE} \(page 2\), /tin-tuc/bai-hong-9002",
                r"1 × HTTP 503: /DesktopModule/\S+/LoadArticle \(page 2\)",
            ],
        ),
        (
            [_cuts_posted_pager, _breaks_sitemap],
            [
                _SHORT,
                r"1 × HTTP 500: /sitemap-1.xml",
            ],
        ),
    ],
)
def test_each_fault_makes_it_incomplete_and_is_named(
    tmp_path: Path, faults: list[Callable[[Faulty], None]], named: list[str]
) -> None:
    with faulty_front(ARTICLES) as front:
        for fault in faults:
            fault(front)
        verdict, reasons = _crawl(front, tmp_path / "archive.db")
    assert verdict == "incomplete"
    assert len(reasons) == len(named), reasons
    for pattern, reason in zip(named, reasons, strict=True):
        assert re.fullmatch(pattern, reason), reasons


def test_mended_it_is_complete_again_and_says_so_everywhere(tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    with faulty_front(ARTICLES) as front:
        _breaks_article(front)
        assert _crawl(front, db)[0] == "incomplete"
        told = luutru("status", "--db", str(db))
        assert (told.returncode, "1 × HTTP 500: " in told.stdout) == (1, True)
        assert luutru("report", "--db", str(db)).returncode == 1
        front.failing.clear()
        assert _crawl(front, db) == ("complete", [])
    assert luutru("status", "--db", str(db)).returncode == 0
    assert luutru("report", "--db", str(db)).returncode == 0


def _listing(archive: Archive, path: str, claim: ListingClaim, **facts: object) -> None:
    page = archive.page(path, claim=claim, **facts)
    save(archive.db, archive.run, ReadPage(page, "listing"))


def _verdict(archive: Archive) -> list[str]:
    """The reasons, with the portal's article 1 read so that there is an answer at all."""
    assert runs.finish(archive.db, archive.run, "finished", NOW) in ("complete", "incomplete")
    row = archive.rows("SELECT verdict_reasons FROM runs ORDER BY id DESC LIMIT 1")[0]
    return str(row[0] or "").splitlines()


def _keys(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"thu.example/a-{number}" for number in range(first, last + 1))


def test_a_portal_that_has_moved_gave_no_page(tmp_path: Path) -> None:
    away = ok(b"", "Location: http://moi.invalid/", status="HTTP/1.1 301 Moved Permanently")
    with raw_server({"/robots.txt": ok(b""), "/": away}) as portal:
        crawl = ("crawl", portal.url, "--db", str(tmp_path / "archive.db"), "--delay", "0")
        begun, ended = luutru(*crawl, "--budget", "2"), luutru(*crawl)
    assert "incomplete" in begun.stdout
    assert FORMS["no page"] not in begun.stdout
    assert ended.returncode == 3
    assert FORMS["no page"] in ended.stdout
    assert "the home page leads away: HTTP 301 to http://moi.invalid/" in ended.stdout


def test_a_portal_that_shows_a_crawl_nothing_is_not_complete(tmp_path: Path) -> None:
    shell = ok(
        b"<html><title>Phu Loc</title><app-root></app-root><script src=a.js></script></html>"
    )
    with raw_server({"/robots.txt": ok(b""), "/": shell}) as portal:
        ended = luutru("crawl", portal.url, "--db", str(tmp_path / "archive.db"), "--delay", "0")
    assert ended.returncode == 1
    assert FORMS["scripts"].format(url=portal.url) in ended.stdout


TITLES = "".join(
    f"<p><a href='/a-{n}'>Huyện tổ chức hội nghị sơ kết đợt {n}</a></p>" for n in range(8)
)


def _titled(archive: Archive, button: str, kind: str = "page") -> ReadPage:
    page = archive.page("/tin", kind=kind, body=f"<div>{TITLES}</div>{button}".encode())
    return read(page, profiles.load("generic"))


@pytest.mark.parametrize(
    ("button", "kind", "is_more"),
    [
        ("<div><button data-url='/Tin/LoadMore'>Xem thêm</button></div>", "page", True),
        ("<a href='javascript:void(0)' onclick='more()'>Xem thêm tin »</a>", "page", True),
        ("<a href='#' class='load-more'>Load more</a>", "page", True),
        ("<a href='/tin-cu'>Xem thêm</a>", "page", False),
        ("<nav><a href='#'>Xem thêm</a></nav>", "page", False),
        ("<button>Xem thêm bình luận</button>", "page", False),
        ("<button>Xem thêm</button>", "home", False),
    ],
)
def test_a_list_that_goes_on_behind_a_button_is_not_complete(
    archive: Archive, button: str, kind: str, is_more: bool
) -> None:
    save(archive.db, archive.run, _titled(archive, button, kind))
    assert _verdict(archive) == (
        [FORMS["button"].format(n=1, urls="https://thu.example/tin")] if is_more else []
    )


def test_a_list_of_four_is_told_by_its_button(archive: Archive) -> None:
    body = f"<div>{TITLES[: TITLES.index('/a-4') - 12]}</div><button>Xem thêm</button>".encode()
    found = read(archive.page("/tin", kind="page", body=body), profiles.load("generic"))
    assert found.kind == "other"
    assert [problem.field for problem in found.problems] == ["further pages"]


def test_a_sitemap_names_what_stands_behind_the_button(archive: Archive) -> None:
    sitemap = archive.page("/sitemap.xml", kind="sitemap")
    save(archive.db, archive.run, ReadPage(sitemap, "sitemap"))
    archive.keep("/a-1", "Hội nghị")
    archive.db.execute("UPDATE urls SET found_on = ? WHERE url LIKE '%/a-1'", (sitemap.url_id,))
    save(archive.db, archive.run, _titled(archive, "<button>Xem thêm</button>"))
    assert _verdict(archive) == []


def test_what_grows_while_it_is_read_is_no_loss(archive: Archive) -> None:
    _listing(archive, "/tin", ListingClaim("s", 1, 2, 29, _keys(1, 20)))
    _listing(archive, "/tin?page=2", ListingClaim("s", 2, 3, 30, _keys(20, 29)))
    assert _verdict(archive) == []


def test_one_listed_on_two_pages_counts_once(archive: Archive) -> None:
    _listing(archive, "/tin", ListingClaim("s", 1, None, 29, _keys(1, 20)))
    _listing(archive, "/tin?page=2", ListingClaim("s", 2, None, 29, _keys(12, 20)))
    assert _verdict(archive) == [
        "https://thu.example/tin says that it has 29 articles; its pages list only 20"
    ]


def test_pages_without_numbers_are_counted(archive: Archive) -> None:
    for number in range(4):
        _listing(archive, f"/tin?tu={number}", ListingClaim("s", None, 9))
    assert _verdict(archive) == [
        "https://thu.example/tin?tu=0 says that it has 9 pages; only 4 came"
    ]


def test_an_article_that_counts_pages_is_no_listing(archive: Archive) -> None:
    page = archive.page("/a-1", claim=ListingClaim("s", 1, 9))
    save(archive.db, archive.run, ReadPage(page, "article"))
    assert archive.rows("SELECT count(*) FROM listing_claims") == [(0,)]


def test_pages_that_robots_txt_forbids_are_no_loss(archive: Archive) -> None:
    _listing(archive, "/tin", ListingClaim("s", 1, 2))
    refused = archive.page("/tin?page=2", status=None, kind="refused", failure="robots.txt")
    archive.db.execute("UPDATE urls SET found_on = 1 WHERE id = ?", (refused.url_id,))
    save(archive.db, archive.run, ReadPage(refused, "refused"))
    assert _verdict(archive) == []


def test_a_file_that_is_not_there_is_no_loss(archive: Archive) -> None:
    archive.keep("/a-1", "Hội nghị")
    gone = archive.page("/tep.pdf", kind="file", status=404)
    archive.db.execute("UPDATE urls SET found_on = 1 WHERE id = ?", (gone.url_id,))
    save(archive.db, archive.run, ReadPage(gone, "not_found"))
    assert _verdict(archive) == []


def test_what_is_gone_twice_is_the_portals_own_mistake(archive: Archive) -> None:
    seen = []
    for day in (0, 1):
        at = NOW + timedelta(days=day)
        _listing(archive, "/tin", ListingClaim("s", 1), fetched_at=at)
        gone = archive.page("/a-9", status=404, fetched_at=at)
        archive.db.execute("UPDATE urls SET found_on = 1 WHERE id = ?", (gone.url_id,))
        save(archive.db, archive.run, ReadPage(gone, "not_found"))
        archive.keep("/b", "Hội nghị", page={"fetched_at": at})
        seen.append(_verdict(archive))
        archive.run = runs.begin(archive.db, PORTAL, "crawl", WHO, at + timedelta(days=1))
    assert seen == [["1 × named by the portal, but HTTP 404: https://thu.example/a-9"], []]


def test_many_addresses_are_counted_and_some_are_named(archive: Archive) -> None:
    for number in range(5):
        save(archive.db, archive.run, ReadPage(archive.page(f"/a-{number}", status=500), "article"))
    archive.keep("/b", "Hội nghị")
    named = ", ".join(f"https://thu.example/a-{number}" for number in range(3))
    assert _verdict(archive) == [f"5 × HTTP 500: {named} and 2 more"]


@pytest.mark.parametrize("form", FORMS.values())
def test_every_reason_is_told_in_vietnamese(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    names = re.findall(r"{(\w+)}", form)
    values = {name: f"https://x.example/{name}" for name in names}
    monkeypatch.setenv("LUUTRU_LANG", "vi")
    assert retold(form.format(**values)) == vietnamese()[form].format(**values)
    assert retold("another reason") == "another reason"
