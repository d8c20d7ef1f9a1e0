"""Fills the slots of sentence templates, such as {xa} or {tien}, with fitting words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from practice.dates import short
from practice.spelling import dotted, sentence_case

_SLOT = re.compile(r"\{(\w+)\}")


@cache
def texts(name: str) -> dict[str, Any]:
    """One of the files in practice/texts, by its name without the ending."""
    found = files("practice") / "texts" / f"{name}.toml"
    return tomllib.loads(found.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Scene:
    """What all sentences of one article agree on."""

    commune: str
    """With its kind in front: "xã Hải An"."""
    event_on: date
    dice: Random
    count: int | None = None
    """The number that {n} stands for, or None for a new one each time."""


def fill(template: str, scene: Scene) -> str:
    """The template with each slot filled; a slot with a capital starts a sentence."""

    def word(found: re.Match[str]) -> str:
        name = found[1]
        filled = _FILLERS[name.lower()](scene)
        return filled if name == name.lower() else sentence_case(filled)

    return _SLOT.sub(word, template)


def person(dice: Random, woman: bool | None = None) -> str:
    """An invented full name."""
    names = texts("names")
    female = dice.random() < 0.4 if woman is None else woman
    middle, given = ("women", "women_given") if female else ("men", "men_given")
    parts = (names["families"], names[middle], names[given])
    return " ".join(dice.choice(part) for part in parts)


def _choice(key: str) -> Callable[[Scene], str]:
    return lambda scene: str(scene.dice.choice(texts("names")[key]))


def _count(scene: Scene) -> str:
    return str(scene.dice.randint(15, 480) if scene.count is None else scene.count)


def _between(low: float, high: float, wording: str) -> Callable[[Scene], str]:
    def filler(scene: Scene) -> str:
        return wording.format(f"{scene.dice.uniform(low, high):.1f}".replace(".", ","))

    return filler


def _money(scene: Scene) -> str:
    return dotted(scene.dice.randint(3, 900) * 500_000) + "đ"


def _official(scene: Scene) -> str:
    return f"đồng chí {person(scene.dice)}, {_choice('offices')(scene)}"


def _villager(scene: Scene) -> str:
    woman = scene.dice.random() < 0.5
    title = "bà" if woman else "ông"
    return f"{title} {person(scene.dice, woman)} ở {_choice('hamlets')(scene)}"


def _deadline(scene: Scene) -> str:
    return short(scene.event_on + timedelta(days=scene.dice.choice((-21, -9, 12, 18, 40, 75))))


def _commune_name(scene: Scene) -> str:
    return scene.commune.removeprefix("xã ").removeprefix("thị trấn ")


def _school(scene: Scene) -> str:
    return _choice("schools")(scene).format(c=_commune_name(scene))


_FILLERS: dict[str, Callable[[Scene], str]] = {
    "xa": lambda scene: scene.commune,
    "xaten": _commune_name,
    "xa2": _choice("communes"),
    "thon": _choice("hamlets"),
    "ngay": lambda scene: short(scene.event_on),
    "ngaykhac": _deadline,
    "buoi": lambda scene: scene.dice.choice(("Sáng ngày", "Chiều ngày")),
    "buoithuong": lambda scene: scene.dice.choice(("sáng ngày", "chiều ngày")),
    "thang": lambda scene: f"{scene.event_on.month}/{scene.event_on.year}",
    "nam": lambda scene: str(scene.event_on.year),
    "namsau": lambda scene: str(scene.event_on.year + 1),
    "n": _count,
    "m": lambda scene: str(scene.dice.randint(481, 900)),
    "so": lambda scene: f"{scene.dice.randint(2, 30):02}",
    "tien": _money,
    "trieu": lambda scene: f"{scene.dice.randint(30, 950)} triệu đồng",
    "qua": lambda scene: dotted(scene.dice.randint(3, 19) * 100_000) + "đ",
    "thunhap": _between(38, 79, "{}"),
    "it": _between(0.4, 6, "{}%"),
    "pt": _between(61, 99.8, "{}%"),
    "ha": _between(20, 480, "{}"),
    "km": _between(0.4, 9, "{}km"),
    "ta": _between(55, 72, "{}"),
    "canbo": _official,
    "dan": _villager,
    "ten": lambda scene: person(scene.dice),
    "tennu": lambda scene: person(scene.dice, woman=True),
    "tennam": lambda scene: person(scene.dice, woman=False),
    "coquan": _choice("agencies"),
    "chucxa": _choice("commune_offices"),
    "truong": _school,
}
