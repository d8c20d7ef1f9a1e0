"""What stands in the line of a title and is none of its words, in an element called badge."""

from typing import Any

from crawler.selectors import text_of
from pipelines.blocks import Block


def without_badges(text: str, title: Block) -> str:
    """The title's `text` without the kind of a thread before it, or "Premium" behind it."""
    return text.removeprefix(_badge(title)).removesuffix(_badge_behind(title)).strip()


def _badge(title: Block) -> str:
    """The kind of a thread, in an element of its own before its title: "thảo luận", "tin tức"."""
    first = next(iter(title.element), None)
    if first is None or (title.element.text or "").strip():
        return ""
    text = _text_of_badge(first)
    return text if title.text.startswith(f"{text} ") else ""


def _badge_behind(title: Block) -> str:
    """What marks an article for subscribers, or as new, behind its title: "Premium"."""
    last = next(title.element.iterchildren(reversed=True), None)
    if last is None or (last.tail or "").strip():
        return ""
    text = _text_of_badge(last)
    return text if title.text.removesuffix(text) else ""


def _text_of_badge(element: Any) -> str:
    names = (element.get("class") or "").split()
    return text_of(element) if "label" in names or "badge" in names else ""
