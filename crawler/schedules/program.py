"""How timers and cron call luutru: this very Python, by its whole path."""

import sys

from crawler.schedules.config import Config


def call(config: Config, *words: str) -> list[str]:
    """The words of a command of luutru on the file of `config`."""
    return [sys.executable, "-P", "-m", "crawler", *words, "--config", str(config.path)]
