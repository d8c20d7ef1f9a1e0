"""Taking a search away: as CSV, as JSON Lines, or as WACZ of just those pages."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from browse.pages.results import asked_for
from browse.visit import File, Visit
from crawler.archive import facts, holdings
from crawler.errors import BadInput
from crawler.export import tables, wacz
from crawler.export.excerpt import excerpt
from crawler.search import matching, search
from crawler.words import tr

_MOST_ROWS = 10_000
_MOST_PAGES = 200
"""What is put together in memory while a reader waits; the command line has no such limit."""

_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "wacz": "application/wacz+zip",
}


def table(form: str) -> Callable[[Visit], File]:
    """The page `search.csv` or `search.jsonl`, by the name of `form`."""

    def download(visit: Visit) -> File:
        ids = _found(visit, _MOST_ROWS, form)
        lines = tables.FORMS[form](facts.facts(visit.db, ids), facts.COLUMNS)
        return _file("".join(lines).encode(), form)

    return download


def pages(visit: Visit) -> File:
    """The page `search.wacz`: the captured pages of what was found, for ReplayWeb.page."""
    ids = _found(visit, _MOST_PAGES, "wacz")
    with TemporaryDirectory(prefix="luutru-wacz-") as folder:
        selection = excerpt(visit.db, visit.warcs, ids, Path(folder))
        out = Path(folder) / "search.wacz"
        articles = holdings.pages(visit.db, articles=ids)
        wacz.write(selection, articles, out, asked_for(visit)[0] or "luutru", lambda _: None)
        return _file(out.read_bytes(), "wacz")


def _found(visit: Visit, most: int, form: str) -> list[int]:
    """The numbers of all articles found; BadInput when there is none, or there are too many."""
    query, filters, _ = asked_for(visit)
    total = search(visit.db, query, filters, limit=1).strict
    if total == 0:
        raise BadInput(tr("nothing found, so there is nothing to take away"))
    if total > most:
        raise BadInput(
            tr(
                "{total} articles are too many to be packed while you wait (at most {most}): "
                "narrow the search, or use `luutru export {form}`",
                total=total,
                most=most,
                form=form,
            )
        )
    return matching(visit.db, query, filters)


def _file(body: bytes, form: str) -> File:
    disposition = {"Content-Disposition": f'attachment; filename="luutru.{form}"'}
    return File(body, _MEDIA_TYPES[form], disposition)
