"""Memento (RFC 7089) on the site, with real requests."""

import re
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from email.utils import parsedate_to_datetime
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

import pytest

from tests.site import Site, serving
from tests.test_cli import luutru
from tests.test_replay import PAGE, TEXT, _record

URL = "http://thu.example/xem.asp?id=5&cat=9"
DAYS = ("2019-05-01T00:00:00Z", "2022-05-01T00:00:00Z", "2025-05-01T00:00:00Z")
STEERING = "http://thu.example/tin/7.html"
HIDDEN = "http://thu.example/tin/8.html"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("memento")
    pages = [
        _record(URL, PAGE.format(n=n, text=TEXT).encode(), WARC_Date=day)
        for n, day in enumerate(DAYS)
    ]
    pages.append(
        _record(STEERING, PAGE.format(n=7, text=TEXT).encode()).replace(
            b"text/html; charset=utf-8", b"text/html\rSet-Cookie:x=y"
        )
    )
    pages.append(_record(HIDDEN, PAGE.format(n=8, text=TEXT).encode()))
    (folder / "three.warc").write_bytes(b"".join(pages))
    assert luutru("import", "three.warc", cwd=folder).returncode == 0
    assert luutru("hide", HIDDEN, "--why", "test", cwd=folder).returncode == 0
    with serving(folder / "archive.db") as served:
        yield served


class _Still(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


def _asked(url: str, **headers: str) -> tuple[int, HTTPMessage, bytes]:
    request = urllib.request.Request(
        url, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.build_opener(_Still).open(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers, answer.read()


_LINK = re.compile(r'<([^>]*)>((?:;\s*[\w-]+="[^"]*")*)')


def _links(text: str) -> list[dict[str, str]]:
    """A link header or TimeMap (RFC 6690), with the address as `href`."""
    return [
        {"href": href, **dict(re.findall(r'([\w-]+)="([^"]*)"', rest))}
        for href, rest in _LINK.findall(text)
    ]


def test_a_timemap_lists_every_state(site: Site) -> None:
    status, headers, body = _asked(site.at(f"timemap/link/{URL}"))
    assert status == 200
    assert headers.get_content_type() == "application/link-format"
    links = _links(body.decode())
    assert [link["href"] for link in links if link["rel"] == "original"] == [URL]
    assert [link["href"] for link in links if link["rel"] == "timegate"] == [
        site.at(f"timegate/{URL}")
    ]
    found = [link for link in links if "memento" in link["rel"].split()]
    assert [link["rel"] for link in found] == ["first memento", "memento", "last memento"]
    dates = [
        parsedate_to_datetime(link["datetime"]).strftime("%Y-%m-%dT%H:%M:%SZ") for link in found
    ]
    assert tuple(dates) == DAYS
    (itself,) = (link for link in links if link["rel"] == "self")
    assert (itself["from"], itself["until"]) == (found[0]["datetime"], found[-1]["datetime"])


@pytest.mark.parametrize(
    ("wanted", "day"),
    [
        ("Wed, 01 Jan 2010 00:00:00 GMT", 0),
        ("Sun, 01 Aug 2021 00:00:00 GMT", 1),
        ("Mon, 30 Dec 2024 00:00:00 GMT", 2),
        (None, 2),
    ],
)
def test_a_timegate_leads_to_the_nearest_state(site: Site, wanted: str | None, day: int) -> None:
    gate = site.at(f"timegate/{URL}")
    status, headers, _ = _asked(gate, **({"Accept_Datetime": wanted} if wanted else {}))
    assert status == 302
    assert "accept-datetime" in headers["Vary"]
    assert {"original", "timemap"} <= {link["rel"] for link in _links(headers["Link"])}
    status, headers, body = _asked(headers["Location"])
    assert status == 200
    at = parsedate_to_datetime(headers["Memento-Datetime"])
    assert at.strftime("%Y-%m-%dT%H:%M:%SZ") == DAYS[day]
    assert f"Bài số {day}".encode() in body
    assert "sandbox" in headers["Content-Security-Policy"]
    links = {link["rel"]: link["href"] for link in _links(headers["Link"])}
    assert links["original"] == URL
    assert links["timegate"] == gate


@pytest.mark.parametrize("page", ["timemap/link/", "timegate/"])
@pytest.mark.parametrize("url", ["http://thu.example/none.html", HIDDEN, "http://[::1/x"])
def test_what_readers_may_not_see_is_not_there(site: Site, page: str, url: str) -> None:
    assert _asked(site.at(page + url))[0] == 404


def test_a_time_that_is_none_is_refused(site: Site) -> None:
    assert _asked(site.at(f"timegate/{URL}"), Accept_Datetime="yesterday")[0] == 400
    assert _asked(site.at(f"memento/20200101000000/{URL}"))[0] == 404


def test_the_type_of_a_strangers_page_adds_no_header(site: Site) -> None:
    _, headers, _ = _asked(site.at(f"timegate/{STEERING}"))
    status, headers, body = _asked(headers["Location"])
    assert (status, headers["Set-Cookie"]) == (200, None)
    assert headers["Content-Type"] == "text/html Set-Cookie:x=y"
    assert "Bài số 7".encode() in body


def test_an_address_is_known_in_every_spelling(site: Site) -> None:
    for spelling in (
        "https://www.thu.example/XEM.asp?cat=9&id=5",
        "http:/thu.example/xem.asp?id=5&cat=9",
    ):
        assert _asked(site.at(f"timemap/link/{spelling}"))[0] == 200


def test_the_page_of_an_article_names_its_timemap(site: Site) -> None:
    with closing(sqlite3.connect(site.db)) as archive:
        (number,) = archive.execute("SELECT id FROM articles WHERE url = ?", (URL,)).fetchone()
    page = _asked(site.at(f"article/{number}"))[2].decode()
    found = re.search(r'rel="timemap"[^>]*href="([^"]*)"', page)
    assert found
    assert _asked(site.origin + found.group(1).replace("&amp;", "&"))[0] == 200
    assert Path(site.db).exists()
