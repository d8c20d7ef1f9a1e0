"""The report as text for a terminal."""

from collections.abc import Iterator

from crawler.reporting.causes import cause
from crawler.reporting.reasons import retold
from crawler.reporting.report import Listed, Report, Row
from crawler.words import tr

_MOST_ROWS = 5


def lines(report: Report) -> Iterator[tuple[str, bool]]:
    """The report line by line, each with whether it is a heading."""
    run = report.run
    yield f"{run['portal_name']}: {verdict(run)}", True
    for reason in (run["verdict_reasons"] or "").splitlines():
        yield f"  • {retold(reason)}", False
    for name, value in facts(report):
        yield f"{name}: {value}", False
    if caution(report):
        yield caution(report), False
    for listed in report.sections:
        if listed.count:
            yield "", False
            yield f"{tr(listed.section.title)}: {listed.count}", True
            yield from _rows(listed)
    if report.gaps:
        yield "", False
        yield f"{gaps_title()}: {len(report.gaps)}", True
        yield from ((f"  • {gap_line(g.family, g.first, g.last)}", False) for g in report.gaps)


def verdict(run: Row) -> str:
    """The verdict in a word or two."""
    return tr(run["verdict"]) if run["verdict"] else tr("under way, or killed")


def facts(report: Report) -> list[tuple[str, str]]:
    """What is told of the run in numbers: name and value."""
    run = report.run
    urls = ", ".join(f"{n} {tr(state)}" for state, n in sorted(report.urls.items()))
    found = [
        (tr("run"), f"{run['id']} ({run['kind']}, {run['mode']}), {run['software']}"),
        (tr("when"), f"{run['started_at']} – {run['finished_at'] or '…'}"),
        (tr("took"), "" if report.seconds is None else clock(report.seconds)),
        (tr("captures"), f"{report.captures}, {size(report.received)} → {size(report.kept)} WARC"),
        (tr("articles"), _articles(run)),
        (tr("addresses"), urls),
        (tr("left over"), str(run["left_over"] or "")),
        (tr("robots.txt"), ": ".join(filter(None, (run["robots_policy"], run["robots_reason"])))),
    ]
    return [(name, value) for name, value in found if value]


def gaps_title() -> str:
    """The heading over the gaps."""
    return tr("Numbers that no page named")


def gap_line(family: str, first: int, last: int) -> str:
    """One gap in words."""
    return tr("{family}: {first}-{last} were never listed", family=family, first=first, last=last)


def caution(report: Report) -> str:
    """What a reader of the report on an older run must know; empty for the latest."""
    if report.is_latest:
        return ""
    return tr("A later run is in the archive: what became of addresses is told as it is now.")


def size(count: int) -> str:
    """Bytes for people."""
    number = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"


def _articles(run: Row) -> str:
    return tr(
        "{seen} seen, {new} new, {changed} changed",
        seen=run["articles_seen"],
        new=run["articles_new"],
        changed=run["articles_changed"],
    )


def clock(seconds: int) -> str:
    """A length of time as H:MM:SS."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _rows(listed: Listed) -> Iterator[tuple[str, bool]]:
    for row in listed.rows[:_MOST_ROWS]:
        told = (
            cause(v) if name == "reason" else str(v) for name, v in row.items() if v is not None
        )
        yield f"  • {'  '.join(told)}", False
    if len(listed.rows) > _MOST_ROWS:
        yield tr("    … and {n} more", n=len(listed.rows) - _MOST_ROWS), False
