"""A process that reads pages for another one: `python -m crawler.apart.process`.

It takes frames on standard input and gives frames on standard output, each a pickle behind its
length: first its `Outfit`, then lists of pages, each answered by as many drafts. It ends when its
input does, and with the process that started it.
"""

import os
import pickle
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from crawler import parent
from crawler.profiles import Profile

READY = b"ready"
LENGTH = 8
# Pages take some MB to read; the largest that may be kept, 64 MB of markup, are cut before.
_MEMORY = 2 << 30


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a reader has to know."""

    profile: Profile
    settings: dict[str, Any]
    drafter: str
    """Which of the settings names what it is to make: a `Drafting` of a profile and settings."""


class Drafting(Protocol):
    """Makes drafts of the pages of one portal."""

    def draft(self, asked: Any) -> Any:
        """What `asked` gives; never raises because of what a page holds."""


def frame(content: object) -> bytes:
    """`content` as it travels between the processes."""
    packed = pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
    return len(packed).to_bytes(LENGTH) + packed


def _frames(stream: BinaryIO) -> Iterator[Any]:
    while len(length := stream.read(LENGTH)) == LENGTH:
        content = stream.read(int.from_bytes(length))
        # Our own process packed it, and nobody else holds the pipe.
        yield pickle.loads(content)  # noqa: S301


def _serve() -> None:
    parent.tie()
    # A page that takes all memory ends its reader, and no other process.
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What a library prints is no answer of ours.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    asked = _frames(sys.stdin.buffer)
    outfit: Outfit = next(asked)
    # By its name: the engine imports neither spiders nor pipelines.
    drafter = load_object(outfit.settings[outfit.drafter])
    drafts: Drafting = drafter(outfit.profile, Settings(outfit.settings))
    _say(answers, READY)
    for stretch in asked:
        for each in stretch:
            _say(answers, drafts.draft(each))


def _say(answers: BinaryIO, content: object) -> None:
    answers.write(frame(content))
    answers.flush()


if __name__ == "__main__":
    try:
        _serve()
    except (MemoryError, BrokenPipeError, KeyboardInterrupt):
        # Nothing is put in order any more: there may be no memory, or nobody who listens.
        os._exit(1)
