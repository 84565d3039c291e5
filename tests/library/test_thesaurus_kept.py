"""The thesaurus in the database: loaded whole, changed one by one, merged, looked up."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, make_person, make_review
from tests.library.conftest import make_resource
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import NotFound, NotPermitted, RuleError, SpecError
from waymark.library.models import Concept, Label, LabelKind
from waymark.library.queries.thesaurus import (
    a_to_z,
    current_thesaurus,
    record_counts,
    subject_page,
    subject_tree,
    thesaurus_version,
)
from waymark.library.services import catalogue_resource, catalogue_review, set_subjects
from waymark.library.services.thesaurus import (
    BUILTIN,
    add_subject,
    change_subject,
    end_subject,
    load_builtin,
    load_thesaurus,
    merge_subjects,
    preview_thesaurus,
)
from waymark.library.thesaurus import (
    ALTERNATIVE,
    PREFERRED,
    SubjectName,
    ThesaurusSubject,
    write_turtle,
)

SMALL = """@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix s: <urn:t:> .
<urn:t> a skos:ConceptScheme ; dcterms:title "Small"@en ; skos:hasTopConcept s:harm .
s:harm a skos:Concept ; skos:prefLabel "Harm"@en, "Niwed"@cy .
s:fire a skos:Concept ; skos:broader s:harm ; skos:prefLabel "Fire"@en ;
    skos:altLabel "Blaze"@en ; skos:hiddenLabel "fyre"@en ; skos:related s:smoke .
s:smoke a skos:Concept ; skos:broader s:harm ; skos:prefLabel "Smoke"@en .
s:ember a skos:Concept ; skos:broader s:fire ; skos:prefLabel "Ember"@en .
"""


@pytest.fixture
def small(db):
    load_thesaurus(by=None, source=SMALL.encode(), file="small.ttl", now=NOON)


def of(record, *subjects: str) -> None:
    set_subjects(by=None, record=record, subjects=subjects, now=NOON)


def record_of(key: str, **values):
    return catalogue_resource(by=None, resource=make_resource(key, **values), now=NOON)


def subject(key: str, name: str, *broader: str, **values) -> ThesaurusSubject:
    names = (SubjectName(PREFERRED, "en", name),)
    return ThesaurusSubject(key, names, broader=frozenset(broader), **values)


# ---- a whole file ----


@pytest.mark.django_db
def test_the_starter_thesaurus_comes_out_of_the_database_as_it_went_in():
    change = load_builtin(by=None, now=NOON)
    assert len(change.new) == Concept.objects.count() >= 150
    assert write_turtle(current_thesaurus()).encode() == BUILTIN.read_bytes()
    assert load_builtin(by=None, now=NOON) is None


def test_the_same_file_again_changes_nothing(small):
    version, entries = thesaurus_version(), AuditEntry.objects.count()
    change = load_thesaurus(by=None, source=SMALL.encode(), file="small.ttl", now=NOON)
    assert not change.any
    assert (thesaurus_version(), AuditEntry.objects.count()) == (version, entries)


def test_a_new_file_keeps_the_subjects_of_records(small):
    record = record_of("a")
    of(record, "smoke")
    lines = [line for line in SMALL.split("\n") if not line.startswith("s:smoke")]
    source = "\n".join(lines).replace(" ; skos:related s:smoke", "")

    change = load_thesaurus(by=None, source=source.encode(), file="b.ttl", now=NOON)

    assert (change.new, change.changed, change.ended) == ((), ("fire",), ("smoke",))
    assert [one.key for one in record.subjects.all()] == ["smoke"]
    with pytest.raises(RuleError, match="no longer in use as a subject: smoke"):
        of(record_of("b"), "smoke")
    back = load_thesaurus(by=None, source=SMALL.encode(), file="small.ttl", now=NOON)
    assert (back.back, back.changed) == (("smoke",), ("fire",))


def test_a_preview_and_a_faulty_file_change_nothing(small):
    before = write_turtle(current_thesaurus())
    changed = SMALL.replace("Ember", "Cinder").encode()
    preview = preview_thesaurus(by=None, source=changed, file="x")
    assert preview.changed == ("ember",)
    with pytest.raises(SpecError, match="line 6"):
        load_thesaurus(by=None, source=SMALL.replace("Ember", "Fire").encode(), file="x", now=NOON)
    assert write_turtle(current_thesaurus()) == before


def transactions(queries):
    """The transactions that a service began: savepoints within that of the test."""
    return [query["sql"] for query in queries if query["sql"].startswith("SAVEPOINT")]


def test_a_preview_and_the_reading_of_a_file_happen_outside_of_the_write_lock(small):
    with CaptureQueriesContext(connection) as previewed:
        preview_thesaurus(by=None, source=SMALL.encode(), file="small.ttl")
    with CaptureQueriesContext(connection) as refused, pytest.raises(SpecError):
        load_thesaurus(by=None, source=b"nothing of Turtle", file="x.ttl", now=NOON)
    assert transactions(previewed) == transactions(refused) == []
    with CaptureQueriesContext(connection) as loaded:
        load_thesaurus(by=None, source=SMALL.encode(), file="small.ttl", now=NOON)
    assert transactions(loaded)


@pytest.mark.parametrize("role", [Role.READER, Role.CODER, Role.ANALYST])
def test_only_those_who_keep_it_may_change_it(small, role):
    person = make_person(role)
    with pytest.raises(NotPermitted):
        load_thesaurus(by=person, source=SMALL.encode(), file="x", now=NOON)
    with pytest.raises(NotPermitted):
        add_subject(by=person, subject=subject("x", "X", "harm"), now=NOON)
    with pytest.raises(NotPermitted):
        end_subject(by=person, key="ember", now=NOON)
    with pytest.raises(NotPermitted):
        merge_subjects(by=person, key="ember", into="smoke", now=NOON)


# ---- one subject ----


def test_a_subject_is_added_and_related_both_ways(small):
    add_subject(
        by=None, subject=subject("ash", "Ash", "harm", related=frozenset({"smoke"})), now=NOON
    )
    assert current_thesaurus().subjects["smoke"].related == {"fire", "ash"}
    assert AuditEntry.objects.last().subject == "subject ash"
    with pytest.raises(RuleError, match="already"):
        add_subject(by=None, subject=subject("ash", "Cinders", "harm"), now=NOON)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (subject("ash", "BLAZE", "harm"), "shares the name 'blaze' .en. with ash"),
        (subject("ash", "Ash", "nowhere"), "names nowhere as broader"),
        (
            subject("ash", "Ash", "fire", related=frozenset({"harm"})),
            "is related to harm and also narrower than it",
        ),
        (ThesaurusSubject("ash", (), broader=frozenset({"harm"})), "no preferred name"),
    ],
)
def test_what_would_break_a_rule_is_refused_whole(small, wrong, told):
    before = write_turtle(current_thesaurus())
    with pytest.raises(RuleError, match=told):
        add_subject(by=None, subject=wrong, now=NOON)
    assert write_turtle(current_thesaurus()) == before


def test_a_subject_cannot_be_moved_under_itself(small):
    fire = current_thesaurus().subjects["fire"]
    moved = ThesaurusSubject(fire.key, fire.names, broader=frozenset({"ember"}))
    with pytest.raises(RuleError, match="circle"):
        change_subject(by=None, subject=moved, now=NOON)


def test_a_change_has_the_records_under_it_indexed_again(small):
    record = record_of("a")
    of(record, "ember")
    record.refresh_from_db()
    before = record.changed_at
    fire = current_thesaurus().subjects["fire"]
    names = (*fire.names, SubjectName(ALTERNATIVE, "en", "Burning"))
    assert change_subject(
        by=None, subject=ThesaurusSubject("fire", names, broader=fire.broader), now=NOON
    )
    record.refresh_from_db()
    assert record.changed_at > before


def test_a_change_over_somebody_elses_is_refused(small):
    seen = thesaurus_version()
    change_subject(by=None, subject=subject("ember", "Cinder", "fire"), now=NOON, seen=seen)
    with pytest.raises(RuleError, match="while you were editing"):
        change_subject(by=None, subject=subject("ember", "Glow", "fire"), now=NOON, seen=seen)
    with pytest.raises(NotFound):
        change_subject(by=None, subject=subject("no", "No", "fire"), now=NOON)
    assert not change_subject(by=None, subject=subject("ember", "Cinder", "fire"), now=NOON)


def test_a_subject_with_others_under_it_does_not_end(small):
    with pytest.raises(RuleError, match="move or retire ember first"):
        end_subject(by=None, key="fire", now=NOON)
    end_subject(by=None, key="ember", now=NOON)
    end_subject(by=None, key="fire", now=NOON)
    assert current_thesaurus().subjects["smoke"].related == frozenset()


def test_merging_moves_the_records_and_leaves_a_sign(small):
    first, second = record_of("a"), record_of("b")
    of(first, "fire")
    of(second, "fire", "smoke")

    assert merge_subjects(by=None, key="fire", into="smoke", now=NOON) == 2

    assert [[one.key for one in record.subjects.all()] for record in (first, second)] == [
        ["smoke"],
        ["smoke"],
    ]
    page = subject_page("fire", None, NOON)
    assert page.subject.ended
    assert page.replaced_by.key == "smoke"
    assert current_thesaurus().subjects["ember"].broader == {"smoke"}
    assert Label.objects.filter(
        concept__key="smoke", text="Fire", kind=LabelKind.ALTERNATIVE
    ).exists()
    with pytest.raises(RuleError, match="only subjects in use"):
        merge_subjects(by=None, key="fire", into="harm", now=NOON)


def test_what_was_merged_comes_out_and_in_again_as_it_is(small):
    merge_subjects(by=None, key="fire", into="smoke", now=NOON)
    written = write_turtle(current_thesaurus())
    assert "dcterms:isReplacedBy subject:smoke" in written
    change = load_thesaurus(by=None, source=written.encode(), file="x", now=NOON)
    assert not change.any
    assert write_turtle(current_thesaurus()) == written


# ---- looking things up ----


def test_records_are_counted_once_with_what_is_under_a_subject_and_as_far_as_one_may_see(small):
    of(record_of("a"), "ember", "fire")
    of(record_of("b"), "fire")
    hidden = catalogue_review(by=None, review=make_review("R1", state=State.INTERNAL), now=NOON)
    of(hidden, "smoke")
    visitor = make_person()

    assert record_counts(visitor, NOON) == {"ember": 1, "fire": 2, "harm": 2}
    assert record_counts(None, NOON) == {"ember": 1, "fire": 2, "harm": 3, "smoke": 1}


def test_the_tree_and_the_letters(small):
    (top,) = subject_tree(None, NOON)
    assert top.line.name == "Harm"
    assert [branch.line.name for branch in top.below] == ["Fire", "Smoke"]
    assert [branch.line.name for branch in top.below[0].below] == ["Ember"]
    assert [(letter, [(one.text, one.see) for one in entries]) for letter, entries in a_to_z()] == [
        ("B", [("Blaze", "Fire")]),
        ("E", [("Ember", "")]),
        ("F", [("Fire", "")]),
        ("H", [("Harm", "")]),
        ("S", [("Smoke", "")]),
    ]
    assert a_to_z("cy") == [("N", [a_to_z("cy")[0][1][0]])]
