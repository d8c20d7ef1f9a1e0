"""Reasons of verdicts and suspicions in the reader's language; the archive has them in English."""

import re
from functools import cache

from crawler.archive import rescues
from crawler.archive.forms import FORMS
from crawler.reporting.causes import cause, pattern_of
from crawler.words import tr

_FORMS = FORMS | rescues.FORMS


def retold(reason: str) -> str:
    """`reason`, a line of `runs.verdict_reasons`, translated as far as its form is known."""
    for name, pattern in _patterns():
        if found := pattern.fullmatch(reason):
            values = found.groupdict()
            told = {"why": cause(values["why"])} if "why" in values else {}
            return tr(_FORMS[name], **values | told) if values else tr(_FORMS[name])
    return reason


def suspected(why: str) -> str:
    """`suspect_links.why`, its signs translated as far as they are known."""
    return "; ".join(_sign(*sign.partition(": ")) for sign in why.split("; "))


def _sign(name: str, colon: str, detail: str) -> str:
    return f"{tr(name)}{colon}{detail}"


def form_of(reason: str) -> str:
    """The name of the form that `reason` has, a key of FORMS; `other` when none is known."""
    return next((name for name, pattern in _patterns() if pattern.fullmatch(reason)), "other")


@cache
def _patterns() -> tuple[tuple[str, "re.Pattern[str]"], ...]:
    return tuple((name, re.compile(pattern_of(form))) for name, form in _FORMS.items())
