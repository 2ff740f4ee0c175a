"""Sources as CSL-JSON, the format of Zotero, Pandoc and every CSL processor (CSL 1.0.2, csl-data.json)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cxkb.heads import SourceHead

DATES = ("issued", "accessed")

OURS = ("same-voice-as", "formerly")
"""Fields of a head that CSL does not know; `custom` is where CSL-JSON has room for them."""


def entry(key: str, head: SourceHead) -> dict[str, Any]:
    """The source as a CSL-JSON object whose id is the citation key."""
    fields = head.model_dump(by_alias=True, exclude_defaults=True)
    for name in DATES:
        if name in fields:
            fields[name] = {"date-parts": [[int(part) for part in fields[name].split("-")]]}
    if ours := {name: fields.pop(name) for name in OURS if name in fields}:
        fields["custom"] = ours
    return {"id": key, **fields}


def listing(entries: Iterable[dict[str, Any]]) -> str:
    """CSL-JSON objects as a file."""
    return json.dumps(list(entries), ensure_ascii=False, indent=2) + "\n"
