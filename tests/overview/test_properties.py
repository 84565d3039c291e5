"""Properties of the tables of any rows."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as some

from tests.overview.small import FRAMEWORK, SPEC, judged
from waymark.core.evidence import ChildRow
from waymark.frameworks.variables import STATES
from waymark.overview.snapshot.rows import FrozenRows, ReviewRow, freeze_rows
from waymark.overview.tables.tabulate import tabulate

QUICK = settings(max_examples=25, deadline=None)
CAUSES = ("fire", "fall", "harm", "unknown", None)
STATE = tuple(state for state, _ in STATES)
SILENT = {"not_mentioned", "", None}


@some.composite
def any_rows(draw) -> FrozenRows:
    number = draw(some.integers(1, 25))
    reviews = [f"A{n}" for n in range(1, number + 1)]
    judgements, children = [], []
    for review in reviews:
        facts = [
            ("year", None, str(draw(some.integers(2001, 2004)))),
            ("cause", None, draw(some.sampled_from(CAUSES))),
            ("fac.cold", None, draw(some.sampled_from((*STATE, None)))),
            ("fac.alone", None, draw(some.sampled_from(STATE))),
        ]
        for child in range(1, draw(some.integers(1, 3)) + 1):
            children.append(ChildRow(review, child, f"Person {child}"))
            age = draw(some.sampled_from(["", "0", "599", "600", "1000", None]))
            facts += [("age", child, age)]
            facts += [("fate", child, draw(some.sampled_from(["died", "lives", None])))]
        judgements += [
            judged(review, name, value, None if value in SILENT else 10 * place + 1, child)
            for place, (name, child, value) in enumerate(facts)
            if value is not None
        ]
    return freeze_rows(
        framework="adult-core 2.0.0",
        framework_sha256="f" * 64,
        spec="",
        reviews=[ReviewRow(review, review, True, True) for review in reviews],
        children=children,
        judgements=judgements,
        codes=[],
        double_coded=[],
    )


def counted(rows):
    return {table.id: table for table in tabulate(rows, SPEC, FRAMEWORK)}


@QUICK
@given(any_rows())
def test_parts_and_unknowns_add_up_to_the_total_in_every_column(rows):
    for name in ("T2", "T3", "T4"):
        table = counted(rows)[name]
        for group in dict.fromkeys(row.group for row in table.rows):
            block = [row for row in table.rows if row.group == group]
            (total,) = [row for row in block if row.role == "total"]
            parts = [row for row in block if row.role in {"part", "unknown"}]
            for place, column in enumerate(table.columns):
                if column.kind == "count" and not total.cells[place].mark:
                    assert sum(row.cells[place].value for row in parts) == total.cells[place].value


@QUICK
@given(any_rows())
def test_the_evidence_and_records_of_a_total_are_those_of_its_parts(rows):
    for name in ("T2", "T3", "T4", "T9"):
        table = counted(rows)[name]
        for group in dict.fromkeys(row.group for row in table.rows):
            block = [row for row in table.rows if row.group == group]
            (total,) = [row for row in block if row.role == "total"]
            parts = [row for row in block if row.role in {"part", "unknown"}]
            for place in range(len(table.columns)):
                for what in ("evidence", "records"):
                    of_parts = {item for row in parts for item in getattr(row.cells[place], what)}
                    assert set(getattr(total.cells[place], what)) == of_parts


@QUICK
@given(any_rows())
def test_columns_add_up_to_all_and_so_does_their_evidence(rows):
    table = counted(rows)["T2"]
    for row in table.rows:
        *parts, every = row.cells
        assert sum(cell.value for cell in parts) == every.value
        assert {key for cell in parts for key in cell.evidence} == set(every.evidence)


@QUICK
@given(any_rows())
def test_percentages_are_whole_with_halves_up_and_only_on_a_base_of_20(rows):
    for table in counted(rows).values():
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                if column.kind != "percent":
                    continue
                if cell.base is None or cell.base < 20:
                    assert cell.value is None
                    continue
                exact = Fraction(100 * len(cell.records), cell.base)
                assert cell.value == int(exact + Fraction(1, 2))


@QUICK
@given(any_rows())
def test_the_headline_lies_between_its_bounds_and_the_states_add_up(rows):
    table = counted(rows)["T8"]
    number = len(rows.reviews)
    for row in table.rows:
        count = {c.id: len(cell.records) for c, cell in zip(table.columns, row.cells, strict=True)}
        assert count["lower"] <= count["recorded"] <= count["upper"]
        assert count["upper"] == number - count["stated_absent"]
        states = ("present", "suspected", "stated_absent", "not_mentioned", "unclear")
        assert sum(count[state] for state in states) == number


@QUICK
@given(any_rows(), some.data())
def test_silence_made_absence_moves_the_upper_bound_and_no_other_share(rows, data):
    silent = [
        place
        for place, row in enumerate(rows.judgements)
        if (row.variable, row.value) == ("fac.alone", "not_mentioned")
    ]
    if not silent:
        return
    at = data.draw(some.sampled_from(silent))
    changed = list(rows.judgements)
    changed[at] = judged(changed[at].review, "fac.alone", "stated_absent", 500)
    before, after = counted(rows), counted(replace(rows, judgements=tuple(changed)))
    moved = {
        (name, row.id, column.id)
        for name, table in before.items()
        for row in table.rows
        for column in table.columns
        if table.cell(row.id, column.id).records != after[name].cell(row.id, column.id).records
    }
    assert moved == {
        ("T8", "fac.alone", item) for item in ("upper", "stated_absent", "not_mentioned")
    }
