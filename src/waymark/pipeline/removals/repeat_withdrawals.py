"""Repeat withdrawals of the journal that are neither of records, editions, accounts nor addresses.

The first word of a subject in the journal is its kind, such as "indicator children-on-plans". What
can be withdrawn needs a kind here: tests/pipeline/test_every_removal.py asks for it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet

from waymark.accounts import removals
from waymark.accounts.models import State
from waymark.alerts.models import IssueItem
from waymark.alerts.services import corrections
from waymark.briefings.models import BriefingUse, UseState
from waymark.briefings.services import uses
from waymark.core.journal import Entry
from waymark.data_access.models import AccessState, DataApplication
from waymark.data_access.services.deciding import refuse_application, revoke_access
from waymark.indicators import services as indicators
from waymark.indicators.models import ContactHighlight, Indicator, IndicatorState
from waymark.library.models import OriginalDecision, ServiceNotice, Topic
from waymark.library.services import notices, originals, topics
from waymark.recommendations import services as recommendations
from waymark.recommendations.models import BodyContact, InquiryScheme, LedgerEntry
from waymark.recommendations.services.contacts import contact_digest
from waymark.training import services as training
from waymark.training.models import Course, CourseSession, CourseState

REASON = "It was withdrawn before the database was restored from a copy."
ITEM_WITHDRAWN = "We have withdrawn this item."


@dataclass(frozen=True, slots=True)
class WithdrawnKind:
    """A kind of thing that can be withdrawn.

    key: field of the rows that the journal names them by. gone: condition of withdrawn rows.
    close: withdraws a row, at a time.
    """

    rows: Callable[[], QuerySet[Any]]
    key: str
    gone: Q
    close: Callable[[Any, datetime], object]

    def repeat(self, key: str, now: datetime) -> bool:
        """Withdraw again what the database shows; False if it does not."""
        rows = list(self.rows().filter(Q(**{self.key: key}) & ~self.gone))
        for row in rows:
            self.close(row, now)
        return bool(rows)

    def withdrawn_keys(self) -> Iterator[str]:
        """Keys of what is withdrawn in this database."""
        for value in self.rows().filter(self.gone).values_list(self.key, flat=True):
            yield str(value)


def _cancel_session(session: CourseSession, now: datetime) -> None:
    if not session.is_over(now):
        slug = session.course.slug
        training.cancel_session(by=None, slug=slug, number=session.pk, reason=REASON, now=now)


def _end_access(application: DataApplication, now: datetime) -> None:
    granted = application.state == AccessState.GRANTED
    end = revoke_access if granted else refuse_application
    end(by=None, application=application, reason=REASON, now=now, repeated=True)


def _all(model: type[Model]) -> Callable[[], QuerySet[Any]]:
    return model._default_manager.all


WITHDRAWN_KINDS: Mapping[str, WithdrawnKind] = {
    "indicator": WithdrawnKind(
        _all(Indicator),
        "slug",
        Q(state=IndicatorState.WITHDRAWN),
        lambda row, now: indicators.set_indicator_state(
            by=None, slug=row.slug, state=IndicatorState.WITHDRAWN, now=now
        ),
    ),
    "highlight": WithdrawnKind(
        _all(ContactHighlight),
        "starts",
        Q(withdrawn_at__isnull=False),
        lambda row, now: indicators.withdraw_highlight(by=None, starts=row.starts, now=now),
    ),
    "course": WithdrawnKind(
        _all(Course),
        "slug",
        Q(state=CourseState.WITHDRAWN),
        lambda row, now: training.set_course_state(
            by=None, slug=row.slug, state=CourseState.WITHDRAWN, reason=REASON, now=now
        ),
    ),
    "session": WithdrawnKind(
        lambda: CourseSession.objects.select_related("course"),
        "uid",
        Q(cancelled_at__isnull=False),
        _cancel_session,
    ),
    "use": WithdrawnKind(
        _all(BriefingUse),
        "pk",
        Q(state=UseState.REFUSED),
        lambda row, now: uses.hide_use_again(use=row.pk, now=now),
    ),
    "topic": WithdrawnKind(
        _all(Topic),
        "key",
        Q(withdrawn_at__isnull=False),
        lambda row, now: topics.withdraw_topic(by=None, key=row.key, reason=REASON, now=now),
    ),
    "original": WithdrawnKind(
        lambda: OriginalDecision.objects.filter(superseded_at=None).select_related("report"),
        "report__key",
        Q(offered=False),
        lambda row, now: originals.stop_offering_original(
            by=None, report=row.report, reason=REASON, now=now
        ),
    ),
    "notice": WithdrawnKind(
        _all(ServiceNotice),
        "pk",
        Q(ended_at__isnull=False),
        lambda row, now: notices.end_notice(by=None, notice=row, now=now),
    ),
    "access": WithdrawnKind(
        _all(DataApplication),
        "reference",
        Q(state__in=(AccessState.REVOKED, AccessState.EXPIRED, AccessState.REFUSED)),
        _end_access,
    ),
    "inquiry-scheme": WithdrawnKind(
        _all(InquiryScheme),
        "key",
        ~Q(state=State.PUBLISHED),
        lambda row, now: recommendations.set_scheme_state(
            by=None, scheme=row, state=State.INTERNAL, now=now
        ),
    ),
    "item": WithdrawnKind(
        lambda: IssueItem.objects.filter(issue__approved_at__isnull=False),
        "pk",
        Q(withdrawn_at__isnull=False),
        lambda row, now: corrections.withdraw_item(
            by=None, item=row, correction=ITEM_WITHDRAWN, now=now
        ),
    ),
    "entry": WithdrawnKind(
        _all(LedgerEntry),
        "pk",
        Q(taken_back_at__isnull=False),
        lambda row, now: recommendations.take_back_entry(
            by=None, entry=row, reason=REASON, now=now
        ),
    ),
}


def repeat_withdrawal(kind: str, key: str, entry: Entry | None, now: datetime) -> bool:
    """Carry out the last line about a thing; False if nothing was left to do."""
    if entry is None or not entry["withdrawn"]:
        return False
    if kind == "contact":
        return _remove_contact(key, now)
    return WITHDRAWN_KINDS[kind].repeat(key, now)


def _remove_contact(digest: str, now: datetime) -> bool:
    contacts = [
        row for row in BodyContact.objects.all() if contact_digest(row.address_key) == digest
    ]
    for contact in contacts:
        recommendations.remove_contact(by=None, contact=contact, now=now)
    return bool(contacts)


def withdrawal_lines(now: datetime) -> Iterator[Entry]:
    """Lines of what is withdrawn in this database. A removed address leaves no row."""
    for kind, rules in WITHDRAWN_KINDS.items():
        for key in rules.withdrawn_keys():
            yield removals.removal_entry(
                subject=f"{kind} {key}", what=removals.WITHDRAWN, now=now, withdrawn=True
            )
