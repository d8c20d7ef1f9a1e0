"""Writes the body of an article and everything that stands around it on its page."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from practice import addresses, chance
from practice.grammar import Scene, fill, person, texts
from practice.model import Article, Attachment, Block, Headline
from practice.planting import outbound, planted
from practice.spelling import old_placement

_PDF = "application/pdf"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_AUTHOR_SHARE = 75
_FEWEST_PARAGRAPHS, _MOST_PARAGRAPHS = 5, 12


def write(seed: int, head: Headline, old_spelling: bool) -> Article:
    """The article behind a headline."""
    dice = chance.dice(seed, "body", head.k)
    scene = Scene(head.commune, head.event_on, dice)
    blocks = _blocks(seed, head, scene)
    if old_spelling:
        blocks = [_spelled_old(block) for block in blocks]
    author = person(dice) if chance.percent(_AUTHOR_SHARE, seed, "author", head.k) else None
    names = texts("names")
    if author and head.category.layout == "table2009":
        author = f"{author} - {dice.choice(names['bylines'])}"
    return Article(
        head=head,
        blocks=tuple(blocks),
        author=author,
        source=dice.choice(names["sources"]) if head.category.layout == "nukeviet" else None,
        attachments=_attachments(seed, head, scene),
        outbound=tuple(block.link for block in blocks if block.link),
        planted=planted(seed, head.k),
        decomposed=head.category.layout != "table2009"
        and chance.percent(6, seed, "decomposed", head.k),
    )


def _blocks(seed: int, head: Headline, scene: Scene) -> list[Block]:
    common = texts("common")
    blocks = [Block("p", text) for text in _paragraphs(head, scene, common)]
    if linked := outbound(seed, head.k):
        blocks.insert(-1, _link(scene, common, *linked))
    if chance.percent(12, seed, "list", head.k):
        blocks[-1:-1] = _list(scene, common)
    if chance.percent(12, seed, "table", head.k):
        blocks[2:2] = _table(scene, common)
    for place in range(chance.number(3, seed, "figures", head.k)):
        blocks.insert(1 + 2 * place, _figure(head, scene, place, common))
    if head.edit == "body":
        blocks.append(_correction(seed, head, common))
    return blocks


def _paragraphs(head: Headline, scene: Scene, common: dict[str, Any]) -> list[str]:
    """An opening, middle paragraphs of two or three sentences, and a closing."""
    dice = scene.dice
    own = list(head.category.sentences)
    shared = list(common["sentences"])
    dice.shuffle(own)
    dice.shuffle(shared)
    paragraphs = [fill(f"{dice.choice(head.category.openings)} {own.pop()}", scene)]
    for _ in range(dice.randint(_FEWEST_PARAGRAPHS, _MOST_PARAGRAPHS) - 2):
        paragraphs.append(fill(" ".join(_some(dice, own, shared)), scene))
    paragraphs.append(fill(f"{shared.pop()} {dice.choice(common['closings'])}", scene))
    return paragraphs


def _some(dice: Random, own: list[str], shared: list[str]) -> list[str]:
    taken = [own.pop() if own else shared.pop(), shared.pop()]
    if own and dice.random() < 0.3:
        taken.insert(0, own.pop())
    return taken


def _correction(seed: int, head: Headline, common: dict[str, Any]) -> Block:
    """A late addition, by dice of its own: an edit must leave the rest of the page as it was."""
    dice = chance.dice(seed, "correction", head.k)
    scene = Scene(head.commune, head.event_on, dice)
    return Block("p", fill(dice.choice(common["corrections"]), scene))


def _link(scene: Scene, common: dict[str, Any], name: str, address: str) -> Block:
    template = scene.dice.choice(common["links"]).replace("{linklabel}", name)
    return Block("p", fill(template, scene), link=address, label=name)


def _list(scene: Scene, common: dict[str, Any]) -> list[Block]:
    items = scene.dice.sample(common["list_items"], scene.dice.randint(3, 5))
    rows = tuple((fill(item, scene),) for item in items)
    return [
        Block("p", fill(scene.dice.choice(common["list_intros"]), scene)),
        Block("list", rows=rows),
    ]


def _table(scene: Scene, common: dict[str, Any]) -> list[Block]:
    table = scene.dice.choice(common["tables"])
    rows = [tuple(table["header"])]
    for _ in range(scene.dice.randint(3, 6)):
        rows.append(tuple(fill(cell, scene) for cell in table["row"]))
    return [Block("p", fill(table["intro"], scene)), Block("table", rows=tuple(rows))]


def _figure(head: Headline, scene: Scene, place: int, common: dict[str, Any]) -> Block:
    caption = fill(scene.dice.choice(common["captions"]["texts"]), scene)
    ending = "png" if scene.dice.random() < 0.3 else "jpg"
    return Block("figure", caption, src=_upload(head, "anh", place, ending))


def _attachments(seed: int, head: Headline, scene: Scene) -> tuple[Attachment, ...]:
    if not chance.percent(15, seed, "attachments", head.k):
        return ()
    kinds = ((_PDF, "pdf"), (_DOCX, "docx"))
    chosen = kinds if chance.one_in(4, seed, "both", head.k) else (scene.dice.choice(kinds),)
    return tuple(_attachment(head, scene, place, *kind) for place, kind in enumerate(chosen))


def _attachment(
    head: Headline, scene: Scene, place: int, media_type: str, ending: str
) -> Attachment:
    material = texts("common")["attachments"]
    which = scene.dice.randrange(len(material["names"]))
    path = _upload(head, material["names"][which], place, ending)
    lines = [material["headings"][which], head.lead or head.commune]
    lines += [fill(line, scene) for line in material["lines"]]
    return Attachment(path, path.rsplit("/", 1)[1], media_type, tuple(lines))


def _upload(head: Headline, name: str, place: int, ending: str) -> str:
    """The file's address ends in the article's code, by which the server finds it again."""
    folder = f"/uploads/{head.at.year}/{head.at.month:02}"
    return f"{folder}/{name}-{addresses.code(head.k)}-{place + 1}.{ending}"


def _spelled_old(block: Block) -> Block:
    rows = tuple(tuple(map(old_placement, row)) for row in block.rows)
    return replace(
        block, text=old_placement(block.text), label=old_placement(block.label), rows=rows
    )
