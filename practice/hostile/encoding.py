"""Faults of encodings: what has to be unpacked or decoded before it can be read."""

from __future__ import annotations

import gzip
import unicodedata
import zlib
from functools import cache

import brotli  # type: ignore[import-untyped]  # comes with Scrapy

from practice.hostile.fault import CUT, DONE, GARBLED, TOO_LARGE, End, fault
from practice.hostile.visit import HTML, Visit

UNDECODED = End("failed|refused", r"coding|pack|compress|decod|gzip|unpack|br\b|zstd|broken|data")


async def _encoded(visit: Visit, body: bytes, encoding: str) -> None:
    await visit.reply(body, fields=[("Content-Encoding", encoding)])


@cache
def zeros(megabytes: int) -> bytes:
    """A gzip file of spaces, a thousandth of what it unpacks to; made without unpacking it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = b" " * 2**20
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(megabytes):
        checksum = zlib.crc32(block, checksum)
    end = checksum.to_bytes(4, "little") + (megabytes * 2**20 % 2**32).to_bytes(4, "little")
    return gzip.compress(b"", mtime=0)[:10] + packed * megabytes + b"\x03\x00" + end


@fault(TOO_LARGE, UNDECODED)
async def gzip_bomb(visit: Visit) -> None:
    """A gzip bomb: one megabyte that unpacks to one gigabyte."""
    await _encoded(visit, zeros(1024), "gzip")


@fault(TOO_LARGE, UNDECODED)
async def gzip_bomb_twice(visit: Visit) -> None:
    """A gzip bomb inside a gzip file: four kilobytes."""
    await _encoded(visit, gzip.compress(zeros(1024), mtime=0), "gzip, gzip")


@fault(TOO_LARGE, UNDECODED)
async def onion(visit: Visit) -> None:
    """Sixty encodings, one around the other."""
    body = visit.article
    for _ in range(60):
        body = gzip.compress(body, 1, mtime=0)
    await _encoded(visit, body, ", ".join(["gzip"] * 60))


@cache
def _brotli_of_blanks() -> bytes:
    packed: bytes = brotli.compress(b" " * 2**28, quality=5)
    return packed


@fault(TOO_LARGE, UNDECODED)
async def brotli_bomb(visit: Visit) -> None:
    """A bomb in brotli, which was not asked for."""
    await _encoded(visit, _brotli_of_blanks(), "br")


@fault(DONE, UNDECODED, article="may")
async def brotli_unasked(visit: Visit) -> None:
    """A page in brotli, which was not asked for."""
    await _encoded(visit, brotli.compress(visit.article), "br")


@fault(DONE, UNDECODED, article="may")
async def zstd_unasked(visit: Visit) -> None:
    """A page in zstd, which was not asked for."""
    await _encoded(visit, _zstd(visit.article), "zstd")


def _zstd(data: bytes) -> bytes:
    """One frame of raw blocks (RFC 8878, 3.1.1)."""
    blocks = [data[at : at + 65_536] for at in range(0, len(data), 65_536)]
    frame = b"\x28\xb5\x2f\xfd\xa0" + len(data).to_bytes(4, "little")
    for nth, block in enumerate(blocks, 1):
        frame += (len(block) << 3 | (nth == len(blocks))).to_bytes(3, "little") + block
    return frame


@fault(DONE, UNDECODED, article="may")
async def gzip_that_is_plain(visit: Visit) -> None:
    """Says gzip and is plain."""
    await _encoded(visit, visit.article, "gzip")


@fault(
    UNDECODED,
    CUT,
    GARBLED,
    End("done", problem=r"cut|incomplete|truncat|broken|end"),
    article="may",
)
async def gzip_cut(visit: Visit) -> None:
    """Gzip that breaks off in the middle."""
    packed = gzip.compress(visit.article, mtime=0)
    await _encoded(visit, packed[: len(packed) // 2], "gzip")


@fault(DONE, article="must")
async def raw_deflate(visit: Visit) -> None:
    """Deflate without its wrapper, as old servers send it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    await _encoded(visit, packer.compress(visit.article) + packer.flush(), "deflate")


@fault(DONE, article="must")
async def encoding_that_is_none(visit: Visit) -> None:
    """A content encoding that is none: utf-8."""
    await _encoded(visit, visit.article, "utf-8")


@fault(DONE, article="must")
async def lying_charset(visit: Visit) -> None:
    """A charset label that lies: iso-8859-1 on UTF-8."""
    await visit.reply(visit.article, media_type="text/html; charset=iso-8859-1")


@fault(DONE, article="must")
async def unknown_charset(visit: Visit) -> None:
    """A charset that does not exist."""
    await visit.reply(visit.article, media_type="text/html; charset=x-tcvn-vni")


@fault(DONE, article="must")
async def mixed_encodings(visit: Visit) -> None:
    """UTF-8 with a few lines of another encoding at the foot."""
    foot = "<p class='foot'>© Cổng thông tin</p>".encode("utf-16-le")
    foot += b"<p>B\xe1n quy\xf2n \xa9 2019 UBND huy\xf2n</p></body>"
    await visit.reply(visit.article.replace(b"</body>", foot))


@fault(DONE, article="must")
async def decomposed(visit: Visit) -> None:
    """Letters taken apart (NFD)."""
    await visit.reply(unicodedata.normalize("NFD", visit.article.decode()))


@fault(DONE, article="must")
async def nul_bytes(visit: Visit) -> None:
    """NUL bytes between the words."""
    await visit.reply(visit.article.replace(b"</p>", b"\0</p>\0\0").replace(b"<h1", b"\0<h1"))


@fault(DONE, article="must")
async def utf_16(visit: Visit) -> None:
    """UTF-16 with its mark, labelled UTF-8."""
    body = visit.article.decode().replace('<meta charset="utf-8">', "")
    await visit.reply(body.encode("utf-16"), media_type=HTML)


@fault(DONE, End("failed|gone|refused", "."))
async def noise(visit: Visit) -> None:
    """Bytes of no kind, labelled text/html."""
    await visit.reply(bytes((n * n * 7 + n // 3) % 256 for n in range(60_000)))
