"""Queries about editions: the current ones, their release, document, texts and PDF."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from waymark.core.errors import NotFound, require_found
from waymark.core.evidence import report_of_key
from waymark.core.tables import ProtectedTable
from waymark.documents.queries.reader import open_reports, open_reviews
from waymark.overview.models import Snapshot
from waymark.overview.queries import overviews as overview
from waymark.overview.queries.prepared_releases import is_being_prepared
from waymark.overview.releases.release import Release
from waymark.overview.spec.schema import OverviewKind
from waymark.publishing.comparison.compare import Relation, ReleaseComparison, compare_releases
from waymark.publishing.document.citations import ReportContent, from_json
from waymark.publishing.document.compose import compose_report
from waymark.publishing.document.nodes import (
    EditionInfo,
    EditionSignature,
    ReportDocument,
    reviews_listed,
    without_reviews,
)
from waymark.publishing.document.render import plain_document
from waymark.publishing.models import ManuscriptKind, Publication, Signature
from waymark.publishing.queries.ledger import earlier_entries, entries_up_to
from waymark.publishing.queries.manuscripts import current_edition, edition_rows, newest_editions


def published_edition(slug: str) -> Publication:
    """Current edition of an overview. Raises NotFound, also if it was withdrawn."""
    return require_found(current_edition(slug), f"there is no published overview {slug}")


def editions_of(slug: str) -> list[Publication]:
    """The editions of an overview that were not withdrawn, the newest first."""
    return list(edition_rows().filter(slug=slug, withdrawn_at=None).order_by("-edition"))


def current_editions(kind: str = ManuscriptKind.OVERVIEW) -> list[Publication]:
    """Current editions of all works of a kind, the newest first."""
    # Withdrawn editions count for the newest: an older one does not come back.
    current = newest_editions([kind]).values()
    return sorted(current, key=lambda row: row.published_at, reverse=True)


def editions_of_work(work: OverviewKind) -> list[Publication]:
    """Current editions of overviews, of theme studies or of silence reports, the newest first."""
    return [row for row in current_editions() if overview.kind_of(row.frozen) == work]


def edition_release(publication: Publication) -> Release:
    """Release of an edition, protected as it was when it was published."""
    entries = entries_up_to(publication)
    return overview.release_of(publication.frozen, publication.profile, entries)


def next_release(snapshot: Snapshot, profile: str) -> Release:
    """Release of the next edition: a snapshot, protected against earlier editions.

    Raises RuleError if it cannot be shown under the profile.
    """
    return overview.release_of(snapshot, profile, earlier_entries(snapshot, profile))


def document_of(publication: Publication, *, now: datetime) -> ReportDocument:
    """Document of an edition, from the protected tables of its snapshot and its own texts.

    It never changes, except that words of a report that is no longer public are replaced by a
    sentence, and that a review that is no longer public is listed without its facts.
    """
    document = _composed_document(publication, now)
    return without_reviews(document, _closed_reviews(document, now))


def _composed_document(publication: Publication, now: datetime) -> ReportDocument:
    # Part of the cache key, so closing a report changes the page at once, in every process.
    closed = frozenset(closed_cited_reports(publication, now))
    return _cached_document(publication.pk, publication.content, closed)


def _closed_reviews(document: ReportDocument, now: datetime) -> set[str]:
    """References of the reviews that a document lists and that are no longer public."""
    listed = reviews_listed(document)
    if not listed:
        return set()
    everybody = open_reviews(AnonymousUser(), now).filter(reference__in=listed)
    return listed - set(everybody.values_list("reference", flat=True))


# Composing a long report takes seconds and its page is read often; 8 documents fit in memory.
@lru_cache(maxsize=8)
def _cached_document(pk: int, content: str, closed: frozenset[str]) -> ReportDocument:
    """An edition never changes, so it is composed once. content: only part of the cache key."""
    publication = edition_rows().get(pk=pk)
    return edition_document(
        edition_release(publication), report_of(publication), edition_of(publication), closed
    )


def edition_document(
    release: Release, report: ReportContent | None, edition: EditionInfo, closed: frozenset[str]
) -> ReportDocument:
    """Document of an edition. report None: published before reports had chapters."""
    if report is None:
        return plain_document(release, edition)
    return compose_report(release, report, edition, closed=closed).document


def edition_of(publication: Publication) -> EditionInfo:
    """Number, date and signatures of an edition."""
    signed = edition_signatures(publication.signatures.all())
    return EditionInfo(publication.edition, publication.published_at, publication.content, signed)


def edition_signatures(signatures: Iterable[Signature]) -> tuple[EditionSignature, ...]:
    """Signatures as an edition prints them."""
    return tuple(
        EditionSignature(
            signature.name, signature.get_capacity_display().lower(), signature.signed_at
        )
        for signature in signatures
    )


def report_of(publication: Publication) -> ReportContent | None:
    """Texts of an edition and all they cite; None if it has no chapters."""
    return _cached_report(publication.pk, publication.content) if publication.content else None


@lru_cache(maxsize=16)
def _cached_report(pk: int, content: str) -> ReportContent:
    return from_json(bytes(Publication.objects.values_list("report", flat=True).get(pk=pk)))


def closed_cited_reports(publication: Publication, now: datetime) -> set[str]:
    """Keys of the reports that an edition cites and that are no longer public."""
    report = report_of(publication)
    if report is None or not report.passages:
        return set()
    keys = {report_of_key(key) for key in report.passages}
    everybody = open_reports(AnonymousUser(), now)
    return keys - set(everybody.filter(key__in=keys).values_list("key", flat=True))


def has_closed_parts(publication: Publication, now: datetime) -> bool:
    """True if an edition quotes a report, or lists a review, that is no longer public."""
    if closed_cited_reports(publication, now):
        return True
    # Only overviews have a profile, and only under open do they list reviews.
    if publication.profile != "open":
        return False
    return bool(_closed_reviews(_composed_document(publication, now), now))


def has_left_profile(publication: Publication) -> bool:
    """True for an older edition of an overview whose current edition is under another profile.

    Numbers under two profiles, set against each other, could give away what both withhold. A
    current edition under open withholds nothing.
    """
    current = current_edition(publication.slug, publication.kind)
    return current is not None and current.profile not in {"open", publication.profile}


def require_profile(publication: Publication) -> None:
    """Raise NotFound for the files of an edition under a profile that its overview has left."""
    if has_left_profile(publication):
        raise NotFound(f"{publication} is under a profile that the overview has left")


def table_of(publication: Publication, table: str) -> ProtectedTable:
    """A table of an edition. Raises NotFound."""
    return edition_release(publication).table(table)


def next_release_is_coming(snapshot: Snapshot, now: datetime) -> bool:
    """True while a worker protects the numbers of the next edition."""
    profile = overview.decided_profile(snapshot)
    if profile == "open":
        return False
    return is_being_prepared(snapshot, profile, earlier_entries(snapshot, profile), now)


@dataclass(frozen=True, slots=True)
class ComparedEditions:
    """Two editions and their comparison."""

    first: Publication
    second: Publication
    comparison: ReleaseComparison


def compare_editions(first: str, second: str) -> ComparedEditions:
    """Compare the current editions of two overviews. Raises NotFound."""
    left, right = published_edition(first), published_edition(second)
    relation = _relation(left.frozen, right.frozen)
    return ComparedEditions(
        left, right, compare_releases(edition_release(left), edition_release(right), relation)
    )


def compare_with_draft(edition: Publication, snapshot: Snapshot, profile: str) -> ReleaseComparison:
    """Compare an edition (first) with the next edition of a snapshot as it would be published.

    Raises RuleError if the snapshot cannot be shown under the profile.
    """
    release = next_release(snapshot, profile)
    return compare_releases(edition_release(edition), release, _relation(edition.frozen, snapshot))


def editions_to_compare(first: str) -> list[Publication]:
    """Editions that were not withdrawn, the newest first. first: overview that begins the list."""
    rows = edition_rows().filter(withdrawn_at=None).order_by("-published_at", "-pk")
    return sorted(rows, key=lambda row: row.slug != first)


def _relation(first: Snapshot, second: Snapshot) -> Relation:
    reviews, others = overview.counted_reviews(first), overview.counted_reviews(second)
    # The same reviews overlap too, so they come first.
    if reviews == others:
        return "same"
    return "overlapping" if reviews & others else "apart"


def pdf_path(publication: Publication) -> Path:
    """File of an edition. Raises NotFound if it was withdrawn or is not on the disk."""
    path = Path(settings.DATA) / "publications" / publication.pdf
    if publication.withdrawn_at is not None or not path.is_file():
        raise NotFound(f"there is no PDF of {publication}")
    return path


def public_pdf(publication: Publication, now: datetime) -> Path:
    """File of an edition while all that it quotes and lists is public.

    Raises NotFound otherwise: the words of a withdrawn report, or the facts of a withdrawn review,
    must not live on in a file. Nor is there one if the overview has another profile now.
    """
    require_profile(publication)
    if has_closed_parts(publication, now):
        raise NotFound(f"the PDF of {publication} contains what is no longer public")
    return pdf_path(publication)


def public_pages_warning(snapshot: Snapshot, profile: str, now: datetime) -> str:
    """Warning for signers: public reports tell what the tables withhold; "" for none.

    No protection of tables can help here. Under open nothing is withheld, so there is no warning.
    """
    counted = overview.counted_reviews(snapshot)
    public = open_reports(AnonymousUser(), now).filter(review__reference__in=counted)
    readable = public.values("review").distinct().count()
    if profile == "open" or not readable:
        return ""
    return (
        f"{readable} of the {len(counted)} reviews counted here have public reports. Their pages do"
        " not show what was agreed about each, but anyone who reads and counts the reports can find"
        " out what the tables withhold. If that must not happen, do not publish these reports"
    )
