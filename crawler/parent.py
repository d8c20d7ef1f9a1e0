"""A command that was started by the scheduler ends with it, as if it had been told to stop.

Else a crawl would go on after its scheduler was killed, and no one would count or limit it.
"""

import ctypes
import os
import signal
import sys

NAME = "LUUTRU_PARENT"
"""The environment's word for the process that this one shall not outlive."""
_PR_SET_PDEATHSIG = 1


def tie() -> None:
    """Be sent SIGTERM when the process that NAME names has ended, or now if it has already.

    Linux alone has this (prctl(2), PR_SET_PDEATHSIG); elsewhere only an orderly end is passed on.
    """
    parent = os.environ.pop(NAME, "")
    if parent and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if str(os.getppid()) != parent:
            os.kill(os.getpid(), signal.SIGTERM)
