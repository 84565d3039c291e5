"""Editions of briefings: their content, and the passages that were withdrawn or changed since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.contrib.auth.models import AnonymousUser

from waymark.briefings.queries.drafts import KINDS
from waymark.briefings.queries.sources import are_untouched, changed_passages
from waymark.briefings.text.briefing import BriefingContent, content_from
from waymark.briefings.text.compose import (
    EditionState,
    compose_briefing,
    compose_one_page,
    compose_short,
)
from waymark.briefings.text.statements import BriefingStatement
from waymark.core.errors import NotFound, require_found
from waymark.library.queries.resources import open_resources
from waymark.publishing.document.citations import CitedPassage, CitedRecord, from_json
from waymark.publishing.document.nodes import ReportDocument
from waymark.publishing.models import Publication
from waymark.publishing.queries import current_edition, edition_of
from waymark.publishing.queries.drafts import public_passages
from waymark.publishing.queries.manuscripts import edition_rows, newest_editions
from waymark.publishing.queries.protected import reviews_with_protected_numbers
from waymark.publishing.queries.protected_passages import protected_passages


def published_briefings() -> list[Publication]:
    """Current editions of all briefings and guides, the newest first."""
    # One query: My work asks at each visit.
    rows = newest_editions(KINDS).values()
    return sorted(rows, key=lambda row: row.published_at, reverse=True)


def published_briefing(kind: str, slug: str) -> Publication:
    """Current edition of a briefing. Raises NotFound, also if it was withdrawn."""
    return require_found(current_edition(slug, kind), f"there is no published {kind} {slug}")


def record_key(kind: str, slug: str) -> str:
    """Key of the record of a briefing in the library: "briefings-infants"."""
    return f"{kind}s-{slug}"[:60].rstrip("-")


def briefing_of_record(key: str) -> Publication | None:
    """Current edition of the briefing whose record has a key; None for any other record."""
    if key.partition("s-")[0] not in KINDS:
        return None
    rows = published_briefings()
    return next((row for row in rows if record_key(row.kind, row.slug) == key), None)


def current_of(publication: Publication) -> Publication | None:
    """Current edition of the same briefing; None if the newest was withdrawn."""
    return current_edition(publication.slug, publication.kind)


def briefing_edition(kind: str, slug: str, number: int) -> Publication:
    """An edition by its number. Raises NotFound, also if it was withdrawn."""
    row = edition_rows(kind).filter(slug=slug, edition=number, withdrawn_at=None).first()
    return require_found(row, f"there is no edition {number} of the {kind} {slug}")


def withdrawn_edition(kind: str, slug: str, number: int | None) -> Publication | None:
    """A withdrawn edition; without a number the newest edition, if that was withdrawn."""
    rows = edition_rows(kind).filter(slug=slug).order_by("-edition")
    row = (rows if number is None else rows.filter(edition=number)).first()
    return row if row is not None and row.withdrawn_at is not None else None


def briefing_editions(kind: str, slug: str) -> list[Publication]:
    """Editions that were not withdrawn, the newest first."""
    rows = edition_rows(kind).filter(slug=slug, withdrawn_at=None)
    return list(rows.order_by("-edition"))


def content_of(publication: Publication) -> BriefingContent:
    """Texts of an edition and all that it cites, as they were signed."""
    return _cached_content(publication.pk, publication.content)


@lru_cache(maxsize=32)
def _cached_content(pk: int, content: str) -> BriefingContent:
    """An edition never changes, so it is read once. content: only part of the cache key."""
    stored = Publication.objects.values_list("report", flat=True).get(pk=pk)
    return content_from(from_json(bytes(stored)))


def reviews_cited(publication: Publication) -> list[str]:
    """References of the reviews whose passages an edition cites, in order."""
    return sorted({row.review for row in content_of(publication).report.passages.values()})


def hides_number(content: BriefingContent) -> bool:
    """True if how many reviews a briefing read is not shown, because an overview protects them."""
    return bool(reviews_with_protected_numbers().keys() & set(content.about.reviews))


def briefing_document(publication: Publication, now: datetime) -> ReportDocument:
    """The whole edition; words that are no longer public are left out."""
    content, state = content_of(publication), edition_state(publication, now)
    return compose_briefing(
        content, edition_of(publication), state=state, hide_number=hides_number(content)
    )


def short_document(publication: Publication, now: datetime) -> ReportDocument:
    """The seven-minute form of an edition. Raises NotFound if it has none."""
    content = content_of(publication)
    if not content.short.parts:
        raise NotFound(f"{publication} has no seven-minute form")
    return compose_short(content, edition_of(publication), state=edition_state(publication, now))


def one_page_document(publication: Publication, now: datetime) -> ReportDocument:
    """The one-page form of an edition."""
    state = edition_state(publication, now)
    return compose_one_page(content_of(publication), edition_of(publication), state=state)


# ---- what the statements rest on ----


@dataclass(frozen=True, slots=True)
class CheckedPassage:
    """Passage that a statement cites. problem: why it can no longer be relied on, or "".

    passage: None if its words are not public.
    """

    key: str
    passage: CitedPassage | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """Statement with its passages and numbers, for the page that checks a briefing.

    number: in the whole briefing, from 1. cells: mark and printed number.
    """

    number: int
    statement: BriefingStatement
    passages: tuple[CheckedPassage, ...]
    cells: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]

    @property
    def supported(self) -> bool:
        """True if it rests on something, and nothing of that was withdrawn or changed."""
        cites = bool(self.passages or self.cells or self.statement.names("record"))
        return cites and not self.problems

    @property
    def reviews(self) -> int:
        """Number of reviews whose passages it cites."""
        return len({row.passage.review for row in self.passages if row.passage})


@dataclass(frozen=True, slots=True)
class PassageProblem:
    """Why a passage can no longer be relied on. readable: its words are still public."""

    reason: str
    readable: bool


def passage_problems(content: BriefingContent, now: datetime) -> Mapping[str, PassageProblem]:
    """Passages of a content that were withdrawn or changed since it was signed, by key."""
    if are_untouched(content.report.passages, now):
        return {}
    public, refused = public_passages(content.report.passages, now)
    problems = {key: PassageProblem(reason, readable=False) for key, reason in refused.items()}
    for key, reason in changed_passages(public).items():
        problems[key] = PassageProblem(reason, readable=True)
    for key, reason in protected_passages(public).items():
        problems[key] = PassageProblem(reason, readable=False)
    return problems


def number_problem(content: BriefingContent) -> str:
    """Why the numbers of a content can no longer be relied on, or ""."""
    numbers = content.numbers
    if not numbers.cells:
        return ""
    rows = edition_rows().filter(slug=numbers.overview, edition=numbers.edition)
    if rows.filter(withdrawn_at=None).exists():
        return ""
    return f"edition {numbers.edition} of the overview {numbers.overview} was withdrawn"


def gone_records(records: Mapping[str, CitedRecord], now: datetime) -> dict[str, str]:
    """Why each publication that left the public catalogue can no longer be relied on, by key."""
    if not records:
        return {}
    rows = open_resources(AnonymousUser(), now).filter(key__in=records)
    gone = records.keys() - set(rows.values_list("key", flat=True))
    return {
        key: f"the publication {records[key].short} is no longer in the public catalogue"
        for key in sorted(gone)
    }


def checked_statements(
    content: BriefingContent, now: datetime, *, slot: str = ""
) -> list[CheckedStatement]:
    """Every statement with what it rests on, as that is now. For a draft and for an edition.

    slot: name of a text, for its statements alone.
    """
    broken = passage_problems(content, now)
    numbers, records = number_problem(content), gone_records(content.report.records, now)
    rows = []
    for at, statement in enumerate(content.statements, start=1):
        if slot and statement.slot != slot:
            continue
        passages = tuple(_checked(key, content, broken.get(key)) for key in statement.passages)
        named = statement.names("cell")
        cells = tuple((name, content.numbers.cells.get(name, "")) for name in named)
        problems = [row.problem for row in passages if row.problem]
        problems += [content.refused[name] for name in named if name in content.refused]
        problems += [numbers] if named and numbers else []
        problems += [records[name] for name in statement.names("record") if name in records]
        rows.append(CheckedStatement(at, statement, passages, cells, tuple(problems)))
    return rows


def _checked(key: str, content: BriefingContent, problem: PassageProblem | None) -> CheckedPassage:
    passage = content.report.passages.get(key)
    if problem is not None:
        return CheckedPassage(key, passage if problem.readable else None, problem.reason)
    return CheckedPassage(key, passage, content.refused.get(key, ""))


@dataclass(frozen=True, slots=True)
class FlaggedBriefing:
    """Edition with statements whose passages were withdrawn or changed since."""

    publication: Publication
    statements: tuple[CheckedStatement, ...]


def broken_statements(publication: Publication, now: datetime) -> tuple[CheckedStatement, ...]:
    """Statements of an edition that rest on something withdrawn or changed."""
    content = content_of(publication)
    # Asked first: most editions are whole, and then no statement need be gone through.
    if not (
        passage_problems(content, now)
        or number_problem(content)
        or gone_records(content.report.records, now)
    ):
        return ()
    return tuple(row for row in checked_statements(content, now) if row.problems)


def edition_state(publication: Publication, now: datetime) -> EditionState:
    """What became of all that an edition rests on, as its pages and files show it."""
    content = content_of(publication)
    problems = passage_problems(content, now)
    broken = broken_statements(publication, now)
    return EditionState(
        frozenset(key for key, problem in problems.items() if not problem.readable),
        frozenset((row.statement.slot, row.statement.number) for row in broken),
        numbers_withdrawn=bool(number_problem(content)),
    )


def flagged_briefings(now: datetime) -> list[FlaggedBriefing]:
    """Current editions that cite something that was withdrawn or changed, the newest first."""
    published = published_briefings()
    if not published:
        return []
    contents = [content_of(row) for row in published]
    keys = [key for content in contents for key in content.report.passages]
    records = {key: row for content in contents for key, row in content.report.records.items()}
    numbers = any(map(number_problem, contents))
    if are_untouched(keys, now) and not numbers and not gone_records(records, now):
        return []
    rows = [(row, broken_statements(row, now)) for row in published]
    return [FlaggedBriefing(row, statements) for row, statements in rows if statements]
