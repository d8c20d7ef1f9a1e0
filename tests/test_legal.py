"""Official documents: every way in which portals print their facts, and what is none of them."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

import practice
from crawler.archive.saving import save
from crawler.items import Article, Attachment, LegalDocument, Page, ReadPage
from crawler.profiles import load
from pipelines.read import read
from pipelines.sheet import Sheet
from tests.conftest import Archive
from tests.test_cli import luutru

AT = datetime(2026, 3, 2, tzinfo=UTC)
URL = "https://kimhai.example/van-ban/12"
FACTS = {
    "number": "12/2023/QĐ-UBND",
    "kind": "Quyết định",
    "issuer": "UBND huyện Kim Hải",
    "signer": "Trần Văn Hòa",
    "issued_on": date(2023, 2, 14),
    "effective_on": date(2023, 3, 1),
    "abstract": "Ban hành Quy chế quản lý bến đò ngang trên địa bàn huyện",
    "field": "Giao thông",
}
LABELLED = [
    ("Số ký hiệu", "12/2023/QĐ-UBND"),
    ("Loại văn bản", "Quyết định"),
    ("Cơ quan ban hành", "UBND huyện Kim Hải"),
    ("Người ký", "Trần Văn Hòa"),
    ("Ngày ban hành", "14/02/2023"),
    ("Ngày có hiệu lực", "01/03/2023"),
    ("Trích yếu", "Ban hành Quy chế quản lý bến đò ngang trên địa bàn huyện"),
    ("Lĩnh vực", "Giao thông"),
]
FILE = '<a href="/uploads/12-qd.pdf">Tải về</a>'


def documents(html: str) -> tuple[LegalDocument, ...]:
    page = Page(URL, AT, 200, "text/html; charset=utf-8", html.encode())
    return Sheet(page, None).documents


def facts(document: LegalDocument) -> dict[str, Any]:
    return {name: getattr(document, name) for name in FACTS}


def each(form: str) -> str:
    return "".join(form.format(label, value) for label, value in LABELLED)


def paired() -> str:
    cells = [f"<td>{label}</td><td>{value}</td>" for label, value in LABELLED]
    return "".join(f"<tr>{a}{b}</tr>" for a, b in zip(cells[::2], cells[1::2], strict=True))


DETAILS = {
    "table": f"<table>{each('<tr><td>{}</td><td>{}</td></tr>')}</table>{FILE}",
    "table with heads": f"<table>{each('<tr><th>{}:</th><td><p>{}</p></td></tr>')}</table>{FILE}",
    "bold labels": f"<table>{each('<tr><td><b>{}</b></td><td>{}</td></tr>')}</table>{FILE}",
    "two pairs a row": f"<table>{paired()}</table>{FILE}",
    "label and value in a cell": f"<table><tr>{each('<td><span>{}</span><p>{}</p></td>')}</tr>"
    f"</table>{FILE}",
    "definition list": f"<dl>{each('<dt>{}</dt><dd>{}</dd>')}</dl>{FILE}",
    "list": f"<ul>{each('<li>{}: {}</li>')}</ul>{FILE}",
    "list with bold labels": f"<ul>{each('<li><strong>{}:</strong> {}</li>')}</ul>{FILE}",
    "list with bold values": f"<ul>{each('<li>{}: <b>{}</b></li>')}</ul>{FILE}",
    "lines": f"<div>{each('<b>{}:</b> {}<br/>')}{FILE}</div>",
    "boxes": each('<div class="row"><div class="col-3">{}</div><div class="col-9">{}</div></div>')
    + FILE,
    "spans": each("<p><span>{}</span>: <span>{}</span></p>") + FILE,
    "colon in a box of its own": each("<div><label>{}</label><span>: {}</span></div>") + FILE,
    "upper case": f"<table>{each('<tr><td>{}</td><td>{}</td></tr>')}</table>{FILE}".replace(
        "Số ký hiệu", "SỐ KÝ HIỆU"
    ),
    "other labels": f"<table>{each('<tr><td>{}</td><td>{}</td></tr>')}</table>{FILE}".replace(
        "Số ký hiệu", "Số / Ký hiệu"
    ).replace("Trích yếu", "Trích yếu nội dung"),
    "i for y": f"<table>{each('<tr><td>{}</td><td>{}</td></tr>')}</table>{FILE}".replace(
        "Số ký hiệu", "Kí hiệu văn bản"
    ).replace("Người ký", "Người kí"),
    "printed twice": 2 * f"<table>{each('<tr><td>{}</td><td>{}</td></tr>')}</table>" + FILE,
}


@pytest.mark.parametrize("html", DETAILS.values(), ids=DETAILS)
def test_a_documents_own_page(html: str) -> None:
    (found,) = documents(f"<html><body><div class='main'>{html}</div></body></html>")
    assert facts(found) == FACTS
    assert [file.filename for file in found.files] == ["12-qd.pdf"]
    assert {reading.field for reading in found.readings} == set(FACTS)
    assert found.problems == ()


def test_files_of_the_sidebar_are_not_the_documents() -> None:
    side = "<div class=sidebar><a href='/uploads/mau-don.pdf'>Mẫu đơn</a></div>"
    for name, html in DETAILS.items():
        (found,) = documents(f"<body><div class='main'>{html}</div>{side}</body>")
        assert [file.filename for file in found.files] == ["12-qd.pdf"], name
        bare = html.replace(FILE, "")
        (found,) = documents(f"<body><div class='main'>{bare}</div>{side}</body>")
        assert found.files == (), name


def rows(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def test_a_list_has_a_document_a_row() -> None:
    head = (
        "<tr><th>STT</th><th>Số/ký hiệu</th><th>Ban hành</th><th>Trích yếu</th><th>Tải về</th></tr>"
    )
    first = rows("1", "12/2023/QĐ-UBND", "14/02/2023", '<a href="/van-ban/12">Bến đò</a>', FILE)
    second = rows("2", "05-NQ/HU", "1/3/2023", "Về phát triển rừng ngập mặn", "")
    pager = "<tr><td colspan=5>Trang 1 / 9</td></tr>"
    one, two = documents(f"<table>{head}{first}{second}{pager}</table>")
    assert (one.number, one.issued_on, one.abstract) == (
        "12/2023/QĐ-UBND",
        date(2023, 2, 14),
        "Bến đò",
    )
    assert one.url == URL
    assert [file.url for file in one.files] == ["https://kimhai.example/uploads/12-qd.pdf"]
    assert (two.number, two.kind, two.issued_on, two.url) == (
        "05-NQ/HU",
        "Nghị quyết",
        date(2023, 3, 1),
        None,
    )
    assert two.files == ()


def test_a_row_may_hide_its_details() -> None:
    details = (
        '<div style="display:none"><b>Cơ quan ban hành:</b> HĐND huyện<br/><b>Người ký:</b> '
        "Lê Thị Na<br/><b>Ngày hiệu lực:</b> 01/01/2022<br/>"
        "<b>Ngày hết hiệu lực:</b> 31/12/2025</div>"
    )
    link = '<a href="javascript:void(0)">Dự toán ngân sách</a>'
    html = (
        "<table id='vanbantb'><thead><tr><th>Số/ký hiệu</th><th>Trích yếu/về việc</th>"
        f"<th>Ban hành</th></tr></thead><tbody>{rows('7/NQ-HĐND', link + details, '20/12/2021')}"
        "</tbody></table>"
    )
    (found,) = documents(html)
    assert (found.abstract, found.issuer, found.signer) == (
        "Dự toán ngân sách",
        "HĐND huyện",
        "Lê Thị Na",
    )
    assert found.effective_on == date(2022, 1, 1)


def block(number: int) -> str:
    return (
        f'<div class="legalddocument-default"><a class="title-documment" href="/vb/{number}">'
        f"Quyết định số {number}/QĐ-UBND về việc giao đất</a><div class='publish-time'>Ngày ban "
        f"hành: 0{number}/02/2024</div><div class='effective-time'>Ngày hiệu lực: 0{number}/03/2024"
        f'</div><div class="brief"><a href="/f/{number}.pdf">Tệp {number}</a></div></div>'
    )


@pytest.mark.parametrize("count", [1, 2, 5])
def test_blocks_of_documents(count: int) -> None:
    found = documents(f"<section>{''.join(map(block, range(1, count + 1)))}</section>")
    assert [each.number for each in found] == [f"{n}/QĐ-UBND" for n in range(1, count + 1)]
    assert [each.issued_on for each in found] == [date(2024, 2, n) for n in range(1, count + 1)]
    assert [each.url for each in found] == [
        f"https://kimhai.example/vb/{n}" for n in range(1, count + 1)
    ]
    assert [each.files[0].filename for each in found] == [f"{n}.pdf" for n in range(1, count + 1)]
    assert {each.kind for each in found} == {"Quyết định"}


NUMBERS = {
    "12/2023/QĐ-UBND": "12/2023/QĐ-UBND",
    "Số: 1234/UBND-VX": "1234/UBND-VX",
    "45/2019/QH14": "45/2019/QH14",
    "05 /CT- TTg": "05/CT-TTg",
    "01–NQ/HU": "01-NQ/HU",
    "123a/KH-BCĐ": "123a/KH-BCĐ",
    "10/2020/TT-BTTTT": "10/2020/TT-BTTTT",
    "98/BC-UBND.": "98/BC-UBND",
    "3/TTr-P.GDĐT": "3/TTr-P.GDĐT",
}


def with_value(label: str, value: str) -> str:
    shown = {**dict(LABELLED), label: value}
    cells = "".join(f"<tr><td>{name}</td><td>{text}</td></tr>" for name, text in shown.items())
    return f"<table>{cells}</table>"


@pytest.mark.parametrize(("raw", "number"), NUMBERS.items())
def test_numbers_and_signs(raw: str, number: str) -> None:
    (found,) = documents(with_value("Số ký hiệu", raw))
    assert found.number == number
    assert next(each.raw for each in found.readings if each.field == "number") == raw


@pytest.mark.parametrize("raw", ["mười hai", "12", "QĐ-UBND", "12/2023/QĐ-UBND; 13/2023/QĐ-UBND"])
def test_a_number_that_is_none_is_a_problem(raw: str) -> None:
    (found,) = documents(with_value("Số ký hiệu", raw))
    assert found.number is None
    (problem,) = found.problems
    assert problem.field == "document: number"
    assert raw in problem.reason


@pytest.mark.parametrize("raw", ["31/02/2023", "năm 2023", "14/02", "14/02/203", "hôm qua"])
def test_a_date_that_is_none_is_a_problem(raw: str) -> None:
    (found,) = documents(with_value("Ngày ban hành", raw))
    assert found.issued_on is None
    assert [problem.field for problem in found.problems] == ["document: issued_on"]


@pytest.mark.parametrize(
    ("raw", "on"),
    [
        ("ngày 5 tháng 9 năm 1989", date(1989, 9, 5)),
        ("05/09/1989", date(1989, 9, 5)),
        ("Ngày 14 tháng 2 năm 2023", date(2023, 2, 14)),
        ("14-2-2023 00:00:00", date(2023, 2, 14)),
        ("2023-02-14", date(2023, 2, 14)),
        ("14/02/23", date(2023, 2, 14)),
    ],
)
def test_dates_of_documents(raw: str, on: date) -> None:
    (found,) = documents(with_value("Ngày ban hành", raw))
    assert found.issued_on == on


@pytest.mark.parametrize("raw", ["", "-", "Đang cập nhật", "..."])
def test_what_is_left_empty_is_no_problem(raw: str) -> None:
    (found,) = documents(with_value("Ngày có hiệu lực", raw))
    assert (found.effective_on, found.problems) == (None, ())


NONE = {
    "a search form": "<form><table><tr><td>Số ký hiệu</td><td><input></td></tr><tr><td>Cơ quan "
    "ban hành</td><td><select><option>UBND</option></select></td></tr><tr><td>Trích yếu</td><td>"
    "<input></td></tr><tr><td>Ngày ban hành</td><td><input></td></tr></table></form>",
    "a box of new documents": "<ul><li><a href='/vb'>12/KH-UBND</a> <span>Tiêm phòng (Ngày ban "
    "hành: 28/06/2024)</span></li><li><a href='/vb'>13/KH-UBND</a> <i>Chống bão</i></li></ul>",
    "an article on a document": "<p>Ngày 14/02/2023, UBND huyện ban hành Quyết định số "
    "12/2023/QĐ-UBND, có hiệu lực từ ngày 01/03/2023, người ký: ông Hòa.</p>",
    "a table of something else": "<table><tr><th>Số</th><th>Tên xã</th><th>Ngày</th></tr>"
    "<tr><td>1</td><td>Kim Mỹ</td><td>01/02/2023</td></tr></table>",
    "an empty list": "<table><tr><th>Số ký hiệu</th><th>Trích yếu</th></tr></table>",
    "nothing": "",
}


@pytest.mark.parametrize("html", NONE.values(), ids=NONE)
def test_what_is_no_document(html: str) -> None:
    assert documents(f"<html><body><h1>Văn bản</h1>{html}</body></html>") == ()


def test_the_day_of_issue_is_never_the_day_of_publication() -> None:
    text = (
        "<p>Ủy ban nhân dân huyện ban hành quy chế để quản lý các bến đò ngang trên sông.</p>" * 8
    )
    details = f"<table>{each('<tr><td>{}</td><td>{}</td></tr>')}</table>"
    for html in (
        f"<h1>Quy chế quản lý bến đò ngang của huyện</h1>{details}<div>{text}</div>",
        f"<h1>Quy chế quản lý bến đò ngang của huyện</h1>{DETAILS['boxes']}<div>{text}</div>",
        f"<h1>Quy chế quản lý bến đò ngang của huyện</h1><div>{text}</div>{DETAILS['spans']}",
    ):
        body = f"<html><body><div id=a>{html}</div></body></html>".encode()
        found = read(Page(URL, AT, 200, "text/html; charset=utf-8", body), load("generic"))
        assert [each.number for each in found.documents] == ["12/2023/QĐ-UBND"]
        assert found.article is None or found.article.published_on is None


def test_a_labels_day_is_not_the_day_of_publication_where_no_document_is_told() -> None:
    """Two facts are not enough for one."""
    text = "<p>Ủy ban nhân dân huyện ban hành quy chế quản lý các bến đò ngang trên sông.</p>" * 8
    day = "<table><tr><td>Ngày ban hành</td><td>14-02-2023</td></tr></table>"
    body = f"<html><body><div><h1>Quy chế quản lý bến đò ngang</h1>{day}{text}</div></body></html>"
    found = read(Page(URL, AT, 200, "text/html; charset=utf-8", body.encode()), load("generic"))
    assert found.documents == ()
    assert found.article is not None
    assert found.article.published_on is None


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """An archive of the practice portal, and what the portal itself says."""
    db = tmp_path_factory.mktemp("legal") / "archive.db"
    with practice.running(articles=20, port=0) as url:
        told = luutru("crawl", url, "--delay", "0", "--db", str(db))
        assert told.returncode == 0, told.stdout
        return db, httpx.get(f"{url}_truth.json").json()


def table(db: Path, sql: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(db)) as archive:
        archive.row_factory = sqlite3.Row
        return [dict(row) for row in archive.execute(sql)]


def test_every_document_of_the_portal_is_one_row(portal: tuple[Path, dict[str, Any]]) -> None:
    db, truth = portal
    found = {row["url"]: row for row in table(db, _WITH_URL)}
    assert len(found) == len(truth["documents"]) == 12
    for told in truth["documents"]:
        row = found[told["url"]]
        assert {name: row[name] for name in FACTS} == {name: told[name] for name in FACTS}
        assert row["described_by"] == "page"


_WITH_URL = "SELECT u.url, d.* FROM documents d JOIN urls u ON u.id = d.url_id"


def test_documents_are_tied_to_their_files(portal: tuple[Path, dict[str, Any]]) -> None:
    db, truth = portal
    found = table(
        db,
        """SELECT u.url AS page, f.* FROM document_files f JOIN documents d ON d.id = f.document_id
           JOIN urls u ON u.id = d.url_id""",
    )
    assert {(row["page"], row["url"]) for row in found} == {
        (told["url"], told["file"]) for told in truth["documents"]
    }
    numbers = {told["file"]: told["number"] for told in truth["documents"]}
    for row in found:
        assert row["media_type"] == "application/pdf"
        assert numbers[row["url"]] in row["text"]


def test_no_document_is_an_article_with_its_day_of_issue(
    portal: tuple[Path, dict[str, Any]],
) -> None:
    db, truth = portal
    assert table(db, "SELECT 1 FROM articles WHERE url LIKE '%/van-ban%'") == []
    assert len(table(db, "SELECT 1 FROM articles")) == len(truth["articles"])


def test_every_fact_says_how_it_was_read(portal: tuple[Path, dict[str, Any]]) -> None:
    db, _ = portal
    readings = table(db, "SELECT document_id, field, raw, rule FROM document_readings")
    facts = table(db, f"SELECT id, {', '.join(FACTS)} FROM documents")
    assert {(row["document_id"], row["field"]) for row in readings} == {
        (row["id"], name) for row in facts for name in FACTS if row[name] is not None
    }
    assert {row["rule"] for row in readings if row["field"] == "issued_on"} == {
        "label: ngày ban hành"
    }


def described(**facts: Any) -> LegalDocument:
    return LegalDocument(**{"number": "7/QĐ-UBND", **facts})


def test_a_page_knows_better_than_a_list(archive: Archive) -> None:
    page, listed = archive.page("/vb/7"), archive.page("/vb")
    row = described(url=page.url, place="7/QĐ-UBND", abstract="Ngắn", issued_on=date(2024, 1, 2))
    own = described(abstract="Đầy đủ", signer="Lê Thị Na")
    for read_page in (
        ReadPage(listed, "listing", documents=(row,)),
        ReadPage(page, "other", documents=(own,)),
        ReadPage(listed, "listing", documents=(row,)),
    ):
        save(archive.db, archive.run, read_page)
    assert archive.rows(
        "SELECT number, abstract, signer, issued_on, described_by, url_id FROM documents"
    ) == [("7/QĐ-UBND", "Đầy đủ", "Lê Thị Na", "2024-01-02", "page", page.url_id)]


def test_documents_that_only_a_list_names_are_told_apart(archive: Archive) -> None:
    listed = archive.page("/vb")
    for day in ("Một", "Hai"):
        rows_of = (described(place="7/QĐ-UBND", abstract=day), described(place="x", number=None))
        save(archive.db, archive.run, ReadPage(listed, "listing", documents=rows_of))
    assert archive.rows("SELECT place, abstract, described_by FROM documents ORDER BY id") == [
        ("7/QĐ-UBND", "Hai", "list"),
        ("x", None, "list"),
    ]


def test_show_prints_the_document_of_an_article(archive: Archive) -> None:
    page = archive.page("/vb/7")
    article = Article(url=page.url, title="Về bến đò", body="Toàn văn.")
    file = Attachment(f"{page.url}.pdf", "7.pdf")
    document = described(signer="Lê Thị Na", files=(file,))
    save(archive.db, archive.run, ReadPage(page, "article", article, documents=(document,)))
    told = luutru("show", "1", "--db", str(archive.path)).stdout
    for shown in ("7/QĐ-UBND", "Lê Thị Na", file.url):
        assert shown in told
    (shown,) = json.loads(luutru("show", "1", "--db", str(archive.path), "--json").stdout)[
        "documents"
    ]
    assert (shown["number"], shown["files"][0]["url"]) == ("7/QĐ-UBND", file.url)
