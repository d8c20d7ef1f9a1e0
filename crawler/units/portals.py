"""Which unit a portal is of: its profile says it, else host name and title, if they mean one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.errors import BadInput
from crawler.units import lineage, naming
from crawler.units.facts import LEVELS, Unit, gazetteer
from crawler.vietnamese import fold, squeeze
from crawler.words import tr

if TYPE_CHECKING:
    from crawler.profiles import Profile

NONE = "none"
"""What a profile says of a portal that is of no unit: a newspaper, a department."""
_GOVERNMENT = ".gov.vn"
_KINDS = sorted({fold(k).replace(" ", "") for ks in LEVELS.values() for k in ks}, key=len)
_FRONT = re.compile(rf"^(?:{'|'.join([*reversed(_KINDS), 'tp', 'tx', 'tt'])})?")


@dataclass(frozen=True, slots=True)
class Placed:
    """Which unit a portal is of, or may be of."""

    unit: Unit | None = None
    choices: tuple[Unit, ...] = ()
    """Several that its host name may mean."""
    unclear: str | None = None
    """Why it is not known, where it should be."""


def unit_of(profile: "Profile") -> Placed:
    """The portal's unit, as far as its profile or host tells it; none if it is no government's.

    Raises BadInput when the profile names a unit that there is not.
    """
    if profile.unit:
        return Placed(None if profile.unit == NONE else _named(profile))
    host = (urlsplit(profile.url).hostname or "").lower()
    if not host.endswith(_GOVERNMENT):
        return Placed()
    labels = host.removeprefix("www.").removesuffix(_GOVERNMENT).split(".")
    found = _by_host([label.replace("-", "") for label in labels])
    unit = found[0] if len(found) == 1 else by_title(found, profile.name)
    return Placed(unit) if unit else Placed(None, tuple(found), _unclear(host, found))


def shortest(unit: Unit) -> str:
    """What a profile calls the unit: its code, or its number where the code means a later one."""
    latest = max(each.id for each in naming.by_code(unit.code))
    return unit.code if latest == unit.id else str(unit.id)


def by_title(choices: Iterable[Unit], title: str) -> Unit | None:
    """The one of them whose name the title has, with its kind: `huyện Kim Sơn`."""
    said = fold(squeeze(title)).lower()
    named = {fold(unit.name).lower(): unit for unit in choices}
    # `Thị xã Cai Lậy` has `xã Cai Lậy` in it.
    found = [name for name in named if name in said]
    longest = [name for name in found if not any(name in other for other in found if other != name)]
    return named[longest[0]] if len(longest) == 1 else None


def _named(profile: "Profile") -> Unit:
    found = naming.by_code(profile.unit)
    if not found:
        raise BadInput(
            tr(
                "the profile {slug} names the unit {unit!r}, which there is not; "
                "`luutru units NAME` tells codes",
                slug=profile.slug,
                unit=profile.unit,
            )
        )
    return max(found, key=lambda unit: unit.id)


def _by_host(labels: list[str]) -> list[Unit]:
    """Units that `kimson.ninhbinh` may be; of one place before and after, the later."""
    provinces = [u for u in gazetteer().units.values() if u.level == "province"]
    # hochiminhcity.gov.vn
    of_name = [u for u in provinces if _joined(u.short) == labels[-1].removesuffix("city")]
    if len(labels) == 1:
        return naming.places(of_name)
    within = {n for unit in of_name for n in lineage.inside(unit.id) if n != unit.id}
    return naming.places(_called(labels[-2], [gazetteer().units[n] for n in sorted(within)]))


def _called(label: str, units: list[Unit]) -> list[Unit]:
    """Those that `huyenkimson` means with its kind, or `kimson`; else what is behind a short kind,
    as in `tptamdiep`.
    """
    label = label.removeprefix("ubnd")
    whole = [unit for unit in units if label in (_joined(unit.name), _joined(unit.short))]
    behind = _FRONT.sub("", label, count=1)
    return whole or [unit for unit in units if _joined(unit.short) == behind]


def _joined(name: str) -> str:
    return re.sub(r"\W", "", fold(name).lower())


def _unclear(host: str, found: list[Unit]) -> str:
    if not found:
        return f"no place is called like {host}; say in the portal's profile: unit = CODE, or none"
    choices = "; ".join(f"{unit.code} {unit.name}" for unit in found)
    return f"{host} may be the portal of {choices}; say in its profile: unit = CODE"
