"""A portal to practise on: behaves like a Vietnamese district portal, on this machine only.

Everything on it follows from a seed, so that a portal of any size needs no storage. See
`python -m practice --help`; in code, `running` starts one beside the caller, `serve` runs one in
this process and `app` gives the ASGI application. `/_truth.json` says what the pages show and
`/_requests.json` what was asked for.
"""

from practice.running import running, serve
from practice.server import app

__all__ = ["app", "running", "serve"]
