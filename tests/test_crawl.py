"""The whole way of a page: the practice portal crawled into an archive, whole rows compared."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import practice
from tests.listening import free_port
from tests.test_cli import luutru

ARTICLES = 150
FIELDS = ("title", "published_on", "published_at", "view_count", "author", "category", "summary")


def _json(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def _crawl(url: str, db: Path) -> subprocess.CompletedProcess[str]:
    return luutru("crawl", url, "--db", str(db), "--full", "--delay", "0", "--concurrency", "8")


def _rows(db: Path, sql: str) -> list[sqlite3.Row]:
    with closing(sqlite3.connect(db)) as archive:
        archive.row_factory = sqlite3.Row
        return archive.execute(sql).fetchall()


def _folded(text: str | None) -> str:
    return " ".join((text or "").split())


def _expected(article: dict[str, Any]) -> dict[str, Any]:
    return {**{name: article[name] for name in FIELDS}, "body": _folded(article["body"])}


def _archived(row: sqlite3.Row) -> dict[str, Any]:
    return {**{name: row[name] for name in FIELDS}, "body": _folded(row["body"])}


class Week:
    """The practice portal on day 0 and on day 7, each with its truth, crawled into one archive."""

    def __init__(self, folder: Path) -> None:
        self.db = folder / "archive.db"
        self.port = free_port()
        self.truths: dict[int, dict[str, Any]] = {}
        self.requests: dict[int, dict[str, int]] = {}
        self.results: dict[int, subprocess.CompletedProcess[str]] = {}
        self.snapshots: dict[int, dict[str, dict[str, Any]]] = {}
        for day in (0, 7):
            self._day(day)

    def _day(self, day: int) -> None:
        with practice.running(articles=ARTICLES, day=day, port=self.port) as url:
            self.results[day] = _crawl(url, self.db)
            self.requests[day] = _json(f"{url}_requests.json")["paths"]
            self.truths[day] = _json(f"{url}_truth.json")
        rows = _rows(self.db, "SELECT * FROM articles")
        self.snapshots[day] = {row["url"]: dict(row) for row in rows}
        assert len(rows) == len(self.snapshots[day])


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    os.environ["LUUTRU_LANG"] = "en"
    return Week(tmp_path_factory.mktemp("week"))


def _differences(week: Week, day: int) -> list[str]:
    archived = week.snapshots[day]
    wrong = []
    for article in week.truths[day]["articles"]:
        row = archived.get(article["url"])
        if row is None:
            wrong.append(f"missing: {article['layout']} {article['url']}")
            continue
        expected = _expected(article)
        wrong += [
            f"{article['layout']} {article['url']} {name}: {row[name]!r} != {value!r}"
            for name, value in expected.items()
            if (_folded(row[name]) if name == "body" else row[name]) != value
        ]
    return wrong


def test_the_crawl_is_complete(week: Week) -> None:
    assert week.results[0].returncode == 0, week.results[0].stdout + week.results[0].stderr
    assert "complete" in week.results[0].stdout


@pytest.mark.parametrize("day", [0, 7])
def test_articles_equal_the_truth_in_all_layouts(week: Week, day: int) -> None:
    assert len({article["layout"] for article in week.truths[day]["articles"]}) == 5
    assert _differences(week, day) == []


def test_there_is_no_article_that_the_portal_does_not_have(week: Week) -> None:
    truth = {article["url"] for article in week.truths[0]["articles"]}
    assert set(week.snapshots[0]) == truth


def test_images_captions_and_attachments_are_tied_to_their_article(week: Week) -> None:
    for table, key in (("images", "images"), ("attachments", "attachments")):
        found = {
            (row["article"], row["url"])
            for row in _rows(
                week.db,
                f"SELECT a.url AS article, t.url FROM {table} t, articles a WHERE a.id=article_id",
            )
        }
        expected = {
            (article["url"], part if isinstance(part, str) else part["url"])
            for article in week.truths[0]["articles"]
            for part in article[key]
        }
        assert expected
        assert expected - found == set()


def test_the_traffic_box_is_read(week: Week) -> None:
    row = _rows(week.db, "SELECT total_visits, online_now, today FROM site_counts ORDER BY id")[0]
    assert dict(row) == week.truths[0]["site_counts"]


def test_planted_links_reach_neither_body_nor_markup(week: Week) -> None:
    planted = [href for article in week.truths[0]["articles"] for href in article["planted"]]
    assert planted
    for row in week.snapshots[0].values():
        for href in planted:
            assert href not in (row["body"] or "") + (row["body_html"] or "")


def test_a_week_later_only_edited_articles_have_versions(week: Week) -> None:
    edited = {article["url"] for article in week.truths[7]["articles"] if article["edited"]}
    old = set(week.snapshots[0])
    changed = {
        row["url"]
        for row in _rows(
            week.db,
            """SELECT a.url FROM versions v
        JOIN articles a ON a.id = v.article_id GROUP BY a.id HAVING count(*) > 1""",
        )
    }
    assert changed == edited & old
    assert changed


def test_a_week_later_there_is_one_count_per_article_seen(week: Week) -> None:
    counts = {
        row["url"]: row["n"]
        for row in _rows(
            week.db,
            """SELECT a.url, count(v.id) AS n
        FROM articles a LEFT JOIN view_counts v ON v.article_id = a.id GROUP BY a.id""",
        )
    }
    days = [{a["url"]: a["view_count"] for a in week.truths[day]["articles"]} for day in (0, 7)]
    for url, n in counts.items():
        assert n == sum(day.get(url) is not None for day in days), url


def test_what_vanished_is_absent_for_now_and_kept(week: Week) -> None:
    vanished = {entry["url"]: entry["how"] for entry in week.truths[7]["vanished"]}
    known = vanished.keys() & set(week.snapshots[0])
    reasons = dict(map(tuple, _rows(week.db, "SELECT url, reason FROM urls WHERE state = 'gone'")))
    said = {
        "404": "HTTP 404",
        "410": "HTTP 410",
        "302": "HTTP 302 to the home page",
        "soft404": "a page that says not found",
    }
    assert known
    for url in known:
        row, before = week.snapshots[7][url], week.snapshots[0][url]
        assert reasons[url] == said[vanished[url]]
        assert (row["body"], row["status"]) == (before["body"], before["status"])
        assert (row["absent_runs"], row["last_seen_at"]) == (1, before["last_seen_at"])
        assert row["absent_since"] > row["last_seen_at"]
    assert {row["url"] for row in week.snapshots[7].values() if row["absent_since"]} == known


@pytest.mark.parametrize("day", [0, 7])
def test_nothing_forbidden_was_asked_and_nothing_twice(week: Week, day: int) -> None:
    asked = week.requests[day]
    assert not [path for path in asked if path.startswith(("/admin", "/tim-kiem"))]
    # robots.txt is asked for by the middleware and kept by the crawl.
    assert asked["/robots.txt"] <= 2
    for article in week.truths[day]["articles"]:
        path = article["url"].split("/", 3)[3]
        assert asked.get("/" + path, 0) <= 1, path


def test_every_reading_says_its_rule(week: Week) -> None:
    rows = _rows(week.db, "SELECT field, raw, rule FROM readings")
    assert {"title", "published_on", "view_count", "author", "body"} <= {
        row["field"] for row in rows
    }
    assert all(row["raw"] and row["rule"] for row in rows)


def test_a_killed_crawl_goes_on_where_it_was(tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    with practice.running(articles=80, day=0, port=0) as url:
        command = [
            str(Path(sys.executable).with_name("luutru")),
            "crawl",
            url,
            "--db",
            str(db),
            "--delay",
            "0.01",
        ]
        crawl = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not db.exists() or _articles(db) < 15:
            time.sleep(0.02)
            assert crawl.poll() is None
        crawl.send_signal(signal.SIGKILL)
        crawl.wait()
        before = _articles(db)
        assert before < 80
        result = _crawl(url, db)
        truth = {article["url"] for article in _json(f"{url}_truth.json")["articles"]}
    assert result.returncode == 0, result.stdout
    assert {row["url"] for row in _rows(db, "SELECT url FROM articles")} == truth
    assert _rows(db, "SELECT count(*) AS n FROM versions")[0]["n"] == len(truth)
    assert [row["verdict"] for row in _rows(db, "SELECT verdict FROM runs ORDER BY id")] == [
        "stopped",
        "complete",
    ]


def _articles(db: Path) -> int:
    try:
        return int(_rows(db, "SELECT count(*) AS n FROM articles")[0]["n"])
    except sqlite3.OperationalError:
        return 0


def test_ctrl_c_ends_cleanly_and_says_so(tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    with practice.running(articles=80, day=0, port=0) as url:
        command = [
            str(Path(sys.executable).with_name("luutru")),
            "crawl",
            url,
            "--db",
            str(db),
            "--delay",
            "0.05",
        ]
        crawl = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while not db.exists() or _articles(db) < 3:
            time.sleep(0.05)
        crawl.send_signal(signal.SIGINT)
        out, err = crawl.communicate(timeout=60)
    assert crawl.returncode == 1, out + err
    assert "stopped" in out
    assert "still waiting" in out
    assert "Traceback" not in err


def test_scrapy_users_feel_at_home(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent
    scrapy = str(Path(sys.executable).with_name("scrapy"))
    listed = subprocess.run([scrapy, "list"], cwd=root, capture_output=True, text=True, check=True)
    assert listed.stdout.split() == ["commoncrawl", "news", "replay", "wayback"]
    with practice.running(articles=40, day=0, port=0) as url:
        crawl = subprocess.run(
            [
                scrapy,
                "crawl",
                "news",
                "-a",
                f"url={url}",
                "-s",
                f"ARCHIVE={tmp_path / 'archive.db'}",
                "-s",
                "DOWNLOAD_DELAY=0",
                "-O",
                str(tmp_path / "read.jsonl"),
            ],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
    assert _articles(tmp_path / "archive.db") == 40
    assert "Warning" not in crawl.stderr
    read = [json.loads(line) for line in (tmp_path / "read.jsonl").read_text("utf-8").splitlines()]
    assert sum(each["article"] is not None for each in read) == 40


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 2, "name a portal (-a portal=kimson) or an address (-a url=https://...)"),
        (("-a", "portal=nobody"), 2, "there is no portal called 'nobody' "),
        (("-a", "portal=kimson", "-s", "ARCHIVE=/no/such/folder.db"), 3, "/no/such/folder.db "),
    ],
)
def test_scrapy_says_in_one_line_what_is_in_the_way(
    words: tuple[str, ...], code: int, says: str
) -> None:
    crawl = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "news", *words, "-s", "LOG_LEVEL=ERROR"],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert crawl.returncode == code, crawl.stderr
    assert crawl.stderr.startswith(f"luutru: {says}")
    assert crawl.stderr.count("\n") == 1


def _looked(tmp_path: Path, *words: str) -> str:
    """What a command of Scrapy's shows of a page; it has to leave no archive behind."""
    root = Path(__file__).parent.parent
    result = subprocess.run(
        [sys.executable, "-m", "scrapy", *words, "--nolog"],
        cwd=tmp_path,
        env={**os.environ, "SCRAPY_SETTINGS_MODULE": "crawler.settings", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert not list(tmp_path.iterdir())
    return result.stdout


def test_scrapys_own_tools_look_at_a_page_and_touch_no_archive(tmp_path: Path) -> None:
    with practice.running(articles=3, day=0, port=0) as url:
        shell = _looked(tmp_path, "shell", url, "-c", "(response.status, len(response.css('a')))")
        assert shell.startswith("(200, ")
        assert "</html>" in _looked(tmp_path, "fetch", url)
        before = _json(f"{url}_requests.json")["paths"]
        parsed = _looked(tmp_path, "parse", url, "--spider", "news", "-a", f"url={url}")
        assert f"'url': '{url}rss.aspx'" in parsed
        after = _json(f"{url}_requests.json")["paths"]
    assert after == before | {"/": before["/"] + 1, "/robots.txt": before["/robots.txt"] + 1}


def test_a_spider_of_ones_own_is_a_plain_spider(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    found = tmp_path / "found.json"
    with practice.running(articles=3, day=0, port=0) as url:
        own.write_text(
            "import scrapy\n"
            "class Own(scrapy.Spider):\n"
            "    name = 'own'\n"
            f"    start_urls = ['{url}']\n"
            "    def parse(self, response):\n"
            "        yield {'title': response.css('title::text').get().strip()}\n"
        )
        words = ("runspider", str(own), "-O", str(found))
        subprocess.run(
            [sys.executable, "-m", "scrapy", *words],
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            timeout=100,
            check=True,
        )
    assert [list(each) for each in json.loads(found.read_text("utf-8"))] == [["title"]]
