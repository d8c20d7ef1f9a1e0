"""A log file that is put aside when it is full, also when several processes write to it."""

import fcntl
import os
from pathlib import Path

from crawler.errors import CannotRun
from crawler.words import tr


class Rotating:
    """Whole lines are added to `file`; full ones become `file.1`, `file.2`, ... up to `keep`."""

    def __init__(self, file: Path, size: int, keep: int) -> None:
        """Open the file, full at `size` bytes; raises CannotRun when it can't be written."""
        self._file, self._size, self._keep = file, size, keep
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._open = self._opened()
        except OSError as error:
            raise CannotRun(tr("{path} can't be written: {why}", path=file, why=error)) from None

    def write(self, line: str) -> None:
        """Add a line, which ends in LF."""
        if not self._is_there():
            self._reopen()
        if self._size and os.fstat(self._open).st_size >= self._size:
            self._rotate()
        os.write(self._open, line.encode())

    def close(self) -> None:
        """Nothing more is written."""
        os.close(self._open)

    def _opened(self) -> int:
        # Readable for others of the group: addresses that failed are no secret.
        return os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)

    def _reopen(self) -> None:
        os.close(self._open)
        self._open = self._opened()

    def _is_there(self) -> bool:
        """Whether no other process, or logrotate, has put the open file aside."""
        try:
            return os.path.samestat(os.stat(self._file), os.fstat(self._open))
        except FileNotFoundError:
            return False

    def _rotate(self) -> None:
        full = self._open
        fcntl.flock(full, fcntl.LOCK_EX)
        try:
            if self._is_there():
                self._put_aside()
            self._open = self._opened()
        finally:
            os.close(full)

    def _put_aside(self) -> None:
        names = [self._file, *(self._numbered(n) for n in range(1, self._keep + 1))]
        for older, newer in reversed(list(zip(names[1:], names, strict=False))):
            if newer.exists():
                newer.replace(older)
        if not self._keep:
            self._file.unlink()

    def _numbered(self, number: int) -> Path:
        return self._file.with_name(f"{self._file.name}.{number}")
