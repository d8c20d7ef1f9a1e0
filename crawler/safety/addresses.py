"""Which network addresses may be connected to: those of public hosts, and what the user typed."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.errors import BadInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_LOOPBACKS = ("127.0.0.1", "::1")
# A public address by the registry, the metadata service of virtual machines by its use (Azure).
_PLATFORM = ipaddress.ip_address("168.63.129.16")
# Special-purpose networks that `ipaddress` knows in part or not at all, by version of Python.
_MORE = [
    ipaddress.ip_network(each)
    for each in ("100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "fec0::/10", "3fff::/20")
]


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses that a crawl of some hosts may connect to."""

    hosts: frozenset[str]
    """The portal's hosts, as `crawler.urls.hosts_of` gives them (with port, without `www.`)."""
    networks: tuple[Network, ...] = ()
    """Networks that count as public: those of an intranet that is to be archived."""

    def refusal(self, address: str, host: str) -> str | None:
        """Why `host` (with its port, as in its URL) may not be fetched from `address`, or None."""
        real = ipaddress.ip_address(address.partition("%")[0])
        if any(real in network for network in self.networks):
            return None
        if host in self.hosts and real in _typed(host):
            return None
        kind = kind_of(real)
        return f"its host leads to {address}, {kind}" if kind else None


def kind_of(address: Address) -> str | None:
    """Why `address` belongs to no public host (IANA's special-purpose registries), or None."""
    wrapped = _wrapped(address)
    if wrapped is not None:
        return kind_of(wrapped)
    if address.is_loopback:
        return "this machine itself"
    if address.is_unspecified:
        return "no machine at all"
    if address.is_link_local or address == _PLATFORM:
        return "a link-local or metadata address"
    if address.is_multicast:
        return "a multicast address"
    if address.is_private or not address.is_global or any(address in each for each in _MORE):
        return "a private address"
    return "a reserved address" if address.is_reserved else None


def _wrapped(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address only carries (RFC 4291, 6052, 3056, 4380), or None."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _typed(host: str) -> tuple[Address, ...]:
    """The addresses that a person means who types `host`: a literal's own, or this machine's."""
    name = host[1 : host.find("]")] if host.startswith("[") else host.partition(":")[0]
    if name == "localhost":
        return tuple(ipaddress.ip_address(each) for each in _LOOPBACKS)
    try:
        return (ipaddress.ip_address(name),)
    except ValueError:
        return ()


def networks(written: Iterable[str]) -> tuple[Network, ...]:
    """The networks of a setting, such as `10.1.0.0/16`; BadInput for what is none."""
    found = []
    for each in written:
        try:
            found.append(ipaddress.ip_network(each.strip()))
        except ValueError as error:
            raise BadInput(f"NETWORKS_ALLOWED: {error}") from None
    return tuple(found)
