"""What a careful human reader would find on the portal's pages: the answer sheet of every test."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict
from datetime import UTC
from typing import Any

from practice import files, legal, planting
from practice.model import Article, Attachment, Block, Headline
from practice.portal import PAGE_SIZE, Portal


def truth(portal: Portal, base: str) -> dict[str, Any]:
    """The whole answer sheet; `base` is the portal's root as it was asked."""
    rows = [portal.row(category) for category in portal.categories]
    return {
        "name": portal.name,
        "day": portal.day,
        "today": portal.today.isoformat(),
        "articles": [_article(portal.article(k), base) for k in _present(portal)],
        "vanished": [
            {"url": base + portal.headline(k).path, "how": how}
            for k, how in portal.vanished.items()
        ],
        "documents": legal.truth(portal.seed, base),
        "infected": [
            {"url": f"{base}/hoi-dap", "planted": [each.href for each in planting.asked()]}
        ],
        "site_counts": asdict(portal.counts()),
        "listings": sum(row.pages(PAGE_SIZE) for row in rows),
        "categories": [
            {
                "name": category.name,
                "url": base + category.path,
                "layout": category.layout,
                "articles": row.present,
                "pages": row.pages(PAGE_SIZE),
            }
            for category, row in zip(portal.categories, rows, strict=True)
        ],
    }


def _present(portal: Portal) -> list[int]:
    return portal.everything.slice(0, portal.total)


def _article(article: Article, base: str) -> dict[str, Any]:
    head = article.head
    figures = [block for block in article.blocks if block.kind == "figure"]
    record = {
        "url": base + head.path,
        "title": head.title,
        "published_on": head.at.date().isoformat(),
        "published_at": _utc(head),
        "published_raw": head.date_text,
        "view_count": None if head.category.views == "none" else head.views,
        "author": article.author,
        "category": head.category.name,
        "summary": head.lead,
        "body": "\n\n".join(text for block in article.blocks for text in _texts(block)),
        "layout": head.category.layout,
        "captions": [figure.text for figure in figures],
        "images": [base + figure.src for figure in figures],
        "attachments": [_attachment(each, base) for each in article.attachments],
        "outbound": list(article.outbound),
        "planted": [each.href for each in article.planted],
        "edited": head.edit is not None,
    }
    return {key: _composed(value) for key, value in record.items()}


def _utc(head: Headline) -> str | None:
    if not head.has_time:
        return None
    return f"{head.at.astimezone(UTC):%Y-%m-%dT%H:%M}:00Z"


def _texts(block: Block) -> list[str]:
    """The paragraphs that a block adds to the plain text of the body."""
    if block.kind == "p":
        return [block.text]
    return [" | ".join(row) for row in block.rows]


def _attachment(attachment: Attachment, base: str) -> dict[str, str]:
    is_pdf = attachment.filename.endswith(".pdf")
    return {
        "url": base + attachment.path,
        "filename": attachment.filename,
        "media_type": attachment.media_type,
        "text": files.wrapped_text(attachment.lines) if is_pdf else "\n".join(attachment.lines),
    }


def _composed(value: Any) -> Any:
    """Strings in NFC, at any depth of lists."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    return [_composed(each) for each in value] if isinstance(value, list) else value
