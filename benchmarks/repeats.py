"""What texts share by their prints: unrelated ones, editions, and texts of which ever more words are changed.

    python benchmarks/repeats.py

Of the sample articles in tests/articles. Changed words are drawn from all articles, so that runs may be equal by chance.
"""

from __future__ import annotations

import random
import statistics
from itertools import permutations
from pathlib import Path

from cxkb import prints

EDITIONS = {"interview-blog", "interview-magazine"}

ROUNDS = 20


def main() -> None:
    folder = Path(__file__).parent.parent / "tests" / "articles"
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.txt"))}
    made = {name: prints.make(text) for name, text in texts.items()}
    for one, other in permutations(made, 2):
        if {one, other} == EDITIONS:
            print(f"{one} of {other}: {prints.compare(made[one], made[other]).share:.3f}")
    pairs = [pair for pair in permutations(made, 2) if set(pair) != EDITIONS]
    most = max(prints.compare(made[one], made[other]).share for one, other in pairs)
    print(f"{len(pairs)} unrelated pairs: at most {most:.3f}")
    words = [word for text in texts.values() for word in text.split()]
    print(f"{'changed words':13}{'least share':>15}{'median':>8}   an edition from {prints.EDITION}")
    for rate in (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4):
        shares = [
            prints.compare(prints.make(changed(text, rate, words, seed)), made[name]).share
            for name, text in texts.items()
            for seed in range(ROUNDS)
        ]
        print(f"{rate:13.2f}{min(shares):15.3f}{statistics.median(shares):8.3f}")


def changed(text: str, rate: float, words: list[str], seed: int) -> str:
    """The text with this share of its words changed."""
    chance = random.Random(seed)
    paragraphs = (
        " ".join(chance.choice(words) if chance.random() < rate else word for word in paragraph.split())
        for paragraph in prints.paragraphs(text)
    )
    return "\n\n".join(paragraphs)


if __name__ == "__main__":
    main()
