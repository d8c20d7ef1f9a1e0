"""Servers by their network address: who may ask one now, and how long to wait before.

Many portals share one server. Its lock is a file in the shared folder, held by the worker and by
the crawl itself: whatever becomes of the worker, nobody else gets it while that crawl lives, and
nothing has to be told to the kernel when it ends.
"""

import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from crawler.locking import Held, Lock, is_held

_COMMAND = "_command"
_POLL = 0.5
_AT_A_TIME = 32


def locks_of(folder: Path) -> Path:
    """Where the locks lie; no portal is called so."""
    return folder / "_servers"


def pace_of(folder: Path, address: str) -> Path:
    """The file in which a crawl notes how many seconds apart it asks the server."""
    return locks_of(folder) / f"{address}.pace"


def addresses(hosts: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """The network addresses of each portal's hosts, sorted.

    A host that is not found stands for itself: its crawl will say so.
    """
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return list(pool.map(_addresses, hosts))


def _addresses(hosts: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({found for host in hosts for found in _of(host)}))


def _of(host: str) -> set[str]:
    name = host[1 : host.find("]")] if host.startswith("[") else host.partition(":")[0]
    try:
        return {str(each[4][0]) for each in socket.getaddrinfo(name, None)}
    except (OSError, UnicodeError):
        return {name}


class Command:
    """A command over `folder`, the only one there until `release`.

    It has a second lock, of its own name, and its workers look whether that is held: so they see
    that the command has ended, though the next one may have begun, that their folder is the same,
    and that locks reach from machine to machine there.
    """

    def __init__(self, folder: Path, patience: float) -> None:
        """Raises Held when another command is still under way after `patience` seconds."""
        self.name = uuid.uuid4().hex[:8]
        """No other command has it."""
        self._only = _patiently(locks_of(folder), _COMMAND, patience)
        for left in locks_of(folder).glob(f"{_COMMAND}-*"):
            left.unlink()
        self._own = Lock(locks_of(folder), _own(self.name))

    def end(self) -> None:
        """Let its workers finish their page and stop; another command has to wait for `release`."""
        self._own.release()

    def release(self) -> None:
        """Let its workers stop, and others begin."""
        self._own.release()
        self._only.release()


def has_command(folder: Path, name: str) -> bool:
    """Whether the command of that name over `folder` is under way, as seen from this machine."""
    return is_held(locks_of(folder), _own(name))


def has_any_command(folder: Path) -> bool:
    """Whether some command over `folder` is under way, as seen from this machine."""
    return is_held(locks_of(folder), _COMMAND)


def _own(name: str) -> str:
    return f"{_COMMAND}-{name}"


def portal_of(slug: str) -> str:
    """What stands among addresses for the portal's archive: only one machine may have it open."""
    return f"_portal-{slug}"


@contextmanager
def held(folder: Path, wanted: Sequence[str], patience: float) -> Iterator[list[Lock]]:
    """Within, the servers with these addresses are ours; raises Held after `patience` seconds."""
    with ExitStack() as stack:
        locks = []
        for address in wanted:
            locks.append(_patiently(locks_of(folder), address, patience))
            stack.callback(locks[-1].release)
        yield locks


def rest(folder: Path, wanted: Sequence[str], delay: float) -> float:
    """Seconds to wait before a server is asked that another crawl may just have asked.

    That crawl may have been killed, so when its last request went out is not known: the whole
    delay, the longer one of both, begins now.
    """
    noted = [found for each in wanted if (found := _noted(pace_of(folder, each))) is not None]
    return max([delay, *noted]) if noted else 0.0


def _noted(path: Path) -> float | None:
    try:
        return float(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        # It was being written when the machine died.
        return 0.0


def _patiently(folder: Path, name: str, patience: float) -> Lock:
    deadline = time.monotonic() + patience
    while True:
        try:
            return Lock(folder, name)
        except Held:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL)
