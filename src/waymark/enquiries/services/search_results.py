"""Results of a literature search: publications that are chosen, with a note each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from waymark.accounts import audit
from waymark.accounts.permissions import Actor
from waymark.core.errors import ConcurrentChange, NotFound, RuleError
from waymark.enquiries.models import LiteratureSearch, SearchResult
from waymark.enquiries.queries.library_runs import cited_publication
from waymark.enquiries.services.searches import lock_search, require_no_asker

MOST_RESULTS = 40
USUAL_RESULTS = 25
"""The report of more is seldom read."""
LONGEST_NOTE = 2_000


@audit.serialized
def choose_record(
    *, by: Actor, search: LiteratureSearch, key: str, now: datetime, note: str = ""
) -> SearchResult:
    """Choose a record of our library that the public can see. Raises RuleError."""
    current = lock_search(by, search)
    existing = current.results.filter(key=key).first()
    if existing is not None:
        return existing
    try:
        publication = cited_publication(key, now)
    except NotFound as error:
        raise RuleError(f"{key} is no record that the asker can see") from error
    result = _added(
        current, key=key, citation=publication.citation, url=publication.path, note=note
    )
    audit.record_about(by, "choose result", current, now, key=key)
    return result


@audit.serialized
def add_publication(
    *,
    by: Actor,
    search: LiteratureSearch,
    citation: str,
    url: str,
    now: datetime,
    note: str = "",
) -> SearchResult:
    """Choose a publication that is not in our library. url: "" for none. Raises RuleError."""
    current = lock_search(by, search)
    if not citation.strip():
        raise RuleError("enter the reference of the publication")
    if url and not url.startswith(("https://", "http://")):
        raise RuleError("enter a web address that begins with https://")
    require_no_asker(current, f"{citation} {note}")
    result = _added(current, key="", citation=citation.strip(), url=url, note=note)
    audit.record_about(by, "choose result", current, now)
    return result


def _added(search: LiteratureSearch, **values: str) -> SearchResult:
    if search.results.count() >= MOST_RESULTS:
        raise RuleError(f"a search has at most {MOST_RESULTS} results: remove one first")
    last = search.results.aggregate(last=Max("number"))["last"] or 0
    values["citation"] = values["citation"][:1_000]
    return SearchResult.objects.create(search=search, number=last + 1, **values)


@dataclass(frozen=True, slots=True)
class TypedNote:
    """A note as it was typed. before: as the page showed it."""

    text: str
    before: str


@audit.serialized
def save_notes(
    *, by: Actor, search: LiteratureSearch, notes: Mapping[int, TypedNote], now: datetime
) -> None:
    """Store the notes of results that were changed. notes: number of the row -> its note.

    Raises RuleError, and ConcurrentChange, with nothing stored, if somebody changed the same note
    since.
    """
    current = lock_search(by, search)
    require_no_asker(current, " ".join(note.text for note in notes.values()))
    if any(len(note.text) > LONGEST_NOTE for note in notes.values()):
        raise RuleError(f"a note must have {LONGEST_NOTE:,} characters or fewer")
    for result in current.results.filter(pk__in=notes):
        note = notes[result.pk]
        if note.text in (note.before, result.note):
            continue
        if result.note != note.before:
            raise ConcurrentChange(
                f"someone else changed the note on result {result.number} while you were editing:"
                f" yours was not saved: {note.text}"
            )
        result.note = note.text
        result.save(update_fields=["note"])
    audit.record_about(by, "note on results", current, now)


@audit.serialized
def remove_result(*, by: Actor, search: LiteratureSearch, number: int, now: datetime) -> None:
    """Take a publication out of the results; those after it move up. number: of its row."""
    current = lock_search(by, search)
    result = current.results.filter(pk=number).first()
    if result is None:
        return
    result.delete()
    for place, row in enumerate(current.results.all(), start=1):
        if row.number != place:
            row.number = place
            row.save(update_fields=["number"])
    audit.record_about(by, "remove result", current, now, key=result.key)
