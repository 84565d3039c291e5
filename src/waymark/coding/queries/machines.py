"""Queries of programs that suggest codes: which there are, where they are off, what they read."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from waymark.accounts.permissions import Actor, Person, require_permission
from waymark.accounts.visibility import in_visible
from waymark.coding.assignments import unfinished_reviews_of
from waymark.coding.models import (
    MachineCoder,
    MachineKind,
    MachineState,
    Suggestion,
    SuggestionBlock,
    SuggestionRun,
)
from waymark.core.errors import RuleError, require_found
from waymark.documents.models import Report, Review
from waymark.documents.queries.reader import open_reviews
from waymark.frameworks.models import Framework

LEAD = "lead suggestions"
OFF = (
    "suggestions are switched off in this installation: to use them, set WAYMARK_SUGGESTIONS=1"
    " and start it again"
)
CONNECT = "connect language models"
NO_LANGUAGE_MODELS = (
    "language models are off in this installation: to use one, set WAYMARK_LANGUAGE_MODELS=1"
)


def suggestions_on() -> bool:
    """True if this installation uses programs that suggest codes."""
    return bool(settings.SUGGESTIONS)


def require_suggestions() -> None:
    """Raise RuleError if suggestions are off in this installation."""
    if not suggestions_on():
        raise RuleError(OFF)


def blocked(prefix: str = "") -> Q:
    """Condition: suggestions are off for the review, or for its collection. prefix: to it."""
    blocks = SuggestionBlock.objects.filter(lifted_at=None)
    of_collection = blocks.filter(review=None).values("collection")
    of_review = blocks.exclude(review=None).values("review")
    return Q(**{f"{prefix}collection__in": of_collection}) | Q(**{f"{prefix}pk__in": of_review})


def why_no_suggestions(review: Review) -> str:
    """Why no program may suggest anything in a review; "" if it may."""
    if not suggestions_on():
        return OFF
    if Review.objects.filter(blocked(), pk=review.pk).exists():
        return f"suggestions are switched off for {review.reference}"
    return ""


def is_public(report: Report, now: datetime) -> bool:
    """True if everyone may see a report now: only then may its words leave the installation."""
    return Report.objects.filter(
        in_visible(Report, AnonymousUser(), now=now), pk=report.pk
    ).exists()


def open_blocks(person: Person, now: datetime) -> QuerySet[SuggestionBlock]:
    """Collections and visible reviews for which suggestions are off. Raises NotPermitted."""
    require_permission(person, LEAD)
    rows = SuggestionBlock.objects.filter(lifted_at=None).select_related("review", "blocked_by")
    return rows.filter(Q(review=None) | Q(review__in=open_reviews(person, now)))


def listed_machines(
    person: Person, now: datetime, leave_out: Collection[str] = ()
) -> QuerySet[MachineCoder]:
    """All programs, with their numbers of reports read, of suggestions and of dropped proposals.

    Of reports that the person may see, in reviews that they do not code now: how many suggestions
    there are is hidden with them. leave_out: see figures_for(). Raises NotPermitted.
    """
    require_permission(person, LEAD)
    done = Q(
        in_visible(Report, person, now=now, prefix="runs__report__"),
        ~Q(runs__report__review__in=unfinished_reviews_of(person)),
        ~Q(runs__report__review__reference__in=leave_out),
        runs__done_at__isnull=False,
        runs__refused="",
    )
    return MachineCoder.objects.select_related("framework", "asked_by").annotate(
        reports_read=Count("runs", filter=done),
        suggestions=Sum("runs__suggested", filter=done),
        dropped=Sum("runs__dropped", filter=done, default=0),
    )


def machine_for(
    number: int, person: Person, now: datetime, leave_out: Collection[str] = ()
) -> MachineCoder:
    """The program of a number, with its numbers. Raises NotPermitted, NotFound."""
    row = listed_machines(person, now, leave_out).filter(pk=number).first()
    return require_found(row, "there is no such suggester")


def machine_called(name: str) -> MachineCoder:
    """The program of a name. Raises NotFound."""
    row = MachineCoder.objects.select_related("framework").filter(name=name).first()
    return require_found(row, f"there is no suggester {name}")


def why_unusable(machine: MachineCoder) -> str:
    """Why a program may suggest nothing any more, or not yet; "" if it may."""
    if machine.ended_at is not None:
        return f"{machine.name} is no longer used"
    if machine.kind == MachineKind.LANGUAGE and not settings.LANGUAGE_MODELS:
        return NO_LANGUAGE_MODELS
    if machine.state != MachineState.READY:
        return f"{machine.name} is not trained"
    # A model contains words of the reports it learned from. Embargoed ones count as seen by the
    # operator, so the time decides nothing here.
    if machine.reviews.exclude(in_visible(Review, None, now=machine.asked_at)).exists():
        return f"{machine.name} learned from a review that was withdrawn since: train another"
    if machine.reports.exclude(in_visible(Report, None, now=machine.asked_at)).exists():
        return (
            f"{machine.name} learned from a report that was withdrawn or expired since: train"
            " another"
        )
    return ""


def drafting_model() -> MachineCoder | None:
    """The language model that drafts from passages: the last that was connected.

    None if there is none, or if this installation has drafts, suggestions or language models off.
    """
    if not (settings.QUOTE_DRAFTS and settings.LANGUAGE_MODELS and suggestions_on()):
        return None
    rows = MachineCoder.objects.filter(
        kind=MachineKind.LANGUAGE, state=MachineState.READY, ended_at=None
    )
    return rows.order_by("-version").first()


def known_model_files() -> set[str]:
    """SHA-256 of the files of all trained models."""
    return set(MachineCoder.objects.exclude(sha256="").values_list("sha256", flat=True))


def waiting_trainings() -> QuerySet[MachineCoder]:
    """Linear models that wait to be trained."""
    return MachineCoder.objects.filter(kind=MachineKind.LINEAR, done_at=None)


def waiting_runs() -> QuerySet[SuggestionRun]:
    """Reports that wait to be read by a program."""
    rows = SuggestionRun.objects.filter(done_at=None)
    return rows.select_related("machine", "framework", "report__review", "asked_by")


def runs_of(machine: MachineCoder, person: Person, now: datetime) -> QuerySet[SuggestionRun]:
    """The reports that a program read or is to read and the person may see, latest first."""
    require_permission(person, LEAD)
    rows = machine.runs.filter(in_visible(Report, person, now=now, prefix="report__"))
    return rows.select_related("report__review", "framework", "asked_by").order_by("-pk")


def machines_used(reviews: QuerySet[Review], framework: Framework) -> list[MachineCoder]:
    """Programs that read a report of these reviews with a framework, or suggested a code of it.

    By name. The caller checks who may know.
    """
    runs = SuggestionRun.objects.filter(
        report__review__in=reviews, framework=framework, refused="", done_at__isnull=False
    )
    suggested = Suggestion.objects.filter(report__review__in=reviews, code__framework=framework)
    return list(
        MachineCoder.objects.filter(
            Q(pk__in=runs.values("machine"))
            | Q(name__in=list(suggested.order_by().values_list("suggester", flat=True).distinct()))
        ).order_by("name")
    )


def reports_to_read(
    machine: MachineCoder,
    framework: Framework,
    reviews: Collection[Review],
    person: Actor,
    now: datetime,
) -> list[Report]:
    """Reports of reviews, in their current text, that a program has yet to be asked to read.

    Those that it failed to read can be asked for again. Without reviews for which suggestions are
    off, and reports that the person may not see.
    """
    runs = SuggestionRun.objects.filter(
        machine=machine,
        framework=framework,
        report=OuterRef("pk"),
        reading=OuterRef("reading"),
        refused="",
    )
    rows = Report.objects.filter(in_visible(Report, person, now=now), review__in=reviews)
    rows = rows.exclude(review__in=Review.objects.filter(blocked()))
    return list(rows.filter(~Exists(runs)))
