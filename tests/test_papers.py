"""The page of official documents."""

from urllib.parse import quote
from urllib.request import urlopen

import pytest

from tests.conftest import Archive
from tests.site import serving


@pytest.fixture
def filed(archive: Archive) -> Archive:
    archive.keep("/1", "Quyết định về chợ")
    archive.keep("/2", "Đơn của bà Lành")
    for number, (sign, kind, day, abstract, article) in enumerate(
        (
            ("12/QĐ-UBND", "Quyết định", "2021-05-03", "Về việc di dời chợ huyện", 1),
            ("7/TB-UBND", "Thông báo", "2020-01-09", "Lịch tiếp công dân", None),
            ("9/CV-UBND", "Công văn", "2020-02-01", "Trả lời bà Lành", 2),
        ),
        1,
    ):
        archive.db.execute(
            """INSERT INTO documents (id, portal_id, url_id, place, number, kind, issued_on,
                   abstract, article_id, described_by, first_seen_at, last_seen_at, capture_id)
               VALUES (?, 1, 1, ?, ?, ?, ?, ?, ?, 'list', '2024-07-03T00:00:00Z',
                   '2024-07-03T00:00:00Z', 1)""",
            (number, str(number), sign, kind, day, abstract, article),
        )
    archive.db.execute(
        """INSERT INTO document_files (document_id, url, filename)
           VALUES (1, 'https://thu.example/qd.pdf', 'qd.pdf')"""
    )
    archive.db.execute("UPDATE articles SET hidden_at = '2024', hidden_why = 'x' WHERE id = 2")
    return archive


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("", ["12/QĐ-UBND", "7/TB-UBND"]),
        ("q=12/qđ", ["12/QĐ-UBND"]),
        ("q=tiếp công dân", ["7/TB-UBND"]),
        ("q=cho di doi", ["12/QĐ-UBND"]),
        ("q=chỗ", []),
        ("kind=Thông báo", ["7/TB-UBND"]),
        ("year=2021", ["12/QĐ-UBND"]),
        ("year=2021&kind=Thông báo", []),
    ],
)
def test_documents_are_found_by_number_words_kind_and_year(
    filed: Archive, asked: str, numbers: list[str]
) -> None:
    with (
        serving(filed.path) as site,
        urlopen(site.at(f"documents?{quote(asked, safe='=&')}")) as answer,
    ):
        page = answer.read().decode()
    rows = page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""
    signs = ("12/QĐ-UBND", "7/TB-UBND", "9/CV-UBND")
    assert [number for number in signs if number in rows] == numbers
    assert ("qd.pdf (not captured)" in rows) == ("12/QĐ-UBND" in numbers)
    assert "Lành" not in page
