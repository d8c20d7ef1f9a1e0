"""Faults of the head and of the framing: what parsers choke on."""

from __future__ import annotations

from practice.hostile.fault import CUT, DONE, GARBLED, LATE, TOO_LARGE, End, fault
from practice.hostile.visit import HTML, PATIENCE, Visit, framed, head


@fault(TOO_LARGE, GARBLED)
async def one_huge_header(visit: Visit) -> None:
    """One header line of ten megabytes."""
    await visit.raw(b"HTTP/1.1 200 OK\r\nX-Huge: ")
    for _ in range(160):
        await visit.raw(b"x" * 65_536)
    await visit.raw(b"\r\n" + head()[17:] + visit.article)


@fault(TOO_LARGE, GARBLED)
async def header_flood(visit: Visit) -> None:
    """Two hundred thousand header lines."""
    await visit.raw(b"HTTP/1.1 200 OK\r\n")
    for part in range(200):
        await visit.raw(b"".join(b"X-%d-%d: flood\r\n" % (part, n) for n in range(1000)))
    await visit.raw(b"Connection: close\r\n\r\n" + visit.article)


@fault(TOO_LARGE, GARBLED, LATE)
async def endless_headers(visit: Visit) -> None:
    """Headers without end, quickly sent."""
    await visit.raw(b"HTTP/1.1 200 OK\r\n")
    for _ in range(100_000):
        await visit.raw(b"X-More: and more\r\n" * 500)


@fault(TOO_LARGE, GARBLED, LATE)
async def endless_status_line(visit: Visit) -> None:
    """A status line without end."""
    await visit.raw(b"HTTP/1.1 200 ")
    for _ in range(4_000):
        await visit.raw(b"O" * 65_536)


@fault(TOO_LARGE, LATE, GARBLED)
async def interim_flood(visit: Visit) -> None:
    """Interim answers (103) without end, the page never."""
    hint = head("103 Early Hints", [("Link", "</a.css>; rel=preload")])
    for _ in range(PATIENCE * 100):
        await visit.raw(hint * 20)
        await visit.pause(0.01)


@fault(DONE, article="must")
async def interim_answers(visit: Visit) -> None:
    """A few interim answers before the page."""
    await visit.raw(head("103 Early Hints", [("Link", "</a.css>; rel=preload")]) * 2)
    await visit.reply(visit.article)


@fault(GARBLED, CUT)
async def another_service(visit: Visit) -> None:
    """No HTTP at all: the greeting of another service."""
    await visit.raw(b"220 mail.binhhai.example ESMTP Postfix\r\n502 5.5.2 Error\r\n")


@fault(GARBLED, CUT, LATE, DONE, article="may")
async def no_head(visit: Visit) -> None:
    """The page without any head (HTTP/0.9)."""
    await visit.raw(visit.article)


@fault(DONE, article="must")
async def odd_header_bytes(visit: Visit) -> None:
    """Bytes in the headers that no parser expects."""
    page = visit.article
    odd = (
        "HTTP/1.1 200 OK\r\nServer: M\xe1y ch\xfb \x01\x7f\r\nX-Powered By: ASP.NET\r\n"
        f"Content-Type: {HTML}\r\nContent-Length: {len(page)}\r\n"
        "Ng\xe0y: h\xf4m nay\r\n\r\n"
    )
    await visit.raw(odd.encode("latin-1") + page)


@fault(DONE, GARBLED, CUT, article="may")
async def lines_that_are_no_headers(visit: Visit) -> None:
    """Lines of the head without a colon, and one without a name."""
    page = visit.article
    odd = f"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Type: {HTML}\r\n: nameless\r\n"
    await visit.raw(f"{odd}Content-Length: {len(page)}\r\n\r\n".encode() + page)


@fault(DONE, article="must")
async def no_reason_phrase(visit: Visit) -> None:
    """A status line without words: HTTP/1.1 200."""
    await visit.raw(framed(visit.article, status="200").replace(b"200 \r\n", b"200\r\n", 1))


@fault(DONE, article="must")
async def bare_line_feeds(visit: Visit) -> None:
    """Lines of the head that end with LF alone."""
    page = visit.article
    start = head("200 OK", [("Content-Type", HTML), ("Content-Length", str(len(page)))])
    await visit.raw(start.replace(b"\r\n", b"\n") + page)


@fault(DONE, article="must")
async def folded_header(visit: Visit) -> None:
    """A header line that goes on in the next one (obsolete folding)."""
    await visit.raw(framed(visit.article, ("X-Via", "proxy-1\r\n\tproxy-2\r\n  proxy-3")))


@fault(DONE, article="must")
async def length_twice(visit: Visit) -> None:
    """Content-Length twice, with the same number."""
    page = visit.article
    await visit.raw(framed(page, ("Content-Length", str(len(page))), ("Connection", "close")))


@fault(GARBLED, CUT, LATE, DONE, article="may")
async def lengths_that_differ(visit: Visit) -> None:
    """Content-Length twice, with different numbers."""
    page = visit.article
    await visit.raw(framed(page, ("Content-Length", str(len(page) // 2)), ("Connection", "close")))


@fault(GARBLED, CUT, LATE, DONE, article="may")
async def length_of_words(visit: Visit) -> None:
    """A length that is no number."""
    fields = [("Content-Type", HTML), ("Content-Length", "-1, rất dài".encode().decode("latin-1"))]
    await visit.raw(head("200 OK", fields) + visit.article)


@fault(GARBLED, CUT, LATE)
async def broken_chunks(visit: Visit) -> None:
    """A chunk whose size is no number."""
    fields = [("Content-Type", HTML), ("Transfer-Encoding", "chunked")]
    page = visit.article
    await visit.raw(head("200 OK", fields) + b"400\r\n" + page[:1024] + b"\r\nzz\r\n" + page[1024:])


@fault(GARBLED, CUT, LATE, TOO_LARGE)
async def monstrous_chunk(visit: Visit) -> None:
    """A chunk that says it has more bytes than there are numbers for."""
    fields = [("Content-Type", HTML), ("Transfer-Encoding", "chunked")]
    await visit.raw(head("200 OK", fields) + b"F" * 5000 + b"\r\n" + visit.article)
    await visit.hang()


@fault(CUT, GARBLED, DONE, article="may")
async def no_last_chunk(visit: Visit) -> None:
    """Chunks of a whole page whose last, empty one is missing."""
    page = visit.article
    fields = [("Content-Type", HTML), ("Transfer-Encoding", "chunked")]
    await visit.raw(head("200 OK", fields) + b"%x\r\n" % len(page) + page + b"\r\n")


@fault(DONE, LATE, TOO_LARGE, article="may")
async def tiny_chunks(visit: Visit) -> None:
    """Chunks that say nothing else, one byte each."""
    fields = [("Content-Type", HTML), ("Transfer-Encoding", "chunked")]
    chunks = b"".join(b"1;pad=%s\r\n%c\r\n" % (b"x" * 16, byte) for byte in visit.article)
    await visit.raw(head("200 OK", fields) + chunks + b"0\r\n\r\n")


@fault(DONE, GARBLED, CUT, article="may")
async def chunked_with_length(visit: Visit) -> None:
    """Chunked and with a length at once."""
    page = visit.article
    fields = [("Content-Type", HTML), ("Content-Length", "12"), ("Transfer-Encoding", "chunked")]
    chunk = b"%x\r\n" % len(page) + page + b"\r\n0\r\n\r\n"
    await visit.raw(head("200 OK", [*fields, ("Connection", "close")]) + chunk)


@fault(DONE, GARBLED, CUT, article="may")
async def empty_lines_first(visit: Visit) -> None:
    """Empty lines before the status line."""
    await visit.raw(b"\r\n\r\n" + framed(visit.article))


@fault(End("failed|refused|blocked", r"999"), GARBLED)
async def unknown_status(visit: Visit) -> None:
    """A status that does not exist: 999."""
    await visit.reply(visit.article, "999 Request denied")


@fault(DONE, TOO_LARGE, GARBLED, article="may")
async def cookie_games(visit: Visit) -> None:
    """Three hundred cookies, one of them of 60 KB, for other hosts too."""
    cookies = [("Set-Cookie", f"c{n}={n}; Path=/; Domain=.gov.vn") for n in range(300)]
    cookies.append(("Set-Cookie", f"huge={'x' * 60_000}; Path=/"))
    await visit.reply(visit.article, fields=cookies)
