"""Which reviews could be published, as far as their files are concerned, without reading each."""

from django.db.models import Q, QuerySet

from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.documents.models import PageRecognition, Report, Review
from waymark.documents.queries.anonymity import reports_with_identifiers
from waymark.documents.queries.holdings import reports_with_hidden_text
from waymark.documents.queries.recognition import OPEN_PAGES

NOT_YET_OPEN = (State.RECEIVED, State.IN_CHECK, State.INTERNAL)


def reports_with_questions() -> QuerySet[Report]:
    """Reports with a question that somebody must answer before they are published.

    The same rule as services.readiness gives for one report, with the reasons in words.
    """
    scans = PageRecognition.objects.filter(OPEN_PAGES)
    return Report.objects.filter(
        Q(hidden_text_checked_at=None)
        | Q(anonymity_checked_at=None)
        | Q(pk__in=reports_with_hidden_text(None).order_by().values("pk"))
        | Q(pk__in=reports_with_identifiers(None).order_by().values("pk"))
        | Q(pk__in=scans.values("report")),
        state__in=OPEN_TO_STAFF,
    )


def reviews_ready(person: Actor) -> QuerySet[Review]:
    """Reviews that are not public yet, with files that are all without a question.

    Raises NotPermitted.
    """
    require_permission(person, "publish reports")
    with_files = Report.objects.filter(state__in=OPEN_TO_STAFF)
    rows = Review.objects.filter(state__in=NOT_YET_OPEN, pk__in=with_files.values("review"))
    return rows.exclude(pk__in=reports_with_questions().values("review"))
