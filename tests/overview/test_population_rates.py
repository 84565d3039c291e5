"""Rates on a population in an overview: from printed numbers and a published indicator alone.

Expected: eighty drawn reviews, counted apart from the product; each rate by hand.
"""

import re
from dataclasses import replace
from datetime import date

import pytest

from tests.factories import NOON
from tests.indicators import invented
from tests.overview.small import FRAMEWORK, SPEC_YAML, rows, values
from tests.overview.test_where import HEAD, drawn_by_lot, faults, released, spec
from tests.overview.world import SPEC
from waymark.core.errors import RuleError, SpecError
from waymark.indicators.services import set_indicator_state
from waymark.overview import services
from waymark.overview.queries.overviews import release_of
from waymark.overview.snapshot.file_format import pack_rows, unpack_rows
from waymark.overview.snapshot.rows import PopulationBase
from waymark.overview.spec.check import checked_overview
from waymark.overview.spec.population import BaseKey
from waymark.overview.tables.population_rates import rate_on
from waymark.overview.tables.tabulate import tabulate
from waymark.pipeline.publishing.freeze import freeze_overview
from waymark.pipeline.publishing.population_bases import population_bases
from waymark.pipeline.publishing.preview import preview_overview

ON = date(2026, 3, 2)
RATES = """
  rates:
    indicator: children-on-plans
    as_at: 2026-03-02
    of: children on plans in England
    per: 10000
    measure: plans-at31
    area: E92000001
    rows:
      fire: {periods: [2024-03-31]}
      fall: {periods: [2024-03-31, 2025-03-31]}
      all: {periods: [2024-03-31, 2025-03-31]}
    comparator: Children on plans, per cent
"""
TABLE = (
    "- id: T9\n  kind: crosstab\n  title: Cause\n  blocks:\n"
    "  - {id: cause, title: Cause, unit: review, base: reviews, percent: true,"
    " rows: {variable: cause}, all_label: All reviews}" + RATES
)
FIRE_OR_FALL = "{variable: cause, groups: [{id: fire, label: Fire or fall, values: [fire, fall]}]}"
COLUMNS = ("population", "rate", "reliability", "comparator")


def base(period, value):
    key = BaseKey("children-on-plans", ON, "plans-at31", "E92000001", period)
    return PopulationBase(key, value, "Children on plans", "Children on a plan", "A table, ONS")


def with_bases(result, *bases):
    return replace(result, bases=bases)


def with_causes(result, causes):
    """The same reviews, with these causes in their order."""
    lot = iter(causes)
    judgements = [
        row._replace(value=next(lot)) if row.variable == "cause" else row
        for row in result.judgements
    ]
    return replace(result, judgements=tuple(judgements))


BASES = (base("2024-03-31", 900), base("2025-03-31", 1020))


def test_the_rule_of_rates():
    """12 of 48,000 per 100,000: 25; 20 are reliable; 2 are too few; 0 is a rate."""
    assert rate_on(12, 48_000, 100_000) == (25.0, "[u]")
    assert rate_on(20, 48_000, 100_000) == (41.7, "")
    assert rate_on(2, 48_000, 100_000) == (None, "[x]")
    assert rate_on(0, 48_000, 100_000) == (0.0, "[u]")
    assert rate_on(5, 0, 100_000) == (None, "[z]")


@pytest.fixture(scope="module")
def drawn():
    """Eighty reviews, and how many there are of each cause."""
    result, causes, _ = drawn_by_lot(3)
    return with_bases(result, *BASES), {c: list(causes.values()).count(c) for c in causes.values()}


def test_each_count_has_its_base_rate_and_comparator(drawn):
    """Periods are added up: 900 + 1,020 = 1,920; 900 of 1,920 are 47 per cent."""
    result, numbers = drawn
    (table,) = tabulate(result, spec(TABLE), FRAMEWORK)
    printed = values(table, *COLUMNS)
    assert (numbers["fire"], numbers["fall"]) == (52, 16)
    # 52 of 900 are 577.78 of 10,000; 16 of 1,920 are 83.33, and fewer than 20.
    assert printed["fire"] == ("900", "577.8", "[z]", "47")
    assert printed["fall"] == ("1,920", "83.3", "[u]", "100")
    # 80 of 1,920 are 416.67 of 10,000.
    assert printed["all"] == ("1,920", "416.7", "[z]", "100")
    assert printed["unknown"] == ("[z]", "[z]", "[z]", "[z]")
    notes = " ".join(table.notes)
    assert "Rate: for 10,000 children on plans in England" in notes
    assert "Children on a plan (A table, ONS)" in notes
    assert "“Children on plans” as on 2 March 2026" in notes


@pytest.mark.parametrize("profile", ["k3", "k5", "r5"])
def test_a_withheld_number_has_no_rate_and_every_rate_is_of_the_printed_number(drawn, profile):
    """Under every profile the rate is that of what is printed beside it, so it tells no more."""
    causes = ["fire"] * 40 + ["fall"] * 2 + ["harm"] * 8 + ["unknown"] * 30
    tables = released(with_causes(drawn[0], causes), TABLE, profile=profile)
    cells = [
        [tables["T9"].cell(row, column) for column in ("n", "population", "rate")]
        for row in ("fire", "fall", "all")
    ]
    for count, population, rate in cells:
        expected = rate_on(count.value, population.value, 10_000)[0] if not count.mark else None
        assert (rate.value, rate.mark) == (expected, count.mark)
        assert not rate.evidence
        assert not rate.records
    assert cells[1][0].shown in ({"0", "5"} if profile == "r5" else {"[c]"})
    assert ("Rates are of rounded numbers." in tables["T9"].notes) == (profile == "r5")


def test_a_base_that_has_a_marker_gives_no_rate():
    result = with_bases(rows(), base("2024-03-31", None), base("2025-03-31", 1020))
    (table,) = tabulate(result, spec(TABLE), FRAMEWORK)
    assert values(table, *COLUMNS)["all"][:2] == ("[x]", "[x]")


def test_frozen_bases_come_back_and_rows_without_them_keep_their_hash():
    result = with_bases(rows(), *BASES)
    assert unpack_rows(pack_rows(result).content) == result
    assert pack_rows(with_bases(result)).sha256 == pack_rows(rows()).sha256


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("fire: {", "fir: {", "T9 has no row fir; did you mean fire"),
        ("    area: E92000001\n", "", "T9: the base of fire needs area"),
        (
            "      all: {periods: [2024-03-31, 2025-03-31]}\n",
            "",
            "T9: a comparator needs a base for the row all",
        ),
        (
            "[2024-03-31, 2025-03-31]}\n      all",
            "[2024-03-31, 2024-03-31]}\n      all",
            "each period counts once",
        ),
        (
            "all_label: All reviews}",
            f"all_label: All reviews, recodes: [{{label: two, rows: {FIRE_OR_FALL}}}]}}",
            "T9: fire means something else in a coarser version: give it a new id",
        ),
    ],
)
def test_faults_of_rates_are_told(old, new, message):
    assert old in TABLE
    assert any(message in fault for fault in faults(TABLE.replace(old, new)))


def test_a_sample_has_no_rates():
    """40 of the 80 reviews that are a quarter of all would give a rate of a quarter."""
    sample = "{collection: small, sample_of: {population: 320, of: reviews, drawn: At random.}}"
    source = re.sub(r"^select: .*$", f"select: {sample}", HEAD, flags=re.MULTILINE) + TABLE
    assert sample in source
    with pytest.raises(SpecError) as error:
        checked_overview(source, FRAMEWORK, file="small.yaml")
    assert "T9: a sample has no rates on a population" in str(error.value)


@pytest.fixture
def indicator(db):
    return invented.published()


def test_a_base_is_the_value_of_a_published_indicator_on_the_day(indicator):
    """The invented table: 900 plans in England in 2024 and 1,020 in 2025."""
    read = spec(TABLE)
    assert [found.value for found in population_bases(read, invented.NOON)] == [900, 1020]
    assert {found.source for found in population_bases(read, invented.NOON)} == {
        "Invented table of plans, Office of Invented Numbers, OGL-UK-3.0"
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2026-03-02", "2026-03-01", "T9, rates of the row fire: on 2026-03-01"),
        ("2026-03-02", "2026-03-03", "2026-03-03 is a day to come"),
        ("children-on-plans", "children", "there is no indicator children, or it is not published"),
        ("plans-at31", "rate-per-10000", "rate-per-10000 is a rate: a base is a number of people"),
        ("E92000001", "E06000901", "no value of plans-at31 for E06000901 in 2024-03-31"),
    ],
)
def test_a_base_that_is_not_there_is_told_with_its_table_and_row(indicator, old, new, message):
    with pytest.raises(RuleError) as refused:
        population_bases(spec(TABLE.replace(old, new)), invented.NOON)
    assert message in str(refused.value)


def test_a_draft_indicator_is_no_base(db):
    invented.imported()
    with pytest.raises(RuleError, match="not published"):
        population_bases(spec(TABLE), invented.NOON)


def test_a_specification_without_rates_needs_no_indicator():
    assert population_bases(checked_overview(SPEC_YAML, FRAMEWORK, file="x"), invented.NOON) == ()


WORLD = SPEC.replace(
    "        all_label: All children\n",
    "        all_label: All children\n    rates:\n      indicator: children-on-plans\n"
    "      as_at: 2026-03-02\n      of: children on plans\n      measure: plans-at31\n"
    "      area: E92000001\n      rows: {all: {periods: [2025-03-31]}}\n",
)


def test_a_snapshot_keeps_its_base_when_the_indicator_is_revised_or_withdrawn(world, indicator):
    """1,020 plans on the day that the specification names."""
    snapshot = freeze_overview(by=world.analyst, spec=WORLD, file="small.yaml", now=NOON)
    population = ("all", "population")
    assert release_of(snapshot, "open").table("T3").table.cell(*population).value == 1020
    preview = preview_overview(by=world.analyst, slug="small", spec=WORLD, table="T3", now=NOON)
    assert preview.release.table("T3").table.cell(*population).value == 1020
    set_indicator_state(by=None, slug=invented.SLUG, state="withdrawn", now=NOON)
    assert release_of(snapshot, "open").table("T3").table.cell(*population).value == 1020
    with pytest.raises(RuleError, match="T3, rates of the row all: there is no indicator"):
        freeze_overview(by=world.analyst, spec=WORLD, file="small.yaml", now=NOON)


def test_rows_are_not_frozen_without_the_bases_that_they_need(world):
    with pytest.raises(RuleError, match="read the base of rates first: children-on-plans"):
        services.freeze_overview(
            by=world.analyst,
            overview=services.create_overview(
                by=world.analyst, spec=WORLD, file="small.yaml", now=NOON
            ),
            now=NOON,
        )
