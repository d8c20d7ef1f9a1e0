"""`luutru portals`: the profiles that luutru knows."""

import click
from rich.table import Table

from crawler import profiles
from crawler.commands.options import console, json_option, print_json
from crawler.words import tr


@click.command(help=tr("The portal profiles and the CMSs they build on."))
@json_option
def portals(as_json: bool) -> None:
    """Print every profile with its address and layouts."""
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
