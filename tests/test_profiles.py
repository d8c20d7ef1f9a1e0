"""Profiles: merging, choosing, and errors that say file, line and what is allowed."""

import pytest

from crawler import profiles
from crawler.errors import BadInput


def test_every_profile_is_valid_and_portals_name_a_cms() -> None:
    for slug in profiles.slugs():
        profile = profiles.load(slug)
        assert profile.name
        assert not profile.url or profile.cms


def test_a_portals_layouts_come_before_those_of_its_cms() -> None:
    assert [layout.name for layout in profiles.load("kimson").layouts][:2] == [
        "kimson-2023",
        "vnportal",
    ]


def test_a_url_gets_its_portals_profile_or_the_generic_one() -> None:
    assert profiles.for_url("https://kimson.ninhbinh.gov.vn/tin-tuc").slug == "kimson"
    other = profiles.for_url("https://yenmo.ninhbinh.gov.vn/tin")
    assert (other.slug, other.cms) == ("yenmo-ninhbinh-gov-vn", "generic")
    assert "kimson-2023" in [layout.name for layout in other.layouts]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = "x"\nfoo = 1', "p.toml:2: `foo` is not known; allowed are addresses, cms, cook"),
        ("name = 1", "p.toml:1: `name` must be a text"),
        ('url = "https://x/"', "`name` is missing"),
        ('name = "x"\ndelay = -1', "p.toml:2: `delay` must be a number of seconds"),
        (
            'name = "x"\n[[layouts]]\nname = "l"\npage = "div[["',
            "p.toml:4: `page` is no CSS selector",
        ),
        ('name = "x"\n[[layouts]]\nname = "l"', "`page` is missing in a layout"),
        ('name = "x"\n[[layouts]]\nname = "l"\npage = "p"\ntitel = "h1"', "p.toml:5: `titel`"),
        ("name = ", "p.toml: not valid TOML"),
    ],
)
def test_a_broken_profile_says_where_and_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(BadInput) as raised:
        profiles.parse(text, "p", "p.toml")
    assert message in str(raised.value)


def test_an_unknown_portal_names_the_nearest() -> None:
    with pytest.raises(BadInput, match="nearest: kimson"):
        profiles.load("kimsom")
    with pytest.raises(BadInput, match="no portal called"):
        profiles.load("../settings")
