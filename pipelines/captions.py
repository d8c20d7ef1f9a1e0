"""An article's images with the captions that stand under them."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Any

from crawler.items import Image
from crawler.vietnamese import squeeze
from pipelines.lines import AUTHOR_LABEL
from pipelines.paragraphs import Paragraph
from pipelines.prose import join

_CAPTION_NAME = re.compile(
    r"caption|\bcap\b|(?:img|image|photo|pic)-?(?:cap\b|desc|note)|chu-?thich|\b(?:image|img|photo)\b",
    re.I,
)
_NO_PICTURE = re.compile(
    r"smil|emoji|icon|spacer|blank\.gif|pixel|sprite|loading\.gif"
    r"|\b(?:\w+[-_])?(?:clock|eye|printer?)\d*\.(?:png|svg|gif)",
    re.I,
)
_SOURCES = ("data-original", "data-src", "data-lazy-src", "data-large", "src")
# "Các đại biểu dự hội nghị. Ảnh: Thu Hà"; a byline ("Tin, ảnh: Thu Hà") begins with it.
_CREDIT = re.compile(
    r"[\w.!?)][.)\s]*\(?(?:Ảnh|ẢNH|Nguồn ảnh|Photo|Video|Clip)\s*:\s*[^.:]{2,40}\.?\)?$"
)
_PLAYER = re.compile(r"(?:video|clip)\s*:", re.IGNORECASE)
"""How a line begins that tells what a player shows, which is no part of the text."""
_PARTS = frozenset({"tr", "tbody", "table", "ul", "ol"})
_LONGEST = 150
"""Longer texts under a picture are the prose of a picture story; figcaptions may be longer."""


def captioned(paragraphs: list[Paragraph], url: str) -> tuple[tuple[Image, ...], list[Paragraph]]:
    """The images in their order, and the paragraphs that are captions."""
    captions: list[Paragraph] = []
    images: list[Image] = []
    for place, paragraph in enumerate(paragraphs):
        addresses = list(_addresses(paragraph.images, url))
        caption = _caption(paragraphs, place) if paragraph.images else None
        if caption:
            captions.append(caption)
        text = squeeze(caption.text) if caption else None
        images.extend(Image(a, text if a == addresses[-1] else None) for a in addresses)
    captions += [p for p in paragraphs if p.text and _is_named(p) and p not in captions]
    return tuple({image.url: image for image in images}.values()), captions


def _caption(paragraphs: list[Paragraph], place: int) -> Paragraph | None:
    """The paragraph that tells what the image at `place` shows."""
    image = paragraphs[place]
    if image.text and len(image.text) <= _LONGEST and _is_under_picture(image):
        return image
    if image.text and not _ends_in_picture(image):
        return None
    if place + 1 == len(paragraphs):
        return None
    below = paragraphs[place + 1]
    if below.images or not below.text:
        return None
    return below if _is_named(below) or _looks_like_caption(image, below) else None


def _is_under_picture(image: Paragraph) -> bool:
    """Whether the words beside the picture are set as a caption, or share its box with it."""
    return image.is_all_in("em", "i") or _is_named(image)


def _ends_in_picture(paragraph: Paragraph) -> bool:
    """Whether a picture stands behind its words, in the same `p`."""
    picture = paragraph.images[-1]
    return picture.getnext() is None and not (picture.tail or "").strip()


def _is_named(paragraph: Paragraph) -> bool:
    around = [e for e in (paragraph.block, paragraph.block.getparent()) if e is not None]
    if any(element.tag == "figcaption" for element in around):
        return True
    if len(paragraph.text) > _LONGEST or (paragraph.images and not paragraph.text):
        return False
    if _is_in_figure(paragraph, around[-1].getparent()):
        return True
    if ":" in paragraph.text and _tells_of_unseen(paragraph):
        return True
    return any(
        _names_caption(element.get("class") or "") and _is_short(element) for element in around
    )


def _tells_of_unseen(paragraph: Paragraph) -> bool:
    """Whether a line set apart tells what a player, or a picture that a script loads, shows."""
    text = paragraph.text
    # Who took the picture may stand below the author, too.
    is_one_line = text.count(":") == 1 and "\n" not in text and not AUTHOR_LABEL.match(text)
    if not ((is_one_line and _CREDIT.search(text)) or _PLAYER.match(text)):
        return False
    return paragraph.is_centred or paragraph.is_all_in("b", "strong", "em", "i")


def _is_in_figure(paragraph: Paragraph, box: Any) -> bool:
    """Whether a picture's own element holds it: who took the picture stands under the caption."""
    if box is None or paragraph.images:
        return False
    around = (paragraph.block, paragraph.block.getparent(), box)
    return any(e.tag == "figure" and e.find(".//img") is not None for e in around)


@lru_cache(maxsize=4_000)
def _names_caption(names: str) -> bool:
    return bool(_CAPTION_NAME.search(names))


def _is_short(element: Any) -> bool:
    """Whether a box with a caption's name holds no more than one; it may be the whole text's."""
    return all(length <= 2 * _LONGEST for length in accumulate(map(len, element.itertext())))


def _looks_like_caption(image: Paragraph, below: Paragraph) -> bool:
    if len(below.text) > _LONGEST:
        return False
    if below.is_all_in("em", "i") or _CREDIT.search(below.text) or _is_boxed(image, below):
        return True
    return (below.is_centred and not below.is_all_in("b", "strong")) or _is_row_below(image, below)


def _is_boxed(image: Paragraph, below: Paragraph) -> bool:
    """Whether a box of their own holds the picture and this line, and nothing else.

    Sentences under the pictures of a picture story are its text.
    """
    box = below.block.getparent()
    if box is None or box.getparent() is None or box.tag in _PARTS or below.text.endswith("."):
        return False
    holds = image.block is box or box in image.block.iterancestors()
    return holds and squeeze("".join(box.itertext())) == below.text


def _is_row_below(image: Paragraph, below: Paragraph) -> bool:
    """A table of two rows, picture above and text below, is how old editors set captions."""
    table = _table_of(below)
    return table is not None and _table_of(image) is table and len(table.findall(".//tr")) <= 2


def _table_of(paragraph: Paragraph) -> Any:
    return next(paragraph.block.iterancestors("table"), None)


def address_of(image: Any, url: str) -> str | None:
    """Where the picture is (lazy pages keep it in a data attribute), or None for an icon."""
    address = next((str(value) for s in _SOURCES if (value := image.get(s))), "")
    if not address or address.startswith("data:") or _NO_PICTURE.search(address):
        return None
    return join(url, address)


def _addresses(images: list[Any], url: str) -> Iterator[str]:
    return filter(None, (address_of(image, url) for image in images))
