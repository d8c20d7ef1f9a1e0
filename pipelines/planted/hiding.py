"""How a link is kept from being seen: by attributes, styles, style sheets and scripts of the page.

`firm` is what no honest page does to a link; `soft` is what honest pages do, too, until a menu or
window is asked for; `ui` is that on a menu or window.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from crawler.selectors import label_of
from pipelines.planted import facts

Kind = Literal["firm", "soft", "ui"]

_SIMPLE = re.compile(r"(?:^|[\s>+~\w])([.#][\w-]+)$")
_HIDDEN_BY_SCRIPT = re.compile(
    r"""getElementById\(\s*["']([\w-]+)["']\s*\)\.style\.(?:display|visibility)\s*=\s*["'](?:none|hidden)"""
)
_LENGTH = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|%|vw|)")
_PIXELS = {"px": 1.0, "": 1.0, "pt": 1.33, "em": 16.0, "rem": 16.0, "%": 10.0, "vw": 10.0}
_SIDES = ("left", "top", "right", "bottom", "margin", "margin-left", "margin-top")
_CLIPPED = re.compile(r"rect\(\s*[01](?:px)?[\s,]+[01](?:px)?|inset\(\s*(?:100|50)%|circle\(\s*0")
_SHIFTED = re.compile(r"translate\w*\([^)]*-\s*(\d{3,})")
_TRANSPARENT = re.compile(r"transparent|rgba\([^)]*,\s*0(?:\.0+)?\s*\)")
_FAR, _TINY = -900, 2
# Tags that say something of what they hold without any attribute.
_SPEAKING = facts.UI_TAGS | {"noscript"}
_WHITE = "#ffffff"
_COLOURS = {
    "white": _WHITE,
    "black": "#000000",
    "red": "#ff0000",
    "yellow": "#ffff00",
    "blue": "#0000ff",
    "green": "#008000",
    "gray": "#808080",
    "grey": "#808080",
}


@dataclass(frozen=True, slots=True)
class Hidden:
    """Why readers do not see a link."""

    kind: Kind
    how: str
    box: Any = None
    """The element that is hidden."""


@dataclass(frozen=True, slots=True)
class _Look:
    """How an element looks, with what it inherits."""

    hidden: Hidden | None = None
    colour: str | None = None
    background: str | None = None


class Hiding:
    """What hides links on one page; the page is looked through when first needed."""

    def __init__(self, tree: Any) -> None:
        sheets = [each.text for each in tree.iter("style") if each.text]
        self._rules = {name: style for sheet in sheets for name, style in _hiding_rules(sheet)}
        scripts = (each.text for each in tree.iter("script") if each.text)
        self._by_script = {name for text in scripts for name in _HIDDEN_BY_SCRIPT.findall(text)}
        self._looks: dict[Any, _Look] = {}

    def of(self, link: Any) -> Hidden | None:
        """How `link` is hidden, by itself or by a box around it; the firmest way counts."""
        look = self._look(link)
        return look.hidden or _painted_over(link, look)

    def _look(self, element: Any) -> _Look:
        """How `element` looks; many links stand in the same boxes, each is looked at once."""
        chain = [element]
        for above in element.iterancestors():
            if above in self._looks:
                break
            chain.append(above)
        parent = chain[-1].getparent()
        look = _Look() if parent is None else self._looks[parent]
        for each in reversed(chain):
            look = self._looks[each] = self._inside(look, each)
        return look

    def _inside(self, outer: _Look, element: Any) -> _Look:
        """How `element` looks inside a box that looks like `outer`."""
        if not element.attrib and element.tag not in _SPEAKING:
            return outer
        colour, background = _colours(element)
        hidden = self._hidden(outer.hidden, element)
        return _Look(hidden, colour or outer.colour, background or outer.background)

    def _hidden(self, outer: Hidden | None, element: Any) -> Hidden | None:
        """What hides `element`: its box if firmly, else itself, else its box."""
        is_firm = outer is not None and outer.kind == "firm"
        if not is_firm and (hides := self._hides(element)):
            parent = element.getparent()
            outer = Hidden(*hides, element)
            if outer.kind == "soft" and parent is not None and _is_ui(parent):
                return replace(outer, kind="ui")
        return _excused(outer, element) if outer else None

    def _hides(self, element: Any) -> tuple[Kind, str] | None:
        attributes = element.attrib
        if not attributes:
            return ("soft", "noscript") if element.tag == "noscript" else None
        if found := _by_style(attributes.get("style", "")):
            return found
        return self._by_name(attributes) or _by_attribute(element.tag, attributes)

    def _by_name(self, attributes: Any) -> tuple[Kind, str] | None:
        if not (self._rules or self._by_script):
            return None
        name = attributes.get("id", "")
        if name in self._by_script:
            return "soft", "hidden by a script"
        names = [f"#{name}", *(f".{each}" for each in attributes.get("class", "").split())]
        style = next((self._rules[each] for each in names if each in self._rules), "")
        hides = _by_style(style)
        return (hides[0], f"{hides[1]}, by a style sheet") if hides else None


@lru_cache(maxsize=100)
def _hiding_rules(sheet: str) -> tuple[tuple[str, str], ...]:
    """(.class or #id, declarations) of the rules that hide; other selectors are not followed."""
    rules = (rule.rpartition("{") for rule in sheet.split("}"))
    return tuple(
        (name, style)
        for names, _, style in rules
        if _by_style(style)
        for each in names.split(",")
        for name in _SIMPLE.findall(each.strip())
    )


def _is_ui(element: Any) -> bool:
    label = f"{label_of(element)} {element.get('role') or ''}"
    return element.tag in facts.UI_TAGS or bool(facts.UI_NAME.search(label))


def _excused(hidden: Hidden, element: Any) -> Hidden:
    """`hidden`, which counts less in a menu or window, and on a slide that waits for its turn."""
    is_slide = bool(element.attrib) and facts.SLIDE_NAME.search(label_of(element))
    excuses = is_slide if hidden.kind == "firm" else _is_ui(element)
    return replace(hidden, kind="ui") if excuses else hidden


def _by_attribute(tag: str, attributes: Any) -> tuple[Kind, str] | None:
    if attributes.get("hidden") is not None:
        return "soft", "hidden attribute"
    if attributes.get("aria-hidden") == "true":
        return "soft", "aria-hidden"
    if tag == "marquee" and _is_unreadable(attributes):
        return "firm", "a marquee that nobody can read"
    if tag == "noscript":
        return "soft", "noscript"
    if tag == "iframe" and _size(attributes) <= _TINY:
        return "soft", "a frame of no size"
    return None


def _is_unreadable(attributes: Any) -> bool:
    """Whether a marquee has no size, or runs too fast."""
    return _size(attributes) <= 5 or _length(attributes.get("scrollamount", "6")) >= 100


def _size(attributes: Any) -> float:
    return min(_length(attributes.get(side, "100")) for side in ("width", "height"))


@lru_cache(maxsize=5_000)
def _by_style(style: str) -> tuple[Kind, str] | None:
    """How a list of declarations hides what it is set on."""
    if ":" not in style:
        return None
    given = _declarations(style)
    if how := _out_of_sight(given):
        return "firm", how
    return ("soft", how) if (how := _unseen(given)) else None


def _declarations(style: str) -> dict[str, str]:
    pairs = (each.partition(":") for each in style.lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}


def _out_of_sight(given: dict[str, str]) -> str | None:
    if any(_length(given.get(side, "0")) <= _FAR for side in _SIDES):
        return "moved off the page"
    shift = _SHIFTED.search(given.get("transform", ""))
    if shift and int(shift.group(1)) >= -_FAR:
        return "moved off the page"
    if _CLIPPED.search(given.get("clip", "")) or _CLIPPED.search(given.get("clip-path", "")):
        return "cut off"
    if given.get("overflow", "").startswith("hidden") and 0 < _least(given) <= _TINY:
        return "in a box of no size"
    return None


def _least(given: dict[str, str]) -> float:
    """The smallest side of a box, in pixels."""
    names = ("height", "width", "max-height", "max-width")
    return min(_length(given[name]) if name in given else 100.0 for name in names)


def _unseen(given: dict[str, str]) -> str | None:
    """The declaration that hides, or None."""
    tests = (
        ("display", lambda value: value == "none"),
        ("visibility", lambda value: value in ("hidden", "collapse")),
        ("opacity", lambda value: _length(value) < 0.05),
        ("font-size", lambda value: _length(value) <= 2 and "small" not in value),
        ("font", lambda value: value.startswith(("0 ", "0px", "0/"))),
        ("text-indent", lambda value: _length(value) <= _FAR),
        ("transform", lambda value: value.startswith("scale(0")),
        ("color", lambda value: bool(_TRANSPARENT.match(value))),
    )
    for name, hides in tests:
        if name in given and hides(given[name]):
            return f"{name}: {given[name][:30]}"
    if given.get("overflow", "").startswith("hidden") and _least(given) == 0:
        return "in a box of no height"
    return None


def _length(text: str) -> float:
    """A length in pixels, about; words have none and count as 100."""
    found = _LENGTH.match(text.strip())
    return float(found.group(1)) * _PIXELS[found.group(2)] if found else 100.0


def _colours(element: Any) -> tuple[str | None, str | None]:
    """The colours of words and background that an element sets itself."""
    get = element.attrib.get
    return _colours_of(get("style", ""), get("color", ""), get("bgcolor", ""))


@lru_cache(maxsize=5_000)
def _colours_of(style: str, colour: str, background: str) -> tuple[str | None, str | None]:
    given = _declarations(style)
    behind = given.get("background-color") or given.get("background") or background
    return _colour(given.get("color") or colour), _colour(behind.split(" ")[0])


def _painted_over(link: Any, look: _Look) -> Hidden | None:
    """Whether the words have the colour of what is behind them, as far as the page itself says."""
    inner = (_colours(each)[0] for each in link.iterdescendants("font", "span"))
    colour = next(filter(None, inner), look.colour)
    if colour is None or (colour != look.background and (look.background or colour != _WHITE)):
        return None
    if look.background:
        return Hidden("soft", "words in the colour of the background", link)
    return Hidden("ui", "white words", link)


def _colour(text: str) -> str | None:
    """A colour as #rrggbb, or None when it is none that is understood."""
    text = text.strip().lower()
    if re.fullmatch(r"#[0-9a-f]{3}", text):
        return "#" + "".join(2 * digit for digit in text[1:])
    if found := re.fullmatch(r"rgba?\((\d+)[,\s]+(\d+)[,\s]+(\d+)[^)]*\)", text):
        return "#" + "".join(f"{min(int(part), 255):02x}" for part in found.groups())
    return text if re.fullmatch(r"#[0-9a-f]{6}", text) else _COLOURS.get(text)
