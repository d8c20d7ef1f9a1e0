"""`luutru portals`: the profiles that luutru knows; below it, getting to know another portal."""

from collections.abc import Iterator

import click
from rich.markup import escape

from crawler import profiles
from crawler.commands.checking import check, test
from crawler.commands.columns import print_rows
from crawler.commands.options import console, json_option, print_json
from crawler.errors import BadInput
from crawler.facts import Profile
from crawler.words import tr


@click.group(
    help=tr("The portal profiles and the CMSs they build on."), invoke_without_command=True
)
@json_option
@click.pass_context
def portals(context: click.Context, as_json: bool) -> int:
    """Print every profile with its address and layouts, unless a command below it is named; exit
    code 1 when one is broken.
    """
    if context.invoked_subcommand is not None:
        return 0
    known = list(_sound())
    _print(known, as_json)
    return 0 if len(known) == len(profiles.slugs()) else 1


portals.add_command(check)
portals.add_command(test)


def _sound() -> Iterator[Profile]:
    """The profiles; those that are broken, or whose CMS is, are told of."""
    for slug in profiles.slugs():
        try:
            yield profiles.load(slug)
        except BadInput as error:
            profiles.tell_broken(str(error))


def _print(known: list[Profile], as_json: bool) -> None:
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
