"""A specification fitted to a framework: theme and layers in place, no blocks without data. Pure.

Optional blocks are left out if the framework has not got their variables, so a specification can
count what a later version of a framework records, before there is one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from waymark.frameworks.families import with_descendants
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.spec.layers import with_layers_as_blocks
from waymark.overview.spec.names import FOUND
from waymark.overview.spec.schema import (
    AnyTable,
    CodeChoice,
    ContactsTable,
    CrosstabBlock,
    CrosstabTable,
    Dimension,
    OverviewSpec,
    Recode,
    SilenceTable,
    StatesTable,
    StudiedTheme,
    ThemesTable,
    ValueGroup,
    chosen_codes,
)

COARSER_THEME = "reviews that do not record the theme together"
UNRECORDED = "The framework {0} {1} does not record: {2}."


def is_unrecorded(block: CrosstabBlock, framework: FrameworkFile) -> bool:
    """True for an optional block that counts by a variable which the framework has not got."""
    known = {variable.id for variable in framework.variables}
    named = {
        part.variable for part in (block.rows, block.columns, block.where) if part and part.variable
    }
    return block.optional and not named <= known


def fitted_spec(spec: OverviewSpec, framework: FrameworkFile) -> OverviewSpec:
    """The specification with theme and layers in place, and without blocks that cannot be filled.

    A note names each block that the framework cannot fill.
    """
    spec = with_layers_as_blocks(with_theme_in_place(spec, framework), framework)
    tables = tuple(_fitted_table(table, framework) for table in spec.tables)
    return spec if tables == spec.tables else spec.model_copy(update={"tables": tables})


def _fitted_table(table: AnyTable, framework: FrameworkFile) -> AnyTable:
    if not isinstance(table, CrosstabTable):
        return table
    missing = [block for block in table.blocks if is_unrecorded(block, framework)]
    if not missing:
        return table
    titles = "; ".join(block.title for block in missing)
    note = UNRECORDED.format(framework.framework, framework.version, titles)
    blocks = tuple(block for block in table.blocks if block not in missing)
    return table.model_copy(update={"blocks": blocks, "notes": (*table.notes, note)})


# ---- the theme of a study ----


def with_theme_in_place(spec: OverviewSpec, framework: FrameworkFile) -> OverviewSpec:
    """The specification with rows and columns by its own theme as those of its code or factor."""
    if spec.theme is None:
        return spec
    by = _theme_columns(spec.theme)
    tables = tuple(_by_theme(table, by, framework) for table in spec.tables)
    return spec.model_copy(update={"tables": tables})


@dataclass(frozen=True, slots=True)
class _ThemeColumns:
    """Reviews by the theme. coarser: in two columns, if the finer one has more."""

    finest: Dimension
    coarser: Dimension | None = None


def _theme_columns(theme: StudiedTheme) -> _ThemeColumns:
    """Silence is not absence: of a factor, reviews that deny it and those silent are apart."""
    if theme.code is not None:
        return _ThemeColumns(Dimension(code=theme.code))
    present = ValueGroup(id=FOUND, label="With the theme", values=("present", "suspected"))
    absent = ValueGroup(id="stated_absent", label="Stated absent", values=("stated_absent",))
    silent = ValueGroup(id="silent", label="Silent or unclear", values=("not_mentioned", "unclear"))
    rest = ValueGroup(id="not_found", label="Not recorded", rest=True)
    return _ThemeColumns(
        Dimension(variable=theme.factor, groups=(present, absent, silent)),
        Dimension(variable=theme.factor, groups=(present, rest)),
    )


def tables_with_other_coarser(spec: OverviewSpec) -> Iterator[int]:
    """Places of the tables with coarser columns that are not those of the theme of the study.

    No check of columns looks at coarser ones, so nobody may choose them. A package prints a study
    with its theme in place, and that can be read again.
    """
    own = _theme_columns(spec.theme) if spec.theme is not None else None
    for place, table in enumerate(spec.tables):
        if isinstance(table, StatesTable | ContactsTable) and table.coarser is not None:
            written = _ThemeColumns(table.columns, table.coarser) if table.columns else None
            if own is None or written != own:
                yield place


def _by_theme(table: AnyTable, by: _ThemeColumns, framework: FrameworkFile) -> AnyTable:
    match table:
        case CrosstabTable():
            blocks = tuple(_block_by_theme(block, by) for block in table.blocks)
            return table.model_copy(update={"blocks": blocks})
        case ThemesTable() if table.columns is not None and table.columns.theme:
            of = _other_codes(table, by.finest, framework)
            return table.model_copy(update={"columns": by.finest, "of": of})
        case StatesTable() | ContactsTable() if table.columns is not None and table.columns.theme:
            return table.model_copy(update={"columns": by.finest, "coarser": by.coarser})
        case SilenceTable() if table.by is not None and table.by.theme:
            return table.model_copy(update={"by": by.finest})
        case _:
            return table


def _other_codes(table: ThemesTable, dimension: Dimension, framework: FrameworkFile) -> CodeChoice:
    """The codes of a table without the theme: all reviews with it have it."""
    codes = chosen_codes(framework, table.of)
    if dimension.code in {code.id for code in framework.codes}:
        family = with_descendants(framework, dimension.code or "")
        codes = [code for code in codes if code.id not in family]
    return CodeChoice(codes=tuple(code.id for code in codes)) if codes else table.of


def _without_gaps(recode: Recode, crossed: Mapping[str, Dimension]) -> Recode:
    """A later version of a block keeps to the two columns, unless it has its own."""
    missing = {name: by for name, by in crossed.items() if getattr(recode, name) is None}
    return recode if recode.totals else recode.model_copy(update=missing)


Crossed = TypeVar("Crossed", CrosstabBlock, Recode)


def _block_by_theme(block: CrosstabBlock, by: _ThemeColumns) -> CrosstabBlock:
    """A block by the theme. Before its own coarser versions comes the one of two columns."""
    recodes = tuple(_crossed_by_theme(recode, by.finest) for recode in block.recodes)
    parts = {"rows": block.rows, "columns": block.columns}
    coarser = by.coarser
    crossed = {
        name: coarser
        for name, part in parts.items()
        if part is not None and part.theme and coarser is not None
    }
    if crossed:
        first = Recode.model_validate({"label": COARSER_THEME, **crossed})
        recodes = (first, *(_without_gaps(recode, crossed) for recode in recodes))
    return _crossed_by_theme(block, by.finest).model_copy(update={"recodes": recodes})


def _crossed_by_theme(part: Crossed, dimension: Dimension) -> Crossed:
    changed = {
        name: dimension
        for name, crossed in (("rows", part.rows), ("columns", part.columns))
        if crossed is not None and crossed.theme
    }
    return part.model_copy(update=changed)
