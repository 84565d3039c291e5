"""Read a thesaurus from SKOS, in Turtle, N-Triples, RDF/XML or JSON-LD.

Statements that have no place in the model are not kept; they are counted and reported by kind.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from rdflib import BNode, Graph, Literal, Node, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SKOS

from waymark.core.errors import FileFault, SpecError
from waymark.library.thesaurus.model import (
    DRAFT,
    HIDDEN,
    KEY,
    LANGUAGE,
    MAX_BYTES,
    MAX_SUBJECTS,
    PREFERRED,
    SchemeDetails,
    SubjectMatch,
    SubjectName,
    Thesaurus,
    ThesaurusSubject,
    related_both_ways,
)
from waymark.library.thesaurus.rules import BrokenRule, broken_rules
from waymark.library.thesaurus.skos_forms import plain_skos
from waymark.library.thesaurus.skos_parse import decode_source, parse_statements
from waymark.library.thesaurus.skos_terms import (
    DRAFT_LABEL,
    KEPT_PROPERTIES,
    LABEL_PROPERTIES,
    MATCH_PROPERTIES,
    NOTE_PROPERTIES,
    base_of,
    local_name,
)


@dataclass(frozen=True, slots=True)
class SkosReading:
    """The content of a file. left_out: statements that are not kept, a line for each kind."""

    thesaurus: Thesaurus
    left_out: tuple[str, ...] = ()


def read_skos(source: bytes, *, file: str) -> SkosReading:
    """Read a SKOS file in any of its forms. Raises SpecError with every fault and its line."""
    if len(source) > MAX_BYTES:
        raise SpecError(file, [FileFault(0, f"is larger than {MAX_BYTES // 1024 // 1024} MiB")])
    text = decode_source(source, file)
    reader = _GraphReader(parse_statements(text, file))
    reading = reader.reading()
    problems = [*reader.problems, *broken_rules(reading.thesaurus)]
    if problems:
        lines = _lines_of_keys(text, {key for key, _ in problems}, reading.thesaurus.scheme.base)
        raise SpecError(
            file,
            [
                FileFault(lines.get(k, 0), f"{k}: {reason}" if k else reason)
                for k, reason in problems
            ],
        )
    return reading


def _lines_of_keys(text: str, keys: set[str], base: str) -> dict[str, int]:
    """Key -> line (from 1) in which its statements begin, where a line shows that.

    Both "s:harm a skos:Concept" and "<https://example.org/subjects/harm> a skos:Concept" do.
    """
    lines: dict[str, int] = {}
    start = re.compile(rf"(?:\w*:|<{re.escape(base)})([A-Za-z0-9_-]+)>?\s")
    for number, line in enumerate(text.splitlines(), start=1):
        match = start.match(line)
        if match and match[1] in keys:
            lines.setdefault(match[1], number)
    return lines


class _GraphReader:
    """Turns one graph into a thesaurus. problems: faults met on the way."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.problems: list[BrokenRule] = []
        self.left_out: Counter[str] = plain_skos(graph)
        concepts = self._concepts()
        self.scheme = self._scheme(concepts)
        if len(concepts) > MAX_SUBJECTS:
            self.problems.append(("", f"has more than {MAX_SUBJECTS:,} concepts"))
            concepts = []
        self.concepts = concepts

    def reading(self) -> SkosReading:
        """The content of the graph as plain values, with a count of what is not kept."""
        keys = {node: self._key(node) for node in self.concepts}
        subjects = {key: self._subject(node, key) for node, key in keys.items() if key}
        left_out = tuple(f"{kind}: {number}" for kind, number in sorted(self.left_out.items()))
        thesaurus = Thesaurus(self.scheme, related_both_ways(subjects), self._tops())
        return SkosReading(thesaurus, left_out)

    def _concepts(self) -> list[Any]:
        nodes = set(self.graph.subjects(RDF.type, SKOS.Concept))
        addressed = sorted((node for node in nodes if isinstance(node, URIRef)), key=str)
        self.problems += [("", "has a concept without an address")] * (len(nodes) - len(addressed))
        return addressed

    def _tops(self) -> frozenset[str]:
        scheme = URIRef(self.scheme.address)
        return self._keys(
            (
                *self.graph.objects(scheme, SKOS.hasTopConcept),
                *self.graph.subjects(SKOS.topConceptOf, scheme),
            )
        )

    def _scheme(self, concepts: list[Any]) -> SchemeDetails:
        schemes = sorted(map(str, set(self.graph.subjects(RDF.type, SKOS.ConceptScheme))))
        if len(schemes) != 1:
            number = f"{len(schemes)} concept schemes" if schemes else "no concept scheme"
            self.problems.append(("", f"has {number}: it must have one"))
        if not concepts:
            self.problems.append(("", "has no concept"))
        address = schemes[0] if schemes else ""
        node = URIRef(address)
        language = self._language(node)
        return SchemeDetails(
            address=address,
            # All addresses must begin alike: the first one shows how.
            base=base_of(str(concepts[0])) if concepts else "",
            title=self._text(node, "", DCTERMS.title, language),
            description=self._text(node, "", DCTERMS.description, language),
            creator=self._text(node, "", DCTERMS.creator, language),
            licence=self._text(node, "", DCTERMS.license, language),
            language=language,
            edition=str(next(self.graph.objects(node, OWL.versionInfo), "")),
        )

    def _language(self, scheme: Node) -> str:
        """The language that the scheme states, else that of most preferred names, else English."""
        stated = str(next(self.graph.objects(scheme, DCTERMS.language), ""))
        # Some state it as an address, such as one of the Library of Congress.
        if LANGUAGE.fullmatch(stated):
            return stated
        labels = self.graph.objects(None, SKOS.prefLabel)
        languages = Counter(
            label.language.lower().split("-")[0]
            for label in labels
            if isinstance(label, Literal) and label.language
        )
        # English first, so that it is chosen where two have as many.
        return max(("en", *sorted(languages)), key=lambda language: languages[language])

    def _key(self, node: Node) -> str:
        """The key of a concept's address; "" (and a problem) if it has no usable one."""
        address, base = str(node), self.scheme.base
        key = address.removeprefix(base)
        if address.startswith(base) and KEY.fullmatch(key):
            return key
        form = f"{base or 'a base'} followed by a short name"
        self.problems.append(("", f"{address[:120]}: an address here is {form}"))
        return ""

    def _keys(self, nodes: Iterable[Node]) -> frozenset[str]:
        return frozenset(key for node in nodes if (key := self._key(node)))

    def _subject(self, node: Node, key: str) -> ThesaurusSubject:
        graph, language = self.graph, self.scheme.language
        for predicate in graph.predicates(node):
            # Counted by _notes_on_names(), which keeps some of them.
            if predicate not in KEPT_PROPERTIES and predicate != SKOS.note:
                self.left_out[local_name(predicate)] += 1
        replacement = next(graph.objects(node, DCTERMS.isReplacedBy), None)
        notes = {
            field: self._text(node, key, predicate, language)
            for field, predicate in NOTE_PROPERTIES.items()
        }
        return ThesaurusSubject(
            key=key,
            names=self._names(node),
            **notes,
            # SKOS files state a link in either direction, or both.
            broader=self._keys(graph.objects(node, SKOS.broader))
            | self._keys(graph.subjects(SKOS.narrower, node)),
            related=self._keys(graph.objects(node, SKOS.related)),
            # Some write the text "true" instead of the value.
            ended=any(
                str(value).lower() in {"true", "1"} for value in graph.objects(node, OWL.deprecated)
            ),
            replaced_by="" if replacement is None else self._key(replacement),
            matches=frozenset(
                SubjectMatch(kind, str(address))
                for kind, predicate in MATCH_PROPERTIES.items()
                for address in graph.objects(node, predicate)
            ),
        )

    def _names(self, node: Node) -> tuple[SubjectName, ...]:
        drafts = set(self.graph.objects(node, DRAFT_LABEL))
        notes = self._notes_on_names(node)
        labels = {
            (label, DRAFT if kind == HIDDEN and label in drafts else kind)
            for kind, predicate in LABEL_PROPERTIES.items()
            for label in self.graph.objects(node, predicate)
        } | {(label, DRAFT) for label in drafts}
        names = sorted(
            SubjectName(kind, (label.language or "").lower(), str(label), notes.get(label, ""))
            for label, kind in labels
            if isinstance(label, Literal)
        )
        return tuple(self._with_a_preferred_name(names))

    def _with_a_preferred_name(self, names: list[SubjectName]) -> list[SubjectName]:
        """The names; "en-gb" counts as "en" where the only preferred English name has it."""
        language = self.scheme.language
        preferred = [name for name in names if name.kind == PREFERRED]
        regional = [name for name in preferred if name.language.startswith(f"{language}-")]
        if not regional or any(name.language == language for name in preferred):
            return names
        self.left_out["regions of languages"] += 1
        without = [name for name in names if name != regional[0]]
        return sorted([*without, replace(regional[0], language=language)])

    def _notes_on_names(self, node: Node) -> dict[Node, str]:
        """Label -> note, of notes in the form [ rdfs:label "name"@en ; rdf:value "note"@en ]."""
        notes: dict[Node, str] = {}
        for note in self.graph.objects(node, SKOS.note):
            label, text = self.graph.value(note, RDFS.label), self.graph.value(note, RDF.value)
            if isinstance(note, BNode) and label is not None and text is not None:
                notes[label] = str(text)
            else:
                self.left_out["note"] += 1
        return notes

    def _text(self, node: Node, key: str, predicate: URIRef, language: str) -> str:
        """The one text in the scheme's language (or in none); others are counted as left out."""
        texts = sorted(self.graph.objects(node, predicate), key=str)
        fitting = [
            text
            for text in texts
            if not isinstance(text, Literal) or text.language in (language, None)
        ]
        if len(fitting) > 1:
            self.problems.append(
                (key, f"has {len(fitting)} texts of the kind {local_name(predicate)}")
            )
        if len(texts) > len(fitting):
            kind = f"{local_name(predicate)} in other languages"
            self.left_out[kind] += len(texts) - len(fitting)
        return str(fitting[0]) if fitting else ""
