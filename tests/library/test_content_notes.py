"""Content notes of reviews: a short list of kinds, chosen by a person, prompted by agreed facts."""

import pytest

from tests.factories import NOON, make_report, make_review
from tests.library.conftest import agree_value, ask, make_resource, shelve
from waymark.core.errors import RuleError
from waymark.library import services
from waymark.library.catalogue.content_notes import (
    ContentNote,
    notes_in_words,
    notes_of_facts,
    ordered_notes,
)
from waymark.library.models import ReviewDetails
from waymark.library.queries.content_notes import (
    content_notes_by_reference,
    content_notes_together,
    missing_notes,
)
from waymark.pipeline import describe_review, review_description


def test_notes_are_shown_once_each_in_the_order_of_the_list():
    assert ordered_notes(["neglect", "suicide", "neglect"]) == (
        ContentNote.SUICIDE,
        ContentNote.NEGLECT,
    )
    with pytest.raises(RuleError, match="no such content note: gore, violence"):
        ordered_notes(["suicide", "violence", "gore"])


@pytest.mark.parametrize(
    ("notes", "phrase"),
    [
        ((), ""),
        (("death-of-a-baby",), "death of a baby"),
        (("self-harm", "suicide"), "suicide and self-harm"),
        (
            ("cruelty", "sexual-abuse", "domestic-violence"),
            "sexual abuse, cruelty or violence to a child and domestic violence",
        ),
    ],
)
def test_notes_read_as_a_phrase(notes, phrase):
    assert notes_in_words(notes) == phrase


def test_facts_point_to_violence_neglect_cruelty_and_the_death_of_a_baby():
    facts = [
        ("fac.neglect", "suspected"),
        ("fac.domestic_violence", "present"),
        ("nature", "infant_death"),
    ]
    assert notes_of_facts(facts) == (
        ContentNote.BABY_DEATH,
        ContentNote.DOMESTIC_VIOLENCE,
        ContentNote.NEGLECT,
    )
    assert notes_of_facts([("nature", "assault")]) == (ContentNote.CRUELTY,)


def test_facts_that_are_absent_or_could_be_two_things_point_to_none():
    facts = [
        ("fac.domestic_violence", "stated_absent"),
        ("fac.neglect", "not_mentioned"),
        ("nature", "suicide_or_accident"),
    ]
    assert notes_of_facts(facts) == ()


def test_a_cataloguer_chooses_notes_and_later_changes_of_other_fields_leave_them(cataloguer):
    review = make_review("T1")
    chosen = {"content_notes": ["self-harm", "suicide"]}
    by = {"by": cataloguer, "review": review, "now": NOON}
    assert services.set_details(**chosen, **by) == ["content_notes"]
    assert ReviewDetails.objects.get().content_notes == ["suicide", "self-harm"]
    with pytest.raises(RuleError, match="no such content note: gore"):
        services.set_details(content_notes=["gore"], **by)
    description = review_description(review)
    assert description.content_notes == ("suicide", "self-harm")
    describe_review(description=description, **by)
    assert ReviewDetails.objects.get().content_notes == ["suicide", "self-harm"]


def test_the_cataloguer_sees_which_notes_the_facts_point_to_and_are_not_chosen(
    cataloguer, framework
):
    review = make_review("T1")
    make_report(review, "A baby died.")
    agree_value(review, framework.variables.get(variable="nature"), "infant_death")
    assert missing_notes(review, cataloguer, NOON) == (ContentNote.BABY_DEATH,)
    services.set_details(by=cataloguer, review=review, content_notes=["neglect"], now=NOON)
    assert missing_notes(review, cataloguer, NOON) == (ContentNote.BABY_DEATH,)
    services.set_details(by=cataloguer, review=review, content_notes=["death-of-a-baby"], now=NOON)
    assert missing_notes(review, cataloguer, NOON) == ()


def test_notes_of_several_reviews_are_read_at_once(cataloguer):
    for reference, notes in (("T1", ["neglect"]), ("T2", ["suicide", "neglect"]), ("T3", [])):
        services.set_details(
            by=cataloguer, review=make_review(reference), content_notes=notes, now=NOON
        )
    everybody = ["T1", "T2", "T3", "T4"]
    assert content_notes_by_reference(everybody) == {"T1": "neglect", "T2": "suicide and neglect"}
    assert content_notes_together(everybody) == "suicide and neglect"
    assert content_notes_together(["T3"]) == ""


def test_a_search_hit_brings_the_notes_of_its_review(cataloguer, shelf):
    noted, plain = make_review("T1"), make_review("T2")
    for review in (noted, plain):
        make_report(review, "The nurse visited.")
    services.set_details(by=cataloguer, review=noted, content_notes=["suicide"], now=NOON)
    shelve(noted, plain, make_resource("nurse-guide", title="The nurse"))
    notes = {hit.record.reference: hit.record.content_notes for hit in ask("nurse").hits}
    assert notes == {"T1": "suicide", "T2": "", "nurse-guide": ""}
