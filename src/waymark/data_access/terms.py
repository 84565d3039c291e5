"""Terms on which restricted data is given to an applicant (no Django)."""

from datetime import timedelta

TERMS_VERSION = "2026-11"
"""Stored with each application. Change it with the terms."""
TERMS = (
    "I use the data only for the purpose that I have described.",
    "I do not try to identify a child, a family, a worker or an area.",
    "I link the data to no other records of people.",
    "I do not use the data to screen or score families or children, or to train models on them.",
    "I keep the data on an encrypted device or server.",
    "I give the data to nobody whom I have not named here.",
    "I publish no number of fewer than five people, and nothing that could identify a person.",
    "I tell you at once if the data is lost or seen by someone else.",
    "I destroy the data when the period ends, and confirm it.",
)
MOST_MONTHS = 24
CONFIRMED_WITHIN = timedelta(days=7)
"""An application whose address is not confirmed by then is deleted."""
