"""Home page, and the pages on method, help and accessibility."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from waymark.documents.models import Review
from waymark.documents.queries import reader as documents
from waymark.frameworks import queries as frameworks
from waymark.profiles import queries as profiles
from waymark.publishing import queries as publishing

LATEST = 6
EXAMPLES = (
    ("infants and unsafe sleep", "(infant* OR baby) AND sleep*"),
    ("missed appointments", '"missed appointments" OR "not brought"'),
    ("fathers and partners who were not seen", '(father OR partner) AND "not seen"'),
)


@dataclass(frozen=True, slots=True)
class ExampleSearch:
    """Example search."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class LibraryTotal:
    """Number on the home page, with the page it links to."""

    label: str
    number_text: str
    url: str


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """Review in a list. facts: short texts, in reading order."""

    reference: str
    title: str
    facts: tuple[str, ...]


def review_card(review: Review) -> ReviewCard:
    """Summarise a review for a list."""
    facts = [review.nation, review.board]
    if review.published_on:
        facts.append(f"published {date_format(review.published_on, 'j F Y')}")
    if review.fictional:
        facts.append("fictional")
    return ReviewCard(review.reference, review.title, tuple(fact for fact in facts if fact))


@require_safe
def home_page(request: HttpRequest) -> HttpResponse:
    """Home page: search, size of the library, latest reviews."""
    now = timezone.now()
    totals = documents.visible_holdings(request.user, now)
    framework = frameworks.current_framework()
    codes = frameworks.codes_of(framework) if framework else []
    library, themes = reverse("library"), reverse("themes")
    # Each number links to the page on which a reader can check it.
    numbers = (
        ("reviews", totals.reviews, library),
        ("children", profiles.number_of_children(request.user, now), library),
        ("themes for learning", sum(code.theme is not None for code in codes), themes),
        ("pages to search", totals.pages, library),
    )
    return render(
        request,
        "pages/home.html",
        {
            "holdings": [LibraryTotal(label, f"{number:,}", url) for label, number, url in numbers],
            "examples": [
                ExampleSearch(label, f"{library}?{urlencode({'q': query})}")
                for label, query in EXAMPLES
            ],
            "publications": publishing.current_editions(),
            "latest": [
                review_card(review)
                for review in documents.latest_reviews(request.user, now, limit=LATEST)
            ],
        },
    )


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
    return render(request, "pages/accessibility.html")
