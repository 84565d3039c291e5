"""Obstacles to signing a report, each with a link to the page where it can be fixed."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from waymark.accounts.permissions import has_permission
from waymark.core.wording import as_sentence
from waymark.overview.models import Overview
from waymark.publishing.queries.obstacles import PublishingObstacle


@dataclass(frozen=True, slots=True)
class ObstacleLink:
    """An obstacle with a link. url: "" if the person may not open the page; label: of the link,
    or, without one, who can fix it."""

    message: str
    url: str
    label: str


def obstacle_links(
    request: HttpRequest, overview: Overview, obstacles: Iterable[PublishingObstacle]
) -> list[ObstacleLink]:
    """Obstacles with the pages where this person can fix them."""
    return [_obstacle_link(request, overview.slug, obstacle) for obstacle in obstacles]


def _obstacle_link(request: HttpRequest, slug: str, obstacle: PublishingObstacle) -> ObstacleLink:
    message = as_sentence(obstacle.message)
    match obstacle.page:
        case "decision":
            return ObstacleLink(message, reverse("decide", args=[slug]), "Record the decision")
        case "text":
            url = reverse("write-text", args=[slug, obstacle.slot])
            return ObstacleLink(message, url, f"Edit {obstacle.slot}")
        case "carried":
            return ObstacleLink(
                message, f"{reverse('draft', args=[slug])}#carried", "Read and confirm"
            )
        case "sources":
            return ObstacleLink(message, reverse("staff"), "Reviews and reports")
        case "tables" if has_permission(request.user, "analyse"):
            url = reverse("check-tables", args=[slug])
            return ObstacleLink(message, url, "Check all tables and see what can be done")
        case _ if has_permission(request.user, "analyse"):
            return ObstacleLink(message, reverse("spec", args=[slug]), "Edit the specification")
        case _:
            return ObstacleLink(message, "", "An analyst can change this.")
