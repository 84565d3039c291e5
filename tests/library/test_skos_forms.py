"""SKOS as others write it: RDF/XML, labels as things, several schemes, collections."""

import pytest

from waymark.core.errors import SpecError
from waymark.library.thesaurus.skos_read import read_skos

XML = b"""<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:skos="http://www.w3.org/2004/02/skos/core#" xmlns:dc="http://purl.org/dc/terms/">
<skos:ConceptScheme rdf:about="https://x.test/scheme"><dc:title xml:lang="en">Rivers</dc:title>
</skos:ConceptScheme>
<skos:Concept rdf:about="https://x.test/s/harm"><skos:prefLabel xml:lang="en">Harm</skos:prefLabel>
<skos:exactMatch rdf:resource="https://y.test/1"/><skos:inScheme rdf:resource="https://x.test/scheme"/>
</skos:Concept>
<skos:Concept rdf:about="https://x.test/s/neglect">
<skos:prefLabel xml:lang="en">Neglect</skos:prefLabel>
<skos:broader rdf:resource="https://x.test/s/harm"/></skos:Concept></rdf:RDF>"""
PREFIXES = b"""@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix s: <https://x.test/s/> .
"""
LABELS = b"""<https://x.test/scheme> a skos:ConceptScheme .
s:harm a skos:Concept ; skos:inScheme <https://x.test/scheme> ; xl:prefLabel s:l1 ;
  xl:altLabel [ a xl:Label ; xl:literalForm "Injury"@en ] .
s:l1 a xl:Label ; xl:literalForm "Harm"@en .
"""
SCHEMES = b"""<https://x.test/a> a skos:ConceptScheme . <https://x.test/b> a skos:ConceptScheme .
s:harm skos:prefLabel "Harm"@en ; skos:inScheme <https://x.test/a> .
s:neglect skos:prefLabel "Neglect"@en ; skos:inScheme <https://x.test/a> .
s:other skos:prefLabel "Other"@en ; skos:inScheme <https://x.test/b> ; skos:related s:harm .
"""
COLLECTIONS = LABELS.replace(b"xl:prefLabel s:l1", b'skos:prefLabel "Harm"@en') + (
    b's:group a skos:Collection ; skos:prefLabel "Group"@en ; skos:member s:harm .\n'
)


def names_of(source: bytes) -> dict[str, list[str]]:
    subjects = read_skos(source, file="x").thesaurus.subjects
    return {key: [name.text for name in subject.names] for key, subject in subjects.items()}


def test_rdf_xml_says_the_same_as_turtle():
    thesaurus = read_skos(XML, file="x.rdf").thesaurus
    assert thesaurus.scheme.title == "Rivers"
    assert thesaurus.subjects["neglect"].broader == {"harm"}
    (match,) = thesaurus.subjects["harm"].matches
    assert match.address == "https://y.test/1"


def test_labels_may_be_things_of_their_own():
    assert {key: sorted(names) for key, names in names_of(PREFIXES + LABELS).items()} == {
        "harm": ["Harm", "Injury"]
    }


def test_of_several_schemes_the_largest_is_read_and_the_others_are_told():
    reading = read_skos(PREFIXES + SCHEMES, file="x")
    assert sorted(reading.thesaurus.subjects) == ["harm", "neglect"]
    assert reading.left_out == ("concepts of other schemes: 1", "other concept schemes: 1")


def test_collections_are_told():
    reading = read_skos(PREFIXES + COLLECTIONS, file="x")
    assert sorted(reading.thesaurus.subjects) == ["harm"]
    assert reading.left_out == ("collections: 1",)


def test_xml_with_a_document_type_is_refused():
    source = XML.replace(b"<rdf:RDF", b'<!DOCTYPE rdf:RDF [<!ENTITY a "b">]><rdf:RDF', 1)
    with pytest.raises(SpecError, match="document type"):
        read_skos(source, file="x.rdf")


def test_xml_that_is_no_rdf_is_refused_with_a_reason():
    with pytest.raises(SpecError, match="no concept"):
        read_skos(b"<?xml version='1.0'?><other/>", file="x.rdf")
