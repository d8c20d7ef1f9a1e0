"""Getting to know a portal that nobody prepared, on the practice portal's real server."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

import practice
from crawler import profiles
from crawler.items import Page
from crawler.scouting.places import is_stable
from crawler.scouting.recognition import candidates
from tests.conftest import NOW
from tests.small_portal import Answer, small_portal
from tests.test_cli import luutru
from tests.test_crawl import _archived, _expected, _rows

ROOT = Path(__file__).parent.parent
LAYOUTS = ("kimson", "nukeviet", "sharepoint", "table2009", "vnportal")
ARTICLES = 60


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project without any profile but the generic one, which knows no layout then."""
    made = tmp_path_factory.mktemp("bare")
    for package in ("crawler", "spiders", "pipelines"):
        shutil.copytree(ROOT / package, made / package)
    for profile in (made / "crawler" / "portals").glob("*.toml"):
        if profile.name != "generic.toml":
            profile.unlink()
    return made


class Luutru:
    """The command, run in a folder of its own, with the project's profiles or without them."""

    def __init__(self, folder: Path, bare: Path | None) -> None:
        self.folder = folder
        self.bare = bare

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        if self.bare is None:
            return luutru(*words, cwd=self.folder)
        code = "from crawler.cli import main; main()"
        environment = {**os.environ, "PYTHONPATH": str(self.bare), "PYTHONSAFEPATH": "1"}
        return subprocess.run(
            [sys.executable, "-c", code, *words], cwd=self.folder, env=environment,
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip


def _truth(url: str) -> dict[str, dict[str, Any]]:
    with closing(urlopen(f"{url}_truth.json")) as answer:
        return {article["url"]: article for article in json.load(answer)["articles"]}


def _crawled(run: Luutru, portal: str, truth: dict[str, dict[str, Any]]) -> set[str]:
    """Crawl `portal`, compare every article with the truth; returns the layouts that read them."""
    result = run("crawl", portal, "--delay", "0", "--concurrency", "8")
    assert result.returncode == 0, result.stdout + result.stderr
    rows = {row["url"]: row for row in _rows(run.folder / "archive.db", "SELECT * FROM articles")}
    assert rows.keys() == truth.keys()
    for url, article in truth.items():
        assert _archived(rows[url]) == _expected(article), url
    return {row["layout"] for row in rows.values()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_portal_is_read_without_any_profile(tmp_path: Path, bare: Path, layout: str) -> None:
    run = Luutru(tmp_path, bare)
    assert json.loads(run("portals", "--json").stdout)[0]["layouts"] == []
    with practice.running(articles=ARTICLES, layout=layout, port=0) as url:
        assert _crawled(run, url, _truth(url)) == {"generic"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_written_profile_passes_its_test_and_reads_the_whole_portal(
    tmp_path: Path, bare: Path, layout: str
) -> None:
    run = Luutru(tmp_path, bare)
    with practice.running(articles=ARTICLES, layout=layout, port=0) as url:
        written = run("portals", "check", url, "--delay", "0", "--write", "thu", "--json")
        assert written.returncode == 0, written.stdout + written.stderr
        survey = json.loads(written.stdout)
        assert [test["wrong"] for test in survey["tests"]] == [{}] * len(survey["tests"])
        assert len(survey["tests"]) >= 3
        again = run("portals", "test", "thu")
        assert again.returncode == 0, again.stdout + again.stderr
        names = {layout["name"] for layout in survey["layouts"]}
        # The tables of 2009 have neither class nor id to name a place by.
        assert bool(names) == (layout != "table2009")
        assert _crawled(run, "thu", _truth(url)) == (names or {"generic"})


@pytest.mark.parametrize(
    ("layout", "cms", "confidence"),
    [
        ("kimson", "generic", None),
        ("nukeviet", "nukeviet", "sure"),
        ("sharepoint", "sharepoint", "sure"),
        ("table2009", "generic", None),
        ("vnportal", "vnportal", "sure"),
        ("mixed", "generic", "sure"),
    ],
)
def test_the_cms_is_told_and_the_profile_passes_its_test(
    tmp_path: Path, layout: str, cms: str, confidence: str | None
) -> None:
    run = Luutru(tmp_path, None)
    with practice.running(articles=ARTICLES, layout=layout, port=0) as url:
        written = run("portals", "check", url, "--delay", "0", "--write", "thu", "--json")
        survey = json.loads(written.stdout)
    assert written.returncode == 0, written.stderr
    assert survey["cms"] == cms
    assert next((c["confidence"] for c in survey["candidates"]), None) == confidence
    assert f'cms = "{cms}"' in (tmp_path / "portals" / "thu.toml").read_text("utf-8")
    assert run("portals", "test").returncode == 0
    known = json.loads(run("portals", "--json").stdout)
    assert "thu" in {profile["slug"] for profile in known}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a written profile and its golden pages."""
    folder = tmp_path_factory.mktemp("written")
    with practice.running(articles=ARTICLES, layout="vnportal", port=0) as url:
        luutru("portals", "check", url, "--delay", "0", "--write", "thu", cwd=folder)
    return folder


def test_the_survey_is_told_to_people(tmp_path: Path) -> None:
    with practice.running(articles=150, layout="nukeviet", port=0) as url:
        told = luutru("portals", "check", url, "--delay", "0", cwd=tmp_path).stdout
    for words in (
        "CMS  NukeViet  sure",
        "generator  NukeViet v4.5",
        "articles by .news_column .panel-body",
        "further pages: page-2/",
        "← layout nukeviet-4: h1.title",
        "--write NAME",
    ):
        assert words in told
    assert not (tmp_path / "portals").exists()


WRONG = """
[[layouts]]
name = "thu-2"
page = "div.ArticleContent"
title = "div.PostDate"
body = "div.ArticleContent"
"""


def test_a_change_of_the_profile_that_reads_otherwise_is_told(written: Path) -> None:
    run = Luutru(written, None)
    profile = written / "portals" / "thu.toml"
    before = profile.read_text("utf-8")
    profile.write_text(before + WRONG, "utf-8")
    result = run("portals", "test", "thu", "--json")
    told = run("portals", "test", "thu").stdout
    profile.write_text(before, "utf-8")
    pages = json.loads(result.stdout)["thu"]
    assert result.returncode == 1
    assert ["title" in page["wrong"] for page in pages] == [True, True, True, False]
    assert "thu  1 of 4 golden pages read as they must" in told
    assert run("portals", "test", "thu").returncode == 0


def test_a_page_without_json_gets_one_and_fails_once(written: Path) -> None:
    run = Luutru(written, None)
    pages = written / "portals" / "thu"
    shutil.copy(pages / "article-1.html", pages / "moi.html")
    first, second = run("portals", "test"), run("portals", "test")
    (pages / "moi.html").unlink()
    assert (first.returncode, second.returncode) == (1, 0), first.stdout + second.stdout
    assert "look at it" in first.stdout


def test_saved_pages_are_looked_at_without_the_network(tmp_path: Path, written: Path) -> None:
    saved = tmp_path / "saved"
    saved.mkdir()
    for page in (written / "portals" / "thu").glob("*.html"):
        shutil.copy(page, saved)
    run = Luutru(tmp_path, None)
    found = json.loads(run("portals", "check", str(saved), "--json").stdout)
    assert [page["kind"] for page in found["pages"]].count("article") == 3
    assert found["cms"] == "vnportal"
    without = run("portals", "check", str(saved), "--write", "xa")
    assert (without.returncode, "--url https://host/" in without.stderr) == (2, True)
    advice = run("portals", "check", str(saved)).stdout
    assert ("--url https://host/" in advice, "luutru crawl" in advice) == (True, False)
    mark = "<!-- Mirrored from xa.example/{} by HTTrack Website Copier/3.x [XR], {} -->\n"
    for page in saved.glob("*.html"):
        told = mark.format(page.name, "Fri, 05 Jul 2024 02:00:00 GMT").encode()
        page.write_bytes(told + page.read_bytes())
    advice = run("portals", "check", str(saved)).stdout
    assert "luutru crawl http://xa.example/" in advice
    assert "the same with --write NAME" in advice
    made = run("portals", "check", str(saved), "--write", "xa", "--url", "https://xa.example/")
    assert made.returncode == 0, made.stdout + made.stderr
    assert run("portals", "test", "xa").returncode == 0


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("nhoquan.ninhbinh.gov.vn", "# nhoquan.ninhbinh.gov.vn may be the portal of 372 Huyện Nho"),
        ("huyengiavien.ninhbinh.gov.vn", 'unit = "373"  # Huyện Gia Viễn'),
        ("bacgiang.gov.vn", 'unit = "100024"  # Tỉnh Bắc Giang'),
        ("xa.example", None),
    ],
)
def test_a_written_profile_says_its_place(
    tmp_path: Path, written: Path, host: str, says: str | None
) -> None:
    page = next((written / "portals" / "thu").glob("*.html"))
    run = Luutru(tmp_path, None)
    run("portals", "check", str(page), "--write", "moi", "--url", f"https://{host}/")
    lines = (tmp_path / "portals" / "moi.toml").read_text("utf-8").splitlines()
    assert says is None or any(line.startswith(says) for line in lines), lines
    assert says is not None or not any("unit" in line for line in lines)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["check", "http://127.0.0.1:9/", "--delay", "0"], 3, "gave no page"),
        (["check", "https://"], 2, "no address with a host"),
        (["check", "kimsom"], 2, "nearest: kimson"),
        (["check", "."], 2, "holds no saved page"),
        (["check", ".", "https://x.vn/"], 2, "not both"),
        (["check", "https://x.vn/", "--write", "Kim Sơn"], 2, "is no name for a profile"),
        (["check", "https://x.vn/", "--write", "kimson"], 2, "there is a profile kimson already"),
        (["test"], 2, "there are no golden pages"),
        (["test", "kimson"], 2, "there are no golden pages"),
    ],
)
def test_wrong_use_gets_one_line(tmp_path: Path, words: list[str], code: int, says: str) -> None:
    result = luutru("portals", *words, cwd=tmp_path)
    assert result.returncode == code, result.stdout + result.stderr
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_what_robots_txt_forbids_is_not_looked_at(tmp_path: Path) -> None:
    with small_portal() as portal:
        portal.pages["/robots.txt"] = Answer(
            b"User-agent: *\nDisallow: /kin/", headers={"Content-Type": "text/plain"}
        )
        portal.article("/tin/hoi-nghi-so-ket-1", "Hội nghị sơ kết sáu tháng đầu năm")
        portal.article("/kin/noi-bo-2", "Văn bản nội bộ không cho máy đọc")
        links = "".join(
            f"<a href='{path}'>Bài viết dài đủ để là một tiêu đề {path}</a>"
            for path in portal.pages
        )
        portal.pages["/"] = Answer(
            f"<html><body>{links}</body></html>".encode(),
            headers={"Content-Type": "text/html", "X-Generator": "Drupal 9"},
        )
        result = luutru("portals", "check", portal.url, "--delay", "0", "--json", cwd=tmp_path)
        assert portal.asked_for("/tin/hoi-nghi-so-ket-1")
        assert not portal.asked_for("/kin/noi-bo-2")
    found = json.loads(result.stdout)
    assert any("/kin/noi-bo-2" in line for line in found["missing"])
    assert [c["slug"] for c in found["candidates"]] == ["drupal"]
    assert found["candidates"][0]["evidence"][0]["kind"] == "header"


def _html(body: str) -> Answer:
    return Answer(body.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def test_a_title_that_no_other_page_knows_is_told(tmp_path: Path) -> None:
    titles = {
        "/tin/cau-1": "Khởi công cầu qua sông Vạc tại xã Hồi Ninh",
        "/tin/ruong-2": "Hợp tác xã đưa máy cấy về đồng ruộng",
    }
    links = "".join(f"<p><a href='{path}'>{title}</a></p>" for path, title in titles.items())
    with small_portal() as portal:
        portal.article("/tin/cau-1", "Trang thông tin điện tử huyện Kim Hải")
        portal.article("/tin/ruong-2", titles["/tin/ruong-2"])
        portal.pages["/"] = _html(f"<html><body>{links}</body></html>")
        told = luutru("portals", "check", portal.url, "--delay", "0", cwd=tmp_path).stdout
    said = [line for line in told.splitlines() if "other pages call it" in line]
    assert len(said) == 1, told
    assert said[0].endswith(
        "/tin/cau-1: the title is “Trang thông tin điện tử huyện Kim Hải”, but other pages call it "
        "“Khởi công cầu qua sông Vạc tại xã Hồi Ninh”"
    )


def test_behind_a_home_page_of_scripts_the_sitemap_tells_the_articles(tmp_path: Path) -> None:
    with small_portal() as portal:
        portal.pages["/"] = _html(
            "<html><title>Trang chủ - Xã Phú Lộc</title><script src=a.js></script>"
        )
        paths = [f"/tin/hoi-nghi-{number}" for number in range(9)]
        for path in paths:
            portal.article(path, f"Hội nghị {path}")
        entries = "".join(f"<url><loc>{portal.url}{path[1:]}</loc></url>" for path in paths)
        portal.file("/sitemap.xml", f"<urlset>{entries}</urlset>".encode(), "text/xml")
        words = ("portals", "check", portal.url, "--delay", "0", "--write", "phuloc")
        result = luutru(*words, cwd=tmp_path)
        tested = luutru("portals", "test", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "scripts build the home page" in result.stdout
    assert 'name = "Xã Phú Lộc"' in (tmp_path / "portals" / "phuloc.toml").read_text("utf-8")
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_a_profile_without_golden_pages_leaves_those_of_others_alone(
    tmp_path: Path, written: Path
) -> None:
    shutil.copytree(written / "portals", tmp_path / "portals")
    with small_portal() as portal:
        portal.pages["/"] = _html("<html><title>Xã Phú Lộc</title><script src=a.js></script>")
        words = ("portals", "check", portal.url, "--delay", "0", "--write", "phuloc")
        result = luutru(*words, cwd=tmp_path)
    assert result.returncode == 1
    assert "no golden page" in result.stdout
    assert "luutru portals test" not in result.stdout
    assert luutru("portals", "test", cwd=tmp_path).returncode == 0


GOLDEN = {
    "wordpress.html": "wordpress",
    "joomla.html": "joomla",
    "joomla3.html": "joomla",
    "joomla-k2.html": "joomla",
    "drupal.html": "drupal",
    "drupal7.html": "drupal",
    "dnn.html": "dnn",
    "nukeviet-egov.html": "nukeviet",
    "liferay.html": "liferay",
    "vhv.html": "vhv",
    "vnportal.html": "vnportal",
    "sharepoint.html": "sharepoint",
}


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_golden_pages_tell_their_cms(name: str) -> None:
    body = (ROOT / "tests" / "pages" / name).read_bytes()
    page = Page("https://haivan.example/", NOW, 200, "text/html", body)
    assert next(c.slug for c in candidates([page], profiles.cmss())) == GOLDEN[name]


@pytest.mark.parametrize("name", ["kimson.html", "table2009.html", "generic.html", "poll.html"])
def test_pages_of_no_known_cms_tell_none(name: str) -> None:
    body = (ROOT / "tests" / "pages" / name).read_bytes()
    page = Page("https://haivan.example/", NOW, 200, "text/html", body)
    assert candidates([page], profiles.cmss()) == []


@pytest.mark.parametrize(
    ("name", "stable"),
    [
        ("ArticleContent", True),
        ("field-body", True),
        ("hometext", True),
        ("news-bodyhtml", True),
        ("edn_articleTitle", True),
        ("detail__body", True),
        # It took years: each letter more doubled the time.
        ("f" * 60 + ":w", False),
        ("dnn_ctr1052_ContentPane", False),
        ("post-2411", False),
        ("col-md-9", False),
        ("text-right", False),
        ("mb-20", False),
    ],
)
def test_names_of_numbers_and_looks_are_not_used(name: str, stable: bool) -> None:
    assert is_stable(name) is stable
