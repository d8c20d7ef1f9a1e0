"""A DNS server on loopback whose answers change, and the resolver that asks it and nobody else."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

from scrapy.crawler import Crawler
from twisted.names import client, dns


@dataclass
class TinyDns:
    """Names and the addresses they have, one after the other; the last one stays."""

    names: dict[str, list[str]]
    port: int = 0
    asked: list[str] = field(default_factory=list)

    def settings(self) -> dict[str, Any]:
        """What makes a crawl ask this server."""
        return {"TWISTED_DNS_RESOLVER": "tests.tiny_dns.Resolver", "TINY_DNS_PORT": self.port}


class Resolver(client.Resolver):
    """Asks the server at TINY_DNS_PORT for every connection anew: nothing is cached."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        made = cls(servers=[("127.0.0.1", crawler.settings.getint("TINY_DNS_PORT"))])
        made.reactor = reactor
        return made

    def install_on_reactor(self) -> None:
        self.reactor.installResolver(self)


@contextmanager
def tiny_dns(**names: list[str]) -> Iterator[TinyDns]:
    """Serve `names`; underscores stand for dots."""
    server = TinyDns({name.replace("_", "."): list(given) for name, given in names.items()})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        server.port = listener.getsockname()[1]
        threading.Thread(target=_serve, args=(listener, server), daemon=True).start()
        yield server
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, server: TinyDns) -> None:
    while True:
        try:
            packet, client_address = listener.recvfrom(4096)
        except OSError:
            return
        if packet:
            listener.sendto(_answer(packet, server), client_address)


def _answer(packet: bytes, server: TinyDns) -> bytes:
    query = dns.Message()
    query.fromStr(packet)
    name = str(query.queries[0].name)
    server.asked.append(name)
    answer = dns.Message(query.id, answer=True)
    answer.queries = query.queries
    given = server.names.get(name, [])
    if given and query.queries[0].type in (dns.A, dns.ALL_RECORDS):
        address = given.pop(0) if len(given) > 1 else given[0]
        record = dns.Record_A(address=address, ttl=0)
        answer.answers = [dns.RRHeader(name, dns.A, ttl=0, payload=record, auth=True)]
    return bytes(answer.toStr())
