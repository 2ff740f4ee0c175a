"""A flat JSON-LD document as Turtle (W3C, RDF 1.1 Turtle, 2014), statement for statement and in its order.

A library of RDF would take longer to load than all else that a site build does for the exports; the tests read the
result with one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def turtle(document: Mapping[str, Any]) -> str:
    """The document's nodes; its context is to map prefixes to IRIs and nothing else, its nodes are not nested."""
    prefixes = document["@context"]
    lines = [f"@prefix {prefix}: <{iri}> ." for prefix, iri in prefixes.items()]
    for node in document["@graph"]:
        statements = [("a", [_name(type_, prefixes) for type_ in node.get("@type", ())])]
        statements += [
            (name, [_object(value, prefixes) for value in values])
            for name, values in node.items()
            if not name.startswith("@")
        ]
        body = " ;\n".join(f"    {name} {_listed(objects)}" for name, objects in statements if objects)
        lines += ["", f"{_name(node['@id'], prefixes)}\n{body} ."]
    return "\n".join(lines) + "\n"


def _listed(objects: Iterable[str]) -> str:
    return " ,\n        ".join(objects)


def _name(iri: str, prefixes: Mapping[str, str]) -> str:
    """A prefixed name as it is, anything else in angle brackets. IRIs hold no character that those forbid."""
    return iri if iri.partition(":")[0] in prefixes else f"<{iri}>"


def _object(value: Mapping[str, str], prefixes: Mapping[str, str]) -> str:
    if "@id" in value:
        return _name(value["@id"], prefixes)
    text = json.dumps(value["@value"], ensure_ascii=False)  # JSON's escapes are Turtle's, too
    if "@language" in value:
        return f"{text}@{value['@language']}"
    return f"{text}^^{value['@type']}" if "@type" in value else text
