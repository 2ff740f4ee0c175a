"""How a list of references names a source, in APA style. Add a case in references.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cxkb.heads import SourceHead
from cxkb.reference import apa

CASES = tomllib.loads((Path(__file__).parent / "cases" / "references.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_a_source_is_referred_to_in_apa_style(name):
    case = dict(CASES[name])
    expected = case.pop("apa")
    assert apa(SourceHead.model_validate({"language": "en"} | case)) == expected
