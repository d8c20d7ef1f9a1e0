"""Pages that hold personal data by their nature: directories, questions and answers, complaints.

They are archived like all others, but hidden from readers until a person decides otherwise
(`luutru unhide`). What kind a page is, its section says; words inside a news article say nothing.
"""

import re
from urllib.parse import unquote, urlsplit

from crawler.vietnamese import fold

# In sections' names and in the folders of addresses, without marks.
_SECTIONS = {
    "danh ba": "a directory",
    "hoi dap": "questions and answers",
    "giai dap thac mac": "questions and answers",
    "phan anh kien nghi": "complaints of citizens",
    "gop y": "letters of citizens",
}
_NOT_LETTERS = re.compile(r"[\W_]+")


def why_private(url: str, category: str | None) -> str | None:
    """Why an article is hidden at first, as `articles.hidden_why` has it; None if it is not.

    `category` is the portal's section. Of `url` the folders count: the last part of its path names
    the article itself.
    """
    folders = urlsplit(url).path.split("/")[:-1]
    named = [_plain(name) for name in (category or "", *map(unquote, folders))]
    for words, kind in _SECTIONS.items():
        if any(f" {words} " in name for name in named):
            return f"{kind} may hold personal data (section “{words}”)"
    return None


def _plain(name: str) -> str:
    return f" {_NOT_LETTERS.sub(' ', fold(name).lower()).strip()} "
