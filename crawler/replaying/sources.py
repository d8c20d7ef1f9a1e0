"""What people name to be taken in: which kind of file each is, and how it is made a WARC file."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from crawler import profiles
from crawler.capture.folder import OPEN
from crawler.errors import BadInput
from crawler.foreign import folder, mhtml, page, writing
from crawler.foreign.playback import as_captured
from crawler.foreign.writing import Saved
from crawler.replaying import wacz
from crawler.replaying.records import is_warc
from crawler.replaying.remaking import beginning, is_other_warc
from crawler.words import tr

_ARCHIVES = (
    *(f".warc{packed}" for packed in ("", ".gz", ".zst", f".gz{OPEN}")),
    *(".arc", ".arc.gz", ".wacz"),
)
_PAGES = (".html", ".htm")
_LARGEST = 256 << 20

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or a folder that a mirroring tool made."""

    path: Path
    form: str
    """warc (also ARC, packed, damaged), wacz, mirror, mhtml or page."""
    url: str = ""
    """The address that was given for a page."""


def sources(paths: Iterable[Path], url: str, damaged: Told) -> list[Source]:
    """What there is in `paths`; `damaged` is told of files that are nothing of the kind.

    Raises BadInput when there is nothing at all, or `url` is given for more than one page.
    """
    found, wrong = list[Source](), list[str]()
    for path in paths:
        for each in _inside(path):
            try:
                found.append(_source(each, url))
            except BadInput as error:
                wrong.append(str(error))
    if not found:
        raise BadInput(wrong[0])
    if url and (len(found) > 1 or found[0].form not in ("mhtml", "page")):
        raise BadInput(tr("--url gives the address of one HTML or MHTML file"))
    for line in wrong:
        damaged(line)
    return found


def beside(paths: Iterable[Path]) -> int:
    """HTML pages in folders of which only the files of web archives are taken: mostly the same
    pages once more, as `wget --mirror --warc-file` lays them.
    """
    return sum(
        len(_ending(inside, _PAGES)) for inside in map(_files, paths) if _ending(inside, _ARCHIVES)
    )


def _files(path: Path) -> list[Path]:
    return [each for each in sorted(path.rglob("*")) if each.is_file()]


def _inside(path: Path) -> list[Path]:
    """The files of web archives in a folder, else the saved pages; the path itself if there are
    none, or they are files of a mirrored portal.
    """
    if not path.is_dir():
        return [path]
    inside = _files(path)
    if archives := _ending(inside, _ARCHIVES):
        return archives + _ending(inside, folder.MHTML)
    if mirrors := [each for each in (path, *_by_protocol(path)) if folder.has_pages(each)]:
        return mirrors
    saved = _ending(inside, folder.MHTML + _PAGES)
    return saved if any(map(_has_address, saved)) else [path]


def _by_protocol(path: Path) -> list[Path]:
    """The folders in it that wget's --protocol-directories makes."""
    return [path / name for name in ("http", "https") if (path / name).is_dir()]


def _has_address(path: Path) -> bool:
    """Whether a file may say where it is from."""
    return path.name.lower().endswith(folder.MHTML) or page.origin(beginning(path)) is not None


def _ending(paths: Iterable[Path], endings: tuple[str, ...]) -> list[Path]:
    return [path for path in paths if path.name.lower().endswith(endings)]


def _source(path: Path, url: str) -> Source:
    try:
        form = _form(path)
    except OSError as error:
        raise BadInput(tr("{path} can't be read: {why}", path=path, why=error.strerror)) from None
    if form == "page" and not url and page.origin(beginning(path)) is None:
        raise BadInput(
            tr("{path} does not say where it is from; name its address: --url", path=path)
        )
    if form == "wacz":
        wacz.must_be_harmless(path)
    if form in ("mhtml", "page") and path.stat().st_size > _LARGEST:
        raise BadInput(tr("{path} is larger than any page", path=path))
    return Source(path, form, url)


def _form(path: Path) -> str:
    if path.is_dir():
        if folder.is_mirror(path):
            return "mirror"
        raise BadInput(tr("{path} holds no WARC or WACZ file and no folder of a host", path=path))
    if wacz.is_wacz(path):
        return "wacz"
    start = beginning(path)
    if mhtml.is_mhtml(start):
        return "mhtml"
    if is_other_warc(path) or is_warc(path):
        return "warc"
    if page.is_html(start):
        return "page"
    raise BadInput(tr("{path} is neither a WARC nor a WACZ file, nor a saved page", path=path))


def pages(source: Source, damaged: Told) -> Iterator[bytes]:
    """The WARC records of a folder, MHTML or HTML file."""
    found = sorted(map(as_captured, _saved(source, damaged)), key=lambda each: (each.url, each.at))
    if found:
        yield writing.info(max(each.at for each in found), source.path.name)
    for each in found:
        yield from writing.resource(each)


def _saved(source: Source, damaged: Told) -> Iterator[Saved]:
    path = source.path
    if source.form == "mirror":
        return folder.saved(path, _scheme, damaged)
    modified = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    if source.form == "mhtml":
        return mhtml.saved(path, source.url, modified, damaged)
    return iter([_page(source, modified)])


def _page(source: Source, modified: datetime) -> Saved:
    content = source.path.read_bytes()
    url, at = page.origin(content) or ("", None)
    dated_by = "the page's comment" if at else folder.FILE_TIME
    return Saved(
        source.url or url, at or modified, dated_by, "text/html", content, source.path.name
    )


def _scheme(host: str) -> str:
    """By what the portal at `host` is asked; a mirror does not tell."""
    return urlsplit(profiles.for_url(f"http://{host}/").url).scheme
