"""Text of documents, read by a helper process: a malicious file costs a helper, not the crawl.

The helper is `python -m pipelines.extraction`. It takes a line of JSON with the bytes behind it and
answers with a line of JSON. It limits its own memory and processor time, so that it ends even if
the crawl is killed meanwhile; the crawl limits the time of the clock.
"""

import asyncio
import contextlib
import json
import resource
import sys
from asyncio.subprocess import Process

from crawler import parent
from crawler.apart.starting import started
from crawler.media import DOCX, PDF
from pipelines.documents import Unreadable, text_of

READABLE = frozenset({PDF, DOCX})
_SECONDS = 20.0
# A file is read for `_SECONDS`, then told to stop between two pages; some pages take long.
_GRACE = 10.0
# All that a crawl takes has to stay below 500 MB, and this comes on top of the crawl itself.
_MEMORY = 320 << 20
_LONGEST_LINE = 64 * 1024 * 1024


class Extractor:
    """Hands documents to one helper, in turn; the helper is started when first needed."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._helper: Process | None = None

    async def text(self, body: bytes, media_type: str) -> tuple[str, str | None]:
        """The text of a file and what is left out of it, as `text_of` gives them.

        Raises Unreadable with the reason when there is none to be had in time and memory.
        """
        async with self._turn:
            helper = self._helper = self._helper or await started(
                "pipelines.extraction", _LONGEST_LINE
            )
            try:
                asked = _asked(helper, body, media_type, self._seconds)
                answer = await asyncio.wait_for(asked, self._seconds + _GRACE)
            except TimeoutError:
                await self._end()
                raise Unreadable(f"no text within {self._seconds + _GRACE:.0f} s") from None
            except (OSError, ValueError):
                await self._end()
                raise Unreadable("reading it took too much memory or time") from None
        if "error" in answer:
            raise Unreadable(str(answer["error"]))
        return str(answer["text"]), answer["left_out"]

    async def close(self) -> None:
        """End the helper."""
        async with self._turn:
            await self._end()

    async def _end(self) -> None:
        if self._helper is not None:
            with contextlib.suppress(ProcessLookupError):
                self._helper.kill()
            await self._helper.wait()
            self._helper = None


async def _asked(
    helper: Process, body: bytes, media_type: str, seconds: float
) -> dict[str, str | None]:
    """The helper's answer; OSError or ValueError (no JSON) when the helper has died of it."""
    if helper.stdin is None or helper.stdout is None:
        raise OSError("the helper has no pipes")
    header = {"media_type": media_type, "size": len(body), "seconds": seconds}
    helper.stdin.write(json.dumps(header).encode() + b"\n" + body)
    await helper.stdin.drain()
    answer: dict[str, str | None] = json.loads(await helper.stdout.readline())
    return answer


def _serve() -> None:
    parent.tie()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while header := sys.stdin.buffer.readline():
        asked = json.loads(header)
        body = sys.stdin.buffer.read(asked["size"])
        _limit_processor_time(asked["seconds"] + _GRACE)
        print(json.dumps(_answer(body, asked["media_type"], asked["seconds"])), flush=True)


def _limit_processor_time(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(
        resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, hard)
    )


def _answer(body: bytes, media_type: str, seconds: float) -> dict[str, str | None]:
    try:
        text, left_out = text_of(body, media_type, seconds)
    except Unreadable as why:
        return {"error": str(why)}
    except MemoryError:
        return {"error": "reading it takes too much memory"}
    # A broken file makes the libraries raise nearly anything; the reason is what is wanted.
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:200]}
    return {"text": text, "left_out": left_out}


if __name__ == "__main__":
    _serve()
