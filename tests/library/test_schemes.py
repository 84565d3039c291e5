"""Review processes as data: what may follow, what is due by when, what the public is told."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waymark.core.errors import SpecError
from waymark.library.catalogue.review_process import (
    ProcessClock,
    StepReached,
    builtin_processes,
    deadline_after,
    next_steps,
    public_steps,
    read_processes,
    step_deadlines,
    step_problems,
)
from waymark.library.catalogue.working_days import (
    NATIONS,
    after_working_days,
    bank_holidays,
    easter_sunday,
    is_working_day,
)

FILE = builtin_processes()
RAPID = FILE.process("eng-lcspr")
KNOWN, NOTIFIED = (
    StepReached("known", date(2024, 12, 18)),
    StepReached("notified", date(2024, 12, 20)),
)
SMALL = """
format: waymark-schemes 1
statuses:
  begun: {{label: Begun, public: none}}
  done: {{label: Done, public: day, ends: true}}
schemes:
  - key: small
    name: Small
    nation: Wales
    sources: []
    steps:
      - {{status: begun, begins: true}}
      - {{status: done, after: [{after}]{more}}}
"""


# ---- the data ----


def test_every_nation_has_its_processes_and_each_names_its_sources():
    assert {one.nation for one in FILE.schemes} >= set(NATIONS)
    assert all(one.sources for one in FILE.schemes)
    assert [one.key for one in FILE.schemes if any(step.clock for step in one.steps)] == [
        "eng-lcspr",
        "sco-lr",
    ]


def test_every_process_can_be_published_or_withheld_and_withdrawn():
    for scheme in FILE.schemes:
        named = {step.status for step in scheme.steps}
        assert {"published", "summary-only", "withheld", "withdrawn", "paused"} <= named, scheme.key


@pytest.mark.parametrize(
    ("after", "more", "said"),
    [
        ("never", "", "done follows never"),
        ("", "", "done can never be reached"),
        ("begun", ", clock: {within: 1, unit: days, of: never, source: x}", "starts with never"),
        ("begun", ", clock: {within: 0, unit: days, of: begun, source: x}", "within"),
        ("begun", ", colour: red", "colour: is not a known name"),
    ],
)
def test_a_faulty_process_is_told_with_its_line(after, more, said):
    with pytest.raises(SpecError, match=said) as refused:
        read_processes(SMALL.format(after=after, more=more), file="small.yaml")
    assert all(fault.line for fault in refused.value.faults)


def test_a_process_that_stands_twice_is_refused():
    small = SMALL.format(after="begun", more="")
    twice = small + small[small.index("  - key:") :]
    with pytest.raises(SpecError, match="small is defined twice"):
        read_processes(twice, file="small.yaml")


# ---- what may follow ----


def test_a_record_may_begin_where_the_process_says():
    first = {step.status for step in next_steps(RAPID, [])}
    assert first == {"known", "notified", "commissioned", "published", "summary-only", "withheld"}


def problems(steps, status, on, today=date(2025, 3, 1), **said):
    return step_problems(FILE, RAPID, steps, StepReached(status, on, **said), today=today)


def test_a_step_out_of_turn_before_the_last_or_in_the_future_is_refused_with_each_reason():
    assert problems([KNOWN, NOTIFIED], "commissioned", date(2024, 12, 19)) == [
        "“Commissioned” cannot follow “Notified” in this process.",
        "The date must be on or after that of “Notified”.",
    ]
    assert problems([], "notified", date(2025, 3, 2)) == ["The date must be today or in the past."]
    assert problems([], "published", date(2025, 1, 1)) == []
    assert problems([], "ratified", date(2025, 1, 1)) == [
        "A rapid review and local child safeguarding practice review has no status ratified."
    ]


def test_decisions_and_reasons_are_asked_for_where_the_process_has_them():
    steps, day = [KNOWN, NOTIFIED], date(2025, 1, 6)
    assert problems(steps, "rapid-review", day) == [
        "Select the decision for “Rapid review completed”."
    ]
    assert problems(steps, "rapid-review", day, decision="no-review") == []
    assert problems([], "withheld", day) == ["Enter a reason for “Not published”."]
    assert problems([], "published", day, decision="yes", reason="Because") == [
        "Remove the reason: “Published” does not need one.",
        "Remove the decision: “Published” does not need one.",
    ]


# ---- what is due ----


def left(steps, today):
    return [
        (one.status, one.by, one.overdue) for one in step_deadlines(FILE, RAPID, steps, today=today)
    ]


def test_a_rapid_review_is_due_fifteen_working_days_after_the_notification():
    # By hand: 23, 24, 27, 30, 31 December; 2, 3, 6 to 10, 13 to 15 January. Off: 25, 26, 1.
    due = date(2025, 1, 15)
    assert left([KNOWN, NOTIFIED], date(2025, 1, 15)) == [("rapid-review", due, False)]
    assert left([KNOWN, NOTIFIED], date(2025, 1, 16)) == [("rapid-review", due, True)]


def test_a_clock_ends_with_its_status_and_with_the_end_of_the_process():
    done = [KNOWN, NOTIFIED, StepReached("rapid-review", date(2025, 1, 10), "local-review")]
    assert left(done, date(2026, 1, 1)) == []
    begun = [*done, StepReached("commissioned", date(2025, 1, 31))]
    # Six months after 31 January is 31 July.
    assert left(begun, date(2025, 8, 1)) == [("published", date(2025, 7, 31), True)]
    ended = [
        *begun,
        StepReached("in-progress", date(2025, 2, 1)),
        StepReached("agreed", date(2025, 6, 1)),
    ]
    kept = [*ended, StepReached("withheld", date(2025, 6, 2), reason="A court")]
    assert left(kept, date(2026, 1, 1)) == []


def test_a_status_that_was_passed_by_is_no_longer_due():
    # Recorded as notified though it never "became known": that clock never began.
    assert left([NOTIFIED], date(2024, 12, 21))[0][0] == "rapid-review"
    passed = [NOTIFIED, StepReached("published", date(2025, 5, 1))]
    assert left(passed, date(2026, 1, 1)) == []


def test_no_clock_is_told_while_a_review_is_paused():
    steps = [
        StepReached("commissioned", date(2025, 1, 31)),
        StepReached("paused", date(2025, 2, 3)),
    ]
    assert left(steps, date(2026, 1, 1)) == []
    again = [*steps, StepReached("in-progress", date(2025, 9, 1))]
    assert left(again, date(2026, 1, 1)) == [("published", date(2025, 7, 31), True)]


@pytest.mark.parametrize(
    ("unit", "within", "by"),
    [
        ("days", 7, date(2024, 2, 7)),
        ("months", 1, date(2024, 2, 29)),
        ("months", 13, date(2025, 2, 28)),
        ("months", 11, date(2024, 12, 31)),
        ("working-days", 5, date(2024, 2, 7)),
    ],
)
def test_deadlines_count_from_the_day_after(unit, within, by):
    clock = ProcessClock(within=within, unit=unit, of="known", source="y")
    assert deadline_after(date(2024, 1, 31), clock, "England") == by


# ---- what the public is told ----


def test_the_public_is_never_told_a_reason_a_decision_or_a_pause():
    steps = [
        NOTIFIED,
        StepReached("rapid-review", date(2025, 1, 10), "local-review", "Because"),
        StepReached("commissioned", date(2025, 1, 31)),
        StepReached("paused", date(2025, 2, 3), "", "A trial"),
        StepReached("published", date(2025, 7, 1)),
    ]
    told = public_steps(FILE, RAPID, steps)
    assert [(one.label, one.on, one.whole_date) for one in told] == [
        ("Commissioned", date(2025, 1, 31), False),
        ("Published", date(2025, 7, 1), True),
    ]


def test_labels_are_those_of_the_process_where_it_has_its_own():
    wales = FILE.process("wal-susr")
    assert FILE.label(wales, "notified") == "Referred"
    assert FILE.label(RAPID, "notified") == "Notified"
    assert FILE.label(RAPID, "no-longer-known") == "no-longer-known"


# ---- working days ----


@pytest.mark.parametrize(
    ("year", "sunday"),
    # From the tables of the Book of Common Prayer.
    [(2000, date(2000, 4, 23)), (2008, date(2008, 3, 23)), (2011, date(2011, 4, 24)),
     (2024, date(2024, 3, 31)), (2038, date(2038, 4, 25))],
)  # fmt: skip
def test_easter_falls_on_its_sunday(year, sunday):
    assert easter_sunday(year) == sunday


# As GOV.UK lists them; compared for 1995 to 2030 with the package "holidays" 0.109 (docs).
LISTED = {
    ("England", 2022): "0103 0415 0418 0502 0602 0603 0829 0919 1226 1227",
    ("Wales", 2020): "0101 0410 0413 0508 0525 0831 1225 1228",
    ("Scotland", 2021): "0101 0104 0402 0503 0531 0802 1130 1227 1228",
    ("Northern Ireland", 2025): "0101 0317 0418 0421 0505 0526 0714 0825 1225 1226",
}


@pytest.mark.parametrize(("nation", "year"), LISTED)
def test_bank_holidays_are_those_that_were_kept(nation, year):
    kept = sorted(f"{day:%m%d}" for day in bank_holidays(year, nation) if day.weekday() < 5)
    assert " ".join(kept) == LISTED[nation, year]


@given(
    st.dates(date(1996, 1, 1), date(2029, 1, 1)),
    st.integers(0, 60),
    st.sampled_from(NATIONS),
)
def test_as_many_working_days_lie_between_as_were_asked_for(start, number, nation):
    end = after_working_days(start, number, nation)
    days = [start + timedelta(days=n + 1) for n in range((end - start).days)]
    assert sum(is_working_day(day, nation) for day in days) == number
    assert number == 0 or is_working_day(end, nation)
