"""The SKOS properties that the library reads and writes."""

from collections.abc import Iterator

from rdflib import Namespace, Node, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SKOS

from waymark.library.thesaurus.model import (
    ALTERNATIVE,
    DRAFT,
    HIDDEN,
    MATCH_KINDS,
    PREFERRED,
    SubjectName,
    ThesaurusSubject,
)

WAYMARK = Namespace("urn:waymark:terms:")
DRAFT_LABEL = WAYMARK.draftLabel
"""Beside hiddenLabel, so that programs that know only SKOS find a draft name and do not show it."""
PREFIXES = {
    "dcterms": str(DCTERMS),
    "owl": str(OWL),
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "skos": str(SKOS),
    "waymark": str(WAYMARK),
}
MATCH_PROPERTIES: dict[str, URIRef] = {kind: SKOS[f"{kind}Match"] for kind in MATCH_KINDS}
"""Kind of a match -> its SKOS property."""
NOTE_PROPERTIES: dict[str, URIRef] = {
    "definition": SKOS.definition,
    "scope_note": SKOS.scopeNote,
    "history_note": SKOS.historyNote,
    "change_note": SKOS.changeNote,
}
"""Field of a subject -> its SKOS property."""

LABEL_PROPERTIES: dict[str, URIRef] = {
    PREFERRED: SKOS.prefLabel,
    ALTERNATIVE: SKOS.altLabel,
    HIDDEN: SKOS.hiddenLabel,
}
"""Kind of a name -> its SKOS property."""
KEPT_PROPERTIES = frozenset(
    {
        *LABEL_PROPERTIES.values(),
        SKOS.broader,
        SKOS.related,
        *NOTE_PROPERTIES.values(),
        *MATCH_PROPERTIES.values(),
        DRAFT_LABEL,
        OWL.deprecated,
        DCTERMS.isReplacedBy,
        # Kept in another form: they follow from the properties above or belong to the scheme.
        RDF.type,
        SKOS.inScheme,
        SKOS.narrower,
        SKOS.topConceptOf,
        SKOS.hasTopConcept,
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.creator,
        DCTERMS.license,
        DCTERMS.language,
        OWL.versionInfo,
    }
)
"""Properties of a concept that are not reported as left out."""


def base_of(address: str) -> str:
    """An address without its last part, which starts after the last slash, hash or colon."""
    return address[: max(address.rfind(sign) for sign in "/#:") + 1]


def local_name(predicate: Node) -> str:
    """The last part of a property's address: "prefLabel"."""
    address = str(predicate)
    return address[len(base_of(address)) :] or address


def labels_by_property(subject: ThesaurusSubject) -> Iterator[tuple[str, list[SubjectName]]]:
    """("skos:prefLabel", names) and so on, for each property of a label."""
    for kind, predicate in LABEL_PROPERTIES.items():
        kinds = {kind, DRAFT} if kind == HIDDEN else {kind}
        names = [name for name in subject.names if name.kind in kinds]
        yield f"skos:{local_name(predicate)}", sorted(names, key=lambda n: (n.language, n.text))
    yield "waymark:draftLabel", sorted(name for name in subject.names if name.kind == DRAFT)
