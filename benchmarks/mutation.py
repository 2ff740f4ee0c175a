"""How many of the faults that mutmut puts into the code the tests notice, for the modules that [tool.mutmut] names.

    python benchmarks/mutation.py [--only MODULE]

A mutant is killed when a test fails or goes on for ever. An equivalent one does what the code does, so that no test can
tell them apart: tests/mutation/equivalent.toml names each with the reason. The rest survived. The score is the share of
killed ones among those that are not equivalent. Below the table stands what each survivor changed. Exits with 1 if there
is one, or an equivalent mutant that there is not.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

EQUIVALENT = ROOT / "tests" / "mutation" / "equivalent.toml"

LINKS = {"src": "search", "tests": "tests", "pyproject.toml": "pyproject.toml"}
"""Name where mutmut works -> name here. It takes source from src/, lib/ or the folder itself, and from no other."""

KILLED = {"killed", "timeout", "segfault"}

NOT_RUN = "not checked"

RESULT = re.compile(r"^ +(?P<name>cxkb\.(?P<module>\w+)\.\S+): (?P<status>.+)$", re.MULTILINE)


def mutmut(folder: Path, *arguments: str) -> str:
    """What mutmut prints in this folder; what it prints while it runs the tests goes to stderr."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}  # FAISS's threads do not outlive a fork
    command = [sys.executable, "-m", "mutmut", *arguments]
    shown = sys.stderr if arguments[0] == "run" else subprocess.PIPE
    done = subprocess.run(command, cwd=folder, env=environment, stdout=shown, text=True, check=True)
    return done.stdout or ""


def change(folder: Path, name: str) -> str:
    """The lines that the mutant takes away and those that it puts there, without indentation."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant  # `mutmut show` takes a second to start

    with contextlib.chdir(folder):
        lines = get_diff_for_mutant(name).splitlines()
    changed = (line for line in lines if re.match(r"[-+](?!--|\+\+)", line))
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in changed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="MODULE")
    only = parser.parse_args().only
    known = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    equivalent = {
        (module, changed.strip())
        for module, reasons in known.items()
        for reason in reasons
        for changed in reason["changes"]
        if only in {None, module}
    }
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for there, here in LINKS.items():
            (folder / there).symlink_to(ROOT / here)
        mutmut(folder, "run", *([f"cxkb.{only}.*"] if only else []))
        results = RESULT.finditer(mutmut(folder, "results", "--all", "true"))
        mutants = [(found["module"], found["name"], found["status"]) for found in results if found["status"] != NOT_RUN]
        alive = [(module, change(folder, name), status) for module, name, status in mutants if status not in KILLED]
    survived = [found for found in alive if found[:2] not in equivalent]
    every, living, unknown = (Counter(found[0] for found in some) for some in (mutants, alive, survived))
    print(f"{'module':12}{'mutants':>8}{'killed':>8}{'equivalent':>12}{'survived':>10}{'score':>9}")
    for module in every:
        killed, left = every[module] - living[module], unknown[module]
        print(
            f"{module:12}{every[module]:8}{killed:8}{living[module] - left:12}{left:10}{killed / (killed + left):9.1%}"
        )
    for module, changed, status in survived:
        print(f"\n{module}: {status}\n{changed}")
    gone = sorted(equivalent - {found[:2] for found in alive})
    for module, changed in gone:
        print(f"\n{module}: no such mutant lives; take it out of {EQUIVALENT.relative_to(ROOT)}\n{changed}")
    raise SystemExit(bool(survived or gone))


if __name__ == "__main__":
    main()
