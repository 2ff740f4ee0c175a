"""The three kinds of front matter, as models: what keys there are and what each may hold.

`cxkb schema` prints them as JSON Schema, so that editors complete and check heads while one types.
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from cxkb import names
from cxkb.nearest import hint, nearest
from cxkb.records import MOST_PROBLEMS, Problem

if TYPE_CHECKING:
    from typing import TypeVar

    from cxkb.frontmatter import Front

    Head = TypeVar("Head", bound=BaseModel)

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\n]*$")]
"""Text on one line."""

Id = Annotated[str, StringConstraints(pattern=f"^{names.ID.pattern}$", max_length=names.MAX_LENGTH)]
"""A concept's or tension's id, or a citation key: lower case words joined by hyphens."""


def _check_partial_date(text: str) -> str:
    """A date as exactly as it is known."""
    for form in ("%Y-%m-%d", "%Y-%m", "%Y"):
        try:
            parsed = datetime.datetime.strptime(text, form)
        except ValueError:
            continue
        if parsed.strftime(form) == text:
            return text
    raise ValueError(f"{text!r} is not a date; write 2016, 2016-09 or 2016-09-30")


def _check_date(text: str) -> str:
    """A whole day."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"{text!r} is not a day; write it as 2026-11-22")
    return _check_partial_date(text)


NUMBER_TOO: dict[str, Any] = {"type": ["string", "integer"]}
"""For the JSON Schema: editors take `issue: 9` and `issued: 2020` for numbers; to us every value is text."""

Number = Annotated[Line, Field(json_schema_extra=NUMBER_TOO)]
"""A volume, an issue, pages: text that often is a number."""

PartialDate = Annotated[
    str,
    AfterValidator(_check_partial_date),
    Field(json_schema_extra=NUMBER_TOO | {"pattern": r"^[0-9]{4}(-[0-9]{2}){0,2}$"}),
]
Date = Annotated[
    str, AfterValidator(_check_date), Field(json_schema_extra={"pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"})
]

Lang = Literal["en", "de", "nl"]
"""The languages in which readers ask, as BCP 47 tags."""

LANGUAGES: dict[Lang, str] = {"en": "English", "de": "German", "nl": "Dutch"}

ByLanguage = dict[Lang, list[Line]]

Formerly = Annotated[list[Id], Field(description="Ids that the page had or that were folded into it: they lead to it")]


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_alias=True, validate_by_name=False)


class Name(_Head):
    """A person (family, given) or an organisation (literal), as in CSL-JSON."""

    family: Line | None = None
    given: Line | None = None
    literal: Line | None = None

    @model_validator(mode="after")
    def _has_a_name(self) -> Name:
        if not (self.family or self.literal):
            raise ValueError("a name needs 'family' (a person) or 'literal' (an organisation)")
        return self


SourceType = Literal[
    "article", "article-journal", "article-magazine", "article-newspaper", "book", "chapter", "interview",
    "paper-conference", "post", "post-weblog", "report", "speech", "thesis", "webpage",
]  # fmt: skip
"""The CSL types that texts on customer experience come in (CSL 1.0.2, Appendix III)."""

SOURCE_KINDS: dict[SourceType, str] = {
    "article": "article",
    "article-journal": "journal article",
    "article-magazine": "magazine article",
    "article-newspaper": "newspaper article",
    "book": "book",
    "chapter": "chapter of a book",
    "interview": "interview",
    "paper-conference": "conference paper",
    "post": "post",
    "post-weblog": "blog post",
    "report": "report",
    "speech": "speech",
    "thesis": "thesis",
    "webpage": "web page",
}


class SourceHead(_Head):
    """Front matter of sources/<key>.md: CSL-JSON field names, in YAML. What is unknown is left out."""

    title: Annotated[Line, Field(description="A description of ours in [square brackets] where the text has no title")]
    title_short: Annotated[Line | None, Field(alias="title-short", description="Names a text without author")] = None
    type: SourceType
    author: Annotated[list[Name], Field(description="Who says it; for an interview, who is interviewed")] = []
    interviewer: list[Name] = []
    translator: list[Name] = []
    editor: list[Name] = []
    container_title: Annotated[Line | None, Field(alias="container-title", description="Magazine, blog or book")] = None
    publisher: Line | None = None
    volume: Number | None = None
    issue: Number | None = None
    page: Number | None = None
    issued: Annotated[PartialDate | None, Field(description="As exactly as known: 2016, 2016-09 or 2016-09-30")] = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$", description="BCP 47 tag")]
    url: Annotated[str | None, Field(alias="URL", pattern=r"^https?://[^\s<>\"]+$")] = None
    doi: Annotated[str | None, Field(alias="DOI", pattern=r"^10\.\d{4,9}/[^\s<>\"]+$")] = None
    accessed: Annotated[Date | None, Field(description="The day on which the text at URL was read")] = None
    same_voice_as: Annotated[
        Id | None, Field(alias="same-voice-as", description="Key of a source that is the same text")
    ] = None
    note: Annotated[
        str | None, Field(max_length=2000, description="What is known of the text's origin, and what is not")
    ] = None
    formerly: Formerly = []


class ConceptHead(_Head):
    """Front matter of docs/concepts/<id>.md."""

    title: Line
    definition: Annotated[Line, Field(description="One sentence of plain text that can stand on its own")]
    definitions: Annotated[dict[Lang, Line], Field(description="The definition in other languages")] = {}
    group: Annotated[Id, Field(description="An id of [tool.cxkb.groups]")]
    aliases: Annotated[ByLanguage, Field(description="What people call it, by language")] = {}
    questions: Annotated[ByLanguage, Field(description="What people ask who need this page, by language")] = {}
    broader: list[Id] = []
    narrower: list[Id] = []
    part_of: Annotated[list[Id], Field(alias="part-of")] = []
    enables: list[Id] = []
    obstacle_to: Annotated[list[Id], Field(alias="obstacle-to")] = []
    contrasts_with: Annotated[list[Id], Field(alias="contrasts-with")] = []
    related: list[Id] = []
    formerly: Formerly = []

    def names(self) -> list[str]:
        """What people call it, in every language; the title first."""
        return [self.title, *(alias for aliases in self.aliases.values() for alias in aliases)]

    def relations(self) -> dict[str, list[str]]:
        """Relation, as spelled in the head, -> ids of concepts. Only relations that have any."""
        return {name: ids for name in RELATIONS if (ids := getattr(self, name.replace("-", "_")))}


TensionKind = Literal["direct", "latent", "compatible", "variant", "within"]

TENSION_KINDS: dict[TensionKind, str] = {
    "direct": "The sources contradict each other",
    "latent": "The sources set different accents",
    "compatible": "The sources name different causes that can all be true",
    "variant": "Two editions of one text differ",
    "within": "The difference lies within one source",
}


class TensionHead(_Head):
    """Front matter of docs/tensions/<id>.md."""

    title: Annotated[Line, Field(pattern=r"\?$", description="A question")]
    summary: Annotated[Line, Field(description="One sentence that says what the difference is")]
    kind: TensionKind
    concepts: Annotated[list[Id], Field(min_length=1, description="Ids of the concepts it concerns")]
    questions: ByLanguage = {}
    formerly: Formerly = []


RELATIONS: dict[str, tuple[str, str, str | None]] = {
    "broader": ("Broader", "Narrower", "narrower"),
    "narrower": ("Narrower", "Broader", "broader"),
    "part-of": ("Part of", "Has part", None),
    "enables": ("Enables", "Enabled by", None),
    "obstacle-to": ("Obstacle to", "Hindered by", None),
    "contrasts-with": ("Contrasts with", "Contrasts with", "contrasts-with"),
    "related": ("Related", "Related", "related"),
}
"""Relation -> (label, label seen from the other side, relation that the other page must state in return).

In the spirit of SKOS: broader and narrower are inverse, related and contrasts-with symmetrical. The others are one-way;
the page at their far end shows them without stating them.
"""

HEADS: dict[str, type[BaseModel]] = {"source": SourceHead, "concept": ConceptHead, "tension": TensionHead}


def order(model: type[BaseModel]) -> list[str]:
    """The keys of a head in the order in which they are written."""
    return [field.alias or name for name, field in model.model_fields.items()]


CODES = {
    "missing": "missing-key",
    "extra_forbidden": "unknown-key",
    "literal_error": "unknown-value",
    "string_type": "wrong-type",
    "list_type": "wrong-type",
    "dict_type": "wrong-type",
    "model_type": "wrong-type",
    "string_too_short": "wrong-length",
    "string_too_long": "wrong-length",
    "too_short": "wrong-length",
}
"""Pydantic's name of an error -> the code of our problem; of all others WRONG_FORM."""

WRONG_FORM = "wrong-form"


def validate(model: type[Head], front: Front, path: str) -> tuple[Head | None, list[Problem]]:
    """The head as `model`, or None with a problem for each thing that is wrong, for the first MOST_PROBLEMS of them."""
    try:
        return model.model_validate(front.values), []
    except ValidationError as error:
        problems = [
            Problem(
                path,
                front.line(_place(item["loc"])),
                _message(model, item),
                CODES.get(item["type"], WRONG_FORM),
            )
            for item in error.errors(include_url=False)[:MOST_PROBLEMS]
        ]
        return None, problems


LITERAL = re.compile("'([^']+)'")
"""A value among those that pydantic says are expected: `'direct', 'latent' or 'within'`."""


def _place(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Pydantic's location without the mark it adds to a mapping's key."""
    return tuple(step for step in loc if step != "[key]")


def _message(model: type[BaseModel], item: object) -> str:
    """What is wrong, in the contributor's words."""
    assert isinstance(item, dict)
    name = ".".join(str(step) for step in _place(item["loc"])) or "the front matter"
    kind, value = item["type"], item.get("input")
    context = item.get("ctx", {})
    if kind == "missing":
        return f"The key {name!r} is missing."
    if kind == "extra_forbidden":
        known = order(Name if len(item["loc"]) > 1 else model)  # names are all that nests
        return f"There is no key {name!r}{hint(str(item['loc'][-1]), known, 'cxkb schema')}"
    if kind == "literal_error":
        if meant := nearest(str(value), LITERAL.findall(context["expected"])):
            return f"{name}: there is no {value!r}; did you mean {meant!r}?"
        return f"{name}: {value!r} is not one of {context.get('expected')}."
    if kind == "value_error":
        return f"{name}: {context.get('error')}."
    if kind in ("string_type", "list_type", "dict_type", "model_type"):
        wanted = {
            "string_type": "text",
            "list_type": "a list",
            "dict_type": "a mapping",
            "model_type": "a mapping",
        }[kind]
        return f"{name}: is to be {wanted}."
    if kind == "string_pattern_mismatch":
        return f"{name}: {value!r} does not have the right form ({context.get('pattern')})."
    return f"{name}: {item['msg']}."
