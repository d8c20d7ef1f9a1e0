"""Problems: what a person should look at, opened when it is seen and closed when it is gone."""

from crawler.archive import presence
from crawler.archive.outcomes import outcome
from crawler.archive.saver import Saver
from crawler.archive.units import FIELD as UNIT
from crawler.items import Problem, ReadPage


def keep_problems(saver: Saver, read: ReadPage) -> None:
    """Open the problems seen now, and close those of this URL that are no longer there.

    A page that did not come says nothing, and one that is blocked only that; what concerns its
    whole portal (drift, its unit) is judged elsewhere.
    """
    blocked = read.kind == "blocked"
    if not blocked and outcome(read)[0] == "failed":
        return
    found = [*read.problems, *(read.article.problems if read.article else ())]
    if doubt := presence.doubt(saver.db, read):
        found.append(Problem(doubt))
    now = {(problem.field, problem.reason) for problem in found}
    open_rows = saver.db.execute(
        """SELECT id, field, reason FROM problems
           WHERE url_id = ? AND resolved_at IS NULL
           AND ifnull(field, '') NOT LIKE 'drift%' AND ifnull(field, '') <> ?""",
        (saver.page.url_id, UNIT),
    ).fetchall()
    if now:
        now -= _closed_by_hand(saver)
    known = {(row["field"], row["reason"]): row["id"] for row in open_rows}
    saver.db.executemany(
        "UPDATE problems SET resolved_at = ? WHERE id = ?",
        [(saver.seen_at, known[old]) for old in known.keys() - now if not blocked],
    )
    saver.db.executemany(
        "INSERT INTO problems (url_id, capture_id, field, reason, seen_at) VALUES (?, ?, ?, ?, ?)",
        [
            (saver.page.url_id, saver.capture_id, *new, saver.seen_at)
            for new in sorted(now - known.keys(), key=str)
        ],
    )


def _closed_by_hand(saver: Saver) -> set[tuple[str | None, str]]:
    """What somebody closed after this page was captured: reading it again does not reopen it."""
    rows = saver.db.execute(
        "SELECT field, reason FROM problems WHERE url_id = ? AND resolved_at > ?",
        (saver.page.url_id, saver.seen_at),
    )
    return {(row["field"], row["reason"]) for row in rows}
