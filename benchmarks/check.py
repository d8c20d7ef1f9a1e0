"""Whether anything has become slower or larger than pinned: a shorter suite, ratios only.

    python benchmarks/check.py                      1, and a line for each loss, when there is one
    python benchmarks/check.py --pin REASON         measure anew what the ratios and their noise are

A ratio is a loss when it is worse than pinned by more than its noise, which is measured, too: twice
the largest distance from the median in repeated runs on one machine, and `LEAST` at least. The
ratios are of processor time, bytes and memory, so that they mean the same on a busy machine.
"""

import argparse
import json
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.measured import MORE, Part
from benchmarks.results import commit
from benchmarks.suite import Outcome, ran

PINNED = Path(__file__).with_name("pinned.toml")
LEAST = 0.1
PARTS = {
    "crawl": ("crawl.py", "--articles", "200"),
    "extraction": ("readers.py", "--articles", "80", "--themes", "20"),
    "replay": ("replay.py", "--articles", "150"),
    "search": ("finding.py", "--articles", "4000", "--queries", "10"),
    "ingest": ("ingest.py", "--articles", "150"),
    "commit": ("commits.py", "--articles", "100", "--rounds", "2"),
    "size": ("sizes.py", "--articles", "100"),
    "start": ("start.py", "--rounds", "9"),
}
_BY_THE_CLOCK = "by the clock"


@dataclass(frozen=True)
class Pin:
    """What a ratio was, and by which share of it chance moves it."""

    ratio: float
    noise: float
    better: str

    @property
    def limit(self) -> float:
        """From where on it is a loss."""
        return self.ratio * (1 - self.noise if self.better == MORE else 1 + self.noise)

    def is_loss(self, value: float) -> bool:
        """Whether `value` is worse by more than chance."""
        return value < self.limit if self.better == MORE else value > self.limit


def main() -> int:
    """Check, or pin."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pin", metavar="REASON", help="pin what is measured now, for this reason")
    parser.add_argument("--runs", type=int, default=5, help="for --pin")
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), help="only these parts")
    options = parser.parse_args()
    names = options.only or tuple(PARTS)
    if options.pin:
        return _pin(names, options.runs, options.pin)
    lines = judged(pinned(PINNED.read_text("utf-8")), measure(names))
    print(*lines or ["nothing is worse than pinned"], sep="\n")
    return int(bool(lines))


def measure(names: Iterable[str]) -> dict[str, Outcome]:
    """The parts, each by its program."""
    outcomes: dict[str, Outcome] = {}
    for name in names:
        outcomes[name] = ran([*PARTS[name]])
        print(f"{name} …", file=sys.stderr, flush=True)
    return outcomes


def medians(outcomes: Mapping[str, Outcome]) -> dict[str, tuple[float, str]]:
    """Ratio, its part in front, to its median and what is better; none that is of the clock."""
    return {
        f"{name}: {each.name}": (median(each.values), each.better)
        for name, part in outcomes.items()
        if isinstance(part, Part)
        for each in part.ratios
        if _BY_THE_CLOCK not in each.name
    }


def pinned(text: str) -> dict[str, Pin]:
    """The pins of a file."""
    told = tomllib.loads(text)["ratios"]
    return {name: Pin(each["ratio"], each["noise"], each["better"]) for name, each in told.items()}


def judged(pins: Mapping[str, Pin], outcomes: Mapping[str, Outcome]) -> list[str]:
    """A line for each loss, and for each part that could not be measured.

    A ratio that is not there although its part is lacks its peer (wget): no loss.
    """
    found = medians(outcomes)
    failed = [
        f"{name}: not measured: {outcome}"
        for name, outcome in outcomes.items()
        if isinstance(outcome, str)
    ]
    losses = [
        f"{name}: {found[name][0]:.4g}, pinned {pin.ratio:.4g}, {pin.better} is better: "
        f"worse than {pin.limit:.4g}, where chance ends"
        for name, pin in pins.items()
        if name in found and pin.is_loss(found[name][0])
    ]
    return failed + losses


def pin_of(values: list[float], better: str) -> Pin:
    """The pin that repeated runs give."""
    middle = median(values)
    far = max(abs(value - middle) for value in values) / middle
    return Pin(middle, max(LEAST, 2 * far), better)


def _pin(names: Iterable[str], runs: int, reason: str) -> int:
    seen: dict[str, list[tuple[float, str]]] = {}
    for _ in range(runs):
        outcomes = measure(names)
        if failed := judged({}, outcomes):
            print(*failed, sep="\n")
            return 1
        for name, told in medians(outcomes).items():
            seen.setdefault(name, []).append(told)
    made = {name: pin_of([v for v, _ in told], told[0][1]) for name, told in seen.items()}
    kept = pinned(PINNED.read_text("utf-8")) if PINNED.exists() else {}
    PINNED.write_text(toml({**kept, **made}, runs, reason), "utf-8")
    print(f"{len(made)} ratios of {runs} runs are in {PINNED}")
    return 0


def toml(pins: Mapping[str, Pin], runs: int, reason: str) -> str:
    """The file of pins."""
    lines = [
        "# Ratios that `make bench-check` holds. Pin anew with make bench-pin REASON='...'.",
        f"reason = {json.dumps(reason, ensure_ascii=False)}",
        f"commit = {json.dumps(commit())}",
        f"day = {datetime.now(UTC):%Y-%m-%d}",
        f"runs = {runs}",
    ]
    for name, pin in pins.items():
        lines += [
            "",
            f"[ratios.{json.dumps(name, ensure_ascii=False)}]",
            f"ratio = {pin.ratio:.5g}",
            f"noise = {pin.noise:.3f}",
            f'better = "{pin.better}"',
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
