"""A second crawl of an unchanged portal adds little, keeps all evidence, replays as the first."""

import hashlib
from collections import Counter
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.packing import crawled, needs_pywb, rows, warcs
from tests.test_replay_serving import served

_TWICE = """
SELECT a.url, a.captured_at, a.payload_sha256, b.captured_at AS again, b.payload_sha256 AS same,
    b.status AS status
FROM captures a JOIN captures b ON b.url_id = a.url_id AND b.run_id = 2
JOIN urls u ON u.id = a.url_id
WHERE a.run_id = 1 AND b.record_type = 'revisit' AND u.form IS NULL
"""


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crawled(tmp_path_factory.mktemp("revisits"), times=2)


def _kinds(warc: Path) -> Counter[str]:
    with warc.open("rb") as file:
        return Counter(record.rec_type for record in ArchiveIterator(file))


def test_the_second_crawl_adds_less_than_a_twentieth(twice: Path) -> None:
    first, second = (warc.stat().st_size for warc in warcs(twice))
    assert second < 0.05 * first


def test_every_exchange_is_kept_whole(twice: Path) -> None:
    first, second = map(_kinds, warcs(twice))
    for kinds in (first, second):
        answers = kinds["response"] + kinds["revisit"]
        assert kinds["request"] == kinds["metadata"] == answers
    assert second["request"] == first["request"] > 100
    assert second["revisit"] > 0.95 * second["request"]


def test_every_record_has_a_name_of_its_own(twice: Path) -> None:
    names = []
    for warc in warcs(twice):
        with warc.open("rb") as file:
            for record in ArchiveIterator(file):
                names.append(record.rec_headers.get_header("WARC-Record-ID"))
                responses = record.rec_headers.get_header("WARC-Concurrent-To")
                assert responses in (None, *names)
    assert len(set(names)) == len(names) > 600


def test_files_are_vouched_for_by_the_server_and_pages_by_their_bytes(twice: Path) -> None:
    found = rows(
        twice,
        """SELECT u.kind = 'file' AS is_file, c.status, count(*) AS n FROM captures c
           JOIN urls u ON u.id = c.url_id WHERE c.run_id = 2 AND c.record_type = 'revisit'
           GROUP BY 1, 2""",
    )
    counts = {(row["is_file"], row["status"]): row["n"] for row in found}
    assert counts.keys() >= {(1, 304), (0, 200)}
    assert (1, 200) not in counts
    assert (0, 304) not in counts


@needs_pywb
def test_both_dates_replay_the_same_bytes(twice: Path) -> None:
    pairs = rows(twice, _TWICE)
    assert len(pairs) > 100
    with served(twice) as site:
        for pair in pairs:
            assert pair["captured_at"] < pair["again"]
            for at, sha256 in (
                (pair["captured_at"], pair["payload_sha256"]),
                (pair["again"], pair["same"]),
            ):
                _, body = site.replayed(pair["url"], at)
                assert hashlib.sha256(body).hexdigest() == sha256, pair["url"]
    assert {pair["status"] for pair in pairs} >= {200, 304}
