"""Hiding an article from readers: it stays in the archive, with the reason and the history.

Hidden articles are left out of search, site, feeds and exports. Tables and packages for
preservation (BagIt, WACZ of whole portals) still hold them.
"""

import sqlite3
from datetime import datetime

from crawler.archive import evidence
from crawler.archive.connection import timestamp, transaction

SHOWN = "a.hidden_at IS NULL"
"""The condition on `articles a` for everything that readers see."""

HIDDEN = "SELECT id FROM articles WHERE hidden_at IS NOT NULL"
"""The hidden articles, by an index of their own: they are few."""


def hide(db: sqlite3.Connection, article_id: int, why: str, at: datetime, agent: str) -> None:
    """Hide the article from readers; whoever hides it again gives a new reason."""
    with transaction(db):
        db.execute(
            "UPDATE articles SET hidden_at = ?, hidden_why = ? WHERE id = ?",
            (timestamp(at), why, article_id),
        )
        _note(db, article_id, f"hidden from readers: {why}", at, agent)


def unhide(db: sqlite3.Connection, article_id: int, at: datetime, agent: str) -> None:
    """Show the article to readers again."""
    with transaction(db):
        db.execute(
            "UPDATE articles SET hidden_at = NULL, hidden_why = NULL WHERE id = ?", (article_id,)
        )
        _note(db, article_id, "shown to readers again", at, agent)


def addresses(db: sqlite3.Connection) -> set[str]:
    """The addresses of all hidden articles."""
    return {row["url"] for row in db.execute("SELECT url FROM articles WHERE hidden_at NOTNULL")}


def _note(db: sqlite3.Connection, article_id: int, detail: str, at: datetime, agent: str) -> None:
    # PREMIS has no term for hiding; it is a decision on who may see what.
    evidence.note(db, at, "policy assignment", f"article {article_id}", "success", detail, agent)
