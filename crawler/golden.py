"""Golden pages: a page's bytes, and beside them as JSON what must be read from it."""

import json
from dataclasses import asdict, is_dataclass
from typing import Any

from crawler.items import ReadPage

FIELDS = (
    "kind",
    "site_counts",
    "title",
    "published_on",
    "published_at",
    "published_raw",
    "view_count",
    "author",
    "category",
    "summary",
    "body",
    "layout",
    "rating",
    "images",
    "attachments",
    "problems",
    "rules",
)
"""What is compared, one by one."""


def record(got: ReadPage) -> dict[str, Any]:
    """What was read from a page, as JSON would give it back."""
    found: dict[str, Any] = {"kind": got.kind, "site_counts": got.site_counts}
    if got.article:
        found |= {f: getattr(got.article, f) for f in FIELDS if hasattr(got.article, f)}
        found["rules"] = {r.field: r.rule for r in got.article.readings}
    return dict(json.loads(json.dumps(found, default=_plain)))


def text_of(found: dict[str, Any]) -> str:
    """A record as it is written beside its page."""
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def differences(expected: dict[str, Any], got: dict[str, Any]) -> list[str]:
    """The keys whose values differ, in the order of `FIELDS`, others behind."""
    keys = [*FIELDS, *sorted((expected.keys() | got.keys()) - set(FIELDS))]
    return [key for key in keys if expected.get(key) != got.get(key)]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value.isoformat()
