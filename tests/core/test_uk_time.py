"""The day of a moment is the day in the UK, wherever the product asks for it."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import waymark
from waymark.core.uk_time import uk_date
from waymark.publishing.document.nodes import EditionInfo

LATE = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
SOURCE = Path(waymark.__file__).parent


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 6, 1, 22, 59, tzinfo=UTC), date(2026, 6, 1)),
        (datetime(2026, 6, 1, 23, 0, tzinfo=UTC), date(2026, 6, 2)),
        (datetime(2026, 1, 31, 23, 30, tzinfo=UTC), date(2026, 1, 31)),
    ],
)
def test_a_day_begins_at_midnight_in_the_uk(moment, day):
    assert uk_date(moment) == day


def test_an_edition_is_dated_by_the_day_on_which_people_saw_it_published():
    assert EditionInfo(1, LATE).statement == "Edition 1, published on 2 June 2026"


def test_no_code_takes_the_day_of_a_moment_in_another_way():
    """Commands read days that were typed; they have no moment."""
    takes = [
        f"{file.relative_to(SOURCE)}: {line.strip()}"
        for file in sorted(SOURCE.rglob("*.py"))
        if "cli" not in file.parts and file.name != "uk_time.py"
        for line in file.read_text("utf-8").splitlines()
        if re.search(r"\.date\(\)|date\.today\(\)", line)
    ]
    assert takes == []
