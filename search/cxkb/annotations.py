"""Problems for those who read them: a person at a terminal, an editor or grep, GitHub, any other program."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from cxkb import __version__
from cxkb.explanations import explanations
from cxkb.render import WIDTH, safe, to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from cxkb.explanations import Explanation
    from cxkb.records import Problem

Format = Literal["text", "github", "json", "sarif"]

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def line(problem: Problem) -> str:
    """The problem on one line, `path:line: message [code]`, whatever its path is made of."""
    return safe(str(problem).replace("\n", "\ufffd"))


def line_rich(problem: Problem) -> Text:
    """As `line`, its parts told apart by colour."""
    from rich.text import Text

    shown = Text(line(problem), no_wrap=True, overflow="ignore")
    where = len(f"{problem.path}:{problem.line}:")
    shown.stylize("bold", 0, where)
    shown.stylize("cyan", len(shown) - len(f"[{problem.code}]"))
    return shown


def annotated(problems: Sequence[Problem], form: Format) -> str:
    """The problems in this form, without a newline at the end; empty for no lines."""
    if form == "github":
        return "\n".join(map(_github, problems))
    if form == "json":
        return to_json([_object(problem) for problem in problems])
    if form == "sarif":
        return to_json(_sarif(problems))
    return "\n".join(map(line, problems))


def explained(explanation: Explanation) -> str:
    """An explanation as paragraphs of plain text, the example before and after last."""
    mend = explanation.mend
    if explanation.is_mechanical:
        mend += " Wherever that needs no judgement, `cxkb check --fix` does it for you."
    said = (f"{explanation.code}: {explanation.says}", explanation.why, mend)
    paragraphs = [textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False) for text in said]
    return "\n\n".join([*paragraphs, *(f"{title}\n{_indented(text)}" for title, text in _example(explanation))])


def listed() -> str:
    """Every code with what it stands for, one a line."""
    width = max(map(len, explanations()))
    return "\n".join(f"{code:<{width}}  {explanation.says}" for code, explanation in explanations().items())


def _example(explanation: Explanation) -> tuple[tuple[str, str], ...]:
    return ("Wrong:", explanation.wrong), ("Right:", explanation.right)


def _indented(text: str) -> str:
    return "\n".join(f"    {text_line}".rstrip() for text_line in text.split("\n"))


def _github(problem: Problem) -> str:
    """A workflow command, which GitHub shows beside the line of the change.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
    """
    properties = {"file": problem.path, "line": str(problem.line), "title": problem.code}
    written = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    why = explanations()[problem.code].why
    return safe(f"::error {written}::{_escaped(f'{problem.message}{chr(10)}{why}')}")


def _escaped(text: str, more: str = "") -> str:
    """What would end a value or a command, by its number; as actions/toolkit reads it."""
    return "".join(f"%{ord(character):02X}" if character in f"%\r\n{more}" else character for character in text)


def _object(problem: Problem) -> dict[str, str | int]:
    explanation = explanations()[problem.code]
    return {
        "path": problem.path,
        "line": problem.line,
        "code": problem.code,
        "message": problem.message,
        "why": explanation.why,
        "mend": explanation.mend,
    }


def _sarif(problems: Sequence[Problem]) -> dict[str, object]:
    """A log of SARIF 2.1.0, the Static Analysis Results Interchange Format (OASIS Standard, 2020)."""
    codes = sorted({problem.code for problem in problems})
    driver = {"name": "cxkb", "version": __version__, "rules": [_rule(explanations()[code]) for code in codes]}
    results = [
        {
            "ruleId": problem.code,
            "ruleIndex": codes.index(problem.code),
            "level": "error",
            "message": {"text": problem.message},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {
                            "uri": quote(problem.path, errors="surrogateescape"),
                            "uriBaseId": "%SRCROOT%",
                        },
                        "region": {"startLine": problem.line},
                    }
                }
            ],
        }
        for problem in problems
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(explanation: Explanation) -> dict[str, object]:
    example = "\n\n".join(f"{title}\n\n```\n{text}\n```" for title, text in _example(explanation))
    return {
        "id": explanation.code,
        "shortDescription": {"text": explanation.says},
        "fullDescription": {"text": explanation.why},
        "help": {"text": explanation.mend, "markdown": f"{explanation.mend}\n\n{example}"},
        "defaultConfiguration": {"level": "error"},
    }
