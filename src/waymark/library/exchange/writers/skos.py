"""Write one subject of the thesaurus as JSON-LD, with the same statements as its Turtle."""

import json
from typing import Any

from waymark.library.thesaurus import Thesaurus, narrower_keys
from waymark.library.thesaurus.skos_terms import (
    MATCH_PROPERTIES,
    NOTE_PROPERTIES,
    PREFIXES,
    labels_by_property,
)


def subject_json_ld(thesaurus: Thesaurus, key: str) -> str:
    """The JSON-LD of one subject, with the statements of thesaurus.write_turtle."""
    scheme, subject = thesaurus.scheme, thesaurus.subjects[key]

    def links(keys: Any) -> list[dict[str, str]]:
        return [{"@id": scheme.base + other} for other in sorted(keys)]

    statements: dict[str, Any] = {
        "skos:inScheme": [{"@id": scheme.address}],
        "skos:topConceptOf": [] if subject.broader or subject.ended else [{"@id": scheme.address}],
        "skos:note": [
            {
                "rdfs:label": _language_text(name.text, name.language),
                "rdf:value": _language_text(name.note, scheme.language),
            }
            for name in subject.names
            if name.note
        ],
        "skos:broader": links(subject.broader),
        "skos:narrower": links(narrower_keys(thesaurus.subjects, key)),
        "skos:related": links(subject.related),
        "owl:deprecated": [True] if subject.ended else [],
        "dcterms:isReplacedBy": links([subject.replaced_by] if subject.replaced_by else []),
    }
    for field, predicate in NOTE_PROPERTIES.items():
        statements[_short(predicate)] = _language_text(getattr(subject, field), scheme.language)
    for kind, predicate in MATCH_PROPERTIES.items():
        statements[_short(predicate)] = [
            {"@id": match.address} for match in sorted(subject.matches) if match.kind == kind
        ]
    for label, names in labels_by_property(subject):
        statements[label] = [{"@language": name.language, "@value": name.text} for name in names]
    node = {"@context": PREFIXES, "@id": scheme.base + key, "@type": "skos:Concept"}
    return json.dumps(
        node | {name: value for name, value in statements.items() if value},
        ensure_ascii=False,
        indent=2,
    )


def _short(predicate: str) -> str:
    return f"skos:{predicate.rpartition('#')[2]}"


def _language_text(text: str, language: str) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text}] if text else []
