"""What file an element offers: a link, a script link or an embedded viewer."""

import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from crawler.items import Attachment
from crawler.selectors import text_of
from crawler.vietnamese import nfc, squeeze
from pipelines.prose import join

_ENDING = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|7z|odt|ods|rtf|csv)$", re.IGNORECASE)
_LIFERAY = re.compile(r"/documents/\d+/\d+/([^/]+)/[0-9a-f-]{36}")
_SCRIPTED = re.compile(r"""download\w*\s*\([^)]*?['"]([^'"]*/[^'"]+)['"]""", re.IGNORECASE)
_VIEWERS = ("file", "url", "src")
_DRIVE = re.compile(r"/file/d/([\w-]+)")


def file_in(element: Any, base: str) -> Attachment | None:
    """The file that a link, a script link or a viewer offers, or None."""
    href = (element.get("href") or "").strip() if element.tag == "a" else ""
    if href and (file := _linked(href, base, text_of(element))):
        return file
    if scripted := _SCRIPTED.search(element.get("onclick") or element.get("href") or ""):
        return _named(join(base, scripted.group(1)))
    if element.tag in ("iframe", "embed", "object"):
        return _embedded(element.get("src") or element.get("data") or "", base)
    return None


def _linked(href: str, base: str, text: str) -> Attachment | None:
    address = join(base, href)
    if not address or not address.startswith(("http://", "https://")):
        return None
    path = _path(address)
    if liferay := _LIFERAY.search(path):
        return Attachment(address, nfc(unquote(liferay.group(1)).replace("+", " ")))
    if _ENDING.search(path):
        return _named(address)
    if _ENDING.search(text) and len(text) <= 200:
        return Attachment(address, squeeze(text))
    return None


def _embedded(source: str, base: str) -> Attachment | None:
    """What a viewer shows: pdf.js, Google, Microsoft and Drive carry the file's address along."""
    address = join(base, source.strip())
    if not address or not address.startswith(("http://", "https://")):
        return None
    if _DRIVE.search(_path(address)):
        return Attachment(address, _DRIVE.findall(address)[0])
    query = parse_qs(urlsplit(address).query)
    for name in _VIEWERS:
        inner = next(iter(query.get(name, [])), "")
        if inner and (_ENDING.search(_path(join(base, inner) or "")) or "viewer" in address):
            return _named(join(base, inner))
    return _named(address) if _ENDING.search(_path(address)) else None


def _named(address: str | None) -> Attachment | None:
    if not address or not address.startswith(("http://", "https://")):
        return None
    return Attachment(address, nfc(unquote(_path(address).rpartition("/")[2])) or address)


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""
