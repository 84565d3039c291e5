"""As much of an overview as can be shown, and what of it cannot, each with the reason. Pure.

For those alone who write what an overview asks for: what is given out is shown whole or not at all.
Tables are protected together, so each time one has to be left out the others are protected anew, as
if they alone were given out; nothing of a protection that failed is used.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from waymark.core import yamlfile
from waymark.core.errors import NotShown, RuleError, Unprotectable
from waymark.core.tables import Figure
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.figures import draw
from waymark.overview.release import Provenance, Release, make_release
from waymark.overview.snapshot import FrozenRows
from waymark.overview.spec import Crosstab, OverviewSpec
from waymark.overview.spec_cells import NAMED_CELL

NONE_TO_BLAME = (
    "nothing can be shown under {0}: from these tables and earlier editions together, a small"
    " number that no table here shows could be worked out. No single table can be named for it, so"
    " none is left out. Stay with the profile and the tables of the earlier edition"
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of a spec that is not shown. name: "Table 4, Ages"; at: its place in the spec.

    table: its id where it is a table, else "". reason: sentences, with what to do.
    """

    name: str
    at: yamlfile.Path
    reason: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class Showable:
    """release: of the tables that can be shown; its spec holds these alone."""

    release: Release
    left_out: tuple[LeftOut, ...]


def make_showable(
    rows: FrozenRows,
    spec: OverviewSpec,
    framework: FrameworkFile,
    *,
    profile: str,
    provenance: Provenance,
    earlier: Sequence[bytes] = (),
    only: str = "",
) -> Showable:
    """As make_release, without what cannot be shown.

    only: id of the one table that is asked for, which under open needs no other. Raises RuleError
    where no table can be shown, or where it is not single tables that are in the way: then no part
    would be safe.
    """
    alone = only if profile == "open" else ""
    unasked = _unasked(spec, alone) if alone else frozenset()
    refused: dict[str, str] = {}
    release = None
    while release is None:
        out = unasked | {_table_of(part) for part in refused}
        if out.issuperset(one.id for one in spec.tables):
            raise RuleError(_nothing_left(refused))
        try:
            release = make_release(
                rows,
                spec.model_copy(update={"figures": ()}),
                framework,
                profile=profile,
                provenance=provenance,
                earlier=earlier,
                leaving_out=out,
            )
        except NotShown as error:
            refused |= error.reasons
        except Unprotectable as error:
            raise RuleError(NONE_TO_BLAME.format(profile)) from error
    texts = [one for one in _texts(spec) if not alone or one.table == alone]
    return _with_words_and_figures(release, spec, refused, texts)


def _unasked(spec: OverviewSpec, table: str) -> frozenset[str]:
    """All tables but one, and those whose cells its lead or the panel on prediction names."""
    (one,) = (one for one in spec.tables if one.id == table)
    wanted = {table, *(found[1] for found in NAMED_CELL.finditer(one.intro))}
    if spec.predictive_value is not None:
        wanted.add(spec.predictive_value.factor.table)
    return frozenset(one.id for one in spec.tables) - wanted


def _table_of(part: str) -> str:
    """The table of a block: T4 of T4.sex."""
    return part.partition(".")[0]


def _nothing_left(refused: Mapping[str, str]) -> str:
    said = " ".join(f"{part}: {reason}" for part, reason in refused.items())
    return f"no table can be shown. {said}".rstrip(".")


def _with_words_and_figures(
    release: Release, spec: OverviewSpec, refused: Mapping[str, str], texts: Sequence["_Text"]
) -> Showable:
    """A release of bare tables with the figures and the texts that go with them."""
    left_out = list(_tables_left_out(spec, refused))
    there = {one.id for one in release.spec.tables}
    drawn: list[Figure] = []
    for number, figure in enumerate(spec.figures):
        if figure.table not in there:
            continue
        try:
            drawn.append(draw(figure, release.table(figure.table)))
        except RuleError as error:
            name = f"Figure {figure.id[1:]}, {figure.title}"
            left_out.append(LeftOut(name, ("figures", number), f"{error}."))
    without = {}
    for text in texts:
        if reason := _unfounded(text.text, release):
            without[text.at] = LeftOut(text.name, text.at, reason)
    names = {one.id for one in drawn}
    figures = tuple(one for one in spec.figures if one.id in names)
    shorter = _with_texts(release.spec, spec, without.keys())
    return Showable(
        replace(
            release, spec=shorter.model_copy(update={"figures": figures}), figures=tuple(drawn)
        ),
        (*left_out, *without.values()),
    )


def _tables_left_out(spec: OverviewSpec, refused: Mapping[str, str]) -> Iterator[LeftOut]:
    """One for each table that cannot be shown, or for each of its blocks that is in the way."""
    for number, table in enumerate(spec.tables):
        name = f"Table {table.id[1:]}, {table.title}"
        for part, reason in refused.items():
            if part == table.id:
                yield LeftOut(name, ("tables", number), reason, table.id)
            elif _table_of(part) == table.id and isinstance(table, Crosstab):
                block = part.partition(".")[2]
                at = [one.id for one in table.blocks].index(block)
                said = f"{name} ({table.blocks[at].title})"
                yield LeftOut(said, ("tables", number, "blocks", at), reason, table.id)


# ---- texts that name numbers ----


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that can name cells. table: whose lead it is, or ""."""

    name: str
    at: yamlfile.Path
    text: str
    table: str = ""


def _texts(spec: OverviewSpec) -> Iterator[_Text]:
    for name, said in (("about", "Paragraph {0} about the overview"), ("points", "Main point {0}")):
        for number, text in enumerate(getattr(spec, name)):
            yield _Text(said.format(number + 1), (name, number), text)
    for number, table in enumerate(spec.tables):
        if table.intro:
            said = f"The lead of table {table.id[1:]}"
            yield _Text(said, ("tables", number, "intro"), table.intro, table.id)


def _unfounded(text: str, release: Release) -> str:
    """Why a text cannot be shown: it names a number that is not there. "" where all are."""
    there = {one.id for one in release.spec.tables}
    for found in NAMED_CELL.finditer(text):
        table = f"table {found[1][1:]}"
        if found[1] not in there:
            return f"It names a number of {table}, which is not shown."
        try:
            release.table(found[1]).table.cell(found[2], found[3])
        except KeyError:
            return (
                f"It names {found[0]}, which {table} does not have under {release.profile}. Name"
                " another number."
            )
    return ""


def _with_texts(
    made: OverviewSpec, spec: OverviewSpec, without: Collection[yamlfile.Path]
) -> OverviewSpec:
    """The spec of a release without the texts at these places of the whole spec."""
    kept = {
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
        one.model_copy(update={"intro": ""}) if one.id in silent else one for one in made.tables
    )
    return made.model_copy(update={**kept, "tables": tables})
