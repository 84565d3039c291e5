"""The agreed layer -> frozen overview: beginning one, keeping versions of it, freezing."""

from datetime import datetime

import yaml

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import require_permission
from waymark.core import yaml_file
from waymark.core.errors import FileFault, NotFound, RuleError, SpecError
from waymark.library.queries import index_state, matching_reviews, understand_query
from waymark.library.search.tree import fields_in
from waymark.overview import services as overview
from waymark.overview.models import Overview, Snapshot, SpecVersion
from waymark.overview.queries.overviews import decision_of, latest_version, overview_for
from waymark.overview.snapshot.rows import AnsweredQuery
from waymark.overview.spec.disclosure_decision import DecisionForm
from waymark.overview.spec.schema import OverviewSpec, read_overview
from waymark.overview.spec.template import NewOverview, new_specification, with_parts

TELLS_KINDS = (
    "Under a profile other than open reviews cannot be picked by their nature: how many there are"
    " is printed, and would tell how many are of a kind. Leave nature out, or use where in a table."
)


@audit.serialized_in("overview", reading=("library",))
def begin_overview(*, by: User, source: str, wanted: NewOverview, now: datetime) -> Overview:
    """A new overview that begins with the YAML of another, or with one that comes with Waymark.

    Raises NotPermitted, RuleError where there is one of that name, SpecError with the lines of all
    faults, NotFound for a framework that is not published.
    """
    require_permission(by, "analyse")
    spec = new_specification(source, wanted, today=now.date())
    file = f"{wanted.slug}.yaml"
    read, lines = read_overview(spec, file=file)
    asked_well(read, lines, file)
    if Overview.objects.filter(slug=wanted.slug).exists():
        raise RuleError(f"there is an overview {wanted.slug} already: choose another name")
    return overview.create_overview(by=by, spec=spec, file=file, now=now)


@audit.serialized_in("overview", reading=("library",))
def save_overview(*, by: User, slug: str, spec: str, seen: int | None, now: datetime) -> Overview:
    """Keep a version of what an overview asks for. seen: the version that the person changed.

    Raises NotPermitted, NotFound, SpecError, also for a query that is not wholly understood,
    Overtaken where another version was saved since.
    """
    require_permission(by, "analyse")
    file = f"{slug}.yaml"
    of_this(slug, spec, file)
    return overview.revise_overview(
        by=by, overview=overview_for(slug), spec=spec, file=file, now=now, seen=seen
    )


@audit.serialized_in("overview", reading=("library",))
def freeze_overview(
    *, by: User, spec: str, file: str, now: datetime, seen: int | None = None
) -> Snapshot:
    """Freeze an overview as its YAML asks for it: made or changed where needed.

    A query of the library is answered now, as far as the person may see; the answer is frozen with
    the rows. A file that only proposes a decision on disclosure keeps the one that was recorded, as
    the file has it that an overview was begun with. Raises NotPermitted, SpecError with the lines
    of all faults, RuleError, Overtaken where another version was saved since the one seen.
    """
    require_permission(by, "analyse")
    spec = with_recorded_decision(spec, file)
    read, lines = read_overview(spec, file=file)
    asked_well(read, lines, file)
    try:
        there = overview_for(read.overview)
    except NotFound:
        there = overview.create_overview(by=by, spec=spec, file=file, now=now)
    there = overview.revise_overview(
        by=by, overview=there, spec=spec, file=file, now=now, seen=seen
    )
    behind = index_behind(read)
    if behind:
        raise RuleError(f"{behind}: freeze when it has followed")
    found = answered(read, by, now)
    return overview.freeze_overview(by=by, overview=there, now=now, answered=found)


def with_recorded_decision(spec: str, file: str) -> str:
    """The YAML with the decision recorded for its overview, where it only proposes one itself."""
    read, _ = read_overview(spec, file=file)
    last = SpecVersion.objects.filter(overview__slug=read.overview).order_by("-number").first()
    if last is None or not read.disclosure.proposed or decision_of(last).proposed:
        return spec
    return with_parts(spec, {"disclosure": yaml.safe_load(last.spec)["disclosure"]})


@audit.serialized_in("overview", reading=("library",))
def decide_disclosure(
    *, by: User, slug: str, form: DecisionForm, now: datetime, seen: int | None = None
) -> Snapshot | None:
    """Record the data controller's decision. The snapshot it holds for; None: freeze one first.

    Raises as overview.services.decide_disclosure does, and SpecError for a query that picks
    reviews by their nature where small numbers are to be protected.
    """
    overview_of = overview_for(slug)
    made = overview.decide_disclosure(by=by, overview=overview_of, form=form, now=now, seen=seen)
    of_this(slug, latest_version(overview_of).spec, f"{slug}.yaml")
    return made


def of_this(slug: str, spec: str, file: str) -> tuple[OverviewSpec, yaml_file.Lines]:
    """The YAML of an overview, read. Raises SpecError where it is of another, and for its query."""
    read, lines = read_overview(spec, file=file)
    if read.overview != slug:
        line = yaml_file.line_of(lines, ("overview",))
        raise SpecError(file, [FileFault(line, f"overview: this is {slug}: its name stays")])
    asked_well(read, lines, file)
    return read, lines


def asked_well(read: OverviewSpec, lines: yaml_file.Lines, file: str) -> None:
    """Raises SpecError where the query of a spec is not wholly understood, with what was not.

    Also where it picks reviews by their nature while small numbers are to be protected.
    """
    query = read.select.query
    if query is None:
        return
    asked = understand_query(query)
    said = [note.message for note in asked.notes]
    if asked.tree is None and not said:
        said = ["The query asks for nothing."]
    if asked.tree is not None and read.disclosure.profile != "open":
        said += [TELLS_KINDS] if "nature" in fields_in(asked.tree) else []
    if said:
        line = yaml_file.line_of(lines, ("select", "query"))
        raise SpecError(file, [FileFault(line, f"query: {one}") for one in said])


def answered(read: OverviewSpec, by: User, now: datetime) -> AnsweredQuery | None:
    """What the query of a spec finds now that the person may see; None where it has none."""
    query = read.select.query
    if query is None:
        return None
    asked = understand_query(query)
    if asked.tree is None:
        raise RuleError(f"the query {query} asks for nothing")
    found = matching_reviews(asked.tree, person=by, now=now)
    return AnsweredQuery(query, asked.explanation, found)


def index_behind(read: OverviewSpec) -> str:
    """That the search index cannot answer the query yet, in words, or ""."""
    if read.select.query is None:
        return ""
    state = index_state()
    if not state.ready:
        return "the search index is being made"
    if not state.waiting:
        return ""
    return f"the search index has yet to follow {state.waiting} change{'s' * (state.waiting != 1)}"
