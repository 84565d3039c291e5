"""Emails of the Information Service (no Django).

The acknowledgement repeats nothing that was typed: its address may be a stranger's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from waymark.mail.email_text import EmailText

URGENT = """If a child is in danger now, call 999. Do not wait for our answer.

For advice about a child you are worried about, call children's services where the child lives, or
the NSPCC helpline on 0808 800 5000. If you are under 19, call Childline on 0800 1111, free and
private.

"""


@dataclass(frozen=True, slots=True)
class DeskSignature:
    """What every email of the desk says of itself. link: private page of the enquiry."""

    reference: str
    link: str
    site: str


@dataclass(frozen=True, slots=True)
class CitationLine:
    """A citation in an email. address: of its page."""

    number: int
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A file that goes with an answer. address: where the asker can download it."""

    label: str
    address: str


def enquiry_received_email(of: DeskSignature, *, urgent: bool, days: int, due: str) -> EmailText:
    """Acknowledgement. urgent: the words suggest that a child is at risk. due: a day in words."""
    usual = "" if urgent else "\nThis service cannot help a child in danger. If one is, call 999.\n"
    within = "1 working day" if days == 1 else f"{days} working days"
    return EmailText(
        f"We have received your enquiry {of.reference}",
        f"""{URGENT if urgent else ""}Thank you for your enquiry. Your reference is {of.reference}.

We answer within {within}, by {due}.
{usual}
Read your enquiry and our answer here, or add something to it. Keep this address to yourself: anyone
who has it can read the enquiry.

{of.link}

You can also reply to this email.

If you did not ask us anything, someone entered your email address by mistake. You do not need to do
anything.

{of.site}
""",
    )


def answer_email(
    of: DeskSignature,
    *,
    text: str,
    citations: Iterable[CitationLine],
    reports: Iterable[ReportLine] = (),
) -> EmailText:
    """An answer. text: with the numbers of the citations. reports: files that go with it."""
    files = "".join(f"{row.label}\n   {row.address}\n" for row in reports)
    lines = "".join(f"{row.number}. {row.label}\n   {row.address}\n" for row in citations)
    sources = f"\nSources\n\n{lines}" if lines else ""
    report = f"\nReport of the literature search\n\n{files}" if files else ""
    return EmailText(
        f"Your enquiry {of.reference}",
        f"""{text}
{report}{sources}
--
Reply to this email if you have another question, or use your private page:
{of.link}

{of.site}
""",
    )


def child_at_risk_email(reference: str, *, site: str) -> EmailText:
    """Email to the desk about words that suggest that a child is at risk. It repeats none."""
    return EmailText(
        f"A child may be at risk: enquiry {reference}",
        f"""The words of enquiry {reference} suggest that a child may be at risk now. The asker was
told whom to call.

Sign in, open Enquiries in the workspace, read it now, and follow your safeguarding procedure.

{site}
""",
    )
