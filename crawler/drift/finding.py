"""What a judgement says: an alarm, a notice, or that all is in order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was judged. What can't be judged gives no finding at all."""

    about: str
    """What it is about, without numbers: the same state has the same words every night."""
    reason: str | None
    """One line: what was seen, what was usual, how sure. None: in order."""
    notice: bool = False
    """Good to know, but nothing is wrong yet."""

    @property
    def tag(self) -> str:
        """What stands in `problems.field`."""
        return f"{NOTICE if self.notice else ALARM}{self.about}"


ALARM, NOTICE = "drift: ", "drift, notice: "
