"""Archive of the editions of an overview: each with what it counted, its notes and its method."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from waymark.core.errors import NotFound, require_found
from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.overview.models import Snapshot
from waymark.overview.queries.overviews import framework_of
from waymark.publishing.document.report_plan import PlanChapter, read_plan
from waymark.publishing.models import EditionNote, EditionNoteKind, Publication
from waymark.publishing.queries.editions import published_edition, report_of
from waymark.publishing.queries.manuscripts import edition_rows

METHOD_PARTS = ("method", "selection", "limits", "framework", "provenance")


@dataclass(frozen=True, slots=True)
class ArchivedEdition:
    """An edition with its notes. is_current: the newest; a withdrawn one has no page and files."""

    publication: Publication
    is_current: bool
    notes: Sequence[EditionNote] = field(default=())

    @property
    def changes(self) -> list[EditionNote]:
        """Notes on what changed since the edition before."""
        return [note for note in self.notes if note.kind == EditionNoteKind.CHANGE]

    @property
    def corrections(self) -> list[EditionNote]:
        """Notes on mistakes in it."""
        return [note for note in self.notes if note.kind == EditionNoteKind.CORRECTION]


@dataclass(frozen=True, slots=True)
class EditionFact:
    """Something that an edition was made with. before: of the edition before it, "" if the same."""

    name: str
    value: str
    before: str = ""


def archived_editions(slug: str) -> list[ArchivedEdition]:
    """All editions of an overview, withdrawn ones too, the newest first.

    Raises NotFound while there is no current edition: what was wrong with a withdrawn newest
    edition may be wrong with those before it.
    """
    current = published_edition(slug)
    rows = edition_rows().filter(slug=slug).order_by("-edition").prefetch_related("notes")
    return [ArchivedEdition(row, row.pk == current.pk, list(row.notes.all())) for row in rows]


def archived_edition(slug: str, number: int) -> ArchivedEdition:
    """One edition of an overview. Raises NotFound, also if it was withdrawn."""
    edition = _edition_of_number(archived_editions(slug), number)
    if edition.publication.withdrawn_at is not None:
        raise NotFound(f"edition {number} of {slug} was withdrawn")
    return edition


def withdrawn_edition(slug: str, number: int) -> Publication:
    """An edition that was withdrawn, while a newer one is public. Raises NotFound."""
    publication = _edition_of_number(archived_editions(slug), number).publication
    if publication.withdrawn_at is None:
        raise NotFound(f"edition {number} of {slug} is public")
    return publication


def _edition_of_number(editions: Sequence[ArchivedEdition], number: int) -> ArchivedEdition:
    edition = next((entry for entry in editions if entry.publication.edition == number), None)
    return require_found(edition, f"there is no edition {number}")


def corrections_of(publication: Publication) -> list[EditionNote]:
    """Corrections of an edition, in the order of their days."""
    return list(publication.notes.filter(kind=EditionNoteKind.CORRECTION))


def edition_facts(edition: ArchivedEdition) -> list[EditionFact]:
    """What an edition was made with, and how that differs from the edition before.

    Only what every edition prints: totals, never which reviews came or went.
    """
    row = edition.publication
    facts = _facts_of(row)
    earlier = (
        edition_rows()
        .filter(slug=row.slug, edition__lt=row.edition, withdrawn_at=None)
        .order_by("-edition")
        .first()
    )
    before = _facts_of(earlier) if earlier is not None else facts
    return [
        EditionFact(name, value, before[name] if before[name] != value else "")
        for name, value in facts.items()
    ]


def _facts_of(publication: Publication) -> dict[str, str]:
    snapshot: Snapshot = publication.frozen
    facts = {"Reviews counted": f"{snapshot.reviews:,}"} if snapshot.reviews is not None else {}
    return facts | {
        "Facts agreed by": date_in_words(uk_date(snapshot.taken_at)),
        "Framework": framework_of(snapshot),
        "Disclosure profile": publication.profile,
        "Program": f"Waymark {snapshot.code_version}",
    }


def method_chapters(publication: Publication) -> list[PlanChapter]:
    """Chapters of an edition with its method and its limits; none before it had chapters."""
    report = report_of(publication)
    if report is None:
        return []
    plan = read_plan(report.plan)
    return [chapter for chapter in plan.chapters if set(chapter.parts) & set(METHOD_PARTS)]
