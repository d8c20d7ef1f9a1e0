"""Feeds damaged pages to the walk and the reader: nothing may raise, nothing may take long.

    python benchmarks/fuzz.py [--minutes 10] [--seed 1] [FOLDER]

FOLDER holds `*.html` (default: tests/pages). Each case is a page that was damaged in its bytes, in
its markup or by nesting; what raises, what hangs and what costs most per byte is reported, with
the number that makes the same case again (`--case`). The exit code is 1 when any raised or hung.
"""

import argparse
import logging
import random
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path

from crawler import profiles
from crawler.items import Page
from crawler.safety.bounds import TooMuch, Undecodable
from pipelines.read import read
from spiders.claims import claim_of
from spiders.walk import links_of

GENERIC = profiles.for_url("https://haivan.example/")
TYPES = (
    "text/html; charset=utf-8",
    "",
    "text/html; charset=windows-1258",
    "text/html; charset=utf-16",
    "text/html; charset=\xff",
    "application/xhtml+xml",
    "text/xml",
    "application/rss+xml",
    "application/pdf",
    "text/plain",
    "image/png;;;=",
)
KINDS = ("page", "article", "listing", "home", "feed", "sitemap", "robots")
DEADLINE = 60
"""Seconds by the clock for one case; the slowest takes two when nothing else runs."""

Damage = Callable[[random.Random, bytes], bytes]


def flip(dice: random.Random, body: bytes) -> bytes:
    """Some bytes are others."""
    changed = bytearray(body)
    for _ in range(dice.choice((1, 10, 100, 1000))):
        if changed:
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def cut(dice: random.Random, body: bytes) -> bytes:
    """A piece is missing, or all that follows."""
    start = dice.randrange(len(body) + 1)
    end = len(body) if dice.random() < 0.5 else start + dice.randrange(5000)
    return body[:start] + body[end:]


def swap(dice: random.Random, body: bytes) -> bytes:
    """A piece stands elsewhere, once or many times."""
    start = dice.randrange(len(body) + 1)
    piece = body[start : start + dice.randrange(2000)]
    place = dice.randrange(len(body) + 1)
    return body[:place] + piece * dice.choice((1, 2, 50)) + body[place:]


def mix(dice: random.Random, body: bytes) -> bytes:
    """Tags are lost, doubled or out of order."""
    tags = body.split(b"<")
    for _ in range(dice.choice((1, 5, 50))):
        at = dice.randrange(len(tags))
        done = dice.randrange(3)
        if done == 0 and len(tags) > 1:
            tags.pop(at)
        elif done == 1:
            tags.insert(at, dice.choice(tags))
        else:
            other = dice.randrange(len(tags))
            tags[at], tags[other] = tags[other], tags[at]
    return b"<".join(tags)


NESTED = (
    b"<div>",
    b"<table><tr><td>",
    b"<ul><li>",
    b"<span><font>",
    b"<b><i><a href=x>",
    b"<blockquote>",
    b"<form>",
    b"<svg><g>",
    b"<math><mi>",
    b"<select><option>",
)


def nest(dice: random.Random, body: bytes) -> bytes:
    """Elements stand in each other, thousands deep."""
    place = dice.randrange(len(body) + 1)
    depth = dice.choice((300, 3_000, 30_000))
    return body[:place] + dice.choice(NESTED) * depth + body[place:]


LONG = (
    b"04/01/2023 ",
    b"1.204 l\xc6\xb0\xe1\xbb\xa3t xem ",
    b"9",
    b"a",
    b" ",
    b"&nbsp;",
    b"&#x301;",
    b"\xcc\x81",
    b"T\xc3\xa1c gi\xe1\xba\xa3: ",
    b"<a href='?page=2'>2</a>",
    b"<p>x</p>",
    b"<br>",
    b"<img src=a.jpg alt='",
    b"style='left:",
    b"&lt;",
    b"http://x.vn/a/",
    b"[",
    b'{"a":',
    b"\x00",
    b"\xff",
    b"--",
    b"<!--",
    b"Trang 1/9 ",
    b"Hi\xe1\xbb\x83n th\xe1\xbb\x8b 1 - 20 of 29 ",
)


def repeat(dice: random.Random, body: bytes) -> bytes:
    """A word comes again and again."""
    place = dice.randrange(len(body) + 1)
    return body[:place] + dice.choice(LONG) * dice.choice((100, 5_000, 50_000)) + body[place:]


def attribute(dice: random.Random, body: bytes) -> bytes:
    """Values of attributes are odd."""
    odd = (b"//[", b"http://[::1", b"%", b"?", b"#", b"\xff", b"javascript:", b"x" * 70_000, b"")
    parts = body.split(b'"')
    for _ in range(dice.choice((1, 20))):
        parts[dice.randrange(len(parts))] = dice.choice(odd)
    return b'"'.join(parts)


def as_xml(dice: random.Random, body: bytes) -> bytes:
    """The page says that it is a feed or a sitemap."""
    start = (b"<rss><channel><item><link>", b"<urlset><url><loc>", b"<?xml version='1.0'?><feed>")
    return dice.choice(start) + body


DAMAGES: tuple[Damage, ...] = (flip, cut, swap, mix, nest, repeat, attribute, as_xml)


def case(number: str, pages: Sequence[bytes]) -> Page:
    """The damaged page that a number stands for."""
    dice = random.Random(number)
    body = dice.choice(pages)
    for _ in range(dice.randrange(1, 4)):
        body = dice.choice(DAMAGES)(dice, body)[:2_000_000]
    url = dice.choice(("https://haivan.example/tin/a-1.html", "https://haivan.example/tin?page=2"))
    return Page(
        url,
        datetime(2024, 7, 3, tzinfo=UTC),
        dice.choice((200, 200, 200, 200, 302, 404)),
        dice.choice(TYPES) if dice.random() < 0.3 else "text/html",
        body,
        kind=dice.choice(KINDS) if dice.random() < 0.3 else "page",
    )


def run(page: Page) -> float:
    """Walk and read the page; the processor seconds that it took."""
    begun = time.process_time()
    with suppress(TooMuch, Undecodable):
        kind, links = links_of(page, "", GENERIC)
        claim = claim_of(page, kind, links)
        read(page.walked(kind, tuple(links), claim), GENERIC)
    return time.process_time() - begun


def main() -> int:
    """Fuzz until the time is over, then report."""
    options = _options()
    pages = [path.read_bytes() for path in sorted(options.folder.glob("*.html"))]
    if not pages:
        sys.exit(f"no *.html in {options.folder}")
    if options.case:
        print(f"{run(case(options.case, pages)):.3f} s")
        return 0
    found = Found()
    ends = time.monotonic() + options.minutes * 60
    while time.monotonic() < ends:
        _some(options.seed, pages, ends, found)
    return _report(found)


Slow = tuple[float, float, int, str]
"""Seconds per megabyte, seconds, bytes, case."""


@dataclass
class Found:
    """What came out so far."""

    cases: int = 0
    raised: dict[str, str] = field(default_factory=dict)
    """Place in the code to the first case that raised there."""
    hung: list[str] = field(default_factory=list)
    slow: list[Slow] = field(default_factory=list)


def _some(seed: int, pages: Sequence[bytes], ends: float, found: Found) -> None:
    """Try cases in a process of their own until one hangs or the time is over.

    No signal interrupts a search in a tree or a regular expression, so one that hangs is killed.
    """
    here, there = Pipe(duplex=False)
    worker = Process(target=_try, args=(seed, found.cases, pages, there), daemon=True)
    worker.start()
    there.close()
    while time.monotonic() < ends:
        number = f"{seed}:{found.cases}"
        found.cases += 1
        try:
            if not here.poll(DEADLINE):
                found.hung.append(number)
                break
            took, size, raised = here.recv()
        except EOFError:
            found.raised.setdefault("died", f"case {number}: the process died")
            break
        if raised:
            found.raised.setdefault(raised[0], f"case {number}\n{raised[1]}")
        entry = (took / max(size, 10_000) * 1e6, took, size, number)
        found.slow = sorted([*found.slow, entry], reverse=True)[:10]
    worker.kill()
    worker.join()


def _try(seed: int, first: int, pages: Sequence[bytes], report: Connection) -> None:
    logging.disable()
    for number in count(first):
        page, raised, took = case(f"{seed}:{number}", pages), None, 0.0
        try:
            took = run(page)
        except Exception:
            raised = (_place(), traceback.format_exc(limit=-4))
        report.send((took, len(page.body), raised))


def _report(found: Found) -> int:
    print(f"{found.cases} cases, {len(found.raised)} places that raise, {len(found.hung)} hung")
    print(*found.raised.values(), *(f"case {number} hung" for number in found.hung), sep="\n")
    print("slowest for their size (s/MB, s, bytes, case):")
    for each in found.slow:
        print("  {:8.2f} {:8.3f} {:9d}  {}".format(*each))
    return 1 if found.raised or found.hung else 0


def _place() -> str:
    """Where the last exception came from: one line of our own code stands for all its cases."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    return f"{own[-1].filename}:{own[-1].lineno} {sys.exc_info()[0]}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=Path("tests/pages"))
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", help="run this case only, such as 1:4711")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
