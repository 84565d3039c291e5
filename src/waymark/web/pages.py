"""The start page and the pages that explain: about and method, help, accessibility."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from waymark.documents import queries as documents
from waymark.documents.models import Review
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
class Example:
    """A search to try."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A number on the start page, and the page that opens it."""

    label: str
    shown: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """A review in a list: facts are short, in the order in which they are read."""

    reference: str
    title: str
    facts: tuple[str, ...]


def card(review: Review) -> Card:
    """A review as the lists of the site show it."""
    facts = [review.nation, review.board]
    if review.published_on:
        facts.append(f"published {date_format(review.published_on, 'j F Y')}")
    if review.fictional:
        facts.append("fictional")
    return Card(review.reference, review.title, tuple(fact for fact in facts if fact))


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The start page: search, what is held, what is new."""
    now = timezone.now()
    held = documents.holdings(request.user, now)
    framework = frameworks.current_framework()
    codes = frameworks.codes_of(framework) if framework else []
    library, themes = reverse("library"), reverse("themes")
    numbers = (
        ("reviews", held.reviews, library),
        ("children", profiles.number_of_children(request.user, now), library),
        ("themes for learning", sum(code.theme is not None for code in codes), themes),
        ("pages to search", held.pages, library),
    )
    return render(
        request,
        "pages/home.html",
        {
            "holdings": [Holding(label, f"{number:,}", url) for label, number, url in numbers],
            "examples": [
                Example(label, f"{library}?{urlencode({'q': query})}") for label, query in EXAMPLES
            ],
            "publications": publishing.publications(),
            "latest": [
                card(review) for review in documents.latest_reviews(request.user, now, limit=LATEST)
            ],
        },
    )


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What the site is for, and its method."""
    return render(request, "pages/about.html")


@require_safe
def get_help(request: HttpRequest) -> HttpResponse:
    """Where to get help."""
    return render(request, "pages/help.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "pages/accessibility.html")
