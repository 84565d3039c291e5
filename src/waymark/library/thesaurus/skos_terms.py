"""The SKOS properties that the library reads and writes."""

from rdflib import Node, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, SKOS

from waymark.library.thesaurus.model import ALTERNATIVE, HIDDEN, PREFERRED

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
        SKOS.definition,
        SKOS.scopeNote,
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
