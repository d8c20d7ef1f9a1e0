"""What a survey leaves open, and what to do next, in words for an archivist."""

from collections.abc import Iterator

from crawler.drift.titles import alike
from crawler.scouting.survey import Survey
from crawler.urls import key_of
from crawler.words import tr

_NAMES = {
    "title": "title",
    "published_on": "date",
    "view_count": "views",
    "author": "author",
    "body": "body",
}
_FEW = 2


def missing(found: Survey) -> list[str]:
    """What was not found, one line each; empty when nothing is missing."""
    return [*_of_pages(found), *_of_fields(found), *_of_lists(found)]


def _of_pages(found: Survey) -> Iterator[str]:
    for seen in found.seen:
        if seen.kind == "failed":
            yield tr("{path}: no page ({why})", path=seen.path, why=seen.why)
        elif seen.kind in ("blocked", "login"):
            yield tr("{path}: not the page but {kind}", path=seen.path, kind=tr(seen.kind))
    yield from _noted(found)
    if not found.articles:
        yield tr("no article was found; name some yourself: luutru portals check START ARTICLE...")
    elif len(found.articles) < _FEW:
        yield tr("one article is little to judge by: luutru portals check START ARTICLE...")


def _noted(found: Survey) -> Iterator[str]:
    """What a crawl would note of whole pages, each once, with the first page that has it."""
    first: dict[str, str] = {}
    for seen in found.seen:
        for problem in seen.result.problems if seen.kind != "blocked" else ():
            first.setdefault(problem.reason, seen.path)
    yield from (f"{path}: {reason}" for reason, path in first.items())


def _of_fields(found: Survey) -> Iterator[str]:
    articles = [seen.result.article for seen in found.articles if seen.result.article]
    for field, name in _NAMES.items():
        without = sum(getattr(article, field) is None for article in articles)
        if without:
            yield tr(
                "{field}: none on {n} of {all} articles",
                field=tr(name), n=without, all=len(articles),
            )  # fmt: skip
    yield from sorted(set(_unread(found)))
    yield from _other_titles(found)


def _unread(found: Survey) -> Iterator[str]:
    """Fields whose place is there and holds what can't be understood."""
    for seen in found.articles:
        for problem in seen.result.article.problems if seen.result.article else ():
            if problem.field and not problem.reason.startswith("no "):
                yield f"{seen.path}: {tr(problem.field)}: {problem.reason}"


def _other_titles(found: Survey) -> Iterator[str]:
    """Titles that the other pages do not know."""
    for seen in found.articles:
        title = seen.result.article.title if seen.result.article else None
        words = _words_for(key_of(seen.page.url), found)
        if title and words and not alike(title, words):
            yield tr(
                "{path}: the title is “{title}”, but other pages call it “{words}”",
                path=seen.path, title=title, words=words,
            )  # fmt: skip


def _words_for(key: str, found: Survey) -> str:
    """The longest words by which one of the other pages links to it; empty when none does."""
    said = (
        link.words or ""
        for seen in found.seen
        for link in seen.links
        if link.key == key != key_of(seen.page.url)
    )
    return max(said, key=len, default="")


def _of_lists(found: Survey) -> Iterator[str]:
    if not found.lists:
        yield tr("no list of articles was found: a crawl follows all links, which takes longer")
    without = [seen for seen in found.lists if not seen.items]
    if without and not found.listing:
        yield tr(
            "no listing rule fits {paths}: a crawl follows all their links instead",
            paths=", ".join(seen.path for seen in without[:3]),
        )
    if found.lists and not any(seen.further for seen in found.lists):
        yield tr("no list leads to further pages: look whether the portal has a pager")


def following(found: Survey, written: str | None, name: str) -> list[str]:
    """Commands to go on with, each with what it does."""
    if written and not found.articles:
        return [
            tr("remove {path}; then the same once more, with addresses of articles behind {url}",
               path=written, url=found.start),
        ]  # fmt: skip
    if written:
        return [
            tr("look at {path} and its golden pages in {folder}",
               path=written, folder=written.removesuffix(".toml")),
            tr("luutru portals test {name}: reads the golden pages again", name=name),
            tr("luutru crawl {name}", name=name),
        ]  # fmt: skip
    if not found.start:
        return [tr("say where these pages came from: --url https://host/")]
    if not found.articles:
        return []
    crawling = tr("luutru crawl {url}: crawls it as it is", url=found.start)
    if any(seen.name for seen in found.seen):
        # The portal itself may be gone.
        return [tr("the same with --write NAME: a profile to start from"), crawling]
    return [
        tr("luutru portals check {url} --write NAME: a profile to start from", url=found.start),
        crawling,
    ]
