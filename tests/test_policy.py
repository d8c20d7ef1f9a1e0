"""When a page is asked for again, and what comes first."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import policy
from crawler.archive.policy import Order, Shelf, Visit

ARTICLE = Visit("article", "done", age_days=100)
YOUNG = replace(ARTICLE, age_days=3)


def _weeks(visit: Visit, news: list[bool]) -> list[float]:
    """The rhythm after each of some visits, of which some brought news."""
    found = []
    for each in news:
        visit = replace(visit, news=each, rhythm=policy.rhythm(visit))
        found.append(policy.rhythm(visit))
    return found


@pytest.mark.parametrize("kind", ["home", "robots", "feed", "sitemap", "listing"])
def test_what_leads_to_news_is_asked_for_in_every_run(kind: str) -> None:
    assert policy.rest(Visit(kind, "done", rhythm=30)) == 0


def test_a_further_page_of_a_listing_is_not() -> None:
    assert policy.rest(Visit("listing", "done", deep=True)) >= 1


def test_a_young_article_is_read_daily_while_its_views_move() -> None:
    assert _weeks(YOUNG, [True] * 5) == [1] * 5
    assert _weeks(YOUNG, [False] * 9)[-1] == 4


def test_an_old_article_is_read_rarely_but_sooner_after_it_changed() -> None:
    assert policy.rest(ARTICLE) == 30
    assert _weeks(ARTICLE, [False, False, True, True]) == [45, 67.5, 33.75, 16.875]


@given(
    st.sampled_from(["article", "listing", "file", "redirect", "other", "login"]),
    st.none() | st.floats(0, 5000),
    st.lists(st.booleans(), max_size=60),
)
def test_no_page_is_forgotten_and_none_pestered(
    kind: str, age: float | None, news: list[bool]
) -> None:
    for days in _weeks(Visit(kind, "done", deep=True, age_days=age), news):
        assert 1 <= days <= 720


@pytest.mark.parametrize(
    ("state", "silent", "days"),
    [
        ("failed", 0, 0),
        ("failed", 8, 2),
        ("failed", 1000, 14),
        ("gone", 0, 1),
        ("gone", 20, 10),
        ("gone", 1000, 90),
        ("refused", 0, 7),
    ],
)
def test_the_longer_it_is_silent_the_longer_it_rests(
    state: str, silent: float, days: float
) -> None:
    assert policy.rest(Visit("article", state, silent_days=silent)) == days


def _taken(mode: str) -> list[tuple[bool, int]]:
    return [(shelf.waits, shelf.value) for shelf in Order(mode).shelves()]


def _places(mode: str) -> list[int]:
    """Where a run of that mode looks for these, one after the other."""
    wanted = [
        (True, policy.value_at_first("robots")),
        (True, policy.value_at_first("home")),
        (True, policy.value_at_first("listing")),
        (True, policy.value_at_first("article")),
        (False, policy.value_again(YOUNG)),
        (True, policy.value_at_first("file")),
        (False, policy.value_again(ARTICLE)),
        (False, policy.value_again(Visit("file", "done"))),
    ]
    order = _taken(mode)
    return [order.index(each, 1) for each in wanted]


def test_the_most_valuable_comes_first() -> None:
    places = _places("incremental")
    assert places == sorted(places)


def test_a_closing_portal_gives_what_was_never_kept_before_anything_again() -> None:
    robots, home, listing, article, young, file, old, old_file = _places("closing")
    assert robots < home < listing < article < file < young < old < old_file


def test_every_tenth_turn_is_another_shelf_s_so_that_none_starves() -> None:
    order = Order("incremental")
    first = set()
    for _ in range(10 * len(policy.VALUES)):
        first.add(order.shelves()[0])
        order.turn()
    assert {Shelf(False, value) for value in policy.VALUES} <= first
    assert len([s for s in first if s.waits]) == 1


@given(st.sampled_from(["robots", "home", "feed", "listing", "article", "page", "file", "?"]))
def test_every_value_has_a_shelf(kind: str) -> None:
    again = [
        policy.value_again(Visit(kind, state, age_days=age))
        for state in ("done", "gone", "failed", "refused")
        for age in (None, 1, 1000)
    ]
    for mode in ("incremental", "full", "closing"):
        values = {value for _, value in _taken(mode)}
        assert {policy.value_at_first(kind), *again} <= values
