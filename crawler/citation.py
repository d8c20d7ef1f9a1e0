"""References to an archived article: text, BibTeX, CSL-JSON. Pure functions of its facts."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """What a reference names. Dates are YYYY-MM-DD, times ISO 8601 in UTC."""

    title: str | None
    author: str | None
    portal: str
    """Name of the portal."""
    published_on: str | None
    url: str
    """The original address."""
    captured_at: str
    """When the page was captured."""
    sha256: str
    """Hex digest of the captured payload."""
    record: str | None
    """WARC file and byte offset of the record, `name.warc.gz#1234`; None when it is not kept."""
    key: str
    """What BibTeX and CSL call it: letters, digits, hyphens."""


def source_of(article: Mapping[str, Any], version: int | None = None) -> Source:
    """The reference's facts, from an article as `crawler.archive.reports.article` gives it.

    `version`, counted from 1, is cited by the capture that showed it first, at the address of
    then; without it the article is cited as it was captured last. IndexError without that version.
    """
    said = article if version is None else article["versions"][version - 1]
    shown = next(c for c in article["captures"] if c["id"] == said["capture_id"])
    file = shown["warc_file"]
    key = f"{article['portal']}-{article['id']}" + (f"-v{version}" if version else "")
    return Source(
        title=said["title"],
        author=said["author"],
        portal=article["portal_name"],
        published_on=said["published_on"],
        url=article["url"] if version is None else shown["url"] or article["url"],
        captured_at=shown["captured_at"],
        sha256=shown["payload_sha256"],
        record=f"{file}#{shown['warc_offset']}" if file else None,
        key=re.sub(r"[^a-z0-9]+", "-", key.lower()),
    )


def text(source: Source) -> str:
    """The reference as one paragraph."""
    title = f"“{source.title}”" if source.title else None
    dated = _day_first(source.published_on) if source.published_on else None
    parts = [source.author, title, source.portal, dated, source.url]
    return f"{'. '.join(part for part in parts if part)}. {_kept(source)}"


def _kept(source: Source) -> str:
    where = f", WARC {source.record}" if source.record else ""
    return f"Captured {source.captured_at}, SHA-256 {source.sha256}{where}."


def _day_first(day: str) -> str:
    return "/".join(reversed(day.split("-")))


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    # BibTeX counts braces, those behind a backslash too.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    **{letter: f"\\{letter}" for letter in "&%$#_"},
}


def bibtex(source: Source) -> str:
    """The reference as a BibLaTeX `@online` entry in UTF-8, special characters escaped."""
    fields = {
        # A second pair of braces keeps an institution one name, and a title in its own case.
        "title": _braced(source.title),
        "author": _braced(source.author),
        "organization": _escaped(source.portal),
        "date": source.published_on,
        "url": _address(source.url),
        "urldate": source.captured_at[:10],
        "note": _escaped(_kept(source)),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{{source.key},", *lines, "}"])


def _escaped(words: str) -> str:
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(words.split()))


def _braced(words: str | None) -> str | None:
    return f"{{{_escaped(words)}}}" if words else None


def _address(url: str) -> str:
    """BibLaTeX takes addresses as they are; only braces would end the field."""
    return url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def csl(source: Source) -> str:
    """The reference as CSL-JSON 1.0: a list of one item of type webpage."""
    facts = {
        "id": source.key,
        "type": "webpage",
        "title": source.title,
        "author": [{"literal": source.author}] if source.author else None,
        "container-title": source.portal,
        "issued": _date_parts(source.published_on) if source.published_on else None,
        "accessed": _date_parts(source.captured_at[:10]),
        "URL": source.url,
        "archive": "Lưu Trữ",
        "archive_location": source.record,
        "note": _kept(source),
        "language": "vi",
    }
    item = {name: value for name, value in facts.items() if value is not None}
    return json.dumps([item], ensure_ascii=False, indent=2)


def _date_parts(day: str) -> dict[str, list[list[int]]]:
    return {"date-parts": [[int(part) for part in day.split("-")]]}


FORMS = {"text": text, "bibtex": bibtex, "csl": csl}
"""By the name that `luutru show --cite` takes."""
