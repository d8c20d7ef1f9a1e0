"""Counts requests, so that a test can see what a crawler asked for and how hurriedly."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Counting:
    """An ASGI application that counts and passes on; paths that begin with /_ do not count.

    Each request is also a line of the file `log`, if given: JSON with `began` and `ended` (seconds
    since 1970) and `path`.
    """

    def __init__(self, inner: ASGIApp, log: Path | None = None) -> None:
        self._inner = inner
        self._log = log.open("a", encoding="utf-8", buffering=1) if log else None
        self._paths: Counter[str] = Counter()
        self._agents: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._running = self._most_running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass on whatever else the server asks."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
        elif scope["path"] == "/_requests.json":
            await JSONResponse(self._report())(scope, receive, send)
        elif scope["path"].startswith("/_"):
            await self._inner(scope, receive, send)
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = scope["query_string"].decode("latin-1")
        self._paths[scope["path"] + (f"?{query}" if query else "")] += 1
        self._agents[dict(scope["headers"]).get(b"user-agent", b"").decode("latin-1")] += 1
        self._running += 1
        self._most_running = max(self._most_running, self._running)
        began = time.time()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._statuses[str(message["status"])] += 1
            await send(message)

        try:
            await self._inner(scope, receive, noting)
        finally:
            self._running -= 1
            if self._log:
                line = {"began": began, "ended": time.time(), "path": scope["path"]}
                self._log.write(f"{json.dumps(line)}\n")

    def _report(self) -> dict[str, object]:
        """Counts since the start; `most_at_once` is the largest number of open requests."""
        return {
            "total": self._paths.total(),
            "paths": self._paths,
            "user_agents": self._agents,
            "statuses": self._statuses,
            "most_at_once": self._most_running,
        }
