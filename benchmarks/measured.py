"""What a part of the suite measures: the value of every round, and ratios to peers in the same run.

Each program of the suite prints its part for people or, with `--json`, as one line of JSON. A ratio
pairs the values of one round, so that what slows the machine for a while slows both.
"""

import argparse
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from typing import Any

MORE, LESS = "more", "less"


@dataclass(frozen=True)
class Measure:
    """One thing measured; a value for each round."""

    name: str
    unit: str
    values: Sequence[float]


@dataclass(frozen=True)
class Ratio:
    """Ours to a named peer's, round by round; `better` says what a gain is, more or less."""

    name: str
    values: Sequence[float]
    better: str


@dataclass
class Part:
    """One part of the suite, with what a reader must know of how it was measured."""

    name: str
    about: str
    measures: list[Measure] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def measure(self, name: str, unit: str, values: Sequence[float]) -> None:
        """Add a measure."""
        self.measures.append(Measure(name, unit, list(values)))

    def compare(
        self, name: str, ours: Sequence[float], peers: Sequence[float], better: str
    ) -> None:
        """Add the ratio of two measures of the same rounds."""
        pairs = [own / other for own, other in zip(ours, peers, strict=True)]
        self.ratios.append(Ratio(name, pairs, better))


def read(line: str) -> Part:
    """The part that a program has printed with `--json`."""
    told: dict[str, Any] = json.loads(line)
    measures = [Measure(**each) for each in told.pop("measures")]
    ratios = [Ratio(**each) for each in told.pop("ratios")]
    return Part(**told, measures=measures, ratios=ratios)


def parser(about: str | None) -> argparse.ArgumentParser:
    """Options of a program of the suite: `--json` and `--rounds`, to which it adds its own."""
    made = argparse.ArgumentParser(description=(about or "").split("\n")[0])
    made.add_argument("--json", action="store_true", help="print one line of JSON")
    made.add_argument("--rounds", type=int, default=3)
    return made


def tell(part: Part, as_json: bool) -> None:
    """Print the part."""
    if as_json:
        print(json.dumps(asdict(part), ensure_ascii=False))
        return
    print(f"{part.name}: {part.about}")
    for each in part.measures:
        print(f"  {each.name:<34}{shown(each.values):>26} {each.unit}")
    for ratio in part.ratios:
        print(f"  {ratio.name}: {shown(ratio.values)}, {ratio.better} is better")
    for note in part.notes:
        print(f"  {note}")


def shown(values: Sequence[float]) -> str:
    """The median, and from where to where the rounds went."""
    middle = number(median(values))
    low, high = number(min(values)), number(max(values))
    return middle if low == high else f"{middle} ({low} to {high})"


def number(value: float) -> str:
    """Three digits that mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:#.3g}"


def processor(who: int = RUSAGE_SELF) -> float:
    """Seconds of processor time so far: of this process, or of the children that have ended."""
    used = getrusage(who)
    return used.ru_utime + used.ru_stime


def own_seconds(work: Callable[[], object]) -> float:
    """Seconds of processor time that a call takes in this process."""
    begun = processor()
    work()
    return processor() - begun


def children_seconds(work: Callable[[], object]) -> float:
    """Seconds of processor time of the processes that a call starts and waits for."""
    begun = processor(RUSAGE_CHILDREN)
    work()
    return processor(RUSAGE_CHILDREN) - begun


def peak_mb(who: int = RUSAGE_SELF) -> float:
    """Megabytes that this process, or the largest child that has ended, held at most."""
    return getrusage(who).ru_maxrss / 1024


def in_english() -> Mapping[str, str]:
    """The environment of this process, with what is printed in English."""
    return {**os.environ, "LUUTRU_LANG": "en"}
