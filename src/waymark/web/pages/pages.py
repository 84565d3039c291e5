"""Home page, and the pages on method, help and accessibility."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.documents.queries import reader as documents
from waymark.library.models import ResourceKind
from waymark.library.models.kinds import CASE_REVIEW
from waymark.library.queries import resources
from waymark.library.queries.topics import topic_counts
from waymark.library.services.concerns import KEPT_DAYS
from waymark.pipeline.retention.schedule import retention_schedule
from waymark.publishing import queries as publishing
from waymark.web.middleware.navigation import DEPOSIT, SECTIONS, MenuPlace, address_of, entries

NEW = 3
"""Reviews, and resources, on the home page that were added last."""
TOPICS = (
    *("babies-and-safer-sleep", "neglect", "fathers-and-partners", "domestic-abuse"),
    *("parents-mental-health", "drugs-and-alcohol", "schools-and-nurseries"),
    *("suicide-and-self-harm", "childrens-voices", "information-sharing"),
    *("supervision-and-support", "missed-appointments"),
)
"""Topics on the home page, if they exist; staff can withdraw or add topics."""
FIRST = ("babies-and-safer-sleep", "missed-appointments", "fathers-and-partners")
"""Topics in the door of practitioners."""
COMPARE = MenuPlace("Compare two overviews", ("compare",))
EVIDENCE = (
    MenuPlace("Findings across reviews", ("findings", "overviews")),
    MenuPlace("Statistics", ("statistics",)),
    COMPARE,
    MenuPlace("Data for researchers", ("data",)),
    MenuPlace("Methods", ("methods", "about")),
)
COMMISSIONING = (
    DEPOSIT,
    MenuPlace("Recommendations", ("recommendations",)),
    MenuPlace("Earlier reviews", ("find", "library"), query=f"?kind={CASE_REVIEW}"),
    MenuPlace("How reports are read and coded", ("about",)),
)


@dataclass(frozen=True, slots=True)
class LibraryTotal:
    """Number on the home page. url: the page that lists exactly what it counts."""

    number: int
    noun: str
    url: str


@require_safe
def home_page(request: HttpRequest) -> HttpResponse:
    """Home page: doors, topics, findings, new records; each number links to what it counts."""
    now = timezone.now()
    topics = topic_counts(request.user, now, keys=TOPICS)
    editions = publishing.editions_of_work("overview")
    return render(
        request,
        "pages/home.html",
        {
            "totals": _totals(request, now, len(editions)),
            "practice": [topic for topic in topics if topic.key in FIRST],
            "topics": topics,
            "evidence": entries(_evidence(len(editions)), request, request.user),
            "commissioning": entries(_commissioning(), request, request.user),
            "publications": editions,
            "newest": resources.newest_records(request.user, now, limit=NEW),
            "newest_url": f"{_find()}?{urlencode({'sort': 'added'})}",
        },
    )


def _find() -> str:
    return address_of(SECTIONS[0]) or reverse("home")


def _totals(request: HttpRequest, now: datetime, editions: int) -> list[LibraryTotal]:
    """Sizes of the library, without those that are zero."""
    reviews = documents.open_reviews(request.user, now).count()
    open_resources = resources.open_resources(request.user, now)
    published = open_resources.exclude(kind=ResourceKind.TRAINING).count()
    totals = (
        LibraryTotal(reviews, "review", f"{_find()}?{urlencode({'kind': CASE_REVIEW})}"),
        LibraryTotal(published, "resource", f"{_find()}?{urlencode({'collection': 'resources'})}"),
        LibraryTotal(editions, "overview", reverse("overviews")),
    )
    return [total for total in totals if total.number]


def _evidence(editions: int) -> tuple[MenuPlace, ...]:
    """The door to evidence; nothing can be compared before two overviews are published."""
    return tuple(place for place in EVIDENCE if place is not COMPARE or editions > 1)


def _commissioning() -> tuple[MenuPlace, ...]:
    return COMMISSIONING if settings.DEPOSITS else COMMISSIONING[1:]


@require_safe
def about_page(request: HttpRequest) -> HttpResponse:
    """Purpose and method of the site."""
    return render(request, "pages/about.html")


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Helplines and services."""
    return render(request, "pages/help.html")


@require_safe
def accessibility_page(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    values = {
        "email": settings.ACCESSIBILITY_EMAIL or settings.CONTACT_EMAIL,
        "phone": settings.ACCESSIBILITY_PHONE or settings.CONTACT_PHONE,
        "prepared": settings.ACCESSIBILITY_PREPARED,
        "reviewed": settings.ACCESSIBILITY_REVIEWED,
        "tested": settings.TESTED_ON,
    }
    return render(request, "pages/accessibility.html", values)


@require_safe
def contact_page(request: HttpRequest) -> HttpResponse:
    """How and when people can reach those who run the site."""
    values = {"address": settings.ORGANISATION_ADDRESS, "opening_hours": settings.OPENING_HOURS}
    return render(request, "pages/contact.html", values)


@require_safe
def privacy_page(request: HttpRequest) -> HttpResponse:
    """What personal data the site keeps, with its cookies."""
    periods = {row.key: row.in_words for row in retention_schedule()}
    values = {
        "concern_days": KEPT_DAYS,
        "keep_years": settings.KEEP_YEARS,
        "session_hours": max(12, settings.READER_SESSION_HOURS),
        "enquiry_months": settings.KEEP_ENQUIRIES_MONTHS,
        "returned_period": periods["returned-deposits"],
        "published_period": periods["published-deposits"],
        "sent_period": periods["sent-emails"],
        "stopped_period": periods["stopped-subscribers"],
    }
    return render(request, "pages/privacy.html", values)


@require_safe
def terms_page(request: HttpRequest) -> HttpResponse:
    """What may be done with what the site publishes."""
    return render(request, "pages/terms.html")


@require_safe
def complaints_page(request: HttpRequest) -> HttpResponse:
    """How to complain."""
    values = {"complaints_email": settings.COMPLAINTS_EMAIL}
    return render(request, "pages/complaints.html", values)
