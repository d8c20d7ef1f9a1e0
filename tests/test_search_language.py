"""The query language: what people may type, and that nothing they type is an error."""

import asyncio
import unicodedata
from datetime import date

import pytest
from datasette.app import Datasette
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.commands.search import print_facets, print_results
from crawler.search import Filters, Sort, facets, matching, search, similar
from crawler.search.language import Term, parse
from tests.conftest import Archive


@pytest.fixture
def filled(archive: Archive) -> Archive:
    archive.keep(
        "/1",
        "Chợ Cồn Nổi mở lại",
        "UBND xã cho biết chợ họp mỗi sáng.",
        author="Lê Kỳ",
        published_on=date(2023, 1, 4),
        category="Kinh tế",
        view_count=30,
    )
    archive.keep(
        "/2",
        "Siêu thị đầu tiên",
        "Ủy ban nhân dân huyện dự lễ khai trương, không xa chợ cũ.",
        author="Trần Nam",
        published_on=date(2022, 5, 1),
        category="Kinh tế",
        view_count=7,
    )
    archive.keep(
        "/3",
        "Học sinh giỏi kĩ thuật",
        "Các em học sinh thi vẽ.",
        author="Lê Kỳ",
        published_on=date(2022, 3, 1),
        category="Giáo dục",
    )
    archive.keep("/4", "Sinh hoạt hè", "Sinh hoạt và học bơi tại xã.", category="Giáo dục")
    return archive


def ids(archive: Archive, query: str, **filters: str) -> set[int]:
    results = search(archive.db, query, Filters(**filters))
    assert results.total == len(results.hits)
    return {hit.id for hit in results.hits} if results.strict else set()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("chợ xã", {1}),
        ("chợ OR siêu thị", {1, 2}),
        ("học bơi HOẶC khai trương", {2, 4}),
        ("chợ -xã", {2}),
        ("-chợ", {3, 4}),
        ('học -"học sinh"', {4}),
        ("-tieude:chợ chợ", {2}),
        ('"học sinh"', {3}),
        ("“học sinh”", {3}),
        ("họ*", {1, 3, 4}),
        ('"khai trư"*', {2}),
        ("tieude:chợ", {1}),
        ("title:cho", {1}),
        ("tiêuđề:cho", {1}),
        ('title:"mở lại"', {1}),
        ("tacgia:kỳ", {1, 3}),
        ("author:ky -vẽ", {1}),
        ("tacgia:ki giáo OR author:nam", {2}),
        ("kỹ thuật", {3}),
        ("ki thuat", {3}),
        ("xã NOT học", {1}),
        ("chợ AND xã", {1}),
        ("title:", set()),
        ("mã:chợ", set()),
    ],
)
def test_operators_mean_what_people_expect(filled: Archive, query: str, found: set[int]) -> None:
    assert ids(filled, query) == found
    assert ids(filled, unicodedata.normalize("NFD", query)) == found


@pytest.mark.parametrize("query", ["UBND", "ubnd", "ủy ban nhân dân", "uy ban nhan dan"])
def test_abbreviations_are_found_by_what_they_mean_and_back(filled: Archive, query: str) -> None:
    assert ids(filled, query) == {1, 2}


def test_what_is_quoted_is_not_expanded(filled: Archive) -> None:
    assert ids(filled, '"UBND"') == {1}
    assert ids(filled, '"ủy ban nhân dân"') == {2}


def test_a_word_of_two_syllables_beats_the_syllables_apart(filled: Archive) -> None:
    results = search(filled.db, "học sinh")
    assert [hit.id for hit in results.hits] == [3, 4]


def test_sorting_and_paging_reach_every_match_once(filled: Archive) -> None:
    for sort, order in (
        ("newest", [1, 2, 3, 4]),
        ("oldest", [3, 2, 1, 4]),
        ("views", [1, 2, 4, 3]),
    ):
        pages = [search(filled.db, "", sort=sort, limit=3, offset=o) for o in (0, 3)]
        assert [hit.id for page in pages for hit in page.hits] == order, sort
        assert {page.total for page in pages} == {4}
    assert ids(filled, "", category="Giáo dục") == {3, 4}
    assert ids(filled, "", author="Lê Kỳ") == {1, 3}


def test_facets_count_what_is_found(filled: Archive) -> None:
    found = facets(filled.db, "xã OR học")
    assert [(c.value, c.articles) for c in found.years] == [("2023", 1), ("2022", 1)]
    assert [(c.value, c.articles) for c in found.categories] == [("Giáo dục", 2), ("Kinh tế", 1)]
    assert [(c.value, c.label, c.articles) for c in found.portals] == [("thu", "Huyện Thử", 3)]
    assert [(c.label, c.articles) for c in found.authors] == [("Lê Kỳ", 2)]
    assert facets(filled.db, "", Filters(until="2022-12-31")).years[0].articles == 2


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("siêu thj", "siêu thị"),
        ("họcsinh", "học sinh"),
        ("sinh hoọt", "sinh hoạt"),
        ("chớ cổn", "chợ cồn"),
    ],
)
def test_a_query_without_an_answer_gets_another_one(
    filled: Archive, query: str, meant: str
) -> None:
    assert search(filled.db, query).suggestion == meant
    assert search(filled.db, meant).suggestion is None


def test_a_question_finds_what_comes_nearest(filled: Archive) -> None:
    results = search(filled.db, "Ai dự lễ khai trương siêu thị của huyện hôm qua?")
    assert results.strict == 0
    assert results.hits[0].id == 2


def test_what_only_comes_near_is_called_so(
    filled: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    for query in ("xã họp chợ cũ sáng", "sinh hoạt học sinh xã", "học sinh"):
        print_results(search(filled.db, query))
    told = [line for line in capsys.readouterr().out.splitlines() if "every word" in line]
    assert told == [
        "No article has every word; these come nearest.",
        "1 of them have every word, the others most words.",
    ]


def test_half_of_the_marks_is_enough(filled: Archive) -> None:
    results = search(filled.db, "kỹ thuât hoc sinh giói")
    assert results.hits[0].id == 3


def test_similar_articles_are_others(filled: Archive) -> None:
    assert [hit.id for hit in similar(filled.db, 1)][:1] == [2]
    assert similar(filled.db, 99) == ()


_PIECES = st.sampled_from(
    [
        *("AND", "OR", "NOT", "NEAR(", "title:", "tacgia:", "chợ", "cho", "họ*", "UBND", "x" * 99),
        *"()\"“*-:^+{}\0'😀\ud800 \n",
        unicodedata.normalize("NFD", "ủy ban"),
    ]
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.text(), st.lists(_PIECES, max_size=30).map("".join)))
def test_any_text_is_a_query(filled: Archive, text: str) -> None:
    results = search(filled.db, text)
    assert len(results.hits) <= results.total
    for hit in results.hits:
        assert all(0 <= a < b <= len(hit.snippet) for a, b in hit.marks)
    facets(filled.db, text)


def test_a_long_text_is_a_query(filled: Archive) -> None:
    assert search(filled.db, "học sinh thi vẽ " * 2000).hits[0].id == 3
    assert search(filled.db, " OR ".join(["học"] * 2000)).total == 2


def test_a_query_has_so_many_terms_at_most() -> None:
    asked = parse(" OR ".join(f"a{n}* -b{n}" for n in range(2000)))
    assert len(asked.terms) + len(asked.excluded) == 64
    assert (asked.terms[0].words, asked.excluded[-1].words) == (("a0",), ("b31",))


def test_what_a_term_is() -> None:
    assert parse('Tieude:"Học sinh" -xã Covid-19').alternatives == (
        (Term(("học", "sinh"), "title", quoted=True), Term(("covid", "19"))),
    )
    assert not parse('?! -* "" 😀')


@pytest.fixture
def many(archive: Archive) -> Archive:
    """Sixty articles with a common word, ten of which have it in the title."""
    for n in range(60):
        title = f"Huyện họp phiên {n}" if n < 10 else f"Tin số {n}"
        body = "Lãnh đạo huyện đọc báo cáo." if n % 2 else "Báo cáo của huyện về mùa vụ. " * 3
        year, category = 2010 + n % 6, "Tin" if n % 3 else "Báo"
        archive.keep(
            f"/{n}", title, body, published_on=date(year, 1, 1 + n % 28), category=category
        )
    return archive


def test_common_words_are_ranked_without_a_look_at_all(
    many: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.search.ranking._LONG", 0)
    monkeypatch.setattr("crawler.search.ranking._CANDIDATES", 12)
    monkeypatch.setattr("crawler.search.ranking._TIER", 3)
    pages = [
        search(many.db, "cáo của huyện OR huyện đọc", limit=20, offset=o).hits for o in (0, 20, 40)
    ]
    assert len({hit.id for page in pages for hit in page}) == 60
    best = search(many.db, "cáo của huyện").hits
    assert "cáo của huyện" in best[0].snippet
    titles = [hit.title or "" for hit in search(many.db, "huyen").hits]
    assert all(title.startswith("Huyện") for title in titles[:6])
    assert search(many.db, "title:phiên -báo").total == 0
    assert search(many.db, "huyện -lãnh", limit=1).total == 30


def test_what_is_too_much_is_said_to_be_more(
    many: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.search.extent._MANY", 40)
    monkeypatch.setattr("crawler.search.extent._MOST", 50)
    results = search(many.db, "báo", sort="newest")
    assert (results.total, results.strict, results.more) == (50, 50, True)
    assert results.hits[0].published_on == "2015-01-26"
    monkeypatch.setattr("crawler.search.vocabulary._FEW", 5)
    found = search(many.db, "huy*", limit=60)
    assert found.more
    assert {hit.id for hit in found.hits} == set(range(1, 61))
    assert search(many.db, "lã*").total == 30


def test_what_only_leaves_out_may_find_very_many(
    many: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.search.extent._MANY", 40)
    monkeypatch.setattr("crawler.search.extent._MOST", 50)
    results = search(many.db, "-mèo")
    assert (results.total, results.more, len(results.hits)) == (50, True, 10)


@pytest.mark.parametrize("sort", ["newest", "oldest"])
@pytest.mark.parametrize("query", ["", "huyện", "huyện -phiên", "-phiên"])
def test_a_walk_along_the_dates_finds_the_same(
    many: Archive, monkeypatch: pytest.MonkeyPatch, query: str, sort: Sort
) -> None:
    many.keep("/undated", "Huyện không ghi ngày", "Báo cáo.")
    many.db.execute("UPDATE articles SET hidden_at = '2024-01-01T00:00:00Z' WHERE id = 6")
    sorted_ = [hit.id for hit in search(many.db, query, sort=sort, limit=70).hits]
    monkeypatch.setattr("crawler.search.narrowing._PROBE", 0)  # As if they were very many.
    for offset in (0, 20, 40):
        page = search(many.db, query, sort=sort, limit=20, offset=offset).hits
        assert [hit.id for hit in page] == sorted_[offset : offset + 20]


def test_counts_of_very_many_are_estimates_and_called_so(
    many: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = facets(many.db, "huyện")
    monkeypatch.setattr("crawler.search.extent._MANY", 40)
    monkeypatch.setattr("crawler.search.dividing._LOOKED_AT", 20)
    monkeypatch.setattr("crawler.search.dividing._PARTS", 5)
    estimated = facets(many.db, "huyện")
    assert (whole.every, estimated.every) == (1, 4)
    assert sum(c.articles for c in whole.years) == 60
    assert sum(c.articles for c in estimated.years) == 60
    print_facets(whole)
    assert "estimates" not in capsys.readouterr().out
    print_facets(estimated)
    assert "Counts are estimates from one article in 4:" in capsys.readouterr().out


def test_all_years_are_counted(archive: Archive) -> None:
    for n in range(25):
        archive.keep(f"/{n}", f"Tin số {n}", "Huyện họp.", published_on=date(2000 + n, 1, 1))
        archive.keep(f"/a{n}", f"Tin {n}", "Huyện họp.", published_on=date(2010 + n % 9, 1, 1))
    years = {count.value: count.articles for count in facets(archive.db, "huyện").years}
    assert sum(years.values()) == 50
    assert list(years) == [str(year) for year in range(2024, 1999, -1)]


def test_hidden_articles_are_not_found(many: Archive) -> None:
    many.db.execute("UPDATE articles SET hidden_at = '2024-01-01T00:00:00Z' WHERE id = 1")
    for query in ("huyện", "phiên 0", "huy*", "", "-lãnh"):
        for sort in ("relevance", "newest"):
            found = search(many.db, query, sort=sort, limit=60)
            assert 1 not in {hit.id for hit in found.hits}, query
        assert sum(c.articles for c in facets(many.db, query).years) <= 59
        assert 1 not in matching(many.db, query)
    assert 1 not in {hit.id for hit in similar(many.db, 2, limit=60)}


def test_readers_are_told_that_there_are_more(
    many: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    print_results(search(many.db, "báo cáo", limit=1))
    monkeypatch.setattr("crawler.search.extent._MANY", 40)
    print_results(search(many.db, "báo cáo", limit=1))
    assert [line for line in capsys.readouterr().out.splitlines() if "of" in line.split()] == [
        "1 of 60 articles",
        "1 of more than 40 articles",
    ]


@pytest.mark.parametrize("page", ["search?q=huyện", "portal/thu"])
def test_the_site_calls_estimates_so(
    many: Archive, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    def shown() -> str:
        site = Datasette([str(many.path)])
        answer = asyncio.run(site.client.get(f"/{many.path.stem}/-/{page}"))
        assert answer.status_code == 200
        return str(answer.text)

    assert "estimates" not in shown()
    monkeypatch.setattr("crawler.search.extent._MANY", 40)
    monkeypatch.setattr("crawler.search.dividing._LOOKED_AT", 20)
    monkeypatch.setattr("crawler.search.dividing._PARTS", 5)
    assert "Counts are estimates from one article in 4." in shown()
