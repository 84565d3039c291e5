"""Which stages a service locks, and that a service cannot lock more than the outermost one has."""

import tomllib
from pathlib import Path

import pytest

from tests.factories import NOON
from waymark.accounts.audit import broken_links, record_entry, serialized_in
from waymark.accounts.models import AuditEntry
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
    assert StageLocks.of_module("waymark.pipeline.freeze").exclusive == frozenset(STAGES)
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
