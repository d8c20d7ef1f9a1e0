"""Faults of the connection: what comes too late, too slowly, or not at all."""

from __future__ import annotations

from practice.hostile.fault import CUT, DONE, GARBLED, LATE, TOO_LARGE, End, fault
from practice.hostile.visit import HTML, PATIENCE, Visit, framed, head


@fault(LATE)
async def never_answers(visit: Visit) -> None:
    """The connection is accepted and nothing ever comes."""
    await visit.hang()


@fault(CUT, GARBLED)
async def closes_at_once(visit: Visit) -> None:
    """The connection is closed without a byte."""
    visit.writer.close()


@fault(CUT, GARBLED)
async def resets(visit: Visit) -> None:
    """The connection is reset, as firewalls do."""
    visit.reset()


@fault(CUT, GARBLED)
async def resets_in_the_middle(visit: Visit) -> None:
    """The connection is reset in the middle of the page."""
    page = framed(visit.article)
    await visit.raw(page[: len(page) // 2])
    await visit.pause(0.05)
    visit.reset()


@fault(DONE, article="must", kind="flaky-reset")
async def flaky_reset(visit: Visit) -> None:
    """The first request is reset, the second one answered."""
    if visit.nth == 1:
        return visit.reset()
    return await visit.reply(visit.article)


@fault(LATE, TOO_LARGE)
async def drips_the_head(visit: Visit) -> None:
    """The head comes byte by byte and has no end."""
    await visit.raw(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(PATIENCE * 5):
        await visit.raw(b"x")
        await visit.pause(0.2)


@fault(LATE, TOO_LARGE)
async def drips_the_body(visit: Visit) -> None:
    """The page comes byte by byte for hours."""
    await visit.raw(head("200 OK", [("Content-Type", HTML), ("Content-Length", "100000")]))
    for byte in visit.article[: PATIENCE * 5]:
        await visit.raw(bytes([byte]))
        await visit.pause(0.2)


@fault(LATE, CUT)
async def stalls(visit: Visit) -> None:
    """The answer comes in bursts, a silence before each longer than the last."""
    page = framed(visit.article)
    await visit.raw(page[: len(page) // 2])
    await visit.hang()


@fault(LATE, DONE, article="may")
async def never_says_the_end(visit: Visit) -> None:
    """A page without length on a connection that stays open."""
    await visit.raw(head("200 OK", [("Content-Type", HTML)]) + visit.article)
    await visit.hang()


@fault(LATE, CUT, DONE, article="may")
async def promises_more(visit: Visit) -> None:
    """A page whose stated length never fills, on a connection that stays open."""
    page = visit.article
    promised = [("Content-Type", HTML), ("Content-Length", str(len(page) + 512))]
    await visit.raw(head("200 OK", promised) + page)
    await visit.hang()


@fault(TOO_LARGE, LATE)
async def endless_body(visit: Visit) -> None:
    """A page without end."""
    await visit.raw(head("200 OK", [("Content-Type", HTML)]) + visit.article)
    block = b"<p>" + b"Th\xc3\xb4ng b\xc3\xa1o. " * 4096 + b"</p>\n"
    for _ in range(40_000):
        await visit.raw(block)


@fault(TOO_LARGE, LATE, CUT)
async def five_gigabytes(visit: Visit) -> None:
    """A page that says it has five gigabytes."""
    await visit.raw(head("200 OK", [("Content-Type", HTML), ("Content-Length", str(5 * 2**30))]))
    for _ in range(80_000):
        await visit.raw(b" " * 65_536)


@fault(TOO_LARGE, LATE)
async def endless_chunks(visit: Visit) -> None:
    """Chunks without end."""
    fields = [("Content-Type", HTML), ("Transfer-Encoding", "chunked")]
    await visit.raw(head("200 OK", fields))
    for _ in range(40_000):
        await visit.raw(b"10000\r\n" + b"a" * 65_536 + b"\r\n")


@fault(DONE, article="must")
async def closes_unsaid(visit: Visit) -> None:
    """A kept connection is closed behind a whole page without a word."""
    await visit.raw(framed(visit.article))


@fault(
    CUT,
    GARBLED,
    End("done", problem=r"cut|incomplete|truncat|short|broken off|partial"),
    article="may",
)
async def cut_in_the_text(visit: Visit) -> None:
    """The page breaks off in the middle of its text and the connection ends."""
    page = framed(visit.article)
    await visit.raw(page[: len(page) * 6 // 10])


@fault(DONE, article="must")
async def length_too_long(visit: Visit) -> None:
    """The stated length is longer than the whole page, then the connection ends."""
    page = visit.article
    promised = [("Content-Type", HTML), ("Content-Length", str(len(page) + 7))]
    await visit.raw(head("200 OK", promised) + page)


@fault(DONE, article="must")
async def length_too_short(visit: Visit) -> None:
    """Behind the page's stated length comes more: an answer that nobody asked for."""
    smuggled = framed(b"<html><h1>T\xc3\xa0i x\xe1\xbb\x89u</h1><p>W99 VIP</p></html>")
    await visit.raw(framed(visit.article) + smuggled)


@fault(DONE, article="must")
async def length_by_closing(visit: Visit) -> None:
    """An old HTTP/1.0 server: no length, the connection's end is the page's."""
    await visit.raw(head("200 OK", [("Content-Type", HTML)], "HTTP/1.0") + visit.article)
