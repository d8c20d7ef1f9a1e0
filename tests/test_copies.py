"""Copies in a folder and in S3-compatible storage: whole, checked, and never worse than before."""

import gzip
import hashlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

import practice
from tests.test_cli import luutru


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive of the practice portal."""
    folder = tmp_path_factory.mktemp("crawled")
    with practice.running(articles=12, port=0) as url:
        words = ("--delay", "0", "--concurrency", "8")
        assert luutru("crawl", url, *words, cwd=folder).returncode == 0
    return folder


@pytest.fixture
def home(crawled: Path, tmp_path: Path) -> Path:
    """A copy of that folder of the test's own."""
    for source in crawled.rglob("*"):
        if source.is_file():
            target = tmp_path / "home" / source.relative_to(crawled)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    return tmp_path / "home"


def _warc(home: Path) -> Path:
    (found,) = (home / "archive.warcs").glob("*.warc.gz")
    return found


def _copy(home: Path, *words: str, code: int = 0) -> dict[str, Any]:
    result = luutru("copy", "--json", *words, cwd=home)
    assert result.returncode == code, result.stdout + result.stderr
    (done,) = json.loads(result.stdout)
    assert isinstance(done, dict)
    return done


def _flip(path: Path, at: int = 500) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])


# A folder.


def test_a_copy_is_an_archive_like_any_other(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "second"
    first = _copy(home, "--to", str(place))
    assert (first["files"], first["written"], first["problems"]) == (2, 2, {})
    summed = ["sha256sum", "--check", "--strict", "manifest-sha256.txt"]
    assert subprocess.run(summed, cwd=place, check=False, capture_output=True).returncode == 0
    assert luutru("verify", "--db", str(place / "archive.db")).returncode == 0
    assert not list(place.rglob("*.part")) + list(home.glob("*.copying*"))
    _flip(_warc(home))
    assert luutru("verify", "--repair-from", str(place / "archive.db"), cwd=home).returncode == 0
    assert luutru("verify", cwd=home).returncode == 0


def test_only_what_is_new_is_written(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "second"
    _copy(home, "--to", str(place))
    warc = place / "archive.warcs" / _warc(home).name
    before = warc.stat().st_mtime_ns
    (home / "archive.warcs" / "20270101000000-x-r9-00000.warc.gz").write_bytes(b"x" * 100)
    again = _copy(home, "--to", str(place))
    # The event on the first copy is in the database now.
    assert (again["files"], again["written"]) == (3, 2)
    assert warc.stat().st_mtime_ns == before


def test_decisions_and_what_files_were_made_of_are_copied_too(home: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.warc"
    plain.write_bytes(gzip.decompress(_warc(home).read_bytes()))
    assert luutru("import", str(plain), cwd=home).returncode == 0
    assert luutru("hide", "1", "--why", "a wish", cwd=home).returncode == 0
    place = tmp_path / "second"
    _copy(home, "--to", str(place))
    kept, copied = home / "archive.warcs", place / "archive.warcs"
    for name in ("originals/plain.warc", "plain.warc.gz", "hidden.jsonl"):
        assert (copied / name).read_bytes() == (kept / name).read_bytes()
    # What is lost here stays there, and its copy is no other archive's for it.
    (kept / "originals" / "plain.warc").unlink()
    _copy(home, "--to", str(place))
    assert (copied / "originals" / "plain.warc").read_bytes() == plain.read_bytes()


def test_a_database_that_is_being_written_is_copied_as_of_one_moment(
    home: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(home / "archive.db", isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE articles SET title = 'half'")
        place = tmp_path / "second"
        result = luutru("copy", "--to", str(place), cwd=home)
        db.execute("ROLLBACK")
    # Its own event had to wait for the other writer in vain; the copy is there.
    assert "locked" in result.stderr
    with closing(sqlite3.connect(place / "archive.db")) as copy:
        assert copy.execute("SELECT count(*) FROM articles WHERE title = 'half'").fetchone() == (0,)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("damage", ["flipped", "cut", "missing"])
def test_a_damaged_copy_is_found_and_written_anew(home: Path, tmp_path: Path, damage: str) -> None:
    place = tmp_path / "second"
    _copy(home, "--to", str(place))
    copied = place / "archive.warcs" / _warc(home).name
    if damage == "flipped":
        _flip(copied)
        assert _copy(home, "--to", str(place))["problems"] == {}, "nothing was read"
    elif damage == "cut":
        copied.write_bytes(copied.read_bytes()[:-1])
    else:
        copied.unlink()
    done = _copy(home, "--to", str(place), "--check", code=1)
    assert list(done["problems"]) == [f"archive.warcs/{copied.name}"]
    assert copied.read_bytes() == _warc(home).read_bytes()
    assert _copy(home, "--to", str(place), "--check")["checked"] == 2


def test_a_damaged_archive_does_not_reach_its_copy(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "second"
    _copy(home, "--to", str(place))
    good = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    warc = _warc(home)
    warc.write_bytes(warc.read_bytes()[:-7])
    done = _copy(home, "--to", str(place), code=1)
    assert "the copy was left alone" in done["problems"][f"archive.warcs/{warc.name}"]
    assert (place / "archive.warcs" / warc.name).read_bytes() == good[
        place / "archive.warcs" / warc.name
    ]
    database = bytearray((home / "archive.db").read_bytes())
    database[40960:61440] = os.urandom(20480)
    before = (place / "archive.db").read_bytes()
    (home / "archive.db").write_bytes(database)
    result = luutru("copy", "--to", str(place), cwd=home)
    assert result.returncode in (1, 2, 3)
    assert "Traceback" not in result.stderr
    assert (place / "archive.db").read_bytes() == before


def test_a_copy_is_not_laid_into_the_archive_itself(home: Path) -> None:
    done = _copy(home, "--to", "archive.warcs/copy", code=1)
    assert "is in the archive's own folder of WARC files" in done["problems"][""]
    assert not (home / "archive.warcs" / "copy").exists()


def test_an_archive_begun_anew_leaves_the_lost_ones_copy_alone(home: Path, tmp_path: Path) -> None:
    place, other = tmp_path / "second", tmp_path / "other"
    _copy(home, "--to", str(place))
    before = (place / "archive.db").read_bytes()
    other.mkdir()
    with practice.running(articles=3, port=0) as url:
        luutru("crawl", url, "--delay", "0", cwd=other)
    done = _copy(other, "--to", str(place), code=1)
    assert "holds the copy of another archive" in done["problems"][""]
    assert (place / "archive.db").read_bytes() == before
    (tmp_path / "third").mkdir()
    (tmp_path / "third" / "archive.db").write_bytes(b"precious")
    done = _copy(home, "--to", str(tmp_path / "third"), code=1)
    assert (tmp_path / "third" / "archive.db").read_bytes() == b"precious"


def test_a_copy_that_was_killed_half_way_is_completed(home: Path, tmp_path: Path) -> None:
    place, piece = tmp_path / "second", os.urandom(1 << 20)
    for number in range(200):
        name = f"20270101000000-x-r{number}-00000.warc.gz"
        (home / "archive.warcs" / name).write_bytes(piece + name.encode())
    command = [str(Path(sys.executable).with_name("luutru")), "copy", "--to", str(place)]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and len(list(place.glob("archive.warcs/*.gz"))) < 5:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    there = len(list(place.glob("archive.warcs/*.gz")))
    assert 5 <= there < 201
    done = _copy(home, "--to", str(place), "--check")
    assert done["problems"] == {}
    assert done["written"] <= 202 - there + 1
    for source in (home / "archive.warcs").glob("*.gz"):
        assert (place / "archive.warcs" / source.name).read_bytes() == source.read_bytes()
    summed = ["sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt"]
    assert subprocess.run(summed, cwd=place, check=False).returncode == 0


def test_a_place_that_can_t_be_written_is_said(home: Path) -> None:
    (home / "file").write_text("x")
    done = _copy(home, "--to", "file/second", code=1)
    assert "Not a directory" in done["problems"][""]
    with closing(sqlite3.connect(home / "archive.db")) as db:
        sql = "SELECT outcome FROM events WHERE event_type = 'replication'"
        assert db.execute(sql).fetchall() == [("failure",)]


def test_no_copies_are_wrong_use(home: Path) -> None:
    (home / "luutru.toml").write_text(
        'archive = "archive.db"\n[portals.practice]\nschedule = "nightly"\n'
    )
    result = luutru("copy", cwd=home)
    assert result.returncode == 2
    assert "names no copies" in result.stderr


# S3.


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A server that speaks S3, with the bucket `kho`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [
        str(Path(sys.executable).with_name("moto_server")),
        "-H",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in range(600):
            try:
                httpx.get(url)
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        assert httpx.put(f"{url}/kho").is_success
        yield url
        process.terminate()


class Cloud:
    """A place in the bucket, as its server has it."""

    def __init__(self, server: str, folder: str) -> None:
        self.to = f"s3://kho/{folder}"
        self._folder = folder
        self._client = boto3.client(
            "s3",
            endpoint_url=server,
            region_name="us-east-1",
            aws_access_key_id="own",
            aws_secret_access_key="secret",
        )

    def put(self, path: str, content: bytes) -> None:
        self._client.put_object(Bucket="kho", Key=f"{self._folder}/{path}", Body=content)

    def files(self) -> dict[str, bytes]:
        return {key.removeprefix(f"{self._folder}/"): self._content(key) for key in self.listed()}

    def listed(self) -> list[str]:
        """Also of what is on its way; it may be gone when it is asked for."""
        found = self._client.list_objects_v2(Bucket="kho", Prefix=f"{self._folder}/")
        return [each["Key"] for each in found.get("Contents", ())]

    def _content(self, key: str) -> bytes:
        content = self._client.get_object(Bucket="kho", Key=key)["Body"].read()
        assert isinstance(content, bytes)
        return content


@pytest.fixture
def cloud(home: Path, s3: str) -> Cloud:
    """An empty place, which `luutru.toml` of the home names."""
    name = f"luutru-{hashlib.sha256(str(home).encode()).hexdigest()[:8]}"
    (home / "luutru.toml").write_text(
        'archive = "archive.db"\nsecrets = "secrets.env"\n'
        '[portals.practice]\nschedule = "nightly"\n'
        f'[[copies]]\nname = "cloud"\nto = "s3://kho/{name}"\nendpoint = "{s3}"\n'
        'region = "us-east-1"\nkey = "${S3_KEY}"\nsecret = "${S3_SECRET}"\n'
    )
    (home / "secrets.env").write_text("S3_KEY=own\nS3_SECRET=secret\n")
    (home / "secrets.env").chmod(0o600)
    return Cloud(s3, name)


def test_s3_has_the_same_bytes_and_only_what_is_new_is_sent(home: Path, cloud: Cloud) -> None:
    first = _copy(home)
    assert (first["written"], first["problems"]) == (3, {})
    path = f"archive.warcs/{_warc(home).name}"
    there = cloud.files()
    assert sorted(there) == ["archive.db", path, "luutru.toml", "manifest-sha256.txt"]
    assert there[path] == _warc(home).read_bytes()
    listed = there["manifest-sha256.txt"].decode()
    assert f"{hashlib.sha256(there[path]).hexdigest()}  {path}\n" in listed
    again = _copy(home)
    assert again["written"] == 1, "the database, which has an event more"


def test_what_is_damaged_in_s3_is_found_and_sent_anew(home: Path, cloud: Cloud) -> None:
    _copy(home)
    path = f"archive.warcs/{_warc(home).name}"
    whole = _warc(home).read_bytes()
    cloud.put(path, bytes([whole[0] ^ 1]) + whole[1:])
    done = _copy(home, "--check", code=1)
    assert list(done["problems"]) == [path]
    assert cloud.files()[path] == whole
    assert _copy(home, "--check")["checked"] == 3


def test_sending_to_s3_that_was_killed_half_way_is_completed(home: Path, cloud: Cloud) -> None:
    piece = os.urandom(1 << 19)
    for number in range(30):
        name = f"20270101000000-x-r{number}-00000.warc.gz"
        (home / "archive.warcs" / name).write_bytes(piece + name.encode())
    command = [str(Path(sys.executable).with_name("luutru")), "copy"]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and len(cloud.listed()) < 3:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert "archive.db" not in cloud.files()
    done = _copy(home, "--check")
    assert done["problems"] == {}
    assert done["written"] < 33
    there = cloud.files()
    for source in (home / "archive.warcs").glob("*.gz"):
        assert there[f"archive.warcs/{source.name}"] == source.read_bytes()


def test_storage_that_is_not_there_is_one_line(home: Path, cloud: Cloud) -> None:
    text = (home / "luutru.toml").read_text()
    (home / "luutru.toml").write_text(text.replace("s3://kho/", "s3://none/"))
    result = luutru("copy", cwd=home)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "cloud: 0 files" in result.stdout
