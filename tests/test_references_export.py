"""Sources as CSL-JSON and BibTeX, read by others: the schema of CSL, and pybtex."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pybtex.database import parse_string
from pybtex.richtext import Text

from cxkb import bibtex, citing, csl
from cxkb.heads import SourceHead

CASES = Path(__file__).parent / "cases"
HEADS = tomllib.loads((CASES / "references.toml").read_text(encoding="utf-8"))
SCHEMA = json.loads((CASES / "csl" / "csl-data.json").read_text(encoding="utf-8"))

HOSTILE = r'a "b" {c \ $d$ & #e %f _g ~h ^i <j> |k}} – Ünïcode, and'


def entry(**head: Any) -> dict[str, Any]:
    return csl.entry("key", SourceHead.model_validate({"type": "book", "title": "T", "language": "en"} | head))


def read(item: dict[str, Any]) -> Any:
    """The entry as pybtex reads it."""
    return parse_string(bibtex.entry(item), "bibtex").entries["key"]


def shown(tex: str) -> str:
    """What TeX prints, as far as pybtex knows; it leaves words for signs, and dollars, as they are."""
    for sign, word in bibtex.SPECIAL.items():
        if word.startswith(("\\text", "\\$")):
            tex = tex.replace(word, f"\0{ord(sign)}\0")
    plain = str(Text.from_latex(tex))
    for sign in bibtex.SPECIAL:
        plain = plain.replace(f"\0{ord(sign)}\0", sign)
    return plain


@pytest.mark.parametrize("name", HEADS)
def test_csl_json_is_valid(name: str):
    head = {key: value for key, value in HEADS[name].items() if key != "apa"}
    jsonschema.Draft7Validator(SCHEMA).validate([entry(**head)])


def test_the_schema_knows_a_wrong_field():
    assert not jsonschema.Draft7Validator(SCHEMA).is_valid([entry() | {"same-voice-as": "x"}])


def test_csl_json_gives_every_field_of_a_head():
    name = {"family": "Doe", "given": "Jane"}
    people = {key: [name, {"literal": "Wall Society"}] for key in ("author", "interviewer", "translator", "editor")}
    plain = {
        "type": "chapter", "title": "T", "title-short": "t", "container-title": "C", "publisher": "P", "volume": "1", "issue": "2",
        "page": "3", "language": "de", "URL": "https://example.org/", "DOI": "10.1000/1", "note": "N",
    }  # fmt: skip
    head = {**people, **plain, "issued": "2016-09", "accessed": "2026-11-02"}
    ours = {"same-voice-as": "other", "formerly": ["old"]}
    known = {field.alias or name for name, field in SourceHead.model_fields.items()}
    assert known == {*head, *ours}
    assert csl.entry("k", SourceHead.model_validate({**head, **ours})) == {
        "id": "k",
        **people,
        **plain,
        "issued": {"date-parts": [[2016, 9]]},
        "accessed": {"date-parts": [[2026, 11, 2]]},
        "custom": ours,
    }


@pytest.mark.parametrize("name", HEADS)
def test_bibtex_can_be_read(name: str):
    head = {key: value for key, value in HEADS[name].items() if key != "apa"}
    found = read(entry(**head))
    assert shown(found.fields["title"]) == head["title"]
    families = [" ".join(person.prelast_names + person.last_names) for person in found.persons.get("author", [])]
    assert [shown(family) for family in families] == [
        name.get("family") or name["literal"] for name in head.get("author", [])
    ]


@pytest.mark.parametrize(
    ("type_", "container", "kind", "field"),
    [
        ("article-journal", "C", "article", "journal"),
        ("article-magazine", "C", "article", "journal"),
        ("interview", "C", "article", "journal"),
        ("interview", None, "misc", None),
        ("chapter", "C", "incollection", "booktitle"),
        ("paper-conference", "C", "inproceedings", "booktitle"),
        ("report", None, "techreport", None),
        ("thesis", None, "phdthesis", None),
        ("post-weblog", "C", "misc", "howpublished"),
    ],
)
def test_a_type_becomes_an_entry_type(type_: str, container: str | None, kind: str, field: str | None):
    found = read(entry(type=type_, **({"container-title": container} if container else {})))
    assert found.type == kind
    assert [name for name, value in found.fields.items() if value == container] == ([field] if field else [])


@pytest.mark.parametrize("field", ["title", "note", "publisher"])
def test_text_that_means_something_to_tex_comes_through(field: str):
    found = read(entry(**{field: HOSTILE}))
    value = found.fields["annote" if field == "note" else field]
    assert shown(value) == HOSTILE


def test_a_name_that_bibtex_would_take_apart_stays_one():
    people = [{"family": "Rock and Roll, Ltd", "given": "A"}, {"literal": "Wall and Sons, Inc."}]
    persons = read(entry(author=people)).persons["author"]
    assert [shown(" ".join(person.last_names)) for person in persons] == ["Rock and Roll, Ltd", "Wall and Sons, Inc."]


def test_a_title_keeps_its_capitals():
    assert "{{CX at ACME}}" in bibtex.entry(entry(title="CX at ACME"))


def test_dates_are_as_exact_as_known():
    def dates(issued: str) -> list[str | None]:
        fields = read(entry(issued=issued)).fields
        return [fields.get(name) for name in ("year", "month", "day")]

    assert dates("2016") == ["2016", None, None]
    assert dates("2016-09") == ["2016", "September", None]
    assert dates("2016-09-03") == ["2016", "September", "3"]


def test_an_address_stays_as_it_is():
    assert read(entry(URL="https://example.org/a_b?c=%20&d#e")).fields["url"] == "https://example.org/a_b?c=%20&d#e"
    assert read(entry(URL="https://example.org/}{\\")).fields["url"] == "https://example.org/%7D%7B%5C"


def test_the_interviewer_is_named():
    people = [{"family": "Roe", "given": "Richard"}, {"literal": "The Staff"}]
    assert read(entry(interviewer=people)).fields["note"] == "Interview by Richard Roe and The Staff"


def test_a_page_of_ours_is_cited_by_the_name_of_the_site():
    forms = citing.cite("Silos & <walls>", "https://example.org/kb/concepts/silos/", "CX & Co", "2026-11-02")
    assert forms.apa_html == (
        "CX &amp; Co. (2026, November 2). <i>Silos &amp; &lt;walls&gt;</i>. "
        '<a href="https://example.org/kb/concepts/silos/">https://example.org/kb/concepts/silos/</a>'
    )
    found = parse_string(forms.bibtex, "bibtex").entries["kb-concepts-silos"]
    assert found.type == "misc"
    assert shown(found.fields["title"]) == "Silos & <walls>"
    (item,) = json.loads(forms.csl_json)
    jsonschema.Draft7Validator(SCHEMA).validate([item])
    assert (item["author"], item["issued"]) == ([{"literal": "CX & Co"}], {"date-parts": [[2026, 11, 2]]})


def test_a_page_whose_last_change_is_unknown_has_no_date():
    forms = citing.cite("Silos", "https://example.org/", "CX", None)
    assert "(n.d.)" in forms.apa_html
    assert "issued" not in forms.csl_json
    assert "year" not in forms.bibtex
