"""A portal's profile as a file, and its golden pages beside it: NAME.toml and the folder NAME.

A golden page is the page's bytes and a JSON file with where it came from (`page`) and what must
be read from it. Whoever changes the profile later is told what else it changes.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler import golden, profiles
from crawler.errors import BadInput, CannotRun
from crawler.facts import Layout, Profile
from crawler.items import Page
from crawler.saved import from_file
from crawler.scouting.looking import Read, Seen, look
from crawler.units.portals import unit_of
from crawler.words import tr

_ARTICLES, _LISTS = 3, 1
_READING = ("layout", "rules")
"""How a page was read, which a new profile may change; what was read must stay."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A golden page read again."""

    path: Path
    wrong: dict[str, tuple[Any, Any]]
    """Key to what was expected and what was read; empty when all is right."""
    is_new: bool = False
    """Whether there was no JSON yet: it has been written, and somebody must look at it."""


def refuse_name(slug: str) -> None:
    """BadInput when `slug` is no name for a new profile."""
    if not profiles.SLUG.fullmatch(slug):
        raise BadInput(
            tr("{name} is no name for a profile; use a to z, digits and hyphens", name=slug)
        )
    if (known := profiles.source_of(slug)) is not None:
        raise BadInput(
            tr(
                "there is a profile {name} already ({path}); choose another name, or remove it",
                name=slug,
                path=known,
            )
        )


def write(profile: Profile, seen: list[Seen], read: Read, note: str) -> Path:
    """Write the profile and its golden pages; returns the profile's file."""
    path = profiles.own_folder() / f"{profile.slug}.toml"
    pages = path.with_suffix("")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(toml(profile, note), "utf-8")
        merged = profiles.load(profile.slug)
        for name, chosen in _chosen(seen, merged, read):
            pages.mkdir(exist_ok=True)
            (pages / f"{name}.html").write_bytes(chosen.page.body)
            again = look(replace(chosen.page, kind="page"), merged, read)
            facts = _expected(chosen) | {k: v for k, v in _expected(again).items() if k in _READING}
            (pages / f"{name}.json").write_text(golden.text_of(facts), "utf-8")
    except OSError as error:
        raise CannotRun(tr("{path} can't be written: {why}", path=path, why=error)) from None
    return path


def trials(slug: str, read: Read) -> Iterator[Trial]:
    """Every golden page of the archivist's own profile `slug`, read again."""
    profile, folder = profiles.load(slug), profiles.own_folder() / slug
    for path in sorted(folder.glob("*.html")):
        yield _trial(path, profile, read)


def _trial(path: Path, profile: Profile, read: Read) -> Trial:
    beside = path.with_suffix(".json")
    expected = _facts(beside) if beside.exists() else {}
    got = _expected(look(_page(path, expected.get("page") or {}), profile, read))
    if not expected:
        beside.write_text(golden.text_of(got), "utf-8")
        return Trial(path, {}, is_new=True)
    keys = golden.differences(expected, got)
    return Trial(path, {key: (expected.get(key), got.get(key)) for key in keys})


def _facts(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise BadInput(tr("{path} can't be read: {why}", path=path, why=error)) from None


def _page(path: Path, facts: dict[str, str]) -> Page:
    page = from_file(path, facts.get("url", ""))
    at = facts.get("fetched_at")
    return replace(
        page,
        content_type=facts.get("content_type", ""),
        fetched_at=datetime.fromisoformat(at) if at else page.fetched_at,
    )


def _expected(seen: Seen) -> dict[str, Any]:
    """What must be read from the page, and where it came from."""
    page = seen.page
    where = {
        "url": page.url,
        "fetched_at": page.fetched_at.isoformat(),
        "content_type": page.content_type,
    }
    listed = [found.url for found in seen.items] if seen.kind == "listing" else None
    found = {"page": where, **golden.record(seen.result)}
    return {**found, "listed": listed} if listed is not None else found


def _chosen(seen: list[Seen], profile: Profile, read: Read) -> Iterator[tuple[str, Seen]]:
    """Some articles, of every layout first, and a list that a rule of the profile reads."""
    articles = [each for each in seen if each.kind == "article"]
    first = {each.layout: each for each in reversed(articles)}
    rest = [each for each in articles if each is not first[each.layout]]
    for number, each in enumerate([*first.values(), *rest][: max(_ARTICLES, len(first))], 1):
        yield f"article-{number}", each
    again = (look(replace(e.page, kind="page"), profile, read) for e in seen if e.kind == "listing")
    for number, each in enumerate([e for e in again if e.items][:_LISTS], 1):
        yield f"list-{number}", each


def toml(profile: Profile, note: str) -> str:
    """The profile as its file says it; `note` says where it comes from."""
    plain = ("name", "url", "cms")
    lines = [f"# {note}", *(_line(key, getattr(profile, key)) for key in plain), *_unit(profile)]
    if profile.listing:
        lines += ["", "# One box per listed article.", _line("listing", profile.listing)]
    if not profile.layouts:
        lines += ["", "# No layout of its own: its articles are read by the CMS's, or by labels."]
    for layout in profile.layouts:
        lines += ["", "[[layouts]]", *_layout(layout)]
    return "\n".join(lines) + "\n"


def _unit(profile: Profile) -> Iterator[str]:
    """The place that it is the portal of, or as a comment what would tell it."""
    placed = unit_of(profile)
    if placed.unit:
        yield f"{_line('unit', profile.unit)}  # {placed.unit.name}"
    elif placed.unclear:
        yield f"# {placed.unclear}"


def _layout(layout: Layout) -> Iterator[str]:
    for each in fields(layout):
        if value := getattr(layout, each.name):
            yield _line(each.name, value)


def _line(key: str, value: str | tuple[str, ...]) -> str:
    alone = value[0] if isinstance(value, tuple) and len(value) == 1 else value
    # A JSON string or list of strings is one of TOML as well.
    text = list(alone) if isinstance(alone, tuple) else alone
    return f"{key} = {json.dumps(text, ensure_ascii=False)}"
