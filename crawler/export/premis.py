"""PREMIS 3: the files of a bag, and all that was done to them, as XML (https://www.loc.gov/premis).

Elements come in the order of the schema premis-v3-0.xsd.
"""

import gzip
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lxml import etree

from crawler.export.digests import Fixity
from crawler.xmltext import permitted

_PREMIS = "http://www.loc.gov/premis/v3"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_ATTRIBUTES = {
    "premis": {
        "version": "3.0",
        f"{{{_XSI}}}schemaLocation": f"{_PREMIS} "
        "https://www.loc.gov/standards/premis/v3/premis-v3-0.xsd",
    },
    "object": {f"{{{_XSI}}}type": "file"},
    "eventType": {
        "authority": "eventType",
        "authorityURI": "http://id.loc.gov/vocabulary/preservation/eventType",
    },
}
# Keys in PRONOM, the registry of The National Archives.
_SQLITE = ("SQLite Database File Format", "3", "fmt/729")
_WARC_KEYS = {"1.0": "fmt/289", "1.1": "fmt/1281"}

Tree = tuple[str, "str | Iterable[Tree]"]
"""An element's name with its text or its children."""


def write(root: Path, files: dict[str, Fixity], events: Iterable[sqlite3.Row], out: Path) -> None:
    """Write the objects `files` (path under `root` to fixity) and the events to `out`.

    `events` are rows of `holdings.events`. Memory does not grow with their number.
    """
    agents: set[str] = set()
    # An event names a file as the archive does; in the bag the object is known by its path.
    paths = {_named_by_events(Path(path)): path for path in files}
    with etree.xmlfile(str(out), encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element(_named("premis"), _ATTRIBUTES["premis"], {None: _PREMIS, "xsi": _XSI}):
            for path, known in files.items():
                _put(xml, _object(root, path, known))
            for row in events:
                _put(xml, _event(row, paths.get(row["object"], row["object"])))
                agents.add(row["agent"])
            for agent in sorted(agents):
                _put(xml, _agent(agent))


def _named_by_events(path: Path) -> str:
    """`data/archive.db` as `archive.db`, `data/archive.warcs/originals/x` as `originals/x`."""
    return Path(*(path.parts[2:] or path.parts[1:])).as_posix()


def _put(xml: Any, tree: Tree) -> None:
    name, content = tree
    with xml.element(_named(name), _ATTRIBUTES.get(name, {})):
        if isinstance(content, str):
            xml.write(permitted(content))
            return
        for child in content:
            _put(xml, child)


def _named(name: str) -> str:
    return f"{{{_PREMIS}}}{name}"


def _object(root: Path, path: str, known: Fixity) -> Tree:
    characteristics: list[Tree] = [
        _fixity("SHA-256", known.sha256),
        _fixity("SHA-512", known.sha512),
        ("size", str(known.size)),
        _format(root / path),
    ]
    return (
        "object",
        [
            _identifier("object", path),
            ("objectCharacteristics", characteristics),
            ("originalName", Path(path).name),
        ],
    )


def _fixity(algorithm: str, digest: str) -> Tree:
    return ("fixity", [("messageDigestAlgorithm", algorithm), ("messageDigest", digest)])


def _format(path: Path) -> Tree:
    if path.name.endswith((".warc", ".warc.gz")):
        version = _warc_version(path)
        return _format_named("WARC", version, _WARC_KEYS.get(version))
    return _format_named(*_SQLITE)


def _format_named(name: str, version: str, key: str | None) -> Tree:
    designation: Tree = (
        "formatDesignation",
        [("formatName", name), ("formatVersion", version)],
    )
    if key is None:
        return ("format", [designation])
    registry: Tree = (
        "formatRegistry",
        [("formatRegistryName", "PRONOM"), ("formatRegistryKey", key)],
    )
    return ("format", [designation, registry])


def _warc_version(path: Path) -> str:
    """What the first record says (ISO 28500:2017, 5.3): files of other tools may be WARC/1.0."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as file:
        return str(file.readline(20).decode("ascii", "replace")).strip().removeprefix("WARC/")


def _event(row: sqlite3.Row, target: str) -> Tree:
    outcome: list[Tree] = [("eventOutcome", row["outcome"])]
    if row["detail"]:
        outcome.append(("eventOutcomeDetail", [("eventOutcomeDetailNote", row["detail"])]))
    return (
        "event",
        [
            _identifier("event", str(row["id"])),
            ("eventType", row["event_type"]),
            ("eventDateTime", row["at"]),
            ("eventOutcomeInformation", outcome),
            _identifier("linkingAgent", row["agent"]),
            _identifier("linkingObject", target),
        ],
    )


def _agent(name: str) -> Tree:
    return (
        "agent",
        [_identifier("agent", name), ("agentName", name), ("agentType", "software")],
    )


def _identifier(of: str, value: str) -> Tree:
    return (
        f"{of}Identifier",
        [(f"{of}IdentifierType", "local"), (f"{of}IdentifierValue", value)],
    )
