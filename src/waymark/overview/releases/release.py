"""A release of an overview: protected tables, their figures and their provenance. Pure.

The frozen rows are not part of it: nothing in a release leads back to them except evidence keys.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from waymark.core.errors import NotFound
from waymark.core.tables import Figure, ProtectedTable
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.charts.charts import draw_figure
from waymark.overview.disclosure.engine.history import ReleaseLedgerEntry
from waymark.overview.disclosure.protect import (
    PROFILES,
    KeptProtection,
    protect_release,
    protect_tables,
    with_note,
)
from waymark.overview.disclosure.release_history import past_of
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.disclosure.suppressed_cells import SuppressedTable, suppressed_tables
from waymark.overview.snapshot.rows import FrozenRows
from waymark.overview.spec.schema import OverviewSpec
from waymark.overview.tables.data_quality import DataQuality, data_quality
from waymark.overview.tables.tabulate import tabulate

DO_NOT_SHARE = "DO NOT SHARE"
TITLE_OF_SVG = re.compile(r"<title[^>]*>")


@dataclass(frozen=True, slots=True)
class Provenance:
    """The origin of a release: its frozen rows, when they were frozen, by which program.

    snapshot: the number of it in its overview. sha256: of the frozen rows.
    """

    snapshot: int
    taken_at: datetime
    sha256: str
    code_version: str
    framework_sha256: str


@dataclass(frozen=True, slots=True)
class Release:
    """An overview as it may be shown under one disclosure profile.

    measured: data quality of the review process, whichever tables there are.
    opens: True if numbers about the process link to their reviews and quotes.
    warning: the reason why it must not be published, as every rendering says; "" if it may be.
    entry: the ledger entry to keep when it is published; None under open, where it is made only
    then. It has the withheld numbers: nothing that is shown may be made from it.
    """

    spec: OverviewSpec
    framework: FrameworkFile
    profile: str
    tables: tuple[ProtectedTable, ...]
    figures: tuple[Figure, ...]
    provenance: Provenance
    measured: DataQuality
    entry: ReleaseLedgerEntry | None = None
    opens: bool = True
    warning: str = ""

    def table(self, table_id: str) -> ProtectedTable:
        """The table of an id, in any case of its letter. Raises NotFound that lists the ids."""
        by_id = {table.table.id: table for table in self.tables}
        if table_id.upper() not in by_id:
            known = ", ".join(by_id)
            raise NotFound(f"{self.spec.overview} has no table {table_id}; it has {known}")
        return by_id[table_id.upper()]

    def figures_of(self, table_id: str) -> list[Figure]:
        """The figures drawn of a table."""
        return [figure for figure in self.figures if figure.table == table_id]


def make_release(
    rows: FrozenRows,
    spec: OverviewSpec,
    framework: FrameworkFile,
    *,
    profile: str,
    provenance: Provenance,
    earlier: Sequence[bytes] = (),
    leaving_out: Collection[str] = (),
    kept: KeptProtection | None = None,
) -> Release:
    """Count, protect and draw frozen rows. earlier: the ledger of releases published before.

    leaving_out: ids of tables; the others are protected as if these were not in the spec, and
    neither they nor their figures are in the release. kept: the protection of exactly this, made
    before. Raises RuleError for an unknown profile, TablesNotShown if a table cannot be shown under
    it.
    """
    entry, opens = None, True
    every, spec = spec, _spec_without(spec, leaving_out)
    if kept is not None:
        tables, entry, opens = kept.tables, kept.entry, kept.opens
    elif profile == "open":
        tables = protect_tables(tabulate(rows, spec, framework), profile=profile)
    else:
        past = past_of(rows, earlier, keep=spec.disclosure.keep_withheld)
        # From the whole spec: its rules of logic may name cells of tables that are left out.
        plan = plan_of(rows, every, framework, leaving_out=leaving_out)
        protection = protect_release(plan, profile=profile, past=past)
        tables, entry, opens = protection.tables, protection.entry, protection.opens
    by_id = {protected.table.id: protected for protected in tables}
    figures = tuple(draw_figure(figure, by_id[figure.table]) for figure in spec.figures)
    statement = data_quality(rows, framework)
    return Release(spec, framework, profile, tables, figures, provenance, statement, entry, opens)


def with_warning(release: Release, warning: str) -> Release:
    """A release whose tables and drawings all say why it must not be published."""
    figures = tuple(
        replace(
            figure,
            title=f"{DO_NOT_SHARE}. {figure.title}",
            finding=f"{DO_NOT_SHARE}. {figure.finding}",
            svg=TITLE_OF_SVG.sub(rf"\g<0>{DO_NOT_SHARE}. ", figure.svg, count=1),
            narrow=TITLE_OF_SVG.sub(rf"\g<0>{DO_NOT_SHARE}. ", figure.narrow, count=1),
        )
        for figure in release.figures
    )
    tables = with_note(release.tables, warning)
    return replace(release, tables=tables, figures=figures, warning=warning)


def _spec_without(spec: OverviewSpec, leaving_out: Collection[str]) -> OverviewSpec:
    return spec.model_copy(
        update={
            "tables": tuple(table for table in spec.tables if table.id not in leaving_out),
            "figures": tuple(figure for figure in spec.figures if figure.table not in leaving_out),
        }
    )


def make_suppressed_tables(
    rows: FrozenRows,
    spec: OverviewSpec,
    framework: FrameworkFile,
    *,
    profile: str,
    earlier: Sequence[bytes] = (),
) -> tuple[SuppressedTable, ...]:
    """The withheld cells of a release under this profile, table by table; none under open.

    Only for people who may see withheld numbers. Raises RuleError as make_release does.
    """
    if profile == "open":
        return ()
    past = past_of(rows, earlier, keep=spec.disclosure.keep_withheld)
    protection = protect_release(plan_of(rows, spec, framework), profile=profile, past=past)
    kind, k = PROFILES[profile]
    return suppressed_tables(protection, k=k, rounded=kind == "round", ledger=past.ledger)
