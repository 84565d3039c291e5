"""The time zone in which a day begins: reviews, deadlines and embargoes are dated in the UK."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

UK_TIME = ZoneInfo("Europe/London")


def uk_date(moment: datetime) -> date:
    """The day of a moment in the UK: 23:30 UTC on 1 June is 0:30 on 2 June."""
    return moment.astimezone(UK_TIME).date()
