"""The verdict on a crawl, from evidence: what the portal says that it has, and what came of it."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from crawler.archive import claims
from crawler.archive.claims import Shortfall
from crawler.archive.forms import FORMS
from crawler.archive.shapes import PUT_OFF
from crawler.items import BUILT_BY_SCRIPTS, FURTHER_PAGES

if TYPE_CHECKING:
    from crawler.archive.runs import Run

FAILED = f"""(state = 'failed' OR state = 'refused' AND reason LIKE '{PUT_OFF}%'
    OR state = 'waiting' AND reason IS NOT NULL AND ifnull(last_status, 500) >= 400)"""
"""Which rows of `urls` failed: those that wait for another try did so far."""

_NAMED = 3
"""How many addresses a reason names; the report names all."""


def verdict_of(db: sqlite3.Connection, run: "Run", ended: str) -> tuple[str, list[str]]:
    """The verdict on `run` and why it is not complete, a line each; `ended` is Scrapy's reason."""
    reasons = [
        *_forbidden(db, run),
        *_unasked(db, run),
        *(_told(short) for short in claims.shortfalls(db, run.portal_id, run.round_started)),
        *_failures(db, run.portal_id),
        *_gone_at_once(db, run.portal_id),
        *_behind_buttons(db, run.portal_id),
        *_scripted(db, run.portal_id),
    ]
    if ended != "finished":
        return "stopped", [FORMS["stopped"].format(why=ended), *reasons]
    if not _has_answered(db, run):
        return "failed", [FORMS["no page"], *_away(db, run), *reasons]
    return ("incomplete" if reasons else "complete"), reasons


def _has_answered(db: sqlite3.Connection, run: "Run") -> bool:
    """Whether a page came; where the home page leads away, rules and redirects alone are none."""
    found = db.execute(
        _ANSWERED,
        {"run": run.id, "portal": run.portal_id, "home": run.home, "round": run.round_started},
    )
    return found.fetchone() is not None


_ANSWERED = """
SELECT 1 FROM captures c JOIN runs r ON r.id = c.run_id JOIN urls u ON u.id = c.url_id
WHERE (r.id = :run OR r.portal_id = :portal AND r.round_started_at = :round) AND c.status < 400
    AND (u.kind NOT IN ('robots', 'redirect')
         OR EXISTS (SELECT 1 FROM urls WHERE portal_id = :portal AND state = 'waiting')
         OR NOT EXISTS (SELECT 1 FROM urls
                        WHERE portal_id = :portal AND key = :home AND kind = 'redirect'))
LIMIT 1
"""


def _forbidden(db: sqlite3.Connection, run: "Run") -> Iterator[str]:
    """A portal that lets nobody in is not complete, though nothing has failed."""
    row = db.execute(
        "SELECT url FROM urls WHERE portal_id = ? AND key = ? AND state = 'refused'",
        (run.portal_id, run.home),
    ).fetchone()
    if row:
        yield FORMS["forbidden"].format(url=row["url"])


def _unasked(db: sqlite3.Connection, run: "Run") -> Iterator[str]:
    row = db.execute(
        """SELECT left_over, (SELECT count(*) FROM urls WHERE portal_id = :portal
               AND state = 'waiting') AS waiting FROM runs WHERE id = :run""",
        {"run": run.id, "portal": run.portal_id},
    ).fetchone()
    if unasked := max(row["left_over"] or 0, row["waiting"]):
        yield FORMS["waiting"].format(n=unasked)


def _told(short: Shortfall) -> str:
    form = FORMS["unread" if short.unread else "pages" if short.pages else "total"]
    return form.format(which=_ranges(short.unread), **asdict(short))


def _ranges(numbers: Iterable[int]) -> str:
    """`3, 5-9` for 3, 5, 6, 7, 8, 9, which are in order."""
    runs = groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    parts = [[number for _, number in group] for _, group in runs]
    return ", ".join(f"{p[0]}-{p[-1]}" if len(p) > 1 else f"{p[0]}" for p in parts)


def _failures(db: sqlite3.Connection, portal_id: int) -> list[str]:
    rows = db.execute(
        f"""SELECT ifnull(reason, 'no reason known') AS reason, url, form FROM urls
            WHERE portal_id = ? AND {FAILED} ORDER BY priority DESC, id""",
        (portal_id,),
    )
    found = ((row["reason"], named(row["url"], row["form"])) for row in rows)
    return _grouped(FORMS["failed"], found)


def _gone_at_once(db: sqlite3.Connection, portal_id: int) -> list[str]:
    """What a listing, feed or sitemap names, and what was never there when it was asked for.

    Asked for in one run only: portals lose pages for an afternoon. What is gone a second time is
    the portal's own mistake, and known.
    """
    rows = db.execute(_GONE_AT_ONCE, {"portal": portal_id})
    return _grouped(FORMS["gone"], ((row["reason"], row["url"]) for row in rows))


_GONE_AT_ONCE = """
SELECT u.url, u.reason FROM urls u JOIN urls f ON f.id = u.found_on
WHERE u.portal_id = :portal AND u.state = 'gone' AND u.kind <> 'file'
    AND f.kind IN ('sitemap', 'feed', 'listing')
    AND NOT EXISTS (SELECT 1 FROM articles WHERE url_id = u.id)
    AND (SELECT count(DISTINCT run_id) FROM captures WHERE url_id = u.id) < 2
ORDER BY u.id
"""


def _behind_buttons(db: sqlite3.Connection, portal_id: int) -> list[str]:
    """Lists of which a script alone fetches the rest, unless a sitemap names the articles."""
    facts = {"portal": portal_id, "field": FURTHER_PAGES}
    rows = db.execute(_BEHIND_BUTTONS, facts)
    return _grouped(FORMS["button"], (("", row["url"]) for row in rows))


_BEHIND_BUTTONS = """
SELECT u.url FROM problems p JOIN urls u ON u.id = p.url_id
WHERE u.portal_id = :portal AND p.field = :field AND p.resolved_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM urls a JOIN urls f ON f.id = a.found_on
                    WHERE a.portal_id = :portal AND a.kind = 'article' AND f.kind = 'sitemap')
ORDER BY u.id
"""


def _scripted(db: sqlite3.Connection, portal_id: int) -> Iterator[str]:
    """A portal that scripts build answers every address, and shows a crawl nothing."""
    for row in db.execute(_SCRIPTED, {"portal": portal_id, "field": BUILT_BY_SCRIPTS}):
        yield FORMS["scripts"].format(url=row["url"])


_SCRIPTED = """
SELECT u.url FROM problems p JOIN urls u ON u.id = p.url_id
WHERE u.portal_id = :portal AND p.field = :field AND p.resolved_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM articles WHERE portal_id = :portal)
"""


def _away(db: sqlite3.Connection, run: "Run") -> Iterator[str]:
    row = db.execute(
        "SELECT reason FROM urls WHERE portal_id = ? AND key = ? AND kind = 'redirect'",
        (run.portal_id, run.home),
    ).fetchone()
    if row and row["reason"]:
        yield FORMS["away"].format(why=row["reason"])


def _grouped(form: str, found: Iterable[tuple[str, str]]) -> list[str]:
    """A line for each reason, the most frequent first, with some of its addresses."""
    urls: dict[str, list[str]] = defaultdict(list)
    for reason, url in found:
        urls[reason].append(url)
    ordered = sorted(urls.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return [form.format(n=len(all_), why=why, urls=_some(all_)) for why, all_ in ordered]


def _some(urls: list[str]) -> str:
    more = len(urls) - _NAMED
    return ", ".join(urls[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def named(url: str, form: str | None) -> str:
    """An address for people: that of a POST with the page that it asks for."""
    if form is None:
        return url
    fields = dict(parse_qsl(form))
    page = fields.get("page") or fields.get("__EVENTARGUMENT", "").rpartition("$")[2]
    return f"{url} (page {page})" if page else url
