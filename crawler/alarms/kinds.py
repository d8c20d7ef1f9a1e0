"""The kinds of alarms: what happened, how sure that is, what to do, and whether it can wait.

The texts are translated when they are told. {n} is how many alarms of the kind are told together,
{portal}, {url} and {run} are those of the first; each alarm adds its own line below.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of alarm."""

    what: str
    sure: str
    todo: str
    urgent: bool = False
    """Told at once, unless a target says otherwise; else in one digest a day."""


KINDS = {
    "failed": Kind(
        "The crawl failed: the portal gave no page at all.",
        "Sure for this run; whether the portal is gone or only away, the next one tells.",
        "Open {url} in a browser. If it answers there, see `luutru report {run}`; if not, ask its "
        "keepers. What is in the archive stays.",
        urgent=True,
    ),
    "taken_over": Kind(
        "The home page seems to be the portal's no longer.",
        "Likely: judged by words and addresses of the home page; a person must look.",
        "Open {url}. If it is another's now, end the portal's schedule; what was kept stays.",
        urgent=True,
    ),
    "fixity": Kind(
        "Files or tables of the archive are not as they were written: {n}.",
        "Sure: digests or rows do not agree.",
        "Run `luutru verify`, then `luutru verify --repair-from COPY`, and look after the disk.",
        urgent=True,
    ),
    "copies": Kind(
        "A copy of the archive is not whole.",
        "Sure: what lies there was read again and its digest compared.",
        "Run `luutru copy`; see whether that place can be reached and has space.",
        urgent=True,
    ),
    "disk": Kind(
        "The disk is nearly full.",
        "Sure of what is left; how long it lasts is reckoned from the last 30 days.",
        "Free some space or move the archive. A full disk ends crawls, but harms nothing kept.",
        urgent=True,
    ),
    "silent": Kind(
        "Nothing was heard: no crawl of this portal came through when one was expected.",
        "Sure that the archive has none.",
        "See whether the schedule runs, and what the last run said: `luutru status`.",
        urgent=True,
    ),
    "broken": Kind(
        "The crawl broke off: it could not run, or could not write.",
        "Sure.",
        "Mend what is named above and run it again; nothing kept was harmed.",
        urgent=True,
    ),
    "incomplete": Kind(
        "The crawl is not complete.",
        "Sure: the verdict is read from the archive's rows.",
        "See `luutru report {run}`. What failed is tried again by the next run; what fails for "
        "weeks needs a look at its addresses.",
    ),
    "drift": Kind(
        "The portal has changed under the crawler.",
        "As sure as the numbers above, which are held against the portal's own past.",
        "See `luutru report {run}` and `luutru portals check {url}`. If the new state is right, "
        "set `resolved_at` of the row in `problems`.",
    ),
    "planted": Kind(
        "Links were planted on the portal's pages, to so many strange hosts: {n}.",
        "Likely: every link names its signs. They are not followed.",
        "See `luutru status --suspects`, and tell the portal's keepers: somebody else writes "
        "there.",
    ),
    "vanished": Kind(
        "Articles are not there any more: {n}.",
        "Not sure yet: an afternoon's fault of the portal looks the same. An article is called "
        "missing after several runs in a row, and days.",
        "Nothing is lost, their text is kept. See `luutru report {run}`.",
    ),
    "missing": Kind(
        "Articles are missing: {n}.",
        "Sure that the portal shows them no longer: it said so in several runs in a row.",
        "Nothing is lost, their text is kept: `luutru show ADDRESS`.",
    ),
    "edited": Kind(
        "Articles were edited and kept their date: {n}.",
        "Sure: both texts are kept, each with its capture.",
        "See word by word what was changed: `luutru show ADDRESS --diff`.",
    ),
    "after": Kind(
        "Something could not be done after the crawl.",
        "Sure.",
        "Mend what is named above; the next run tries again.",
    ),
}
"""By name, the urgent ones first: so are they told."""

ALARMS = tuple(KINDS)
URGENT = tuple(name for name, kind in KINDS.items() if kind.urgent)
