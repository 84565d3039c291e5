"""Literature searches: begun, described, copied, finished."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import ConcurrentChange, RuleError
from waymark.enquiries.models import Enquiry, LiteratureSearch, SearchLine, SearchSource
from waymark.enquiries.queries.desk import HANDLE
from waymark.enquiries.queries.published_answers import words_of_asker
from waymark.enquiries.queries.searches import view_of

OUR_LIBRARY = "Our library"
MOST_PARTS = 12
COPIED = (
    *("title", "question", "parts", "scope", "years_from", "years_to", "languages", "nations"),
    *("kinds", "include", "exclude"),
)
"""Fields of a search that a copy has too."""
FIRST_YEAR, LAST_YEAR = 1800, 2100


@dataclass(frozen=True, slots=True)
class SearchDescription:
    """What a person enters about a search; models.LiteratureSearch explains the fields.

    parts: name and words of each concept; empty ones are left out.
    """

    title: str
    question: str
    parts: tuple[tuple[str, str], ...] = ()
    scope: str = ""
    years_from: int | None = None
    years_to: int | None = None
    languages: str = ""
    nations: str = ""
    kinds: str = ""
    include: str = ""
    exclude: str = ""
    summary: str = ""
    duplicates: int | None = None
    screened: int | None = None
    read_full: int | None = None

    def stored(self) -> dict[str, object]:
        """Field of the model -> value. Raises RuleError for what cannot be right."""
        values = asdict(self)
        if not self.title.strip() or not self.question.strip():
            raise RuleError("enter a title and the question")
        for year in (self.years_from, self.years_to):
            if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
                raise RuleError(f"enter a year from {FIRST_YEAR} to {LAST_YEAR}")
        if self.years_from and self.years_to and self.years_from > self.years_to:
            raise RuleError("the first year must not be after the last")
        parts = [(name.strip(), words.strip()) for name, words in self.parts]
        values["parts"] = [[name, words] for name, words in parts if words][:MOST_PARTS]
        if any(not name for name, _ in values["parts"]):
            raise RuleError("name each part of the question, such as Population")
        return values


def lock_search(by: Actor, search: LiteratureSearch) -> LiteratureSearch:
    """The current row of a search, locked for a change. Raises RuleError if it is finished."""
    require_permission(by, HANDLE)
    current = LiteratureSearch.objects.select_for_update(of=("self",)).get(pk=search.pk)
    if current.finished_at is not None:
        raise RuleError("this search is finished: reopen it, or copy it as a new one")
    return current


def require_no_asker(search: LiteratureSearch, words: str) -> None:
    """Raise RuleError for words that say who asked: a search stays when the asker is erased."""
    _require_anonymous(search.enquiry, words)


def _require_anonymous(enquiry: Enquiry | None, words: str) -> None:
    if private := words_of_asker(enquiry, words):
        raise RuleError(f"“{private[0]}” says who asked: leave it out of the search")


def _require_kept(enquiry: Enquiry | None) -> None:
    if enquiry is not None and enquiry.erased_at is not None:
        raise RuleError(f"{enquiry.reference} was erased: begin a search without an enquiry")


@audit.serialized
def start_search(
    *, by: Actor, enquiry: Enquiry | None, title: str, question: str, now: datetime
) -> LiteratureSearch:
    """Begin a search, with our library as its first source. enquiry: that asks for it, or None."""
    require_permission(by, HANDLE)
    _require_kept(enquiry)
    described = SearchDescription(title=title, question=question).stored()
    _require_anonymous(enquiry, f"{title} {question}")
    search = _created(by, enquiry, described, now)
    SearchSource.objects.create(search=search, number=1, name=OUR_LIBRARY, is_library=True)
    audit.record_about(by, "start literature search", search, now)
    return search


def _created(
    by: Actor,
    enquiry: Enquiry | None,
    described: Mapping[str, object],
    now: datetime,
    copied_from: LiteratureSearch | None = None,
) -> LiteratureSearch:
    return LiteratureSearch.objects.create(
        **described,
        enquiry=enquiry,
        copied_from=copied_from,
        created_at=now,
        created_by=by if isinstance(by, User) else None,
    )


@audit.serialized
def describe_search(
    *,
    by: Actor,
    search: LiteratureSearch,
    description: SearchDescription,
    version: int,
    now: datetime,
) -> LiteratureSearch:
    """Store the question, scope, limits and numbers. version: that the person changed.

    Raises RuleError, and ConcurrentChange if somebody saved it since.
    """
    current = lock_search(by, search)
    if current.version != version:
        raise ConcurrentChange(
            "someone else changed this search while you were editing: your changes were not saved"
        )
    values = description.stored()
    require_no_asker(current, " ".join(map(str, values.values())))
    for name, value in values.items():
        setattr(current, name, value)
    current.version += 1
    current.save(update_fields=[*values, "version"])
    audit.record_about(by, "describe literature search", current, now)
    return current


@audit.serialized
def copy_search(
    *, by: Actor, search: LiteratureSearch, enquiry: Enquiry | None, now: datetime
) -> LiteratureSearch:
    """Copy the question, sources and lines of a search as a new one, without runs and results.

    Raises RuleError for an enquiry that was erased, or whose asker the search names.
    """
    require_permission(by, HANDLE)
    _require_kept(enquiry)
    described = {name: getattr(search, name) for name in COPIED}
    _require_anonymous(enquiry, " ".join(map(str, described.values())))
    copy = _created(by, enquiry, described, now, copied_from=search)
    for source in search.sources.all():
        new = SearchSource.objects.create(
            search=copy,
            number=source.number,
            name=source.name,
            platform=source.platform,
            is_library=source.is_library,
        )
        SearchLine.objects.bulk_create(
            SearchLine(source=new, number=line.number, text=line.text)
            for line in source.lines.filter(superseded_at=None)
        )
    audit.record_about(by, "copy literature search", copy, now, copied=str(search.pk))
    return copy


@audit.serialized
def finish_search(*, by: Actor, search: LiteratureSearch, now: datetime) -> None:
    """Finish a search: its report can be sent. Raises RuleError for what is missing."""
    current = lock_search(by, search)
    if obstacles := view_of(current).obstacles:
        raise RuleError("; ".join(obstacles))
    current.finished_at = now
    current.save(update_fields=["finished_at"])
    audit.record_about(by, "finish literature search", current, now)


@audit.serialized
def reopen_search(*, by: Actor, search: LiteratureSearch, now: datetime) -> None:
    """Work on a finished search again. Raises RuleError for one whose report was sent."""
    require_permission(by, HANDLE)
    current = LiteratureSearch.objects.select_for_update(of=("self",)).get(pk=search.pk)
    if current.sent_at is not None:
        raise RuleError("the report of this search was sent: copy it as a new one")
    current.finished_at = None
    current.save(update_fields=["finished_at"])
    audit.record_about(by, "reopen literature search", current, now)
