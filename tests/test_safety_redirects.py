"""Redirects end, however they go on: a circle and a chain are cut and told."""

import sqlite3
from itertools import pairwise
from pathlib import Path

from tests.raw_server import Answer, links, ok, raw_server
from tests.scrapy_run import crawl

PAGE = ok(b"<html><body><h1>Trang</h1></body></html>")


def _to(place: str) -> bytes:
    return ok(b"", f"Location: {place}", status="HTTP/1.1 302 Found")


def _crawled(answers: dict[str, Answer], db: Path) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """State and reason by path, and the paths asked for."""
    with raw_server({"/robots.txt": ok(b""), "/sitemap.xml": PAGE, **answers}) as portal:
        crawl(portal.url, db)
    rows = sqlite3.connect(db).execute("SELECT url, state, reason FROM urls").fetchall()
    return {"/" + url.removeprefix(portal.url): (s, r) for url, s, r in rows}, portal.asked


def test_a_circle_is_no_page(tmp_path: Path) -> None:
    answers: dict[str, Answer] = {
        "/": ok(links("/minh", "/a", "/gach", "/thang", "/khong-dau")),
        "/khong-dau": ok(b"", status="HTTP/1.1 302 Found"),
        "/minh": _to("/minh"),
        "/a": _to("/b"),
        "/b": _to("/a"),
        "/gach": _to("/gach/"),
        "/gach/": _to("/gach"),
        "/thang": _to("/tin"),
        "/tin": PAGE,
    }
    found, asked = _crawled(answers, tmp_path / "archive.db")
    for path in ("/minh", "/b"):
        assert found[path][0] == "failed"
        assert found[path][1].startswith("redirects in a circle: HTTP 302 to ")
    assert found["/khong-dau"] == ("failed", "HTTP 302 that does not say where to go on")
    slash = found.get("/gach") or found["/gach/"]
    assert slash[0] == "failed"
    assert slash[1].startswith("redirects in a circle: HTTP 302 to ")
    assert found["/thang"][0] == "done"
    assert found["/tin"] == ("done", None)
    assert len(asked) < 20


def test_a_chain_has_an_end(tmp_path: Path) -> None:
    answers: dict[str, Answer] = {"/": ok(links("/di-0-x", "/gan-a"))}
    names = [f"/di-{n}-{chr(97 + n)}bc" for n in range(25)]
    answers |= {"/di-0-x": _to(names[0])}
    answers |= {here: _to(there) for here, there in zip(names, [*names[1:], "/"], strict=True)}
    near = ["/gan-a", "/phong-b", "/huyen-c", "/xa-d", "/tin-e"]
    answers |= {here: _to(there) for here, there in pairwise(near)}
    answers["/tin-e"] = PAGE
    found, asked = _crawled(answers, tmp_path / "archive.db")
    assert found["/tin-e"] == ("done", None)
    ends = [path for path, (state, _) in found.items() if state == "refused"]
    assert [found[path][1] for path in ends] == ["too many redirects: more than 10 in a row"]
    assert len([path for path in asked if path.startswith("/di-")]) == 11
