"""What an editor of a spec is shown of it: faults with their lines, or the tables as they would be.

Nothing of it is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from waymark import pipeline
from waymark.accounts.models import User
from waymark.core.errors import Fault, NotFound, RuleError, SpecError
from waymark.overview.release import Release
from waymark.pipeline.previewing import NotInPreview
from waymark.publishing.html import fragment
from waymark.publishing.nodes import Document, Edition, FigureNode, Heading, Node, TableNode
from waymark.publishing.predictive import Disabled, answer, panel
from waymark.publishing.render import document, table_nodes

LONGEST = 200_000
"""Characters of a spec: one with all tables has 15,000."""
ALL = "all"
MARK = "DRAFT, "


@dataclass(frozen=True, slots=True)
class Shown:
    """faults: what is wrong with the text; then nothing else is there. refusal: why it cannot be
    shown, though nothing is wrong with it, or "". body: HTML made by publishing.html.

    tables: ids and titles of those that can be chosen; table: the one shown, or ALL. reviews:
    counted. notes: what else to know. left_out: what cannot be shown; alone: the tables that were
    protected as if only they were given out, none where all were. disabled: why the panel on
    prediction has no numbers, or "".
    """

    faults: tuple[Fault, ...] = ()
    refusal: str = ""
    body: str = ""
    table: str = ""
    tables: tuple[tuple[str, str], ...] = ()
    profile: str = ""
    reviews: int = 0
    notes: tuple[str, ...] = ()
    left_out: tuple[NotInPreview, ...] = ()
    alone: tuple[str, ...] = ()
    disabled: str = ""
    counted_at: datetime | None = None

    @property
    def said(self) -> str:
        """What a screen reader is told of a preview that was renewed."""
        if self.faults:
            many = len(self.faults)
            return f"{many} fault{'s' * (many != 1)}: no preview."
        if self.refusal:
            return "No preview: the reason stands below."
        name = "all tables" if self.table == ALL else f"table {self.table.removeprefix('T')}"
        if not self.body:
            return f"No preview of {name}: the reason stands below."
        more = " Not everything can be shown: see the reasons below." if self.left_out else ""
        return f"Preview renewed: {name}.{more}"


def shown(*, by: User, slug: str, spec: str, table: str, now: datetime) -> Shown:
    """A spec as it would be counted now, or its faults.

    table: the one chosen, ALL, or "" for the first. Raises NotPermitted.
    """
    if len(spec) > LONGEST:
        return Shown(faults=(Fault(0, f"The text is longer than {LONGEST:,} characters."),))
    try:
        return _shown(by=by, slug=slug, spec=spec, table=table, now=now)
    except SpecError as error:
        return Shown(faults=tuple(error.faults))
    except (RuleError, NotFound) as error:
        return Shown(refusal=sentence(error))


def sentence(error: Exception) -> str:
    """What an error says, as a sentence."""
    said = str(error)
    return f"{said[:1].upper()}{said[1:]}."


def _shown(*, by: User, slug: str, spec: str, table: str, now: datetime) -> Shown:
    wanted = "" if table == ALL else table or FIRST
    made = pipeline.preview_overview(by=by, slug=slug, spec=spec, table=wanted, now=now)
    release = made.release
    there = made.shown
    nodes: Iterator[Node] = iter(())
    if not made.table:
        nodes = _of_all(release, now)
    elif made.table in there:
        nodes = _of_table(release, made.table)
    drafted = Document("", "", "", "", now, tuple(_marked(node) for node in nodes))
    found = answer(release)
    return Shown(
        body=fragment(drafted, address=None) if drafted.nodes else "",
        table=made.table or ALL,
        tables=tuple((one.id, one.title) for one in made.spec.tables),
        profile=release.profile,
        reviews=made.reviews,
        notes=made.notes,
        left_out=made.left_out,
        alone=there if len(there) < len(made.spec.tables) else (),
        disabled=found.reason if isinstance(found, Disabled) else "",
        counted_at=now,
    )


FIRST = "first"
"""No id of a table: the first is shown."""


def _of_table(release: Release, table: str) -> Iterator[Node]:
    """One table with its lead and its figures, and the panel on prediction."""
    spec = next(one for one in release.spec.tables if one.id == table)
    yield from table_nodes(spec, release.table(table), release)
    if not isinstance(answer(release), Disabled):
        yield from panel(release)


def _of_all(release: Release, now: datetime) -> Iterator[Node]:
    """The whole document but where it comes from: nothing was frozen."""
    for node in document(release, Edition(None, now)).nodes:
        if isinstance(node, Heading) and node.anchor == "provenance":
            return
        yield node


def _marked(node: Node) -> Node:
    """Tables and figures say with their name that they are drafts."""
    if isinstance(node, TableNode | FigureNode):
        return replace(node, name=f"{MARK}{node.name[:1].lower()}{node.name[1:]}")
    return node
