"""Scores readers against pages with hand-checked truth: luutru, and its peers in the same run.

    python benchmarks/extraction.py PAGES_DIR [--profile SLUG] [--only TEXT] [--halves]
        [--disguise NAME,...] [--peers PYTHON | --alone]

PAGES_DIR holds pages as bytes and `truth.json`: file name to kind, url, title, published_on,
published_at, view_count, author, starts, ends, must_contain, must_not, chars, ... A body is right
when it holds starts, ends and every must_contain, none of must_not, and its length is within 15 %
of chars, white space folded; where the truth has the whole `body`, its token F1 is averaged too. A
truth of null means that the page does not show the field; `fetched_at` is when the page was
fetched. `--floors FILE` (TOML, field to percent)
makes anything below a floor an error. PYTHON is the interpreter that has the peers: that of
`.venv-peers`, which `make bench` or `make .venv-peers/ready` makes, else this one, which has
trafilatura only. With `--alone` nobody else reads.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import mean, median
from typing import Any
from urllib.parse import urljoin

from benchmarks import peers
from benchmarks.disguises import DISGUISES, disguised
from benchmarks.peers import READ, ROUNDS, Reader, Reading, milliseconds
from crawler import profiles
from crawler.items import Article, Page, ReadPage
from pipelines.read import read

Truth = dict[str, Any]
_APART = Path(__file__).parents[1] / ".venv-peers/bin/python"
PEERS = _APART if _APART.exists() else Path(sys.executable)
FIELDS = ("title", "published_on", "published_at", "view_count", "author", "body")


@dataclass(frozen=True)
class Golden:
    """One page with its truth."""

    path: Path
    truth: Truth
    body: bytes

    @property
    def name(self) -> str:
        """The file's name, by which its truth is found."""
        return self.path.name

    @property
    def is_article(self) -> bool:
        """Whether a person took it for an article."""
        return bool(self.truth["kind"] == "article")


Faults = dict[str, list[tuple[str, str]]]
"""Field to the pages that have it wrong, with what is wrong."""


def folded(text: str | None) -> str:
    """`text` with any white space as one space."""
    return " ".join((text or "").split())


def body_fault(truth: Truth, body: str | None) -> str | None:
    """What is wrong with the body, or None."""
    text = folded(body)
    for part in (truth["starts"], truth["ends"], *truth["must_contain"]):
        if folded(part) not in text:
            return f"lacks {folded(part)[:40]!r}"
    for part in truth["must_not"]:
        if folded(part) in text:
            return f"holds {folded(part)[:40]!r}"
    if abs(len(text) - truth["chars"]) > 0.15 * truth["chars"]:
        return f"{len(text)} characters instead of {truth['chars']}"
    return None


def field_fault(field: str, truth: Truth, article: Article | Reading) -> str | None:
    """What is wrong with a field, or None."""
    if field == "body":
        return body_fault(truth, article.body)
    expected, value = truth.get(field), getattr(article, field, None)
    if field == "published_at":
        expected = datetime.fromisoformat(expected).astimezone(UTC) if expected else None
    if field == "published_on" and value and not isinstance(value, str):
        value = value.isoformat()
    if isinstance(expected, str):
        expected, value = folded(expected), folded(value)
    return None if expected == value else f"{value!r} instead of {expected!r}"


def token_f1(expected: str, got: str | None) -> float:
    """Agreement of two texts in words, 0 to 1: the harmonic mean of precision and recall."""
    words, found = Counter(expected.split()), Counter((got or "").split())
    common = (words & found).total()
    return 2 * common / (words.total() + found.total()) if common else 0.0


def taken(got: ReadPage) -> Article | Reading:
    """The article that was read; nothing at all when the page was taken for something else."""
    return got.article or Reading()


def load(folder: Path, only: str) -> list[Golden]:
    """The pages of `folder` whose name holds `only`."""
    truths = json.loads((folder / "truth.json").read_text("utf-8"))
    return [
        Golden(folder / name, truth, (folder / name).read_bytes())
        for name, truth in truths.items()
        if only in name
    ]


def hidden(pages: list[Golden], disguises: Iterable[str]) -> list[Golden]:
    """The pages without the hints that these disguises take away, their truth as it was."""
    names = list(disguises)
    return [replace(page, body=disguised(page.body, names)) if names else page for page in pages]


def faults_of(pages: list[Golden], articles: list[Article | Reading]) -> Faults:
    """What is wrong in `articles`, one for each page of `pages`, field by field."""
    faults: Faults = {field: [] for field in FIELDS}
    for page, article in zip(pages, articles, strict=True):
        for field in FIELDS:
            if found := field_fault(field, page.truth, article):
                faults[field].append((page.name, found))
    return faults


def kind_faults(pages: list[Golden], read_pages: list[ReadPage]) -> list[tuple[str, str]]:
    """Articles taken for something else, and the reverse."""
    return [
        (page.name, f"{got.kind} instead of {page.truth['kind']}")
        for page, got in zip(pages, read_pages, strict=True)
        if (got.kind == "article") != page.is_article
    ]


def luutru(slug: str | None, fetched: Mapping[str, datetime] | None = None) -> "Reader":
    """The reader of this project as a peer among peers; `fetched` tells when which URL was.

    Relative times ("9 giờ trước") count from then; where nothing is told, from now.
    """
    when = fetched or {}

    # The portal's profile, as a crawl has it: with a page's own address it would be the home page.
    portal = cache(lambda home: profiles.load(slug) if slug else profiles.for_url(home))

    def call(url: str, body: bytes) -> Any:
        page = Page(url, when.get(url) or datetime.now(UTC), 200, "text/html", body)
        return read(page, portal(urljoin(url, "/")))

    return call


def fetched(pages: list[Golden]) -> dict[str, datetime]:
    """URL to when the page was fetched, of the pages whose truth tells it."""
    told = ((page.truth["url"], page.truth.get("fetched_at")) for page in pages)
    return {url: datetime.fromisoformat(when) for url, when in told if when}


def percent(faults: Faults, field: str, whole: int) -> float:
    """How many of `whole` pages have the field right."""
    return 100 * (1 - len(faults[field]) / max(1, whole))


def print_faults(title: str, faults: list[tuple[str, str]], whole: int) -> None:
    """One row, and the wrong pages below it."""
    right = whole - len(faults)
    print(f"{title:14} {right:3} of {whole:3}  {100 * right / max(1, whole):5.1f} %")
    for name, found in faults:
        print(f"    {name}: {found}")


def ask_peers(python: Path, pages: list[Golden]) -> dict[str, tuple[Faults, list[float]]]:
    """What is wrong in the readings of each peer, and its milliseconds for a page, by round."""
    return {
        name: (faults_of(pages, [Reading(**r) for r in told["readings"]]), told["milliseconds"])
        for name, told in asked_of(python, pages).items()
    }


def asked_of(python: Path, pages: list[Golden], rounds: int = ROUNDS) -> dict[str, Any]:
    """What each peer that `python` has reads in the pages, and its milliseconds, by round."""
    command = [python, peers.__file__, str(rounds)]
    with tempfile.TemporaryDirectory() as folder:
        asked = json.dumps(list(_laid_out(pages, Path(folder))))
        run = subprocess.run(command, input=asked, text=True, stdout=subprocess.PIPE, check=True)
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def _laid_out(pages: list[Golden], folder: Path) -> Iterator[tuple[str, str]]:
    """Address and file of each page as it is read: a disguised one is no file yet."""
    for number, page in enumerate(pages):
        path = folder / str(number)
        path.write_bytes(page.body)
        yield page.truth["url"], str(path)


def compare(pages: list[Golden], own: Faults, own_ms: float, python: Path) -> None:
    """The table of all readers, field by field, and how fast each is."""
    told = ask_peers(python, pages)
    table = {"luutru": (own, own_ms)} | {n: (f, median(ms)) for n, (f, ms) in told.items()}
    print(f"\n{'percent right':14}" + "".join(f"{name:>13}" for name in table))
    for field in FIELDS:
        cells = (
            f"{percent(faults, field, len(pages)):13.1f}"
            if name == "luutru" or field in READ
            else f"{'-':>13}"
            for name, (faults, _) in table.items()
        )
        print(f"{field:14}" + "".join(cells))
    print(f"{'pages a second':14}" + "".join(f"{1000 / ms:13.0f}" for _, ms in table.values()))
    print(f"{'luutru is':14}" + "".join(f"{ms / own_ms:12.1f}x" for _, ms in table.values()))


def print_halves(pages: list[Golden], faults: Faults, seed: int = 1) -> None:
    """The scores of two random halves: how far they depend on which pages a set happens to hold.

    It is no score of unseen pages, unless nothing was tuned on one of the halves.
    """
    names = sorted(page.name for page in pages)
    random.Random(seed).shuffle(names)
    halves = names[: len(names) // 2], names[len(names) // 2 :]
    for field in FIELDS:
        wrong = {name for name, _ in faults[field]}
        shares = (100 * (1 - len(wrong & set(half)) / max(1, len(half))) for half in halves)
        print(f"{field:14}" + "".join(f"{share:8.1f} %" for share in shares))


def below(floors: dict[str, float], faults: Faults, whole: int) -> list[str]:
    """The fields whose score lies under their floor."""
    scores = {field: percent(faults, field, whole) for field in FIELDS}
    return [
        f"{field}: {scores[field]:.1f} % is below the floor of {floor} %"
        for field, floor in floors.items()
        if scores[field] < floor
    ]


def main() -> int:
    """Prints the table; 1 when anything is wrong, or below a floor where floors are given."""
    options = _parser().parse_args()
    pages = hidden(load(options.folder, options.only), options.disguise)
    reader = luutru(options.profile, fetched(pages))
    got: list[Any] = [reader(page.truth["url"], page.body) for page in pages]
    articles = [page for page in pages if page.is_article]
    own = faults_of(articles, [taken(g) for g, p in zip(got, pages, strict=True) if p.is_article])
    kinds = kind_faults(pages, got)
    print_faults("kind", kinds, len(pages))
    for field in FIELDS:
        print_faults(field, own[field], len(articles))
    whole = [(p, taken(g)) for p, g in zip(pages, got, strict=True) if p.truth.get("body")]
    if whole:
        f1 = mean(token_f1(page.truth["body"], article.body) for page, article in whole)
        print(f"token F1 of {len(whole)} whole bodies: {f1:.3f}")
    if options.halves:
        print_halves(articles, own)
    own_ms = median(milliseconds(reader, [(page.truth["url"], page.body) for page in articles]))
    print(f"{own_ms:.2f} ms an article")
    if not options.alone:
        compare(articles, own, own_ms, options.peers)
    if options.floors:
        short = below(tomllib.loads(options.floors.read_text("utf-8")), own, len(articles))
        print(*short, sep="\n")
        return int(bool(short or kinds))
    return int(any(own.values()) or bool(kinds))


def _disguises(told: str) -> list[str]:
    names = told.split(",")
    if unknown := [name for name in names if name not in DISGUISES]:
        raise argparse.ArgumentTypeError(f"no disguise {unknown[0]!r}: {', '.join(DISGUISES)}")
    return names


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", help="read every page with this profile")
    parser.add_argument("--only", default="", help="only pages whose name holds this")
    parser.add_argument("--peers", type=Path, default=PEERS, help="the Python that has the peers")
    parser.add_argument("--alone", action="store_true", help="score no other readers")
    parser.add_argument("--halves", action="store_true", help="score two random halves apart")
    parser.add_argument(
        "--disguise",
        type=_disguises,
        default=[],
        metavar="NAME,...",
        help=f"take hints off the pages first: {', '.join(DISGUISES)}",
    )
    parser.add_argument("--floors", type=Path, help="TOML file with the least percent of a field")
    return parser


if __name__ == "__main__":
    sys.exit(main())
