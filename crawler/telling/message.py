"""What is told, whoever tells it and however it goes out."""

from dataclasses import dataclass
from typing import Any


class NotDelivered(Exception):
    """The message did not arrive; what it says waits for another try. Its text says why."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, for people and for programs."""

    subject: str
    """One line for people."""
    text: str
    """All of it for people; lines end in LF."""
    data: dict[str, Any]
    """All of it for programs: JSON."""
