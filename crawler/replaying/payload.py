"""The bytes of one capture, out of its record."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crawler.capture.exchange import Place
from crawler.capture.message import Message
from crawler.capture.moment import moment
from crawler.errors import CannotRun
from crawler.replaying.answers import Unusable, answer
from crawler.replaying.kept import Kept, Spot
from crawler.words import tr


def message_of(folder: Path, capture: Mapping[str, Any]) -> Message:
    """What the portal sent: head and payload, the payload with its content coding.

    `capture` has captured_url, captured_at, payload_sha256 and the place of the record with the
    bytes: warc_file, warc_offset, warc_length. Raises CannotRun when the record is not there, is
    damaged, or holds other bytes.
    """
    name = capture["warc_file"]
    at = moment(capture["captured_at"])
    if name is None or at is None:
        raise CannotRun(tr("the bytes of this capture were not kept"))
    place = Place(name, capture["warc_offset"], capture["warc_length"])
    try:
        message = answer(Kept(capture["captured_url"], at, Spot(folder / name, place))).message
    except Unusable as error:
        raise CannotRun(tr("the record can't be read: {error}", error=error)) from None
    if hashlib.sha256(message.payload).hexdigest() != capture["payload_sha256"]:
        raise CannotRun(
            tr("the record in {file} is not what was captured; run luutru verify", file=name)
        )
    return message
