"""The starter thesaurus; SKOS files read, checked, written. SPARQL is the independent check."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph
from rdflib.compare import isomorphic

from waymark.core.errors import SpecError
from waymark.frameworks.schema import read_framework
from waymark.frameworks.services import builtin_frameworks
from waymark.library.exchange.writers.skos import subject_json_ld
from waymark.library.services.thesaurus import BUILTIN
from waymark.library.thesaurus import (
    ALTERNATIVE,
    HIDDEN,
    PREFERRED,
    SchemeDetails,
    SubjectLexicon,
    SubjectName,
    Thesaurus,
    ThesaurusSubject,
    broken_rules,
    read_turtle,
    with_file_loaded,
    with_subject_merged,
    write_turtle,
)

HEAD = """@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix s: <https://example.org/subjects/> .

<https://example.org/subjects> a skos:ConceptScheme ;
    dcterms:title "Small"@en ;
    skos:hasTopConcept s:harm .
s:harm a skos:Concept ; skos:prefLabel "Harm"@en .
"""
CIRCLE = """s:a a skos:Concept ; skos:broader s:b ; skos:prefLabel "A"@en .
s:b a skos:Concept ; skos:broader s:a ; skos:prefLabel "B"@en ."""
CLASH = """s:a a skos:Concept ; skos:broader s:harm ; skos:prefLabel "A"@en .
s:b a skos:Concept ; skos:broader s:a ; skos:related s:harm ; skos:prefLabel "B"@en ."""
SKOS = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"


@pytest.fixture(scope="module")
def builtin() -> Thesaurus:
    return read_turtle(BUILTIN.read_bytes(), file=BUILTIN.name).thesaurus


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph().parse(BUILTIN, format="turtle")


def small(*turtle: str) -> bytes:
    return (HEAD + "\n".join(turtle)).encode()


def faults(*turtle: str) -> list[str]:
    with pytest.raises(SpecError) as told:
        read_turtle(small(*turtle), file="small.ttl")
    return [str(fault) for fault in told.value.faults]


# ---- the starter thesaurus ----


def test_it_has_at_least_150_subjects_under_eleven_top_ones(builtin, graph):
    counted = graph.query(f"{SKOS} SELECT (COUNT(?c) AS ?n) WHERE {{ ?c a skos:Concept }}")
    tops = graph.query(f"{SKOS} SELECT ?c WHERE {{ ?s skos:hasTopConcept ?c }}")

    assert [int(row.n) for row in counted] == [len(builtin.subjects)]
    assert len(builtin.subjects) >= 150
    assert len(tops) == 11


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("?c a skos:Concept FILTER NOT EXISTS { ?c skos:prefLabel ?l }", id="no name"),
        pytest.param("?c skos:prefLabel ?a, ?b FILTER (?a != ?b && LANG(?a) = LANG(?b))", id="S14"),
        pytest.param(
            "{ ?c skos:prefLabel ?l ; skos:altLabel ?l } UNION { ?c skos:prefLabel ?l ; "
            "skos:hiddenLabel ?l } UNION { ?c skos:altLabel ?l ; skos:hiddenLabel ?l }",
            id="S13",
        ),
        pytest.param("?c skos:related ?d . ?c skos:broader+ ?d", id="S27"),
        pytest.param("?c skos:broader+ ?c", id="circle"),
        pytest.param(
            "?c skos:broader|skos:related ?d FILTER NOT EXISTS { ?d a skos:Concept }",
            id="dangling",
        ),
        pytest.param(
            "?c a skos:Concept FILTER NOT EXISTS { ?c skos:broader|skos:topConceptOf ?d }",
            id="orphan",
        ),
        pytest.param(
            "?c skos:related ?d FILTER NOT EXISTS { ?d skos:related ?c }", id="related one way"
        ),
        pytest.param(
            "?c ?p ?a . ?d ?q ?b FILTER (?c != ?d && ?p IN (skos:prefLabel, skos:altLabel, "
            "skos:hiddenLabel) && ?q IN (skos:prefLabel, skos:altLabel, skos:hiddenLabel) && "
            "?a = ?b)",
            id="shared name",
        ),
    ],
)
def test_a_query_finds_nothing_that_breaks_the_rules_of_skos(graph, broken):
    if "?a = ?b)" in broken:  # joined on the name itself: a product of all names takes minutes
        broken = (
            "?c skos:prefLabel|skos:altLabel|skos:hiddenLabel ?l . "
            "?d skos:prefLabel|skos:altLabel|skos:hiddenLabel ?l FILTER (?c != ?d)"
        )
    assert list(graph.query(f"{SKOS} SELECT ?c WHERE {{ {broken} }}")) == []


def test_each_theme_for_learning_and_each_factor_is_a_name_of_a_subject(builtin):
    book = SubjectLexicon(builtin)
    for file in builtin_frameworks():
        framework = read_framework(file.read_text("utf-8"), file=file.name)
        themes = [code.name for code in framework.codes if code.theme is not None]
        factors = [one.name for one in framework.variables if one.id.startswith("fac.")]
        if framework.framework == "cr-core":
            assert (len(themes), len(factors)) == (11, 11)
        assert [name for name in themes + factors if book.key_of(name) is None] == []


def test_old_words_and_abbreviations_lead_to_the_name_in_use(builtin):
    book = SubjectLexicon(builtin)
    assert book.key_of("SUDI") == "sudden-unexpected-death"
    assert book.key_of("FII") == "fabricated-or-induced-illness"
    assert book.key_of("wife battering") == "domestic-abuse"
    assert book.key_of("Commit suicide") == "suicide"
    assert book.key_of("Esgeulustod") == "neglect"
    assert book.name("domestic-abuse") == "Domestic abuse"


# ---- reading and writing ----


def test_what_is_written_is_the_file_that_was_read_to_the_byte(builtin):
    assert write_turtle(builtin).encode() == BUILTIN.read_bytes()


def test_what_is_written_says_the_same_statements(builtin, graph):
    assert isomorphic(Graph().parse(data=write_turtle(builtin), format="turtle"), graph)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
def test_one_subject_says_the_same_as_turtle_and_as_json(builtin):
    for key in ("neglect", "abuse-and-neglect", "england"):
        turtle = Graph().parse(data=write_turtle(builtin, only=key), format="turtle")
        made = Graph().parse(data=subject_json_ld(builtin, key), format="json-ld")
        assert isomorphic(turtle, made)
        assert json.loads(subject_json_ld(builtin, key))["@id"] == f"urn:waymark:subject:{key}"


def test_narrower_is_broader_the_other_way_round():
    read = read_turtle(
        small('s:a a skos:Concept ; skos:prefLabel "A"@en . s:harm skos:narrower s:a .'),
        file="small.ttl",
    )
    assert read.thesaurus.subjects["a"].broader == {"harm"}


def test_what_a_file_says_beyond_that_is_told():
    read = read_turtle(
        small('s:harm skos:example "x"@en ; skos:definition "Niwed"@cy, "Harm."@en .'), file="x"
    )
    assert read.left_out == ("definition in other languages: 1", "example: 1")
    assert read.thesaurus.subjects["harm"].definition == "Harm."


@pytest.mark.parametrize(
    ("turtle", "told"),
    [
        ("s:a a skos:Concept ; skos:broader s:harm .", "line 10: a: has no preferred name"),
        (
            's:a a skos:Concept ; skos:broader s:harm ; skos:prefLabel "A"@en, "B"@en .',
            "line 10: a: has 2 preferred names in the language en",
        ),
        (
            's:a a skos:Concept ; skos:broader s:harm ; skos:prefLabel "HARM"@en .',
            "line 9: harm: shares the name 'harm' (en) with a",
        ),
        (CIRCLE, "line 10: a: is broader than itself"),
        (
            's:a a skos:Concept ; skos:broader s:nowhere ; skos:prefLabel "A"@en .',
            "line 10: a: names nowhere as broader, which is not in the thesaurus",
        ),
        (
            's:a a skos:Concept ; skos:prefLabel "A"@en .',
            "line 10: a: has nothing broader and is not a top concept",
        ),
        (CLASH, "line 11: b: is related to harm and also narrower than it"),
        (
            's:a a skos:Concept ; skos:broader s:harm ; skos:prefLabel "A" .',
            "line 10: a: has no preferred name in the language en",
        ),
        ('<https://elsewhere.example/x> a skos:Concept ; skos:prefLabel "X"@en .', "an address"),
        ("s:a a skos:Concept ; skos:prefLabel ", "not Turtle"),
        ("[] a skos:Concept .", "a concept without an address"),
    ],
)
def test_a_broken_rule_is_told_with_its_line(turtle, told):
    assert any(told in fault for fault in faults(turtle)), faults(turtle)


def test_a_file_without_a_scheme_is_refused():
    with pytest.raises(SpecError, match="no concept scheme"):
        read_turtle(b"", file="x")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"[" * 100_000, "brackets more than 200 deep"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MiB"),
    ],
)
def test_hostile_files_are_refused(source, told):
    with pytest.raises(SpecError, match=told):
        read_turtle(source, file="x")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text("@<>[]().;,\"s:a \n'^\\_", max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(source):
    try:
        read = read_turtle(source, file="x")
    except SpecError:
        return
    assert read.thesaurus.subjects


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cn")), min_size=1, max_size=30
).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=6, unique_by=lambda text: text.casefold()), TEXTS)
def test_any_text_comes_back_as_it_was_written(texts, note):
    scheme = SchemeDetails("https://example.org/s", "https://example.org/s/", "T")
    subjects = {}
    for number, text in enumerate(texts):
        names = (
            SubjectName(PREFERRED, "en", f"Name {number}"),
            SubjectName(HIDDEN, "cy", f"{number}{text}"),
        )
        subjects[f"k{number}"] = ThesaurusSubject(
            f"k{number}", tuple(sorted(names)), definition=note
        )
    made = Thesaurus(scheme, subjects, frozenset(subjects))
    written = write_turtle(made)

    again = read_turtle(written.encode(), file="x").thesaurus
    assert again.subjects == subjects
    assert write_turtle(again) == written


# ---- changes as values ----


def one(key: str, *broader: str, related: str = "", alternative: str = "") -> ThesaurusSubject:
    names = [SubjectName(PREFERRED, "en", key.title())]
    if alternative:
        names.append(SubjectName(ALTERNATIVE, "en", alternative))
    return ThesaurusSubject(
        key,
        tuple(sorted(names)),
        broader=frozenset(broader),
        related=frozenset([related] if related else []),
    )


def of(*subjects: ThesaurusSubject) -> Thesaurus:
    scheme = SchemeDetails("urn:t", "urn:t:", "T")
    return Thesaurus(scheme, {subject.key: subject for subject in subjects})


def test_a_new_file_ends_what_it_does_not_hold():
    old = of(one("harm"), one("fire", "harm"), one("flood", "harm"))
    new = of(one("harm"), one("fire", "harm", alternative="Blaze"), one("storm", "harm"))

    after, change = with_file_loaded(old, new)

    assert (change.new, change.changed, change.ended) == (("storm",), ("fire",), ("flood",))
    assert after.subjects["flood"].ended
    assert broken_rules(after) == []
    _, again = with_file_loaded(after, of(*new.subjects.values(), one("flood", "harm")))
    assert (again.new, again.changed, again.back) == ((), (), ("flood",))


def test_merging_moves_names_and_what_stands_under_it():
    old = of(
        one("harm"),
        one("fire", "harm", related="flood", alternative="Blaze"),
        one("flood", "harm", related="fire"),
        one("burn", "harm"),
        one("ember", "fire"),
    )

    after = with_subject_merged(old, "fire", "burn")

    burn = after.subjects["burn"]
    assert {(name.kind, name.text) for name in burn.names} == {
        (PREFERRED, "Burn"),
        (ALTERNATIVE, "Fire"),
        (ALTERNATIVE, "Blaze"),
    }
    assert after.subjects["ember"].broader == {"burn"}
    assert after.subjects["flood"].related == {"burn"}
    assert (after.subjects["fire"].ended, after.subjects["fire"].replaced_by) == (True, "burn")
    assert broken_rules(after) == []


def test_a_subject_merged_into_one_under_it_leaves_no_circle():
    old = of(one("harm"), one("fire", "harm"), one("ember", "fire"), one("ash", "ember"))

    after = with_subject_merged(old, "fire", "ember")

    assert after.subjects["ember"].broader == {"harm"}
    assert broken_rules(after) == []


def test_a_subject_has_its_own_names_and_those_of_narrower_ones_but_no_hidden_ones():
    names = (SubjectName(HIDDEN, "en", "fyre"), SubjectName(PREFERRED, "en", "Fire"))
    fire = ThesaurusSubject("fire", names, broader=frozenset({"harm"}))
    lexicon = SubjectLexicon(of(one("harm", alternative="harm to a child"), one("child"), fire))
    assert lexicon.names_of("harm") == ("Harm", "harm to a child", "Fire")
