"""Preview of a specification: its errors with their lines, or the tables it would produce.

A preview is not stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from waymark import pipeline
from waymark.accounts.models import User
from waymark.core.errors import FileFault, NotFound, RuleError, SpecError
from waymark.core.wording import as_sentence
from waymark.overview.releases.release import Release
from waymark.pipeline.publishing.preview import NotInPreview
from waymark.publishing.document.nodes import (
    EditionInfo,
    FigureNode,
    HeadingNode,
    Node,
    ReportDocument,
    TableNode,
)
from waymark.publishing.document.predictive_value import DisabledPanel, panel_answer, panel_nodes
from waymark.publishing.document.render import plain_document, table_nodes
from waymark.publishing.formats.html import render_fragment

LONGEST = 200_000
"""Most characters of a specification: one with all tables has 15,000."""
ALL = "all"
MARK = "DRAFT, "


@dataclass(frozen=True, slots=True)
class SpecPreview:
    """Preview as the page shows it.

    faults: errors in the text; if there are any, all else is empty. refusal: why a correct text
    cannot be shown, or "". body: HTML from publishing.formats.html. tables: ids and titles to
    choose from; table: the one shown, or ALL. reviews: number counted. notes: further information.
    left_out: tables that cannot be shown; alone: tables that were protected as if only they were
    published, empty if all were. disabled: why the panel on prediction has no numbers, or "".
    """

    faults: tuple[FileFault, ...] = ()
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
    def status_message(self) -> str:
        """Status message for screen readers when the preview changes."""
        if self.faults:
            many = len(self.faults)
            return f"No preview: {many} error{'s' * (many != 1)}."
        if self.refusal:
            return "No preview. The reason is below."
        name = "all tables" if self.table == ALL else f"table {self.table.removeprefix('T')}"
        if not self.body:
            return f"No preview of {name}. The reason is below."
        more = " Some tables cannot be shown. The reasons are below." if self.left_out else ""
        return f"Preview updated: {name}.{more}"


def preview_spec(*, by: User, slug: str, spec: str, table: str, now: datetime) -> SpecPreview:
    """Preview a specification with the current data, or return its errors.

    table: an id, ALL, or "" for the first. Raises NotPermitted.
    """
    if len(spec) > LONGEST:
        return SpecPreview(
            faults=(FileFault(0, f"The text is longer than {LONGEST:,} characters."),)
        )
    try:
        return _spec_preview(by=by, slug=slug, spec=spec, table=table, now=now)
    except SpecError as error:
        return SpecPreview(faults=tuple(error.faults))
    except (RuleError, NotFound) as error:
        return SpecPreview(refusal=as_sentence(error))


def _spec_preview(*, by: User, slug: str, spec: str, table: str, now: datetime) -> SpecPreview:
    # preview_overview takes "" for all tables, and shows the first one for an unknown id.
    chosen = "" if table == ALL else table or FIRST
    preview = pipeline.preview_overview(by=by, slug=slug, spec=spec, table=chosen, now=now)
    release = preview.release
    shown_tables = preview.shown
    nodes: Iterator[Node] = iter(())
    if not preview.table:
        nodes = _document_nodes(release, now)
    elif preview.table in shown_tables:
        nodes = _table_nodes(release, preview.table)
    drafted = ReportDocument("", "", "", "", now, tuple(_marked_as_draft(node) for node in nodes))
    panel = panel_answer(release)
    return SpecPreview(
        body=render_fragment(drafted, address=None) if drafted.nodes else "",
        table=preview.table or ALL,
        tables=tuple((table_spec.id, table_spec.title) for table_spec in preview.spec.tables),
        profile=release.profile,
        reviews=preview.reviews,
        notes=preview.notes,
        left_out=preview.left_out,
        alone=shown_tables if len(shown_tables) < len(preview.spec.tables) else (),
        disabled=panel.reason if isinstance(panel, DisabledPanel) else "",
        counted_at=now,
    )


FIRST = "first"
"""Means the first table; no table has this id."""


def _table_nodes(release: Release, table: str) -> Iterator[Node]:
    """One table with its introduction, charts and the panel on prediction."""
    spec = next(candidate for candidate in release.spec.tables if candidate.id == table)
    yield from table_nodes(spec, release.table(table), release)
    if not isinstance(panel_answer(release), DisabledPanel):
        yield from panel_nodes(release)


def _document_nodes(release: Release, now: datetime) -> Iterator[Node]:
    """The whole document without its provenance, because nothing is frozen yet."""
    for node in plain_document(release, EditionInfo(None, now)).nodes:
        # The provenance lists hashes of frozen rows, which a preview does not have.
        if isinstance(node, HeadingNode) and node.anchor == "provenance":
            return
        yield node


def _marked_as_draft(node: Node) -> Node:
    """Put DRAFT before the name of a table or figure."""
    if isinstance(node, TableNode | FigureNode):
        return replace(node, name=f"{MARK}{node.name[:1].lower()}{node.name[1:]}")
    return node
