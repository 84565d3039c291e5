"""The agreed layer -> frozen overview: begin one, save its versions, freeze it."""

from datetime import datetime

import yaml

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import require_permission
from waymark.core import yaml_file
from waymark.core.errors import FileFault, NotFound, RuleError, SpecError
from waymark.core.uk_time import uk_date
from waymark.library.queries import index_state, matching_reviews, understand_query
from waymark.library.search.tree import fields_in
from waymark.overview import services as overview
from waymark.overview.models import Overview, Snapshot, SpecVersion
from waymark.overview.queries.overviews import decision_of, latest_version, overview_for
from waymark.overview.snapshot.rows import AnsweredQuery
from waymark.overview.spec.disclosure_decision import DecisionForm
from waymark.overview.spec.schema import OverviewSpec, read_overview
from waymark.overview.spec.template import NewOverview, new_specification, with_parts
from waymark.pipeline.publishing.population_bases import population_bases
from waymark.pipeline.removals.protection import protected_facts_reindexed
from waymark.publishing import services as publishing

REVEALS_KINDS = (
    "Under a profile other than open, reviews cannot be selected by their nature: their number is"
    " printed, and would reveal how many are of a kind. Leave nature out, or use where in a table."
)
INDEX_REMEDY = "wait (waymark serve indexes), or run waymark work --once"
TOPICS_CHANGE = (
    "Staff can edit a topic at any time, and a selection must stay the same: use the topic's"
    " subjects, themes or words instead."
)


@audit.serialized_in("overview", "publishing", reading=("library",))
def begin_overview(
    *, by: User, source: str, new: NewOverview, now: datetime, texts_of: Overview | None = None
) -> Overview:
    """Create an overview from the YAML of another, or from one that comes with Waymark.

    texts_of: the other overview, if its texts are carried over. Raises NotPermitted, RuleError if
    the name is in use, SpecError with the lines of all faults, NotFound for a
    framework that is not published.
    """
    require_permission(by, "analyse")
    spec = new_specification(source, new, today=uk_date(now))
    file = f"{new.slug}.yaml"
    read, lines = read_overview(spec, file=file)
    check_query(read, lines, file)
    if Overview.objects.filter(slug=new.slug).exists():
        raise RuleError(f"there is an overview {new.slug} already: choose another name")
    created = overview.create_overview(by=by, spec=spec, file=file, now=now)
    if texts_of is not None:
        publishing.carry_over_texts(by=by, source=texts_of, overview=created, now=now)
    return created


@audit.serialized_in("overview", reading=("library",))
def save_overview(*, by: User, slug: str, spec: str, seen: int | None, now: datetime) -> Overview:
    """Save a version of a specification. seen: the version that the person changed.

    Raises NotPermitted, NotFound, SpecError (also for a query that is not fully understood),
    ConcurrentChange if another version was saved since.
    """
    require_permission(by, "analyse")
    file = f"{slug}.yaml"
    read_spec_of(slug, spec, file)
    return overview.revise_overview(
        by=by, overview=overview_for(slug), spec=spec, file=file, now=now, seen=seen
    )


@audit.serialized_in("overview", "library")
def freeze_overview(
    *, by: User, spec: str, file: str, now: datetime, seen: int | None = None
) -> Snapshot:
    """Freeze an overview as its YAML defines it; it is created or changed if necessary.

    A query of the library runs now, limited to what the person may see, and its results are frozen
    with the rows. If the file only proposes a decision on disclosure, as a file to begin with does,
    the recorded decision stays. Raises NotPermitted, SpecError with the lines of all faults,
    RuleError, ConcurrentChange if another version was saved since the one seen.
    """
    require_permission(by, "analyse")
    spec = with_recorded_decision(spec, file)
    read, lines = read_overview(spec, file=file)
    check_query(read, lines, file)
    try:
        stored = overview_for(read.overview)
    except NotFound:
        stored = overview.create_overview(by=by, spec=spec, file=file, now=now)
    stored = overview.revise_overview(
        by=by, overview=stored, spec=spec, file=file, now=now, seen=seen
    )
    outdated = outdated_index(read)
    if outdated:
        raise RuleError(f"{outdated}: {INDEX_REMEDY}, then freeze again")
    results = query_results(read, by, now)
    with protected_facts_reindexed(now):
        return overview.freeze_overview(
            by=by,
            overview=stored,
            now=now,
            answered=results,
            bases=population_bases(read, now),
        )


def with_recorded_decision(spec: str, file: str) -> str:
    """The YAML with the recorded decision of its overview, if it only proposes one itself."""
    read, _ = read_overview(spec, file=file)
    last = SpecVersion.objects.filter(overview__slug=read.overview).order_by("-number").first()
    if last is None or not read.disclosure.proposed or decision_of(last).proposed:
        return spec
    return with_parts(spec, {"disclosure": yaml.safe_load(last.spec)["disclosure"]})


@audit.serialized_in("overview", "library")
def decide_disclosure(
    *, by: User, slug: str, form: DecisionForm, now: datetime, seen: int | None = None
) -> Snapshot | None:
    """Record the data controller's decision. Its snapshot; None: freeze one first.

    Raises as overview.services.decide_disclosure does, and SpecError for a query that selects
    reviews by their nature while small numbers must be protected.
    """
    overview_of = overview_for(slug)
    with protected_facts_reindexed(now):
        decided = overview.decide_disclosure(
            by=by, overview=overview_of, form=form, now=now, seen=seen
        )
    read_spec_of(slug, latest_version(overview_of).spec, f"{slug}.yaml")
    return decided


def read_spec_of(slug: str, spec: str, file: str) -> tuple[OverviewSpec, yaml_file.Lines]:
    """Read the YAML of an overview. Raises SpecError if it is of another, or for its query."""
    read, lines = read_overview(spec, file=file)
    if read.overview != slug:
        line = yaml_file.line_of(lines, ("overview",))
        raise SpecError(file, [FileFault(line, f"overview: this is {slug}: its name stays")])
    check_query(read, lines, file)
    return read, lines


def check_query(read: OverviewSpec, lines: yaml_file.Lines, file: str) -> None:
    """Raise SpecError if the query of a spec is not fully understood, with each reason.

    Also if it selects reviews by their nature while small numbers must be protected.
    """
    query = read.select.query
    if query is None:
        return
    parsed = understand_query(query)
    reasons = [note.message for note in parsed.notes]
    if parsed.tree is None and not reasons:
        reasons = ["The query asks for nothing."]
    if parsed.tree is not None and read.disclosure.profile != "open":
        reasons += [REVEALS_KINDS] if "nature" in fields_in(parsed.tree) else []
    if parsed.tree is not None and "topic" in fields_in(parsed.tree):
        reasons.append(TOPICS_CHANGE)
    if reasons:
        line = yaml_file.line_of(lines, ("select", "query"))
        raise SpecError(file, [FileFault(line, f"query: {reason}") for reason in reasons])


def query_results(read: OverviewSpec, by: User, now: datetime) -> AnsweredQuery | None:
    """Reviews that the query of a spec finds now and the person may see; None without a query."""
    query = read.select.query
    if query is None:
        return None
    parsed = understand_query(query)
    if parsed.tree is None:
        raise RuleError(f"the query {query} asks for nothing")
    references = matching_reviews(parsed.tree, person=by, now=now)
    return AnsweredQuery(query, parsed.explanation, references)


def outdated_index(read: OverviewSpec) -> str:
    """The reason why the search index cannot answer the query of a spec yet, or ""."""
    if read.select.query is None:
        return ""
    state = index_state()
    if not state.ready:
        return "the search index is being built"
    if not state.waiting:
        return ""
    changes = f"{state.waiting} change{'s' * (state.waiting != 1)}"
    return f"the search index does not include {changes} yet"
