"""Answers of an index are unpacked; a capture stays as it came, for its digest to be compared."""

from scrapy import Request, Spider
from scrapy.http import Response

from crawler.rescue.services import DATA_SLOT
from crawler.safety.decoding import DecodingMiddleware


class IndexDecoding(DecodingMiddleware):
    """Scrapy downloader middleware; pages out of records go through it, too."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """The response unpacked, unless it came from where captures are."""
        if request.meta.get("download_slot") == DATA_SLOT:
            return response
        return super().process_response(request, response)
