"""Citation keys of a cell, put together only when they are asked for."""

from tests.overview.small import FRAMEWORK, SPEC, key, rows
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.snapshot.coded_reviews import (
    CodedReviews,
    CountedRecords,
    EvidenceKeys,
    keys_of_review,
)


def theme() -> tuple[EvidenceKeys, list[str]]:
    """The keys of the reviews that bear a theme, and the reviews whose words were looked up."""
    facts = CodedReviews(rows(), FRAMEWORK)
    bearing = facts.code_rows_by_review(["th.visits", "th.visits.late"])
    looked_up: list[str] = []

    def carriers(record):
        looked_up.append(record.review)
        return bearing[record.at]

    results = [record for record in facts.reviews if bearing[record.at]]
    return CountedRecords(results, carriers).evidence, looked_up


def test_counting_looks_up_no_words():
    keys, looked_up = theme()
    assert looked_up == []
    assert bool(keys)
    assert looked_up == ["A1"]


def test_they_are_those_of_all_records_in_order_each_once():
    keys, _ = theme()
    assert list(keys) == [key("A1", 200), key("A1", 300), key("A1", 400), key("A2", 200)]
    assert (len(keys), keys[0], keys[2:]) == (4, key("A1", 200), (key("A1", 400), key("A2", 200)))


def test_those_of_one_review_are_found_without_the_others():
    keys, looked_up = theme()
    (only,) = keys.of_review("A2")
    assert looked_up == ["A2"]
    assert only == keys[-1]
    assert keys.of_review("A3") == ()


def test_they_equal_a_tuple_of_the_same_keys():
    keys, _ = theme()
    assert keys == tuple(keys)
    assert tuple(keys) == keys
    assert keys != ()
    assert keys_of_review((), "A1") == ()


def test_a_report_leads_to_the_review_in_which_its_words_carry_something():
    facts = CodedReviews(rows(), FRAMEWORK)
    assert facts.review_of(key("A1", 20).split("-")[0]) == "A1"
    assert facts.review_of("feedfacef00d") is None


def test_facts_that_somebody_holds_are_not_arranged_again():
    frozen = rows()
    facts = CodedReviews.of_rows(frozen, FRAMEWORK)
    assert CodedReviews.of_rows(frozen, FRAMEWORK) is facts
    assert plan_of(frozen, SPEC, FRAMEWORK).facts is facts
    assert CodedReviews.of_rows(rows(), FRAMEWORK) is not facts


def test_facts_are_arranged_anew_for_another_framework():
    frozen = rows()
    facts = CodedReviews.of_rows(frozen, FRAMEWORK)
    other = FRAMEWORK.model_copy(update={"title": "Another"})
    assert CodedReviews.of_rows(frozen, other).framework is other
    assert CodedReviews.of_rows(frozen, other) is not facts
