"""The lines that end an article's text: who wrote it, and where it was taken from."""

import re
from itertools import chain, islice

from crawler.selectors import label_of
from pipelines.byline import OFFICE
from pipelines.lines import AUTHOR_LABEL, SOURCE_LABEL
from pipelines.names import holds_office, is_abbreviation, is_no_name, is_signature, names_in
from pipelines.paragraphs import Paragraph
from pipelines.pointers import has_file
from pipelines.prose import Prose

_AGENCY = re.compile(r"\((?:[A-ZĐ]{3,}(?:/[^()]{2,25})?|\w+\+)\)")
# A long read ends in "Nội dung: ...", "Thiết kế: ...".
_CONTENT = re.compile(r"nội dung\s*:\s*(?P<name>[^.:]{3,60})", re.IGNORECASE)
_DESIGN = re.compile(r"(?:thiết kế|đồ họa|trình bày|kỹ thuật)\s*:\s*[^.:]{3,60}", re.IGNORECASE)
_NOTE = re.compile(
    r"\*|\W+$|\(còn (?:nữa|tiếp)\)|(?:kỳ|bài)\s+(?:tới|sau|cuối|\d+)\s*:", re.IGNORECASE
)
_ENDS = (".", "!", "?", "…", ":")
_LONGEST_BYLINE = 90
_LONGEST_NAMES = _LONGEST_SOURCE = 60
_SIGNATURE_LINES = 4
_FEW_BOXES = 2


def take_byline(prose: Prose) -> str | None:
    """Takes the author's line, and a line naming the source, off the end of the text."""
    written = [p for p in prose.paragraphs if p.text]
    closing: list[Paragraph] = []
    is_designed = is_noted = False
    for place in range(len(written) - 1, max(0, len(written) - 4), -1):
        line = written[place]
        if has_file(line):
            # The files that an article offers stand under the name.
            continue
        if _is_byline(line, written[:place]) and (line.is_right or not is_noted):
            prose.take_out([*closing, line])
            return line.text.split("\n")[0].strip()
        if _is_note(line):
            is_noted = True
            continue
        closing.append(line)
        if _AGENCY.fullmatch(line.text) or (line.is_right and is_abbreviation(line.text)):
            prose.take_out(closing)
        elif is_designed and (content := _CONTENT.fullmatch(line.text)):
            prose.take_out(closing)
            return content["name"]
        elif _DESIGN.fullmatch(line.text):
            is_designed = True
        elif not _is_source(line.text):
            return None
    return None


def _is_note(line: Paragraph) -> bool:
    """Whether an editor wrote it under the author's name: what comes next, what was changed."""
    if _NOTE.match(line.text):
        return True
    return line.text.endswith(_ENDS) and line.is_all_in("em", "i")


def _is_source(text: str) -> bool:
    """Whether a closing line names where the text was taken from: "(Theo VOV)", "(TTXVN)"."""
    if len(text) > _LONGEST_SOURCE or text.endswith(_ENDS):
        return False
    return bool(SOURCE_LABEL.match(text) or _AGENCY.fullmatch(text))


def _is_byline(paragraph: Paragraph, above: list[Paragraph]) -> bool:
    line = paragraph.text.split("\n")[0].strip(" []")
    if line.startswith("(") or ")" not in line:
        line = line.strip("()")
    if len(paragraph.text) > _LONGEST_BYLINE or len(line) < 2:
        return False
    if labelled := AUTHOR_LABEL.match(line):
        return len(labelled["name"]) <= _LONGEST_NAMES
    is_office = paragraph.is_right and OFFICE.match(line)
    is_name = names_in(line) and not is_no_name(line)
    if not (is_office or is_name) or _is_source(paragraph.text):
        return False
    # A document's signer, or the last in a list of names, is not who wrote the page.
    if any(is_signature(p.text) for p in above[-_SIGNATURE_LINES:]) or names_in(above[-1].text):
        return False
    if holds_office(above[-1].text):
        return False
    if _is_quoted(paragraph):
        return False
    stands_out = paragraph.is_right or paragraph.is_all_in("b", "strong", "em", "i")
    has_initials = "." in line.rstrip(".")
    return stands_out or has_initials or 2 <= len(line.split()) <= 5


def _is_quoted(paragraph: Paragraph) -> bool:
    """Whether its box is called a quotation: the name there is of whom the article quotes."""
    boxes = chain([paragraph.block], islice(paragraph.block.iterancestors(), _FEW_BOXES))
    return any("quote" in label_of(box) for box in boxes)
