"""Canned queries: what people ask of an archive.

Plain SQL that runs in any SQLite, but for `luutru_match` and `luutru_fold` (`crawler.search.sql`),
which find a word however its reader spells it.
"""

from typing import Any

QUERIES: dict[str, dict[str, Any]] = {
    "search": {
        "title": "Tìm kiếm, hay nhất trước · Search, best first",
        "description": "Có dấu hoặc không dấu. With or without Vietnamese marks.",
        "sql": """select a.id, a.title, a.published_on, a.category, a.view_count,
  snippet(articles_fts, 3, '[', ']', ' … ', 30) as snippet, a.url
from articles_fts join articles a on a.id = articles_fts.rowid
where articles_fts match luutru_match(:q)
  and a.hidden_at is null
order by bm25(articles_fts, 10, 4, 2, 2, 1, 5, 2, 1, 1, 0.5, 0) limit 50""",
    },
    "newest": {
        "title": "Bài mới nhất · Newest articles",
        "sql": """select id, title, published_on, category, author, view_count, url from articles
where published_on is not null and hidden_at is null
order by published_on desc, published_at desc limit 100""",
    },
    "most_read": {
        "title": "Đọc nhiều nhất · Most read",
        "sql": """select id, title, view_count, published_on, category, url from articles
where view_count is not null and hidden_at is null
order by view_count desc limit 100""",
    },
    "changed": {
        "title": "Bài đã bị sửa · Articles whose text changed",
        "sql": """select v.article_id, a.title, count(*) as versions, min(v.seen_at) as first_seen,
  max(v.seen_at) as last_change, a.url
from versions v join articles a on a.id = v.article_id where a.hidden_at is null
group by v.article_id having count(*) > 1 order by last_change desc""",
    },
    "changed_last_week": {
        "title": "Bị sửa trong tuần qua · What changed last week",
        "description": "Bảy ngày trước lần thu thập gần nhất. "
        "The seven days before the latest crawl.",
        "sql": """select v.seen_at as changed_at, v.article_id, a.title, b.title as title_before,
  a.published_on, p.name as portal, a.url
from versions v join articles a on a.id = v.article_id join portals p on p.id = a.portal_id
join versions b on b.id = (select id from versions where article_id = v.article_id
  and (seen_at, id) < (v.seen_at, v.id) order by seen_at desc, id desc limit 1)
where v.seen_at >= strftime('%Y-%m-%dT%H:%M:%SZ',
    (select max(ifnull(finished_at, started_at)) from runs), '-7 days')
  and a.hidden_at is null
order by v.seen_at desc, v.id desc""",
    },
    # SQLite takes the index of what is not present only for a condition in its own words.
    "missing": {
        "title": "Bài đã biến mất · Articles that the portal no longer has",
        "description": "Vắng trong ba lần thu thập liên tiếp và ít nhất 14 ngày; kèm bằng chứng. "
        "Absent in three crawls in a row and for 14 days; with the evidence.",
        "sql": """select a.id, a.title, a.published_on, a.last_seen_at, s.status as last_seen_http,
  a.seen_capture_id, a.absent_since, g.status as absent_http, a.absent_capture_id, a.absent_runs,
  u.reason, a.url
from articles a join urls u on u.id = a.url_id
left join captures s on s.id = a.seen_capture_id left join captures g on g.id = a.absent_capture_id
where a.status <> 'present' and a.status = 'missing' and a.hidden_at is null
order by a.last_seen_at desc""",
    },
    "absent": {
        "title": "Bài đang vắng hoặc không còn liên kết · Absent for now, or no longer linked",
        "sql": """select a.id, a.title, a.status, a.absent_since, a.absent_runs, a.unlinked,
  a.last_seen_at, u.reason, a.url
from articles a join urls u on u.id = a.url_id
where a.status <> 'missing' and a.hidden_at is null and (a.absent_since is not null or a.unlinked)
order by a.absent_since desc""",
    },
    "most_read_per_month": {
        "title": "Đọc nhiều nhất mỗi tháng · Most read per month",
        "description": "Mười bài được xem nhiều nhất trong các bài đăng mỗi tháng. "
        "The ten most viewed of the articles published in each month.",
        "sql": """select month, place, id, title, view_count, category, url from (
  select substr(published_on, 1, 7) as month, id, title, view_count, category, url,
    row_number() over (partition by substr(published_on, 1, 7)
      order by view_count desc, id) as place
  from articles
  where published_on is not null and view_count is not null and hidden_at is null)
where place <= 10 order by month desc, place""",
    },
    "named_per_year": {
        "title": "Người này được nhắc mấy lần mỗi năm · How often was this person named per year",
        "description": "Số bài có tên viết liền nhau, có dấu hoặc không dấu. "
        "Articles that have the name as a phrase, with or without marks.",
        "sql": """select substr(a.published_on, 1, 4) as year, count(*) as articles
from articles_fts join articles a on a.id = articles_fts.rowid
where articles_fts match luutru_match('"' || replace(:name, '"', ' ') || '"')
  and a.hidden_at is null
group by year order by year""",
    },
    "planted_links": {
        "title": "Trang bị cài liên kết lạ · Which pages carry planted links",
        "sql": """select u.url as page, p.name as portal, count(*) as links,
  sum(s.hidden) as hidden,
  group_concat(distinct s.why) as why, min(s.href) as example, min(s.first_seen_at) as first_seen,
  max(s.last_seen_at) as last_seen
from suspect_links s join urls u on u.id = s.url_id join portals p on p.id = u.portal_id
group by u.id order by links desc, page""",
    },
    "never_captured": {
        "title": "Chưa từng lưu được · What was never captured",
        "description": "Địa chỉ đã biết mà chưa lần nào nhận được nội dung, và vì sao. "
        "Addresses that are known but never gave a page, and why.",
        "sql": """select u.url, u.linked_as, u.kind, u.state, u.reason, u.last_status, u.tries,
  u.found_at, f.url as found_on, p.name as portal
from urls u join portals p on p.id = u.portal_id left join urls f on f.id = u.found_on
where not exists (select 1 from captures c where c.url_id = u.id and c.status < 300)
order by u.state, u.kind, u.id""",
    },
    "never_captured_called": {
        "title": "Chưa từng lưu được, theo chữ dẫn tới · Never captured, by words that link there",
        "description": "Các bài chỉ còn biết tựa đề: trang nào của cổng đã dẫn tới, và vì sao "
        "không lưu được. Có dấu hoặc không dấu. Articles of which only a title is known: which "
        "page linked there, and why nothing was kept. With or without Vietnamese marks.",
        "sql": """select u.linked_as, u.url, u.state, u.reason, f.url as found_on, p.name as portal
from urls u join portals p on p.id = u.portal_id left join urls f on f.id = u.found_on
where u.linked_as is not null and luutru_fold(u.linked_as) like '%' || luutru_fold(:words) || '%'
  and not exists (select 1 from captures c where c.url_id = u.id and c.status < 300)
order by u.linked_as limit 200""",
    },
    "per_month": {
        "title": "Số bài theo tháng và chuyên mục · Articles per month and category",
        "sql": """select substr(published_on, 1, 7) as month, category, count(*) as articles
from articles where published_on is not null and hidden_at is null
group by month, category order by month desc""",
    },
    "problems_by_kind": {
        "title": "Vấn đề theo loại · Open problems by kind",
        "sql": """select p.field, p.reason, count(*) as pages, min(u.url) as example
from problems p join urls u on u.id = p.url_id where p.resolved_at is null
group by p.field, p.reason order by pages desc""",
    },
    "articles_of_a_place": {
        "title": "Bài về một nơi, cũ hay mới · Articles about a place, old or new",
        "description": "Tên không dấu, không loại (binh minh), mã (14623) hoặc số (2507314623): từ "
        "các cổng của nơi ấy, của những gì nó hợp thành và đã thành, và của huyện cũ. A name "
        "without marks and kind, a code or a number: from the portals of the place, of what it "
        "was made of and became, and of its former district.",
        "sql": """with recursive
meant(id) as (select id from units where :name in (folded, code, name, cast(id as text))),
inside(id) as (select id from meant union
  select u.id from units u join inside i on u.parent_id = i.id),
past(id) as (select id from meant union
  select n.id from past p join (select parent_id as at, id from units
    union all select new_id, old_id from unit_changes) n on n.at = p.id),
future(id) as (select id from inside union
  select c.new_id from unit_changes c join future f on c.old_id = f.id),
telling(id) as (select id from past union select id from future union
  select d.id from past p join units u on u.id = p.id
  join units d on d.id = u.parent_id and d.level = 'district')
select a.id, a.title, a.published_on, p.name as portal, d.name as unit, a.url
from articles a join portals p on p.id = a.portal_id join units d on d.id = p.unit_id
where p.unit_id in (select id from telling) and a.hidden_at is null
order by a.published_on desc limit 100""",
    },
}
