"""Text of strangers in XML."""

# What XML 1.0 can't hold (section 2.2); old pages and names of files have such letters.
_FORBIDDEN = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def permitted(text: str) -> str:
    """`text` without the letters that no XML document can hold."""
    return text.translate(_FORBIDDEN)
