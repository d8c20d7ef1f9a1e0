"""The option `--set`: a setting of Scrapy or ours for one command, checked before anything runs."""

import difflib
import json
import math
from collections.abc import Callable
from typing import Any

import click

from crawler.words import tr

_BOOLEANS = ("0", "1", "true", "false", "True", "False")


class Setting(click.ParamType[tuple[str, str]]):
    """A setting and its value: NAME=VALUE."""

    name = "setting"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Name and value, or a usage error."""
        name, equals, given = str(value).partition("=")
        if not equals or not name.isupper():
            self.fail(tr("{value} is no setting; write NAME=VALUE", value=value))
        if wrong := _wrong(name, given):
            self.fail(wrong)
        return name, given


set_option: Callable[[Any], Any] = click.option(
    "--set",
    "given",
    type=Setting(),
    multiple=True,
    metavar="NAME=VALUE",
    help=tr("Any setting of crawler/settings.py, such as RETRY_DELAY=5."),
)


def is_amount(text: str) -> bool:
    """Whether it is a number that something can be counted or measured by."""
    try:
        return 0 <= float(text) < math.inf
    except ValueError:
        return False


def _wrong(name: str, given: str) -> str | None:
    """What is wrong with a setting and its value, judged by the value that it has already."""
    # Only commands that crawl take settings, and only they need to wait for Scrapy.
    from scrapy.settings import default_settings

    from crawler import settings

    known = {**vars(default_settings), **vars(settings)}
    if name not in known:
        near = ", ".join(difflib.get_close_matches(name, filter(str.isupper, known), cutoff=0.7))
        told = tr("there is no setting {name}", name=name)
        return told + (tr(" (nearest: {names})", names=near) if near else "")
    own = known[name]
    if isinstance(own, bool):
        return None if given in _BOOLEANS else tr("{name} takes True or False", name=name)
    if isinstance(own, dict):
        is_object = given.startswith("{") and _is_json(given)
        return None if is_object else tr("{name} takes an object of JSON", name=name)
    if isinstance(own, int) and name in vars(settings) and is_amount(given):
        is_whole = given.isdecimal()
        return None if is_whole else tr("{name} takes a whole number", name=name)
    for number in _numbers(own, given):
        if not is_amount(number):
            return tr("{name} takes a number, not {number!r}", name=name, number=number)
    return None


def _numbers(own: object, given: str) -> list[str]:
    """What of the value has to be a number, since the setting's own value is one, or some."""
    if isinstance(own, list) and own and all(isinstance(each, int | float) for each in own):
        return given.split(",")
    return [given] if isinstance(own, int | float) else []


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
