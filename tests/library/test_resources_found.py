"""Resources beside reviews: found, counted, sorted, dated; and what each field asks."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import ask, counts, found, make_resource, make_subject, shelve
from tests.written_once import written_once
from waymark.accounts.models import Role, State
from waymark.library.models import Concept, ReviewDetails
from waymark.library.queries import library_holdings, search_json
from waymark.library.services import index_changed, mark_changed

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
@written_once
def mixed():
    """A review and two resources; the report is about neglect, the guidance about sleep."""
    make_subject("harm", "Harm")
    make_subject("neglect", "Neglect", "Failure to care", broader="harm")
    make_subject("sleep", "Safe sleep")
    review = make_review(
        "R1",
        title="Review of Child Ash",
        nation="Wales",
        board="Loughside Board",
        published_on=date(2008, 3, 1),
    )
    make_report(review, "The health visitor saw the baby twice.")
    ReviewDetails.objects.create(review=review, pseudonym="Zinnia", keywords=["parental drinking"])
    research = make_resource(
        "learning",
        kind="research-report",
        title="Learning about neglect",
        strapline="What a hundred families said",
        authors=["Quill, Anna", "Reed, Tom"],
        conducted_by="The Loughside Institute",
        publisher="Heron Press",
        series="Understanding",
        year=2012,
        nation="Wales",
        summary="Interviews with parents.",
        key_points=["Chronologies were rare."],
        contents=[["Methodology", 4], ["Glossary", None]],
    )
    guidance = make_resource(
        "guidance",
        title="A guide to nights",
        publisher="Heron Press",
        published_on=date(2014, 6, 2),
    )
    shelve(review, now=NOON)
    shelve(research, now=NOON + DAY)
    shelve(guidance, now=NOON + 40 * DAY)
    for thing, subject in ((research, "neglect"), (guidance, "sleep")):
        thing.record.subjects.set(Concept.objects.filter(key=subject))
        mark_changed(resources=[thing], now=NOON + 41 * DAY)
    index_changed(now=NOON + 41 * DAY)
    return review, research, guidance


@pytest.mark.parametrize(
    ("query", "references"),
    [
        ("", ["R1", "guidance", "learning"]),
        ("families", ["learning"]),
        ("quill", ["learning"]),
        ("institute", ["learning"]),
        ("heron", ["guidance", "learning"]),
        ("interviewing", ["learning"]),
        ("chronology", ["learning"]),
        ("methodology", ["learning"]),
        ("understanding", ["learning"]),
        ("zinnia", ["R1"]),
        ("drinking", ["R1"]),
        ("safe sleep", ["guidance"]),
        ("visitor OR nights", ["R1", "guidance"]),
        ("kind:guidance", ["guidance"]),
        ('kind:"case review"', ["R1"]),
        ("kind:research-report", ["learning"]),
        ("subject:neglect", ["learning"]),
        ('subject:"failure to care"', ["learning"]),
        ("subject:harm", ["learning"]),
        ("subject:sleep", ["guidance"]),
        ("author:reed", ["learning"]),
        ("author:heron", []),
        ("publisher:heron", ["guidance", "learning"]),
        ("publisher:loughside", ["R1"]),
        ("title:learning", ["learning"]),
        ("title:families", []),
        ("year:2012", ["learning"]),
        ("year:2014", ["guidance"]),
        ("published:2008", ["R1"]),
        ("published:2008-03-01", ["R1"]),
        ("published:2008-03-02..2012-12", ["learning"]),
        ("published:2012-2014", ["guidance", "learning"]),
        ("published:2014-06", ["guidance"]),
        ("published:..2011", ["R1"]),
        ("added:2026-05-04", ["R1"]),
        ("added:2026-05", ["R1", "learning"]),
        ("added:2026-05-05..", ["guidance", "learning"]),
        ("added:2026-06", ["guidance"]),
        ("added:..2026-05-04", ["R1"]),
        ("heron NOT added:2026-06", ["learning"]),
    ],
)
def test_reviews_and_resources_are_found_by_what_the_catalogue_says(mixed, query, references):
    answer = ask(query, broaden=False, now=NOON + 50 * DAY)
    assert found(answer) == references
    assert answer.notes == ()


def test_a_hit_says_what_it_is(mixed):
    (hit,) = ask("families").hits
    record = hit.record
    assert (record.kind, record.kind_label, record.is_review) == (
        "research-report",
        "Research report",
        False,
    )
    assert (record.by, record.year, record.strapline) == (
        "Heron Press",
        2012,
        "What a hundred families said",
    )
    assert (hit.passages, hit.passages_total, record.pages) == ((), 0, 0)
    (hit,) = ask("visitor").hits
    assert (hit.record.kind, hit.record.is_review, hit.record.by) == (
        "case-review",
        True,
        "Loughside Board",
    )


def test_a_program_is_told_the_kind_of_each(mixed):
    said = search_json("heron OR visitor", now=NOON + 50 * DAY)
    kinds = {hit["record"]: (hit["kind"], len(hit["passages"])) for hit in said["hits"]}
    assert kinds == {
        "R1": ("case-review", 1),
        "learning": ("research-report", 0),
        "guidance": ("guidance", 0),
    }


def test_facets_count_kinds_and_subjects_with_the_wider_ones(mixed):
    answer = ask("")
    assert counts(answer, "kind") == {"case-review": 1, "guidance": 1, "research-report": 1}
    # Harm is at the top and neglect under it; nothing stands under sleep.
    assert counts(answer, "subject") == {"neglect": 1, "sleep": 1}
    assert counts(answer, "nation") == {"Wales": 2}
    assert counts(answer, "year") == {"2014": 1, "2012": 1, "2008": 1}
    labels = {value.value: value.label for facet in answer.facets for value in facet.values}
    assert (labels["sleep"], labels["case-review"]) == ("Safe sleep", "Case review")
    narrowed = ask("", filters={"subject": ["harm"]})
    assert found(narrowed) == ["learning"]
    assert counts(narrowed, "subject") == {"harm": 1, "neglect": 1, "sleep": 1}
    assert found(ask("", filters={"kind": ["guidance", "case-review"]})) == ["R1", "guidance"]


@pytest.mark.parametrize(
    ("sort", "references"),
    [
        ("newest", ["guidance", "learning", "R1"]),
        ("oldest", ["R1", "learning", "guidance"]),
        ("title", ["guidance", "learning", "R1"]),
        ("added", ["guidance", "learning", "R1"]),
    ],
)
def test_records_stand_in_the_order_asked_for(mixed, sort, references):
    answer = ask("", sort=sort)
    assert [hit.record.reference for hit in answer.hits] == references


def test_what_came_at_one_moment_stands_in_the_order_of_numbers(db):
    things = [make_resource(f"r{number}") for number in range(5)]
    shelve(*things)
    assert [hit.record.reference for hit in ask("", sort="added").hits] == [
        f"r{number}" for number in reversed(range(5))
    ]


def test_what_comes_at_the_end_of_an_embargo_is_newly_added_then_without_indexing(db):
    shelve(make_resource("old"), now=NOON)
    late = make_resource("late", state=State.EMBARGOED, public_from=NOON + 2 * DAY)
    shelve(late, now=NOON - DAY)
    visitor = AnonymousUser()
    assert found(ask("", person=visitor, now=NOON + DAY)) == ["old"]
    after = ask("", person=visitor, now=NOON + 3 * DAY, sort="added")
    assert [hit.record.reference for hit in after.hits] == ["late", "old"]
    assert found(ask("added:2026-05-06", person=visitor, now=NOON + 3 * DAY)) == ["late"]


@pytest.mark.parametrize("state", [State.RECEIVED, State.IN_CHECK, State.INTERNAL])
def test_a_resource_that_is_not_published_is_found_and_counted_by_staff_only(state):
    resource = make_resource("hidden", state=state, title="Zqxword")
    shelve(resource)
    staff = make_person(Role.CODER)
    assert found(ask("zqxword", person=staff)) == ["hidden"]
    assert library_holdings(staff, NOON).resources == 1
    answer = ask("zqxword")
    assert (answer.total, counts(answer, "kind")) == (0, {})
    assert library_holdings(AnonymousUser(), NOON).resources == 0


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.EXPIRED, State.INTERNAL])
def test_a_withdrawn_resource_is_gone_at_once_though_the_index_still_holds_it(state):
    resource = make_resource("gone", title="Zqxword")
    shelve(resource, make_resource("stays", title="Zqxword too"))
    resource.state = state
    resource.save()
    answer = ask("zqxword")
    assert (found(answer), answer.total) == (["stays"], 1)
    assert counts(answer, "kind") == {"guidance": 1}
    mark_changed(resources=[resource], now=NOON)
    assert ask("zqxword").total == 1
    index_changed(now=NOON)
    assert ask("zqxword").total == 1


def test_a_subject_that_changes_its_name_is_followed_for_what_stands_under_it(mixed):
    marked = mark_changed(concepts=[Concept.objects.get(key="harm")], now=NOON + 60 * DAY)
    assert marked == 1
    assert index_changed(now=NOON + 60 * DAY).done == 1


def test_a_visitor_may_combine_so_many_choices_and_is_told_of_the_rest(mixed):
    filters = {
        "kind": ["guidance"],
        "nation": ["Wales"],
        "year": ["2012"],
        "subject": ["neglect"],
        "publisher": ["Heron Press"],
        "author": ["Reed, Tom"],
        "collection": ["resources"],
    }
    answer = ask("", filters=filters)
    assert "You can combine up to 8 filters from 5 groups" in answer.notes[-1].message
    assert sum(value.chosen for facet in answer.facets for value in facet.values) == 6
    many = ask("", filters={"year": [str(year) for year in range(2000, 2012)]})
    assert sum(value.chosen for facet in many.facets for value in facet.values) == 8
    staff = ask("", person=make_person(Role.READER), filters=filters)
    assert staff.notes == ()
    assert sum(value.chosen for facet in staff.facets for value in facet.values) == 7
