"""What a report lists: for each section a query whose rows are counted and shown.

What became of URLs is told as the archive has it now: of an older run it is not kept.
"""

from dataclasses import dataclass

from crawler.archive.verdict import FAILED


@dataclass(frozen=True, slots=True)
class Section:
    """One list of a report."""

    key: str
    """Its name in JSON."""
    title: str
    """Its heading, to be translated."""
    sql: str
    """Selects its rows, for `:run`, `:portal`, `:began` and `:ended` (when the run did)."""
    weight: str = ""
    """The column whose sum counts, where a row stands for several things; else rows are counted."""


_OF_RUN = "SELECT id FROM captures WHERE run_id = :run"
# The first version of an article says when it was new; a later one, when it changed.
_FIRST = "SELECT min(id) FROM versions WHERE article_id = a.id"
_ASKED = "EXISTS (SELECT 1 FROM captures WHERE url_id = a.url_id AND run_id = :run)"
_BEFORE = """SELECT status FROM captures WHERE url_id = a.url_id AND run_id < :run
    ORDER BY id DESC LIMIT 1"""

SECTIONS = (
    Section(
        "alarms",
        "Alarms",
        """SELECT p.reason, u.url, p.seen_at FROM problems p JOIN urls u ON u.id = p.url_id
        WHERE u.portal_id = :portal AND p.resolved_at IS NULL
            AND (p.field LIKE 'drift%' OR p.field = 'home page')
        ORDER BY p.id""",
    ),
    Section(
        "blocked",
        "Blocked",
        f"""SELECT reason, url, last_fetched_at FROM urls
        WHERE portal_id = :portal AND {FAILED} AND reason LIKE 'blocked%' ORDER BY id""",
    ),
    Section(
        "failed",
        "Failed",
        f"""SELECT reason, url, last_fetched_at FROM urls WHERE portal_id = :portal
        AND {FAILED} AND ifnull(reason, '') NOT LIKE 'blocked%' ORDER BY reason, id""",
    ),
    Section(
        "absent",
        "Absent",
        f"""SELECT a.title, a.url, a.absent_since, a.absent_runs, a.status FROM articles a
        WHERE a.portal_id = :portal AND a.absent_since IS NOT NULL AND {_ASKED}
        ORDER BY a.absent_since, a.id""",
    ),
    Section(
        "back",
        "Back again",
        f"""SELECT a.title, a.url, ({_BEFORE}) AS last_status FROM articles a
        JOIN captures c ON c.id = a.seen_capture_id
        WHERE a.portal_id = :portal AND c.run_id = :run AND a.absent_since IS NULL
            AND ({_BEFORE}) IN (301, 302, 303, 307, 308, 404, 410) ORDER BY a.id""",
    ),
    Section(
        "new",
        "New articles",
        f"""SELECT a.title, a.url, a.published_on FROM versions v
        JOIN articles a ON a.id = v.article_id
        WHERE v.capture_id IN ({_OF_RUN}) AND v.id = ({_FIRST}) ORDER BY v.id""",
    ),
    Section(
        "changed",
        "Changed articles",
        f"""SELECT a.title, a.url, count(*) AS versions FROM versions v
        JOIN articles a ON a.id = v.article_id
        WHERE v.capture_id IN ({_OF_RUN}) AND v.id > ({_FIRST}) GROUP BY a.id ORDER BY a.id""",
    ),
    Section(
        "gone",
        "Named by the portal, but not there",
        """SELECT u.reason, u.url, f.url AS found_on FROM urls u JOIN urls f ON f.id = u.found_on
        WHERE u.portal_id = :portal AND u.state = 'gone' AND u.kind <> 'file'
            AND f.kind IN ('sitemap', 'feed', 'listing')
            AND NOT EXISTS (SELECT 1 FROM articles WHERE url_id = u.id) ORDER BY u.id""",
    ),
    Section(
        "files",
        "Images and attachments that are not there",
        """SELECT u.reason, u.url, f.url AS found_on FROM urls u
        LEFT JOIN urls f ON f.id = u.found_on
        WHERE u.portal_id = :portal AND u.state = 'gone' AND u.kind = 'file' ORDER BY u.id""",
    ),
    Section(
        "forbidden",
        "Listed, but forbidden by robots.txt",
        """SELECT u.url, f.url AS found_on FROM urls u JOIN urls f ON f.id = u.found_on
        WHERE u.portal_id = :portal AND u.state = 'refused' AND u.reason LIKE '%robots.txt%'
            AND f.kind IN ('sitemap', 'feed', 'listing') ORDER BY u.id""",
    ),
    Section(
        "refused",
        "Not asked for",
        """SELECT ifnull(reason, '') AS reason, count(*) AS urls, min(url) AS example FROM urls
        WHERE portal_id = :portal AND state = 'refused' GROUP BY reason
        ORDER BY urls DESC, reason""",
        weight="urls",
    ),
    Section(
        "planted",
        "Planted links",
        """SELECT s.href, s.text, s.why, s.first_seen_at, u.url AS found_on FROM suspect_links s
        JOIN urls u ON u.id = s.url_id
        WHERE u.portal_id = :portal AND s.first_seen_at <= :ended AND s.last_seen_at >= :began
        ORDER BY s.score DESC, s.id""",
    ),
    Section(
        "problems",
        "Open problems",
        """SELECT p.reason, p.field, count(*) AS pages, min(u.url) AS example
        FROM problems p JOIN urls u ON u.id = p.url_id
        WHERE u.portal_id = :portal AND p.resolved_at IS NULL
            AND ifnull(p.field, '') NOT LIKE 'drift%' AND ifnull(p.field, '') <> 'home page'
        GROUP BY p.field, p.reason ORDER BY pages DESC, p.reason""",
        weight="pages",
    ),
    Section(
        "slow",
        "Slowest answers",
        """SELECT c.fetch_ms, u.url, c.size FROM captures c JOIN urls u ON u.id = c.url_id
        WHERE c.run_id = :run AND c.fetch_ms IS NOT NULL ORDER BY c.fetch_ms DESC, c.id LIMIT 10""",
    ),
)
