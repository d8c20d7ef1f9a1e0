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
    own, problem = config.own(portal), state.problem if state else None
    # In a cluster it was another machine's clock that told when the crawl began.
    since = state.started_at if state and not config.cluster else None
    with closing(open_archive(own.archive, create=True)) as db:
        found = None if problem else schedules.last_run(db, portal.slug, since)
    runs = [found["id"]] if found and found["verdict"] else []
    return after(own, runs, CannotRun(f"{portal.name}: {problem}") if problem else None)
