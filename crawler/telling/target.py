"""Whom to tell, and how."""

from dataclasses import dataclass

from crawler.alarms.kinds import ALARMS, URGENT

WAYS = ("email", "webhook", "slack", "telegram", "command")


@dataclass(frozen=True, slots=True)
class Target:
    """Who is told, `[notify.NAME]`; which keys are set depends on the kind.

    `${NAME}` in a text is a secret, filled in when the message goes out.
    """

    name: str
    kind: str
    """One of WAYS."""
    alarms: tuple[str, ...] = ALARMS
    """What is told, of ALARMS."""
    urgent: tuple[str, ...] = URGENT
    """Which of them are told at once; the others come in the daily digest."""
    language: str = ""
    """`vi` or `en`; empty is the file's."""
    to: tuple[str, ...] = ()
    """email: addresses of the readers."""
    sender: str = ""
    """email: address of the sender (`from`); empty is the first reader's."""
    server: str = "smtp://127.0.0.1"
    """email: smtp://host:port (with STARTTLS where the server can) or smtps://host:port."""
    user: str = ""
    """email: the name to sign in with; empty signs in nowhere."""
    password: str = ""
    """email: `${NAME}`."""
    url: str = ""
    """webhook and slack: the address, that of slack with `${NAME}`; telegram: another server than
    https://api.telegram.org."""
    token: str = ""
    """telegram: the bot's token; webhook: sent as `Authorization: Bearer`, if given; `${NAME}`."""
    chat: str = ""
    """telegram: the number or @name of the chat."""
    command: tuple[str, ...] = ()
    """command: the program and its words; it gets the message as JSON on standard input."""
