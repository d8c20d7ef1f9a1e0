"""Planted links: rows that say what an intruder left on a page, and from when to when."""

import json

from crawler.archive.saver import Saver
from crawler.items import SuspectLink

_SEEN = """
INSERT INTO suspect_links (url_id, href, text, hidden, why, score, first_seen_at, last_seen_at,
    capture_id)
VALUES (:url_id, :href, :text, :hidden, :why, :score, :at, :at, :capture_id)
ON CONFLICT (url_id, href) DO UPDATE SET
    text = iif(:at >= last_seen_at, excluded.text, text),
    hidden = iif(:at >= last_seen_at, excluded.hidden, hidden),
    why = iif(:at >= last_seen_at, excluded.why, why),
    score = iif(:at >= last_seen_at, excluded.score, score),
    capture_id = iif(:at >= last_seen_at, excluded.capture_id, capture_id),
    first_seen_at = min(first_seen_at, :at), last_seen_at = max(last_seen_at, :at)
"""
# An answer that shows the page itself; `304 Not Modified` shows nothing.
_SHOWN = "url_id = :url_id AND status <> 304"


def keep_suspects(saver: Saver, suspects: tuple[SuspectLink, ...]) -> None:
    """Write the planted links of a page; a page of any age may come, the latest one tells how."""
    saver.db.executemany(
        _SEEN,
        [
            {
                "url_id": saver.page.url_id,
                "href": each.href,
                "text": each.text,
                "hidden": int(each.hidden),
                "why": each.why,
                "score": each.score,
                "at": saver.seen_at,
                "capture_id": saver.capture_id,
            }
            for each in suspects
        ],
    )


def still_there(saver: Saver) -> None:
    """The server vouches for the page as it was last seen, with its planted links."""
    saver.db.execute(
        f"""UPDATE suspect_links SET last_seen_at = :at
            WHERE url_id = :url_id AND last_seen_at < :at AND last_seen_at >= (
                SELECT max(captured_at) FROM captures WHERE {_SHOWN} AND captured_at <= :at)""",
        {"url_id": saver.page.url_id, "at": saver.seen_at},
    )


def correct(saver: Saver, suspects: tuple[SuspectLink, ...]) -> None:
    """A page that is read again: what a better reader no longer suspects was not seen then.

    Pages are read again in the order of their captures, so a link that none of them holds is gone
    when the last one has been.
    """
    keep_suspects(saver, suspects)
    facts = {"url_id": saver.page.url_id, "at": saver.seen_at}
    saver.db.execute(
        f"""UPDATE suspect_links SET first_seen_at = ifnull((
                SELECT min(captured_at) FROM captures WHERE {_SHOWN} AND captured_at > :at), '9999')
            WHERE url_id = :url_id AND first_seen_at = :at
                AND href NOT IN (SELECT value FROM json_each(:hrefs))""",
        facts | {"hrefs": json.dumps([each.href for each in suspects])},
    )
    saver.db.execute(
        "DELETE FROM suspect_links WHERE url_id = :url_id AND first_seen_at > last_seen_at", facts
    )
