"""Markup habits of newspapers, portals and CMSs that have no profile: one page each, own text.

Each page in tests/habits is a template whose text is put in here, so every page says the same and
what must be read from it is known without a second file. No layout is given to the reader.
"""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from string import Template

import pytest

from crawler.items import Article, Page
from crawler.profiles import Profile
from pipelines.read import read

HABITS = Path(__file__).parent / "habits"
FETCHED = datetime(2024, 7, 3, 1, 12, tzinfo=UTC)
TEXT = {
    "title": "Xã Hải Lộc ra quân làm thủy lợi nội đồng trước vụ mùa",
    "lead": "Hơn 300 đoàn viên, hội viên và người dân xã Hải Lộc cùng ra đồng nạo vét kênh mương, "
    "phát quang bờ vùng để đón nước cho vụ mùa.",
    "p1": "Sáng 1/7, tại cánh đồng thôn Đông Hải, Ủy ban nhân dân xã Hải Lộc tổ chức lễ ra quân "
    "làm thủy lợi nội đồng. Dự lễ có ông Trần Văn Sáu, Chủ tịch Ủy ban nhân dân xã, cùng đại diện "
    "các ban, ngành, đoàn thể.",
    "p2": "Theo kế hoạch, trong 5 ngày toàn xã sẽ nạo vét 12 km kênh cấp ba, đắp 3.200 m bờ vùng "
    "và sửa 14 cống lấy nước. Kinh phí 450 triệu đồng lấy từ ngân sách xã và đóng góp của dân.",
    "p3": "“Làm xong trước ngày 10/7 thì nước về đến ruộng đúng khung thời vụ”, bà Lê Thị Chín, "
    "trưởng thôn Đông Hải, nói. Năm 2023, nhờ làm tốt thủy lợi nội đồng, năng suất lúa của xã đạt "
    "63 tạ một hecta.",
    "p4": "Ngay sau lễ ra quân, các lực lượng đã nạo vét được hơn 2 km kênh và thu gom 4 tấn rác "
    "thải dọc hai bờ.",
}  # fmt: skip
MENU = "<ul class='m'>" + "".join(
    f"<li><a href='/{i}'>{name}</a></li>"
    for i, name in enumerate(("Trang chủ", "Giới thiệu", "Tin tức", "Văn bản", "Liên hệ"))
) + "</ul>"  # fmt: skip
OTHERS = "<ul>" + "".join(
    f"<li><a href='/tin/{i}.html'>{name}</a> <span>({i}8/06/2024)</span> "
    f"<span>{i}41 lượt xem</span></li>"
    for i, name in enumerate(
        (
            "Hội Cựu chiến binh huyện gặp mặt truyền thống đầu năm",
            "Thị trấn hoàn thành lát vỉa hè tuyến đường trung tâm",
            "Tập huấn kỹ thuật nuôi ngao cho hộ dân vùng bãi bồi",
        )
    )
) + "</ul>"  # fmt: skip

AUTHOR = "Nguyễn Hà Chi"
NOTHING: dict[str, object] = {}
EXPECTED: dict[str, dict[str, object]] = {
    "bao24h_2013": {"author": None},
    "br_soup_2008": {"lead": "in the body"},
    "tuoitre_2024": {"author": "NGUYỄN HÀ CHI"},
    "tuoitre_2012": {"author": "NGUYỄN HÀ CHI"},
    "nhandan_2023": {"author": "NGUYỄN HÀ CHI"},
    "nukeviet_egov": {"views": 1204},
    "vhv_2": {"views": 1204, "lead": False},
    "vhv_brief": {"views": 29, "lead": False},
    "vnportal_tools": {"views": 1204},
    "liferay_6": {"views": 1204},
    "sharepoint_2013": {"views": 1204},
    "dnn": {"views": 1204},
    "wordpress": {"lead": False},
    "joomla_2": {"views": 1204, "time": False, "lead": "in the body"},
    "drupal_7": {"views": 1204, "lead": False},
    "bootstrap_gov": {"views": 1204, "lead": "in the body"},
    "word_paste": {"views": 1204, "time": False, "lead": False},
    "text_first_date_last": {"views": 1204, "lead": False},
}
NAMES = sorted(path.stem for path in HABITS.glob("*.html"))


@cache
def article(name: str) -> Article:
    body = Template((HABITS / f"{name}.html").read_text("utf-8")).substitute(
        TEXT, menu=MENU, others=OTHERS
    )
    html = (
        f"<html><head><title>{TEXT['title']} - Hải Vân</title></head><body>{body}"
        "<div class='ft'><p>Bản quyền thuộc Trang tin Hải Vân. Giấy phép số 12/GP-TTĐT ngày "
        "05/06/2019.</p><p>Chịu trách nhiệm: Ông Phạm Văn Bảy</p></div></body></html>"
    )
    page = Page("https://haivan.example/a-1.html", FETCHED, 200, "text/html", html.encode())
    got = read(page, Profile("any", "Any"))
    assert got.article is not None, got.kind
    return got.article


def expected(name: str, field: str, usual: object) -> object:
    return EXPECTED.get(name, NOTHING).get(field, usual)


@pytest.mark.parametrize("name", NAMES)
def test_title(name: str) -> None:
    assert article(name).title == TEXT["title"]


@pytest.mark.parametrize("name", NAMES)
def test_date(name: str) -> None:
    assert article(name).published_on == date(2024, 7, 1)


@pytest.mark.parametrize("name", NAMES)
def test_time(name: str) -> None:
    printed = expected(name, "time", True)
    assert article(name).published_at == (
        datetime(2024, 7, 1, 3, 31, tzinfo=UTC) if printed else None
    )


@pytest.mark.parametrize("name", NAMES)
def test_views(name: str) -> None:
    assert article(name).view_count == expected(name, "views", None)


@pytest.mark.parametrize("name", NAMES)
def test_author(name: str) -> None:
    assert article(name).author == expected(name, "author", AUTHOR)


@pytest.mark.parametrize("name", NAMES)
def test_summary(name: str) -> None:
    summary = article(name).summary or ""
    assert summary.endswith(TEXT["lead"]) if expected(name, "lead", True) is True else not summary


@pytest.mark.parametrize("name", NAMES)
def test_body(name: str) -> None:
    first = ("lead",) if expected(name, "lead", True) == "in the body" else ()
    assert article(name).body == "\n\n".join(TEXT[p] for p in (*first, "p1", "p2", "p3", "p4"))
