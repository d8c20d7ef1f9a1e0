"""The spider for Common Crawl: its records are asked for by their range of bytes, and kept so."""

import json
from typing import Any

from scrapy.http import Response

from crawler.archive.listed import Listed, Question
from crawler.capture.rescued import as_it_lies
from crawler.replaying.kept import Kept
from crawler.rescue.cdx import Listing, Unreadable
from crawler.rescue.playback import Refused
from crawler.rescue.ranges import FORBIDDEN, record, wanted
from crawler.rescue.services import COMMONCRAWL, of_crawl
from spiders.wayback import WaybackSpider


class CommonCrawlSpider(WaybackSpider):
    """Rescues one portal: `scrapy crawl commoncrawl -a portal=kimson`."""

    name = "commoncrawl"
    source = COMMONCRAWL
    # Whoever asks too often is answered 403 for a day.
    refusals = frozenset({FORBIDDEN, *WaybackSpider.refusals})

    def part_of(self, listed: Listed) -> dict[str, str]:
        """The range of the record in its file."""
        return {"Range": wanted(listed)}

    def take_in(self, answered: Response, question: Question) -> None:
        """The list of crawls leads to a question for each; those list captures, page by page."""
        if question.address != self.service.index:
            super().take_in(answered, question)
            return
        apis = _apis(answered)
        hosts = sorted(self.within)
        more = tuple(of_crawl(api, host) for api in apis for host in hosts)
        self._run.listed(question, [], None, more)

    def onward(self, question: Question, found: Listing) -> str | None:
        """The next page, until the index says that there is none."""
        return str(int(question.cursor or 0) + 1) if found.lines else None

    def kept(self, answered: Response, listed: Listed) -> Kept | None:
        """The record, as it lies in Common Crawl's file; raises Refused."""
        if listed.file is None or listed.offset is None or not listed.size:
            raise Refused("the index does not say where its record lies", may_pass=False)
        member, number = record(self._run.heard(answered.url), listed)
        about = f"index-digest: {listed.digest}\r\n".encode()
        records = as_it_lies(listed.url, member, number, answered.url, wanted(listed), about)
        return self._run.written(listed, records)


def _apis(answered: Response) -> list[str]:
    """The index of each crawl, in the order of the list: the newest first."""
    try:
        crawls: list[dict[str, Any]] = json.loads(answered.body)
        return [str(crawl["cdx-api"]) for crawl in crawls]
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"collinfo.json is no list of crawls: {error!r}") from None
