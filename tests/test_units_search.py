"""What is a commune now is found in what its district wrote: command, site and plain Datasette."""

import json
import re
import shlex
import sqlite3
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import practice
from browse.queries import QUERIES
from crawler.units import lineage
from tests.site import Site, serving
from tests.test_cli import luutru
from tests.test_datasette import served
from tests.test_docs import ROOT
from tests.test_replay import PAGE, TEXT, _record

KIM_SON, BINH_MINH, NINH_BINH = 200376, 2507314623, 2507100037


# A merged archive shows the same text once; these are two.
TEXTS = {
    2: "Bà con Cồn Thoi và Kim Mỹ góp đất mở đường ra đê biển Bình Minh để xây dựng nông thôn mới. "
    "Con đường dài hơn hai cây số, mặt bê tông rộng năm mét, có rãnh thoát nước hai bên và hàng "
    "cây phi lao chắn gió. Ông Trần Văn Hải, xóm 4, cho biết từ nay xe chở cói về tận sân nhà."
}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two articles of the district of Kim Sơn, and one of a newspaper that is of no place."""
    folder = tmp_path_factory.mktemp("units")
    for host, numbers in (("kimson.ninhbinh.gov.vn", (1, 2)), ("bao.example", (9,))):
        pages = {
            f"https://{host}/tin/{n}.html": PAGE.format(n=n, text=TEXTS.get(n, TEXT))
            for n in numbers
        }
        records = b"".join(_record(url, page.encode()) for url, page in pages.items())
        (folder / f"{host}.warc").write_bytes(records)
        imported = luutru("import", f"{host}.warc", cwd=folder)
        assert imported.returncode == 0, imported.stdout + imported.stderr
    return folder / "archive.db"


def _found(db: Path, unit: str, *words: str) -> list[str]:
    result = luutru("search", *words, "--unit", unit, "--json", "--db", str(db))
    assert result.returncode == 0, result.stdout + result.stderr
    return sorted(hit["title"] for hit in json.loads(result.stdout)["hits"])


@pytest.mark.parametrize(
    "unit",
    ["xã Bình Minh", "binh minh, ninh binh", "14623", "thị trấn Bình Minh", "huyện Kim Sơn",
     "200376", "2507100037", "xã Như Hòa", "Phát Diệm"],
)  # fmt: skip
def test_the_district_s_articles_are_found_by_any_of_its_places(db: Path, unit: str) -> None:
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, unit)  # type: ignore[arg-type]
        assert _found(db, written) == ["Bài số 1", "Bài số 2"]
    assert _found(db, unit, "nong thon moi") == ["Bài số 1", "Bài số 2"]


def test_the_search_says_which_place_it_took(db: Path) -> None:
    told = luutru("search", "--unit", "xã Bình Minh", "--db", str(db)).stdout
    assert "Xã Bình Minh (Tỉnh Ninh Bình, from 2025-07-01): kimson" in told
    nothing = luutru("search", "--unit", "xã Bình Minh, Nghệ An", "--db", str(db))
    assert nothing.returncode == 1
    assert "no portal here tells of it" in nothing.stdout


@pytest.mark.parametrize(
    ("unit", "line"),
    [
        ("Kim Sơn", "may be 2507314638 Xã Kim Sơn (Tỉnh Ninh Bình, from 2025-07-01); 200376 "),
        ("huyện Atlantis", "no place is called 'huyện Atlantis'"),
        ("", "no place is called ''"),
    ],
)
def test_a_name_of_several_or_none_is_one_line_and_wrong_use(
    db: Path, unit: str, line: str
) -> None:
    result = luutru("search", "--unit", unit, "--db", str(db))
    assert result.returncode == 2
    assert line in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_tables_and_saved_searches_narrow_by_place_too(db: Path, tmp_path: Path) -> None:
    told = luutru("export", "csv", "--unit", "xã Bình Minh", "--db", str(db))
    assert len(told.stdout.splitlines()) == 3
    words = ("--unit", "xã Bình Minh", "--email", "a@example.org", "--db", str(db))
    assert luutru("watch", "add", *words).stdout.startswith("1: 2 articles")
    assert "all · Xã Bình Minh" in luutru("watch", "list", "--db", str(db)).stdout


def test_an_archive_without_places_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(
        _record("http://thu.example/tin/1.html", PAGE.format(n=1, text=TEXT).encode())
    )
    assert luutru("import", "a.warc", cwd=tmp_path).returncode == 0
    result = luutru("search", "--unit", "huyện Kim Sơn", cwd=tmp_path)
    assert result.returncode == 2
    assert "or say `unit` in its profile" in result.stderr


def _profile(folder: Path, url: str, unit: str) -> None:
    (folder / "portals").mkdir(exist_ok=True)
    facts = f'name = "Huyện Kim Sơn"\nurl = "{url}"\nunit = "{unit}"\n'
    (folder / "portals" / "thu.toml").write_text(facts, "utf-8")


def test_a_crawl_hangs_its_portal_on_what_its_profile_says(tmp_path: Path) -> None:
    with practice.running(articles=4, port=0) as url:
        _profile(tmp_path, url, "99999")
        wrong = luutru("crawl", "thu", "--delay", "0", cwd=tmp_path)
        assert wrong.returncode == 2
        assert "luutru: the profile thu names the unit '99999', which there is not" in wrong.stderr
        assert len(wrong.stderr.splitlines()) == 1
        _profile(tmp_path, url, "376")
        crawled = luutru("crawl", "thu", "--delay", "0", cwd=tmp_path)
        assert crawled.returncode == 0, crawled.stdout + crawled.stderr
    assert len(_found(tmp_path / "archive.db", "xã Bình Minh")) >= 4


def test_a_merged_archive_knows_the_places_of_all(db: Path, tmp_path: Path) -> None:
    merged = tmp_path / "all.db"
    told = luutru("merge", str(db), "--db", str(merged))
    assert told.returncode == 0, told.stdout + told.stderr
    assert _found(merged, "xã Bình Minh") == ["Bài số 1", "Bài số 2"]


def _sql(db: Path, sql: str, **values: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(db)) as archive:
        archive.row_factory = sqlite3.Row
        return [dict(row) for row in archive.execute(sql, values)]


def test_plain_sql_follows_places_as_the_program_does(db: Path) -> None:
    """The canned query for Datasette, for every unit of the province."""
    told = QUERIES["articles_of_a_place"]["sql"]
    telling = told[: told.index("select a.id")] + "select id from telling"
    for unit in lineage.family(NINH_BINH):
        found = {row["id"] for row in _sql(db, telling, name=str(unit.id))}
        assert found == lineage.told_by(unit.id), unit
    titles = {row["title"] for row in _sql(db, told, name="binh minh")}
    assert titles == {"Bài số 1", "Bài số 2"}


def test_plain_datasette_links_portals_to_units(db: Path) -> None:
    with served("datasette", str(db), "--port", "0", plugins=False) as url:
        with urllib.request.urlopen(f"{url}/{db.stem}/portals.json?_labels=on&_shape=array") as it:
            rows = json.load(it)
        assert rows[0]["unit_id"] == {"value": KIM_SON, "label": "Huyện Kim Sơn"}
        for table in ("units?id=314620", "unit_changes?old_id=314620"):
            with urllib.request.urlopen(f"{url}/{db.stem}/{table}") as page:
                assert "Thị trấn Phát Diệm" in page.read().decode()


@pytest.fixture(scope="module")
def site(db: Path) -> Iterator[Site]:
    with serving(db) as found:
        yield found


def _page(site: Site, page: str) -> str:
    with urllib.request.urlopen(site.at(page)) as answer:
        return " ".join(re.sub(r"<[^>]+>", " ", answer.read().decode()).split())


def test_the_site_has_a_page_for_each_place(site: Site) -> None:
    page = _page(site, f"unit/{BINH_MINH}?_lang=en")
    assert "Made of Thị trấn Bình Minh , Xã Kim Mỹ , Xã Cồn Thoi (1674/NQ-UBTVQH15" in page
    assert "Portals that tell of it Huyện Kim Sơn, tỉnh Ninh Bình" in page
    assert "Bài số 1" in page
    assert "Bài số 9" not in page
    assert "Its communes became Xã Phát Diệm" in _page(site, f"unit/{KIM_SON}")
    assert "Huyện Kim Sơn" in _page(site, "browse")
    assert "Huyện Kim Sơn" in _page(site, "portal/kimson")
    with pytest.raises(urllib.error.HTTPError, match="404") as absent:
        _page(site, "unit/999999")
    absent.value.close()


def test_the_search_page_narrows_by_place(site: Site) -> None:
    page = _page(site, f"search?unit={quote('xã Bình Minh')}")
    assert "2 of 2 articles" in page
    assert "Bài số 9" not in page
    assert "remove Xã Bình Minh" in page
    assert "Bài số 9" in _page(site, "search")
    with pytest.raises(urllib.error.HTTPError, match="400") as wrong:
        _page(site, "search?unit=Atlantis")
    with wrong.value as answer:
        assert "no place is called" in answer.read().decode()
    with pytest.raises(urllib.error.HTTPError, match="300") as several:
        _page(site, f"search?q=b&unit={quote('Kim Sơn')}")
    with several.value as answer:
        asked = answer.read().decode()
    choices = re.findall(r'href="([^"]*unit=\d+)"[^>]*>([^<]*)</a>(.*?)</li>', asked, re.DOTALL)
    assert [(name, re.sub(r"<.*?>|\s+", " ", more).split()) for _, name, more in choices] == [
        ("Xã Kim Sơn", ["Tỉnh", "Ninh", "Bình", "·", "from", "1", "Jul", "2025"]),
        ("Huyện Kim Sơn", ["Tỉnh", "Ninh", "Bình", "·", "until", "30", "Jun", "2025"]),
    ]
    assert choices[1][0].endswith(f"search?q=b&amp;unit={KIM_SON}")
    with urllib.request.urlopen(site.at(f"search.csv?unit={BINH_MINH}")) as answer:
        assert len(answer.read().decode().splitlines()) == 3


@pytest.mark.parametrize("page", ["units.md", "units.vi.md", "../README.md", "../README.vi.md"])
def test_the_commands_of_the_docs_run(db: Path, page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    lines = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines()
    commands = [line.split("  #")[0].strip() for line in lines if "--unit" in line]
    assert commands
    for command in commands:
        result = luutru(*shlex.split(command)[1:], cwd=db.parent)
        assert result.returncode == 0, f"{command}: {result.stderr}"


@pytest.mark.parametrize("page", ["units.md", "units.vi.md"])
def test_the_sql_of_the_docs_finds_the_district_s_articles(db: Path, page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    (sql,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    assert {row["title"] for row in _sql(db, sql)} == {"Bài số 1", "Bài số 2"}
