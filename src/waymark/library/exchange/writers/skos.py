"""Write one subject of the thesaurus as JSON-LD, with the same statements as its Turtle."""

import json
from typing import Any

from waymark.library.thesaurus import LABEL_PROPERTIES, Thesaurus, narrower_keys

CONTEXT = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
}


def subject_json_ld(thesaurus: Thesaurus, key: str) -> str:
    """The JSON-LD of one subject, with the statements of thesaurus.write_turtle."""
    scheme, subject = thesaurus.scheme, thesaurus.subjects[key]

    def links(keys: Any) -> list[dict[str, str]]:
        return [{"@id": scheme.base + other} for other in sorted(keys)]

    statements: dict[str, Any] = {
        "skos:inScheme": [{"@id": scheme.address}],
        "skos:topConceptOf": [] if subject.broader or subject.ended else [{"@id": scheme.address}],
        "skos:definition": _language_text(subject.definition, scheme.language),
        "skos:scopeNote": _language_text(subject.scope_note, scheme.language),
        "skos:broader": links(subject.broader),
        "skos:narrower": links(narrower_keys(thesaurus.subjects, key)),
        "skos:related": links(subject.related),
        "owl:deprecated": [True] if subject.ended else [],
        "dcterms:isReplacedBy": links([subject.replaced_by] if subject.replaced_by else []),
    }
    for kind, predicate in LABEL_PROPERTIES.items():
        statements[f"skos:{predicate.rpartition('#')[2]}"] = [
            {"@language": name.language, "@value": name.text}
            for name in subject.names
            if name.kind == kind
        ]
    node = {"@context": CONTEXT, "@id": scheme.base + key, "@type": "skos:Concept"}
    return json.dumps(
        node | {name: value for name, value in statements.items() if value},
        ensure_ascii=False,
        indent=2,
    )


def _language_text(text: str, language: str) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text}] if text else []
