"""The time zone in which a day begins: reviews, deadlines and embargoes are dated in the UK."""

from zoneinfo import ZoneInfo

UK_TIME = ZoneInfo("Europe/London")
