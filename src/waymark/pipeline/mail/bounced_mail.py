"""Emails that came back to the return address of a mailing: each is read once.

What is no failure of one of our emails changes nothing and waits for a person.
"""

from datetime import datetime

from waymark.accounts.audit import serialized_in
from waymark.alerts.services.bounces import bounced_email
from waymark.core.errors import FileRefused
from waymark.core.jobs import Clock, Job, JobQueue
from waymark.mail.bounces import classify
from waymark.mail.inbound.outcome import note_outcome, raw_bytes
from waymark.mail.models import InboundMail, InboundMailKind, InboundMailState
from waymark.mail.queries import next_bounce
from waymark.pipeline.mail.inbound_mail import hand_on

NOT_OURS = "it says of no email of ours that it failed"


def note_bounces(clock: Clock) -> bool:
    """Note what the email says that has waited longest; False if none waits."""
    mail = next_bounce()
    if mail is None:
        return False
    hand_on(mail, clock(), _note)
    return True


@serialized_in("mail", "alerts")
def _note(mail: InboundMail, now: datetime) -> None:
    kind, state, reason = InboundMailKind.BOUNCE, InboundMailState.DONE, ""
    try:
        report = classify(raw_bytes(mail), name=str(mail))
    except FileRefused as refusal:
        state, reason = InboundMailState.REFUSED, f"{refusal.reason}. {refusal.remedy}"
    else:
        if report.automatic:
            kind = InboundMailKind.AUTOMATIC
        reason = ", ".join(dict.fromkeys(str(row.kind) for row in report.recipients))
        if not bounced_email(recipient=mail.recipient, sha256=mail.sha256, report=report, now=now):
            state, reason = InboundMailState.TO_SORT, NOT_OURS
    note_outcome(mail, kind, state, reason)


JOBS = (Job("note bounces", JobQueue.READING, note_bounces),)
