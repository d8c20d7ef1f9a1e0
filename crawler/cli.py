"""The command `luutru`: finds the command's module, and turns errors into one line and exit codes.

Exit codes: 0 done; 1 done, but with a finding; 2 wrong use; 3 could not run.
"""

import os
import sqlite3
import sys
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import click

from crawler import __version__, clicks, hangup, parent, terminal
from crawler.errors import LuutruError
from crawler.words import tr

# What the list of commands says of each: how its own help begins (a test holds them together).
_COMMANDS = {
    "demo": tr("Crawl the practice portal into the archive, then show a search."),
    "crawl": tr("Crawl portals: PORTAL is a profile's name (kimson) or a URL."),
    "extract": tr("Say what would be read from pages (files or URLs); archives nothing."),
    "search": tr("Search articles."),
    "show": tr("Show one article, by number or address: text, versions, views, evidence."),
    "status": tr("Portals, last runs and verdicts, problems by kind, what is due."),
    "report": tr("Report on a run: RUN is its number, or a portal's short name (its last)."),
    "alarms": tr("What stands that must be known: failures, drift, damage, a full disk."),
    "copy": tr("Copy the archive to second places, and check what is there: those of luutru.toml."),
    "portals": tr("The portal profiles and the CMSs they build on."),
    "units": tr("Provinces, districts and communes: what a place was, and what it became."),
    "serve": tr("Open the archive in a browser (Datasette), read-only, on this machine only."),
    "verify": tr("Fixity: recompute every digest, follow every row to its record and back."),
    "export": tr("Pack the archive for others: WACZ for replay, BagIt for preservation."),
    "replay": tr(
        "Read kept pages again, without the network: WARC or WACZ files into the "
        "archive, or an archive's own records."
    ),
    "import": tr(
        "Take in what other tools saved: WARC, WACZ and ARC files, folders of wget "
        "--mirror and HTTrack, MHTML and HTML files."
    ),
    "schedule": tr("Crawl by schedule: when to crawl what stands in luutru.toml."),
    "rescue": tr(
        "Rescue a portal out of a web archive: every capture that it lists, as far as it "
        "can deliver it."
    ),
    "merge": tr("Bring many archives into one that is searched as a whole."),
    "watch": tr("Saved searches: what is new after a crawl is told by mail, webhook or command."),
    "hide": tr("Hide an article from readers: search, site, feeds and exports; it is kept."),
    "unhide": tr("Show a hidden article to readers again."),
}
# `import` is a word of Python's own.
_MODULES = {"import": "imports"}


class _Commands(click.Group):
    """Loads a command's module when it is run: neither a search nor the list needs Scrapy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = _MODULES.get(name, name)
        command: click.Command = getattr(import_module(f"crawler.commands.{module}"), module)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(tr("Commands")):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(
    cls=_Commands, help=tr("Rescue Vietnamese district portals into a searchable archive.")
)
@click.version_option(__version__, prog_name="luutru", help=tr("Show the version and exit."))
def luutru() -> None:
    """The group that every command belongs to."""


def main() -> None:
    """Run `luutru` with the arguments of the process and exit."""
    hangup.taken_as_sigterm()
    parent.tie()
    clicks.speak()
    terminal.guard()
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
        from crawler.archive.connection import explained

        wrong = explained(error, _archive())
        code = _say(str(wrong), wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        code = _say(tr("stopped; run the same command again to go on"), 3)
    except UnicodeEncodeError as error:
        # A word that the terminal wrote otherwise; SQLite and files take it for no text.
        code = _say(
            tr("{word} is no UTF-8; set the terminal to it", word=ascii(error.object)[:80]), 2
        )
    except BrokenPipeError:
        # The reader of the pipe (head, less) has seen enough; Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        code = _say(f"{where}{error.strerror or error}", 3)
    sys.exit(code or 0)


def _archive() -> Path:
    """The archive that the command was about: what `--db` names."""
    words = sys.argv[1:]
    named = [word.removeprefix("--db=") for word in words if word.startswith("--db=")]
    named += [value for option, value in pairwise(words) if option == "--db"]
    return Path(named[0] if named else "archive.db")


def _say(text: str, code: int) -> int:
    click.echo(f"luutru: {text}", err=True)
    return code
