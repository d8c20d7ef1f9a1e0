"""Table `coverage`: what share of a crawl's pages had each field, and what it was before.

Counted are pages that came new: a page that the server calls unchanged, or that is byte for byte
the one kept before, says nothing about tonight's portal.
"""

import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass

from crawler.drift.fields import COUNTER, EVERY, GENERIC, LAYOUT, THERE, WORDS, Of
from crawler.drift.share import Share, pooled
from crawler.drift.titles import alike

FIELDS = ("title", "published_on", "view_count", "author", "body")
_OF_ONE = 2
"""What leads to more articles names none of them: "Đọc tiếp bài viết"."""
_MOST_PAST = 100
"""Rounds that are looked back on: a portal's habits of years ago are not its own any more."""

# The runs of one crawl: a stopped one is gone on with by the next.
ROUND = """SELECT id FROM runs WHERE portal_id = :portal AND kind = 'crawl'
    AND ifnull(round_started_at, started_at) = :began"""
_READ = f"""captures c JOIN articles a ON a.url_id = c.url_id AND a.capture_id = c.id
    WHERE c.run_id IN ({ROUND}) AND c.payload_sha256 IS NOT (
        SELECT b.payload_sha256 FROM captures b WHERE b.url_id = c.url_id AND b.id < c.id
            AND b.status = 200 ORDER BY b.captured_at DESC, b.id DESC LIMIT 1)"""


@dataclass(frozen=True, slots=True)
class Round:
    """The crawl whose last run is `run_id`."""

    run_id: int
    portal_id: int
    began: str
    """When its first run began."""

    @property
    def values(self) -> dict[str, object]:
        """For the named parameters of the SQL here."""
        return {"run": self.run_id, "portal": self.portal_id, "began": self.began}


@dataclass(frozen=True, slots=True)
class Before:
    """What one earlier crawl had."""

    ended: str
    share: Share


def measure(db: sqlite3.Connection, crawl: Round) -> tuple[dict[Of, Share], dict[Of, str]]:
    """Count the shares of a crawl, keep them as rows of its last run, and return them.

    With them come details of what was found instead. Call inside a transaction.
    """
    shares, details = _fields(db, crawl), dict[Of, str]()
    for count in (_titles, _former_layouts, _known_articles, _counters):
        more, told = count(db, crawl)
        shares |= more
        details |= told
    db.execute(f"DELETE FROM coverage WHERE run_id IN ({ROUND})", crawl.values)
    db.executemany(
        "INSERT INTO coverage (run_id, layout, field, pages, found) VALUES (?, ?, ?, ?, ?)",
        [(crawl.run_id, *of, share.pages, share.found) for of, share in shares.items()],
    )
    return shares, details


def past(db: sqlite3.Connection, crawl: Round) -> dict[Of, list[Before]]:
    """The shares of the crawls before this one, oldest first."""
    rows = db.execute(
        """SELECT layout, field, pages, found, ifnull(r.finished_at, r.started_at) AS ended
           FROM coverage JOIN (SELECT id, started_at, finished_at FROM runs
               WHERE portal_id = :portal AND id < :run ORDER BY id DESC LIMIT :most) r
           ON r.id = run_id ORDER BY run_id""",
        crawl.values | {"most": _MOST_PAST},
    )
    found = defaultdict(list)
    for row in rows:
        of = (row["layout"], row["field"])
        found[of].append(Before(row["ended"], Share(row["pages"], row["found"])))
    return dict(found)


def _fields(db: sqlite3.Connection, crawl: Round) -> dict[Of, Share]:
    """Fields by layout, and how many pages a known layout fitted."""
    counts = ", ".join(f"count(a.{field}) AS {field}" for field in FIELDS)
    rows = db.execute(
        f"""SELECT ifnull(a.layout, :generic) AS layout, count(*) AS pages, {counts} FROM {_READ}
            GROUP BY 1""",
        crawl.values | {"generic": GENERIC},
    ).fetchall()
    known = [Share(row["pages"], 0 if row["layout"] == GENERIC else row["pages"]) for row in rows]
    shares = {(row["layout"], f): Share(row["pages"], row[f]) for row in rows for f in FIELDS}
    return shares | ({(EVERY, LAYOUT): pooled(known)} if known else {})


def _titles(db: sqlite3.Connection, crawl: Round) -> tuple[dict[Of, Share], dict[Of, str]]:
    """Of the articles that other pages call by something like a title: how many have a like one."""
    rows = db.execute(
        f"""SELECT layout, title, words FROM (
                SELECT ifnull(a.layout, :generic) AS layout, a.title,
                    (SELECT linked_as FROM urls WHERE id = a.url_id) AS words FROM {_READ})
            WHERE title IS NOT NULL AND words IS NOT NULL""",
        crawl.values | {"generic": GENERIC},
    ).fetchall()
    led = Counter(row["words"] for row in rows)
    own = [row for row in rows if led[row["words"]] <= _OF_ONE]
    pages = Counter(row["layout"] for row in own)
    found = Counter(row["layout"] for row in own if alike(row["title"], row["words"]))
    return {(layout, WORDS): Share(n, found[layout]) for layout, n in pages.items()}, {}


def _former_layouts(db: sqlite3.Connection, crawl: Round) -> tuple[dict[Of, Share], dict[Of, str]]:
    """Of the articles that a layout read in the crawls before: how many it still reads.

    Which one it was stands in the rules by which their fields were read.
    """
    rows = db.execute(
        f"""SELECT former, layout, count(*) AS n FROM (
                SELECT a.layout, (SELECT substr(rule, 8, instr(rule, ':') - 8) FROM readings r
                    WHERE r.article_id = a.id AND r.capture_id < a.capture_id
                        AND r.rule LIKE 'layout %:%' ORDER BY r.capture_id DESC LIMIT 1) AS former
                FROM {_READ} AND a.first_seen_at < :began)
            WHERE former IS NOT NULL GROUP BY former, layout ORDER BY n DESC, layout""",
        crawl.values,
    ).fetchall()
    shares, details = dict[Of, Share](), dict[Of, str]()
    for former in {row["former"] for row in rows}:
        now = {row["layout"]: row["n"] for row in rows if row["former"] == former}
        of = (former, LAYOUT)
        shares[of] = Share(sum(now.values()), now.pop(former, 0))
        details[of] = ", ".join(f"{n} by {layout}" for layout, n in now.items())
    return shares, details


# An article that was called gone in an earlier crawl already is not counted again.
_STATES = f"""
SELECT count(*) AS asked,
    ifnull(sum(a.last_seen_at >= :began), 0) AS there,
    ifnull(sum(a.absent_since >= :began), 0) AS gone,
    ifnull(sum(a.last_seen_at < :began AND a.absent_since IS NULL AND u.kind = 'redirect'), 0)
        AS redirected
FROM (SELECT DISTINCT url_id FROM captures WHERE run_id IN ({ROUND})) c
JOIN articles a ON a.url_id = c.url_id JOIN urls u ON u.id = a.url_id
WHERE a.first_seen_at < :began AND ifnull(a.absent_since, :began) >= :began
    AND u.state IN ('done', 'gone')
"""


def _known_articles(db: sqlite3.Connection, crawl: Round) -> tuple[dict[Of, Share], dict[Of, str]]:
    """Of the articles known before that the portal answered for: how many it showed."""
    asked, there, gone, redirected = db.execute(_STATES, crawl.values).fetchone()
    if not asked:
        return {}, {}
    lost = {
        "gone": gone,
        "redirected": redirected,
        "no longer like an article": asked - there - gone - redirected,
    }
    detail = ", ".join(f"{count} {what}" for what, count in lost.items() if count)
    return {(EVERY, THERE): Share(asked, there)}, {(EVERY, THERE): detail}


def _counters(db: sqlite3.Connection, crawl: Round) -> tuple[dict[Of, Share], dict[Of, str]]:
    """Of the articles whose view count was read now and before: how many did not fall."""
    pages, found = db.execute(
        f"""SELECT count(before), ifnull(sum(views >= before), 0) FROM (
                SELECT v.views, (SELECT b.views FROM view_counts b WHERE b.article_id = a.id
                    AND b.seen_at < v.seen_at ORDER BY b.seen_at DESC LIMIT 1) AS before
                FROM view_counts v JOIN ({_IDS}) a
                    ON v.article_id = a.id AND v.capture_id = a.capture_id)""",
        crawl.values,
    ).fetchone()
    return ({(EVERY, COUNTER): Share(pages, found)} if pages else {}), {}


_IDS = f"SELECT a.id, a.capture_id FROM {_READ} AND a.first_seen_at < :began"
