"""A byte that is not as it was written is noticed: refused by the file's name, mended by the next run.

Not kept: a manifest's number of its format may turn into that of a newer cxkb, which is said instead of damage. Pictures of
pages that are kept from build to build are not checked when they are used again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkb import index
from cxkb.errors import CxkbError, IndexDamaged, IndexOutdated
from tests.faults import commands
from tests.promises import Lost, Promise

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

MUTATIONS = 200
"""In a trial, each of a whole index; the last one is mended."""


def mutated(random: Random, raw: bytes) -> bytes:
    """Other bytes: one flipped, two swapped, some cut off or added."""
    damaged = bytearray(raw)
    while damaged == raw:
        match random.choice(["flip", "swap", "truncate", "append", "insert", "remove"]):
            case "flip":
                damaged[random.randrange(len(raw))] ^= 1 << random.randrange(8)
            case "swap":
                one, other = random.randrange(len(raw)), random.randrange(len(raw))
                damaged[one], damaged[other] = damaged[other], damaged[one]
            case "truncate":
                del damaged[random.randrange(len(raw)) :]
            case "append":
                damaged += random.randbytes(random.randint(1, 64))
            case "insert":
                damaged.insert(random.randrange(len(raw)), random.randrange(256))
            case _:
                del damaged[random.randrange(len(raw))]
    return bytes(damaged)


def index_files(random: Random, folder: Path) -> None:
    """Any file of the index; or two of them with each other's content."""
    root = commands.copy(commands.case("rename"), folder)  # its index was made in one go, as the mended one will be
    before = commands.state(root)
    files = sorted((root / ".cxkb" / "index").iterdir())
    for number in range(MUTATIONS):
        file, other = random.sample(files, 2)
        raw, others = file.read_bytes(), other.read_bytes()
        swapped = random.random() < 0.1
        file.write_bytes(others if swapped else mutated(random, raw))
        if swapped:
            other.write_bytes(raw)
        refused = _refusal(file.parent)
        if refused is None:
            raise Lost(f"{file.name} was answered from, damaged")
        is_named = any(str(one) in str(refused) for one in ([file, other] if swapped else [file]))
        assert is_named or isinstance(refused, IndexOutdated), refused
        if number < MUTATIONS - 1:
            file.write_bytes(raw)
            other.write_bytes(others)
    done = commands.run(root, "index")
    assert done.status == 0, done
    if commands.state(root) != before:
        raise Lost("The index is not mended")


def _refusal(folder: Path) -> CxkbError | None:
    try:
        index.load(folder)
    except (IndexDamaged, IndexOutdated) as error:
        return error
    return None


def site_files(random: Random, folder: Path) -> None:
    """Any file that a browser gets, or the model that is kept for it: the next run writes what was there."""
    root = commands.copy(commands.case("rename"), folder)  # its site's files are those of its index
    served = root / "site" / "assets" / "cxkb"
    before = {file: file.read_bytes() for file in sorted(served.rglob("*")) if file.is_file()}
    kept = [file for file in sorted((root / ".cxkb" / "browser").rglob("*")) if file.is_file()]
    for file in random.sample([*before, *kept], 3):
        file.write_bytes(mutated(random, file.read_bytes()))
    file = random.choice(kept)
    file.write_bytes(mutated(random, file.read_bytes()))
    next(served.glob("search/layers-*")).unlink()  # or it would not be looked for among what is kept
    done = commands.run(root, "site-assets", "site")
    assert done.status == 0, done
    if {file: file.read_bytes() for file in sorted(served.rglob("*")) if file.is_file()} != before:
        raise Lost("The site's files are not mended")


PROMISES = [
    Promise("a damaged index is refused by name, and mended", index_files, short=1, long=10),
    Promise("damaged files of a site are mended", site_files, short=1, long=40),
]
