"""What reports state, deny and leave out, variable by variable, and what of it is withheld."""

import pytest

from tests.overview.random_releases import Asked, editions_of, given_out, truth_of
from tests.overview.small import FRAMEWORK, SPEC_YAML, rows, values
from tests.overview.whole_attacker import Attacker, Review, broken_promises
from waymark.core.errors import SpecError
from waymark.overview.snapshot.coded_reviews import CodedReviews
from waymark.overview.spec.check import checked_overview
from waymark.overview.tables.lineage import evidence_by_review
from waymark.overview.tables.tabulate import tabulate
from waymark.publishing.document.units import unit_of

SILENCE = "- {id: T18, kind: silence, title: Silence}"


def with_table(table=SILENCE):
    source = SPEC_YAML.replace("\nfigures:\n", f"\n  {table}\nfigures:\n", 1)
    return checked_overview(source, FRAMEWORK, file="small.yaml")


def counted(table=SILENCE):
    spec = with_table(table)
    return next(one for one in tabulate(rows(), spec, FRAMEWORK) if one.id == "T18")


def test_each_variable_is_stated_stated_absent_unclear_not_mentioned_or_not_judged():
    """Of four reviews and seven people; living alone is judged in three reviews alone."""
    assert values(counted()) == {
        "cause": ("3", "0", "1", "0", "0"),  # fire, fall, harm; of A4 the cause is not known
        "fac.cold": ("2", "1", "0", "1", "0"),
        "fac.alone": ("1", "0", "1", "1", "1"),
        "ag.nurse": ("2", "1", "0", "1", "0"),
        "age": ("4", "0", "0", "1", "2"),  # 30, 70, 50 and 49 years; of A3 not recorded
        "fate": ("7", "0", "0", "0", "0"),
    }


def test_groups_can_be_left_out():
    left = counted("- {id: T18, kind: silence, title: Silence, leave_out: [agencies]}")
    assert list(values(left)) == ["cause", "fac.cold", "fac.alone", "age", "fate"]
    with pytest.raises(SpecError, match="there is no group cows of variables"):
        with_table("- {id: T18, kind: silence, title: Silence, leave_out: [cows]}")


def test_facts_about_children_are_counted_by_child_all_others_by_review():
    table = counted()
    assert [row.group for row in table.rows] == [*["Reviews"] * 4, *["Children"] * 2]
    assert [row.cells[0].base for row in table.rows] == [4, 4, 4, 4, 7, 7]
    assert table.base == "4 reviews read and coded; 7 children in them"
    assert table.unit == "reviews and children"
    spec = with_table().tables[-1]
    assert [unit_of(spec, table, row, table.columns[0]) for row in table.rows] == [
        *["review"] * 4,
        *["child"] * 2,
    ]


def test_every_row_adds_up_to_its_base_and_so_do_its_records():
    for row in counted().rows:
        assert sum(cell.value for cell in row.cells) == row.cells[0].base
        records = [record for cell in row.cells for record in cell.records]
        assert len(records) == len(set(records)) == row.cells[0].base


def test_what_is_stated_leads_to_its_words_and_silence_to_reviews_alone():
    table, spec = counted(), with_table()
    cell = table.cell("fac.alone", "unclear")
    facts = CodedReviews.of_rows(rows(), FRAMEWORK)
    (evidence,) = evidence_by_review(facts, spec.tables[-1], "fac.alone", cell, ["A3"])
    assert [quote.quote.exact for quote in evidence.quotes] == ["words at 40"]
    silent = table.cell("fac.alone", "not_mentioned")
    assert (list(silent.records), list(silent.evidence)) == (["A2"], [])


def test_a_group_and_some_columns_can_be_chosen():
    table = counted(SILENCE.replace("}", ", group: factors, show: [stated, not_mentioned]}"))
    assert values(table) == {"fac.cold": ("2", "1"), "fac.alone": ("1", "1")}
    assert (table.unit, table.base) == ("review", "4 reviews read and coded")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("group: friends", "there is no variable on which reports can be silent"),
        ("show: []", "list at least one column in show"),
        ("where: {variable: cause, values: [fire]}", "silence is counted over all reviews"),
    ],
)
def test_a_choice_that_cannot_be_counted_is_refused(more, says):
    with pytest.raises(SpecError, match=says):
        counted(SILENCE.replace("}", f", {more}}}", 1))


# ---- what is withheld of it ----


def reviews(*numbers):
    """So many of each: number, cause, cold, alone."""
    return tuple(
        Review(cause, cold=cold, alone=alone, visits=True, letters=False, children=1, died=0)
        for number, cause, cold, alone in numbers
        for _ in range(number)
    )


ONE_FIRE = reviews((1, "fire", False, True), (6, "fall", False, True), (15, "harm", False, True),
                   (2, "unknown", True, False))  # fmt: skip


FIFTY = reviews((6, "fire", False, True), (9, "fall", True, True), (12, "fall", False, False),
                (20, "harm", False, True), (3, "unknown", True, False))  # fmt: skip


def attacked(*kinds, profile="k3", of=ONE_FIRE):
    """The table of silence of a release that nothing can be worked out of."""
    asked = Asked(of, (), ("silence", *kinds), profile)
    (release,) = given_out(asked)
    attacker = Attacker(editions_of(asked, [release]))
    assert broken_promises(attacker, truth_of(asked), profile) == []
    assert attacker.named() == []
    return release


def silence(release):
    table = release.tables[1].table
    assert [column.id for column in table.columns] == ["stated"]
    assert not any(cell.records or cell.evidence for row in table.rows for cell in row.cells)
    return {row: printed[0] for row, printed in values(table).items()}


def test_a_factor_that_few_record_is_withheld_and_so_is_one_that_few_do_not_record():
    """Two of 24 record cold; 22 live alone, so two do not."""
    printed = silence(attacked())
    assert (printed["fac.cold"], printed["fac.alone"]) == ("[c]", "[c]")
    assert (printed["cause"], printed["ag.nurse"], printed["fate"]) == ("22", "0", "24")


def test_a_factor_is_withheld_in_both_tables_that_count_it():
    some = reviews((2, "harm", True, True), (12, "harm", False, True), (10, "fall", False, False))
    release = attacked("factors", of=some)
    factors = values(release.tables[2].table, "recorded")
    assert factors == {"fac.alone": ("14",), "fac.cold": ("[c]",)}
    printed = silence(release)
    assert (printed["fac.cold"], printed["fac.alone"]) == ("[c]", "14")


def test_how_many_causes_are_known_does_not_give_away_the_one_fire():
    """Of fire 1, fall 6, harm 15, not known 2 the cheapest to hide with the fire is not known.

    With 22 causes stated of 24 that would say that two are not known, and so that one is a fire.
    """
    alone = Asked(ONE_FIRE, (), ("causes",), "k3")
    (release,) = given_out(alone)
    assert [row[0] for row in values(release.tables[1].table, "n").values()] == [
        *("[c]", "6", "15", "[c]", "24"),
    ]
    both = attacked("causes")
    causes = [row[0] for row in values(both.tables[2].table, "n").values()]
    assert (causes, silence(both)["cause"]) != (["[c]", "6", "15", "[c]", "24"], "22")


@pytest.mark.parametrize("kinds", [("causes",), ("factors",), ("causes_by_cold",), ("children",)])
def test_rounded_silence_tells_no_small_count(kinds):
    table = attacked(*kinds, profile="r5", of=FIFTY).tables[1].table
    assert all(int(cell.shown) % 5 == 0 for row in table.rows for cell in row.cells)
