"""URLs: cleaning, identity, scope, and what is never worth a request.

Cleaning removes what can't change the answer (fragments, session ids, tracking and print
parameters), so that one article has one address. The key goes further: it ignores scheme, `www.`,
slashes at the end, the order of parameters and the case of the path (most portals run on Windows
servers), and decides whether two links are the same; it is never fetched.
"""

import hashlib
import re
import unicodedata
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

from crawler import traps
from crawler.items import Link

_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#]*", re.IGNORECASE)
# ASP.NET without cookies answers only under an address that holds a session: it is asked for with
# it, and known without it.
_SESSION_FOLDER = re.compile(r"/\((?:[A-Za-z]\([^()/]*\))+\)(?=/|$)")
# What never changes the article that is shown: sessions, campaigns, print views, and the address
# to go back to (Liferay puts `redirect` on every link of a list).
_NOISE = re.compile(
    r"utm_\w+|fbclid|gclid|zarsrc|_ga|mc_[ce]id|jsessionid|phpsessid|asp\.net_sessionid|session_?id"
    r"|print|printable|redirect|return_?url|backurl",
    re.IGNORECASE,
)
# In PHP-Nuke `sid` is the number of the story: only a session's is long and of no word's letters.
_SESSION_OR_STORY = re.compile(r"sid", re.IGNORECASE)
# Joomla's `tmpl=component` shows the page without what is around it.
_PRINT_VALUE = re.compile(r"(?:view|tmpl|layout|format|mode)=print|tmpl=component", re.IGNORECASE)
_BESIDE_PRINT = re.compile(r"layout=default|page=", re.IGNORECASE)
"""What says nothing beside a parameter of a print view; in other addresses it may."""
_PRINT = re.compile(rf"{_PRINT_VALUE.pattern}|print(?:able)?(?:=.*)?", re.IGNORECASE)
_LONGEST_HOST = 253
_HOST = re.compile(r"(.*?)\.*(?::0*(\d*))?")
# No host can be looked up by them (WHATWG URL standard, 3.1).
_IN_NO_HOST = re.compile(r"[\s%<>^|]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
# `https:/x.vn` is an absolute address for browsers (WHATWG URL standard, 4.4).
_FEW_SLASHES = re.compile(r"^(https?):/?(?=[^/:]+\.[^/:])", re.IGNORECASE)
_SLASH = re.compile("%2f", re.IGNORECASE)
# What is no UTF-8 stays apart: two words in windows-1258 must not become the same.
_AS_BYTES = "backslashreplace"
_FILE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|odt|rtf|zip|rar|7z|jpe?g|png|gif|webp|bmp|svg|ico|mp[34]|avi|wmv|flv"
    r"|wav|css|js|woff2?|ttf|exe|apk)$",
    re.IGNORECASE,
)
# WebSphere keeps its state in the path, in base64: there alone upper and lower case differ.
_CASE_MATTERS = re.compile(r"/!ut/")
# ASP.NET's state of the page that holds the form: it changes, the page it leads to does not.
_FORM_STATE = re.compile(r"__(?:VIEWSTATE\w*|EVENTVALIDATION|REQUESTDIGEST|PREVIOUSPAGE)|csrf\w*")

UNCLAIMED = "a file that no article shows or offers"
"""Why a file is not fetched; it is once an article claims it as an image or attachment."""

_REFUSALS = [
    (
        re.compile(
            r"/(?:dang-?nhap|dang-?ky|log-?in|log-?out|sign-?in|register|wp-login)(?:\.\w+)?(?:[/?]|$)",
            re.IGNORECASE,
        ),
        "login page",
    ),
    (
        re.compile(
            r"/(?:(?:(?:news|article|tin)[-_]?)?print[-_]?(?:able|view|preview|page|version|article|news)?"
            r"|printer[-_]?friendly|in-?trang|in-?bai(?:-?viet)?|ban-?in)(?:\.\w+)?(?:[/?]|$)"
            r"|[?&](?:act|action|op|do|task|func|cmd)=print\b",
            re.IGNORECASE,
        ),
        "print view",
    ),
    (
        re.compile(
            r"/(?:com_)?(?:send-?e?mail|mail-?to|gui-e?-?mail|e-?mail-?friend|tell-?a?-?friend)"
            r"(?:\.\w+)?(?:[/?]|$)|[?&]option=com_mailto\b",
            re.IGNORECASE,
        ),
        "form that sends mail",
    ),
    (
        re.compile(
            r"[?&]p_p_state=(?:pop_up|exclusive)\b|[?&]popup=|[?&]p_p_lifecycle=[12]\b",
            re.IGNORECASE,
        ),
        "pop-up window",
    ),
    (
        re.compile(
            r"/(?:tim-?kiem|(?:ket-qua-)?tim-?kiem|search(?:-?results?)?)(?:\.\w+)?/?\?."
            # `q` is the path in Drupal, and `s` may be the number of a section.
            r"|[?&](?:key-?words?|tu-?khoa|search_?(?:text|word|query)|q)=[^&/?=]*[^&/?=\d][^&/]*(?:&|$)"
            r"|/\?(?:.*&)?s=[^&]*[^&\d]",
            re.IGNORECASE,
        ),
        "search results",
    ),
]


def clean(href: str, base: str) -> str | None:
    """The absolute http(s) URL that `href` on the page `base` means, cleaned, or None."""
    # Browsers take a backslash for a slash (WHATWG URL standard, 4.4), and so do careless editors.
    href = _CONTROLS.sub("", href).partition("#")[0].strip().replace("\\", "/")
    href = _FEW_SLASHES.sub(r"\1://", href)
    return _clean(href, base_for(href, base))


def base_for(href: str, base: str) -> str:
    """The part of `base` that `href` is relative to; menus are the same on all pages of a host."""
    if href.startswith("/") and not href.startswith("//"):
        return _root_of(base)
    return base.partition(":")[0] + "://x/" if href.startswith(("http:", "https:", "//")) else base


@lru_cache(maxsize=100)
def _root_of(base: str) -> str:
    return "/".join(base.split("/", 3)[:3]) + "/"


@lru_cache(maxsize=4_000)
def _clean(href: str, base: str) -> str | None:
    try:
        parts = urlsplit(urljoin(base, href))
        host = _host(parts.scheme, parts.netloc)
        if parts.scheme not in ("http", "https") or host in ("", "x"):
            return None
        path = re.sub(r"/{2,}", "/", _SESSION_IN_PATH.sub("", parts.path).rstrip("; ")) or "/"
        if "/." in path:
            # `urljoin` leaves the dots of absolute addresses alone.
            path = urlsplit(urljoin("http://x/", path)).path
        if _FILE.search(path.rstrip("/")) or re.search(r"\.\w{3,5}/+$", path):
            path = path.rstrip("/")
        url = safe_url_string(urlunsplit((parts.scheme, host, path, _query(parts.query), "")))
    except ValueError:
        return None
    # A host whose letters can't be written in punycode, such as U+FEFF, is none.
    return url if url.isascii() and urlsplit(url).netloc else None


def _host(scheme: str, netloc: str) -> str:
    """Host and port as browsers compare them; an empty text when there is none."""
    found = _HOST.fullmatch(netloc.rpartition("@")[2].lower())
    host, port = found.groups() if found and not _IN_NO_HOST.search(netloc) else ("", "")
    if ":" in host and not host.endswith("]"):
        return ""
    default = "443" if scheme == "https" else "80"
    return f"{host}:{port}" if port and port != default else host


def is_address(url: str) -> bool:
    """Whether `url` is one that a crawl can start at; ports end at 65535, names at 253 letters."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        return False
    return bool(host) and len(host or "") <= _LONGEST_HOST and clean(url, url) is not None


def is_print_view(url: str) -> bool:
    """Whether a parameter makes it the view for printers, which may lack what the page has."""
    return any(_PRINT.fullmatch(pair) for pair in urlsplit(url).query.split("&"))


def _query(query: str) -> str:
    pairs = [pair for each in query.split("&") if (pair := each.strip(" "))]
    kept = [pair for pair in pairs if not _is_noise(pair)]
    if len(kept) < len(pairs) and any(map(_PRINT.fullmatch, pairs)):
        kept = [pair for pair in kept if not _BESIDE_PRINT.fullmatch(pair)]
    return "&".join(kept)


def _is_noise(pair: str) -> bool:
    name, _, value = pair.partition("=")
    if _SESSION_OR_STORY.fullmatch(name):
        return not value or traps.is_token(value)
    return bool(_NOISE.fullmatch(name) or _PRINT_VALUE.fullmatch(pair))


@lru_cache(maxsize=4_000)
def key_of(url: str, form: str | None = None) -> str:
    """What is the same for all addresses of one page; `form` is a POST body or None."""
    parts = urlsplit(url)
    path = _SESSION_FOLDER.sub("", _decoded(parts.path)).rstrip("/")
    if not _CASE_MATTERS.search(path):
        path = path.lower()
    pairs = parse_qsl(parts.query, keep_blank_values=True, errors=_AS_BYTES)
    query = urlencode(sorted((_composed(name), _composed(value)) for name, value in pairs))
    key = parts.netloc.removeprefix("www.") + path + (f"?{query}" if query else "")
    return f"{key} POST {_form_digest(form)}" if form is not None else key


def key_asked(written: str) -> str:
    """The key of an address as somebody types it; of what is no address a text that is no key."""
    try:
        return key_of(clean(written, written) or written)
    except ValueError:
        # Such as `http://[::1/`: there is a host in it, and it can't be told which.
        return written


def _decoded(path: str) -> str:
    """A path without percent-encoding, but for the slash that is part of a name."""
    return _composed(unquote(_SLASH.sub("%252F", path), errors=_AS_BYTES))


def _composed(text: str) -> str:
    """NFC: a name that a Mac has uploaded is linked in both normal forms."""
    return unicodedata.normalize("NFC", text)


def _form_digest(form: str) -> str:
    pairs = parse_qsl(form, keep_blank_values=True)
    lasting = sorted(pair for pair in pairs if not _FORM_STATE.fullmatch(pair[0]))
    return hashlib.sha256(urlencode(lasting).encode()).hexdigest()[:16]


def link(href: str, base: str, kind: str = "page", form: str | None = None) -> Link | None:
    """`href` on the page `base` as a frontier entry, or None if it is no http(s) address.

    What looks like a file is refused unless `kind` says that a file is wanted.
    """
    url = clean(href, base)
    if url is None:
        return None
    refused = refusal(url)
    if refused == UNCLAIMED:
        refused = None if kind == "file" else UNCLAIMED
        kind = "file"
    return Link(url=url, kind=kind, form=form, key=key_of(url, form), refused=refused)


@lru_cache(maxsize=4_000)
def refusal(url: str) -> str | None:
    """Why `url` is never fetched, or None."""
    if _FILE.search(urlsplit(url).path):
        return UNCLAIMED
    told = next((reason for pattern, reason in _REFUSALS if pattern.search(url)), None)
    return told or traps.endless(url)


def in_scope(url: str, hosts: frozenset[str]) -> bool:
    """Whether `url` lies on one of `hosts` (with port, without `www.`)."""
    return urlsplit(url).netloc.removeprefix("www.") in hosts


def hosts_of(*urls: str) -> frozenset[str]:
    """The hosts of `urls`, as `in_scope` compares them; plain host names are taken as they are."""
    return frozenset(map(_known_host, filter(None, urls)))


def _known_host(url: str) -> str:
    found = urlsplit(clean(url if "://" in url else f"http://{url}", "http://x/") or "").netloc
    return (found or url.lower()).removeprefix("www.")
