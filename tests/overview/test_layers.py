"""Three-way tables: rows by columns by layers, counted right, and protected over all margins.

Expected: counted by hand from drawn reviews; what can be worked out under a profile, by an attacker
of its own that knows every printed number and no more.
"""

from collections import Counter
from itertools import product

import pytest

from tests.overview.own_attacker import narrowed
from tests.overview.small import FRAMEWORK, rows
from tests.overview.test_where import (
    CAUSE,
    CAUSES,
    HEAD,
    MANY,
    drawn_by_lot,
    faults,
    range_of,
    released,
    spec,
)
from waymark.overview.tables.tabulate import tabulate

GROUPS = (
    "{variable: %s, groups: [{id: found, label: Recorded, values: [present, suspected]},"
    " {id: other, label: Not recorded, values: [stated_absent, not_mentioned, unclear]}]}"
)
BLOCK = (
    "  - {id: cold, title: Cold home, unit: review, base: reviews read and coded, percent: true,"
    f" rows: {GROUPS % 'fac.cold'}, columns: {GROUPS % 'fac.alone'}, all_label: All reviews%s}}\n"
)
HEADS = "- id: T9\n  kind: crosstab\n  title: Cold and alone by cause\n  blocks:\n"
BY_CAUSE = HEADS + BLOCK % ", layers: {variable: cause}"


def test_a_block_with_layers_is_counted_once_more_for_each_value():
    """Eighty drawn reviews: each cell of a layer has those of the cause, and all layers add up."""
    result, results, known = drawn_by_lot(3)
    (table,) = tabulate(result, spec(BY_CAUSE), FRAMEWORK)
    true = Counter(
        (cause, known[name, "fac.cold"], known[name, "fac.alone"])
        for name, cause in results.items()
    )
    for cause, cold, alone in product(CAUSE, (True, False), (True, False)):
        row, column = (("other", "found")[cold], ("other", "found")[alone])
        cell = table.cell(f"cold_{cause}.{row}", column)
        assert (cell.value, cell.base) == (true[cause, cold, alone], true_of(true, cause))
    assert table.cell("cold.all", "n").value == MANY
    assert table.cell("cold_fire.all", "n").value == true_of(true, "fire")
    titles = {row.group for row in table.rows}
    assert {"Cold home", "Cold home: Fire", "Cold home: Not known"} <= titles


def true_of(true, cause):
    return sum(number for (of, *_), number in true.items() if of == cause)


def test_layers_can_be_groups_of_values():
    groups = "{variable: cause, groups: [{id: deaths, label: Deaths, deaths: true}]}"
    (table,) = tabulate(rows(), spec(HEADS + BLOCK % f", layers: {groups}"), FRAMEWORK)
    assert list(dict.fromkeys(row.group for row in table.rows)) == [
        *("Cold home", "Cold home: Deaths", "Cold home: Harm", "Cold home: Not known")
    ]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (", layers: {variable: cuase}", "there is no variable cuase; did you mean cause"),
        (", layers: {variable: year}", "T9: year is no list of values, so it makes no layers"),
        (", layers: {variable: fac.cold}", "T9: fac.cold is in the rows or columns already"),
        (
            ", layers: {variable: cause}, where: {variable: cause, values: [fire]}",
            "T9: a block has either layers or where",
        ),
    ],
)
def test_layers_that_make_no_sense_are_told_at_their_line(more, message):
    line = HEAD.count("\n") + 5
    assert any(f.startswith(f"line {line}: {message}") for f in faults(HEADS + BLOCK % more))


@pytest.mark.parametrize(
    ("profile", "beside"), [("k3", ()), ("k5", ()), ("r5", ()), ("k3", (CAUSES,))]
)
def test_nobody_can_work_out_a_small_number_of_a_three_way_table_from_any_margin(profile, beside):
    k = {"k3": 3, "k5": 5, "r5": 5}[profile]
    shown = withheld = 0
    cells = list(product(CAUSE, (True, False), (True, False)))
    for seed in (0, 8, 9):
        result, results, known = drawn_by_lot(seed)
        tables = released(result, *beside, BY_CAUSE, profile=profile)
        if tables is None:
            continue
        shown += 1
        true = Counter(
            (cause, known[name, "fac.cold"], known[name, "fac.alone"])
            for name, cause in results.items()
        )
        printed, lines, margins = {}, [], {}
        for causes, colds, alones in product(
            [CAUSE, *((cause,) for cause in CAUSE)], *[[(True, False), (True,), (False,)]] * 2
        ):
            parts = [str(cell) for cell in product(causes, colds, alones)]
            name = f"{causes}{colds}{alones}"
            margins[name] = sum(true[cell] for cell in product(causes, colds, alones))
            printed[name] = (0, MANY)
            lines.append((dict.fromkeys(parts, 1) | {name: -1}, 0))
            block = "cold" if causes == CAUSE else f"cold_{causes[0]}"
            row = "all" if len(colds) == 2 else ("other", "found")[colds[0]]
            column = "n" if len(alones) == 2 else ("other", "found")[alones[0]]
            cell = tables["T9"].cell(f"{block}.{row}", column)
            withheld += cell.mark == "[c]"
            printed[name] = range_of(cell, profile) or printed[name]
        small = [name for name, number in margins.items() if 0 < number < k]
        hidden = [str(cell) for cell in cells]
        for name, (low, high) in narrowed(printed, hidden, lines, small, ceiling=MANY).items():
            if profile == "r5":
                assert high - low + 1 >= k, (seed, name, low, high)
            else:
                assert (low, high >= k) == (0, True), (seed, name, low, high)
    assert shown >= 2
    assert withheld or profile == "r5"
