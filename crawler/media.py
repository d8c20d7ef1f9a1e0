"""What kind of file some bytes are: names and headers of district portals lie too often.

A table of the kinds that districts publish. puremagic knows some thousand more, and for these
fifteen it gives several guesses each; filetype has had no release since 2022.
"""

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

PDF = "application/pdf"
DOCX = _WORD
HTML = "text/html"

_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\0\0\1\0", "image/x-icon"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"{\\rtf", "application/rtf"),
)
# Office files are zips; which ones, the names in the zip's directory tell.
_IN_ZIP = (
    (b"word/document", _WORD),
    (b"xl/workbook", _SHEET),
    (b"ppt/presentation", _SLIDES),
    (b"META-INF/manifest.xml", "application/vnd.oasis.opendocument.text"),
)
# Office files until 2003 are OLE containers, whose streams are named in UTF-16.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IN_OLE = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
)
# Readers take a PDF whose header stands within its first 1024 bytes (ISO 32000-1, annex H.3).
_PDF_WITHIN = 1024


def media_type_of(body: bytes) -> str | None:
    """The media type of a file by its bytes, or None when they are of no known kind."""
    for signature, media_type in _SIGNATURES:
        if body.startswith(signature):
            return media_type
    if body.startswith(b"RIFF") and body[8:12] == b"WEBP":
        return "image/webp"
    if body.startswith(b"PK\x03\x04"):
        return _zipped(body)
    if body.startswith(_OLE):
        return _contained(body)
    return PDF if b"%PDF-" in body[:_PDF_WITHIN] else _marked_up(body)


def _zipped(body: bytes) -> str:
    """Only the directory counts: a zip may well hold Office files among others."""
    end = body.rfind(b"PK\x05\x06")
    start = int.from_bytes(body[end + 16 : end + 20], "little") if end >= 0 else len(body)
    names = body[start:end]
    return next((kind for name, kind in _IN_ZIP if name in names), "application/zip")


def _contained(body: bytes) -> str:
    kinds = (kind for name, kind in _IN_OLE if name.encode("utf-16-le") in body)
    return next(kinds, "application/x-ole-storage")


def _marked_up(body: bytes) -> str | None:
    start = body[:_PDF_WITHIN].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<title", b"<script")):
        return HTML
    if start.startswith(b"<svg") or (start.startswith(b"<?xml") and b"<svg" in start):
        return "image/svg+xml"
    return HTML if start.startswith((b"<?xml", b"<!--")) and b"<html" in start else None
