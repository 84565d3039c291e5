"""Send the emails of the outbox, one after the other."""

from django.utils import timezone

from waymark.accounts.installation import note_position
from waymark.core.jobs import Clock, Job, JobQueue
from waymark.mail import services as outbox
from waymark.mail.smtp import SendingFailed, can_send, send_email


def send_letter(clock: Clock = timezone.now) -> bool:
    """Send the email that has waited longest; False if there is none, or no mail server is set."""
    if not can_send():
        return False
    letter = outbox.lease_letter(now=clock())
    if letter is None:
        return False
    try:
        send_email(letter)
    except SendingFailed as error:
        outbox.letter_failed(letter=letter, reason=str(error), final=error.final, now=clock())
    else:
        outbox.letter_sent(letter=letter, now=clock())
        # A database restored from a copy made before this would send the email again.
        note_position()
    return True


JOBS = (Job("send emails", JobQueue.READING, send_letter),)
