"""Versions of a framework: what became of the ids of the version before. Pure.

Example: 1.1.0 has the mapping {a: [a, a.part], b: c}. A coding of "a" made with 1.0.0 is read as
"a", because only a person can decide whether it is the part; one of "b" is read as "c".
"""

from collections.abc import Iterator, Sequence

from waymark.core.errors import FileFault, RuleError, SpecError
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import VariableSpec


def ids_read_as(later: FrameworkFile, earlier: FrameworkFile) -> dict[str, str]:
    """Every id of the version before -> the id in the later version that takes its codings."""
    aliases = {alias: code.id for code in later.codes for alias in code.aliases}
    return {
        name: later.mapping[name][0] if name in later.mapping else aliases.get(name, name)
        for name in _ids_of(earlier)
    }


def ids_through(chain: Sequence[FrameworkFile]) -> dict[str, str]:
    """The ids of the last version of a chain, read as ids of the first. chain: newest first."""
    read_as = {name: name for name in _ids_of(chain[-1])}
    for place in range(len(chain) - 2, -1, -1):
        step = ids_read_as(chain[place], chain[place + 1])
        read_as = {name: step[now] for name, now in read_as.items()}
    return read_as


def check_supersedes(later: FrameworkFile, earlier: FrameworkFile | None, *, file: str) -> None:
    """Raise SpecError unless every id of the version before has a place in the later one.

    earlier: None if that version is not known.
    """
    if later.supersedes is None:
        return
    if earlier is None:
        name = f"{later.framework} {later.supersedes}"
        raise RuleError(f"{file} supersedes {name}, which is not loaded: load that version first")
    faults = list(_mapping_faults(later, earlier))
    if faults:
        raise SpecError(file, [FileFault(0, message) for message in faults])


def _mapping_faults(later: FrameworkFile, earlier: FrameworkFile) -> Iterator[str]:
    known = set(_ids_of(earlier))
    for name in later.mapping:
        if name not in known:
            yield f"mapping: {earlier} has no code or variable {name}"
    read_as = ids_read_as(later, earlier)
    codes = {code.id for code in later.codes}
    for code in earlier.codes:
        if read_as[code.id] not in codes:
            yield f"mapping: {code.id} of {earlier} has no place among the codes"
    variables = {variable.id: variable for variable in later.variables}
    source_of: dict[str, str] = {}
    for variable in earlier.variables:
        place = variables.get(read_as[variable.id])
        if place is None:
            yield f"mapping: {variable.id} of {earlier} has no place among the variables"
            continue
        if source_of.setdefault(place.id, variable.id) != variable.id:
            other = source_of[place.id]
            yield f"mapping: {other} and {variable.id} of {earlier} are both {place.id}"
        yield from _value_faults(variable, place, earlier)


def _value_faults(
    variable: VariableSpec, place: VariableSpec, earlier: FrameworkFile
) -> Iterator[str]:
    """Reasons why values of the earlier variable could not be read as those of the later one."""
    if (variable.level, variable.type) != (place.level, place.type):
        yield (
            f"mapping: {variable.id} of {earlier} is a {variable.type} of each {variable.level},"
            f" but {place.id} is a {place.type} of each {place.level}"
        )
    allowed = {value.value for value in place.allowed}
    for value in variable.allowed:
        if value.value not in allowed:
            yield f"mapping: {place.id} lacks the value {value.value} of {earlier}"


def _ids_of(framework: FrameworkFile) -> Iterator[str]:
    yield from (code.id for code in framework.codes)
    yield from (variable.id for variable in framework.variables)
