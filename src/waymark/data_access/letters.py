"""Emails to those who apply for restricted data (no Django)."""

from datetime import date

from waymark.core.wording import date_in_words
from waymark.data_access.terms import CONFIRMED_WITHIN
from waymark.mail.email_text import EmailText


def _email(subject: str, reference: str, text: str, link: str, site: str) -> EmailText:
    return EmailText(
        f"{subject} ({reference})",
        f"""{text}

Your private page:
{link}

Anyone who has this address can use it. Do not pass it on.

{site}
""",
    )


def received_email(reference: str, *, link: str, site: str) -> EmailText:
    """Receipt of an application, which waits until the address is confirmed."""
    text = (
        "Someone applied for restricted data with this email address. If it was you, confirm the"
        "\naddress on your private page: only then do two people decide on the application."
        f"\n\nIf it was not you, do nothing. We delete it after {CONFIRMED_WITHIN.days} days."
    )
    return _email("Confirm your application for data", reference, text, link, site)


def granted_email(reference: str, *, until: date, link: str, site: str) -> EmailText:
    """The data can be taken, also after an extension."""
    text = (
        f"Your application was approved. You can download the data until {date_in_words(until)}.\n"
        "Each download is recorded. Destroy the data when the period ends, and confirm it."
    )
    return _email("Your application was approved", reference, text, link, site)


def refused_email(
    reference: str, *, reason: str, until: date | None, link: str, site: str
) -> EmailText:
    """The application was refused. until: last day of an access that is not extended."""
    if until is not None:
        text = f"We cannot give you more time. Your access ends on {date_in_words(until)}."
        text = f"{text} The reason:\n\n{reason}"
        return _email("Your access was not extended", reference, text, link, site)
    text = f"We cannot give you the data. The reason:\n\n{reason}\n\nYou can apply again."
    return _email("Your application was refused", reference, text, link, site)


def revoked_email(reference: str, *, reason: str, link: str, site: str) -> EmailText:
    """The access ended at once."""
    text = (
        f"We have ended your access to the data. The reason:\n\n{reason}\n\n"
        "Destroy the data that you have now, and confirm it on your private page."
    )
    return _email("Your access to data has ended", reference, text, link, site)


def ending_email(reference: str, *, until: date, link: str, site: str) -> EmailText:
    """Reminder before the last day."""
    text = (
        f"Your access to the data ends on {date_in_words(until)}. If you need more time, ask for it"
        " on your\nprivate page before then. Otherwise destroy the data by that day, and confirm"
        " it."
    )
    return _email("Your access to data ends soon", reference, text, link, site)


def expired_email(reference: str, *, link: str, site: str) -> EmailText:
    """The last day has passed; also the reminder to confirm destruction."""
    text = (
        "Your access to the data has ended. Destroy the data that you have, and confirm it on your"
        "\nprivate page."
    )
    return _email("Confirm that you destroyed the data", reference, text, link, site)
