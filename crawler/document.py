"""A page's bytes, decoded once and normalised to NFC before anybody looks for a label."""

import hashlib
import logging
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from lxml import etree

from crawler.safety import markup
from crawler.vietnamese import nfc

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_MOSTLY = 10
_UTF8_NAMES = {"utf-8", "utf8", "unicode-1-1-utf-8"}
# What XML has no place for: libxml2 ends a document at a NUL, which would lose the rest of the
# page, and takes the others in, but nobody may hand them back to it.
_NO_TEXT = bytes(each for each in range(0x20) if each not in b"\t\n\v\f\r")
_SPACES = bytes.maketrans(b"\v\f", b"  ")
# Combining marks written as character references would escape normalisation of the source text.
_REFERENCE = re.compile(
    r"&#(?:(?:x0*(?P<hexadecimal>3[0-6][0-9a-f])|0*(?P<decimal>7[67]\d|78\d|79\d|8[0-7]\d));"
    r"|(?:x0*(?:[0-8bce-f]|1[0-9a-f]|fff[ef])(?![0-9a-f])"
    r"|0*(?:[0-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d));?)",
    re.IGNORECASE,
)
# Many editors escape what is escaped already ("&amp;#225;"), or lose the "&" ("ldquo;"). References
# to markup stay: "&amp;lt;b&amp;gt;" shows a tag on purpose.
_ESCAPED_TWICE = re.compile(
    r"&amp;(?=#\d{2,6};|#x[0-9a-f]{2,5};|(?!amp;|lt;|gt;)[a-z]{2,8}\d?;)", re.IGNORECASE
)
_QUOTE = re.compile(r"&[lr][ds]quo;")
_QUOTE_WITHOUT_AND = re.compile(r"(?<![&\w#])(?=[lr][ds]quo;)")
_ASCII = bytes(range(0x80))
# Letters with their marks, punctuation, signs: normal form C leaves them, behind whatever letter.
_COMPOSED = re.compile(
    "[\u0080-\u02ff\u1e00-\u1eff\u2002-\u20cf\u2190-\u2328\u2500-\u27ff\ufeff\U0001f300-\U0001faff]*"
)
_HIGH_BYTES = bytes(range(0x80, 0x100))
_EMPTY = "<html><body></body></html>"
# Attributes by themselves: three times as fast as asking each element for them.
_CLASSES: Any = etree.XPath("//@class", smart_strings=False)
_IDS: Any = etree.XPath("//@id", smart_strings=False)
_SHOWN: Any = etree.XPath(
    "/descendant::body/descendant::text()[not(parent::script or parent::style)]",
    smart_strings=False,
)
_WORD = re.compile(r"[^\W\d_]+")
# Of bytes in no encoding Beautiful Soup tells the screen, once for each page and without its name.
logging.getLogger("bs4.dammit").setLevel(logging.ERROR)


class Document:
    """Decoded text and parsed tree of one HTML page."""

    def __init__(self, body: bytes, content_type: str = "", url: str = "") -> None:
        self.url = url
        text, self.encoding = decode(_beginning(body), content_type)
        self.text, self.left_out = markup.bounded(text)
        """The text as far as it is read, and what is left out of it, for people."""

    @cached_property
    def tree(self) -> Any:
        """The lxml root element of the NFC text. Never fails: an empty page is an empty tree."""
        source = self.text or _EMPTY
        root, is_torn = _parsed(source)
        if is_torn:
            self.left_out.append("the page is nested too deep: it is read without its inner tags")
            root, _ = _parsed(markup.flattened(source))
        return _parsed(_EMPTY)[0] if root is None else root

    @cached_property
    def names(self) -> frozenset[str]:
        """Every class name and id of the page: what a selector needs is looked up here first."""
        return frozenset(" ".join(_CLASSES(self.tree) + _IDS(self.tree)).split())

    @cached_property
    def likeness(self) -> str:
        """Digest of the words that the page shows; clocks and counters make no difference."""
        return likeness_of(_WORD.findall(" ".join(_SHOWN(self.tree))))


def likeness_of(parts: Iterable[str]) -> str:
    """The digest of what a page looks like, in 16 hexadecimal digits."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def _beginning(body: bytes) -> bytes:
    """What of a page is read; cut behind an ASCII letter, as half of another can't be decoded."""
    if len(body) <= markup.MOST_BYTES:
        return body
    return body[: markup.MOST_BYTES].rstrip(_HIGH_BYTES)


def _parsed(source: str) -> tuple[Any, bool]:
    """The root element, or None, and whether libxml2 has given up on the page half-way."""
    # Not lxml.html's parser: its elements of their own class cost a tenth of the reading time.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        text = source.encode("utf-8", "replace").translate(_SPACES, _NO_TEXT)
        root = etree.fromstring(text or _EMPTY.encode(), parser)
    except etree.LxmlError:
        root = None
    limits = etree.ErrorTypes.ERR_RESOURCE_LIMIT
    return root, any(entry.type == limits for entry in parser.error_log)


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text of an HTML payload in NFC, and the encoding that gave it.

    Order of evidence: UTF-8 if the bytes are valid, whatever the label says, byte order mark,
    Content-Type, <meta>, then Beautiful Soup's `UnicodeDammit` with windows-1258 as Vietnam's
    legacy encoding. A page that says UTF-8 and mostly is keeps its good letters.
    """
    text = body.decode("utf-8-sig", "replace")
    strange = text.count("\ufffd")
    # Letters of any other encoding are hardly ever valid UTF-8; plain ASCII may be part of one.
    if not strange and not body.isascii():
        return _normal(text, _is_composed(body)), "utf-8"
    declared = _declared(body, content_type)
    is_labelled = declared is None or declared in _UTF8_NAMES
    if is_labelled and not strange:
        return _normal(text), "utf-8"
    if is_labelled and strange * _MOSTLY < len(_NOT_ASCII.findall(text)):
        return _normal(text), "utf-8 with replacements"
    # Few pages need it, and it takes longer to load than a search takes.
    from bs4 import UnicodeDammit

    guess = UnicodeDammit(
        body,
        known_definite_encodings=[declared] if declared else [],
        user_encodings=["utf-8", "windows-1258"],
        is_html=True,
    )
    if guess.unicode_markup is None:
        return _normal(body.decode("utf-8", "replace")), "utf-8 with replacements"
    return _normal(guess.unicode_markup), guess.original_encoding or "unknown"


def _declared(body: bytes, content_type: str) -> str | None:
    for source in (content_type.encode("latin-1", "ignore"), body[:2048]):
        if found := _CHARSET.search(source):
            return found.group(1).decode("ascii", "ignore").lower()
    return None


def _is_composed(body: bytes) -> bool:
    """Whether UTF-8 is in NFC as it stands, told by its few characters that are not ASCII.

    Normalisation itself looks at every letter to find out, which takes six times as long.
    """
    return _COMPOSED.fullmatch(body.translate(None, _ASCII).decode("utf-8", "replace")) is not None


def _normal(text: str, is_composed: bool = False) -> str:
    text = _ESCAPED_TWICE.sub("&", text)
    # Counted first: the pattern without a fixed beginning takes half as long as the decoding.
    if (quotes := text.count("quo;")) and quotes > len(_QUOTE.findall(text)):
        text = _QUOTE_WITHOUT_AND.sub("&", text)
    text, changes = _REFERENCE.subn(_mark, text)
    if is_composed and not changes:
        return text
    text = text.replace("\ufffe", "").replace("\uffff", "")
    # Nothing joins across the end of a line, and most lines of most pages are NFC already.
    return "\n".join(map(nfc, text.split("\n")))


def _mark(reference: "re.Match[str]") -> str:
    """The combining mark that is meant, or nothing for what is no text."""
    if hexadecimal := reference["hexadecimal"]:
        return chr(int(hexadecimal, 16))
    return chr(int(reference["decimal"])) if reference["decimal"] else ""
