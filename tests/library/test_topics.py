"""Topics: loading, editing, withdrawing, and searches for what a topic is about."""

import pytest
import yaml
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import agree_code, ask, found, make_resource, make_subject, shelve
from waymark.accounts.content_state import ContentCache
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import ConcurrentChange, NotFound, NotPermitted, RuleError, SpecError
from waymark.documents.services.reviews import set_review_state
from waymark.frameworks.services import builtin_frameworks
from waymark.library.models import TopicVersion
from waymark.library.queries.topics import topic_counts, topic_version, unknown_parts
from waymark.library.search.tree import as_text, from_json, to_json
from waymark.library.services import index_changed, mark_changed, set_subjects
from waymark.library.services.thesaurus import BUILTIN as THESAURUS
from waymark.library.services.topics import (
    BUILTIN,
    add_topic,
    change_topic,
    load_topics,
    restore_topic,
    withdraw_topic,
)
from waymark.library.thesaurus import read_skos
from waymark.library.topics.description import TopicDescription, read_topics

pytestmark = pytest.mark.django_db
VISITOR = AnonymousUser()

FILE = """format: waymark-topics 1
topics:
  - key: sleep
    name: Sleep
    summary: How babies sleep.
    words: [safer sleep]
  - key: school
    name: Schools
    summary: What schools see.
    words: [school]
    related: [sleep]
"""


def load(source=FILE, by=None):
    return load_topics(by=by, source=source, file="topics.yaml", now=NOON)


def topic(key, **parts):
    """A topic that staff added, with only these parts."""
    values = {"name": key.title(), "summary": f"About {key}.", **parts}
    return add_topic(by=None, key=key, description=TopicDescription(**values), now=NOON)


def count_of(key, person):
    (line,) = topic_counts(person, NOON, keys=[key])
    return line.reviews


# ---- what a topic finds ----


def test_a_topic_finds_reviews_by_subject_by_code_and_by_the_words_of_their_title(framework):
    make_subject("safer-sleep", "Safer sleep")
    by_subject, by_code = make_review("R1", title="Ash"), make_review("R2", title="Elm")
    by_title, other = make_review("R3", title="Safer sleep in hostels"), make_review("R4")
    report = make_report(by_code, "The baby slept on the sofa.")
    make_report(other, "Nothing was said about safer sleep.")
    agree_code(by_code, framework.codes.get(code="h"), on=report)
    shelve(by_subject, by_code, by_title, other)
    set_subjects(by=None, record=by_subject.record, subjects=["safer-sleep"], now=NOON)
    index_changed(now=NOON)
    topic("sleep", subjects=("safer-sleep",), codes=("h",), words=("safer sleep",))
    assert found(ask("topic:sleep")) == ["R1", "R2", "R3"]
    assert found(ask("topic:sleep hostels")) == ["R3"]


def test_a_code_of_a_topic_stands_for_the_codes_below_it(framework):
    review = make_review("R1")
    report = make_report(review, "They were not told.")
    agree_code(review, framework.codes.get(code="a.b"), on=report)
    shelve(review)
    topic("telling", codes=("a",))
    assert found(ask("topic:telling")) == ["R1"]


def test_the_reviews_that_use_the_words_of_a_topic_most_come_first(db):
    make_subject("children", "Children")
    texts = {"R1": "The home was cold.", "R2": "Safer sleep. Safer sleep again.", "R3": "A cot."}
    reviews = [make_review(reference) for reference in texts]
    for review, text in zip(reviews, texts.values(), strict=True):
        make_report(review, text)
    shelve(*reviews)
    for review in reviews:
        set_subjects(by=None, record=review.record, subjects=["children"], now=NOON)
    index_changed(now=NOON)
    topic("sleep", subjects=("children",), words=("safer sleep",))
    answer = ask("topic:sleep")
    assert (answer.total, answer.hits[0].record.reference) == (3, "R2")
    assert answer.hits[0].passages[0].text == "Safer sleep. Safer sleep again."


def test_an_unknown_topic_finds_nothing_and_says_so(db):
    shelve(make_review("R1"))
    answer = ask("topic:sleep")
    assert answer.total == 0
    assert [note.message for note in answer.notes] == ["There is no topic sleep."]


def test_the_filter_of_a_topic_leaves_words_and_passages_to_the_search(db):
    reviews = [make_review(f"R{number}", title="Safer sleep") for number in (1, 2)]
    reviews.append(make_review("R3", title="Another"))
    texts = ("The home was cold.", "Safer sleep was said. A cold home.", "A cold home.")
    for review, text in zip(reviews, texts, strict=True):
        make_report(review, text, "Safer sleep was not said.")
    shelve(*reviews)
    topic("sleep", words=("safer sleep",))
    answer = ask("cold", filters={"topic": ("sleep",)})
    assert (found(answer), answer.passages_total) == (["R1", "R2"], 2)
    assert found(ask("", filters={"topic": ("sleep",)})) == ["R1", "R2"]


def test_the_filter_of_an_unknown_topic_finds_nothing_and_says_so(db):
    shelve(make_review("R1"))
    answer = ask("", filters={"topic": ("sleep",)})
    assert answer.total == 0
    assert [note.message for note in answer.notes] == ["There is no topic sleep."]


def test_a_query_with_a_topic_is_printed_and_saved_by_the_key_alone(db):
    topic("safer-sleep", words=("sofa",))
    answer = ask("topic:safer-sleep")
    assert answer.tree is not None
    assert as_text(answer.tree) == 'topic:"safer sleep"'
    assert as_text(from_json(to_json(answer.tree))) == 'topic:"safer sleep"'


@pytest.mark.parametrize("role", [None, Role.CODER])
def test_the_number_of_a_topic_is_the_number_of_hits_of_its_search(role):
    person = make_person(role) if role else None
    person = person or VISITOR
    states = [State.PUBLISHED, State.PUBLISHED, State.INTERNAL, State.WITHDRAWN]
    reviews = [
        make_review(f"R{number}", title="Safer sleep", state=state)
        for number, state in enumerate(states)
    ]
    shelve(*reviews, make_resource("tool", title="Safer sleep"))
    topic("sleep", words=("safer sleep",))
    answer = ask("topic:sleep", person=person, filters={"kind": ("case-review",)})
    assert count_of("sleep", person) == answer.total == (3 if role else 2)


def test_withdrawing_a_review_changes_the_number_before_the_index_follows(db):

    review = make_review("R1", title="Safer sleep")
    shelve(review)
    topic("sleep", words=("safer sleep",))
    assert count_of("sleep", VISITOR) == 1
    set_review_state(by=None, review=review, state=State.WITHDRAWN, now=NOON)

    mark_changed(reviews=[review], now=NOON)
    assert count_of("sleep", VISITOR) == 0


def test_counting_topics_needs_as_many_queries_for_ten_topics_as_for_one(
    framework, django_assert_num_queries
):
    shelve(make_review("R0", title="Sleep"))
    topic("sleep0", words=("sleep",), codes=("a",))
    topic_counts(VISITOR, NOON)
    ContentCache.clear_all()
    with CaptureQueriesContext(
        connection,
    ) as one:
        topic_counts(VISITOR, NOON)
    for number in range(1, 10):
        topic(f"sleep{number}", words=("sleep",), codes=("a",))
        shelve(make_review(f"R{number}", title="Sleep"))
    with django_assert_num_queries(len(one)):
        assert [line.reviews for line in topic_counts(VISITOR, NOON)] == [10] * 10


# ---- loading and editing ----


def test_the_topics_of_this_version_are_complete(db):
    described = read_topics(BUILTIN.read_text(encoding="utf-8"), file=BUILTIN.name)
    assert len(described) >= 30
    assert all(40 <= len(topic.summary.split()) <= 80 for topic in described.values())
    assert all(topic.words and topic.related for topic in described.values())


def test_subjects_and_codes_of_the_built_in_topics_exist():
    described = read_topics(BUILTIN.read_text(encoding="utf-8"), file=BUILTIN.name)
    thesaurus = read_skos(THESAURUS.read_bytes(), file=THESAURUS.name).thesaurus
    frameworks = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in builtin_frameworks()]
    codes = {code["id"] for framework in frameworks for code in framework["codes"]}
    subjects = {key for key, subject in thesaurus.subjects.items() if not subject.ended}
    assert {key for topic in described.values() for key in topic.subjects} <= subjects
    named = {code for topic in described.values() for code in topic.codes + topic.counted_codes}
    assert named <= codes


def test_no_built_in_topic_leads_with_how_a_child_died_or_was_harmed():
    described = read_topics(BUILTIN.read_text(encoding="utf-8"), file=BUILTIN.name)
    leading = {code for topic in described.values() for code in topic.codes}
    assert [code for code in sorted(leading) if code.startswith("out.")] == []
    assert described["babies-and-safer-sleep"].counted_codes == ("out.fatal.related.sudi",)
    assert "out.fatal.related.suicide" in described["suicide-and-self-harm"].counted_codes


def test_a_review_is_about_a_topic_by_a_code_that_only_counts_and_by_those_below_it(framework):
    review = make_review("R1")
    report = make_report(review, "They were not told.")
    agree_code(review, framework.codes.get(code="a.b"), on=report)
    shelve(review)
    topic("telling", counted_codes=("a",))
    assert found(ask("topic:telling")) == ["R1"]


def test_a_code_cannot_both_lead_and_only_count():
    with pytest.raises(SpecError, match="a is entered twice: as a code, and as one that only"):
        read_topics(
            FILE.replace("related: [sleep]", "codes: [a]\n    counted_codes: [a]"), file="t.yaml"
        )


def test_parts_of_a_topic_that_do_not_exist_are_named(framework):
    make_subject("sleep", "Sleep")
    described = TopicDescription(
        "Sleep", "", subjects=("sleep", "x"), codes=("a", "y"), counted_codes=("z",)
    )
    assert unknown_parts(described) == [("subject", "x"), ("code", "y"), ("code", "z")]


def test_loading_a_second_time_changes_nothing(db):
    assert load().new == ("sleep", "school")
    assert load().same == ("sleep", "school")
    assert TopicVersion.objects.count() == 2
    assert AuditEntry.objects.filter(action="load topics").count() == 1


def test_a_later_file_changes_only_topics_that_nobody_here_has_edited_or_withdrawn(db):
    load(
        FILE.replace(
            "  - key: school",
            FILE.split("topics:\n")[1]
            .split("  - key: school")[0]
            .replace("sleep", "third")
            .replace("Sleep", "Third")
            + "  - key: school",
        )
    )
    edited = TopicDescription("Sleep and cots", "Ours.", words=("cot",))
    change_topic(by=None, key="sleep", description=edited, seen=1, now=NOON)
    withdraw_topic(by=None, key="third", reason="Not here.", now=NOON)
    later = FILE.replace("How babies sleep.", "New.").replace("What schools see.", "New.")
    assert load(later).changed == ("school",)
    assert load(later).edited == ("sleep",)
    assert topic_version("sleep").summary == "Ours."
    assert (topic_version("school").summary, topic_version("school").number) == ("New.", 2)


def test_a_file_with_faults_changes_nothing_and_names_every_line(db):
    wrong = FILE.replace("related: [sleep]", "related: [nowhere]").replace("key: sleep", "key: S!")
    with pytest.raises(SpecError) as caught:
        load(wrong)
    assert [fault.line for fault in caught.value.faults] == [3, 11]
    assert not TopicVersion.objects.exists()


def test_an_edit_is_a_new_version_and_the_old_one_stays(db):
    load()
    cataloguer = make_person(Role.CATALOGUER)
    edited = TopicDescription("Sleep", "Other words.", words=("cot",))
    assert change_topic(by=cataloguer, key="sleep", description=edited, seen=1, now=NOON)
    versions = TopicVersion.objects.filter(topic__key="sleep")
    assert [(row.number, row.summary) for row in versions] == [
        (2, "Other words."),
        (1, "How babies sleep."),
    ]
    assert versions[0].created_by == cataloguer
    assert not change_topic(by=cataloguer, key="sleep", description=edited, seen=2, now=NOON)
    entry = AuditEntry.objects.get(action="change topic")
    assert entry.detail == {"version": 2, "fields": ["summary", "words"]}


def test_an_edit_of_an_overtaken_version_is_refused(db):
    load()
    for summary in ("First.", "Second."):
        edited = TopicDescription("Sleep", summary, words=("cot",))
        if summary == "Second.":
            with pytest.raises(ConcurrentChange):
                change_topic(by=None, key="sleep", description=edited, seen=1, now=NOON)
        else:
            change_topic(by=None, key="sleep", description=edited, seen=1, now=NOON)


def test_a_withdrawn_topic_is_neither_listed_nor_searched_until_it_is_restored(db):
    shelve(make_review("R1", title="Safer sleep"))
    load()
    withdraw_topic(by=None, key="sleep", reason="Being rewritten.", now=NOON)
    with pytest.raises(NotFound):
        topic_version("sleep")
    assert ask("topic:sleep").total == 0
    restore_topic(by=None, key="sleep", now=NOON)
    assert ask("topic:sleep").total == 1


@pytest.mark.parametrize(
    "parts",
    [
        {"name": ""},
        {"summary": ""},
        {"summary": "word " * 121},
        {"words": ("---",)},
        {"words": ()},
        {"subjects": ("nowhere",)},
        {"codes": ("no.code",)},
        {"related": ("nowhere",)},
        {"related": ("sleep",)},
    ],
    ids=str,
)
def test_a_topic_that_breaks_a_rule_is_refused(db, parts):
    values = {"name": "Sleep", "summary": "About sleep.", "words": ("cot",), **parts}
    with pytest.raises(RuleError):
        add_topic(by=None, key="sleep", description=TopicDescription(**values), now=NOON)


@pytest.mark.parametrize("role", [Role.READER, Role.CODER, Role.ANALYST])
def test_other_roles_cannot_edit_topics(role):
    with pytest.raises(NotPermitted):
        load(by=make_person(role))
