"""Preview of an import: which records are new, known, changed, possible duplicates or invalid."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from django.db.models import QuerySet

from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotFound, require_found
from waymark.documents.models import Review
from waymark.library.catalogue.host_place import article_place
from waymark.library.catalogue.resource_description import (
    MOST_AUTHORS,
    ResourceDescription,
    description_faults,
    isbn13,
    tidy_description,
    valid_issn,
)
from waymark.library.exchange.readers.result import CandidateRecord, ReadResult
from waymark.library.exchange.record import ARTICLE, RecordData
from waymark.library.models import Import, ImportedRecord, ImportState, ReviewDetails
from waymark.library.models.kinds import CASE_REVIEW
from waymark.library.queries.import_matching import DuplicateFinder
from waymark.library.queries.thesaurus import subject_lexicon
from waymark.library.thesaurus import SubjectLexicon

NEW, AGAIN, KNOWN, CHANGED, LIKE, REFUSED = "new", "again", "known", "changed", "like", "refused"
OUTCOMES = {
    NEW: "New",
    AGAIN: "Imported before and undone",
    KNOWN: "Already imported",
    CHANGED: "Imported before, changed since",
    LIKE: "Possible duplicate",
    REFUSED: "Cannot be imported",
}
MOST_SUBJECTS = MOST_KEYWORDS = 40

LONGEST_OF_REVIEW = {
    "title": 300,
    "board": 200,
    "review_type": 100,
    "pseudonym": 100,
    "rights_holder": 200,
    "licence": 200,
    "period": 100,
}
OF_BOTH = ("kind", "title", "year", "nation", "language", "rights_holder", "licence")
"""Fields of reviews and of resources."""
LOCAL_FIELDS = ("key", "page", "available_at", "changed_at", "kind_label", "author_bodies")
"""Fields that are not part of a record's content: this library sets them, or, for the bodies among
its authors, earlier versions did not read them: what they imported must be known again."""
UNREAD_FIELDS = (
    *("editors", "host_title", "volume", "issue", "pages", "edition", "place", "issn"),
    *("transcript_url", "accessed_on", "evaluation"),
)
"""Fields that earlier versions did not read: see _as_read_before()."""
LATER_FIELDS = ("rights_holder", "licence", *UNREAD_FIELDS)
"""Fields that earlier versions did not have: left out of the hash while they are empty, so that a
record imported by those versions is known again."""
NAMES = tuple(field.name for field in fields(RecordData))
SAME_FIELDS = (
    "kind",
    "title",
    "strapline",
    "authors",
    "author_bodies",
    "conducted_by",
    "publisher",
    "series",
    "report_number",
    "year",
    "nation",
    "audience",
    "language",
    "key_points",
    "contents",
    "url",
    "doi",
    "isbn",
    "rights_holder",
    "licence",
    "editors",
    "host_title",
    "volume",
    "issue",
    "pages",
    "edition",
    "place",
    "issn",
    "transcript_url",
    "accessed_on",
)
"""Fields with the same name in RecordData and ResourceDescription."""


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """The planned outcome of one record. outcome: one of OUTCOMES.

    identity, content: SHA-256, see ImportedRecord. there: audit subject of the record that came
    with an earlier import. like: possible duplicates with the reasons. subjects: keys of the
    thesaurus that its keywords name; subject_names: their names. wrong: why it cannot be imported.
    description: of a resource, normalised.
    """

    candidate: CandidateRecord
    outcome: str
    identity: str
    content: str
    there: str = ""
    like: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    subject_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    description: ResourceDescription | None = None

    @property
    def is_review(self) -> bool:
        """True for a case review, False for a resource."""
        return self.candidate.data.kind == CASE_REVIEW

    @property
    def label(self) -> str:
        """The outcome in words."""
        return OUTCOMES[self.outcome]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """All records of a file with their outcomes.

    deleted_at_source: place and audit subject of the records here that their source says are
    deleted: a person decides about them.
    """

    records: tuple[PlannedRecord, ...]
    reading: ReadResult
    deleted_at_source: tuple[tuple[str, str], ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """outcome -> number of records, for every outcome, zeros included."""
        outcomes = [record.outcome for record in self.records]
        return {outcome: outcomes.count(outcome) for outcome in OUTCOMES}


def plan_import(reading: ReadResult, person: Actor, *, kind: str = "") -> ImportPlan:
    """Return what an import would do. kind: of records that do not say what they are.

    Raises NotPermitted.
    """
    require_permission(person, "catalogue")
    marked = [
        _with_hashes(
            replace(candidate, data=replace(candidate.data, kind=candidate.data.kind or kind))
        )
        for candidate in reading.candidates
    ]
    earlier = _imported_before(
        identity for record in marked for identity in dict.fromkeys(record.identities)
    )
    # Built once for the whole file.
    finder, names = DuplicateFinder(), subject_lexicon()
    records = [
        _plan_record(record, _first_known(record, earlier), finder, names) for record in marked
    ]
    return ImportPlan(tuple(records), reading, _deleted_at_source(reading))


def _first_known(
    marked: "_MarkedCandidate", earlier: Mapping[str, ImportedRecord]
) -> ImportedRecord | None:
    return next((earlier[name] for name in marked.identities if name in earlier), None)


@dataclass(frozen=True, slots=True)
class _MarkedCandidate:
    """A candidate with the hashes by which it is recognised when it comes again.

    content_before: as an earlier version would have hashed it.
    """

    candidate: CandidateRecord
    identity: str
    content: str
    content_before: str

    @property
    def identities(self) -> tuple[str, str]:
        """What an earlier import may know it by: a record without an identifier by its content."""
        return self.identity, self.identity if self.candidate.identity else self.content_before


def _with_hashes(candidate: CandidateRecord) -> _MarkedCandidate:
    # Not asdict(), which copies every text: no field has a dataclass in it.
    data = {
        name: value
        for name in NAMES
        if name not in LOCAL_FIELDS
        if (value := getattr(candidate.data, name)) or name not in LATER_FIELDS
    }
    heading = candidate.abstract.get("heading")
    content = _hash_of(data, heading)
    # A source without identifiers: the record is known by its content alone, and never "changed".
    identity = identity_of(candidate.identity) if candidate.identity else content
    before = content
    if not data.keys().isdisjoint(UNREAD_FIELDS):
        before = _hash_of(_as_read_before(data), heading)
    return _MarkedCandidate(candidate, identity, content, before)


def _hash_of(data: Mapping[str, Any], heading: Any) -> str:
    plain = json.dumps([data, heading], default=str, sort_keys=True)
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def _as_read_before(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as versions read them that knew no journals: the series of an article was the
    journal, and its number the volume and pages."""
    before = {name: value for name, value in data.items() if name not in UNREAD_FIELDS}
    if data["kind"] == ARTICLE and data.get("host_title"):
        place = (data.get(name, "") for name in ("volume", "issue", "pages"))
        before |= {"series": data["host_title"], "report_number": article_place(*place)}
    return before


def identity_of(identifier: str) -> str:
    """SHA-256 of a record's identifier at its source."""
    return hashlib.sha256(identifier.encode("utf-8", "replace")).hexdigest()


def _imported_before(identities: Iterable[str]) -> dict[str, ImportedRecord]:
    """identity -> the record of an earlier import."""
    hashes = list(identities)
    rows: dict[str, ImportedRecord] = {}
    # In parts: SQLite limits the parameters of a query.
    for start in range(0, len(hashes), 500):
        part = ImportedRecord.objects.filter(identity__in=hashes[start : start + 500])
        for row in part.select_related("batch", "record__review", "record__resource"):
            rows[row.identity] = row
    return rows


def _deleted_at_source(reading: ReadResult) -> tuple[tuple[str, str], ...]:
    deleted = [(row.place, identity_of(row.identity)) for row in reading.deleted]
    earlier = _imported_before(identity for _, identity in deleted)
    return tuple(
        (place, earlier[identity].record.audit_subject())
        for place, identity in deleted
        if identity in earlier
    )


def _plan_record(
    marked: _MarkedCandidate,
    before: ImportedRecord | None,
    finder: DuplicateFinder,
    names: SubjectLexicon,
) -> PlannedRecord:
    candidate = marked.candidate
    subjects, unknown = _subjects_named(candidate.data, names)
    notes = list(candidate.notes)
    if unknown and candidate.data.kind != CASE_REVIEW:
        notes.append(f"keywords that are not in the thesaurus: {', '.join(unknown)[:300]}")
        candidate = replace(candidate, data=replace(candidate.data, keywords=unknown))
    notes += _other_kind_note(candidate.data)
    planned = PlannedRecord(
        candidate,
        NEW,
        marked.identity,
        marked.content,
        subjects=subjects,
        subject_names=tuple(names.name(key) for key in subjects),
        notes=tuple(notes),
    )
    if before is not None:
        planned = replace(planned, identity=before.identity)
        if before.content == marked.content_before:
            planned = replace(planned, content=before.content)
        compared = _compared_with(before, planned)
        if compared.outcome != CHANGED:
            return compared
        return (_review_checked if compared.is_review else _with_description)(compared)
    planned = _review_checked(planned) if planned.is_review else _with_description(planned)
    if planned.wrong:
        return replace(planned, outcome=REFUSED)
    data, described = planned.candidate.data, planned.description
    like = finder.similar(data, described)
    finder.add(f"{candidate.place} of this file", data, described)
    return replace(planned, outcome=LIKE, like=like) if like else planned


def _compared_with(before: ImportedRecord, planned: PlannedRecord) -> PlannedRecord:
    record = before.record
    item = record.review or record.resource
    # Undoing an import withdraws its records: importing one again restores it.
    undone = before.batch.state == ImportState.UNDONE
    if undone and item is not None and item.state == State.WITHDRAWN:
        outcome = AGAIN
    else:
        outcome = KNOWN if before.content == planned.content else CHANGED
    return replace(planned, outcome=outcome, there=record.audit_subject())


def _other_kind_note(data: RecordData) -> list[str]:
    """A note of the fields that its kind has no place for, such as the ISBN of a case review."""
    review = data.kind == CASE_REVIEW
    names = SAME_FIELDS if review else LONGEST_OF_REVIEW
    fields_of_kind = {*OF_BOTH, *LONGEST_OF_REVIEW} if review else {*OF_BOTH, *SAME_FIELDS}
    left = [
        name.replace("_", " ")
        for name in names
        if name not in fields_of_kind and getattr(data, name)
    ]
    return [f"fields not taken for this kind of record: {', '.join(left)}"] if left else []


def _subjects_named(
    data: RecordData, names: SubjectLexicon
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys of the subjects that the record's keywords name, and the keywords that name none.

    "Neglect (of children)" and "Neglect - England" both lead to the subject named "Neglect".
    """
    keys: dict[str, None] = {}
    unknown = []
    for word in (*data.subjects, *data.keywords):
        bare = word.partition("(")[0].strip()
        key = names.key_of(word) or names.key_of(bare) or names.key_of(bare.partition(" - ")[0])
        if key is None:
            unknown.append(word)
        else:
            keys[key] = None
    return tuple(keys)[:MOST_SUBJECTS], tuple(unknown)


def _review_checked(planned: PlannedRecord) -> PlannedRecord:
    """The record of a review with its faults; of too many keywords the first are kept."""
    data, notes = planned.candidate.data, list(planned.notes)
    wrong = [
        f"{name.replace('_', ' ')}: use {most} characters or fewer"
        for name, most in LONGEST_OF_REVIEW.items()
        if len(getattr(data, name)) > most
    ]
    if len(data.keywords) > MOST_KEYWORDS:
        notes.append(f"only the first {MOST_KEYWORDS} keywords are kept")
        data = replace(data, keywords=data.keywords[:MOST_KEYWORDS])
    candidate = replace(planned.candidate, data=data)
    return replace(planned, candidate=candidate, notes=tuple(notes), wrong=tuple(wrong))


def _with_description(planned: PlannedRecord) -> PlannedRecord:
    """The record with the description of a resource; an invalid ISBN is left out with a note."""
    data, notes = planned.candidate.data, list(planned.notes)
    if data.isbn and isbn13(data.isbn) is None:
        notes.append(f"{data.isbn} is not a valid ISBN and was left out")
        data = replace(data, isbn="")
    if len(data.keywords) > MOST_KEYWORDS:
        notes.append(f"only the first {MOST_KEYWORDS} keywords are kept")
        data = replace(data, keywords=data.keywords[:MOST_KEYWORDS])
    if data.issn and not valid_issn(data.issn):
        notes.append(f"{data.issn} is not a valid ISSN and was left out")
        data = replace(data, issn="")
    if len(data.authors) > MOST_AUTHORS:
        notes.append(f"only the first {MOST_AUTHORS} authors are kept")
        data = replace(data, authors=data.authors[:MOST_AUTHORS])
    same = {name: getattr(data, name) for name in SAME_FIELDS}
    # Where day and year disagree, only the year is kept: with both it would be refused.
    dated = data.published_on if _dates_agree(data) else None
    described = tidy_description(
        ResourceDescription(
            **same, published_on=dated, summary=data.abstract, keywords=data.keywords
        )
    )
    wrong = tuple(
        f"{fault.field.replace('_', ' ')}: {fault.message}"
        for fault in description_faults(described)
    )
    return replace(planned, description=described, notes=tuple(notes), wrong=wrong)


def _dates_agree(data: RecordData) -> bool:
    return data.published_on is None or data.year in (None, data.published_on.year)


# ---- finished imports ----


def import_for(key: str, person: Actor) -> Import:
    """The import with a key. Raises NotPermitted, NotFound."""
    require_permission(person, "catalogue")
    return require_found(Import.objects.filter(key=key).first(), f"there is no import {key}")


def listed_imports(person: Actor) -> QuerySet[Import]:
    """All imports, without their files. Raises NotPermitted."""
    require_permission(person, "catalogue")
    return Import.objects.defer("content").select_related("by")


def abstract_of(reference: str, person: Actor) -> tuple[Review, dict[str, Any]]:
    """A review with its imported abstract. Raises NotPermitted, NotFound."""
    require_permission(person, "see unpublished reports")
    rows = ReviewDetails.objects.filter(review__state__in=OPEN_TO_STAFF).select_related("review")
    details = rows.filter(review__reference=reference).first()
    if details is None or not details.abstract:
        raise NotFound(f"no abstract was imported for the review {reference}")
    return details.review, details.abstract


def imported_records(batch: Import, person: Actor) -> list[ImportedRecord]:
    """The records that came with an import. Raises NotPermitted."""
    require_permission(person, "catalogue")
    rows = batch.records.select_related("record__review", "record__resource")
    return list(rows.order_by("pk"))


def is_left_out(line: Mapping[str, Any]) -> bool:
    """True for a line of a report about a possible duplicate that nobody has decided about."""
    return line["outcome"] == LIKE and not (line.get("taken") or line.get("merged"))


def plan_as_json(import_plan: ImportPlan) -> dict[str, Any]:
    """A plan in plain values, as the command prints it and an import stores it."""
    return {
        **import_plan.counts,
        "records": [
            {
                "place": record.candidate.place,
                "outcome": record.outcome,
                "title": record.candidate.data.title,
                "kind": record.candidate.data.kind,
                "there": record.there,
                "abstract": bool(record.candidate.abstract),
                "like": list(record.like),
                "subjects": list(record.subjects),
                "notes": list(record.notes),
                "wrong": list(record.wrong),
            }
            for record in import_plan.records
        ],
        "faults": [
            {"place": fault.place, "message": fault.message} for fault in import_plan.reading.faults
        ],
        "notes": list(import_plan.reading.notes),
        "deleted_at_source": [
            {"place": place, "record": subject} for place, subject in import_plan.deleted_at_source
        ],
    }
