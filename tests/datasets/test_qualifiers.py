"""What coders said of a place besides its code, as far as they agree, with the place it is of."""

import csv

import pyarrow.parquet
import pytest

from tests.datasets.conftest import VISITOR
from tests.datasets.test_rows import facts
from tests.factories import NOON, make_person
from tests.overview.small import FRAMEWORK
from tests.overview.world import ASKED, STOPPED, hide
from waymark import api
from waymark.accounts.models import Role
from waymark.coding import services as coding
from waymark.coding.assignments import finished_coders
from waymark.coding.files.coding_file import find_quote
from waymark.coding.models import Assignment
from waymark.datasets.queries import record_rows, request_for
from waymark.datasets.rows import ReviewRows, as_open
from waymark.datasets.services import export_overview, export_records
from waymark.datasets.shapes import framework_shapes
from waymark.documents.anchors import ReportAnchors
from waymark.publishing.formats.tidy.shape import dictionary_rows, value_rows

SAID = {"page": ("first", "last"), "valence": ("concern", "strength")}
QUALIFIED = FRAMEWORK.model_copy(update={"qualifiers": SAID})
"""Of a framework that calls a qualifier as another column of the table is called."""
VISITS, LATE = (
    ("th.visits", "000000000001-200-210"),
    ("th.visits.late", "000000000001-400-410"),
)


def codings(every):
    names = framework_shapes(QUALIFIED)["codings"].names
    return [
        dict(zip(names, row, strict=True))
        for row in ReviewRows(QUALIFIED).rows_of("codings", every)
    ]


# ---- rows ----


def test_each_qualifier_is_a_column_and_silence_is_told_from_values():
    qualifiers = {
        VISITS: {"valence": {"concern"}},
        LATE: {"valence": {"strength"}, "page": {"last"}},
    }
    rows = codings(facts("A1", qualifiers=qualifiers))
    assert [(row["qualifier.page"], row["qualifier.valence"]) for row in rows] == [
        ("not_said", "concern"),
        ("not_said", "not_said"),
        ("not_said", "not_said"),
        ("last", "strength"),
    ]
    assert [row["page"] for row in rows] == [1, 1, 1, 1]


def test_where_coders_said_different_things_none_of_them_is_told():
    qualifiers = {VISITS: {"valence": {"concern", "strength"}, "page": {"first"}}}
    row = codings(facts("A1", qualifiers=qualifiers))[0]
    assert (row["qualifier.valence"], row["qualifier.page"]) == ("differs", "first")


def test_rows_that_keep_no_qualifiers_say_so_and_do_not_look_silent():
    assert {row["qualifier.valence"] for row in codings(facts("A1"))} == {"not_kept"}


def test_what_is_said_of_closed_words_is_closed_with_them():
    qualifiers = {VISITS: {"valence": {"concern"}}}
    assert codings(as_open(facts("A1", qualifiers=qualifiers), {"another-report"})) == []


def test_a_framework_without_qualifiers_has_no_such_columns():
    assert not any("qualifier" in name for name in framework_shapes(FRAMEWORK)["codings"].names)


def test_the_dictionary_has_every_value_and_says_where_there_are_none():
    shapes_of_data = list(framework_shapes(QUALIFIED).values())
    (field,) = [row for row in dictionary_rows(shapes_of_data) if row[1] == "qualifier.valence"]
    assert (field[0], field[3], field[5]) == ("codings", "category", True)
    values = {
        row[3]: row[4:] for row in value_rows(shapes_of_data) if row[1] == "qualifier.valence"
    }
    assert list(values) == ["concern", "strength", "not_said", "differs", "not_kept"]
    assert values["concern"] == ("Concern", None)
    assert "current data" in values["not_kept"][1]


# ---- from coders to files ----


@pytest.fixture
def qualified(world):
    """The world with two coders of the first report, who say something besides the codes."""
    review, place = world.first.review, {"framework": world.framework, "now": NOON}
    coder = finished_coders(review, world.framework)[0]
    other = make_person(Role.CODER)
    coding.assign_coder(by=other, coder=other, review=review, **place)
    Assignment.objects.filter(coder=coder, review=review).update(finished_at=None)
    anchors = ReportAnchors(world.first)
    for who, quote, valence in (
        (coder, ASKED, "concern"),
        (other, ASKED, "concern"),
        (coder, STOPPED, "concern"),
        (other, STOPPED, "strength"),
    ):
        coding.record_coding(
            by=who,
            anchors=anchors,
            span=find_quote(anchors.text, quote),
            code=world.framework.codes.get(code="a"),
            qualifiers={"valence": valence},
            memo="",
            now=NOON,
        )
    for who in (coder, other):
        coding.finish_coding(by=who, review=review, **place)
    coding.settle_codes(
        by=world.analyst, adjudicator=world.analyst, review=review, decisions={}, **place
    )
    return world


def told(folder, column="qualifier.valence"):
    with (folder / "codings.csv").open(encoding="utf-8", newline="") as file:
        return {row["words"]: row[column] for row in csv.DictReader(file)}


def test_files_and_frames_tell_what_two_coders_agree_in(qualified, tmp_path):
    export_records(by=VISITOR, folder=tmp_path / "out", now=NOON)
    expected = {ASKED: "concern", STOPPED: "differs"}
    assert told(tmp_path / "out") == expected
    parquet = pyarrow.parquet.read_table(tmp_path / "out" / "codings.parquet").to_pylist()
    assert {row["words"]: row["qualifier.valence"] for row in parquet} == expected
    frame = api.codings()
    assert dict(zip(frame["words"], frame["qualifier.valence"], strict=True)) == expected
    assert list(frame["qualifier.valence"].cat.categories)[-3:] == [
        *("not_said", "differs", "not_kept"),
    ]
    who = {
        account.username for account in finished_coders(qualified.first.review, qualified.framework)
    }
    text = "".join(path.read_text("utf-8") for path in (tmp_path / "out").glob("*.csv"))
    assert not any(name in text for name in who)


def test_what_was_superseded_is_not_heard(qualified):
    requested = qualified.framework.codes.get(code="a").codings.filter(superseded_at=None)
    assert requested.count() == 4
    assert qualified.framework.codes.get(code="a").codings.count() == 5
    rows = list(record_rows(request_for(VISITOR, NOON), "codings"))
    assert len(rows) == 2


def test_of_a_closed_report_a_visitor_is_told_no_qualifiers_and_staff_are(qualified):
    hide(qualified.first)
    assert list(record_rows(request_for(VISITOR, NOON), "codings")) == []
    assert len(list(record_rows(request_for(qualified.analyst, NOON), "codings"))) == 2


def test_reviews_that_an_overview_protects_give_no_qualifiers(qualified, frozen, edition, tmp_path):
    edition(frozen("k5"), "k5")
    export_records(by=VISITOR, folder=tmp_path / "out", now=NOON)
    assert told(tmp_path / "out") == {}
    export = export_overview(by=VISITOR, slug="small", folder=tmp_path / "small", now=NOON)
    assert "codings" in dict(export.refused)


def test_frozen_rows_say_that_qualifiers_were_not_kept(qualified, frozen, edition, tmp_path):
    edition(frozen())
    export_overview(by=VISITOR, slug="small", folder=tmp_path / "out", now=NOON)
    assert told(tmp_path / "out") == {ASKED: "not_kept", STOPPED: "not_kept"}
