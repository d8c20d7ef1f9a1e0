"""What the address of a link says: whose host it is, and what stands in its name and path."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from pipelines.planted import facts
from pipelines.planted.spelling import folded, undisguised
from pipelines.planted.words import words_of

_CONTROLS = re.compile(r"[\x00-\x20\x7f]+")
_SECOND_LEVEL = frozenset({"com", "net", "org", "gov", "edu", "ac", "info", "name", "biz", "mil"})
_NUMBER = re.compile(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}")
_ARTICLE = re.compile(r"/[a-z0-9]+(?:-[a-z0-9]+){4,}[^/]*$", re.IGNORECASE)
_PARAMETERS = frozenset({"url", "q", "u", "link", "redirect"})

Name = Literal["word", "brand", "shape", "ending", "cheap"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads."""

    host: str
    """In lower case, without port and `www.`; in Unicode where it was punycode."""
    site: str
    """The part of the host that is registered: `ninhbinh.gov.vn`."""
    ip: bool = False
    """Whether a public IP address stands in place of a name."""
    inside: bool = False
    """Whether it is an address of a local network."""
    known: bool = False
    vietnamese: bool = False
    name: Name | None = None
    """What is suspicious in the name."""
    path_word: str | None = None
    """A betting word or brand in the path or query."""
    warns: bool = False
    """Whether the path has words of reports on the fight against gambling."""
    is_article: bool = False

    @property
    def is_stranger(self) -> bool:
        """Whether nothing speaks for the host."""
        return not (self.ip or self.inside or self.known or self.vietnamese)


@lru_cache(maxsize=20_000)
def target(url: str) -> Target | None:
    """Where an absolute address leads; None when it is none, or not on the web.

    A service that leads on (`google.com/url?q=`) stands for the address that it carries.
    """
    return _target(_CONTROLS.sub("", url).replace("\\", "/"))


def _target(url: str) -> Target | None:
    try:
        parts = urlsplit(url)
        host = _readable((parts.hostname or "").removeprefix("www.").rstrip("."))
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    if _ends_with(host, facts.LEADING_ON) and (inner := _carried(parts.query)):
        return _target(inner)
    path = unquote(f"{parts.path} {parts.query}")
    words = words_of(re.sub(r"[-_/.+=&%]+", " ", path))
    number = _address(host)
    return Target(
        host=host,
        site=host if number else site_of(host),
        ip=bool(number and number.is_global) or _is_for_documents(number),
        inside="." not in host or bool(number and not number.is_global),
        known=_ends_with(host, facts.KNOWN_HOSTS),
        vietnamese=host.endswith(".vn"),
        name=None if number else _name(host),
        path_word=next(iter(words.betting), words.brand if words.is_named else None),
        warns=words.warns,
        is_article=bool(_ARTICLE.search(parts.path)),
    )


def site_of(host: str) -> str:
    """The part of `host` that somebody has registered."""
    labels = host.split(".")
    most = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-most:])


def _name(host: str) -> Name | None:
    """What a host's name gives away; look-alike letters in it are undone."""
    ending = host.rpartition(".")[2]
    name = folded(host.removesuffix(f".{ending}"))
    labels = {*name.split("."), *re.split(r"[.-]", name)}
    shapes = (each for each in labels if not facts.NO_BRAND.fullmatch(each))
    if facts.HOST_WORDS.search(name.replace("-", "")) or facts.HOST_WORDS.search(undisguised(name)):
        return "word"
    if facts.BRANDS.search(name) or facts.GLUED_BRANDS.search(name.replace("-", "")):
        return "brand"
    if ending in facts.ENDINGS:
        return "ending"
    if any(map(facts.BRAND_SHAPE.fullmatch, shapes)):
        return "shape"
    return "cheap" if ending in facts.CHEAP_ENDINGS else None


def _carried(query: str) -> str | None:
    pairs = parse_qsl(query)
    return next((v for k, v in pairs if k in _PARAMETERS and v.startswith("http")), None)


def _readable(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna") if "xn--" in host else host
    except UnicodeError:
        return host


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(host: str) -> _Address | None:
    """The IP address that stands in place of a name, in any notation that browsers take."""
    try:
        if ":" in host:
            return ipaddress.ip_address(host)
        return ipaddress.ip_address(socket.inet_aton(host)) if _NUMBER.fullmatch(host) else None
    except (ValueError, OSError):
        return None


_DOCUMENTATION = [
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
]


def _is_for_documents(number: _Address | None) -> bool:
    """Whether it stands for a public address in documents (RFC 5737), as on the practice portal."""
    return number is not None and any(number in net for net in _DOCUMENTATION)


def _ends_with(host: str, endings: frozenset[str]) -> bool:
    labels = host.split(".")
    return any(".".join(labels[first:]) in endings for first in range(len(labels)))
