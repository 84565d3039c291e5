"""Tables that count only the reviews that meet a condition: counted right, and protected.

Expected: counted by hand from the four reviews of tests/overview/small.py; what can be worked out
under a profile, by an attacker of its own that knows who was counted in which table and no more.
"""

from collections import Counter
from itertools import product

import numpy as np
import pytest

from tests.overview.own_attacker import narrowed
from tests.overview.small import FRAMEWORK, SPEC_YAML, judged, quote, rows, values
from waymark.core.errors import RuleError, SpecError, TablesNotShown
from waymark.core.evidence import CodeRow
from waymark.overview.disclosure.engine.cells import joined_systems
from waymark.overview.disclosure.engine.suppress import suppress_counts
from waymark.overview.disclosure.protect import protect_release
from waymark.overview.disclosure.regrouping import derived_counts
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.snapshot.rows import ReviewRow, freeze_rows
from waymark.overview.spec.check import checked_overview
from waymark.overview.tables.tabulate import tabulate

HEAD = SPEC_YAML.split("points:")[0] + (
    "select: {collection: small}\n"
    "disclosure: {profile: open, controller: A body, reason: Public., decided: 2026-01-02}\n"
    "tables:\n"
)
DEATHS = "where: {variable: cause, values: [fire, fall]}"
FIRES = "where: {variable: cause, values: [fire]}"
STATES = "- {id: T5, kind: states, title: Factors, group: factors%s}"
CONTACTS = "- {id: T6, kind: contacts, title: Services, group: agencies%s}"
TOGETHER = (
    "- {id: T7, kind: cooccurrence, title: Together, of: [{label: Cold, any_of: [fac.cold]},"
    " {label: Alone, any_of: [fac.alone]}]%s}"
)
THEMES = "- {id: T8, kind: themes, title: Themes, of: {themes: true}%s}"
CAUSES = """\
- id: T3
  kind: crosstab
  title: Cause
  blocks:
    - {id: cause, title: Cause, unit: review, base: all, rows: {variable: cause}, all_label: All}
"""


def spec(*tables, profile="open"):
    text = HEAD.replace("profile: open", f"profile: {profile}")
    return checked_overview(text + "\n".join(tables), FRAMEWORK, file="small.yaml")


def counted(table, where=DEATHS):
    (tables_counted,) = tabulate(rows(), spec(table % f", {where}"), FRAMEWORK)
    return tables_counted


def faults(*tables, profile="open"):
    with pytest.raises(SpecError) as error:
        spec(*tables, profile=profile)
    return [str(fault) for fault in error.value.faults]


# ---- counting ----


def test_factors_are_counted_in_the_reviews_that_meet_the_condition():
    """A1 and A2: cold present and stated absent, alone suspected and not mentioned."""
    table = counted(STATES)
    assert values(table, "recorded", "not_mentioned") == {
        "fac.cold": ("1", "0"),
        "fac.alone": ("1", "1"),
    }
    assert table.cell("fac.cold", "recorded").base == 2
    assert tuple(table.cell("fac.cold", "recorded").records) == ("A1",)
    assert table.base == "2 reviews read and coded where cause is fire or fall"


def test_services_are_counted_in_the_reviews_that_meet_the_condition():
    table = counted(CONTACTS)
    assert values(table, "n") == {"ag.nurse": ("1",)}
    assert table.cell("ag.nurse", "n").base == 2


def test_factors_together_are_counted_in_the_reviews_that_meet_the_condition():
    """A1 records both, A2 none; A3 and A4 are of other causes."""
    table = counted(TOGETHER)
    assert values(table, "n") == {"0": ("1",), "1": ("0",), "2": ("1",), "all": ("2",)}


def test_themes_and_their_passages_are_counted_in_the_reviews_that_meet_the_condition():
    """Visits in A1 by three passages and a late one of A2; in fires alone by those of A1."""
    assert values(counted(THEMES), "n", "passages") == {
        "th.visits": ("2", "4"),
        "th.letters": ("1", "1"),
    }
    fires = counted(THEMES, FIRES)
    assert values(fires, "n", "passages") == {"th.visits": ("1", "3"), "th.letters": ("0", "0")}
    assert fires.base == "1 review read and coded where cause is fire"


def test_a_condition_can_be_a_factor_in_words_of_its_values():
    table = counted(THEMES, "where: {variable: fac.cold, values: [present, suspected]}")
    text = "2 reviews read and coded where cold home is recorded as present or suspected"
    assert table.base == text


# ---- where a condition makes no sense ----


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("- {id: T1, kind: flow, title: Flow, %s}", "a flow table counts all reviews"),
        (
            "- {id: T1, kind: agreement, title: Agreement, of: {themes: true}, %s}",
            "measured over all reviews coded twice",
        ),
        (
            "- {id: T1, kind: themes, title: A, of: {themes: true}, columns: {variable: year}, %s}",
            "remove where or columns",
        ),
        (CAUSES.replace("title: Cause\n  b", "title: Cause\n  %s\n  b"), "move where into a block"),
    ],
)
def test_a_condition_that_makes_no_sense_is_told_at_its_line(table, message):
    (fault,) = faults(table % DEATHS)
    line = (HEAD + table % DEATHS).split("where:")[0].count("\n") + 1
    assert fault.startswith(f"line {line}: ")
    assert message in fault


def test_a_condition_that_cannot_be_is_told_at_its_line():
    line = HEAD.count("\n") + 1
    assert faults(STATES % ", where: {variable: nothing, values: [a]}") == [
        f"line {line}: there is no variable nothing"
    ]
    assert faults(STATES % ", where: {variable: fate, values: [died]}") == [
        f"line {line}: fate is a fact about children: the unit must be child"
    ]
    assert faults(STATES % ", where: {variable: cause, values: [flood]}") == [
        f"line {line}: cause has no value flood; choose one of: fire, fall, harm, unknown"
    ]


NURSE = ", where: {variable: ag.nurse, values: [in_contact]}"


def test_under_a_profile_conditions_on_two_facts_are_refused_and_openly_they_are_not():
    tables = STATES % f", {DEATHS}", CONTACTS % NURSE
    first, second = faults(*tables, profile="k3")
    assert "T5: conditions on reviews can be about one fact only, and T6" in first
    assert "T6: conditions on reviews can be about one fact only, and T5" in second
    assert len(spec(*tables).tables) == 2
    with pytest.raises(RuleError, match="about one fact only"):
        plan_of(rows(), spec(*tables), FRAMEWORK)


def test_under_a_profile_a_factor_that_is_counted_together_is_no_condition():
    cold = ", where: {variable: fac.cold, values: [present, suspected]}"
    (fault,) = faults(CONTACTS % cold, TOGETHER % "", profile="k5")
    assert "T6: T7 counts fac.cold together with other factors" in fault


def test_under_a_profile_what_is_counted_together_bears_no_second_condition():
    first, second = TOGETHER % f", {DEATHS}", STATES % f", {FIRES}"
    (fault,) = faults(first, second, profile="k5")
    assert "T7: a table of factors counted together under a condition" in fault


def test_the_panel_on_prediction_is_about_all_reviews():
    panel = "\npredictive_value: {factor: {table: T5, row: fac.cold, column: recorded}}\n"
    (fault,) = faults(STATES % f", {DEATHS}" + panel)
    assert "T5 counts only reviews that meet a condition: use a table of all reviews" in fault


# ---- protecting ----

MANY = 80
CAUSE = ("fire", "fall", "harm")
FACTS = {
    "fac.cold": ("present", "not_mentioned"),
    "fac.alone": ("suspected", "stated_absent"),
    "ag.nurse": ("in_contact", "no_contact"),
}
RECORDED = {"present", "suspected", "in_contact"}


def drawn_by_lot(seed, rates=(0.08, 0.2, 0.5, 0.85)):
    """Eighty reviews, some causes and factors of them rare."""
    lot = np.random.default_rng(seed)
    weights = lot.choice([2, 5, 8], len(CAUSE))
    rare = dict(zip(FACTS, lot.choice(rates, len(FACTS)), strict=True))
    names = [f"A{n}" for n in range(1, MANY + 1)]
    results = dict(zip(names, lot.choice(CAUSE, MANY, p=weights / weights.sum()), strict=True))
    judgements, codes, known = [], [], {}
    for name in names:
        judgements.append(judged(name, "cause", str(results[name]), 20))
        judgements.append(judged(name, "year", "2001", 10))
        for at, (fact, (yes, no)) in enumerate(FACTS.items()):
            value = yes if lot.random() < rare[fact] else no
            judgements.append(judged(name, fact, value, 30 + 10 * at))
            known[name, fact] = value in RECORDED
        if lot.random() < 0.5:
            codes.append(CodeRow(name, "th.visits", True, "sole", (quote(name, 200),)))
    result = freeze_rows(
        framework="adult-core 2.0.0",
        framework_sha256="f" * 64,
        spec=HEAD,
        reviews=[ReviewRow(name, f"Review {name}", True, True) for name in names],
        children=[],
        judgements=judgements,
        codes=codes,
        double_coded=[],
        recommendations=[],
    )
    return result, results, known


def released(result, *tables, profile):
    """The tables that can be shown: what is left out tells nothing."""
    plan = plan_of(result, spec(*tables), FRAMEWORK)
    try:
        return {
            table.table.id: table.table for table in protect_release(plan, profile=profile).tables
        }
    except TablesNotShown:
        return None


def range_of(cell, profile):
    if cell.mark:
        return None
    away = 4 if profile == "r5" else 0
    return max(0, cell.value - away), cell.value + away


@pytest.mark.parametrize("profile", ["k3", "k5", "r5"])
def test_nobody_can_work_out_a_small_number_by_tables_with_and_without_a_condition(profile):
    """Causes, factors in all reviews, in deaths by fire and in all deaths, services by fire."""
    k = {"k3": 3, "k5": 5, "r5": 5}[profile]
    cells_shown = withheld = 0
    for seed in range(16):
        result, results, known = drawn_by_lot(seed)
        tables = released(
            result,
            CAUSES,
            STATES % "",
            (STATES % f", {FIRES}").replace("T5", "T15"),
            (STATES % f", {DEATHS}").replace("T5", "T25"),
            CONTACTS % "",
            (CONTACTS % f", {FIRES}").replace("T6", "T16"),
            profile=profile,
        )
        if tables is None:
            continue
        cells_shown += 1
        printed, hidden, lines = _as_told(tables, profile)
        withheld += sum(
            cell.mark == "[c]"
            for table in tables.values()
            for row in table.rows
            for cell in row.cells
        )
        cells = list(product(CAUSE, FACTS, (True, False)))
        secret = {
            f"{cause}/{fact}/{so}": sum(
                results[name] == cause and known[name, fact] == so for name in results
            )
            for cause, fact, so in cells
        }
        small = [name for name, number in secret.items() if 0 < number < k]
        for name, (low, high) in narrowed(printed, hidden, lines, small, ceiling=MANY).items():
            if profile == "r5":
                assert high - low + 1 >= k, (seed, name, low, high)
            else:
                assert low == 0, (seed, name, low, high)
                assert high >= k, (seed, name, low, high)
    assert cells_shown >= 3
    assert withheld or profile == "r5"


def _as_told(tables, profile):
    """What the tables print, in counts of cause by fact: ranges, unknowns, sums."""
    hidden = {f"{cause}/{fact}/{so}" for cause, fact, so in product(CAUSE, FACTS, (True, False))}
    printed, lines = {"nothing": (0, 0)}, []

    def told(cell, parts):
        span = range_of(cell, profile)
        if span is not None:
            name = f"printed {len(lines)}"
            printed[name] = span
            lines.append((dict.fromkeys(parts, 1) | {name: -1}, 0))

    for fact in FACTS:
        every = [f"{cause}/{fact}/{so}" for cause in CAUSE for so in (True, False)]
        lines.append((dict.fromkeys(every, 1), MANY))
        for cause in CAUSE:
            told(tables["T3"].cell(cause, "n"), [f"{cause}/{fact}/{so}" for so in (True, False)])
        of_services = fact.startswith("ag.")
        column = "n" if of_services else "recorded"
        for name, causes in (
            ("T6" if of_services else "T5", CAUSE),
            ("T16" if of_services else "T15", ("fire",)),
            *([] if of_services else [("T25", ("fire", "fall"))]),
        ):
            told(tables[name].cell(fact, column), [f"{cause}/{fact}/True" for cause in causes])
            base = tables[name].base.split(" ")[0]
            if base.isdigit():
                inside = [f"{cause}/{fact}/{so}" for cause in causes for so in (True, False)]
                lines.append((dict.fromkeys(inside, 1), int(base)))
    # Of one cause there are as many by one fact as by any other.
    first, *others = FACTS
    for cause, other in product(CAUSE, others):
        equal = {f"{cause}/{first}/{so}": 1 for so in (True, False)}
        lines.append((equal | {f"{cause}/{other}/{so}": -1 for so in (True, False)}, 0))
    return printed, hidden, lines


@pytest.mark.parametrize("profile", ["k3", "k5"])
def test_nobody_can_work_out_a_small_number_of_factors_that_are_recorded_together(profile):
    """How many record both, one or none, and each, among all and among deaths by fire."""
    k = {"k3": 3, "k5": 5}[profile]
    printed = requested = 0
    for seed in range(14):
        result, results, known = drawn_by_lot(seed, rates=(0.06, 0.12, 0.4, 0.7))
        messages = unsparing(
            result,
            STATES % "",
            (STATES % f", {FIRES}").replace("T5", "T15"),
            TOGETHER % "",
            (TOGETHER % f", {FIRES}").replace("T7", "T17"),
            k=k,
        )
        printed += len(messages)
        real = Counter(
            (results[name] == "fire", known[name, "fac.cold"], known[name, "fac.alone"])
            for name in results
        )
        lines = list(_told_together(messages))
        for side, (row, (_, holds)) in product((True, False), COUNTED.items()):
            inside = [pattern for pattern in PATTERNS if pattern[0] == side and holds(pattern)]
            if 0 < sum(real[pattern] for pattern in inside) < k:
                requested += 1
                name = f"{row} on {side}"
                summed = dict.fromkeys(map(str, inside), 1) | {name: -1}
                hidden = [*map(str, PATTERNS), name]
                low, high = narrowed({}, hidden, [*lines, (summed, 0)], [name], ceiling=MANY)[name]
                assert low == 0, (seed, name, low, high)
                assert high >= k, (seed, name, low, high)
    assert printed > 40
    assert requested >= 3


PATTERNS = list(product((True, False), repeat=3))
"""Whether the cause is fire, cold is recorded, alone is recorded."""
COUNTED = {
    "fac.cold": ("T5", lambda pattern: pattern[1]),
    "fac.alone": ("T5", lambda pattern: pattern[2]),
    "0": ("T7", lambda pattern: pattern[1] + pattern[2] == 0),
    "1": ("T7", lambda pattern: pattern[1] + pattern[2] == 1),
    "2": ("T7", lambda pattern: pattern[1] + pattern[2] == 2),
    "all": ("T7", lambda pattern: True),
}
"""Rows of the tables of all reviews, with the patterns that each counts."""


def unsparing(result, *tables, k):
    """What may be printed, by table, row and column, however little of a table that leaves."""
    plan = plan_of(result, spec(*tables), FRAMEWORK)
    system = joined_systems([*(ladder.steps[0].system for ladder in plan.ladders), *plan.links])
    ties = derived_counts(plan.facts, system, (), k=k, process=frozenset())
    safe = suppress_counts(joined_systems([system, ties.system]), k, guarded=ties.guarded)
    return {
        (table.spec.id, row): system.count(key).value
        for table in plan.tables
        for part in table.parts
        for (row, _), key in part.versions[0].counts.cells.items()
        if key not in safe.withheld
    }


def _told_together(messages):
    """What the tables print of all reviews and of deaths by fire, as sums of patterns."""
    yield dict.fromkeys(map(str, PATTERNS), 1), MANY
    for row, (table, holds) in COUNTED.items():
        for name, fires in ((table, False), (table.replace("T", "T1"), True)):
            inside = [
                str(pattern) for pattern in PATTERNS if holds(pattern) and (pattern[0] or not fires)
            ]
            if (name, row) in messages:
                yield dict.fromkeys(inside, 1), messages[name, row]


def causes(*numbers):
    """Reviews of the causes, so many of each; every third has visits."""
    of = [cause for cause, number in zip(CAUSE, numbers, strict=True) for _ in range(number)]
    names = [f"A{n}" for n in range(1, len(of) + 1)]
    return freeze_rows(
        framework="adult-core 2.0.0",
        framework_sha256="f" * 64,
        spec=HEAD,
        reviews=[ReviewRow(name, f"Review {name}", True, True) for name in names],
        children=[],
        judgements=[
            judged(name, "cause", cause, 20) for name, cause in zip(names, of, strict=True)
        ],
        codes=[
            CodeRow(name, "th.visits", True, "sole", (quote(name, 200),)) for name in names[::3]
        ],
        double_coded=[],
        recommendations=[],
    )


@pytest.mark.parametrize(
    ("numbers", "profile", "base", "mark"),
    [
        ((21, 6, 15), "k5", "21 reviews", ""),
        ((9, 6, 9), "k5", "9 reviews", "[c]"),
        ((4, 10, 10), "k5", "Reviews", "[c]"),
        ((9, 6, 9), "r5", "Reviews", "[z]"),
    ],
)
def test_themes_under_a_condition_are_numbers_like_any_other(numbers, profile, base, mark):
    """Of every third review: 7 of 21 fires and 7 others; 3 of 9 fires, or 2 of 4."""
    themes = THEMES % f", {FIRES}"
    every = THEMES.replace("T8", "T9") % ""
    protection = released(causes(*numbers), CAUSES, every, themes, profile=profile)
    table = protection["T8"]
    assert table.cell("th.visits", "n").mark == mark
    assert table.base.startswith(base)
    assert table.base.endswith("where cause is fire")
    assert not any(cell.records or cell.evidence for row in table.rows for cell in row.cells)
    if not mark:
        assert table.cell("th.visits", "n").value == 7
    assert table.cell("th.visits", "passages").mark == "[z]"
    assert not any(
        cell.mark for row in protection["T9"].rows for cell in row.cells if cell.kind == "count"
    )


def test_themes_under_two_conditions_tell_no_difference_that_is_withheld():
    """Fires and falls, less fires, are falls: 3 of 42, of which 1 shows the theme."""
    both, fires = THEMES % f", {DEATHS}", THEMES.replace("T8", "T9") % f", {FIRES}"
    protection = released(causes(21, 3, 18), both, fires, profile="k5")
    assert (
        protection["T8"].cell("th.visits", "n").mark or protection["T9"].cell("th.visits", "n").mark
    )
    assert not all(protection[name].base[0].isdigit() for name in ("T8", "T9"))
    alone = released(causes(21, 3, 18), both, profile="k5")
    assert alone["T8"].cell("th.visits", "n").value == 8


def test_how_many_meet_a_condition_is_withheld_like_any_number():
    """2 falls: neither the base of the block nor its words may print them."""
    block = (
        "- id: T4\n  kind: crosstab\n  title: Falls\n  blocks:\n"
        "    - {id: one, title: Year, unit: review, base: reviews of a fall, rows: {variable:"
        " fac.cold, groups: [{id: a, label: A, values: [present, suspected]}]},"
        " all_label: All, where: {variable: cause, values: [fall]}}\n"
    )
    few = released(causes(11, 2, 11), CAUSES, block, profile="k3")
    assert few["T3"].cell("fall", "n").mark == few["T4"].cell("all", "n").mark == "[c]"
    assert few["T4"].base == "reviews of a fall"
    protection = released(causes(11, 8, 5), CAUSES, block, profile="k3")
    assert protection["T4"].base == "8 reviews of a fall"
    assert protection["T4"].cell("all", "n").value == 8
