"""By a program of the reader's own: it gets the JSON on its standard input."""

import json
import shlex
import subprocess

from crawler.watching.message import Message, NotDelivered

_SECONDS = 120


def send(message: Message) -> None:
    """Run the watch's command, without a shell; raises NotDelivered when it ends with an error."""
    words = shlex.split(message.watch.target)
    try:
        subprocess.run(  # noqa: S603 - the command is the archive keeper's own
            words,
            input=json.dumps(message.data, ensure_ascii=False),
            encoding="utf-8",
            timeout=_SECONDS,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotDelivered(f"{words[0]}: {error}") from None
