"""Writing overviews: making one, and freezing the rows it is counted from.

`by` is the person who acts, or None for the operator at the command line.
"""

import zlib
from datetime import datetime

from waymark import __version__
from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import NotPermitted, RuleError
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of, framework_for
from waymark.overview.models import Overview, Snapshot
from waymark.overview.queries import rows_to_freeze
from waymark.overview.snapshot import digest, to_json
from waymark.overview.spec import OverviewSpec, read_overview
from waymark.overview.spec_check import checked_overview


def _checked(source: str, file: str) -> tuple[OverviewSpec, Framework]:
    read, _ = read_overview(source, file=file)
    framework = framework_for(read.framework_name, read.framework_version)
    return checked_overview(source, file_of(framework), file=file), framework


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
    read, framework = _checked(spec, file)
    there = Overview.objects.filter(slug=read.overview).first()
    if there is not None:
        if there.spec == spec:
            return there
        raise RuleError(f"the overview {read.overview} exists already: revise it instead")
    made = Overview.objects.create(
        slug=read.overview,
        title=read.title,
        framework=framework,
        spec=spec,
        created_by=_person(by),
        created_at=now,
    )
    audit.record(actor=by, action="create overview", subject=f"overview {made.slug}", now=now)
    return made


@audit.in_turn
def revise_overview(
    *, by: Actor, overview: Overview, spec: str, file: str, now: datetime
) -> Overview:
    """Change what an overview asks for; snapshots keep the spec they were frozen with.

    Raises NotPermitted, SpecError, NotFound, RuleError where the YAML is of another overview.
    """
    require(by, "analyse")
    read, framework = _checked(spec, file)
    if read.overview != overview.slug:
        raise RuleError(f"the file is of the overview {read.overview}, not {overview.slug}")
    if overview.spec == spec:
        return overview
    overview.spec, overview.title, overview.framework = spec, read.title, framework
    overview.save(update_fields=["spec", "title", "framework"])
    audit.record(actor=by, action="revise overview", subject=f"overview {overview.slug}", now=now)
    return overview


@audit.in_turn
def freeze(*, by: Actor, overview: Overview, now: datetime) -> Snapshot:
    """Keep the agreed rows as they stand: the only thing the tables are counted from.

    Where nothing has changed since the last snapshot, that one is given back and no number used.
    Raises NotPermitted, RuleError where no review is read and coded, and what create_overview does.
    """
    require(by, "analyse")
    overview = Overview.objects.select_for_update().get(pk=overview.pk)
    read, framework = _checked(overview.spec, f"{overview.slug}.yaml")
    rows = rows_to_freeze(read, overview.spec, framework, by, now)
    if not rows.counted:
        raise RuleError(
            f"{overview.slug}: no review is read and coded with {framework}: settle one first"
        )
    written = to_json(rows)
    last = Snapshot.objects.filter(overview=overview).order_by("-number").first()
    if last is not None and last.sha256 == digest(written):
        return last
    made = Snapshot.objects.create(
        overview=overview,
        number=last.number + 1 if last else 1,
        taken_at=now,
        taken_by=_person(by),
        spec=overview.spec,
        rows=zlib.compress(written, 9),
        sha256=digest(written),
        code_version=__version__,
    )
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
