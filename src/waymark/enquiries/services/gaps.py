"""The gap list: what was asked for and not found, and what became of it."""

from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.enquiries.models import Enquiry, GapRequest, GapState, LibraryGap
from waymark.enquiries.queries.desk import HANDLE
from waymark.enquiries.queries.published_answers import words_of_asker
from waymark.enquiries.services.answering import lock_enquiry
from waymark.library.models import Resource

LONGEST_TITLE = 300


@audit.serialized
def note_gap(
    *, by: Actor, enquiry: Enquiry, title: str, now: datetime, gap: int | None = None
) -> LibraryGap:
    """Note that something was asked for and not found.

    gap: number of one that is listed already; else the title decides, whatever its capitals and
    spaces. An enquiry asks for a gap once. One that was added and is asked for again is to be found
    again. Raises NotPermitted; RuleError, also for a title that says who asked.
    """
    current = lock_enquiry(by, enquiry)
    title = " ".join(title.split())
    row = LibraryGap.objects.filter(pk=gap).first() if gap else None
    if row is None and not title:
        raise RuleError("enter what was not found")
    if len(title) > LONGEST_TITLE:
        raise RuleError(f"enter what was not found in at most {LONGEST_TITLE} characters")
    if private := words_of_asker(current, title):
        raise RuleError(f"“{private[0]}” says who asked: leave it out")
    if row is None:
        row, _ = LibraryGap.objects.get_or_create(
            folded=title.casefold(),
            defaults={"title": title, "noted_at": now, "changed_at": now},
        )
    GapRequest.objects.get_or_create(
        gap=row,
        enquiry=current,
        defaults={"noted_at": now, "noted_by": by if isinstance(by, User) else None},
    )
    audit.record_about(by, "note gap", row, now)
    return row


@audit.serialized
def change_gap(
    *, by: Actor, gap: LibraryGap, state: str, resource: str, note: str, now: datetime
) -> LibraryGap:
    """Set the state of a gap. resource: key of its record, for "added" alone.

    Raises NotPermitted, RuleError.
    """
    require_permission(by, HANDLE)
    row = LibraryGap.objects.select_for_update(of=("self",)).get(pk=gap.pk)
    if state not in GapState.values:
        raise RuleError("choose a state")
    record = None
    if state == GapState.ADDED:
        record = Resource.objects.filter(key=resource.strip()).first()
        if record is None:
            raise RuleError("enter the key of the record that was added, as in its address")
    row.state, row.resource, row.changed_at = GapState(state), record, now
    row.note = " ".join(note.split())[:500]
    row.save(update_fields=["state", "resource", "changed_at", "note"])
    audit.record_about(by, "change gap", row, now, state=state)
    return row
