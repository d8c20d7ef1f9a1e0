"""A turn on a worker: see that it may begin, ask for the portal, say how that ended."""

import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from socket import gethostname

from crawler.archive.connection import timestamp
from crawler.archive.headway import headway
from crawler.cluster import note, servers
from crawler.cluster.child import Ended, crawled
from crawler.cluster.job import Job, Outcome
from crawler.cluster.note import Note
from crawler.errors import CannotRun, LuutruError
from crawler.locking import Held, Lock
from crawler.words import tr

TRIES = 5
"""How many turns of a portal may break off in a row, none with another page."""
_PATIENCE = 180.0
"""Seconds that a server is waited for: NFS gives up the locks of a dead machine after 90."""


def perform(job: Job) -> Outcome:
    """Take the portal's turn. What goes wrong is told in the outcome, nothing is raised."""
    try:
        if not servers.has_command(job.folder):
            raise CannotRun(_strange(job))
        with servers.held(job.folder, job.addresses, _PATIENCE) as locks:
            return _Turn(job, locks).make()
    except Held as error:
        return Outcome("held", here(), str(error))
    except LuutruError as error:
        return Outcome("broken", here(), str(error))


def here() -> str:
    """This process and machine."""
    return f"pid {os.getpid()} @ {gethostname()}"


def _strange(job: Job) -> str:
    return tr(
        "{folder} on {host} is not the folder of the command, or locks do not reach there; "
        "see docs/cluster.md",
        folder=job.folder,
        host=gethostname(),
    )


class _Turn:
    def __init__(self, job: Job, locks: list[Lock]) -> None:
        self._job = job
        self._locks = locks
        self._note = self._begun(note.read(job.own))

    def make(self) -> Outcome:
        if self._note.tries > TRIES:
            return self._poisoned()
        note.write(self._job.own, self._note)
        time.sleep(servers.rest(self._job.folder, self._job.addresses, self._job.delay))
        ended = crawled(self._job, self._locks, self._look)
        return self._told(ended)

    def _begun(self, last: Note) -> Note:
        """The note of a turn that begins; one that is `running` was never ended: a kill."""
        pages, articles = self._counts(last)
        broke_off = last.command == self._job.command and last.state in ("running", "broken")
        tries = last.tries + 1 if broke_off and pages == last.before else 1
        now = _now()
        return Note(self._job.slug, "running", here(), self._job.command, last.turns + 1, tries,
                    pages, pages, articles, now, now, last.reason if tries > 1 else "")  # fmt: skip

    def _counts(self, last: Note) -> tuple[int, int]:
        found = headway(self._job.archive)
        return (found.pages, found.articles) if found else (last.pages, last.articles)

    def _look(self) -> bool:
        """Note how far it has come; whether that is further than when the turn began."""
        pages, articles = self._counts(self._note)
        self._note = replace(self._note, pages=pages, articles=articles, seen_at=_now())
        note.write(self._job.own, self._note)
        return pages > self._note.before

    def _told(self, ended: Ended) -> Outcome:
        verdict = str(ended.run.get("verdict") or "")
        is_over = ended.was_told and verdict in ("", "stopped")
        reason = str(ended.run.get("verdict_reasons") or "") if verdict else _why(ended)
        state = "over" if is_over else verdict or "broken"
        self._note = replace(self._note, state=state, reason=reason)
        self._look()
        outcome = "ended" if verdict or is_over else "broken"
        return Outcome(outcome, here(), reason, ended.run, is_over, self._note.articles)

    def _poisoned(self) -> Outcome:
        reason = self._note.reason or tr(
            "it broke off {n} times in a row without another page, with its worker", n=TRIES
        )
        self._note = replace(self._note, state="poisoned", tries=TRIES, reason=reason)
        note.write(self._job.own, self._note)
        return Outcome("poisoned", here(), reason, articles=self._note.articles)


def _why(ended: Ended) -> str:
    if ended.code < 0:
        return tr("ended by signal {n}", n=-ended.code)
    return ended.said or tr("ended with exit code {n}", n=ended.code)


def _now() -> str:
    return timestamp(datetime.now(UTC))
