"""One reader for each kind of value in `luutru.toml`: the TOML value in, the record's value out.

A value that won't do raises ValueError, which says what is allowed.
"""

import math
import shlex
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler import lengths
from crawler.politeness.window import Window
from crawler.telling.secrets import NAMED as SECRET
from crawler.words import tr

Reader = Callable[[Any], Any]


def text(value: Any) -> str:
    """A text of one line that is not empty."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError(tr("must be a text of one line"))
    return value.strip()


def texts(value: Any) -> tuple[str, ...]:
    """A text, or a list of texts, which may be empty."""
    return tuple(map(text, value if isinstance(value, list) else [value]))


def switch(value: Any) -> bool:
    """True or false."""
    if value is True or value is False:
        return value
    raise ValueError(tr("must be true or false"))


def whole(least: int, most: int) -> Reader:
    """A whole number between two bounds."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(
                tr("must be a whole number from {least} to {most}", least=least, most=most)
            )
        return value

    return read


def seconds(value: Any) -> float:
    """A number of seconds, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError(tr("must be a number of seconds, 0 or more"))
    return float(value)


def share(value: Any) -> float:
    """A percentage as a share of 1: `5%`."""
    try:
        number = float(text(value).removesuffix("%")) if text(value).endswith("%") else -1.0
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:
        raise ValueError(tr('must be a percentage such as "5%", from "0%" to "100%"'))
    return number / 100


def one_of(*allowed: str) -> Reader:
    """One of some words."""

    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError(tr("must be one of {allowed}", allowed=", ".join(allowed)))
        return str(value)

    return read


def some_of(*allowed: str) -> Reader:
    """A list of some words, each one of those allowed."""
    one = one_of(*allowed)
    return lambda value: tuple(map(one, value if isinstance(value, list) else [value]))


def duration(value: Any) -> timedelta:
    """A length of time."""
    return lengths.duration(text(value))


def size(value: Any) -> int:
    """A number of bytes with its unit."""
    return lengths.size(text(value))


def clock(value: Any) -> time:
    """A time of the day: 07:00."""
    try:
        return datetime.strptime(text(value), "%H:%M").time()  # noqa: DTZ007 - of every day
    except ValueError:
        raise ValueError(tr('must be a time of the day such as "07:00"')) from None


def zone(value: Any) -> ZoneInfo:
    """A time zone."""
    try:
        return ZoneInfo(text(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(tr("must be a time zone such as Asia/Ho_Chi_Minh")) from None


def window(value: Any) -> str:
    """Hours of the day."""
    Window.parse(text(value))
    return text(value)


def mail(value: Any) -> str:
    """A mail address."""
    address = text(value)
    name, _, host = address.rpartition("@")
    if not name or not host or " " in address:
        raise ValueError(tr("must be a mail address such as desk@example.org"))
    return address


def mails(value: Any) -> tuple[str, ...]:
    """Mail addresses, one at least."""
    found = tuple(map(mail, value if isinstance(value, list) else [value]))
    if not found:
        raise ValueError(tr("must be a mail address such as desk@example.org"))
    return found


def address(*schemes: str) -> Reader:
    """An address with a host, of one of `schemes`."""

    def read(value: Any) -> str:
        found = text(value)
        try:
            parts = urlsplit(found)
            known = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            known = False
        if not known:
            starts = ", ".join(f"{scheme}://host" for scheme in schemes)
            raise ValueError(tr("must be an address: {starts}", starts=starts))
        return found

    return read


def command(value: Any) -> tuple[str, ...]:
    """A program with its words, as a text in the shell's manner or as a list."""
    if isinstance(value, list):
        found = texts(value)
    else:
        try:
            found = tuple(shlex.split(text(value)))
        except ValueError:
            found = ()
    if not found:
        raise ValueError(tr("must be a command: a program and its words"))
    return found


def place(folder: Path) -> Reader:
    """A path, made absolute from `folder`."""
    return lambda value: folder / Path(text(value)).expanduser()


def copy_place(folder: Path) -> Reader:
    """A folder, made absolute, or an s3:// address with a bucket."""

    def read(value: Any) -> str:
        found = text(value)
        if "://" not in found:
            return str(place(folder)(found))
        parts = urlsplit(found)
        if parts.scheme != "s3" or not parts.netloc:
            raise ValueError(tr("must be a folder, or s3://bucket/folder"))
        return found.rstrip("/")

    return read


def secret(value: Any) -> str:
    """A reference to a secret; the secret itself must not stand in the file."""
    found = text(value)
    if not SECRET.fullmatch(found):
        raise ValueError(tr("is a secret: write ${NAME}, and NAME=... into the file `secrets`"))
    return found


def web(value: Any) -> str:
    """A web address, in which `${NAME}` may stand for a secret."""
    found = text(value)
    address("http", "https")(SECRET.sub("secret", found))
    return found


def secret_web(value: Any) -> str:
    """A web address that has a secret in it."""
    if not SECRET.search(text(value)):
        raise ValueError(
            tr("holds a secret: write ${NAME} for it, NAME=... into the file `secrets`")
        )
    return web(value)
