"""What changed between two versions, in words; the pieces always give back both texts."""

import json
import unicodedata
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive.again import save_again
from crawler.commands.differing import shown
from crawler.diff import Piece, text_diff, word_diff
from crawler.items import Article, Reading, ReadPage
from tests.conftest import Archive
from tests.test_cli import luutru

WORDS = st.lists(st.sampled_from(["đê", "xã", "hòa", "hoà", "12", "%", "-", "Ủy"]), max_size=12)


def _side(pieces: list[Piece], gone: str) -> str:
    return "".join(piece.text for piece in pieces if piece.kind != gone)


@given(WORDS, WORDS)
def test_the_pieces_give_back_both_texts(old: list[str], new: list[str]) -> None:
    pieces = word_diff(" ".join(old), " ".join(new))
    assert _side(pieces, "added").split() == " ".join(old).split()
    assert _side(pieces, "removed").split() == " ".join(new).split()


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("liên thôn dài 5km.", "liên xã dài 5km.", "liên [-thôn-] {+xã+} dài 5km."),
        ("chi 12.500.000 đồng", "chi 12.700.000 đồng", "chi [-12.500.000-] {+12.700.000+} đồng"),
        ("một\n\nhai\n\nba", "một\n\nhai\n\nbốn", "…\n[-ba-] {+bốn+}"),
        ("một", "một\n\nthêm", "…\n{+thêm+}"),
        (None, "mới", "{+mới+}"),
        ("cũ", None, "[-cũ-]"),
        ("như nhau", "như nhau", ""),
        (unicodedata.normalize("NFD", "đường"), "đường", ""),
    ],
)  # fmt: skip
def test_marks_in_a_pipe(old: str | None, new: str | None, marked: str) -> None:
    assert shown(text_diff(old, new), marks=True).plain == marked


def test_a_terminal_shows_colours() -> None:
    text = shown(text_diff("liên thôn", "liên xã"), marks=False)
    assert text.plain == "liên thôn xã"
    assert [str(span.style) for span in text.spans] == ["red strike", "green underline"]


@pytest.fixture
def edited(archive: Archive) -> Archive:
    archive.keep("/1", "Hội nghị", "Chi 12 triệu đồng.", published_on=date(2023, 1, 4))
    archive.keep("/1", "Hội nghị", "Chi 13 triệu đồng.", published_on=date(2023, 1, 4))
    archive.keep("/1", "Đại hội", "Chi 13 triệu đồng.", author="An", published_on=date(2023, 1, 5))
    archive.keep("/2", "Một lần", "x")
    return archive


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["1", "--diff"],
            "title:\n[-Hội nghị-] {+Đại hội+}\n"
            "published_on:\n[-2023-01-04-] {+2023-01-05+}\n"
            "author:\n{+An+}\n",
        ),
        (["1", "--diff", "1..2"], "body:\nChi [-12-] {+13+} triệu đồng.\n"),
        (["1", "--diff", "2", "1"], "body:\nChi [-13-] {+12+} triệu đồng.\n"),
        (["1", "--diff", "2..2"], "Both versions say the same.\n"),
    ],
)
def test_show_diff(edited: Archive, words: list[str], says: str) -> None:
    result = luutru("show", *words, "--db", str(edited.path))
    assert result.returncode == 0, result.stderr
    first, _, rest = result.stdout.partition("\n")
    assert first.startswith("version ")
    assert rest == says


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["1", "--diff", "1..9"], "two of the 3 versions"),
        (["1", "--diff", "x"], "two of the 3 versions"),
        (["1", "--diff", "1"], "two of the 3 versions"),
        (["2", "--diff", "1..2"], "only one version"),
        (["1", "2"], "one word too many"),
    ],
)
def test_wrong_versions_are_said_in_one_line(edited: Archive, words: list[str], says: str) -> None:
    result = luutru("show", *words, "--db", str(edited.path))
    assert result.returncode == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_show_diff_as_json(edited: Archive) -> None:
    result = luutru("show", "1", "--diff", "1..2", "--json", "--db", str(edited.path))
    told = json.loads(result.stdout)
    assert (told["from"], told["to"], list(told["changes"])) == (1, 2, ["body"])
    assert {"kind": "added", "text": "13 "} in told["changes"]["body"]


def test_one_version_is_no_fault(edited: Archive) -> None:
    result = luutru("show", "2", "--diff", "--db", str(edited.path))
    assert (result.returncode, result.stdout) == (0, "There is only one version so far.\n")


def test_older_evidence_that_came_later_is_the_older_version(archive: Archive) -> None:
    def read(words: str, day: int) -> ReadPage:
        at = datetime(2024, 7, day, 2, tzinfo=UTC)
        page = archive.page("/1", fetched_at=at)
        readings = (Reading("title", words, f"rule {words}"),)
        return ReadPage(page, "article", Article(page.url, title=words, readings=readings))

    save_again(archive.db, archive.run, read("sửa", 20))
    save_again(archive.db, archive.run, read("gốc", 5))
    data = json.loads(luutru("show", "1", "--db", str(archive.path), "--json").stdout)
    assert [version["title"] for version in data["versions"]] == ["gốc", "sửa"]
    assert [capture["captured_at"][8:10] for capture in data["captures"]] == ["05", "20"]
    assert [reading["rule"] for reading in data["readings"]] == ["rule sửa"]
    told = luutru("show", "1", "--db", str(archive.path), "--diff").stdout
    assert "[-gốc-] {+sửa+}" in told
