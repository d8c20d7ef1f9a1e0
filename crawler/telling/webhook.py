"""By webhook: an HTTP POST with JSON; any answer of 2xx is taken for received.

Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
Telegram: https://core.telegram.org/bots/api#sendmessage
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from crawler import __version__
from crawler.telling.message import Message, NotDelivered
from crawler.telling.secrets import filled
from crawler.telling.target import Target

_SECONDS = 30
_SLACK_LONGEST = 40_000
_TELEGRAM = "https://api.telegram.org"
_TELEGRAM_LONGEST = 4096
"""UTF-16 code units, as both services count."""


def send(target: Target, message: Message) -> None:
    """Post what programs get of the message; raises NotDelivered."""
    token = filled(target.token)
    _post(filled(target.url), message.data, {"Authorization": f"Bearer {token}"} if token else {})


def send_to_slack(target: Target, message: Message) -> None:
    """Post what people get of it, in Slack's shape; raises NotDelivered."""
    text = f"{message.subject}\n\n{message.text}"
    for letter, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(letter, escaped)
    _post(filled(target.url), {"text": _cut(text, _SLACK_LONGEST)})


def send_to_telegram(target: Target, message: Message) -> None:
    """Post what people get of it to the target's chat; raises NotDelivered."""
    body = {
        "chat_id": target.chat,
        "text": _cut(f"{message.subject}\n\n{message.text}", _TELEGRAM_LONGEST),
        "link_preview_options": {"is_disabled": True},
    }
    server = filled(target.url or _TELEGRAM).rstrip("/")
    _post(f"{server}/bot{filled(target.token)}/sendMessage", body)


def _post(url: str, body: Mapping[str, Any], headers: Mapping[str, str] = {}) -> None:
    """Raises NotDelivered, whose text names the host only: addresses of webhooks are secrets."""
    host = urlsplit(url).hostname or "webhook"
    try:
        answer = httpx.post(
            url,
            json=body,
            headers={"User-Agent": f"luutru/{__version__}", **headers},
            timeout=_SECONDS,
            follow_redirects=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotDelivered(f"{host}: {error}") from None
    if not answer.is_success:
        raise NotDelivered(f"{host}: HTTP {answer.status_code}")


def _cut(text: str, longest: int) -> str:
    """`text`, or as much of it as the service takes, with a sign that there is more."""
    written = text.encode("utf-16-le")
    if len(written) <= 2 * longest:
        return text
    return written[: 2 * (longest - 1)].decode("utf-16-le", "ignore") + "…"
