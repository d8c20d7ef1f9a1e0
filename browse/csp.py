"""What browsers may load and run on a page: nothing but what this server itself brings.

The site needs no script, so its pages allow none. Datasette's own pages have some scripts inline,
which are told by their digests (CSP level 3, 8.5); they are read from the installed version.
"""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from functools import cache
from importlib.resources import files
from typing import Any

SITE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# The one variable in Datasette's inline scripts, and what it can be.
_VARIABLE = re.compile(r"\{\{.*?\}\}")
_VALUES = ("true", "false")
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
}

Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[dict[str, Any], Any, Send], Awaitable[None]]


@cache
def tables_policy() -> str:
    """The policy of Datasette's own pages."""
    digests = " ".join(f"'sha256-{digest}'" for digest in sorted(_inline_scripts()))
    return (
        f"default-src 'self'; script-src 'self' {digests}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'; "
        "form-action 'self'"
    )


def _inline_scripts() -> set[str]:
    """SHA-256, in base64, of each inline script of Datasette's templates."""
    templates = (files("datasette") / "templates").iterdir()
    scripts = (
        _VARIABLE.sub(value, script)
        for template in templates
        if template.name.endswith(".html")
        for script in _SCRIPT.findall(template.read_text("utf-8"))
        for value in _VALUES
    )
    return {base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts}


def guarded(app: App) -> App:
    """`app` with the headers that tell browsers to trust nothing else."""

    async def guarded_app(scope: dict[str, Any], receive: Any, send: Send) -> None:
        async def send_guarded(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _with_ours(message["headers"])}
            await send(message)

        await app(scope, receive, send_guarded)

    return guarded_app


def _with_ours(headers: list[list[bytes]]) -> list[list[bytes]]:
    there = {name.lower() for name, _ in headers}
    ours = {**_HEADERS, b"content-security-policy": tables_policy().encode()}
    return [*headers, *([name, value] for name, value in ours.items() if name not in there)]
