"""Import recommendations of inquiries, each with the state of every addressee."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.utils.text import slugify

from waymark.accounts import audit, removals
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.bodies.queries import bodies_called
from waymark.core.errors import RuleError
from waymark.core.sheet_rows import read_rows
from waymark.recommendations.import_rows import (
    RecommendationReading,
    RecommendationRowRead,
    read_recommendations,
)
from waymark.recommendations.models import (
    SCHEME_STATES,
    Inquiry,
    InquiryAddressee,
    InquiryRecommendation,
    InquiryScheme,
)

BATCH = 2_000
"""Rows that are written at a time."""
USUAL_SCHEME = "Other inquiries"


@dataclass(frozen=True, slots=True)
class RecommendationImport:
    """The result of an import. stored: rows that are new or changed; unchanged: stored before.

    recommendations, addressees: those of the file that are stored now.
    """

    scheme: InquiryScheme
    reading: RecommendationReading
    stored: int
    unchanged: int
    recommendations: int
    addressees: int


@audit.serialized
def import_recommendations(
    *, by: Actor, file: str, content: bytes, now: datetime, scheme: str = USUAL_SCHEME
) -> RecommendationImport:
    """Store the rows of a CSV or XLSX file; the same file again changes nothing.

    Rows with the same words in one inquiry are one recommendation with several addressees. A row
    that changed supersedes the earlier one. scheme: name of the scheme, which is added if it is
    new. Raises NotPermitted, FileRefused, RuleError.
    """
    require_permission(by, "record progress")
    reading = read_recommendations(read_rows(content, name=file), name=file)
    row = _scheme_called(scheme, now)
    stored = _store(row, reading.read, now)
    audit.record_about(
        by, "import recommendations", row, now, file=file, rows=reading.rows, stored=stored
    )
    return RecommendationImport(
        row,
        reading,
        stored,
        len(reading.read) - stored,
        len({(read.inquiry, read.fingerprint) for read in reading.read}),
        len(reading.read),
    )


@audit.serialized
def set_scheme_state(*, by: Actor, scheme: InquiryScheme, state: str, now: datetime) -> None:
    """Show a scheme to everyone, to staff only, or to nobody."""
    require_permission(by, "publish reports")
    if state not in SCHEME_STATES:
        raise RuleError(f"the state must be one of {', '.join(SCHEME_STATES)}")
    scheme.state = State(state)
    scheme.save(update_fields=["state"])
    removals.note_withdrawal(
        subject=scheme.audit_subject(), withdrawn=state != State.PUBLISHED, now=now
    )
    audit.record_about(by, "set state of inquiry scheme", scheme, now, state=state)


@audit.serialized
def describe_scheme(
    *, by: Actor, scheme: InquiryScheme, source: str, licence: str, now: datetime
) -> None:
    """Say where the files of a scheme come from, and what may be done with them.

    "" leaves what is stored.
    """
    require_permission(by, "record progress")
    scheme.source = source.strip()[:500] or scheme.source
    scheme.licence = licence.strip()[:200] or scheme.licence
    scheme.save(update_fields=["source", "licence"])
    audit.record_about(by, "describe inquiry scheme", scheme, now)


def _scheme_called(name: str, now: datetime) -> InquiryScheme:
    name = " ".join(name.split())
    key = slugify(name)[:60]
    if not key or len(name) > 200:
        raise RuleError("enter a name of the scheme with letters, in at most 200 characters")
    scheme = InquiryScheme.objects.filter(key=key).first()
    return scheme or InquiryScheme.objects.create(
        key=key, name=name, state=State.INTERNAL, added_at=now
    )


Key = tuple[str, str, str]


def _store(scheme: InquiryScheme, rows: Sequence[RecommendationRowRead], now: datetime) -> int:
    """Write the rows that are new or changed; return their number."""
    known = _known_rows(scheme)
    changed = [row for row in rows if not _is_stored(row, known.get(row.key))]
    earlier = [known[row.key].pk for row in changed if row.key in known]
    touched = _supersede(earlier, now)
    recommendations = _recommendations_of(scheme, changed)
    bodies = bodies_called(frozenset(row.recipient for row in changed if row.recipient))
    InquiryAddressee.objects.bulk_create(
        (
            InquiryAddressee(
                recommendation_id=recommendations[row.inquiry, row.fingerprint],
                number=row.number,
                words=row.recipient,
                body=bodies.get(row.recipient),
                status=row.status,
                made_on=row.made,
                closed_on=row.closed,
                reply=row.reply,
                imported_at=now,
            )
            for row in changed
        ),
        batch_size=BATCH,
    )
    touched |= {recommendations[row.inquiry, row.fingerprint] for row in changed}
    _refresh(sorted(touched), now)
    return len(changed)


def _known_rows(scheme: InquiryScheme) -> dict[Key, InquiryAddressee]:
    current = InquiryAddressee.objects.filter(
        recommendation__inquiry__scheme=scheme, superseded_at=None
    ).select_related("recommendation__inquiry")
    return {
        (
            row.recommendation.inquiry.reference,
            row.number or row.recommendation.fingerprint,
            row.words,
        ): row
        for row in current.iterator(chunk_size=BATCH)
    }


def _is_stored(row: RecommendationRowRead, known: InquiryAddressee | None) -> bool:
    return known is not None and (
        known.recommendation.fingerprint,
        known.status,
        known.made_on,
        known.closed_on,
        known.reply,
    ) == (row.fingerprint, row.status, row.made, row.closed, row.reply)


def _supersede(addressees: list[int], now: datetime) -> set[int]:
    """Supersede rows; return their recommendations."""
    touched: set[int] = set()
    for at in range(0, len(addressees), BATCH):
        rows = InquiryAddressee.objects.filter(pk__in=addressees[at : at + BATCH])
        touched.update(rows.values_list("recommendation", flat=True))
        rows.update(superseded_at=now)
    return touched


def _recommendations_of(
    scheme: InquiryScheme, rows: Iterable[RecommendationRowRead]
) -> dict[tuple[str, str], int]:
    """Inquiry and fingerprint -> primary key of the recommendation, which is made if it is new."""
    rows = list(rows)
    names = {row.inquiry for row in rows}
    inquiries = {row.reference: row for row in Inquiry.objects.filter(scheme=scheme)}
    Inquiry.objects.bulk_create(
        (Inquiry(scheme=scheme, reference=name) for name in sorted(names - inquiries.keys())),
        batch_size=BATCH,
    )
    inquiries = {row.reference: row for row in Inquiry.objects.filter(scheme=scheme)}
    stored = _by_words(scheme)
    new: dict[tuple[str, str], InquiryRecommendation] = {}
    for row in rows:
        key = (row.inquiry, row.fingerprint)
        if key not in stored and key not in new:
            new[key] = InquiryRecommendation(
                inquiry=inquiries[row.inquiry], text=row.text, fingerprint=row.fingerprint
            )
    InquiryRecommendation.objects.bulk_create(new.values(), batch_size=BATCH)
    return _by_words(scheme) if new else stored


def _by_words(scheme: InquiryScheme) -> dict[tuple[str, str], int]:
    rows = InquiryRecommendation.objects.filter(inquiry__scheme=scheme)
    return {
        (reference, fingerprint): pk
        for pk, reference, fingerprint in rows.values_list(
            "pk", "inquiry__reference", "fingerprint"
        ).iterator(chunk_size=BATCH)
    }


def _refresh(recommendations: list[int], now: datetime) -> None:
    """Derive the day and the end of recommendations from their current addressees."""
    for at in range(0, len(recommendations), BATCH):
        batch = recommendations[at : at + BATCH]
        current = InquiryAddressee.objects.filter(recommendation__in=batch, superseded_at=None)
        days = dict(current.order_by().values_list("recommendation").annotate(Min("made_on")))
        rows = list(InquiryRecommendation.objects.filter(pk__in=batch))
        for row in rows:
            row.made_on = days.get(row.pk)
            row.superseded_at = None if row.pk in days else now
        InquiryRecommendation.objects.bulk_update(rows, ["made_on", "superseded_at"], 500)
