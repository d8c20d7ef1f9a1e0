"""The command line of a scheduled crawl: the same `luutru crawl` that a person would type."""

from datetime import datetime

from crawler.schedules.config import Config, Portal
from crawler.schedules.due import time_left


def crawl_words(config: Config, portal: Portal, now: datetime) -> list[str]:
    """The words of `luutru crawl` for a run that starts now."""
    words = ["crawl", portal.url or portal.name, "--db", str(config.archive)]
    if config.contact:
        words += ["--contact", config.contact]
    if portal.kind != "incremental":
        words.append(f"--{portal.kind}")
    if portal.budget:
        words += ["--budget", str(portal.budget)]
    if portal.delay is not None:
        words += ["--delay", str(portal.delay)]
    if portal.window:
        words += ["--window", portal.window]
    if logs := config.logs.file:
        words += ["--log-json", str(logs)]
        words += ["--set", f"LOG_JSON_SIZE={config.logs.size}"]
        words += ["--set", f"LOG_JSON_KEEP={config.logs.keep}"]
    # In the night after this one the schedule goes on; to wait in between would keep a slot.
    if left := time_left(portal, now):
        words += ["--deadline", f"{max(1, int(left.total_seconds()))}s"]
    return words
