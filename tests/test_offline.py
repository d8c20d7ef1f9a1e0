"""The offline site: a folder that a browser opens from a disk, and searches."""

import contextlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import lxml.html
import pytest
from playwright.sync_api import Error

from crawler.archive.connection import open_archive
from crawler.search import search
from tests.conftest import NOW, Archive
from tests.packing import chromium, needs_chromium, rows
from tests.site import AXE, PHONE, browsing, crawled_twice
from tests.small_portal import small_portal
from tests.test_cli import AT_ONCE, luutru


@dataclass(frozen=True)
class Folder:
    """An archive and its offline site."""

    db: Path
    site: Path

    def at(self, path: str) -> str:
        return f"{self.site.as_uri()}/{path}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    # A name that is hard to put into an address, as USB sticks have them.
    place = tmp_path_factory.mktemp("ổ đĩa #1 100%")
    db = crawled_twice(place, articles=30)
    result = luutru("export", "site", "--db", str(db))
    assert result.returncode == 0, result.stderr
    assert f"open {place / 'archive.site' / 'index.html'}" in result.stdout
    return Folder(db, place / "archive.site")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as made:
        yield made


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    with browsing(browser, offline=True) as made:
        yield made


def test_every_link_leads_to_a_file_that_is_there(folder: Folder) -> None:
    pages = list(folder.site.rglob("*.html"))
    assert len(pages) > 100
    for path in pages:
        tree = lxml.html.fromstring(path.read_bytes())
        for _, _, target, _ in tree.iterlinks():
            if not re.match(r"https?:|mailto:|#", target):
                found = path.parent / unquote(target.split("#")[0].split("?")[0])
                assert found.resolve().is_file(), f"{path}: {target}"


def test_all_articles_with_their_images_and_files_are_there(folder: Folder) -> None:
    (count,) = rows(
        folder.db,
        """SELECT (SELECT count(*) FROM articles) AS articles,
        (SELECT count(*) FROM images WHERE capture_id NOTNULL) AS images,
        (SELECT count(*) FROM attachments WHERE capture_id NOTNULL) AS attachments""",
    )
    assert len(list((folder.site / "article").glob("*.html"))) == count["articles"]
    assert len(list((folder.site / "image").iterdir())) == count["images"]
    assert len(list((folder.site / "attachment").iterdir())) == count["attachments"] > 0


@needs_chromium
@pytest.mark.parametrize(
    "query", ["nong thon moi", "nông thôn mới", "NÔNG thôn", "ban", "bán", "hoà", "hòa", "uỷ ban"]
)
def test_a_search_from_the_disk_finds_what_the_engine_finds(
    folder: Folder, page: Any, query: str
) -> None:
    page.goto(folder.at("index.html"))
    page.get_by_role("searchbox").fill(query)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?**")
    page.wait_for_function("document.getElementById('found').textContent")
    links = page.locator("#hits a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    numbers = {int(re.sub(r"\D", "", link)) for link in links}
    found = search(open_archive(folder.db), query, limit=1000)
    assert numbers == {hit.id for hit in found.hits}
    assert f"of {found.total} articles" in page.locator("#found").inner_text()


@needs_chromium
def test_an_article_is_read_without_any_connection(folder: Folder, page: Any) -> None:
    (row,) = rows(
        folder.db,
        """SELECT a.id, a.title FROM articles a JOIN images i ON i.article_id = a.id
           WHERE i.capture_id NOTNULL LIMIT 1""",
    )
    page.goto(folder.at(f"article/{row['id']}.html"))
    assert page.get_by_role("heading", level=1).inner_text() == row["title"]
    page.locator("article img").first.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('article img').naturalWidth > 100")
    assert page.evaluate("getComputedStyle(document.querySelector('.brand')).fontSize") != "16px"
    page.evaluate("""document.body.append(Object.assign(document.createElement('script'),
        {textContent: 'window.ran = 1'}))""")
    assert page.evaluate("window.ran") is None


@needs_chromium
@pytest.mark.skipif(not AXE.exists(), reason="tests/install-browser-parts.sh brings axe-core")
def test_its_pages_fit_phones_and_axe_finds_nothing_serious(folder: Folder, browser: Any) -> None:
    with browsing(browser, viewport=PHONE) as page:
        for path in ("index.html", "search.html?q=xã", "article/1.html", "help.html"):
            page.goto(folder.at(path))
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
            page.evaluate(AXE.read_text("utf-8"))
            found = page.evaluate("axe.run().then(told => told.violations)")
            assert [f["id"] for f in found if f["impact"] in ("serious", "critical")] == []


def test_hidden_articles_stay_out_and_names_are_tamed(archive: Archive, tmp_path: Path) -> None:
    archive.keep("/1", "Bà Lành xin trợ cấp", published_on=NOW.date(), category="Đơn thư")
    archive.keep("/2", "Chợ", "Cá.", published_on=NOW.date(), category="Tin/../../x?y=1#z")
    assert luutru("hide", "1", "--why", "x", "--db", str(archive.path)).returncode == 0
    out = tmp_path / "site"
    command = ("export", "site", "--db", str(archive.path), "-o", str(out))
    assert luutru(*command, "--no-files").returncode == 0
    assert not (out / "article" / "1.html").exists()
    for path in out.rglob("*"):
        assert not path.is_file() or "Lành" not in path.read_text("utf-8"), path
    (category,) = (out / "category").iterdir()
    assert re.fullmatch(r"tin-x-y-1-z-[0-9a-f]{8}\.html", category.name)
    again = luutru(*command)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


@needs_chromium
def test_no_file_of_a_stranger_is_a_page(browser: Any, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    lie = "/documents/1/2/bao-cao.html/0a1b2c3d-0000-0000-0000-000000000000"
    with small_portal() as portal:
        portal.home("/tin-1")
        portal.article("/tin-1", extra=f"<p><a href='{lie}'>Báo cáo</a></p>")
        portal.file(lie, b"<p>x</p><script>document.title = 'It ran'</script>")
        assert luutru("crawl", portal.url, *AT_ONCE, "--db", str(db)).returncode == 0
    assert luutru("export", "site", "--db", str(db)).returncode == 0
    (file,) = (tmp_path / "archive.site" / "attachment").iterdir()
    assert b"It ran" in file.read_bytes()
    assert file.name == "1.bin"
    with browsing(browser, offline=True) as page:
        # What it does not show it saves, which is an error to who steers it.
        with contextlib.suppress(Error):
            page.goto(file.as_uri())
        assert page.title() == ""


def test_a_record_that_is_gone_is_said(folder: Folder, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    shutil.copy(folder.db, db)
    result = luutru("export", "site", "--db", str(db))
    assert result.returncode == 1
    assert "image 1: " in result.stderr
    assert (tmp_path / "archive.site" / "index.html").exists()
