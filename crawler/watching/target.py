"""Whom a saved search tells. LUUTRU_SMTP names the mail server, LUUTRU_MAIL_FROM the sender."""

import shlex
from urllib.parse import urlsplit

from crawler.errors import BadInput
from crawler.telling.secrets import secret
from crawler.telling.target import Target
from crawler.words import tr

_SERVER, _SENDER = "LUUTRU_SMTP", "LUUTRU_MAIL_FROM"


def target_of(channel: str, address: str) -> Target:
    """The target that a channel (email, webhook or command) and its address mean; else BadInput."""
    return {"email": _mail, "webhook": _webhook, "command": _command}[channel](address)


def _mail(address: str) -> Target:
    if "@" not in address or set(address) & set("\r\n "):
        raise BadInput(tr("{target} is no mail address", target=address))
    server = secret(_SERVER) or "smtp://127.0.0.1"
    sender = secret(_SENDER) or ""
    return Target(_SERVER, "email", to=(address,), sender=sender, server=server)


def _webhook(address: str) -> Target:
    if urlsplit(address).scheme not in ("http", "https"):
        raise BadInput(tr("{target} is no address; write https://host/...", target=address))
    return Target("webhook", "webhook", url=address)


def _command(address: str) -> Target:
    try:
        words = tuple(shlex.split(address))
    except ValueError:
        words = ()
    if not words:
        raise BadInput(tr("{target} is no command", target=address))
    return Target("command", "command", command=words)
