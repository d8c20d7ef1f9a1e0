"""Charts as SVG, made here: they need no script, print sharply and are in the offline site too.

This module works out where everything stands; `templates/luutru/_chart.html` draws it, with the
numbers as a table beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from browse.writing import day, number, short_number

WIDTH, HEIGHT = 720, 280
_RIGHT, _TOP, _BOTTOM = 16, 12, 38
_LETTER, _PHONE_LETTER = 7.5, 12.5
"""Width of a letter of a label, about; on a phone the picture is small, and letters larger."""
_BETWEEN = 12
"""Least distance of two labels."""
_WIDEST_BAR = 44
MOST_SERIES = 8
"""Colours that can be told apart; what is beyond is put together."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the chart, or a label under it."""

    at: float
    label: str
    spare: bool = False
    """Whether there is no room for it on a phone."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar, or a point of a line when it has no width."""

    x: float
    y: float
    width: float
    height: float
    series: int
    label: str
    """What it says when it is pointed at."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that is drawn, in units of the picture."""

    series: Sequence[str]
    rows: Sequence[tuple[str, Sequence[float | None]]]
    """The table: a label and a value of each series."""
    marks: Sequence[Mark]
    lines: Sequence[str]
    """Points of a polyline for each series; none for bars."""
    ticks: Sequence[Tick]
    labels: Sequence[Tick]
    left: float
    """Where the lines across begin."""
    percent: bool = False
    """Whether values are shares from 0 to 1."""
    width: int = WIDTH
    height: int = HEIGHT

    def value(self, value: float | None) -> str:
        """A value as the table has it."""
        return _written(value, percent=self.percent)


Rows = Sequence[tuple[str, Mapping[str, float]]]


def bars(rows: Rows, series: Sequence[str]) -> Chart:
    """Bars from left to right, a row each, in which the series stand upon each other."""
    scale = _Scale(max((sum(values.values()) for _, values in rows), default=0))
    step = (WIDTH - scale.left - _RIGHT) / max(len(rows), 1)
    marks = [
        mark
        for place, (label, values) in enumerate(rows)
        for mark in _stack(scale, place * step + scale.left, step, label, values, series)
    ]
    table = [(label, [values.get(name, 0) for name in series]) for label, values in rows]
    middles = [(place + 0.5) * step + scale.left for place in range(len(rows))]
    labels = _labels([label for label, _ in rows], middles)
    return Chart(series, table, marks, [], scale.ticks(), labels, scale.left)


def every_year(rows: Rows) -> Rows:
    """`rows` by year, with empty ones for the years between that have none."""
    known = dict(rows)
    years = sorted(map(int, known))
    return [(f"{y:04}", known.get(f"{y:04}", {})) for y in range(years[0], years[-1] + 1)]


def _stack(
    scale: "_Scale",
    left: float,
    step: float,
    label: str,
    values: Mapping[str, float],
    series: Sequence[str],
) -> Iterator[Mark]:
    below = 0.0
    gap = max(min(step * 0.2, 6), step - _WIDEST_BAR)
    for place, name in enumerate(series):
        value = values.get(name, 0)
        if value:
            top, bottom = scale.at(below + value), scale.at(below)
            said = ": ".join(filter(None, (label, name if len(series) > 1 else "", number(value))))
            yield Mark(left + gap / 2, top, step - gap, bottom - top, place, said)
            below += value


def lines(
    rows: Sequence[tuple[str, Sequence[float | None]]],
    series: Sequence[str],
    places: Sequence[float] | None = None,
    *,
    percent: bool = False,
) -> Chart:
    """A line for each series; `places` (0 to 1) says where the rows stand, if not evenly."""
    known = [value for _, values in rows for value in values if value is not None]
    scale = _Scale(1 if percent else max(known, default=0), percent=percent)
    at = places or [(place + 0.5) / len(rows) for place in range(len(rows))]
    across = [scale.left + 8 + place * (WIDTH - scale.left - _RIGHT - 16) for place in at]
    marks = [
        Mark(x, scale.at(value), 0, 0, place, f"{label}: {_written(value, percent=percent)}")
        for place in range(len(series))
        for x, (label, values) in zip(across, rows, strict=True)
        if (value := values[place]) is not None
    ]
    drawn = [
        " ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in marks if mark.series == place)
        for place in range(len(series))
    ]
    labels = _labels([label for label, _ in rows], across)
    return Chart(series, rows, marks, drawn, scale.ticks(), labels, scale.left, percent)


def readings(views: Sequence[Mapping[str, Any]]) -> Chart | None:
    """The readings of a counter over time; None when there are fewer than two."""
    if len(views) < 2:
        return None
    times = [datetime.fromisoformat(reading["seen_at"]) for reading in views]
    whole = (times[-1] - times[0]).total_seconds()
    places = [(time - times[0]).total_seconds() / whole if whole else 0.5 for time in times]
    rows = [(day(reading["seen_at"]), [reading["views"]]) for reading in views]
    return lines(rows, [""], places)


def _written(value: float | None, *, percent: bool) -> str:
    if value is None:
        return ""
    return _share(value) if percent else number(value)


def _share(value: float) -> str:
    return f"{number(round(value * 100))} %"


def _labels(texts: Sequence[str], middles: Sequence[float]) -> list[Tick]:
    """Those of the texts that have room, from the last one back, and none beyond the picture."""
    shown: list[Tick] = []
    free = free_on_phone = float(WIDTH)
    for text, middle in zip(reversed(texts), reversed(middles), strict=True):
        half, wide = len(text) / 2 * _LETTER, len(text) / 2 * _PHONE_LETTER
        at = min(max(middle, wide), WIDTH - wide)
        if at + half > free:
            continue
        spare = at + wide > free_on_phone
        shown.append(Tick(at, text, spare))
        free = at - half - _BETWEEN
        free_on_phone = free_on_phone if spare else at - wide - _BETWEEN
    return shown[::-1]


class _Scale:
    """From values to heights, with about four lines at round numbers."""

    def __init__(self, largest: float, *, percent: bool = False) -> None:
        self._percent = percent
        self._step = 0.25 if percent else _round_step(largest)
        self._count = max(-(-largest // self._step), 1)
        self._top = self._step * self._count
        self.left = max(len(tick.label) for tick in self.ticks()) * _PHONE_LETTER + 10
        """Where the lines begin, behind the longest label."""

    def at(self, value: float) -> float:
        """Where `value` stands, from the top of the picture."""
        return HEIGHT - _BOTTOM - value / self._top * (HEIGHT - _BOTTOM - _TOP)

    def ticks(self) -> list[Tick]:
        """The lines across the picture, from 0 up."""
        values = [self._step * place for place in range(int(self._count) + 1)]
        written = _share if self._percent else short_number
        return [Tick(self.at(value), written(value)) for value in values]


def _round_step(largest: float) -> int:
    """1, 2 or 5 times a power of ten, so that five steps are enough for `largest`."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if step * 5 >= largest:
                return step
        power *= 10
