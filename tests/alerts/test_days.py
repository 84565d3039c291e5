"""Days on which issues are due, in UK time, and their titles."""

from datetime import UTC, date, datetime

import pytest

from waymark.alerts.days import days_in_words, next_due


@pytest.mark.parametrize(
    ("after", "weekday", "day", "due"),
    [
        # Monday 4 May 2026, noon; UK summer time is an hour ahead of UTC.
        (datetime(2026, 5, 4, 12, tzinfo=UTC), 0, None, datetime(2026, 5, 11, 6, tzinfo=UTC)),
        (datetime(2026, 5, 4, 5, tzinfo=UTC), 0, None, datetime(2026, 5, 4, 6, tzinfo=UTC)),
        (datetime(2026, 5, 4, 6, tzinfo=UTC), 0, None, datetime(2026, 5, 11, 6, tzinfo=UTC)),
        (datetime(2026, 5, 4, 12, tzinfo=UTC), None, 1, datetime(2026, 6, 1, 6, tzinfo=UTC)),
        # Over the end of summer time, 25 October 2026: seven o'clock stays seven o'clock.
        (datetime(2026, 10, 23, 12, tzinfo=UTC), 0, None, datetime(2026, 10, 26, 7, tzinfo=UTC)),
        (datetime(2026, 1, 29, 12, tzinfo=UTC), None, 28, datetime(2026, 2, 28, 7, tzinfo=UTC)),
    ],
)
def test_the_next_issue_is_due_at_seven_in_the_uk(after, weekday, day, due):
    assert next_due(after, weekday=weekday, day=day, hour=7) == due


def test_a_list_without_a_day_is_refused():
    with pytest.raises(ValueError, match="weekday"):
        next_due(datetime(2026, 5, 4, tzinfo=UTC), weekday=None, day=None, hour=7)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 11, 23), date(2026, 11, 29), "23 to 29 November 2026"),
        (date(2026, 11, 30), date(2026, 12, 6), "30 November to 6 December 2026"),
        (date(2026, 12, 28), date(2027, 1, 3), "28 December 2026 to 3 January 2027"),
        (date(2026, 11, 29), date(2026, 11, 29), "29 November 2026"),
    ],
)
def test_the_days_of_an_issue_are_named_once(first, last, words):
    assert days_in_words(first, last) == words
