"""What is told of a saved search's new articles."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from crawler.archive.watches import Watch
from crawler.words import tr


class NotDelivered(Exception):
    """The message did not arrive; the articles wait for another try. Its text says why."""


@dataclass(frozen=True, slots=True)
class Message:
    """Some articles that a saved search found."""

    watch: Watch
    articles: Sequence[dict[str, Any]]
    """Rows of `crawler.archive.facts`."""

    @property
    def subject(self) -> str:
        """One line for people."""
        return tr(
            "{n} new articles: {query}", n=len(self.articles), query=self.watch.query or tr("all")
        )

    @property
    def text(self) -> str:
        """All articles for people: title, date and portal, address."""
        return "\n\n".join(map(_told, self.articles)) + "\n"

    @property
    def data(self) -> dict[str, Any]:
        """The message for programs: the search, and the articles without their text."""
        watch = self.watch
        narrowed = {name: value for name, value in asdict(watch.filters).items() if value}
        return {
            "watch": {"id": watch.id, "query": watch.query, **narrowed},
            "articles": [
                {name: value for name, value in article.items() if name != "body"}
                for article in self.articles
            ],
        }


def _told(article: dict[str, Any]) -> str:
    facts = (article["published_on"] or tr("no date"), article["portal"])
    number = tr("article {id} of the archive", id=article["id"])
    return f"{article['title']}\n{' · '.join(facts)}\n{article['url']}\n{number}"
