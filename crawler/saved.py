"""Pages that were saved to files, taken as if they had just been fetched."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urljoin

from crawler.errors import BadInput
from crawler.foreign.page import is_html_file, origin
from crawler.items import Page
from crawler.selectors import xpath
from crawler.words import tr

_CANONICAL = xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
_ENDINGS = (".html", ".htm", ".aspx", ".asp", ".php", ".jsp", "")


def from_file(path: Path, url: str = "") -> Page:
    """The page in `path`, which came from `url`; BadInput when it can't be read or is empty."""
    try:
        body = path.read_bytes()
        # Relative times ("9 giờ trước") are relative to when the page was saved.
        saved_at = _told_time(body) or datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise BadInput(tr("{path} can't be read: {why}", path=path, why=error.strerror)) from None
    if not body.strip():
        raise BadInput(tr("{path} is empty: there is nothing to read", path=path))
    return Page(url=url, fetched_at=saved_at, status=200, body=body)


def _told_time(body: bytes) -> datetime | None:
    told = origin(body)
    return told[1] if told else None


def from_folder(folder: Path, root: str, most: int) -> dict[str, Page]:
    """At most `most` pages of `folder` and those below it, evenly spread, by their place in it.

    `root` is the address that the folder stands for; without it each page's own word holds.
    """
    files = sorted(_page_files(folder), key=lambda path: (len(path.parts), not _is_index(path)))
    step = max(1, len(files) / most)
    chosen = [files[int(number * step)] for number in range(min(most, len(files)))]
    if not chosen:
        raise BadInput(tr("{path} holds no saved page", path=folder))
    places = (path.relative_to(folder).as_posix() for path in chosen)
    return {
        place: addressed(from_file(folder / place), urljoin(root, quote(place)) if root else "")
        for place in places
    }


def addressed(page: Page, url: str) -> Page:
    """`page` as it came from `url`; without one, from where it is marked to have come.

    The program that saved it wrote that (HTTrack, SingleFile, a browser), or it is its own
    canonical address; empty where nothing tells it.
    """
    return replace(page, url=url or _marked(page))


def _marked(page: Page) -> str:
    if told := origin(page.body):
        return told[0]
    named = (str(url) for url in _CANONICAL(page.document.tree))
    return next((url for url in named if url.startswith(("http://", "https://"))), "")


def _page_files(folder: Path) -> Iterator[Path]:
    for where, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(where, name)
            if path.suffix.lower() in _ENDINGS and is_html_file(path):
                yield path


def _is_index(path: Path) -> bool:
    return path.stem.lower() in ("index", "default", "home", "trang-chu")
