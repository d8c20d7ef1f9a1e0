"""Reasons to leave an answer: it is not looked at any further, and its URL says why."""

from scrapy.exceptions import IgnoreRequest


class OutOfScope(IgnoreRequest):
    """The request would leave the portal. Never send it."""


class ForbiddenAddress(IgnoreRequest):
    """The host leads into a private network. Leave it for this run; its DNS may be mended."""


class BrokenCertificate(IgnoreRequest):
    """The host can't prove who it is. A person decides whether to trust it nevertheless."""


class TooMuch(IgnoreRequest):
    """The answer is longer than any honest one. Keep what came; do not ask again in this run."""


class NotHttp(IgnoreRequest):
    """What came is no HTTP. Do not ask again in this run."""


class Undecodable(IgnoreRequest):
    """The body can't be unpacked. It is kept as it came."""


OURS = (OutOfScope, ForbiddenAddress, BrokenCertificate, TooMuch, NotHttp, Undecodable)
OF_THE_HOST = (ForbiddenAddress, BrokenCertificate)
"""What holds for every page of the host, robots.txt too, and does not pass by itself."""


def cause_of(error: BaseException) -> IgnoreRequest | None:
    """The reason of ours that libraries have wrapped into `error`, or None."""
    return next((each for each in within(error) if isinstance(each, OURS)), None)


def within(error: BaseException, depth: int = 8) -> list[BaseException]:
    """`error` and all that is wrapped into it (Twisted's `reasons`, Python's `__cause__`)."""
    inner = [getattr(reason, "value", None) for reason in getattr(error, "reasons", ())]
    found = [error]
    for each in (*inner, error.__cause__):
        if isinstance(each, BaseException) and depth:
            found += within(each, depth - 1)
    return found


def no_http(begun: bytes) -> NotHttp:
    """The reason to leave an answer that begins like that."""
    return NotHttp(f"no HTTP answer: it begins with {begun[:40]!r}")


def size(number: int) -> str:
    """A number of bytes as people read it: `64 MiB`."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if number < 1024 or unit == "GiB":
            break
        number //= 1024
    return f"{number} {unit}"
