"""Coding file to fill in: every variable of a framework with its values, and instructions. Pure.

It can be imported as it is, except for its quotes: facts in every report (the year of the review,
what happened to the child) have a value to correct and a quote to copy from the report; all others
begin with the value for silence, which has no quote.
"""

import json
from collections.abc import Iterator

from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import SILENT, Level, VariableSpec

QUOTE = "REPLACE: copy the words from the report"
YEAR = 2008
"""Example of a year, to be replaced."""


def draft_coding_file(
    framework: FrameworkFile, *, review: str, report: str, coder: str, title: str, scan: str = ""
) -> str:
    """YAML of a coding file. report: kind of the quoted report; title: of the review.

    scan: mark of a report whose words were recognised in its images; "" for any other.
    """
    return "\n".join(_draft_lines(framework, review, report, coder, title, scan)) + "\n"


def _draft_lines(
    framework: FrameworkFile, review: str, report: str, coder: str, title: str, scan: str
) -> Iterator[str]:
    yield f"# Coding of {review}: {' '.join(title.split())}"
    yield "#"
    yield "# 1. Read the report. Correct each value below. Delete none: silence is a finding too."
    yield f'# 2. Replace every "{QUOTE}" with the words that say so,'
    yield "#    copied exactly from the report and long enough to occur there only once."
    yield "#    A value that means that the report is silent has no quote."
    if scan:
        yield f"#    {scan}. Compare each quote with the image of its page."
    yield "# 3. Add codings and recommendations at the end."
    yield f"# 4. waymark coding import {review}.{coder}.yaml"
    yield "format: waymark-coding 1"
    yield f"framework: {framework.framework} {framework.version}"
    yield f"review: {review}"
    yield f"report: {report}"
    yield f"coder: {json.dumps(coder)}"
    yield ""
    yield "# Every child in the review, as named in the report. Number them from 1."
    yield "children:"
    yield '- {number: 1, name: "Child A"}'
    yield ""
    yield from _adult_lines(framework)
    yield "# The review."
    yield "judgements:"
    yield from _level_lines(framework, "review")
    yield ""
    yield "# Child 1. Copy this part for each other child, with their number."
    yield from _level_lines(framework, "child")
    yield ""
    if _has_adults(framework):
        yield "# Adult 1. Copy this part for each other adult, with their number."
        yield from _level_lines(framework, "adult")
        yield ""
    yield from _coding_lines(framework)
    yield from _recommendation_lines(framework)


def _has_adults(framework: FrameworkFile) -> bool:
    return any(variable.level == "adult" for variable in framework.variables)


def _adult_lines(framework: FrameworkFile) -> Iterator[str]:
    if _has_adults(framework):
        yield "# Every adult who mattered to a child, as named in the report. Number them from 1."
        yield "adults:"
        yield '- {number: 1, name: "Mother"}'
        yield ""


def _level_lines(framework: FrameworkFile, level: Level) -> Iterator[str]:
    for variable in framework.variables:
        if variable.level == level and variable.derived is None:
            yield from _judgement_lines(variable)


def _judgement_lines(variable: VariableSpec) -> Iterator[str]:
    yield f"# {variable.name}: {' '.join(variable.definition.split())}"
    allowed = ", ".join(value.value for value in variable.allowed)
    choice = "One or more of" if variable.type == "categories" else "One of"
    yield f"# {choice}: {allowed}" if allowed else f"# {_FORMS[variable.type]}"
    yield f"- variable: {variable.id}"
    if variable.level != "review":
        yield f"  {variable.level}: 1"
    # JSON strings are YAML too: quoting keeps "not recorded" one value and "no" a text, not false.
    value = _first_value(variable)
    yield f"  value: {json.dumps(value) if isinstance(value, str) and ' ' in value else value}"
    if variable.needs_quote(variable.stored(value)):
        yield f'  quotes: ["{QUOTE}"]'


_FORMS = {
    "year": f"A year, such as {YEAR}",
    "age": "A number and days, weeks, months or years, such as 5 months; or: not recorded",
    "number": "A whole number, such as 7; or: not recorded",
    "text": "Words of your own",
}


def _first_value(variable: VariableSpec) -> str | int:
    """The value for silence; if the variable has none, an example."""
    if variable.type == "year":
        return YEAR
    if variable.type in {"age", "number"}:
        return "not recorded"
    if variable.type == "text":
        return "not_mentioned"
    silent = [value.value for value in variable.allowed if value.value in SILENT]
    return silent[0] if silent else variable.allowed[0].value


def _coding_lines(framework: FrameworkFile) -> Iterator[str]:
    yield "# Passages. One entry for each passage and code; a code can be used many times:"
    yield f"# - code: {framework.codes[0].id}"
    yield f'#   quote: "{QUOTE}"'
    named = [name for name, values in framework.qualifiers.items() if values]
    if named:
        example = ", ".join(f"{name}: {framework.qualifiers[name][0]}" for name in named[:2])
        yield f"#   qualifiers: {{{example}}}"
    yield "# Qualifiers (optional):"
    for name, values in framework.qualifiers.items():
        yield f"#   {name}: {', '.join(values)}"
    yield "# Codes (definitions: waymark framework show):"
    for code in framework.codes:
        yield f"#   {code.id}: {code.name}"
    yield "codings: []"
    yield ""


def _recommendation_lines(framework: FrameworkFile) -> Iterator[str]:
    known = framework.recommendations
    yield "# Recommendations, in the order of the report. Of two coders, only one lists them:"
    category = known.categories[0].value if known.categories else "category"
    audience = known.audiences[0].value if known.audiences else "audience"
    yield f'# - {{number: 1, quote: "{QUOTE}", category: {category}, audience: {audience}}}'
    yield f"# category: {', '.join(option.value for option in known.categories)}"
    yield f"# audience: {', '.join(option.value for option in known.audiences)}"
    yield "recommendations: []"
