"""What an article takes on the disk: WARC records, rows and index, beside gzip and raw FTS5.

    python benchmarks/sizes.py [--articles 400] [--json]

Of a crawled practice portal. WARC is the records of article pages (response, request, metadata, one
gzip member each); gzip is their bodies alone, one by one. Rows are all tables and their indexes but
the full text; raw FTS5 has the same titles and bodies in one spelling, without a copy of the text.
"""

import gzip
import sqlite3
import tempfile
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from benchmarks import corpus, measured, start
from crawler.capture.folder import folder_of

_INDEXES = ("articles_fts", "titles_fts")
_TEXT = """SELECT count(*), sum(length(CAST(ifnull(title, '') AS BLOB))
                              + length(CAST(ifnull(body, '') AS BLOB))) FROM articles"""


def main() -> None:
    """Measure and print."""
    parser = measured.parser(__doc__)
    parser.add_argument("--articles", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = start.archive(Path(folder), options.articles)
        part = _part(path, Path(folder) / "plain.db")
    measured.tell(part, options.json)


def _part(path: Path, peer: Path) -> measured.Part:
    db = sqlite3.connect(path)
    articles, text = db.execute(_TEXT).fetchone()
    records, bodies, gzipped = _pages(db, folder_of(path))
    index = sum(_bytes(db, name) for name in _INDEXES)
    sizes = {
        "title and body as text": text,
        "page as it came": bodies,
        "gzip of the page": gzipped,
        "WARC records of the page": records,
        "rows": _bytes(db, "") - index,
        "index": index,
        "raw FTS5": _bytes(corpus.peer_of(peer, path), "plain"),
        "all WARC files, with images and files": _folder(folder_of(path)),
        "archive.db": path.stat().st_size,
    }
    part = measured.Part("size", f"Bytes for each of {articles} articles of a crawled portal.")
    for name, size in sizes.items():
        part.measure(name, "KB an article", [size / articles / 1000])
    for ours, other in (
        ("WARC records of the page", "gzip of the page"),
        ("index", "raw FTS5"),
        ("rows", "title and body as text"),
    ):
        part.compare(f"bytes, {ours} / {other}", [sizes[ours]], [sizes[other]], measured.LESS)
    return part


def _pages(db: sqlite3.Connection, folder: Path) -> tuple[int, int, int]:
    """Bytes of all records of article pages, of their bodies, and of these gzipped."""
    articles = {url for (url,) in db.execute("SELECT url FROM articles")}
    records = bodies = gzipped = 0
    for path in sorted(folder.glob("*.warc.gz")):
        with path.open("rb") as file:
            walk = ArchiveIterator(file)
            for record in walk:
                is_article = record.rec_headers.get_header("WARC-Target-URI") in articles
                body = record.content_stream().read() if is_article else b""
                # Read to its end, it knows its length.
                walk.read_to_end(record)
                if is_article:
                    records += walk.get_record_length()
                if is_article and record.rec_type == "response":
                    bodies += len(body)
                    gzipped += len(gzip.compress(body, 6))
    return records, bodies, gzipped


def _bytes(db: sqlite3.Connection, prefix: str) -> int:
    """Of all tables and indexes in the file whose names begin so."""
    found = db.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE ? || '%'", (prefix,))
    return int(found.fetchone()[0] or 0)


def _folder(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


if __name__ == "__main__":
    main()
