"""Send the alerts: decide who is due, then send the emails in batches over one connection.

Every step can be interrupted at any moment. An email is claimed in the database before it is sent,
and the journal says of each claimed one whether its text was begun and whether it was accepted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone

from waymark.accounts.installation import note_position, send_epoch, sending_paused
from waymark.alerts.mailing_headers import ascii_address
from waymark.alerts.models import AlertList, Dispatch, Mailing, MailingState, Subscription
from waymark.alerts.queries import dispatches as queries
from waymark.alerts.queries.mail_texts import MailTexts, Names
from waymark.alerts.services import corrections, decisions, sending
from waymark.core.errors import RuleError
from waymark.core.jobs import Clock, Job, JobQueue
from waymark.mail.bounce_reasons import SmtpStep
from waymark.mail.bulk import (
    BulkConnection,
    Delivery,
    DeliveryResult,
    ServerUnavailable,
    open_connection,
)
from waymark.mail.sending_journal import JournalWriter, writing
from waymark.mail.smtp import can_send

BATCH = 200
"""Emails of one connection and two transactions."""
INVALID = DeliveryResult(Delivery.REFUSED, "550 5.1.3 the address is not valid", SmtpStep.RECIPIENT)
_settled: set[int] = set()
"""Dispatches whose unsent emails this process has compared with the journal."""


def send_alerts(clock: Clock = timezone.now) -> bool:
    """Do the next step; False if there is nothing to do."""
    return _decide_next(clock) or _settle_older(clock) or _send_next(clock)


def _decide_next(clock: Clock) -> bool:
    dispatch = queries.unfinished_decisions().first()
    if dispatch is not None:
        return decisions.decide_step(dispatch=dispatch, now=clock())
    for issue in queries.undecided_issues():
        try:
            decisions.begin_issue(issue=issue, now=clock())
        except RuleError:  # all its items are gone: nobody gets an empty email
            continue
        return True
    if corrections.has_withdrawn_records():
        return corrections.withdraw_with_records(now=clock()) > 0
    for item, kind, moment in queries.undecided_changes():
        decisions.begin_change(item=item, kind=kind, moment=moment, now=clock())
        return True
    return False


def _settle_older(clock: Clock) -> bool:
    """Settle what an older copy of the database would send again, also while sending is paused."""
    dispatch = queries.older_dispatches(send_epoch()).first()
    if dispatch is None:
        return False
    with writing(queries.journal_file(dispatch)) as journal:
        if journal is not None:
            sending.settle_by_journal(dispatch=dispatch, now=clock())
    return journal is not None


def _send_next(clock: Clock) -> bool:
    if sending_paused() or not can_send():
        return False
    return any(_send_batch(dispatch, clock) for dispatch in queries.dispatches_to_send(clock()))


def _send_batch(dispatch: Dispatch, clock: Clock) -> bool:
    """Send the next emails of a dispatch; False if another worker does, or none may be sent."""
    with writing(queries.journal_file(dispatch)) as journal:
        if journal is None:
            return False
        left = dispatch.mailings.filter(state=MailingState.CLAIMED).exists()
        if left or dispatch.pk not in _settled:
            sending.settle_by_journal(dispatch=dispatch, now=clock())
            _settled.add(dispatch.pk)
        limit = settings.ALERTS_PER_DOMAIN
        batch = sending.claim_mailings(dispatch=dispatch, most=BATCH, per_domain=limit, now=clock())
        if not batch:
            return False
        outcome = _SendingBatch(dispatch, journal, MailTexts(dispatch, clock()))
        outcome.send(batch)
        journal.flush()
        sending.store_results(
            dispatch=dispatch,
            results=outcome.results,
            released=outcome.released,
            dropped=outcome.dropped,
            problem=outcome.problem,
            now=clock(),
        )
    # A database restored from a copy made before this would send the emails again.
    note_position()
    return True


@dataclass(slots=True)
class _SendingBatch:
    """Sends claimed emails and notes what became of each."""

    dispatch: Dispatch
    journal: JournalWriter
    texts: MailTexts
    results: dict[Mailing, DeliveryResult] = field(default_factory=dict)
    released: list[Mailing] = field(default_factory=list)
    dropped: list[Mailing] = field(default_factory=list)
    problem: str = ""

    def send(self, batch: list[Mailing]) -> None:
        """Send the emails, over a new connection where the mail server ends one after some."""
        waiting = self._written(batch)
        while waiting and not self.problem:
            before = len(waiting)
            try:
                with open_connection(settings.MAIL_SERVER) as connection:
                    while waiting:
                        self._send_one(connection, *waiting[0])
                        waiting.pop(0)
            except ServerUnavailable as error:
                if len(waiting) == before:
                    self.problem = str(error)
        self.released += [mailing for mailing, _ in waiting]

    def _written(self, batch: list[Mailing]) -> list[tuple[Mailing, bytes]]:
        items = queries.items_by_mailing(self.dispatch, batch)
        names = _names(self.dispatch, batch)
        written = []
        for mailing in batch:
            try:
                email = self.texts.email_to(
                    mailing, items[mailing.pk], names.get(mailing.subscriber_id, ())
                )
            except ValueError:
                self.results[mailing] = INVALID
                continue
            if email is None:
                self.dropped.append(mailing)
            else:
                written.append((mailing, email))
        return written

    def _send_one(self, connection: BulkConnection, mailing: Mailing, email: bytes) -> None:
        key, round_ = mailing.message_id, mailing.round
        result = connection.send(
            sender=queries.return_address(mailing),
            to=ascii_address(mailing.subscriber.address),
            message=email,
            before_text=lambda: self.journal.text(key, round_),
        )
        if result.delivery is Delivery.SENT:
            self.journal.sent(key, round_, result.reply)
        elif result.delivery is not Delivery.UNKNOWN:
            self.journal.refused(key, round_)
        self.results[mailing] = result


def _names(dispatch: Dispatch, batch: list[Mailing]) -> Mapping[int, Names]:
    """Subscriber -> the names that they gave to followed searches; nothing for other lists."""
    if dispatch.issue.alert_list != AlertList.SEARCHES:
        return {}
    rows = Subscription.objects.filter(
        subscriber__in=[mailing.subscriber_id for mailing in batch],
        alert_list=AlertList.SEARCHES,
        ended_at=None,
    )
    names: dict[int, Names] = {}
    for row in rows:
        names[row.subscriber_id] = (*names.get(row.subscriber_id, ()), (row.followed, row.name))
    return names


JOBS = (Job("send alerts", JobQueue.READING, send_alerts),)
