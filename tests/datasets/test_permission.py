"""Whose rows are whose: closed reports, withheld overviews, and the account kept of it."""

import csv
from datetime import date, timedelta

import pytest

from tests.datasets.conftest import VISITOR
from tests.factories import NOON, make_person
from tests.overview.world import ASKED, STOPPED, hide
from waymark.accounts.models import AuditEntry, Role, State
from waymark.coding.models import Coding
from waymark.core.errors import FileRefused, NotFound, RuleError
from waymark.datasets.queries import record_rows, request_for, source_of, withheld_reviews
from waymark.datasets.services import export_overview, export_records
from waymark.documents.models import Page, Review
from waymark.library.queries.review_facets import facet_facts_of, reviews_to_filter
from waymark.profiles.models import Judgement

RECORDS = (
    *("reviews", "children", "judgements", "judgement_quotes"),
    *("codings", "review_codes", "recommendations"),
)


def told(folder, name):
    """The rows of a CSV file as mappings."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def exported(folder, by=VISITOR, **requested):
    return export_records(by=by, folder=folder, now=NOON, formats=["csv"], **requested)


# ---- records ----


def test_words_from_a_scan_are_marked_in_the_tables(world, tmp_path):
    Page.objects.update(source="scan")
    exported(tmp_path / "out")
    assert [row["read_from"] for row in told(tmp_path / "out", "codings")] == ["scan"]


def test_a_visitor_is_given_what_is_public(world, tmp_path):
    export = exported(tmp_path / "out")
    reviews = told(tmp_path / "out", "reviews")
    assert [(row["review"], row["coded"], row["drink"]) for row in reviews] == [
        ("S1", "true", "present"),
        ("S2", "true", "not_mentioned"),
        ("S3", "false", "not_judged"),
    ]
    (child,) = told(tmp_path / "out", "children")
    assert (child["child"], child["sex"]) == ("S1/1", "female")
    assert [row["words"] for row in told(tmp_path / "out", "codings")] == [ASKED]
    assert export.rows["review_codes"] == 2 * world.framework.codes.count()
    assert (export.refused, export.withheld) == ((), 0)


def test_of_a_closed_report_a_visitor_is_given_nothing_and_staff_all(world, tmp_path):
    hide(world.first)
    exported(tmp_path / "out")
    first = told(tmp_path / "out", "reviews")[0]
    assert (first["review"], first["coded"], first["drink"]) == ("S1", "false", "not_judged")
    text = "".join(path.read_text("utf-8") for path in (tmp_path / "out").glob("*.csv"))
    assert STOPPED not in text
    assert ASKED not in text
    exported(tmp_path / "staff", by=make_person(Role.CODER))
    assert told(tmp_path / "staff", "reviews")[0]["drink"] == "present"


def test_a_closed_review_is_not_there(world, tmp_path):
    world.first.review.state = State.INTERNAL
    world.first.review.save()
    exported(tmp_path / "out")
    assert [row["review"] for row in told(tmp_path / "out", "reviews")] == ["S2", "S3"]


def test_memos_names_of_coders_and_of_children_are_given_to_nobody(world, tmp_path):
    Coding.objects.update(memo="a-memo")
    Judgement.objects.update(memo="a-memo")
    exported(tmp_path / "out", by=world.analyst)
    text = "".join(path.read_text("utf-8") for path in (tmp_path / "out").iterdir())
    coder = Coding.objects.values_list("coder__username", flat=True).first()
    for word in ("a-memo", coder, world.analyst.username, "Child A"):
        assert word not in text


def test_who_is_given_more_than_is_public_is_kept_in_the_audit(world, tmp_path):
    exported(tmp_path / "one")
    exported(tmp_path / "two", by=make_person(Role.READER))
    assert not AuditEntry.objects.filter(action="export data").exists()
    coder = make_person(Role.CODER)
    exported(tmp_path / "three", by=coder)
    exported(tmp_path / "four", by=world.analyst)
    stored = AuditEntry.objects.filter(action="export data").values_list("actor", "detail")
    assert [(who, detail["withheld"]) for who, detail in stored] == [
        (coder.username, False),
        (world.analyst.username, True),
    ]


def test_the_same_facts_give_the_same_bytes(world, tmp_path):
    for name in ("one", "two"):
        export_records(by=VISITOR, folder=tmp_path / name, now=NOON)
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )
    assert first == second
    # Each table as CSV and Parquet, and three files about them.
    assert len(first) == 3 + 2 * (len(RECORDS) + 2)


def test_rows_do_not_depend_on_how_many_are_read_at_a_time(world, monkeypatch):
    request = request_for(VISITOR, NOON)
    at_once = {name: list(record_rows(request, name)) for name in RECORDS}
    monkeypatch.setattr("waymark.datasets.queries.BATCH", 1)
    assert {name: list(record_rows(request, name)) for name in RECORDS} == at_once


def test_a_table_or_a_framework_there_is_not_is_not_found(world):
    with pytest.raises(NotFound, match="there is no table coders: there are reviews, children"):
        list(record_rows(request_for(VISITOR, NOON), "coders"))
    with pytest.raises(NotFound, match="no published framework nothing"):
        request_for(VISITOR, NOON, framework="nothing 1.0.0")


def test_without_any_framework_it_is_said_what_to_do(db):
    with pytest.raises(NotFound, match="load one first"):
        request_for(VISITOR, NOON)


def test_a_folder_with_something_in_it_is_left_alone(world, tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(FileRefused, match="not empty"):
        exported(tmp_path)
    with pytest.raises(RuleError, match="not a format"):
        export_records(by=VISITOR, folder=tmp_path / "new", now=NOON, formats=["xls"])
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_overdue_is_asked_of_the_day_that_is_named(world):
    assert request_for(VISITOR, NOON).as_at == NOON.date()
    assert request_for(VISITOR, NOON, as_at=date(2020, 1, 1)).as_at == date(2020, 1, 1)


# ---- an overview ----


def test_an_open_overview_gives_its_numbers_and_the_frozen_rows_behind_them(
    frozen, edition, tmp_path
):
    edition(frozen())
    export = export_overview(
        by=VISITOR, slug="small", folder=tmp_path / "out", now=NOON, formats=["csv"]
    )
    assert export.refused == ()
    reviews = told(tmp_path / "out", "reviews")
    assert [(row["review"], row["drink"]) for row in reviews] == [
        ("S1", "present"),
        ("S2", "not_mentioned"),
    ]
    cells = {
        (row["table"], row["row"], row["column"]): row for row in told(tmp_path / "out", "cells")
    }
    assert cells["T2", "present", "n"]["value"] == "1"
    assert cells["T2", "all", "n"]["base"] == "2"


def test_frozen_rows_stay_as_they_were_and_lose_what_is_closed_since(
    world, frozen, edition, tmp_path
):
    edition(frozen())
    hide(world.first)
    export_overview(by=VISITOR, slug="small", folder=tmp_path / "out", now=NOON, formats=["csv"])
    first = told(tmp_path / "out", "reviews")[0]
    assert (first["review"], first["coded"], first["drink"]) == ("S1", "false", "not_judged")


@pytest.mark.parametrize("role", [None, Role.READER, Role.CODER, Role.EDITOR])
def test_rows_of_a_protected_overview_are_refused_with_the_reason(
    role, world, frozen, edition, tmp_path
):
    snapshot = frozen("r5")
    edition(snapshot, "r5")
    by = make_person(role) if role else VISITOR
    folder = tmp_path / "out"
    export = export_overview(by=by, slug="small", folder=folder, now=NOON, formats=["csv"])
    assert [name for name, _ in export.refused] == list(RECORDS)
    assert "shown under the profile r5" in export.refused[0][1]
    there = {path.stem for path in folder.iterdir()}
    assert there.isdisjoint(RECORDS)
    assert {"cells", "tables", "notes", "definitions", "dictionary", "values"} <= there


def test_analysts_are_given_the_rows_of_a_protected_overview(world, frozen, edition, tmp_path):
    edition(frozen("r5"), "r5")
    export = export_overview(
        by=world.analyst, slug="small", folder=tmp_path / "out", now=NOON, formats=["csv"]
    )
    assert export.refused == ()
    assert told(tmp_path / "out", "reviews")[0]["drink"] == "present"
    entry = AuditEntry.objects.filter(action="export data").get()
    assert (entry.subject, entry.detail["snapshot"]) == ("overview small", 1)


def test_its_reviews_are_told_without_their_facts_wherever_rows_are_given(
    world, frozen, edition, tmp_path
):
    edition(frozen("r5"), "r5")
    export = exported(tmp_path / "out")
    assert export.withheld == 2
    reviews = told(tmp_path / "out", "reviews")
    assert [(row["review"], row["rows_withheld"], row["drink"]) for row in reviews] == [
        ("S1", "true", "withheld"),
        ("S2", "true", "withheld"),
        ("S3", "false", "not_judged"),
    ]
    assert all(not told(tmp_path / "out", name) for name in RECORDS if name != "reviews")
    exported(tmp_path / "analyst", by=world.analyst)
    assert told(tmp_path / "analyst", "reviews")[0]["drink"] == "present"


def test_a_decision_protects_before_its_first_edition(frozen):
    frozen("k5")
    assert withheld_reviews(VISITOR) == {"S1": "small", "S2": "small"}


def test_an_edition_protects_also_when_it_was_withdrawn(frozen, edition):
    snapshot = frozen()
    result = edition(snapshot, "k5")
    result.withdrawn_at = NOON + timedelta(days=1)
    result.save()
    assert set(withheld_reviews(VISITOR)) == {"S1", "S2"}


def test_an_overview_that_stands_openly_withholds_nothing(frozen, edition):
    snapshot = frozen("k5")
    edition(snapshot, "k5")
    edition(snapshot, "open", number=2)
    assert withheld_reviews(VISITOR) == {}


def test_what_is_not_published_is_there_for_those_who_analyse(world, frozen):
    frozen()
    with pytest.raises(NotFound, match="no published overview"):
        source_of("small", VISITOR, NOON)
    assert source_of("small", world.analyst, NOON).edition is None


def test_the_filters_of_find_have_only_facts_that_single_rows_may_have(world, frozen, edition):
    reviews = Review.objects.in_bulk([report.review_id for report in (world.first, world.second)])

    def drinking():
        return facet_facts_of(reviews_to_filter(reviews)).factors

    assert set(drinking()) == {world.first.review_id}
    snapshot = frozen("k5")
    assert drinking() == {}
    edition(snapshot, "open")
    assert [fact.value for fact in drinking()[world.first.review_id]] == ["drink"]
