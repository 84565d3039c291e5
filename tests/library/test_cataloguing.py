"""Resources, subjects, relations, steps and abstracts: who may write them, and what they keep."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import agree_code, make_resource
from waymark.accounts.models import AuditEntry, Role, State
from waymark.accounts.queries import history_of
from waymark.core.errors import ConcurrentChange, NotFound, NotPermitted, RuleError
from waymark.documents.services import change_review
from waymark.library import services
from waymark.library.catalogue.resource_description import ResourceDescription, version_of
from waymark.library.models import (
    AbstractPlace,
    CatalogueRecord,
    Concept,
    Label,
    Relation,
    RelationKind,
    Resource,
    ReviewDetails,
    ReviewStep,
)
from waymark.library.queries import cataloguing, resources, reviews
from waymark.library.services.resource_mapping import description_of
from waymark.pipeline import (
    ReviewDescription,
    describe_resource,
    describe_review,
    review_description,
)

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
SAID = ResourceDescription(
    kind="guidance", title="Seeing the child", authors=("Rowe, Ada",), year=2013
)


@pytest.fixture
def cataloguer():
    return make_person(Role.CATALOGUER)


@pytest.fixture
def add(cataloguer):
    """Enters a resource, published."""

    def entered(key="", *, state=State.PUBLISHED, **changed):
        said = replace(SAID, **changed)
        made = services.add_resource(by=cataloguer, description=said, now=NOON, key=key)
        services.set_resource_state(by=cataloguer, resource=made, state=state, now=NOON)
        return made

    return entered


def add_many(number, *, about):
    """Enter published resources about one subject, without services; the record of the first."""
    entered = Resource.objects.bulk_create(
        Resource(
            key=f"many-{n}",
            kind="guidance",
            title=f"Resource {n}",
            state=State.PUBLISHED,
            added_at=NOON,
        )
        for n in range(number)
    )
    records = CatalogueRecord.objects.bulk_create(
        CatalogueRecord(resource=resource, changed_at=NOON) for resource in entered
    )
    through = CatalogueRecord.subjects.through
    through.objects.bulk_create(
        through(cataloguerecord=record, concept=about) for record in records
    )
    return records[0].pk


def concept(key, *names, ended=False):
    made = Concept.objects.create(key=key, ended=ended)
    for number, name in enumerate(names):
        kind = "alternative" if number else "preferred"
        Label.objects.create(concept=made, kind=kind, text=name)
    return made


def waiting(record):
    """Whether the index has to follow a record that it had followed before."""
    record.refresh_from_db()
    return record.indexed_at is None or record.changed_at > record.indexed_at


def followed(record):
    """The record as if the index had followed it."""
    record.refresh_from_db()
    record.indexed_at = record.changed_at
    record.save(update_fields=["indexed_at"])
    return record


def test_resources_are_added_together_as_they_are_one_by_one(cataloguer):
    Concept.objects.create(key="neglect")
    Concept.objects.create(key="old", ended=True)
    one = services.add_resource(by=cataloguer, description=SAID, subjects=("neglect",), now=NOON)
    entries = [
        services.NewResource(SAID, ("neglect",)),
        services.NewResource(replace(SAID, title="")),
        services.NewResource(SAID, ("old",)),
        services.NewResource(SAID),
    ]
    same, untitled, retired, plain = services.add_resources(
        by=cataloguer, entries=entries, now=NOON
    )
    assert (str(untitled), str(retired)) == (
        "title: Enter the title as printed on the publication.",
        "no longer in use as a subject: old",
    )
    assert [row.key for row in (one, same, plain)] == [
        "seeing-the-child-2013",
        "seeing-the-child-2013-2",
        "seeing-the-child-2013-3",
    ]
    assert description_of(same) == description_of(one)
    records = CatalogueRecord.objects.in_bulk([one.record.pk, same.record.pk, plain.record.pk])
    assert [[*row.subjects.values_list("key", flat=True)] for row in records.values()] == [
        ["neglect"],
        ["neglect"],
        [],
    ]
    assert [(row.changed_at, row.indexed_at) for row in records.values()] == [(NOON, None)] * 3
    entries_of = [
        [*AuditEntry.objects.filter(subject=row.audit_subject()).values_list("action", "detail")]
        for row in (one, same)
    ]
    assert entries_of[0] == entries_of[1]
    assert [action for action, _ in entries_of[1]] == ["add resource", "catalogue", "set subjects"]


def test_more_resources_are_added_with_as_many_queries(cataloguer):
    Concept.objects.create(key="neglect")

    def queries(number):
        entries = [
            services.NewResource(replace(SAID, title=f"{number} of {place}"), ("neglect",))
            for place in range(number)
        ]
        with CaptureQueriesContext(connection) as asked:
            services.add_resources(by=cataloguer, entries=entries, now=NOON)
        return len(asked)

    queries(1)
    # As many as SQLite takes in one statement.
    assert queries(2) == queries(15)


def test_a_step_can_be_dated_today_in_the_first_hour_of_a_summer_day(db, cataloguer):
    review = make_review("T1")
    services.set_details(by=cataloguer, review=review, scheme="eng-lcspr", now=NOON)
    # Half past midnight on 1 July in the United Kingdom.
    now = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    step = services.record_step(
        by=cataloguer, review=review, status="known", on=date(2026, 7, 1), now=now
    )
    assert step.on == date(2026, 7, 1)


# ---- who may ----


@pytest.mark.parametrize("role", [None, Role.READER, Role.CODER, Role.ANALYST])
def test_who_does_not_catalogue_writes_and_reads_none_of_it(role, add, cataloguer):
    person = make_person(*([role] if role else []))
    resource, review = add("a"), make_review("T1")
    record, other = resource.record, add("b").record
    services.set_details(by=cataloguer, review=review, scheme="eng-lcspr", now=NOON)
    step = services.record_step(
        by=cataloguer, review=review, status="known", on=date(2026, 5, 1), now=NOON
    )
    relation = services.link_records(by=cataloguer, source=record, target=other, now=NOON)
    before = AuditEntry.objects.count()
    said = ReviewDescription(title="Another")
    by = {"by": person, "now": LATER}
    for refused in (
        lambda: services.add_resource(description=SAID, **by),
        lambda: services.change_resource(resource=resource, description=SAID, **by),
        lambda: services.set_resource_state(resource=resource, state=State.INTERNAL, **by),
        lambda: services.set_subjects(record=record, subjects=[], **by),
        lambda: services.change_subjects(record=record, add=["x"], **by),
        lambda: services.link_records(source=record, target=other, **by),
        lambda: services.unlink_records(relation=relation, **by),
        lambda: services.set_details(review=review, **by),
        lambda: services.record_step(review=review, status="notified", on=date(2026, 5, 2), **by),
        lambda: services.take_back_step(step=step, **by),
        lambda: services.set_abstract_places(review=review, keys=[], **by),
        lambda: change_review(review=review, title="Another", **by),
        lambda: describe_review(review=review, description=said, **by),
        lambda: describe_resource(resource=resource, description=SAID, **by),
        lambda: cataloguing.resource_to_catalogue("a", person),
        lambda: cataloguing.review_to_catalogue("T1", person),
        lambda: cataloguing.record_to_catalogue(record.pk, person),
        lambda: cataloguing.link_to_catalogue(relation.pk, record, person),
        lambda: cataloguing.similar_resources(SAID, person),
        lambda: cataloguing.similar_reviews_of(
            review, board="", pseudonym="x", year=None, person=person
        ),
        lambda: cataloguing.find_subjects_to_assign("child", person),
        lambda: cataloguing.find_records_to_link("child", person),
        lambda: reviews.draft_abstract(review, person, NOON),
        lambda: history_of(["review T1"], person, actions=["record step"]),
    ):
        with pytest.raises(NotPermitted):
            refused()
    assert AuditEntry.objects.count() == before


def test_lists_of_what_is_held_and_due_are_for_staff(add):
    add("a")
    reader, coder = make_person(Role.READER), make_person(Role.CODER)
    for refused in (
        lambda: cataloguing.listed_resources(reader),
        lambda: cataloguing.reviews_with_deadlines(reader, NOON.date(), offset=0, limit=9),
    ):
        with pytest.raises(NotPermitted):
            refused()
    assert cataloguing.listed_resources(coder).count() == 1


# ---- resources ----


def test_a_resource_is_entered_unseen_with_its_record_and_told_in_the_audit(cataloguer):
    made = services.add_resource(by=cataloguer, description=SAID, now=NOON)
    assert (made.key, made.state) == ("seeing-the-child-2013", State.RECEIVED)
    assert description_of(made) == replace(SAID, author_bodies=())
    assert made.record.changed_at == NOON
    actions = AuditEntry.objects.filter(subject=f"resource {made.key}").values_list("action")
    assert [action for (action,) in actions.order_by("pk")] == ["add resource", "catalogue"]


def test_a_key_that_is_taken_gets_a_number_unless_it_was_asked_for(cataloguer):
    by = {"by": cataloguer, "now": NOON}
    keys = [services.add_resource(description=SAID, **by).key for _ in range(3)]
    assert keys == ["seeing-the-child-2013", "seeing-the-child-2013-2", "seeing-the-child-2013-3"]
    with pytest.raises(RuleError, match="already"):
        services.add_resource(description=SAID, key=keys[0], **by)
    assert services.add_resource(description=replace(SAID, title="漢字"), **by).key == (
        "guidance-2013"
    )


def test_a_faulty_description_is_refused_field_by_field_and_nothing_is_kept(cataloguer):
    with pytest.raises(RuleError, match=r"title: .*; url: "):
        services.add_resource(by=cataloguer, description=replace(SAID, title="", url="x"), now=NOON)
    assert not Resource.objects.exists()


def test_what_changed_is_told_and_the_index_has_to_follow(add, cataloguer):
    made = add("a")
    record = followed(made.record)
    again = {"by": cataloguer, "resource": made, "now": LATER}
    assert (
        services.change_resource(description=replace(SAID, title=" Seeing the child "), **again)
        == []
    )
    assert not waiting(record)
    changed = services.change_resource(
        description=replace(SAID, year=2014, url="https://a.b/"), **again
    )
    assert changed == ["year", "url"]
    assert waiting(record)
    assert AuditEntry.objects.latest("pk").detail == {"fields": ["year", "url"]}


def test_who_sees_a_resource_follows_its_state(add):
    reader, coder, keeper = (make_person(r) for r in (Role.READER, Role.CODER, Role.EDITOR))
    add("open")
    add("inside", state=State.INTERNAL)
    add("gone", state=State.WITHDRAWN)
    seen = {
        who: {one.key for one in resources.open_resources(person, NOON)}
        for who, person in (("reader", reader), ("coder", coder))
    }
    assert seen == {"reader": {"open"}, "coder": {"open", "inside"}}
    with pytest.raises(NotFound):
        resources.resource_for("inside", reader, NOON)
    assert resources.open_resources(reader, NOON).count() == 1
    assert resources.open_resources(coder, NOON).count() == 2
    held = cataloguing.listed_resources(coder)
    assert {one.key for one in held} == {"open", "inside"}
    held = cataloguing.listed_resources(keeper)
    assert {one.key for one in held} == {"open", "inside", "gone"}


def test_nobody_opens_what_was_changed_after_they_saw_it(add, cataloguer):
    made = add("a", state=State.INTERNAL)
    with pytest.raises(RuleError, match="it has since been changed to internal"):
        services.set_resource_state(
            by=cataloguer,
            resource=made,
            state=State.PUBLISHED,
            seen=State.RECEIVED,
            now=LATER,
        )


def test_of_two_who_change_the_same_the_second_is_told(add, cataloguer):
    made = add("a")
    seen = version_of(description_of(made))
    first, second = replace(SAID, year=2014), replace(SAID, publisher="A press")
    by = {"by": cataloguer, "resource": made, "now": LATER}
    assert describe_resource(description=first, seen=seen, **by) == ["year"]
    with pytest.raises(ConcurrentChange):
        describe_resource(description=second, seen=seen, **by)
    made.refresh_from_db()
    assert description_of(made) == replace(first, author_bodies=())


# ---- subjects and relations ----


def test_subjects_are_those_of_the_thesaurus_and_no_others(add, cataloguer):
    concept("neglect", "Neglect")
    record = followed(add("a").record)
    by = {"by": cataloguer, "record": record, "now": LATER}
    with pytest.raises(RuleError, match="no subject adhd, bruises"):
        services.set_subjects(subjects=["neglect", "bruises", "adhd"], **by)
    assert services.set_subjects(subjects=["neglect"], **by) == ["neglect"]
    assert waiting(record)
    assert [one.name for one in resources.assigned_subjects(record)] == ["Neglect"]


def test_an_ended_subject_stays_where_it_is_and_is_given_to_nothing_more(add, cataloguer):
    old = concept("old", "Old")
    concept("new", "New")
    record, other = add("a").record, add("b").record
    record.subjects.add(old)
    Concept.objects.filter(pk=old.pk).update(ended=True)
    by = {"by": cataloguer, "now": LATER}
    assert services.set_subjects(record=record, subjects=["old", "new"], **by) == ["new"]
    with pytest.raises(RuleError, match="no longer in use as a subject: old"):
        services.set_subjects(record=other, subjects=["old"], **by)


def test_two_who_add_subjects_at_once_both_get_theirs(add, cataloguer):
    for key in ("x-ray", "yoga", "zoo"):
        concept(key, key)
    record = add("a").record
    by = {"by": cataloguer, "now": LATER}
    services.change_subjects(record=record, add=["x-ray"], **by)
    seen_before = CatalogueRecord.objects.get(pk=record.pk)
    services.change_subjects(record=record, add=["yoga"], **by)
    services.change_subjects(record=seen_before, add=["zoo"], remove=["x-ray"], **by)
    assert set(record.subjects.values_list("key", flat=True)) == {"yoga", "zoo"}


def test_a_relation_is_kept_once_and_both_records_follow(add, cataloguer):
    first, second = followed(add("a").record), followed(add("b").record)
    by = {"by": cataloguer, "now": LATER}
    made = services.link_records(source=first, target=second, **by)
    assert waiting(first)
    assert waiting(second)
    assert services.link_records(source=second, target=first, **by) == made
    with pytest.raises(RuleError, match="have another kind of link"):
        services.link_records(source=first, target=second, kind=RelationKind.REPLACES, **by)
    with pytest.raises(RuleError, match="itself"):
        services.link_records(source=first, target=first, **by)
    services.unlink_records(relation=made, **by)
    services.unlink_records(relation=made, **by)
    assert not Relation.objects.exists()


def test_nothing_is_part_of_its_own_part(add, cataloguer):
    one, two, three = (add(key).record for key in "abc")
    by = {"by": cataloguer, "now": LATER, "kind": RelationKind.PART_OF}
    services.link_records(source=one, target=two, **by)
    services.link_records(source=two, target=three, **by)
    with pytest.raises(RuleError, match="part of the other"):
        services.link_records(source=three, target=one, **by)


def test_links_are_told_as_each_side_sees_them_and_only_to_what_is_open(add, cataloguer):
    new, old, hidden = add("new"), add("old"), add("hidden", state=State.INTERNAL)
    review = make_review("T1", title="A review", published_on=date(2005, 3, 1))
    record = services.catalogue_review(by=cataloguer, review=review, now=NOON)
    by = {"by": cataloguer, "now": LATER}
    services.link_records(source=new.record, target=old.record, kind=RelationKind.REPLACES, **by)
    services.link_records(source=old.record, target=hidden.record, **by)
    services.link_records(source=record, target=old.record, **by)
    reader = make_person(Role.READER)

    def told(resource, person):
        links = resources.links_of(resource.record, person, LATER)
        return [(one.label, one.entry.title, one.entry.year) for one in links]

    assert told(new, reader) == [("Replaces", "Seeing the child", 2013)]
    assert told(old, reader) == [
        ("Replaced by", "Seeing the child", 2013),
        ("Related", "A review", 2005),
    ]
    assert len(told(old, cataloguer)) == 3


def test_the_nearest_records_share_the_rarest_subjects(add):
    rare, common = concept("rare", "Rare"), concept("common", "Common")
    here, near, far, further, hidden = (
        add(key, state=State.INTERNAL if key == "e" else State.PUBLISHED).record for key in "abcde"
    )
    for record in (here, near, hidden):
        record.subjects.add(rare)
    for record in (here, far, further):
        record.subjects.add(common)
    found = resources.related_records(here, make_person(Role.READER), NOON, limit=2)
    assert [one.record for one in found] == [near.pk, far.pk]
    found = resources.related_records(
        here, make_person(Role.READER), NOON, limit=9, exclude=[near.pk]
    )
    assert [one.record for one in found] == [far.pk, further.pk]


def test_only_the_rarest_subjects_of_a_record_are_compared_in_a_large_catalogue(add):
    """2,000 records share a common subject: they are not read, as three share a rarer one."""
    rare, common = concept("rare", "Rare"), concept("common", "Common")
    here, near, far = (add(key).record for key in "abc")
    for record in (here, near, far):
        record.subjects.add(rare)
    add_many(2_000, about=common)
    here.subjects.add(common)
    reader = make_person(Role.READER)
    resources.related_records(near, reader, NOON, limit=6)
    with CaptureQueriesContext(connection) as queries:
        nearest = resources.related_records(here, reader, NOON, limit=6)
    assert [entry.record for entry in nearest] == [near.pk, far.pk]
    assert len(queries) == 3  # how rare each subject is, who shares the rarest, their entries


def test_the_only_subject_of_a_record_is_compared_however_common_it_is(add):
    common = concept("common", "Common")
    here = add("a").record
    here.subjects.add(common)
    first = add_many(2_001, about=common)
    reader = make_person(Role.READER)
    nearest = resources.related_records(here, reader, NOON, limit=2)
    assert [entry.record for entry in nearest] == [first, first + 1]


def test_a_series_is_listed_newest_first(add):
    one = add("a", series="Readers", year=2011)
    add("b", series="Readers", year=2015)
    add("c", series="Readers", year=None)
    add("d", series="Others")
    add("e", series="Readers", state=State.INTERNAL)
    reader = make_person(Role.READER)
    assert [row.key for row in resources.others_in_series(one, reader, NOON)] == ["b", "c"]
    assert resources.others_in_series(add("f"), reader, NOON) == []


# ---- finding ----


def test_subjects_are_found_by_any_name_the_nearest_first(cataloguer):
    concept("unseen-men", "Unseen men", "Hidden men", "Invisible fathers")
    concept("men", "Men")
    concept("old-men", "Old men", ended=True)
    Label.objects.create(concept=Concept.objects.get(key="men"), kind="hidden", text="hiden man")
    found = cataloguing.find_subjects_to_assign("men", cataloguer)
    assert [(one.key, one.found_by) for one in found] == [("men", ""), ("unseen-men", "")]
    found = cataloguing.find_subjects_to_assign("  HIDDEN  men ", cataloguer)
    assert [(one.name, one.found_by) for one in found] == [("Unseen men", "Hidden men")]
    found = cataloguing.find_subjects_to_assign("hiden", cataloguer)
    assert [(one.name, one.found_by) for one in found] == [("Men", "")]
    assert cataloguing.find_subjects_to_assign("  ", cataloguer) == []


def test_records_are_found_by_all_words_of_a_title_or_by_their_reference(add, cataloguer):
    add("a", title="Reading a child's file")
    add("gone", title="Reading again", state=State.WITHDRAWN)
    review = make_review("T77", title="A child of four")
    services.catalogue_review(by=cataloguer, review=review, now=NOON)

    def found(words):
        return [
            str(one.resource or one.review)
            for one in cataloguing.find_records_to_link(words, cataloguer)
        ]

    assert found("file READING") == ["a: Reading a child's file"]
    assert found("t77") == ["T77: A child of four"]
    assert len(found("child")) == 2
    assert found("again") == []
    assert found(" ") == []


def test_what_may_be_there_already_is_looked_for_among_all_states(add, cataloguer):
    add("gone", state=State.WITHDRAWN)
    (same,) = cataloguing.similar_resources(SAID, cataloguer)
    assert (same.key, same.reasons) == ("gone", ("nearly the same title",))
    assert same.about == "Guidance, 2013, withdrawn"
    assert cataloguing.similar_resources(SAID, cataloguer, exclude="gone") == []


# ---- reviews ----


def test_details_are_checked_and_kept(cataloguer):
    review = make_review("T1", board="A board")
    by = {"by": cataloguer, "review": review, "now": NOON}
    changed = services.set_details(scheme="wal-cpr", keywords=[" one ", ""], **by)
    assert changed == ["scheme", "keywords"]
    assert ReviewDetails.objects.get(review=review).keywords == ["one"]
    for wrong, said in (
        ({"scheme": "no-such"}, "no review process no-such"),
        ({"anonymous": True}, "must not name it"),
        ({"period_from": date(2005, 2, 1), "period_to": date(2005, 1, 1)}, "must end on or after"),
        ({"keywords": [str(n) for n in range(41)]}, "can have 40 keywords"),
    ):
        with pytest.raises(RuleError, match=said):
            services.set_details(**wrong, **by)


def test_steps_follow_the_process_and_the_last_can_be_taken_back(cataloguer):
    review = make_review("T1")
    by = {"by": cataloguer, "review": review, "now": NOON}
    with pytest.raises(RuleError, match="choose the process"):
        services.record_step(status="known", on=date(2026, 4, 1), **by)
    services.set_details(scheme="eng-lcspr", **by)
    known = services.record_step(status="known", on=date(2026, 4, 1), **by)
    with pytest.raises(RuleError, match="cannot follow"):
        services.record_step(status="published", on=date(2026, 4, 2), **by)
    notified = services.record_step(status="notified", on=date(2026, 4, 2), **by)
    with pytest.raises(RuleError, match="only the last step"):
        services.take_back_step(by=cataloguer, step=known, now=LATER)
    with pytest.raises(RuleError, match="has no status known"):
        services.set_details(scheme="eng-scr", **by)
    services.take_back_step(by=cataloguer, step=notified, now=LATER)
    course = cataloguing.progress_of(review, ReviewDetails.objects.get(), cataloguer, NOON.date())
    assert [one.label for one in course.steps] == ["Became known to the authority"]
    assert review.steps.count() == 2


def test_what_is_due_is_told_the_most_urgent_first(cataloguer):
    for reference, day in (("T1", date(2026, 5, 1)), ("T2", date(2026, 4, 1))):
        review = make_review(reference, state=State.INTERNAL)
        by = {"by": cataloguer, "review": review, "now": NOON}
        services.set_details(scheme="eng-lcspr", **by)
        services.record_step(status="known", on=day, **by)
    gone = make_review("T3")
    services.set_details(by=cataloguer, review=gone, scheme="eng-lcspr", now=NOON)
    services.record_step(by=cataloguer, review=gone, status="known", on=date(2026, 1, 1), now=NOON)
    gone.state = State.WITHDRAWN
    gone.save()
    coder = make_person(Role.CODER)
    total, found = cataloguing.reviews_with_deadlines(coder, NOON.date(), offset=0, limit=9)
    assert total == 2
    # Five working days: 2, 7, 8, 9, 10 April (Easter on the 5th); 5 to 8, 11 May (off: the 4th).
    assert [(one.review.reference, one.dues[0].by, one.dues[0].overdue) for one in found] == [
        ("T2", date(2026, 4, 10), True),
        ("T1", date(2026, 5, 11), False),
    ]
    for choice, references in (
        ({"before": NOON.date()}, ["T2"]),
        ({"words": "review t1"}, ["T1"]),
        ({"words": "t1", "before": NOON.date()}, []),
    ):
        total, found = cataloguing.reviews_with_deadlines(
            coder, NOON.date(), offset=0, limit=9, **choice
        )
        assert [one.review.reference for one in found] == references
        assert total == len(references)


def test_deadlines_are_listed_by_page_at_the_same_cost_however_many_they_are():
    def enter(numbers):
        for number in numbers:
            review = make_review(f"D{number}", state=State.INTERNAL)
            ReviewDetails.objects.create(review=review, scheme="eng-lcspr")
            ReviewStep.objects.create(
                review=review, status="known", on=date(2026, 4, number), recorded_at=NOON
            )

    def page(offset):
        with CaptureQueriesContext(connection) as queries:
            total, listed = cataloguing.reviews_with_deadlines(
                coder, NOON.date(), offset=offset, limit=2
            )
        return total, [course.review.reference for course in listed], len(queries)

    coder = make_person(Role.CODER)
    enter([20, 13])
    page(0)
    total, listed, cost = page(0)
    assert (total, listed) == (2, ["D13", "D20"])
    enter([1, 27, 8])
    assert page(0) == (5, ["D1", "D8"], cost)
    assert page(2) == (5, ["D13", "D20"], cost)
    assert page(4) == (5, ["D27"], cost)


def test_the_public_is_told_of_steps_without_their_reasons(cataloguer):
    review = make_review("T1")
    by = {"by": cataloguer, "review": review, "now": NOON}
    services.set_details(scheme="nir-cmr", pseudonym="Child Oak", **by)
    services.record_step(status="withheld", on=date(2008, 6, 30), reason="A court", **by)
    about = reviews.about_review(review, make_person(Role.READER), NOON)
    assert [(one.label, one.whole_date) for one in about.steps] == [("Not published", False)]
    assert about.details.pseudonym == "Child Oak"


def test_a_review_published_for_an_unnamed_board_loses_its_name(cataloguer):
    review = make_review("T1", board="Wexcombe board")
    said = replace(review_description(review), anonymous=True)
    describe_review(by=cataloguer, review=review, description=said, now=NOON)
    review.refresh_from_db()
    assert (review.board, review.details.anonymous) == ("", True)


def test_a_review_is_described_whole_or_not_at_all_and_never_over_another_s_change(cataloguer):
    review = make_review("T1", title="Before")
    said = review_description(review)
    seen = version_of(said)
    by = {"by": cataloguer, "review": review}
    with pytest.raises(RuleError, match="no review process"):
        describe_review(description=replace(said, title="After", scheme="no"), now=NOON, **by)
    review.refresh_from_db()
    assert review.title == "Before"
    renamed = replace(said, title="After", pseudonym="X")
    describe_review(description=renamed, now=NOON, seen=seen, **by)
    with pytest.raises(ConcurrentChange):
        describe_review(description=replace(said, nation="Wales"), now=LATER, seen=seen, **by)
    assert review_description(review).title == "After"


# ---- abstracts ----


TEXT = (
    "1.1 In May 2004 a girl of four months died at home.",
    "1.2 The mother had been depressed since the birth.",
    "1.3 Nobody recorded the visits of that winter.",
)


@pytest.fixture
def reported(cataloguer):
    review = make_review("T1")
    return review, make_report(review, *TEXT)


def saved(review, summary, places, by):
    said = replace(review_description(review), summary=summary)
    describe_review(by=by, review=review, description=said, places=tuple(places), now=LATER)
    review.refresh_from_db()
    return list(AbstractPlace.objects.filter(review=review).values_list("key", flat=True))


def test_a_draft_is_made_of_the_report_s_own_sentences_at_their_places(reported, cataloguer):
    review, report = reported
    draft = reviews.draft_abstract(review, cataloguer, NOON)
    assert {one.part for one in draft} == {"event", "background", "issues"}
    content = report.text.content
    for one in draft:
        start, end = (int(number) for number in one.key.split("-")[1:])
        assert content[start:end] == one.text
        assert one.page == 1


def test_a_theme_and_its_parts_need_one_sentence_and_a_code_that_is_no_finding_is_background(
    reported, cataloguer, framework
):
    review, report = reported
    themes = "{id: themes, name: Themes"
    framework.source = framework.source.replace(themes, f"{themes}, look_in: findings")
    framework.save()
    codes = {code.code: code for code in framework.codes.all()}
    for name, words in (("a", "Nobody recorded"), ("a.b", "the visits"), ("h", "depressed")):
        agree_code(review, codes[name], on=report, words=words)
    reasons = {one.text: (one.part, one.why) for one in draft_of(review, cataloguer)}
    assert reasons["Nobody recorded the visits of that winter."] == ("issues", "agreed: a")
    mother = "The mother had been depressed since the birth."
    assert reasons[mother] == ("background", "agreed: harm done")


def draft_of(review, person):
    return reviews.draft_abstract(review, person, NOON)


def test_an_unopened_report_gives_no_sentence(reported, cataloguer):
    review, report = reported
    report.state = State.WITHDRAWN
    report.save()
    assert reviews.draft_abstract(review, cataloguer, NOON) == []


def test_an_abstract_keeps_its_places_as_long_as_the_words_stay(reported, cataloguer):
    review, _ = reported
    draft = {one.part: one for one in reviews.draft_abstract(review, cataloguer, NOON)}
    event, issue = draft["event"], draft["issues"]
    text = f"{event.text}\n\nKey issues: {issue.text} Our own words."
    # In the order of the abstract, whatever the order in which they were taken.
    assert saved(review, text, [issue.key, event.key], cataloguer) == [event.key, issue.key]
    changed = text.replace("Nobody recorded", "No one recorded")
    assert saved(review, changed, [], cataloguer) == [event.key]
    assert saved(review, "", [event.key], cataloguer) == []


def test_a_place_elsewhere_is_refused(reported, cataloguer):
    review, _ = reported
    other = make_report(make_review("T2"), *TEXT)
    for key in (f"{other.key}-0-5", "no-key", f"{review.reports.get().key}-0-99999"):
        with pytest.raises(RuleError, match="not a place in a report"):
            saved(review, TEXT[0], [key], cataloguer)


def test_the_public_is_led_to_places_in_open_reports_only(reported, cataloguer):
    review, report = reported
    draft = reviews.draft_abstract(review, cataloguer, NOON)
    saved(review, draft[0].text, [draft[0].key], cataloguer)
    reader = make_person(Role.READER)
    assert [one.key for one in reviews.about_review(review, reader, LATER).places] == [draft[0].key]
    report.state = State.INTERNAL
    report.save()
    assert reviews.about_review(review, reader, LATER).places == ()


@pytest.mark.django_db
def test_articles_of_an_earlier_version_get_their_journal_and_the_place_in_it():
    made = {
        "a": make_resource(
            "a", kind="journal-article", series="J", report_number="41(2), 242\u2013260"
        ),
        "b": make_resource("b", kind="journal-article", series="J", report_number="in press, p. 3"),
        "c": make_resource("c", kind="guidance", series="S", report_number="41(2)"),
    }
    migration = import_module("waymark.library.migrations.0031_articles_books_and_recordings")
    migration.move_journals(apps, None)
    for resource in made.values():
        resource.refresh_from_db()
    places = {
        key: (one.host_title, one.volume, one.issue, one.pages, one.series, one.report_number)
        for key, one in made.items()
    }
    assert places == {
        "a": ("J", "41", "2", "242-260", "", ""),
        "b": ("J", "", "", "", "", "in press, p. 3"),
        "c": ("", "", "", "", "S", "41(2)"),
    }
