"""Official statistics, the contacts log, and calendars of training."""

from tests.mutants.mutant import Mutant

RULES = (
    Mutant(
        "a sum that would undo a marker is refused",
        "indicators/sums.py",
        "    return len(withheld) == 1 or published <= set(chosen)",
        "    return published < set(chosen)",
        "indicators/test_cells_and_periods.py",
        "refused",
    ),
    Mutant(
        "a marker is never added up as a zero",
        "indicators/sums.py",
        "    if marked:",
        "    if len(marked) > 99:",
        "indicators/test_cells_and_periods.py",
        "never_added_up",
    ),
    Mutant(
        "a value keeps its address for the days on which it held",
        "indicators/queries/values.py",
        "value = next((row for row in revisions if row.recorded_at < moment), None)",
        "value = next(iter(revisions), None)",
        "indicators/test_importing.py",
        "earlier_day_stays",
    ),
    Mutant(
        "a draft of an indicator is for staff alone",
        "indicators/queries/indicators.py",
        "return rows if has_permission(person, STAFF) else rows.filter(",
        "return rows or rows.filter(",
        "indicators/test_indicator_pages.py",
        "seen_by_staff_alone",
    ),
    Mutant(
        "a note of the contacts log that may identify a person is refused",
        "indicators/services/contacts.py",
        "    if identifiers:",
        "    if identifiers and len(identifiers) > 99:",
        "indicators/test_contacts.py",
        "may_identify",
    ),
    Mutant(
        "the contacts of a year are counted once",
        "indicators/services/contacts.py",
        "    if ContactHighlight.objects.filter(starts=starts).exists():",
        "    if ContactHighlight.objects.filter(starts=None).exists():",
        "indicators/test_contacts.py",
        "published_once",
    ),
    Mutant(
        "a change of a session raises its sequence",
        "training/services.py",
        "    session.sequence += 1",
        "    session.sequence += 0",
        "training/test_calendar.py",
        "sequence_rises",
    ),
    Mutant(
        "a cancelled session stays in calendars for 90 days",
        "training/queries.py",
        "| Q(cancelled_at__gt=since))",
        "& Q(cancelled_at=None))",
        "training/test_calendar.py",
        "cancelled_session_stays",
    ),
)
