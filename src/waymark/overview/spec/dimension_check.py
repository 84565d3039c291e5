"""Checks of rows, columns and conditions against a framework: every fault with its path. Pure."""

from collections.abc import Iterable, Iterator

from waymark.core import yaml_file
from waymark.core.errors import RuleError
from waymark.core.near_names import did_you_mean
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import VariableSpec
from waymark.overview.spec.ids import axis_faults
from waymark.overview.spec.names import ALLOWED, PREFIX, recommendation_variable
from waymark.overview.spec.schema import Dimension, Unit, ValueGroup

Finding = tuple[yaml_file.Path, str]
COUNTED = frozenset({"category", "year", "age", "number", "state", "contact"})
IN_BANDS = frozenset({"age", "number"})
MOST_YEARS = 100


def known_code_faults(code: str, framework: FrameworkFile, at: yaml_file.Path) -> Iterator[Finding]:
    """A code that the framework has not got."""
    if code not in {known.id for known in framework.codes}:
        yield at, no_code(code, framework)


def no_code(name: str, framework: FrameworkFile) -> str:
    """The fault of a code that does not exist, with those that are near."""
    return f"there is no code {name}{did_you_mean(name, [code.id for code in framework.codes])}"


def no_variable(name: str, framework: FrameworkFile) -> str:
    """The fault of a variable that does not exist, with those that are near."""
    known = [*ALLOWED, *(variable.id for variable in framework.variables)]
    return f"there is no variable {name}{did_you_mean(name, known)}"


def dimension_faults(
    dimension: Dimension, unit: Unit, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    """Faults of the rows or columns of a table that counts a unit."""
    yield from _band_faults(dimension, at)
    if dimension.theme:
        yield (*at, "theme"), "only a theme study has a theme: count by a variable or a code"
    elif dimension.code is not None:
        yield from known_code_faults(dimension.code, framework, (*at, "code"))
        if unit == "recommendation":
            yield (*at, "code"), "a theme is found in reviews: count reviews or children by it"
    elif dimension.count is not None:
        yield from _count_faults(dimension, unit, framework, at)
    else:
        yield from _variable_faults(dimension, unit, framework, at)


def _variable_faults(
    dimension: Dimension, unit: Unit, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    variable = variable_called(dimension.variable or "", framework)
    if variable is None:
        yield (*at, "variable"), no_variable(dimension.variable or "", framework)
        return
    yield from level_faults(variable, unit, (*at, "variable"))
    if variable.type not in COUNTED:
        yield (
            (*at, "variable"),
            f"{variable.id} is of the type {variable.type} and cannot be counted",
        )
    yield from _bands_of_variable(dimension, variable, at)
    for part in ("groups", "subtotals"):
        sets: tuple[ValueGroup, ...] = getattr(dimension, part)
        for number, group in enumerate(sets):
            yield from value_faults(group.values, variable, (*at, part, number, "values"))
    yield from _group_overlaps(dimension, variable, (*at, "groups"))
    yield from axis_faults(dimension, variable, at)


def _bands_of_variable(
    dimension: Dimension, variable: VariableSpec, at: yaml_file.Path
) -> Iterator[Finding]:
    if variable.type != "year":
        if (variable.type in IN_BANDS) != bool(dimension.bands):
            of_years = "ages and numbers need bands; of other facts only years can have them"
            yield (*at, "bands"), f"{variable.id}: {of_years}"
        return
    for number, band in enumerate(dimension.bands):
        if band.end is None or band.end - band.start > MOST_YEARS:
            message = f"{band.id}: a period needs a first and a last year, at most {MOST_YEARS} on"
            yield (*at, "bands", number), message


def _group_overlaps(
    dimension: Dimension, variable: VariableSpec, at: yaml_file.Path
) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, group in enumerate(dimension.groups):
        values = {value.value for value in variable.allowed if value.death and group.deaths}
        values |= set(group.values)
        if values & seen:
            yield (*at, number), f"{group.id}: a value is in two groups"
        seen |= values


def _count_faults(
    dimension: Dimension, unit: Unit, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    if unit != "review":
        message = f"{dimension.count} is counted for each review: the unit must be review"
        yield (*at, "count"), message
    if dimension.counts_months and at[-1] == "columns":
        yield (*at, "count"), f"{dimension.count} can be counted in rows, not in columns"
    if dimension.shown_by and variable_called(dimension.shown_by, framework) is None:
        yield (*at, "shown_by"), no_variable(dimension.shown_by, framework)
    if not dimension.bands:
        yield (*at, "count"), f"a count of {dimension.count} needs bands"
    yield from axis_faults(dimension, None, at)


def _band_faults(dimension: Dimension, at: yaml_file.Path) -> Iterator[Finding]:
    below = -1
    for number, band in enumerate(dimension.bands):
        last = number == len(dimension.bands) - 1
        if band.end is None and not last:
            yield (*at, "bands", number), f"{band.id}: only the last band can have no end"
            return
        if band.start <= below or (band.end is not None and band.end < band.start):
            yield (*at, "bands", number), f"{band.id}: bands must increase and not overlap"
        below = band.end if band.end is not None else band.start


def level_faults(variable: VariableSpec, unit: Unit, at: yaml_file.Path) -> Iterator[Finding]:
    """A fact by which records of a unit cannot be counted."""
    of_recommendations = variable.id.startswith(PREFIX)
    if of_recommendations and unit != "recommendation":
        yield at, f"{variable.id}: the unit must be recommendation"
    elif unit == "recommendation" and not of_recommendations:
        yield at, f"{variable.id} is not a fact about recommendations"
    elif variable.level == "adult":
        yield at, f"{variable.id} is a fact about adults: adults are not counted in tables"
    elif unit == "review" and variable.level == "child":
        yield at, f"{variable.id} is a fact about children: the unit must be child"


def value_faults(
    values: Iterable[str], variable: VariableSpec, at: yaml_file.Path
) -> Iterator[Finding]:
    """Values that a variable has not got."""
    allowed = [value.value for value in variable.allowed]
    for value in values:
        if value not in allowed:
            near = did_you_mean(str(value), map(str, allowed))
            yield at, f"{variable.id} has no value {value}{near}"


def variable_called(name: str, framework: FrameworkFile) -> VariableSpec | None:
    """The variable of an id, of the framework or of recommendations; None if there is none."""
    of_recommendations = recommendation_variable(name, framework)
    if of_recommendations is not None:
        return of_recommendations
    try:
        return framework.variable(name)
    except RuleError:
        return None
