"""Chase those who are late, by the ladder of their scheme: write reminders, list as late.

A step is an entry of the ledger, unique in its cycle, written in the transaction of its email: run
twice, or killed between two bodies, nobody gets a reminder twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from waymark.accounts import audit
from waymark.accounts.installation import sending_paused
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.bodies.models import Body
from waymark.core.uk_time import uk_date
from waymark.mail.outbox import write_letter
from waymark.recommendations.letters import LateLine, reminder_email
from waymark.recommendations.models import (
    Addressee,
    BodyContact,
    EntryKind,
    LedgerEntry,
    Progress,
    Source,
)
from waymark.recommendations.response_schemes import Chased, LadderStep, next_step
from waymark.recommendations.services.standing import refresh_standing


@dataclass(frozen=True, slots=True)
class ChaseResult:
    """What was done: reminders by addressee, emails, listings, and bodies nobody can write to."""

    reminded: int = 0
    emails: int = 0
    listed: int = 0
    without_address: int = 0
    paused: bool = False


@dataclass(frozen=True, slots=True)
class _DueStep:
    addressee: Addressee
    number: int
    step: LadderStep


def chase_late(*, now: datetime) -> ChaseResult:
    """Take the steps that are due today, one transaction for each body.

    Nothing while sending is paused: what a restored copy has not sent may have been sent since.
    """
    if sending_paused():
        return ChaseResult(paused=True)
    today = uk_date(now)
    late = Addressee.objects.filter(overdue_from__lte=today, body__isnull=False)
    bodies = sorted(set(late.order_by().values_list("body", flat=True)))
    results = [_chase_body(body=body, now=now) for body in bodies]
    return ChaseResult(
        sum(row.reminded for row in results),
        sum(row.emails for row in results),
        sum(row.listed for row in results),
        sum(row.without_address for row in results),
    )


@audit.serialized
def _chase_body(*, body: int, now: datetime) -> ChaseResult:
    """Take the steps that are due for one body. body: primary key."""
    record = Body.objects.select_related("merged_into").get(pk=body)
    steps = list(_due_steps(body, now))
    reminders = [row for row in steps if not row.step.publish]
    contacts = _contacts_of(record)
    if not contacts:
        reminders = []
    for row in [*reminders, *(row for row in steps if row.step.publish)]:
        _store(row, now)
    for contact in contacts if reminders else []:
        _write(contact, reminders, now)
    listed = sum(row.step.publish for row in steps)
    missing = bool(steps) and not contacts and listed < len(steps)
    if reminders or listed:
        audit.record_about(None, "chase body", record, now, reminded=len(reminders), listed=listed)
    emails = len(contacts) if reminders else 0
    return ChaseResult(len(reminders), emails, listed, int(missing))


def _due_steps(body: int, now: datetime) -> Iterable[_DueStep]:
    today = uk_date(now)
    late = Addressee.objects.filter(
        body=body, overdue_from__lte=today, review__state__in=OPEN_TO_STAFF
    )
    rows = list(late.select_related("review").order_by("overdue_from", "pk"))
    steps_of, heard = _taken(rows), _heard(rows)
    for row in rows:
        if row.overdue_from is None:  # pragma: no cover
            continue
        of_cycle = [entry for entry in steps_of[row.pk] if entry.cycle == row.overdue_from]
        chased = Chased(
            row.scheme,
            row.overdue_from,
            {entry.step or 0 for entry in of_cycle},
            max((entry.on for entry in of_cycle), default=None),
            heard.get(row.pk),
        )
        if (due := next_step(chased, today=today)) is not None:
            yield _DueStep(row, *due)


def _taken(rows: Iterable[Addressee]) -> dict[int, list[LedgerEntry]]:
    steps_of: dict[int, list[LedgerEntry]] = defaultdict(list)
    steps = LedgerEntry.objects.filter(addressee__in=rows, cycle__isnull=False, taken_back_at=None)
    for entry in steps:
        steps_of[entry.addressee_id].append(entry)
    return steps_of


def _heard(rows: Iterable[Addressee]) -> dict[int, date]:
    """Addressee -> the day on which it last wrote."""
    by_body = Q(source=Source.BODY) | Q(kind__in=(EntryKind.ACKNOWLEDGED, EntryKind.ANSWERED))
    entries = LedgerEntry.objects.filter(by_body, addressee__in=rows, taken_back_at=None)
    heard: dict[int, date] = dict(entries.order_by("on").values_list("addressee", "on"))
    reports = Progress.objects.filter(addressee__in=rows, source=Source.BODY).order_by("told_at")
    for report in reports:
        if report.addressee_id is not None:
            earlier = heard.get(report.addressee_id)
            heard[report.addressee_id] = max(earlier or report.day, report.day)
    return heard


def _store(due: _DueStep, now: datetime) -> None:
    LedgerEntry.objects.create(
        addressee=due.addressee,
        kind=EntryKind.LISTED if due.step.publish else EntryKind.REMINDED,
        on=uk_date(now),
        how="" if due.step.publish else "email",
        text=due.step.label,
        step=due.number,
        cycle=due.addressee.overdue_from,
        source=Source.RULE,
        recorded_at=now,
    )
    refresh_standing([due.addressee])


def _contacts_of(body: Body) -> list[BodyContact]:
    """Whom to write to: the addresses of a body, or of those that took over from it."""
    waiting: set[int] = {(body.merged_into or body).pk}
    reached: set[int] = set()
    while waiting:
        reached |= waiting
        own = Q(body__in=waiting) | Q(body__merged_into__in=waiting)
        if contacts := list(BodyContact.objects.filter(own).select_related("body")):
            return contacts
        later = Body.objects.filter(predecessions__earlier__in=waiting)
        waiting = set(later.values_list("pk", flat=True)) - reached
    return []


def _write(contact: BodyContact, steps: Sequence[_DueStep], now: datetime) -> None:
    lines = [
        LateLine(
            row.addressee.review.reference,
            row.addressee.number,
            row.step.label,
            row.addressee.overdue_from or uk_date(now),
        )
        for row in steps
    ]
    first = min(row.addressee.pk for row in steps)
    write_letter(
        key=f"chasing {contact.pk} {uk_date(now):%Y-%m-%d} {first}",
        to=contact.address,
        wording=reminder_email(
            contact.body.name,
            lines,
            link=f"{settings.SITE_ADDRESS}{reverse('our-recommendations')}",
            site=settings.SITE_NAME,
        ),
        now=now,
    )
