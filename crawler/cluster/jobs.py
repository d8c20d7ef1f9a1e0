"""Makes the next turn of a portal into what is handed to a worker."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.cluster.job import Job
from crawler.cluster.portals import Portal
from crawler.profiles import own_folder
from crawler.settings import ARCHIVE


@dataclass(frozen=True, slots=True)
class Jobs:
    """The crawls of one command."""

    command: str
    """Its name."""
    folder: Path
    """Shared by all machines, absolute; each portal has its own folder in it."""
    turn: float
    """Seconds after which a turn ends when others wait for that."""
    longest: float | None
    """Seconds after which any turn ends; None is when the portal is done."""
    memory: int
    """Bytes that one crawl may take."""
    words: Sequence[str] = ()
    """Options of `luutru crawl` for all portals."""

    def make(self, portal: Portal, others_wait: bool) -> Job:
        """The next turn of a portal, which is limited when others wait for it to end."""
        archive = self.folder / portal.slug / ARCHIVE
        left = ["--budget", str(portal.budget - portal.pages)] if portal.budget else []
        return Job(
            slug=portal.slug,
            words=(*portal.words(), *self.words, *left, "--db", str(archive)),
            folder=self.folder,
            addresses=portal.addresses,
            command=self.command,
            number=portal.turns,
            delay=portal.delay,
            turn=self.turn if others_wait else self.longest,
            memory=self.memory,
            environment=_environment(),
        )


def _environment() -> tuple[tuple[str, str], ...]:
    given = {"LUUTRU_PORTALS": str(own_folder().absolute())}
    given |= {name: os.environ[name] for name in ("LUUTRU_CONTACT",) if name in os.environ}
    return tuple(given.items())
