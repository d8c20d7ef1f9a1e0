"""What luutru says to people, in English and Vietnamese.

Source texts are English; `vi.toml` holds the Vietnamese. LUUTRU_LANG (`vi` or `en`) decides,
else the locale of the terminal.
"""

import os
import tomllib
from functools import cache
from importlib.resources import files


def language() -> str:
    """`vi` or `en`."""
    wanted = (os.environ.get(name, "") for name in ("LUUTRU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
    return "vi" if next(filter(None, wanted), "en").lower().startswith("vi") else "en"


@cache
def vietnamese() -> dict[str, str]:
    """English text to Vietnamese text."""
    return tomllib.loads((files("crawler") / "vi.toml").read_text("utf-8"))


def tr(text: str, /, **values: object) -> str:
    """`text` in the user's language, with {names} filled in; else English."""
    if language() == "vi":
        text = vietnamese().get(text, text)
    return text.format(**values) if values else text
