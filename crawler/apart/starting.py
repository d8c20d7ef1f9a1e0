"""Starting a process of ours that works for this one: it has pipes, and ends with us."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from crawler import parent


async def started(module: str, most: int) -> Process:
    """`python -m module`, which ties itself to us (`parent.tie`).

    `most` bytes of what it says may wait unread.
    """
    here = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    return await asyncio.create_subprocess_exec(
        # -P: what lies in the folder that we were started from is none of our modules.
        *(sys.executable, "-P", "-m", module),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        limit=most,
        env={**os.environ, "PYTHONPATH": path, parent.NAME: str(os.getpid())},
        # Ctrl-C must reach us alone: what is being read is still saved.
        start_new_session=True,
    )
