"""Write a thesaurus as SKOS Turtle, byte for byte the same for the same content."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from waymark.library.thesaurus.model import (
    SchemeDetails,
    SubjectName,
    Thesaurus,
    ThesaurusSubject,
    narrower_keys,
    top_concepts,
)
from waymark.library.thesaurus.skos_terms import (
    MATCH_PROPERTIES,
    NOTE_PROPERTIES,
    PREFIXES,
    labels_by_property,
    local_name,
)

ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)


@dataclass(slots=True)
class _TurtleBlock:
    """The statements about one node."""

    node: str
    lines: list[str] = field(default_factory=list)

    def add(self, predicate: str, values: Iterable[str]) -> None:
        """Add one predicate with its values; nothing if there are none."""
        joined = " ,\n        ".join(values)
        if joined:
            self.lines.append(f"    {predicate} {joined}")

    def __str__(self) -> str:
        return f"{self.node} " + " ;\n".join(self.lines).lstrip() + " .\n"


def write_turtle(thesaurus: Thesaurus, *, only: str = "") -> str:
    """Return SKOS Turtle of the thesaurus, or of one subject. only: the key of that subject."""
    scheme = thesaurus.scheme
    prefixes = {**PREFIXES, "subject": scheme.base}
    parts = ["".join(f"@prefix {name}: <{address}> .\n" for name, address in prefixes.items())]
    if only:
        below = narrower_keys(thesaurus.subjects, only)
        parts.append(str(_subject_block(scheme, thesaurus.subjects[only], below)))
    else:
        parts.append(str(_scheme_block(thesaurus)))
        parts.extend(
            str(_subject_block(scheme, thesaurus.subjects[key], []))
            for key in sorted(thesaurus.subjects)
        )
    return "\n".join(parts)


def _scheme_block(thesaurus: Thesaurus) -> _TurtleBlock:
    scheme = thesaurus.scheme
    block = _TurtleBlock(_turtle_address(scheme.address))
    block.add("a", ["skos:ConceptScheme"])
    block.add("dcterms:title", _optional_literal(scheme.title, scheme.language))
    block.add("dcterms:description", _optional_literal(scheme.description, scheme.language))
    block.add("dcterms:creator", _node_or_literal(scheme.creator))
    block.add("dcterms:language", [_turtle_literal(scheme.language)])
    block.add("dcterms:license", _node_or_literal(scheme.licence))
    block.add("owl:versionInfo", [_turtle_literal(scheme.edition)] if scheme.edition else [])
    block.add("skos:hasTopConcept", _subject_references(top_concepts(thesaurus)))
    return block


def _subject_block(
    scheme: SchemeDetails, subject: ThesaurusSubject, below: list[str]
) -> _TurtleBlock:
    block = _TurtleBlock(f"subject:{subject.key}")
    block.add("a", ["skos:Concept"])
    block.add("skos:inScheme", [_turtle_address(scheme.address)])
    if not subject.broader and not subject.ended:
        block.add("skos:topConceptOf", [_turtle_address(scheme.address)])
    for predicate, names in labels_by_property(subject):
        block.add(predicate, [_turtle_literal(name.text, name.language) for name in names])
    for name in sorted(subject.names, key=lambda name: (name.language, name.text)):
        block.add("skos:note", _note_on_name(name, scheme.language))
    for note, predicate in NOTE_PROPERTIES.items():
        text = getattr(subject, note)
        block.add(f"skos:{local_name(predicate)}", _optional_literal(text, scheme.language))
    for kind, predicate in MATCH_PROPERTIES.items():
        addresses = sorted(match.address for match in subject.matches if match.kind == kind)
        block.add(f"skos:{local_name(predicate)}", map(_turtle_address, addresses))
    block.add("skos:broader", _subject_references(subject.broader))
    block.add("skos:narrower", _subject_references(below))
    block.add("skos:related", _subject_references(subject.related))
    block.add("owl:deprecated", ["true"] if subject.ended else [])
    block.add(
        "dcterms:isReplacedBy",
        _subject_references([subject.replaced_by] * bool(subject.replaced_by)),
    )
    return block


def _subject_references(keys: Iterable[str]) -> list[str]:
    return [f"subject:{key}" for key in sorted(keys)]


def _note_on_name(name: SubjectName, language: str) -> list[str]:
    """A note about one name, in the form that the SKOS Primer gives for structured notes."""
    if not name.note:
        return []
    label, note = _turtle_literal(name.text, name.language), _turtle_literal(name.note, language)
    return [f"[ rdfs:label {label} ; rdf:value {note} ]"]


def _optional_literal(text: str, language: str) -> list[str]:
    return [_turtle_literal(text, language)] if text else []


def _turtle_literal(text: str, language: str = "") -> str:
    # Control characters are legal in a literal, but editors lose or change them.
    escaped = "".join(
        f"\\u{ord(sign):04X}" if ord(sign) < 32 or ord(sign) == 127 else sign
        for sign in text.translate(ESCAPES)
    )
    return f'"{escaped}"' + (f"@{language}" if language else "")


def _node_or_literal(text: str) -> list[str]:
    """A web address as a node, any other text as a literal, no text as nothing."""
    if re.fullmatch(r"https?://\S+", text):
        return [_turtle_address(text)]
    return [_turtle_literal(text)] if text else []


def _turtle_address(address: str) -> str:
    # Characters that an IRIREF of the Turtle grammar excludes.
    escaped = "".join(
        f"\\u{ord(sign):04X}" if ord(sign) <= 32 or sign in '<>"{}|^`\\' else sign
        for sign in address
    )
    return f"<{escaped}>"
