"""Results of a literature search: publications that are chosen, with a note each."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Max

from waymark.accounts import audit
from waymark.accounts.permissions import Actor
from waymark.core.errors import NotFound, RuleError
from waymark.enquiries.models import LiteratureSearch, SearchResult
from waymark.enquiries.queries.library_runs import cited_publication
from waymark.enquiries.services.searches import lock_search

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
    result = _added(current, key="", citation=citation.strip(), url=url, note=note)
    audit.record_about(by, "choose result", current, now)
    return result


def _added(search: LiteratureSearch, **values: str) -> SearchResult:
    if search.results.count() >= MOST_RESULTS:
        raise RuleError(f"a search has at most {MOST_RESULTS} results: remove one first")
    last = search.results.aggregate(last=Max("number"))["last"] or 0
    values["citation"] = values["citation"][:1_000]
    return SearchResult.objects.create(search=search, number=last + 1, **values)


@audit.serialized
def save_notes(
    *, by: Actor, search: LiteratureSearch, notes: Mapping[int, str], now: datetime
) -> None:
    """Store the notes of results. notes: number of the row -> its note. Raises RuleError."""
    current = lock_search(by, search)
    if any(len(note) > LONGEST_NOTE for note in notes.values()):
        raise RuleError(f"a note must have {LONGEST_NOTE:,} characters or fewer")
    for result in current.results.filter(pk__in=notes):
        if result.note != notes[result.pk]:
            result.note = notes[result.pk]
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
