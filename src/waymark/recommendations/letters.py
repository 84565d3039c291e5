"""Emails to the addresses that bodies have registered (no Django).

They name a review by its reference and a recommendation by its number, and quote nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from waymark.core.wording import date_in_words
from waymark.mail.email_text import EmailText


@dataclass(frozen=True, slots=True)
class LateLine:
    """A recommendation that is late. step: name of the step of the ladder; since: the first day."""

    reference: str
    number: int
    step: str
    since: date


def reminder_email(body: str, lines: Sequence[LateLine], *, link: str, site: str) -> EmailText:
    """A reminder of everything for which a body is late today."""
    number = len(lines)
    things = "1 recommendation" if number == 1 else f"{number} recommendations"
    listed = "\n".join(
        f"- {row.reference}, recommendation {row.number}: late since"
        f" {date_in_words(row.since)} ({row.step.lower()})"
        for row in lines
    )
    return EmailText(
        f"{things} waiting for {body}",
        f"""{body} was asked to act on recommendations of case reviews. We have not heard what was
done:

{listed}

Answer, or say what was done:
{link}

Each reminder is listed on the public page of its recommendation. If you no longer answer for this,
reply to this email and tell us who does.

{site}
""",
    )


def entry_email(body: str, *, link: str, until: str, site: str) -> EmailText:
    """The link by which a body enters its own recommendations. until: a time in words."""
    return EmailText(
        "Your link to our recommendations",
        f"""Open this link to see and update the recommendations made to {body}:

{link}

It works once, until {until}. Do not pass it on: who has it can report for {body}.

If you did not ask for it, you do not need to do anything.

{site}
""",
    )
