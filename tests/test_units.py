"""Provinces, districts and communes before and after July 2025, and who tells of them."""

import json
import unicodedata
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.archive import runs, units
from crawler.archive.connection import transaction
from crawler.archive.saving import save
from crawler.errors import BadInput
from crawler.items import ReadPage
from crawler.profiles import Profile, load
from crawler.units import lineage, naming
from crawler.units.facts import Unit, gazetteer, identity
from crawler.units.portals import Placed, by_title, unit_of
from crawler.urls import key_of
from tests.conftest import NOW, WHO, Archive
from tests.test_cli import luutru

KIM_SON, BINH_MINH, NINH_BINH = 200376, 2507314623, 2507100037
# Resolution 1674/NQ-UBTVQH15: what the communes of Kim Sơn became.
MERGED = {
    "Xã Phát Diệm": {"Thị trấn Phát Diệm", "Xã Thượng Kiệm", "Xã Kim Chính"},
    "Xã Bình Minh": {"Thị trấn Bình Minh", "Xã Kim Mỹ", "Xã Cồn Thoi"},
    "Xã Kim Sơn": {"Xã Kim Định", "Xã Ân Hòa", "Xã Hùng Tiến"},
    "Xã Quang Thiện": {"Xã Như Hòa", "Xã Đồng Hướng", "Xã Quang Thiện"},
    "Xã Chất Bình": {"Xã Xuân Chính", "Xã Hồi Ninh", "Xã Chất Bình"},
    "Xã Lai Thành": {"Xã Tân Thành", "Xã Yên Lộc", "Xã Lai Thành"},
    "Xã Định Hóa": {"Xã Văn Hải", "Xã Kim Tân", "Xã Định Hóa"},
    "Xã Kim Đông": {"Xã Kim Trung", "Xã Kim Đông"},
}


def _on(day: str) -> list[Unit]:
    return [
        unit
        for unit in gazetteer().units.values()
        if (unit.valid_from or "") <= day <= (unit.valid_to or "9")
    ]


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        ("2025-06-30", {"province": 63, "district": 696, "commune": 10_035}),
        ("2025-07-01", {"province": 34, "commune": 3321}),
        ("2026-09-20", {"province": 34, "commune": 3321}),
    ],
)
def test_there_are_as_many_as_the_law_says(day: str, counts: dict[str, int]) -> None:
    assert Counter(unit.level for unit in _on(day)) == counts


def test_kinds_are_as_many_as_the_statistics_office_counts() -> None:
    """Its list of 20 September 2026; the cities are Đồng Nai, Quảng Ninh and Bắc Ninh as well."""
    kinds = Counter((unit.level, unit.kind) for unit in _on("2026-09-20"))
    assert kinds == {
        ("province", "tỉnh"): 25,
        ("province", "thành phố"): 9,
        ("commune", "xã"): 2599,
        ("commune", "phường"): 709,
        ("commune", "đặc khu"): 13,
    }


def test_no_unit_is_twice_at_a_time_and_each_began_in_one_that_was_there() -> None:
    facts = gazetteer()
    for day in ("2025-06-30", "2025-07-01", "2026-05-01", "2026-11-01"):
        assert max(Counter((unit.level, unit.code) for unit in _on(day)).values()) == 1
    for unit in facts.units.values():
        assert unit.id == identity(unit.code, unit.valid_from)
        assert unicodedata.is_normalized("NFC", unit.name)
        assert (unit.parent_id is None) == (unit.level == "province")
        if unit.parent_id is not None:
            began = facts.units[unit.parent_id].valid_from
            assert (began or "") <= (unit.valid_from or "")


def test_what_ends_became_something_the_day_after_in_the_same_province() -> None:
    facts = gazetteer()
    islands = {318, 471, 498, 536, 755}
    for unit in facts.units.values():
        became = facts.becoming[unit.id]
        district = unit.level == "district" and int(unit.code) not in islands
        assert bool(became) == (unit.valid_to is not None and not district), unit
        assert {change.extent for change in became} <= {"part" if len(became) > 1 else "whole"}
        for change in became:
            new = facts.units[change.new_id]
            assert new.valid_from == change.changed_on > (unit.valid_to or "9")
            assert lineage.province(new.id) == lineage.province(unit.id)
        if district:
            assert lineage.heirs(unit.id)


def test_what_began_later_was_made_of_something() -> None:
    facts = gazetteer()
    assert {
        u.name for u in facts.units.values() if u.valid_from and not facts.origin[u.id]
    } == set()


def test_every_commune_of_kim_son_has_its_successor() -> None:
    facts = gazetteer()
    assert {heir.name for heir in lineage.heirs(KIM_SON)} == set(MERGED)
    for heir in lineage.heirs(KIM_SON):
        made_of = {facts.units[change.old_id].name for change in facts.origin[heir.id]}
        assert made_of == MERGED[heir.name]
        assert {change.basis for change in facts.origin[heir.id]} == {"1674/NQ-UBTVQH15"}
    assert len(facts.inside[KIM_SON]) == sum(map(len, MERGED.values()))


def test_all_of_ninh_binh_old_and_new() -> None:
    family = Counter((u.level, u.valid_from) for u in lineage.family(NINH_BINH))
    assert family["province", None] == 3
    assert family["commune", "2025-07-01"] == 129
    old = [u for u in lineage.family(NINH_BINH) if u.level == "commune" and not u.valid_from]
    assert all(gazetteer().becoming[unit.id] for unit in old)


def test_a_divided_commune_leads_to_all_its_parts() -> None:
    (dien_bien,) = naming.find("phường Điện Biên, quận Ba Đình")
    parts = gazetteer().becoming[dien_bien.id]
    assert {gazetteer().units[change.new_id].name for change in parts} == {
        "Phường Ba Đình", "Phường Hoàn Kiếm", "Phường Ô Chợ Dừa",
        "Phường Văn Miếu - Quốc Tử Giám",
    }  # fmt: skip
    assert {change.extent for change in parts} == {"part"}


def test_communes_of_one_name_in_two_districts_are_not_mixed_up() -> None:
    """The source has Hòa Bình of Vĩnh Bảo in Kim Thành, too; the Statistics Office has not."""
    (vinh_bao,) = naming.find("xã Hòa Bình, huyện Vĩnh Bảo")
    assert [c.new_id for c in gazetteer().becoming[vinh_bao.id]] == [2507311911]


def test_who_tells_of_a_place() -> None:
    told = {gazetteer().units[each].name for each in lineage.told_by(BINH_MINH)}
    assert told == MERGED["Xã Bình Minh"] | {"Xã Bình Minh", "Huyện Kim Sơn"}
    assert BINH_MINH in lineage.told_by(KIM_SON)
    assert NINH_BINH not in lineage.told_by(KIM_SON)
    # A part of Quang Trung went to Phủ Lý, another to Hà Nam: these two don't tell of each other.
    phu_ly, ha_nam = naming.one("phường Phủ Lý").id, naming.one("phường Hà Nam, Ninh Bình").id
    assert ha_nam not in lineage.told_by(phu_ly)
    assert lineage.told_by(phu_ly) & lineage.told_by(ha_nam)
    # A province is all that lies in it; Hà Nam is no part of Kim Sơn's past.
    assert {KIM_SON, BINH_MINH} < lineage.told_by(NINH_BINH)
    assert KIM_SON not in lineage.told_by(100035)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("huyện Kim Sơn", KIM_SON),
        ("HUYEN KIM SON", KIM_SON),
        ("H. Kim Sơn", KIM_SON),
        ("376", KIM_SON),
        ("xã Bình Minh, Ninh Bình", BINH_MINH),
        ("binh minh, kim son, ninh binh", BINH_MINH),
        ("14623", BINH_MINH),
        ("2507314623", BINH_MINH),
        ("xã Bình Minh, tỉnh Nam Định", 314011),
        ("TP. Hồ Chí Minh", 2507100079),
        ("tỉnh Hoà Bình", 100017),
        ("phường 04, Sa Đéc", 329908),
        ("xa ea h’leo", 2507324184),
        ("Phường Lộc Ninh", 2604325270),
        ("Quận 1, TP.HCM", 200760),
        ("TPHCM", 2507100079),
    ],
)
def test_a_place_is_found_as_people_write_it(written: str, number: int) -> None:
    for form in ("NFC", "NFD"):
        assert naming.one(unicodedata.normalize(form, written)).id == number  # type: ignore[arg-type]


def test_every_unit_is_found_by_its_name() -> None:
    assert [u for u in gazetteer().units.values() if u not in naming.find(u.name)] == []


@pytest.mark.parametrize("unknown", ["", ",", "huyện Atlantis", "99999", "xã Binh Mịnh", "bán"])
def test_an_unknown_place_is_none(unknown: str) -> None:
    assert naming.find(unknown) == []
    with pytest.raises(BadInput, match="no place is called"):
        naming.one(unknown)


def test_a_name_of_several_places_is_asked_back_in_one_line() -> None:
    with pytest.raises(BadInput) as asked:
        naming.one("Kim Sơn, Ninh Bình")
    line = str(asked.value)
    assert "\n" not in line
    assert "2507314638 Xã Kim Sơn (Tỉnh Ninh Bình, from 2025-07-01)" in line
    assert "200376 Huyện Kim Sơn (Tỉnh Ninh Bình, until 2025-06-30)" in line
    # Only one of the many of that name is told of by the portals there are.
    assert naming.one("xã Bình Minh", {KIM_SON}).id == BINH_MINH


def _portal(url: str, name: str = "", unit: str = "") -> Profile:
    return Profile(slug="thu", name=name or url, url=url, unit=unit)


@pytest.mark.parametrize(
    ("host", "name", "number"),
    [
        ("yenmo.ninhbinh.gov.vn", "Huyện Yên Mô", 200377),
        ("www.phatdiem.ninhbinh.gov.vn", "", 2507314620),
        ("ubndxaphatdiem.ninhbinh.gov.vn", "", 2507314620),
        ("ninhbinh.gov.vn", "", NINH_BINH),
        ("hanam.gov.vn", "", 100035),
        ("kimson.ninhbinh.gov.vn", "Cổng thông tin điện tử huyện Kim Sơn", KIM_SON),
        ("huyenkimson.ninhbinh.gov.vn", "", KIM_SON),
        ("quan1.hochiminhcity.gov.vn", "", 200760),
        ("tpvungtau.baria-vungtau.gov.vn", "Thành phố Vũng Tàu", 200747),
    ],
)
def test_a_host_name_that_means_one_place_is_enough(host: str, name: str, number: int) -> None:
    placed = unit_of(_portal(f"https://{host}/", name))
    assert (placed.unit and placed.unit.id, placed.unclear) == (number, None)


def test_a_host_name_that_may_be_two_or_none_says_so() -> None:
    placed = unit_of(_portal("https://kimson.ninhbinh.gov.vn/"))
    assert placed.unit is None
    assert {unit.id for unit in placed.choices} == {KIM_SON, 2507314638}
    assert "376 Huyện Kim Sơn; 14638 Xã Kim Sơn" in str(placed.unclear)
    placed = unit_of(_portal("https://sotttt.ninhbinh.gov.vn/"))
    assert (placed.unit, placed.choices) == (None, ())
    assert "unit = CODE, or none" in str(placed.unclear)
    for other in (_portal("https://bao.vn/"), _portal("https://so.gov.vn/", unit="none")):
        assert unit_of(other) == Placed()
    with pytest.raises(BadInput, match="the profile thu names the unit '377000'"):
        unit_of(_portal("https://thu.vn/", unit="377000"))


def test_a_title_tells_which_of_several_places_it_is() -> None:
    nghi_son = naming.find("Nghi Sơn")
    for title, kind in (("UBND Thị xã Nghi Sơn", "thị xã"), ("Trang chủ - XÃ NGHI SƠN", "xã")):
        told = by_title(nghi_son, unicodedata.normalize("NFD", title))
        assert told is not None
        assert told.kind == kind
    assert by_title(nghi_son, "Trang chủ") is None


def test_the_title_of_the_home_page_settles_it(archive: Archive) -> None:
    host = "https://kimson.ninhbinh.gov.vn/"
    archive.db.execute("UPDATE portals SET url = ?", (host,))
    page = archive.page("/")
    archive.db.execute("UPDATE urls SET key = ?", (key_of(host),))
    for _ in range(2):
        with transaction(archive.db):
            units.hang(archive.db, 1, _portal(host), NOW)
    assert units.having_portals(archive.db) == set()
    html = "<html><title>Cổng thông tin điện tử huyện Kim Sơn</title></html>"
    home = replace(page, kind="home", body=html.encode(), content_type="text/html")
    save(archive.db, archive.run, ReadPage(home, "home"))
    sql = "SELECT count(*) FROM problems WHERE resolved_at IS NULL"
    # A later crawl, whose home page is unchanged and not read, takes nothing back.
    for _ in range(2):
        assert units.having_portals(archive.db) == {KIM_SON}
        assert archive.db.execute(sql).fetchone()[0] == 0
        with transaction(archive.db):
            units.hang(archive.db, 1, _portal(host), NOW)


def test_a_portal_brings_the_units_of_its_province(archive: Archive) -> None:
    runs.begin(archive.db, load("kimson"), "crawl", WHO, NOW)
    with transaction(archive.db):
        units.hang(archive.db, 2, load("kimson"), NOW)
    assert units.having_portals(archive.db) == {KIM_SON}
    stored = {row["id"]: row for row in archive.db.execute("SELECT * FROM units")}
    assert set(stored) == {unit.id for unit in lineage.family(NINH_BINH)}
    assert stored[BINH_MINH]["folded"] == "binh minh"
    count = archive.db.execute("SELECT count(*) FROM unit_changes").fetchone()[0]
    assert count == len(lineage.changes(lineage.family(NINH_BINH)))
    assert archive.db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_facts_of_an_earlier_luutru_are_put_right(archive: Archive) -> None:
    family = lineage.family(NINH_BINH)
    with transaction(archive.db):
        units.take_up(archive.db, family)
    archive.db.execute("UPDATE units SET name = 'x', valid_to = NULL WHERE id = ?", (KIM_SON,))
    archive.db.execute("UPDATE unit_changes SET new_id = ? WHERE old_id = 314623", (NINH_BINH,))
    with transaction(archive.db):
        units.take_up(archive.db, family)
    row = archive.db.execute("SELECT name, valid_to FROM units WHERE id = ?", (KIM_SON,)).fetchone()
    assert tuple(row) == ("Huyện Kim Sơn", "2025-06-30")
    became = archive.db.execute("SELECT new_id FROM unit_changes WHERE old_id = 314623").fetchall()
    assert [row[0] for row in became] == [BINH_MINH]


def test_an_unclear_place_is_a_problem_until_the_profile_says_it(archive: Archive) -> None:
    host = "https://kimson.ninhbinh.gov.vn/"
    unclear = _portal(host)
    archive.page("/")
    archive.db.execute("UPDATE urls SET key = ?", (key_of(host),))

    def reasons() -> list[str]:
        sql = "SELECT reason FROM problems WHERE field = 'unit' AND resolved_at IS NULL"
        return [row[0] for row in archive.db.execute(sql)]

    for _ in range(2):
        with transaction(archive.db):
            units.hang(archive.db, 1, unclear, NOW)
        assert len(reasons()) == 1
    with transaction(archive.db):
        units.hang(archive.db, 1, replace(unclear, unit="376"), NOW)
    assert reasons() == []
    assert units.having_portals(archive.db) == {KIM_SON}


def test_the_command_tells_past_and_future(tmp_path: Path) -> None:
    told = luutru("units", "xã Bình Minh, Ninh Bình", cwd=tmp_path)
    assert told.returncode == 0
    assert "made of: Thị trấn Bình Minh, Xã Kim Mỹ, Xã Cồn Thoi (1674/NQ-UBTVQH15" in told.stdout
    (facts,) = json.loads(luutru("units", "huyen", "kim", "son", "--json", cwd=tmp_path).stdout)
    assert (facts["code"], facts["valid_to"]) == ("376", "2025-06-30")
    assert {heir["name"] for heir in facts["heirs"]} == set(MERGED)
    many = luutru("units", "binh minh", cwd=tmp_path)
    assert len(many.stdout.splitlines()) > 10
    assert not (tmp_path / "archive.db").exists()
    for words in (("nowhere",), ("nowhere", "--json")):
        assert luutru("units", *words, cwd=tmp_path).returncode == 1
    assert luutru("units", cwd=tmp_path).returncode == 2
