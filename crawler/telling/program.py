"""By a program of the reader's own: JSON on its standard input, the text in its environment.

That is also the way to all that Apprise knows: `sh -c 'apprise -t "$LUUTRU_SUBJECT" -b
"$LUUTRU_TEXT"'`.
"""

import json
import os
import subprocess

from crawler.telling.message import Message, NotDelivered
from crawler.telling.secrets import filled
from crawler.telling.target import Target

_SECONDS = 120
_LONGEST = 30_000
"""Characters of text in the environment: Linux takes 128 KiB in one variable."""


def send(target: Target, message: Message) -> None:
    """Run the command, without a shell; raises NotDelivered when it ends with an error."""
    words = [filled(word) for word in target.command]
    told = {"LUUTRU_SUBJECT": message.subject, "LUUTRU_TEXT": message.text[:_LONGEST]}
    try:
        subprocess.run(  # noqa: S603 - the command is the archive keeper's own
            words,
            input=json.dumps(message.data, ensure_ascii=False),
            encoding="utf-8",
            timeout=_SECONDS,
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, **told},
        )
    except subprocess.CalledProcessError as error:
        raise NotDelivered(f"{words[0]}: exit code {error.returncode}") from None
    except subprocess.TimeoutExpired:
        raise NotDelivered(f"{words[0]}: not done after {_SECONDS} seconds") from None
    except OSError as error:
        raise NotDelivered(f"{words[0]}: {error.strerror}") from None
