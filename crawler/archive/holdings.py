"""What the archive holds, for packages and for replay: WARC files, pages, captures, events."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from crawler.archive.hiding import SHOWN
from crawler.errors import BadInput
from crawler.words import tr


def portal_id(db: sqlite3.Connection, slug: str) -> int:
    """The number of the portal `slug`; BadInput names the portals that there are."""
    slugs = {row["slug"]: int(row["id"]) for row in db.execute("SELECT id, slug FROM portals")}
    if slug not in slugs:
        raise BadInput(
            tr(
                "the archive has no portal {slug}; it has: {portals}",
                slug=slug,
                portals=", ".join(sorted(slugs)) or "-",
            )
        )
    return slugs[slug]


def warc_files(db: sqlite3.Connection, portal: int | None = None) -> set[str]:
    """Names of the WARC files that rows point at; of one portal only, if so wished.

    The originals of a portal's revisits may lie in the file of another portal: they are named too.
    """
    rows = db.execute(
        """WITH mine AS (
             SELECT c.warc_file, c.refers_to FROM captures c JOIN urls u ON u.id = c.url_id
             WHERE c.warc_file IS NOT NULL AND (:portal IS NULL OR u.portal_id = :portal))
           SELECT warc_file FROM mine
           UNION SELECT c.warc_file FROM captures c WHERE c.warc_file IS NOT NULL
             AND c.id IN (SELECT refers_to FROM mine)""",
        {"portal": portal},
    )
    return {row["warc_file"] for row in rows}


def pages(
    db: sqlite3.Connection, portal: int | None = None, articles: Iterable[int] | None = None
) -> Iterator[sqlite3.Row]:
    """Each article with the capture it was last read from, by date of publication.

    Of one portal or of some `articles` only, if so wished; hidden ones are left out. Columns: id,
    title, published_on, body, url, captured_at, warc_file.
    """
    return db.execute(
        f"""SELECT a.id, a.title, a.published_on, a.body, u.url, c.captured_at, c.warc_file
           FROM articles a JOIN captures c ON c.id = a.capture_id JOIN urls u ON u.id = c.url_id
           WHERE c.warc_file IS NOT NULL AND (:portal IS NULL OR a.portal_id = :portal)
             AND (:ids IS NULL OR a.id IN (SELECT value FROM json_each(:ids))) AND {SHOWN}
           ORDER BY a.published_on, a.id""",
        {"portal": portal, "ids": None if articles is None else json.dumps(list(articles))},
    )


def count_hidden(db: sqlite3.Connection, portal: int | None = None) -> int:
    """How many articles are hidden from readers, of one portal only if so wished."""
    row = db.execute(
        """SELECT count(*) FROM articles
           WHERE hidden_at IS NOT NULL AND (:portal IS NULL OR portal_id = :portal)""",
        {"portal": portal},
    ).fetchone()
    return int(row[0])


def places(db: sqlite3.Connection, articles: Iterable[int]) -> list[tuple[str, int, int]]:
    """File and byte offset of the records that show `articles`, sorted, and the offset of the
    capture that stands before in the file (0 for the first).

    These are all captures of their pages, images and attachments, and the originals of revisits.
    """
    rows = db.execute(
        f"""WITH chosen AS (SELECT a.id, a.url_id FROM articles a
               WHERE a.id IN (SELECT value FROM json_each(?)) AND {SHOWN}),
             shown (id) AS (
               SELECT c.id FROM chosen JOIN captures c ON c.url_id = chosen.url_id
               UNION SELECT v.capture_id FROM chosen JOIN versions v ON v.article_id = chosen.id
               UNION SELECT i.capture_id FROM chosen JOIN images i ON i.article_id = chosen.id
               UNION SELECT f.capture_id FROM chosen JOIN attachments f
                   ON f.article_id = chosen.id),
             wanted (id) AS (SELECT id FROM shown
               UNION SELECT c.refers_to FROM shown JOIN captures c ON c.id = shown.id)
           SELECT DISTINCT c.warc_file, c.warc_offset, ifnull((SELECT max(b.warc_offset)
               FROM captures b WHERE b.warc_file = c.warc_file
                 AND b.warc_offset < c.warc_offset), 0) AS before
           FROM wanted JOIN captures c ON c.id = wanted.id
           WHERE c.warc_file IS NOT NULL ORDER BY 1, 2""",
        (json.dumps(list(articles)),),
    )
    return [(row["warc_file"], row["warc_offset"], row["before"]) for row in rows]


def records(db: sqlite3.Connection) -> Iterator[sqlite3.Row]:
    """Every capture that has a record.

    Columns: url, form, captured_at, status, media_type, payload_sha256, record_type, warc_file,
    warc_offset, warc_length.
    """
    return db.execute(
        """SELECT c.url, u.form, c.captured_at, c.status, c.media_type, c.payload_sha256,
                  c.record_type, c.warc_file, c.warc_offset, c.warc_length
           FROM captures c JOIN urls u ON u.id = c.url_id WHERE c.warc_file IS NOT NULL"""
    )


def events(db: sqlite3.Connection) -> Iterator[sqlite3.Row]:
    """The audit log, oldest first. Columns: id, at, event_type, object, outcome, detail, agent."""
    return db.execute(
        "SELECT id, at, event_type, object, outcome, detail, agent FROM events ORDER BY id"
    )


def copy(db: sqlite3.Connection, target: Path) -> None:
    """Write a consistent copy of the archive to `target`, which must not exist.

    The copy is one file: it needs no write-ahead log, so it can be read from any medium.
    """
    db.execute("VACUUM INTO ?", (str(target),))
