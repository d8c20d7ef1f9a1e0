"""`luutru status --suspects`: the planted links, page by page."""

from itertools import groupby
from operator import itemgetter
from typing import Any

from rich.markup import escape

from crawler.commands.options import console, print_json
from crawler.words import tr


def show(links: list[dict[str, Any]], as_json: bool) -> int:
    """Print `links` as `reports.suspects` gives them; the exit code is 0 also when there are any.

    Their addresses are printed as plain text: nobody should follow one by mistake.
    """
    if as_json:
        print_json(links)
        return 0
    out = console()
    if not links:
        out.print(tr("No planted link is known; `luutru replay archive.db` looks again."))
    for portal, found in groupby(links, key=itemgetter("portal")):
        of_portal = list(found)
        pages = len({link["page"] for link in of_portal})
        told = tr("{n} planted links on {pages} pages", n=len(of_portal), pages=pages)
        out.print(f"[bold]{escape(portal)}[/]: {told}")
        for page, on_page in groupby(of_portal, key=itemgetter("page")):
            out.print(f"\n{page}", markup=False, style="bold", soft_wrap=True)
            for link in on_page:
                out.print(_told(link), markup=False)
    return 0


def _told(link: dict[str, Any]) -> str:
    """One link on two lines: what stands there, and why it is suspect and since when."""
    state = tr("still there") if link["still_there"] else tr("no longer there")
    words = f"  {link['text']}" if link["text"] else ""
    span = f"{link['first_seen_at'][:10]} – {link['last_seen_at'][:10]}"
    return f"  • {link['href']}{words}\n    {link['score'] or ''}: {link['why']}; {span}, {state}"
