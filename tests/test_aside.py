"""What is put off: sections that fail or are gone, articles that nobody lists."""

from datetime import date, timedelta

import pytest

from crawler.archive import runs
from crawler.archive.aside import Failing
from crawler.archive.saving import save
from crawler.archive.verdict import verdict_of
from crawler.items import Article, ReadPage
from tests.conftest import NOW, PORTAL, WHO, Archive
from tests.test_traps import HOME, Visits


@pytest.fixture
def visits(archive: Archive) -> Visits:
    return Visits(archive)


def _gone(visits: Visits, path: str) -> None:
    save(visits.archive.db, visits.archive.run, ReadPage(visits.archive.page(path), "not_found"))


def _next_run(visits: Visits) -> None:
    later = NOW + timedelta(days=9)
    runs.finish(visits.archive.db, visits.archive.run, "finished", NOW, None)
    visits.archive.run = runs.begin(visits.archive.db, PORTAL, "crawl", WHO, later)


def _chain(visits: Visits, most: int) -> int:
    """Visit article after article, each named by the one before only; how many came."""
    for n in range(most):
        visits.page(f"tin/{n}", f"tin/{n + 1}", article=_article(n))
        if visits.state(f"tin/{n + 1}")[0] != "waiting":
            return n + 1
    return most


def _article(n: int) -> Article:
    return Article(f"{HOME}tin/{n}", f"Tin {n}", date(2023, 1, 4), body=f"{n} " * 200)


def test_a_section_that_was_taken_away_is_put_off_even_if_the_sitemap_names_it(
    visits: Visits,
) -> None:
    paths = [f"cu/{n}" for n in range(1_100)]
    visits.page("sitemap.xml", *paths[:1_050], "moi/1", kind="sitemap")
    for path in paths[:1_000]:
        _gone(visits, path)
    why = "put off: the last 1000 pages of this kind were gone (thu.example/cu/#)"
    assert visits.state(paths[1_001]) == ("refused", why)
    visits.page("sitemap-2.xml", *paths[1_050:], kind="sitemap")
    assert visits.state(paths[-1]) == ("refused", why)
    assert visits.state("moi/1")[0] == "waiting"
    assert any(why in each for each in verdict_of(visits.archive.db, visits.archive.run, "")[1])
    _next_run(visits)
    assert visits.state(paths[-1])[0] == "waiting"


def test_one_page_that_is_there_makes_up_for_all_that_are_gone(visits: Visits) -> None:
    paths = [f"cu/{n}" for n in range(1_100)]
    visits.page("muc", *paths)
    for n, path in enumerate(paths[:1_050]):
        if n == 500:
            visits.article(path, "Còn đây")
        else:
            _gone(visits, path)
    assert visits.state(paths[-1])[0] == "waiting"


def test_articles_that_only_articles_name_end_some_day_and_the_verdict_says_so(
    visits: Visits,
) -> None:
    visited = _chain(visits, 1_000)
    assert 200 <= visited <= 400
    state, reason = visits.state(f"tin/{visited}")
    assert (state, reason[:35]) == ("refused", "put off: only articles name the las")
    visits.page("muc", f"tin/{visited + 5}")
    assert visits.state(f"tin/{visited + 5}")[0] == "waiting"
    _next_run(visits)
    assert visits.state(f"tin/{visited}")[0] == "waiting"


def test_a_chain_of_older_news_is_followed_where_a_list_names_the_newest(visits: Visits) -> None:
    visits.page("muc", *(f"tin/{n}" for n in range(5_000, 5_010)))
    for n in range(5_000, 5_010):
        visits.page(f"tin/{n}", article=_article(n))
    assert _chain(visits, 1_000) == 1_000


def test_a_section_that_fails_comes_later_and_then_in_another_run(visits: Visits) -> None:
    paths = [f"hong/{n}" for n in range(12)]
    visits.page("muc", *paths, "tin/1", "hong/con/1")
    db, portal = visits.archive.db, visits.archive.run.portal_id
    ids = [i for (i,) in visits.archive.rows("SELECT id FROM urls WHERE key LIKE '%/hong/_'")]
    failing, at = Failing((60, 300)), NOW
    for seconds in (60, 300):
        assert failing.set_aside(db, portal, ids, at)
        due = visits.archive.rows("SELECT DISTINCT due_at FROM urls WHERE key LIKE '%/hong/__'")
        assert due == [((at + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ"),)]
        at += timedelta(seconds=seconds)
    assert failing.set_aside(db, portal, ids, at)
    assert visits.state("hong/11") == (
        "refused",
        "put off: pages of this kind fail (thu.example/hong/#)",
    )
    assert [visits.state(path)[0] for path in ("tin/1", "hong/con/1")] == ["waiting", "waiting"]
    _next_run(visits)
    assert visits.state("hong/11")[0] == "waiting"


def test_a_section_that_recovers_starts_anew(visits: Visits) -> None:
    paths = [f"hong/{n}" for n in range(12)]
    visits.page("muc", *paths)
    db, portal = visits.archive.db, visits.archive.run.portal_id
    ids = [i for (i,) in visits.archive.rows("SELECT id FROM urls WHERE key LIKE '%/hong/_'")]
    failing = Failing((60,))
    failing.set_aside(db, portal, ids, NOW)
    visits.page("hong/1", fetched_at=NOW + timedelta(seconds=70))
    failing.set_aside(db, portal, ids, NOW + timedelta(seconds=90))
    assert visits.state("hong/11")[0] == "waiting"


def test_pages_that_have_nothing_in_common_are_no_section(visits: Visits) -> None:
    paths = [f"muc-{name}/bai" for name in "abcdefgh"]
    visits.page("muc", *paths)
    ids = [i for (i,) in visits.archive.rows("SELECT id FROM urls WHERE key LIKE '%/bai'")]
    db, portal = visits.archive.db, visits.archive.run.portal_id
    assert not Failing((60,)).set_aside(db, portal, ids, NOW)


def test_a_template_that_calls_itself_an_article_day_after_day_ends(visits: Visits) -> None:
    for n in range(1_000):
        article = Article(f"{HOME}lich?ngay={n}", "Lịch tuần", None, body=f"{n} việc " * 90)
        visits.page(f"lich?ngay={n}", f"lich?ngay={n + 1}", article=article)
        if visits.state(f"lich?ngay={n + 1}")[0] != "waiting":
            break
    assert 30 <= n <= 200
    assert "trap: nothing new" in visits.state(f"lich?ngay={n + 1}")[1]


def test_weekly_articles_of_one_title_that_a_list_names_are_all_there(visits: Visits) -> None:
    paths = [f"tiep-dan/{n}" for n in range(200)]
    visits.page("muc", *paths, series="thu.example/muc")
    for n, path in enumerate(paths):
        visits.page(path, article=Article(HOME + path, "Lịch tiếp dân", None, body=f"{n} " * 90))
    assert len(visits.articles()) == 200
