"""The command `luutru`: finds the command's module, and turns errors into one line and exit codes.

Exit codes: 0 done; 1 done, but with a finding; 2 wrong use; 3 could not run.
"""

import os
import sqlite3
import sys
from importlib import import_module
from pathlib import Path

import click

from crawler import __version__, parent
from crawler.archive.connection import explained
from crawler.errors import LuutruError
from crawler.words import tr

_COMMANDS = (
    "demo",
    "crawl",
    "extract",
    "search",
    "show",
    "status",
    "report",
    "alarms",
    "copy",
    "portals",
    "serve",
    "verify",
    "export",
    "replay",
    "import",
    "schedule",
    "rescue",
    "watch",
    "hide",
    "unhide",
)
# `import` is a word of Python's own.
_MODULES = {"import": "imports"}


class _Commands(click.Group):
    """Loads a command's module when it is asked for: a search need not load Scrapy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = _MODULES.get(name, name)
        command: click.Command = getattr(import_module(f"crawler.commands.{module}"), module)
        return command


@click.command(
    cls=_Commands, help=tr("Rescue Vietnamese district portals into a searchable archive.")
)
@click.version_option(__version__, prog_name="luutru")
def luutru() -> None:
    """The group that every command belongs to."""


def main() -> None:
    """Run `luutru` with the arguments of the process and exit."""
    parent.tie()
    try:
        code = luutru.main(prog_name="luutru", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = 2
    except click.ClickException as error:
        code = _say(error.format_message().replace("\n", " "), 2)
    except LuutruError as error:
        code = _say(str(error), error.exit_code)
    except sqlite3.Error as error:
        wrong = explained(error, Path("archive.db"))
        code = _say(str(wrong), wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        code = _say(tr("stopped; run the same command again to go on"), 3)
    except BrokenPipeError:
        # The reader of the pipe (head, less) has seen enough; Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code or 0)


def _say(text: str, code: int) -> int:
    click.echo(f"luutru: {text}", err=True)
    return code
