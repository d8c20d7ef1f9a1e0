"""The arrows of the architecture, and promises that hold for the whole project."""

import ast
import configparser
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = {"crawler", "spiders", "pipelines", "browse", "practice"}
MAY_IMPORT = {
    "crawler": {"crawler"},
    "spiders": {"spiders", "crawler"},
    "pipelines": {"pipelines", "crawler"},
    "browse": {"browse", "crawler"},
    "practice": {"practice"},
}


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", sorted(OURS))
def test_packages_import_in_one_direction(package: str) -> None:
    files = list((ROOT / package).rglob("*.py"))
    assert files
    for file in files:
        # The demo is the one user of the practice portal.
        more = {"practice"} if file.name == "demo.py" else set()
        assert set(_imports(file)) & OURS <= MAY_IMPORT[package] | more, file


def _private_names_of_others(file: Path) -> Iterator[str]:
    """Names with a leading underscore that `file` takes from our other modules."""
    tree = ast.parse(file.read_text("utf-8"))
    ours = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OURS
    ]
    names = {name.name: name.asname or name.name for node in ours for name in node.names}
    yield from (name for name in names if name.startswith("_") and not name.startswith("__"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = node.value.id
            if node.attr.startswith("_") and module in names.values() and module.islower():
                yield f"{module}.{node.attr}"


@pytest.mark.parametrize("package", sorted(OURS))
def test_private_names_stay_in_their_module(package: str) -> None:
    for file in (ROOT / package).rglob("*.py"):
        assert list(_private_names_of_others(file)) == [], file


def test_the_docs_name_each_package_of_the_engine() -> None:
    told = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    packages = [f"crawler/{init.parent.name}/" for init in (ROOT / "crawler").glob("*/__init__.py")]
    assert len(packages) > 15
    assert [package for package in packages if f"`{package}`" not in told] == []


def test_only_the_archive_package_writes_sql() -> None:
    for package in OURS:
        for file in (ROOT / package).rglob("*.py"):
            if "archive" not in file.parts:
                text = file.read_text("utf-8").upper()
                assert "INSERT INTO" not in text, file
                assert "DELETE FROM" not in text, file


def test_scrapy_finds_the_project() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "scrapy.cfg")
    assert config["settings"]["default"] == "crawler.settings"
