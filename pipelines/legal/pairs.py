"""Labels and what stands beside them, in tables, lists, definition lists and plain lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from crawler.selectors import text_of
from crawler.vietnamese import squeeze
from pipelines.blocks import INLINE
from pipelines.legal.facts import LABELS, LONGEST, plain

_TAGS = (
    "td", "th", "dt", "dd", "li", "p", "div", "span", "b", "strong", "label", "em", "i", "font",
    "u", "h3", "h4", "h5", "h6",
)  # fmt: skip
_FIELDS = ("input", "select", "textarea")
_HIGHEST = 4
_LONGEST_VALUE = 3_000


@dataclass(frozen=True, slots=True)
class Pair:
    """A label on the page and its value."""

    field: str
    label: str
    value: str
    element: Any
    """The element in which the label stands."""


def pairs_in(root: Any, beside: Iterable[Any] = ()) -> Iterator[Pair]:
    """Every label under `root` that has a value, in the order of the page.

    What stands in the elements `beside` is left to others; a search form's labels have no value.
    """
    skipped = set(beside)
    for element in root.iter(*_TAGS):
        label, rest = _label(element)
        if not label or LABELS[label] == "other" or _is_within(element, skipped):
            continue
        value = rest or _value(element, label)
        if value is not None:
            yield Pair(LABELS[label], label, value, element)


def _label(element: Any) -> tuple[str, str]:
    """The label that an element begins with, and the text behind its colon, if that is all."""
    before, colon, after = (element.text or "").strip().partition(":")
    # Nearly every element of a page passes here, and nearly none is a label.
    if not before or len(before) > LONGEST or not (colon or _stands_alone(element)):
        return "", ""
    if (label := plain(before)) not in LABELS:
        return "", ""
    whole = after.strip() and not len(element)
    return label, squeeze(after) if whole else ""


def _stands_alone(element: Any) -> bool:
    """Whether nothing but the label stands in its cell or box."""
    return element.tag in ("td", "th", "dt", "label", "b", "strong", "span", "div") and not len(
        element
    )


def _is_within(element: Any, boxes: set[Any]) -> bool:
    return bool(boxes) and (
        element in boxes or any(each in boxes for each in element.iterancestors())
    )


def _value(element: Any, label: str) -> str | None:
    """The value behind a label: in the same element, on the same line, or in the next box."""
    inside = _short_text(element).partition(":")[2].strip() if len(element) else ""
    if inside:
        return _plain_value(element, inside)
    for _ in range(_HIGHEST):
        if line := _rest_of_line(element):
            return line
        if (box := _next_box(element)) is not None:
            return _plain_value(box, text_of(box))
        parent = element.getparent()
        if parent is None or plain(_short_text(parent)) != label:
            return None
        element = parent
    return None


def _short_text(element: Any) -> str:
    """The text of an element, of a long one its beginning: it may hold the whole page."""
    parts, length = [], 0
    for part in element.itertext():
        parts.append(part)
        length += len(part)
        if length > _LONGEST_VALUE:
            break
    return squeeze("".join(parts))


def _plain_value(box: Any, text: str) -> str | None:
    """`text` of `box`, unless it is a field to fill in or another label."""
    if box.tag in _FIELDS or next(box.iter(*_FIELDS), None) is not None:
        return None
    value = text.strip(" :")
    return None if plain(value.partition(":")[0]) in LABELS else value


def _rest_of_line(element: Any) -> str | None:
    """The text behind an inline label as far as its line goes."""
    if element.tag not in INLINE:
        return None
    parts = [element.tail or ""]
    for sibling in element.itersiblings():
        text = text_of(sibling) if sibling.tag in INLINE else ""
        if sibling.tag not in INLINE or plain(text.partition(":")[0]) in LABELS:
            break
        parts += [text, sibling.tail or ""]
    return squeeze(" ".join(parts)).lstrip(": ") or None


def _next_box(element: Any) -> Any | None:
    """The cell, definition or box right behind the label's one."""
    box = element.getnext()
    if box is None or (element.tag in INLINE and (element.tail or "").strip(" :\n\t\r\xa0")):
        return None
    return None if box.tag == "br" else box
