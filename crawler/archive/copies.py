"""The same article under several addresses: it is kept once, under the best of them."""

import re
import sqlite3
from dataclasses import dataclass
from urllib.parse import parse_qsl

from crawler.archive import indexing, noise
from crawler.archive.policy import NEVER
from crawler.archive.saver import Saver
from crawler.archive.texts import content_sha256, iso
from crawler.items import Article, Page, ReadPage
from crawler.traps import is_token
from crawler.urls import key_of

_TELLING = 200
"""Characters of text that no two articles share; "Xem tệp đính kèm" is the text of many."""
_NUMBERS = re.compile(r"\d+")
_IDENTITY = re.compile(r"(?:item|doc|news|article|content|post|bai|tin)[_-]?(?:viet)?[_-]?id", re.I)

_TELLS_APART = re.compile(rf"{_IDENTITY.pattern}|\w?id|p", re.I)


@dataclass(frozen=True, slots=True)
class Kept:
    """An article that the archive has."""

    article_id: int
    url_id: int
    url: str
    key: str


def kept(saver: Saver, read: ReadPage) -> Kept | None:
    """The article that `read` shows, if the archive has it under another address only.

    Its text is the same; or its title and date are, and the page names that address as its right
    one, or both addresses name the same number. A portal may say of all its pages that the home
    page is the right one, so what it says is never enough.
    """
    article = read.article
    if article is None or saver.capture_id is None or _has_own(saver):
        return None
    same_text = (found for found in _with_text(saver, article) if _shows(saver, article, found))
    return next(same_text, None) or _named(saver, read, article)


def settle(saver: Saver, known: Kept) -> bool:
    """Let one of the two addresses stand for the other; True if the article moves to this one.

    Call when the page's URL is settled; after True, the article is kept as ever.
    """
    page = saver.page
    noise.learn(saver, key_of(page.url), known.key)
    if not _is_better(page, known):
        _stand_for(saver, page.url_id, known.url_id, known.url)
        return False
    saver.db.execute(
        "UPDATE articles SET url_id = ?, url = ? WHERE id = ?",
        (page.url_id, page.url, known.article_id),
    )
    indexing.moved(saver.db, known.url_id, page.url_id)
    saver.db.execute("UPDATE urls SET same_as = ? WHERE same_as = ?", (page.url_id, known.url_id))
    _stand_for(saver, known.url_id, page.url_id, page.url)
    return True


def is_copy(db: sqlite3.Connection, url_id: int) -> bool:
    """Whether the URL's article is kept under another one."""
    found = db.execute("SELECT 1 FROM urls WHERE id = ? AND same_as IS NOT NULL", (url_id,))
    return found.fetchone() is not None


def revive(saver: Saver) -> None:
    """The page's URL is gone: ask for the addresses again that it stood for."""
    saver.db.execute(
        """UPDATE urls SET state = 'waiting', reason = NULL, same_as = NULL, tries = 0, due_at = ?
           WHERE same_as = ?""",
        (saver.seen_at, saver.page.url_id),
    )


def _stand_for(saver: Saver, copy: int, url_id: int, url: str) -> None:
    saver.db.execute(
        """UPDATE urls SET state = 'refused', reason = ?, same_as = ?, due_at = ? WHERE id = ?""",
        (f"same article as {url}", url_id, NEVER, copy),
    )


def _is_better(page: Page, known: Kept) -> bool:
    """The one that the page calls its own, or that is the other without a parameter."""
    own = key_of(page.url)
    if known.key.startswith(own + "?"):
        return True
    named = {link.key for link in page.links if link.canonical}
    return own in named and len(own) < len(known.key)


def _has_own(saver: Saver) -> bool:
    found = saver.db.execute("SELECT 1 FROM articles WHERE url_id = ?", (saver.page.url_id,))
    return found.fetchone() is not None


def _with_text(saver: Saver, article: Article) -> list[Kept]:
    rows = saver.db.execute(
        """SELECT DISTINCT a.id, a.url_id, u.url, u.key
           FROM versions v JOIN articles a ON a.id = v.article_id JOIN urls u ON u.id = a.url_id
           WHERE v.content_sha256 = ? AND a.portal_id = ? AND a.absent_since IS NULL LIMIT 20""",
        (content_sha256(article), saver.run.portal_id),
    )
    return [Kept(*row) for row in rows]


def _shows(saver: Saver, article: Article, known: Kept) -> bool:
    """Whether a known article of the same text offers the same files, and shows the same images."""
    files = {each.url for each in article.attachments}
    images = {each.url for each in article.images}
    if files != _urls(saver, "attachments", known):
        return False
    if len(article.body or "") >= _TELLING:
        return True
    return bool(files or images) and images == _urls(saver, "images", known)


def _urls(saver: Saver, table: str, known: Kept) -> set[str]:
    rows = saver.db.execute(f"SELECT url FROM {table} WHERE article_id = ?", (known.article_id,))
    return {row["url"] for row in rows}


def _named(saver: Saver, read: ReadPage, article: Article) -> Kept | None:
    """The article of this title and date at an address that names the same thing.

    Its text may differ at each visit.
    """
    if not article.title or article.published_on is None:
        return None
    rows = saver.db.execute(
        """SELECT a.id, a.url_id, u.url, u.key FROM articles a JOIN urls u ON u.id = a.url_id
           WHERE a.portal_id = ? AND a.published_on = ? AND a.title = ?
             AND a.absent_since IS NULL LIMIT 20""",
        (saver.run.portal_id, iso(article.published_on), article.title),
    )
    canonical = {link.key for link in read.page.links if link.canonical}
    key = key_of(read.page.url)
    number = _number(key)
    for known in (Kept(*row) for row in rows):
        if known.key in canonical or (number and number == _number(known.key)):
            return known
        if _is_variant(key, known.key) and _has_words(saver, article, known):
            return known
    return None


def _is_variant(key: str, other: str) -> bool:
    """Whether two addresses differ in parameters and tokens only, and in none that is a number of
    an article: so do those of sessions, visits and clocks."""
    (path, _, query), (other_path, _, other_query) = key.partition("?"), other.partition("?")
    differing = {*parse_qsl(query)} ^ {*parse_qsl(other_query)}
    if any(_TELLS_APART.fullmatch(name) for name, _ in differing):
        return False
    segments, others = path.split("/"), other_path.split("/")
    return len(segments) == len(others) and all(
        a == b or (is_token(a) and is_token(b)) for a, b in zip(segments, others, strict=True)
    )


def _has_words(saver: Saver, article: Article, known: Kept) -> bool:
    """Whether the text is the known one's but for its numbers: a counter, a clock."""
    query = "SELECT body FROM articles WHERE id = ?"
    body = saver.db.execute(query, (known.article_id,)).fetchone()["body"]
    words = _NUMBERS.sub("", article.body or "")
    return len(words) >= _TELLING and words == _NUMBERS.sub("", body or "")


def _number(key: str) -> tuple[str, str] | None:
    """The path of an address and the number in it that tells which article is meant."""
    path, _, query = key.partition("?")
    values = [value for name, value in parse_qsl(query) if _IDENTITY.fullmatch(name) and value]
    return (path, values[0]) if len(values) == 1 else None
