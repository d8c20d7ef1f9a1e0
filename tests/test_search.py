"""Search: marks, phrases, ranking, filters, snippets."""

import unicodedata
from datetime import date

import pytest

from crawler.search import Filters, Hit, search
from tests.conftest import Archive


@pytest.fixture
def filled(archive: Archive) -> Archive:
    archive.keep(
        "/1",
        "Xây dựng nông thôn mới",
        "Toàn huyện làm đường liên thôn.",
        published_on=date(2023, 1, 4),
        category="Tin tức",
    )
    archive.keep("/2", "Chợ huyện", "Bà con bán cá, bán tôm.", published_on=date(2022, 5, 1))
    archive.keep("/3", "Thư gửi bạn đọc", "Các bạn viết cho chúng tôi, bạn ơi.", author="Bạn đọc")
    archive.keep(
        "/4",
        "Hoà bình và thuỷ lợi",
        "Ủy ban họp " + "về đê biển " * 80 + "ở Cồn Nổi.",
        published_on=date(2024, 2, 2),
        category="Thủy lợi",
    )
    archive.keep("/5", "Ban chỉ đạo", "Ban chỉ đạo huyện họp.")
    return archive


def ids(archive: Archive, query: str, **filters: str) -> list[int]:
    results = search(archive.db, query, Filters(**filters))
    assert results.total == len(results.hits)
    return [hit.id for hit in results.hits]


@pytest.mark.parametrize(
    "query",
    [
        "nong thon moi",
        '"nông thôn mới"',
        "duong lien thon",
        "ĐƯỜNG liên thôn",
        "NÔNG",
        "Duong",
        unicodedata.normalize("NFD", "đường liên thôn"),
        '"' + unicodedata.normalize("NFD", "nông thôn") + '"',
    ],
)
def test_spellings_of_a_query_find_the_article(filled: Archive, query: str) -> None:
    assert ids(filled, query) == [1]


def test_a_word_with_marks_is_found_as_written_only(filled: Archive) -> None:
    assert ids(filled, "bán") == [2]
    assert set(ids(filled, "bạn")) == {3}


def test_a_word_without_marks_finds_all_and_exact_first(filled: Archive) -> None:
    found = ids(filled, "ban")
    assert found[0] == 5
    assert set(found) == {2, 3, 4, 5}


@pytest.mark.parametrize("query", ["hòa bình", "hoà bình", "thủy lợi", "thuỷ lợi", '"uỷ ban"'])
def test_tone_placement_does_not_matter(filled: Archive, query: str) -> None:
    assert 4 in ids(filled, query)


def test_a_phrase_is_a_phrase(filled: Archive) -> None:
    assert ids(filled, "thôn đường") == [1]
    assert ids(filled, '"thôn đường"') == []


def test_filters_narrow(filled: Archive) -> None:
    assert ids(filled, "huyen", since="2023-01-01") == [1]
    assert ids(filled, "huyen", until="2022-12-31") == [2]
    assert ids(filled, "huyen", portal="thu", category="Tin tức") == [1]
    assert ids(filled, "huyen", portal="khac") == []


@pytest.mark.parametrize(
    "query",
    ['"', "AND", "a*b", "title:x", "(", "NEAR(", "'", "-", "^x", 'nông "thôn', "a\x00b", "😀 nông"],
)
def test_free_text_is_never_a_syntax_error(filled: Archive, query: str) -> None:
    assert search(filled.db, query).total in range(6)


def marked(hit: Hit) -> list[str]:
    return [hit.snippet[start:end] for start, end in hit.marks]


def test_snippets_show_the_original_spelling(filled: Archive) -> None:
    hits = search(filled.db, "duong lien").hits
    assert marked(hits[0]) == ["đường", "liên"]
    assert "Toàn huyện làm đường" in hits[0].snippet


def test_a_snippet_lies_around_the_hit(filled: Archive) -> None:
    hits = search(filled.db, "con noi").hits
    assert marked(hits[0]) == ["Cồn", "Nổi"]
    assert len(hits[0].snippet) < 300


def test_titles_are_marked_too(filled: Archive) -> None:
    hits = search(filled.db, "nong thon").hits
    assert [hits[0].title[a:b] for a, b in hits[0].title_marks if hits[0].title] == ["nông", "thôn"]
