"""Writing overviews: making one, saving versions of its spec, freezing what it is counted from.

`by` is the person who acts, or None for the operator at the command line.
"""

from dataclasses import replace
from datetime import datetime

from waymark import __version__
from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require
from waymark.core.bulk import uncollected
from waymark.core.errors import Fault, NotPermitted, Overtaken, RuleError, SpecError
from waymark.core.yamlfile import line_of
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of, framework_for
from waymark.overview.beginning import with_parts
from waymark.overview.deciding import DecisionForm, decision_part, form_faults, is_overtaken
from waymark.overview.held import held
from waymark.overview.models import Overview, Snapshot, SpecVersion
from waymark.overview.queries import (
    decision_of,
    frozen_rows,
    latest_version,
    rows_to_freeze,
    spec_now,
)
from waymark.overview.snapshot import AnsweredQuery
from waymark.overview.snapshot_file import packed
from waymark.overview.spec import OverviewSpec, read_overview


def _checked(source: str, file: str, by: Actor, now: datetime) -> tuple[OverviewSpec, Framework]:
    read, _ = read_overview(source, file=file)
    framework = framework_for(read.framework_name, read.framework_version)
    return spec_now(source, file_of(framework), by, now, file=file), framework


def _check_decision(read: OverviewSpec, last: SpecVersion, source: str, file: str) -> None:
    """Raises SpecError where a YAML would undo a decision recorded since it was written."""
    recorded = decision_of(last)
    if not is_overtaken(read.disclosure, recorded):
        return
    _, lines = read_overview(source, file=file)
    day = recorded.decided
    said = (
        f"the decision on disclosure is older than the one recorded: {recorded.controller} decided"
        f" on {recorded.profile} on {day.day} {day:%B %Y}; take that into the file, as the"
        " overview's page gives it, or record another decision"
    )
    raise SpecError(file, [Fault(line_of(lines, ("disclosure",)), said)])


def _person(by: Actor) -> User:
    """An overview belongs to somebody: the operator has no account to put under it."""
    if not isinstance(by, User):
        raise NotPermitted("an overview needs a person who makes it: sign in, or name an account")
    return by


@audit.in_turn
def create_overview(*, by: Actor, spec: str, file: str, now: datetime) -> Overview:
    """A new overview from its YAML; the same YAML again changes nothing.

    Raises NotPermitted, SpecError with the lines of all faults, NotFound for a framework that is
    not published, RuleError where the slug stands for another overview already.
    """
    require(by, "analyse")
    read, framework = _checked(spec, file, by, now)
    there = Overview.objects.filter(slug=read.overview).first()
    if there is not None:
        if latest_version(there).spec == spec:
            return there
        raise RuleError(f"the overview {read.overview} exists already: revise it instead")
    made = Overview.objects.create(
        slug=read.overview,
        title=read.title,
        framework=framework,
        created_by=_person(by),
        created_at=now,
    )
    _keep_version(made, 1, spec, by, now)
    audit.record(actor=by, action="create overview", subject=f"overview {made.slug}", now=now)
    return made


def _keep_version(
    overview: Overview, number: int, spec: str, by: Actor, now: datetime
) -> SpecVersion:
    return SpecVersion.objects.create(
        overview=overview,
        number=number,
        title=overview.title,
        spec=spec,
        saved_by=_person(by),
        saved_at=now,
    )


@audit.in_turn
def revise_overview(
    *,
    by: Actor,
    overview: Overview,
    spec: str,
    file: str,
    now: datetime,
    seen: int | None = None,
) -> Overview:
    """Change what an overview asks for: a version of its own, after which the earlier ones stay.

    Snapshots keep the spec they were frozen with. seen: the number of the version that the person
    changed; None where that does not matter. The same spec again changes nothing. Raises
    NotPermitted, SpecError, also for a decision on disclosure that another has overtaken, NotFound,
    Overtaken where another version was saved since, RuleError for the YAML of another overview.
    """
    require(by, "analyse")
    overview = Overview.objects.select_for_update().get(pk=overview.pk)
    last = latest_version(overview)
    if last.spec == spec:
        return overview
    read, framework = _checked(spec, file, by, now)
    if read.overview != overview.slug:
        raise RuleError(f"the file is of the overview {read.overview}, not {overview.slug}")
    if seen is not None and seen != last.number:
        raise Overtaken(
            f"{last.saved_by.get_username()} saved version {last.number} since you opened"
            f" version {seen}"
        )
    _check_decision(read, last, spec, file)
    overview.title, overview.framework = read.title, framework
    overview.save(update_fields=["title", "framework"])
    made = _keep_version(overview, last.number + 1, spec, by, now)
    audit.record(
        actor=by,
        action="revise overview",
        subject=f"overview {overview.slug}",
        now=now,
        version=made.number,
    )
    return overview


@audit.in_turn
def freeze(
    *, by: Actor, overview: Overview, now: datetime, answered: AnsweredQuery | None = None
) -> Snapshot:
    """Keep the agreed rows as they stand: the only thing the tables are counted from.

    answered: what the query finds by which the reviews are selected, where it is so. Where nothing
    has changed since the last snapshot, that one is given back and no number used. Raises
    NotPermitted, RuleError where no review is read and coded, and what create_overview does.
    """
    require(by, "analyse")
    overview = Overview.objects.select_for_update().get(pk=overview.pk)
    spec = latest_version(overview).spec
    read, framework = _checked(spec, f"{overview.slug}.yaml", by, now)
    with uncollected():
        rows = rows_to_freeze(read, spec, framework, by, now, answered)
        if not rows.counted:
            raise RuleError(
                f"{overview.slug}: no review is read and coded with {framework}: settle one first"
            )
        kept = packed(rows)
    last = Snapshot.objects.filter(overview=overview).defer("rows").order_by("-number").first()
    if last is not None and last.sha256 == kept.sha256:
        return last
    made = Snapshot.objects.create(
        overview=overview,
        number=last.number + 1 if last else 1,
        taken_at=now,
        taken_by=_person(by),
        spec=spec,
        rows=kept.content,
        sha256=kept.sha256,
        code_version=__version__,
        reviews=len(rows.counted),
    )
    held(made).keep(rows)
    audit.record(
        actor=by,
        action="freeze overview",
        subject=f"overview {overview.slug}",
        now=now,
        snapshot=made.number,
        sha256=made.sha256,
        reviews=len(rows.counted),
    )
    return made


@audit.in_turn
def decide_disclosure(
    *, by: Actor, overview: Overview, form: DecisionForm, now: datetime, seen: int | None = None
) -> Snapshot | None:
    """Record the data controller's decision: a version of the spec, and of the frozen rows.

    The rows frozen last are kept as they are under the new decision where the spec asks for
    nothing else since; that snapshot is returned, and None where the overview has to be frozen.
    seen: the version that the person looked at. Raises NotPermitted, RuleError for a decision that
    is incomplete, SpecError where the tables cannot be shown under the profile, Overtaken.
    """
    require(by, "decide on disclosure")
    faults = form_faults(form, now.date())
    if faults:
        raise RuleError(" ".join(faults.values()))
    overview = Overview.objects.select_for_update().get(pk=overview.pk)
    last = latest_version(overview)
    if seen is not None and seen != last.number:
        raise Overtaken(
            f"{last.saved_by.get_username()} saved version {last.number} since you opened"
            f" version {seen}"
        )
    read, _ = _checked(last.spec, f"{overview.slug}.yaml", by, now)
    part = {"disclosure": dict(decision_part(form, read.disclosure))}
    spec = with_parts(last.spec, part)
    _checked(spec, f"{overview.slug}.yaml", by, now)
    version = last if spec == last.spec else _keep_version(overview, last.number + 1, spec, by, now)
    audit.record(
        actor=by,
        action="decide on disclosure",
        subject=f"overview {overview.slug}",
        now=now,
        version=version.number,
        profile=form.profile,
        controller=form.controller,
        role=form.role,
        decided=form.decided.isoformat(),
        reason=form.reason,
    )
    return _under_decision(overview, before=last.spec, spec=spec, by=by)


def _under_decision(overview: Overview, *, before: str, spec: str, by: Actor) -> Snapshot | None:
    """The rows frozen last with a spec that differs in its decision alone.

    They are the same rows of the same day, counted by the same program; only the hash is another.
    """
    last = Snapshot.objects.filter(overview=overview).defer("rows").order_by("-number").first()
    if last is None or last.spec == spec:
        return last
    if last.spec != before:
        return None
    rows = replace(frozen_rows(last), spec=spec)
    kept = packed(rows)
    return Snapshot.objects.create(
        overview=overview,
        number=last.number + 1,
        taken_at=last.taken_at,
        taken_by=_person(by),
        spec=spec,
        rows=kept.content,
        sha256=kept.sha256,
        code_version=last.code_version,
        reviews=last.reviews,
    )
