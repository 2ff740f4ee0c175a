"""A page for reading in a terminal: Markdown with its citations spelled out and its relations in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cxkb.content import GROUP, MEMBER
from cxkb.errors import ContentError
from cxkb.heads import LANGUAGES

if TYPE_CHECKING:
    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Concept, Source, Tension


def find(knowledge: KnowledgeBase, name: str) -> Concept | Tension | Source:
    """The concept, tension or source of this id, title or alias. Raises ContentError naming ids that are near."""
    wanted = name.casefold().strip()
    id_ = "-".join(wanted.split())  # "Three Ps" is near enough to three-ps
    for pages in knowledge.folders.values():
        if id_ in pages:
            return pages[id_]
    for concept in knowledge.concepts.values():
        if wanted in map(str.casefold, concept.head.names()):
            return concept
    from difflib import get_close_matches

    ids = [*knowledge.concepts, *knowledge.tensions, *knowledge.sources]
    near = get_close_matches(id_, ids, n=3, cutoff=0.5)
    hint = f" Did you mean {', '.join(near)}?" if near else " Find it with: cxkb ask"
    raise ContentError(f"There is no concept, tension or source {name!r}.{hint}")


def markdown(knowledge: KnowledgeBase, page: Concept | Tension | Source) -> str:
    """The whole page as Markdown that reads well without a site."""
    if page.path.startswith("sources/"):
        return _source(knowledge, page)  # type: ignore[arg-type]
    if page.path.startswith("docs/tensions/"):
        return _tension(knowledge, page)  # type: ignore[arg-type]
    return _concept(knowledge, page)  # type: ignore[arg-type]


def _concept(knowledge: KnowledgeBase, concept: Concept) -> str:
    head = concept.head
    names = [f"{LANGUAGES[lang]}: {', '.join(aliases)}" for lang, aliases in head.aliases.items()]
    related = [
        f"- {label}: {', '.join(f'{other.head.title} (`{other.id}`)' for other in others)}"
        for label, others in knowledge.relations_of(concept).items()
    ]
    tensions = [f"- {tension.head.title} (`{tension.id}`)" for tension in knowledge.tensions_of.get(concept.id, ())]
    parts = [
        f"# {head.title}",
        f"**{head.definition}**",
        "\n".join(f"- {name}" for name in names),
        _body(knowledge, concept.body),
    ]
    if tensions:
        parts.append("## Sources differ\n\n" + "\n".join(tensions))
    if related:
        parts.append("## Related\n\n" + "\n".join(related))
    return "\n\n".join(part for part in parts if part) + "\n"


def _tension(knowledge: KnowledgeBase, tension: Tension) -> str:
    return f"# {tension.head.title}\n\n**{tension.head.summary}**\n\n{_body(knowledge, tension.body)}\n"


def _source(knowledge: KnowledgeBase, source: Source) -> str:
    reference = source.label if source.head.author else source.head.title
    return f"# {source.head.title}\n\n**{reference}**\n\n{_body(knowledge, source.body)}\n"


def _body(knowledge: KnowledgeBase, body: str) -> str:
    """The body without ids, pictures and link addresses; citations as who and when."""

    def spelled(match: re.Match[str]) -> str:
        keys = [found["key"] for member in match["inside"].split(";") if (found := MEMBER.fullmatch(member.strip()))]
        labels = dict.fromkeys(knowledge.sources[key].label for key in keys if key in knowledge.sources)
        return f"({'; '.join(labels)})" if labels else match[0]

    text = GROUP.sub(spelled, body)
    text = re.sub(r"^!\[[^\]]*\]\([^)]*\)$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"[ \t]*\{ ?#[^}]*\}", "", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
