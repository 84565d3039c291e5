"""Numbers given out under an approval, where an edition withholds what an earlier one withheld."""

import csv

import pytest

from tests.factories import NOON
from tests.overview.rows import fixture_rows
from tests.publishing.giving import stored_edition
from tests.publishing.test_editions import (  # noqa: F401
    DECISION,
    editor,
    overview,
    own_folder,
    snapshot_of,
    two_more,
)
from waymark.datasets.services import export_approved
from waymark.overview.queries.overviews import ledger_entry, release_of

pytestmark = pytest.mark.django_db


def test_numbers_of_a_second_edition_keep_withheld_what_the_first_withheld(
    editor,  # noqa: F811
    overview,  # noqa: F811
    tmp_path,
):
    """Alone, the second would print 5 and 6 for the first two rows: nothing is below 5 in it."""
    first = snapshot_of(overview, fixture_rows())
    published = stored_edition(first, "k5", by=editor)
    published.ledger = ledger_entry(release_of(first, "k5"), first, name="edition 1")
    published.save()
    keep = f"{DECISION}\n  keep_withheld: true"
    second = snapshot_of(overview, two_more(), decision=keep)
    stored_edition(second, "k5", number=2, by=editor)
    folder = tmp_path / "given"
    export_approved(dataset="demo", profile="k5", folder=folder, now=NOON)
    with (folder / "cells.csv").open(encoding="utf-8", newline="") as file:
        counts = [row for row in csv.DictReader(file) if row["kind"] == "count"]
    printed = [row["value"] or row["mark"] for row in counts]
    assert printed == ["[c]", "[c]", "9", "20", "6", "26"]
