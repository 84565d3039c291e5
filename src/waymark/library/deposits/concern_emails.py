"""Emails about a concern (no Django).

They repeat nothing that was typed and do not name the page: an email passes through other people's
computers, and the address may be a stranger's.
"""

from waymark.mail.email_text import EmailText

OUTCOMES = {
    "restored": "We checked the page and it is available again.",
    "corrected": "We have corrected the page.",
    "withdrawn": "We have withdrawn what you told us about.",
    "no_change": "We checked the page and have not changed it.",
}


def concern_received_email(reference: str, *, days: int, site: str) -> EmailText:
    """Email to the person who reported a concern. days: how long their data are kept."""
    return EmailText(
        f"We have received your concern {reference}",
        f"""Thank you for telling us. Your reference is {reference}.

A member of staff will look at it. If a page could identify a person, we hide it while we check.
We email you when we have decided.

We erase your email address and your words {days} days after our decision.

If you did not report a concern, someone entered your email address by mistake. You do not need to
do anything.

{site}
""",
    )


def concern_decided_email(reference: str, *, decision: str, site: str) -> EmailText:
    """Email to the person who reported a concern. decision: a key of OUTCOMES."""
    return EmailText(
        f"Our decision on your concern {reference}",
        f"""You told us about a concern. Your reference is {reference}.

{OUTCOMES[decision]}

If you disagree, you can complain: the site says how on its page Complaints.

{site}
""",
    )


def concern_to_answer_email(reference: str, *, site: str) -> EmailText:
    """Email to those who answer concerns."""
    return EmailText(
        f"A concern to answer: {reference}",
        f"""Someone has reported a concern about a page. Its reference is {reference}.

Sign in and open Concerns in the workspace. You can hide the page there with one click while you
check it.

{site}
""",
    )
