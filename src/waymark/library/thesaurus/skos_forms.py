"""Bring the forms in which others write SKOS to the one that the reader knows.

Others write labels as things of their own (SKOS-XL), several schemes in a file, and concepts whose
type follows from their scheme. Here each becomes plain SKOS of one scheme; what has no place is
counted by kind.
"""

from collections import Counter

from rdflib import Graph, Literal, Node, URIRef
from rdflib.namespace import RDF, SKOS, Namespace

SKOSXL = Namespace("http://www.w3.org/2008/05/skos-xl#")
LABELS = {
    SKOSXL.prefLabel: SKOS.prefLabel,
    SKOSXL.altLabel: SKOS.altLabel,
    SKOSXL.hiddenLabel: SKOS.hiddenLabel,
}
COLLECTIONS = (SKOS.Collection, SKOS.OrderedCollection)
IN_SCHEME = (SKOS.inScheme, SKOS.topConceptOf)


def plain_skos(graph: Graph) -> Counter[str]:
    """Change a graph to plain SKOS of one scheme; returns what was left out, by kind."""
    left_out: Counter[str] = Counter()
    _flatten_labels(graph)
    _add_types(graph)
    for kind in COLLECTIONS:
        for collection in set(graph.subjects(RDF.type, kind)):
            left_out["collections"] += 1
            graph.remove((collection, None, None))
    _keep_one_scheme(graph, left_out)
    _add_tops(graph)
    return left_out


def _flatten_labels(graph: Graph) -> None:
    """Give concepts the texts of labels that are things of their own (SKOS-XL)."""
    for extended, plain in LABELS.items():
        for concept, label in list(graph.subject_objects(extended)):
            for text in graph.objects(label, SKOSXL.literalForm):
                if isinstance(text, Literal):
                    graph.add((concept, plain, text))
            graph.remove((concept, extended, label))


def _add_types(graph: Graph) -> None:
    """State the types that follow: what is in a scheme and has a label is a concept."""
    for predicate in IN_SCHEME:
        for concept, scheme in list(graph.subject_objects(predicate)):
            if (concept, SKOS.prefLabel, None) in graph and not _is_collection(graph, concept):
                graph.add((concept, RDF.type, SKOS.Concept))
            if isinstance(scheme, URIRef):
                graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    for scheme in list(graph.subjects(SKOS.hasTopConcept, None)):
        graph.add((scheme, RDF.type, SKOS.ConceptScheme))


def _is_collection(graph: Graph, node: Node) -> bool:
    return any((node, RDF.type, kind) in graph for kind in COLLECTIONS)


def _keep_one_scheme(graph: Graph, left_out: Counter[str]) -> None:
    """Keep the scheme with most concepts; concepts that are in others alone are left out."""
    schemes = sorted(set(graph.subjects(RDF.type, SKOS.ConceptScheme)), key=str)
    if len(schemes) < 2:
        return
    members = {scheme: _members(graph, scheme) for scheme in schemes}
    largest = max(schemes, key=lambda scheme: len(members[scheme]))
    for scheme in schemes:
        if scheme == largest:
            continue
        left_out["other concept schemes"] += 1
        for concept in members[scheme] - members[largest]:
            left_out["concepts of other schemes"] += 1
            graph.remove((concept, None, None))
            graph.remove((None, None, concept))
        graph.remove((scheme, None, None))
        graph.remove((None, None, scheme))


def _add_tops(graph: Graph) -> None:
    """Where a file states no top concepts, make them of the concepts without a broader one."""
    if (None, SKOS.hasTopConcept, None) in graph or (None, SKOS.topConceptOf, None) in graph:
        return
    for scheme in list(graph.subjects(RDF.type, SKOS.ConceptScheme)):
        for concept in list(graph.subjects(RDF.type, SKOS.Concept)):
            narrower = (concept, SKOS.broader, None) in graph
            if not narrower and (None, SKOS.narrower, concept) not in graph:
                graph.add((scheme, SKOS.hasTopConcept, concept))


def _members(graph: Graph, scheme: Node) -> set[Node]:
    return {
        *graph.subjects(SKOS.inScheme, scheme),
        *graph.subjects(SKOS.topConceptOf, scheme),
        *graph.objects(scheme, SKOS.hasTopConcept),
    }
