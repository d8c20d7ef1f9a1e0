"""How well the same text is told from others: which are found, and which are taken for it wrongly.

    python -m benchmarks.groups CORPUS.jsonl.gz [--show N]

Edited copies, as ten districts make them of a press release (a dateline, a signature, a sentence
less), should be found. The same text with other numbers, as a form gives each week, should not. Of
the corpus itself, all pairs that are found can be shown: whether they are the same is for people.
"""

import argparse
import random
import re
from collections import defaultdict
from itertools import combinations
from pathlib import Path

from benchmarks import corpus
from crawler.shingles import Shingles, shingles

_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_PLACES = ("Kim Sơn", "Yên Mô", "Gia Viễn", "Nho Quan", "Hoa Lư")


def edited(text: str, chance: random.Random) -> str:
    """The text with a dateline and a signature, and of longer ones without a sentence."""
    sentences = _SENTENCE.split(text)
    if len(sentences) > 8:
        sentences.pop(chance.randrange(len(sentences)))
    place = chance.choice(_PLACES)
    return f"({place}) - {' '.join(sentences)} Theo Cổng thông tin điện tử huyện {place}."


def renumbered(text: str, chance: random.Random) -> str:
    """The text with other numbers."""
    return re.sub(r"\d+", lambda found: str(chance.randrange(1, 10 ** len(found[0]))), text)


def meets(some: Shingles, other: Shingles) -> bool:
    """Whether two texts find each other and are taken for the same."""
    shared = set(some.looked_up_by()) & set(other.looked_up_by())
    return bool(shared) and bool(some.is_like(other))


def pairs(read: list[Shingles]) -> list[tuple[int, int]]:
    """All pairs of texts that are taken for the same."""
    by_key: dict[int, set[int]] = defaultdict(set)
    for number, each in enumerate(read):
        for key in each.looked_up_by():
            by_key[key].add(number)
    likely = {pair for some in by_key.values() for pair in combinations(sorted(some), 2)}
    return sorted(pair for pair in likely if read[pair[0]].is_like(read[pair[1]]))


def main() -> None:
    """Print how many are found, and the pairs if wished."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--show", type=int, default=0, help="so many pairs of the corpus")
    given = arguments.parse_args()
    documents = [each for each in corpus.read(given.corpus) if each.title]
    read = [shingles(each.body) for each in documents]
    chance = random.Random(1)
    long = [n for n, each in enumerate(read) if each.runs]
    sample = chance.sample(long, min(2000, len(long)))
    found = sum(meets(read[n], shingles(edited(documents[n].body, chance))) for n in sample)
    print(f"edited copies: {found} of {len(sample)} found")
    forms = [n for n in sample if len(read[n].numbers) > 5]
    wrong = sum(meets(read[n], shingles(renumbered(documents[n].body, chance))) for n in forms)
    print(f"other numbers: {wrong} of {len(forms)} taken for the same")
    same = pairs(read)
    print(
        f"the corpus: {len(same)} pairs among {len(documents):,}, {len(long):,} of them long enough"
    )
    for one, other in chance.sample(same, min(given.show, len(same))):
        alike = read[one].is_like(read[other])
        print(f"  {alike:.2f}  {documents[one].title[:70]} | {documents[other].title[:70]}")


if __name__ == "__main__":
    main()
