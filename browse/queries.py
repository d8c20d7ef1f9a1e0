"""Canned queries: what people ask of an archive, in plain SQL that runs in any SQLite."""

from typing import Any

QUERIES: dict[str, dict[str, Any]] = {
    "search": {
        "title": "Tìm kiếm, hay nhất trước · Search, best first",
        "description": "Có dấu hoặc không dấu. With or without Vietnamese marks.",
        # Each word is quoted, so that nothing the reader types can be a syntax error.
        "sql": """select a.id, a.title, a.published_on, a.category, a.view_count,
  snippet(articles_fts, 3, '[', ']', ' … ', 30) as snippet, a.url
from articles_fts join articles a on a.id = articles_fts.rowid
where articles_fts match
  '"' || replace(trim(replace(:q, '"', ' ')), ' ', '" "') || '"'
order by bm25(articles_fts, 10, 4, 2, 2, 1, 5, 2, 1, 1, 0.5, 0) limit 50""",
    },
    "newest": {
        "title": "Bài mới nhất · Newest articles",
        "sql": """select id, title, published_on, category, author, view_count, url from articles
where published_on is not null order by published_on desc, published_at desc limit 100""",
    },
    "most_read": {
        "title": "Đọc nhiều nhất · Most read",
        "sql": """select id, title, view_count, published_on, category, url from articles
where view_count is not null order by view_count desc limit 100""",
    },
    "changed": {
        "title": "Bài đã bị sửa · Articles whose text changed",
        "sql": """select v.article_id, a.title, count(*) as versions, min(v.seen_at) as first_seen,
  max(v.seen_at) as last_change, a.url
from versions v join articles a on a.id = v.article_id
group by v.article_id having count(*) > 1 order by last_change desc""",
    },
    "missing": {
        "title": "Bài đã biến mất · Articles that the portal no longer has",
        "description": "Vắng trong ba lần thu thập liên tiếp và ít nhất 14 ngày; kèm bằng chứng. "
        "Absent in three crawls in a row and for 14 days; with the evidence.",
        "sql": """select a.id, a.title, a.published_on, a.last_seen_at, s.status as last_seen_http,
  a.seen_capture_id, a.absent_since, g.status as absent_http, a.absent_capture_id, a.absent_runs,
  u.reason, a.url
from articles a join urls u on u.id = a.url_id
left join captures s on s.id = a.seen_capture_id left join captures g on g.id = a.absent_capture_id
where a.status = 'missing' order by a.last_seen_at desc""",
    },
    "absent": {
        "title": "Bài đang vắng hoặc không còn liên kết · Absent for now, or no longer linked",
        "sql": """select a.id, a.title, a.status, a.absent_since, a.absent_runs, a.unlinked,
  a.last_seen_at, u.reason, a.url
from articles a join urls u on u.id = a.url_id
where a.status <> 'missing' and (a.absent_since is not null or a.unlinked)
order by a.absent_since desc""",
    },
    "per_month": {
        "title": "Số bài theo tháng và chuyên mục · Articles per month and category",
        "sql": """select substr(published_on, 1, 7) as month, category, count(*) as articles
from articles where published_on is not null group by month, category order by month desc""",
    },
    "problems_by_kind": {
        "title": "Vấn đề theo loại · Open problems by kind",
        "sql": """select p.field, p.reason, count(*) as pages, min(u.url) as example
from problems p join urls u on u.id = p.url_id where p.resolved_at is null
group by p.field, p.reason order by pages desc""",
    },
}
