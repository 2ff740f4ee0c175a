"""Look-ups in sorted lines of bytes, as they lie in a file: nothing is parsed but the line that is found.

Files that a person can read and that open at once: the lexical index and the lexicons are such files.
"""

from __future__ import annotations


def find(raw: bytes, key: bytes) -> int:
    """Offset of the first line that is not below `key`; the length of `raw` if there is none.

    Lines end with a newline and are sorted by their bytes from the second on; the first is a heading.
    """
    low, high = raw.find(b"\n") + 1, len(raw)
    while low < high:
        line = raw.rfind(b"\n", 0, (low + high) // 2) + 1
        end = raw.find(b"\n", line) + 1 or len(raw)
        if raw[line : end - 1] < key:
            low = end
        else:
            high = line
    return low


def line_at(raw: bytes, offset: int) -> bytes:
    """The line that starts at this offset, without its newline; empty at the end."""
    end = raw.find(b"\n", offset)
    return raw[offset : end if end >= 0 else len(raw)]


def value(raw: bytes, key: bytes) -> bytes | None:
    """What follows `key` on the line that starts with it; None if there is no such line."""
    line = line_at(raw, find(raw, key))
    return line[len(key) :] if line.startswith(key) else None
