"""`luutru export bag`: valid to other programs, and readable without luutru."""

import hashlib
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import bagit
import pytest
from lxml import etree

from crawler.archive import evidence, holdings
from crawler.capture.folder import folder_of
from crawler.export import premis
from crawler.export.digests import Fixity
from tests.conftest import NOW, Archive
from tests.packing import PARTS, crawled, rows, warcs
from tests.test_cli import luutru

_NAMES = {"p": "http://www.loc.gov/premis/v3"}
_SCHEMAS = list(PARTS.glob("sip-*/meemoo_sip_validator/assets/premis-3-0.xsd.xml"))
_TABLES = ("articles", "captures", "urls", "versions", "view_counts")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portal crawled once, exported as WACZ (which is an event) and packed as archive.bag."""
    made = crawled(tmp_path_factory.mktemp("bag"), times=1)
    assert luutru("export", "wacz", "--db", str(made)).returncode == 0
    result = luutru("export", "bag", "--db", str(made))
    assert (result.returncode, result.stderr) == (0, "")
    return made


@pytest.fixture(scope="module")
def bag(db: Path) -> Path:
    return db.with_suffix(".bag")


def test_bagit_finds_it_valid(bag: Path) -> None:
    found = bagit.Bag(str(bag))
    assert found.validate()
    assert found.version_info == (1, 0)
    assert sorted(found.algorithms) == ["sha256", "sha512"]
    assert found.info["Payload-Oxum"] == f"{_size(bag / 'data')}.{len(found.payload_entries())}"


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("kind", ["manifest", "tagmanifest"])
@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_plain_tools_check_it_too(bag: Path, kind: str, algorithm: str) -> None:
    result = subprocess.run(
        [f"{algorithm}sum", "--quiet", "-c", f"{kind}-{algorithm}.txt"],
        cwd=bag,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_flipped_byte_is_found(bag: Path, tmp_path: Path) -> None:
    damaged = Path(shutil.copytree(bag, tmp_path / "bag"))
    (warc,) = (damaged / "data").rglob("*.warc.gz")
    content = bytearray(warc.read_bytes())
    content[len(content) // 2] ^= 1
    warc.write_bytes(content)
    assert not bagit.Bag(str(damaged)).is_valid()


def test_warc_files_are_copies_and_the_archive_holds_the_same_rows(db: Path, bag: Path) -> None:
    kept = folder_of(bag / "data" / db.name)
    for warc in warcs(db):
        assert (kept / warc.name).read_bytes() == warc.read_bytes()
        assert (kept / warc.name).stat().st_ino != warc.stat().st_ino
    for table in _TABLES:
        sql = f"SELECT * FROM {table} ORDER BY id"
        ours, theirs = rows(db, sql), rows(bag / "data" / db.name, sql)
        assert list(map(tuple, ours)) == list(map(tuple, theirs))
        assert ours


def test_the_copy_opens_from_a_read_only_medium(db: Path, bag: Path) -> None:
    address = f"file:{bag / 'data' / db.name}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as archive:
        assert archive.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
        assert archive.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert {path.name for path in (bag / "data").iterdir()} == {"archive.db", "archive.warcs"}


def test_luutru_works_on_the_bag(bag: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(bag / "data", tmp_path / "data"))
    assert luutru("status", cwd=data).returncode == 0
    assert luutru("export", "wacz", cwd=data).returncode == 0


def test_premis_tells_of_every_file_and_event(db: Path, bag: Path) -> None:
    tree = etree.parse(bag / "metadata" / "premis.xml")
    objects = tree.findall("p:object", _NAMES)
    for each in objects:
        path = bag / each.findtext("p:objectIdentifier/p:objectIdentifierValue", None, _NAMES)
        digests = [e.text for e in each.iterfind(".//p:messageDigest", _NAMES)]
        data = path.read_bytes()
        assert digests == [hashlib.sha256(data).hexdigest(), hashlib.sha512(data).hexdigest()]
        assert each.findtext(".//p:size", None, _NAMES) == str(len(data))
    assert len(objects) == sum(path.is_file() for path in (bag / "data").rglob("*"))
    keys = {e.text for e in tree.iterfind(".//p:formatRegistryKey", _NAMES)}
    assert keys == {"fmt/729", "fmt/1281"}
    events = [
        (
            each.findtext("p:eventType", None, _NAMES),
            each.findtext("p:eventDateTime", None, _NAMES),
            each.findtext(".//p:eventOutcomeDetailNote", None, _NAMES),
        )
        for each in tree.iterfind("p:event", _NAMES)
    ]
    logged = rows(bag / "data" / db.name, "SELECT event_type, at, detail FROM events ORDER BY id")
    assert events == [tuple(row) for row in logged]
    assert any(kind == "dissemination" for kind, *_ in events)
    assert tree.findtext("p:agent/p:agentName", None, _NAMES).startswith("luutru ")


@pytest.mark.skipif(not _SCHEMAS, reason="no PREMIS schema; tests/install-browser-parts.sh")
def test_premis_follows_the_schema_of_the_library_of_congress(bag: Path) -> None:
    schema = etree.XMLSchema(etree.parse(_SCHEMAS[0]))
    tree = etree.parse(bag / "metadata" / "premis.xml")
    schema.assertValid(tree)
    tree.find(".//p:eventType", _NAMES).tag = "event"
    assert not schema.validate(tree)


def test_elements_come_in_the_order_of_the_schema(bag: Path) -> None:
    tree = etree.parse(bag / "metadata" / "premis.xml").getroot()
    order = [etree.QName(child).localname for child in tree]
    assert order == sorted(order, key=["object", "event", "agent"].index)
    event = tree.find("p:event", _NAMES)
    assert [etree.QName(child).localname for child in event] == [
        "eventIdentifier",
        "eventType",
        "eventDateTime",
        "eventOutcomeInformation",
        "linkingAgentIdentifier",
        "linkingObjectIdentifier",
    ]


def test_the_version_of_a_foreign_warc_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "wget.warc").write_bytes(b"WARC/1.0\r\nWARC-Type: warcinfo\r\n")
    premis.write(tmp_path, {"wget.warc": Fixity(9, "a", "b")}, [], tmp_path / "premis.xml")
    tree = etree.parse(tmp_path / "premis.xml")
    assert tree.findtext(".//p:formatVersion", None, _NAMES) == "1.0"
    assert tree.findtext(".//p:formatRegistryKey", None, _NAMES) == "fmt/289"


def test_letters_that_xml_can_not_hold_stay_out_of_it(archive: Archive, tmp_path: Path) -> None:
    # A file that was taken in may be called so.
    name = "a\x1b[31m\x00.warc"
    evidence.note(archive.db, NOW, "ingestion", name, "success", f"from /{name}", "luutru")
    premis.write(tmp_path, {}, holdings.events(archive.db), tmp_path / "premis.xml")
    tree = etree.parse(tmp_path / "premis.xml")
    assert tree.findtext(".//p:eventOutcomeDetailNote", None, _NAMES) == "from /a[31m.warc"


def test_the_readme_speaks_both_languages_and_its_query_runs(bag: Path) -> None:
    text = (bag / "README.md").read_text("utf-8")
    assert "# How to read this archive" in text
    assert "# Cách đọc kho lưu trữ này" in text
    assert "data/archive.db" in text
    assert "data/archive.warcs" in text
    query = text.split('"SELECT')[1].split('"')[0]
    assert len(rows(bag / "data" / "archive.db", f"SELECT{query}")) == 40
    assert "payload_sha256" in (bag / "metadata" / "tables.md").read_text("utf-8")


def test_making_the_bag_is_in_the_audit_log(db: Path, bag: Path) -> None:
    event = rows(db, "SELECT * FROM events ORDER BY id DESC")[0]
    assert event["event_type"] == "information package creation"
    assert (event["object"], event["outcome"]) == (bag.name, "success")


def test_a_bag_is_never_overwritten(db: Path) -> None:
    result = luutru("export", "bag", "--db", str(db))
    assert result.returncode == 2
    assert "archive.bag is there already" in result.stderr
    assert result.stderr.count("\n") == 1
