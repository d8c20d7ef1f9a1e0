"""Traps: links that never end are left, good articles are kept, each once."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from crawler import traps
from crawler.archive import runs
from crawler.archive.saving import save
from crawler.items import Article, Attachment, ListingClaim, ReadPage
from crawler.urls import key_of, link
from tests.conftest import NOW, PORTAL, WHO, Archive
from tests.small_portal import PROSE, SmallPortal, small_portal
from tests.test_cli import luutru

HOME = "https://thu.example/"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("vi/en/vi/en", "language"),
        ("tin-tuc/bai-5/vi/en", "language"),
        ("a/b/a/b/a/b", "growing path"),
        ("van-ban/noi-dung/noi-dung/noi-dung", "growing path"),
        ("/".join(f"muc-{n}" for n in range(25)), "deep"),
        ("tin?trang=1&trang=1", "repeated"),
        ("tin?a=1&a=2&a=3&a=4", "repeated"),
        ("tin?" + "&".join(f"a{n}=1" for n in range(30)), "parameters"),
        ("tin/https:/thu.example/a", "mistyped"),
        ("tin/www.thu.example/a", "mistyped"),
        ("tin/" + "a" * 3_000, "characters"),
        ("tin-tuc/2023/tin-tuc", None),
        ("vi/news/2023/vi-tri", None),
        ("2022/2/2/2", None),
        ("vn/vi/tin", None),
        ("tin?loai=1&loai=2", None),
        ("tin/bao-ve-https", None),
        ("wps/portal/!ut/p/b1/" + "aB3_" * 200, None),
        ("van-ban?keyword=&page=2", None),
    ],
)
def test_addresses_that_contradict_themselves_are_refused(path: str, why: str | None) -> None:
    reason = traps.endless(HOME + path)
    assert (reason is None) if why is None else (reason is not None and why in reason)


@pytest.mark.parametrize(
    ("path", "on", "reason"),
    [
        ("lich/2027/1/1", "lich/2026/12/31", "trap: a calendar in the year 2027"),
        ("lich?ngay=1944-12-31", "lich?ngay=1945-01-01", "trap: a calendar in the year 1944"),
        ("lich?ngay=01/01/2027", "lich?ngay=31/12/2026", "trap: a calendar in the year 2027"),
        ("lich?thang=7&nam=2027", "lich?thang=7&nam=2026", "trap: a calendar in the year 2027"),
        ("lich/2024/7/1", "lich/2024/6/30", None),
        ("portal/Pages/2012-5-30/abc.aspx", "portal", None),
        ("tin/quy-hoach-den-nam-2050", "tin", None),
        ("tin/de-an-2030-12-nhiem-vu-5", "tin", None),
        ("tin?docid=2050", "tin", None),
        ("tin?id=2099-1", "tin", None),
        ("muc/2051/2", "muc/2051/1", None),
        ("muc/1024/1", "", None),
        ("ngay-nay/1930-02-03", "lich-su", None),
    ],
)
def test_calendars_end_where_nothing_can_be(path: str, on: str, reason: str | None) -> None:
    assert traps.out_of_time(HOME + path, HOME + on, 2024) == reason


@pytest.mark.parametrize(
    ("href", "why"),
    [
        ("tin-tuc?page=2&sort=desc", "order"),
        ("tin-tuc?page=2&view=grid", "order"),
        ("tin-tuc?page=2&so-dong=50", "order"),
        ("tin-tuc/en", "language"),
        ("tin-tuc/vi/", "language"),
        ("tin-tuc?page=3", None),
        ("tin-tuc?page=2&order=12", None),
        ("khac?sort=desc", None),
        ("tin-tuc/en-bac", None),
        ("en", None),
    ],
)
def test_links_to_the_same_page_in_another_dress(href: str, why: str | None) -> None:
    reason = traps.rearranged(HOME + href, HOME + "tin-tuc?page=2")
    assert (reason is None) if why is None else (reason is not None and why in reason)


def test_a_list_that_is_sorted_already_keeps_its_pages() -> None:
    on = HOME + "tin-tuc?sort=desc"
    assert traps.rearranged(HOME + "tin-tuc?sort=desc&page=2", on) is None


@pytest.mark.parametrize(
    ("url", "narrow", "wide"),
    [
        ("lich/2024/7", "lich/#/#", "lich/#/*"),
        ("lich?ngay=2024-07-03&kieu=tuan", "lich?kieu=~&ngay=#", "lich?"),
        ("tin-tuc/hoi-nghi-123", "tin-tuc/~#", "tin-tuc/*"),
        ("muc-5/trang-2.htm", "muc-5/trang#.htm", "muc-5/*"),
        ("tag/9f3a-77b1", "tag/~#", "tag/*"),
        ("s/0fa93b2c11/a", "s/~/a", "s/~/*"),
    ],
)
def test_families(url: str, narrow: str, wide: str) -> None:
    assert traps.families(f"thu.example/{url}") == (f"thu.example/{narrow}", f"thu.example/{wide}")


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("tin/chi-tiet.aspx?id=5&id=5", "tin/chi-tiet.aspx?id=5"),
        ("tin/http:/thu.example/bai-5", "bai-5"),
    ],
)
def test_behind_an_odd_address_is_an_honest_one(url: str, meant: str) -> None:
    assert traps.endless(HOME + url)
    found = traps.meant(HOME + url)
    assert found is not None
    assert key_of(found) == key_of(HOME + meant)


class Visits:
    """Pages saved one after the other, as a crawl saves them."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def page(
        self,
        path: str,
        *hrefs: str,
        text: str = "Lịch công tác",
        article: Article | None = None,
        series: str = "",
        **facts: object,
    ) -> None:
        """Save the page at `path`, which links to `hrefs` and shows `text` or an article."""
        links = [found for href in hrefs if (found := link(href, HOME))]
        if series:
            links = [replace(one, kind="listing") if "page=" in one.url else one for one in links]
        page = self.archive.page(path, body=f"<body>{text}</body>".encode(), **facts)
        page = replace(
            page,
            content_type="text/html; charset=utf-8",
            links=(*page.links, *links),
            kind="listing" if series else page.kind,
            claim=ListingClaim(series) if series else None,
        )
        kind = "article" if article else "listing" if series else "other"
        save(self.archive.db, self.archive.run, ReadPage(page, kind, article))

    def article(self, path: str, title: str = "", body: str = PROSE, **facts: object) -> None:
        """Save an article at `path`."""
        made = Article(HOME + path, title or path, date(2023, 1, 4), body=body, **facts)  # type: ignore[arg-type]
        self.page(path, article=made)

    def state(self, path: str) -> tuple[str, str]:
        """The state of an address and its reason; empty when it is not known."""
        query = "SELECT state, ifnull(reason, '') FROM urls WHERE key = ?"
        rows = self.archive.rows(query, key_of(HOME + path))
        return rows[0] if rows else ("", "")

    def articles(self) -> list[str]:
        """The addresses of the articles."""
        return [row[0] for row in self.archive.rows("SELECT url FROM articles ORDER BY id")]


@pytest.fixture
def visits(archive: Archive) -> Visits:
    return Visits(archive)


def _day(n: int) -> str:
    return f"lich?ngay={date(2024, 7, 3) + timedelta(days=n)}"


def _walk_the_calendar(visits: Visits, most: int = 200) -> int:
    """Visit day after day as long as the next one is waiting; how many it were."""
    for n in range(most):
        visits.page(_day(n), _day(n + 1), _day(n + 2), text=f"Lịch ngày {n}: không có lịch")
        if visits.state(_day(n + 1))[0] != "waiting":
            return n + 1
    return most


def test_a_calendar_ends_by_itself_and_says_why(visits: Visits) -> None:
    visited = _walk_the_calendar(visits)
    assert 20 <= visited <= 60
    for n in (visited, visited + 1):
        state, reason = visits.state(_day(n))
        assert (state, reason[:5]) == ("refused", "trap:")
        assert "thu.example/lich?" in reason


def test_second_visits_prove_nothing(visits: Visits) -> None:
    for _ in range(100):
        visits.page(_day(0), _day(1))
    assert visits.state(_day(1))[0] == "waiting"


def test_a_sitemap_is_believed_even_so(visits: Visits) -> None:
    page = visits.archive.page("sitemap.xml", kind="sitemap")
    refused = _walk_the_calendar(visits)
    told = tuple(found for n in (refused, 500) if (found := link(_day(n), HOME)))
    save(visits.archive.db, visits.archive.run, ReadPage(replace(page, links=told), "sitemap"))
    assert [visits.state(_day(n))[0] for n in (refused, 500)] == ["waiting", "waiting"]


def test_a_full_crawl_looks_once_more(visits: Visits) -> None:
    refused = _walk_the_calendar(visits)
    visits.archive.run = runs.begin(
        visits.archive.db, PORTAL, "crawl", WHO, NOW + timedelta(days=9), runs.Plan("full")
    )
    assert visits.state(_day(refused)) == ("waiting", "")
    assert _walk_the_calendar(visits, refused + 200) < refused + 200


def test_two_traps_that_lead_into_each_other_end_too(visits: Visits) -> None:
    ended = 0
    for n in range(300):
        visits.page(f"thang/{n}", f"ngay/{n}")
        visits.page(f"ngay/{n}", f"thang/{n + 1}")
        ended = n
        if visits.state(f"thang/{n + 1}")[0] == "refused":
            break
    assert ended < 120


def test_a_family_with_articles_is_never_ended(visits: Visits) -> None:
    for n in range(200):
        if n % 25:
            visits.page(f"tin/bai-viet-{n}", f"tin/bai-viet-{n + 1}", text="Chưa có nội dung")
        else:
            visits.article(f"tin/bai-viet-{n}", body=f"{n} {PROSE}")
    visits.page("tin", "tin/bai-viet-999")
    assert visits.state("tin/bai-viet-999")[0] == "waiting"


@pytest.mark.parametrize("read", [True, False])
def test_a_long_pager_of_what_the_sitemap_told_is_read_to_its_end(
    visits: Visits, read: bool
) -> None:
    """Listings are asked for before the articles that the sitemap named."""
    known = [f"tin/bai-{n}" for n in range(900)]
    for path in known if read else ():
        visits.article(path, body=f"{path} {PROSE}")
    told = tuple(found for path in known if (found := link(path, HOME)))
    sitemap = visits.archive.page("sitemap.xml", kind="sitemap")
    save(visits.archive.db, visits.archive.run, ReadPage(replace(sitemap, links=told), "sitemap"))
    for page in range(1, 151):
        items = known[(page - 1) * 6 : page * 6]
        visits.page(f"tin?page={page}", *items, f"tin?page={page + 1}", series="thu.example/tin")
    assert visits.state("tin?page=151")[0] == "waiting"


@pytest.mark.parametrize("circle", [1, 3])
def test_a_pager_that_repeats_itself_ends(visits: Visits, circle: int) -> None:
    last = 0
    for page in range(1, 60):
        items = [f"tin/bai-{min(page, 9) if circle == 1 else page % circle}"]
        visits.page(f"tin?page={page}", *items, f"tin?page={page + 1}", series="thu.example/tin")
        last = page
        if visits.state(f"tin?page={page + 1}")[0] != "waiting":
            break
    assert last <= 12
    assert "repeats its pages" in visits.state(f"tin?page={last + 1}")[1]


def test_the_same_article_is_kept_once(visits: Visits) -> None:
    visits.article("tin/a-1", "Hội nghị")
    visits.article("khac/a-1", "Hội nghị")
    assert visits.articles() == [HOME + "tin/a-1"]
    assert visits.state("khac/a-1") == ("refused", f"same article as {HOME}tin/a-1")
    assert visits.archive.rows("SELECT count(*) FROM versions") == [(1,)]
    same = "SELECT s.url FROM urls u JOIN urls s ON s.id = u.same_as"
    assert visits.archive.rows(same) == [(HOME + "tin/a-1",)]


def test_equal_titles_are_two_articles(visits: Visits) -> None:
    visits.article("lich-tuan-1", "Lịch tuần", body=PROSE)
    visits.article("lich-tuan-2", "Lịch tuần", body=PROSE[::-1])
    assert len(visits.articles()) == 2


def test_the_same_few_words_with_other_files_are_two_articles(visits: Visits) -> None:
    for n in (1, 2):
        file = Attachment(f"{HOME}cv-{n}.pdf", f"cv-{n}.pdf")
        visits.article(f"cong-van-{n}", "Công văn", body="Xem tệp", attachments=(file,))
    visits.article("cong-van-3", "Công văn", body="Xem tệp")
    visits.article("cong-van-4", "Công văn", body="Xem tệp")
    assert len(visits.articles()) == 4


def test_the_plain_address_takes_the_place_of_the_odd_one(visits: Visits) -> None:
    visits.article("tin/a-1?tu=menu", "Hội nghị")
    visits.article("khac/a-1", "Hội nghị")
    visits.article("tin/a-1", "Hội nghị")
    assert visits.articles() == [HOME + "tin/a-1"]
    reason = f"same article as {HOME}tin/a-1"
    assert visits.state("tin/a-1?tu=menu") == ("refused", reason)
    assert visits.archive.rows("SELECT count(*) FROM urls WHERE same_as IS NOT NULL") == [(2,)]
    assert visits.archive.rows("SELECT articles_new FROM runs") == [(1,)]


def _naming(visits: Visits, path: str, canonical: str, title: str, body: str) -> None:
    """Save an article whose page calls `canonical` its right address."""
    named = link(canonical, HOME)
    assert named is not None
    page = visits.archive.page(path)
    page = replace(page, links=(replace(named, canonical=True),))
    article = Article(HOME + path, title, date(2023, 1, 4), body=body)
    save(visits.archive.db, visits.archive.run, ReadPage(page, "article", article))


def test_a_canonical_address_is_believed_when_title_and_date_agree(visits: Visits) -> None:
    visits.article("tin/a-1", "Hội nghị")
    _naming(visits, "x/a-1?nguon=2", "tin/a-1", "Hội nghị", PROSE + " Tin khác mỗi lần.")
    _naming(visits, "x/b-2", "tin/a-1", "Tin khác", PROSE[::-1])
    assert visits.articles() == [HOME + "tin/a-1", HOME + "x/b-2"]


def test_a_number_in_the_address_is_believed_when_title_and_date_agree(visits: Visits) -> None:
    visits.article("View.aspx?ItemID=5", "Hội nghị")
    visits.article("View.aspx?ItemID=5&Muc=9", "Hội nghị", body=PROSE + " Đọc thêm.")
    visits.article("View.aspx?ItemID=6&Muc=9", "Hội nghị", body=PROSE + " Khác.")
    assert visits.articles() == [HOME + "View.aspx?ItemID=5", HOME + "View.aspx?ItemID=6&Muc=9"]


@pytest.mark.parametrize(
    ("path", "body", "is_copy"),
    [
        ("tin/a?luc=1767225600123", "Lượt 124", True),
        ("tin/a?rnd=0.123&ref=home", "Lượt 124", True),
        ("tin/a?id=7", "Lượt 124", False),
        ("tin/a?rnd=0.123", "Lượt xem 124", False),
        ("tin/b", "Lượt 124", False),
        ("0f3a9c77b1d24e5f/tin/a", "Lượt 124", False),
    ],
)
def test_an_article_whose_numbers_change_is_one_under_any_clock(
    visits: Visits, path: str, body: str, is_copy: bool
) -> None:
    visits.article("tin/a", "Hội nghị", body=PROSE + " Lượt 123")
    visits.article(path, "Hội nghị", body=f"{PROSE} {body}")
    assert len(visits.articles()) == (1 if is_copy else 2)


def test_an_article_under_a_session_in_its_path_is_one(visits: Visits) -> None:
    for n in range(5):
        visits.article(f"xem/{_token(n)}/a", "Hội nghị", body=f"{PROSE} Lượt {n}")
    assert len(visits.articles()) == 1


def test_when_the_kept_address_is_gone_the_other_is_asked_again(visits: Visits) -> None:
    visits.article("tin/a-1", "Hội nghị")
    visits.article("khac/a-1", "Hội nghị")
    page = visits.archive.page("tin/a-1", status=404)
    save(visits.archive.db, visits.archive.run, ReadPage(page, "not_found"))
    assert visits.state("khac/a-1") == ("waiting", "")


def _token(n: int) -> str:
    return f"{n:02d}f93a7c1be{n:02d}"


def test_a_session_under_any_name_is_learned_from_its_copies(visits: Visits) -> None:
    for n in range(3):
        for name in ("a", "b"):
            visits.article(f"tin/{name}?phien={_token(n)}", name, body=f"{name} {PROSE}")
    visits.page("muc-luc", *(f"tin/{name}?phien={_token(50)}" for name in "abc"))
    assert len(visits.articles()) == 2
    for name in "ab":
        assert "whatever 'phien' says" in visits.state(f"tin/{name}?phien={_token(50)}")[1]
    assert visits.state(f"tin/c?phien={_token(50)}")[0] == "waiting"


def test_a_token_that_tells_articles_apart_is_none_to_ignore(visits: Visits) -> None:
    visits.article(f"ct?ds={_token(1)}", "a", body="a " + PROSE)
    visits.article(f"ct?ds={_token(2)}", "b", body="b " + PROSE)
    for n in range(3, 9):
        visits.article(f"ct?ds={_token(n)}", "b", body="b " + PROSE)
    visits.page("muc-luc", f"ct?ds={_token(60)}")
    assert visits.state(f"ct?ds={_token(60)}")[0] == "waiting"


def test_a_parameter_that_copied_five_pages_is_ignored_where_the_plain_one_is_known(
    visits: Visits,
) -> None:
    for n in range(6):
        visits.article(f"tin/a-{n}", f"Tin {n}", body=f"{n} {PROSE}")
        visits.article(f"tin/a-{n}?lang=en", f"Tin {n}", body=f"{n} {PROSE}")
    visits.page("muc-luc", "tin/a-9", "tin/a-9?lang=en", "tin/a-10?lang=en")
    visits.page("muc-luc-2", "tin/a-9?lang=en")
    assert len(visits.articles()) == 6
    assert visits.state("tin/a-10?lang=en")[0] == "waiting"
    assert visits.state("tin/a-9")[0] == "waiting"


def _crawl(portal: SmallPortal, db: Path) -> None:
    result = luutru("crawl", portal.url, "--db", str(db), "--delay", "0")
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_copy_is_asked_for_once_in_its_life(tmp_path: Path) -> None:
    """Also when it came first: the page itself says which address is the right one."""
    db = tmp_path / "archive.db"
    with small_portal() as portal:
        named = f"<link rel='canonical' href='{portal.url}tin/a'>"
        for path in ("/tin/a", "/tin/a?tu=menu", "/tin/a?tu=goc"):
            portal.article(path, "Hội nghị", extra=named)
        portal.home("/tin/a?tu=menu", "/tin/a?tu=goc")
        _crawl(portal, db)
        _crawl(portal, db)
    archive = Archive(db)
    assert archive.rows("SELECT url FROM articles") == [(portal.url + "tin/a",)]
    assert [len(portal.asked_for(path)) for path in ("/tin/a?tu=menu", "/tin/a?tu=goc")] == [1, 1]
    archive.db.close()


def test_a_row_of_dead_links_is_no_trap(visits: Visits) -> None:
    paths = [f"tin/bai-{n}" for n in range(120)]
    visits.page("tin", *paths)
    for path in paths[:100]:
        page = visits.archive.page(path, body=b"<h1>404</h1>")
        save(visits.archive.db, visits.archive.run, ReadPage(page, "not_found"))
    assert visits.state(paths[110])[0] == "waiting"


def test_a_section_that_repeats_the_articles_of_another_is_no_trap(visits: Visits) -> None:
    for n in range(100):
        visits.article(f"xa-hoi/bai-{n}", f"Tin {n}", body=f"{n} {PROSE}")
    visits.page("noi-bat", *(f"noi-bat/bai-{n}" for n in range(110)))
    for n in range(100):
        visits.article(f"noi-bat/bai-{n}", f"Tin {n}", body=f"{n} {PROSE}")
    assert len(visits.articles()) == 100
    assert visits.state("noi-bat/bai-105")[0] == "waiting"


def test_many_empty_listings_are_no_trap(visits: Visits) -> None:
    for n in range(100):
        visits.page(f"muc-{n}?page=2", text="Chưa có bài viết", series=f"thu.example/muc-{n}")
    visits.page("tin", "muc-200?page=2", "muc-200?page=3")
    assert visits.state("muc-200?page=2")[0] == "waiting"


def test_an_empty_pager_under_ever_new_choices_ends(visits: Visits) -> None:
    for n in range(100):
        series = f"thu.example/loc?chon={n}"
        more = [f"loc?chon={n + 1}&page=1", f"loc?chon={n + 2}&page=1"]
        visits.page(f"loc?chon={n}&page=1", *more, text="Không có", series=series)
    assert visits.state("loc?chon=101&page=1")[0] in ("", "refused")


def test_the_home_page_is_known_whatever_its_clock_says(tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    with small_portal() as portal:
        portal.home(*(f"/tin-{n}" for n in range(6)))
        home = portal.pages["/"]
        for n in range(6):
            portal.article(f"/tin-{n}", f"Hội nghị {n}")
        clock = b"<p>10 gio 30, co 5 nguoi xem</p></body>"
        portal.pages["/"] = replace(home, body=home.body.replace(b"</body>", clock))
        other = portal.pages["/"].body.replace(b"10", b"11").replace(b"co 5", b"co 6")
        portal.pages["/tin-3"] = replace(home, body=other)
        _crawl(portal, db)
    archive = Archive(db)
    told = archive.rows("SELECT state, reason FROM urls WHERE url LIKE '%tin-3'")
    assert told == [("done", "the home page in its place")]
    assert archive.rows("SELECT reason FROM urls WHERE url = ?", portal.url) == [(None,)]
    archive.db.close()


def _word(n: int) -> str:
    return "x" + "".join("abcdefghij"[int(digit)] for digit in str(n))


def test_random_folders_end_though_each_is_a_family_of_its_own(visits: Visits) -> None:
    visits.page("muc", "tin/1")
    for n in range(1_000):
        here, there = (f"chu/{_word(k)}/{_word(k)}" for k in (n, n + 1))
        visits.page(here, there, text=_word(n))
        if visits.state(there)[0] != "waiting":
            break
    assert 400 <= n < 700
    assert "nothing new" in visits.state(there)[1]
    assert visits.state("tin/1")[0] == "waiting"


def test_folders_with_an_article_now_and_then_go_on(visits: Visits) -> None:
    for n in range(1_000):
        here, there = (f"chu/{_word(k)}/{_word(k)}" for k in (n, n + 1))
        visits.page(here, there, f"chu/{_word(n)}/bai", text=_word(n))
        if n % 100 == 0:
            visits.article(f"chu/{_word(n)}/bai", f"Tin {n}", body=f"{n} {PROSE}")
        assert visits.state(there)[0] == "waiting"
