"""The article's title: the heading people see."""

from pipelines.found import Found
from pipelines.sheet import Sheet


def read_title(sheet: Sheet) -> Found[str] | None:
    """The heading's text on one line."""
    return sheet.heading
