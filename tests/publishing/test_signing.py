"""The rule of two signatures, beside the function that holds it."""

import pytest

from tests.factories import NOON, make_person
from tests.overview.world import SPEC
from tests.publishing.giving import sign
from tests.written_once import written_once
from waymark.accounts.models import Role
from waymark.core.errors import RuleError
from waymark.overview import services as overview
from waymark.publishing.models import ManuscriptKind, SigningCapacity
from waymark.publishing.queries import drafts
from waymark.publishing.queries.in_progress import NEEDS
from waymark.publishing.queries.manuscripts import require_signatures

pytestmark = pytest.mark.django_db


@pytest.fixture
@written_once
def small(world):
    return overview.create_overview(by=world.analyst, spec=SPEC, file="small.yaml", now=NOON)


@pytest.fixture
@written_once
def snapshot(world, small):
    return overview.freeze_overview(by=world.analyst, overview=small, now=NOON)


def signed(snapshot):
    signatures = drafts.signatures_on(drafts.draft_of(snapshot, now=NOON))
    require_signatures(ManuscriptKind.OVERVIEW, signatures)
    return signatures


@pytest.mark.parametrize(
    ("capacities", "missing"),
    [
        ((), SigningCapacity.ANALYST),
        ((SigningCapacity.ANALYST,), SigningCapacity.EDITOR),
        ((SigningCapacity.EDITOR,), SigningCapacity.ANALYST),
        ((SigningCapacity.ANALYST, SigningCapacity.ANALYST), SigningCapacity.EDITOR),
        ((SigningCapacity.EDITOR, SigningCapacity.EDITOR), SigningCapacity.ANALYST),
    ],
)
def test_fewer_than_an_analyst_and_an_editor_are_not_enough(world, snapshot, capacities, missing):
    for capacity in capacities:
        sign(make_person(Role.ANALYST, Role.EDITOR), snapshot, capacity)
    with pytest.raises(RuleError, match=f"no {missing} has signed it"):
        signed(snapshot)


def test_an_analyst_and_an_editor_who_are_two_people_are_enough(world, snapshot):
    sign(world.analyst, snapshot, SigningCapacity.ANALYST)
    sign(world.editor, snapshot, SigningCapacity.EDITOR)
    assert {signature.signed_by_id for signature in signed(snapshot)} == {
        world.analyst.pk,
        world.editor.pk,
    }


def test_one_person_in_both_capacities_is_not_two(world, snapshot):
    both = make_person(Role.ANALYST, Role.EDITOR)
    for capacity in NEEDS:
        sign(both, snapshot, capacity)
    with pytest.raises(RuleError, match="needs the signatures of two people"):
        signed(snapshot)
