"""Readers for the setting READER that end their process on some pages, as a broken library may."""

import os
import signal
import time

from crawler.items import Page, ReadPage
from crawler.profiles import Profile
from pipelines.read import read as read_page

DEADLY = "-3"
"""What stands at the end of the addresses of those pages."""


def read(page: Page, profile: Profile) -> ReadPage:
    """What `pipelines.read` reads, unless the page is deadly."""
    print("Some libraries talk.")
    if page.url.partition(".html")[0].endswith(DEADLY):
        os.kill(os.getpid(), signal.SIGSEGV)
    return read_page(page, profile)


def read_and_grow(page: Page, profile: Profile) -> ReadPage:
    """What `pipelines.read` reads, unless the page is deadly: then it takes 600 MB and no end."""
    if page.url.partition(".html")[0].endswith(DEADLY):
        taken = b"x" * 600_000_000
        while taken:
            time.sleep(1)
    return read_page(page, profile)


def read_with_errors(page: Page, profile: Profile) -> ReadPage:
    """What `pipelines.read` reads, unless the page is deadly: then it raises."""
    if page.url.partition(".html")[0].endswith(DEADLY):
        raise LookupError("a mistake of ours")
    return read_page(page, profile)
