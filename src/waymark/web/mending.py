"""What stops a report from being signed, each with the page on which it is put right."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from waymark.accounts.permissions import may
from waymark.overview.models import Overview
from waymark.publishing.fitness import Obstacle


@dataclass(frozen=True, slots=True)
class Mend:
    """An obstacle with a link. url: "" where the person may not open the page; label: of the link,
    or, without one, who can put it right."""

    message: str
    url: str
    label: str


def sentence(message: str) -> str:
    """A message as a sentence."""
    return f"{message[:1].upper()}{message[1:]}."


def mends(request: HttpRequest, overview: Overview, obstacles: Iterable[Obstacle]) -> list[Mend]:
    """Obstacles with the pages on which this person can put them right."""
    return [_mend(request, overview.slug, one) for one in obstacles]


def _mend(request: HttpRequest, slug: str, obstacle: Obstacle) -> Mend:
    message = sentence(obstacle.message)
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
