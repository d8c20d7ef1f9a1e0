"""WARC and WACZ files made by other tools, taken in as they came and read like a crawl's own."""

import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import time
import urllib.request
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

import practice
from crawler.capture.folder import folder_of
from tests.listening import free_port, wait_for
from tests.packing import PYWB, needs_pywb
from tests.test_cli import luutru
from tests.test_replay import PAGE, ROWS, TEXT, _record, rows

ARTICLES = 60


def _tool(name: str) -> str | None:
    """A program in pywb's own environment or on the PATH."""
    return shutil.which(name, path=os.pathsep.join([str(PYWB), os.environ.get("PATH", "")]))


WGET, WAYBACK, PYWB_MANAGER = _tool("wget"), _tool("wayback"), _tool("wb-manager")
needs_wget = pytest.mark.skipif(WGET is None, reason="wget is not installed")


def _with_wget(urls: list[str], folder: Path) -> Path:
    """A WARC file of `urls` and their images and files, by wget."""
    (folder / "urls.txt").write_text("\n".join(urls))
    command = [str(WGET), "-q", "-i", "urls.txt", "--warc-file=by-wget", "-O", "/dev/null"]
    subprocess.run([*command, "--no-warc-keep-log"], cwd=folder, check=True)
    return folder / "by-wget.warc.gz"


def _with_pywb(urls: list[str], folder: Path) -> Path:
    """The WARC file that pywb's recording proxy makes while a client asks for `urls`."""
    subprocess.run(
        [str(PYWB_MANAGER), "init", "seen"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    port = free_port()
    command = [str(WAYBACK), "--proxy", "seen", "--proxy-record", "--live", "-b", "127.0.0.1"]
    with subprocess.Popen(
        [*command, "-p", str(port)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for(port, process)
            proxy = urllib.request.ProxyHandler({"http": f"http://127.0.0.1:{port}"})
            opener = urllib.request.build_opener(proxy)
            for url in urls:
                with opener.open(url, timeout=30) as answer:
                    answer.read()
        finally:
            process.terminate()
    return folder / "collections" / "seen" / "archive"


class Evidence:
    """One portal, kept by luutru and by other tools; nobody listens at its address now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.crawled = folder / "crawled.db"
        with practice.running(articles=ARTICLES, crawl_delay=0) as url:
            crawl = [
                "crawl",
                url,
                "--db",
                str(self.crawled),
                "--full",
                "--delay",
                "0",
                "--concurrency",
                "8",
            ]
            assert luutru(*crawl).returncode == 0
            with urllib.request.urlopen(f"{url}_truth.json") as answer:
                truth: dict[str, Any] = json.load(answer)
            articles = [article["url"] for article in truth["articles"]]
            files = [file["url"] for each in truth["articles"] for file in each["attachments"]]
            files += [image for each in truth["articles"] for image in each["images"]]
            # The files come first, before anybody can know to which article they belong.
            self.by_wget = _with_wget([*files, *articles], folder) if WGET else None
            self.by_pywb = _with_pywb([*articles, *files], folder) if WAYBACK else None

    def taken_in(self, source: Path, name: str) -> Path:
        """The archive that importing `source` makes."""
        db = self.folder / f"{name}.db"
        if not db.exists():
            result = luutru("import", str(source), "--db", str(db))
            assert result.returncode == 0, result.stdout + result.stderr
        return db


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return Evidence(tmp_path_factory.mktemp("evidence"))


# When a page was kept is the tool's business; what stands on it is not.
TIMES = {"first_seen_at", "last_seen_at", "seen_at", "checksum"}


def _told(db: Path, table: str) -> list[dict[str, Any]]:
    found = [{k: v for k, v in row.items() if k not in TIMES} for row in rows(db, table)]
    return sorted(found, key=str)


SAME = ["articles", "versions", "view_counts", "readings", "images", "attachments"]


@needs_wget
@pytest.mark.parametrize("table", SAME)
def test_a_warc_by_wget_gives_what_the_crawl_gave(evidence: Evidence, table: str) -> None:
    assert evidence.by_wget
    db = evidence.taken_in(evidence.by_wget, "wget")
    assert _told(db, table) == _told(evidence.crawled, table)


@needs_pywb
@pytest.mark.parametrize("table", SAME)
def test_a_warc_by_pywb_gives_what_the_crawl_gave(evidence: Evidence, table: str) -> None:
    assert evidence.by_pywb
    db = evidence.taken_in(evidence.by_pywb, "pywb")
    assert _told(db, table) == _told(evidence.crawled, table)


@needs_wget
def test_the_file_is_kept_as_it_came(evidence: Evidence) -> None:
    assert evidence.by_wget
    db = evidence.taken_in(evidence.by_wget, "wget")
    kept = folder_of(db) / evidence.by_wget.name
    assert kept.read_bytes() == evidence.by_wget.read_bytes()
    with closing(sqlite3.connect(db)) as archive:
        event = archive.execute("SELECT event_type, object, detail FROM events").fetchone()
        runs = archive.execute("SELECT kind, verdict FROM runs").fetchall()
        sources = archive.execute("SELECT DISTINCT source, warc_file FROM captures").fetchall()
    assert event[:2] == ("ingestion", kept.name)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() in event[2]
    assert runs == [("import", "complete")]
    assert sources == [("file", kept.name)]


@needs_wget
def test_one_file_twice_and_two_files_of_one_name(evidence: Evidence, tmp_path: Path) -> None:
    assert evidence.by_wget
    db = tmp_path / "archive.db"
    first = ["import", str(evidence.by_wget), "--db", str(db)]
    assert luutru(*first).returncode == 0
    before = {table: rows(db, table) for table in ROWS}
    assert luutru(*first).returncode == 0
    assert {table: rows(db, table) for table in ROWS} == before
    other = tmp_path / evidence.by_wget.name
    other.write_bytes(gzip.compress(_record("http://thu.example/", b"<html>x</html>")))
    assert luutru("import", str(other), "--db", str(db)).returncode == 0
    names = sorted(path.name for path in folder_of(db).iterdir())
    assert len(names) == 2
    assert names[0].startswith("by-wget-")


@needs_wget
def test_what_wget_found_unchanged_has_the_content_of_the_file_before(tmp_path: Path) -> None:
    """Its revisits name neither date nor SHA-256 of the original, and call themselves cut off."""
    db = tmp_path / "archive.db"
    command = [str(WGET), "-q", "-O", "/dev/null", "--warc-cdx", "--no-warc-keep-log"]
    with practice.running(articles=4, crawl_delay=0) as url:
        with urllib.request.urlopen(f"{url}_truth.json") as answer:
            first, *others = [each["url"] for each in json.load(answer)["articles"]]
        # A counter makes the page another one each time; the list has none.
        asked = [f"{url}rss.aspx", first]
        one, two = ([*command, f"--warc-file={name}"] for name in ("one", "two"))
        subprocess.run([*one, *asked], cwd=tmp_path, check=True)
        time.sleep(1)
        subprocess.run([*two, "--warc-dedup=one.cdx", *asked, *others], cwd=tmp_path, check=True)
    # Until the first file is there, nothing can be said of what did not change.
    early = luutru("import", str(tmp_path / "two.warc.gz"), "--db", str(db))
    assert early.returncode == 1
    assert "import the file that has it, then this one again" in early.stdout
    for name in ("one", "two"):
        result = luutru("import", str(tmp_path / f"{name}.warc.gz"), "--db", str(db))
        assert result.returncode == 0, result.stdout + result.stderr
    wanted = """SELECT c.url, c.truncated, u.state, o.url FROM captures c
        JOIN urls u ON u.id = c.url_id JOIN captures o ON o.id = c.refers_to
        WHERE c.record_type = 'revisit'"""
    with closing(sqlite3.connect(db)) as archive:
        found = archive.execute(wanted).fetchall()
    assert (asked[0], None, "done", asked[0]) in found
    result = luutru("verify", "--db", str(db))
    assert result.returncode == 0, result.stdout


def _wacz(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return path


@needs_wget
def test_a_wacz_is_taken_apart(evidence: Evidence, tmp_path: Path) -> None:
    assert evidence.by_wget
    entries = {
        "datapackage.json": b"{}",
        "archive/data.warc.gz": evidence.by_wget.read_bytes(),
        "indexes/index.cdx.gz": b"",
        "pages/pages.jsonl": b"",
    }
    wacz = _wacz(tmp_path / "portal.wacz", entries)
    db = tmp_path / "archive.db"
    result = luutru("import", str(wacz), "--db", str(db), "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    assert json.loads(result.stdout)["runs"][0]["articles_new"] == ARTICLES
    assert [path.name for path in folder_of(db).iterdir()] == ["data.warc.gz"]
    assert _told(db, "articles") == _told(evidence.crawled, "articles")


def test_a_package_of_several_wacz_files_is_taken_apart(tmp_path: Path) -> None:
    """As Browsertrix gives a collection; and WARC files in any folder of a ZIP file."""
    entries = {"datapackage.json": b"{}", "torn.wacz": b"PK torn"}
    for n in (1, 2):
        record = _record(f"http://thu.example/tin/{n}.html", PAGE.format(n=n, text=TEXT).encode())
        inner = _wacz(tmp_path / "inner.wacz", {"crawl/DATA.WARC": record})
        entries[f"{n}.wacz"] = inner.read_bytes()
    with zipfile.ZipFile(tmp_path / "all.wacz", "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    result = luutru("import", "all.wacz", cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "all.wacz: torn.wacz: File is not a zip file" in result.stdout
    assert "was damaged" not in result.stdout
    assert len(rows(tmp_path / "archive.db", "articles")) == 2


def _nested_bomb(path: Path) -> Path:
    inner = _bomb(path.with_name("inner.wacz"))
    return _wacz(path, {"a.wacz": inner.read_bytes()})


def _bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("archive/bomb.warc", b"WARC/1.0\r\n" + bytes(50_000_000))
    return path


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("out.wacz", "leads out of the folder"),
        ("bomb.wacz", "grow more than a hundredfold"),
        ("nested.wacz", "archive/bomb.warc is refused: it would grow more than a hundredfold"),
        ("empty.zip", "is neither a WARC nor a WACZ file"),
        ("page.html", "name its address: --url"),
        ("zipped.gz", "is neither a WARC nor a WACZ file"),
    ],
)
def test_what_is_no_evidence_is_refused_in_one_line(tmp_path: Path, name: str, says: str) -> None:
    record = _record("http://thu.example/", b"x")
    _wacz(tmp_path / "out.wacz", {"archive/../../out.warc": record})
    _bomb(tmp_path / "bomb.wacz")
    _nested_bomb(tmp_path / "nested.wacz")
    _wacz(tmp_path / "empty.zip", {"readme.txt": b"x"})
    (tmp_path / "page.html").write_text("<html></html>")
    (tmp_path / "zipped.gz").write_bytes(gzip.compress(b"no record"))
    result = luutru("import", name, cwd=tmp_path)
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stderr.count("\n") == 1
    assert says in result.stderr
    assert not (tmp_path.parent / "out.warc").exists()
    assert not (tmp_path / "archive.db").exists()
    assert not list(tmp_path.glob("archive.warcs/*.warc"))


@pytest.mark.parametrize(
    "words",
    [
        ["import", "a.warc", "--portal", "nosuch"],
        ["rescue", "nosuch", "--from", "wayback"],
        ["crawl", "kimson", "--set", "NETWORKS_ALLOWED=all"],
    ],
)
def test_what_is_refused_leaves_no_archive(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "a.warc").write_bytes(_record("http://thu.example/", b"x"))
    result = luutru(*words, cwd=tmp_path)
    assert result.returncode == 2, result.stdout + result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.warc"]


def test_a_304_refers_to_its_original_whichever_came_first(tmp_path: Path) -> None:
    """A page with a count; a month later the server vouched for it."""
    url = "http://thu.example/tin/1.html"
    page = PAGE.format(n=1, text=TEXT).replace("<p>Ngày", "<p>Lượt xem: 478</p><p>Ngày")
    (tmp_path / "original.warc").write_bytes(_record(url, page.encode()))
    revisit = _record(
        url,
        b"",
        kind="revisit",
        WARC_Profile="http://netpreserve.org/warc/1.1/revisit/server-not-modified",
        WARC_Refers_To_Target_URI=url,
        WARC_Refers_To_Date="2024-07-03T02:00:00Z",
    )
    revisit = revisit.replace(b"200 OK", b"304 OK").replace(b"Date: 2024-07", b"Date: 2024-08", 1)
    (tmp_path / "revisit.warc").write_bytes(revisit)
    wanted = {
        "captures": "SELECT captured_at, status, payload_sha256, refers_to NOTNULL FROM captures",
        "articles": "SELECT url, view_count, first_seen_at, last_seen_at, status FROM articles",
        "view_counts": "SELECT seen_at, views FROM view_counts",
    }
    found = []
    for order in (("original", "revisit"), ("revisit", "original")):
        db = tmp_path / f"{order[0]}.db"
        for name in (*order, order[1]):
            result = luutru("import", f"{name}.warc", "--db", str(db), cwd=tmp_path)
            assert result.returncode == 0, result.stdout + result.stderr
        assert luutru("verify", "--db", str(db)).returncode == 0
        with closing(sqlite3.connect(db)) as archive:
            found.append({name: sorted(archive.execute(sql)) for name, sql in wanted.items()})
    assert found[0] == found[1]
    assert [row[1:] for row in found[0]["captures"]][1][2] == 1
    assert [seen for seen, _ in found[0]["view_counts"]] == [
        "2024-07-03T02:00:00Z",
        "2024-08-03T02:00:00Z",
    ]


def test_a_304_does_not_vouch_for_whatever_else_is_empty(tmp_path: Path) -> None:
    """As Common Crawl writes it: with the request's id, its own date, and the digest of nothing."""
    url, nothing = "http://thu.example/tin/1.html", f"sha1:{hashlib.sha1(b'').hexdigest()}"
    moved = _record("http://thu.example/cu.aspx", b"", WARC_Payload_Digest=nothing)
    unmodified = _record(
        url,
        b"",
        kind="revisit",
        WARC_Profile="http://netpreserve.org/warc/1.1/revisit/server-not-modified",
        WARC_Refers_To="<urn:uuid:of-the-request>",
        WARC_Refers_To_Target_URI=url,
        WARC_Refers_To_Date="2024-06-30T00:00:00Z",
        WARC_Payload_Digest=nothing,
    )
    records = [
        moved.replace(b"200 OK", b"301 OK"),
        _record(url, PAGE.format(n=1, text=TEXT).encode()),
        unmodified.replace(b"200 OK", b"304 OK").replace(b"Date: 2024-07", b"Date: 2024-08", 1),
    ]
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    result = luutru("import", "a.warc", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive:
        refers = archive.execute("SELECT refers_to FROM captures WHERE status = 304").fetchall()
        seen = archive.execute("SELECT last_seen_at FROM articles").fetchall()
    assert (refers, seen) == ([(None,)], [("2024-08-03T02:00:00Z",)])
    assert luutru("verify", cwd=tmp_path).returncode == 0


def _records_of(evidence: Evidence) -> bytes:
    """The WARC of the crawl, not compressed."""
    return gzip.decompress(next(folder_of(evidence.crawled).iterdir()).read_bytes())


def test_a_file_that_is_not_compressed_is_compressed_by_record(
    evidence: Evidence, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.warc"
    plain.write_bytes(_records_of(evidence))
    db = tmp_path / "archive.db"
    result = luutru("import", str(plain), "--db", str(db))
    assert result.returncode == 0, result.stdout + result.stderr
    assert "was not compressed" in result.stdout
    assert (folder_of(db) / "originals" / plain.name).read_bytes() == plain.read_bytes()
    kept = folder_of(db) / "plain.warc.gz"
    assert gzip.decompress(kept.read_bytes()) == _records_of(evidence)
    assert luutru("verify", "--db", str(db)).returncode == 0
    assert rows(db, "articles") == rows(evidence.crawled, "articles")


def test_a_file_as_it_came_is_checked_and_put_right_from_a_copy(
    evidence: Evidence, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.warc.gz"
    whole.write_bytes(gzip.compress(_records_of(evidence)))
    db = tmp_path / "archive.db"
    assert luutru("import", str(whole), "--db", str(db)).returncode == 0
    original = folder_of(db) / "originals" / whole.name
    shutil.copytree(folder_of(db), tmp_path / "copy.warcs")
    exported = luutru("export", "bag", "--db", str(db), "-o", str(tmp_path / "bag"))
    assert exported.returncode == 0, exported.stdout + exported.stderr
    packed = tmp_path / "bag" / "data" / "archive.warcs" / "originals" / whole.name
    assert packed.read_bytes() == whole.read_bytes()
    original.write_bytes(original.read_bytes() + b"!")
    found = luutru("verify", "--db", str(db))
    assert (found.returncode, "originals/whole.warc.gz" in found.stdout) == (1, True), found.stdout
    original.unlink()
    assert "the file is missing" in " ".join(luutru("verify", "--db", str(db)).stdout.split())
    repaired = luutru("verify", "--db", str(db), "--repair-from", str(tmp_path / "copy.warcs"))
    assert repaired.returncode == 0, repaired.stdout
    assert original.read_bytes() == whole.read_bytes()
    assert luutru("verify", "--db", str(db)).returncode == 0


def test_a_file_compressed_as_a_whole_is_compressed_by_record(
    evidence: Evidence, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.warc.gz"
    whole.write_bytes(gzip.compress(_records_of(evidence)))
    db = tmp_path / "archive.db"
    result = luutru("import", str(whole), "--db", str(db))
    assert result.returncode == 0, result.stdout + result.stderr
    assert "the file as it came is in originals/" in result.stdout
    assert (folder_of(db) / "originals" / whole.name).read_bytes() == whole.read_bytes()
    remade = folder_of(db) / whole.name
    assert gzip.decompress(remade.read_bytes()) == _records_of(evidence)
    with remade.open("rb") as stream:
        assert sum(1 for _ in ArchiveIterator(stream, no_record_parse=True)) > ARTICLES
    assert rows(db, "articles") == rows(evidence.crawled, "articles")
    again = luutru("import", str(whole), "--db", str(db))
    assert again.returncode == 0
    assert sorted(path.name for path in folder_of(db).iterdir()) == ["originals", whole.name]


def test_a_torn_file_compressed_as_a_whole_is_said(evidence: Evidence, tmp_path: Path) -> None:
    torn = tmp_path / "torn.warc.gz"
    data = gzip.compress(_records_of(evidence))
    # Articles come before files, which are most of the bytes.
    torn.write_bytes(data[: len(data) // 40])
    result = luutru("import", "torn.warc.gz", cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "torn.warc.gz: " in result.stdout
    assert 0 < len(rows(tmp_path / "archive.db", "articles")) < ARTICLES


def test_an_archive_is_not_imported(evidence: Evidence) -> None:
    result = luutru("import", str(evidence.crawled))
    assert result.returncode == 2
    assert "`luutru replay " in result.stderr
