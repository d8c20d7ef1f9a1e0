"""Where a page sends its readers by itself, and the links that its scripts write."""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator

from crawler.forwarding import refreshes
from crawler.items import Page

_URL = r"""["'`]((?:https?:)?\\?/\\?/[^"'`\s]+)["'`]"""
_LOCATION = re.compile(
    r"location(?:(?:\.href|\[[^\]]{1,20}\])?\s*=(?!=)\s*|\.(?:replace|assign)\(\s*)" + _URL
)
_WRITTEN = re.compile(
    r"""<a\s[^<>]{0,300}?href\s*=\s*\\?["']([^"'\\<>]+(?:\\/[^"'\\<>]*)*)\\?["'][^<>]{0,300}>(.{0,300}?)<\\?/a""",
    re.IGNORECASE | re.DOTALL,
)
_ENCODED = re.compile(r"""atob\(\s*["']([\w+/=]{8,2000})["']\s*\)""")
_ESCAPED = re.compile(r"\\x([0-9a-fA-F]{2})|\\u00([0-9a-fA-F]{2})")
_MOST_LETTERS = 200_000
_TAG = re.compile(r"<[^<>]*>")


def redirects(page: Page, scripts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(address, how): Location header, meta refresh, or a script that goes there at once."""
    if page.location:
        yield page.location, "redirect"
    yield from ((address, "meta refresh") for address in refreshes(page.document.tree))
    for script in scripts:
        for address in _LOCATION.findall(script):
            yield _plain(address), "script that goes elsewhere"


def written(scripts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(address, words) of each link that stands in a script's text."""
    for script in scripts:
        for href, text in _WRITTEN.findall(script) if "href" in script else ():
            yield _plain(href), _TAG.sub("", text)


def scripts_of(page: Page) -> Iterator[str]:
    """Inline scripts that may hold an address on another host, with what is encoded in them."""
    for element in page.document.tree.iter("script"):
        text = (element.text or "")[:_MOST_LETTERS]
        decoded = _decoded(text)
        if "//" in decoded and ("location" in decoded or "<a" in decoded):
            yield decoded


def _decoded(text: str) -> str:
    if "\\x" in text or "\\u00" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found.group(1) or found.group(2), 16)), text)
    return _ENCODED.sub(_from_base64, text) if "atob" in text else text


def _from_base64(found: "re.Match[str]") -> str:
    try:
        return f'"{b64decode(found.group(1), validate=True).decode()}"'
    except (binascii.Error, UnicodeDecodeError):
        return found.group()


def _plain(address: str) -> str:
    return address.replace("\\/", "/")
