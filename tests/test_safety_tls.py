"""Certificates: broken ones end a request before it is sent, and all are written down."""

import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from crawler import profiles
from crawler.errors import BadInput
from tests.raw_server import RawServer, ok, raw_server
from tests.scrapy_run import crawl, crawl_profile
from tests.test_cli import luutru

PAGE = ok(b"<html><body><h1>Trang</h1></body></html>")
AUTHORITY = trustme.CA(organization_name="Tổ chức chứng thực")
STRANGER = trustme.CA()


def _home_made() -> tuple[trustme.Blob, trustme.Blob]:
    """A certificate as `openssl req -x509` makes one: self-signed, no host; and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "huyen.example")])
    begin, day = datetime.now(UTC), timedelta(days=1)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), begin - day, begin + day
    ).sign(key, hashes.SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return trustme.Blob(made.public_bytes(Encoding.PEM)), trustme.Blob(secret)


def _context(*pems: trustme.Blob, key: trustme.Blob, folder: Path) -> ssl.SSLContext:
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(b"".join(pem.bytes() for pem in pems))
    secret.write_bytes(key.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    return context


def _shown(kind: str, folder: Path) -> ssl.SSLContext:
    """The server's side of TLS with a certificate of that kind."""
    day = timedelta(days=1)
    if kind == "expired":
        ended = datetime.now(UTC) - day
        leaf = AUTHORITY.issue_cert("localhost", not_before=ended - day, not_after=ended)
    elif kind == "stranger":
        leaf = STRANGER.create_child_ca().issue_cert("localhost")
    elif kind == "other-host":
        leaf = AUTHORITY.issue_cert("khac.gov.vn")
    elif kind == "home-made":
        own, secret = _home_made()
        return _context(own, key=secret, folder=folder)
    elif kind in ("incomplete", "through-another"):
        leaf = AUTHORITY.create_child_ca().issue_cert("localhost")
    else:
        leaf = AUTHORITY.issue_cert("localhost", organization_name="UBND huyện")
    pems = leaf.cert_chain_pems[:1] if kind == "incomplete" else leaf.cert_chain_pems
    return _context(*pems, key=leaf.private_key_pem, folder=folder)


@pytest.fixture
def trusting(tmp_path: Path) -> dict[str, str]:
    """The environment in which AUTHORITY is trusted, and nobody else."""
    path = tmp_path / "authority.pem"
    path.write_bytes(AUTHORITY.cert_pem.bytes())
    return {"SSL_CERT_FILE": str(path), "SSL_CERT_DIR": str(tmp_path)}


@contextmanager
def served(kind: str, folder: Path) -> Iterator[RawServer]:
    with raw_server({"/": PAGE, "/robots.txt": ok(b"")}, tls=_shown(kind, folder)) as server:
        server.url = server.url.replace("127.0.0.1", "localhost")
        yield server


def _rows(db: Path) -> list[sqlite3.Row]:
    connection = sqlite3.connect(db)
    connection.row_factory = sqlite3.Row
    return connection.execute("SELECT * FROM certificates ORDER BY id").fetchall()


def _home(db: Path) -> tuple[str, str | None, int]:
    query = "SELECT state, reason, tries FROM urls ORDER BY length(url) LIMIT 1"
    row: tuple[str, str | None, int] = sqlite3.connect(db).execute(query).fetchone()
    return row


@pytest.mark.parametrize(
    ("kind", "why", "sent"),
    [
        ("expired", "it has expired", 1),
        ("stranger", "its authority is unknown or not sent", 2),
        ("other-host", "it is made out to another host", 1),
        ("incomplete", "its authority is unknown or not sent", 1),
        ("home-made", "it is self-signed; it is made out to another host", 1),
    ],
)
def test_a_broken_certificate_is_told_and_kept_and_nothing_is_asked(
    tmp_path: Path, trusting: dict[str, str], kind: str, why: str, sent: int
) -> None:
    db = tmp_path / "archive.db"
    with served(kind, tmp_path) as server:
        crawl(server.url, db, trusting)
    assert server.asked == []
    state, reason, tries = _home(db)
    assert (state, tries) == ("failed", 1)
    assert f"its certificate is broken: {why}" in (reason or "")
    (row,) = _rows(db)
    assert (row["host"], row["verified"]) == (f"localhost:{server.port}", 0)
    assert why in row["error"]
    assert row["chain"].count("BEGIN CERTIFICATE") == sent


@pytest.mark.parametrize(("kind", "sent"), [("good", 1), ("through-another", 2)])
def test_a_good_certificate_is_kept_once(
    tmp_path: Path, trusting: dict[str, str], kind: str, sent: int
) -> None:
    db = tmp_path / "archive.db"
    with served(kind, tmp_path) as server:
        crawl(server.url, db, trusting)
        crawl(server.url, db, trusting, CRAWL_MODE="full")
    assert "/" in server.asked
    assert _home(db)[:2] == ("done", None)
    (row,) = _rows(db)
    leaf = x509.load_pem_x509_certificates(row["chain"].encode())[0]
    assert (row["verified"], row["error"]) == (1, None)
    assert row["subject"] == leaf.subject.rfc4514_string()
    assert row["issuer"] == AUTHORITY_NAME if kind == "good" else row["issuer"]
    assert row["chain"].count("BEGIN CERTIFICATE") == sent
    assert row["first_seen_at"] <= row["last_seen_at"]
    assert row["not_before"] < row["not_after"]


AUTHORITY_NAME = x509.load_pem_x509_certificate(AUTHORITY.cert_pem.bytes()).subject.rfc4514_string()


def test_only_the_profile_may_lift_the_check(tmp_path: Path, trusting: dict[str, str]) -> None:
    db = tmp_path / "archive.db"
    with served("other-host", tmp_path) as server:
        words = f'name = "Cổng"\nurl = "{server.url}"\nunverified_tls = true\n'
        crawl_profile(words, db, trusting)
    assert "/" in server.asked
    assert _home(db)[:2] == ("done", None)
    (row,) = _rows(db)
    assert (row["verified"], row["error"]) == (0, "it is made out to another host")
    noted = sqlite3.connect(db).execute(
        "SELECT detail FROM events WHERE event_type = 'policy assignment'"
    )
    assert "unverified_tls = true" in noted.fetchone()[0]


def test_looking_at_a_portal_heeds_what_its_profile_lifts(tmp_path: Path) -> None:
    (tmp_path / "portals").mkdir()
    with served("home-made", tmp_path) as server:
        looked = ("portals", "check", server.url, "--delay", "0")
        refused = luutru(*looked, cwd=tmp_path)
        words = f'name = "Cổng"\nurl = "{server.url}"\ncms = "generic"\nunverified_tls = true\n'
        (tmp_path / "portals" / "cong.toml").write_text(words, "utf-8")
        allowed = luutru(*looked, cwd=tmp_path)
        read = luutru("extract", server.url, cwd=tmp_path)
    assert (refused.returncode, allowed.returncode) == (3, 1)
    assert "its certificate is broken" in refused.stderr
    assert "home       /" in allowed.stdout
    assert "not an article" in read.stdout, read.stderr


@pytest.mark.parametrize("key", ["unverified_tls", "cookies"])
def test_a_profile_says_true_or_false_and_nothing_else(key: str) -> None:
    words = f'name = "x"\nurl = "https://x.gov.vn/"\n{key} = '
    assert getattr(profiles.parse(words + "true", "x", "x.toml"), key) is True
    with pytest.raises(BadInput, match=f"x.toml:3: `{key}` must be true or false"):
        profiles.parse(words + '"yes"', "x", "x.toml")
