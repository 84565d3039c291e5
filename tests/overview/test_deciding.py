"""Decisions on disclosure: what counts as one, which profile is weaker, and recording one."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, make_world
from tests.written_once import written_once
from waymark.accounts.models import AuditEntry, Role
from waymark.core.errors import ConcurrentChange, NotPermitted, RuleError
from waymark.overview import services
from waymark.overview.models import SpecVersion
from waymark.overview.queries.overviews import (
    decision_of,
    frozen_rows,
    latest_snapshot,
    latest_version,
)
from waymark.overview.spec.disclosure_decision import (
    DecisionForm,
    decision_gaps,
    form_faults,
    is_weaker,
)
from waymark.overview.spec.selection import DisclosureDecision

TODAY = date(2026, 5, 4)
DECIDED = {
    "profile": "k3",
    "controller": "Jo Ash",
    "reason": "It is a small county.",
    "decided": "2026-05-04",
}
FORM = DecisionForm("k3", "Jo Ash", "Chair of the board", "It is a small county.", TODAY)


@pytest.mark.parametrize(
    ("profile", "decided", "weaker"),
    [
        *(("open", "k3", True), ("open", "k5", True), ("open", "r5", True), ("k3", "k5", True)),
        *(("k5", "k3", False), ("k3", "open", False), ("r5", "open", False), ("k5", "k5", False)),
        *(("r5", "k3", True), ("k3", "r5", True), ("k5", "r5", True), ("r5", "r5", False)),
    ],
)
def test_a_profile_that_could_show_what_another_withholds_is_weaker(profile, decided, weaker):
    assert is_weaker(profile, decided) == weaker


def test_a_decision_of_today_with_a_name_and_a_reason_counts():
    assert decision_gaps(DisclosureDecision(**DECIDED), TODAY) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"proposed": True}, "the profile k3 is only proposed"),
        ({"controller": "C"}, "the controller of the decision on disclosure is a placeholder, “C”"),
        ({"reason": "TODO"}, "the reason of the decision on disclosure is a placeholder, “TODO”"),
        ({"role": "..."}, "the role of the decision on disclosure is a placeholder, “...”"),
        ({"decided": "2026-05-05"}, "is dated 5 May 2026, in the future"),
    ],
)
def test_what_nobody_decided_is_no_decision(change, says):
    (reason,) = decision_gaps(DisclosureDecision(**{**DECIDED, **change}), TODAY)
    assert says in reason


@pytest.fixture
def world(framework):
    return make_world(framework)


@pytest.fixture
@written_once
def small(world):
    return services.create_overview(by=world.analyst, spec=SPEC, file="s.yaml", now=NOON)


def decide(small, by, form=FORM, **more):
    return services.decide_disclosure(by=by, overview=small, form=form, now=NOON, **more)


def test_a_decision_is_a_version_of_the_spec_and_in_the_audit(world, small):
    assert decide(small, world.editor) is None
    version = latest_version(small)
    assert (version.number, version.saved_by) == (2, world.editor)
    result = decision_of(version)
    assert (result.profile, result.controller, result.role) == (
        "k3",
        "Jo Ash",
        "Chair of the board",
    )
    assert (result.decided, result.reason) == (TODAY, "It is a small county.")
    assert "place: Nowhere" in version.spec
    entry = AuditEntry.objects.get(action="decide on disclosure")
    assert entry.detail["profile"] == "k3"
    assert entry.detail["controller"] == "Jo Ash"


def test_a_decision_of_today_may_be_recorded_just_after_midnight_in_summer(world, small):
    """0:30 on 2 June in the UK is 23:30 on 1 June in UTC."""
    now = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    form = replace(FORM, decided=date(2026, 6, 2))
    services.decide_disclosure(by=world.editor, overview=small, form=form, now=now)
    assert decision_of(latest_version(small)).decided == date(2026, 6, 2)


def test_the_rows_frozen_last_are_kept_under_the_decision(world, small):
    first = services.freeze_overview(by=world.analyst, overview=small, now=NOON)
    later = NOON + timedelta(days=1)
    second = services.decide_disclosure(by=world.editor, overview=small, form=FORM, now=later)
    assert (second.number, second.taken_at, second.reviews) == (2, NOON, 2)
    assert second == latest_snapshot(small)
    assert decision_of(second).profile == "k3"
    assert frozen_rows(second).judgements == frozen_rows(first).judgements
    assert second.sha256 != first.sha256
    assert decide(small, world.editor) == second


def test_rows_of_another_spec_are_not_kept_under_a_decision(world, small):
    services.freeze_overview(by=world.analyst, overview=small, now=NOON)
    other = SPEC.replace("For tests", "For others")
    services.revise_overview(
        by=world.analyst, overview=small, spec=other, file="s.yaml", now=NOON, seen=1
    )
    assert decide(small, world.editor) is None
    assert latest_snapshot(small).number == 1


def test_what_else_was_said_on_disclosure_stays(world, small):
    closed = SPEC.replace("{profile: open,", "{profile: open, open_process: false,")
    services.revise_overview(by=world.analyst, overview=small, spec=closed, file="s", now=NOON)
    decide(small, world.editor)
    assert not decision_of(latest_version(small)).open_process


@pytest.mark.parametrize(
    ("part", "value"),
    [("controller", "C"), ("role", ""), ("reason", "TBC"), ("decided", TODAY + timedelta(days=1))],
)
def test_an_incomplete_decision_is_refused_and_nothing_is_stored(world, small, part, value):
    values = {name: getattr(FORM, name) for name in ("profile", "controller", "role", "reason")}
    form = DecisionForm(**{**values, "decided": TODAY, part: value})
    assert list(form_faults(form, TODAY)) == [part]
    with pytest.raises(RuleError):
        decide(small, world.editor, form)
    assert SpecVersion.objects.count() == 1


@pytest.mark.parametrize("role", [Role.READER, Role.CODER, Role.CATALOGUER, Role.ADMINISTRATOR])
def test_only_analysts_and_editors_record_decisions(small, role):
    with pytest.raises(NotPermitted):
        decide(small, make_person(role))


def test_who_did_not_see_the_last_version_decides_nothing(world, small):
    decide(small, world.editor, seen=1)
    with pytest.raises(ConcurrentChange):
        decide(small, world.editor, DecisionForm("k5", "Jo Ash", "Chair", "Few.", TODAY), seen=1)
