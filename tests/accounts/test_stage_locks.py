"""Which stages a service locks, and that a service cannot lock more than the outermost one has."""

import tomllib
from pathlib import Path

import pytest

from tests.factories import NOON
from waymark.accounts.audit import broken_links, record_entry, serialized_in
from waymark.accounts.models import AuditEntry
from waymark.accounts.queries import stage_states
from waymark.accounts.stage_locks import READS, STAGES, StageLocks


def test_the_order_of_the_locks_is_that_of_the_stages():
    contracts = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    level = {name: -at for at, row in enumerate(layers) for name in row.split(" | ")}
    assert sorted(STAGES, key=lambda stage: level[stage]) == list(STAGES)
    for stage, read in READS.items():
        assert all(level[lower] < level[stage] for lower in read)


def test_a_coder_locks_coding_and_shares_what_coding_reads():
    locks = StageLocks.of_module("waymark.coding.services")
    assert locks == StageLocks(frozenset({"coding"}), frozenset({"documents", "frameworks"}))


def test_a_service_outside_of_the_stages_locks_all_of_them():
    assert StageLocks.of_module("waymark.pipeline.publishing.freeze").exclusive == frozenset(STAGES)
    assert StageLocks.of_module("__main__").exclusive == frozenset(STAGES)


def test_no_service_but_that_of_accounts_makes_a_sign_in_wait():
    assert all("accounts" not in read for read in READS.values())


def test_an_unknown_stage_is_refused():
    with pytest.raises(ValueError, match="no stages: codings"):
        serialized_in("codings")


@serialized_in("coding")
def code():
    record_entry(actor=None, action="code", subject="report R1", now=NOON)


@pytest.mark.django_db
def test_a_nested_service_cannot_lock_what_the_outermost_one_does_not_write():
    @serialized_in("documents", "library")
    def file():
        code()

    with pytest.raises(RuntimeError, match=r"calls one that writes \['coding'\]"):
        file()


@pytest.mark.django_db
def test_entries_are_appended_when_the_outermost_service_ends_without_those_of_failed_ones():
    @serialized_in("coding")
    def fail():
        record_entry(actor=None, action="fail", subject="report R1", now=NOON)
        raise ValueError("no such code")

    @serialized_in("coding", "profiles")
    def settle():
        code()
        with pytest.raises(ValueError, match="no such code"):
            fail()
        assert not AuditEntry.objects.exists()
        record_entry(actor=None, action="settle", subject="report R1", now=NOON)

    settle()
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "code",
        "settle",
    ]
    assert broken_links() == []


# ---- states of the stages ----


def changed_stages(service):
    before = stage_states()
    service()
    after = stage_states()
    return {stage for stage in after if after[stage] != before.get(stage)}


@serialized_in("documents", "library")
def store_report():
    record_entry(actor=None, action="store report", subject="report R1", now=NOON)


def act(module, *stages, action="settle codes", then=lambda: None):
    """A service of a module that writes an entry and calls another."""

    def service():
        record_entry(actor=None, action=action, subject="report R1", now=NOON)
        then()

    service.__module__ = f"waymark.{module}"
    return serialized_in(*stages)(service)


def call(module, *stages, then):
    """A service of a module that calls another and writes no entry."""

    def service():
        then()

    service.__module__ = f"waymark.{module}"
    return serialized_in(*stages)(service)


@pytest.mark.django_db
def test_a_change_starts_a_new_state_of_the_stages_that_its_services_wrote():
    library = act("library.services", "library", action="set subjects")
    assert changed_stages(library) == {"library"}
    assert changed_stages(act("coding.services", "coding")) == {"coding"}
    # The pipeline may lock more than what it then changes.
    within = call("pipeline.catalogue", "documents", "library", then=library)
    assert changed_stages(within) == {"library"}
    quiet = call("documents.services", "documents", then=lambda: None)
    both = call("pipeline.filing", "documents", "library", then=lambda: (quiet(), library()))
    assert changed_stages(both) == {"documents", "library"}
    # Its own entry may be about all that it locked.
    assert changed_stages(act("pipeline.x", "coding", "profiles")) == {"coding", "profiles"}


@pytest.mark.django_db
def test_work_before_publication_and_failed_services_start_no_state_of_a_stage():
    assert changed_stages(store_report) == set()
    assert changed_stages(act("coding.services", "coding", action="code")) == set()

    with pytest.raises(ValueError, match="invalid literal"):
        act("coding.services", "coding", then=lambda: int("code"))()
    assert changed_stages(code) == set()


@pytest.mark.django_db
def test_an_entry_without_a_service_starts_a_new_state_of_every_stage():
    entry = {"actor": None, "subject": "report R1", "now": NOON}
    assert changed_stages(lambda: record_entry(action="repair", **entry)) == set(STAGES)
