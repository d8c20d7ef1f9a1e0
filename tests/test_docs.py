"""The docs can't lie: their commands run, their tables and profiles are the real ones."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

import practice
from crawler.archive.descriptions import markdown
from crawler.cli import luutru as group
from crawler.profiles import parse
from tests.test_cli import luutru

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.vi.md", *sorted((ROOT / "docs").glob("*.md"))]
# What would leave this machine, or serve until it is stopped: only the words are checked.
NOT_RUN = (
    "luutru crawl ",
    "luutru rescue ",
    "luutru serve",
    "luutru portals check https:",
    "luutru schedule run",
    "luutru schedule now",
    "luutru schedule install",
    "luutru schedule uninstall",
    "luutru alarms --tell",
    "luutru copy",
    # tests/test_cluster.py runs it.
    "luutru status --in archives",
    "luutru replay archives --cluster",
    "luutru import warcs --cluster",
    # tests/test_units_search.py runs these in an archive of Kim Sơn.
    'luutru search hội nghị --unit "xã Bình Minh"',
    "luutru search --unit 14623",
    'luutru export csv --unit "huyện Kim Sơn"',
    # tests/test_thirty_portals.py runs it.
    'luutru search "nông thôn mới" --db /mnt/second',
)


def _commands(start: str, *pages: Path) -> list[str]:
    blocks = (
        block
        for page in pages or PAGES
        for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    )
    lines = (line.split("  #")[0].strip() for block in blocks for line in block.splitlines())
    return sorted({line for line in lines if line.startswith(start)})


def _toml(page: str) -> str:
    """The first example of TOML in one of the docs."""
    text = re.search(r"```toml\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)
    assert text
    return text.group(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive of the practice portal, merged as well, and the project's pages."""
    made = tmp_path_factory.mktemp("docs")
    (made / "tests").symlink_to(ROOT / "tests")
    (made / "luutru.toml").write_text(_toml("schedules.md"), "utf-8")
    (made / "secrets.env").write_text("SMTP_PASSWORD=x\nSLACK=x\n")
    (made / "secrets.env").chmod(0o600)
    with practice.running(articles=60, port=0) as url:
        assert luutru("crawl", url, "--delay", "0", cwd=made).returncode == 0
    # What other commands search, whichever of them runs first.
    assert luutru("merge", ".", "--db", "national.db", cwd=made).returncode == 0
    return made


@pytest.mark.parametrize("command", [c for c in _commands("luutru ") if not c.startswith(NOT_RUN)])
def test_every_luutru_command_runs(folder: Path, command: str) -> None:
    result = luutru(*shlex.split(command)[1:], cwd=folder)
    assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
    assert result.stdout


@pytest.mark.parametrize("command", [c for c in _commands("luutru ") if c.startswith(NOT_RUN)])
def test_every_other_luutru_command_is_understood(command: str) -> None:
    name, *words = shlex.split(command)[1:]
    found = group.get_command(click.Context(group), name)
    if isinstance(found, click.Group):
        found, words = found.get_command(click.Context(found), words[0]), words[1:]
    assert found is not None
    assert found.make_context(name, words).params


def test_make_targets_of_the_docs_exist() -> None:
    targets = {command.split()[1] for command in _commands("make ")}
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert targets >= {"demo", "test", "lint", "bench", "serve", "clean"}
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_python_and_scrapy_commands_of_the_docs_run() -> None:
    assert _commands("python -m practice")
    with practice.running(articles=500, day=7, port=0) as url:
        assert url.startswith("http://127.0.0.1:")
    scrapy = str(Path(sys.executable).with_name("scrapy"))
    assert [c for c in _commands("scrapy ") if c == "scrapy list"]
    assert subprocess.run([scrapy, "list"], cwd=ROOT, check=True, capture_output=True).stdout


def test_the_description_of_the_archive_is_up_to_date() -> None:
    assert (ROOT / "docs" / "archive.md").read_text("utf-8") == markdown()


def test_the_profile_in_the_docs_is_valid() -> None:
    assert parse(_toml("portals.md"), "kimson", "docs/portals.md").layouts


def test_links_inside_the_project_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("readme", PAGES[:2], ids=lambda p: p.name)
def test_the_readme_leads_to_every_page_of_its_language(readme: Path) -> None:
    end = readme.name.removeprefix("README")
    pages = {p.name.removesuffix(end) for p in PAGES[2:] if p.name.endswith(end)}
    named = set(re.findall(rf"docs/([\w-]+){re.escape(end)}\b", readme.read_text("utf-8")))
    assert {name for name in pages if "." not in name} <= named


@pytest.mark.parametrize(
    "page", [p for p in PAGES if p.name.endswith(".vi.md")], ids=lambda p: p.name
)
def test_both_languages_show_the_same_commands(page: Path) -> None:
    english = page.with_name(page.name.replace(".vi.md", ".md"))
    assert _commands("luutru ", page) == _commands("luutru ", english)
    assert page.name in english.read_text("utf-8")
    assert english.name in page.read_text("utf-8")


@pytest.mark.parametrize("name", group.list_commands(click.Context(group)))
def test_both_readmes_tell_of_every_command(name: str) -> None:
    for readme in PAGES[:2]:
        text = readme.read_text("utf-8")
        assert f"luutru {name}" in text or f"make {name}" in text, f"{readme.name}: {name}"
