"""Audit form of a body: each recommendation to it, with what an auditor fills in."""

from datetime import datetime

from waymark.accounts.permissions import Actor
from waymark.bodies.models import Body
from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.follow_up.queries import open_recommendations, recommendations_to
from waymark.publishing.formats.printed_form import FormPart, FormTable, PrintedForm

MOST_ROWS = 500
COLUMNS = (
    "Recommendation",
    "What was asked",
    "Standing in the ledger",
    "Done? Yes, in part, no",
    "Evidence seen",
    "What changed for children",
    "Still to do, by whom, by when",
)
QUESTIONS = (
    "Ask of each recommendation: was it done, how do you know, and what is different for children"
    " because of it? Finished activity is not the same as change."
)
RECORDS = (
    "Look at records and speak to workers and families; do not take a report of progress as"
    " evidence. Write no names of children or families into this form."
)


def audit_form(body: Body, person: Actor, now: datetime) -> PrintedForm:
    """The form for a body, made of the recommendations to it that a person may see."""
    addressees = list(recommendations_to(body, person, now)[:MOST_ROWS])
    rows = open_recommendations(person, now).filter(
        review__in={row.review_id for row in addressees}
    )
    words = {(row.review_id, row.number): row.exact for row in rows}
    table = FormTable(
        COLUMNS,
        tuple(
            (
                f"{row.review.reference}, {row.number} ({row.words})",
                " ".join(words.get((row.review_id, row.number), "").split()),
                row.get_standing_display(),
                *("",) * 4,
            )
            for row in addressees
        ),
    )
    signed = FormTable(("Audited by", "Role", "Date"), (("",) * 3,) * 3)
    return PrintedForm(
        f"Audit of recommendations to {body.name}",
        (f"Made on {date_in_words(uk_date(now))}.", QUESTIONS, RECORDS),
        (FormPart("Recommendations", table=table), FormPart("Auditors", table=signed)),
        wide=True,
    )
