"""What stands in for web archives: a real pywb over WARC files of the practice portal's past."""

import http.client
import io
import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import practice
from tests.listening import free_port, wait_for
from tests.packing import PYWB

DAYS = (0, 7, 30, 90)
BUSY = {"/ban-503": "503 Service Unavailable", "/ban-429": "429 Too Many Requests"}
BEGAN = datetime(2024, 7, 3, 2, 0, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Past:
    """The practice portal as it was on some days; nobody listens at its address now."""

    url: str
    warcs: tuple[Path, ...]
    """A file for each day, as another crawler would have made it."""
    truths: tuple[dict[str, Any], ...]
    """The portal's own answer sheet for each day."""
    urls: tuple[str, ...]
    """What was captured on each day: what the portal had on the first."""


def past(folder: Path, articles: int, days: Sequence[int] = DAYS) -> Past:
    """Capture a practice portal on each of `days`, dated as if that were long ago."""
    port, warcs, truths = 0, [], []
    urls: tuple[str, ...] = ()
    for day in days:
        with practice.running(articles=articles, day=day, port=port, crawl_delay=0) as url:
            port = int(url.rstrip("/").rpartition(":")[2])
            truths.append(json.loads(_get(f"{url}_truth.json")[2]))
            urls = urls or tuple(_first_known(url, truths[0]))
            began = BEGAN + timedelta(days=day)
            warcs.append(_captured(urls, folder / f"day{day}.warc.gz", began))
    return Past(urls[0], tuple(warcs), tuple(truths), urls)


def _first_known(url: str, truth: dict[str, Any]) -> Iterator[str]:
    yield url
    yield from (url.rstrip("/") + path for path in BUSY)
    yield from (each["url"] for each in truth["categories"])
    for article in truth["articles"]:
        yield from (article["url"], *article["images"])
        yield from (each["url"] for each in article["attachments"])


def _captured(urls: Sequence[str], to: Path, began: datetime) -> Path:
    """A WARC file of `urls`, one second after the other; SHA-1 as web archives have it."""
    with to.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for number, url in enumerate(dict.fromkeys(urls)):
            status, headers, body = _error(url) or _get(url)
            at = began + timedelta(seconds=number)
            record = writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(body),
                http_headers=StatusAndHeaders(status, headers, protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": at.strftime("%Y-%m-%dT%H:%M:%SZ")},
            )
            writer.write_record(record)
            # warcio puts the payload into a file of its own to measure it.
            record.raw_stream.close()
    return to


def _error(url: str) -> tuple[str, list[tuple[str, str]], bytes] | None:
    """What the portal is made to say where `BUSY` are, as it does on a bad day."""
    status = next((BUSY[path] for path in BUSY if url.endswith(path)), None)
    headers = [("Content-Type", "text/html"), ("Retry-After", "7200")]
    return (status, headers, f"<h1>{url}: {status}</h1>".encode()) if status else None


def _get(url: str) -> tuple[str, list[tuple[str, str]], bytes]:
    """Status, headers and body; nothing is followed, no status is an error."""
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=30)) as connection:
        connection.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
        answer = connection.getresponse()
        return f"{answer.status} {answer.reason}", answer.getheaders(), answer.read()


@contextmanager
def pywb(folder: Path, warcs: Sequence[Path]) -> Iterator[str]:
    """A pywb that holds `warcs` in its collection `past`; yields its address."""
    subprocess.run(
        [str(PYWB / "wb-manager"), "init", "past"],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    for warc in warcs:
        shutil.copy(warc, folder / "collections" / "past" / "archive")
    index = [str(PYWB / "wb-manager"), "reindex", "past"]
    subprocess.run(index, cwd=folder, check=True, capture_output=True)
    port = free_port()
    with subprocess.Popen(
        [str(PYWB / "wayback"), "-b", "127.0.0.1", "-p", str(port)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def at(pywb_url: str) -> tuple[str, ...]:
    """Options of `luutru rescue` that ask this pywb instead of the Wayback Machine."""
    return asked_at(f"{pywb_url}/past/cdx", f"{pywb_url}/past")


def asked_at(index: str, data: str) -> tuple[str, ...]:
    """Options of `luutru rescue` for a stand-in of the Wayback Machine, which nobody spares."""
    values = {
        "WAYBACK_INDEX": index,
        "WAYBACK_DATA": data,
        **UNSPARED,
    }
    return tuple(word for name in values for word in ("--set", f"{name}={values[name]}"))


UNSPARED = {
    "RESCUE_INDEX_DELAY": "0",
    "RESCUE_DELAY": "0",
    "RESCUE_RETRY_DELAY": "0",
    "RESCUE_BACK_OFF": "0.2",
    "RESCUE_PAUSES": "0.2,0.2,0.2",
}
