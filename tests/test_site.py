"""The site in a real browser: what readers see and do."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.packing import chromium, needs_chromium, rows
from tests.site import AXE, PHONE, Site, browsing, changed_rows, crawled_twice, serving

pytestmark = needs_chromium

_EVIL = "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'>"
PAGES = (
    "",
    "search?q=nông+thôn",
    "search?q=khongcogiday",
    "search?q=xã&from=2020-01-01&to=2020-12-31&sort=views",
    "search?q=xã&from=yesterday",
    "search",
    "article/{changed}",
    "article/{illustrated}",
    "article/{changed}/changes",
    "browse",
    "portal/{portal}",
    "date/2020",
    "date/2020-05",
    "category?name={category}",
    "author?name={author}",
    "run/1",
    "runs",
    "changed",
    "vanished",
    "planted",
    "documents",
    "charts",
    "help",
    "article/999999",
    "article/4",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    db = crawled_twice(tmp_path_factory.mktemp("site"))
    changed_rows(
        db,
        """INSERT INTO suspect_links (url_id, href, text, hidden, why, first_seen_at, last_seen_at)
           SELECT id, 'http://192.0.2.7/cuoc', 'nhà cái', 1, 'betting word', '2024-07-03T00:00:00Z',
           '2024-07-03T00:00:00Z' FROM urls WHERE kind = 'article' LIMIT 3""",
        """UPDATE articles SET status = 'missing', absent_since = '2024-07-01T00:00:00Z',
           absent_runs = 3 WHERE id = 3""",
        "UPDATE articles SET hidden_at = '2024-07-03T00:00:00Z', hidden_why = 'x' WHERE id = 4",
    )
    with serving(db) as running:
        yield running


@pytest.fixture(scope="module")
def known(site: Site) -> dict[str, Any]:
    """Rows of the archive that pages are asked for."""
    (row,) = rows(
        site.db,
        """SELECT (SELECT id FROM articles WHERE status = 'changed' AND id <> 4 ORDER BY id LIMIT 1)
            AS changed,
        (SELECT article_id FROM images WHERE capture_id NOTNULL AND article_id <> 4 ORDER BY id
            LIMIT 1) AS illustrated,
        (SELECT slug FROM portals) AS portal,
        (SELECT category FROM articles WHERE category NOTNULL LIMIT 1) AS category,
        (SELECT author FROM articles WHERE author NOTNULL LIMIT 1) AS author""",
    )
    return dict(row)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as made:
        yield made


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that speaks English, with nothing remembered."""
    with browsing(browser) as made:
        yield made


def _led(page: Any, act: Any) -> None:
    """Do what leads to another page, and wait for that."""
    with page.expect_navigation():
        act()


def _ids(page: Any) -> list[str]:
    links = page.locator(".hits a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return [link.rsplit("/", 1)[1] for link in links]


def test_a_search_without_marks_finds_and_marks_the_original_spelling(
    site: Site, page: Any
) -> None:
    page.goto(site.origin)
    assert page.url == site.at("")
    page.get_by_role("searchbox").fill("nong thon moi")
    _led(page, lambda: page.keyboard.press("Enter"))
    assert "q=nong+thon+moi" in page.url
    marked = {text.lower() for text in page.locator("mark").all_inner_texts()}
    assert "nông" in " ".join(marked)
    # As a status it would be no heading for those who go from one to the next.
    page.get_by_role("heading", name=re.compile(r"of \d+ articles"), level=2).wait_for()
    assert page.get_by_role("searchbox").input_value() == "nong thon moi"


def test_marks_narrow_a_search(site: Site, page: Any) -> None:
    page.goto(site.at("search?q=ban"))
    loose = page.locator("#found").inner_text()
    page.goto(site.at("search?q=bán"))
    assert page.locator("#found").inner_text() != loose
    assert {text.lower() for text in page.locator("mark").all_inner_texts()} == {"bán"}


def test_facets_filters_and_order_are_in_the_address(site: Site, page: Any) -> None:
    page.goto(site.at("search?q=huyện"))
    facets = page.get_by_role("complementary")
    year = facets.get_by_role("link", name=re.compile(r"^20\d\d$")).first
    wanted = year.inner_text()
    _led(page, year.click)
    assert f"from={wanted}-01-01" in page.url
    for fact in page.locator(".hits .facts time").all():
        assert fact.get_attribute("datetime").startswith(wanted)
    page.get_by_text("Dates, place and order").wait_for()
    page.get_by_label("Order").select_option("oldest")
    _led(page, page.get_by_role("button", name="Apply").click)
    assert "sort=oldest" in page.url
    dates = [time.get_attribute("datetime") for time in page.locator(".hits .facts time").all()]
    assert dates == sorted(dates)
    _led(page, page.get_by_role("link", name=f"remove {wanted}").click)
    assert "from=" not in page.url
    for no_day in ("yesterday", "2023-13", "2023-02-31"):
        page.goto(site.at(f"search?q=huyện&from={no_day}"))
        assert f"{no_day} is no date" in page.locator("main").inner_text()


def test_an_author_is_found_however_the_name_is_typed(site: Site, page: Any) -> None:
    (known,) = rows(site.db, "SELECT author FROM articles WHERE author NOTNULL LIMIT 1")
    page.goto(site.at(f"search?author={known['author']}"))
    assert _ids(page)
    page.goto(site.at(f"search?author={known['author'].lower()}"))
    assert not _ids(page)
    _led(page, page.get_by_role("link", name="look for its words").click)
    assert _ids(page)


def test_paging_goes_through_all_results_once(site: Site, page: Any) -> None:
    page.goto(site.at("search?q=xã"))
    total = int(re.search(r"of ([\d,]+)", page.locator("#found").inner_text())[1].replace(",", ""))
    found = _ids(page)
    while (onward := page.get_by_role("link", name="Next")).count():
        _led(page, onward.click)
        found += _ids(page)
    assert len(found) == len(set(found)) == total > 20


def test_an_article_shows_its_images_files_and_evidence(
    site: Site, known: dict[str, Any], page: Any
) -> None:
    page.goto(site.at(f"article/{known['illustrated']}"))
    (row,) = rows(
        site.db,
        """SELECT a.title, a.url, c.payload_sha256, c.warc_file FROM articles a
           JOIN captures c ON c.id = a.capture_id WHERE a.id = ?""",
        known["illustrated"],
    )
    assert page.get_by_role("heading", level=1).inner_text() == row["title"]
    image = page.locator("article img").first
    image.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('article img').naturalWidth > 100")
    caption = rows(
        site.db,
        "SELECT caption FROM images WHERE article_id = ? AND caption <> ''",
        known["illustrated"],
    )
    if caption:
        assert caption[0]["caption"] in page.locator("article").inner_text()
    evidence = page.locator(".evidence").inner_text()
    assert row["payload_sha256"] in evidence
    assert row["warc_file"] in evidence
    assert page.get_by_role("link", name=row["url"]).count() == 1


def test_an_attachment_is_saved_byte_for_byte(site: Site, page: Any) -> None:
    (row,) = rows(
        site.db,
        """SELECT article_id, filename, sha256 FROM attachments
           WHERE capture_id NOTNULL AND article_id <> 4 LIMIT 1""",
    )
    page.goto(site.at(f"article/{row['article_id']}"))
    with page.expect_download() as download:
        page.get_by_role("link", name=row["filename"]).click()
    assert download.value.suggested_filename == row["filename"]
    with open(download.value.path(), "rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == row["sha256"]


def test_what_was_changed_is_told_word_by_word(
    site: Site, known: dict[str, Any], page: Any
) -> None:
    page.goto(site.at(f"article/{known['changed']}"))
    _led(page, page.get_by_role("link", name="What was changed").click)
    old, new = rows(
        site.db,
        "SELECT title, body FROM versions WHERE article_id = ? ORDER BY id",
        known["changed"],
    )
    for name, before, after in (("del", old, new), ("ins", new, old)):
        for words in page.locator(f".diff {name}").all_inner_texts():
            assert words.strip() in before["title"] + before["body"]
            assert words.strip() not in after["title"] + " " + after["body"] or len(words) < 20
    assert page.locator(".diff del, .diff ins").count()


def test_a_chart_and_its_table_tell_the_same(site: Site, page: Any) -> None:
    page.goto(site.at("charts"))
    chart = page.locator("figure.chart").first
    assert chart.locator("svg rect").count() > 5
    chart.get_by_text("Table").click()
    cells = chart.locator("tbody td").all_inner_texts()
    (count,) = rows(
        site.db, "SELECT count(published_on) AS n FROM articles WHERE hidden_at IS NULL"
    )
    assert sum(int(cell.replace(",", "")) for cell in cells) == count["n"]


def test_views_over_time_are_drawn_from_the_readings(site: Site, page: Any) -> None:
    (row,) = rows(
        site.db,
        """SELECT article_id, min(views) AS low, max(views) AS high FROM view_counts
           WHERE article_id <> 4 GROUP BY article_id HAVING count(*) > 1 AND high > low LIMIT 1""",
    )
    page.goto(site.at(f"article/{row['article_id']}"))
    chart = page.locator("figure.chart")
    assert chart.locator("svg circle").count() == 2
    chart.get_by_text("Table").click()
    told = [text.replace(",", "") for text in chart.locator("tbody td").all_inner_texts()]
    assert told == [str(row["low"]), str(row["high"])]


def test_the_language_is_switched_and_remembered(site: Site, page: Any) -> None:
    page.goto(site.at("search?q=huyện"))
    assert page.locator("html").get_attribute("lang") == "en"
    _led(page, page.get_by_role("link", name="Tiếng Việt").click)
    assert "q=huy" in page.url
    assert page.locator("html").get_attribute("lang") == "vi"
    page.goto(site.at("charts"))
    assert page.get_by_role("heading", level=1).inner_text() == "Biểu đồ"
    _led(page, page.get_by_role("link", name="English").click)
    assert page.get_by_role("heading", level=1).inner_text() == "Charts"


def test_the_browsers_language_is_the_first_choice(site: Site, browser: Any) -> None:
    with browsing(browser, locale="vi-VN") as page:
        page.goto(site.at("help"))
        assert page.locator("html").get_attribute("lang") == "vi"


def test_everything_can_be_done_from_the_keyboard(site: Site, page: Any) -> None:
    page.goto(site.at(""))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    page.keyboard.type("nông thôn mới")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    first = _ids(page)[0]
    for _ in range(40):
        page.keyboard.press("Tab")
        shown = page.evaluate("document.activeElement.getAttribute('href') || ''")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
        if shown.endswith(f"/article/{first}"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/article/{first}")


def test_no_page_is_wider_than_a_phone(site: Site, known: dict[str, Any], browser: Any) -> None:
    with browsing(browser, viewport=PHONE) as page:
        for address in PAGES:
            page.goto(site.at(address.format(**known)))
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, address


@pytest.mark.skipif(not AXE.exists(), reason="tests/install-browser-parts.sh brings axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_no_serious_finding(
    site: Site, known: dict[str, Any], browser: Any, scheme: str
) -> None:
    script = AXE.read_text("utf-8")
    found = []
    with browsing(browser, color_scheme=scheme, locale="vi-VN") as page:
        for address in PAGES:
            page.goto(site.at(address.format(**known)))
            page.evaluate(script)
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            findings = page.evaluate("axe.run().then(told => told.violations)")
            found += [
                (address, each["id"], each["nodes"][0]["html"][:200])
                for each in findings
                if each["impact"] in ("serious", "critical")
            ]
    assert found == []


def test_a_script_in_an_archived_article_does_not_run(site: Site, page: Any) -> None:
    changed_rows(
        site.db,
        f"""UPDATE articles SET body_html = body_html || '{_EVIL.replace("'", "''")}',
            title = title || '{_EVIL.replace("'", "''")}', author = '{_EVIL.replace("'", "''")}',
            category = '{_EVIL.replace("'", "''")}' WHERE id = 5""",
    )
    for address in ("-/article/5", "-/", "-/browse", "-/charts", "-/search", "articles/5"):
        said = page.goto(f"{site.origin}/archive/{address}")
        assert page.evaluate("window.ran") is None, address
        policy = said.headers["content-security-policy"]
        assert "default-src 'none'" in policy or "script-src 'self' 'sha256-" in policy
        assert "unsafe-inline" not in policy.split("style-src")[0]
    page.goto(site.at("article/5"))
    assert "window.ran = 1" in page.get_by_role("heading", level=1).inner_text()
    assert page.locator(".text script, .text [onerror]").count() == 0
    # Even what would get past the sanitiser is not run.
    page.evaluate("""document.body.append(Object.assign(document.createElement('script'),
        {textContent: 'window.ran = 3'}))""")
    assert page.evaluate("window.ran") is None


def test_datasettes_own_scripts_still_run(site: Site, page: Any) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for address in ("archive", "archive/articles", "archive/newest", "archive?sql=select+1"):
        page.goto(f"{site.origin}/{address}")
    assert complaints == []
    assert page.locator(".CodeMirror").count() == 1


def test_the_site_works_without_scripts_as_it_has_none(site: Site, page: Any) -> None:
    page.goto(site.at("search?q=huyện"))
    assert page.locator("script").count() == 0


@pytest.mark.parametrize("list_", ["search", "search?q=xã", "changed", "category?name=y"])
def test_behind_the_last_page_there_is_none(site: Site, page: Any, list_: str) -> None:
    answer = page.goto(site.at(f"{list_}{'&' if '?' in list_ else '?'}page=400"))
    assert answer.status == 404
    assert re.search(r"the last page is \d+", page.locator("main").inner_text())


@pytest.mark.parametrize("period", ["2020", "2020-02", "2020-06", "2020-12"])
def test_what_a_year_or_month_is_followed_by_leads_somewhere(
    site: Site, page: Any, period: str
) -> None:
    page.goto(site.at(f"date/{period}"))
    feed = page.locator("link[rel=alternate]").get_attribute("href")
    for address in (feed, feed.replace("search.atom", "search")):
        answer = page.request.get(site.origin + address)
        assert answer.ok, answer.text()


def test_what_only_comes_near_is_called_so(site: Site, page: Any) -> None:
    page.goto(site.at("search?q=hội nghị xây dựng nông thôn mới xã phố cổ"))
    told = page.locator(".found").inner_text()
    assert "No article has every word; these come nearest." in told
    assert page.get_by_role("link", name="CSV", exact=True).count() == 0
    page.goto(site.at("search?q=nông thôn"))
    assert "every word" not in page.locator(".found").inner_text()
    assert page.get_by_role("link", name="CSV", exact=True).count() == 1


@pytest.mark.parametrize("path", ["nowhere", "articles/1", "article/1/2/3", "article/99999999"])
def test_an_address_without_a_page_is_told(site: Site, page: Any, path: str) -> None:
    answer = page.goto(site.at(path))
    assert answer.status == 404
    assert page.locator("main").inner_text().strip()
