"""Queries of overviews: rows to freeze, releases of a snapshot, decisions and versions.

The publishing stage decides if a person may see an overview at all.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from functools import lru_cache, partial
from typing import TypeVar

from django.db.models import QuerySet

from waymark.accounts.permissions import Actor
from waymark.coding.double_coded import double_coded
from waymark.coding.queries import (
    agreed_codes,
    agreed_qualifiers,
    coded_reviews,
)
from waymark.coding.queries.machines import machines_used
from waymark.coding.queries.suggestion_figures import machine_figures
from waymark.coding.settled_versions import SettledVersions
from waymark.core.errors import FileFault, NotFound, RuleError, SpecError, require_found
from waymark.core.evidence import CodeRow
from waymark.core.near_names import did_you_mean
from waymark.core.tables import ProtectedTable
from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.core.yaml_file import line_of
from waymark.documents.models import ReportKind, Review
from waymark.documents.queries.reader import open_reports, open_reviews
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import version_line
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.disclosure.engine.history_file import to_bytes
from waymark.overview.disclosure.release_history import open_entry, past_of
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.disclosure.suppressed_cells import SuppressedTable
from waymark.overview.models import Overview, Snapshot, SpecVersion
from waymark.overview.queries.prepared_releases import kept_protection
from waymark.overview.queries.snapshot_cache import SnapshotContents, cached_snapshot, counted_in
from waymark.overview.releases.release import (
    Provenance,
    Release,
    make_release,
    make_suppressed_tables,
)
from waymark.overview.snapshot.durations import months_to_publication, months_to_report
from waymark.overview.snapshot.rows import (
    AnsweredQuery,
    FrozenRows,
    PopulationBase,
    ReviewRow,
    SuggestedCodeUse,
    SuggesterUse,
    freeze_rows,
)
from waymark.overview.spec.check import checked_overview
from waymark.overview.spec.schema import OverviewKind, OverviewSpec, ThemesTable, read_overview
from waymark.overview.spec.selection import DisclosureDecision
from waymark.profiles.queries import agreed_judgements, children_of
from waymark.recommendations.queries import recommendation_rows

Row = TypeVar("Row")
AT_A_TIME = 1_000
"""Reviews whose rows are read in one batch."""


def overview_for(slug: str) -> Overview:
    """The overview of a slug. Raises NotFound."""
    overview = Overview.objects.filter(slug=slug).select_related("framework").first()
    if overview is None:
        known = ", ".join(Overview.objects.values_list("slug", flat=True)) or "none"
        raise NotFound(f"there is no overview {slug}; there are: {known}")
    return overview


def latest_version(overview: Overview) -> SpecVersion:
    """The current version of its specification."""
    versions = SpecVersion.objects.filter(overview=overview).select_related("saved_by")
    return versions.order_by("-number")[0]


def last_snapshot(overview: Overview) -> Snapshot | None:
    """The snapshot frozen last; None if there is none."""
    return Snapshot.objects.filter(overview=overview).defer("rows").order_by("-number").first()


def latest_snapshot(overview: Overview) -> Snapshot:
    """The snapshot frozen last. Raises NotFound if there is none."""
    unfrozen = f"the overview {overview.slug} has not been frozen yet: freeze it first"
    return require_found(last_snapshot(overview), unfrozen)


def rows_to_freeze(
    spec: OverviewSpec,
    source: str,
    framework: Framework,
    person: Actor,
    now: datetime,
    answered: AnsweredQuery | None = None,
    bases: Sequence[PopulationBase] = (),
) -> FrozenRows:
    """The agreed rows, as of now, of the reviews that a specification selects.

    Withdrawn and expired reviews and reports are treated as if they had never been here. answered:
    the results of the query by which the reviews are selected. bases: the values of indicators that
    the specification needs. Raises NotFound for a listed review
    that does not exist, RuleError if the results are of another query than the specification's.
    """
    if spec.select.query != (answered.query if answered else None):
        raise RuleError("run the query that selects the reviews before you freeze the overview")
    selected = _selected_queryset(spec, person, now, answered)
    dates = ("period", "completed_on", "published_on")
    selected_reviews = list(selected.only("reference", "title", *dates))
    _check_named_reviews(spec, {review.reference for review in selected_reviews})
    obtained: dict[int, set[str]] = {}
    # One query for all reviews: the kinds of the reports that are open. A review with {executive
    # summary} alone is counted, and marked as known from its summary.
    for review_pk, kind in (
        open_reports(person, now).filter(review__in=selected).values_list("review", "kind")
    ):
        obtained.setdefault(review_pk, set()).add(kind)
    coded = coded_reviews(framework, selected)
    excluded = {exclusion.review: exclusion.reason for exclusion in spec.select.exclude}
    as_at = spec.as_at or uk_date(now)
    reviews = [
        ReviewRow(
            reference=review.reference,
            title=review.title,
            obtained=review.pk in obtained,
            coded=review.reference in coded,
            excluded=excluded.get(review.reference, ""),
            summary_only=obtained.get(review.pk, set()) == {ReportKind.SUMMARY},
            months_to_report=months_to_report(review.period, review.completed_on),
            months_to_publication=months_to_publication(review.completed_on, review.published_on),
        )
        for review in selected_reviews
    ]
    # In batches of AT_A_TIME reviews, in order: memory must not grow with the library.
    parts = _review_batches(selected, [review.pk for review in selected_reviews])
    return freeze_rows(
        framework=str(framework),
        framework_sha256=framework.sha256,
        spec=source,
        reviews=reviews,
        children=_rows_in_batches(parts, children_of),
        judgements=_rows_in_batches(parts, partial(agreed_judgements, framework)),
        codes=_rows_in_batches(parts, partial(_code_rows, framework, _counted_qualifiers(spec))),
        double_coded=_rows_in_batches(parts, partial(double_coded, framework)),
        recommendations=_rows_in_batches(parts, partial(recommendation_rows, as_at=as_at)),
        answered=answered,
        earlier=_earlier_versions(framework, selected, selected_reviews),
        suggesters=_suggesters(spec, framework, selected, now),
        bases=bases,
    )


def _suggesters(
    spec: OverviewSpec, framework: Framework, selected: QuerySet[Review], now: datetime
) -> list[SuggesterUse]:
    """The programs that suggested codes for the selected reviews, with what became of it.

    Raises RuleError if there is one though the specification says that there is none.
    """
    counted = Review.objects.filter(pk__in=selected.values("pk")).exclude(
        reference__in=[exclusion.review for exclusion in spec.select.exclude]
    )
    machines = machines_used(counted, framework)
    if spec.no_machine and machines:
        names = ", ".join(machine.name for machine in machines)
        raise RuleError(
            f"no_machine: {names} suggested codes for reviews of this overview: take the statement"
            " out, and the method will say what became of the suggestions"
        )
    figures = [machine_figures(machine, framework, counted, now) for machine in machines]
    return [
        SuggesterUse(
            *(row.machine, row.kind, row.reviews, row.passages, row.unsuggested, row.read),
            row.read_with_code,
            tuple(SuggestedCodeUse(**asdict(code)) for code in row.codes),
        )
        for row in figures
    ]


def _earlier_versions(
    framework: Framework, selected: QuerySet[Review], reviews: Iterable[Review]
) -> dict[str, str]:
    """Review -> the earlier version of the framework with which it is settled."""
    line = version_line(framework)
    ranks = SettledVersions(line, selected).earlier
    return {row.reference: line.labels[ranks[row.pk]] for row in reviews if row.pk in ranks}


def _counted_qualifiers(spec: OverviewSpec) -> frozenset[str]:
    """The qualifiers by which tables count passages, as "valence=strength"."""
    tables = (table for table in spec.tables if isinstance(table, ThemesTable))
    return frozenset[str]().union(*(table.qualified.pairs for table in tables if table.qualified))


def _code_rows(
    framework: Framework, pairs: frozenset[str], reviews: QuerySet[Review]
) -> list[CodeRow]:
    """The agreed codes of reviews, with those of the qualifiers that their passages have."""
    rows = agreed_codes(framework, reviews)
    if not pairs:
        return rows
    qualifiers = agreed_qualifiers(framework, reviews)

    def of_place(row: CodeRow, key: str) -> tuple[str, ...]:
        values = qualifiers.get(row.review, {}).get((row.code, key), {})
        every = {f"{name}={value}" for name, some in values.items() for value in some}
        return tuple(sorted(every & pairs))

    return [
        row._replace(qualifiers=tuple(of_place(row, quote.key) for quote in row.quotes))
        for row in rows
    ]


def _review_batches(reviews: QuerySet[Review], keys: Collection[int]) -> list[QuerySet[Review]]:
    """Reviews in batches, to limit the memory needed for reading their rows."""
    ordered = sorted(keys)
    # A range of keys is used instead of a list: SQLite limits the number of values in a query, and
    # the queryset already limits the range to the selected reviews.
    firsts = range(0, len(ordered), AT_A_TIME)
    parts = (ordered[at : at + AT_A_TIME] for at in firsts)
    return [reviews.filter(pk__range=(part[0], part[-1])) for part in parts]


def _rows_in_batches(
    parts: Iterable[QuerySet[Review]], rows_of: Callable[[QuerySet[Review]], list[Row]]
) -> Iterator[Row]:
    for part in parts:
        yield from rows_of(part)


def _selected_queryset(
    spec: OverviewSpec, person: Actor, now: datetime, answered: AnsweredQuery | None
) -> QuerySet[Review]:
    every = open_reviews(person, now).order_by()
    if spec.select.collection is not None:
        return every.filter(collection=spec.select.collection)
    return every.filter(reference__in=answered.references if answered else spec.select.reviews)


def _check_named_reviews(spec: OverviewSpec, references: Collection[str]) -> None:
    named = [*spec.select.reviews, *(exclusion.review for exclusion in spec.select.exclude)]
    missing = [reference for reference in named if reference not in references]
    if missing:
        raise NotFound(f"the overview names reviews that do not exist: {', '.join(missing)}")


def spec_now(
    source: str, framework: FrameworkFile, person: Actor, now: datetime, *, file: str
) -> OverviewSpec:
    """The specification of a YAML text, checked against the framework and the reviews of now.

    Raises SpecError with the line of every fault, including reviews that do not exist and a
    decision in the future.
    """
    spec = checked_overview(source, framework, file=file)
    _, lines = read_overview(source, file=file)
    faults = [
        FileFault(line_of(lines, path), message) for path, message in _faults_now(spec, person, now)
    ]
    if faults:
        raise SpecError(file, faults)
    return spec


def _faults_now(
    spec: OverviewSpec, person: Actor, now: datetime
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    yield from _future_faults(spec, uk_date(now))
    excluded = [exclusion.review for exclusion in spec.select.exclude]
    existing = _reference_set(open_reviews(person, now).filter(reference__in=spec.select.reviews))
    for number, reference in enumerate(spec.select.reviews):
        if reference not in existing:
            near = did_you_mean(reference, _open_references(person, now))
            yield ("select", "reviews", number), f"there is no review {reference}{near}"
    known = _reference_set(open_reviews(person, now).filter(reference__in=excluded))
    # The results of a query are known only when it is run: freezing checks again.
    selected = (
        known
        if spec.select.query is not None
        else _reference_set(
            _selected_queryset(spec, person, now, None).filter(reference__in=excluded)
        )
    )
    for number, reference in enumerate(excluded):
        at = ("select", "exclude", number)
        if reference not in known:
            near = did_you_mean(reference, _open_references(person, now))
            yield at, f"there is no review {reference} to exclude{near}"
        elif reference not in selected:
            yield at, f"{reference} is excluded but is not one of the selected reviews"


def _future_faults(spec: OverviewSpec, today: date) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Days that have not come yet: of the decision, of what is overdue, and of sources."""
    days: list[tuple[tuple[str | int, ...], date | None]] = [
        (("disclosure", "decided"), spec.disclosure.decided),
        (("as_at",), spec.as_at),
    ]
    if spec.predictive_value is not None:
        for name in ("harm", "factor_in_population"):
            source = getattr(spec.predictive_value, name)
            days.append((("predictive_value", name, "date"), source and source.date))
    for path, day in days:
        if day is not None and day > today:
            yield path, f"{path[-1]}: {date_in_words(day)} is in the future"


def _open_references(person: Actor, now: datetime) -> list[str]:
    return sorted(_reference_set(open_reviews(person, now)))


def _reference_set(reviews: QuerySet[Review]) -> set[str]:
    return set(reviews.order_by().values_list("reference", flat=True))


def frozen_rows(snapshot: Snapshot) -> FrozenRows:
    """The rows of a snapshot; the caller checks permission."""
    return cached_snapshot(snapshot).rows()


@lru_cache(maxsize=64)
def _decision_in(spec: str) -> DisclosureDecision:
    specification, _ = read_overview(spec, file="overview")
    return specification.disclosure


def decision_of(source: Snapshot | SpecVersion) -> DisclosureDecision:
    """The disclosure decision of a snapshot or of a version of a specification."""
    return _decision_in(source.spec)


@lru_cache(maxsize=64)
def _kind_in(spec: str) -> OverviewKind:
    specification, _ = read_overview(spec, file="overview")
    return specification.kind


def kind_of(source: Snapshot | SpecVersion) -> OverviewKind:
    """The kind of work that a snapshot or a version of a specification is of."""
    return _kind_in(source.spec)


@lru_cache(maxsize=64)
def _framework_in(spec: str) -> str:
    specification, _ = read_overview(spec, file="overview")
    return specification.framework


def framework_of(source: Snapshot | SpecVersion) -> str:
    """Name and version of the framework of a snapshot or of a version of a specification."""
    return _framework_in(source.spec)


def decided_profile(snapshot: Snapshot) -> str:
    """The disclosure profile that the data controller decided on for a snapshot."""
    return decision_of(snapshot).profile


def counted_reviews(snapshot: Snapshot) -> frozenset[str]:
    """The references of the reviews counted in a snapshot."""
    return counted_in(snapshot)


def snapshots_counting(review: Review) -> list[Snapshot]:
    """The last snapshot of each overview, if it counts a review, by name of the overview."""
    by_number = (
        Snapshot.objects.defer("rows")
        .select_related("overview")
        .order_by("overview__slug", "number")
    )
    last = {snapshot.overview_id: snapshot for snapshot in by_number}.values()
    return [snapshot for snapshot in last if review.reference in counted_reviews(snapshot)]


def release_of(snapshot: Snapshot, profile: str, earlier: tuple[bytes, ...] = ()) -> Release:
    """The release of a snapshot under a profile, counted once: see snapshot_cache.py.

    earlier: the ledger of what was published before, which it must not undo.
    """
    return cached_snapshot(snapshot).result_of(_new_release, profile, earlier)


def _new_release(contents: SnapshotContents, profile: str, earlier: tuple[bytes, ...]) -> Release:
    snapshot, facts = contents.snapshot, contents.facts
    return make_release(
        facts.rows,
        contents.spec,
        facts.framework,
        profile=profile,
        provenance=Provenance(
            snapshot=snapshot.number,
            taken_at=snapshot.taken_at,
            sha256=snapshot.sha256,
            code_version=snapshot.code_version,
            framework_sha256=facts.rows.framework_sha256,
        ),
        earlier=earlier,
        kept=kept_protection(snapshot, profile, earlier),
    )


def suppressed_of(
    snapshot: Snapshot, profile: str, earlier: tuple[bytes, ...]
) -> tuple[SuppressedTable, ...]:
    """The cells that such a release does not show.

    Only for people who may see what is withheld; the caller checks that.
    """
    return cached_snapshot(snapshot).result_of(_new_suppressed, profile, earlier)


def _new_suppressed(
    contents: SnapshotContents, profile: str, earlier: tuple[bytes, ...]
) -> tuple[SuppressedTable, ...]:
    facts = contents.facts
    return make_suppressed_tables(
        facts.rows, contents.spec, facts.framework, profile=profile, earlier=earlier
    )


def ledger_entry(release: Release, snapshot: Snapshot, *, name: str) -> bytes:
    """The ledger entry of a release to be published. name: unique in the ledger."""
    entry = release.entry
    # Under open nothing is protected, so the plan is made only now that the release is published.
    if entry is None:
        rows = cached_snapshot(snapshot).rows()
        plan = plan_of(rows, release.spec, release.framework)
        entry = open_entry(plan, name, past_of(rows, (), keep=False))
    return to_bytes(replace(entry, name=name))


def table_of(slug: str, table: str, profile: str) -> ProtectedTable:
    """A table of the latest snapshot of an overview, under any profile. Raises NotFound.

    The publishing stage checks what may be shown to whom, in publishing/queries/release_gate.py.
    """
    return release_of(latest_snapshot(overview_for(slug)), profile).table(table)
