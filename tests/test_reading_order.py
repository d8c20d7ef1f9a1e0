"""Day first, or month first: only the page itself can tell that it prints the month first."""

from datetime import UTC, datetime

import pytest

from crawler.items import Article, Page
from crawler.profiles import Profile
from pipelines.read import read

FETCHED = datetime(2024, 7, 3, 2, 0, tzinfo=UTC)
TITLE = "Xã Hải Lộc hoàn thành gieo cấy vụ mùa"
PROSE = "Toàn xã đã gieo cấy xong vụ mùa đúng khung thời vụ, không còn diện tích nào bỏ hoang. "
OTHERS = "<ul>{}</ul>".format(
    "".join(f"<li><a href='/b{i}'>Tin khác về nông nghiệp của huyện</a> {{}}</li>" for i in (1, 2))
)
URL = "https://haivan.example/a-1.html"


def article(
    date: str, url: str = URL, lang: str = "vi", behind: str = "", meta: str = ""
) -> Article:
    html = (
        f"<html lang='{lang}'><head><title>{TITLE}</title>{meta}</head><body><div class='n'>"
        f"<h1>{TITLE}</h1><div class='d'>{date}</div><div class='c'><p>{PROSE * 3}</p>"
        f"<p>{PROSE * 4}</p></div></div>{behind}</body></html>"
    )
    got = read(Page(url, FETCHED, 200, "text/html", html.encode()), Profile("any", "Any"))
    assert got.article is not None, got.kind
    return got.article


def day(**page: str) -> str | None:
    on = article(**page).published_on
    return on.isoformat() if on else None


ADDRESS = "https://haivan.example/portal/Pages/{}/Gieo-cay.aspx"
STATED = "<meta property='article:published_time' content='{}T09:15:00+07:00'>"
MONTH_FIRST = {
    "it can't be read otherwise": {"date": "8/23/2011"},
    "with a time": {"date": "8/23/2011 2:05:41 PM"},
    "with hyphens": {"date": "08-23-2011"},
    "the address": {"date": "8/3/2011", "url": ADDRESS.format("2011-8-3")},
    "the address, with zeros": {"date": "08/03/2011", "url": ADDRESS.format("2011/08/03")},
    "an English page": {"date": "8/3/2011 9:15 AM", "lang": "en-us"},
    "an English page of DNN": {"date": "Posted on 8/3/2011 9:15:22 AM", "lang": "en-US"},
    "its other dates": {
        "date": "08/03/2011 09:15 AM",
        "behind": OTHERS.format("7/25/2011 2:10 PM", "7/19/2011 8:00 AM"),
    },
    "metadata": {"date": "8/3/2011 9:15 AM", "meta": STATED.format("2011-08-03")},
}
DAY_FIRST = {
    "the rule": {"date": "8/3/2011"},
    "with a 12 hour clock": {"date": "8/3/2011 9:15 AM"},
    "an English page with a Vietnamese form": {"date": "08/03/2011 09:15 AM", "lang": "en-us"},
    "an English page without a clock": {"date": "8/3/2011", "lang": "en"},
    "the address": {"date": "8/3/2011 9:15 AM", "lang": "en", "url": ADDRESS.format("2011-3-8")},
    "metadata": {
        "date": "8/3/2011 9:15 AM",
        "lang": "en",
        "meta": STATED.format("2011-03-08"),
    },
    "its other dates": {
        "date": "8/3/2011 9:15 AM",
        "lang": "en-us",
        "behind": OTHERS.format("25/2/2011 2:10 PM", "19/2/2011 8:00 AM"),
    },
    "metadata of another day": {
        "date": "8/3/2011 9:15 AM",
        "meta": STATED.format("2011-05-01"),
    },
}


@pytest.mark.parametrize("case", MONTH_FIRST)
def test_month_first(case: str) -> None:
    expected = "2011-08-23" if "23" in MONTH_FIRST[case]["date"] else "2011-08-03"
    assert day(**MONTH_FIRST[case]) == expected


@pytest.mark.parametrize("case", DAY_FIRST)
def test_day_first(case: str) -> None:
    assert day(**DAY_FIRST[case]) == "2011-03-08"


def test_the_time_of_day_stays() -> None:
    read_on = article("8/3/2011 9:15 AM", lang="en-us").published_at
    assert read_on == datetime(2011, 8, 3, 2, 15, tzinfo=UTC)


def test_no_month_at_all() -> None:
    assert day(date="23/23/2011") is None
