"""What a field reader answers: a value with its evidence, or why the evidence can't be read."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A value, the text it was read from, and the rule that found it."""

    value: T
    raw: str
    rule: str
    score: float | None = None
    """Where candidates are weighed against each other; None where their order decides."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The place or label is on the page, but what stands there can't be understood."""

    raw: str
    rule: str
