"""What of an answer to /robots.txt are rules (RFC 9309)."""

import re

from crawler.items import Problem

_MOST_BYTES = 500 * 1024
# `User-agent: luutru/1.0` means luutru: a product token ends where its version begins (2.2.1).
_VERSION = re.compile(rb"(?i)((?:^|[\r\n])[ \t]*user-agent[ \t]*:[ \t]*[a-z_-]+)/[^\s#]*")


def rules_in(status: int | None, body: bytes) -> bytes:
    """The rules that hold; none (all is allowed) when the answer is no robots.txt.

    Half a megabyte is parsed (RFC 9309, 2.5).
    """
    if status is None or status >= 300 or is_page(body):
        return b""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        # Windows' editors save "Unicode" so; RFC 9309 wants UTF-8.
        body = body.decode("utf-16", "replace").encode()
    rules = body[:_MOST_BYTES].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"")
    return _VERSION.sub(rb"\1", rules)


def problems_in(status: int | None, body: bytes) -> tuple[Problem, ...]:
    """What a person should look at."""
    if status == 200 and is_page(body):
        return (Problem("robots.txt is a web page: it holds no rules"),)
    return ()


def is_page(body: bytes) -> bool:
    """Whether it is a web page, as servers send that know no robots.txt and no 404."""
    return body[:500].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
