"""Notes how slowly a server is asked, for whoever asks it next (`PACE_FILES`)."""

from collections.abc import Sequence
from pathlib import Path


class PaceNote:
    """Small files, each with a number of seconds."""

    def __init__(self, files: Sequence[str]) -> None:
        self._files = [Path(file) for file in files]
        self._noted = -1.0

    def note(self, seconds: float) -> None:
        """Write it down when it grows, or falls to less than half; raises OSError.

        A delay that follows the answers changes with each of them.
        """
        if seconds > self._noted or seconds < self._noted / 2:
            for file in self._files:
                file.write_text(f"{seconds:.3f}\n")
            self._noted = seconds
