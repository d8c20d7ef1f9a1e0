"""Planted links: every trick is seen, and no honest link is taken for one."""

import json
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

import practice
from crawler.archive import reports
from crawler.archive.again import save_again
from crawler.archive.saving import save
from crawler.items import Page, ReadPage, SuspectLink
from crawler.profiles import load
from crawler.reporting.reasons import suspected
from crawler.words import speaking
from pipelines.planted.suspects import read_suspects
from pipelines.planted.words import words_of
from pipelines.read import read
from tests.conftest import Archive
from tests.test_cli import luutru

PORTAL = "https://kimhai.binhhai.gov.vn/tin/bai-1"
SHOP = "https://daily-fresh-news.example/"
NUMBER = "http://198.51.100.7/"


def suspects(html: str, status: int = 200, url: str = PORTAL) -> tuple[SuspectLink, ...]:
    page = Page(url, datetime(2026, 3, 2, tzinfo=UTC), status, "text/html", html.encode())
    return read_suspects(page, ())


def link(text: str, href: str = SHOP, more: str = "") -> str:
    return f'<a href="{href}" {more}>{text}</a>'


def box(style: str, inside: str) -> str:
    return f'<div style="{style}">{inside}</div>'


SPELLINGS = {
    "with marks": "Tài xỉu online",
    "without marks": "tai xiu doi thuong",
    "upper case": "NHÀ CÁI UY TÍN SỐ 1",
    "in NFD": "Ta\u0300i xi\u0309u",
    "leetspeak": "t4i x1u",
    "Cyrillic": "tаі хіu оnlіnе",
    "Greek": "τaι xιυ",
    "zero-width characters": "t\u200bà\u200bi x\u200bỉ\u200bu",
    "soft hyphens": "tà\u00adi x\u00adỉu",
    "spaced": "t à i  x ỉ u",
    "dotted": "n.h.à.c.á.i uy tín",
    "full width": "ｔａｉ ｘｉｕ",
    "mathematical letters": "𝐭𝐚𝐢 𝐱𝐢𝐮",
    "glued": "taixiu vip",
    "hyphens": "tài-xỉu",
    "doubtful without marks": "nha cai uy tin hang dau",
    "Indonesian": "situs slot gacor maxwin",
    "Chinese": "澳门真人荷官 老虎机",
    "Thai": "สล็อต บาคาร่า",
    "Russian": "лучшее онлайн казино",
    "brand": "W88",
    "shape of a brand": "KZ789 VIP",
    "a name with a gap": "Sun Win tải game",
    "praise that sounds like a warning": "Nhà cái W88 uy tín, không lừa đảo",
    "in a picture": '<img src="/a.png" alt="Soi cầu xổ số miền Bắc, nhà cái uy tín">',
    "not betting": "viagra giá rẻ",
}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
def test_visible_betting_words_on_a_strange_host_are_suspect(text: str) -> None:
    found = suspects(f"<p>Câu hỏi của bạn đọc</p><p>{link(text)}</p>")
    assert [each.href for each in found] == [SHOP]
    assert not found[0].hidden


HIDING = {
    "display": "display:none",
    "visibility": "visibility: hidden",
    "opacity": "opacity:0",
    "font size": "font-size:0px;line-height:0",
    "off-screen": "position:absolute; left:-9999px",
    "above": "position:fixed;top:-200em",
    "indent": "text-indent:-9999px",
    "indent in a small box": "text-indent:-999em;overflow:hidden;height:1px",
    "one pixel": "overflow:hidden;width:1px;height:1px",
    "clipped": "position:absolute;clip:rect(0,0,0,0)",
    "clip path": "clip-path: inset(100%)",
    "no size": "height:0;overflow:hidden",
    "transform": "transform:translateX(-5000px)",
    "scale": "transform: scale(0)",
    "transparent": "color:transparent",
    "own colour": "color:#fff;background:#FFFFFF",
}


@pytest.mark.parametrize("style", HIDING.values(), ids=HIDING)
def test_hidden_betting_links_are_suspect(style: str) -> None:
    for words in ("kèo bóng đá hôm nay", "KZ789 VIP", "99 club"):
        (found,) = suspects(box(style, f"<span>{link(words, NUMBER)}</span>"))
        assert found.hidden
        assert "hidden: " in found.why


TRICKS = {
    "hidden attribute": f"<div hidden>{link('Soi kèo')}</div>",
    "aria-hidden": f"<div aria-hidden='true'>{link('Soi kèo')}</div>",
    "noscript": f"<noscript>{link('Soi kèo')}</noscript>",
    "marquee": f"<marquee width='1' height='1'>{link('Tin vui', NUMBER)}</marquee>",
    "fast marquee": f"<marquee scrollamount=9000>{link('Tin vui', NUMBER)}</marquee>",
    "white font": f"<body bgcolor='#fff'><font color=white>{link('Nổ hũ')}</font>",
    "style sheet": f"<style>.zq{{position:absolute;left:-4000px}}</style>"
    f"<div class='zq'>{link('tin vui')}</div>",
    "style sheet with an id": f"<style>body #hh{{display:none}}</style>"
    f"<div id='hh'>{link('Game bài')}</div>",
    "hidden by a script": f"<div id='hd'>{link('Cá cược')}</div>"
    "<script>document.getElementById('hd').style.display='none';</script>",
    "menu": f"<ul class='menu' style='display:none'><li>{link('Tài xỉu')}</li></ul>",
    "written by a script": f"<script>document.write('<a href=\"{SHOP}\">Tài xỉu</a>')</script>",
    "words around it": f"<p>Chơi tài xỉu uy tín tại {link('đây', NUMBER)}</p>",
    "host tells": link("tại đây", "https://taixiu-online.example/"),
    "brand in the host": link("tại đây", "http://www.w88.example/vn"),
    "ending": link("tại đây", "https://abc.casino/"),
    "puny": link("tại đây", "https://" + "tài-xỉu".encode("idna").decode() + ".example/"),
    "several strangers": box(
        "display:none",
        "".join(link("vui", f"https://vui{n}-net.xyz/") for n in range(4))
        + link("", "https://la.example/vn"),
    ),
    "off-screen stranger": box("position:absolute;left:-9999px", link("tin vui")),
    "number in other notation": box("display:none", link("99 club", "http://3325256711/")),
    "back slashes": link("Tài xỉu", "https:\\\\daily-fresh-news.example\\"),
    "a brand around it": "<p>789 Club đổi thưởng: <a href='http://bit.example/x'>bit.example</a></p>",
    "no scheme": link("Tài xỉu", "//daily-fresh-news.example/"),
    "behind a service": link("Tài xỉu", "https://www.google.com/url?q=https://aabb.example/"),
    "on a known host": link("Nhà cái uy tín W88", "https://www.facebook.com/nha-cai-uy-tin-w88/"),
    "a broken page of the state": box(
        "left:-9999px;position:absolute",
        link("Tài xỉu uy tín", "https://xa.gov.vn/tai-xiu-doi-thuong"),
    ),
    "frame": f"<iframe src='{SHOP}tai-xiu' style='display:none' title='game bài'></iframe>",
    "click": f"<div onclick=\"window.open('{SHOP}')\">Nhà cái uy tín</div>",
}


@pytest.mark.parametrize("html", TRICKS.values(), ids=TRICKS)
def test_other_tricks_are_seen(html: str) -> None:
    assert suspects(f"<html><body><h1>Tin</h1>{html}</body></html>")


REDIRECTS = {
    "meta refresh": f"<meta http-equiv='Refresh' content='0; url={SHOP}tai-xiu'>",
    "script": f"<script>setTimeout(() => {{ top.location.href = '{SHOP}tai-xiu' }}, 1)</script>",
    "replace": f"<script>location.replace('{NUMBER}nha-cai-uy-tin-w88')</script>",
    "encoded": f"<script>location.href=atob('{b64encode(b'https://sun789.example/').decode()}')"
    "</script>",
    "escaped": "<script>location='\\x68ttps://sun789.example/'</script>",
}


@pytest.mark.parametrize("html", REDIRECTS.values(), ids=REDIRECTS)
@pytest.mark.parametrize("status", [200, 404])
def test_redirects_to_betting_hosts_are_suspect(html: str, status: int) -> None:
    (found,) = suspects(f"<html><head><title>Không tìm thấy</title>{html}</head>", status)
    assert found.text is None


def test_a_redirect_header_counts() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    page = Page(PORTAL, at, 302, "text/html", location="https://w88.example/")
    assert [each.why for each in read_suspects(page, ())] == ["host: w88.example; redirect"]


def test_an_error_page_that_leads_to_a_stranger_is_suspect() -> None:
    html = f"<meta http-equiv='refresh' content='1;url={SHOP}'>"
    assert suspects(html, 404)
    assert not suspects(html)
    assert not suspects(html.replace(SHOP, "https://kimhai-moi.binhhai.gov.vn/"), 404)
    assert not suspects(html.replace(SHOP, "https://congtypham mem.vn/"), 404)


PAPER = "https://baobinhhai.vn/phap-luat/cong-an-huyen-bat-nhom-choi-tai-xiu-20260302.html"
HONEST = {
    "agency": link("Sở Tư pháp", "https://sotuphap.binhhai.gov.vn/"),
    "bank": link("Ngân hàng Hải Phú", "https://haiphubank.com.vn/khuyen-mai"),
    "report": link("Triệt phá đường dây tài xỉu, cá độ nghìn tỷ đồng", PAPER),
    "headline without a policeman": link("Mặt trái của game bài, tài xỉu trên mạng", PAPER),
    "brand in a report": link("Xét xử nhóm điều hành nhà cái W88, Kubet", PAPER),
    "report in a collapsed tab": box(
        "display:none", link("Cảnh báo thủ đoạn dụ chơi nổ hũ, xóc đĩa", PAPER)
    ),
    "paragraph on the fight": "<p>Công an huyện cảnh báo thủ đoạn của các trang tài xỉu, nhà cái, "
    f"xem {link('tại đây', 'https://tintucphapluat.example/canh-bao')}</p>",
    "state lottery": link("Công ty Xổ số kiến thiết Bình Hải", "https://xosobinhhai.com.vn/"),
    "Facebook": link("Theo dõi chúng tôi", "https://www.facebook.com/kimhai"),
    "Zalo": link("Zalo", "https://zalo.me/123456"),
    "YouTube": "<iframe src='https://www.youtube.com/embed/abc' width=0 height=0></iframe>",
    "documents": link("Hệ thống quản lý văn bản", "http://113.160.181.10:8080/qlvb"),
    "documents in a menu": box(
        "display:none",
        "<ul class='sub'><li>"
        + link("Quản lý văn bản", "http://113.160.181.10/qlvb")
        + "</li></ul>",
    ),
    "documents in a hidden box": box(
        "display:none", link("Văn phòng điện tử", "http://113.160.181.10/eoffice")
    ),
    "intranet": link("Một cửa", "http://10.20.1.7/motcua"),
    "collapsed menu": "<ul class='dropdown-menu' style='display:none'>"
    + "".join(f"<li>{link(f'Đơn vị {n}', f'https://donvi{n}.example/')}</li>" for n in range(8))
    + "</ul>",
    "window": box("display:none", link("Tải Chrome", "https://chrome-download.example/")),
    "logo": link("Đối tác", "https://partner.example/", 'style="text-indent:-9999px"'),
    "counter": "<noscript><a href='https://counter.example'><img src='c.gif'></a></noscript>",
    "white words on a button": link("Đăng ký", "https://hoinghi.example/", "style='color:#fff'"),
    "language": link("中文", "https://kimhai-cn.example/"),
    "whole life": link("Dành cả cuộc đời cho con chữ", "https://tintuc.example/ca-cuoc-doi"),
    "installing": link("Hướng dẫn từng nhà cài đặt VNeID", "https://huongdan.example/nha-cai-dat"),
    "footbridge": link("Khánh thành cầu, đời thường vùng cao", "https://tintuc.example/doi-thuong"),
    "road": link("Nâng cấp QL66 và ĐT88", "https://giaothong.example/"),
    "slide": "<div class='owl-item' style='position:absolute;left:-1920px'>"
    f"{link('Đối tác', 'https://partner.example/')}</div>",
    "warning that quotes": link(
        "Cảnh giác với nhà cái W99 VIP", "https://tinnong.example/nha-cai-w99"
    ),
    "frame for statistics": "<iframe src='https://stat.example/p' width=0 height=0></iframe>",
    "own host": link("Tài xỉu là gì? Tác hại của cờ bạc", "https://kimhai.binhhai.gov.vn/t"),
    "moved": "<script>if (old) location.href='https://binhhai.gov.vn/kimhai';</script>",
}


@pytest.mark.parametrize("html", HONEST.values(), ids=HONEST)
def test_honest_links_are_not_suspect(html: str) -> None:
    assert suspects(f"<html><body><h1>Tin</h1>{html}</body></html>") == ()


def test_words_are_told_from_words_that_only_look_like_them() -> None:
    assert words_of("Cá cược").betting == ("cá cược",)
    assert words_of("ca cuoc").doubtful == ("ca cuoc",)
    for innocent in ("cả cuộc đời", "nhà cải tạo", "nợ hụi", "cà dò dẫm", "keo bóng"):
        assert not words_of(innocent).is_telling, innocent


def test_a_page_full_of_links_and_broken_addresses_is_read() -> None:
    many = "".join(link(f"Tài xỉu {n}", f"https://x{n}.example/") for n in range(300))
    broken = link("Tài xỉu", "http://[::1/") + link("Tài xỉu", "https://") + "<a>Nhà cái</a>"
    assert len(suspects(many + broken)) == 300


@pytest.mark.parametrize("form", ["<div>{}", "<div style='color:#123'>{}"])
def test_thousands_of_links_deep_in_boxes_are_looked_at(form: str) -> None:
    links = "".join(link("Tài xỉu", f"https://x{n}.example/") for n in range(2_000))
    html = links
    for _ in range(200):
        html = form.format(html)
    assert len(suspects(html)) == 2_000


def test_an_address_is_told_once_with_its_heaviest_signs() -> None:
    html = link("Tài xỉu") + box("display:none", link("Tài xỉu uy tín"))
    (found,) = suspects(html)
    assert (found.text, found.hidden) == ("Tài xỉu uy tín", True)
    assert found.why.startswith("betting word: tài xỉu; praise; hidden: display: none")


def test_each_sign_says_by_itself_what_it_is_in_both_languages() -> None:
    (found,) = suspects(link("Tài xỉu, soi cầu", "https://203.0.113.9/"))
    signs = found.why.split("; ")
    assert "another betting word: soi cầu" in signs
    with speaking("vi"):
        said = suspected(found.why).split("; ")
    assert "từ ngữ cá cược khác: soi cầu" in said
    assert not set(said) & set(signs)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """An archive of the practice portal's 500 articles, and what the portal itself says."""
    db = tmp_path_factory.mktemp("planted") / "archive.db"
    with practice.running(articles=500, port=0) as url:
        told = luutru("crawl", url, "--delay", "0", "--db", str(db))
        assert told.returncode == 0, told.stderr
        yield db, httpx.get(f"{url}_truth.json").json()


def rows(db: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(db)) as archive:
        return archive.execute(sql).fetchall()


def test_every_planted_link_of_the_portal_and_nothing_else_is_suspect(
    portal: tuple[Path, dict[str, Any]],
) -> None:
    db, truth = portal
    pages = [*truth["articles"], *truth["infected"]]
    planted = {(page["url"], href) for page in pages for href in page["planted"]}
    found = rows(db, "SELECT u.url, href FROM suspect_links JOIN urls u ON u.id = url_id")
    assert set(found) == planted
    assert len({url for url, _ in planted}) == 61
    assert sum(len(page["outbound"]) for page in truth["articles"]) == 200


def test_a_person_is_told_where_to_look(portal: tuple[Path, dict[str, Any]]) -> None:
    db, truth = portal
    told = rows(db, "SELECT count(*) FROM problems WHERE field = 'planted'")
    assert told == [(61,)]
    assert len([page for page in truth["articles"] if page["planted"]]) == 60


def test_planted_words_reach_neither_text_nor_search(portal: tuple[Path, dict[str, Any]]) -> None:
    db, truth = portal
    bodies = dict(rows(db, "SELECT url, body FROM articles"))
    assert {page["url"]: page["body"] for page in truth["articles"] if page["planted"]} == {
        page["url"]: bodies[page["url"]] for page in truth["articles"] if page["planted"]
    }


def test_the_report_of_suspects_is_that_of_the_rows(portal: tuple[Path, dict[str, Any]]) -> None:
    db, _ = portal
    told = json.loads(luutru("status", "--suspects", "--json", "--db", str(db)).stdout)
    assert sorted((each["page"], each["href"]) for each in told) == sorted(
        rows(db, "SELECT u.url, href FROM suspect_links JOIN urls u ON u.id = url_id")
    )
    assert {each["still_there"] for each in told} == {1}
    text = luutru("status", "--suspects", "--db", str(db)).stdout
    assert all(each["href"] in text and each["why"] in text for each in told)
    assert f"{len(told)} planted links on 61 pages" in text
    report = json.loads(luutru("report", "--format", "json", "--db", str(db)).stdout)
    assert report["planted"]["count"] == len(told)


def _seen(archive: Archive, path: str, html: str, **facts: Any) -> None:
    """Save a page as the crawler would."""
    page = archive.page(path, body=html.encode(), content_type="text/html", **facts)
    save(archive.db, archive.run, read(page, load("generic")))


def test_a_planted_link_has_a_first_and_a_last_day(archive: Archive) -> None:
    infected = f"<h1>Không tìm thấy trang</h1><div style='display:none'>{link('Tài xỉu')}</div>"
    for day, html in ((1, "<p>Tin</p>"), (2, infected), (5, infected), (7, "<p>Tin</p>")):
        _seen(archive, "/khong-co", html, status=404, fetched_at=datetime(2026, 5, day, tzinfo=UTC))
    (found,) = reports.suspects(archive.db)
    assert (found["first_seen_at"][:10], found["last_seen_at"][:10]) == ("2026-05-02", "2026-05-05")
    assert (found["still_there"], found["hidden"]) == (0, 1)


def test_a_page_that_is_unchanged_still_has_its_planted_links(archive: Archive) -> None:
    infected = f"<p>Tin</p><div hidden>{link('Tài xỉu')}</div>"
    _seen(archive, "/a", infected, fetched_at=datetime(2026, 5, 1, tzinfo=UTC))
    for day in (3, 4):
        _seen(archive, "/a", "", status=304, fetched_at=datetime(2026, 5, day, tzinfo=UTC))
    (found,) = reports.suspects(archive.db)
    assert (found["last_seen_at"][:10], found["still_there"]) == ("2026-05-04", 1)


def test_an_older_page_tells_that_a_link_is_older(archive: Archive) -> None:
    infected = f"<p>Tin</p><div hidden>{link('Tài xỉu')}</div>"
    for day in (5, 1, 3):
        page = archive.page(
            "/a", body=infected.encode(), fetched_at=datetime(2026, 5, day, tzinfo=UTC)
        )
        save_again(archive.db, archive.run, read(page, load("generic")))
    (found,) = reports.suspects(archive.db)
    assert (found["first_seen_at"][:10], found["last_seen_at"][:10]) == ("2026-05-01", "2026-05-05")


def test_a_better_reader_takes_its_suspicion_back(archive: Archive) -> None:
    pages = [
        archive.page("/a", body=b"<p>Tin</p>", fetched_at=datetime(2026, 5, day, tzinfo=UTC))
        for day in (1, 2, 4)
    ]
    wrong = SuspectLink(SHOP, "Tin", False, "a mistake", 6)
    for page in pages:
        save(archive.db, archive.run, ReadPage(page, "other", suspects=(wrong,)))
    assert len(reports.suspects(archive.db)) == 1
    for page in pages:
        save_again(archive.db, archive.run, ReadPage(page, "other"))
    assert reports.suspects(archive.db) == []
