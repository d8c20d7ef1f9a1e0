"""Many archives merged into one: the same tables, numbers that stay, and only what changed."""

import html
import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from urllib.request import urlopen

import pytest
from warcio.archiveiterator import ArchiveIterator

import practice
from crawler.archive import hiding, runs, sources
from crawler.archive.connection import open_archive
from crawler.archive.merging import LEFT_OUT, SHARED, TABLES
from crawler.archive.numbering import ROWS, SOURCES, Places, merged, own
from crawler.items import Attachment, Problem
from crawler.merging import Outcome, archives_in, merge
from crawler.profiles import Profile
from crawler.search import Filters, search, similar
from tests.conftest import NOW, WHO, Archive
from tests.packing import needs_pywb
from tests.plain import plain
from tests.site import serving
from tests.test_cli import luutru
from tests.test_replay_serving import served as replayed

_PROSE = "Hội nghị bàn về đường liên thôn và nước sạch của xã số {k}."


def _archive(folder: Path, articles: int = 3) -> Archive:
    folder.mkdir(parents=True)
    made = Archive(folder / "archive.db")
    for k in range(1, articles + 1):
        made.keep(f"/{k}", f"Bài {k} ở {folder.name}", _PROSE.format(k=k), view_count=k)
    return made


@pytest.fixture
def two(tmp_path: Path) -> Iterator[list[Archive]]:
    """Two archives of the same portal, by two people."""
    made = [_archive(tmp_path / name) for name in ("kim", "yen")]
    yield made
    for each in made:
        each.db.close()


def _merge(folder: Path, target: str = "national.db") -> list[Outcome]:
    into = folder / target
    return list(merge(into, archives_in([folder], into), datetime.now(UTC)))


def _rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(open_archive(path)) as db:
        return [tuple(row) for row in db.execute(sql)]


def _content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows that are merged, without the times of merging."""
    names = {table: f"SELECT * FROM {table} ORDER BY id" for table in TABLES}
    return {table: _rows(path, sql) for table, sql in names.items()}


def _is_whole(path: Path) -> None:
    """References lead somewhere, and the indexes are what the articles give."""
    with closing(open_archive(path)) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        for index in ("articles_fts", "titles_fts"):
            db.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")


def test_numbers_tell_their_source() -> None:
    for table in ("articles", "urls"):
        numbers = {merged(table, row, source) for row in (1, 2, 700) for source in (1, 2, 8191)}
        assert len(numbers) == 9
        assert max(numbers) < 2**53
        assert own(table, merged(table, 700, 8191)) == (8191, 700)
    # The first article of every source comes before the second of any.
    assert merged("articles", 1, 8191) < merged("articles", 2, 1)


def test_places_are_where_articles_stand() -> None:
    sizes = [3, 10, 1, 10]
    numbers = sorted(
        merged("articles", row, source)
        for source, size in enumerate(sizes, 1)
        for row in range(1, size + 1)
    )
    places = Places(numbers[-1], sizes)
    assert places.last == len(numbers) == 24
    for place, number in enumerate(numbers, 1):
        assert abs(places.place(number) - place) <= len(sizes)
        assert abs(places.number(place) - number) <= SOURCES
    assert Places(70, []).place(7) == Places(70, []).number(7) == 7


def test_every_table_is_merged_or_left_out_for_a_reason(archive: Archive) -> None:
    tables = {row[0] for row in archive.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    ours = {t for t in tables if not t.startswith(("_", "sqlite_", "articles_", "titles_"))}
    assert ours == {*TABLES, *SHARED, *LEFT_OUT}
    triggers = {
        row[0] for row in archive.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    }
    for table in set(TABLES) - {"events"}:
        assert {f"row_changes_{table}_update", f"row_changes_{table}_delete"} <= triggers


def test_two_archives_become_one(tmp_path: Path, two: list[Archive]) -> None:
    assert [(o.problem, o.whole, o.brought and o.brought.new) for o in _merge(tmp_path)] == [
        (None, True, 3),
        (None, True, 3),
    ]
    national = tmp_path / "national.db"
    _is_whole(national)
    assert _rows(national, "SELECT slug FROM portals ORDER BY id") == [("thu",), ("thu.2",)]
    assert _rows(national, "SELECT id, title FROM articles WHERE title LIKE 'Bài 2%'") == [
        (2 * SOURCES + 1, "Bài 2 ở kim"),
        (2 * SOURCES + 2, "Bài 2 ở yen"),
    ]
    with closing(open_archive(national)) as db:
        found = search(db, '"đường liên thôn"')
        assert (found.total, {hit.id % SOURCES for hit in found.hits}) == (3, {2})
        assert {other.portal for hit in found.hits for other in hit.others} == {"thu"}
    assert luutru("show", str(2 * SOURCES + 2), "--db", str(national)).stdout.count("Bài 2 ở yen")


def test_nothing_changed_is_nothing_written(tmp_path: Path, two: list[Archive]) -> None:
    _merge(tmp_path)
    before = (tmp_path / "national.db").read_bytes()
    assert [o.brought for o in _merge(tmp_path)] == [None, None]
    assert (tmp_path / "national.db").read_bytes() == before


def _change_everything(archive: Archive) -> None:
    """What a day may bring: news, edits, removals, problems solved, files, hidden articles."""
    archive.keep("/9", "Tin mới", "Chợ họp lại.", problems=(Problem("no author", "author"),))
    archive.keep("/1", "Bài 1, đã sửa", "Nội dung khác hẳn.", view_count=77)
    archive.keep("/2", "Bài 2", "", attachments=(Attachment("https://thu.example/a.pdf", "a.pdf"),))
    archive.db.execute("UPDATE attachments SET text = 'Quyết định 12', sha256 = 'x'")
    archive.keep("/9", "Tin mới", "Chợ họp lại.", author="Lan")
    hiding.hide(archive.db, 3, "a person asked", NOW, "test")
    # Reading again may find that a text was none, and remove it.
    archive.db.execute("DELETE FROM view_counts WHERE article_id = 3")
    archive.db.execute("DELETE FROM readings WHERE article_id = 1")
    runs.finish(archive.db, archive.run, "finished", NOW)


def test_what_changed_follows_and_numbers_stay(tmp_path: Path, two: list[Archive]) -> None:
    _merge(tmp_path)
    known = _rows(tmp_path / "national.db", "SELECT id, url FROM articles")
    _change_everything(two[1])
    assert [o.brought is None for o in _merge(tmp_path)] == [True, False]
    _merge(tmp_path, "anew.db")
    national = tmp_path / "national.db"
    assert _content(national) == _content(tmp_path / "anew.db")
    _is_whole(national)
    assert set(known) < set(_rows(national, "SELECT id, url FROM articles"))
    with closing(open_archive(national)) as db:
        assert [hit.title for hit in search(db, "quyet dinh 12").hits] == ["Bài 2"]
        assert search(db, "title:bài yen").total == 0
    ((hidden, event),) = _rows(
        national, "SELECT hidden_why, object FROM articles, events WHERE hidden_why NOTNULL"
    )
    assert (hidden, event) == ("a person asked", f"article {3 * SOURCES + 2}")


def test_a_change_of_places_is_followed(tmp_path: Path, two: list[Archive]) -> None:
    _merge(tmp_path)
    for wrong, right in ((1, -1), (2, 1), (-1, 2)):
        two[0].db.execute("PRAGMA foreign_keys = OFF")
        two[0].db.execute("UPDATE articles SET url_id = ? WHERE url_id = ?", (right, wrong))
    _merge(tmp_path)
    urls = _rows(tmp_path / "national.db", "SELECT url_id FROM articles ORDER BY id")
    assert urls[:4:2] == [(ROWS + 2,), (ROWS + 1,)]


def test_an_article_that_is_removed_goes(tmp_path: Path, two: list[Archive]) -> None:
    _merge(tmp_path)
    two[0].db.execute("PRAGMA foreign_keys = OFF")
    for table in ("versions", "view_counts", "readings"):
        two[0].db.execute(f"DELETE FROM {table} WHERE article_id = 3")
    two[0].db.execute("DELETE FROM articles WHERE id = 3")
    assert [o.brought and o.brought.gone for o in _merge(tmp_path)] == [1, None]
    # The number of the last row is given again.
    two[0].keep("/10", "Bài mười", "Số cũ.")
    _merge(tmp_path)
    _is_whole(tmp_path / "national.db")
    _merge(tmp_path, "anew.db")
    assert _content(tmp_path / "national.db") == _content(tmp_path / "anew.db")


def test_an_archive_made_anew_takes_the_place(tmp_path: Path, two: list[Archive]) -> None:
    _merge(tmp_path)
    two[0].db.close()
    two[0].path.unlink()
    (tmp_path / "kim").rmdir()
    two[0] = _archive(tmp_path / "kim", articles=1)
    assert [o.whole for o in _merge(tmp_path)] == [True, False]
    national = tmp_path / "national.db"
    assert _rows(national, "SELECT id FROM articles WHERE id % 8192 = 1") == []
    assert _rows(national, "SELECT id FROM articles WHERE id % 8192 = 3") == [(SOURCES + 3,)]
    _is_whole(national)


def test_an_archive_put_back_from_a_copy_comes_whole(tmp_path: Path, two: list[Archive]) -> None:
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        two[0].db.backup(copy)
    for path in ("/4", "/4b", "/4c"):
        two[0].keep(path, "Bài bốn", "Sau bản sao.")
    _merge(tmp_path)
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        copy.backup(two[0].db)
    two[0].keep("/5", "Bài năm", "Thay cho bài bốn.", page={"fetched_at": NOW.replace(year=2025)})
    assert [o.whole for o in _merge(tmp_path)] == [True, False]
    # Its number was another article's before.
    two[0].keep("/6", "Bài sáu", "Sau khi phục hồi.")
    assert [o.brought and o.brought.new for o in _merge(tmp_path)] == [1, None]
    _merge(tmp_path, "anew.db")
    assert _content(tmp_path / "national.db") == _content(tmp_path / "anew.db")


def test_a_copy_of_a_source_is_told_and_a_moved_one_is_known(
    tmp_path: Path, two: list[Archive]
) -> None:
    _merge(tmp_path)
    two[0].db.close()
    (tmp_path / "zz").mkdir()
    (tmp_path / "zz" / "archive.db").write_bytes(two[0].path.read_bytes())
    assert [o.copy_of for o in _merge(tmp_path)] == [None, None, two[0].path]
    two[0].path.unlink()
    assert [o.whole for o in _merge(tmp_path)] == [False, False]
    assert _rows(tmp_path / "national.db", "SELECT count(*) FROM sources") == [(2,)]


def test_bad_sources_do_not_stop_the_others(tmp_path: Path, two: list[Archive]) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "text.db").write_text("no database at all, but long enough to be looked at" * 9)
    for name in ("other.db", "old.db", "new.db"):
        with closing(sqlite3.connect(bad / name)) as db:
            two[0].db.backup(db) if name != "other.db" else db.execute("CREATE TABLE t (x)")
            if name != "other.db":
                db.execute("UPDATE identity SET name = ?", (name,))
            if name == "old.db":
                db.execute("DELETE FROM _sqlite_migrations WHERE name = '6-good-endings'")
            if name == "new.db":
                db.execute(
                    "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
                    "VALUES ('luutru', '999-later', '')"
                )
            db.commit()
    with closing(sqlite3.connect(bad / "whole.db")) as db:
        two[0].db.backup(db)
        db.execute("UPDATE identity SET name = 'torn'")
        db.commit()
        at = 4096 * (
            db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'versions'").fetchone()[0]
            - 1
        )
    torn = bytearray((bad / "whole.db").read_bytes())
    torn[at : at + 4096] = bytes(4096)
    (bad / "torn.db").write_bytes(torn)
    lock = sqlite3.connect(bad / "locked.db", isolation_level=None)
    two[0].db.backup(lock)
    lock.execute("UPDATE identity SET name = 'locked'")
    lock.execute("PRAGMA locking_mode = EXCLUSIVE")
    lock.execute("BEGIN EXCLUSIVE")
    national = str(tmp_path / "national.db")
    assert luutru("merge", str(two[0].path.parent), "--db", str(tmp_path / "m.db")).returncode == 0
    names = ("text", "other", "old", "new", "torn", "locked", "absent")
    given = [str(bad / f"{name}.db") for name in names] + [str(tmp_path / "m.db")]
    result = luutru("merge", *given, str(two[1].path), "--db", national)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    told = [line.partition(": ")[2].partition(" (")[0] for line in result.stderr.splitlines()]
    assert told == [
        "it is no luutru archive",
        "it is no luutru archive",
        "it was made by an earlier luutru; --update brings it up to date",
        "it was made by a later luutru; update this one",
        "it is damaged",
        "another program has locked it; merge again later",
        "there is no such file",
        "it is merged itself; merge the archives that it was made of",
    ]
    assert result.stdout.endswith("3 articles new, 0 changed, 0 gone; it came whole\n")
    assert _rows(tmp_path / "national.db", "SELECT count(*) FROM articles") == [(3,)]
    lock.close()


def test_a_merged_archive_is_not_written_otherwise(tmp_path: Path, two: list[Archive]) -> None:
    _merge(tmp_path)
    national = str(tmp_path / "national.db")
    hide = luutru("hide", str(SOURCES + 2), "--why", "x", "--db", national)
    assert hide.returncode == 2
    assert f"is article 1 of {two[1].path};" in hide.stderr
    crawl = luutru("crawl", "http://127.0.0.1:9/", "--db", national)
    assert (crawl.returncode, "merged from others" in crawl.stderr) == (2, True)
    into = luutru("merge", national, "--db", str(two[0].path))
    assert (into.returncode, "crawls of its own" in into.stderr) == (2, True)
    (tmp_path / "empty").mkdir()
    empty = luutru("merge", str(tmp_path / "empty"), "--db", national)
    assert (empty.returncode, "no archive.db in" in empty.stderr) == (2, True)


def test_a_source_is_read_while_it_is_crawled(tmp_path: Path, two: list[Archive]) -> None:
    two[0].db.execute("BEGIN IMMEDIATE")
    two[0].db.execute("UPDATE articles SET title = 'halb'")
    _merge(tmp_path)
    two[0].db.execute("ROLLBACK")
    titles = _rows(tmp_path / "national.db", "SELECT title FROM articles")
    assert ("halb",) not in titles
    assert len(titles) == 6


def test_killed_at_any_moment_it_ends_the_same(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        _archive(tmp_path / name, articles=60).db.close()
    _merge(tmp_path, "undisturbed.db")
    national = tmp_path / "national.db"
    command = [sys.executable, "-m", "crawler", "merge", str(tmp_path), "--db", str(national)]
    killed = 0
    for n in range(10):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            while not national.exists():
                assert process.poll() is None
                time.sleep(0.005)
            time.sleep(0.03 * n)
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
    assert killed
    _merge(tmp_path)
    assert _content(national) == _content(tmp_path / "undisturbed.db")
    _is_whole(national)


def test_datasette_without_luutru_shows_it(tmp_path: Path, two: list[Archive]) -> None:
    _merge(tmp_path)
    national = str(tmp_path / "national.db")
    path = "/national/articles.json?_search=duong+lien+thon&_shape=array&_labels=on"
    command, environment = plain("datasette", "serve", national, "--get", path)
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = json.loads(result.stdout)
    assert sorted(row["title"] for row in found)[:2] == ["Bài 1 ở kim", "Bài 1 ở yen"]
    assert {row["portal_id"]["label"] for row in found} == {"Huyện Thử"}


def test_the_places_of_warc_files_are_known(tmp_path: Path, two: list[Archive]) -> None:
    for each in two:
        each.path.with_suffix(".warcs").mkdir()
        (each.path.with_suffix(".warcs") / "1.warc.gz").write_text(each.path.parent.name)
        each.db.execute(
            "UPDATE captures SET warc_file = '1.warc.gz', warc_offset = 0, warc_length = 9"
        )
    _merge(tmp_path)
    files = _rows(tmp_path / "national.db", "SELECT DISTINCT warc_file FROM captures ORDER BY 1")
    texts = [(tmp_path / "national.warcs" / str(name)).read_text() for (name,) in files]
    assert texts == ["kim", "yen"]
    with closing(open_archive(tmp_path / "national.db")) as db:
        assert list(sources.where(db).values()) == [each.path for each in two]


@needs_pywb
def test_captured_pages_of_every_source_are_shown(tmp_path: Path) -> None:
    for name in ("kim", "yen"):
        (tmp_path / name).mkdir()
        with practice.running(articles=3, crawl_delay=0) as url:
            assert luutru("crawl", url, "--delay", "0", cwd=tmp_path / name).returncode == 0
    national = tmp_path / "national.db"
    _merge(tmp_path)
    captures = """SELECT c.url, c.captured_at, a.title FROM articles a
        JOIN captures c ON c.id = a.capture_id ORDER BY a.id LIMIT 2"""
    with replayed(national) as site:
        for address, captured_at, title in _rows(national, captures):
            answer, body = site.replayed(str(address), str(captured_at))
            assert answer.status == 200
            assert html.escape(str(title), quote=False) in body.decode("utf-8", "replace")


def test_evidence_is_checked_and_excerpted_where_it_lies(tmp_path: Path) -> None:
    for name in ("kim", "yen"):
        (tmp_path / name).mkdir()
        with practice.running(articles=4, crawl_delay=0) as url:
            assert luutru("crawl", url, "--delay", "0", cwd=tmp_path / name).returncode == 0
    assert luutru("verify", cwd=tmp_path / "kim").returncode == 0
    (tmp_path / "kim" / "archive.warcs" / "originals").mkdir()
    national = str(tmp_path / "national.db")
    _merge(tmp_path)
    checked = json.loads(luutru("verify", "--json", "--db", national).stdout)
    assert (checked["findings"], checked["left_out"], checked["files"]) == ([], [], 2)
    assert checked["rows"] == len(_rows(Path(national), "SELECT 1 FROM captures"))
    out = tmp_path / "all.warc.gz"
    sql = "SELECT id FROM articles"
    packed = luutru("export", "warc", "--sql", sql, "--db", national, "-o", str(out))
    assert packed.returncode == 0, packed.stderr
    with out.open("rb") as file:
        found = Counter(r.rec_type for r in ArchiveIterator(file))
    assert found["response"] >= len(_rows(Path(national), sql)) == 8
    _merge(tmp_path)
    assert luutru("verify", "--db", national).returncode == 0
    for words in (
        ("export", "bag"),
        ("export", "wacz"),
        ("verify", "--repair-from", str(tmp_path)),
    ):
        refused = luutru(*words, "--db", national)
        assert (refused.returncode, "merged from others" in refused.stderr) == (2, True), words
    warc = next((tmp_path / "yen" / "archive.warcs").glob("*.warc.gz"))
    warc.write_bytes(warc.read_bytes()[:-100])
    damaged = luutru("verify", "--db", national)
    assert (damaged.returncode, f"2/{warc.name}" in damaged.stdout) == (1, True), damaged.stdout


_COMMUNES = ("Kim Tân", "Yên Mô", "Gia Thủy", "Lai Thành", "Cồn Thoi", "Văn Hải", "Như Hòa")
_RELEASE = " ".join(
    f"Đại hội lần thứ {n} của huyện bàn về đường làng, nước sạch và trường học ở xã {name}."
    for n, name in enumerate(_COMMUNES, 21)
)


def _portal(folder: Path, slug: str, *bodies: str) -> Archive:
    folder.mkdir(parents=True)
    made = Archive(folder / "archive.db")
    profile = Profile(slug=slug, name=slug.title(), url=f"https://{slug}.example/")
    made.run = runs.begin(made.db, profile, "crawl", WHO, NOW)
    for k, body in enumerate(bodies, 1):
        made.keep(f"https://{slug}.example/{k}", f"Đại hội {k}", body)
    return made


def _groups(path: Path) -> set[frozenset[str]]:
    rows = _rows(
        path,
        """SELECT g.first_id, a.url FROM article_groups g JOIN articles a ON a.id = g.article_id""",
    )
    firsts = {first for first, _ in rows}
    return {frozenset(str(url) for first, url in rows if first == one) for one in firsts}


def test_the_same_text_of_many_portals_is_one_group(tmp_path: Path) -> None:
    other = _RELEASE.replace("đường làng", "mùa màng").replace("trường học", "chợ búa")
    numbers = re.sub(r"\d+", lambda n: str(int(n[0]) + 50), _RELEASE)
    kim = _portal(tmp_path / "kim", "kim", _RELEASE, other, "Ngắn.")
    _portal(tmp_path / "mo", "mo", f"{_RELEASE} Theo Cổng tỉnh.", numbers, "Ngắn.").db.close()
    _portal(tmp_path / "yen", "yen", f"(Yên) {_RELEASE}").db.close()
    national = tmp_path / "national.db"
    _merge(tmp_path)
    three = {f"https://{slug}.example/1" for slug in ("kim", "mo", "yen")}
    assert _groups(national) == {frozenset(three)}
    # The text that began the group becomes another one: the others find each other again.
    kim.keep("https://kim.example/1", "Đại hội 1", other)
    _merge(tmp_path)
    assert _groups(national) == {
        frozenset(three - {"https://kim.example/1"}),
        frozenset({"https://kim.example/1", "https://kim.example/2"}),
    }
    _merge(tmp_path, "anew.db")
    assert _groups(national) == _groups(tmp_path / "anew.db")
    # And back: nothing is left of what was.
    kim.keep("https://kim.example/1", "Đại hội 1", _RELEASE)
    _merge(tmp_path)
    assert _groups(national) == {frozenset(three)}
    members = "SELECT article_id FROM article_groups WHERE article_id <> first_id"
    keys = f"SELECT count(*) FROM article_keys WHERE article_id IN ({members})"
    assert _rows(national, keys) == [(0,)]
    kim.db.close()


def test_a_portal_crawled_by_two_is_grouped_by_address(tmp_path: Path, two: list[Archive]) -> None:
    two[1].keep("/1", "Bài 1", "Nội dung mới hẳn.")
    _merge(tmp_path)
    rows = _rows(tmp_path / "national.db", "SELECT article_id, first_id FROM article_groups")
    assert sorted(rows)[:2] == [(SOURCES + 1, SOURCES + 1), (SOURCES + 2, SOURCES + 1)]
    assert len({first for _, first in rows}) == 3


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    """A merged archive of twelve portals: each has a text of its own, and one that all have."""
    for n in range(12):
        own = " ".join(Random(n).sample(_RELEASE.split(), 100))
        _portal(tmp_path / f"p{n:02}", f"p{n:02}", own, f"{_RELEASE} {n}").db.close()
    with closing(open_archive(tmp_path / "p03" / "archive.db")) as db:
        hiding.hide(db, 2, "x", NOW, "test")
    _merge(tmp_path)
    return tmp_path / "national.db"


def test_a_search_shows_the_same_text_once(carried: Path) -> None:
    with closing(open_archive(carried)) as db:
        for sort in ("relevance", "newest", "views"):
            pages = [search(db, "đại hội", sort=sort, limit=5, offset=at) for at in (0, 5, 10)]
            assert [page.total for page in pages] == [13] * 3
            shown = [hit for page in pages for hit in page.hits]
            assert len({hit.id for hit in shown}) == len(shown) == 13
            (release,) = [hit for hit in shown if hit.others]
            assert release.title == "Đại hội 2"
            assert len({other.portal for other in release.others}) == 10
        assert [hit.portal for hit in search(db, "title:2", Filters(portal="p07")).hits] == ["p07"]
        assert search(db, "title:2", limit=1).total == 1
        number = search(db, "title:2").hits[0].id
        assert {hit.title for hit in similar(db, number)} == {"Đại hội 1"}
    told = luutru("search", "title:2", "--db", str(carried)).stdout
    assert "and 10 more portals: p" in told
    assert "p03" not in told


def test_the_site_names_the_other_portals(carried: Path) -> None:
    with serving(carried) as site:
        found = urlopen(site.at("search?q=title:2")).read().decode()
        article = urlopen(site.at(f"article/{2 * SOURCES + 5}")).read().decode()
    # The sources are numbered in the order of their folders.
    for page in (found, article):
        assert page.count(f'/article/{2 * SOURCES + 8}"') == 1
    assert "The same text on other pages" in article
    assert f"article/{2 * SOURCES + 4}" not in article


def test_the_first_page_shows_a_text_once_and_tells_namesakes_apart(carried: Path) -> None:
    with closing(open_archive(carried)) as db:
        db.execute("UPDATE articles SET published_on = '2024-07-03', view_count = 7")
        db.execute("UPDATE portals SET name = 'Kim' WHERE slug IN ('p01', 'p02')")
        release = [f"/article/{2 * SOURCES + number}" for number in range(1, 13)]
    with serving(carried) as site:
        page = urlopen(site.at("")).read().decode()
        article = urlopen(site.at(f"article/{2 * SOURCES + 5}")).read().decode()
    # Among the newest and among the most read; its first is the last of equals.
    assert [page.count(f'{address}"') for address in release] == [0] * 11 + [2]
    assert "· p11" in page
    for shown in (page, article):
        assert (shown.count("Kim (p01)"), shown.count("Kim (p02)")) == (1, 1)
    # A text without markup is shown, too.
    assert "nước sạch" in article
