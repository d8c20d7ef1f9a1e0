"""The bytes of pictures and documents, made in code: the same request always gives the same bytes.

The documents are written by hand because the usual libraries put the time of writing into them,
and because a font would have to be shipped to embed one.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from xml.sax.saxutils import escape

from practice import chance

_LINE_WIDTH = 80


def png(key: object) -> bytes:
    """A picture of random dots, 40 to 150 KB: as hard to compress as a portal's photographs."""
    dice = chance.dice("png", key)
    width, height = dice.randint(140, 260), dice.randint(100, 190)
    dots = dice.randbytes(3 * width * height)
    lines = (dots[at : at + 3 * width] for at in range(0, len(dots), 3 * width))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    # Level 0: deflating what can't get smaller would take most of the time.
    pixels = zlib.compress(b"\0" + b"\0".join(lines), 0)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


_SEVEN_BITS = bytes(byte & 0x7F for byte in range(256))


def jpeg(key: object) -> bytes:
    """A grey picture of random dots, 45 to 145 KB.

    Both Huffman tables have one code, "0", for "seven more bits follow": every byte below 128 is a
    coefficient, and 64 of them are a block of 8 x 8 dots. No byte can be mistaken for a marker.
    """
    dice = chance.dice("jpeg", key)
    across, down = dice.randint(32, 56), dice.randint(22, 40)
    data = bytearray(dice.randbytes(64 * across * down).translate(_SEVEN_BITS))
    # A block begins with how much its mean differs from the last one's: +80 and -80 in turn.
    data[::128] = bytes([80]) * len(data[::128])
    data[64::128] = bytes([127 - 80]) * len(data[64::128])
    return b"".join((
        b"\xff\xd8",
        _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        _segment(0xDB, b"\0" + b"\x01" * 64),
        _segment(0xC0, struct.pack(">BHHB", 8, 8 * down, 8 * across, 1) + b"\x01\x11\0"),
        _segment(0xC4, b"\0" + _ONE_CODE),
        _segment(0xC4, b"\x10" + _ONE_CODE),
        _segment(0xDA, b"\x01\x01\0\0\x3f\0"),
        data,
        b"\xff\xd9",
    ))  # fmt: skip


_ONE_CODE = bytes([1] + [0] * 15) + b"\x07"


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def docx(lines: Sequence[str]) -> bytes:
    """A Word document with one paragraph a line."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _DOCX_PARTS.items():
            # A fixed time: the bytes must not depend on when they were asked for.
            entry = zipfile.ZipInfo(name, (2024, 7, 3, 8, 0, 0))
            archive.writestr(entry, text.replace("PARAGRAPHS", paragraphs))
    return out.getvalue()


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OFFICE = "http://schemas.openxmlformats.org"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_DOCX_PARTS = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_OFFICE}/package/2006/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_WORD}"/></Types>'
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship'
        f' Id="rId1" Type="{_OFFICE}/officeDocument/2006/relationships/officeDocument"'
        ' Target="word/document.xml"/></Relationships>'
    ),
    "word/document.xml": (
        f'{_XML}<w:document xmlns:w="{_OFFICE}/wordprocessingml/2006/main">'
        "<w:body>PARAGRAPHS</w:body></w:document>"
    ),
}


def pdf(lines: Sequence[str]) -> bytes:
    """A one-page PDF whose text a reader can take out: its codes are mapped to Unicode."""
    wrapped = [part for line in lines for part in _wrapped(line)]
    shown = b"".join(b"<%s> Tj T*\n" % part.encode("utf-16-be").hex().encode() for part in wrapped)
    content = b"BT /F1 10 Tf 50 780 Td 14 TL\n" + shown + b"ET"
    to_unicode = _to_unicode(sorted(set("".join(wrapped))))
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        _stream(content),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Arial /Encoding /Identity-H"
        b" /DescendantFonts [6 0 R] /ToUnicode 8 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Arial /DW 500 /FontDescriptor 7 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        b"<< /Type /FontDescriptor /FontName /Arial /Flags 32 /FontBBox [0 -200 1000 900]"
        b" /ItalicAngle 0 /Ascent 900 /Descent -200 /CapHeight 700 /StemV 80 >>",
        _stream(to_unicode),
    )
    return _pdf_file(objects)


def wrapped_text(lines: Sequence[str]) -> str:
    """The text of a PDF with these lines, broken as its page is."""
    return "\n".join(part for line in lines for part in _wrapped(line))


def _wrapped(line: str) -> list[str]:
    parts = [""]
    for word in line.split():
        if parts[-1] and len(parts[-1]) + len(word) >= _LINE_WIDTH:
            parts.append("")
        parts[-1] = f"{parts[-1]} {word}".strip()
    return parts


def _to_unicode(letters: Sequence[str]) -> bytes:
    """The map from codes to letters; a code is the letter's own number."""
    codes = [letter.encode("utf-16-be").hex().encode() for letter in letters]
    groups = [codes[i : i + 100] for i in range(0, len(codes), 100)]
    body = b"".join(
        b"%d beginbfchar\n%sendbfchar\n"
        % (len(group), b"".join(b"<%s> <%s>\n" % (code, code) for code in group))
        for group in groups
    )
    return (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        b"/CMapName /Kim-Hai def /CMapType 2 def\n"
        b"1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        + body
        + b"endcmap CMapName currentdict /CMap defineresource pop end end"
    )


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _pdf_file(objects: Sequence[bytes]) -> bytes:
    out = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    )
