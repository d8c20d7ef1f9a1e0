"""How much of an answer is taken (settings of the same names say why)."""

from dataclasses import dataclass

from scrapy.settings import BaseSettings


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one answer on the wire."""

    head: int
    """Bytes before the body, interim answers included."""
    headers: int
    """Lines of all heads."""
    body: int
    """Bytes of the body as sent."""
    slowest: float
    """Bytes a second that lengthen the time an answer may take."""

    @classmethod
    def of(cls, settings: BaseSettings) -> "Limits":
        """The limits that `settings` ask for."""
        return cls(
            head=settings.getint("HEAD_MOST_BYTES"),
            headers=settings.getint("HEAD_MOST_LINES"),
            body=settings.getint("DOWNLOAD_MAXSIZE"),
            slowest=settings.getfloat("SLOWEST_RATE"),
        )
