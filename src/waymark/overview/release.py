"""All that a publication may know: protected tables, drawings of them, and where they come from.

The frozen rows stay behind: nothing in a release leads back to them except evidence keys. Pure.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from waymark.core.errors import NotFound
from waymark.core.tables import Figure, ProtectedTable
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.disclosure import PROFILES, marked, protect, protect_release
from waymark.overview.figures import draw
from waymark.overview.ledger import past_of
from waymark.overview.measured import Measured, measured
from waymark.overview.plan import plan_of
from waymark.overview.protection.ledger import Entry
from waymark.overview.snapshot import FrozenRows
from waymark.overview.spec import OverviewSpec
from waymark.overview.tabulate import tabulate
from waymark.overview.uncovered import Uncovered, uncovered

NOT_FOR_GIVING_OUT = "NOT FOR GIVING OUT"
TITLE_OF_SVG = re.compile(r"<title[^>]*>")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which rows, frozen when, by which program.

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

    measured: what is said of the process of review, whichever tables there are.
    opens: whether numbers about the process lead to their reviews and words.
    warning: why it is not for giving out, as every rendering of it says; "" where it is.
    entry: what the ledger must keep of it when it is given out; None under open, where that is
    worked out only then. It holds what is withheld: nothing that is shown may be made from it.
    """

    spec: OverviewSpec
    framework: FrameworkFile
    profile: str
    tables: tuple[ProtectedTable, ...]
    figures: tuple[Figure, ...]
    provenance: Provenance
    measured: Measured
    entry: Entry | None = None
    opens: bool = True
    warning: str = ""

    def table(self, table_id: str) -> ProtectedTable:
        """The table of an id, in any case of its letter. Raises NotFound that lists the ids."""
        wanted = table_id.upper()
        found = next((one for one in self.tables if one.table.id == wanted), None)
        if found is None:
            known = ", ".join(one.table.id for one in self.tables)
            raise NotFound(f"{self.spec.overview} has no table {table_id}; it has {known}")
        return found

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
) -> Release:
    """Frozen rows -> counted, protected, drawn. earlier: the ledger of what was given out before.

    leaving_out: ids of tables; the others are protected as if these were not in the spec, and
    neither they nor their figures are in the release. Raises RuleError for a profile there is not,
    NotShown where a table cannot be shown under it.
    """
    entry, opens = None, True
    every, spec = spec, _without(spec, leaving_out)
    if profile == "open":
        tables = protect(tabulate(rows, spec, framework), profile=profile)
    else:
        past = past_of(rows, earlier, keep=spec.disclosure.keep_withheld)
        plan = plan_of(rows, every, framework, leaving_out=leaving_out)
        made = protect_release(plan, profile=profile, past=past)
        tables, entry, opens = made.tables, made.entry, made.opens
    by_id = {protected.table.id: protected for protected in tables}
    figures = tuple(draw(figure, by_id[figure.table]) for figure in spec.figures)
    said = measured(rows, framework)
    return Release(spec, framework, profile, tables, figures, provenance, said, entry, opens)


def with_warning(release: Release, warning: str) -> Release:
    """A release of which each table and each drawing says why it is not for giving out."""
    figures = tuple(
        replace(
            one,
            title=f"{NOT_FOR_GIVING_OUT}. {one.title}",
            svg=TITLE_OF_SVG.sub(rf"\g<0>{NOT_FOR_GIVING_OUT}. ", one.svg, count=1),
        )
        for one in release.figures
    )
    tables = marked(release.tables, warning)
    return replace(release, tables=tables, figures=figures, warning=warning)


def _without(spec: OverviewSpec, leaving_out: Collection[str]) -> OverviewSpec:
    return spec.model_copy(
        update={
            "tables": tuple(one for one in spec.tables if one.id not in leaving_out),
            "figures": tuple(one for one in spec.figures if one.table not in leaving_out),
        }
    )


def make_uncovered(
    rows: FrozenRows,
    spec: OverviewSpec,
    framework: FrameworkFile,
    *,
    profile: str,
    earlier: Sequence[bytes] = (),
) -> tuple[Uncovered, ...]:
    """What a release under this profile does not show, table by table; none under open.

    For those alone who may see what is withheld. Raises RuleError as make_release does.
    """
    if profile == "open":
        return ()
    past = past_of(rows, earlier, keep=spec.disclosure.keep_withheld)
    made = protect_release(plan_of(rows, spec, framework), profile=profile, past=past)
    kind, k = PROFILES[profile]
    return uncovered(made, k=k, rounded=kind == "round", ledger=past.ledger)
