"""Where the pages of the site are: under a server, or in files of a folder.

Templates say `to("article/12")` or `to("search", q="đất đai")`, whichever of the two it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol
from urllib.parse import urlencode

from crawler.playback import address

Asked = dict[str, str]
"""What stands behind the question mark of an address: one value by name."""


class PageLinks(Protocol):
    """What templates ask of the links of a page."""

    @property
    def served(self) -> bool:
        """Whether a server answers: only it has feeds, downloads and a choice of languages."""

    @property
    def page(self) -> str:
        """The page that the links stand on, such as `search`; empty for the home page."""

    @property
    def asked(self) -> Asked:
        """What it was asked with, without the language."""

    def __call__(self, page: str, /, **asked: object) -> str:
        """The way to `page`; what is None or empty is not asked for."""

    def whole(self, page: str, /, **asked: object) -> str:
        """The way to `page` from anywhere, if there is one."""

    def file(self, kind: str, part: Mapping[str, Any]) -> str:
        """The way to an image or attachment: `kind` and its row."""

    def replay(self, url: str, captured_at: str) -> str:
        """Where a captured page is shown as it was; empty when nothing shows it."""


@dataclass(frozen=True, slots=True)
class Links:
    """Links of a page that Datasette serves."""

    root: str
    """The address of the database, such as `/archive`."""
    assets: str
    """Where style sheets and other files of the plugin are, with a slash at the end."""
    page: str
    """The page that the links stand on, such as `search`; empty for the home page."""
    asked: Asked
    """What it was asked with, without the language."""
    origin: str = ""
    """Scheme and host, for feeds, whose readers need whole addresses."""
    replay_port: int | None = None
    served: ClassVar[bool] = True
    tables: bool = True
    """Whether Datasette's own pages may be seen."""

    def __call__(self, page: str, /, **asked: object) -> str:
        """The address of `page`; what is None or empty is not asked for."""
        return f"{self.root}/-/{page}{_query(asked)}"

    def here(self, /, **changes: object) -> str:
        """This page, asked for with some changes; None takes something away."""
        return self(self.page, **{**self.asked, **changes})

    def file(self, kind: str, part: Mapping[str, Any]) -> str:
        """The address of an image or attachment."""
        return self(f"{kind}/{part['id']}")

    def asset(self, name: str) -> str:
        """The address of one of the plugin's own files."""
        return self.assets + name

    def table(self, name: str = "", /, **asked: object) -> str:
        """The address of a table in Datasette, or of the database."""
        return f"{self.root}{f'/{name}' if name else ''}{_query(asked)}"

    def whole(self, page: str, /, **asked: object) -> str:
        """The address of `page` with scheme and host."""
        return self.origin + self(page, **asked)

    def replay(self, url: str, captured_at: str) -> str:
        """Where a captured page is shown as it was; empty when nothing shows it."""
        return address(url, captured_at, self.replay_port) if self.replay_port else ""


def _query(asked: dict[str, object]) -> str:
    used = {name: value for name, value in asked.items() if value not in (None, "")}
    return f"?{urlencode(used)}" if used else ""
