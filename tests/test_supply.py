"""What the project is made with: every file known by its hash, and listed as CycloneDX for those who must know."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from cxkb import encoder
from cxkb.errors import ModelUnavailable

ROOT = Path(__file__).resolve().parent.parent

PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)", re.MULTILINE)


def versions(file: str) -> dict[str, str]:
    """Name, as PEP 503 spells it -> version."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return {re.sub(r"[-_.]+", "-", found["name"]).lower(): found["version"] for found in PINNED.finditer(text)}


def test_what_is_locked_is_what_is_tested():
    locked, tested = versions("requirements.lock"), versions("constraints.txt")
    assert tested
    assert {name: locked.get(name) for name in tested} == tested


def test_every_file_is_known_by_its_hash_and_no_address_is_named():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) == len(versions("requirements.lock"))
    entry = re.compile(r"[\w.-]+==[\w.+]+(?: ; [^\n\\]+?)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+")
    assert [found for found in entries if not entry.fullmatch(found)] == []


@pytest.fixture(scope="module")
def bill() -> str:
    """The bill of materials, made as `make sbom` makes it."""
    recipe = re.search(r"\ncyclonedx-py (.*) --output-file build/\S+ \\\n\s+(\S+)", make("sbom"))
    assert recipe
    command = [str(Path(sys.executable).with_name("cyclonedx-py")), *recipe[1].split(), recipe[2]]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def make(target: str) -> str:
    """What make would run."""
    told = subprocess.run(
        ["make", "--dry-run", "BIN=.", target], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return told.replace("\n./", "\n")


def test_the_bill_of_materials_is_cyclonedx(bill: str):
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None


def test_the_bill_of_materials_lists_all_that_is_locked_with_hashes(bill: str):
    listed = {part["name"]: part for part in json.loads(bill)["components"]}
    assert {name: part["version"] for name, part in listed.items()} == versions("requirements.lock")
    assert [name for name, part in listed.items() if "hashes" not in json.dumps(part)] == []


def test_the_bill_of_materials_names_neither_time_nor_machine(bill: str):
    made = json.loads(bill)
    assert "timestamp" not in made["metadata"]
    assert "serialNumber" not in made
    assert str(ROOT) not in bill
    assert made["metadata"]["component"]["name"] == "cxkb"


def test_another_model_than_the_published_one_is_not_loaded(changed, monkeypatch: pytest.MonkeyPatch):
    folder = changed({})
    weights = folder / encoder.WEIGHTS
    raw = bytearray(weights.read_bytes())
    raw[-1] ^= 1
    weights.unlink()
    weights.write_bytes(raw)
    monkeypatch.setattr(encoder, "_load", lambda _: pytest.fail("the weights were loaded"))
    with pytest.raises(ModelUnavailable, match="not the published weights"):
        encoder.SentenceEncoder(encoder.Model(encoder.BUNDLED, folder))
