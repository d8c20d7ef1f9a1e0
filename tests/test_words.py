"""Texts for people exist in both languages."""

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from crawler.words import tr, vietnamese

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
