"""By webhook: an HTTP POST with JSON; any answer of 2xx is taken for received."""

import httpx

from crawler import __version__
from crawler.watching.message import Message, NotDelivered

_SECONDS = 30


def send(message: Message) -> None:
    """Post the message to the watch's address; raises NotDelivered."""
    target = message.watch.target
    try:
        answer = httpx.post(
            target,
            json=message.data,
            headers={"User-Agent": f"luutru/{__version__}"},
            timeout=_SECONDS,
            follow_redirects=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotDelivered(f"{target}: {error}") from None
    if not answer.is_success:
        raise NotDelivered(f"{target}: HTTP {answer.status_code}")
