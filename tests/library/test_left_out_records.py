"""Possible duplicates that an import left out: added or merged later, one by one and all."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_person
from tests.library.conftest import make_resource, shelve
from waymark.accounts.models import Role
from waymark.core.errors import NotPermitted, RuleError
from waymark.library.models import Import, Resource
from waymark.library.services.imports import open_import
from waymark.pipeline.library.import_records import (
    ImportOptions,
    import_upload,
    preview_import,
    undo_import,
)
from waymark.pipeline.library.left_out_records import take_left_out

pytestmark = pytest.mark.django_db
CSV = (
    "title,year,authors,keywords,isbn,kind\n"
    'Crossing rivers,2004,"Byrne, Aoife",bridges,9780000000002,\n'
    "A study of boats,2010,,,,\n"
    "Crossing the seas,2004,,tides,,\n"
)


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def person():
    return make_person(Role.CATALOGUER)


@pytest.fixture
def batch(person):
    """Rivers and seas are in the catalogue already, boats are not."""
    shelve(make_resource("river", title="Crossing rivers", year=2004, publisher="A press"))
    shelve(make_resource("sea", title="Crossing the seas", year=2004, authors=["Ash, Ann"]))
    batch = open_import(
        by=person, source="a.csv", format_name="csv", content=CSV.encode(), now=NOON
    )
    options = ImportOptions("research-report")
    plan = preview_import(batch, options, person)
    import_upload(by=person, key=batch.key, import_plan=plan, options=options, now=NOON)
    return Import.objects.get()


def test_what_was_left_out_can_be_added_alone_and_the_file_stays_for_the_rest(batch, person):
    assert (batch.report["taken"], Resource.objects.count()) == (1, 3)
    assert take_left_out(by=person, key=batch.key, numbers=[0], merge=False, now=NOON) == (1, [])
    batch.refresh_from_db()
    assert [line.get("taken", 0) for line in batch.report["records"]] == [1, 1, 0]
    assert (batch.report["taken"], Resource.objects.count()) == (2, 4)
    assert batch.content is not None
    # Again: nothing is added twice. Undoing withdraws it with the others.
    assert take_left_out(by=person, key=batch.key, numbers=[0], merge=False, now=NOON) == (0, [])
    assert undo_import(by=person, key=batch.key, now=NOON)[0] == 2


def test_merging_fills_what_is_empty_and_changes_nothing_that_is_written(batch, person):
    both = range(3)
    assert take_left_out(by=person, key=batch.key, numbers=both, merge=True, now=NOON) == (2, [])
    river, sea = Resource.objects.get(key="river"), Resource.objects.get(key="sea")
    assert (river.publisher, river.authors, river.isbn) == (
        "A press",
        ["Byrne, Aoife"],
        "9780000000002",
    )
    assert (river.keywords, sea.keywords, sea.authors) == (["bridges"], ["tides"], ["Ash, Ann"])
    batch.refresh_from_db()
    assert (batch.content, batch.report["taken"], Resource.objects.count()) == (None, 1, 3)
    with pytest.raises(RuleError, match="no longer kept"):
        take_left_out(by=person, key=batch.key, numbers=[0], merge=True, now=NOON)
    # A merged record was there before the import, which does not withdraw it.
    assert undo_import(by=person, key=batch.key, now=NOON)[0] == 1
    assert river.state == Resource.objects.get(key="river").state


def test_a_file_is_deleted_a_week_after_its_import_and_only_cataloguers_take_from_it(batch):
    with pytest.raises(NotPermitted):
        take_left_out(
            by=make_person(Role.CODER, name="c"), key=batch.key, numbers=[0], merge=True, now=NOON
        )
    open_import(by=None, source="b", format_name="csv", now=NOON + timedelta(days=6))
    assert Import.objects.get(key=batch.key).content is not None
    open_import(by=None, source="b", format_name="csv", now=NOON + timedelta(days=8))
    assert Import.objects.get(key=batch.key).content is None


def test_the_page_of_an_import_offers_both_for_each_and_for_all(batch, person, client):
    client.force_login(person)
    address = f"/staff/imports/{batch.key}/"
    page = text(client.get(address))
    assert "2 possible duplicates left out." in page
    assert page.count('value="merge-left-out"') == page.count('value="take-left-out"') == 3
    page = text(client.post(address, {"do": "merge-left-out", "record": "2"}, follow=True))
    assert "1 record merged." in page
    assert "1 possible duplicate left out." in page
    page = text(client.post(address, {"do": "take-left-out"}, follow=True))
    assert "1 record added." in page
    assert "left out." not in page
    assert client.post(address, {"do": "take-left-out"}).status_code == 400
