"""One subject of the thesaurus as JSON-LD: the same statements as its Turtle."""

import json
from typing import Any

from waymark.library.thesaurus import KINDS, Thesaurus, narrower_of

CONTEXT = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
}


def subject_json_ld(thesaurus: Thesaurus, key: str) -> str:
    """What thesaurus.write_turtle says of one subject, in JSON."""
    scheme, one = thesaurus.scheme, thesaurus.subjects[key]

    def links(keys: Any) -> list[dict[str, str]]:
        return [{"@id": scheme.base + other} for other in sorted(keys)]

    said: dict[str, Any] = {
        "skos:inScheme": [{"@id": scheme.address}],
        "skos:topConceptOf": [] if one.broader or one.ended else [{"@id": scheme.address}],
        "skos:definition": _text(one.definition, scheme.language),
        "skos:scopeNote": _text(one.scope_note, scheme.language),
        "skos:broader": links(one.broader),
        "skos:narrower": links(narrower_of(thesaurus.subjects, key)),
        "skos:related": links(one.related),
        "owl:deprecated": [True] if one.ended else [],
        "dcterms:isReplacedBy": links([one.replaced_by] if one.replaced_by else []),
    }
    for kind, predicate in KINDS.items():
        said[f"skos:{predicate.rpartition('#')[2]}"] = [
            {"@language": name.language, "@value": name.text}
            for name in one.names
            if name.kind == kind
        ]
    made = {"@context": CONTEXT, "@id": scheme.base + key, "@type": "skos:Concept"}
    return json.dumps(
        made | {name: value for name, value in said.items() if value}, ensure_ascii=False, indent=2
    )


def _text(text: str, language: str) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text}] if text else []
