"""A list in a file's front matter changed, every other byte left as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from cxkb.mentions import HEAD, head_of, replaced

if TYPE_CHECKING:
    from collections.abc import Sequence


def with_list(text: str, key: str, ids: Sequence[str]) -> str:
    """The text with these ids under `key` of its head; without the key when there are none.

    A key that is new stands last. The text has a head that `frontmatter` can read.
    """
    start, entries = head_of(text)
    written = f"{key}: [{', '.join(ids)}]"
    newline = "\r\n" if "\r\n" in text else "\n"
    for found, value in entries:
        if found.value == key:
            first, last = start + found.start_mark.index, start + _end(value)
            if ids:
                return replaced(text, [(first, last, written)])
            return replaced(text, [(first, text.index("\n", last) + 1, "")])
    head = HEAD.match(text.replace("\r\n", " \n").replace("\r", "\n"))
    assert head, "the text has a head"
    return replaced(text, [(head.end("head"), head.end("head"), written + newline)]) if ids else text


def _end(node: yaml.Node) -> int:
    """Where a value ends; a block list, by its mark, ends where the next key begins."""
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1])
    return int(node.end_mark.index)
