"""What the pictures of all concept and tension pages cost: CPU milliseconds and kilobytes each, drawn and kept.

    python benchmarks/cards.py [--rounds 5]

CPU time of this process, so that a busy machine changes little; medians over the rounds. The first round, which also
loads the library and the fonts, is given by itself.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cxkb import cards, knowledge, settings

if TYPE_CHECKING:
    from collections.abc import Callable

SITE = "Customer experience knowledge base"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    loaded = knowledge.load_or_fail(settings.find())
    colour = cards.colours()[0]
    groups = loaded.settings.groups
    pages = [
        *((c.head.title, c.head.definition, f"Concept · {groups[c.head.group]}") for c in loaded.concepts.values()),
        *((t.head.title, t.head.summary, "Tension") for t in loaded.tensions.values()),
    ]
    with tempfile.TemporaryDirectory() as folder:
        first, drawn, sizes = measured(
            rounds, lambda: [len(cards.card(title, text, colour, SITE, label)) for title, text, label in pages]
        )
        kept_in = Path(folder)
        _, kept, _ = measured(
            rounds, lambda: [len(cards.load_or_draw(kept_in, *page[:2], colour, SITE, page[2])) for page in pages]
        )
    print(f"{len(pages)} cards, CPU ms each: {first:.1f} in the first round, {drawn:.1f} drawn, {kept:.2f} kept")
    print(f"KB each: {statistics.mean(sizes) / 1000:.1f} on average, {max(sizes) / 1000:.1f} at most")


def measured(rounds: int, draw_all: Callable[[], list[int]]) -> tuple[float, float, list[int]]:
    """CPU milliseconds a card in the first round and in the median of those after it; bytes of each card."""
    spent = []
    for _ in range(rounds + 1):
        start = time.process_time()
        sizes = draw_all()
        spent.append((time.process_time() - start) / len(sizes) * 1000)
    return spent[0], statistics.median(spent[1:]), sizes


if __name__ == "__main__":
    main()
