"""When the next request may go out."""


class Pace:
    """The pace of one crawl; the frontier asks it before it hands out a URL."""

    why: str | None = None
    """Why the crawl pauses or has given up, for the operator; None when it does neither."""

    def pause(self) -> float:
        """Seconds until the next request may go out: 0 is now, `math.inf` never in this run."""
        return 0.0
