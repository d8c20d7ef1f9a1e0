"""What `luutru rescue` tells and does about gaps: `--plan` and `--save-page-now`."""

import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from crawler.archive import gaps, holdings, replays
from crawler.archive.connection import open_archive, open_to_read
from crawler.commands.options import console, print_json
from crawler.crawling import Target, settings
from crawler.replaying.tasks import host_of
from crawler.rescue.plan import Step, plan
from crawler.rescue.saving import Keeper
from crawler.words import tr

_SHOWN = 5
_MOST = 100


def print_plan(db: Path, portal: str | None, *, as_json: bool) -> int:
    """Print the steps; exit code 1 when there is something to do, or something is lost."""
    with closing(open_to_read(db)) as archive:
        slug = _slug(archive, portal) if portal else None
        steps = plan(archive, slug)
        lost = gaps.lost(archive, slug)
    if as_json:
        print_json({"steps": [asdict(step) for step in steps], "lost": lost})
        return 1 if steps or lost else 0
    out = console()
    for number, step in enumerate(steps, 1):
        out.print(f"{number}. {step.command}: {_said(step)}", soft_wrap=True)
        for url in step.urls[:_SHOWN]:
            out.print(f"   {url}", highlight=False, soft_wrap=True)
    if not steps:
        out.print(tr("Nothing is left that could be had."))
    if lost:
        out.print(tr("{n} pages are nowhere; the site's page of gaps lists them", n=len(lost)))
    return 1 if steps or lost else 0


def _said(step: Step) -> str:
    if not step.pages:
        return tr("not asked to the end what it lists")
    pages = tr("{n} pages, {articles} of them articles", n=step.pages, articles=step.articles)
    if step.silent_since:
        return f"{pages} ({tr('it did not answer on {day}', day=step.silent_since)})"
    return pages


def _slug(db: sqlite3.Connection, portal: str) -> str:
    """The short name of a portal of the archive that a person calls so, or by its address."""
    known = replays.portals(db)
    if portal not in known and set(portal) & set("./:"):
        slugs = {host_of(url): slug for slug, url in known.items()}
        portal = slugs.get(host_of(Target.named(portal).url), portal)
    holdings.portal_id(db, portal)
    return portal


def save_pages(
    db: Path, portal: str, limit: int | None, given: dict[str, str], *, as_json: bool
) -> int:
    """Ask the Wayback Machine for pages; exit code 1 when some were refused."""
    chosen = settings(db)
    chosen.update(given, priority="cmdline")
    keeper = Keeper(
        str(chosen["WAYBACK_SAVE"]), str(chosen["USER_AGENT"]), chosen.getfloat("SAVE_DELAY")
    )
    with closing(open_archive(db)) as archive:
        slug = _slug(archive, portal)
        wanted = [row["url"] for row in gaps.only_ours(archive, slug, limit or _MOST)]
        asked = keeper.ask(archive, wanted)
    if as_json:
        print_json(asdict(asked))
        return 1 if asked.refused else 0
    out = console()
    out.print(
        tr(
            "{kept} pages kept by the Wayback Machine, {refused} refused",
            kept=len(asked.kept),
            refused=len(asked.refused),
        )
    )
    for url, why in asked.refused.items():
        out.print(f"   {url}: {why}", highlight=False, soft_wrap=True)
    if asked.stopped:
        out.print(tr("Stopped, since it says: {why}. Try again later.", why=asked.stopped))
    return 1 if asked.refused else 0
