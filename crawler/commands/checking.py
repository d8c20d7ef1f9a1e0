"""`luutru portals check` and `test`: getting to know a portal, and a profile that stays right."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import click

from crawler import profiles
from crawler.commands.options import Address, console, is_typed, json_option, print_json
from crawler.commands.surveyed import as_record, print_seen, print_survey, print_trials
from crawler.crawling import Target
from crawler.errors import BadInput, CannotRun
from crawler.facts import Profile
from crawler.fetching import fetch
from crawler.items import Page
from crawler.saved import addressed, from_file, from_folder
from crawler.scouting import keeping
from crawler.scouting.looking import look, reader
from crawler.scouting.sampling import MOST, Sampler
from crawler.scouting.survey import Survey, draft, survey
from crawler.words import tr


@click.command(
    help=tr(
        "Look at a few pages of a portal: which CMS it is, what is read from them and by which"
        " rule, what is missing. Pages are fetched as a crawl does, or read from files."
    )
)
@click.argument("sources", nargs=-1, required=True, metavar="URL...|FOLDER|FILE...")
@click.option(
    "--url", type=Address(), default="", help=tr("The address that saved pages came from.")
)
@click.option(
    "--pages", type=click.IntRange(1, 200), default=MOST, show_default=True,
    help=tr("No more pages than that."),
)  # fmt: skip
@click.option("--delay", type=click.FloatRange(min=0), help=tr("Seconds between two requests."))
@click.option(
    "--write", "name", metavar="NAME",
    help=tr("Write a profile to start from into portals/NAME.toml, with golden pages beside it."),
)  # fmt: skip
@json_option
def check(
    sources: tuple[str, ...],
    url: str,
    pages: int,
    delay: float | None,
    name: str | None,
    as_json: bool,
) -> int:
    """Exit code 1 when no article was found, or when the written profile fails its own test."""
    if name:
        keeping.refuse_name(name)
    are_saved = [Path(source).exists() for source in sources]
    if any(are_saved) and not all(are_saved):
        raise click.UsageError(tr("name addresses or saved pages, not both"))
    if url and not any(are_saved):
        raise click.UsageError(tr("--url is for files; {url} is an address itself", url=sources[0]))
    if is_typed("--delay") and any(are_saved):
        raise click.UsageError(tr("--delay is for addresses; saved pages are not asked for"))
    found = (
        _saved(sources, url, pages, name)
        if all(are_saved)
        else _online(sources, pages, delay, name, as_json)
    )
    return _told(found, name, as_json)


def _online(
    sources: tuple[str, ...], most: int, delay: float | None, name: str | None, as_json: bool
) -> Survey:
    urls = [_address(source) for source in sources]
    read, profile = reader(), profiles.for_url(urls[0])
    out = console()
    tell = print_seen if out.is_terminal and not as_json else lambda seen: None
    sampler = Sampler(urls, lambda page: look(page, profile, read), most, tell)
    fetch(urls, profile, sampler.lead, delay)
    if not sampler.seen or sampler.seen[0].kind == "failed":
        why = sampler.seen[0].why if sampler.seen else tr("no answer")
        raise CannotRun(tr("{url} gave no page: {why}", url=urls[0], why=why))
    return survey(urls[0], sampler.seen, read, name or _slug(urls[0]))


def _address(source: str) -> str:
    target = Target.named(source)
    return profiles.load(target.portal).url if target.portal else target.url


def _saved(sources: tuple[str, ...], url: str, most: int, name: str | None) -> Survey:
    pages = [pair for source in sources for pair in _from(Path(source), url, most).items()][:most]
    start = url or next((_root(page.url) for _, page in pages if page.url), "")
    if name and not start:
        raise BadInput(tr("say where these pages came from: --url https://host/"))
    profile = profiles.for_url(start) if start else profiles.load(profiles.GENERIC)
    read = reader()
    seen = [look(page, profile, read, file) for file, page in pages]
    return survey(start, seen, read, name or _slug(start) or "portal")


def _from(path: Path, url: str, most: int) -> dict[str, Page]:
    if path.is_dir():
        return from_folder(path, url, most)
    return {str(path): addressed(from_file(path), url)}


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _slug(url: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", urlsplit(url).netloc.removeprefix("www.").lower()).strip("-")


def _told(found: Survey, name: str | None, as_json: bool) -> int:
    written, tests = None, list[keeping.Trial]()
    if name:
        written, tests = _written(found, draft(found, name))
    if as_json:
        print_json(as_record(found, written, tests))
    else:
        print_survey(found, written, tests, name or "")
    failed = any(trial.wrong for trial in tests)
    return 1 if failed or not found.articles else 0


def _written(found: Survey, profile: Profile) -> tuple[Path, list[keeping.Trial]]:
    day = max(seen.page.fetched_at for seen in found.seen).date()
    note = f"Written by `luutru portals check` from {len(found.seen)} pages of {day}. Look at it."
    path = keeping.write(profile, list(found.seen), reader(), note)
    return path, list(keeping.trials(profile.slug, reader()))


@click.command(help=tr("Read the golden pages of your own profiles again and compare."))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@json_option
def test(names: tuple[str, ...], as_json: bool) -> int:
    """Exit code 1 when a page reads otherwise, or when what must be read was written just now."""
    own = profiles.own_folder()
    wanted = names or tuple(sorted(f.stem for f in own.glob("*.toml") if (own / f.stem).is_dir()))
    if not wanted:
        raise BadInput(tr("there are no golden pages in {path}", path=own))
    read = reader()
    found = {name: list(keeping.trials(name, read)) for name in wanted}
    if without := [name for name, trials in found.items() if not trials]:
        raise BadInput(tr("there are no golden pages in {path}", path=own / without[0]))
    print_trials(found, as_json)
    bad = any(trial.wrong or trial.is_new for trials in found.values() for trial in trials)
    return 1 if bad else 0
