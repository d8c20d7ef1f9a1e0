"""Runs the hostile portal: in this process until a signal, or beside this one."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import cast

from practice.hostile.fault import FAULTS
from practice.hostile.server import Server
from practice.hostile.site import Site
from practice.running import started


def serve(
    seed: int = 1,
    crawl_delay: float = 0.01,
    host: str = "127.0.0.1",
    port: int = 0,
    only: Iterable[str] = (),
    without: Iterable[str] = (),
) -> None:
    """Serve one portal until SIGTERM or SIGINT; port 0 takes a free one.

    It shows all faults, or those of the kinds in `only`, and none of those in `without`. Raises
    OSError when the address can't be listened on.
    """
    kinds = set(only or FAULTS) - set(without)
    with suppress(asyncio.CancelledError):
        asyncio.run(_serve(Server(Site(seed, crawl_delay, kinds)), host, port))


async def _serve(server: Server, host: str, port: int) -> None:
    # An exception in the midst of any task would be told as that task's failure.
    stop = cast("asyncio.Task[None]", asyncio.current_task()).cancel
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    async with await server.listen(host, port) as listening:
        print(f"{server.site.base}/", flush=True)
        await listening.serve_forever()


@contextmanager
def running(
    seed: int = 1,
    crawl_delay: float = 0.01,
    port: int = 0,
    only: Iterable[str] = (),
    without: Iterable[str] = (),
) -> Iterator[str]:
    """Start the portal as a process of its own, give its root URL and stop it afterwards."""
    options = {"seed": seed, "crawl-delay": crawl_delay, "port": port}
    words = ["--hostile", *(f"--{name}={value}" for name, value in options.items())]
    words += [f"--only={kind}" for kind in only] + [f"--without={kind}" for kind in without]
    with started(words) as url:
        yield url
