"""Connecting: the address is checked when the socket is about to be opened, not before.

A name that is looked up twice can lead to two machines (DNS rebinding), so what counts is the
address that Twisted hands to `connectTCP` after the lookup, for every connection anew.
"""

from typing import Any

from twisted.internet.interfaces import IReactorPluggableNameResolver, IReactorTCP, IReactorTime
from zope.interface import implementer

from crawler.safety.addresses import Addresses
from crawler.safety.bounds import ForbiddenAddress


@implementer(IReactorTCP, IReactorTime, IReactorPluggableNameResolver)
class Dialer:
    """The reactor as one request sees it: it opens connections to permitted addresses only."""

    def __init__(self, reactor: Any, addresses: Addresses, host: str) -> None:
        self._reactor = reactor
        self._addresses = addresses
        self._host = host

    def connectTCP(self, host: str, *args: Any, **kwargs: Any) -> Any:  # noqa: N802 - Twisted's
        """Connect to the address `host`, or raise ForbiddenAddress."""
        reason = self._addresses.refusal(host, self._host)
        if reason:
            raise ForbiddenAddress(reason)
        return self._reactor.connectTCP(host, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)
