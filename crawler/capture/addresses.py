"""Addresses and header fields as old tools wrote them, in bytes that may be no UTF-8."""

import binascii
import codecs
import re
from base64 import b64decode

_PERCENT = "percent-encode"
# What ArchiveWeb.page and pywb make of a POST whose request they do not keep.
_CONVERTED = re.compile(r"(?P<url>.*?)[?&]__wb_method=POST(?:&(?P<form>.*))?", re.I | re.S)
_PACKED = "__wb_post_data="


def text_of(data: bytes) -> str:
    """`data` as text; a byte that is no UTF-8 becomes `%E9`, as it was asked for."""
    return data.decode("utf-8", _PERCENT)


def readable(name: str) -> str:
    """A file's name for the archive; a byte that is no UTF-8 becomes `\\xE9`.

    Old disks and ZIP files have such names, and SQLite takes no such text.
    """
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def asked_for(address: str) -> tuple[str, str | None]:
    """The URL of a record's address and, where a POST stands in that, the form; None is a GET."""
    found = _CONVERTED.fullmatch(address)
    if found is None:
        return address, None
    form = found["form"] or ""
    return found["url"], _unpacked(form) if form.startswith(_PACKED) else form


def _unpacked(form: str) -> str:
    try:
        return text_of(b64decode(form.removeprefix(_PACKED)))
    except binascii.Error:
        return form


def _percent(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(f"%{byte:02X}" for byte in wrong), error.end


codecs.register_error(_PERCENT, _percent)
