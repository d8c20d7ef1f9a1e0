"""The fixity of a whole archive: every file, every record, every row, and the database itself."""

import fcntl
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from secrets import SystemRandom

from crawler.archive import checksums, decisions, integrity
from crawler.archive.connection import is_writable
from crawler.archive.integrity import CaptureRow
from crawler.capture.folder import OPEN, ORIGINALS, folder_of
from crawler.fixity.digests import sha256_of
from crawler.fixity.finding import Finding
from crawler.fixity.links import Outcome, Part, check
from crawler.locking import ENDING as LOCK

_WARC = ".warc.gz"
_PART = 4 << 20
# Starting processes takes some 0.3 s: what is smaller is done sooner without them.
_WORTH_PROCESSES = 64 << 20

Progress = Callable[[int], None]
"""Is told how many more bytes of WARC files have been read."""


@dataclass(slots=True)
class Report:
    """What a check found."""

    files: int = 0
    records: int = 0
    size: int = 0
    """Bytes of the WARC files that were read."""
    inflated: int = 0
    """Bytes of their records, inflated."""
    rows: int = 0
    """Rows of `captures` that were followed to their record."""
    loose: int = 0
    """Responses and revisits that no row points at: a kill between record and row, a retry and
    the robots.txt asked before each crawl leave such."""
    findings: list[Finding] = field(default_factory=list)
    unchecked: int = 0
    """Digests in records by algorithms that are not known here."""
    new_digests: dict[str, str] = field(default_factory=dict)
    """SHA-256 in hex digits of whole files that have none noted yet."""
    left_out: list[str] = field(default_factory=list)
    """What was not checked, or not to its end, and why; what was wrong before it was taken in."""

    @property
    def open_findings(self) -> list[Finding]:
        """Those that no repair has put right."""
        return [finding for finding in self.findings if not finding.repaired]


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    name: str
    size: int
    is_open: bool


def survey(db: sqlite3.Connection, archive: Path, share: float, progress: Progress) -> Report:
    """Check the archive at `archive`, or a random `share` (0 to 1) of its records.

    All of the database is checked in any case, and that every file that rows name is there. Raises
    sqlite3.OperationalError when another program has locked the archive.
    """
    report = Report()
    obstacle = _index_obstacle(archive)
    if obstacle:
        report.left_out.append(f"articles_fts: {obstacle}")
    faults = integrity.faults(db, index=not obstacle)
    report.findings += [Finding(what, table=table, id=row) for table, row, what in faults]
    try:
        report.left_out += [
            f"{table}: {rows} rows are older than checksums"
            for table, rows in checksums.uncovered(db).items()
        ]
        _follow(report, db, archive, share, progress)
    except sqlite3.DatabaseError as error:
        if not integrity.is_damage(error):
            raise
        what = f"the rows can't be followed to their records: {error}"
        report.findings.append(Finding(what, table="captures"))
    return report


def _index_obstacle(archive: Path) -> str:
    """Why the full-text index can't be checked, which to SQLite is writing; nothing if it can."""
    if not is_writable(archive):
        return "the archive can't be written, as SQLite's check of an index wants it"
    written = any(map(_is_being_written, folder_of(archive).glob(f"*{_WARC}{OPEN}")))
    return "a crawl is writing" if written else ""


def _follow(
    report: Report, db: sqlite3.Connection, archive: Path, share: float, progress: Progress
) -> None:
    # Before the folder is looked at: a file begun meanwhile is not taken for a missing one.
    named = integrity.files_known(db)
    folders = list(_folders(folder_of(archive)))
    files = [file for each in folders for file in _files(*each, report.left_out, named)]
    originals = [file for each in folders for file in _originals(*each, named)]
    report.findings += [
        Finding(f"the file is missing; {rows} captures point into it", name)
        for name, rows in named.items()
    ]
    report.files = len(files) + len(originals)
    if share == 1:
        for file in originals:
            _compare_original(report, db, file)
    parts = _parts(report, db, files, share)
    came: dict[str, bool] = {}
    for part, outcome in _outcomes(parts, sum(file.size for file in files) * share):
        progress(part.end - part.start)
        _add(report, part, outcome)
        if outcome.unvouched:
            if part.name not in came:
                came[part.name] = _came_so(db, part)
            _judge(report, outcome.unvouched, came[part.name])
    if report.unchecked:
        what = f"{report.unchecked} digests in records, by algorithms that are not known here"
        report.left_out.append(what)


def _folders(folder: Path) -> Iterator[tuple[Path, str]]:
    """The folder, and those of a merged archive's sources, with what names there begin with."""
    yield folder, ""
    yield from ((each, f"{each.name}/") for each in sorted(folder.glob("*")) if _is_source(each))


def _is_source(path: Path) -> bool:
    return path.is_symlink() and path.is_dir()


def _files(
    folder: Path, prefix: str, left_out: list[str], named: dict[str, int]
) -> Iterator[_File]:
    """The files to check; they, and those of a living crawl, are taken out of `named`."""
    for path in sorted(folder.glob("*")):
        plain = path.name.removesuffix(OPEN)
        name = prefix + plain
        if not path.exists():
            # A crawl has closed it meanwhile.
            path = path.with_name(plain)
        if plain.endswith(LOCK) or plain in (decisions.FILE, ORIGINALS) or _is_source(path):
            continue
        if path.is_symlink() and not path.exists():
            left_out.append(f"{path.name}: {path.readlink()} is not there")
        elif not plain.endswith(_WARC) or not path.is_file():
            left_out.append(f"{prefix}{path.name}: no {_WARC} file")
        elif path.name != plain and _is_being_written(path):
            named.pop(name, None)
            left_out.append(f"{prefix}{path.name}: a crawl is writing it")
        else:
            named.pop(name, None)
            yield _File(path, name, path.stat().st_size, path.name != plain)


def _originals(folder: Path, prefix: str, named: dict[str, int]) -> Iterator[_File]:
    """Files as other tools made them; they are taken out of `named`."""
    for path in sorted((folder / ORIGINALS).glob("*")):
        name = f"{prefix}{ORIGINALS}/{path.name}"
        named.pop(name, None)
        yield _File(path, name, path.stat().st_size, is_open=False)


def _is_being_written(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        # It has been closed meanwhile, or reading it will say what is the matter.
        return False
    return False


def _parts(
    report: Report, db: sqlite3.Connection, files: Iterable[_File], share: float
) -> Iterator[Part]:
    chance = SystemRandom()
    for file in files:
        if share == 1 and not file.is_open:
            _compare_whole(report, db, file)
        rows = integrity.captures_in(db, file.name)
        inside = [row for row in rows if row.offset < file.size]
        report.findings += [
            Finding("its record lies beyond the end of the file", file.name, row.offset,
                    "captures", row.id)
            for row in rows[len(inside) :]
        ]  # fmt: skip
        if not file.size:
            report.findings.append(Finding("the file is empty", file.name))
        for part in _split(file, inside, _PART if share == 1 else 1):
            # No seed: whoever tampers can't know tonight's sample.
            if share == 1 or chance.random() < share:
                yield part


def _compare_whole(report: Report, db: sqlite3.Connection, file: _File) -> None:
    """The file against its digest at the first check: bytes that no record digest covers, and
    records that no row points at, can't change or vanish unseen either.
    """
    try:
        digest = sha256_of(file.path)
    except OSError:
        # Checking its parts says so.
        return
    _compare_digest(report, db, file, digest)


def _compare_original(report: Report, db: sqlite3.Connection, file: _File) -> None:
    """No record inside tells whether it is sound: its digest was noted when it was taken in."""
    try:
        _compare_digest(report, db, file, sha256_of(file.path))
    except OSError as error:
        report.findings.append(Finding(f"it can't be read: {error.strerror}", file.name))


def _compare_digest(report: Report, db: sqlite3.Connection, file: _File, digest: str) -> None:
    noted = integrity.noted_digest(db, file.name)
    if noted is None:
        report.new_digests[file.name] = digest
    elif noted != digest:
        what = f"the file's SHA-256 was {noted} at its first check, and is {digest}"
        report.findings.append(Finding(what, file.name))


def _split(file: _File, rows: list[CaptureRow], smallest: int) -> Iterator[Part]:
    """The file in parts of at least `smallest` bytes, cut where rows say that a record begins."""
    start, pending = 0, list[CaptureRow]()
    for row in rows:
        if row.offset - start >= smallest:
            yield Part(file.path, file.name, start, row.offset, tuple(pending))
            start, pending = row.offset, []
        pending.append(row)
    if file.size:
        yield Part(file.path, file.name, start, file.size, tuple(pending), file.is_open)


def _outcomes(parts: Iterable[Part], size: float) -> Iterator[tuple[Part, Outcome]]:
    workers = os.cpu_count() or 1
    if workers == 1 or size < _WORTH_PROCESSES:
        yield from ((part, check(part)) for part in parts)
        return
    # Not forked: the caller may show its progress in a thread.
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        waiting: deque[tuple[Part, Future[Outcome]]] = deque()
        for part in parts:
            waiting.append((part, pool.submit(check, part)))
            if len(waiting) > 3 * workers:
                done, future = waiting.popleft()
                yield done, future.result()
        yield from ((part, future.result()) for part, future in waiting)


def _add(report: Report, part: Part, outcome: Outcome) -> None:
    report.records += outcome.records
    report.size += part.end - part.start
    report.inflated += outcome.inflated
    report.rows += len(part.rows)
    report.loose += outcome.loose
    report.findings += outcome.findings
    report.unchecked += outcome.unchecked
    report.left_out += outcome.as_it_came
    if outcome.torn:
        what = f"{outcome.torn} bytes of a torn last record, which the next crawl cuts off"
        report.left_out.append(f"{part.path.name}: {what}")


def _came_so(db: sqlite3.Connection, part: Part) -> bool:
    """Whether the file is byte for byte the one that `luutru import` took in."""
    try:
        return integrity.was_taken_in(db, part.name, sha256_of(part.path))
    except OSError:
        return False


def _judge(report: Report, unvouched: list[Finding], came_so: bool) -> None:
    """A whole file that is the one that was taken in has no damage of later."""
    if came_so:
        report.left_out += [f"{finding}; the file came like that" for finding in unvouched]
    else:
        report.findings += unvouched
