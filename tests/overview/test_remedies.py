"""What can be done about a table that cannot be protected, and that it helps."""

import pytest
import yaml

from tests.overview.rows import DEMO_SPEC, framework
from tests.overview.test_showable import FINE, showable
from waymark.core.errors import RuleError
from waymark.overview.spec.check import checked_overview
from waymark.overview.spec.edits import entries_of
from waymark.overview.spec.remedies import broader_bands, remedies_of, with_remedy


def table(name, source=FINE):
    return next(row for row in entries_of(source, "tables") if row["id"] == name)


def labels(name):
    return [remedy.label for remedy in remedies_of(FINE, table(name), framework())]


def test_a_table_of_ages_has_its_remedies_the_mildest_first():
    assert labels("T5") == [
        "Use broader bands in the rows",
        "Show only the totals",
        "Leave this table out, with the sentences and rules that use its numbers",
    ]


def test_a_table_of_values_can_have_rows_merged():
    remedies = remedies_of(FINE, table("T3"), framework())
    merge = next(remedy for remedy in remedies if remedy.name == "merge:nature")
    assert ("assault", "Physical or sexual assault") in merge.rows


def test_a_table_without_facts_of_its_own_can_only_be_left_out():
    assert labels("T18") == ["Leave this table out"]


def test_two_neighbouring_bands_become_one():
    bands = [
        {"id": "a", "label": "0 to 1", "from": 0, "to": 1},
        {"id": "b", "label": "2 to 3", "from": 2, "to": 3},
        {"id": "c", "label": "4 and over", "from": 4},
    ]
    joined = {"id": "a_on", "label": "0 to 1 and 2 to 3", "from": 0, "to": 3}
    assert broader_bands(bands) == [joined, bands[2]]
    assert broader_bands(bands[:2]) == []


@pytest.mark.parametrize("name", ["totals:age", "leave-out"])
def test_after_a_remedy_the_table_is_not_refused_any_more(name):
    assert "T5" in {part.table for part in showable(FINE).left_out}
    mended = with_remedy(FINE, "T5", name, framework())
    assert "T5" not in {part.table for part in showable(mended).left_out}


def test_sentences_and_rules_about_a_table_go_with_it_and_all_others_stay():
    mended = yaml.safe_load(with_remedy(FINE, "T5", "leave-out", framework()))
    before = yaml.safe_load(FINE)
    assert mended["points"] == [text for text in before["points"] if "{T5/" not in text]
    assert mended["logic"] == []
    assert mended["about"] == before["about"]
    assert [figure["id"] for figure in mended["figures"] if figure["table"] == "T5"] == []


def test_a_broader_version_is_added_before_the_totals_and_the_finer_one_stays():
    mended = with_remedy(DEMO_SPEC, "T5", "broader:age:rows", framework())
    block = table("T5", mended)["blocks"][0]
    assert block["rows"] == table("T5", DEMO_SPEC)["blocks"][0]["rows"]
    broader = block["recodes"][1]["rows"]["bands"]
    assert [(band["from"], band["to"]) for band in broader] == [(0, 131), (132, 215)]
    assert block["recodes"][2]["totals"] is True


def test_merged_rows_become_one_row_of_a_broader_version():
    rows = ["assault", "infant_death"]
    mended = with_remedy(FINE, "T3", "merge:nature", framework(), rows=rows)
    version = table("T3", mended)["blocks"][0]["recodes"][0]["rows"]
    assert version == {
        "variable": "nature",
        "groups": [
            {
                "id": "assault_and_others",
                "label": "Physical or sexual assault or sudden unexpected infant death",
                "values": rows,
            }
        ],
    }


@pytest.mark.parametrize("name", [row["id"] for row in entries_of(FINE, "tables")])
def test_each_remedy_of_each_kind_of_table_gives_a_specification_that_fits(name):
    entry = table(name)
    for remedy in remedies_of(FINE, entry, framework()):
        rows = [row for row, _ in remedy.rows[:2]]
        mended = with_remedy(FINE, name, remedy.name, framework(), rows=rows)
        read = checked_overview(mended, framework(), file="mended.yaml")
        assert mended != FINE
        kept = [row.id for row in read.tables]
        assert (name in kept) == (remedy.name != "leave-out")
        # All other tables are as they were.
        assert [row for row in entries_of(mended, "tables") if row["id"] != name] == [
            row for row in entries_of(FINE, "tables") if row["id"] != name
        ]


def test_one_row_cannot_be_merged():
    with pytest.raises(RuleError, match="tick at least two rows"):
        with_remedy(FINE, "T3", "merge:nature", framework(), rows=["assault"])


def test_a_remedy_that_a_table_does_not_have_is_refused():
    for name in ("totals:age", "nonsense", "merge:age"):
        with pytest.raises(RuleError, match="does not have this remedy"):
            with_remedy(FINE, "T1", name, framework())
