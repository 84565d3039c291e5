"""Codes about practice, which are exempt from suppression under every profile. Pure.

Themes for learning are about what services did. A framework also has codes of what happened, and of
children, parents and families: counted like themes they would print what tables about people
withhold.
"""

from collections.abc import Iterable, Iterator

from waymark.core.errors import TablesNotShown
from waymark.frameworks.schema import CodeSpec, FrameworkFile
from waymark.overview.spec.schema import (
    AgreementTable,
    AnyTable,
    CrosstabTable,
    ThemesTable,
    chosen_codes,
)

REASON = (
    "{0} is not about practice, and counting it would reveal how many reviews are of its kind."
    " Under any profile except open, only codes in sections with themes for learning, or parts of"
    " them, can be counted. Leave out the codes of other sections, or count a variable."
)


def check_practice(tables: Iterable[AnyTable], framework: FrameworkFile) -> None:
    """Raise TablesNotShown with every table of codes, or of their agreement, that counts others."""
    reasons = {}
    for table in tables:
        others = [*_counted_by(table, framework)]
        if isinstance(table, ThemesTable | AgreementTable):
            others += about_people(table, framework)
        if others:
            reasons[table.id] = REASON.format(others[0].name)
    if reasons:
        names = ", ".join(reasons)
        raise TablesNotShown(f"{names}: {next(iter(reasons.values()))}".rstrip("."), reasons)


def _counted_by(table: AnyTable, framework: FrameworkFile) -> Iterator[CodeSpec]:
    """The codes not about practice that a table has as rows or columns."""
    practice = _sections_of_practice(framework)
    parts = [getattr(table, "columns", None), getattr(table, "by", None)]
    if isinstance(table, CrosstabTable):
        for block in table.blocks:
            parts += [block.rows, block.columns]
            parts += [part for recode in block.recodes for part in (recode.rows, recode.columns)]
    for part in parts:
        if part is not None and part.code is not None:
            code = framework.code(part.code)
            if code.section not in practice:
                yield code


def about_people(
    table: ThemesTable | AgreementTable, framework: FrameworkFile
) -> tuple[CodeSpec, ...]:
    """The codes of a table that are not about practice."""
    practice = _sections_of_practice(framework)
    return tuple(code for code in chosen_codes(framework, table.of) if code.section not in practice)


def _sections_of_practice(framework: FrameworkFile) -> frozenset[str]:
    """Sections in which some code is a theme for learning, or a part of one."""
    within = {code.id for code in framework.codes if code.theme is not None}
    for _ in framework.codes:
        below = {code.id for code in framework.codes if code.parent in within} | within
        if below == within:
            break
        within = below
    return frozenset(code.section for code in framework.codes if code.id in within)
