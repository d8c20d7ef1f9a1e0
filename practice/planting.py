"""Links out of the portal: innocent ones, and those that an intruder planted, in all their ways.

Every name is invented and every number is an address kept for documentation (RFC 5737), so that
nobody who follows one by mistake arrives anywhere.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from random import Random

from markupsafe import Markup

from practice import chance
from practice.model import Planted
from practice.spelling import fold

AGENCIES = (
    ("Sở NN&PTNT tỉnh Bình Hải", "https://sonnptnt.binhhai.example/"),
    ("Sở Giáo dục & Đào tạo tỉnh Bình Hải", "https://sogddt.binhhai.example/tin-tuc"),
    ("Cổng Dịch vụ công tỉnh Bình Hải", "https://dichvucong.binhhai.example/?huyen=kim-hai"),
    ("Báo Bình Hải điện tử", "https://baobinhhai.example/huyen-kim-hai"),
    ("Hội LHPN tỉnh Bình Hải", "http://phunu.binhhai.example/"),
    ("UBND huyện Thượng Giang", "https://thuonggiang.binhhai.example/portal"),
)
_OTHERS = (
    ("Ngân hàng Hải Phú, chi nhánh Kim Hải", "https://haiphubank.example/chi-nhanh/kim-hai"),
    (
        "Báo Bình Hải (bài “Triệt phá đường dây cá độ, tài xỉu qua mạng”)",
        "https://baobinhhai.example/triet-pha-duong-day-ca-do-tai-xiu-qua-mang-20240611.html",
    ),
    (
        "Báo Pháp luật Bình Hải (bài “Cảnh giác với nhà cái W99 VIP”)",
        "https://phapluatbinhhai.example/canh-giac-voi-nha-cai-w99-vip-20240612.html",
    ),
    ("Công ty Xổ số kiến thiết Bình Hải", "https://xosobinhhai.example/"),
    ("Facebook của huyện", "https://www.facebook.com/huyen.kimhai.example"),
    ("Zalo của huyện", "https://zalo.me/0000000000"),
    ("kênh YouTube của Đài huyện", "https://www.youtube.com/@daikimhai.example"),
    ("hệ thống quản lý văn bản của tỉnh", "http://203.0.113.20:8080/qlvb"),
    ("cuộc thi “Cả cuộc đời vì dân”", "https://cuocthi.binhhai.example/ca-cuoc-doi-vi-dan"),
)
COLLAPSED = (*AGENCIES[3:], _OTHERS[0], _OTHERS[7])
"""What a menu that is closed until it is clicked leads to."""

_GROUP, _INFECTED = 25, 3
_FEW, _LINKED = 5, 2
_BRANDS = ("W99 VIP", "Sunwin68", "KU789", "Vua Kèo 88", "FB69 Club", "Nhà Vua Bet")
_LURES = (
    "tài xỉu online đổi thưởng", "nhà cái uy tín số 1", "soi cầu xổ số 3 miền", "game bài đổi thẻ",
    "kèo bóng đá hôm nay", "cá cược thể thao",
)  # fmt: skip
_NETS = ("192.0.2", "198.51.100", "203.0.113")
_STYLES = (
    "overflow:hidden;height:1px",
    "display:none",
    "position:absolute;left:-9999px;top:0",
    "font-size:0;line-height:0",
    "visibility:hidden;height:0",
    "text-indent:-9999px;overflow:hidden;height:2px",
    "opacity:0;position:absolute",
    "position:absolute;clip:rect(0 0 0 0)",
    "color:#fefefe;background-color:#fefefe",
)
_CYRILLIC = str.maketrans("aeiocxp", "аеіосхр")
_LEET = str.maketrans("aeio", "4310")


def outbound(seed: int, k: int) -> tuple[str, str] | None:
    """(name, address) of the innocent link in an article's text: two of each five have one."""
    if k % _FEW not in chance.dice(seed, "outbound", k // _FEW).sample(range(_FEW), _LINKED):
        return None
    return chance.dice(seed, "outbound link", k).choice(AGENCIES + _OTHERS)


def planted(seed: int, k: int) -> tuple[Planted, ...]:
    """The planted links on an article's page: three of each 25 pages have some."""
    group, place = divmod(k, _GROUP)
    spots = chance.dice(seed, "planted", group).sample(range(_GROUP), _INFECTED)
    if place not in spots:
        return ()
    dice = chance.dice(seed, "planting", k)
    # In turn, so that every way is met on a portal of some size.
    way = _WAYS[(group * _INFECTED + spots.index(place)) % len(_WAYS)]
    return tuple(_planted(dice, way) for _ in range(dice.randint(1, 3)))


def asked() -> tuple[Planted, ...]:
    """What stands among the questions of readers, in sight of everybody."""
    dice = chance.dice("questions")
    return tuple(_planted(dice, _comment) for _ in range(3))


def _planted(dice: Random, way: _Way) -> Planted:
    brand = dice.choice(_BRANDS)
    name = fold(brand).replace(" ", "-")
    number = f"https://{dice.choice(_NETS)}.{dice.randint(2, 250)}/"
    href = number if dice.random() < 0.6 else f"https://{name}.example/{dice.randint(10, 99)}"
    text = f"{brand} - {dice.choice(_LURES)} - {href}"
    inside = dice.random() < 0.3 and way not in _OUTSIDE
    markup = Markup(way(href, text, dice))  # noqa: S704 (every way escapes what it is given)
    return Planted(href + _LEADS_ON.get(way, ""), text, markup, inside)


_Way = Callable[[str, str, Random], str]


def _a(href: str, text: str) -> str:
    return str(Markup('<a href="{}">{}</a>').format(href, text))


def _styled(href: str, text: str, dice: Random) -> str:
    return f'<div style="{dice.choice(_STYLES)}">{_a(href, text)}</div>'


def _attributed(href: str, text: str, dice: Random) -> str:
    attribute = dice.choice(("hidden", "aria-hidden=true"))
    return f"<div {attribute}>{_a(href, text)}</div>"


def _by_sheet(href: str, text: str, dice: Random) -> str:
    name = f"x{dice.randint(100, 999)}"
    rule = f".{name}{{position:absolute;left:-{dice.randint(2, 9)}000px}}"
    return f'<style>{rule}</style><div class="{name}">{_a(href, text)}</div>'


def _by_script(href: str, text: str, dice: Random) -> str:
    name = f"hide{dice.randint(100, 999)}"
    hides = f"document.getElementById('{name}').style.display = 'none';"
    return f'<div id="{name}">{_a(href, text)}</div><script>{hides}</script>'


def _without_script(href: str, text: str, _: Random) -> str:
    return f"<noscript>{_a(href, text)}</noscript>"


def _marquee(href: str, text: str, _: Random) -> str:
    return f'<marquee scrollamount="10000" height="1" width="1">{_a(href, text)}</marquee>'


def _in_menu(href: str, text: str, _: Random) -> str:
    return f'<ul style="display:none"><li>{_a(href, text)}</li></ul>'


def _white(href: str, text: str, _: Random) -> str:
    return f'<div style="background:white"><font color="#ffffff">{_a(href, text)}</font></div>'


def _comment(href: str, text: str, dice: Random) -> str:
    words = text.rpartition(" - ")[0]
    disguised = (
        str,
        fold,
        lambda words: fold(words).translate(_CYRILLIC),
        lambda words: fold(words).translate(_LEET),
        lambda words: "\u200b".join(words),
        lambda words: " ".join(words.replace(" ", "")),
    )
    shown = dice.choice(disguised)(words)
    return f'<div class="comments"><p>Bạn đọc: {_a(href, shown)}</p></div>'


def _script_goes(href: str, _: str, dice: Random) -> str:
    address = href + _LEADS_ON[_script_goes]
    encoded = base64.b64encode(address.encode()).decode()
    target = dice.choice((f"'{address}'", f'atob("{encoded}")'))
    return f"<script>if (!window.crawler) location.href = {target};</script>"


def _refresh(href: str, _: str, dice: Random) -> str:
    target = href + _LEADS_ON[_refresh]
    return f'<meta http-equiv="refresh" content="{dice.randint(0, 9)};url={target}">'


_LEADS_ON: dict[_Way, str] = {_script_goes: "tai-xiu", _refresh: "nha-cai-tai-xiu"}
_OUTSIDE = (_comment, *_LEADS_ON)
_WAYS: tuple[_Way, ...] = (
    _styled, _attributed, _styled, _by_sheet, _styled, _by_script, _without_script, _styled,
    _marquee, _in_menu, _styled, _white, _comment, _styled, _script_goes, _comment, _refresh,
)  # fmt: skip
