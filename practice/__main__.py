"""python -m practice: serve a practice portal on this machine."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from practice import hostile
from practice.model import LAYOUTS
from practice.running import serve


class _Parser(argparse.ArgumentParser):
    """Complains in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"practice: {message}\n")


def main(words: Sequence[str] | None = None) -> int:
    """Serve until stopped; the exit code is 0, or 3 when the port is taken."""
    options = _parser().parse_args(words)
    # uvicorn stops at a signal, closes everything and then raises the signal once more.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _serve(options)
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        print(f"practice: cannot listen on {options.host}:{options.port}: {error}", file=sys.stderr)
        return 3
    return 0


def _serve(options: argparse.Namespace) -> None:
    given = vars(options)
    own = {name: given.pop(name) for name in ("only", "without")}
    if given.pop("hostile"):
        shared = {name: given[name] for name in ("seed", "crawl_delay", "host", "port")}
        hostile.serve(**shared, **own)
    else:
        serve(**given)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="practice", description="Serve a portal to practise crawling on.")
    parser.add_argument("--articles", type=_whole(1, 5_000_000), default=500)
    parser.add_argument("--day", type=_whole(0, 3_650), default=0, help="days after day zero")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=_whole(0, 65_535), default=8765, help="0 takes a free one")
    parser.add_argument("--layout", choices=("mixed", *LAYOUTS), default="mixed")
    parser.add_argument("--crawl-delay", type=_seconds, default=0.05, help="for robots.txt")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--log", type=Path, help="add each request to this file as a line of JSON")
    parser.add_argument(
        "--hostile",
        action="store_true",
        help="a portal that shows every fault; --articles, --day and --layout do not apply",
    )
    for name, does in (("only", "show this fault of the hostile portal"), ("without", "hide it")):
        parser.add_argument(
            f"--{name}",
            action="append",
            choices=sorted(hostile.FAULTS),
            default=[],
            metavar="KIND",
            help=f"{does}; may be given several times",
        )
    return parser


def _whole(low: int, high: int) -> Callable[[str], int]:
    """An argparse type: a whole number between two bounds."""

    def convert(text: str) -> int:
        if text.isdecimal() and low <= int(text) <= high:
            return int(text)
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")

    return convert


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
