"""Signals that end a command: SIGHUP, which a closed terminal or a lost ssh session sends, does
what SIGTERM does. A crawl finishes its page then; unhandled, the signal would kill it.
"""

import os
import signal
import stat
import sys
from contextlib import suppress


def taken_as_sigterm() -> None:
    """From now on; where SIGHUP is ignored, as `nohup` makes it, it stays so."""
    number = getattr(signal, "SIGHUP", None)
    if number is not None and signal.getsignal(number) is signal.SIG_DFL:
        signal.signal(number, _end)


def sigterm_exits() -> None:
    """SIGTERM ends the command as an exception does, so that what is half made is removed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def _end(*_: object) -> None:
    for file in (1, 2):
        with suppress(OSError):
            _mute_if_gone(file)
    signal.raise_signal(signal.SIGTERM)


def _mute_if_gone(file: int) -> None:
    """What is written to a terminal that is gone fails, and would end the command half-way."""
    if stat.S_ISCHR(os.fstat(file).st_mode) and not os.isatty(file):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, file)
        os.close(nowhere)
