"""Playback of captured pages by pywb, on an origin of its own.

pywb runs as a program beside luutru: its releases pin old versions of libraries that the crawler
needs newer (pyOpenSSL, Werkzeug, brotlipy instead of Brotli), so it belongs in an environment of
its own, as `pipx install pywb` makes one.
"""

import ctypes
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.archive import holdings
from crawler.archive.connection import open_to_read
from crawler.capture.folder import folder_of
from crawler.errors import CannotRun
from crawler.export import cdxj
from crawler.words import tr

HOST = "127.0.0.1"
COLLECTION = "archive"
_PROGRAM = "wayback"
_START_SECONDS = 30
_STOP_SECONDS = 10
_PR_SET_PDEATHSIG = 1
# No `live` source: what was not captured is "not found", never fetched from the web.
_CONFIG = """\
collections:
  {collection}:
    index_paths: ./index.cdxj
    archive_paths: ./warcs/
enable_memento: true
"""


def address(url: str, captured_at: str, port: int, modifier: str = "") -> str:
    """Where the capture of `url` at `captured_at` (ISO 8601, UTC) is replayed.

    pywb shows it in a frame; with the modifier `id_` it gives the bytes alone, as they came.
    """
    moment = "".join(filter(str.isdigit, captured_at))[:14]
    return f"{collection(port)}{moment}{modifier}/{url}"


def collection(port: int) -> str:
    """The address of all captured pages."""
    return f"http://{HOST}:{port}/{COLLECTION}/"


@contextmanager
def playing(archive: Path, port: int) -> Iterator[int]:
    """Run pywb over the WARC files of `archive`; yields the port, a free one for 0.

    What is captured later is seen at the next start. Raises CannotRun when pywb is missing or does
    not start, or the port is taken.
    """
    program = _program()
    port = _free(port)
    with TemporaryDirectory(prefix="luutru-replay-") as folder:
        _prepare(archive, Path(folder))
        log = Path(folder) / "log.txt"
        with log.open("wb") as out:
            # A session of its own: Ctrl-C reaches luutru, which then stops pywb in order.
            server = subprocess.Popen(  # noqa: S603 - pywb itself, without a shell
                [program, "--bind", HOST, "--port", str(port), "--directory", folder],
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_dying_with_its_parent(),
            )
        try:
            _wait(server, port, log)
            yield port
        finally:
            _stop(server)


def _dying_with_its_parent() -> Callable[[], None] | None:
    """What a child runs before its program, so that it is stopped when this process is killed.

    Linux alone has this (prctl(2), PR_SET_PDEATHSIG); elsewhere only an orderly end stops pywb.
    """
    if sys.platform != "linux":
        return None
    # Looked up before the fork: in the child nothing may take a lock.
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def _program() -> str:
    # Beside this Python first: an environment need not be activated.
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which(_PROGRAM, path=places)
    if found is None:
        raise CannotRun(
            tr("replay needs pywb: `pipx install pywb` brings it, in an environment of its own")
        )
    return found


def _free(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CannotRun(
                tr("port {port} can't be used for replay: {why}", port=port, why=error.strerror)
            ) from None
        return int(probe.getsockname()[1])


def _prepare(archive: Path, folder: Path) -> None:
    warcs = folder_of(archive.absolute())
    # By a link, as pywb takes some characters of a path (commas, wildcards) for its own.
    (folder / "warcs").symlink_to(warcs, target_is_directory=True)
    (folder / "config.yaml").write_text(_CONFIG.format(collection=COLLECTION), "utf-8")
    db = open_to_read(archive)
    cdxj.write(cdxj.row_lines(_whole(db, warcs)), folder / "index.cdxj")
    db.close()


def _whole(db: sqlite3.Connection, warcs: Path) -> Iterator[sqlite3.Row]:
    # In a merged archive they lie in the folders of its sources.
    there = {str(path.relative_to(warcs)) for each in ("*", "*/*.gz") for path in warcs.glob(each)}
    return (row for row in holdings.records(db) if row["warc_file"] in there)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    said = log.read_text("utf-8", "replace").strip().splitlines() or [""]
    raise CannotRun(tr("pywb did not start: {why}", why=said[-1]))


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
