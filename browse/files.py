"""Images and attachments of articles, out of their WARC records.

They are bytes of a stranger: no browser may take them for a page, run or frame them.
"""

from typing import Any
from urllib.parse import quote

from browse.visit import File, NotThere, Visit
from crawler.archive import parts
from crawler.replaying.payload import message_of
from crawler.words import tr

_SHOWN = {"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/svg+xml"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=86400",
}
"""Of every answer with a stranger's bytes."""


def image(visit: Visit) -> File:
    """The page `image/ID`."""
    found = parts.image(visit.db, int(visit.words["id"]))
    if found is None or found["media_type"] not in _SHOWN:
        raise NotThere(tr("this image is not in the archive"))
    return _file(visit, found, found["media_type"])


def attachment(visit: Visit) -> File:
    """The page `attachment/ID`, to be saved and not to be opened in the browser."""
    return _saved(visit, parts.attachment(visit.db, int(visit.words["id"])))


def document_file(visit: Visit) -> File:
    """The page `document/ID`: a file of an official document, to be saved too."""
    return _saved(visit, parts.document_file(visit.db, int(visit.words["id"])))


def _saved(visit: Visit, found: dict[str, Any] | None) -> File:
    if found is None:
        raise NotThere(tr("this attachment is not in the archive"))
    name = quote(found["filename"], safe="")
    file = _file(visit, found, found["media_type"] or "application/octet-stream")
    file.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return file


def _file(visit: Visit, found: dict[str, Any], media_type: str) -> File:
    message = message_of(visit.warcs, found)
    coding = message.coding
    headers = {**HEADERS, **({"Content-Encoding": coding} if coding else {})}
    return File(message.payload, media_type, headers)
