"""The runs of a rescue: how one begins, and the verdict it ends with, read from rows."""

import sqlite3
from datetime import datetime

from crawler.archive import listed, replays
from crawler.archive.connection import timestamp, transaction
from crawler.archive.listed import Holder
from crawler.archive.runs import Identity, Run
from crawler.profiles import Profile

FORMS = {
    "rescue killed": "ended without a word (killed?); the next run went on",
    "rescue stopped": "stopped: {why}",
    "rescue cut": "asked no more: {why}",
    "rescue left": "{n} listed captures are still to be fetched",
    "rescue open": "{n} questions to the index are not answered: {why}",
    "rescue lost": "{n} listed captures could not be had: {urls}",
    "rescue nothing": "the web archive lists nothing of this portal",
}
"""The reasons, which the archive keeps in English; `crawler.reporting.reasons` translates them."""

_NAMED = 3
"""How many addresses a reason names; the table has all."""


def begin(db: sqlite3.Connection, profile: Profile, who: Identity, now: datetime) -> Run:
    """Start a run; one that was killed is called stopped."""
    with transaction(db):
        run = replays.begin(db, profile, "rescue", who, now)
        db.execute(
            """UPDATE runs SET verdict = 'stopped', finished_at = ?, verdict_reasons = ?
               WHERE portal_id = ? AND kind = 'rescue' AND verdict IS NULL AND id <> ?""",
            (timestamp(now), FORMS["rescue killed"], run.portal_id, run.id),
        )
    return run


def finish(
    db: sqlite3.Connection, run: Run, holder: Holder, ended: str, cut: str | None, now: datetime
) -> None:
    """Close the run; `ended` is Scrapy's reason, `cut` why it asked for no more."""
    reasons = _reasons(db, holder)
    if cut and reasons:
        reasons.insert(0, FORMS["rescue cut"].format(why=cut))
    if ended != "finished":
        reasons.insert(0, FORMS["rescue stopped"].format(why=ended))
        replays.conclude(db, run, "stopped", reasons, now)
    else:
        replays.conclude(db, run, "incomplete" if reasons else "complete", reasons, now)


def _reasons(db: sqlite3.Connection, holder: Holder) -> list[str]:
    states = listed.counts(db, holder)
    left, failed, unasked = states.get("waiting"), states.get("failed"), _unasked(db, holder)
    reasons = []
    if unasked:
        reasons.append(FORMS["rescue open"].format(n=unasked[0], why=unasked[1] or "not yet"))
    elif not states:
        reasons.append(FORMS["rescue nothing"])
    if left:
        reasons.append(FORMS["rescue left"].format(n=left))
    if failed:
        reasons.append(FORMS["rescue lost"].format(n=failed, urls=_named(db, holder)))
    return reasons


def _unasked(db: sqlite3.Connection, holder: Holder) -> tuple[int, str | None] | None:
    row = db.execute(
        """SELECT count(*), max(reason) FROM index_queries
           WHERE portal_id = ? AND source = ? AND state <> 'done'""",
        holder.key,
    ).fetchone()
    return tuple(row) if row[0] else None


def _named(db: sqlite3.Connection, holder: Holder) -> str:
    rows = listed.lost(db, holder)
    told = [f"{row['url']} of {row['captured_at']} ({row['reason']})" for row in rows[:_NAMED]]
    return "; ".join(told) + ("; ..." if len(rows) > _NAMED else "")
