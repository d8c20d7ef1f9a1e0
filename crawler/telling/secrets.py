"""Secrets: from the environment, or from a file that nobody else can read.

LUUTRU_SECRETS names the file; a line is NAME=value. Neither the archive nor `luutru.toml` holds a
secret: they say `${NAME}`.
"""

import os
import re
import stat
from pathlib import Path

from crawler.errors import BadInput
from crawler.words import tr

FILE = "LUUTRU_SECRETS"
NAMED = re.compile(r"\$\{(\w+)\}")
"""How a secret is named in a text."""


def filled(text: str) -> str:
    """`text` with each `${NAME}` replaced by that secret; BadInput when there is none."""
    return NAMED.sub(lambda found: _required(found[1]), text)


def secret(name: str) -> str | None:
    """The secret `name`: the environment's, else the file's; None when neither has it.

    Raises BadInput when others may read the file, or it can't be read.
    """
    return os.environ.get(name) or _kept().get(name)


def _required(name: str) -> str:
    found = secret(name)
    if found is None:
        raise BadInput(
            tr(
                "{name} is not set; put it into the environment or the file that {file} names",
                name=name,
                file=FILE,
            )
        )
    return found


def _kept() -> dict[str, str]:
    named = os.environ.get(FILE)
    if not named:
        return {}
    try:
        with Path(named).open(encoding="utf-8") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise BadInput(
                    tr("others can read the secrets in {file}; run chmod 600 {file}", file=named)
                )
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(tr("{file} can't be read: {why}", file=named, why=error)) from None
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}
