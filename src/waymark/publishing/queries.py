"""Reading publications: what stands for everybody, its page, its PDF, and what is behind it.

An edition stands from when it is published until it is withdrawn or a newer one takes its place.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Max, QuerySet

from waymark.accounts.permissions import Actor, may
from waymark.core.errors import NotFound
from waymark.core.spans import Span
from waymark.documents.keys import parse_span_key
from waymark.documents.queries import open_reports
from waymark.overview import queries as overview
from waymark.overview import trace
from waymark.overview.behind import CellUse
from waymark.overview.disclosure import ProtectedTable
from waymark.overview.ledger import completed, renamed
from waymark.overview.models import Snapshot
from waymark.overview.release import Release
from waymark.publishing.citations import ReportText, from_json, passage_keys
from waymark.publishing.compare import Comparison, Relation, compare
from waymark.publishing.composing import composed
from waymark.publishing.models import Publication
from waymark.publishing.nodes import ChapterNodes, Document, Edition, Signed, chapters_of
from waymark.publishing.render import document
from waymark.publishing.report_plan import read_plan


def editions() -> QuerySet[Publication]:
    """All editions with their snapshots, without what is large: rows, texts and ledgers."""
    large = ("snapshot__rows", "report", "ledger")
    return Publication.objects.select_related("snapshot__overview").defer(*large)


def standing(slug: str) -> Publication | None:
    """The newest edition of an overview, unless it was withdrawn.

    An older edition does not come back when the newest is withdrawn: what was wrong with the one
    may be wrong with the other.
    """
    newest = editions().filter(slug=slug).order_by("-edition").first()
    return newest if newest is not None and newest.withdrawn_at is None else None


def publication_for(slug: str) -> Publication:
    """The edition that stands. Raises NotFound, also where it was withdrawn."""
    found = standing(slug)
    if found is None:
        raise NotFound(f"there is no published overview {slug}")
    return found


def publications() -> list[Publication]:
    """The edition that stands of each overview, the newest first."""
    newest = Publication.objects.values("slug").annotate(last=Max("edition"))
    pairs = {(row["slug"], row["last"]) for row in newest}
    rows = editions().filter(withdrawn_at=None)
    found = [row for row in rows if (row.slug, row.edition) in pairs]
    return sorted(found, key=lambda row: row.published_at, reverse=True)


def ledger_of(snapshot: Snapshot, *, up_to: Publication | None = None) -> tuple[bytes, ...]:
    """What was given out that has to do with a snapshot: see ledger_before."""
    counted = _counted(snapshot.pk, snapshot.sha256)
    return ledger_before(snapshot.overview.slug, counted, up_to=up_to)


def ledger_before(
    slug: str, counted: frozenset[str], *, up_to: Publication | None = None
) -> tuple[bytes, ...]:
    """What was given out that has to do with these reviews, also what was withdrawn since.

    slug: of the overview that counts them. The editions of its own, and those of others that share
    a review with it or with one that does: whoever has them all can subtract one from the other, a
    part from the whole too. up_to: the last edition to take in, in the order of giving out.
    """
    given_out = Publication.objects.exclude(ledger=b"").select_related("snapshot").order_by("pk")
    if up_to is not None:
        given_out = given_out.filter(pk__lte=up_to.pk)
    listed = list(given_out.defer("snapshot__rows", "report"))
    near = _connected(counted, listed)
    return tuple(
        entry if one.slug == slug else renamed(entry, f"{one.slug}, edition {one.edition}")
        for one in listed
        if (one.slug == slug or one.pk in near)
        and (entry := completed(bytes(one.ledger), one.snapshot.spec))
    )


def _connected(counted: frozenset[str], editions: list[Publication]) -> set[int]:
    """The editions that count one of these reviews, or one of an edition connected already."""
    reached = set(counted)
    near: set[int] = set()
    grown = True
    while grown:
        grown = False
        for one in editions:
            its = _counted(one.snapshot_id, one.snapshot.sha256)
            if one.pk not in near and not reached.isdisjoint(its):
                near.add(one.pk)
                reached |= its
                grown = True
    return near


@lru_cache(maxsize=512)
def _counted(pk: int, sha256: str) -> frozenset[str]:
    """The reviews that a snapshot counts: it never changes. sha256: a part of the key only."""
    return overview.counted_reviews(Snapshot.objects.defer("rows").get(pk=pk))


def release_for(publication: Publication) -> Release:
    """What an edition shows: protected as it was when it was given out."""
    earlier = _earlier(publication)
    return overview.release_of(publication.snapshot, publication.profile, earlier)


def _earlier(publication: Publication) -> tuple[bytes, ...]:
    """Its own entry too: what it withheld it goes on withholding. Under open nothing matters."""
    if publication.profile == "open":
        return ()
    return ledger_of(publication.snapshot, up_to=publication)


def release_of_next(snapshot: Snapshot, profile: str) -> Release:
    """What the next edition would show: a snapshot, protected with what was given out before.

    Raises RuleError where it cannot be shown so.
    """
    return overview.release_of(snapshot, profile, earlier_entries(snapshot, profile))


def earlier_entries(snapshot: Snapshot, profile: str) -> tuple[bytes, ...]:
    """Ledger entries that the next edition is protected against; none under open."""
    return () if profile == "open" else ledger_of(snapshot)


def document_of(publication: Publication, *, now: datetime) -> Document:
    """The document of an edition, from the protected tables of its snapshot and its own texts.

    The same for ever, but for words whose report is not public any more: a sentence stands in
    their place.
    """
    closed = frozenset(closed_in(publication, now))
    return _document(publication.pk, publication.content, closed)


@lru_cache(maxsize=8)
def _document(pk: int, content: str, closed: frozenset[str]) -> Document:
    """An edition never changes, so it is composed once. content: a part of the key only."""
    publication = editions().get(pk=pk)
    return made_document(
        release_for(publication), report_of(publication), edition_of(publication), closed
    )


def made_document(
    release: Release, report: ReportText | None, edition: Edition, closed: frozenset[str]
) -> Document:
    """The document of an edition: of chapters, or as it was made before there were any."""
    if report is None:
        return document(release, edition)
    return composed(release, report, edition, closed=closed).document


def edition_of(publication: Publication) -> Edition:
    """Which edition, and who signed it."""
    signed = tuple(
        Signed(one.name, one.get_capacity_display().lower(), one.signed_at)
        for one in publication.signatures.all()
    )
    return Edition(publication.edition, publication.published_at, publication.content, signed)


def report_of(publication: Publication) -> ReportText | None:
    """The texts of an edition and what they cite; None where it has no chapters."""
    return _report(publication.pk, publication.content) if publication.content else None


@lru_cache(maxsize=16)
def _report(pk: int, content: str) -> ReportText:
    return from_json(bytes(Publication.objects.values_list("report", flat=True).get(pk=pk)))


def closed_in(publication: Publication, now: datetime) -> set[str]:
    """Reports that an edition cites and that the public may not read any more, by key."""
    report = report_of(publication)
    if report is None or not report.passages:
        return set()
    keys = {key.partition("-")[0] for key in report.passages}
    everybody = open_reports(AnonymousUser(), now)
    return keys - set(everybody.filter(key__in=keys).values_list("key", flat=True))


def table_of(publication: Publication, table: str) -> ProtectedTable:
    """A table of an edition. Raises NotFound."""
    return release_for(publication).table(table)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two editions side by side."""

    first: Publication
    second: Publication
    comparison: Comparison


def compared(first: str, second: str) -> Compared:
    """The editions that stand of two overviews. Raises NotFound."""
    one, other = publication_for(first), publication_for(second)
    counted = overview.counted_reviews(one.snapshot), overview.counted_reviews(other.snapshot)
    relation: Relation = "overlapping" if counted[0] & counted[1] else "apart"
    if counted[0] == counted[1]:
        relation = "same"
    return Compared(one, other, compare(release_for(one), release_for(other), relation))


def pdf_path(publication: Publication) -> Path:
    """The file of an edition. Raises NotFound where it was withdrawn or is not on the disk."""
    path = Path(settings.DATA) / "publications" / publication.pdf
    if publication.withdrawn_at is not None or not path.is_file():
        raise NotFound(f"there is no PDF of {publication}")
    return path


def pdf_for_all(publication: Publication, now: datetime) -> Path:
    """The file of an edition while all that it quotes is public.

    Raises NotFound where not: the words of a report that was withdrawn do not live on in a file.
    """
    if closed_in(publication, now):
        raise NotFound(f"the PDF of {publication} is held back: it quotes words that were closed")
    return pdf_path(publication)


def cell_evidence(
    publication: Publication,
    table: str,
    row: str,
    column: str,
    *,
    person: Actor,
    now: datetime,
    part: slice = trace.EVERY,
) -> trace.CellEvidence:
    """What stands behind a number of an edition. part: of its reviews, in their order.

    Raises NotFound, also for a withheld number.
    """
    return trace.cell_evidence(
        publication.snapshot,
        table,
        row,
        column,
        person=person,
        now=now,
        profile=publication.profile,
        earlier=_earlier(publication),
        part=part,
    )


@dataclass(frozen=True, slots=True)
class Use:
    """A cell of an edition that a passage carries."""

    publication: Publication
    cell: CellUse


def uses_of(keys: Collection[str]) -> list[Use]:
    """Where published overviews use citation keys of a report, edition by edition.

    Whether the passage is open is asked there.
    """
    return [
        Use(one, cell)
        for one in publications()
        for cell in trace.uses_of(one.snapshot, keys, one.profile, _earlier(one))
    ]


# ---- what is not open to everybody ----

RESTRICTED = "see what is withheld"


@dataclass(frozen=True, slots=True)
class CoveredCell:
    """A cell that is withheld, rounded or does not open, without its number.

    group: the block its row stands in. printed: what everybody sees there.
    """

    row: str
    row_label: str
    group: str
    column: str
    column_label: str
    printed: str


def covered_cells(publication: Publication, table: str, *, person: Actor) -> list[CoveredCell]:
    """The cells of a table that only some may open, in the order of the table.

    Raises NotFound for whoever may not, before anything is looked at, and where there are none.
    """
    if not may(person, RESTRICTED):
        raise NotFound(f"there is no page of what is withheld in {table}")
    found = trace.covered_table(
        publication.snapshot, table, profile=publication.profile, earlier=_earlier(publication)
    )
    return [
        CoveredCell(
            one.row.id,
            one.row.label,
            one.row.group,
            one.column.id,
            one.column.label,
            one.printed,
        )
        for one in found.covered.values()
    ]


def covered_cell(
    publication: Publication, table: str, row: str, column: str, *, person: Actor
) -> CoveredCell:
    """One of them. Raises NotFound as covered_cells does."""
    for one in covered_cells(publication, table, person=person):
        if (one.row, one.column) == (row, column):
            return one
    raise NotFound(f"there is nothing withheld in {table}, {row}, {column}")


def covered_evidence(
    publication: Publication,
    table: str,
    row: str,
    column: str,
    *,
    person: Actor,
    now: datetime,
    part: slice,
) -> trace.CoveredEvidence:
    """What is behind one of them; only the service that records who opens it asks for it.

    Raises NotFound for a cell that is not there, or is open to everybody.
    """
    return trace.covered_evidence(
        publication.snapshot,
        table,
        row,
        column,
        person=person,
        now=now,
        profile=publication.profile,
        earlier=_earlier(publication),
        part=part,
    )


def covered_uses_of(keys: Collection[str], *, person: Actor) -> list[Use]:
    """The cells that only some may open and that citation keys of a report carry.

    None for whoever may not, and for them nothing is worked out.
    """
    if not may(person, RESTRICTED):
        return []
    return [
        Use(one, cell)
        for one in publications()
        for cell in trace.covered_uses(
            one.snapshot, keys, profile=one.profile, earlier=_earlier(one)
        )
    ]


# ---- chapters ----


@dataclass(frozen=True, slots=True)
class ChapterUse:
    """A chapter of an edition that cites a passage. anchor: the chapter's id."""

    publication: Publication
    anchor: str
    title: str


def chapters_citing(keys: Iterable[str], *, now: datetime) -> list[ChapterUse]:
    """The chapters of editions that stand which cite words that share a code point with these."""
    wanted = [parse_span_key(key) for key in keys]
    return [
        ChapterUse(publication, chapter.heading.anchor, chapter.heading.shown)
        for publication in publications()
        for chapter in _citing(publication, wanted, now)
    ]


def _citing(
    publication: Publication, wanted: list[tuple[str, Span]], now: datetime
) -> Iterator[ChapterNodes]:
    report = report_of(publication)
    if report is None:
        return
    cited = {key for key in report.passages if _touches(parse_span_key(key), wanted)}
    if not cited:
        return
    plan = read_plan(report.plan)
    found = {
        chapter.id
        for slot, text in report.texts.items()
        if cited.intersection(passage_keys([text])) and (chapter := plan.chapter_of(slot))
    }
    for one in chapters_of(document_of(publication, now=now)):
        if one.heading.anchor in found:
            yield one


def _touches(place: tuple[str, Span], wanted: list[tuple[str, Span]]) -> bool:
    report, span = place
    return any(
        report == other and one.start < span.end and span.start < one.end for other, one in wanted
    )


# ---- what protection cannot do ----


def told_elsewhere(snapshot: Snapshot, profile: str, now: datetime) -> str:
    """What no protection of tables can help: reviews whose own pages tell what is agreed of them.

    In words, for those who sign; "" under the profile open, and where everybody may read none.
    """
    counted = overview.counted_reviews(snapshot)
    public = open_reports(AnonymousUser(), now).filter(review__reference__in=counted)
    told = public.values("review").distinct().count()
    if profile == "open" or not told:
        return ""
    return (
        f"Everybody can read {told} of {len(counted)} reviews counted here on pages of their own,"
        " with what is agreed about each. Whoever counts those pages learns what the tables"
        " withhold of them. Where that must not be, do not publish their reports"
    )
