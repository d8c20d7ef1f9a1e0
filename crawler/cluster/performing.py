"""A turn on a worker: see that it may begin, ask for the portal, say how that ended."""

import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from socket import gethostname

from crawler.archive.connection import timestamp
from crawler.archive.headway import Headway, headway
from crawler.cluster import note, servers
from crawler.cluster.child import Ended, crawled
from crawler.cluster.job import REPLAY, Job, Outcome
from crawler.cluster.note import Note
from crawler.errors import CannotRun, LuutruError
from crawler.locking import Held, Lock
from crawler.reporting.text import size
from crawler.words import tr

TRIES = 5
"""How many turns of a portal may break off in a row, none with another page."""
_PATIENCE = 180.0
"""Seconds that a server is waited for: NFS gives up the locks of a dead machine after 90."""


def perform(job: Job) -> Outcome:
    """Take the portal's turn. What goes wrong is told in the outcome, nothing is raised."""
    try:
        if not servers.has_command(job.folder, job.command):
            raise CannotRun(_strange(job))
        wanted = (*job.addresses, servers.portal_of(job.slug))
        with servers.held(job.folder, wanted, _PATIENCE) as locks:
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
        self._file = job.own / job.note
        self._last = note.read(self._file)
        self._note = self._begun()

    def make(self) -> Outcome:
        if self._has_ended():
            return self._outcome(self._last)
        if self._note.tries > TRIES:
            return self._poisoned()
        note.write(self._file, self._note)
        time.sleep(servers.rest(self._job.folder, self._job.addresses, self._job.delay))
        ended = crawled(self._job, self._locks, self._look)
        self._note = self._told(ended)
        self._look()
        return self._outcome(self._note)

    def _has_ended(self) -> bool:
        """Whether this very turn was had by a worker that died before its outcome was fetched."""
        same = (self._last.command, self._last.number) == (self._job.command, self._job.number)
        return same and not self._last.broke_off

    def _begun(self) -> Note:
        last, now = self._last, _now()
        now_at = self._headway()
        # A replay begins anew each time, so it is stuck whenever it breaks off.
        is_stuck = now_at.reached == last.before or self._job.note == REPLAY
        stuck = last.command == self._job.command and last.broke_off and is_stuck
        return Note(
            portal=self._job.slug,
            state="running",
            worker=here(),
            command=self._job.command,
            number=self._job.number,
            turns=last.turns + 1,
            tries=last.tries + 1 if stuck else 1,
            before=now_at.reached,
            pages=now_at.pages,
            articles=now_at.articles,
            began_at=now,
            seen_at=now,
            reason=last.reason if stuck else "",
        )

    def _headway(self) -> Headway:
        return headway(self._job.archive) or Headway()

    def _look(self) -> bool:
        """Note how far it has come; whether that is further than when the turn began."""
        at = self._headway()
        self._note = replace(self._note, pages=at.pages, articles=at.articles, seen_at=_now())
        note.write(self._file, self._note)
        return at.reached > self._note.before

    def _told(self, ended: Ended) -> Note:
        verdict = str(ended.run.get("verdict") or "")
        is_over = ended.was_told and verdict in ("", "stopped")
        reason = str(ended.run.get("verdict_reasons") or "") if verdict else self._why(ended)
        state = "over" if is_over else verdict or "broken"
        return replace(self._note, state=state, reason=reason, run=ended.run)

    def _why(self, ended: Ended) -> str:
        if ended.grew:
            return tr("it took more than {size} of memory", size=size(self._job.memory))
        if ended.code < 0:
            return tr("ended by signal {n}", n=-ended.code)
        return ended.said or tr("ended with exit code {n}", n=ended.code)

    def _poisoned(self) -> Outcome:
        reason = self._note.reason or tr(
            "it broke off {n} times in a row without another page, with its worker", n=TRIES
        )
        self._note = replace(self._note, state="poisoned", tries=TRIES, reason=reason)
        note.write(self._file, self._note)
        return self._outcome(self._note)

    def _outcome(self, noted: Note) -> Outcome:
        own = noted.state in ("broken", "poisoned")
        return Outcome(
            state=noted.state if own else "ended",
            worker=noted.worker,
            reason=noted.reason,
            run=noted.run,
            turn_is_over=noted.state == "over",
            articles=noted.articles,
        )


def _now() -> str:
    return timestamp(datetime.now(UTC))
