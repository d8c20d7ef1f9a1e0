"""How a verdict words its reasons. To compare with them, nobody has to load what reads pages."""

FORMS = {
    "stopped": "stopped: {why}",
    "no page": "the portal gave no page at all",
    "away": "the home page leads away: {why}",
    "scripts": "scripts build the home page, {url}; without them it leads nowhere",
    "button": "{n} × the list goes on behind a button that no crawl presses: {urls}",
    "forbidden": "robots.txt forbids the home page: {url}",
    "waiting": "{n} URLs are still waiting",
    "unread": "{url} says that it has {pages} pages; page {which} never came",
    "pages": "{url} says that it has {pages} pages; only {read} came",
    "total": "{url} says that it has {total} articles; its pages list only {listed}",
    "gone": "{n} × named by the portal, but {why}: {urls}",
    "failed": "{n} × {why}: {urls}",
    "budget": "the budget of {n} requests is spent",
    "deadline": "the time is up",
    "window": "outside the window of this portal",
    "silent": "the portal does not answer: {reason}",
    "too slow": "robots.txt asks for {seconds} seconds between two requests",
    "come again": "the portal asks to come again in {seconds} seconds",
}
"""The reasons, which the archive keeps in English; `crawler.reporting.reasons` translates them."""
