"""Why a page ended as it did, in the reader's language; the archive has it in English.

The forms are those of `urls.reason` and `problems.reason`; `what` holds another form.
"""

import re
from functools import cache

from crawler.words import tr

FORMS = (
    "{what} (HTTP {status})",
    "HTTP {status}: an empty page",
    "HTTP {status}: a part of a page, which nobody asked for",
    "HTTP {status}: asks to come again in {seconds} seconds",
    "HTTP {status} that does not say where to go on",
    "HTTP {status} to the home page",
    "HTTP {status} to an error page",
    "HTTP {status} to {where}",
    "a page that says not found",
    "a web page instead of the file",
    "blocked: {what}",
    "a captcha or a check of the browser; {what}",
    "a firewall; {what}",
    "ask the portal's staff to let luutru in, or crawl from Vietnam",
    "too many requests; crawl later and with a longer --delay",
    "the portal's software failed; crawl later",
    "closed for maintenance; crawl later",
    "too large: {what}",
    "too large",
    "unpacks to more than {size}",
    "can't be unpacked: {what}",
    "the packed data breaks off",
    "its certificate is broken: {what}",
    "robots.txt forbids it",
    "trap: {what}",
    "nothing new on the last of {n} pages of this kind ({where})",
    "a listing that repeats its pages ({where})",
    "the same page whatever {name} says",
    "the same page, a language appended",
    "the same list in another order or size",
    "a mistyped address, taken for a path",
    "more than {n} folders deep",
    "language links that make the path longer",
    "a growing path, {name} repeated {n} times",
    "a growing query of more than {n} parameters",
    "a growing query, parameter {name} repeated",
    "a calendar in the year {year}",
    "sitemaps of sitemaps, more than {n} deep",
    "its address has more than {n} characters",
    "too many redirects: more than {n} in a row",
    "a file that no article shows or offers",
    "login page",
    "print view",
    "form that sends mail",
    "pop-up window",
    "search results",
    "DownloadFailedError: {what}",
    "ResponseDataLossError: {what}",
    "the connection ended before the answer",
    "the connection ended in the middle of the answer",
    "a web page came instead of the file",
    "time-out: {what}",
    "no answer in time",
    "too long: {what}",
    "a head of more than {size}",
    "more than {n} header lines",
    "the page is nested too deep: it is read without its inner tags",
    "the page is too large: only {n} tags are read",
    "no TLS connection: {what}",
    "more than {size}",
    "too many codings: packed {n} times over",
    "can't be unpacked ({coding}): {what}",
    "the home page in its place",
    "its host leads to {address}, {what}",
    "this machine itself",
    "no machine at all",
    "a link-local or metadata address",
    "a multicast address",
    "a private address",
    "a reserved address",
    "neither http nor https: {scheme}",
    "too many links: only {n} are followed",
    "{host} is none of the portal's hosts",
    "HTTP 304: unchanged, but nothing was kept before",
    "HTTP 304: unchanged",
    "a document without text; scanned pages?",
    "no HTTP answer: {what}",
    "it begins with {bytes}",
    "no text of {type}: {what}",
    "its text unpacks to {n} bytes",
    "redirects in a circle: {what}",
    "same article as {url}",
    "an article was here; it reads as {kind} now",
    "no title found",
    "no published_on found",
    "no body found",
    "links that an intruder seems to have planted, see suspect_links",
)


_URLS = r"(?P<urls>(?:[A-Z]+ )?(?:https?:/)?/.+)"
"""So that "HTTP 200: an empty page: https://..." is not cut at its first colon."""


def cause(reason: str) -> str:
    """`reason`, translated as far as its form is known."""
    for form, pattern in _patterns():
        if found := pattern.fullmatch(reason):
            values = found.groupdict()
            if "what" in values:
                values["what"] = cause(values["what"])
            return tr(form, **values) if values else tr(form)
    return reason


@cache
def _patterns() -> tuple[tuple[str, "re.Pattern[str]"], ...]:
    return tuple((form, re.compile(pattern_of(form))) for form in FORMS)


def pattern_of(form: str) -> str:
    """The regular expression of what is worded by `form`, a group for each of its names."""
    pattern = re.escape(form).replace(r"\{urls\}", _URLS)
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", pattern)
