"""Links out of the portal: innocent ones, and hidden ones that an intruder planted.

Every name is invented and every number is an address kept for documentation (RFC 5737), so that
nobody who follows one by mistake arrives anywhere.
"""

from __future__ import annotations

from random import Random

from practice import chance
from practice.model import Planted

AGENCIES = (
    ("Sở NN&PTNT tỉnh Bình Hải", "https://sonnptnt.binhhai.example/"),
    ("Sở Giáo dục & Đào tạo tỉnh Bình Hải", "https://sogddt.binhhai.example/tin-tuc"),
    ("Cổng Dịch vụ công tỉnh Bình Hải", "https://dichvucong.binhhai.example/?huyen=kim-hai"),
    ("Báo Bình Hải điện tử", "https://baobinhhai.example/huyen-kim-hai"),
    ("Hội LHPN tỉnh Bình Hải", "http://phunu.binhhai.example/"),
    ("UBND huyện Thượng Giang", "https://thuonggiang.binhhai.example/portal"),
)
_PLANTED_SHARE = 12
_STYLES = (
    "overflow:hidden;height:1px",
    "display:none",
    "position:absolute;left:-9999px;top:0",
    "font-size:0;line-height:0",
    "visibility:hidden;height:0",
    "text-indent:-9999px;overflow:hidden;height:2px",
)
_BRANDS = ("W99 VIP", "Sunwin68", "KU789", "Vua Kèo 88", "FB69 Club", "Nhà Vua Bet")
_LURES = (
    "tài xỉu online đổi thưởng", "nhà cái uy tín số 1", "soi cầu xổ số 3 miền", "game bài đổi thẻ",
    "kèo bóng đá hôm nay", "cá cược thể thao",
)  # fmt: skip
_NETS = ("192.0.2", "198.51.100", "203.0.113")


def agency(dice: Random) -> tuple[str, str]:
    """(name, address) of an invented agency."""
    return dice.choice(AGENCIES)


def planted(seed: int, k: int) -> tuple[Planted, ...]:
    """The hidden links on an article's page; most pages have none."""
    if not chance.percent(_PLANTED_SHARE, seed, "planted", k):
        return ()
    dice = chance.dice(seed, "planting", k)
    return tuple(_planted(dice) for _ in range(dice.randint(1, 3)))


def _planted(dice: Random) -> Planted:
    brand = dice.choice(_BRANDS)
    name = brand.lower().translate({ord(" "): "-", ord("à"): "a", ord("è"): "e"})
    number = f"https://{dice.choice(_NETS)}.{dice.randint(2, 250)}/"
    href = number if dice.random() < 0.6 else f"https://{name}.example/{dice.randint(10, 99)}"
    text = f"{brand} - {dice.choice(_LURES)} - {href}"
    return Planted(href, text, dice.choice(_STYLES), inside_body=dice.random() < 0.3)
