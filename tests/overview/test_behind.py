"""From a number to the words behind it, and from words to the numbers they carry."""

from tests.overview import rows as demo
from tests.overview.small import FRAMEWORK, SPEC, key, rows
from waymark.overview.snapshot.coded_reviews import CodedReviews
from waymark.overview.tables.lineage import (
    evidence_by_review,
    linked_cells,
    reviews_of_cell,
    uses_of_all_keys,
    uses_of_keys,
)
from waymark.overview.tables.tabulate import tabulate

TABLES = {table.id: table for table in tabulate(rows(), SPEC, FRAMEWORK)}


def opened(table, row, column):
    spec = next(item for item in SPEC.tables if item.id == table)
    cell = TABLES[table].cell(row, column)
    return evidence_by_review(
        CodedReviews(rows(), FRAMEWORK), spec, row, cell, reviews_of_cell(cell)
    )


def said(results):
    return [
        (part.review, [(words.description, words.quote.key) for words in part.quotes])
        for part in results
    ]


def test_a_number_opens_to_each_review_with_the_fact_and_its_words():
    assert said(opened("T8", "fac.cold", "recorded")) == [
        ("A1", [("Cold home: Recorded as present", key("A1", 30))]),
        ("A4", [("Cold home: Recorded as present", key("A4", 30))]),
    ]


def test_a_cross_of_two_facts_opens_to_both():
    (evidence, other) = opened("T2", "2001", "death")
    assert [words.description for words in evidence.quotes] == ["Year: 2001", "Cause: Fire"]
    assert [words.description for words in other.quotes] == ["Year: 2001", "Cause: Fall"]


def test_a_number_of_children_opens_to_those_counted_and_no_others():
    (evidence, other) = opened("T4", "ages.old", "died")
    assert (evidence.children, other.children) == (("Person B",), ("Person C",))
    assert [words.description for words in evidence.quotes] == [
        "Person B, Age: 840 months",
        "Person B, Fate: Died",
    ]


def test_silence_opens_to_the_review_alone():
    assert said(opened("T8", "fac.cold", "not_mentioned")) == [("A3", [])]


def test_a_theme_opens_to_its_own_passages_and_its_parts():
    evidence = said(opened("T10", "th.visits", "n"))
    assert [(review, [name for name, _ in words]) for review, words in evidence] == [
        ("A1", ["Visits", "Visits", "Late visits", "Late visits"]),
        ("A2", ["Late visits"]),
    ]


def test_words_lead_to_the_narrowest_number_of_each_table_they_carry():
    tables = [(value, linked_cells(value)) for value in TABLES.values()]
    uses = uses_of_keys(tables, "A1", [key("A1", 20), key("A1", 40)])
    assert [(use.table, use.row, use.column) for use in uses[key("A1", 20)]] == [
        ("T2", "2001", "death"),
        ("T3", "fire", "n"),
    ]
    assert [(use.table, use.row, use.column) for use in uses[key("A1", 40)]] == [
        ("T8", "fac.alone", "recorded"),
        ("T9", "2", "n"),
    ]


def test_every_key_of_every_cell_is_found_again_behind_it():
    for table in TABLES.values():
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                if not cell.mark:
                    evidence = opened(table.id, row.id, column.id)
                    keys = {words.quote.key for part in evidence for words in part.quotes}
                    assert keys == set(cell.evidence), (table.id, row.id, column.id)
                    records = dict.fromkeys(record.split("/")[0] for record in cell.records)
                    assert [part.review for part in evidence] == list(records)


def test_one_pass_finds_for_every_passage_of_the_demo_what_each_finds_alone():
    """Expected: what a passage of one review is told, review by review."""
    spec, facts = demo.spec(), demo.fixture_rows()
    tables = [(table, linked_cells(table)) for table in tabulate(facts, spec, demo.framework())]
    expected = {}
    for review in facts.reviews:
        keys = {
            quote.key
            for group in (facts.judgements, facts.codes, facts.recommendations)
            for row in group
            if row.review == review.reference
            for quote in row.quotes
        }
        expected |= uses_of_keys(tables, review.reference, keys)
    assert uses_of_all_keys(tables) == {key: uses for key, uses in expected.items() if uses}
    assert len(expected) > 100
