"""Recording both sides of a connection byte for byte, inside Scrapy's HTTP/1.1 handler.

Scrapy's response has lost the status line, the case and order of headers and the transfer coding,
so the copy is made where Twisted reads and writes. That leans on private classes of Scrapy 2.19;
`tests/test_wire.py` compares the copy with what a raw socket sent and received.

The same place bounds an answer: how long its head is, how many bytes come, and how slowly.
"""

import ipaddress
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _ScrapyAgent,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from crawler.capture.ending import salvaged, told, why_cut
from crawler.capture.exchange import Exchange
from crawler.run import CrawlRun
from crawler.safety.addresses import Addresses, networks
from crawler.safety.bounds import TooMuch, size
from crawler.safety.certificates import CertificatePolicy, Shown
from crawler.safety.dialing import Dialer
from crawler.safety.limits import Limits
from crawler.safety.parsing import TolerantParser
from crawler.safety.room import LARGE, LONGEST_WAIT, Enter, no_limit


class _RecordedTransport:
    """The connection's transport; what is written is copied first."""

    def __init__(self, transport: Any, protocol: "_RecordingProtocol") -> None:
        self._transport = transport
        self._protocol = protocol

    def write(self, data: bytes) -> None:
        self._protocol.asked.exchange.sent += data
        self._transport.write(data)

    def writeSequence(self, parts: list[bytes]) -> None:  # noqa: N802 - Twisted's name
        self.write(b"".join(parts))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _RecordingProtocol(_LenientHTTP11ClientProtocol):
    """One connection; the pool tells it who is asking, for each request."""

    asked: "_RecordingAgent"
    _reader: TolerantParser

    def request(self, request: Any) -> Any:
        real = self.transport
        self.asked.exchange.ip = _peer(real)
        self.transport = cast("Any", _RecordedTransport(real, self))
        try:
            answer = super().request(request)
        finally:
            self.transport = real
        self._reader = cast("TolerantParser", self._parser)
        self._reader.__class__ = TolerantParser
        self._reader.most_headers = self.asked.limits.headers
        return answer

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self.asked.received(data)
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        reason = self.asked.excess(self._reader)
        if self._parser is None:
            return
        if reason:
            self._giveUp(Failure(TooMuch(reason)))  # type: ignore[no-untyped-call]
        else:
            self.asked.find_room(self.transport)

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]  # noqa: N802
        if not isinstance(reason.value, ConnectionDone):
            self.asked.is_torn = True
        super().connectionLost(reason)  # type: ignore[no-untyped-call]


class _RecordingFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> _RecordingProtocol:  # noqa: N802 - Twisted's name
        return _RecordingProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _Pool:
    """The connection pool as one request sees it: its connection knows who is asking."""

    persistent = True

    def __init__(self, pool: Any, asked: "_RecordingAgent") -> None:
        self._pool = pool
        self._asked = asked

    def getConnection(self, key: Any, endpoint: Any) -> Any:  # noqa: N802 - Twisted's name
        return self._pool.getConnection(key, endpoint).addCallback(self._given)

    def _given(self, connection: _RecordingProtocol) -> _RecordingProtocol:
        self._asked.is_second = hasattr(connection, "asked")
        connection.asked = self._asked
        return connection


class _RecordingAgent(_ScrapyAgent):
    """One request: its exchange, and how much of an answer it takes."""

    def __init__(self, limits: Limits, addresses: Addresses, enter: Enter, **facts: Any) -> None:
        super().__init__(**facts)
        self.exchange = Exchange()
        self.limits = limits
        self.too_much: str | None = None
        self.is_torn = False
        """Whether the connection was reset, and not closed."""
        self.is_second = False
        """Whether the connection had served an earlier request."""
        self._addresses = addresses
        self._enter = enter

    def received(self, data: bytes) -> None:
        """Keep what came, and give the rest the time that it may take at the slowest rate."""
        self.exchange.received += data
        timer: Any = self._timeout_cl
        if timer.active():
            timer.delay(len(data) / self.limits.slowest)

    def excess(self, reader: TolerantParser) -> str | None:
        """Why no more of the answer is read, or None."""
        came = len(self.exchange.received)
        if reader.is_in_head and came > self.limits.head:
            self.too_much = f"too long: a head of more than {size(self.limits.head)}"
        elif came > self.limits.head + self.limits.body:
            self.too_much = f"too large: more than {size(self.limits.body)}"
        return self.too_much

    def find_room(self, transport: Any) -> None:
        """Read on only as long as there is room for a large answer, without losing time."""
        if len(self.exchange.received) < LARGE:
            return
        timer: Any = self._timeout_cl
        left = timer.getTime() - timer.seconds()
        if not self._enter(lambda: self._read_on(transport, left)):
            transport.pauseProducing()
            timer.reset(left + LONGEST_WAIT)

    def _read_on(self, transport: Any, seconds: float) -> None:
        timer: Any = self._timeout_cl
        if timer.active():
            timer.reset(seconds)
            transport.resumeProducing()

    def _get_agent(self, request: Request, timeout: float) -> Any:
        agent: Any = super()._get_agent(request, timeout)
        agent._pool = _Pool(agent._pool, self)
        factory = agent._endpointFactory
        host = urlsplit(request.url).netloc.removeprefix("www.")
        factory._reactor = Dialer(factory._reactor, self._addresses, host)
        return agent


class WireHandler(HTTP11DownloadHandler):
    """Scrapy's handler for http and https that keeps every exchange before it hands it on."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _RecordingFactory
        # Twisted would repeat a request on a new connection by itself, out of sight of the record;
        # the frontier's retry makes it an exchange of its own.
        self._pool.retryAutomatically = False
        spider: Any = crawler.spider
        allowed = networks(crawler.settings.getlist("NETWORKS_ALLOWED"))
        self._addresses = Addresses(spider.hosts, allowed)
        self._limits = Limits.of(crawler.settings)
        profile = getattr(spider, "profile", None)
        unverified = profile is not None and profile.unverified_tls
        self._contextFactory = cast("Any", CertificatePolicy(self._shown, unverified=unverified))

    async def download_request(self, request: Request) -> Response:
        """The response to `request`; both sides of the exchange are kept first."""
        asked = self._agent(request)
        try:
            with wrap_twisted_exceptions():
                response = await maybe_deferred_to_future(asked.download_request(request))
            self._check(asked, response)
        except Exception as error:
            if _was_closed(error, request, asked):
                return await self.download_request(request)
            response = self._after(error, request, asked)
        self._keep(request, asked.exchange)
        return response

    def _check(self, asked: _RecordingAgent, response: Response) -> None:
        """Twisted takes a body without a stated length for whole, however it ended."""
        if asked.too_much:
            raise TooMuch(asked.too_much)
        if asked.is_torn and "partial" in response.flags:
            raise DownloadFailedError

    def _after(self, error: Exception, request: Request, asked: _RecordingAgent) -> Response:
        """The answer that came nevertheless; else the exchange is kept as cut, and this raises."""
        reason = told(error, asked.exchange, self._limits.body)
        response = None if isinstance(reason, TooMuch) else salvaged(request, asked.exchange)
        if response is None:
            asked.exchange.truncated = why_cut(reason)
            self._keep(request, asked.exchange)
            raise reason from error
        return response

    def _agent(self, request: Request) -> _RecordingAgent:
        run, url_id = self._crawler.get_extension(CrawlRun), request.meta.get("url_id")
        return _RecordingAgent(
            self._limits,
            self._addresses,
            partial(run.room.enter, url_id) if run and url_id else no_limit,
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            crawler=self._crawler,
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

    def _shown(self, shown: Shown) -> None:
        run = self._crawler.get_extension(CrawlRun)
        if run is not None:
            run.note_certificate(shown)


def _was_closed(error: Exception, request: Request, asked: _RecordingAgent) -> bool:
    """Whether the server had closed a kept connection meanwhile (RFC 9112, 9.3.1): ask anew."""
    unheard = isinstance(error, DownloadFailedError) and not asked.exchange.received
    return unheard and asked.is_second and request.method == "GET"


def _peer(transport: Any) -> str | None:
    host = getattr(transport.getPeer(), "host", None)
    try:
        return str(ipaddress.ip_address(host)) if host else None
    except ValueError:
        return None
