"""The steps of an overview in work, above each of its pages."""

from django import template
from django.utils import timezone

from waymark.accounts.permissions import require_account
from waymark.overview.models import Overview
from waymark.publishing.queries.in_progress import overview_in_progress
from waymark.web.authoring.steps import next_action, steps_of

register = template.Library()


@register.inclusion_tag("specs/steps.html", takes_context=True)
def overview_steps(
    context: template.Context, overview: Overview, current: str
) -> dict[str, object]:
    """Steps of an overview and its next action: {% overview_steps overview "write" %}.

    current: the name of the step that the page belongs to, "" for none.
    """
    purpose = "work on an overview"
    person = require_account(context["request"].user, "write overviews", purpose)
    progress = overview_in_progress(overview, person, timezone.now())
    return {
        "steps": steps_of(progress, person, current),
        "next": next_action(progress, person, current),
    }
