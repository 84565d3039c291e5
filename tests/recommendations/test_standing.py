"""Where an addressee stands by its ledger, when it is late, and which step of the ladder is due."""

from datetime import date

import pytest

from waymark.recommendations.models import (
    Answer,
    EntryKind,
    ProgressImpact,
    ProgressStatus,
    Standing,
)
from waymark.recommendations.response_schemes import (
    Chased,
    add_months,
    next_step,
    response_schemes,
)
from waymark.recommendations.standing import (
    CLOSED_STANDING,
    CLOSED_STATUS,
    IMPACTS,
    LedgerFact,
    ProgressFact,
    overall,
    where_it_stands,
)

TOLD = LedgerFact("notified", date(2020, 1, 31))
ACCEPTED = LedgerFact("answered", date(2020, 3, 2), "accepted")


def progress(status, impact="no_evidence", on=date(2020, 6, 1), **more):
    return ProgressFact(status, impact, on, **more)


def test_the_rules_name_values_that_there_are():
    assert set(Standing.values) > CLOSED_STANDING
    assert set(ProgressStatus.values) > CLOSED_STATUS
    assert list(ProgressImpact.values) == list(IMPACTS)
    assert {TOLD.kind, ACCEPTED.kind} < set(EntryKind.values)
    assert set(Answer.values) < set(Standing.values)


@pytest.mark.parametrize(
    ("entries", "reported", "standing"),
    [
        ([], [], "not_told"),
        ([TOLD], [], "waiting"),
        ([TOLD, LedgerFact("acknowledged", date(2020, 2, 1))], [], "waiting"),
        ([TOLD, ACCEPTED], [], "accepted"),
        ([TOLD, LedgerFact("answered", date(2020, 2, 2), "in_part")], [], "in_part"),
        ([TOLD, LedgerFact("answered", date(2020, 2, 2), "rejected")], [], "rejected"),
        ([TOLD, ACCEPTED], [progress("not_started")], "accepted"),
        ([TOLD], [progress("not_started")], "waiting"),
        ([TOLD, ACCEPTED], [progress("in_progress")], "in_progress"),
        ([TOLD, ACCEPTED], [progress("complete")], "reported"),
        ([TOLD, ACCEPTED], [progress("complete", verified=True)], "verified"),
        ([TOLD, ACCEPTED], [progress("complete", verified=False)], "reported"),
        ([TOLD, ACCEPTED], [progress("superseded")], "superseded"),
        ([TOLD, LedgerFact("reopened", date(2020, 7, 1))], [progress("complete")], "in_progress"),
        ([TOLD, LedgerFact("reopened", date(2020, 5, 1))], [progress("complete")], "reported"),
    ],
)
def test_an_addressee_stands_where_its_latest_answer_or_report_puts_it(entries, reported, standing):
    assert where_it_stands("nir-cmr", entries, reported).standing == standing


def test_an_audit_that_contradicts_a_report_puts_it_back_to_in_progress():
    reported = progress("complete", on=date(2008, 6, 20))
    audited = progress("in_progress", on=date(2008, 10, 24), verified=True)
    assert where_it_stands("", [TOLD], [audited, reported]).standing == "in_progress"


# ---- late ----


def test_without_an_answer_it_is_late_the_day_after_the_limit_of_its_scheme():
    stands = where_it_stands("coroner-pfd", [TOLD])
    # 31 January and 56 days: 29 days of February 2020 take it to 27 March.
    assert (stands.answer_due, stands.overdue_from) == (date(2020, 3, 27), date(2020, 3, 28))


def test_six_months_end_with_the_month_if_it_is_shorter():
    assert where_it_stands("covid-inquiry", [TOLD]).answer_due == date(2020, 7, 31)
    assert add_months(date(2020, 8, 31), 6) == date(2021, 2, 28)


def test_an_answer_in_time_ends_the_limit_and_the_rule_of_age_remains():
    stands = where_it_stands("coroner-pfd", [TOLD, ACCEPTED])
    assert stands.overdue_from == date(2021, 7, 31)  # 18 months after it was told


def test_a_due_day_counts_before_any_rule_of_age():
    due = progress("in_progress", due=date(2020, 9, 30))
    assert where_it_stands("", [TOLD], [due]).overdue_from == date(2020, 10, 1)
    actions = [date(2020, 8, 31), date(2020, 12, 1)]
    assert where_it_stands("", [TOLD], [due], actions).overdue_from == date(2020, 9, 1)


def test_what_was_never_told_or_is_closed_is_not_late():
    assert where_it_stands("", []).overdue_from is None
    assert where_it_stands("", [TOLD], [progress("complete")]).overdue_from is None


def test_the_highest_level_of_escalation_counts():
    facts = [LedgerFact("escalated", date(2020, 5, day), level=level) for day, level in ((1, 2),)]
    assert where_it_stands("wal-susr", [TOLD, *facts]).level == 2
    assert response_schemes().level_label("wal-susr", 2) == "Ministerial board"
    assert response_schemes().level_label("nir-cmr", 1) == "Level 1"


# ---- the ladder ----

LATE = date(2020, 3, 1)


def step_on(day, *taken, last=None, heard=None):
    due = next_step(Chased("", LATE, taken, last, heard), today=day)
    return due and (due[0], due[1].label)


def test_each_step_is_due_so_many_days_after_it_became_late():
    assert step_on(date(2020, 3, 7)) is None
    assert step_on(date(2020, 3, 8)) == (1, "First reminder")
    assert step_on(date(2020, 4, 4), 1) is None
    assert step_on(date(2020, 4, 5), 1) == (2, "Second reminder")
    assert step_on(date(2020, 5, 31), 1, 2, 3) == (4, "Published as late")
    assert step_on(date(2022, 5, 31), 1, 2, 3, 4) is None


def test_steps_that_were_missed_are_taken_a_week_apart():
    assert step_on(date(2021, 1, 1)) == (1, "First reminder")
    assert step_on(date(2021, 1, 7), 1, last=date(2021, 1, 1)) is None
    assert step_on(date(2021, 1, 8), 1, last=date(2021, 1, 1)) == (2, "Second reminder")


def test_nobody_is_chased_who_has_written_within_two_weeks():
    assert step_on(date(2020, 3, 20), heard=date(2020, 3, 7)) is None
    assert step_on(date(2020, 3, 21), heard=date(2020, 3, 7)) == (1, "First reminder")


# ---- of all addressees ----


def test_a_recommendation_is_complete_once_all_who_take_part_completed_it():
    done, going = progress("complete", "practice_change"), progress("in_progress", "activity_only")
    refused = progress("not_accepted")
    assert overall([done, going]).status == "in_progress"
    assert overall([done, refused]).status == "complete"
    assert overall([done, going]).impact == "activity_only"
    assert overall([refused, refused]).status == "not_accepted"
    assert overall([refused, progress("superseded")]).status == "superseded"
    assert overall([progress("not_started"), done]).status == "in_progress"
    assert overall([done]) == done
    assert overall([]) is None


def test_the_earliest_due_day_of_those_that_are_open_counts():
    rows = [
        progress("complete", due=date(2020, 1, 1)),
        progress("in_progress", due=date(2020, 5, 1)),
        progress("in_progress", due=date(2020, 3, 1)),
    ]
    assert overall(rows).due == date(2020, 3, 1)
