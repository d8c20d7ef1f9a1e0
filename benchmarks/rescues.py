"""Rescues out of a pywb, killed with SIGKILL at random moments until they end.

Before the web archive stands a front that talks as the Wayback Machine does, answers 429 and 503,
drops connections and cuts bodies. What the archive holds in the end must be what an undisturbed
rescue gives, each thing once, and `luutru verify` clean:
`python -m benchmarks.rescues [--kills 50] [--articles 12] [--seed 1]`. Exits 1 on any difference.
Needs pywb (tests/install-browser-parts.sh).
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.test_replay import rows
from tests.wayback_front import Front, fronted
from tests.web_archives import asked_at, past, pywb

_SAME = ("articles", "versions", "view_counts", "readings", "images", "attachments", "urls")
_FAULTS = {
    r"/cdx": "drop",
    r"/web/\d{12}1\did_": "429",
    r"/web/\d{12}2\did_": "cut",
    r"/web/\d{12}3\did_": "short",
    r"/web/\d{12}4\did_": "503",
}
_PROGRAM = [sys.executable, "-c", "from crawler.cli import main; main()"]


def main() -> None:
    """Kill, go on, compare, and print a line for each archive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--articles", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = past(folder, options.articles)
        (folder / "pywb").mkdir()
        with pywb(folder / "pywb", made.warcs) as address:
            wrong = _all(folder, made.url, address, options.kills, random.Random(options.seed))
    sys.exit(1 if wrong else 0)


def _all(folder: Path, url: str, address: str, kills: int, chance: random.Random) -> int:
    began = time.monotonic()
    _rescued(folder / "undisturbed.db", url, Front(pywb=address))
    lasts = time.monotonic() - began
    done = wrong = 0
    while done < kills:
        db = folder / f"{done}.db"
        front = Front(pywb=address, once=dict(_FAULTS))
        killed = _killed(db, url, front, chance, min(kills - done, 10), lasts)
        done += killed
        differing = _differing(db, folder / "undisturbed.db")
        wrong += bool(differing)
        print(f"{done:4} kills, {killed} of this archive: {differing or 'the same'}", flush=True)
    print(f"{wrong} archives differ; one rescue lasts {lasts:.1f} s undisturbed")
    return wrong


def _killed(
    db: Path, url: str, front: Front, chance: random.Random, most: int, lasts: float
) -> int:
    """Kill rescues of one archive until one ends by itself, or `most` were; then let it end."""
    killed = 0
    with fronted(front):
        while killed < most:
            process = subprocess.Popen(_command(db, url, front), stdout=subprocess.DEVNULL)
            try:
                process.wait(chance.uniform(0.2, 0.5) * lasts)
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                killed += 1
        subprocess.run(_command(db, url, front), check=True, stdout=subprocess.DEVNULL)
    return killed


def _rescued(db: Path, url: str, front: Front) -> None:
    with fronted(front):
        subprocess.run(_command(db, url, front), check=True, stdout=subprocess.DEVNULL)


def _command(db: Path, url: str, front: Front) -> list[str]:
    there = asked_at(f"{front.url}/cdx/search/cdx", f"{front.url}/web")
    return [*_PROGRAM, "rescue", url, "--from", "wayback", "--db", str(db), *there]


def _differing(db: Path, undisturbed: Path) -> list[str]:
    found = [table for table in _SAME if rows(db, table) != rows(undisturbed, table)]
    verified = subprocess.run([*_PROGRAM, "verify", "--db", str(db)], capture_output=True)
    return [*found, *(["verify"] if verified.returncode else [])]


if __name__ == "__main__":
    main()
