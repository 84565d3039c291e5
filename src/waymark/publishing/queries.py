"""Reading publications: what stands for everybody, its page, its PDF, and what is behind it.

An edition stands from when it is published until it is withdrawn or a newer one takes its place.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Max

from waymark.accounts.permissions import Actor
from waymark.core.errors import NotFound
from waymark.core.spans import Span
from waymark.documents.keys import parse_span_key
from waymark.documents.queries import open_reports, open_reviews
from waymark.overview import queries as overview
from waymark.overview.behind import CellUse
from waymark.overview.disclosure import ProtectedTable
from waymark.overview.models import Snapshot
from waymark.overview.release import Release
from waymark.publishing.citations import ReportText, from_json, passage_keys
from waymark.publishing.compare import Comparison, Relation, compare
from waymark.publishing.composing import composed
from waymark.publishing.models import Publication
from waymark.publishing.nodes import ChapterNodes, Document, Edition, Signed, chapters_of
from waymark.publishing.render import document
from waymark.publishing.report_plan import read_plan


def standing(slug: str) -> Publication | None:
    """The newest edition of an overview, unless it was withdrawn.

    An older edition does not come back when the newest is withdrawn: what was wrong with the one
    may be wrong with the other.
    """
    newest = (
        Publication.objects.filter(slug=slug)
        .select_related("snapshot__overview")
        .order_by("-edition")
        .first()
    )
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
    rows = Publication.objects.filter(withdrawn_at=None).select_related("snapshot__overview")
    found = [row for row in rows if (row.slug, row.edition) in pairs]
    return sorted(found, key=lambda row: row.published_at, reverse=True)


def ledger_of(slug: str, *, up_to: int | None = None) -> tuple[bytes, ...]:
    """What was given out of an overview, edition by edition, also what was withdrawn since.

    up_to: the last edition to take in.
    """
    editions = Publication.objects.filter(slug=slug).order_by("edition")
    if up_to is not None:
        editions = editions.filter(edition__lte=up_to)
    kept = (bytes(ledger) for ledger in editions.values_list("ledger", flat=True))
    return tuple(entry for entry in kept if entry)


def release_for(publication: Publication) -> Release:
    """What an edition shows: protected as it was when it was given out."""
    earlier = _earlier(publication)
    return overview.release_of(publication.snapshot, publication.profile, earlier)


def _earlier(publication: Publication) -> tuple[bytes, ...]:
    """Its own entry too: what it withheld it goes on withholding. Under open nothing matters."""
    if publication.profile == "open":
        return ()
    return ledger_of(publication.slug, up_to=publication.edition)


def release_of_next(snapshot: Snapshot, profile: str) -> Release:
    """What the next edition would show: a snapshot, protected with what was given out before.

    Raises RuleError where it cannot be shown so.
    """
    slug = snapshot.overview.slug
    return overview.release_of(snapshot, profile, () if profile == "open" else ledger_of(slug))


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
    publication = Publication.objects.select_related("snapshot__overview").get(pk=pk)
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
    publication: Publication, table: str, row: str, column: str, *, person: Actor, now: datetime
) -> overview.CellEvidence:
    """What stands behind a number of an edition. Raises NotFound, also for a withheld number."""
    return overview.cell_evidence(
        publication.snapshot,
        table,
        row,
        column,
        person=person,
        now=now,
        profile=publication.profile,
        earlier=_earlier(publication),
    )


@dataclass(frozen=True, slots=True)
class Use:
    """A cell of an edition that a passage carries."""

    publication: Publication
    cell: CellUse


def uses_of(keys: Iterable[str]) -> list[Use]:
    """Where published overviews use citation keys. Whether the passage is open is asked there."""
    editions = [(one, _earlier(one)) for one in publications()]
    return [
        Use(publication, cell)
        for key in keys
        for publication, earlier in editions
        for cell in overview.uses_of(publication.snapshot, key, publication.profile, earlier)
    ]


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
    for chapter in chapters_of(document_of(publication, now=now)):
        if chapter.heading.anchor in found:
            yield chapter


def _touches(place: tuple[str, Span], wanted: list[tuple[str, Span]]) -> bool:
    report, span = place
    return any(
        report == other and one.start < span.end and span.start < one.end for other, one in wanted
    )


# ---- what stands in the way of giving out ----

SHOWN = 5


def unfit(release: Release, now: datetime) -> tuple[str, ...]:
    """Why a release may not be given out, each with what to do; empty where it may."""
    decided = release.spec.disclosure
    found = []
    if decided.profile != release.profile:
        found.append(
            f"{decided.controller} decided on the profile {decided.profile}, not {release.profile}:"
            " change the decision in the overview, freeze, and publish again"
        )
    cells = [cell for one in release.tables for row in one.table.rows for cell in row.cells]
    everybody = AnonymousUser()
    keys = {key.split("-")[0] for cell in cells for key in cell.evidence}
    public = set(open_reports(everybody, now).filter(key__in=keys).values_list("key", flat=True))
    if keys - public:
        found.append(_not_public("reports", sorted(keys - public)))
    counted = {
        reference.split("/")[0] for cell in cells if cell.evidence for reference in cell.records
    }
    seen = open_reviews(everybody, now).filter(reference__in=counted)
    hidden = counted - set(seen.values_list("reference", flat=True))
    if hidden:
        found.append(_not_public("reviews", sorted(hidden)))
    return tuple(found)


def _not_public(what: str, which: list[str]) -> str:
    named = ", ".join(which[:SHOWN]) + (" and more" if len(which) > SHOWN else "")
    return (
        f"numbers that open to their words need public sources; these {what} are not: {named};"
        " under another profile than open, open_process: false closes them"
    )
