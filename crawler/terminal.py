"""What strangers wrote, shown on a terminal: it must not steer that.

An address, a file's name or a title may hold escape sequences, which set colours and titles, clear
the screen, or fill the clipboard, and marks that turn the letters of a line around (UAX 9).
"""

import re
import sys
from typing import IO, Any

import click

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_INSTEAD = "\N{REPLACEMENT CHARACTER}"


def harmless(text: str) -> str:
    """`text` with a sign in the place of each letter that steers a terminal."""
    return _STEERING.sub(_INSTEAD, text)


def guard() -> None:
    """From now on `click.echo` is as careful; luutru colours nothing by it."""
    plain = click.echo

    def echo(
        message: object = None,
        file: IO[Any] | None = None,
        nl: bool = True,
        err: bool = False,
        color: bool | None = None,
    ) -> None:
        stream = file or (sys.stderr if err else sys.stdout)
        if isinstance(message, str) and stream.isatty():
            message = harmless(message)
        plain(message, file, nl, err, color)

    click.echo = echo
