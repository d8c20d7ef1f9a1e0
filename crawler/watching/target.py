"""Whom a saved search tells. LUUTRU_SMTP names the mail server, LUUTRU_MAIL_FROM the sender.

Saved searches are rows of the archive, and an archive may come from elsewhere: what it brings gets
no secret of this machine, and runs nothing on it unless LUUTRU_WATCH_COMMANDS=yes is said here.
"""

import shlex
from urllib.parse import urlsplit

from crawler.errors import BadInput
from crawler.telling.secrets import NAMED, secret
from crawler.telling.target import Target
from crawler.words import tr

_SERVER, _SENDER = "LUUTRU_SMTP", "LUUTRU_MAIL_FROM"
_COMMANDS = "LUUTRU_WATCH_COMMANDS"


def target_of(channel: str, address: str) -> Target:
    """The target that a channel (email, webhook or command) and its address mean.

    Raises BadInput when they mean none, or one that is not for saved searches.
    """
    if NAMED.search(address):
        raise BadInput(tr("{target} names a secret; a saved search gets none", target=address))
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
    if secret(_COMMANDS) != "yes":
        raise BadInput(
            tr(
                "saved searches run commands only where {name}=yes is set in the environment or in "
                "the file of secrets: an archive from elsewhere may bring its own",
                name=_COMMANDS,
            )
        )
    return Target("command", "command", command=words)
