"""Writing an article as a page shows it: its columns, how they were read, its parts."""

from crawler.archive import files, indexing, presence, runs
from crawler.archive.checksums import checksum, of_article
from crawler.archive.connection import timestamp
from crawler.archive.counts import keep_views
from crawler.archive.saver import Saver
from crawler.archive.texts import add_text, iso
from crawler.items import Article
from crawler.personal import why_private

# Whether an article is hidden is decided when it is first seen, and then by people only.
_ARTICLE = """
INSERT INTO articles (portal_id, url_id, url, title, published_on, published_at, published_raw,
    view_count, author, category, summary, body, body_html, layout, rating_score, rating_count,
    first_seen_at, last_seen_at, capture_id, seen_capture_id, hidden_at, hidden_why,
    checksum)
VALUES (:portal_id, :url_id, :url, :title, :published_on, :published_at, :published_raw,
    :view_count, :author, :category, :summary, :body, :body_html, :layout, :rating_score,
    :rating_count, :seen_at, :seen_at, :capture_id, :capture_id,
    iif(:hidden_why IS NULL, NULL, :seen_at), :hidden_why, :checksum)
ON CONFLICT (url_id) DO UPDATE SET
    url = excluded.url, title = excluded.title, published_on = excluded.published_on,
    published_at = excluded.published_at, published_raw = excluded.published_raw,
    view_count = excluded.view_count, author = excluded.author, category = excluded.category,
    summary = excluded.summary, body = excluded.body, body_html = excluded.body_html,
    layout = excluded.layout, rating_score = excluded.rating_score,
    rating_count = excluded.rating_count, capture_id = excluded.capture_id,
    checksum = excluded.checksum
RETURNING id
"""


def keep_article(saver: Saver, article: Article, capture_id: int) -> None:
    """Write the article as this page shows it, and a version if its text is another."""
    values = columns(saver, article, capture_id)
    indexing.take_over(saver.db, saver.page.url_id, values)
    article_id = saver.db.execute(_ARTICLE, values).fetchone()[0]
    new, changed = add_text(saver.db, article_id, capture_id, saver.seen_at, article)
    presence.seen(saver.db, article_id, saver.seen_at, capture_id)
    keep_views(saver, article_id, article.view_count, capture_id)
    keep_readings(saver, article_id, article, capture_id, everything=new or changed)
    keep_parts(saver, article_id, article)
    runs.count(
        saver.db,
        saver.run.id,
        articles_seen=1,
        articles_new=int(new),
        articles_changed=int(changed),
    )


def columns(saver: Saver, article: Article, capture_id: int) -> dict[str, object]:
    """The article's columns by name, as `articles` has them."""
    rating = article.rating
    values = {
        "portal_id": saver.run.portal_id,
        "url_id": saver.page.url_id,
        "url": article.url,
        "title": article.title,
        "published_on": iso(article.published_on),
        "published_at": timestamp(article.published_at) if article.published_at else None,
        "published_raw": article.published_raw,
        "view_count": article.view_count,
        "author": article.author,
        "category": article.category,
        "summary": article.summary,
        "body": article.body,
        "body_html": article.body_html,
        "layout": article.layout,
        "rating_score": rating.score if rating else None,
        "rating_count": rating.count if rating else None,
        "seen_at": saver.seen_at,
        "capture_id": capture_id,
        "hidden_why": why_private(article.url, article.category),
    }
    return {**values, "checksum": of_article(values)}


def keep_readings(
    saver: Saver, article_id: int, article: Article, capture_id: int, *, everything: bool
) -> None:
    """Keep how each field of a version was read; of an unchanged one only the count is news."""
    saver.db.executemany(
        """INSERT INTO readings (article_id, capture_id, field, raw, rule, checksum)
           VALUES (?, ?, ?, ?, ?, ?)""",
        [
            (article_id, capture_id, *read, checksum(*read))
            for reading in article.readings
            if everything or reading.field == "view_count"
            for read in ((reading.field, reading.raw, reading.rule),)
        ],
    )


def keep_parts(saver: Saver, article_id: int, article: Article) -> None:
    """Tie the images and attachments that the page shows to the article."""
    page = saver.page
    files.tie(saver.db, saver.run, article, article_id, page.url_id, page.fetched_at)
