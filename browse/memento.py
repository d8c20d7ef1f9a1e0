"""Memento (RFC 7089): what was kept of an address over time, for aggregators and their clients.

`timemap/link/URL` lists the kept states, `timegate/URL` leads to the one nearest to the time in
Accept-Datetime, and `memento/TIME/URL` is one of them, as it came.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from browse.files import HEADERS
from browse.visit import File, NotThere, Visit
from crawler.archive.mementos import mementos
from crawler.errors import BadInput
from crawler.replaying.payload import message_of
from crawler.words import tr

Row = dict[str, Any]

_LINKS = "application/link-format"
# `//` in the middle of a path is one slash for some servers in front of this one.
_SCHEME = re.compile(r"^(https?):/+", re.IGNORECASE)


def timemap(visit: Visit) -> File:
    """The page `timemap/link/URL`."""
    url = _original(visit)
    found = _kept(visit, url)
    itself = f'<{_timemap(visit, url)}>; rel="self"; type="{_LINKS}"'
    span = f'; from="{_told(found[0])}"; until="{_told(found[-1])}"'
    lines = [f'<{url}>; rel="original"', itself + span, _gate(visit, url)]
    lines += [_listed(visit, url, found, each) for each in found]
    return File((",\n".join(lines) + "\n").encode(), _LINKS)


def timegate(visit: Visit) -> File:
    """The page `timegate/URL`."""
    url = _original(visit)
    found = _kept(visit, url)
    nearest = _nearest(found, visit.headers.get("accept-datetime"))
    headers = {"Vary": "accept-datetime", "Location": _memento(visit, url, nearest)}
    links = [f'<{url}>; rel="original"', _map(visit, url), *_around(visit, url, found, nearest)]
    return File(b"", "text/plain", {**headers, "Link": ", ".join(links)}, status=302)


def memento(visit: Visit) -> File:
    """The page `memento/TIME/URL`: 14 digits and the address."""
    url = _original(visit)
    found = _kept(visit, url)
    this = next((each for each in found if _digits(each) == visit.words["at"]), None)
    if this is None:
        raise NotThere(tr("nothing of {url} is kept from that time", url=url))
    message = message_of(visit.warcs, this)
    links = [
        f'<{url}>; rel="original"',
        _map(visit, url),
        _gate(visit, url),
        *_around(visit, url, found, this),
    ]
    coding = message.coding
    headers = {
        **HEADERS,
        **({"Content-Encoding": coding} if coding else {}),
        "Memento-Datetime": _told(this),
        "Link": ", ".join(links),
    }
    media_type = message.header("Content-Type") or this["media_type"] or "application/octet-stream"
    return File(message.payload, media_type, headers)


def _original(visit: Visit) -> str:
    """The address that is asked about, with what stood behind its question mark."""
    url = _SCHEME.sub(r"\1://", visit.words["url"])
    return f"{url}?{visit.query}" if visit.query else url


def _kept(visit: Visit, url: str) -> list[Row]:
    found = mementos(visit.db, url)
    if not found:
        raise NotThere(tr("nothing of {url} is kept", url=url))
    return found


def _nearest(found: list[Row], wanted: str | None) -> Row:
    """The one that is nearest to a time, or the last when none is given (RFC 7089, 4.1)."""
    if wanted is None:
        return found[-1]
    try:
        at = parsedate_to_datetime(wanted)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
    except ValueError:
        raise BadInput(
            tr("Accept-Datetime is no time as in RFC 7089: {text}", text=wanted)
        ) from None
    return min(found, key=lambda each: abs(_moment(each) - at))


def _around(visit: Visit, url: str, found: list[Row], this: Row) -> Iterator[str]:
    """Links to this one, the first and last, and those before and after it."""
    place = found.index(this)
    wanted = sorted({0, max(place - 1, 0), place, min(place + 1, len(found) - 1), len(found) - 1})
    for number in wanted:
        named = {"first": number == 0, "last": number == len(found) - 1}
        named |= {"prev": number == place - 1, "next": number == place + 1}
        relation = " ".join([name for name, holds in named.items() if holds] + ["memento"])
        yield _link(visit, url, found[number], relation)


def _listed(visit: Visit, url: str, found: list[Row], each: Row) -> str:
    named = {"first": each is found[0], "last": each is found[-1]}
    return _link(
        visit, url, each, " ".join([*(n for n, holds in named.items() if holds), "memento"])
    )


def _link(visit: Visit, url: str, each: Row, relation: str) -> str:
    return f'<{_memento(visit, url, each)}>; rel="{relation}"; datetime="{_told(each)}"'


def _memento(visit: Visit, url: str, each: Row) -> str:
    return visit.to.whole(f"memento/{_digits(each)}/{url}")


def _timemap(visit: Visit, url: str) -> str:
    return visit.to.whole(f"timemap/link/{url}")


def _map(visit: Visit, url: str) -> str:
    return f'<{_timemap(visit, url)}>; rel="timemap"; type="{_LINKS}"'


def _gate(visit: Visit, url: str) -> str:
    return f'<{visit.to.whole(f"timegate/{url}")}>; rel="timegate"'


def _digits(each: Row) -> str:
    return re.sub(r"\D", "", each["captured_at"])


def _moment(each: Row) -> datetime:
    return datetime.fromisoformat(each["captured_at"])


def _told(each: Row) -> str:
    """As HTTP writes times."""
    return format_datetime(_moment(each).astimezone(UTC), usegmt=True)
