"""No request leaves the portal's hosts, and no connection leads into a private network."""

import ipaddress
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.errors import BadInput
from crawler.safety.addresses import Addresses, kind_of, networks
from crawler.urls import hosts_of, link
from tests.raw_server import Answer, RawServer, links, ok, raw_server
from tests.scrapy_run import crawl
from tests.test_cli import luutru
from tests.tiny_dns import tiny_dns

ROBOTS = {"/robots.txt": ok(b""), "/sitemap.xml": ok(b"", status="HTTP/1.1 404 Not Found")}
WITHIN = (
    "127.0.0.1 127.8.8.8 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 "
    "100.100.100.200 0.0.0.0 224.0.0.1 240.0.0.1 255.255.255.255 192.0.2.1 198.18.0.1 192.0.0.192 "
    "168.63.129.16 ::1 :: fe80::1 fc00::1 fd00:ec2::254 fec0::1 ff02::1 2001:db8::1 3fff::1 "
    "::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe "
    "64:ff9b:1::1 2002:7f00:1:: 2002:a00:1:: 2001:0:4136:e378:8000:63bf:80ff:fffe"
)
PUBLIC = (
    "8.8.8.8 113.160.1.1 2405:4800::1 2001:4860:4860::8888 64:ff9b::808:808 2002:808:808:: "
    "::ffff:8.8.8.8"
)


@pytest.mark.parametrize("address", WITHIN.split())
def test_no_portal_is_at_a_special_address(address: str) -> None:
    assert kind_of(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC.split())
def test_portals_are_at_public_addresses(address: str) -> None:
    assert kind_of(ipaddress.ip_address(address)) is None


@pytest.mark.parametrize(
    ("typed", "address", "host", "may"),
    [
        ("http://127.0.0.1:8000/", "127.0.0.1", "127.0.0.1:8000", True),
        ("http://127.0.0.1:8000/", "127.0.0.2", "127.0.0.1:8000", False),
        ("http://127.0.0.1:8000/", "127.0.0.1", "127.0.0.1:9000", False),
        ("http://127.0.0.1:8000/", "127.0.0.1", "kimson.gov.vn", False),
        ("http://localhost/", "127.0.0.1", "localhost", True),
        ("http://localhost/", "::1", "localhost", True),
        ("http://localhost/", "10.0.0.1", "localhost", False),
        ("http://[::1]:8000/", "::1", "[::1]:8000", True),
        ("http://10.0.0.7/", "10.0.0.7", "10.0.0.7", True),
        ("http://2130706433/", "127.0.0.1", "2130706433", False),
        ("http://127.1/", "127.0.0.1", "127.1", False),
        ("http://kimson.gov.vn/", "127.0.0.1", "kimson.gov.vn", False),
        ("http://kimson.gov.vn/", "113.160.1.1", "kimson.gov.vn", True),
    ],
)
def test_only_an_address_that_was_typed_may_be_private(
    typed: str, address: str, host: str, may: bool
) -> None:
    addresses = Addresses(hosts_of(typed))
    assert (addresses.refusal(address, host) is None) == may


def test_a_portal_that_has_no_address_but_one_of_ipv6_is_crawled(tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    with raw_server({"/": ok(links()), **ROBOTS}, host="::1") as portal:
        crawl(portal.url, db)
    assert _urls(db)[portal.url] == ("done", None)


def test_an_intranet_must_be_named_as_a_network() -> None:
    hosts = hosts_of("http://noi-bo.test/")
    open_ones = Addresses(hosts, networks(["10.1.0.0/16"]))
    assert open_ones.refusal("10.1.2.3", "noi-bo.test") is None
    assert open_ones.refusal("10.2.2.3", "noi-bo.test")
    with pytest.raises(BadInput, match=r"10\.1\.0\.0/99"):
        networks(["10.1.0.0/99"])


def test_a_wrong_network_is_told_before_anything_is_asked(
    tmp_path: Path, canary: RawServer
) -> None:
    result = luutru("crawl", canary.url, "--set", "NETWORKS_ALLOWED=10.1.0.0/99", cwd=tmp_path)
    assert result.returncode == 2
    assert "NETWORKS_ALLOWED: " in result.stderr
    assert "Traceback" not in result.stderr
    assert canary.connections == 0


@pytest.fixture
def canary() -> Iterator[RawServer]:
    """A server that nobody may ever connect to."""
    with raw_server({}) as server:
        yield server


def _urls(db: Path) -> dict[str, tuple[str, str | None]]:
    rows = sqlite3.connect(db).execute("SELECT url, state, reason FROM urls").fetchall()
    return {url: (state, reason) for url, state, reason in rows}


def test_a_name_that_leads_elsewhere_meanwhile_is_not_followed(tmp_path: Path) -> None:
    """DNS rebinding: the portal's own name comes to mean this machine, on the same port."""
    pages: dict[str, Answer] = {"/": ok(links("/mot", "/hai")), **ROBOTS}
    pages |= {"/mot": ok(b"<html>1</html>"), "/hai": ok(b"<html>2</html>")}
    db = tmp_path / "archive.db"
    with (
        raw_server(pages, host="127.0.0.2") as portal,
        raw_server({}, port=portal.port) as canary,
        tiny_dns(cong_test=["127.0.0.2"] * 3 + ["127.0.0.1"]) as names,
    ):
        url = f"http://cong.test:{portal.port}/"
        crawl(url, db, NETWORKS_ALLOWED="127.0.0.2/32", **names.settings())
    assert canary.connections == 0
    assert portal.asked
    assert len(names.asked) > len(portal.asked)
    found = _urls(db)
    assert found[url][0] == "done"
    why = ("failed", "its host leads to 127.0.0.1, this machine itself")
    assert why in found.values()


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.1", "127.0.0.1", "0.0.0.0"])
def test_a_name_that_leads_inside_is_told(tmp_path: Path, canary: RawServer, address: str) -> None:
    db = tmp_path / "archive.db"
    with tiny_dns(cong_test=[address]) as names:
        crawl(f"http://cong.test:{canary.port}/", db, **names.settings())
    assert canary.connections == 0
    state, reason = _urls(db)[f"http://cong.test:{canary.port}/"]
    assert state == "failed"
    assert reason
    assert reason.startswith(f"its host leads to {address}, ")


def _ways_out(port: int) -> list[str]:
    hosts = ["127.0.0.1", "127.0.0.2", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1"]
    hosts += ["[::ffff:127.0.0.1]", "0.0.0.0", "127.0.0.1.", "x@127.0.0.1"]
    outs = [f"http://{host}:{port}/" for host in hosts]
    return [*outs, f"https://127.0.0.1:{port}/", f"ftp://127.0.0.1:{port}/", "file:///etc/passwd"]


def _page(body: str) -> bytes:
    return ok(f"<html><body>{body}</body></html>".encode())


def test_nothing_on_the_portal_leads_out_of_it(tmp_path: Path, canary: RawServer) -> None:
    outs = _ways_out(canary.port)
    out = outs[0]
    moved = {
        f"/di-{n}": ok(b"", f"Location: {each}", status="HTTP/1.1 302 Found")
        for n, each in enumerate(outs)
    }
    state = "<input type=hidden name=__VIEWSTATE value=x>"
    back = "<a href=\"javascript:__doPostBack('ctl00$pager','page$2')\">2</a>"
    answers: dict[str, Answer] = {
        "/robots.txt": ok(b"", f"Location: {out}robots.txt", status="HTTP/1.1 301 Moved"),
        "/": ok(links(*moved, "/ra", "/base", "/form", "/nhung", "/refresh", "/rss", "/anh")),
        "/ra": ok(links(*outs, f"\\\\127.0.0.1:{canary.port}\\x")),
        "/base": _page(f"<base href='{out}'><a href=tin.html>Tin</a><a href=2.html>Tin</a>"),
        "/form": _page(f"<form method=post action='{out}'>{state}{back}</form>"),
        "/nhung": _page(f"<iframe src='{out}'></iframe><link rel=next href='{out}'>"),
        "/refresh": ok(b"<html>x</html>", f"Refresh: 0; url={out}"),
        "/rss": ok(
            f"<?xml version='1.0'?><!DOCTYPE r SYSTEM '{out}x.dtd' [<!ENTITY x SYSTEM '{out}e'>]>"
            f"<rss><item><link>{out}</link></item><item><link>&x;</link></item></rss>".encode()
        ),
        "/sitemap.xml": ok(f"<urlset><url><loc>{out}</loc></url></urlset>".encode()),
        "/anh": _page(f"<h1>Tin</h1><img src='{out}a.jpg'><a href='{out}a.pdf'>tệp</a>"),
        **moved,
    }
    db = tmp_path / "archive.db"
    with raw_server(answers) as portal:
        crawl(portal.url, db)
        assert set(answers) == set(portal.asked)
    assert canary.connections == 0
    found = _urls(db)
    assert all(url.startswith(portal.url) for url in found), found
    assert all("HTTP 302 to " in (found[portal.url + path[1:]][1] or "") for path in moved)


def test_a_row_of_an_older_archive_is_refused_with_the_reason(
    tmp_path: Path, canary: RawServer
) -> None:
    db = tmp_path / "archive.db"
    with raw_server({"/": ok(links()), **ROBOTS}) as portal:
        crawl(portal.url, db)
        with sqlite3.connect(db) as archive:
            for n, url in enumerate((canary.url, "ftp://127.0.0.1/x", portal.url + "x" * 3000)):
                archive.execute(
                    """INSERT INTO urls (portal_id, key, url, kind, found_at, state, due_at,
                           priority)
                       VALUES (1, ?, ?, 'page', '2024-01-01T00:00:00Z', 'waiting',
                               '2024-01-01T00:00:00Z', 55)""",
                    (f"old {n}", url),
                )
        crawl(portal.url, db)
    assert canary.connections == 0
    found = _urls(db)
    host = canary.url[7:-1]
    assert found[canary.url] == ("refused", f"{host} is none of the portal's hosts")
    assert found["ftp://127.0.0.1/x"] == ("refused", "neither http nor https: ftp")
    assert found[portal.url + "x" * 3000] == (
        "refused",
        "its address has more than 2083 characters",
    )


def test_extract_follows_no_redirect_off_the_host(tmp_path: Path, canary: RawServer) -> None:
    moved = ok(b"", f"Location: {canary.url}", status="HTTP/1.1 302 Found")
    with raw_server({"/tin": moved, "/robots.txt": ok(b"")}) as portal:
        result = luutru("extract", f"{portal.url}tin", cwd=tmp_path)
    assert canary.connections == 0
    assert "/tin" in portal.asked
    assert "is none of the portal's hosts" in result.stdout + result.stderr


def test_a_link_without_host_is_none() -> None:
    assert link("http://", "https://x.gov.vn/") is None


@pytest.mark.parametrize(("wanted", "sent"), [(False, set()), (True, {"phien=1"})])
def test_cookies_are_shared_only_where_the_profile_asks(
    tmp_path: Path, wanted: bool, sent: set[str]
) -> None:
    from tests.scrapy_run import crawl_profile

    answers = {
        "/": ok(links("/mot"), "Set-Cookie: phien=1; Path=/"),
        "/mot": ok(b"<html>1</html>"),
        **ROBOTS,
    }
    with raw_server(answers) as portal:
        words = f'name = "x"\nurl = "{portal.url}"\ncookies = {str(wanted).lower()}\n'
        crawl_profile(words, tmp_path / "archive.db")
    given = {
        line.partition(":")[2].strip()
        for line in portal.heads["/mot"].splitlines()
        if line.lower().startswith("cookie:")
    }
    assert given == sent
