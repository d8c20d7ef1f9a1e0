"""Datasette's own CSV made fit for spreadsheets, too, line by line as it is sent."""

import csv
import io
from typing import Any

from browse.csp import App, Send
from crawler.export.tables import BOM, csv_line

# The largest that any platform takes: by itself csv refuses more than 131,072 characters, and the
# text of a long decree has more. There is no limit for one reader alone.
_LONGEST_FIELD = 2**31 - 1


def harmless_csv(app: App) -> App:
    """`app`, whose CSV holds nothing that a spreadsheet would run."""
    csv.field_size_limit(_LONGEST_FIELD)

    async def harmless_app(scope: dict[str, Any], receive: Any, send: Send) -> None:
        # Datasette calls its CSV text/plain, so that browsers show it.
        is_csv = str(scope.get("path", "")).endswith(".csv")
        await app(scope, receive, _Sending(send) if is_csv else send)

    return harmless_app


class _Sending:
    """Sends on what it is given; of CSV only whole lines, rewritten."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_table = True
        self._bom = ""
        self._held = ""

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = {name.lower(): value for name, value in message["headers"]}
            # What went wrong is told as a page, and so is the CSV itself with `_trace`.
            is_page = headers.get(b"content-type", b"").startswith(b"text/html")
            self._is_table = message["status"] == 200 and not is_page
            # Without it Excel takes a saved file for a text in the local charset.
            self._bom = BOM if b"content-disposition" in headers else ""
        elif self._is_table:
            message = {**message, "body": self._rewritten(message)}
        await self._send(message)

    def _rewritten(self, message: dict[str, Any]) -> bytes:
        self._held += message.get("body", b"").decode()
        # A line break inside quotes does not end a line.
        whole = self._held.endswith("\n") and self._held.count('"') % 2 == 0
        if message.get("more_body") and not whole:
            return b""
        rows = csv.reader(io.StringIO(self._held.removeprefix(BOM), newline=""))
        bom, self._bom, self._held = self._bom, "", ""
        return (bom + "".join(map(csv_line, rows))).encode()
