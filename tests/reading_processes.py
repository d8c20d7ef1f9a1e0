"""The reading processes of a crawl or replay, as the system lists them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path


def readers_of(parent: int, module: str = "crawler.apart") -> list[int]:
    """The reading processes of `parent`, by their numbers."""
    return [pid for pid, (command, above) in _processes() if above == parent and module in command]


def _processes() -> Iterator[tuple[int, tuple[str, int]]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_text("utf-8", "replace")
                stat = (folder / "stat").read_text("utf-8", "replace")
            except OSError:
                continue
            yield int(folder.name), (command, int(stat.rpartition(")")[2].split()[1]))


def wait_until(happened: Callable[[], object]) -> None:
    """Wait, a minute at most."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether the process is there and has not ended."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
