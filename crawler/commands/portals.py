"""`luutru portals`: the profiles that luutru knows; below it, getting to know another portal."""

import click
from rich.table import Table

from crawler import profiles
from crawler.commands.checking import check, test
from crawler.commands.options import console, json_option, print_json
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
    table = Table(
        *(tr(name) for name in ("name", "what", "address", "layouts")),
        box=None,
        header_style="bold",
    )
    for profile in sorted(known, key=lambda p: (not p.url, p.slug)):
        layouts = ", ".join(layout.name for layout in profile.layouts)
        table.add_row(profile.slug, profile.name, profile.url or "CMS", layouts)
    console().print(table)
