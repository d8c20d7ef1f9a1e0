"""What stands in for Common Crawl: its list of crawls, its index server, its files by range."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from warcio.archiveiterator import ArchiveIterator

from tests.faulty_service import Faults, FaultyHandler, served
from tests.web_archives import UNSPARED

_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


@dataclass
class Crawls(Faults):
    """Crawls by id, each with its WARC files."""

    files: Mapping[str, list[Path]] = field(default_factory=dict)
    piece: int = 100
    """Lines of one page of an index."""

    def lines(self, crawl: str) -> list[dict[str, str]]:
        """What the index of a crawl has, in the order of its keys."""
        found = [line for path in self.files[crawl] for line in _indexed(crawl, path)]
        return sorted(found, key=lambda line: (line["urlkey"], line["timestamp"]))

    def file(self, name: str) -> Path:
        """The file that the index calls `name`."""
        crawl, plain = name.split("/")[-5], name.rpartition("/")[2]
        return next(path for path in self.files[crawl] if path.name == plain)


@contextmanager
def crawled(crawls: Crawls) -> Iterator[tuple[str, ...]]:
    """Serve `crawls`; yields the options of `luutru rescue` that ask there."""
    with served(crawls, _Handler) as url:
        values = {"COMMONCRAWL_INDEX": f"{url}/collinfo.json", "COMMONCRAWL_DATA": url, **UNSPARED}
        yield tuple(word for name in values for word in ("--set", f"{name}={values[name]}"))


def _indexed(crawl: str, path: Path) -> Iterator[dict[str, str]]:
    """The lines of an index of Common Crawl for a file."""
    with path.open("rb") as stream:
        iterator = ArchiveIterator(stream)
        for record in iterator:
            header = record.rec_headers.get_header
            url, status = header("WARC-Target-URI"), record.http_headers.get_statuscode()
            digest = header("WARC-Payload-Digest").removeprefix("sha1:")
            media_type = (record.http_headers.get_header("Content-Type") or "unk").partition(";")[0]
            record.raw_stream.read()
            iterator.read_to_end(record)
            yield {
                "urlkey": url.partition("://")[2],
                "timestamp": "".join(filter(str.isdecimal, header("WARC-Date"))),
                "url": url,
                "mime": media_type,
                "mime-detected": media_type,
                "status": status,
                "digest": digest,
                "length": str(iterator.get_record_length()),
                "offset": str(iterator.get_record_offset()),
                "filename": f"crawl-data/{crawl}/segments/1/warc/{path.name}",
                "languages": "vie",
                "encoding": "UTF-8",
            }


class _Handler(FaultyHandler):
    faults: Crawls

    def answer(self, fault: str | None) -> None:
        if self.path == "/collinfo.json":
            self.send(200, [("Content-Type", "application/json")], self._crawls(), fault)
        elif found := re.match(r"/(CC-MAIN-[\d-]+)-index\?", self.path):
            self._index(found[1], fault)
        else:
            self._part(fault)

    def _crawls(self) -> bytes:
        return json.dumps([self._crawl(name) for name in reversed(self.faults.files)]).encode()

    def _crawl(self, name: str) -> dict[str, str]:
        api = f"{self.faults.url}/{name}"
        return {
            "id": name,
            "name": f"{name} Index",
            "timegate": f"{api}/",
            "cdx-api": f"{api}-index",
            "from": "2024-07-01T00:00:00",
            "to": "2024-07-14T00:00:00",
        }

    def _index(self, crawl: str, fault: str | None) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        host = asked["url"].removesuffix("*")
        lines = [line for line in self.faults.lines(crawl) if line["urlkey"].startswith(host)]
        page, last = int(asked["page"]), max(-(-len(lines) // self.faults.piece) - 1, 0)
        if page > last:
            told = f"Page {page} invalid: First Page is 0, Last Page is {last}"
            self._say(400, {"message": told})
        elif not lines:
            self._say(404, {"message": f"No Captures found for: {asked['url']}"})
        else:
            shown = lines[page * self.faults.piece : (page + 1) * self.faults.piece]
            body = "".join(f"{json.dumps(line)}\n" for line in shown).encode()
            self.send(200, [("Content-Type", "text/x-ndjson")], body, fault)

    def _say(self, status: int, what: dict[str, Any]) -> None:
        self.send(status, [("Content-Type", "application/json")], json.dumps(what).encode(), None)

    def _part(self, fault: str | None) -> None:
        begin, end = map(int, _RANGE.fullmatch(self.headers["Range"]).groups())  # type: ignore[union-attr]
        data = self.faults.file(self.path).read_bytes()
        headers = [
            ("Content-Type", "application/octet-stream"),
            ("Content-Range", f"bytes {begin}-{end}/{len(data)}"),
        ]
        self.send(206, headers, data[begin : end + 1], fault)
