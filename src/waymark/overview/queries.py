"""Reading overviews: what to freeze, the tables of a snapshot, and the words behind a number.

Whether a person may see an overview at all is asked one stage up, where it is published; here the
words behind its numbers are let through only as far as the person may see the reports.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from waymark.accounts.permissions import Actor, may
from waymark.coding.queries import agreed_codes, coded_reviews, double_coded
from waymark.core.errors import NotFound, RuleError
from waymark.core.tables import Cell, Column, Row
from waymark.documents.models import Report, ReportKind, Review
from waymark.documents.queries import open_reports, open_reviews
from waymark.frameworks.models import Basis, Framework
from waymark.frameworks.queries import file_of, framework_for
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.behind import Behind, CellUse, behind, uses_by_key
from waymark.overview.disclosure import ProtectedTable
from waymark.overview.facts import Facts
from waymark.overview.ledger import open_entry, past_of
from waymark.overview.models import Overview, Snapshot, SpecVersion
from waymark.overview.plan import plan_of
from waymark.overview.protection.ledger_file import to_bytes
from waymark.overview.release import Provenance, Release, make_release
from waymark.overview.snapshot import AnsweredQuery, FrozenRows, ReviewRow, frozen
from waymark.overview.snapshot_file import unpacked
from waymark.overview.spec import OverviewSpec, read_overview
from waymark.profiles.queries import agreed_judgements, children_of
from waymark.recommendations.queries import recommendation_rows


def overview_for(slug: str) -> Overview:
    """The overview of a slug. Raises NotFound."""
    found = Overview.objects.filter(slug=slug).select_related("framework").first()
    if found is None:
        known = ", ".join(Overview.objects.values_list("slug", flat=True)) or "none"
        raise NotFound(f"there is no overview {slug}; there are: {known}")
    return found


def overviews(person: Actor) -> list[Overview]:
    """All overviews, published or not, for those who analyse or publish; none for others."""
    if not (may(person, "analyse") or may(person, "publish overviews")):
        return []
    return list(Overview.objects.select_related("framework"))


def latest_version(overview: Overview) -> SpecVersion:
    """The version of its spec that stands."""
    versions = SpecVersion.objects.filter(overview=overview).select_related("saved_by")
    return versions.order_by("-number")[0]


def latest_snapshot(overview: Overview) -> Snapshot:
    """The snapshot frozen last. Raises NotFound where none is."""
    found = Snapshot.objects.filter(overview=overview).order_by("-number").first()
    if found is None:
        raise NotFound(f"the overview {overview.slug} has not been frozen yet: freeze it first")
    return found


def rows_to_freeze(
    spec: OverviewSpec,
    source: str,
    framework: Framework,
    person: Actor,
    now: datetime,
    answered: AnsweredQuery | None = None,
) -> FrozenRows:
    """The agreed rows of the reviews that a spec asks for, as they stand now.

    Withdrawn and expired reviews and reports are as if they had never come. answered: what the
    query finds by which the reviews are selected. Raises NotFound for a review that is listed and
    not there, RuleError where the answer is of another query than the spec's.
    """
    if spec.select.query != (answered.query if answered else None):
        raise RuleError("the query by which the reviews are selected has to be answered first")
    wanted = _selected(spec, person, now, answered)
    obtained: dict[int, set[str]] = {}
    for review_pk, kind in (
        open_reports(person, now).filter(review__in=wanted).values_list("review", "kind")
    ):
        obtained.setdefault(review_pk, set()).add(kind)
    coded = coded_reviews(framework, [review.pk for review in wanted])
    excluded = {one.review: one.reason for one in spec.select.exclude}
    reviews = [
        ReviewRow(
            reference=review.reference,
            title=review.title,
            obtained=review.pk in obtained,
            coded=review.reference in coded,
            excluded=excluded.get(review.reference, ""),
            summary_only=obtained.get(review.pk, set()) == {ReportKind.SUMMARY},
        )
        for review in wanted
    ]
    counted = {row.reference for row in reviews if row.counted}
    keys = [review.pk for review in wanted if review.reference in counted]
    return frozen(
        framework=str(framework),
        framework_sha256=framework.sha256,
        spec=source,
        reviews=reviews,
        children=children_of(keys),
        judgements=agreed_judgements(framework, keys),
        codes=agreed_codes(framework, keys),
        double_coded=double_coded(framework, keys),
        recommendations=recommendation_rows(keys, as_at=spec.as_at or now.date()),
        answered=answered,
    )


def _selected(
    spec: OverviewSpec, person: Actor, now: datetime, answered: AnsweredQuery | None
) -> list[Review]:
    every = open_reviews(person, now)
    if spec.select.collection is not None:
        found = list(every.filter(collection=spec.select.collection))
    else:
        wanted = answered.found if answered else spec.select.reviews
        found = list(every.filter(reference__in=wanted))
    here = {review.reference for review in found}
    named = [*spec.select.reviews, *(one.review for one in spec.select.exclude)]
    missing = [reference for reference in named if reference not in here]
    if missing:
        raise NotFound(f"the overview names reviews that are not there: {', '.join(missing)}")
    return found


@lru_cache(maxsize=8)
def _read_rows(pk: int, sha256: str) -> FrozenRows:
    """A snapshot never changes, so it is read once. sha256: a part of the key only."""
    packed = Snapshot.objects.values_list("rows", flat=True).get(pk=pk)
    return unpacked(bytes(packed))


def frozen_rows(snapshot: Snapshot) -> FrozenRows:
    """The rows of a snapshot; who may see them is asked by the caller."""
    return _read_rows(snapshot.pk, snapshot.sha256)


@lru_cache(maxsize=64)
def _decided(sha256: str, spec: str) -> str:
    read, _ = read_overview(spec, file=sha256)
    return read.disclosure.profile


def decided_profile(snapshot: Snapshot) -> str:
    """The disclosure profile that the data controller decided on, as the snapshot's spec says."""
    return _decided(snapshot.sha256, snapshot.spec)


def counted_reviews(snapshot: Snapshot) -> frozenset[str]:
    """The references of the reviews that a snapshot counts."""
    rows = _read_rows(snapshot.pk, snapshot.sha256)
    return frozenset(row.reference for row in rows.reviews if row.counted)


@lru_cache(maxsize=8)
def _facts(pk: int, sha256: str) -> Facts:
    """The rows of a snapshot arranged for looking up, so that opening a number stays quick."""
    rows = _read_rows(pk, sha256)
    return Facts(rows, file_of(framework_for(*rows.framework.split(" "))))


@lru_cache(maxsize=16)
def _release(
    pk: int, sha256: str, taken_at: datetime, profile: str, earlier: tuple[bytes, ...]
) -> Release:
    snapshot = Snapshot.objects.select_related("overview__framework").get(pk=pk)
    rows = _read_rows(pk, sha256)
    spec, framework = _spec_and_framework(snapshot, rows)
    return make_release(
        rows,
        spec,
        framework,
        profile=profile,
        provenance=Provenance(
            snapshot=snapshot.number,
            taken_at=snapshot.taken_at,
            sha256=snapshot.sha256,
            code_version=snapshot.code_version,
            framework_sha256=rows.framework_sha256,
        ),
        earlier=earlier,
    )


def _spec_and_framework(snapshot: Snapshot, rows: FrozenRows) -> tuple[OverviewSpec, FrameworkFile]:
    """Of a snapshot; its spec was checked when it was frozen, by the rules of that day."""
    name, version = rows.framework.split(" ")
    spec, _ = read_overview(snapshot.spec, file=f"{snapshot.overview.slug}.yaml")
    return spec, file_of(framework_for(name, version))


def release_of(snapshot: Snapshot, profile: str, earlier: tuple[bytes, ...] = ()) -> Release:
    """A snapshot counted, protected and drawn; the same snapshot is counted once.

    earlier: the ledger of what was given out before, which it must not undo.
    """
    return _release(snapshot.pk, snapshot.sha256, snapshot.taken_at, profile, earlier)


def ledger_entry(release: Release, snapshot: Snapshot, *, name: str) -> bytes:
    """What the ledger keeps of a release that is given out. name: unlike any other's."""
    entry = release.entry
    if entry is None:
        rows = _read_rows(snapshot.pk, snapshot.sha256)
        plan = plan_of(rows, release.spec, release.framework)
        entry = open_entry(plan, name, past_of(rows, (), keep=False))
    return to_bytes(replace(entry, name=name))


def tables_of(snapshot: Snapshot, profile: str) -> tuple[ProtectedTable, ...]:
    """The protected tables of a snapshot. Raises RuleError where it cannot be shown so."""
    return release_of(snapshot, profile).tables


def table_of(slug: str, table: str, profile: str) -> ProtectedTable:
    """A table of the latest snapshot of an overview, for the operator. Raises NotFound."""
    return release_of(latest_snapshot(overview_for(slug)), profile).table(table)


@dataclass(frozen=True, slots=True)
class PassageBehind:
    """Words that carry a fact. said: the fact in words; basis: how it was agreed, in words."""

    key: str
    report: Report
    page: int
    exact: str
    said: str
    basis: str


@dataclass(frozen=True, slots=True)
class ReviewBehind:
    """A review that a cell counts, with its words.

    open: the person may see the review; if not, everything but the reference is empty.
    children: those of it that are counted, where the cell counts children, by the names that its
    reports chose; none where all its reports are closed. closed: passages of it that the person
    may not see (any more); none of either is silence.
    """

    reference: str
    title: str
    open: bool
    children: tuple[str, ...]
    passages: tuple[PassageBehind, ...]
    closed: int


@dataclass(frozen=True, slots=True)
class CellEvidence:
    """Everything behind one number. closed: passages that the person may not see (any more)."""

    table: ProtectedTable
    row: Row
    column: Column
    cell: Cell
    reviews: tuple[ReviewBehind, ...]
    closed: int


def cell_evidence(
    snapshot: Snapshot,
    table: str,
    row: str,
    column: str,
    *,
    person: Actor,
    now: datetime,
    profile: str = "open",
    earlier: tuple[bytes, ...] = (),
) -> CellEvidence:
    """What stands behind a cell, as far as the person may see the reports.

    Raises NotFound for a cell that is not there or is withheld.
    """
    release = release_of(snapshot, profile, earlier)
    protected = release.table(table)
    found_row, found_column, cell = _found(protected, row, column)
    spec = next(one for one in release.spec.tables if one.id == protected.table.id)
    found = behind(_facts(snapshot.pk, snapshot.sha256), spec, found_row.id, cell)
    references = [one.review for one in found]
    reviews = {
        review.reference: review
        for review in open_reviews(person, now).filter(reference__in=references)
    }
    reports = {
        report.key: report
        for report in open_reports(person, now).filter(review__reference__in=references)
    }
    shown = tuple(_opened(one, reviews.get(one.review), reports) for one in found)
    closed = sum(one.closed for one in shown)
    return CellEvidence(protected, found_row, found_column, cell, shown, closed)


def _found(protected: ProtectedTable, row: str, column: str) -> tuple[Row, Column, Cell]:
    table = protected.table
    rows = {one.id: one for one in table.rows}
    columns = {one.id: one for one in table.columns}
    if row not in rows or column not in columns:
        raise NotFound(f"{table.id} has no cell {row}, {column}")
    cell = table.cell(row, column)
    if cell.mark or not cell.records:
        raise NotFound(f"there is nothing to open behind {table.id}, {row}, {column}")
    return rows[row], columns[column], cell


def _opened(found: Behind, review: Review | None, reports: Mapping[str, Report]) -> ReviewBehind:
    if review is None:
        return ReviewBehind(
            found.review, "", open=False, children=(), passages=(), closed=len(found.words)
        )
    named = any(report.review_id == review.pk for report in reports.values())
    passages = tuple(
        PassageBehind(
            key=words.quote.key,
            report=reports[words.quote.report],
            page=words.quote.page,
            exact=words.quote.exact,
            said=words.said,
            basis=Basis(words.basis).label,
        )
        for words in found.words
        if words.quote.report in reports
    )
    return ReviewBehind(
        found.review,
        review.title,
        open=True,
        children=found.children if named else (),
        passages=passages,
        closed=len(found.words) - len(passages),
    )


@lru_cache(maxsize=8)
def _uses(
    pk: int, sha256: str, taken_at: datetime, profile: str, earlier: tuple[bytes, ...]
) -> dict[str, tuple[CellUse, ...]]:
    return uses_by_key(_release(pk, sha256, taken_at, profile, earlier).tables)


def uses_of(
    snapshot: Snapshot, key: str, profile: str = "open", earlier: tuple[bytes, ...] = ()
) -> tuple[CellUse, ...]:
    """The cells of a snapshot that a citation key carries, in the order of the tables."""
    found = _uses(snapshot.pk, snapshot.sha256, snapshot.taken_at, profile, earlier)
    return found.get(key, ())
