"""Why records cannot be published yet: their description, their files, a concern, a deposit.

Each rule is asked of many records at once, so that the preview of a change of 1,000 reviews asks as
many queries as the page of one.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from waymark.accounts.models import State
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotReady, OpenReason
from waymark.core.wording import date_in_words
from waymark.documents import services as documents
from waymark.documents.anonymity.identifiers import KINDS, Identifier
from waymark.documents.models import Report, Review
from waymark.enquiries.models import PublishedAnswer
from waymark.library.models import Concern, Deposit, Publishable, Resource, ResourceKind
from waymark.library.queries import repository
from waymark.library.queries.deposit_records import undecided_deposits_of
from waymark.library.queries.public_words import (
    Mark,
    mark_of,
    words_without_answer,
    words_without_answer_in,
)

EXPIRY, DESCRIPTION, RESOURCE_DESCRIPTION = "expiry", "description", "resource-description"
DEPOSIT, CONCERN, ANSWER = "deposit", "concern", "answer"
OPENING = frozenset({State.PUBLISHED, State.EMBARGOED})
Reasons = dict[Publishable, list[OpenReason]]


def open_reasons(
    item: Publishable, now: datetime, *, whole: bool = False, deciding: Deposit | None = None
) -> list[OpenReason]:
    """Every reason why a record cannot be published yet.

    Of a review, also the reasons of the reports that it would open; whole: of all that staff see.
    deciding: the deposit that is being published, which is then no reason itself.
    """
    return open_reasons_of([item], now, whole=whole, deciding=deciding)[item]


def open_reasons_of(
    items: Collection[Publishable],
    now: datetime,
    *,
    whole: bool = False,
    deciding: Deposit | None = None,
) -> Reasons:
    """open_reasons() of each record, in as many queries for one as for all.

    A report brings its own expiry; a review that of its reports only if it is asked as a whole.
    """
    reports = _reports_of(items, OPEN_TO_STAFF if whole else OPENING)
    dated = [item for item in items if whole or isinstance(item, Report)]
    expiries = _expiry_reasons([report for item in dated for report in reports[item]], now)
    every = {report.pk: report for rows in reports.values() for report in rows}
    of_files = _group_by_key([*expiries, *documents.open_reasons(every.values())])
    rules: list[Reasons] = [
        _description_reasons(items),
        {
            item: [reason for report in rows for reason in of_files.get(report.key, ())]
            for item, rows in reports.items()
        },
        _concern_reasons(items),
        _deposit_reasons(items, deciding),
        _answer_reasons(items),
    ]
    return {item: [reason for rule in rules for reason in rule.get(item, ())] for item in items}


def _reports_of(
    items: Collection[Publishable], states: Collection[State]
) -> dict[Publishable, list[Report]]:
    """The reports whose own questions are asked of each record: itself, or those of a review."""
    reports: dict[Publishable, list[Report]] = {
        item: [item] if isinstance(item, Report) else [] for item in items
    }
    reviews = {item.pk: item for item in items if isinstance(item, Review)}
    if reviews:
        for report in Report.objects.filter(review__in=reviews, state__in=states).order_by("pk"):
            reports[reviews[report.review_id]].append(report)
    return reports


def _group_by_key(reasons: Iterable[OpenReason]) -> dict[str, list[OpenReason]]:
    by_key: defaultdict[str, list[OpenReason]] = defaultdict(list)
    for reason in reasons:
        by_key[reason.key].append(reason)
    return by_key


def require_ready(
    items: Iterable[Publishable], now: datetime, *, deciding: Deposit | None = None
) -> None:
    """Raise NotReady with every reason why records cannot be published yet."""
    of_items = open_reasons_of(list(items), now, deciding=deciding)
    if reasons := [reason for rows in of_items.values() for reason in rows]:
        raise NotReady(list(dict.fromkeys(reasons)))


def opens_by_itself(report: Report, now: datetime) -> bool:
    """True if a report is not public yet, and the end of an embargo, its own or its review's, is
    to make it so: nobody is asked then.
    """
    embargoed = State.EMBARGOED in (report.state, report.review.state)
    return embargoed and report.state in OPENING and not repository.is_public(report, now)


def reason_not_ready(report: Report) -> str:
    """Reasons why a report and the description of its review cannot be published yet; or ""."""
    return reasons_not_ready([report]).get(report.pk, "")


def reasons_not_ready(reports: Collection[Report]) -> dict[int, str]:
    """The same of many, by primary key, in as few queries; without those that are ready."""
    of_files = documents.reasons_not_ready(reports)
    described = _description_reasons({report.review for report in reports})
    reasons = {
        report.pk: [
            of_files.get(report.pk, ""),
            *(f"{why.name} {why.reason}" for why in described.get(report.review, ())),
        ]
        for report in reports
    }
    joined = {report: ", and ".join(filter(None, words)) for report, words in reasons.items()}
    return {report: words for report, words in joined.items() if words}


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


# ---- the rules ----


def _description_reasons(items: Collection[Publishable]) -> Reasons:
    """The reason that words in the description of a review or resource have no answer."""
    described = [item for item in items if not isinstance(item, Report)]
    waiting = words_without_answer_in(described) if described else {}
    return {item: [_description_reason(item, mentions)] for item, mentions in waiting.items()}


def _description_reason(item: Publishable, mentions: Iterable[Identifier]) -> OpenReason:
    counts = Counter(mention.kind for mention in mentions)
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
    return OpenReason(kind, key, key, reason, remedy)


def _key_of(item: Publishable) -> str:
    return item.reference if isinstance(item, Review) else item.key


def _deposit_reasons(items: Collection[Publishable], deciding: Deposit | None) -> Reasons:
    """The reason that a deposit is decided on its own page: there its record is complete, its board
    is not named if it wishes so, and it gets an email.
    """
    sent_in = [item for item in items if isinstance(item, Report | Review)]
    reason = "was sent in by a board, and nobody has decided on its deposit"
    remedy = "check the deposit, then publish it"
    return {
        item: [OpenReason(DEPOSIT, deposit.reference, _name_of(item), reason, remedy)]
        for item, deposit in (undecided_deposits_of(sent_in) if sent_in else {}).items()
        if deposit != deciding
    }


def _name_of(item: Publishable) -> str:
    return item.file_name if isinstance(item, Report) else _key_of(item)


def _answer_reasons(items: Collection[Publishable]) -> Reasons:
    """The reason that an answer of the desk is not approved as it is."""
    answers = {
        item.pk: item
        for item in items
        if isinstance(item, Resource) and item.kind == ResourceKind.ANSWER
    }
    if not answers:
        return {}
    rows = PublishedAnswer.objects.filter(resource__in=answers).select_related("resource")
    approved = {row.resource_id for row in rows if row.is_approved}
    return {
        item: [
            OpenReason(
                ANSWER,
                item.key,
                item.key,
                "is an answer that nobody has approved",
                "approve it at Workspace, Published answers",
            )
        ]
        for number, item in answers.items()
        if number not in approved
    }


def _concern_reasons(items: Collection[Publishable]) -> Reasons:
    """The reason that staff hid it because of a concern that nobody has decided yet."""
    hiding = open_concerns_about(items, hidden_at__isnull=False)
    reason, remedy = "is hidden because of a concern", "decide on the concern first"
    return {
        item: [
            OpenReason(CONCERN, concern.reference, _name_of(item), reason, remedy)
            for concern in concerns
        ]
        for item, concerns in hiding.items()
    }


def open_concerns_about(
    items: Collection[Publishable], **columns: object
) -> dict[Publishable, list[Concern]]:
    """Concerns about records that nobody has decided yet, oldest first; without records with none.

    columns: conditions of the concerns.
    """
    by_key: defaultdict[tuple[str, str], list[Publishable]] = defaultdict(list)
    for item in items:
        by_key[str(item._meta.model_name), _key_of(item)].append(item)
    keys = {key for _, key in by_key}
    rows = Concern.objects.filter(Q(**columns), item_key__in=keys, decided_at=None)
    concerns: defaultdict[Publishable, list[Concern]] = defaultdict(list)
    for concern in rows.order_by("pk"):
        for item in by_key.get((concern.item_kind, concern.item_key), ()):
            concerns[item].append(concern)
    return dict(concerns)


def _expiry_reasons(reports: Collection[Report], now: datetime) -> list[OpenReason]:
    """The reason that the file of a report has expired."""
    retentions = repository.retentions_of(reports) if reports else {}
    rows = [(report, retentions[report.pk]) for report in reports if report.pk in retentions]
    return [
        OpenReason(
            EXPIRY,
            report.key,
            report.file_name,
            f"expired on {date_in_words(retention.until)}",
            "set a later expiry date first",
        )
        for report, retention in rows
        if retention.until is not None
        and retention.until <= timezone.localdate(now)
        and not retention.legal_hold
    ]
