"""What luutru says to people, in English and Vietnamese.

Source texts are English; `vi.toml` holds the Vietnamese. A page of the site has its reader's
language (`speaking`); else LUUTRU_LANG (`vi` or `en`) decides, else the locale of the terminal.
"""

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files

LANGUAGES = ("vi", "en")

_spoken: ContextVar[str] = ContextVar("spoken", default="")


def language() -> str:
    """`vi` or `en`."""
    return _spoken.get() or own_language()


def own_language() -> str:
    """The language of the terminal or of who started the server: `vi` or `en`."""
    wanted = (os.environ.get(name, "") for name in ("LUUTRU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
    return "vi" if next(filter(None, wanted), "en").lower().startswith("vi") else "en"


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Within, `tr` speaks `chosen` (one of LANGUAGES): for this task and thread only."""
    token = _spoken.set(chosen)
    try:
        yield
    finally:
        _spoken.reset(token)


@cache
def vietnamese() -> dict[str, str]:
    """English text to Vietnamese text."""
    return tomllib.loads((files("crawler") / "vi.toml").read_text("utf-8"))


def tr(text: str, /, **values: object) -> str:
    """`text` in the user's language, with {names} filled in; else English."""
    if language() == "vi":
        text = vietnamese().get(text, text)
    return text.format(**values) if values else text
