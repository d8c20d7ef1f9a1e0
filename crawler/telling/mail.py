"""By mail (SMTP)."""

import ipaddress
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from crawler.errors import BadInput
from crawler.telling.message import Message, NotDelivered
from crawler.telling.secrets import filled
from crawler.telling.target import Target
from crawler.words import tr

_SECONDS = 30
_PORTS = {"smtp": 25, "smtps": 465}


def send(target: Target, message: Message) -> None:
    """Send the message to the target's readers; raises NotDelivered, or BadInput for a setting."""
    server = _server(target)
    try:
        with _connected(server, target) as connection:
            connection.send_message(_written(target, message))
    except (smtplib.SMTPException, OSError) as error:
        raise NotDelivered(f"{server.hostname}: {error}") from None


def _server(target: Target) -> SplitResult:
    named = urlsplit(filled(target.server))
    if named.scheme not in _PORTS or not named.hostname:
        raise BadInput(tr("{name} names no mail server; write smtp://host:port", name=target.name))
    return named


def _connected(server: SplitResult, target: Target) -> smtplib.SMTP:
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
    user = filled(target.user) or unquote(server.username or "")
    if user:
        if not _is_private(connection):
            connection.close()
            # Who sits between can take the offer of STARTTLS out, and read the password then.
            raise NotDelivered(
                f"{host}: it offers no encryption, so the password was not sent; "
                "write smtps://, or name no user"
            )
        connection.login(user, filled(target.password) or unquote(server.password or ""))
    return connection


def _is_private(connection: smtplib.SMTP) -> bool:
    """Whether nobody else can read what is said: it is encrypted, or stays on this machine."""
    if connection.sock is None:
        return False
    peer = ipaddress.ip_address(connection.sock.getpeername()[0].partition("%")[0])
    return isinstance(connection.sock, ssl.SSLSocket) or peer.is_loopback


def _written(target: Target, message: Message) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.subject.split())
    mail["From"] = target.sender or target.to[0]
    mail["To"] = ", ".join(target.to)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    return mail
