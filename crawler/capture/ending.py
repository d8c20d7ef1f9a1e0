"""How an exchange ended: what a bad end still gave, and the reason in plain words."""

from OpenSSL.SSL import Error as TlsError
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Headers, Response
from scrapy.utils._download_handlers import make_response

from crawler.capture.exchange import Exchange
from crawler.capture.message import packing, parsed
from crawler.safety.bounds import TooMuch, cause_of, no_http, size, within
from crawler.safety.wholeness import is_whole

_SHOWN = 40
_NO_ANSWER = "time-out: no answer in time"
# A firewall that keeps foreign addresses out does not even refuse them.
_NO_CONNECTION = (
    "blocked? no connection in time; portals drop foreign addresses: crawl from Vietnam"
)


def salvaged(request: Request, exchange: Exchange) -> Response | None:
    """The answer, if what came is a whole document though the exchange ended badly; else None.

    Servers state a wrong length, leave out the last chunk, or never close the connection.
    """
    message = parsed(exchange.received)
    if message is None or not message.is_framed:
        return None
    if not is_whole(message.payload, message.coding or ""):
        return None
    headers = Headers()
    for name, value in message.fields():
        headers.appendlist(name, value)
    for coding in packing(message.header("Transfer-Encoding")):
        headers.appendlist("Content-Encoding", coding)
    return make_response(request.url, message.status, headers, message.payload)


def why_cut(error: Exception) -> str:
    """The WARC-Truncated reason (ISO 28500:2017, 5.13) of an exchange that ended with `error`."""
    if isinstance(error, DownloadTimeoutError):
        return "time"
    return "length" if isinstance(error, TooMuch) else "disconnect"


def told(error: Exception, exchange: Exchange, largest: int) -> Exception:
    """`error` as the archive tells it: what happened, not in which of the libraries' classes."""
    if cause := cause_of(error):
        return cause
    if isinstance(error, DownloadCancelledError):
        return TooMuch(f"too large: more than {size(largest)}")
    if isinstance(error, DownloadTimeoutError):
        return DownloadTimeoutError(_NO_ANSWER if exchange.sent else _NO_CONNECTION)
    if tls := next((each for each in within(error) if isinstance(each, TlsError)), None):
        return DownloadFailedError(f"no TLS connection: {_words(tls)}")
    if isinstance(error, ResponseDataLossError):
        return ResponseDataLossError("the connection ended in the middle of the answer")
    if isinstance(error, DownloadFailedError) and not _may_be_http(exchange.received):
        return no_http(bytes(exchange.received[:_SHOWN]))
    if isinstance(error, DownloadFailedError):
        return DownloadFailedError("the connection ended before the answer")
    if isinstance(error, CannotResolveHostError):
        return CannotResolveHostError("its host has no address")
    return error


def _may_be_http(received: bytearray) -> bool:
    begun = bytes(received[:_SHOWN].lstrip(b"\r\n")[:5].upper())
    return b"HTTP/".startswith(begun)


def _words(error: TlsError) -> str:
    """What OpenSSL says, without its codes."""
    stack = error.args[0] if error.args else ()
    reasons = [entry[-1] for entry in stack if isinstance(entry, tuple) and entry]
    return ", ".join(reasons) or "the handshake failed"
