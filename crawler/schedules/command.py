"""The command line of a scheduled crawl: the same `luutru crawl` that a person would type."""

from datetime import datetime

from crawler.schedules.config import Config
from crawler.schedules.due import Due, time_left


def crawl_words(config: Config, run: Due, now: datetime) -> list[str]:
    """The words of `luutru crawl` for a run that starts now."""
    portal = run.portal
    words = ["crawl", portal.url or portal.name, "--db", str(config.archive)]
    if config.contact:
        words += ["--contact", config.contact]
    if config.operator:
        words += ["--set", f"OPERATOR={config.operator}"]
    if portal.kind != "incremental":
        words.append(f"--{portal.kind}")
    if portal.budget:
        words += ["--budget", str(portal.budget)]
    if portal.delay is not None:
        words += ["--delay", str(portal.delay)]
    if run.wanted:
        words.append("--now")
    elif portal.window:
        words += ["--window", portal.window]
    if logs := config.logs.file:
        words += ["--log-json", str(logs)]
        words += ["--set", f"LOG_JSON_SIZE={config.logs.size}"]
        words += ["--set", f"LOG_JSON_KEEP={config.logs.keep}"]
    # In the night after this one the schedule goes on; to wait in between would keep a slot.
    if left := time_left(run, now):
        words += ["--deadline", f"{max(1, int(left.total_seconds()))}s"]
    return words
