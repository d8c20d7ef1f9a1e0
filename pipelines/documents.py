"""The text of PDF and Word files: pure functions, but on a stranger's bytes.

Call them in a process that may die (`pipelines.extraction`): a small file can cost any amount of
time and memory. Word files are read as XML, because python-docx leaves text boxes and the order of
tables and paragraphs to its caller.
"""

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from time import monotonic

from lxml import etree
from pypdf import PdfReader

from crawler.media import DOCX, PDF

MOST_CHARACTERS = 2_000_000
"""Longer texts are cut; the longest annexes of a district have some 300 pages."""
_MOST_XML = 64 * 1024 * 1024
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Unreadable(Exception):
    """The file's text can't be read; the message says why. Keep the file, note the problem."""


def text_of(body: bytes, media_type: str, seconds: float) -> tuple[str, str | None]:
    """The text of a file in NFC, and what is left out of it, or None.

    Reading pages stops after `seconds`. Raises Unreadable, and whatever a broken file makes the
    libraries raise.
    """
    pieces, left_out = READERS[media_type](body, monotonic() + seconds)
    text = unicodedata.normalize("NFC", _CONTROL.sub("", "\n".join(pieces))).strip()
    if len(text) > MOST_CHARACTERS:
        return text[:MOST_CHARACTERS], f"only the first {MOST_CHARACTERS} characters are kept"
    return text, left_out


_Read = tuple[list[str], str | None]


def _pdf(body: bytes, deadline: float) -> _Read:
    pages = PdfReader(io.BytesIO(body)).pages
    pieces: list[str] = []
    for number, page in enumerate(pages):
        if monotonic() > deadline:
            return pieces, f"only {number} of {len(pages)} pages could be read in time"
        pieces.append(page.extract_text())
    return pieces, None


def _docx(body: bytes, _deadline: float) -> _Read:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        size = archive.getinfo("word/document.xml").file_size
        if size > _MOST_XML:
            raise Unreadable(f"its text unpacks to {size} bytes")
        xml = archive.read("word/document.xml")
    # Entities of a stranger's XML are never resolved: they can read files and grow without end.
    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    return [_paragraph(element) for element in root.iter(f"{_WORD}p")], None


def _paragraph(element: "etree._Element") -> str:
    return "".join(_runs(element)).rstrip()


def _runs(element: "etree._Element") -> Iterator[str]:
    """The words of a paragraph; a paragraph inside it (a text box) is one of its own."""
    for child in element:
        if child.tag == f"{_WORD}t":
            yield child.text or ""
        elif child.tag in (f"{_WORD}tab", f"{_WORD}br", f"{_WORD}cr"):
            yield " " if child.tag == f"{_WORD}tab" else "\n"
        elif child.tag not in (f"{_WORD}p", f"{_WORD}pPr", f"{_WORD}del", _FALLBACK):
            yield from _runs(child)


READERS: dict[str, Callable[[bytes, float], _Read]] = {PDF: _pdf, DOCX: _docx}
"""By media type."""
