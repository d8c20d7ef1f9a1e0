"""The portals' own archives, as another process than a crawl may open them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress

from crawler.cluster import servers
from crawler.locking import Held, Lock
from crawler.schedules.config import Cluster, Config, Portal

_PATIENCE = 180.0
"""Seconds that an archive is waited for: NFS gives up the locks of a dead machine after 90."""


def owned(cluster: Cluster, portal: Portal) -> AbstractContextManager[list[Lock]]:
    """Within, no worker has the portal's archive open; raises Held when one keeps it for long."""
    return servers.held(cluster.into, [servers.portal_of(portal.slug)], _PATIENCE)


def each_owned(config: Config, cluster: Cluster) -> Iterator[Config]:
    """What the file says of each archive that is there and not being crawled.

    Until the next one is asked for no worker opens it.
    """
    for portal in config.portals:
        own = config.own(portal)
        if own.archive.is_file():
            with suppress(Held), servers.held(cluster.into, [servers.portal_of(portal.slug)], 0):
                yield own
