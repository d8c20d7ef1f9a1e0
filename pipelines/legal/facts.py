"""The facts of `labels.toml`, ready for use."""

import re
import tomllib
from importlib.resources import files
from typing import Any

_FACTS: dict[str, Any] = tomllib.loads(
    (files("pipelines.legal") / "labels.toml").read_text("utf-8")
)
_MARKS = re.compile(r"\s*([/,])\s*")


def _spelled(group: str) -> dict[str, str]:
    """Field by label, each as it is written with "ký" and with "kí"."""
    told = [(label, field) for field, labels in _FACTS[group].items() for label in labels]
    return {spelled: field for label, field in told for spelled in (label, _with_i(label))}


def _with_i(label: str) -> str:
    return label.replace("ký", "kí")


LABELS: dict[str, str] = _spelled("labels")
"""Field by label; `other` is a label of something else."""
COLUMNS: dict[str, str] = LABELS | _spelled("columns")
"""The same for the head of a table."""
SIGNS: dict[str, str] = _FACTS["signs"]
"""Kind by the sign in a number."""
LONGEST = max(map(len, LABELS)) + 4


def plain(text: str) -> str:
    """A label as it stands in the lists: lower case, without colon, star and superfluous space."""
    bare = text.strip(" \t\n\r\xa0:*.-–•+").lower()
    is_joined = "/" in bare or "," in bare
    return _MARKS.sub(r"\1", bare).replace(",", ", ") if is_joined else bare
