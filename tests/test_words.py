"""Texts for people exist in both languages."""

import ast
import re
from pathlib import Path

import click
import pytest
from jinja2 import Environment, nodes

from crawler.words import tr, vietnamese
from tests.test_cli import luutru

ROOT = Path(__file__).parent.parent


def _texts() -> set[str]:
    calls = (
        node
        for folder in ("crawler", "browse")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
    )
    return {
        ast.literal_eval(call.args[0])
        for call in calls
        if getattr(call.func, "id", "") == "tr" and isinstance(call.args[0], ast.Constant)
    }


def _texts_of_templates() -> set[str]:
    calls = (
        call
        for file in (ROOT / "browse" / "templates").rglob("*.html")
        for call in Environment(autoescape=True).parse(file.read_text("utf-8")).find_all(nodes.Call)
    )
    return {
        call.args[0].value
        for call in calls
        if getattr(call.node, "name", "") == "t" and isinstance(call.args[0], nodes.Const)
    }


def test_every_text_has_a_vietnamese_one_with_the_same_names() -> None:
    texts = _texts()
    assert len(texts) > 50
    assert len(_texts_of_templates()) > 50
    texts |= _texts_of_templates()
    assert texts - vietnamese().keys() == set()
    for english, translated in vietnamese().items():
        assert sorted(re.findall(r"{\w+", english)) == sorted(re.findall(r"{\w+", translated))


def _written() -> str:
    """All that may be a text or hold one: constants of our code and of Click, templates, facts."""
    folders = [ROOT / name for name in ("crawler", "browse", "pipelines")]
    files = [
        each for folder in [*folders, Path(click.__file__).parent] for each in folder.rglob("*")
    ]
    constants = (
        node.value
        for file in files
        if file.suffix == ".py"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    others = (
        " ".join(file.read_text("utf-8").split())
        for file in files
        if file.suffix in (".html", ".toml") and file.name != "vi.toml"
    )
    return "\n".join([*constants, *others])


def test_no_text_is_left_that_nobody_says() -> None:
    written = _written()
    assert [text for text in vietnamese() if text not in written] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show"], "luutru: Thiếu đối số 'ID|URL'.\n"),
        (["frob"], "luutru: Không có lệnh 'frob'.\n"),
        (["serve", "--port", "70000"], "luutru: Giá trị không hợp lệ cho '--port': 70000 không"),
        (["show", "1", "2", "3"], "luutru: Thừa đối số (3)\n"),
    ],
)
def test_wrong_use_is_said_in_the_users_language(
    monkeypatch: pytest.MonkeyPatch, words: list[str], says: str
) -> None:
    monkeypatch.setenv("LUUTRU_LANG", "vi")
    result = luutru(*words)
    assert (result.returncode, result.stderr[: len(says)]) == (2, says)


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({"LUUTRU_LANG": "vi"}, "tiêu đề"),
        ({"LUUTRU_LANG": "", "LANG": "vi_VN.UTF-8"}, "tiêu đề"),
        ({"LUUTRU_LANG": "en", "LANG": "vi_VN.UTF-8"}, "title"),
    ],
)
def test_the_language_is_the_users(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], text: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert tr("title") == text
