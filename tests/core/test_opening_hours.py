"""Opening hours of a desk: days off, due times and time that passed while it was open."""

from datetime import UTC, date, datetime

import pytest

from waymark.core.opening_hours import opening_hours
from waymark.core.uk_time import UK_TIME

WEEK = "Mon-Fri 09:00-17:00"


def uk(text):
    return datetime.fromisoformat(text).replace(tzinfo=UK_TIME)


@pytest.mark.parametrize(
    ("nation", "day", "is_open"),
    [
        # St Patrick's Day, the Battle of the Boyne, St Andrew's Day, the summer bank holiday.
        ("NIR", "2026-03-17", False),
        ("ENG", "2026-03-17", True),
        ("NIR", "2026-07-13", False),
        ("SCT", "2026-07-13", True),
        ("SCT", "2026-11-30", False),
        ("WLS", "2026-11-30", True),
        ("SCT", "2026-08-31", True),
        ("WLS", "2026-08-31", False),
        # Easter Monday is no bank holiday in Scotland; 2 January is one there alone.
        ("SCT", "2026-04-06", True),
        ("NIR", "2026-04-06", False),
        ("SCT", "2026-01-02", False),
        ("ENG", "2026-01-02", True),
        # Boxing Day of 2026 is a Saturday, so the Monday is the day off.
        ("ENG", "2026-12-28", False),
    ],
)
def test_each_nation_has_its_own_bank_holidays(nation, day, is_open):
    hours = opening_hours(WEEK, nation)
    assert (hours.hours_on(date.fromisoformat(day)) is not None) == is_open


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-06-01T10:00", "2026-06-03T10:00"),  # Monday to Wednesday
        ("2026-06-05T16:30", "2026-06-09T16:30"),  # over a weekend
        ("2026-06-05T18:00", "2026-06-10T09:00"),  # after closing: seen on Monday
        ("2026-06-06T03:00", "2026-06-10T09:00"),
        ("2026-06-01T08:00", "2026-06-03T09:00"),
        ("2026-12-24T16:30", "2026-12-30T16:30"),  # 25 and 28 December are bank holidays
        ("2026-03-27T12:00", "2026-03-31T12:00"),  # the clocks go forward on 29 March
    ],
)
def test_an_answer_is_due_after_so_many_working_days(received, due):
    assert opening_hours(WEEK, "ENG").due(uk(received), 2) == uk(due)


def test_the_hours_of_the_day_on_which_an_answer_is_due_limit_it():
    hours = opening_hours("Mon-Tue 09:00-17:00, Wed 10:00-13:00", "ENG")
    assert hours.due(uk("2026-06-01T16:00"), 2) == uk("2026-06-03T13:00")
    assert hours.due(uk("2026-06-01T09:00"), 2) == uk("2026-06-03T10:00")


def test_the_desk_is_closed_on_days_of_its_own():
    hours = opening_hours(WEEK, "ENG", "2026-06-02..2026-06-04, 2026-06-08")
    assert hours.due(uk("2026-06-01T10:00"), 2) == uk("2026-06-09T10:00")


def test_a_moment_of_any_time_zone_is_read_in_the_uk():
    # 16:30 UTC on 5 June is 17:30 in London: the desk has closed.
    due = opening_hours(WEEK, "ENG").due(datetime(2026, 6, 5, 16, 30, tzinfo=UTC), 1)
    assert due == uk("2026-06-09T09:00")


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-06-01T10:00", "2026-06-01T11:30", 90),
        ("2026-06-01T16:00", "2026-06-02T10:00", 120),
        ("2026-06-05T16:00", "2026-06-08T09:30", 90),
        ("2026-06-06T10:00", "2026-06-07T10:00", 0),
        ("2026-06-01T07:00", "2026-06-01T23:00", 480),
        ("2026-12-24T16:00", "2026-12-29T10:00", 120),
    ],
)
def test_time_passes_only_while_the_desk_is_open(start, end, minutes):
    assert opening_hours(WEEK, "ENG").minutes_between(uk(start), uk(end)) == minutes


def test_hours_in_words_group_the_days_that_are_alike():
    hours = opening_hours("Mon-Thu 09:00-17:00, Fri 09:00-16:30, Sat 10:00-12:00", "ENG")
    assert hours.in_words() == (
        "Monday to Thursday, 9am to 5pm; Friday, 9am to 4:30pm; Saturday, 10am to 12pm"
    )


@pytest.mark.parametrize(
    ("hours", "nation", "closed"),
    [
        ("", "ENG", ""),
        ("Mon-Fri", "ENG", ""),
        ("Mon-Fri 17:00-09:00", "ENG", ""),
        ("Fri-Mon 09:00-17:00", "ENG", ""),
        ("Mon 25:00-26:00", "ENG", ""),
        ("Mun 09:00-17:00", "ENG", ""),
        (WEEK, "UK", ""),
        (WEEK, "ENG", "24.12."),
        (WEEK, "ENG", "2027-01-02..2026-12-24"),
        (WEEK, "ENG", "2026-01-01..2099-01-01"),
    ],
)
def test_what_makes_no_sense_is_refused(hours, nation, closed):
    with pytest.raises(ValueError, match=r"."):
        opening_hours(hours, nation, closed)
