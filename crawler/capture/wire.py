"""Recording both sides of a connection byte for byte, inside Scrapy's HTTP/1.1 handler.

Scrapy's response has lost the status line, the case and order of headers and the transfer coding,
so the copy is made where Twisted reads and writes. That leans on private classes of Scrapy 2.19;
`tests/test_wire.py` compares the copy with what a raw socket sent and received.
"""

import ipaddress
from typing import Any, cast

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _ScrapyAgent,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future

from crawler.capture.exchange import Exchange
from crawler.run import CrawlRun


class _RecordedTransport:
    """The connection's transport; what is written is copied first."""

    def __init__(self, transport: Any, protocol: "_RecordingProtocol") -> None:
        self._transport = transport
        self._protocol = protocol

    def write(self, data: bytes) -> None:
        self._protocol.exchange.sent += data
        self._transport.write(data)

    def writeSequence(self, parts: list[bytes]) -> None:  # noqa: N802 - Twisted's name
        self.write(b"".join(parts))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _RecordingProtocol(_LenientHTTP11ClientProtocol):
    """One connection; the pool gives it an exchange for each request."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)  # type: ignore[no-untyped-call]
        self.exchange = Exchange()

    def request(self, request: Any) -> Any:
        real = self.transport
        self.exchange.ip = _peer(real)
        self.transport = cast("Any", _RecordedTransport(real, self))
        try:
            return super().request(request)
        finally:
            self.transport = real

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self.exchange.received += data
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _RecordingFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> _RecordingProtocol:  # noqa: N802 - Twisted's name
        return _RecordingProtocol(self._quiescentCallback)


class _Pool:
    """The connection pool as one request sees it: its connection writes into its exchange."""

    persistent = True

    def __init__(self, pool: Any, exchange: Exchange) -> None:
        self._pool = pool
        self._exchange = exchange

    def getConnection(self, key: Any, endpoint: Any) -> Any:  # noqa: N802 - Twisted's name
        return self._pool.getConnection(key, endpoint).addCallback(self._given)

    def _given(self, connection: _RecordingProtocol) -> _RecordingProtocol:
        connection.exchange = self._exchange
        return connection


class _RecordingAgent(_ScrapyAgent):
    def __init__(self, exchange: Exchange, **facts: Any) -> None:
        super().__init__(**facts)
        self._exchange = exchange

    def _get_agent(self, request: Request, timeout: float) -> Any:
        agent: Any = super()._get_agent(request, timeout)
        agent._pool = _Pool(agent._pool, self._exchange)
        return agent


class WireHandler(HTTP11DownloadHandler):
    """Scrapy's handler for http and https that keeps every exchange before it hands it on."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _RecordingFactory
        # Twisted would repeat a request on a new connection by itself, out of sight of the record;
        # Scrapy's retry makes it an exchange of its own.
        self._pool.retryAutomatically = False

    async def download_request(self, request: Request) -> Response:
        """The response to `request`; both sides of the exchange are kept first."""
        exchange = Exchange()
        try:
            with wrap_twisted_exceptions():
                response = await maybe_deferred_to_future(
                    self._agent(exchange).download_request(request)
                )
        except Exception as error:
            exchange.truncated = _why_cut(error)
            self._keep(request, exchange)
            raise
        self._keep(request, exchange)
        return response

    def _agent(self, exchange: Exchange) -> _RecordingAgent:
        return _RecordingAgent(
            exchange,
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )

    def _keep(self, request: Request, exchange: Exchange) -> None:
        run = self._crawler.get_extension(CrawlRun)
        if run is not None and exchange.received:
            via = request.headers.get(b"Referer")
            kept = run.keep(
                request.url,
                exchange,
                via.decode("latin-1") if via else None,
                request.meta.get("kept_as"),
            )
            # A list: each retry adds the exchange that it repeats.
            request.meta.setdefault("captures", []).extend([kept] if kept else [])


def _why_cut(error: Exception) -> str:
    if isinstance(error, DownloadTimeoutError):
        return "time"
    return "length" if isinstance(error, DownloadCancelledError) else "disconnect"


def _peer(transport: Any) -> str | None:
    host = getattr(transport.getPeer(), "host", None)
    try:
        return str(ipaddress.ip_address(host)) if host else None
    except ValueError:
        return None
