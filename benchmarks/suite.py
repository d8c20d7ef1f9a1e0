"""The whole suite: runs each part as a program of its own and writes `benchmarks/RESULTS.md`.

    python benchmarks/suite.py [--peers PYTHON] [--out FILE] [--only PART ...]

`make bench` calls it, with the peers that need an environment of their own. A part that fails or
takes too long is told in the results and does not stop the others.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import measured, results

HERE = Path(__file__).parent
MOST_SECONDS = 400
PARTS = {
    "crawl": ("crawl.py", "--articles", "300"),
    "extraction": ("readers.py", "--articles", "100"),
    "replay": ("replay.py", "--articles", "200"),
    "search": ("finding.py", "--articles", "8000", "--queries", "15"),
    "ingest": ("ingest.py", "--articles", "300"),
    "commit": ("commits.py", "--articles", "150"),
    "memory": ("memory.py", "--articles", "1200"),
    "size": ("sizes.py", "--articles", "200"),
    "start": ("start.py",),
}
"""Part to its program and sizes: some 5 minutes on two quiet cores, 15 on busy ones."""
Outcome = measured.Part | str
"""A part, or why there is none."""


def main() -> None:
    """Run and write."""
    options = _parser().parse_args()
    machine, begun = results.machine(options.peers), time.monotonic()
    outcomes: dict[str, Outcome] = {}
    for name, words in PARTS.items():
        if options.only and name not in options.only:
            continue
        more = ["--peers", str(options.peers)] if name == "extraction" and options.peers else []
        outcomes[name] = ran([*words, *more])
        seconds = time.monotonic() - begun
        print(_line(name, outcomes[name], seconds), flush=True)
        # After each part: what was measured stays when the rest is broken off.
        options.out.write_text(results.markdown(outcomes, machine, seconds), "utf-8")
    print(f"the results are in {options.out}")


def ran(words: list[str], most_seconds: float = MOST_SECONDS) -> Outcome:
    """What a program of the suite measures."""
    command = [sys.executable, str(HERE / words[0]), *words[1:], "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        try:
            said, complaints = run.communicate(timeout=most_seconds)
        except subprocess.TimeoutExpired:
            return f"it took more than {most_seconds:.0f} seconds"
        finally:
            _end(run)
    if run.returncode:
        return f"it ended with {run.returncode}: {(complaints.splitlines() or ['?'])[-1]}"
    return measured.read(said.splitlines()[-1])


def _end(run: subprocess.Popen[str]) -> None:
    """End a program that is still running, with the portal that it has started."""
    if run.poll() is None:
        os.killpg(run.pid, signal.SIGTERM)


def _line(name: str, outcome: Outcome, seconds: float) -> str:
    failed = f"not measured: {outcome}" if isinstance(outcome, str) else "measured"
    return f"{seconds:5.0f} s  {name} {failed}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--peers", type=Path, help="the Python that has the other readers")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), help="only these parts")
    return parser


if __name__ == "__main__":
    main()
