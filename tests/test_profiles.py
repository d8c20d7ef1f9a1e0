"""Profiles: merging, choosing, and errors that say file, line and what is allowed."""

import json
from pathlib import Path

import pytest

from crawler import profiles
from crawler.errors import BadInput
from tests.test_cli import luutru


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


@pytest.mark.parametrize("name", ["kim-hải", "KimSon", "kim son"])
def test_a_profile_with_a_name_that_none_can_have_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / f"{name}.toml").write_text('url = "https://x.vn/"', "utf-8")
    monkeypatch.setenv("LUUTRU_PORTALS", str(tmp_path))
    with pytest.raises(BadInput, match=f"{name}.toml is no name for a profile; use a to z"):
        profiles.load(name)


def test_an_unknown_portal_names_the_nearest() -> None:
    with pytest.raises(BadInput, match="nearest: kimson"):
        profiles.load("kimsom")
    with pytest.raises(BadInput, match="no portal called"):
        profiles.load("../settings")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'name = "x"\n[addresses]\nartikel = "a"',
            "p.toml:3: `artikel` is not known in [addresses]",
        ),
        ('name = "x"\n[addresses]\nlisting = "("', "p.toml:3: `listing` is no regular expression"),
        ('name = "x"\nlisting = [\n  ".a",\n  "b[[",\n]', "p.toml:4: `listing` is no CSS selector"),
        ('name = "x"\nfingerprint = "y"', "p.toml:2: `fingerprint` must be written as a table"),
        (
            'name = "x"\n[[layouts]]\nname = "a"\npage = "p"\n[[layouts]]\nname = "b"\npage = 3',
            "p.toml:7: `page` must be a text",
        ),
        (
            'name = "x"\n[[layouts]]\nname = "a"\npage = "p"\n[[layouts]]\nname = "b"',
            "p.toml:5: `page`",
        ),
        ('name = ["x", "y"]', "p.toml:1: `name` must be a text"),
        ('name = "x"\ndelay = true', "p.toml:2: `delay` must be a number"),
    ],
)
def test_a_mistake_in_a_table_is_told_with_its_own_line(text: str, message: str) -> None:
    with pytest.raises(BadInput) as raised:
        profiles.parse(text, "p", "p.toml")
    assert message in str(raised.value)


def test_a_portal_adds_to_the_facts_of_its_cms() -> None:
    cms = profiles.parse('name = "c"\nlisting = ".c"\n[addresses]\nnoise = "from"', "c", "c.toml")
    portal = profiles.parse('name = "p"\nlisting = ".p"\n[addresses]\nnoise = "to"', "p", "p.toml")
    merged = profiles.merge(portal, cms)
    assert (merged.listing, merged.addresses.noise) == ((".p", ".c"), ("to", "from"))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUUTRU_PORTALS", str(tmp_path))
    return tmp_path


def test_the_archivists_own_profiles_come_before_those_that_luutru_brings(own: Path) -> None:
    (own / "yenmo.toml").write_text('name = "Yên Mô"\nurl = "https://yenmo.example/"\n', "utf-8")
    (own / "kimson.toml").write_text('name = "Của tôi"\nurl = "https://kimson.example/"\n', "utf-8")
    assert "yenmo" in profiles.slugs()
    assert profiles.for_url("https://yenmo.example/tin").slug == "yenmo"
    assert profiles.load("kimson").name == "Của tôi"


def test_an_address_is_looked_up_without_merging_the_profiles_of_others(own: Path) -> None:
    """Of 700 it took 4 s, and one with a wrong CMS kept all addresses from being crawled."""
    (own / "a.toml").write_text('name = "a"\nurl = "https://a.example/"\ncms = "gone"\n', "utf-8")
    assert profiles.for_url("https://kimson.ninhbinh.gov.vn/").slug == "kimson"
    with pytest.raises(BadInput, match="gone"):
        profiles.for_url("https://a.example/")


def test_a_broken_profile_is_refused_where_it_is_needed_and_told_elsewhere(own: Path) -> None:
    """One typing mistake stood in the way of the crawls of all portals that have no profile."""
    (own / "hong.toml").write_text(
        'name = "H"\nurl = "https://www.hong.example/"\nfoo = 1', "utf-8"
    )
    (own / "con.toml").write_text('name = "C"\nurl = "https://con.example/"\ncms = "ho"', "utf-8")
    (own / "page.html").write_text("<h1>Tin</h1>", "utf-8")
    wrong = f"{own}/hong.toml:3: `foo` is not known"
    for needs in ("hong", "https://hong.example/tin"):
        refused = luutru("crawl", needs, "--db", str(own / "archive.db"))
        assert refused.returncode == 2
        assert refused.stderr.startswith(f"luutru: {wrong}")
    other = luutru("extract", str(own / "page.html"), "--url", "https://xhong.example/tin")
    assert (other.returncode, other.stderr.count("\n")) == (1, 1), other.stderr
    assert other.stderr.startswith(wrong)
    assert "this profile is left out" in other.stderr
    known = luutru("portals", "--json")
    assert (known.returncode, known.stderr.count("\n")) == (1, 2), known.stderr
    assert wrong in known.stderr
    assert "there is no portal called 'ho'" in known.stderr
    assert "kimson" in {each["slug"] for each in json.loads(known.stdout)}


def test_a_profile_that_builds_on_itself_is_told(own: Path) -> None:
    (own / "a.toml").write_text('name = "a"\ncms = "b"\n', "utf-8")
    (own / "b.toml").write_text('name = "b"\ncms = "a"\n', "utf-8")
    with pytest.raises(BadInput, match="leads back"):
        profiles.load("a")


def test_every_cms_has_a_fingerprint_and_its_own_layout_names() -> None:
    known = profiles.cmss()
    assert {profile.slug for profile in known} == set(profiles.slugs()) - {
        "generic", *(slug for slug in profiles.slugs() if profiles.load(slug).url),
    }  # fmt: skip
    names = [layout.name for profile in known for layout in profile.layouts]
    assert len(names) == len(set(names))
