"""What an import would bring, looked at beforehand: new, here already, perhaps here, or faulty."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotFound
from waymark.documents.models import Review
from waymark.library.description import MOST_AUTHORS, Description, faults, isbn13, tidied
from waymark.library.duplicates import (
    YEARS_APART,
    Case,
    Work,
    alike,
    plain_title,
    plain_url,
    same_case,
)
from waymark.library.exchange.reading.found import Candidate, Reading
from waymark.library.exchange.record import RecordData
from waymark.library.kinds import CASE_REVIEW
from waymark.library.models import (
    Import,
    ImportedRecord,
    ImportState,
    Resource,
    ReviewDetails,
)
from waymark.library.naming import subject_of
from waymark.library.queries.thesaurus import lexicon
from waymark.library.thesaurus import Lexicon

NEW, AGAIN, KNOWN, CHANGED, LIKE, REFUSED = "new", "again", "known", "changed", "like", "refused"
OUTCOMES = {
    NEW: "New",
    AGAIN: "Undone before, comes back",
    KNOWN: "Came before",
    CHANGED: "Came before, says something else now",
    LIKE: "Perhaps here already",
    REFUSED: "Cannot be taken",
}
MOST_SUBJECTS = MOST_KEYWORDS = 40
MOST_OTHER_WORDS = 4
"""Words that two titles may have which the other has not, both together: misspelt ones are such."""
LONGEST_OF_REVIEW = {
    "title": 300,
    "board": 200,
    "review_type": 100,
    "pseudonym": 100,
    "period": 100,
}
NOT_SAID = ("key", "page", "available_at", "changed_at", "kind_label")


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of one record. outcome: one of OUTCOMES.

    identity, content: SHA-256, see ImportedRecord. there: what is here already, as the audit names
    it. like: what it may be the same as, with the reasons. subjects: keys of the thesaurus that its
    words name; subject_names: what these are called. wrong: why it cannot be taken. description:
    of a resource, made ready.
    """

    candidate: Candidate
    outcome: str
    identity: str
    content: str
    there: str = ""
    like: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    subject_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    description: Description | None = None

    @property
    def is_review(self) -> bool:
        """Whether it is a case review; else a resource."""
        return self.candidate.data.kind == CASE_REVIEW

    @property
    def label(self) -> str:
        """The outcome in words."""
        return OUTCOMES[self.outcome]


@dataclass(frozen=True, slots=True)
class Plan:
    """All records of a reading, with what could not be read. gone: records here that their source
    says are deleted, as the audit names them: for a person to decide about."""

    records: tuple[Planned, ...]
    reading: Reading
    gone: tuple[tuple[str, str], ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """outcome -> number, all of them, also those that are nought."""
        outcomes = [one.outcome for one in self.records]
        return {outcome: outcomes.count(outcome) for outcome in OUTCOMES}


def plan(reading: Reading, person: Actor, *, kind: str = "") -> Plan:
    """What an import would do. kind: of records that do not say what they are.

    Raises NotPermitted.
    """
    require(person, "catalogue")
    wanted = [
        replace(one, data=replace(one.data, kind=one.data.kind or kind))
        for one in reading.candidates
    ]
    marks = [_marks(one) for one in wanted]
    came = _came(identity for identity, _ in marks)
    shelves, book = _Shelves(), lexicon()
    records = [
        _planned(_Marked(one, identity, content), came.get(identity), shelves, book)
        for one, (identity, content) in zip(wanted, marks, strict=True)
    ]
    return Plan(tuple(records), reading, _gone(reading))


def _marks(one: Candidate) -> tuple[str, str]:
    """Identity and content of a record, as hashes."""
    said = {name: value for name, value in asdict(one.data).items() if name not in NOT_SAID}
    plain = json.dumps([said, one.abstract.get("heading")], default=str, sort_keys=True)
    content = hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
    if not one.identity:
        return content, content
    return identity_of(one.identity), content


def identity_of(said: str) -> str:
    """The hash of what a source calls a record."""
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()


def _came(identities: Iterable[str]) -> dict[str, ImportedRecord]:
    """identity -> the record that came with it before."""
    wanted = list(identities)
    rows: dict[str, ImportedRecord] = {}
    for start in range(0, len(wanted), 500):
        found = ImportedRecord.objects.filter(identity__in=wanted[start : start + 500])
        for row in found.select_related("batch", "record__review", "record__resource"):
            rows[row.identity] = row
    return rows


def _gone(reading: Reading) -> tuple[tuple[str, str], ...]:
    came = _came(identity_of(one.identity) for one in reading.deleted)
    return tuple(
        (one.place, subject_of(came[identity_of(one.identity)].record))
        for one in reading.deleted
        if identity_of(one.identity) in came
    )


@dataclass(frozen=True, slots=True)
class _Marked:
    """A candidate with the hashes by which it is known again."""

    candidate: Candidate
    identity: str
    content: str


def _planned(
    marked: _Marked, before: ImportedRecord | None, shelves: "_Shelves", book: Lexicon
) -> Planned:
    one = marked.candidate
    subjects, unknown = _subjects(one.data, book)
    notes = list(one.notes)
    if unknown and one.data.kind != CASE_REVIEW:
        notes.append(f"words that name no subject here: {', '.join(unknown)[:300]}")
    made = Planned(
        one,
        NEW,
        marked.identity,
        marked.content,
        subjects=subjects,
        subject_names=tuple(book.name(key) for key in subjects),
        notes=tuple(notes),
    )
    if before is not None:
        return _before(made, before)
    made = _review_checked(made) if made.is_review else _described(made)
    if made.wrong:
        return replace(made, outcome=REFUSED)
    like = shelves.like(made)
    shelves.put(made)
    return replace(made, outcome=LIKE, like=like) if like else made


def _before(made: Planned, before: ImportedRecord) -> Planned:
    record = before.record
    thing = record.review or record.resource
    undone = before.batch.state == ImportState.UNDONE and thing is not None
    if undone and thing is not None and thing.state == State.WITHDRAWN:
        outcome = AGAIN
    else:
        outcome = KNOWN if before.content == made.content else CHANGED
    return replace(made, outcome=outcome, there=subject_of(record))


def _subjects(data: RecordData, book: Lexicon) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys of the subjects that the record's words name, and the words that name none."""
    keys: dict[str, None] = {}
    unknown = []
    for word in (*data.subjects, *data.keywords):
        bare = word.partition("(")[0].strip()
        key = book.key_of(word) or book.key_of(bare) or book.key_of(bare.partition(" - ")[0])
        if key is None:
            unknown.append(word)
        else:
            keys[key] = None
    return tuple(keys)[:MOST_SUBJECTS], tuple(unknown)


def _review_checked(made: Planned) -> Planned:
    data, notes = made.candidate.data, list(made.notes)
    wrong = [
        f"{name.replace('_', ' ')}: use at most {most} characters"
        for name, most in LONGEST_OF_REVIEW.items()
        if len(getattr(data, name)) > most
    ]
    if len(data.keywords) > MOST_KEYWORDS:
        notes.append(f"only the first {MOST_KEYWORDS} keywords are kept")
        data = replace(data, keywords=data.keywords[:MOST_KEYWORDS])
    candidate = replace(made.candidate, data=data)
    return replace(made, candidate=candidate, notes=tuple(notes), wrong=tuple(wrong))


def _described(made: Planned) -> Planned:
    """With the description of a resource; a wrong number of it is left out, and told."""
    data, notes = made.candidate.data, list(made.notes)
    if data.isbn and isbn13(data.isbn) is None:
        notes.append(f"{data.isbn} is no ISBN and was left out")
        data = replace(data, isbn="")
    if len(data.authors) > MOST_AUTHORS:
        notes.append(f"only the first {MOST_AUTHORS} authors are kept")
        data = replace(data, authors=data.authors[:MOST_AUTHORS])
    said = tidied(
        Description(
            kind=data.kind,
            title=data.title,
            strapline=data.strapline,
            authors=data.authors,
            conducted_by=data.conducted_by,
            publisher=data.publisher,
            series=data.series,
            year=data.year,
            published_on=data.published_on if _agree(data) else None,
            nation=data.nation,
            language=data.language,
            summary=data.abstract,
            key_points=data.key_points,
            contents=data.contents,
            url=data.url,
            doi=data.doi,
            isbn=data.isbn,
        )
    )
    wrong = tuple(f"{one.field.replace('_', ' ')}: {one.message}" for one in faults(said))
    return replace(made, description=said, notes=tuple(notes), wrong=wrong)


def _agree(data: RecordData) -> bool:
    return data.published_on is None or data.year in (None, data.published_on.year)


# ---- what may be here already ----


@dataclass(frozen=True, slots=True)
class _Book:
    """A work with the words of its title, ready to be compared."""

    work: Work
    words: frozenset[str]

    def comparable(self, other: "_Book") -> bool:
        """Whether years and words let two titles be alike at all: asked before letters are."""
        ours, theirs = self.work.year, other.work.year
        if ours is not None and theirs is not None and abs(ours - theirs) > YEARS_APART:
            return False
        return len(self.words ^ other.words) <= MOST_OTHER_WORDS


def _book(work: Work) -> _Book:
    return _Book(work, frozenset(plain_title(work.title).split()))


@dataclass(slots=True)
class _Shelves:
    """What is here, laid out so that each new record is compared with few others.

    Works are found by DOI, ISBN and address, and by the first and the last word of their title with
    its numbers: two titles that differ in both words are not compared.
    """

    works: dict[str, list[_Book]] = field(default_factory=lambda: defaultdict(list))
    cases: dict[str, list[Case]] = field(default_factory=lambda: defaultdict(list))
    titles: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = Resource.objects.values_list("key", "title", "authors", "year", "doi", "isbn", "url")
        for key, title, authors, year, doi, isbn, url in rows.iterator(chunk_size=2_000):
            self._shelve(Work(f"resource {key}", title, tuple(authors), year, doi, isbn, url))
        details = ReviewDetails.objects.exclude(pseudonym="").select_related("review")
        for one in details.iterator(chunk_size=2_000):
            known = one.review.published_on or one.review.completed_on
            year = one.year or (known.year if known else None)
            name = f"review {one.review.reference}"
            self.titles[name] = one.review.title
            self.cases[plain_title(one.pseudonym)].append(
                Case(name, one.review.board, one.pseudonym, year)
            )

    def _shelve(self, work: Work) -> None:
        self.titles[work.key] = work.title
        book = _book(work)
        for shelf in _shelf_marks(work):
            self.works[shelf].append(book)

    def put(self, made: Planned) -> None:
        """Lay out a record that comes, so that the same in one file is seen."""
        data, key = made.candidate.data, f"{made.candidate.place} of this file"
        if made.is_review:
            self.titles[key] = data.title
            self.cases[plain_title(data.pseudonym)].append(_case(made, key))
        elif made.description is not None:
            self._shelve(_work(made.description, key))

    def like(self, made: Planned) -> tuple[str, ...]:
        """What a record may be the same as: names, titles and reasons."""
        if made.is_review:
            cases = self.cases.get(plain_title(made.candidate.data.pseudonym), [])
            found = same_case(_case(made, ""), cases)
        elif made.description is not None:
            new = _book(_work(made.description, ""))
            near = {
                one.work.key: one.work
                for shelf in _shelf_marks(new.work)
                for one in self.works.get(shelf, ())
                if not shelf.startswith("title") or one.comparable(new)
            }
            found = alike(new.work, near.values())
        else:
            found = []
        return tuple(
            f"{one.key}: {self.titles.get(one.key, '')} ({'; '.join(one.reasons)})" for one in found
        )


def _case(made: Planned, key: str) -> Case:
    data = made.candidate.data
    return Case(key, data.board, data.pseudonym, data.year)


def _work(said: Description, key: str) -> Work:
    return Work(key, said.title, said.authors, said.year, said.doi, said.isbn, said.url)


def _shelf_marks(work: Work) -> set[str]:
    title = plain_title(work.title)
    words, numbers = title.split(), " ".join(re.findall(r"\d+", title))
    ends = (f"title {words[0]} * {numbers}", f"title * {words[-1]} {numbers}") if words else ()
    marks = set(ends)
    known = (("doi", work.doi.lower()), ("isbn", isbn13(work.isbn)), ("url", plain_url(work.url)))
    return marks | {f"{name} {said}" for name, said in known if said}


# ---- imports that were made ----


def import_for(key: str, person: Actor) -> Import:
    """An import. Raises NotPermitted, NotFound."""
    require(person, "catalogue")
    found = Import.objects.filter(key=key).first()
    if found is None:
        raise NotFound(f"there is no import {key}")
    return found


def imports_made(person: Actor, *, limit: int = 50) -> list[Import]:
    """The last imports, newest first, without their files. Raises NotPermitted."""
    require(person, "catalogue")
    return list(Import.objects.defer("content").select_related("by")[:limit])


def abstract_of(reference: str, person: Actor) -> tuple[Review, dict[str, Any]]:
    """A review with what an imported abstract of it said. Raises NotPermitted, NotFound."""
    require(person, "see unpublished reports")
    rows = ReviewDetails.objects.filter(review__state__in=OPEN_TO_STAFF).select_related("review")
    found = rows.filter(review__reference=reference).first()
    if found is None or not found.abstract:
        raise NotFound(f"no abstract of a review {reference} was imported")
    return found.review, found.abstract


def records_of(batch: Import, person: Actor) -> list[ImportedRecord]:
    """The records that came with an import. Raises NotPermitted."""
    require(person, "catalogue")
    rows = batch.records.select_related("record__review", "record__resource")
    return list(rows.order_by("pk"))


def as_json(made: Plan) -> dict[str, Any]:
    """A plan in plain values, as the command prints it and an import keeps it."""
    return {
        **made.counts,
        "records": [
            {
                "place": one.candidate.place,
                "outcome": one.outcome,
                "title": one.candidate.data.title,
                "kind": one.candidate.data.kind,
                "there": one.there,
                "abstract": bool(one.candidate.abstract),
                "like": list(one.like),
                "subjects": list(one.subjects),
                "notes": list(one.notes),
                "wrong": list(one.wrong),
            }
            for one in made.records
        ],
        "faults": [{"place": one.place, "message": one.message} for one in made.reading.faults],
        "notes": list(made.reading.notes),
        "deleted_at_source": [{"place": place, "record": name} for place, name in made.gone],
    }
