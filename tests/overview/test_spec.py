"""The YAML of an overview: what is wrong is told with its line."""

import pytest

from tests.overview.rows import spec
from tests.overview.small import FRAMEWORK, SPEC_YAML
from waymark.core.errors import SpecError
from waymark.overview.spec.check import checked_overview


def faults(source):
    with pytest.raises(SpecError) as error:
        checked_overview(source, FRAMEWORK, file="small.yaml")
    return [str(fault) for fault in error.value.faults]


def line_of(words):
    return 1 + SPEC_YAML.split(words)[0].count("\n")


def test_the_spec_of_the_demo_fits_the_framework_that_comes_with_waymark():
    assert [table.id for table in spec().tables] == [f"T{n}" for n in range(1, 19)]
    assert [figure.id for figure in spec().figures] == [f"F{n}" for n in range(1, 10)]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("rows: {variable: year}", "rows: {variable: month}", "there is no variable month"),
        ("rows: {variable: year}", "rows: {variable: fate}", "fate is a fact about children"),
        ("group: agencies}", "group: factors}", "there is no group factors of contact variables"),
        ("any_of: [fac.alone]", "any_of: [fac.warm]", "there is no variable fac.warm"),
        ("any_of: [fac.alone]", "any_of: [cause]", "cause is not a factor with states"),
        ("kind: flow, table: T1", "kind: flow, table: T9", "cannot show a cooccurrence"),
        ("kind: flow, table: T1", "kind: flow, table: T99", "there is no table T99"),
        ("from: 600}", "from: 599}", "bands must increase and not overlap"),
        ("period: 2001 to 2003", "periode: 2001", "is not a known name"),
        ("{id: T10, kind: themes", "{id: T9, kind: themes", "T9 is listed twice"),
        ("count: children", "variable: cause", "a median needs rows with a count"),
        ("rows: {variable: year}", "rows: {variable: yaer}", "no variable yaer; did you mean year"),
        ("group: agencies}", "group: agences}", "variables; did you mean agencies?"),
        ("any_of: [fac.alone]", "any_of: [fac.alon]", "fac.alon; did you mean fac.alone"),
        ("kind: flow, table: T1", "kind: flow, table: T01", "no table T01; did you mean T1"),
        (
            "label: Other, rest: true}",
            "label: Other, values: [fire]}",
            "a value is in two groups",
        ),
    ],
)
def test_what_does_not_fit_the_framework_is_told_at_its_line(old, new, says):
    messages = faults(SPEC_YAML.replace(old, new, 1))
    assert any(says in fault for fault in messages), messages
    assert all(fault.startswith("line ") for fault in messages)


def test_all_keys_that_are_missing_are_told_at_once():
    """Every key that docs/spec.md calls required, and in the first table its own."""
    messages = faults("overview: own\ntables:\n  - {id: T1, kind: flow}\n")
    missing = ["title", "subtitle", "framework", "place", "period", "select", "disclosure"]
    assert messages == [
        *(f"line 1: {name}: is missing" for name in missing),
        "line 3: title: is missing",
    ]


def test_a_fault_inside_a_table_is_told_at_its_own_line_not_the_tables():
    (fault,) = faults(SPEC_YAML.replace("title: Years\n", "title: 7\n"))
    assert fault == f"line {line_of('    title: Years')}: title: must be text"


def test_a_kind_of_table_that_is_not_there_is_told():
    (fault,) = faults(SPEC_YAML.replace("kind: themes", "kind: cloud"))
    assert fault.startswith(f"line {line_of('- {id: T10')}")
    assert "cloud" in fault


def test_a_kind_that_is_not_there_is_told_at_the_line_of_its_name_with_those_there_are():
    messages = faults(SPEC_YAML.replace("    kind: crosstab", "    kind: cross", 1))
    line = line_of("    kind: crosstab")
    assert messages[0].startswith(f"line {line}: kind: must be one of 'flow', 'crosstab', ")
    assert messages[0].endswith(", not 'cross'")


def test_collection_and_reviews_exclude_each_other():
    (fault,) = faults(SPEC_YAML.replace("collection: small", "collection: small\n  reviews: [A1]"))
    assert "give exactly one of collection, reviews and query" in fault


def test_another_version_of_the_framework_is_not_taken_for_this_one():
    (fault,) = faults(SPEC_YAML.replace("adult-core 2.0.0", "adult-core 2.0.1"))
    assert "the overview names adult-core 2.0.1, but the framework is adult-core 2.0.0" in fault


def test_the_decision_on_disclosure_needs_a_name_a_reason_and_a_date():
    messages = faults(SPEC_YAML.replace("controller: A controller, reason: All is public., ", ""))
    assert [fault.split(": ", 1)[1] for fault in messages] == [
        "controller: is missing",
        "reason: is missing",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "{id: F3, kind: bars, table: T3, column: n,",
            "{id: F3, kind: bars, table: T3, column: m,",
            "F3: T3 has no column m",
        ),
        (
            "{id: F3, kind: bars, table: T3, column: n, title: Cause}",
            "{id: F3, kind: stacked, table: T2, parts: [death, othr], title: Cause}",
            "F3: T2 has no column othr",
        ),
        (
            "{id: F3, kind: bars, table: T3, column: n, title: Cause}",
            "{id: F3, kind: bars, table: T8, title: Cause}",
            "F3: T8 has no column n",
        ),
        (
            "{id: F3, kind: bars, table: T3, column: n, title: Cause}",
            "{id: F3, kind: bars, table: T4, title: Cause}",
            "F3: name one block of T4: people, ages",
        ),
        (
            "{T3/deaths/n}",
            "{T3/death/n}",
            "{T3/death/n}: T3 has no row death; did you mean deaths?",
        ),
        (
            "{T3/deaths/n}",
            "{T30/deaths/n}",
            "{T30/deaths/n}: there is no table T30; did you mean T3 or T10?",
        ),
        ("{T3/deaths/n}", "{T3/deaths}", "{T3/deaths} names no cell: write {T3/row/column}"),
        (
            "tables:\n",
            "predictive_value:\n  factor: {table: T8, row: fac.warm, column: recorded}\ntables:\n",
            "T8 has no row fac.warm; did you mean fac.alone or fac.cold?",
        ),
    ],
)
def test_a_cell_or_column_that_cannot_be_is_told_at_its_line(old, new, message):
    source = SPEC_YAML.replace(old, new, 1)
    wrong = new.split("\n")[-3] if "\n" in new else new
    line = 1 + source[: source.index(wrong)].count("\n")
    assert faults(source) == [f"line {line}: {message}"]


def test_what_a_profile_or_the_reviews_bring_may_be_named_before_it_is_there():
    """A year, those not judged, and a band of a coarser version."""
    source = SPEC_YAML.replace(
        "{T3/deaths/n} followed", "{T2/2004/n}, {T3/not_judged/n} and {T4/ages.outside/died}"
    )
    result = checked_overview(source, FRAMEWORK, file="small.yaml")
    assert "{T2/2004/n}" in " ".join((*result.about, *result.points))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("[" * 3000, "values are nested too deeply"),
        ("a: &a [*a]", "values are nested too deeply"),
        ("overview: x\nas_at: 2026-02-30", "line 2: 2026-02-30 is not a valid value"),
        ("overview: x\n? {a: b}\n: c", "line 2: a name must be text"),
        ("overview: x\ntitle: \x00", "line 2: a character that is not allowed in text"),
        ("overview: x\n  title: y", "line 2: not YAML"),
    ],
)
def test_what_is_no_yaml_is_told_and_never_breaks_the_reader(source, message):
    (fault,) = faults(source)
    assert fault.startswith(message)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("profile: open", "profile: opn", "profile: must be 'open', 'k3', 'k5' or 'r5'"),
        ("kind: flow", "kin: flow", "tables: kind is missing"),
        ("id: T1,", "id: X1,", "id: must be T and a number, as T3"),
        ("overview: small", "overview: Sm all", "overview: must be small letters, digits"),
        ("decided: 2026-01-02", "decided: soon", "decided: must be a date, such as 2026-01-31"),
        ("place: Nowhere", "place: ''", "place: must not be empty"),
    ],
)
def test_faults_are_told_in_plain_words(old, new, message):
    assert any(message in fault for fault in faults(SPEC_YAML.replace(old, new, 1)))


def test_a_block_with_a_fault_inside_is_not_called_empty_too():
    (fault,) = faults(SPEC_YAML.replace("unit: review", "unit: family", 1))
    assert "unit: must be" in fault


def test_prevalences_are_of_one_population_that_is_named():
    harm = "  harm: {one_in: 4000, source: A body, date: 2017-11-01}\n"
    factor = "  factor_in_population: {percent: 50, source: A body, date: 2017-11-01}\n"
    cell = "predictive_value:\n  factor: {table: T8, row: fac.cold, column: recorded}\n"
    (fault,) = faults(SPEC_YAML.replace("tables:\n", f"{cell}{harm}{factor}tables:\n", 1))
    assert "both prevalences must be of one population" in fault
    (fault,) = faults(
        SPEC_YAML.replace("tables:\n", f"{cell}{harm.replace('one_in: 4000, ', '')}tables:\n", 1)
    )
    assert "give either one_in or percent" in fault
