"""The article's title: the heading people see."""

from collections.abc import Iterator

from pipelines.found import Found
from pipelines.sheet import Sheet


def candidates(sheet: Sheet) -> Iterator[Found[str]]:
    """Headings on one line, then what the page tells to machines; the likeliest first."""
    return sheet.titles()
