"""The files that an article offers: links, script links and embedded viewers."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from crawler.items import Attachment
from crawler.selectors import matches, text_of
from crawler.vietnamese import nfc, squeeze
from pipelines.beside import is_beside
from pipelines.prose import join
from pipelines.sheet import Sheet

_ENDING = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|7z|odt|ods|rtf|csv)$", re.IGNORECASE)
_LIFERAY = re.compile(r"/documents/\d+/\d+/([^/]+)/[0-9a-f-]{36}")
_SCRIPTED = re.compile(r"""download\w*\s*\([^)]*?['"]([^'"]*/[^'"]+)['"]""", re.IGNORECASE)
_VIEWERS = ("file", "url", "src")
_DRIVE = re.compile(r"/file/d/([\w-]+)")
_SIBLINGS = 4
_CELLS = ("td", "tr", "tbody", "font", "center")


def read_attachments(sheet: Sheet) -> tuple[Attachment, ...]:
    """The files in the text and directly around it, each once; menu and sidebar files are not."""
    found: dict[str, Attachment] = {}
    for root in _places(sheet):
        for element in root.iter("a", "iframe", "embed", "object", "button", "span"):
            if (file := _file(element, sheet.url)) and file.url not in found:
                found[file.url] = file
    return tuple(found.values())


def _places(sheet: Sheet) -> Iterator[Any]:
    selectors = sheet.layout.attachment if sheet.layout else ()
    yield from (element for element, _ in matches(sheet.document, selectors))
    box = sheet.container
    if box is None:
        return
    yield box
    while box.getnext() is None and box.getparent() is not None and box.tag in _CELLS:
        box = box.getparent()
    for place, sibling in enumerate(box.itersiblings()):
        if place >= _SIBLINGS or (isinstance(sibling.tag, str) and is_beside(sibling)):
            return
        if isinstance(sibling.tag, str):
            yield sibling


def _file(element: Any, base: str) -> Attachment | None:
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
