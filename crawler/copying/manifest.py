"""`manifest-sha256.txt`: what lies in a copy, as `sha256sum -c` reads it."""

from collections.abc import Mapping

NAME = "manifest-sha256.txt"

Digests = dict[str, str]
"""Path in the copy to SHA-256 in hex digits."""


def parsed(text: str) -> Digests:
    """The digests that a manifest lists; ValueError when it is none."""
    found = {}
    for line in text.splitlines():
        digest, _, path = line.partition("  ")
        if len(digest) != 64 or not path:
            raise ValueError(line[:80])
        found[path] = digest
    return found


def written(digests: Mapping[str, str]) -> str:
    """The text of a manifest."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items()))
