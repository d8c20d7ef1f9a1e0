"""The hidden state of a WebForms page: what the server demands back before it turns the page.

It is never stored; a signature tells whether the server itself has written it.
"""

from __future__ import annotations

import base64
import json
from hashlib import blake2b

from practice import chance

_KEY = b"machineKey of the practice portal"
_SIGNATURE = 32


def write(category: str, page: int, day: int) -> str:
    """The state of one rendering of a listing page, a few KB as on real pages."""
    facts = json.dumps({"category": category, "page": page, "day": day}).encode()
    padding = chance.dice("state", category, page, day).randbytes(1_800)
    content = len(facts).to_bytes(2, "big") + facts + padding
    return base64.b64encode(_sign(content) + content).decode()


def validation(state: str) -> str:
    """The event validation that belongs to a state."""
    return base64.b64encode(_sign(state.encode() + b"validation")).decode()


def accepts(state: str, event_validation: str, category: str) -> bool:
    """Whether a posted state was written by this server for this listing."""
    try:
        raw = base64.b64decode(state, validate=True)
    except ValueError:
        return False
    signature, content = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if signature != _sign(content) or event_validation != validation(state):
        return False
    length = int.from_bytes(content[:2], "big")
    return bool(json.loads(content[2 : 2 + length])["category"] == category)


def _sign(content: bytes) -> bytes:
    return blake2b(content, key=_KEY, digest_size=_SIGNATURE).digest()
