"""Claim emails before they are sent, store what became of them, and settle what nobody knows.

    waiting -> claimed -> sent | refused | waiting again (4xx) -> failed
                       \\-> unknown: the worker or the connection ended between text and answer
    waiting -> dropped: the person left, or nothing was left to send

An unknown one is never sent again by itself: a person settles it, or the journal of attempts does.
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from waymark.accounts import audit
from waymark.accounts.installation import send_epoch, sending_paused
from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.models import Dispatch, Mailing, MailingState, Subscription
from waymark.alerts.queries.dispatches import journal_file, journal_of, sent_by_domain
from waymark.alerts.services.bounces import refused_by_server
from waymark.core.errors import RuleError
from waymark.mail.bulk import Delivery, DeliveryResult
from waymark.mail.sending_journal import JournalContents, note_boot

SEND = "manage emails"
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1_440, 1_440))
"""Time until the next attempt after each refusal for now; after the last one there is none."""
LEFT = "the person unsubscribed before it was sent"
STOPPED = "sending to the address was stopped before it was sent"
NOTHING_LEFT = "all its items were withdrawn before it was sent"
IN_DOUBT = "the text was being sent when the worker ended"
RESTARTED = "the computer was restarted while it was being sent"
RESTORED = "the database is an older copy: it may have been sent since"
BY_JOURNAL = "by the journal of attempts"


# ---- before sending ----


@audit.serialized
def settle_by_journal(*, dispatch: Dispatch, now: datetime) -> Counter[str]:
    """Compare the unsent emails of a dispatch with the journal; return how many changed, by state.

    The caller has the lock of the journal, so no worker is sending: what is claimed was left by
    one that ended. Called before the first batch of a worker, and when claims are left.
    """
    journal, epoch = journal_of(dispatch), send_epoch()
    older = dispatch.epoch < epoch
    unsent = Q(state=MailingState.WAITING) | Q(state=MailingState.CLAIMED)
    changed: list[Mailing] = []
    for row in dispatch.mailings.select_for_update(of=("self",)).filter(unsent):
        settled = _by_journal(row, journal, older=older)
        if settled is not None:
            sent_at = (row.claimed_at or now) if settled[0] == MailingState.SENT else None
            _become(row, *settled, sent_at=sent_at)
            changed.append(row)
    _store(changed)
    if older:
        Dispatch.objects.filter(pk=dispatch.pk).update(epoch=epoch)
    # After this line, a claim without a line of its own was certainly not sent.
    note_boot(journal_file(dispatch))
    states = Counter(row.state for row in changed)
    if changed:
        audit.record_about(None, "settle alerts", dispatch, now, **states)
    return states


def _by_journal(
    row: Mailing, journal: JournalContents, *, older: bool
) -> tuple[MailingState, str] | None:
    """State and reason of an email that a worker left; None if it simply waits."""
    claimed = row.state == MailingState.CLAIMED
    if row.message_id in journal.sent:
        return MailingState.SENT, BY_JOURNAL
    if journal.in_doubt(row.message_id, row.round):
        return MailingState.UNKNOWN, IN_DOUBT
    if older:
        return MailingState.UNKNOWN, RESTORED
    if not claimed:
        return None
    if not journal.is_complete():
        return MailingState.UNKNOWN, RESTARTED
    return MailingState.WAITING, ""


@audit.serialized
def claim_mailings(
    *, dispatch: Dispatch, most: int, per_domain: int, now: datetime
) -> list[Mailing]:
    """The next emails of a dispatch, reserved for the caller, who has the lock of its journal.

    per_domain: most emails to one domain in an hour, 0 for no limit. Who left since is dropped.
    None are returned while sending is paused.
    """
    if sending_paused():
        return []
    ready = Q(next_at=None) | Q(next_at__lte=now)
    rows = dispatch.mailings.select_for_update(of=("self",))
    rows = rows.filter(ready, state=MailingState.WAITING).select_related("subscriber")
    batch = _within_limit(rows.order_by("pk"), most, per_domain, now)
    dropped = _no_longer_due(dispatch, batch)
    _store(dropped)
    claimed = [row for row in batch if row.state == MailingState.WAITING]
    claim = secrets.token_hex(16)
    for row in claimed:
        row.state, row.claim, row.claimed_at = MailingState.CLAIMED, claim, now
        row.attempts += 1
    Mailing.objects.filter(pk__in=[row.pk for row in claimed]).update(
        state=MailingState.CLAIMED, claim=claim, claimed_at=now, attempts=F("attempts") + 1
    )
    return claimed


def _within_limit(
    rows: QuerySet[Mailing], most: int, per_domain: int, now: datetime
) -> list[Mailing]:
    if not per_domain:
        return list(rows[:most])
    sent = Counter(sent_by_domain(now))
    full = [domain for domain, number in sent.items() if number >= per_domain]
    batch = []
    for row in rows.exclude(domain__in=full)[:most]:
        sent[row.domain] += 1
        if sent[row.domain] <= per_domain:
            batch.append(row)
    return batch


def _no_longer_due(dispatch: Dispatch, batch: Collection[Mailing]) -> list[Mailing]:
    """Mark the emails of people who were stopped or have left since it was decided."""
    people = [row.subscriber_id for row in batch]
    current = Subscription.objects.filter(
        subscriber__in=people, alert_list=dispatch.issue.alert_list, ended_at=None
    )
    receiving = set(current.values_list("subscriber_id", flat=True))
    for row in batch:
        if row.subscriber_id not in receiving:
            _become(row, MailingState.DROPPED, LEFT)
        elif row.subscriber.stopped_at is not None:
            _become(row, MailingState.DROPPED, STOPPED)
    return [row for row in batch if row.state == MailingState.DROPPED]


# ---- after sending ----


@audit.serialized
def store_results(
    *,
    dispatch: Dispatch,
    results: Mapping[Mailing, DeliveryResult],
    released: Collection[Mailing],
    dropped: Collection[Mailing] = (),
    problem: str = "",
    now: datetime,
) -> None:
    """Store what became of a batch.

    released: not begun, because the mail server did not answer (problem). dropped: without an item
    that may still be sent.
    """
    for row, result in results.items():
        _apply(row, result, now)
    for row in released:
        row.attempts -= 1
        _become(row, MailingState.WAITING, "")
    for row in dropped:
        _become(row, MailingState.DROPPED, NOTHING_LEFT)
    _store([*results, *released, *dropped])
    for row, result in results.items():
        if result.delivery is Delivery.REFUSED:
            refused_by_server(mailing=row, result=result, now=now)
    _note_server(dispatch, problem, now)
    states = Counter(row.state for row in (*results, *released, *dropped))
    audit.record_about(None, "send alerts", dispatch, now, **states)


def _apply(row: Mailing, result: DeliveryResult, now: datetime) -> None:
    if result.delivery is Delivery.SENT:
        _become(row, MailingState.SENT, "", sent_at=now)
    elif result.delivery is Delivery.REFUSED:
        _become(row, MailingState.REFUSED, result.reply)
    elif result.delivery is Delivery.UNKNOWN:
        _become(row, MailingState.UNKNOWN, result.reply)
    elif row.attempts > len(PAUSES):
        _become(row, MailingState.FAILED, result.reply)
    else:
        _become(row, MailingState.WAITING, result.reply)
        row.next_at = now + PAUSES[row.attempts - 1]


def _note_server(dispatch: Dispatch, problem: str, now: datetime) -> None:
    """Store that the mail server did not answer, with a growing pause, or that it did."""
    if problem:
        pause = PAUSES[min(dispatch.failures, 3)]
        dispatch.failures += 1
        dispatch.resume_at, dispatch.problem = now + pause, problem[:500]
    elif dispatch.problem:
        dispatch.failures, dispatch.resume_at, dispatch.problem = 0, None, ""
    else:
        return
    dispatch.save(update_fields=["failures", "resume_at", "problem"])


def _become(
    row: Mailing, state: MailingState, reason: str, *, sent_at: datetime | None = None
) -> None:
    row.state, row.reason, row.sent_at = state, reason[:500], sent_at
    row.claim, row.next_at = "", None


def _store(rows: Iterable[Mailing]) -> None:
    """Store the states of emails: one statement for all that end in the same way.

    Example: of 200 emails 198 were sent at one time, one was refused, one waits: 3 statements.
    """
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for row in rows:
        values = (row.state, row.reason, row.sent_at, row.next_at, row.attempts, row.round)
        alike[values].append(row.pk)
    for (state, reason, sent_at, next_at, attempts, round_), numbers in alike.items():
        Mailing.objects.filter(pk__in=numbers).update(
            state=state,
            reason=reason,
            sent_at=sent_at,
            next_at=next_at,
            attempts=attempts,
            round=round_,
            claim="",
        )


# ---- by a person ----


@dataclass(frozen=True, slots=True)
class SettledMailings:
    """What settling changed. sent: counted as sent; again: to be sent again."""

    sent: int = 0
    again: int = 0


@audit.serialized
def settle_unknown(
    *,
    by: Actor,
    dispatch: Dispatch,
    mailings: Collection[int] | None,
    arrived: bool,
    now: datetime,
) -> SettledMailings:
    """Decide on emails of which nobody knows whether they were sent.

    mailings: their numbers; None for all of the dispatch. arrived: count them as sent, else they
    are sent again with the same Message-ID. Raises NotPermitted, and RuleError if none of them is
    unknown any more.
    """
    require_permission(by, SEND)
    rows = dispatch.mailings.select_for_update(of=("self",)).filter(state=MailingState.UNKNOWN)
    if mailings is not None:
        rows = rows.filter(pk__in=mailings)
    unknown = list(rows)
    if not unknown:
        raise RuleError("none of these emails is unknown any more: open the page again")
    for row in unknown:
        if arrived:
            _become(row, MailingState.SENT, row.reason, sent_at=row.claimed_at or now)
        else:
            _become(row, MailingState.WAITING, "")
            row.round += 1
            row.attempts = 0
    _store(unknown)
    number = len(unknown)
    action = "count alerts as sent" if arrived else "send alerts again"
    audit.record_about(by, action, dispatch, now, mailings=number)
    return SettledMailings(sent=number) if arrived else SettledMailings(again=number)


@audit.serialized
def retry_failed(*, by: Actor, dispatch: Dispatch, now: datetime) -> int:
    """Send given-up emails of a dispatch again from the first attempt; return how many."""
    require_permission(by, SEND)
    rows = dispatch.mailings.filter(state=MailingState.FAILED)
    number = rows.update(state=MailingState.WAITING, attempts=0, next_at=None, reason="")
    Dispatch.objects.filter(pk=dispatch.pk).update(resume_at=None)
    if number:
        audit.record_about(by, "send alerts again", dispatch, now, mailings=number)
    return number
