"""Changing one table or figure of a specification: the rest of its YAML stays as it was written."""

import pytest
import yaml

from waymark.overview.spec.edits import (
    entries_of,
    new_id,
    with_entry,
    with_entry_moved,
    with_table,
    without_table,
)
from waymark.overview.spec.template import builtin_specs

SOURCE = """\
overview: small
# All tables.
tables:
  # Counted first.
  - id: T1
    kind: flow
    title: Flow
    notes:
      - One note.  # by Ann

  # Of drink.
  - id: T2
    # The title is agreed.
    title: Drink
    kind: crosstab
    blocks:
      - id: drink  # short
        rows: {variable: drink}
# The end of the tables.
figures:
  - {id: F1, kind: flow, table: T1, title: Flow}
  - {id: F2, kind: bars, table: T2, title: Own title}
select: {collection: small}
"""


def table(name):
    return next(row for row in entries_of(SOURCE, "tables") if row["id"] == name)


def test_a_new_title_changes_one_line_and_no_comment():
    changed = with_entry(SOURCE, "tables", "T2", {**table("T2"), "title": "Alcohol: all"})
    assert changed == SOURCE.replace("    title: Drink\n", "    title: 'Alcohol: all'\n")


def test_a_changed_value_loses_only_the_comments_inside_it():
    changed = with_entry(SOURCE, "tables", "T1", {**table("T1"), "notes": ["Two."]})
    assert "by Ann" not in changed
    for comment in ("# All tables.", "# Counted first.", "# Of drink.", "# short", "# The end"):
        assert comment in changed
    assert entries_of(changed, "tables")[0]["notes"] == ["Two."]


def test_a_value_is_taken_out_and_another_added():
    entry = {"id": "T1", "kind": "flow", "title": "Flow", "intro": "See here."}
    changed = with_entry(SOURCE, "tables", "T1", entry)
    assert entries_of(changed, "tables") == [entry, table("T2")]


def test_an_entry_is_removed_with_the_comment_above_it():
    changed = with_entry(SOURCE, "tables", "T2", None)
    assert entries_of(changed, "tables") == [table("T1")]
    assert "# Of drink." not in changed
    assert "# Counted first." in changed
    assert "# The end of the tables." in changed


def test_the_last_entry_is_removed_too():
    changed = with_entry(with_entry(SOURCE, "figures", "F1", None), "figures", "F2", None)
    assert entries_of(changed, "figures") == []


def test_a_new_entry_comes_last():
    entry = {"id": "T3", "kind": "flow", "title": "More"}
    changed = with_entry(SOURCE, "tables", "T3", entry)
    assert entries_of(changed, "tables") == [table("T1"), table("T2"), entry]
    assert "# The end of the tables." in changed


def test_a_first_figure_is_added_where_there_was_none():
    bare = SOURCE.partition("figures:")[0]
    entry = {"id": "F1", "kind": "flow", "table": "T1", "title": "Flow"}
    assert entries_of(with_entry(bare, "figures", "F1", entry), "figures") == [entry]


def test_entries_change_places_with_their_comments():
    changed = with_entry_moved(SOURCE, "tables", "T2", -1)
    assert [row["id"] for row in entries_of(changed, "tables")] == ["T2", "T1"]
    assert changed.index("# Of drink.") < changed.index("# Counted first.")
    assert with_entry_moved(changed, "tables", "T1", -1) == SOURCE.replace("\n\n", "\n") or (
        entries_of(with_entry_moved(changed, "tables", "T1", -1), "tables")
        == entries_of(SOURCE, "tables")
    )


def test_the_first_entry_cannot_go_up():
    assert with_entry_moved(SOURCE, "tables", "T1", -1) == SOURCE


def test_a_list_in_one_line_is_written_anew():
    flow = "title: X\ntables: [{id: T1, kind: flow, title: A}, {id: T2, kind: flow, title: B}]\n"
    changed = with_entry(flow, "tables", "T2", {"id": "T2", "kind": "flow", "title": "C"})
    assert [row["title"] for row in entries_of(changed, "tables")] == ["A", "C"]


def test_a_retitled_table_retitles_the_figure_that_had_its_title():
    changed = with_table(SOURCE, {**table("T1"), "title": "New"})
    assert [row["title"] for row in entries_of(changed, "figures")] == ["New", "Own title"]


def test_a_figure_with_a_title_of_its_own_keeps_it():
    changed = with_table(SOURCE, {**table("T2"), "title": "New"})
    assert [row["title"] for row in entries_of(changed, "figures")] == ["Flow", "Own title"]


def test_a_table_is_removed_with_its_figures():
    changed = without_table(SOURCE, "T1")
    assert entries_of(changed, "tables") == [table("T2")]
    assert [row["id"] for row in entries_of(changed, "figures")] == ["F2"]


def test_a_new_id_is_the_number_after_the_highest():
    assert new_id([{"id": "T3"}, {"id": "T12"}, {"id": "T4"}], "T") == "T13"
    assert new_id([], "F") == "F1"


@pytest.mark.parametrize("part", ["tables", "figures"])
def test_every_entry_of_the_built_in_overview_can_be_changed_moved_and_removed(part):
    source = builtin_specs()["everything"]
    rest = {name: value for name, value in yaml.safe_load(source).items() if name != part}
    entries = entries_of(source, part)
    for number, entry in enumerate(entries):
        new = {**entry, "title": "Other"}
        changed = with_entry(source, part, entry["id"], new)
        assert yaml.safe_load(changed) == {
            **rest,
            part: [*entries[:number], new, *entries[number + 1 :]],
        }
        comments = [line for line in source.splitlines() if line.strip().startswith("#")]
        assert [line for line in changed.splitlines() if line.strip().startswith("#")] == comments
