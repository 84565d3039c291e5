"""Invented vocabularies of the kinds that others publish: each is read, or refused with why."""

import json
import socket

import pytest

from waymark.core.errors import SpecError
from waymark.library.thesaurus.skos_read import read_skos

BASE = "https://x.test/v/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
PREFIXES = f"""@prefix skos: <{SKOS}> .
@prefix xl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix iso: <http://purl.org/iso25964/skos-thes#> .
@prefix v: <{BASE}> .
<https://x.test/scheme> a skos:ConceptScheme .
"""


def turtle(*statements: str) -> bytes:
    """A file with a scheme, and concepts "key Label; more" as Turtle."""
    return (PREFIXES + "\n".join(statements)).encode()


def concept(key: str, label: str, more: str = "") -> str:
    end = f" ; {more} ." if more else " ."
    return f'v:{key} a skos:Concept ; skos:prefLabel "{label}"@en{end}'


def xml(body: str, declaration: str = '<?xml version="1.0"?>', root: str = "rdf:RDF") -> str:
    return (
        f'{declaration}<{root} xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns:skos="{SKOS}"><skos:ConceptScheme rdf:about="https://x.test/scheme"/>'
        f"{body}</{root}>"
    )


def xml_concept(key: str, label: str) -> str:
    return (
        f'<skos:Concept rdf:about="{BASE}{key}">'
        f'<skos:prefLabel xml:lang="en">{label}</skos:prefLabel></skos:Concept>'
    )


CONTEXT = {
    "skos": SKOS,
    "prefLabel": {"@id": "skos:prefLabel", "@container": "@language"},
    "broader": {"@id": "skos:broader", "@type": "@id"},
}
GRAPH = [
    {"@id": "https://x.test/scheme", "@type": "skos:ConceptScheme"},
    {"@id": f"{BASE}harm", "@type": "skos:Concept", "prefLabel": {"en": "Harm", "cy": "Niwed"}},
    {
        "@id": f"{BASE}neglect",
        "@type": "skos:Concept",
        "prefLabel": {"en": "Neglect"},
        "broader": f"{BASE}harm",
    },
]
TRIPLES = "\n".join(
    f"<{subject}> <{predicate}> {value} ."
    for subject, predicate, value in (
        ("https://x.test/scheme", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
         f"<{SKOS}ConceptScheme>"),
        (f"{BASE}harm", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", f"<{SKOS}Concept>"),
        (f"{BASE}harm", f"{SKOS}prefLabel", '"Harm <rdf:x> \\u00e9"@en'),
    )
)  # fmt: skip
TWO = (concept("harm", "Harm"), concept("neglect", "Neglect", "skos:broader v:harm"))
FRENCH = 'v:{0} a skos:Concept ; skos:prefLabel "{0}"@fr .'

READ = {
    "Turtle": (turtle(*TWO), "harm neglect", ()),
    "Turtle with a byte order mark": (b"\xef\xbb\xbf" + turtle(*TWO), "harm neglect", ()),
    "Turtle in UTF-16": (turtle(*TWO).decode().encode("utf-16"), "harm neglect", ()),
    "Turtle that begins with a blank node": (
        b"[] <https://x.test/p> 1 .\n" + turtle(*TWO), "harm neglect", ()),
    "N-Triples, with a tag in a label": (TRIPLES.encode(), "harm", ()),
    "RDF/XML": (xml(xml_concept("harm", "Harm")).encode(), "harm", ()),
    "RDF/XML without a declaration, after a comment": (
        xml(xml_concept("harm", "Harm"), "<!-- ours -->").encode(), "harm", ()),
    "RDF/XML in the encoding it declares": (
        xml(xml_concept("cafe", "Café"), '<?xml version="1.0" encoding="ISO-8859-1"?>')
        .encode("latin-1"), "cafe", ()),
    "JSON-LD": (json.dumps({"@context": CONTEXT, "@graph": GRAPH}).encode(), "harm neglect", ()),
    "JSON-LD, expanded, a list": (
        json.dumps([
            {"@id": "https://x.test/scheme", "@type": [f"{SKOS}ConceptScheme"]},
            {"@id": f"{BASE}harm", "@type": [f"{SKOS}Concept"],
             f"{SKOS}prefLabel": [{"@value": "Harm", "@language": "en"}]},
        ]).encode(), "harm", ()),
    "SKOS-XL labels": (
        turtle("v:harm a skos:Concept ; xl:prefLabel v:l1 .",
               'v:l1 a xl:Label ; xl:literalForm "Harm"@en .'), "harm", ()),
    "a collection": (
        turtle(*TWO, "v:group a skos:Collection ; skos:member v:harm, v:neglect ."),
        "harm neglect", ("collections: 1",)),
    "an ordered collection": (
        turtle(*TWO, "v:row a skos:OrderedCollection ; skos:memberList (v:neglect v:harm) ."),
        "harm neglect", ("collections: 1",)),
    "several schemes": (
        turtle(concept("a", "A", "skos:inScheme <https://x.test/scheme>"),
               concept("b", "B", "skos:inScheme <https://x.test/scheme>"),
               concept("c", "C", "skos:inScheme <https://x.test/other>"),
               "<https://x.test/other> a skos:ConceptScheme ."),
        "a b", ("concepts of other schemes: 1", "other concept schemes: 1")),
    "a concept below two others": (
        turtle(*TWO, concept("risk", "Risk"),
               concept("x", "X", "skos:broader v:harm, v:risk")), "harm neglect risk x", ()),
    "narrower alone": (
        turtle(concept("a", "A", "skos:narrower v:b"), concept("b", "B")), "a b", ()),
    "matches with another list": (
        turtle(concept("a", "A", "skos:exactMatch <https://y.test/1> ; skos:broadMatch "
                       "<https://y.test/2>")), "a", ()),
    "a deprecated concept, as a text": (
        turtle(*TWO, concept("old", "Old", 'owl:deprecated "true" ; dct:isReplacedBy v:harm')),
        "harm neglect old", ()),
    "no language stated, all in French": (
        turtle(FRENCH.format("a"), FRENCH.format("b")), "a b", ()),
    "English of a country alone": (
        turtle('v:a a skos:Concept ; skos:prefLabel "A"@en-GB .'),
        "a", ("regions of languages: 1",)),
    "a language stated as an address": (
        turtle(*TWO, "<https://x.test/scheme> dct:language <http://lexvo.org/id/iso639-3/eng> ."),
        "harm neglect", ()),
    "properties of other vocabularies": (
        turtle(concept("a", "A", 'skos:notation "1.1" ; iso:broaderGeneric v:b'),
               concept("b", "B", 'skos:editorialNote "check"@en')),
        "a b", ("broaderGeneric: 1", "editorialNote: 1", "notation: 1")),
    "1,000 concepts": (
        turtle(*(concept(f"c{n:04}", f"Concept {n}") for n in range(1_000))),
        " ".join(f"c{n:04}" for n in range(1_000)), ()),
}  # fmt: skip
ENTITIES = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
REFUSED = {
    "no scheme": (
        turtle(*TWO).replace(b"<https://x.test/scheme> a skos:ConceptScheme .", b""),
        "has no concept scheme: it must have one"),
    "a circle": (
        turtle(concept("a", "A", "skos:broader v:b"), concept("b", "B", "skos:broader v:a")),
        "a: is broader than itself"),
    "no preferred name": (
        turtle("v:a a skos:Concept ; skos:altLabel \"A\"@en ."),
        "a: has no preferred name in the language en"),
    "two preferred names of a language": (
        turtle(concept("a", "A", 'skos:prefLabel "B"@en')),
        "a: has 2 preferred names in the language en"),
    "a concept in Welsh alone among English ones": (
        turtle(*TWO, 'v:b a skos:Concept ; skos:prefLabel "C"@cy .'),
        "b: has no preferred name in the language en"),
    "a concept that is a blank node": (
        turtle(*TWO, '[] a skos:Concept ; skos:prefLabel "X"@en .'),
        "has a concept without an address"),
    "Latin-1 where no encoding is declared": (
        turtle(concept("cafe", "Café")).decode().encode("latin-1"), "is not UTF-8"),
    "entities that grow": (
        xml(xml_concept("harm", "&b;"), ENTITIES).encode(), "has a document type"),
    "JSON-LD with its context elsewhere": (
        json.dumps({"@context": "https://x.test/context.jsonld", "@graph": GRAPH}).encode(),
        "has its context at https://x.test/context.jsonld: we fetch nothing"),
    "JSON-LD with a context elsewhere inside another": (
        json.dumps({"@context": CONTEXT, "@graph": [
            {"@context": [{"@import": "file:///etc/hostname"}], "@id": f"{BASE}x"}]}).encode(),
        "has its context at file:///etc/hostname"),
    "half a character in JSON-LD": (
        json.dumps({"@context": CONTEXT, "@graph": GRAPH}).replace("Harm", "\\ud83d").encode(),
        "has the character U+D83D"),
    "a character of value 0": (turtle(concept("a", "A\\u0000")), "has the character U+0000"),
    "JSON that is cut": (b'{"@context": {}, "@graph": [', "not JSON-LD"),
    "another base": (
        turtle(*TWO, '<https://z.test/1> a skos:Concept ; skos:prefLabel "Z"@en .'),
        "https://z.test/1: an address here is https://x.test/v/ followed by a short name"),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_a_vocabulary_is_read_with_what_is_left_out(name):
    source, keys, left_out = READ[name]
    reading = read_skos(source, file="x")
    assert sorted(reading.thesaurus.subjects) == keys.split()
    assert reading.left_out == left_out


@pytest.mark.parametrize("name", REFUSED)
def test_a_vocabulary_is_refused_with_the_reason(name):
    source, reason = REFUSED[name]
    with pytest.raises(SpecError) as refused:
        read_skos(source, file="x")
    assert reason in str(refused.value)


def subjects_of(name):
    return read_skos(READ[name][0], file="x").thesaurus.subjects


def test_what_the_forms_say_is_kept():
    neglect = subjects_of("JSON-LD")["neglect"]
    assert neglect.broader == {"harm"}
    harm = subjects_of("JSON-LD")["harm"]
    assert [(n.language, n.text) for n in harm.names] == [("cy", "Niwed"), ("en", "Harm")]
    assert subjects_of("RDF/XML in the encoding it declares")["cafe"].name("en") == "Café"
    assert subjects_of("N-Triples, with a tag in a label")["harm"].name("en") == "Harm <rdf:x> é"
    assert subjects_of("a concept below two others")["x"].broader == {"harm", "risk"}
    assert subjects_of("narrower alone")["b"].broader == {"a"}
    old = subjects_of("a deprecated concept, as a text")["old"]
    assert old.ended
    assert old.replaced_by == "harm"
    (british,) = subjects_of("English of a country alone")["a"].names
    assert (british.language, british.text) == ("en", "A")
    french = read_skos(READ["no language stated, all in French"][0], file="x").thesaurus
    assert french.scheme.language == "fr"


def test_an_imported_vocabulary_is_never_fetched():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/v"
        server.setblocking(False)
        source = turtle(*TWO, f"<https://x.test/scheme> owl:imports <{address}> .")
        assert sorted(read_skos(source, file="x").thesaurus.subjects) == ["harm", "neglect"]
        with pytest.raises(SpecError):
            read_skos(json.dumps({"@context": address, "@graph": GRAPH}).encode(), file="x")
        with pytest.raises(BlockingIOError):
            server.accept()
