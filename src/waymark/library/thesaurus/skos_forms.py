"""Bring the forms in which others write SKOS to the one that the reader knows.

Others write RDF/XML instead of Turtle, labels as things of their own (SKOS-XL), several schemes in
a file, and concepts whose type follows from their scheme. Here each becomes plain SKOS of one
scheme; what has no place is counted by kind.
"""

from collections import Counter

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from rdflib import Graph, Literal, Node, URIRef
from rdflib.namespace import RDF, SKOS, Namespace
from rdflib.plugins.parsers.notation3 import BadSyntax

from waymark.core.errors import FileFault, SpecError

SKOSXL = Namespace("http://www.w3.org/2008/05/skos-xl#")
LABELS = {
    SKOSXL.prefLabel: SKOS.prefLabel,
    SKOSXL.altLabel: SKOS.altLabel,
    SKOSXL.hiddenLabel: SKOS.hiddenLabel,
}
COLLECTIONS = (SKOS.Collection, SKOS.OrderedCollection)
IN_SCHEME = (SKOS.inScheme, SKOS.topConceptOf)


def parse_statements(text: str, file: str) -> Graph:
    """The statements of a text in Turtle or RDF/XML. Raises SpecError with the line."""
    if text.lstrip().startswith("<") and ("<rdf:" in text or "<?xml" in text[:200]):
        return _parse_xml(text, file)
    try:
        return Graph().parse(data=text, format="turtle")
    except BadSyntax as error:
        reason = str(error._why).strip() or "cannot be read"
        raise SpecError(file, [FileFault(error.lines + 1, f"not Turtle: {reason}")]) from error
    except (ValueError, IndexError, AssertionError, RecursionError, TypeError, KeyError) as error:
        # rdflib's parser fails on some malformed texts with plain Python errors.
        raise SpecError(file, [FileFault(0, f"not Turtle: {error}")]) from error


def _parse_xml(text: str, file: str) -> Graph:
    try:
        # First, because rdflib would resolve the entities of a document type.
        fromstring(text.encode(), forbid_dtd=True)
    except DefusedXmlException as error:
        reason = "has a document type (<!DOCTYPE ...>): for safety, we do not accept such files"
        raise SpecError(file, [FileFault(1, reason)]) from error
    except ParseError as error:
        raise SpecError(file, [FileFault(error.position[0], f"not XML: {error}")]) from error
    try:
        return Graph().parse(data=text, format="xml")
    # rdflib raises what its parsers raise: errors of XML, of addresses, of its own.
    except Exception as error:
        raise SpecError(file, [FileFault(0, f"not RDF/XML: {error}")]) from error


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
