"""Portal profiles: finding, merging and choosing them. What they may say is in `crawler/facts.py`.

A file with `url` describes a portal, one without describes a CMS. A portal names its CMS; the
portal's own layouts are tried first, then those of the CMS. luutru brings profiles along
(`crawler/portals/`); those in the folder `portals` beside the archive are the archivist's own and
come before them.
"""

import difflib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from urllib.parse import urlsplit

from crawler.errors import BadInput
from crawler.facts import Addresses, Fingerprint, Layout, Profile, Selectors, parse
from crawler.urls import hosts_of
from crawler.words import tr

__all__ = ["Addresses", "Fingerprint", "Layout", "Profile", "Selectors", "parse"]

GENERIC = "generic"
"""The profile of a portal whose CMS is not known: every known layout is tried on each page."""

SLUG = re.compile(r"[a-z0-9-]+")


def own_folder() -> Path:
    """Where the archivist's own profiles lie: LUUTRU_PORTALS, else `portals` in this folder."""
    return Path(os.environ.get("LUUTRU_PORTALS") or "portals")


def load(slug: str, _above: tuple[str, ...] = ()) -> Profile:
    """The profile called `slug`, merged with its CMS.

    Raises BadInput for an unknown slug (with the nearest names) and for a broken file.
    """
    profile = _alone(slug)
    if slug == GENERIC:
        return replace(profile, layouts=every_layout(), listing=every_listing())
    if profile.cms in (*_above, slug):
        raise BadInput(
            tr(
                "{path}: `cms` = {cms!r} leads back to this profile",
                path=source_of(slug),
                cms=profile.cms,
            )
        )
    return merge(profile, load(profile.cms, (*_above, slug))) if profile.cms else profile


def of_portal(slug: str) -> Profile:
    """The profile of the portal called `slug`; BadInput as from `load`, and when it is a CMS."""
    profile = load(slug)
    if not profile.url:
        raise BadInput(tr("{text} is a CMS, not a portal; name a portal or a URL", text=slug))
    return profile


def _alone(slug: str) -> Profile:
    path = source_of(slug)
    if path is None:
        raise BadInput(_unknown(slug))
    return _parsed(_text(path), slug, str(path))


_parsed = cache(parse)


def _text(path: Path | Traversable) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(tr("{path} can't be read: {why}", path=path, why=error)) from None


def source_of(slug: str) -> Path | Traversable | None:
    """The file of the profile called `slug`, the archivist's own before luutru's; None if none."""
    if not SLUG.fullmatch(slug):
        return None
    places = (own_folder(), files("crawler") / "portals")
    return next((f for place in places if (f := place / f"{slug}.toml").is_file()), None)


def slugs() -> list[str]:
    """The names of all profiles, portals and CMSs, sorted."""
    own = own_folder()
    found: list[Path | Traversable] = [*(files("crawler") / "portals").iterdir()]
    found += own.iterdir() if own.is_dir() else ()
    names = {f.name.removesuffix(".toml") for f in found if f.name.endswith(".toml")}
    return sorted(name for name in names if SLUG.fullmatch(name))


def cmss() -> list[Profile]:
    """Every profile that describes a CMS with a fingerprint."""
    return [p for p in _sound() if not p.url and p.fingerprint != Fingerprint()]


def for_url(url: str) -> Profile:
    """The profile for a start URL: that of the portal whose host it is, else the generic one.

    Raises BadInput when that portal's file is broken, as far as it names the host.
    """
    host = urlsplit(url).netloc.lower()
    # Its address is its own: hundreds of profiles are not merged with their CMS to find one.
    for profile in _sound(host.removeprefix("www.")):
        if profile.url and host.removeprefix("www.") in hosts_of(profile.url, *profile.hosts):
            return load(profile.slug)
    slug = re.sub(r"[^a-z0-9]+", "-", host).strip("-")
    return replace(load(GENERIC), slug=slug, name=host, url=url, cms=GENERIC)


def every_layout() -> tuple[Layout, ...]:
    """The layouts of all CMSs and portals; a page's fingerprint picks the one that fits."""
    seen: dict[str, Layout] = {}
    for profile in _sound():
        seen.update((layout.name, layout) for layout in profile.layouts)
    return tuple(seen.values())


def every_listing() -> Selectors:
    """The listing selectors of all CMSs and portals, each once."""
    return tuple(dict.fromkeys(css for profile in _sound() for css in profile.listing))


def _sound(host: str = "") -> Iterator[Profile]:
    """Every profile by itself; a broken one is told of and left out.

    With a `host`, raises BadInput for a broken one that names it.
    """
    for slug in slugs():
        try:
            profile = _alone(slug)
        except BadInput as error:
            if host and _is_named(host, source_of(slug)):
                raise
            tell_broken(str(error))
        else:
            yield profile


def _is_named(host: str, path: Path | Traversable | None) -> bool:
    try:
        text = path.read_bytes().decode("utf-8", "replace") if path else ""
    except OSError:
        return False
    return bool(
        re.search(rf"(?<![\w.-])(?:www\.)?{re.escape(host)}(?![\w.-])", text, re.IGNORECASE)
    )


@cache
def tell_broken(what: str) -> None:
    """A line on standard error; once, though a command asks for all profiles several times."""
    told = tr("{what}; this profile is left out, the others do without it", what=what)
    print(told, file=sys.stderr)


def merge(portal: Profile, cms: Profile) -> Profile:
    """`portal` with what its CMS adds."""
    return replace(
        portal,
        listing=portal.listing + cms.listing,
        layouts=portal.layouts + cms.layouts,
        start=portal.start + cms.start,
        addresses=_both(portal.addresses, cms.addresses),
    )


def _both(first: Addresses, second: Addresses) -> Addresses:
    names = (f.name for f in fields(Addresses))
    return Addresses(**{name: getattr(first, name) + getattr(second, name) for name in names})


def _unknown(slug: str) -> str:
    own = own_folder() / f"{slug}.toml"
    if own.is_file():
        # It is there, so that no such portal is known would be no help.
        return tr("{name} is no name for a profile; use a to z, digits and hyphens", name=own)
    known = slugs()
    near = difflib.get_close_matches(slug, known, n=3, cutoff=0.4)
    hint = (
        tr("nearest: {names}", names=", ".join(near))
        if near
        else tr("known: {names}", names=", ".join(known))
    )
    return tr("there is no portal called {slug!r} ({hint}); a URL works too", slug=slug, hint=hint)
