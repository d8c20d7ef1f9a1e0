"""By mail (SMTP). LUUTRU_SMTP names the server: smtp://user:password@host:587, or smtps://."""

import os
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from crawler.errors import BadInput
from crawler.telling.message import Message, NotDelivered
from crawler.telling.secrets import secret
from crawler.words import tr

_SERVER, _SENDER = "LUUTRU_SMTP", "LUUTRU_MAIL_FROM"
_SECONDS = 30
_PORTS = {"smtp": 25, "smtps": 465}


def send(address: str, message: Message) -> None:
    """Send the message to a mail address; raises NotDelivered, or BadInput for a setting."""
    server = _server()
    try:
        with _connected(server) as connection:
            connection.send_message(_written(address, message))
    except (smtplib.SMTPException, OSError) as error:
        raise NotDelivered(f"{server.hostname}: {error}") from None


def _server() -> SplitResult:
    named = urlsplit(secret(_SERVER) or "smtp://127.0.0.1")
    if named.scheme not in _PORTS or not named.hostname:
        raise BadInput(tr("{name} names no mail server; write smtp://host:port", name=_SERVER))
    return named


def _connected(server: SplitResult) -> smtplib.SMTP:
    """A connection, encrypted if the server can, signed in if a user is named."""
    host, port = server.hostname or "", server.port or _PORTS[server.scheme]
    safe = ssl.create_default_context()
    if server.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=safe)
    else:
        connection = smtplib.SMTP(host, port, timeout=_SECONDS)
        connection.ehlo()
        if connection.has_extn("starttls"):
            connection.starttls(context=safe)
    if server.username:
        connection.login(unquote(server.username), unquote(server.password or ""))
    return connection


def _written(address: str, message: Message) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.subject.split())
    mail["From"] = os.environ.get(_SENDER, address)
    mail["To"] = address
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    return mail
