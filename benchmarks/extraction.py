"""Scores the reader against pages with hand-checked truth: one row per field, wrong pages named.

    python benchmarks/extraction.py PAGES_DIR [--profile SLUG] [--only TEXT]

PAGES_DIR holds pages as bytes and `truth.json`: file name to kind, url, title, published_on,
published_at, view_count, author, starts, ends, must_contain, must_not, chars, ... A body is right
when it holds starts, ends and every must_contain, none of must_not, and its length is within 15 %
of chars, white space folded. A truth of null means that the page does not show the field.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler import profiles
from crawler.items import Page, ReadPage
from pipelines.read import read

Truth = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """One page read."""

    name: str
    truth: Truth
    read: ReadPage
    milliseconds: float


def folded(text: str | None) -> str:
    """`text` with any white space as one space."""
    return " ".join((text or "").split())


def body_fault(truth: Truth, body: str | None) -> str | None:
    """What is wrong with the body, or None."""
    text = folded(body)
    for part in (truth["starts"], truth["ends"], *truth["must_contain"]):
        if folded(part) not in text:
            return f"lacks {folded(part)[:40]!r}"
    for part in truth["must_not"]:
        if folded(part) in text:
            return f"holds {folded(part)[:40]!r}"
    if abs(len(text) - truth["chars"]) > 0.15 * truth["chars"]:
        return f"{len(text)} characters instead of {truth['chars']}"
    return None


def field_fault(field: str, truth: Truth, got: ReadPage) -> str | None:
    """What is wrong with a field, or None."""
    if got.article is None:
        return f"kind {got.kind}"
    if field == "body":
        return body_fault(truth, got.article.body)
    expected, value = truth.get(field), getattr(got.article, field)
    if field == "published_at":
        expected = datetime.fromisoformat(expected).astimezone(UTC) if expected else None
    if field == "published_on":
        value = value.isoformat() if value else None
    if field == "author" and expected is None:
        return None
    if isinstance(expected, str):
        expected, value = folded(expected), folded(value)
    return None if expected == value else f"{value!r} instead of {expected!r}"


def kind_fault(truth: Truth, got: ReadPage) -> str | None:
    """An article taken for something else, or the reverse."""
    right = got.kind == "article" if truth["kind"] == "article" else got.kind != "article"
    return None if right else f"{got.kind} instead of {truth['kind']}"


FIELDS = ("title", "published_on", "published_at", "view_count", "author", "body")


def measure(folder: Path, slug: str | None, only: str) -> list[Result]:
    """Reads every page of `folder` whose name holds `only`."""
    results = []
    for name, truth in json.loads((folder / "truth.json").read_text("utf-8")).items():
        if only not in name:
            continue
        body = (folder / name).read_bytes()
        profile = profiles.load(slug) if slug else profiles.for_url(truth["url"])
        page = Page(truth["url"], datetime.now(UTC), 200, "text/html", body)
        begun = time.perf_counter()
        got = read(page, profile)
        results.append(Result(name, truth, got, 1000 * (time.perf_counter() - begun)))
    return results


def report(
    title: str, results: list[Result], fault: Callable[[Result], str | None]
) -> tuple[int, int]:
    """Prints one row and the wrong pages; gives right and all."""
    faults = [(r.name, found) for r in results if (found := fault(r))]
    right = len(results) - len(faults)
    print(f"{title:14} {right:3} of {len(results):3}  {100 * right / max(1, len(results)):5.1f} %")
    for name, found in faults:
        print(f"    {name}: {found}")
    return right, len(results)


def main() -> int:
    """Prints the table; 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", help="read every page with this profile")
    parser.add_argument("--only", default="", help="only pages whose name holds this")
    options = parser.parse_args()
    results = measure(options.folder, options.profile, options.only)
    articles = [r for r in results if r.truth["kind"] == "article"]
    scores = [report("kind", results, lambda r: kind_fault(r.truth, r.read))]
    scores += [
        report(field, articles, lambda r, f=field: field_fault(f, r.truth, r.read))  # type: ignore[misc]
        for field in FIELDS
    ]
    core = ("title", "published_on", "body")
    scores.append(
        report(
            "title+date+body",
            articles,
            lambda r: next((f for f in core if field_fault(f, r.truth, r.read)), None),
        )
    )
    times = sorted(r.milliseconds for r in results)
    print(f"read in {times[len(times) // 2]:.1f} ms (median), {times[-1]:.1f} ms (slowest)")
    return int(any(right < whole for right, whole in scores))


if __name__ == "__main__":
    sys.exit(main())
