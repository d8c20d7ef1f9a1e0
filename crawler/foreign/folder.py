"""Folders that a mirroring tool saved: which address each file had, and when it was saved.

wget names folders by hosts and files by paths (`--restrict-file-names` decides how); with
`--adjust-extension` it appends `.html`, with `--backup-converted` it keeps the page as it came
beside it as `.orig`. HTTrack writes the address into each page and keeps a cache.
"""

import mimetypes
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from crawler.foreign import httrack
from crawler.foreign.page import is_html, is_html_file, origin
from crawler.foreign.writing import Saved

MHTML = (".mht", ".mhtml")
FILE_TIME = "the time of the file"
_LARGEST = 256 << 20
_HOST = re.compile(r"(?:localhost|[\w-]+(?:\.[\w-]+)+)(?:[:+_]\d{1,5})?")
_PORT = re.compile(r"[+_](?=\d{1,5}$)")
# Where a query begins in a file's name: `?`, for Windows `@`.
_QUERY = re.compile(r"\?|@(?=[\w%.-]+=)")
_ADJUSTED = re.compile(
    r"(\.(?:aspx?|php\d?|jsp|do|cfm|cgi)(?:[?@].*)?|[?@][^/]*=[^/]*)\.html$", re.I
)
_INDEX = re.compile(r"(^|/)index\.html$")
_ORIGINAL = ".orig"
_MOST_PLACES = 5
# Percent signs stay: wget leaves bytes encoded that a file's name can't have.
_PLAIN = "/%:@!$&'()*+,;=~-._"

Told = Callable[[str], None]


def is_mirror(folder: Path) -> bool:
    """Whether a mirroring tool seems to have made the folder."""
    return httrack.is_mirror(folder) or bool(_hosts(folder))


def has_pages(folder: Path) -> bool:
    """Whether a mirroring tool made the folder, and pages are in it."""
    return httrack.is_mirror(folder) or any(map(_has_pages, _hosts(folder)))


def saved(folder: Path, scheme: Callable[[str], str], damaged: Told) -> Iterator[Saved]:
    """The pages and files in it, by name; `scheme` tells by what a host was asked."""
    if not httrack.is_mirror(folder):
        yield from _files(folder, scheme, damaged)
        return
    cached = set[str]()
    for each in httrack.saved(folder, damaged):
        cached.add(each.url)
        yield each
    if httrack.is_whole(folder):
        return
    if (folder / httrack.CACHE).is_dir():
        damaged("HTTrack's cache is not whole: what is not in it is taken with its links rewritten")
    found = _files(folder, scheme, damaged, httrack.HALF)
    yield from (each for each in found if each.url not in cached)


def _files(
    folder: Path, scheme: Callable[[str], str], damaged: Told, half: tuple[str, ...] = ()
) -> Iterator[Saved]:
    """What lies in the folders of hosts, or says itself where it is from (HTTrack's -N has none).

    `half` is how files end that were not read to their end.
    """
    unnamed = list[Path]()
    for host in _hosts(folder) or [folder]:
        name = _PORT.sub(":", host.resolve().name)
        root = f"{scheme(name)}://{name}/" if _is_host(host.resolve()) else ""
        for path in sorted(host.rglob("*")):
            if not path.is_file() or path.is_symlink() or _has_original(path):
                continue
            if half and path.name.endswith(half):
                damaged(f"{host.name}/{path.relative_to(host)}: it was not read to its end")
            elif root or is_html_file(path):
                yield from _file(path, host, root, damaged)
            elif not httrack.is_own(path.relative_to(host)):
                unnamed.append(path.relative_to(folder))
    if unnamed:
        damaged(_without_address(unnamed))


def _without_address(unnamed: list[Path]) -> str:
    places = Counter(path.parent.as_posix() for path in unnamed).most_common()
    named = ", ".join(f"{place} ({count})" for place, count in places[:_MOST_PLACES])
    more = ", ..." if len(places) > _MOST_PLACES else ""
    return f"nothing says where these files are from: {len(unnamed)} in {named}{more}"


def _hosts(folder: Path) -> list[Path]:
    """The folders named by hosts: those in `folder`, or itself."""
    inside = sorted(path for path in folder.iterdir() if path.is_dir() and _is_host(path))
    return inside or ([folder] if _is_host(folder.resolve()) and _has_pages(folder) else [])


def _is_host(folder: Path) -> bool:
    return _HOST.fullmatch(folder.name) is not None


def _has_pages(folder: Path) -> bool:
    files = (path for path in folder.rglob("*") if path.is_file())
    pages = (path for path in files if not path.name.lower().endswith(MHTML))
    return any(map(is_html_file, pages))


def _has_original(path: Path) -> bool:
    """Whether the page lies beside it as it came: `tin.html` and `tin.orig`, or `tin.html.orig`."""
    name = path.name
    unadjusted = name.removesuffix(".html")
    return any(path.with_name(each + _ORIGINAL).is_file() for each in {name, unadjusted})


def _file(path: Path, host: Path, root: str, damaged: Told) -> Iterator[Saved]:
    name = f"{host.name}/{path.relative_to(host).as_posix()}"
    try:
        if path.stat().st_size > _LARGEST:
            damaged(f"{name}: larger than {_LARGEST} bytes")
            return
        content = path.read_bytes()
        modified = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    except OSError as error:
        damaged(f"{name}: {error.strerror}")
        return
    if not content:
        damaged(f"{name}: it is empty")
        return
    told = origin(content)
    if not (told or root):
        if httrack.OWN_INDEX not in content:
            damaged(f"{name}: it does not say where it is from")
        return
    url = told[0] if told else root + _address(path.relative_to(host).as_posix())
    at, dated_by = (told[1], "the page's comment") if told and told[1] else (modified, FILE_TIME)
    yield Saved(url, at, dated_by, _type(path, content), content, name)


def _address(name: str) -> str:
    """The path and query that a file of wget's was asked by."""
    name = _ADJUSTED.sub(r"\1", name.removesuffix(_ORIGINAL))
    query = _QUERY.search(name)
    path, asked = (name[: query.start()], name[query.end() :]) if query else (name, "")
    path = _quoted(_INDEX.sub(r"\1", path), _PLAIN)
    return path + (f"?{_quoted(asked, _PLAIN + '?')}" if query else "")


def _quoted(text: str, safe: str) -> str:
    """Percent-encoded; a name that is no UTF-8 keeps its bytes."""
    return quote(text, safe=safe, encoding="utf-8", errors="surrogateescape")


def _type(path: Path, content: bytes) -> str:
    if is_html(content) and not path.name.lower().endswith(MHTML):
        return "text/html"
    named = mimetypes.guess_type(path.name.removesuffix(_ORIGINAL))[0]
    return named or "application/octet-stream"
