"""Runs the portal: in this process until a signal, or beside this one for as long as needed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from practice.server import app

_STOP_SECONDS = 10


class _Announcing(uvicorn.Server):
    """Prints the address once connections are accepted, and nothing else."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for each in sockets or []:
            host, port = each.getsockname()[:2]
            print(f"http://{host}:{port}/", flush=True)


def serve(
    articles: int = 500,
    day: int = 0,
    seed: int = 1,
    layout: str = "mixed",
    crawl_delay: float = 0.05,
    host: str = "127.0.0.1",
    port: int = 0,
    log: Path | None = None,
) -> None:
    """Serve one portal until SIGTERM or SIGINT; port 0 takes a free one.

    Raises OSError when the address can't be listened on.
    """
    listener = _listener(host, port)
    site = app(articles, day, seed, layout, crawl_delay, log)
    config = uvicorn.Config(site, access_log=False, log_level="error", lifespan="off")
    with listener:
        _Announcing(config).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    """A listening socket that names its protocol: asyncio turns off the delay of small packets
    only then, and with the delay every request on a kept connection takes 40 ms.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


@contextmanager
def running(
    articles: int = 500,
    day: int = 0,
    layout: str = "mixed",
    port: int = 0,
    seed: int = 1,
    crawl_delay: float = 0.05,
) -> Iterator[str]:
    """Start the portal as a process of its own, give its root URL and stop it afterwards."""
    options = {
        "articles": articles, "day": day, "layout": layout, "port": port, "seed": seed,
        "crawl-delay": crawl_delay,
    }  # fmt: skip
    with started([f"--{name}={value}" for name, value in options.items()]) as url:
        yield url


@contextmanager
def started(words: Sequence[str]) -> Iterator[str]:
    """Run `python -m practice` with `words`, give the URL that it prints, stop it afterwards."""
    command = [sys.executable, "-m", "practice", *words]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        command, stdout=subprocess.PIPE, text=True, env=_environment()
    ) as process:
        try:
            yield _address(process)
        finally:
            _stop(process)


def _environment() -> dict[str, str]:
    """The caller's environment in which this very package is found from any folder."""
    here = str(Path(__file__).parents[1])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _address(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline().strip() if process.stdout else ""
    if not line:
        raise RuntimeError("The practice portal did not start; its reason is on standard error.")
    return line


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
