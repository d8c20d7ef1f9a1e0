"""A portal that behaves as badly as real ones do, on this machine only.

`python -m practice --hostile` serves it. Each way of behaving badly is a `Fault` with a kind, the
answer that shows it and how it has to end for a careful crawler. `/_truth.json` tells where the
seed has put each of them and which articles are there to be had; `/_log.json` tells what was
asked, connection by connection, and what arrived at the canary: a port that no crawl may touch.
"""

from practice.hostile import (
    answers,
    encoding,
    escapes,
    files,
    frame,
    framing,
    markup,
    moves,
    planted,
    transport,
    traps,
    xml,
)
from practice.hostile.fault import FAULTS
from practice.hostile.running import running, serve

__all__ = ["FAULTS", "GROUPS", "running", "serve"]

GROUPS = (
    transport, framing, encoding, answers, moves, traps, frame, escapes, markup, xml, files, planted
)  # fmt: skip
"""The modules of faults; what an answer spoils first comes first."""
