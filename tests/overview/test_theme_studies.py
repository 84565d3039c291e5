"""Theme studies: reviews with a theme against the others; and silence by period.

Expected: counted by hand from the rows of small.py. What a release of random reviews gives away is
tried in test_release_attacked.py.
"""

import pytest
import yaml

from tests.overview.small import FRAMEWORK, FRAMEWORK_YAML, SPEC_YAML, rows, values
from waymark.core.errors import SpecError, TablesNotShown
from waymark.frameworks.schema import read_framework
from waymark.overview.disclosure.protect import protect_release
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.snapshot.coded_reviews import CodedReviews
from waymark.overview.spec.check import checked_overview
from waymark.overview.tables.lineage import evidence_by_review
from waymark.overview.tables.tabulate import tabulate
from waymark.publishing.document.units import unit_of

BLOCK = "title: B, base: all, columns: {theme: true}, all_label: All"
STUDY = f"""
  - {{id: T20, kind: crosstab, title: Cause, blocks:
      [{{id: b, unit: review, rows: {{variable: cause}}, {BLOCK}}}]}}
  - {{id: T21, kind: crosstab, title: People, blocks:
      [{{id: b, unit: child, rows: {{variable: fate}}, {BLOCK}}}]}}
  - {{id: T22, kind: states, title: Factors, group: factors, columns: {{theme: true}}}}
  - {{id: T23, kind: contacts, title: Services, group: agencies, columns: {{theme: true}}}}
  - {{id: T24, kind: themes, title: Others, of: {{themes: true}}, columns: {{theme: true}}}}
"""
PERIODS = """{variable: year, process: true, bands: [{id: early, label: 2001 to 2002, from: 2001,
      to: 2002}, {id: late, label: "2003", from: 2003, to: 2003}]}"""
SILENCE = f"\n  - {{id: T30, kind: silence, title: Silence, by: {PERIODS}}}\n"


def text_with(tables, theme):
    head, _, rest = SPEC_YAML.partition("tables:\n")
    first, _, _ = rest.partition("  - id: T2\n")
    kind = f"kind: theme-study\ntheme: {{{theme}}}\n" if theme else ""
    head = head.replace('"Of {T3/all/n} reviews, {T3/deaths/n} followed a death."', "Numbers.")
    return f"{kind}{head}tables:\n{first}{tables}"


def spec_with(tables, theme="code: th.visits"):
    return checked_overview(text_with(tables, theme), FRAMEWORK, file="small.yaml")


def counted(tables=STUDY, theme="code: th.visits"):
    spec = spec_with(tables, theme)
    return {table.id: table for table in tabulate(rows(), spec, FRAMEWORK)}


# ---- with the theme, without it, all ----


def test_reviews_with_the_theme_are_counted_beside_the_others_and_all():
    """A1 shows visits, A2 a part of them; A3 and A4 do not."""
    assert values(counted()["T20"]) == {
        "fire": ("1", "0", "1"),
        "fall": ("1", "0", "1"),
        "harm": ("0", "1", "1"),
        "unknown": ("0", "1", "1"),
        "all": ("2", "2", "4"),
    }


def test_children_are_counted_by_the_theme_of_their_review():
    assert values(counted()["T21"]) == {
        "died": ("2", "1", "3"),
        "lives": ("1", "3", "4"),
        "all": ("3", "4", "7"),
    }


def test_factors_and_services_have_a_column_for_each_with_its_base():
    tables = counted()
    heads = ["With the theme (n = 2)", "Without the theme (n = 2)", "All (n = 4)"]
    assert [column.label for column in tables["T22"].columns] == heads
    assert values(tables["T22"]) == {"fac.cold": ("1", "1", "2"), "fac.alone": ("1", "0", "1")}
    assert values(tables["T23"]) == {"ag.nurse": ("1", "1", "2")}
    assert [cell.base for cell in tables["T22"].rows[0].cells] == [2, 2, 4]


def test_other_themes_are_counted_and_the_theme_itself_is_no_row():
    assert values(counted()["T24"]) == {"th.letters": ("1", "0")}


def test_reviews_that_deny_a_factor_are_apart_from_those_that_are_silent():
    """Cold: A1 and A4 present, A2 stated absent, A3 not mentioned."""
    tables = counted(theme="factor: fac.cold")
    assert [column.label for column in tables["T22"].columns] == [
        *("With the theme (n = 2)", "Stated absent (n = 1)"),
        *("Silent or unclear (n = 1)", "All (n = 4)"),
    ]
    assert values(tables["T22"]) == {"fac.alone": ("1", "0", "0", "1")}
    assert values(tables["T20"])["all"] == ("2", "1", "1", "4")


def test_a_cell_leads_to_the_words_on_the_theme_and_on_the_factor():
    table, spec = counted()["T22"], spec_with(STUDY)
    facts = CodedReviews.of_rows(rows(), FRAMEWORK)
    table_spec = next(one for one in spec.tables if one.id == "T22")
    cell = table.cell("fac.alone", "found")
    (evidence,) = evidence_by_review(facts, table_spec, "fac.alone", cell, ["A1"])
    words = {quote.quote.exact: quote.description for quote in evidence.quotes}
    assert words["words at 40"] == "Living alone: Suspected"
    assert words["words at 200"] == "Visits"


@pytest.mark.parametrize(
    ("theme", "tables", "message"),
    [
        ("code: th.none", STUDY, "there is no code th.none"),
        ("factor: cause", STUDY, "cause is not a factor with states"),
        ("", STUDY, "only a theme study has a theme"),
        ("code: th.visits, factor: fac.cold", STUDY, "give either code or factor"),
        ("code: th.visits", STUDY.replace("T23", "T22"), "T22 is listed twice"),
    ],
)
def test_a_study_that_cannot_be_counted_is_refused(theme, tables, message):
    with pytest.raises(SpecError, match=message):
        spec_with(tables, theme)


@pytest.mark.parametrize(
    ("table", "theme"),
    [
        ("T22, kind: states, title: F, group: factors, columns: {variable: cause}", ""),
        ("T23, kind: contacts, title: S, group: agencies, columns: {variable: cause}", ""),
        ("T22, kind: states, title: F, group: factors, columns: {theme: true}", "code: th.visits"),
    ],
)
def test_coarser_columns_of_factors_and_services_cannot_be_written(table, theme):
    """No check of a column looks at them."""
    written = f"\n  - {{id: {table},\n     coarser: {{code: th.visits}}}}\n"
    with pytest.raises(SpecError, match=f"{table[:3]}: coarser columns are made from") as told:
        spec_with(written, theme)
    (fault,) = told.value.faults
    lines = text_with(written, theme).splitlines()
    assert lines[fault.line - 1].strip().startswith("coarser:")


def test_a_study_with_its_theme_in_place_can_be_read_again():
    """As the package of an edition prints it."""
    spec = spec_with(STUDY, "factor: fac.cold")
    plain = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
    assert checked_overview(yaml.safe_dump(plain), FRAMEWORK, file="again.yaml") == spec


# ---- protected ----


def test_a_theme_about_people_is_refused_under_a_profile_that_protects():
    """Codes that are not about practice would print how many reviews are of a kind."""
    source = FRAMEWORK_YAML.replace(
        "codes:\n",
        "codes:\n  - {id: p.poor, name: Poverty, section: people, definition: Poor.}\n",
    ).replace("sections:\n", "sections:\n  - {id: people, name: People}\n")
    framework = read_framework(source, file="adult-core.yaml")
    head, _, rest = SPEC_YAML.partition("tables:\n")
    first, _, _ = rest.partition("  - id: T2\n")
    head = head.replace('"Of {T3/all/n} reviews, {T3/deaths/n} followed a death."', "Numbers.")
    text = f"kind: theme-study\ntheme: {{code: p.poor}}\n{head}tables:\n{first}{STUDY}"
    spec = checked_overview(text, framework, file="small.yaml")
    with pytest.raises(TablesNotShown, match="Poverty is not about practice"):
        protect_release(plan_of(rows(), spec, framework), profile="k3")


def test_factors_beside_factors_counted_together_are_refused_where_numbers_are_protected():
    together = (
        "  - {id: T9, kind: cooccurrence, title: Together, of: [{label: Cold, any_of: [fac.cold]},"
        " {label: Alone, any_of: [fac.alone]}]}\n"
    )
    spec_with(STUDY + together)
    with pytest.raises(SpecError, match="T22: T9 counts factors together"):
        checked_overview(
            SPEC_YAML.partition("tables:\n")[0]
            .replace("open", "k3")
            .replace('"Of {T3/all/n} reviews, {T3/deaths/n} followed a death."', "Numbers.")
            + "kind: theme-study\ntheme: {code: th.visits}\ntables:"
            + STUDY
            + together,
            FRAMEWORK,
            file="small.yaml",
        )


# ---- silence by period ----


def test_silence_is_counted_in_each_period_with_its_base():
    """2001: A1 and A2 with three people; 2003: A3 and A4 with four, of two none judged the age."""
    table = counted(SILENCE, theme="")["T30"]
    printed = values(table)
    assert printed["fac.cold.early"] == ("1", "1", "0", "0", "0")
    assert printed["fac.cold.late"] == ("1", "0", "0", "1", "0")
    assert printed["fac.cold.all"] == ("2", "1", "0", "1", "0")
    assert printed["age.early"] == ("3", "0", "0", "0", "0")
    assert printed["age.late"] == ("1", "0", "0", "1", "2")
    labels = {row.id: (row.group, row.label) for row in table.rows}
    assert labels["age.late"] == ("Age (children)", "2003 (n = 4)")
    assert labels["fac.cold.late"] == ("Cold home (reviews)", "2003 (n = 2)")


def test_the_unit_and_the_words_of_a_row_of_a_period_are_those_of_its_variable():
    table, spec = counted(SILENCE, theme="")["T30"], spec_with(SILENCE, "")
    table_spec = next(one for one in spec.tables if one.id == "T30")
    units = {row.id: unit_of(table_spec, table, row, table.columns[0]) for row in table.rows}
    assert (units["age.late"], units["fac.cold.late"]) == ("child", "review")
    facts = CodedReviews.of_rows(rows(), FRAMEWORK)
    cell = table.cell("fac.cold.early", "stated_absent")
    (evidence,) = evidence_by_review(facts, table_spec, "fac.cold.early", cell, ["A2"])
    assert [quote.quote.exact for quote in evidence.quotes] == ["words at 30"]


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("{variable: cause}", "silence is counted by facts about the process of review"),
        ("{variable: fate, process: true}", "fate is a fact about children"),
        (
            "{variable: year, process: true, bands: [{id: a, label: A, from: 2001}]}",
            "a period needs a first and a last year",
        ),
    ],
)
def test_silence_by_what_is_no_fact_about_the_process_is_refused(by, message):
    with pytest.raises(SpecError, match=message):
        spec_with(SILENCE.replace(PERIODS, by), "")


def test_a_year_outside_all_periods_has_a_row_of_its_own():
    narrow = SILENCE.replace("to: 2002", "to: 2001").replace(
        ', {id: late, label: "2003", from: 2003, to: 2003}', ""
    )
    table = counted(narrow, theme="")["T30"]
    assert values(table)["fac.cold.outside"] == ("1", "0", "0", "1", "0")
