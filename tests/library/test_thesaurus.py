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
from waymark.library.services.thesaurus import BUILTIN, EARLIER
from waymark.library.thesaurus import (
    ALTERNATIVE,
    CLOSE,
    DRAFT,
    HIDDEN,
    PREFERRED,
    SchemeDetails,
    SubjectLexicon,
    SubjectMatch,
    SubjectName,
    Thesaurus,
    ThesaurusSubject,
    broken_rules,
    read_skos,
    split_subjects,
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
    return read_skos(BUILTIN.read_bytes(), file=BUILTIN.name).thesaurus


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph().parse(BUILTIN, format="turtle")


def small(*turtle: str) -> bytes:
    return (HEAD + "\n".join(turtle)).encode()


def faults(*turtle: str) -> list[str]:
    with pytest.raises(SpecError) as told:
        read_skos(small(*turtle), file="small.ttl")
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


def test_each_theme_for_learning_and_each_factor_has_a_subject_that_matches_it(builtin):
    matched = {match.address for subject in builtin.subjects.values() for match in subject.matches}
    for file in builtin_frameworks():
        framework = read_framework(file.read_text("utf-8"), file=file.name)
        themes = [code.id for code in framework.codes if code.theme is not None]
        factors = [one.id for one in framework.variables if one.id.startswith("fac.")]
        if framework.framework == "cr-core":
            assert (len(themes), len(factors)) == (11, 11 if framework.version == "1.0.0" else 21)
        names = [f"urn:waymark:framework:{framework.framework}:{one}" for one in themes + factors]
        assert [name for name in names if name not in matched] == []


def test_names_of_categories_of_the_framework_are_no_names_of_subjects(builtin):
    book = SubjectLexicon(builtin)
    assert book.key_of("Death, category unclear") is None
    matches = {match.address.rpartition(":")[2] for match in builtin.subjects["suicide"].matches}
    assert matches == {"out.fatal.related.suicide"}


def test_old_words_and_abbreviations_lead_to_the_name_in_use(builtin):
    book = SubjectLexicon(builtin)
    assert book.key_of("SUDI") == "sudden-unexpected-death"
    assert book.key_of("FII") == "fabricated-or-induced-illness"
    assert book.key_of("wife battering") == "domestic-abuse"
    assert book.key_of("Commit suicide") == "suicide"
    assert book.key_of("Esgeulustod") == "neglect"
    assert book.name("domestic-abuse") == "Domestic abuse"


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("infanticide", "child-homicide"),
        ("ADHD", "children-with-adhd"),
        ("perplexing presentations", "perplexing-presentations"),
        ("FASD", "fetal-alcohol-spectrum-disorder"),
        ("child in need", "children-in-need"),
        ("article 17", "children-in-need"),
        ("section 17", "children-in-need"),
        ("UNOCINI", "unocini"),
        ("ACPC", "area-child-protection-committees"),
        ("SCR", "serious-case-reviews"),
        ("significant case review", "significant-case-reviews"),
        ("ACEs", "adverse-childhood-experiences"),
        ("adultification", "adultification"),
        ("intersectionality", "intersectionality"),
        ("affluence", "affluent-families"),
        ("contextual safeguarding", "contextual-safeguarding"),
        ("mandatory reporting", "mandatory-reporting"),
        ("false allegations", "retraction-of-allegations"),
        ("registered sex offenders", "people-who-pose-a-risk"),
        ("graded care profile", "assessment-tools"),
        ("suicidal thoughts", "suicidal-thoughts"),
        ("suicide attempt", "suicide-attempts"),
        ("section 20", "voluntary-accommodation"),
        ("section 76", "voluntary-accommodation"),
        ("DARDR", "domestic-homicide-reviews"),
        ("Cafcass", "cafcass"),
        ("hierarchy of knowledge", "hierarchy-of-knowledge"),
        ("confidentiality", "confidentiality-in-law"),
        ("methadone", "opioid-substitution-treatment"),
        ("7 minute briefing", "practice-briefings"),
        ("strip search", "strip-search"),
        ("significant harm", "significant-harm"),
        ("unconscious bias", "unconscious-bias"),
        ("article 66", "joint-investigation"),
        ("section 47", "joint-investigation"),
        ("Clare's Law", "domestic-violence-disclosure-schemes"),
        ("ended his own life", "suicide"),
        ("took her own life", "suicide"),
        ("harming himself", "self-harm"),
    ],
)
def test_words_of_practice_lead_to_the_subject_that_means_them(builtin, words, key):
    assert SubjectLexicon(builtin).key_of(words) == key


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("dad", "fathers"),
        ("dads", "fathers"),
        ("mum", "mothers"),
        ("step dad", "step-parents"),
        ("stepdad", "step-parents"),
        ("mum's boyfriend", "step-parents"),
        ("grandmother", "grandparents"),
        ("nan", "grandparents"),
        ("slept in the same bed", "safer-sleep"),
        ("sharing a bed", "safer-sleep"),
    ],
)
def test_words_that_people_say_at_home_lead_to_the_subject_that_means_them(builtin, words, key):
    assert SubjectLexicon(builtin).key_of_words(words.split()) == key


@pytest.mark.parametrize("words", ["toxic trio", "hard to reach", "disguised compliance"])
def test_a_disputed_term_leads_to_a_note_that_it_is_not_used(builtin, words):
    assert "is not used here" in SubjectLexicon(builtin).note_on(words.split())


def test_the_same_letters_of_two_nations_are_told_apart_in_a_note(builtin):
    assert "significant case review" in SubjectLexicon(builtin).note_on(["SCR"])


def test_a_search_for_one_drug_does_not_search_for_the_others(builtin):
    names = SubjectLexicon(builtin).names_of("opioid-substitution-treatment")
    assert "Methadone" in names
    assert not {"Cannabis", "Cocaine", "Heroin"} & set(names)


def test_every_welsh_and_irish_name_is_a_draft_until_a_translator_has_checked_it(builtin):
    kinds = {
        name.kind
        for subject in builtin.subjects.values()
        for name in subject.names
        if name.language != "en"
    }
    assert kinds == {DRAFT}


def test_each_subject_that_the_second_edition_added_or_moved_says_so(builtin):
    first = read_skos(EARLIER[""].read_bytes(), file="first").thesaurus
    notes = {key: subject.change_note for key, subject in builtin.subjects.items()}
    assert builtin.scheme.edition == "2"
    assert [key for key in notes if key not in first.subjects and not notes[key]] == []
    assert [key for key in split_subjects(first, builtin) if not notes[key]] == []


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
    read = read_skos(
        small('s:a a skos:Concept ; skos:prefLabel "A"@en . s:harm skos:narrower s:a .'),
        file="small.ttl",
    )
    assert read.thesaurus.subjects["a"].broader == {"harm"}


def test_what_a_file_says_beyond_that_is_told():
    read = read_skos(
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
        read_skos(b"", file="x")


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
        read_skos(source, file="x")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text("@<>[]().;,\"s:a \n'^\\_", max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(source):
    try:
        read = read_skos(source, file="x")
    except SpecError:
        return
    assert read.thesaurus.subjects


# Without U+0000, which is refused: PostgreSQL can keep no text with it.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cn"), exclude_characters="\x00"),
    min_size=1,
    max_size=30,
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

    again = read_skos(written.encode(), file="x").thesaurus
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


# ---- notes, drafts and matches ----

NOTED = """s:a a skos:Concept ; skos:broader s:harm ; skos:prefLabel "Disabled children"@en ;
    skos:hiddenLabel "handicapped"@en , "Plant anabl"@cy ;
    waymark:draftLabel "Plant anabl"@cy ;
    skos:note [ rdfs:label "handicapped"@en ; rdf:value "An old word that hurts."@en ] ;
    skos:historyNote "Added in 2001."@en ;
    skos:changeNote "2: ADHD moved."@en ;
    skos:closeMatch <urn:waymark:framework:cr-core:fac.neglect> ."""
PREFIXED = (
    "@prefix waymark: <urn:waymark:terms:> .\n"
    "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
)


def noted() -> Thesaurus:
    return read_skos(PREFIXED.encode() + small(NOTED), file="small.ttl").thesaurus


def test_a_note_on_a_name_a_draft_and_a_match_are_read():
    subject = noted().subjects["a"]
    assert subject.names == (
        SubjectName(DRAFT, "cy", "Plant anabl"),
        SubjectName(HIDDEN, "en", "handicapped", "An old word that hurts."),
        SubjectName(PREFERRED, "en", "Disabled children"),
    )
    assert (subject.history_note, subject.change_note) == ("Added in 2001.", "2: ADHD moved.")
    assert subject.matches == {SubjectMatch(CLOSE, "urn:waymark:framework:cr-core:fac.neglect")}


def test_notes_drafts_and_matches_are_written_as_they_were_read():
    written = write_turtle(noted())
    assert isomorphic(
        Graph().parse(data=written, format="turtle"),
        Graph().parse(data=PREFIXED.encode() + small(NOTED), format="turtle")
        + Graph().parse(data=HEAD_LINKS, format="turtle"),
    )
    assert read_skos(written.encode(), file="again.ttl").thesaurus == noted()


HEAD_LINKS = HEAD + (
    '<https://example.org/subjects> dcterms:language "en" .\n'
    "s:harm skos:inScheme <https://example.org/subjects> ; "
    "skos:topConceptOf <https://example.org/subjects> .\n"
    "s:a skos:inScheme <https://example.org/subjects> ."
)


def test_json_ld_has_the_same_notes_drafts_and_matches_as_turtle():
    node = json.loads(subject_json_ld(noted(), "a"))
    assert node["waymark:draftLabel"] == [{"@language": "cy", "@value": "Plant anabl"}]
    assert [name["@value"] for name in node["skos:hiddenLabel"]] == ["Plant anabl", "handicapped"]
    assert node["skos:note"] == [
        {
            "rdfs:label": [{"@language": "en", "@value": "handicapped"}],
            "rdf:value": [{"@language": "en", "@value": "An old word that hurts."}],
        }
    ]
    assert node["skos:closeMatch"] == [{"@id": "urn:waymark:framework:cr-core:fac.neglect"}]
    assert node["skos:changeNote"] == [{"@language": "en", "@value": "2: ADHD moved."}]


def test_a_draft_is_a_name_in_another_language():
    draft = 's:a a skos:Concept ; skos:broader s:harm ; skos:prefLabel "A"@en ; '
    draft += '<urn:waymark:terms:draftLabel> "Ay"@en .'
    assert faults(draft) == ["line 10: a: the draft name 'Ay' is in the thesaurus's own language"]


def test_a_match_is_an_address():
    match = 's:a a skos:Concept ; skos:broader s:harm ; skos:prefLabel "A"@en ; '
    match += 'skos:exactMatch "neglect" .'
    assert faults(match) == [
        "line 10: a: 'neglect' is no address of a concept of another scheme",
    ]


@pytest.mark.parametrize("kind", ["exact", "close", "broad", "narrow", "related"])
def test_matches_of_every_kind_are_read_and_written_by_their_skos_properties(kind):
    match = 's:a a skos:Concept ; skos:broader s:harm ; skos:prefLabel "A"@en ; '
    match += f"skos:{kind}Match <https://other.example/1> ."
    result = read_skos(small(match), file="small.ttl")
    assert result.thesaurus.subjects["a"].matches == {
        SubjectMatch(kind, "https://other.example/1"),
    }
    # None of them is a link between subjects of this thesaurus, or left out of the file.
    assert result.thesaurus.subjects["a"].broader == {"harm"}
    assert result.thesaurus.subjects["a"].related == frozenset()
    written = write_turtle(result.thesaurus)
    assert f"skos:{kind}Match <https://other.example/1>" in written
    assert read_skos(written.encode(), file="again.ttl").thesaurus == result.thesaurus
    node = json.loads(subject_json_ld(result.thesaurus, "a"))
    assert node[f"skos:{kind}Match"] == [{"@id": "https://other.example/1"}]


def test_a_search_by_a_name_with_a_note_in_any_form_finds_the_note():
    book = SubjectLexicon(noted())
    assert book.note_on(["Handicapped"]) == "An old word that hurts."
    assert book.note_on(["disabled", "children"]) == ""


def test_a_draft_finds_its_subject_and_is_no_suggestion():
    book = SubjectLexicon(noted())
    assert book.key_of("plant anabl") == "a"
    assert "Plant anabl" not in book.every_name(("en", "cy"))
    assert "Plant anabl" in book.names_of("a", languages=("en", "cy"))
