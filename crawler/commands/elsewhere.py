"""What `[cluster]` of luutru.toml changes for commands that follow the file."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec

from crawler.cluster.owned import each_owned, owned
from crawler.errors import CannotRun
from crawler.schedules.config import Config, Portal
from crawler.schedules.elsewhere import Elsewhere
from crawler.words import tr


def must_have_dask() -> None:
    """Raises CannotRun when the extra is not installed."""
    if not find_spec("distributed"):
        raise CannotRun(tr("a cluster needs dask: pip install 'luutru[cluster]'"))


def elsewhere(config: Config) -> Elsewhere | None:
    """Who makes the crawls, if not this machine; CannotRun when the extra is not installed."""
    if config.cluster is None:
        return None
    must_have_dask()
    # Only now: dask takes longer to load than most commands to run.
    from crawler.cluster.scheduled import Crawls

    return Crawls(config, config.cluster)


def trouble(config: Config) -> CannotRun | None:
    """Why no crawl can be made in the file's cluster now; None without a cluster."""
    if config.cluster is None:
        return None
    try:
        must_have_dask()
    except CannotRun as error:
        return error
    from crawler.cluster import driving

    return driving.trouble(config.cluster.scheduler)


def own(config: Config, portal: Portal) -> AbstractContextManager[object]:
    """Within, this machine may open the portal's archive."""
    return owned(config.cluster, portal) if config.cluster else nullcontext()


def archives(config: Config) -> Iterator[Config]:
    """What the file says of each archive that may be opened now, one after the other: in a cluster
    those of the portals that are not being crawled, else its only one.
    """
    if config.cluster:
        yield from each_owned(config, config.cluster)
    else:
        yield config
