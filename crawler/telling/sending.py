"""Delivering a message: by the channel that its address names, and again when that fails."""

import shlex
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from crawler.errors import BadInput
from crawler.telling import mail, program, webhook
from crawler.telling.message import Message, NotDelivered
from crawler.telling.secrets import filled
from crawler.words import tr

CHANNELS: dict[str, Callable[[str, Message], None]] = {
    "email": mail.send,
    "webhook": webhook.send,
    "command": program.send,
}
_PAUSE = 2.0
"""Seconds before the second try; what takes longer to mend is left to the next time."""


def send(channel: str, target: str, message: Message) -> None:
    """Send by `channel`, one of CHANNELS, to a mail address, a URL or a command.

    `${NAME}` in the target is a secret (`crawler.telling.secrets`). Raises NotDelivered when the
    second try failed, too, and BadInput for a secret or setting that is missing.
    """
    address = filled(target)
    try:
        CHANNELS[channel](address, message)
    except NotDelivered:
        time.sleep(_PAUSE)
        CHANNELS[channel](address, message)


def checked(channel: str, target: str) -> str:
    """`target`, if it is one that the channel can mean; else BadInput."""
    if channel == "email" and ("@" not in target or set(target) & set("\r\n ")):
        raise BadInput(tr("{target} is no mail address", target=target))
    if channel == "webhook" and not _is_address(target):
        raise BadInput(tr("{target} is no address; write https://host/...", target=target))
    if channel == "command" and not _words(target):
        raise BadInput(tr("{target} is no command", target=target))
    return target


def _is_address(target: str) -> bool:
    return urlsplit(webhook.without_shape(target)[1]).scheme in ("http", "https")


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []
