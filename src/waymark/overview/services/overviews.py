"""Services of overviews: create and revise them, freeze their rows, record decisions.

`by` is the person who acts, or None for the operator at the command line.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from waymark import __version__
from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import ConcurrentChange, FileFault, NotPermitted, RuleError, SpecError
from waymark.core.gc_pause import gc_paused
from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.core.yaml_file import line_of
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of, framework_for
from waymark.overview.models import Overview, Snapshot, SpecVersion
from waymark.overview.queries.overviews import (
    decision_of,
    frozen_rows,
    last_snapshot,
    latest_version,
    rows_to_freeze,
    spec_now,
)
from waymark.overview.queries.snapshot_cache import cached_snapshot
from waymark.overview.snapshot.file_format import pack_rows
from waymark.overview.snapshot.rows import AnsweredQuery, PopulationBase
from waymark.overview.spec.disclosure_decision import (
    DecisionForm,
    decision_part,
    form_faults,
    is_overtaken,
)
from waymark.overview.spec.population import needed_bases
from waymark.overview.spec.schema import OverviewSpec, read_overview
from waymark.overview.spec.selection import not_a_sample
from waymark.overview.spec.template import with_parts


def _checked_spec(
    source: str, file: str, by: Actor, now: datetime
) -> tuple[OverviewSpec, Framework]:
    specification, _ = read_overview(source, file=file)
    framework = framework_for(specification.framework_name, specification.framework_version)
    return spec_now(source, file_of(framework), by, now, file=file), framework


def _check_decision(specification: OverviewSpec, last: SpecVersion, source: str, file: str) -> None:
    """Raises SpecError if a YAML would undo a decision recorded after it was written."""
    recorded = decision_of(last)
    if not is_overtaken(specification.disclosure, recorded):
        return
    _, lines = read_overview(source, file=file)
    day = recorded.decided
    message = (
        f"the decision on disclosure is older than the one recorded: {recorded.controller} decided"
        f" on {recorded.profile} on {date_in_words(day)}; copy that decision from the"
        " overview's page into the file, or record another decision"
    )
    raise SpecError(file, [FileFault(line_of(lines, ("disclosure",)), message)])


def _owner_of_overview(by: Actor) -> User:
    """The owner of an overview: the operator has no account, so cannot own one."""
    if not isinstance(by, User):
        raise NotPermitted("an overview needs an owner: sign in, or name an account")
    return by


@audit.serialized
def create_overview(*, by: Actor, spec: str, file: str, now: datetime) -> Overview:
    """Create an overview from its YAML; the same YAML again changes nothing.

    Raises NotPermitted, SpecError with the lines of all faults, NotFound for a framework that is
    not published, RuleError if another overview has the slug.
    """
    require_permission(by, "analyse")
    specification, framework = _checked_spec(spec, file, by, now)
    existing = Overview.objects.filter(slug=specification.overview).first()
    if existing is not None:
        if latest_version(existing).spec == spec:
            return existing
        raise RuleError(f"the overview {specification.overview} already exists: revise it instead")
    overview = Overview.objects.create(
        slug=specification.overview,
        title=specification.title,
        framework=framework,
        created_by=_owner_of_overview(by),
        created_at=now,
    )
    _save_version(overview, 1, spec, by, now)
    audit.record_about(by, "create overview", overview, now)
    return overview


def _save_version(
    overview: Overview, number: int, spec: str, by: Actor, now: datetime
) -> SpecVersion:
    return SpecVersion.objects.create(
        overview=overview,
        number=number,
        title=overview.title,
        spec=spec,
        saved_by=_owner_of_overview(by),
        saved_at=now,
    )


def _require_latest(last: SpecVersion, seen: int | None) -> None:
    """Raise ConcurrentChange if another version was saved since. seen: None to skip the check."""
    if seen is not None and seen != last.number:
        raise ConcurrentChange(
            f"{last.saved_by.get_username()} saved version {last.number} since you opened"
            f" version {seen}"
        )


@audit.serialized
def revise_overview(
    *, by: Actor, overview: Overview, spec: str, file: str, now: datetime, seen: int | None = None
) -> Overview:
    """Save a new version of the specification of an overview; earlier versions are kept.

    Snapshots keep the specification they were frozen with. seen: the number of the version that
    the person changed; None to skip that check. The same specification again changes nothing.
    Raises NotPermitted, SpecError, also for a disclosure decision older than the one recorded,
    NotFound, ConcurrentChange if another version was saved since, RuleError for the YAML of another
    overview.
    """
    require_permission(by, "analyse")
    overview = Overview.objects.select_for_update(of=("self",)).get(pk=overview.pk)
    last = latest_version(overview)
    # The lock on the row above makes two editors take turns, so `last` cannot be overtaken here.
    if last.spec == spec:
        return overview
    specification, framework = _checked_spec(spec, file, by, now)
    if specification.overview != overview.slug:
        raise RuleError(
            f"the file is for the overview {specification.overview}, not {overview.slug}"
        )
    _require_latest(last, seen)
    _check_decision(specification, last, spec, file)
    overview.title, overview.framework = specification.title, framework
    overview.save(update_fields=["title", "framework"])
    version = _save_version(overview, last.number + 1, spec, by, now)
    audit.record_about(by, "revise overview", overview, now, version=version.number)
    return overview


def _check_sample(spec: OverviewSpec, counted: int, source: str, file: str) -> None:
    """Raise SpecError, with the line, if the counted reviews are no sample of their population."""
    sample = spec.select.sample_of
    if sample is not None and sample.population <= counted:
        _, lines = read_overview(source, file=file)
        line = line_of(lines, ("select", "sample_of"))
        raise SpecError(file, [FileFault(line, not_a_sample(counted, sample.population))])


@audit.serialized
def freeze_overview(
    *,
    by: Actor,
    overview: Overview,
    now: datetime,
    answered: AnsweredQuery | None = None,
    bases: Sequence[PopulationBase] = (),
) -> Snapshot:
    """Freeze the agreed rows as a snapshot: the only source of the tables.

    answered: the results of the query that selects the reviews, if there is one. bases: the values
    of indicators that the specification needs. If nothing has
    changed since the last snapshot, that one is returned and no number is used. Raises
    NotPermitted, RuleError if no review is coded, and the errors of create_overview.
    """
    require_permission(by, "analyse")
    overview = Overview.objects.select_for_update(of=("self",)).get(pk=overview.pk)
    spec = latest_version(overview).spec
    specification, framework = _checked_spec(spec, f"{overview.slug}.yaml", by, now)
    with gc_paused():
        if missing := needed_bases(specification).keys() - {base.key for base in bases}:
            raise RuleError(f"read the base of rates first: {min(missing).indicator}")
        rows = rows_to_freeze(specification, spec, framework, by, now, answered, bases)
        if not rows.counted:
            raise RuleError(
                f"{overview.slug}: no review is coded with {framework}: agree a coding first"
            )
        _check_sample(specification, len(rows.counted), spec, f"{overview.slug}.yaml")
        stored = pack_rows(rows)
    last = last_snapshot(overview)
    # The hash covers the rows and the specification, so nothing at all has changed.
    if last is not None and last.sha256 == stored.sha256:
        return last
    snapshot = Snapshot.objects.create(
        overview=overview,
        number=last.number + 1 if last else 1,
        taken_at=now,
        taken_by=_owner_of_overview(by),
        spec=spec,
        rows=stored.content,
        sha256=stored.sha256,
        code_version=__version__,
        reviews=len(rows.counted),
    )
    cached_snapshot(snapshot).store_rows(rows)
    audit.record_about(
        by,
        "freeze overview",
        overview,
        now,
        snapshot=snapshot.number,
        sha256=snapshot.sha256,
        reviews=len(rows.counted),
    )
    return snapshot


@audit.serialized
def decide_disclosure(
    *, by: Actor, overview: Overview, form: DecisionForm, now: datetime, seen: int | None = None
) -> Snapshot | None:
    """Record the data controller's decision: a new version, and a new snapshot of the same rows.

    If the specification has not changed otherwise since the last snapshot, its rows are used again
    with the new decision, and that snapshot is returned; None means that the overview has to be
    frozen. seen: the version that the person looked at. Raises NotPermitted, RuleError for an
    incomplete decision, SpecError if the tables cannot be shown under the profile,
    ConcurrentChange.
    """
    require_permission(by, "decide on disclosure")
    faults = form_faults(form, uk_date(now))
    if faults:
        raise RuleError(" ".join(faults.values()))
    overview = Overview.objects.select_for_update(of=("self",)).get(pk=overview.pk)
    last = latest_version(overview)
    _require_latest(last, seen)
    specification, _ = _checked_spec(last.spec, f"{overview.slug}.yaml", by, now)
    part = {"disclosure": dict(decision_part(form, specification.disclosure))}
    spec = with_parts(last.spec, part)
    # Conditions that are harmless under open can be refused under another profile.
    _checked_spec(spec, f"{overview.slug}.yaml", by, now)
    # The same decision again is recorded in the audit but makes no new version.
    version = last if spec == last.spec else _save_version(overview, last.number + 1, spec, by, now)
    audit.record_about(
        by,
        "decide on disclosure",
        overview,
        now,
        version=version.number,
        profile=form.profile,
        controller=form.controller,
        role=form.role,
        decided=form.decided.isoformat(),
        reason=form.reason,
    )
    return _snapshot_under_decision(overview, before=last.spec, spec=spec, by=by)


def _snapshot_under_decision(
    overview: Overview, *, before: str, spec: str, by: Actor
) -> Snapshot | None:
    """A snapshot of the rows frozen last, with a specification that differs only in its decision.

    They are the same rows of the same day, counted by the same program; only the hash differs.
    """
    last = last_snapshot(overview)
    if last is None or last.spec == spec:
        return last
    # The specification was changed after freezing: its rows would not fit the new version.
    if last.spec != before:
        return None
    rows = replace(frozen_rows(last), spec=spec)
    stored = pack_rows(rows)
    return Snapshot.objects.create(
        overview=overview,
        number=last.number + 1,
        taken_at=last.taken_at,
        taken_by=_owner_of_overview(by),
        spec=spec,
        rows=stored.content,
        sha256=stored.sha256,
        code_version=last.code_version,
        reviews=last.reviews,
    )
