"""The dead man's switch: an outside monitor hears of each crawl, and complains when it does not.

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


def ping(url: str, text: str, *, well: bool) -> None:
    """Tell the monitor at `url`, whose `${NAME}` are secrets; `text` is for its log.

    Raises NotDelivered when the second try failed, too, and BadInput for a secret that is missing.
    """
    target = filled(url).rstrip("/") + ("" if well else "/fail")
    if _failure(target, text) is None:
        return
    time.sleep(_PAUSE)
    if failure := _failure(target, text):
        raise NotDelivered(f"{urlsplit(target).hostname}: {failure}")


def _failure(target: str, text: str) -> str | None:
    """What went wrong; the address itself is a secret."""
    try:
        headers = {"User-Agent": f"luutru/{__version__}", "Content-Type": "text/plain"}
        answer = httpx.post(target, content=text.encode(), headers=headers, timeout=_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return str(error)
    return None if answer.is_success else f"HTTP {answer.status_code}"
