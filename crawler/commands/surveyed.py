"""How a survey of a portal is shown: for people in sections, or as one JSON object."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from crawler.commands.options import console, print_json
from crawler.facts import Layout
from crawler.items import Article, Reading
from crawler.scouting.advice import following, missing
from crawler.scouting.keeping import Trial
from crawler.scouting.looking import Seen
from crawler.scouting.survey import Survey, portal_name
from crawler.words import tr

_FIELDS = ("title", "published_on", "view_count", "author", "category", "summary", "body")
_NAMES = {"published_on": "date", "view_count": "views"}
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_COLOURS = {"article": "green", "listing": "cyan", "home": "cyan", "failed": "red"}
_CONFIDENCE = {"sure": "green", "likely": "yellow", "perhaps": "red"}
_LONGEST, _SHORT = 110, 30


def print_seen(seen: Seen) -> None:
    """One line on a page, while the next one is being fetched."""
    _show(_page_line(seen))


def print_survey(found: Survey, written: Path | None, tests: list[Trial], name: str) -> None:
    """The whole survey for people; on a terminal the pages have been shown already."""
    out = console()
    if not out.is_terminal or not found.start.startswith("http"):
        for seen in found.seen:
            print_seen(seen)
    out.print()
    out.print(Text.assemble((portal_name(found) or tr("no name"), "bold"), f"  {found.start}"))
    _print_cms(found)
    _print_articles(found)
    _print_proposals(found)
    _section(tr("Missing"), missing(found), "yellow")
    if written:
        _print_written(written, tests)
    _section(tr("Next"), following(found, str(written) if written else None, name), "")


def _print_cms(found: Survey) -> None:
    out = console()
    if not found.candidates:
        out.print(Text.assemble((tr("CMS"), "bold"), "  ", tr("none that luutru knows")))
        return
    for candidate in found.candidates:
        colour = _CONFIDENCE[candidate.confidence]
        out.print(Text.assemble(
            (tr("CMS"), "bold"), "  ", (candidate.name, f"bold {colour}"),
            (f"  {tr(candidate.confidence)}", colour),
        ))  # fmt: skip
        for each in candidate.evidence:
            out.print(Text(f"  {tr(each.kind):>10}  {each.seen}", style="dim"))


def _page_line(seen: Seen) -> Text:
    parts = "".join(f"  · {part}" for part in _parts(seen))
    room = max(console().width - len(parts) - 14, _SHORT)
    return Text.assemble(
        (f"  {tr(seen.kind):<10}", _COLOURS.get(seen.kind, "yellow")),
        f" {_cut(seen.path, room)}", (parts, "dim"),
    )  # fmt: skip


def _parts(seen: Seen) -> Iterator[str]:
    if seen.why:
        yield seen.why
    if seen.layout:
        known = tr("layout {name}", name=seen.layout)
        yield tr("no known layout, read by labels") if seen.layout == "generic" else known
    for rule, number in seen.listed.items() if seen.kind != "article" else ():
        yield tr("{n} articles by {rule}", n=number, rule=rule)
    if seen.kind == "listing" and seen.further:
        yield tr("further pages: {how}", how=_how(seen))


def _how(seen: Seen) -> str:
    """How the list's further pages are asked for: by POST, or by what an address has more."""
    first = seen.further[0]
    more = first.url.removeprefix(seen.page.url.partition("?")[0])
    return "POST" if first.form else more if len(more) <= _SHORT else f"…{more[-_SHORT:]}"


def _print_articles(found: Survey) -> None:
    first = {seen.layout: seen for seen in reversed(found.articles)}
    for seen in first.values():
        alike = sum(each.layout == seen.layout for each in found.articles)
        _print_article(seen, alike)


def _print_article(seen: Seen, alike: int) -> None:
    out, article = console(), seen.result.article
    if article is None:
        return
    out.print()
    more = tr("one of {n} that are read alike", n=alike) if alike > 1 else ""
    _show(Text(seen.path, style="bold"))
    if more:
        _show(Text(f"  {more}", style="dim"))
    readings = {reading.field: reading for reading in article.readings}
    for name in _FIELDS:
        _print_field(name, _value(article, name), readings.get(name))


def _print_field(name: str, value: str, reading: Reading | None) -> None:
    shown = (value, "") if value else (tr("(none)"), "yellow")
    _show(Text.assemble((f"{tr(_NAMES.get(name, name)):>12}  ", "cyan"), shown))
    if reading:
        raw = _cut(reading.raw)
        said = "" if raw[:-1] in (value, value[:-1]) or raw == value else f": “{raw}”"
        _show(Text(f"{'':>12}  ← {reading.rule}{said}", style="dim"))


def _show(line: Text) -> None:
    """One line, cut where the terminal ends; whole in a pipe."""
    console().print(line, overflow="ellipsis", no_wrap=True)


def _value(article: Article, name: str) -> str:
    if name == "published_on" and article.published_at:
        return f"{article.published_at.astimezone(_ZONE):%Y-%m-%d %H:%M}"
    return _cut(getattr(article, name))


def _cut(value: object, most: int = _LONGEST) -> str:
    """`value` on one line of at most `most` characters."""
    text = " ".join(str(value).split()) if value is not None else ""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _print_proposals(found: Survey) -> None:
    out = console()
    for proposal in found.proposals:
        out.print()
        out.print(Text.assemble(
            (tr("New layout"), "bold"),
            "  ", tr("reads {n} sample articles just as they were read without it",
                     n=len(proposal.pages)),
        ))  # fmt: skip
        for key, value in _facts(proposal.layout).items():
            out.print(Text.assemble((f"{key:>14}  ", "cyan"), ", ".join(value)))
    if found.listing:
        out.print()
        out.print(Text.assemble((tr("New listing rule"), "bold"), "  ", ", ".join(found.listing)))


def _facts(layout: Layout) -> dict[str, tuple[str, ...]]:
    values = {f.name: getattr(layout, f.name) for f in fields(layout) if f.name != "name"}
    return {key: (v,) if isinstance(v, str) else v for key, v in values.items() if v}


def _section(title: str, lines: Iterable[str], style: str) -> None:
    out = console()
    for number, line in enumerate(lines):
        if number == 0:
            out.print()
            out.print(Text(title, style="bold"))
        out.print(Text(f"  • {line}", style=style))


def _print_written(written: Path, tests: list[Trial]) -> None:
    out = console()
    out.print()
    out.print(Text.assemble((str(written), "bold green"), "  ", tr("written")))
    out.print(
        f"  {_score(tests) if tests else tr('no golden page: no article and no list was read')}"
    )
    for trial in tests:
        _print_wrong(trial)


def print_trials(found: dict[str, list[Trial]], as_json: bool) -> None:
    """What came of golden pages, profile by profile."""
    if as_json:
        print_json({name: [_trial(trial) for trial in trials] for name, trials in found.items()})
        return
    for name, trials in found.items():
        is_right = trials and not any(trial.wrong or trial.is_new for trial in trials)
        colour = "green" if is_right else "yellow"
        console().print(Text.assemble((name, f"bold {colour}"), f"  {_score(trials)}"))
        for trial in trials:
            _print_wrong(trial)


def _score(trials: list[Trial]) -> str:
    right = sum(not trial.wrong and not trial.is_new for trial in trials)
    return tr("{right} of {all} golden pages read as they must", right=right, all=len(trials))


def _print_wrong(trial: Trial) -> None:
    out = console()
    if trial.is_new:
        said = tr("its JSON was missing and has been written: look at it")
        out.print(Text(f"  {trial.path}: {said}"))
    for key, (expected, got) in trial.wrong.items():
        out.print(Text(f"  {trial.path}: {tr(key)}", style="yellow"))
        out.print(f"    {tr('expected')}  {_cut(expected)}", markup=False)
        out.print(f"    {tr('read')}  {_cut(got)}", markup=False)


def as_record(found: Survey, written: Path | None, tests: list[Trial]) -> dict[str, Any]:
    """The survey as one JSON object."""
    return {
        "url": found.start or None,
        "name": portal_name(found) or None,
        "cms": found.cms,
        "candidates": [
            {"slug": c.slug, "name": c.name, "confidence": c.confidence,
             "evidence": [asdict(each) for each in c.evidence]}
            for c in found.candidates
        ],
        "pages": [_page(seen) for seen in found.seen],
        "layouts": [
            {**_facts(p.layout), "name": p.layout.name, "pages": [page.url for page in p.pages]}
            for p in found.proposals
        ],
        "listing": list(found.listing),
        "missing": missing(found),
        "written": str(written) if written else None,
        "tests": [_trial(trial) for trial in tests],
    }  # fmt: skip


def _page(seen: Seen) -> dict[str, Any]:
    return {
        "url": seen.page.url,
        "kind": seen.kind,
        "why": seen.why or None,
        "listed": seen.listed,
        "further": [found.url for found in seen.further],
        "article": _article(seen.result.article) if seen.result.article else None,
    }


def _article(article: Article) -> dict[str, Any]:
    return {
        **{name: getattr(article, name) for name in (*_FIELDS, "published_at", "layout")},
        "readings": {r.field: {"raw": r.raw, "rule": r.rule} for r in article.readings},
        "problems": [asdict(problem) for problem in article.problems],
    }


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "page": str(trial.path),
        "is_new": trial.is_new,
        "wrong": {key: {"expected": e, "read": g} for key, (e, g) in trial.wrong.items()},
    }
