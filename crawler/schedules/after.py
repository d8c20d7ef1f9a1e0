"""What follows each scheduled crawl: a sample of the archive is read and checked."""

from crawler.archive.connection import open_archive
from crawler.fixity import checking, journal
from crawler.schedules.config import Config


def follow(config: Config) -> int:
    """Do all that follows a crawl; the number of findings of the check."""
    if not config.after.verify:
        return 0
    db = open_archive(config.archive)
    report = checking.survey(db, config.archive, config.after.verify, lambda size: None)
    journal.note_check(db, config.archive, report, config.after.verify)
    return len(report.open_findings)
