"""What readers take away: tables that are safe to open, captured pages, feeds."""

import csv
import io
import json
import zipfile
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from lxml import etree
from warcio.archiveiterator import ArchiveIterator

from crawler.export.tables import BOM, harmless
from tests.conftest import NOW, Archive
from tests.packing import rows
from tests.site import serving
from tests.test_cli import luutru
from tests.test_replay_serving import Kept

_ATOM = {"a": "http://www.w3.org/2005/Atom"}
_FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1"]


def _fetched(address: str) -> bytes:
    with urlopen(address) as answer:
        return bytes(answer.read())


def _parsed(text: bytes) -> list[dict[str, str]]:
    assert text.decode().startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.decode().removeprefix(BOM), newline="")))


@pytest.mark.parametrize("formula", _FORMULAS)
def test_a_formula_is_made_text(formula: str) -> None:
    assert harmless(formula) == f"'{formula}"


@pytest.mark.parametrize("value", ["Bán lúa", "-5", "+1,25", 12, None, "a=b", ""])
def test_what_is_no_formula_stays(value: object) -> None:
    assert harmless(value) == value


def test_no_csv_of_site_command_line_or_datasette_has_a_formula(archive: Archive) -> None:
    for number, formula in enumerate(_FORMULAS):
        text = f'Hai dòng,\n"trích" {number}'
        archive.keep(f"/{number}", formula, text, author=formula, published_on=NOW.date())
    archive.keep("/more", "Bình thường", "Một đoạn.", published_on=NOW.date())
    expected = {f"'{formula}" for formula in _FORMULAS} | {"Bình thường"}
    printed = luutru("export", "csv", "--db", str(archive.path))
    assert printed.returncode == 0
    told = _parsed(printed.stdout.encode())
    assert {row["title"] for row in told} == expected
    with serving(archive.path) as site:
        ours = _parsed(_fetched(site.at("search.csv")))
        plain = _fetched(f"{site.origin}/archive/articles.csv?_stream=on").decode()
        saved = _fetched(f"{site.origin}/archive/articles.csv?_stream=on&_dl=on")
        own = _fetched(site.at("search.csv"))
        page = _fetched(f"{site.origin}/archive/articles.csv?_size=1&_trace=1")
    theirs = list(csv.DictReader(io.StringIO(plain, newline="")))
    for table in (ours, theirs):
        assert {row["title"] for row in table} == expected
        assert {row["body"].replace("\r", "") for row in table} >= {'Hai dòng,\n"trích" 3'}
    assert ours[0]["sha256"] == told[0]["sha256"]
    # A file that is saved is opened by Excel, which needs the mark to know its charset.
    assert saved.decode() == BOM + plain
    assert own.decode().count(BOM) == 1
    # Datasette's look at its own CSV in a browser.
    assert page.startswith(b"<html><head>")


def test_a_text_of_any_length_fits_into_a_cell(archive: Archive) -> None:
    text = "Bà con góp đất làm đường. " * 12_000
    archive.keep("/1", "Đường liên thôn", text.strip(), published_on=NOW.date())
    with serving(archive.path) as site:
        ours = _fetched(site.at("search.csv")).decode()
        theirs = _fetched(f"{site.origin}/archive/articles.csv?_stream=on").decode()
    assert text.strip() in ours
    assert text.strip() in theirs


def test_json_lines_hold_what_the_search_found(archive: Archive, tmp_path: Path) -> None:
    archive.keep("/1", "Đường liên thôn", "Bà con góp đất.", published_on=NOW.date())
    archive.keep("/2", "Chợ huyện", "Bán cá.")
    with serving(archive.path) as site:
        lines = _fetched(site.at("search.jsonl?q=duong")).decode().splitlines()
        with pytest.raises(HTTPError, match="400") as nothing:
            _fetched(site.at("search.jsonl?q=khongcogi"))
        nothing.value.close()
    (found,) = map(json.loads, lines)
    assert (found["title"], found["body"]) == ("Đường liên thôn", "Bà con góp đất.")
    assert (found["published_on"], found["portal"]) == ("2024-07-03", "thu")
    out = tmp_path / "all.jsonl"
    result = luutru("export", "jsonl", "--db", str(archive.path), "-o", str(out))
    assert result.stdout == f"{out}: 2 articles\n"
    assert len(out.read_text("utf-8").splitlines()) == 2
    assert luutru("export", "jsonl", "khongcogi", "--db", str(archive.path)).returncode == 1


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    html = "200 OK\r\nContent-Type: text/html; charset=utf-8"
    made = Kept(tmp_path)
    made.keep("/cho", html, b"<p>cho" * 90, title="Chợ huyện")
    made.keep("/duong", html, b"<p>duong" * 90, title="Đường liên thôn")
    # The same payload: a revisit, whose original is the record of another page.
    made.keep("/duong-2", html, b"<p>cho" * 90, title="Đường làng")
    made.close()
    return made


def test_a_wacz_of_a_search_holds_just_those_pages(kept: Kept, tmp_path: Path) -> None:
    out = tmp_path / "search.wacz"
    result = luutru("export", "wacz", "--search", "đường", "--db", str(kept.db), "-o", str(out))
    assert result.returncode == 0, result.stderr
    with serving(kept.db) as site:
        served = _fetched(site.at(f"search.wacz?q={quote('đường')}"))
    for package in (zipfile.ZipFile(out), zipfile.ZipFile(io.BytesIO(served))):
        titles = [json.loads(line).get("title") for line in _lines(package, "pages/pages.jsonl")]
        assert titles[1:] == ["Đường liên thôn", "Đường làng"]
        (name,) = [name for name in package.namelist() if name.startswith("archive/")]
        assert _records(package.read(name), tmp_path) == [
            ("warcinfo", None),
            ("response", "https://thu.example/cho"),
            ("request", "https://thu.example/cho"),
            ("metadata", "https://thu.example/cho"),
            ("response", "https://thu.example/duong"),
            ("request", "https://thu.example/duong"),
            ("metadata", "https://thu.example/duong"),
            ("revisit", "https://thu.example/duong-2"),
            ("request", "https://thu.example/duong-2"),
            ("metadata", "https://thu.example/duong-2"),
        ]


def _lines(package: zipfile.ZipFile, name: str) -> list[str]:
    return package.read(name).decode().splitlines()


def _records(content: bytes, folder: Path) -> list[tuple[str, str | None]]:
    return [
        (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"))
        for record in ArchiveIterator(io.BytesIO(content))
    ]


def _feed(address: str) -> etree._Element:
    feed = etree.fromstring(_fetched(address))
    # RFC 4287, 4.1.1 and 4.1.2: what every feed and entry must have, once.
    for element in [feed, *feed.findall("a:entry", _ATOM)]:
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"a:{name}", _ATOM)) == 1, name
    for entry in feed.findall("a:entry", _ATOM):
        assert entry.find("a:author/a:name", _ATOM).text
        assert _fetched(entry.find("a:link", _ATOM).get("href"))
    return feed


def _titles(feed: etree._Element) -> list[str]:
    return [title.text for title in feed.findall("a:entry/a:title", _ATOM)]


def test_feeds_tell_of_searches_changes_and_vanished_articles(archive: Archive) -> None:
    archive.keep("/1", "Đường liên thôn", "Bà con góp\x0b đất.", published_on=NOW.date())
    archive.keep("/2", "Chợ huyện", "Bán cá.")
    archive.keep("/2", "Chợ huyện", "Bán cá và rau.")
    archive.db.execute(
        """UPDATE articles SET status = 'missing', absent_since = '2024-07-20T00:00:00Z'
           WHERE id = 1"""
    )
    with serving(archive.path) as site:
        assert _titles(_feed(site.at("search.atom?q=duong"))) == ["Đường liên thôn"]
        assert _titles(_feed(site.at("search.atom?q=khongcogi"))) == []
        # It comes near, which is no news.
        assert _titles(_feed(site.at("search.atom?q=duong+lien+thon+dep"))) == []
        changed, vanished = _feed(site.at("changed.atom")), _feed(site.at("vanished.atom"))
    assert (_titles(changed), _titles(vanished)) == (["Chợ huyện"], ["Đường liên thôn"])
    assert changed.find("a:entry/a:link", _ATOM).get("href").endswith("/changes?from=1&to=2")
    assert rows(archive.path, "SELECT count(*) AS n FROM versions")[0]["n"] == 3
