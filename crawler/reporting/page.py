"""The report as one HTML file: no script, nothing loaded, good to print."""

from html import escape

from crawler.reporting.causes import cause
from crawler.reporting.reasons import retold
from crawler.reporting.report import Listed, Report, Row
from crawler.reporting.text import caution, facts, gap_line, gaps_title, verdict
from crawler.words import language, tr

# Addresses of the portal's own pages: what intruders planted is shown, but leads nowhere.
_LINKED = frozenset({"url", "found_on", "example"})
_STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8881; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
.verdict { border: 2px solid; border-radius: .3rem; padding: 0 .5rem; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.5rem; }
dt { font-weight: 600; } dd { margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: .3rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem .3rem 0; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
tbody tr:nth-child(even) { background: var(--soft); }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } a { color: inherit; }
  tr, h2 { break-inside: avoid; } h2 { break-after: avoid; } }
"""


def page(report: Report) -> str:
    """The whole file."""
    run = report.run
    heading = tr("Report on {portal}", portal=run["portal_name"])
    title = f"{heading}, {run['started_at'][:10]}"
    parts = [
        f'<h1>{_e(heading)} <span class="verdict">{_e(verdict(run))}</span></h1>',
        _reasons(run),
        f"<p><strong>{_e(caution(report))}</strong></p>" if caution(report) else "",
        _facts(report),
        _contents(report),
        *(_section(listed) for listed in report.sections if listed.count),
        _gaps(report),
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{language()}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_e(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(filter(None, parts))
        + "\n</main>\n</body>\n</html>\n"
    )


def _e(value: object) -> str:
    return escape(str(value))


def _reasons(run: Row) -> str:
    reasons = (run["verdict_reasons"] or "").splitlines()
    items = "".join(f"<li>{_e(retold(reason))}</li>" for reason in reasons)
    return f"<h2>{_e(tr('why not complete'))}</h2>\n<ul>{items}</ul>" if items else ""


def _facts(report: Report) -> str:
    pairs = "".join(f"<dt>{_e(name)}</dt><dd>{_e(value)}</dd>\n" for name, value in facts(report))
    return f"<dl>\n{pairs}</dl>"


def _contents(report: Report) -> str:
    items = "".join(
        f'<li><a href="#{listed.section.key}">{_e(tr(listed.section.title))}</a>: '
        f"{listed.count}</li>\n"
        for listed in report.sections
        if listed.count
    )
    return f'<nav aria-label="{_e(tr("Contents"))}">\n<ul>\n{items}</ul>\n</nav>' if items else ""


def _section(listed: Listed) -> str:
    key, columns = listed.section.key, list(listed.rows[0])
    head = "".join(f'<th scope="col">{_e(tr(name))}</th>' for name in columns)
    body = "".join(
        f"<tr>{''.join(_cell(name, row[name]) for name in columns)}</tr>\n" for row in listed.rows
    )
    shown = tr("{shown} lines, {count} in all", shown=len(listed.rows), count=listed.count)
    return (
        f'<section id="{key}" aria-labelledby="{key}-title">\n'
        f'<h2 id="{key}-title">{_e(tr(listed.section.title))}: {listed.count}</h2>\n'
        f'<div class="wide" tabindex="0" role="region" aria-labelledby="{key}-title">\n'
        f"<table>\n<caption>{_e(shown)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}</tbody>\n</table>\n</div>\n</section>"
    )


def _cell(name: str, value: object) -> str:
    if isinstance(value, int):
        return f'<td class="number">{value}</td>'
    told = cause(value) if name == "reason" and isinstance(value, str) else value
    text = "" if told is None else _e(told)
    if name in _LINKED and text.startswith(("http://", "https://")):
        text = f'<a href="{text}" rel="noreferrer nofollow">{text}</a>'
    return f"<td>{text}</td>"


def _gaps(report: Report) -> str:
    items = "".join(f"<li>{_e(gap_line(g.family, g.first, g.last))}</li>" for g in report.gaps)
    return f"<h2>{_e(gaps_title())}</h2>\n<ul>{items}</ul>" if items else ""
