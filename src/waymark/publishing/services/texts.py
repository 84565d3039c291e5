"""Service that saves the texts of an overview's report, as far as its plan has a place for them."""

from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_account
from waymark.core.errors import RuleError
from waymark.frameworks.queries import file_of
from waymark.overview.models import Overview
from waymark.publishing.document.report_plan import PLAN, read_plan
from waymark.publishing.models import Manuscript, ManuscriptKind, ReportVersion
from waymark.publishing.queries.drafts import WRITE, plan_source
from waymark.publishing.services.manuscripts import accepted_text, save_version


def manuscript_of(overview: Overview) -> Manuscript:
    """Manuscript of an overview. A service that writes calls it: the first one creates it."""
    manuscript, _ = Manuscript.objects.get_or_create(
        kind=ManuscriptKind.OVERVIEW, slug=overview.slug, overview=overview
    )
    return manuscript


@audit.serialized
def save_text(
    *, by: Actor, overview: Overview, slot: str, text: str, base: int, now: datetime
) -> ReportVersion | None:
    """Save a text of a report: see manuscripts.save_version().

    Raises also RuleError for a slot that is not in the plan, SpecError for an unreadable plan.
    """
    require_account(by, WRITE, "save a text")
    _check_slot(overview, slot, accepted_text(slot, text))
    return save_version(
        by=by, manuscript=manuscript_of(overview), slot=slot, text=text, base=base, now=now
    )


def _check_slot(overview: Overview, slot: str, text: str) -> None:
    if slot == PLAN:
        if text.strip():
            read_plan(text)
        return
    framework = file_of(overview.framework)
    themes = tuple(code.id for code in framework.codes if code.theme is not None)
    slots = read_plan(plan_source(overview)).slots(themes)
    if slot not in slots:
        # As in the names of files: key-themes.prac.neglect.md.
        names = ", ".join(slots).replace(":", ".")
        raise RuleError(f"the plan of the report has no text {slot}: it has {names}")
