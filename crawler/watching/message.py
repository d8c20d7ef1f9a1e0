"""What is told of a saved search's new articles."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from crawler.archive.watches import Watch
from crawler.telling.message import Message
from crawler.words import tr


def message(watch: Watch, articles: Sequence[dict[str, Any]]) -> Message:
    """The message on some articles (rows of `crawler.archive.facts`) that a saved search found."""
    subject = tr("{n} new articles: {query}", n=len(articles), query=watch.query or tr("all"))
    return Message(subject, "\n\n".join(map(_told, articles)) + "\n", _data(watch, articles))


def _data(watch: Watch, articles: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The search, and the articles without their text."""
    narrowed = {name: value for name, value in asdict(watch.filters).items() if value}
    return {
        "watch": {"id": watch.id, "query": watch.query, **narrowed},
        "articles": [
            {name: value for name, value in article.items() if name != "body"}
            for article in articles
        ],
    }


def _told(article: dict[str, Any]) -> str:
    facts = (article["published_on"] or tr("no date"), article["portal"])
    number = tr("article {id} of the archive", id=article["id"])
    return f"{article['title']}\n{' · '.join(facts)}\n{article['url']}\n{number}"
