"""What a check found wrong: one thing, one place, one line."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written; it names a file, a table, or both."""

    what: str
    """One line: what is wrong, and what was expected."""
    file: str | None = None
    """Name of the WARC file in the archive's WARC folder."""
    offset: int | None = None
    """Bytes from the start of `file`; None when the file as a whole is meant."""
    table: str | None = None
    id: int | None = None
    """Row of `table`; None when the table as a whole is meant."""
    repaired: bool = False
    """Whether the file was put right from a copy after this was found."""

    @property
    def place(self) -> str:
        """Where it is: `captures 12`, `x.warc.gz at byte 4711`, or both."""
        row = " ".join(str(part) for part in (self.table, self.id) if part is not None)
        at = "" if self.offset is None else f" at byte {self.offset}"
        return ", ".join(part for part in (row, f"{self.file}{at}" if self.file else "") if part)

    @property
    def target(self) -> str:
        """What an event is about: the file, or else the table."""
        return self.file or self.table or ""

    def put_right(self) -> "Finding":
        """The same finding after its file was replaced."""
        return replace(self, repaired=True)

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"
