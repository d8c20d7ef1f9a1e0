"""TLS: certificates are verified, and written down as they were shown, good or broken.

Verification happens inside the handshake, so nothing is sent to a host that fails it. Only where
the portal's profile says `unverified_tls = true` the handshake goes on, and the row says why.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from OpenSSL.crypto import X509
from scrapy.core.downloader.contextfactory import _ScrapyCertificateOptions
from service_identity import CertificateError, VerificationError
from service_identity.hazmat import DNS_ID, IPAddress_ID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from twisted.internet._sslverify import ClientTLSOptions
from twisted.internet.ssl import platformTrust
from twisted.python.failure import Failure
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

from crawler.safety.bounds import BrokenCertificate


@dataclass(frozen=True, slots=True)
class Shown:
    """The certificates that a host sent in one handshake."""

    host: str
    """With its port, if that is not 443."""
    chain: tuple[x509.Certificate, ...]
    """Its own first, in the server's order."""
    error: str | None
    """Why it can't be verified; None when it is good."""

    @property
    def sha256(self) -> str:
        """Hex digest of the host's own certificate (DER)."""
        return hashlib.sha256(self.chain[0].public_bytes(Encoding.DER)).hexdigest()

    @property
    def subject(self) -> str:
        """Whose it is (RFC 4514)."""
        return self.chain[0].subject.rfc4514_string()

    @property
    def issuer(self) -> str:
        """Who vouches for it (RFC 4514)."""
        return self.chain[0].issuer.rfc4514_string()

    @property
    def validity(self) -> tuple[datetime, datetime]:
        """From when to when it holds, in UTC."""
        return self.chain[0].not_valid_before_utc, self.chain[0].not_valid_after_utc

    @property
    def pem(self) -> str:
        """All of the chain."""
        return "".join(each.public_bytes(Encoding.PEM).decode() for each in self.chain)


_CODES = SSL.X509VerificationCodes
_WORDS = {
    _CODES.ERR_CERT_HAS_EXPIRED: "it has expired",
    _CODES.ERR_CERT_NOT_YET_VALID: "it is not valid yet",
    _CODES.ERR_DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
    _CODES.ERR_SELF_SIGNED_CERT_IN_CHAIN: "its authority is not trusted",
    _CODES.ERR_UNABLE_TO_GET_ISSUER_CERT: "its chain is incomplete",
    _CODES.ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is unknown or not sent",
    _CODES.ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its chain is incomplete",
    _CODES.ERR_CERT_REVOKED: "it is revoked",
}

Note = Callable[[Shown], None]


@implementer(IPolicyForHTTPS)
class CertificatePolicy:
    """Makes the TLS side of connections; `note` is told of every certificate."""

    def __init__(self, note: Note, *, unverified: bool) -> None:
        self._note = note
        self._unverified = unverified

    def creatorForNetloc(self, hostname: bytes, port: int) -> ClientTLSOptions:  # noqa: N802
        """What connects to `hostname`, which is also the name that is verified."""
        # Scrapy's options let old servers renegotiate as before RFC 5746; verifying is as strict.
        options = _ScrapyCertificateOptions(trustRoot=platformTrust(), fixBrokenPeers=True)  # type: ignore[no-untyped-call]
        name = hostname.decode("ascii")
        host = name if port == 443 else f"{name}:{port}"
        plain = name.strip("[]")
        made = _Watched(options._makeTLSConnection, plain)
        made.noting = lambda chain, error: self._note(Shown(host, chain, error))
        made.is_lenient = self._unverified
        return made


class _Watched(ClientTLSOptions):
    noting: Callable[[tuple[x509.Certificate, ...], str | None], None]
    is_lenient: bool

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:  # noqa: N802, N803
        connection = super().clientConnectionForTLS(tlsProtocol)
        name = self._hostnameASCII
        identity = DNS_ID(name) if self._hostnameIsDnsName else IPAddress_ID(name)
        check = _Check(self, identity, tlsProtocol)
        connection.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, check)
        return connection


class _Check:
    """OpenSSL's callback: asked for each certificate of a chain, the host's own last."""

    def __init__(self, options: _Watched, identity: Any, protocol: Any) -> None:
        self._options = options
        self._identity = identity
        self._protocol = protocol
        self._errors: list[str] = []

    def __call__(self, connection: Any, certificate: X509, code: int, depth: int, ok: int) -> bool:
        """Whether the handshake goes on."""
        if not ok:
            self._errors.append(_WORDS.get(code, f"OpenSSL refuses it (code {code})"))
        if depth == 0:
            self._verify_name(certificate)
        if depth == 0 or self._errors:
            self._options.noting(_chain(connection, certificate), self._error)
        if not self._errors or self._options.is_lenient:
            return True
        reason = BrokenCertificate(f"its certificate is broken: {self._error}")
        self._protocol.failVerification(Failure(reason))  # type: ignore[no-untyped-call]
        return False

    @property
    def _error(self) -> str | None:
        return "; ".join(dict.fromkeys(self._errors)) or None

    def _verify_name(self, certificate: X509) -> None:
        # A certificate that somebody made at home often has no name but the old common one.
        with suppress(VerificationError, CertificateError, ValueError):
            verify_service_identity(extract_patterns(certificate), [self._identity], [])
            return
        self._errors.append("it is made out to another host")


def _chain(connection: Any, certificate: X509) -> tuple[x509.Certificate, ...]:
    sent = connection.get_peer_cert_chain() or [certificate]
    return tuple(each.to_cryptography() for each in sent)
