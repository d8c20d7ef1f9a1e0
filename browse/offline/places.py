"""Where the pages of the offline site lie, and which of them are linked to."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, ClassVar

from browse.links import Asked
from crawler.vietnamese import fold

Wanted = tuple[str, tuple[tuple[str, str], ...]]
"""A page and what it is asked with."""

_LONGEST = 60
# Of files that no browser runs: a stranger may well call one `.html`, and a disk has no headers
# that tell a browser to save it.
_ENDING = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|od[st]|rtf|csv|txt|zip|rar|7z|jpe?g|png|gif|webp|bmp|tiff?"
    r"|mp[34]|avi|wmv|wav)$",
    re.IGNORECASE,
)
_UNKNOWN = ".bin"
_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "image/svg+xml": ".svg",
    "application/pdf": ".pdf",
}


@dataclass(slots=True)
class Reached:
    """What the pages drawn so far link to, for all of them together."""

    pages: dict[Wanted, None] = field(default_factory=dict)
    files: dict[tuple[str, int], str] = field(default_factory=dict)
    """Kind (image, attachment) and number of a file, and the path where it is to be put."""


@dataclass(frozen=True, slots=True)
class FileLinks:
    """Links of a page in a folder; what they lead to is noted, so that it will be there."""

    page: str
    asked: Asked
    reached: Reached
    served: ClassVar[bool] = False
    tables: ClassVar[bool] = False
    replay_port: ClassVar[None] = None

    def __call__(self, page: str, /, **asked: object) -> str:
        """The way from this page to `page`."""
        given = {name: str(value) for name, value in asked.items() if value not in (None, "")}
        if page == "search":
            # One page searches, in the browser; how it is asked does not matter here.
            return self._way(path_of("search", {}))
        self.reached.pages.setdefault((page, tuple(sorted(given.items()))))
        return self._way(path_of(page, given))

    def here(self, /, **changes: object) -> str:
        """The way to this page, asked for with some changes."""
        return self(self.page, **{**self.asked, **changes})

    def whole(self, page: str, /, **asked: object) -> str:
        """The way to `page`: a folder on a disk has no other address."""
        return self(page, **asked)

    def asset(self, name: str) -> str:
        """The way to a style sheet or script."""
        return self._way(f"assets/{name}")

    def file(self, kind: str, part: Mapping[str, Any]) -> str:
        """The way to an image or attachment."""
        path = f"{kind}/{part['id']}{_ending(part)}"
        self.reached.files[kind, part["id"]] = path
        return self._way(path)

    def replay(self, url: str, captured_at: str) -> str:
        """Nothing replays captured pages here."""
        return ""

    def _way(self, path: str) -> str:
        up = len(PurePosixPath(path_of(self.page, self.asked)).parts) - 1
        return "../" * up + path


def path_of(page: str, asked: Mapping[str, str]) -> str:
    """The path of a page's file in the folder."""
    name = "-".join(f"{_slug(value)}" for _, value in sorted(asked.items()))
    if not page:
        return "index.html"
    return f"{page}{'/' if name else ''}{name}.html"


def _slug(value: str) -> str:
    """A name that every file system takes; a digest tells apart what looks alike."""
    plain = re.sub(r"[^a-z0-9]+", "-", fold(value).lower()).strip("-")[:_LONGEST]
    if plain == value:
        return plain
    return f"{plain}-{hashlib.sha256(value.encode()).hexdigest()[:8]}"


def _ending(part: Mapping[str, Any]) -> str:
    named = _ENDING.search(part.get("filename") or "")
    return named.group() if named else _ENDINGS.get(part["media_type"] or "", _UNKNOWN)
