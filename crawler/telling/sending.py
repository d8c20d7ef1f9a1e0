"""Delivering a message in the way that its target names, and again when that fails."""

import time
from collections.abc import Callable

from crawler.telling import mail, program, webhook
from crawler.telling.message import Message, NotDelivered
from crawler.telling.target import Target

_WAYS: dict[str, Callable[[Target, Message], None]] = {
    "email": mail.send,
    "webhook": webhook.send,
    "slack": webhook.send_to_slack,
    "telegram": webhook.send_to_telegram,
    "command": program.send,
}
_PAUSE = 2.0
"""Seconds before the second try; what takes longer to mend is left to the next time."""


def send(target: Target, message: Message) -> None:
    """Send the message.

    Raises NotDelivered when the second try failed, too; its text names no secret. Raises BadInput
    for a secret or setting that is missing.
    """
    way = _WAYS[target.kind]
    try:
        way(target, message)
    except NotDelivered:
        time.sleep(_PAUSE)
        way(target, message)
