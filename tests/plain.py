"""Datasette and sqlite-utils as people have them who never installed luutru."""

import os
import sys
import sysconfig
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory


def plain(*command: str) -> tuple[list[str], dict[str, str]]:
    """`command`, and its environment, where the same packages are installed but not luutru.

    Datasette 0.65 loads every plugin that is installed; no setting keeps it from that.
    """
    module = command[0].replace("-", "_")
    environment = {**os.environ, "PYTHONPATH": _packages().name}
    # Neither the usual packages (-S) nor this folder (-P) are looked into.
    return [sys.executable, "-S", "-P", "-m", module, *command[1:]], environment


@cache
def _packages() -> "TemporaryDirectory[str]":
    """A folder with all installed packages but luutru."""
    folder = TemporaryDirectory(prefix="without-luutru-")
    for each in Path(sysconfig.get_path("purelib")).iterdir():
        if "luutru" not in each.name:
            (Path(folder.name) / each.name).symlink_to(each)
    return folder
