"""By webhook: an HTTP POST with JSON; any answer of 2xx is taken for received.

An address that begins with slack+ or telegram+ is told in that service's own shape:
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and
https://core.telegram.org/bots/api#sendmessage.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import httpx

from crawler import __version__
from crawler.telling.message import Message, NotDelivered

_SECONDS = 30
_SLACK_LONGEST = 40_000
_TELEGRAM_LONGEST = 4096
"""UTF-16 code units, as both services count."""


def send(address: str, message: Message) -> None:
    """Post the message; raises NotDelivered, whose text names the host only: addresses of
    webhooks are secrets.
    """
    shape, url = without_shape(address)
    host = urlsplit(url).hostname or "webhook"
    target, body = _SHAPES[shape](url, message)
    try:
        answer = httpx.post(
            target,
            json=body,
            headers={"User-Agent": f"luutru/{__version__}"},
            timeout=_SECONDS,
            follow_redirects=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotDelivered(f"{host}: {error}") from None
    if not answer.is_success:
        raise NotDelivered(f"{host}: HTTP {answer.status_code}")


def without_shape(address: str) -> tuple[str, str]:
    """The shape (empty, slack or telegram) and the URL of an address."""
    for shape in filter(None, _SHAPES):
        if address.startswith(f"{shape}+"):
            return shape, address.removeprefix(f"{shape}+")
    return "", address


def _plain(url: str, message: Message) -> tuple[str, dict[str, Any]]:
    return url, message.data


def _slack(url: str, message: Message) -> tuple[str, dict[str, Any]]:
    text = f"{message.subject}\n\n{message.text}"
    for letter, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(letter, escaped)
    return url, {"text": _cut(text, _SLACK_LONGEST)}


def _telegram(url: str, message: Message) -> tuple[str, dict[str, Any]]:
    """The chat is the address's own parameter: .../bot${TOKEN}/sendMessage?chat_id=-100123."""
    parts = urlsplit(url)
    chat = parse_qs(parts.query).get("chat_id", [""])[0]
    text = _cut(f"{message.subject}\n\n{message.text}", _TELEGRAM_LONGEST)
    body = {"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": True}}
    return urlunsplit(parts._replace(query="")), body


def _cut(text: str, longest: int) -> str:
    """`text`, or as much of it as the service takes, with a sign that there is more."""
    written = text.encode("utf-16-le")
    if len(written) <= 2 * longest:
        return text
    return written[: 2 * (longest - 1)].decode("utf-16-le", "ignore") + "…"


_SHAPES: dict[str, Callable[[str, Message], tuple[str, dict[str, Any]]]] = {
    "": _plain,
    "slack": _slack,
    "telegram": _telegram,
}
