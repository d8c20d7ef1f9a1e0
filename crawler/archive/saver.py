"""What every step of saving one page needs."""

import sqlite3
from dataclasses import dataclass

from crawler.archive.presence import Patience
from crawler.archive.runs import Run
from crawler.items import Page

PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Saver:
    """One page that one run saves, inside one transaction."""

    db: sqlite3.Connection
    run: Run
    page: Page
    seen_at: str
    """When the page was fetched, as the archive writes times."""
    capture_id: int | None
    """The last capture of the page; None when nothing was kept."""
    patience: Patience = PATIENCE
