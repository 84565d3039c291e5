"""Tables of pandas are protected by the engine alone, and come back with an audit."""

import ast
import json
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from waymark.api import protect_frame
from waymark.core.errors import RuleError, UnprotectableCount
from waymark.overview.disclosure.engine.cube import CubeAxis, cube_system
from waymark.overview.disclosure.engine.protect_counts import protect_counts

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "protect-a-table.ipynb"
AGES = ["Under 1", "1 to 5", "6 to 10"]


def ages() -> pd.DataFrame:
    """29 children: 7 and 3, 3 and 8, 1 and 7."""
    index = pd.Index(AGES, name="age")
    frame = pd.DataFrame({"Died": [7, 3, 1], "Did not": [3, 8, 7]}, index=index)
    frame.columns.name = "outcome"
    return frame


def withheld(table: pd.DataFrame, mark: str = "[c]") -> set[tuple[str, str]]:
    return {
        (row, column)
        for row, column in product(table.index, table.columns)
        if table.loc[row, column] == mark
    }


def test_a_frame_comes_back_in_its_shape_with_totals_and_marks():
    made = protect_frame(ages(), k=3)
    assert list(made.table.index) == [*AGES, "All"]
    assert list(made.table.columns) == ["Died", "Did not", "All"]
    assert (made.table.index.name, made.table.columns.name) == ("age", "outcome")
    assert withheld(made.table) == set(product(["Under 1", "6 to 10"], ["Died", "Did not"]))
    assert made.table.loc["All"].tolist() == [11, 18, 29]


def test_the_audit_has_what_a_reader_can_work_out_by_trying_every_table():
    """Rows of 10 and 8, columns of 8 and 10 are left of the margins: one number decides all."""
    audit = protect_frame(ages(), k=3).audit.set_index(["age", "outcome"])
    possible = [
        {
            ("Under 1", "Died"): n,
            ("Under 1", "Did not"): 10 - n,
            ("6 to 10", "Died"): 8 - n,
            ("6 to 10", "Did not"): 8 - (8 - n),
        }
        for n in range(11)
    ]
    possible = [one for one in possible if min(one.values()) >= 0]
    for place, row in audit.iterrows():
        values = [one[place] for one in possible]
        assert (row["lowest"], row["highest"]) == (min(values), max(values))
    assert audit["reason"].to_dict()["6 to 10", "Died"] == "under 3"
    assert (audit["reason"] == "protects another count").sum() == 3


def test_weights_choose_which_count_goes_with_a_small_one():
    """2 is small; with 3 it is 5, with 9 it is 11: the cheaper one goes."""
    visits = pd.Series([2, 3, 9], index=["none", "one", "more"], name="families")
    assert protect_frame(visits, k=3).table.tolist() == ["[c]", "[c]", 9, 14]
    dear = protect_frame(visits, k=3, weights={"one": 100})
    assert dear.table.tolist() == ["[c]", 3, "[c]", 14]
    same = protect_frame(visits, k=3, weights=pd.Series([1, 100, 1], index=visits.index))
    assert same.table.equals(dear.table)


def test_the_mark_and_the_name_of_the_total_can_be_chosen():
    made = protect_frame(ages(), k=3, mark="[conf]", total="Everyone")
    assert made.table.loc["6 to 10", "Died"] == "[conf]"
    assert made.table.loc["Everyone", "Everyone"] == 29
    # A leaf may be called "all", if the total is not.
    frame = ages().rename(index={"Under 1": "all"})
    assert protect_frame(frame, k=3, total="Everyone").table.loc["all", "Everyone"] == 10


def test_a_table_of_three_dimensions_is_protected_with_every_margin():
    """Small: one of 3. It goes with the 9 beside it; sums over a dimension would give it away, so
    they go, too."""
    leaves = {
        ("a", "x", "p"): 3,
        ("a", "x", "q"): 9,
        ("a", "y", "p"): 12,
        ("b", "x", "q"): 7,
        ("b", "y", "q"): 9,
        ("b", "y", "p"): 5,
    }
    long = pd.Series(leaves, name="n")
    made = protect_frame(long, k=5)
    assert len(made.table) == 27
    marked = {place for place, shown in made.table.items() if shown == "[c]"}
    assert {("a", "x", "p"), ("a", "x", "q")} < marked
    assert made.table["All", "All", "All"] == 45
    assert made.table["a", "y", "q"] == 0  # a combination that is missing counts none
    wide = protect_frame(long.unstack(-1).fillna(0), k=5).table
    assert wide.stack().to_dict() == made.table.to_dict()


def test_a_series_may_have_a_label_that_is_a_name_of_pandas():
    named = pd.Series([2, 3, 9], index=["columns", "index", "more"])
    assert protect_frame(named, k=3).table.tolist() == ["[c]", "[c]", 9, 14]


def test_a_frame_is_protected_like_the_same_cube():
    for k, profile in ((3, "k3"), (5, "k5")):
        leaves = {(row, column): int(ages().loc[row, column]) for row in AGES for column in ages()}
        axes = [CubeAxis(tuple(AGES)), CubeAxis(("Died", "Did not"))]
        printed = protect_counts(cube_system("t", axes, leaves), profile).printed
        table = protect_frame(ages(), k=k, total="all").table
        for row, column in product(table.index, table.columns):
            number = printed[f"t:{row}|{column}"]
            assert table.loc[row, column] == ("[c]" if number is None else number)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda df: df / 2, "Under 1 and Died is 3.5: only whole numbers of people or records"),
        (lambda df: df.where(df != 8), "1 to 5 and Did not is empty: write 0"),
        (lambda df: df.astype("Int64").where(df != 8), "1 to 5 and Did not is empty: write 0"),
        (lambda df: df.astype(str), "Under 1 and Died: '7' is not a number"),
        (lambda df: df - 4, "is -1: a count is never negative"),
        (
            lambda df: df.rename(index={"Under 1": "all"}),
            "the label 'all' is the name of the total",
        ),
        (lambda df: df.rename(index={"Under 1": None}), "a label is empty"),
        (lambda df: pd.concat([df, df]), "Under 1 and Died is there twice"),
        (lambda df: df.iloc[:0], "the table is empty"),
        (lambda df: df.to_dict(), "takes a DataFrame or a Series of pandas, not dict"),
        (
            lambda df: pd.Series(1, index=range(5000)),
            "5,001 cells with its totals, of at most 5,000",
        ),
    ],
)
def test_what_is_no_table_of_counts_is_refused_with_its_reason(change, message):
    with pytest.raises(RuleError, match=message.replace("(", r"\(")):
        protect_frame(change(ages()))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 1}, "k is 1: give a whole number from 2"),
        ({"mark": "<5"}, "could be read as a number"),
        ({"weights": {("Under 1", "Dead"): 3}}, "did you mean Under 1 and Died"),
        ({"weights": {"Under 1": 3}}, "is no place of the table, which has 2 dimensions"),
        ({"weights": {("Under 1", "Died"): 0}}, "is 0: give at least 1"),
        ({"weights": {("Under 1", "Died"): 1.5}}, "only whole numbers"),
    ],
)
def test_options_that_would_be_passed_over_are_refused(options, message):
    with pytest.raises(RuleError, match=message):
        protect_frame(ages(), **options)


def test_a_table_that_cannot_be_protected_names_its_cell_by_label():
    with pytest.raises(UnprotectableCount, match="only one cannot be protected"):
        protect_frame(pd.Series([1], index=["only one"]))


# ---- cubes ----

AXES = [CubeAxis(("under 1", "1 to 5")), CubeAxis(("died", "did not"))]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (("under 1", "dead"), "'dead' is no leaf of axis 2; did you mean died"),
        (("under 1",), "must be a tuple of 2 names"),
        ("under 1", "must be a tuple of 2 names"),
        (("under 1", "died", "x"), "must be a tuple of 2 names"),
        (("under 1", "all"), "'all' is a total: leave it out"),
    ],
)
def test_a_misspelt_or_short_key_is_refused_and_not_taken_for_zero(key, message):
    with pytest.raises(RuleError, match=message):
        cube_system("t", AXES, {key: 3})


@pytest.mark.parametrize(
    ("count", "message"), [(2.5, "whole"), (float("nan"), "empty"), (-1, "neg")]
)
def test_a_number_that_is_no_count_is_refused(count, message):
    with pytest.raises(RuleError, match=message):
        cube_system("t", AXES, {("under 1", "died"): count})


def test_axes_with_names_that_clash_are_refused():
    with pytest.raises(RuleError, match='a leaf cannot be called "all"'):
        CubeAxis(("one", "all"))
    with pytest.raises(RuleError, match="the name 'one' twice"):
        CubeAxis(("one", "one"))
    with pytest.raises(RuleError, match="'ab' is a sum of 'c', which does not exist"):
        CubeAxis(("a", "b"), (("ab", ("a", "c")),))
    with pytest.raises(RuleError, match="at least one leaf"):
        CubeAxis(())
    # With sums of its own, the total has another name.
    assert CubeAxis(("one", "all"), (("both", ("one", "all")),)).leaves == ("one", "all")


# ---- the notebook ----


def test_the_notebook_runs_and_gives_what_it_shows(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) > 5
    for cell in code:
        shown = _run(ast.parse("".join(cell["source"])), names)
        expected = [
            "".join(out["data"]["text/plain"])
            for out in cell["outputs"]
            if out["output_type"] == "execute_result"
        ]
        assert ([] if shown is None else [repr(shown)]) == expected


def _run(tree: ast.Module, names: dict[str, object]) -> object:
    """Run a cell of our own notebook; the value of its last line if that is an expression."""
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)  # noqa: S102
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307
