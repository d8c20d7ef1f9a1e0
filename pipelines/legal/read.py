"""Every official document that a page shows: its own, those of a list, those of blocks."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, takewhile
from typing import Any

from crawler.items import Attachment, LegalDocument, Problem, Reading
from crawler.selectors import label_of, text_of
from crawler.vietnamese import squeeze
from pipelines.beside import is_beside
from pipelines.found import Found, Unreadable
from pipelines.legal.pairs import Pair, pairs_in
from pipelines.legal.tables import Table, cells_of, tables_in
from pipelines.legal.values import READERS, Value, is_nothing, kind_of, number_in
from pipelines.offered import file_in
from pipelines.prose import join

# Without these a page shows no document; to go through all its elements for labels is slow.
_HINT = re.compile(r"[ýÝíÍốỐyY] (?:hiệu|HIỆU|văn bản|VĂN BẢN|ban hành|BAN HÀNH)")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "a")
_OFFERING = ("a", "iframe", "embed", "object", "button", "span")
_ITEM = ("legal", "document", "vanban", "van-ban")
_FEWEST_FACTS = 3
_LEVELS, _SIBLINGS = 3, 4
MOST = 500
"""Documents of one page; the longest real lists have a hundred rows."""


@dataclass(frozen=True, slots=True)
class _Source:
    """The page that documents are read from."""

    url: str
    fetched_at: datetime


def read_documents(
    tree: Any, lines: Iterable[str], url: str, fetched_at: datetime
) -> tuple[LegalDocument, ...]:
    """The documents that a page with these `lines` shows, in its order; mostly none."""
    if not any(map(_HINT.search, lines)):
        return ()
    page = _Source(url, fetched_at)
    tables = list(tables_in(tree))
    found = [document for table in tables for document in _rows(table, page)]
    pairs = list(pairs_in(tree, [table.element for table in tables]))
    return tuple([*found, *_described(pairs, page)][:MOST])


def _rows(table: Table, page: _Source) -> Iterator[LegalDocument]:
    for row in table.rows:
        facts = [Pair(field, label, text, cell) for field, (label, text, cell)
                 in cells_of(row, table).items()]  # fmt: skip
        known = {fact.field for fact in facts}
        facts += [pair for pair in pairs_in(row) if pair.field not in known]
        if made := _document(facts, row, page, "column", _link(row, page)):
            yield _listed(made)


def _described(pairs: list[Pair], page: _Source) -> Iterator[LegalDocument]:
    """The document that the page is about, or those of several blocks with the same labels."""
    repeated = _repeated(pairs)
    if repeated is None:
        yield from _alone(pairs, page)
        return
    for box, own in _blocks(pairs, repeated).items():
        if made := _document(_titled(own, box), box, page, "label", _link(box, page)):
            yield _listed(made)


def _blocks(pairs: list[Pair], repeated: str) -> dict[Any, list[Pair]]:
    """The facts of each document by its block: the widest box that holds the field just once."""
    anchors = [pair.element for pair in pairs if pair.field == repeated][:MOST]
    held = Counter(box for anchor in anchors for box in (anchor, *anchor.iterancestors()))
    blocks: dict[Any, list[Pair]] = {
        [box for box in (anchor, *anchor.iterancestors()) if held[box] == 1][-1]: []
        for anchor in anchors
        if held[anchor] == 1
    }
    for pair in pairs:
        around = (pair.element, *pair.element.iterancestors())
        if (block := next((box for box in around if box in blocks), None)) is not None:
            blocks[block].append(pair)
    return blocks


def _repeated(pairs: list[Pair]) -> str | None:
    """The field that tells the documents of a page apart, if there are several.

    Some pages print all facts of their one document twice.
    """
    if numbers := {pair.value for pair in pairs if pair.field == "number"}:
        return "number" if len(numbers) > 1 else None
    counts = Counter(pair.field for pair in pairs)
    return next((field for field in ("issued_on", "abstract") if counts[field] > 1), None)


def _alone(pairs: list[Pair], page: _Source) -> Iterator[LegalDocument]:
    fields = {pair.field for pair in pairs}
    box = _item_around(pairs[0].element) if pairs else None
    if box is not None and len(fields) < _FEWEST_FACTS:
        made = _document(_titled(pairs, box), box, page, "label", _link(box, page))
        made = _listed(made) if made else None
    elif len(fields) >= _FEWEST_FACTS and fields & {"number", "abstract"}:
        boxes = _around(pairs)
        box = next((box for box in boxes if _files(box, page.url)), pairs[0].element)
        made = _document(pairs, box, page, "label", None)
    else:
        made = None
    if made:
        yield made


def _document(
    facts: Iterable[Pair], box: Any, page: _Source, how: str, url: str | None
) -> LegalDocument | None:
    """A document with the files in `box`, if a number, or an abstract and a date, stand there."""
    values: dict[str, Value] = {}
    for fact in facts:
        if fact.field not in values and not is_nothing(fact.value):
            rule = f"{how}: {fact.label}"
            values[fact.field] = READERS[fact.field](fact.value, rule, page.fetched_at)
    _complete(values, page)
    if not _is_document(values):
        return None
    read = {field: values.get(field) for field in READERS}
    told: dict[str, Any] = {f: v.value for f, v in read.items() if isinstance(v, Found)}
    return LegalDocument(
        **told,
        url=url,
        files=_files(box, page.url),
        readings=tuple(Reading(f, found.raw, found.rule) for f, found in read.items() if found),
        problems=tuple(_problems(read)),
    )


def _listed(document: LegalDocument) -> LegalDocument:
    """The document with what tells it from the others of its list, the surest of it."""
    files = [file.url for file in document.files]
    place = document.number or next(iter(files), None) or document.abstract or ""
    return replace(document, place=place[:300])


def _complete(values: dict[str, Value], page: _Source) -> None:
    """What other facts say: the number that the abstract names, the kind that its sign means."""
    abstract, number = values.get("abstract"), values.get("number")
    if number is None and isinstance(abstract, Found):
        values["number"] = number = number_in(abstract.value, page.fetched_at)
    if values.get("kind") is None and isinstance(number, Found):
        values["kind"] = kind_of(number.value)


def _is_document(values: dict[str, Value]) -> bool:
    if isinstance(values.get("number"), Found):
        return True
    return bool(values.get("abstract") and isinstance(values.get("issued_on"), Found))


def _problems(read: dict[str, Value]) -> Iterator[Problem]:
    for field, found in read.items():
        if isinstance(found, Unreadable):
            reason = f"{found.rule}: can't read {found.raw[:100]!r}"
            yield Problem(reason, f"document: {field}")


def _titled(pairs: list[Pair], box: Any) -> list[Pair]:
    """The facts of a block, its heading or first link as the abstract where no label names one."""
    if any(pair.field == "abstract" for pair in pairs):
        return pairs
    for element in box.iter(*_HEADINGS):
        if title := text_of(element):
            return [*pairs, Pair("abstract", "heading", title, element)]
    return pairs


def _item_around(element: Any) -> Any | None:
    """The block around a single document whose name says so, as list pages with one entry have."""
    named = (e for e in element.iterancestors() if any(word in label_of(e) for word in _ITEM))
    return next(named, None)


def _around(pairs: list[Pair]) -> Iterator[Any]:
    """The box that holds all facts, what stands right below it, and the same one and two levels up.

    The page as a whole is none of them: files of its sidebar are not the document's.
    """
    shared = set.intersection(*(set(pair.element.iterancestors()) for pair in pairs))
    box = next(e for e in pairs[0].element.iterancestors() if e in shared)
    for _ in range(_LEVELS):
        yield box
        yield from takewhile(_is_own, islice(box.itersiblings(), _SIBLINGS))
        box = box.getparent()
        if box is None or box.tag in ("body", "html"):
            return


def _is_own(element: Any) -> bool:
    return isinstance(element.tag, str) and not is_beside(element)


def _link(box: Any, page: _Source) -> str | None:
    """The document's own page: the first link that is no file and no script."""
    for element in box.iter("a"):
        href = squeeze(element.get("href") or "")
        if not href or href.startswith(("#", "javascript:", "mailto:")):
            continue
        if file_in(element, page.url) is None:
            return join(page.url, href)
    return None


def _files(box: Any, url: str) -> tuple[Attachment, ...]:
    found = (
        file_in(element, url) for element in box.iter("a", "iframe", "embed", "object", "button")
    )
    return tuple({file.url: file for file in found if file}.values())
