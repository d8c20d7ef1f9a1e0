"""What follows each scheduled crawl."""

from contextlib import closing

from crawler.afterwards import Step, after
from crawler.archive import schedules
from crawler.archive.connection import open_archive
from crawler.errors import CannotRun
from crawler.schedules.config import Config, Portal


def follow(config: Config, portal: Portal) -> list[Step]:
    """Do all that follows the portal's last crawl."""
    with closing(open_archive(config.archive)) as db:
        state = schedules.states(db).get(portal.slug)
        since = state.started_at if state and state.started_at else None
        found = schedules.last_run(db, portal.slug, since)
    runs = [found[0]] if found and found[1] else []
    problem = state.problem if state and not runs else None
    return after(config, runs, CannotRun(f"{portal.name}: {problem}") if problem else None)
