"""Faults of files that articles offer: bombs, lies and what no program can open."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from functools import cache

from practice.files import docx, pdf, png
from practice.hostile.fault import CUT, LATE, TOO_LARGE, End, fault
from practice.hostile.visit import Visit, head

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NO_FILE = End("gone|failed|refused|blocked", r"page|html|file|login|not an?\b")
NOTED_NO_FILE = End("done", problem=r"page|html|file|login|not an?\b")
NOTED = End(
    "done", problem=r"read|text|broken|damaged|large|bomb|size|limit|unpack|cut|encrypt|pdf|zip"
)
KEPT = End("done", "")
_DOCUMENT = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
_LINES = ("Quyết định về việc phê duyệt kế hoạch sử dụng đất", "Điều 1. Phê duyệt kế hoạch.")


@fault(NO_FILE, NOTED_NO_FILE, place="file", ending=".pdf")
async def pdf_that_is_html(visit: Visit) -> None:
    """A PDF whose bytes are a web page."""
    await visit.page("Đăng nhập", "<form><input type=password></form>")


@fault(KEPT, place="file", ending=".doc")
async def doc_that_is_pdf(visit: Visit) -> None:
    """A Word file whose bytes are a PDF."""
    await visit.reply(pdf(_LINES), media_type="application/msword")


@fault(NO_FILE, NOTED_NO_FILE, place="image", ending=".jpg")
async def image_that_is_html(visit: Visit) -> None:
    """An image whose bytes are a web page."""
    await visit.page("404", "<h1>Không tìm thấy</h1>")


@fault(KEPT, place="image", ending=".svg")
async def image_with_script(visit: Visit) -> None:
    """An image with script inside (SVG)."""
    whereto = visit.site.canary("127.0.0.2")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{whereto}"/><script>1</script></svg>'
    )
    await visit.reply(svg, media_type="image/svg+xml")


@fault(KEPT, place="image", ending=" Ảnh hội nghị 1.png")
async def image_with_blanks(visit: Visit) -> None:
    """An image whose path has blanks and Vietnamese letters."""
    await visit.reply(png(visit.kind), media_type="image/png")


@fault(KEPT, NOTED, place="image", ending=".png")
async def image_bomb(visit: Visit) -> None:
    """A small image that says it is a hundred thousand pixels wide."""
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    whole = png(visit.kind)
    named = b"IHDR" + header
    lying = whole[:12] + named + struct.pack(">I", zlib.crc32(named)) + whole[33:]
    await visit.reply(lying, media_type="image/png")


@fault(TOO_LARGE, LATE, place="file", ending=".pdf")
async def endless_pdf(visit: Visit) -> None:
    """A PDF without end."""
    await visit.raw(head("200 OK", [("Content-Type", "application/pdf")]) + pdf(_LINES))
    for _ in range(40_000):
        await visit.raw(b"%" * 65_535 + b"\n")


@fault(TOO_LARGE, LATE, CUT, place="file", ending=".pdf")
async def huge_pdf(visit: Visit) -> None:
    """A PDF that says it has five gigabytes."""
    fields = [("Content-Type", "application/pdf"), ("Content-Length", str(5 * 2**30))]
    await visit.raw(head("200 OK", fields) + pdf(_LINES))
    for _ in range(80_000):
        await visit.raw(b"%" * 65_535 + b"\n")


@fault(NOTED, KEPT, CUT, place="file", ending=".pdf")
async def pdf_cut(visit: Visit) -> None:
    """A PDF that breaks off."""
    whole = pdf(_LINES)
    await visit.reply(whole[: len(whole) // 2], media_type="application/pdf")


@fault(NOTED, KEPT, place="file", ending=".pdf")
async def pdf_circle(visit: Visit) -> None:
    """A PDF whose pages hold each other in a circle."""
    parts = [
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        b"2 0 obj<</Type/Pages/Count 9/Kids[3 0 R]>>endobj",
        b"3 0 obj<</Type/Pages/Count 9/Kids[2 0 R]/Parent 2 0 R>>endobj",
    ]
    await visit.reply(_pdf(parts), media_type="application/pdf")


@cache
def _much_text() -> bytes:
    packer = zlib.compressobj(1)
    text = b"(a) Tj " * 2**17
    return b"".join(packer.compress(text) for _ in range(220)) + packer.flush()


@fault(NOTED, KEPT, TOO_LARGE, place="file", ending=".pdf")
async def pdf_bomb(visit: Visit) -> None:
    """A small PDF whose one page unpacks to two hundred megabytes."""
    packed = _much_text()
    stream = b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n" % len(packed)
    parts = [
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        b"2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj",
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj",
        stream + packed + b"\nendstream endobj",
    ]
    await visit.reply(_pdf(parts), media_type="application/pdf")


def _pdf(parts: list[bytes]) -> bytes:
    """A PDF of given objects, with a table of where they stand."""
    out, places = b"%PDF-1.4\n", []
    for part in parts:
        places.append(len(out))
        out += part + b"\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(parts) + 1
    start = b"xref\n0 %d\n0000000000 65535 f \n" % size
    end = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + start + table + end


@fault(NOTED, KEPT, place="file", ending=".docx")
async def docx_broken(visit: Visit) -> None:
    """A Word file that is no archive any more."""
    whole = docx(_LINES)
    await visit.reply(whole[:300] + b"\0" * 200 + whole[600:-40], media_type=WORD)


def _docx(document: Iterable[bytes]) -> bytes:
    """A Word file whose main part is `document`, and one that climbs out of its folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx(_LINES))) as good, zipfile.ZipFile(out, "w", 8) as bad:
        for name in good.namelist():
            if name != "word/document.xml":
                bad.writestr(name, good.read(name))
        bad.writestr("../../../../tmp/luutru-slip.txt", "slip")
        with bad.open("word/document.xml", "w") as part:
            for block in document:
                part.write(block)
    return out.getvalue()


@cache
def _much_markup() -> bytes:
    paragraphs = (b"<w:p/>" * 174_763 for _ in range(170))
    return _docx([_DOCUMENT + b"<w:body>", *paragraphs, b"</w:body></w:document>"])


@fault(NOTED, KEPT, TOO_LARGE, place="file", ending=".docx")
async def docx_bomb(visit: Visit) -> None:
    """A Word file of two hundred kilobytes that unpacks to two hundred megabytes."""
    await visit.reply(_much_markup(), media_type=WORD)


@fault(NOTED, KEPT, place="file", ending=".docx")
async def docx_laughs(visit: Visit) -> None:
    """A Word file whose XML laughs a billion times and reads files."""
    steps = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    whereto = visit.site.canary("127.0.0.1").encode()
    start = b'<!DOCTYPE x [<!ENTITY l0 "ha"><!ENTITY c SYSTEM "%s">%s]>' % (whereto, steps)
    text = b"<w:body><w:p><w:r><w:t>&l9;&c;</w:t></w:r></w:p></w:body></w:document>"
    await visit.reply(_docx([start, _DOCUMENT, text]), media_type=WORD)


@fault(KEPT, place="file", ending=".pdf")
async def name_that_climbs(visit: Visit) -> None:
    """A file that is to be stored as ../../etc/cron.d/x."""
    name = 'attachment; filename="../../../../../../etc/cron.d/x"'
    fields = [("Content-Disposition", name)]
    await visit.reply(pdf(_LINES), media_type="application/pdf", fields=fields)


@fault(KEPT, NOTED, End("gone|failed", r"empty|no"), place="file", ending=".xlsx")
async def empty_file(visit: Visit) -> None:
    """An empty file."""
    await visit.reply(b"", media_type="application/octet-stream")


@fault(End("gone", r"404"), place="file", ending=".zip")
async def missing_file(visit: Visit) -> None:
    """A file that is not there any more."""
    await visit.page("404", "<h1>Không tìm thấy</h1>", "404 Not Found")
