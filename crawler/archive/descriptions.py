"""What tables and columns mean, for people: read from `descriptions.toml`."""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def tables() -> dict[str, dict[str, str]]:
    """Table name to {"about": ..., column: ...}, in the order of the design."""
    return tomllib.loads((files("crawler.archive") / "descriptions.toml").read_text("utf-8"))


def markdown() -> str:
    """The description of all tables as the page `docs/archive.md`."""
    parts = ["# The archive", _INTRODUCTION]
    for name, entry in tables().items():
        rows = [f"| `{column}` | {text} |" for column, text in entry.items() if column != "about"]
        parts.append(
            "\n".join(
                [f"## {name}", "", entry["about"], "", "| column | meaning |", "|---|---|", *rows]
            )
        )
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = """\
`archive.db` is one SQLite file (3.40 or newer, WAL mode). Times are ISO 8601 in UTC (`...Z`), dates
`YYYY-MM-DD`; text is NFC. Not known is empty, which is not the same as 0. This page is made from
`crawler/archive/descriptions.toml` by `make docs`.

`articles_fts` is the full-text index over title, summary, author, body and the text of attachments,
each as written and folded (no marks, đ as d). Its content is the view `articles_spellings`, and
triggers on `articles` keep it in step."""
