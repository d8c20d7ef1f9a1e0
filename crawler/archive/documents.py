"""Official documents: rows for those that pages and lists describe, tied to page, article, files.

Its own page knows a document better than a list does; a list fills what the page leaves open.
"""

from crawler.archive import files
from crawler.archive.connection import timestamp
from crawler.archive.saver import Saver
from crawler.archive.texts import iso
from crawler.items import LegalDocument
from crawler.urls import clean, key_of

_TOLD = ("number", "kind", "issuer", "signer", "issued_on", "effective_on", "abstract", "field")
# Whether what is told now goes before what is known.
_BETTER = "(:by = 'page' OR described_by = 'list') AND :at >= last_seen_at"
_DOCUMENT = f"""
INSERT INTO documents (portal_id, url_id, place, {", ".join(_TOLD)}, described_by, first_seen_at,
    last_seen_at, capture_id)
VALUES (:portal_id, :url_id, :place, {", ".join(f":{name}" for name in _TOLD)}, :by, :at, :at,
    :capture_id)
ON CONFLICT (url_id, place) DO UPDATE SET
    {
    ", ".join(
        f"{n} = iif({_BETTER}, ifnull(excluded.{n}, {n}), ifnull({n}, excluded.{n}))" for n in _TOLD
    )
},
    capture_id = iif({_BETTER}, excluded.capture_id, capture_id),
    described_by = iif(:by = 'page', 'page', described_by),
    first_seen_at = min(first_seen_at, :at), last_seen_at = max(last_seen_at, :at)
RETURNING id, capture_id
"""
_READING = """
INSERT INTO document_readings (document_id, capture_id, field, raw, rule) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (document_id, field) DO UPDATE SET
    capture_id = excluded.capture_id, raw = excluded.raw, rule = excluded.rule WHERE ?
"""


def keep_documents(saver: Saver, documents: tuple[LegalDocument, ...]) -> None:
    """Write what the page says of each document, and ask for its files."""
    for document in documents:
        _keep(saver, document)
    saver.db.execute(
        """UPDATE documents SET article_id = (SELECT id FROM articles WHERE url_id = :url_id)
           WHERE url_id = :url_id""",
        {"url_id": saver.page.url_id},
    )


def _keep(saver: Saver, document: LegalDocument) -> None:
    own = _page_of(saver, document)
    row = saver.db.execute(
        _DOCUMENT,
        {
            **{name: getattr(document, name) for name in _TOLD},
            "issued_on": iso(document.issued_on),
            "effective_on": iso(document.effective_on),
            "portal_id": saver.run.portal_id,
            "url_id": own or saver.page.url_id,
            "place": "" if own else document.place,
            "by": "list" if own or document.place else "page",
            "at": saver.seen_at,
            "capture_id": saver.capture_id,
        },
    ).fetchone()
    is_latest = row["capture_id"] == saver.capture_id
    saver.db.executemany(
        _READING,
        [
            (row["id"], saver.capture_id, reading.field, reading.raw, reading.rule, is_latest)
            for reading in document.readings
        ],
    )
    _tie(saver, row["id"], document)


def _page_of(saver: Saver, document: LegalDocument) -> int | None:
    """The URL of the document's own page, where a list links to one that the frontier has."""
    address = clean(document.url, saver.page.url) if document.url else None
    if address is None:
        return None
    found = saver.db.execute(
        "SELECT id FROM urls WHERE portal_id = ? AND key = ? AND id <> ?",
        (saver.run.portal_id, key_of(address), saver.page.url_id),
    ).fetchone()
    return int(found["id"]) if found else None


def _tie(saver: Saver, document_id: int, document: LegalDocument) -> None:
    """Tie its files to the document; those on the portal's hosts become due."""
    if not document.files:
        return
    page, urls = saver.page, [file.url for file in document.files]
    ids = files.claimed(saver.db, saver.run, urls, page.url_id, page.fetched_at)
    saver.db.executemany(
        """INSERT INTO document_files (document_id, url, filename, url_id) VALUES (?, ?, ?, ?)
           ON CONFLICT (document_id, url) DO UPDATE SET filename = excluded.filename,
               url_id = ifnull(url_id, excluded.url_id)""",
        [(document_id, file.url, file.filename, ids.get(file.url)) for file in document.files],
    )
    facts = {"document": document_id, "now": timestamp(page.fetched_at)}
    for statement in (_SHARE, _FETCH_AGAIN):
        saver.db.execute(statement, facts)


# What was read from a file for another document, or for an article, holds for this one.
_SHARE = """
UPDATE document_files SET (media_type, sha256, text, capture_id) = (
    SELECT media_type, sha256, text, capture_id FROM (
        SELECT url_id, media_type, sha256, text, capture_id FROM document_files
        UNION ALL SELECT url_id, media_type, sha256, text, capture_id FROM attachments) known
    WHERE known.url_id = document_files.url_id AND known.capture_id IS NOT NULL LIMIT 1)
WHERE document_id = :document AND capture_id IS NULL AND url_id IS NOT NULL
"""
_FETCH_AGAIN = """
UPDATE urls SET state = 'waiting', due_at = :now
WHERE state = 'done' AND kind = 'file' AND last_status = 200 AND id IN (
    SELECT url_id FROM document_files WHERE document_id = :document AND capture_id IS NULL)
"""
