"""Holdings for staff: every review with its reports, in any publication state.

Withdrawn and expired ones are listed too, but only for people who may publish them again; other
staff see the ones they may read.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from waymark.accounts.models import AuditEntry, State
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF, listed_states
from waymark.core.errors import NotFound, require_found
from waymark.documents.models import (
    HiddenText,
    HiddenTextVerdict,
    Intake,
    IntakeState,
    Report,
    Review,
)
from waymark.documents.queries.recognition import recognition_summaries
from waymark.documents.reader_versions import is_older
from waymark.documents.reading.values import METADATA


@dataclass(frozen=True, slots=True)
class ReportHolding:
    """A report with its number of passages. brought_by: who uploaded it; "operator" on the server.

    open: staff may read it, because neither it nor its review is withdrawn or expired. older: an
    earlier version of its reader made its text. scans: its scanned pages in words, "" if it has
    none.
    """

    report: Report
    passages: int
    brought_by: str
    open: bool
    older: bool
    scans: str = ""


@dataclass(frozen=True, slots=True)
class ReviewHolding:
    """A review with its reports, by kind and age. open: staff may read its page."""

    review: Review
    reports: tuple[ReportHolding, ...]
    open: bool


def in_state(state: State, person: Actor) -> Q:
    """Condition for the reviews in a state, or with a report in it. Raises NotPermitted."""
    listed = listed_states(person)
    if state not in listed:
        return Q(pk__in=())
    # One by one in subqueries: a join would list a review once for each of its reports.
    reports = Report.objects.filter(state=state).values("review")
    return Q(state=state) | Q(pk__in=reports)


def state_counts(person: Actor) -> dict[State, int]:
    """State -> number of reviews in it or with a report in it; without zeros.

    Raises NotPermitted.
    """
    listed = listed_states(person)
    reviews, reports = Review.objects.order_by(), Report.objects.order_by()
    if listed != frozenset(State):
        # Only where it leaves any out: without it both are read from an index alone.
        reviews = reviews.filter(state__in=listed)
        reports = reports.filter(state__in=listed, review__state__in=listed)
    counts = Counter(dict(reviews.values_list("state").annotate(Count("pk"))))
    # The other reviews with a report in a state: two questions for all states together.
    elsewhere = reports.exclude(state=F("review__state")).values_list("state")
    counts.update(dict(elsewhere.annotate(Count("review", distinct=True))))
    return {state: counts[state] for state in State if counts[state]}


def listed_reviews(person: Actor) -> QuerySet[Review]:
    """Every review that the list shows to a person. Raises NotPermitted."""
    listed = listed_states(person)
    # Only where it leaves any out: without it the page is found in an index alone.
    reviews = Review.objects.all()
    return reviews if listed == frozenset(State) else reviews.filter(state__in=listed)


def review_holdings(page: Iterable[Review], person: Actor) -> list[ReviewHolding]:
    """Reviews of listed_reviews() with their reports. Raises NotPermitted."""
    page = list(page)
    reports = _reports_of(page, listed_states(person))
    return [
        ReviewHolding(review, tuple(reports[review.pk]), review.state in OPEN_TO_STAFF)
        for review in page
    ]


def _reports_of(
    reviews: Iterable[Review], listed: frozenset[State]
) -> dict[int, list[ReportHolding]]:
    by_review: dict[int, list[ReportHolding]] = {review.pk: [] for review in reviews}
    rows = Report.objects.filter(review__in=by_review, state__in=listed).select_related("review")
    rows = rows.annotate(passages_held=Count("passages"))
    reports = list(rows.order_by("kind", "received_at", "pk"))
    origin = _uploaders_of(reports)
    scans = recognition_summaries(reports)
    for report in reports:
        is_open = OPEN_TO_STAFF.issuperset({report.state, report.review.state})
        by_review[report.review_id].append(
            ReportHolding(
                report,
                report.passages_held,
                origin.get(report.key, ""),
                is_open,
                is_older(report.extractor),
                scans.get(report.pk, ""),
            )
        )
    return by_review


def _uploaders_of(reports: Iterable[Report]) -> dict[str, str]:
    """Report key -> name of the account that uploaded it or ran the command that added it."""
    subjects = {report.audit_subject(): report.key for report in reports}
    entries = AuditEntry.objects.filter(action="store report", subject__in=subjects)
    rows = entries.order_by("-pk").values_list("subject", "actor")
    origin = {subjects[subject]: actor for subject, actor in rows}
    uploads = Intake.objects.filter(
        report__key__in=subjects.values(), state=IntakeState.STORED, received_from__isnull=False
    )
    # An upload is stored by the worker ("operator" in the audit), so its row names the person.
    origin.update(uploads.order_by("-pk").values_list("report__key", "received_from__username"))
    return origin


def files_of(review: Review, person: Actor) -> list[ReportHolding]:
    """The reports of a review that staff see, by kind and age. Raises NotPermitted."""
    return _reports_of([review], listed_states(person))[review.pk]


def unstored_intakes(review: Review, person: Actor) -> list[Intake]:
    """Files sent for a review that are not read yet, or were refused. Raises NotPermitted."""
    require_permission(person, "add reports")
    states = (IntakeState.WAITING, IntakeState.READING, IntakeState.REFUSED)
    return list(Intake.objects.filter(review=review, state__in=states).order_by("pk"))


def review_in_any_state(reference: str, person: Actor) -> Review:
    """A review in any state, for people who may change it. Raises NotPermitted, NotFound."""
    require_permission(person, "publish reports")
    return require_found(
        Review.objects.filter(reference=reference).first(), f"there is no review {reference}"
    )


def report_in_any_state(key: str, person: Actor) -> Report:
    """A report in any state, with its review, for people who may change it. Raises as above.

    key: its key, or the reference that its review got from it.
    """
    require_permission(person, "publish reports")
    return require_found(
        Report.objects.filter(key=key.removeprefix("r-")).select_related("review").first(),
        f"there is no report {key}",
    )


def attachable_reviews(person: Actor, *, limit: int) -> list[tuple[str, str]]:
    """Reference and title of reviews that a report may be added to, the last added first."""
    require_permission(person, "add reports")
    rows = Review.objects.exclude(state__in=(State.WITHDRAWN, State.EXPIRED))
    return list(rows.order_by("-added_at", "reference").values_list("reference", "title")[:limit])


def intakes_of_batch(batch: str, person: Actor) -> list[Intake]:
    """The files of one upload in the order chosen. Raises NotPermitted, NotFound."""
    require_permission(person, "add reports")
    rows = list(Intake.objects.filter(batch=batch).select_related("report__review").order_by("pk"))
    if not rows:
        raise NotFound(f"there is no upload {batch}")
    return rows


def reports_with_hidden_text(person: Actor) -> QuerySet[Report]:
    """Reports with hidden text not yet found harmless, the last received first.

    Without withdrawn and expired ones. Raises NotPermitted.
    """
    require_permission(person, "decide on hidden text")
    waiting = HiddenText.objects.exclude(verdict=HiddenTextVerdict.HARMLESS)
    rows = Report.objects.filter(pk__in=waiting.values("report"), state__in=OPEN_TO_STAFF)
    return rows.select_related("review").order_by("-received_at", "-pk")


@dataclass(frozen=True, slots=True)
class OpenProperty:
    """A property of files, such as an author, that nobody has decided on, with its reports."""

    words: str
    cause: str
    reports: int


def open_properties(person: Actor) -> list[OpenProperty]:
    """Properties of files without an answer, those of most reports first. Raises NotPermitted."""
    require_permission(person, "decide on hidden text")
    rows = HiddenText.objects.filter(kind=METADATA, verdict="", report__state__in=OPEN_TO_STAFF)
    counted = rows.order_by().values("words", "cause").annotate(reports=Count("report"))
    return [OpenProperty(**row) for row in counted.order_by("-reports", "words", "cause")]


def hidden_text_of(report: Report, person: Actor) -> list[HiddenText]:
    """The hidden text of a report, page by page. Raises NotPermitted."""
    require_permission(person, "decide on hidden text")
    return list(report.hidden_texts.select_related("answered_by"))


def ids_with_hidden_text(reports: Iterable[int | None]) -> set[int]:
    """The ids of the reports with hidden text not yet found harmless."""
    waiting = HiddenText.objects.exclude(verdict=HiddenTextVerdict.HARMLESS)
    return set(waiting.filter(report__in=set(reports) - {None}).values_list("report", flat=True))
