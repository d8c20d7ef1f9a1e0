"""Whose certificate a host shows, against those that it showed before.

A new certificate is the rule (they are renewed every few weeks), and so is another authority now
and then. Another organisation is not, nor is a certificate that can't be verified any more.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.drift.finding import Finding

_SOON = timedelta(days=14)
_PART = re.compile(r"(?:^|[,+/;])\s*(\w+)\s*=\s*((?:\\.|[^,+/;\\])*)")
_ORGANISATION, _NAME = {"o", "organizationname"}, {"cn", "commonname"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate that a host showed, as table `certificates` has it."""

    host: str
    sha256: str
    subject: str
    issuer: str
    not_after: datetime
    verified: bool
    error: str | None = None


def judge(shown: Sequence[Shown], now: datetime, *, strange: bool = False) -> list[Finding]:
    """What the last certificate of a host says; `shown` is all of them, oldest first.

    `strange` says that the home page has given other signs of a new owner: only then does a mere
    change of authority matter.
    """
    last, before = shown[-1], shown[:-1]
    return [_changed(last, before, strange=strange), _expiring(last, now)]


def about(host: str) -> str:
    """What a finding on the host's certificate is about: part of its row's identity."""
    return f"certificate of {host}"


def _changed(last: Shown, before: Sequence[Shown], *, strange: bool) -> Finding:
    signs = [*_signs(last, before, strange=strange)] if before else []
    said = "; ".join([*signs, f"SHA-256 {last.sha256[:16]}"])
    return Finding(about(last.host), f"the certificate of {last.host}: {said}" if signs else None)


def _signs(last: Shown, before: Sequence[Shown], *, strange: bool) -> list[str]:
    """What is wrong with the change; a change of authority counts with another sign only."""
    signs = []
    if not last.verified and any(shown.verified for shown in before):
        signs.append(f"it can't be verified any more ({last.error or 'no reason given'})")
    owners = {_part(shown.subject, _ORGANISATION) for shown in before} - {None}
    owner = _part(last.subject, _ORGANISATION)
    if owners and owner and owner not in owners:
        signs.append(f"it belongs to {owner}; usual: {_named(owners)}")
    # A certificate that can be verified names the host, if only among others (RFC 9525).
    if not last.verified and not _names(last) & {n for shown in before for n in _names(shown)}:
        signs.append(f"it is made out to {last.subject}; usual: {before[-1].subject}")
    issuers = {_authority(shown) for shown in before}
    if (signs or strange) and _authority(last) not in issuers:
        signs.append(f"another authority, {_authority(last)}, vouches for it")
    return signs


def _expiring(last: Shown, now: datetime) -> Finding:
    left = last.not_after - now
    subject = f"{about(last.host)} expires"
    if left >= _SOON:
        return Finding(subject, None, notice=True)
    verb = "expires" if left > timedelta(0) else "expired"
    reason = f"the certificate of {last.host} {verb} on {last.not_after:%Y-%m-%d}"
    return Finding(subject, reason, notice=True)


def _part(name: str, keys: set[str]) -> str | None:
    """One part of a distinguished name (RFC 4514), such as its organisation."""
    parts = ((key.lower(), value.strip()) for key, value in _PART.findall(name))
    return next((re.sub(r"\\(.)", r"\1", value) for key, value in parts if key in keys), None)


def _authority(shown: Shown) -> str:
    return _part(shown.issuer, _ORGANISATION) or shown.issuer


def _names(shown: Shown) -> set[str]:
    """The host's own and its parents' names that the certificate is made out to, as one.

    `*.ninhbinh.gov.vn` and `kimson.ninhbinh.gov.vn` are both good names for the latter.
    """
    name = (_part(shown.subject, _NAME) or shown.subject).lower().removeprefix("*.")
    host = shown.host.partition(":")[0].removeprefix("www.")
    name = name.removeprefix("www.")
    return {host} if name == host or host.endswith(f".{name}") else {name}


def _named(owners: set[str | None]) -> str:
    return ", ".join(sorted(owner for owner in owners if owner))
