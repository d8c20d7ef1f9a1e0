"""Addresses and header fields as old tools wrote them, in bytes that may be no UTF-8."""

import codecs

_PERCENT = "percent-encode"


def text_of(data: bytes) -> str:
    """`data` as text; a byte that is no UTF-8 becomes `%E9`, as it was asked for."""
    return data.decode("utf-8", _PERCENT)


def _percent(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(f"%{byte:02X}" for byte in wrong), error.end


codecs.register_error(_PERCENT, _percent)
