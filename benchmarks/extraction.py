"""How much of a sample article's text `cxkb add source` keeps, and how much of what it keeps belongs to it.

    python benchmarks/extraction.py [FOLDER]

For each page in the folder, tests/articles unless given, that has its text beside it (<name>.txt): precision and recall
of the words, counted as often as they occur, and CPU seconds of the extraction, the first of which loads the libraries.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from pathlib import Path

from cxkb import article

SAMPLES = Path(__file__).parent.parent / "tests" / "articles"

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=SAMPLES)
    folder = parser.parse_args().folder
    pages = [file for file in sorted(folder.iterdir()) if file.suffix in (".html", ".md", ".pdf", ".text")]
    print(f"{'page':<26} {'words':>5} {'precision':>9} {'recall':>6} {'seconds':>7}")
    for page in pages:
        text = page.with_suffix(".txt")
        if not text.is_file():
            continue
        start = time.process_time()
        kept = words("\n".join(article.read(page.read_bytes(), page.name).paragraphs))
        spent = time.process_time() - start
        wanted = words(text.read_text(encoding="utf-8"))
        both = (kept & wanted).total()
        print(
            f"{page.name:<26} {wanted.total():>5} {both / kept.total():>9.3f} {both / wanted.total():>6.3f} {spent:>7.2f}"
        )


def words(text: str) -> Counter[str]:
    return Counter(WORD.findall(text.lower()))


if __name__ == "__main__":
    main()
