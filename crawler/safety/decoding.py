"""Content decoding (RFC 9110, 8.4) with bounds, lenient where labels lie.

Takes the place of Scrapy's middleware, which unpacks to the largest body whatever the ratio, takes
any number of codings, fails on a body that is not packed at all, and passes a torn one for whole.
"""

import zlib
from collections.abc import Callable

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.utils import _compression
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from crawler.safety.bounds import TooMuch, Undecodable, size
from crawler.safety.wholeness import ends_well

_BLOCK = 1 << 16
_GZIP = b"\x1f\x8b"
_WHOLE: dict[str, Callable[[bytes], bytes]] = {
    "br": _compression.brotli.decompress,  # type: ignore[attr-defined]
    "zstd": _compression.zstd.decompress,  # type: ignore[attr-defined]
}


class DecodingMiddleware(HttpCompressionMiddleware):
    """Unpacks answers; raises TooMuch for a bomb and Undecodable for torn or broken data."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler=crawler)
        self._codings = crawler.settings.getint("CODINGS_MOST")
        self._ratio = crawler.settings.getint("RATIO_MOST")
        self._harmless = crawler.settings.getint("RATIO_FREE")

    def _handle_encoding(
        self, body: bytes, content_encoding: list[bytes], max_size: int
    ) -> tuple[bytes, list[bytes]]:
        codings, kept = self._split_encodings(content_encoding)
        if len(codings) > self._codings:
            raise TooMuch(f"too many codings: packed {len(codings)} times over")
        largest = min(max_size, max(self._harmless, self._ratio * len(body)))
        for coding in codings:
            try:
                body = decoded(body, coding.decode(), largest)
            except _DecompressionMaxSizeExceeded:
                raise TooMuch(f"too large: unpacks to more than {size(largest)}") from None
        # Scrapy warns of them, and takes each for ASCII.
        return body, [each.decode("ascii", "backslashreplace").encode() for each in kept]


def decoded(body: bytes, coding: str, largest: int) -> bytes:
    """`body` without its content coding; as it is, when it plainly does not have that coding.

    Raises Undecodable when the data is torn or broken before the document's end, and Scrapy's
    _DecompressionMaxSizeExceeded when it holds more than `largest` bytes.
    """
    if not body:
        return body
    if coding in ("gzip", "x-gzip"):
        return _inflated(body, largest) if body.startswith(_GZIP) else body
    try:
        if coding == "deflate":
            return _deflated(body, largest)
        plain = HttpCompressionMiddleware._decode(body, coding.encode(), largest)
        # It gives what there is of torn data, and no word; these refuse it.
        if coding in _WHOLE and not ends_well(plain):
            _WHOLE[coding](body)
        return plain
    except _DecompressionMaxSizeExceeded:
        raise
    # Brotli and zstd each have errors of their own.
    except Exception as error:
        if ends_well(body):
            return body
        raise Undecodable(f"can't be unpacked ({coding}): {error}") from error


def unzipped(body: bytes, largest: int) -> bytes:
    """`body`, unpacked if it is a gzip file; raises TooMuch and Undecodable."""
    try:
        return _inflated(body, largest) if body.startswith(_GZIP) else body
    except _DecompressionMaxSizeExceeded:
        raise TooMuch(f"too large: unpacks to more than {size(largest)}") from None


def _deflated(body: bytes, largest: int) -> bytes:
    """Deflate as RFC 9110 has it (with the zlib wrapper), or bare, as old servers send it."""
    try:
        return _unpacked(body, zlib.MAX_WBITS, largest)
    except zlib.error:
        return _unpacked(body, -zlib.MAX_WBITS, largest)


def _inflated(body: bytes, largest: int) -> bytes:
    # The last eight bytes are a checksum and a length (RFC 1952), which some servers get wrong.
    for packed in (body, body[:-8]):
        try:
            return _unpacked(packed, zlib.MAX_WBITS | 16, largest)
        except zlib.error as error:
            why = str(error)
    raise Undecodable(f"can't be unpacked (gzip): {why}")


def _unpacked(body: bytes, window: int, largest: int) -> bytes:
    """All members of `body`; raises zlib.error when nothing can be unpacked."""
    parts, held, position = [], 0, 0
    whole = memoryview(body)
    while position < len(body):
        unpacker = zlib.decompressobj(window)
        try:
            while position < len(body) and not unpacker.eof:
                # Of millions of empty members each would copy all that follows it.
                given = whole[position : position + _BLOCK]
                parts.append(unpacker.decompress(given, _BLOCK))
                held += len(parts[-1])
                if held > largest:
                    raise _DecompressionMaxSizeExceeded(held, largest)
                left = len(unpacker.unconsumed_tail) + len(unpacker.unused_data)
                position += len(given) - left
        except zlib.error:
            if not held:
                raise
            # What follows the last member, or a wrong checksum; a torn document shows below.
            return _if_whole(b"".join(parts))
        if not unpacker.eof:
            return _if_whole(b"".join([*parts, unpacker.flush()]))
        if window > 0 and whole[position : position + 2] != whole[:2]:
            break
    return b"".join(parts)


def _if_whole(document: bytes) -> bytes:
    if ends_well(document):
        return document
    raise Undecodable("can't be unpacked: the packed data breaks off")
