"""How near names are that mean the same, and names that do not: what `drafting.SAME` rests on.

    python benchmarks/names.py

Each row is the share of names whose nearest counterpart has at least that cosine:
- reworded: a title in another number, with an article or without hyphens, and the title itself
- alias: an English alias, and the nearest other name of its own concept
- distinct: a title, and the nearest name of any other concept; from SAME on, `cxkb add concept` would have refused it
"""

from __future__ import annotations

import numpy as np

from cxkb import knowledge, retrieve, settings

THRESHOLDS = (0.70, 0.75, 0.80, 0.85, 0.90, 0.95)


def reworded(title: str) -> set[str]:
    """The same name as another person would write it."""
    number = title.removesuffix("s") if title.endswith("s") else f"{title}s"
    return {number, f"The {title}", title.replace("-", " "), title.replace("-", "")} - {title}


def main() -> None:
    """Print the table."""
    found = settings.find()
    loaded = knowledge.load_or_fail(found)
    encode = retrieve.Searcher(found).encoder.encode
    titles = {id_: encode(concept.head.title) for id_, concept in loaded.concepts.items()}
    aliases = {
        id_: [encode(alias) for names in concept.head.aliases.values() for alias in names]
        for id_, concept in loaded.concepts.items()
    }
    english = {id_: len(concept.head.aliases.get("en", [])) for id_, concept in loaded.concepts.items()}
    rows: dict[str, list[float]] = {"reworded": [], "alias": [], "distinct": []}
    for id_, concept in loaded.concepts.items():
        rows["reworded"] += [float(encode(name) @ titles[id_]) for name in sorted(reworded(concept.head.title))]
        for n in range(english[id_]):
            others = [titles[id_], *aliases[id_][:n], *aliases[id_][n + 1 :]]
            rows["alias"].append(max(float(aliases[id_][n] @ other) for other in others))
        strangers = [vector for other in loaded.concepts if other != id_ for vector in (titles[other], *aliases[other])]
        rows["distinct"].append(max(float(titles[id_] @ vector) for vector in strangers))
    print(f"{'':10}{'names':>6}" + "".join(f"{threshold:>7.2f}" for threshold in THRESHOLDS))
    for name, cosines in rows.items():
        shares = [np.mean(np.array(cosines) >= threshold) for threshold in THRESHOLDS]
        print(f"{name:10}{len(cosines):>6}" + "".join(f"{share:>7.2f}" for share in shares))


if __name__ == "__main__":
    main()
