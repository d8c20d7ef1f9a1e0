"""What stands behind a label, understood: numbers, dates, kinds. Nothing is completed."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from pipelines.clock import read_moment
from pipelines.found import Found, Unreadable
from pipelines.legal.facts import SIGNS

NUMBER = re.compile(
    r"\d{1,6}[a-zA-Z]?\s?(?:/\s?\d{4}\s?)?[/\-–]\s?[A-ZĐ][\w.&]*(?:\s?[-/–]\s?[A-ZĐ][\w.&]*)*"
)
"""A number and sign: 12/2023/QĐ-UBND, 45/2019/QH14, 05-NQ/HU."""
_NAMED = re.compile(r"^(?:số|số hiệu|số ký hiệu)\s*:?\s*", re.IGNORECASE)
_SPACES = re.compile(r"\s*([/\-])\s*")
_NOTHING = re.compile(r"[\s.\-–—_…]*|(?:đang )?cập nhật|không(?: có| rõ)?|n/?a", re.IGNORECASE)
_DAY = re.compile(
    r"(?:ngày\s*:?\s*)?(\d{1,2})\s?(?:[/.\-]|tháng)\s?(\d{1,2})\s?(?:[/.\-]|năm)\s?(\d{4})(?!\d)",
    re.IGNORECASE,
)
_WITH_YEAR = re.compile(r"\d{4}|[/.\-]\d{2}$")
_OLDEST_LAW = 1945
_LONGEST_NAME = 200

Value = Found[Any] | Unreadable | None


def is_nothing(text: str) -> bool:
    """Whether `text` says that there is no value: empty, dashes, "Đang cập nhật"."""
    return _NOTHING.fullmatch(text) is not None


def number(raw: str, rule: str, _: datetime) -> Value:
    """The number and sign as the decree writes them, without spaces."""
    found = NUMBER.fullmatch(_NAMED.sub("", raw).strip(" .;,"))
    if found is None:
        return Unreadable(raw, rule)
    return Found(_SPACES.sub(r"\1", found.group().replace("–", "-")), raw, rule)


def day(raw: str, rule: str, fetched_at: datetime) -> Value:
    """A date; laws are older than the web, so any year since 1945 is one."""
    if printed := _DAY.match(raw):
        days, months, years = map(int, printed.groups())
        try:
            on = date(years, months, days)
        except ValueError:
            return Unreadable(raw, rule)
        return Found(on, raw, rule) if _OLDEST_LAW <= years <= 2100 else Unreadable(raw, rule)
    moment = read_moment(raw, fetched_at, since=_OLDEST_LAW) if _WITH_YEAR.search(raw) else None
    return Found(moment.on, raw, rule) if moment else Unreadable(raw, rule)


def name(raw: str, rule: str, _: datetime) -> Value:
    """A name, a kind or a field of law, as it is printed."""
    return Found(raw, raw, rule) if len(raw) <= _LONGEST_NAME else Unreadable(raw[:200], rule)


def words(raw: str, rule: str, _: datetime) -> Value:
    """Text of any length."""
    return Found(raw, raw, rule)


READERS: dict[str, Callable[[str, str, datetime], Value]] = {
    "number": number,
    "kind": name,
    "issuer": name,
    "signer": name,
    "issued_on": day,
    "effective_on": day,
    "abstract": words,
    "field": name,
}
"""By field, in the order of the columns."""


def number_in(text: str, fetched_at: datetime) -> Value:
    """The one number that an abstract names; None when it names none, or several."""
    found = {each.group() for each in NUMBER.finditer(text)}
    raw = found.pop() if len(found) == 1 else None
    return number(raw, "number in the abstract", fetched_at) if raw else None


def kind_of(number_and_sign: str) -> Value:
    """The kind of document that the sign in a number stands for; a letter's sign has none."""
    for part in re.split(r"[/\-]", number_and_sign):
        if part in SIGNS:
            return Found(SIGNS[part], part, "sign in the number")
    return None
