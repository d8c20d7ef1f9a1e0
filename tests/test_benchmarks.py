"""The suite of benchmarks runs, and `make bench-check` tells a loss from chance."""

import re

import pytest

from benchmarks import check, measured, results, suite
from benchmarks.check import Pin, judged, pin_of, pinned
from benchmarks.measured import LESS, MORE, Part

SMALL = {
    "crawl": ("crawl.py", "--articles", "20", "--rounds", "1"),
    "extraction": ("readers.py", "--articles", "5", "--themes", "3", "--rounds", "1"),
    "replay": ("replay.py", "--articles", "10", "--rounds", "1"),
    "search": ("finding.py", "--articles", "200", "--queries", "2", "--rounds", "1"),
    "ingest": ("ingest.py", "--articles", "10", "--rounds", "1"),
    "commit": ("commits.py", "--articles", "20", "--rounds", "1"),
    "memory": ("memory.py", "--articles", "30"),
    "size": ("sizes.py", "--articles", "20"),
    "start": ("start.py", "--articles", "20", "--rounds", "1"),
}
PINS = {"crawl: pages": Pin(0.5, 0.1, MORE), "start: time": Pin(20, 0.1, LESS)}


@pytest.mark.parametrize("name", suite.PARTS)
def test_each_program_of_the_suite_measures(name: str) -> None:
    part = suite.ran([*SMALL[name]])
    assert isinstance(part, Part), part
    assert part.name == name
    assert part.measures
    assert all(value > 0 for each in part.ratios for value in each.values)
    goals = [goal for goal in results.GOALS if goal.part == name]
    assert all(results.values_of({name: part}, goal) for goal in goals if "wget" not in goal.name)
    pins = pinned(check.PINNED.read_text("utf-8"))
    held = {ratio for ratio in pins if ratio.startswith(f"{name}: ") and "wget" not in ratio}
    assert held - check.medians({name: part}).keys() == set()


@pytest.mark.parametrize("page", ["benchmarks.md", "benchmarks.vi.md"])
def test_the_docs_name_every_program_of_the_suite(page: str) -> None:
    text = (suite.HERE.parent / "docs" / page).read_text("utf-8")
    told = set(re.findall(r"^python benchmarks/(\w+\.py)", text, re.MULTILINE))
    assert told == {words[0] for words in suite.PARTS.values()}


def test_what_fails_is_told_and_does_not_stop_the_rest() -> None:
    assert suite.ran(["start.py", "--articles", "none"]).startswith("it ended with 2: ")  # type: ignore[union-attr]
    assert suite.ran(["start.py"], most_seconds=0.1) == "it took more than 0 seconds"
    part = Part("start", "How.", notes=["wget was not measured: it is not installed."])
    part.measure("luutru --help", "ms by the clock", [50, 40, 60])
    part.compare("time, luutru / python", [50, 40], [10, 10], LESS)
    page = results.markdown({"crawl": "it ended with 1: x", "start": part}, ["2 cores"], 90)
    assert "Not measured: it ended with 1: x" in page
    assert "| luutru --help | ms by the clock | 50.0 (40.0 to 60.0) |" in page
    assert "| time, luutru / python | 4.50 (4.00 to 5.00) | less |" in page
    assert "wget was not measured" in page
    assert "| start of `luutru --help`, ms | ≤ 300 | 50.0 (40.0 to 60.0) | yes |" in page
    assert "| khởi động `luutru search`, ms | ≤ 300 | ? | ? |" in page


def test_a_goal_that_is_missed_is_said() -> None:
    part = Part("start", "How.")
    part.measure("luutru --help", "ms by the clock", [301, 302, 20])
    row = "| khởi động `luutru --help`, ms | ≤ 300 | 301 (20.0 đến 302) | không |"
    assert row in results.markdown({"start": part}, [], 1)


def _outcomes(pages: list[float], time: list[float]) -> dict[str, suite.Outcome]:
    crawl, start = Part("crawl", ""), Part("start", "")
    crawl.compare("pages", pages, [1] * len(pages), MORE)
    start.compare("time", time, [1] * len(time), LESS)
    return {"crawl": crawl, "start": start}


def test_what_stays_within_the_noise_or_gains_is_no_loss() -> None:
    assert judged(PINS, _outcomes([0.46], [21.9])) == []
    assert judged(PINS, _outcomes([0.9], [5])) == []
    assert judged(PINS, _outcomes([0.46, 0.2, 0.5], [21.9, 40, 19])) == []


def test_a_loss_beyond_the_noise_is_one_line_each() -> None:
    lost, slow = judged(PINS, _outcomes([0.44], [22.1]))
    assert lost.startswith("crawl: pages: 0.44, pinned 0.5, more is better: worse than 0.45")
    assert slow.startswith("start: time: 22.1, pinned 20, less is better: worse than 22")


def test_a_part_that_fails_is_no_success_and_a_peer_that_lacks_no_loss() -> None:
    outcomes = _outcomes([0.5], [20])
    assert judged({**PINS, "crawl: luutru / wget": Pin(1, 0.1, MORE)}, outcomes) == []
    failed = {**outcomes, "crawl": "it ended with 1: x"}
    assert judged(PINS, failed) == ["crawl: not measured: it ended with 1: x"]


def test_the_noise_is_twice_what_repeated_runs_show_and_ten_percent_at_least() -> None:
    assert pin_of([1.0, 1.1, 0.95], MORE) == Pin(1.0, pytest.approx(0.2), MORE)
    assert pin_of([1.0, 1.001, 1.0], LESS) == Pin(1.0, check.LEAST, LESS)


def test_a_pin_is_read_as_it_was_written() -> None:
    text = check.toml({"crawl: pages, 'ta' / \"họ\"": Pin(0.5, 0.1, MORE)}, 5, 'say "why"')
    assert pinned(text) == {"crawl: pages, 'ta' / \"họ\"": Pin(0.5, 0.1, MORE)}


def test_ratios_of_the_clock_are_not_pinned() -> None:
    part = Part("crawl", "")
    part.compare("answers/s by the clock, luutru / bare scrapy", [1], [2], MORE)
    part.compare("answers/core-second, luutru / bare scrapy", [1], [2], MORE)
    assert check.medians({"crawl": part}) == {
        "crawl: answers/core-second, luutru / bare scrapy": (0.5, MORE)
    }


def test_numbers_keep_three_digits() -> None:
    assert [measured.number(each) for each in (0.006123, 0.5, 1.5, 12.34, 1234.5)] == [
        "0.00612",
        "0.500",
        "1.50",
        "12.3",
        "1,234",
    ]
