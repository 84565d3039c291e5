"""The part of an overview that can be shown, and the rest, each with the reason. Pure.

Only for the authors of a spec: a published overview is shown whole or not at all. Tables are
protected together, so each time one has to be left out the others are protected again, as if they
alone were published; nothing of a protection that failed is used.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from waymark.core import yaml_file
from waymark.core.errors import NoSingleCause, RuleError, TablesNotShown, UnprotectableCount
from waymark.core.tables import Figure
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.charts.charts import draw_figure
from waymark.overview.releases.release import Provenance, Release, make_release
from waymark.overview.snapshot.rows import FrozenRows
from waymark.overview.spec.cells import NAMED_CELL
from waymark.overview.spec.schema import CrosstabTable, OverviewSpec

NONE_TO_BLAME = (
    "nothing can be shown under {0}: these tables and earlier editions together could be used to"
    " work out a small number that no table shows. No single table is the cause, so none is left"
    " out. Keep the profile and the tables of the earlier edition"
)


@dataclass(frozen=True, slots=True)
class OmittedPart:
    """A part of a spec that is not shown. name: "Table 4, Ages"; at: its place in the spec.

    table: its id if it is a table, else "". reason: sentences, with what to do.
    """

    name: str
    at: yaml_file.Path
    reason: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class PartialRelease:
    """release: of the tables that can be shown; its spec holds these alone."""

    release: Release
    left_out: tuple[OmittedPart, ...]


def make_partial_release(
    rows: FrozenRows,
    spec: OverviewSpec,
    framework: FrameworkFile,
    *,
    profile: str,
    provenance: Provenance,
    earlier: Sequence[bytes] = (),
    only: str = "",
    on_round: Callable[[int], None] = lambda left_out: None,
) -> PartialRelease:
    """As make_release, without the parts that cannot be shown.

    only: id of the one table to show, which under open needs no other. on_round: called before each
    round with the number of tables left out so far. Raises RuleError if no table can be shown, and
    NoSingleCause if no single table is the cause: then no part would be safe.

    T3, T5 and T15: if T5 loses more than half of its cells, T3 and T15 are protected once more as a
    release of two tables; if T15 then cannot be shown, T3 alone, until all are safe or none is.
    """
    alone = only if profile == "open" else ""
    unasked = _tables_not_needed(spec, alone) if alone else frozenset()
    refused: dict[str, str] = {}
    release = None
    while release is None:
        # Each round leaves out at least one table more, so there are at most as many rounds as
        # tables.
        out = unasked | {_table_of(part) for part in refused}
        if out.issuperset(table.id for table in spec.tables):
            raise TablesNotShown(_nothing_left(refused), refused)
        on_round(len(out - unasked))
        try:
            # Without figures: one of a column that is left out must not stop its table.
            release = make_release(
                rows,
                spec.model_copy(update={"figures": ()}),
                framework,
                profile=profile,
                provenance=provenance,
                earlier=earlier,
                leaving_out=out,
            )
        except TablesNotShown as error:
            refused |= error.reasons
        # No table can be named as the cause: leaving out any of them could still reveal the count.
        except UnprotectableCount as error:
            raise NoSingleCause(NONE_TO_BLAME.format(profile)) from error
    texts = [text for text in _spec_texts(spec) if not alone or text.table == alone]
    return _with_words_and_figures(release, spec, refused, texts)


def _tables_not_needed(spec: OverviewSpec, table: str) -> frozenset[str]:
    """All tables but one, and but those whose cells its lead or the panel on prediction names."""
    intros = {other.id: other.intro for other in spec.tables}
    needed = {table, *(cell[1] for cell in NAMED_CELL.finditer(intros[table]))}
    if spec.predictive_value is not None:
        needed.add(spec.predictive_value.factor.table)
    return frozenset(intros) - needed


def _table_of(part: str) -> str:
    """The table of a block: T4 of T4.sex."""
    return part.partition(".")[0]


def _nothing_left(refused: Mapping[str, str]) -> str:
    reasons = " ".join(f"{part}: {reason}" for part, reason in refused.items())
    return f"no table can be shown. {reasons}".rstrip(".")


def _with_words_and_figures(
    release: Release, spec: OverviewSpec, refused: Mapping[str, str], texts: Sequence["_SpecText"]
) -> PartialRelease:
    """A release of bare tables with the figures and the texts that go with them."""
    left_out = list(_tables_left_out(spec, refused))
    there = {table.id for table in release.spec.tables}
    drawn: list[Figure] = []
    for number, figure in enumerate(spec.figures):
        if figure.table not in there:
            continue
        try:
            drawn.append(draw_figure(figure, release.table(figure.table)))
        except RuleError as error:
            name = f"Figure {figure.id[1:]}, {figure.title}"
            left_out.append(OmittedPart(name, ("figures", number), f"{error}."))
    # A sentence such as "3 of 24 reviews" whose number is not in this release is left out whole: a
    # gap in it would tell the reader what is missing.
    without = {}
    for text in texts:
        if reason := _missing_number(text.text, release):
            without[text.at] = OmittedPart(text.name, text.at, reason)
    names = {figure.id for figure in drawn}
    figures = tuple(figure for figure in spec.figures if figure.id in names)
    shorter = _with_texts(release.spec, spec, without.keys())
    return PartialRelease(
        replace(
            release, spec=shorter.model_copy(update={"figures": figures}), figures=tuple(drawn)
        ),
        (*left_out, *without.values()),
    )


def _tables_left_out(spec: OverviewSpec, refused: Mapping[str, str]) -> Iterator[OmittedPart]:
    """One for each table that cannot be shown, or for each of its blocks that is the cause."""
    for number, table in enumerate(spec.tables):
        name = f"Table {table.id[1:]}, {table.title}"
        for part, reason in refused.items():
            if part == table.id:
                yield OmittedPart(name, ("tables", number), reason, table.id)
            elif _table_of(part) == table.id and isinstance(table, CrosstabTable):
                block = part.partition(".")[2]
                at = [other.id for other in table.blocks].index(block)
                title = f"{name} ({table.blocks[at].title})"
                yield OmittedPart(title, ("tables", number, "blocks", at), reason, table.id)


# ---- texts that name numbers ----


@dataclass(frozen=True, slots=True)
class _SpecText:
    """A text that can name cells. table: whose lead it is, or ""."""

    name: str
    at: yaml_file.Path
    text: str
    table: str = ""


def _spec_texts(spec: OverviewSpec) -> Iterator[_SpecText]:
    for name, pattern in (
        ("about", "Paragraph {0} about the overview"),
        ("points", "Main point {0}"),
    ):
        for number, text in enumerate(getattr(spec, name)):
            yield _SpecText(pattern.format(number + 1), (name, number), text)
    for number, table in enumerate(spec.tables):
        if table.intro:
            lead = f"The lead of table {table.id[1:]}"
            yield _SpecText(lead, ("tables", number, "intro"), table.intro, table.id)


def _missing_number(text: str, release: Release) -> str:
    """The reason why a text cannot be shown: a number it names is missing. "" if none is."""
    there = {table.id for table in release.spec.tables}
    for cell in NAMED_CELL.finditer(text):
        table = f"table {cell[1][1:]}"
        if cell[1] not in there:
            return f"It refers to a number in {table}, which is not shown."
        try:
            release.table(cell[1]).table.cell(cell[2], cell[3])
        except KeyError:
            return (
                f"It refers to {cell[0]}, which {table} does not have under {release.profile}."
                " Choose another number."
            )
    return ""


def _with_texts(
    shorter: OverviewSpec, spec: OverviewSpec, without: Collection[yaml_file.Path]
) -> OverviewSpec:
    """The spec of a release without the texts at these places of the whole spec."""
    texts = {
        name: tuple(
            text for number, text in enumerate(getattr(spec, name)) if (name, number) not in without
        )
        for name in ("about", "points")
    }
    silent = {
        table.id
        for number, table in enumerate(spec.tables)
        if ("tables", number, "intro") in without
    }
    tables = tuple(
        table.model_copy(update={"intro": ""}) if table.id in silent else table
        for table in shorter.tables
    )
    return shorter.model_copy(update={**texts, "tables": tables})
