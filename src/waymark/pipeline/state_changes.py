"""Change publication states and update index, tombstone and retention."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotReady, OpenReason
from waymark.core.jobs import Job, JobQueue
from waymark.core.wording import date_in_words
from waymark.documents import services as documents
from waymark.documents.anonymity.identifiers import KINDS
from waymark.documents.models import Report, Review
from waymark.library import services as library
from waymark.library.models import Concern, Deposit, Publishable
from waymark.library.queries import repository
from waymark.library.queries.public_words import Mark, mark_of, words_without_answer
from waymark.library.services import retention as keeping
from waymark.library.services.retention import TombstoneText

EXPIRY, DESCRIPTION, RESOURCE_DESCRIPTION = "expiry", "description", "resource-description"
DEPOSIT, CONCERN = "deposit", "concern"
OPENING = frozenset({State.PUBLISHED, State.EMBARGOED})
MOST_AT_ONCE = 50
SET_STATE: dict[str, Callable[..., None]] = {
    "review": documents.set_review_state,
    "report": documents.set_report_state,
    "resource": library.set_resource_state,
}
"""Kind of record -> the service that sets its state; the kind is also the argument's name."""


@serialized_in("documents", "library")
def change_state(
    *,
    by: Actor,
    item: Publishable,
    state: State,
    now: datetime,
    seen: State | None = None,
    public_from: datetime | None = None,
    tombstone: TombstoneText | None = None,
    was_public: bool = False,
    deciding: Deposit | None = None,
) -> None:
    """Set the publication state of a review, a report or a resource, and update what depends on it.

    A record is hidden at once, because every query checks the state. A public record that is
    withdrawn or expires leaves a tombstone with the given text, until it is published again. The
    retention period of a file begins when it is published.
    seen: the state shown in the person's form. was_public: it was public until a concern hid it,
    so that it gets a tombstone. deciding: the deposit whose publication this is. Raises
    NotPermitted; RuleError if the state has changed since, and if a tombstone would reveal too
    much; NotReady with every reason why the record cannot be published yet.
    """
    require_permission(by, "publish reports")
    # Before the change: only a record that the public could see gets a tombstone.
    was_public = was_public or repository.is_public(item, now)
    report = item if isinstance(item, Report) else None
    if state in OPENING:
        require_ready([item], now, deciding=deciding)
    kind = str(item._meta.model_name)
    SET_STATE[kind](**{kind: item}, by=by, state=state, now=now, public_from=public_from, seen=seen)
    review = item.related_review()
    if review is not None:
        # Read again: its state may have changed since the report was read.
        review = Review.objects.get(pk=review.pk)
    if review is not None and state in OPENING:
        _begin_retention(by, review, now)
    record = repository.records_of(item).first()
    if record is not None:
        keeping.note_removal(
            by=by,
            record=record,
            report=report,
            state=state,
            was_public=was_public,
            tombstone=tombstone or TombstoneText(),
            now=now,
        )
    if review is not None:
        library.mark_changed(reviews=[review.pk], now=now)


# ---- readiness ----


def open_reasons(
    item: Publishable, now: datetime, *, whole: bool = False, deciding: Deposit | None = None
) -> list[OpenReason]:
    """Every reason why a record cannot be published yet.

    Of a review, also the reasons of the reports that it would open; whole: of all that staff see.
    deciding: the deposit that is being published, which is then no reason itself.
    """
    if isinstance(item, Report):
        reasons = [*_expiry(item, now), *documents.open_reasons([item]), *_hidden(item)]
        return [*reasons, *_undecided_deposit(item, deciding)]
    if isinstance(item, Review):
        states = OPEN_TO_STAFF if whole else OPENING
        reports = list(item.reports.filter(state__in=states))
        expiries = [reason for report in reports for reason in _expiry(report, now) if whole]
        reasons = [*_description(item), *expiries, *documents.open_reasons(reports), *_hidden(item)]
        return [*reasons, *_undecided_deposit(item, deciding)]
    return [*_description(item), *_hidden(item)]


def require_ready(
    items: Iterable[Publishable], now: datetime, *, deciding: Deposit | None = None
) -> None:
    """Raise NotReady with every reason why records cannot be published yet."""
    if reasons := [
        reason for item in items for reason in open_reasons(item, now, deciding=deciding)
    ]:
        raise NotReady(list(dict.fromkeys(reasons)))


def opens_by_itself(report: Report, now: datetime) -> bool:
    """True if a report is not public yet, and the end of an embargo, its own or its review's, is
    to make it so: nobody is asked then.
    """
    embargoed = State.EMBARGOED in (report.state, report.review.state)
    return embargoed and report.state in OPENING and not repository.is_public(report, now)


def reason_not_ready(report: Report) -> str:
    """Reasons why a report and the description of its review cannot be published yet; or ""."""
    described = [f"{why.name} {why.reason}" for why in _description(report.review)]
    return ", and ".join(filter(None, [documents.reason_not_ready(report), *described]))


def require_described_anonymously(
    item: Publishable, before: Collection[Mark], now: datetime
) -> None:
    """Raise NotReady if a public record was changed and now has words nobody has decided on.

    before: the mentions that its description had before the change: they are public already.
    """
    if item.state not in OPENING:
        return
    if new := [mention for mention in words_without_answer(item) if mark_of(mention) not in before]:
        words = " and ".join(dict.fromkeys(f"“{mention.words}”" for mention in new))
        reason = f"is public, and {words} may identify people"
        remedy = (
            "leave the words out; or make it internal, save them, decide on them and publish it"
        )
        raise NotReady([OpenReason(DESCRIPTION, _key_of(item), _key_of(item), reason, remedy)])


def _description(item: Publishable) -> list[OpenReason]:
    """The reason that words in the description of a review or resource have no answer."""
    counts = Counter(mention.kind for mention in words_without_answer(item))
    if not counts:
        return []
    kinds = "; ".join(
        f"{name[0].lower()}{name[1:]}, {counts[kind]}"
        for kind, name in KINDS.items()
        if counts[kind]
    )
    key = _key_of(item)
    kind = DESCRIPTION if isinstance(item, Review) else RESOURCE_DESCRIPTION
    reason = f"has a description that may identify people, and nobody has decided on that ({kinds})"
    remedy = "decide on the words on its page Anonymity"
    if isinstance(item, Review):
        remedy += f" or with waymark review answer {key}"
    return [OpenReason(kind, key, key, reason, remedy)]


def _key_of(item: Publishable) -> str:
    return item.reference if isinstance(item, Review) else item.key


def _undecided_deposit(item: Report | Review, deciding: Deposit | None) -> list[OpenReason]:
    """The reason that a deposit is decided on its own page: there its record is complete, its board
    is not named if it wishes so, and it gets an email.
    """
    deposit = repository.undecided_deposit_of(item)
    if deposit is None or deposit == deciding:
        return []
    reason = "was sent in by a board, and nobody has decided on its deposit"
    remedy = "check the deposit, then publish it"
    name = item.file_name if isinstance(item, Report) else item.reference
    return [OpenReason(DEPOSIT, deposit.reference, name, reason, remedy)]


def _hidden(item: Publishable) -> list[OpenReason]:
    """The reason that staff hid it because of a concern that nobody has decided yet."""
    kind = str(item._meta.model_name)
    key = item.reference if isinstance(item, Review) else str(getattr(item, "key", ""))
    hiding = Concern.objects.filter(
        item_kind=kind, item_key=key, hidden_at__isnull=False, decided_at=None
    )
    name = item.file_name if isinstance(item, Report) else key
    reason, remedy = "is hidden because of a concern", "decide on the concern first"
    return [
        OpenReason(CONCERN, concern.reference, name, reason, remedy)
        for concern in hiding.order_by("pk")
    ]


def _expiry(report: Report, now: datetime) -> list[OpenReason]:
    retention = repository.retention_of(report)
    until = retention.until
    if until is not None and until <= timezone.localdate(now) and not retention.legal_hold:
        reason, remedy = f"expired on {date_in_words(until)}", "set a later expiry date first"
        return [OpenReason(EXPIRY, report.key, report.file_name, reason, remedy)]
    return []


# ---- retention ----


def _begin_retention(by: Actor, review: Review, now: datetime) -> None:
    """Begin the retention period of each report that is public, or will be after an embargo."""
    if review.state not in OPENING:
        return
    # Example: published on 1 May with an embargo of the review until 1 July and 5 years: the period
    # begins on 1 July. A period that has begun is never restarted (retention=None).
    for report in review.reports.filter(state__in=OPENING, retention=None):
        opens = max(now, review.public_from or now, report.public_from or now)
        years = _retention_years(report)
        keeping.begin_retention(by=by, report=report, opens=opens, years=years, now=now)


def _retention_years(report: Report) -> int:
    """Retention in years: chosen by the board that sent it, else from the settings."""
    batches = report.intakes.values("batch")
    wished = Deposit.objects.filter(batch__in=batches).values_list("available_years", flat=True)
    return wished.first() or settings.KEEP_YEARS


@serialized_in("documents", "library")
def begin_all_retention(*, by: Actor, now: datetime) -> int:
    """Begin the retention period of every public report without one; returns their number.

    Raises NotPermitted, also where there is no such report.
    """
    require_permission(by, "publish reports")
    reports = repository.public_without_end(now).filter(retention=None)
    for report in reports:
        keeping.begin_retention(
            by=by, report=report, opens=now, years=_retention_years(report), now=now
        )
    return len(reports)


def expire_due(*, now: datetime) -> int:
    """Expire reports that are due; returns their number. Idempotent.

    Each is a transaction of its own that checks again whether it is due. So any number of workers
    may do this at the same time, and a killed one leaves no report half expired.
    """
    # A limit, because the worker has other tasks: the rest follow in its next round.
    rows = repository.expired_retentions(now).order_by("until", "pk")[:MOST_AT_ONCE]
    return sum(_expire_one(retention.pk, now) for retention in rows)


@serialized_in("documents", "library")
def _expire_one(pk: int, now: datetime) -> bool:
    retention = (
        repository.expired_retentions(now).filter(pk=pk).select_related("report__review").first()
    )
    if retention is None:
        return False
    change_state(by=None, item=retention.report, state=State.EXPIRED, now=now)
    return True


JOBS = (Job("remove expired files", JobQueue.UPKEEP, lambda clock: expire_due(now=clock()) > 0),)
