"""The dead man's switch: an outside monitor is asked while all is well, and complains when not.

The addresses are those of healthchecks.io, which its clones share: URL for well, URL/fail for not
(https://healthchecks.io/docs/signaling_failures/).
"""

import time
from urllib.parse import urlsplit

import httpx

from crawler import __version__
from crawler.telling.message import NotDelivered
from crawler.telling.secrets import filled

_SECONDS = 30
_PAUSE = 2.0


def ping(url: str, *, well: bool) -> None:
    """Ask the monitor at `url`, whose `${NAME}` are secrets.

    Raises NotDelivered when the second try failed, too, and BadInput for a secret that is missing.
    """
    address = filled(url)
    target = address if well else f"{address.rstrip('/')}/fail"
    if _failure(target) is None:
        return
    time.sleep(_PAUSE)
    if failure := _failure(target):
        raise NotDelivered(f"{urlsplit(target).hostname}: {failure}")


def _failure(target: str) -> str | None:
    """What went wrong; the address itself is a secret."""
    try:
        headers = {"User-Agent": f"luutru/{__version__}"}
        answer = httpx.get(target, headers=headers, timeout=_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return str(error)
    return None if answer.is_success else f"HTTP {answer.status_code}"
