"""Years and months as people ask for them."""

from calendar import monthrange


def days_of(period: str) -> tuple[str, str]:
    """First and last day (YYYY-MM-DD) of a year (YYYY) or month (YYYY-MM)."""
    if len(period) == 4:
        return f"{period}-01-01", f"{period}-12-31"
    _, last = monthrange(int(period[:4]), int(period[5:]))
    return f"{period}-01", f"{period}-{last}"
