"""Two bare Django pages on the database of an installation: a list of reviews and one review.

Settings, addresses and application in one file, so that gunicorn serves it beside Waymark: no
sign-in, no rule of visibility, no facets; what Django does at least for rows of this database.
"""

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.template import Template, engines
from django.urls import path

from waymark.settings import *  # noqa: F403
from waymark.settings import TEMPLATES as _TEMPLATES

ROOT_URLCONF = "site_bare"
MIDDLEWARE: list[str] = []
TEMPLATES = [{**_TEMPLATES[0], "OPTIONS": {}}]
ALLOWED_HOSTS = ["*"]
SIZE = 10
LIST = """<!DOCTYPE html><title>Reviews</title><h1>{{ total }} reviews</h1>
{% for review in reviews %}<h2><a href="/review/{{ review.reference }}/">{{ review.title }}</a></h2>
<p>{{ review.nation }}, {{ review.board }}, {{ review.published_on }}</p><p>{{ review.summary }}</p>
{% endfor %}"""
ONE = """<!DOCTYPE html><title>{{ review.title }}</title><h1>{{ review.title }}</h1>
<p>{{ review.nation }}, {{ review.board }}, {{ review.published_on }}</p><p>{{ review.summary }}</p>
{% for report in reports %}<p>{{ report.title }}, {{ report.page_count }} pages</p>{% endfor %}"""


@cache
def template(source: str) -> "Template":
    """A template, compiled once."""
    return engines["django"].from_string(source)


def list_page(request: HttpRequest) -> HttpResponse:
    """Ten reviews and how many there are."""
    from waymark.documents.models import Review

    start = (int(request.GET.get("page", "1")) - 1) * SIZE
    reviews = Review.objects.filter(state="published").order_by("-published_on", "pk")
    context = {"total": reviews.count(), "reviews": reviews[start : start + SIZE]}
    return HttpResponse(template(LIST).render(context))


def review_page(request: HttpRequest, reference: str) -> HttpResponse:
    """One review with its reports."""
    from waymark.documents.models import Review

    review = Review.objects.get(reference=reference)
    context = {"review": review, "reports": review.reports.all()}
    return HttpResponse(template(ONE).render(context))


urlpatterns = [path("", list_page), path("review/<slug:reference>/", review_page)]
