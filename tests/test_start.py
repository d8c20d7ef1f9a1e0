"""What people ask often starts at once: it does not wait for modules that it has no use for."""

import json
import subprocess
import sys

import click
import pytest

from crawler.cli import luutru
from tests.conftest import Archive

HEAVY = {
    "OpenSSL", "apscheduler", "bs4", "cryptography", "datasette", "dateparser", "fsspec", "httpx",
    "jinja2", "nh3", "pypdf", "scrapy", "trafilatura", "twisted", "uvicorn", "warcio",
}  # fmt: skip
"""Each takes 20 to 250 ms to load."""
LOADED = """
import json, sys
from crawler.cli import main
try:
    main()
except SystemExit as end:
    print(json.dumps([end.code, *{name.partition(".")[0] for name in sys.modules}]))
"""


def _started(*words: str) -> tuple[int, set[str]]:
    """The exit code of `luutru WORDS`, and the packages that it has loaded."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED, *words], capture_output=True, text=True, check=True
    )
    code, *packages = json.loads(run.stdout.splitlines()[-1])
    return code, set(packages)


@pytest.mark.parametrize(
    ("words", "code", "heavy"),
    [
        (("search", "nong"), 0, HEAVY | {"lxml", "w3lib"}),
        (("search", "nong", "--facets", "--json"), 0, HEAVY | {"lxml", "w3lib"}),
        (("show", "1"), 0, HEAVY),
        (("status",), 1, HEAVY),
    ],
)
def test_reading_an_archive_loads_no_crawler(
    archive: Archive, words: tuple[str, ...], code: int, heavy: set[str]
) -> None:
    archive.keep("/1", "Nông thôn mới", "Làm đường liên thôn.")
    ended, packages = _started(*words, "--db", str(archive.path))
    assert ended == code
    assert "sqlite_utils" in packages
    assert packages & heavy == set()


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("no-such-command",)])
def test_help_loads_no_command(words: tuple[str, ...]) -> None:
    _, packages = _started(*words)
    assert "click" in packages
    assert packages & (HEAVY | {"lxml", "rich", "sqlite_utils"}) == set()


def test_the_list_says_of_each_command_how_its_own_help_begins() -> None:
    context = click.Context(luutru, terminal_width=200, max_content_width=200)
    listed = luutru.get_help(context).partition("Commands:\n")[2]
    said = dict(line.split(maxsplit=1) for line in listed.splitlines())
    for name in luutru.list_commands(context):
        command = luutru.get_command(context, name)
        assert command is not None
        assert (command.help or "").startswith(said[name])
        assert said[name].endswith(".")
