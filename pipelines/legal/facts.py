"""The facts of `labels.toml`, ready for use."""

import re
import tomllib
from importlib.resources import files
from typing import Any

_FACTS: dict[str, Any] = tomllib.loads(
    (files("pipelines.legal") / "labels.toml").read_text("utf-8")
)
_MARKS = re.compile(r"\s*([/,])\s*")

LABELS: dict[str, str] = {
    label: field for field, labels in _FACTS["labels"].items() for label in labels
}
"""Field by label; `other` is a label of something else."""
COLUMNS: dict[str, str] = LABELS | {
    label: field for field, labels in _FACTS["columns"].items() for label in labels
}
"""The same for the head of a table."""
SIGNS: dict[str, str] = _FACTS["signs"]
"""Kind by the sign in a number."""
LONGEST = max(map(len, LABELS)) + 4


def plain(text: str) -> str:
    """A label as it stands in the lists: lower case, without colon, star and superfluous space."""
    bare = text.strip(" \t\n\r\xa0:*.-–•+").lower()
    is_joined = "/" in bare or "," in bare
    return _MARKS.sub(r"\1", bare).replace(",", ", ") if is_joined else bare
