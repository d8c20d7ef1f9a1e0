"""Telling a whole document from one that broke off, where the server's own word can't be trusted.

Servers state wrong lengths, leave out the last chunk, or keep the connection open behind the page.
Nothing is lost then if the document itself ends as its kind does.
"""

import re
import zlib

_TAIL = 4096
_ENDS = re.compile(rb"</(?:html|urlset|sitemapindex|rss|feed|rdf:RDF)\s*>", re.IGNORECASE)
_GZIP = {"gzip", "x-gzip"}
_BLOCK = 1 << 16


def is_whole(payload: bytes, content_encoding: str = "") -> bool:
    """Whether `payload`, of that Content-Encoding, ends as an HTML page, feed, PDF or image does.

    False also means: no way to tell.
    """
    coding = content_encoding.strip().lower()
    if coding in _GZIP and payload.startswith(b"\x1f\x8b"):
        return _packed_whole(payload)
    return coding in ("", "identity") and ends_well(payload)


def ends_well(document: bytes) -> bool:
    """Whether the bytes of a document (nothing packed) come to its proper end."""
    tail = document[-_TAIL:]
    if document.startswith(b"%PDF"):
        return b"%%EOF" in tail
    if document.startswith(b"\x89PNG"):
        return b"IEND" in tail
    if document.startswith(b"\xff\xd8\xff"):
        return tail.rstrip(b"\x00\r\n").endswith(b"\xff\xd9")
    return _ENDS.search(tail) is not None


def _packed_whole(payload: bytes) -> bool:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    data = payload
    try:
        while data and not unpacker.eof:
            unpacker.decompress(data, _BLOCK)
            data = unpacker.unconsumed_tail
    except zlib.error:
        return False
    return unpacker.eof
