"""Obstacles to signing a report, each with a link to the page where it can be fixed."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from waymark.accounts.permissions import may
from waymark.overview.models import Overview
from waymark.publishing.fitness import Obstacle
from waymark.web.forms import as_sentence


@dataclass(frozen=True, slots=True)
class Mend:
    """An obstacle with a link. url: "" if the person may not open the page; label: of the link,
    or, without one, who can fix it."""

    message: str
    url: str
    label: str


def mends(request: HttpRequest, overview: Overview, obstacles: Iterable[Obstacle]) -> list[Mend]:
    """Obstacles with the pages where this person can fix them."""
    return [_mend(request, overview.slug, obstacle) for obstacle in obstacles]


def _mend(request: HttpRequest, slug: str, obstacle: Obstacle) -> Mend:
    message = as_sentence(obstacle.message)
    match obstacle.page:
        case "decision":
            return Mend(message, reverse("decide", args=[slug]), "Record the decision")
        case "text":
            url = reverse("write-text", args=[slug, obstacle.slot])
            return Mend(message, url, f"Edit {obstacle.slot}")
        case "sources":
            return Mend(message, reverse("staff"), "Reviews and reports")
        case _ if may(request.user, "analyse"):
            return Mend(message, reverse("spec", args=[slug]), "Edit the specification")
        case _:
            return Mend(message, "", "An analyst can change this.")
