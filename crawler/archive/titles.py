"""What the title of a home page tells: whose portal it is, where its host name may mean several.

`kimson.ninhbinh.gov.vn` was a district's and may be a commune's today; `huyện Kim Sơn` is one.
"""

from crawler.archive import units
from crawler.archive.saver import Saver
from crawler.items import ReadPage
from crawler.profiles import Profile
from crawler.selectors import text_of
from crawler.units.portals import by_title, unit_of
from crawler.urls import key_of


def read_title(saver: Saver, read: ReadPage) -> None:
    """Hang the portal on the unit that its home page names, if that was not clear."""
    if read.page.kind != "home" or read.page.status != 200:
        return
    row = saver.db.execute(
        """SELECT slug, name, url FROM portals p WHERE id = ? AND unit_id IS NULL AND EXISTS
               (SELECT 1 FROM problems WHERE url_id = ? AND field = ? AND resolved_at IS NULL)""",
        (saver.run.portal_id, saver.page.url_id, units.FIELD),
    ).fetchone()
    if row is None:
        return
    placed = unit_of(Profile(**row))
    titles = [text_of(title) for title in read.page.document.tree.iter("title")][:1]
    unit = by_title(placed.choices, titles[0]) if titles else None
    if unit:
        units.settle(saver.db, saver.run.portal_id, key_of(row["url"]), unit, saver.seen_at)
