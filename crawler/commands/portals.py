"""`luutru portals`: the profiles that luutru knows; below it, getting to know another portal."""

import click
from rich.markup import escape

from crawler import profiles
from crawler.commands.checking import check, test
from crawler.commands.columns import print_rows
from crawler.commands.options import console, json_option, print_json
from crawler.facts import Profile
from crawler.words import tr


@click.group(
    help=tr("The portal profiles and the CMSs they build on."), invoke_without_command=True
)
@json_option
@click.pass_context
def portals(context: click.Context, as_json: bool) -> None:
    """Print every profile with its address and layouts, unless a command below it is named."""
    if context.invoked_subcommand is None:
        _print_known(as_json)


portals.add_command(check)
portals.add_command(test)


def _print_known(as_json: bool) -> None:
    known = [profiles.load(slug) for slug in profiles.slugs()]
    if as_json:
        print_json(
            [
                {
                    "slug": p.slug,
                    "name": p.name,
                    "url": p.url or None,
                    "cms": p.cms or None,
                    "layouts": [layout.name for layout in p.layouts],
                }
                for p in known
            ]
        )
        return
    names = [tr(name) for name in ("name", "what", "address", "layouts")]
    listed = sorted(known, key=lambda p: (not p.url, p.slug))
    print_rows(console(), names, map(_row, listed))


def _row(profile: Profile) -> list[str]:
    layouts = ", ".join(layout.name for layout in profile.layouts)
    return [profile.slug, escape(profile.name), profile.url or "CMS", layouts]
