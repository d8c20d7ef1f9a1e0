"""What pages look like, so that a page that is another's copy but for its numbers is told."""

from collections import Counter

from crawler.archive.saver import Saver
from crawler.document import likeness_of
from crawler.items import Link, ReadPage
from crawler.traps import families
from crawler.urls import UNCLAIMED

_LINKS_OF_A_HOME_PAGE = 5
_LIKE_A_HOME_PAGE = frozenset({"listing", "other", "home"})


def shown(read: ReadPage, key: str) -> list[Link]:
    """What the page at `key` shows, as links: without further pages, refused ones and itself.

    A link to the page's own path that is the only one of its family is the page itself in another
    dress ("?xuat=word"); items of a list would be several.
    """
    path = key.partition("?")[0]
    links = [
        link
        for link in read.page.links
        if link.refused in (None, UNCLAIMED) and link.kind != "listing" and not link.canonical
    ]
    alone = Counter(families(link.key)[0] for link in links)
    return [
        link
        for link in links
        if link.key.partition("?")[0] != path or alone[families(link.key)[0]] > 1
    ]


def note(saver: Saver, read: ReadPage, links: list[Link]) -> str:
    """The digest of what the page looks like, which is kept with its URL (column `likeness`).

    A page of a listing looks like what it lists (`links`), another page like its words: neither a
    clock nor a counter makes a difference.
    """
    keys = sorted({link.key for link in links})
    digest = likeness_of(keys) if read.page.claim else _words(read)
    saver.db.execute("UPDATE urls SET likeness = ? WHERE id = ?", (digest, saver.page.url_id))
    return digest


def _words(read: ReadPage) -> str:
    return read.likeness or read.page.document.likeness


def is_home(saver: Saver, read: ReadPage) -> bool:
    """Whether the page says the same words as the home page, which has a clock or a counter.

    What the home page itself says is noted.
    """
    if read.kind not in _LIKE_A_HOME_PAGE or len(read.page.links) < _LINKS_OF_A_HOME_PAGE:
        return False
    home = saver.db.execute(
        "SELECT id, likeness FROM urls WHERE portal_id = ? AND key = ?",
        (saver.run.portal_id, saver.run.home),
    ).fetchone()
    digest = _words(read)
    if home and home["id"] == saver.page.url_id:
        saver.db.execute("UPDATE urls SET likeness = ? WHERE id = ?", (digest, home["id"]))
        return False
    return home is not None and home["likeness"] == digest


def alike(saver: Saver, digest: str) -> set[str]:
    """The families that have another page with this likeness."""
    rows = saver.db.execute(
        """SELECT key FROM urls WHERE portal_id = ? AND likeness = ? AND id <> ? LIMIT 50""",
        (saver.run.portal_id, digest, saver.page.url_id),
    )
    return {family for row in rows for family in families(row["key"])}


def repeats(saver: Saver, digest: str, series: str) -> bool:
    """Whether another page of the listing lists just the same."""
    found = saver.db.execute(
        """SELECT 1 FROM urls u JOIN listing_claims c ON c.url_id = u.id
           WHERE u.portal_id = ? AND u.likeness = ? AND u.id <> ? AND c.series = ? LIMIT 1""",
        (saver.run.portal_id, digest, saver.page.url_id, series),
    )
    return found.fetchone() is not None
