"""Protected numbers that a worker prepares: the same as protected now, and the same refusals."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.overview.world import SPEC
from tests.web.test_pages import see
from waymark.accounts.content_state import FinishedState
from waymark.accounts.models import Role
from waymark.core.errors import RuleError, TablesNotShown, UnprotectableCount
from waymark.overview.disclosure.protect import KeptProtection
from waymark.overview.disclosure.protection_file import from_bytes, refusal_to_bytes, to_bytes
from waymark.overview.models import PreparedRelease
from waymark.overview.queries import snapshot_cache
from waymark.overview.queries.overviews import release_of
from waymark.overview.queries.prepared_releases import protection_key
from waymark.overview.releases import release as releases
from waymark.overview.services import create_overview, freeze_overview
from waymark.overview.services.prepared_releases import LEASE, lease_release, prepare_release
from waymark.overview.spec.edits import without_table
from waymark.pipeline.publishing import prepare_releases
from waymark.pipeline.publishing.prepare_releases import prepare_next

pytestmark = pytest.mark.django_db
REFUSED = SPEC.replace("profile: open,", "profile: k5,").replace(
    "  - There are {T2/all/n} reviews.", "  - Words alone."
)
SHOWN = without_table(without_table(REFUSED, "T2"), "T3")


@pytest.fixture(autouse=True)
def nothing_in_memory(settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path
    forget()
    monkeypatch.setattr(prepare_releases, "finished", FinishedState())


def forget():
    """As in another process, which has counted nothing yet."""
    snapshot_cache._cached_snapshots.clear()


def frozen(world, spec):
    overview = create_overview(by=world.analyst, spec=spec, file="small.yaml", now=NOON)
    return freeze_overview(by=world.analyst, overview=overview, now=NOON)


def prepare_all():
    while prepare_next(lambda: NOON):
        continue


def bytes_of(release):
    return to_bytes(KeptProtection(release.tables, release.entry, release.opens))


def test_another_process_shows_what_the_worker_protected_without_protecting_it_again(
    world, monkeypatch
):
    snapshot = frozen(world, SHOWN)
    prepare_all()
    first = release_of(snapshot, "k5")
    forget()
    monkeypatch.setattr(releases, "protect_release", None)
    again = release_of(snapshot, "k5")
    assert again is not first
    assert bytes_of(again) == bytes_of(first)
    assert (again.figures, again.measured, again.profile) == (first.figures, first.measured, "k5")
    assert {table.profile for table in again.tables} == {"k5"}


def test_what_is_protected_now_is_the_same_as_what_was_prepared(world):
    snapshot = frozen(world, SHOWN)
    now = release_of(snapshot, "k5")
    forget()
    prepare_all()
    forget()
    assert bytes_of(release_of(snapshot, "k5")) == bytes_of(now)


def test_a_release_that_cannot_be_shown_is_refused_with_the_same_reasons(world, monkeypatch):
    snapshot = frozen(world, REFUSED)
    with pytest.raises(TablesNotShown) as now:
        release_of(snapshot, "k5")
    prepare_all()
    monkeypatch.setattr(releases, "protect_release", None)
    with pytest.raises(TablesNotShown) as prepared:
        release_of(snapshot, "k5")
    assert prepared.value.reasons == now.value.reasons
    assert str(prepared.value) == str(now.value)


def test_each_refusal_comes_back_as_it_was():
    for error in (UnprotectableCount("T3/a/n", "it is alone"), RuleError("Too few records differ")):
        with pytest.raises(type(error)) as back:
            from_bytes(refusal_to_bytes(error), "k5")
        assert str(back.value) == str(error)


def test_the_same_rows_under_another_profile_or_after_another_edition_are_prepared_apart(world):
    snapshot = frozen(world, SHOWN)
    keys = {
        protection_key(snapshot, "k5", ()),
        protection_key(snapshot, "k3", ()),
        protection_key(snapshot, "k5", (b"an edition",)),
    }
    assert len(keys) == 3


def test_an_open_overview_is_not_prepared(world):
    frozen(world, SPEC)
    assert prepare_next(lambda: NOON) is False
    assert not PreparedRelease.objects.exists()


def test_one_worker_prepares_and_another_takes_over_when_it_was_killed(world):
    snapshot = frozen(world, SHOWN)
    request = {"snapshot": snapshot, "profile": "k5", "earlier": ()}
    lease_release(snapshot=snapshot, key=protection_key(snapshot, "k5", ()), now=NOON)
    assert prepare_release(**request, now=NOON + timedelta(minutes=1)) is False
    assert prepare_next(lambda: NOON) is False
    late = NOON + LEASE + timedelta(minutes=1)
    assert prepare_next(lambda: late) is True
    assert prepare_next(lambda: late) is False
    assert bytes(PreparedRelease.objects.get().content)


def test_what_no_page_needs_any_more_is_deleted(world):
    snapshot = frozen(world, SHOWN)
    PreparedRelease.objects.create(snapshot=snapshot, key="old", content=b"x")
    prepare_all()
    assert [row.key for row in PreparedRelease.objects.all()] == [
        protection_key(snapshot, "k5", ())
    ]


@pytest.mark.parametrize("page", ["sign-report", "draft"])
def test_a_page_of_the_numbers_says_that_they_are_being_protected(world, client, page):
    snapshot = frozen(world, SHOWN)
    address = reverse(page, args=["small"])
    client.force_login(make_person(Role.ANALYST))
    assert "are being protected" not in see(client, address)
    lease_release(
        snapshot=snapshot, key=protection_key(snapshot, "k5", ()), now=NOON + timedelta(days=9_999)
    )
    answer = client.get(address)
    assert b'http-equiv="refresh"' in answer.content
    assert "are being protected" in see(client, address)
    # Nobody signs numbers that are not there.
    client.post(address, {"seen": "x", "capacity": "analyst"})
    assert not snapshot.signatures.exists()
    PreparedRelease.objects.update(lease_until=NOON)
    prepare_all()
    assert "are being protected" not in see(client, address)
