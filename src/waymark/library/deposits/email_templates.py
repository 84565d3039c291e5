"""Emails to a board about its deposit (no Django).

An email passes through other people's computers, and anyone can type any address into the form. So
an email says nothing about the case, does not name the board, and repeats nothing typed into the
form: nobody can use it to send words of their own to a stranger.
"""

from datetime import date

from waymark.core.wording import date_in_words
from waymark.mail.email_text import EmailText


def confirmation_email(reference: str, *, files: int, link: str, days: int, site: str) -> EmailText:
    """Email that asks the sender of a deposit to confirm it. link: does nothing by itself."""
    return EmailText(
        f"Confirm your deposit {reference}",
        f"""We have received a deposit of {files} file{"" if files == 1 else "s"} with this email
address. Confirm that you sent it:

{link}

Nobody reads the deposit before you do. If you do not confirm it within {days} days, we delete it.

If you did not send us a deposit, someone entered your email address by mistake. You do not need
to do anything.

{site}
""",
    )


def receipt_email(reference: str, *, files: int, years: int, site: str) -> EmailText:
    """Email that confirms the receipt of a deposit."""
    return EmailText(
        f"We have received your deposit {reference}",
        f"""Thank you for your deposit. We have received {files} file{"" if files == 1 else "s"}.

Your reference is {reference}. Please quote it when you contact us about this deposit.

What happens next:

- We check that we can read each file and that it contains no hidden text.
- We add it to the catalogue. Until it is published, only our staff can see it.
- We email you when it is published, or if we need more information.

You keep the copyright. After publication the file is available for
{_years_in_words(years)}, unless we agree otherwise. Then we remove the file and keep
the catalogue record.

If you did not send us a deposit, someone entered your email address by mistake. You do not need
to do anything.

{site}
""",
    )


def published_email(
    reference: str, *, opens: date | None, until: date | None, site: str
) -> EmailText:
    """Email that says a deposit is published.

    opens: the end of an embargo; until: the first day without the file.
    """
    start = f"from {date_in_words(opens)}" if opens else "now"
    expiry = (
        f"\nWe remove the file on {date_in_words(until)} and keep the catalogue record.\n"
        if until
        else ""
    )
    return EmailText(
        f"We have checked your deposit {reference}",
        f"""We have checked your deposit {reference} and added it to the library. It is available to
the public {start}.
{expiry}
If it contains anything that should not be public, contact us immediately and quote this reference.
We can withdraw it within a minute.

{site}
""",
    )


def withdrawn_email(reference: str, *, site: str) -> EmailText:
    """Email that says a published deposit is withdrawn, without the reason: others may read it."""
    return EmailText(
        f"We have withdrawn your deposit {reference}",
        f"""We have withdrawn the file of your deposit {reference}, or its record, from the library.
The public cannot read it any more.

If you did not ask for this and would like to know why, contact us and quote this reference.

{site}
""",
    )


def returned_email(reference: str, *, reason: str, site: str) -> EmailText:
    """Email that says a deposit is returned. reason: as staff wrote it for the board."""
    return EmailText(
        f"Your deposit {reference} needs changes",
        f"""We have checked your deposit {reference}. We cannot publish it in this form because:

{reason}

You can send it again. Only our staff have seen your deposit.

{site}
""",
    )


def _years_in_words(years: int) -> str:
    return "1 year" if years == 1 else f"{years} years"
