"""References: complete, escaped, valid."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from crawler.archive import reports
from crawler.archive.connection import open_archive
from crawler.capture.folder import folder_of
from crawler.citation import Source, bibtex, csl, source_of, text
from tests.conftest import Archive
from tests.small_portal import small_portal
from tests.test_cli import luutru

SHA = "9f" * 32
SOURCE = Source(
    title="Chi 50% & hơn {nữa}",
    author="Nguyễn Văn A",
    portal="Huyện Thử",
    published_on="2023-01-04",
    url="https://thu.example/a_1?x=50%25#y",
    captured_at="2024-07-03T02:00:00Z",
    sha256=SHA,
    record="20240703-thu-r1-00001.warc.gz#1234",
    key="thu-7",
)


def test_text() -> None:
    assert text(SOURCE) == (
        "Nguyễn Văn A. “Chi 50% & hơn {nữa}”. Huyện Thử. 04/01/2023. "
        "https://thu.example/a_1?x=50%25#y. Captured 2024-07-03T02:00:00Z, "
        f"SHA-256 {SHA}, WARC 20240703-thu-r1-00001.warc.gz#1234."
    )


def test_bibtex_is_escaped_and_balanced() -> None:
    entry = bibtex(SOURCE)
    assert entry.startswith("@online{thu-7,\n")
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},$", entry, re.MULTILINE))
    assert fields["title"] == r"{Chi 50\% \& hơn \textbraceleft{}nữa\textbraceright{}}"
    assert fields["author"] == "{Nguyễn Văn A}"
    assert (fields["date"], fields["urldate"]) == ("2023-01-04", "2024-07-03")
    assert fields["url"] == SOURCE.url
    assert SHA in fields["note"]
    # BibTeX counts the braces behind a backslash, too.
    one = bibtex(replace(SOURCE, title="Một } và {"))
    assert one.count("{") == one.count("}")


def test_csl() -> None:
    [item] = json.loads(csl(SOURCE))
    assert item["type"] == "webpage"
    assert item["author"] == [{"literal": "Nguyễn Văn A"}]
    assert item["issued"] == {"date-parts": [[2023, 1, 4]]}
    assert item["accessed"] == {"date-parts": [[2024, 7, 3]]}
    assert (item["URL"], item["archive_location"]) == (SOURCE.url, SOURCE.record)


def test_what_is_not_known_is_left_out() -> None:
    bare = replace(SOURCE, title=None, author=None, published_on=None, record=None)
    assert text(bare) == (f"Huyện Thử. {bare.url}. Captured 2024-07-03T02:00:00Z, SHA-256 {SHA}.")
    assert not {"title", "author", "date"} & set(re.findall(r"^  (\w+) =", bibtex(bare), re.M))
    assert not {"title", "author", "issued", "archive_location"} & json.loads(csl(bare))[0].keys()


def test_the_facts_are_those_of_the_archive(archive: Archive) -> None:
    archive.keep("/1", "Hội nghị", "một", author="An", published_on=date(2023, 1, 4))
    article = reports.article(archive.db, "1")
    assert article
    source = source_of(article)
    assert (source.portal, source.key, source.record) == ("Huyện Thử", "thu-1", None)
    assert source.sha256 == archive.rows("SELECT payload_sha256 FROM captures")[0][0]


def test_an_earlier_version_is_cited_by_its_own_capture(archive: Archive) -> None:
    archive.keep("/1", "Hội nghị", "một", author="An", published_on=date(2023, 1, 4))
    later = {"author": "Bình", "published_on": date(2023, 1, 5), "page": {"body": b"otherwise"}}
    archive.keep("/1", "Hội nghị (sửa)", "hai", **later)
    article = reports.article(archive.db, "1")
    assert article
    first, second, latest = (source_of(article, version) for version in (1, 2, None))
    assert (first.title, first.author, first.published_on) == ("Hội nghị", "An", "2023-01-04")
    assert (first.key, second.key) == ("thu-1-v1", "thu-1-v2")
    digests = archive.rows("SELECT payload_sha256 FROM captures ORDER BY id")
    assert [first.sha256, second.sha256] == [digest for (digest,) in digests]
    assert first.sha256 != second.sha256
    assert replace(second, key=latest.key) == latest


@pytest.mark.parametrize(
    ("words", "opens"), [([], "“Hội nghị”"), (["bibtex"], "@online{"), (["csl"], "[")]
)
def test_the_record_that_is_named_holds_the_page(
    tmp_path: Path, words: list[str], opens: str
) -> None:
    db = tmp_path / "archive.db"
    with small_portal() as portal:
        portal.home("/tin-1")
        portal.article("/tin-1", "Hội nghị")
        assert (
            luutru("crawl", portal.url, "--db", str(db), "--full", "--delay", "0").returncode == 0
        )
    told = luutru("show", "1", "--cite", *words, "--db", str(db))
    assert (told.returncode, told.stdout.startswith(opens)) == (0, True)
    first = luutru("show", "1", "--cite", *words, "--version", "1", "--db", str(db))
    assert first.stdout.replace("-v1", "") == told.stdout
    for wrong in (["--version", "1"], ["--cite", "--version", "2"]):
        refused = luutru("show", "1", *wrong, "--db", str(db))
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    article = reports.article(open_archive(db), "1")
    assert article
    name, offset = str(source_of(article).record).rsplit("#", 1)
    member = (folder_of(db) / name).read_bytes()[int(offset) :]
    assert member.startswith(b"\x1f\x8b")
