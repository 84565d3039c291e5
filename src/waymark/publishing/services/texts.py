"""Service that saves the texts of an overview's report, as far as its plan has a place for them."""

from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_account
from waymark.core.errors import ConcurrentChange, RuleError
from waymark.frameworks.queries import file_of
from waymark.overview.models import Overview
from waymark.publishing.document.report_plan import PLAN, read_plan
from waymark.publishing.models import Manuscript, ManuscriptKind, ReportVersion, UnsavedText
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
    person = require_account(by, WRITE, "save a text")
    _check_slot(overview, slot, accepted_text(slot, text))
    manuscript = manuscript_of(overview)
    version = save_version(by=by, manuscript=manuscript, slot=slot, text=text, base=base, now=now)
    # What was typed is a version now.
    UnsavedText.objects.filter(manuscript=manuscript, slot=slot, person=person).delete()
    return version


class NewerUnsavedText(ConcurrentChange):
    """The person typed into the same text in another window since. current: what is there."""

    def __init__(self, current: UnsavedText) -> None:
        super().__init__("you have changed this text in another window since")
        self.current = current


@audit.serialized
def store_unsaved_text(
    *, by: Actor, overview: Overview, slot: str, text: str, base: int, seen: int, now: datetime
) -> UnsavedText:
    """Store what a person is typing, for that person alone, until it is saved as a version.

    seen: number of the text that it replaces, 0 for none. No entry in the audit: the report stays
    as it is. Raises NotPermitted, RuleError, NewerUnsavedText if the stored one is not that text.
    """
    person = require_account(by, WRITE, "write a text")
    text = accepted_text(slot, text)
    _check_slot(overview, slot, "")
    manuscript = manuscript_of(overview)
    rows = UnsavedText.objects.select_for_update(of=("self",))
    current = rows.filter(manuscript=manuscript, slot=slot, person=person).first()
    if current is None:
        current = UnsavedText(manuscript=manuscript, slot=slot, person=person, number=0)
    elif current.text == text:
        return current
    elif current.number != seen:
        raise NewerUnsavedText(current)
    current.text, current.base, current.changed_at = text, base, now
    # After a save the numbers begin again: a window from before must not seem to know the text.
    current.number = max(current.number, seen) + 1
    current.save()
    return current


@audit.serialized
def drop_unsaved_text(*, by: Actor, overview: Overview, slot: str, seen: int) -> None:
    """Drop what a person typed. seen: its number. Raises NotPermitted, NewerUnsavedText."""
    person = require_account(by, WRITE, "write a text")
    rows = UnsavedText.objects.filter(manuscript__overview=overview, slot=slot, person=person)
    current = rows.first()
    if current is not None and current.number != seen:
        raise NewerUnsavedText(current)
    rows.delete()


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
