"""Variables and codes of a framework that belong together. Pure."""

from collections.abc import Collection

from waymark.frameworks.schema import CodeSpec, FrameworkFile
from waymark.frameworks.variables import VariableSpec


def variables_of_group(framework: FrameworkFile, group: str) -> list[VariableSpec]:
    """The variables of a group, in the framework's order."""
    return [variable for variable in framework.variables if variable.group == group]


def variables_with_silence(
    framework: FrameworkFile, group: str | None, leave_out: Collection[str] = ()
) -> list[VariableSpec]:
    """The variables, all or of a group, on which a report can be silent: of reviews, of children.

    leave_out: groups of which none is taken.

    Years and texts are left out: every review has a year, and of a text only its words are judged.
    So are computed variables, which nobody judges.
    """
    counted = [
        variable
        for variable in framework.variables
        if variable.type not in {"year", "text"}
        and variable.level != "adult"
        and variable.derived is None
        and group in {None, variable.group}
        and variable.group not in leave_out
    ]
    # sorted() is stable: within a level they stay in the framework's order.
    return sorted(counted, key=lambda variable: variable.level == "child")


def with_descendants(framework: FrameworkFile, code: str) -> tuple[str, ...]:
    """The ids of a code and of all codes below it: a review with a part of a theme has the theme.

    Breadth first, so a code comes before those below it.
    """
    family = [code]
    for member in family:
        family += [child.id for child in framework.codes if child.parent == member]
    return tuple(family)


def top_code(framework: FrameworkFile, code: str) -> CodeSpec:
    """The code at the head of the family of a code: itself, if it is not a part of another."""
    spec = framework.code(code)
    while spec.parent is not None:
        spec = framework.code(spec.parent)
    return spec
