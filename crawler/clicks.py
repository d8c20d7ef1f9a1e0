"""Click's own texts ("Missing argument", "Options", ...) in the user's language.

Click asks gettext, whose catalogues are compiled files that only its own tools write and that lie
beside no other text of ours. So its modules get our `tr` in the place of gettext's functions.
"""

import sys

import click

from crawler.words import tr


def speak() -> None:
    """From now on; what `vi.toml` does not have stays English."""
    for name, module in list(sys.modules.items()):
        if name.startswith(f"{click.__name__}."):
            for function, ours in (("_", tr), ("ngettext", _counted)):
                if hasattr(module, function):
                    setattr(module, function, ours)


def _counted(one: str, many: str, number: int) -> str:
    return tr(one if number == 1 else many)
