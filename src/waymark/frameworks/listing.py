"""Framework as text, for people who write coding files and specifications. Pure."""

from collections.abc import Iterator
from typing import Any

from waymark.core.errors import RuleError
from waymark.core.near_names import did_you_mean
from waymark.frameworks.schema import CodeSpec, FrameworkFile
from waymark.frameworks.variables import VariableSpec

FREE = {
    "year": "a year",
    "age": "an age, as 5 months",
    "number": "a whole number",
    "text": "text",
}


def framework_text(framework: FrameworkFile, *, of: str = "") -> str:
    """All codes, variables, values and qualifiers; or one code or variable with its definition.

    of: id of the code or variable, "" for all. Raises RuleError if there is none.
    """
    if not of:
        return "\n".join(_all_lines(framework))
    variables, codes = _parts_called(framework, of)
    lines = _code_lines(codes[0]) if codes else _variable_lines(variables[0])
    return "\n".join(lines)


def _parts_called(framework: FrameworkFile, of: str) -> tuple[list[VariableSpec], list[CodeSpec]]:
    """The variables and codes with an id; all if it is "". Raises RuleError if there is none."""
    variables = [variable for variable in framework.variables if of in {"", variable.id}]
    codes = [code for code in framework.codes if of in {"", code.id}]
    if of and not variables and not codes:
        name = f"{framework.framework} {framework.version}"
        known = [part.id for part in (*framework.variables, *framework.codes)]
        near = did_you_mean(of, known)
        raise RuleError(
            f"{name} has no code or variable {of}{near or ': waymark framework show lists them'}"
        )
    return variables, codes


def _all_lines(framework: FrameworkFile) -> Iterator[str]:
    yield f"{framework.framework} {framework.version}: {framework.title}"
    yield ""
    yield "VARIABLES (one value for each review, child or adult)"
    for variable in framework.variables:
        yield f"  {variable.id}  [{variable.level}]  {variable.name}: {_value_list(variable)}"
    for section in framework.sections:
        yield ""
        yield f"CODES: {section.name}"
        for code in framework.codes:
            if code.section == section.id:
                theme = f"  (theme {code.theme})" if code.theme else ""
                yield f"  {code.id}  {code.name}{theme}"
    yield ""
    yield "QUALIFIERS (of a coded passage)"
    for name, values in framework.qualifiers.items():
        yield f"  {name}: {', '.join(values)}"
    yield ""
    yield "RECOMMENDATIONS"
    known = framework.recommendations
    yield f"  category: {', '.join(option.value for option in known.categories)}"
    yield f"  audience: {', '.join(option.value for option in known.audiences)}"


def _value_list(variable: VariableSpec) -> str:
    return ", ".join(value.value for value in variable.allowed) or FREE[variable.type]


def _code_lines(code: CodeSpec) -> Iterator[str]:
    yield f"{code.id}: {code.name}"
    yield " ".join(code.definition.split())
    yield from _bound_lines(code)
    for heading, example in (("Example", code.example), ("Not this", code.counter_example)):
        if example is not None:
            yield f'{heading} ({example.report}): "{example.quote}" {example.note}'
    yield from _national_lines(code)
    if code.aliases:
        yield f"Earlier ids: {', '.join(code.aliases)}"
    if code.cues:
        yield f"Suggested by: {'; '.join(code.cues)}"
    for nation, cues in code.national_cues:
        yield f"Suggested in {nation} by: {'; '.join(cues)}"


def _variable_lines(variable: VariableSpec) -> Iterator[str]:
    yield f"{variable.id}: {variable.name} (of each {variable.level})"
    yield " ".join(variable.definition.split())
    yield from _bound_lines(variable)
    yield from _national_lines(variable)
    if variable.derived is not None:
        yield f"Computed from {variable.derived.source}, never recorded:"
        for value, group in variable.derived.groups.items():
            yield f"  {value}: {', '.join(group)}"
        return
    several = "Values, one or more: " if variable.type == "categories" else "Values: "
    yield f"{several}{_value_list(variable)}"


def _bound_lines(part: CodeSpec | VariableSpec) -> Iterator[str]:
    yield from (f"Include: {words}" for words in part.include)
    yield from (f"Exclude: {words}" for words in part.exclude)


def _national_lines(part: CodeSpec | VariableSpec) -> Iterator[str]:
    """The rule, nations, words of other nations, and headings in other frames."""
    if part.rule:
        yield f"Rule: {' '.join(part.rule.split())}"
    if part.nation_names:
        yield f"Only in: {', '.join(part.nation_names)}"
    for nation, words in part.equivalent_words:
        yield f"In {nation}: {', '.join(words)}"
    for frame, heading in part.crosswalk_lines:
        yield f"Compare {frame}: {heading}"
    if part.language_note:
        yield f"Language: {' '.join(part.language_note.split())}"
    if part.since:
        yield f"Since version {part.since}"


def framework_json(framework: FrameworkFile, *, of: str = "") -> dict[str, Any]:
    """The object that `waymark framework show --json` prints; of: as for framework_text()."""
    variables, codes = _parts_called(framework, of)
    return {
        "framework": f"{framework.framework} {framework.version}",
        "title": framework.title,
        "variables": [
            {
                "variable": variable.id,
                "name": variable.name,
                "level": variable.level,
                "type": variable.type,
                "values": [value.value for value in variable.allowed],
                "derived_from": variable.derived.source if variable.derived else None,
            }
            for variable in variables
        ],
        "codes": [
            {
                "code": code.id,
                "name": code.name,
                "section": code.section,
                "parent": code.parent,
                "theme": code.theme,
            }
            for code in codes
        ],
        "qualifiers": {name: list(values) for name, values in framework.qualifiers.items()},
        "recommendations": {
            "category": [option.value for option in framework.recommendations.categories],
            "audience": [option.value for option in framework.recommendations.audiences],
        },
    }
