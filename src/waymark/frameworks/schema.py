"""YAML of a framework: its structure, and checks that name the line of each error."""

# Example of the smallest parts of a framework:
#
#     variables:
#     - {id: outcome, name: Outcome, level: child, type: category, definition: ..., values:
#        [{value: died, label: Died, death: true}, {value: not_stated, label: Not stated}]}
#     sections:
#     - {id: practice, name: Practice, look_in: findings}
#     codes:
#     - {id: prac.early, name: Early help, section: practice, definition: ...,
#        cues: ["early help*"]}

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from waymark.core import yaml_file
from waymark.core.errors import FileFault, RuleError, SpecError

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", max_length=80)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]

STATES = (
    ("present", "Recorded as present"),
    ("suspected", "Suspected"),
    ("stated_absent", "Stated absent"),
    ("not_mentioned", "Not mentioned"),
    ("unclear", "Unclear"),
)
CONTACTS = (
    ("in_contact", "In contact"),
    ("no_contact", "Stated not in contact"),
    ("not_mentioned", "Not mentioned"),
)
SILENT = frozenset({"not_mentioned", "not_recorded", "not_stated", ""})
OLDEST = {"child": 25 * 12, "review": 120 * 12}
"""Highest age in months by level: young people in care are supported until they are 25."""
PERSON = {"child": "child", "review": "person"}
AGE = re.compile(r"(\d{1,4}) (day|week|month|year)s?", re.IGNORECASE)


class FrameworkPart(BaseModel):
    """Part of a framework file: no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AllowedValue(FrameworkPart):
    """One allowed value. death: counts as a death. unknown: means that it is not known."""

    value: Id
    label: Words
    death: bool = False
    unknown: bool = False


class VariableSpec(FrameworkPart):
    id: Id
    name: Words
    definition: Text
    include: tuple[Words, ...] = ()
    exclude: tuple[Words, ...] = ()
    level: Literal["review", "child"]
    type: Literal["category", "state", "contact", "year", "age", "text"]
    group: Id | None = None
    values: tuple[AllowedValue, ...] = ()

    @property
    def allowed(self) -> tuple[AllowedValue, ...]:
        """The values a judgement may take; empty for years, ages and text."""
        if self.type == "state":
            return tuple(AllowedValue(value=value, label=label) for value, label in STATES)
        if self.type == "contact":
            return tuple(AllowedValue(value=value, label=label) for value, label in CONTACTS)
        return self.values

    def stored(self, entered: object) -> str:
        """The entered value -> the value as stored. Raises RuleError that lists what is allowed.

        A year as "2003"; an age in whole months, rounded down, "" if it is not recorded.
        """
        text = str(entered).strip()
        if self.type == "year":
            if not re.fullmatch(r"(19|20)\d\d", text):
                raise RuleError(f"{self.id} must be a year such as 2008, not {text!r}")
            return text
        if self.type == "age":
            return "" if text.lower() == "not recorded" else str(self._age(text))
        if self.type == "text":
            return text
        if text not in {value.value for value in self.allowed}:
            known = ", ".join(value.value for value in self.allowed)
            raise RuleError(f"{self.id} cannot be {text!r}; it is one of {known}")
        return text

    def _age(self, text: str) -> int:
        months, oldest = age_in_months(text), OLDEST[self.level]
        if months > oldest:
            raise RuleError(
                f"{self.id}: {text!r} cannot be the age of a {PERSON[self.level]}: the highest is"
                f" {oldest // 12} years"
            )
        return months

    def judged(self, value: object, *, of_child: bool, quoted: bool, today: date) -> str:
        """The value of a judgement as stored. Raises RuleError if it breaks a rule.

        of_child: it is about a child, not the review. quoted: it has a quote from the report.
        """
        stored = self.stored(value)
        if (self.level == "child") != of_child:
            raise RuleError(f"{self.id} is a fact about a {self.level}")
        if self.type == "year" and int(stored) > today.year:
            raise RuleError(f"{self.id}: {stored} is in the future")
        if self.needs_quote(stored) and not quoted:
            raise RuleError(f"{self.id}: {stored} needs a quote from the report")
        return stored

    def needs_quote(self, stored: str) -> bool:
        """True if a judgement of this value must quote the report: silence cannot be quoted."""
        return stored not in SILENT


class CodeSpec(FrameworkPart):
    """Code of a framework. theme: number of the theme for learning that it represents, if any."""

    id: Id
    name: Words
    section: Id
    parent: Id | None = None
    definition: Text
    include: tuple[Words, ...] = ()
    exclude: tuple[Words, ...] = ()
    theme: int | None = Field(default=None, ge=1, le=99)
    cues: tuple[Words, ...] = ()


class CodeSection(FrameworkPart):
    """Section of codes. look_in: parts of a report in which they may be suggested.

    opening: the first part, where reports describe what happened; findings: anywhere except in
    recommendations, which ask for something and are not findings.
    """

    id: Id
    name: Words
    description: str = ""
    look_in: Literal["anywhere", "opening", "findings"] = "anywhere"


class ChoiceOption(FrameworkPart):
    value: Id
    label: Words


class RecommendationOptions(FrameworkPart):
    categories: tuple[ChoiceOption, ...] = ()
    audiences: tuple[ChoiceOption, ...] = ()

    def check(self, *, category: str, audience: str) -> None:
        """Raise RuleError for a category or an audience that the framework does not have."""
        _one_of("category", category, self.categories)
        _one_of("audience", audience, self.audiences)


def _one_of(name: str, value: str, options: Iterable[ChoiceOption]) -> None:
    allowed = [option.value for option in options]
    if value not in allowed:
        raise RuleError(f"{name} cannot be {value!r}; it is one of {', '.join(allowed)}")


class FrameworkFile(FrameworkPart):
    """A whole framework as in its YAML."""

    framework: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    title: Words
    description: str = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
    licence: Words
    qualifiers: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)
    variables: tuple[VariableSpec, ...] = ()
    sections: tuple[CodeSection, ...]
    codes: Annotated[tuple[CodeSpec, ...], Field(min_length=1)]
    recommendations: RecommendationOptions = RecommendationOptions()

    def variable(self, name: str) -> VariableSpec:
        """The variable of an id. Raises RuleError naming the framework."""
        for variable in self.variables:
            if variable.id == name:
                return variable
        raise RuleError(f"{self.framework} {self.version} has no variable {name}")

    def code(self, name: str) -> CodeSpec:
        """The code of an id. Raises RuleError naming the framework."""
        for code in self.codes:
            if code.id == name:
                return code
        raise RuleError(f"{self.framework} {self.version} has no code {name}")

    def check_qualifiers(self, qualifiers: dict[str, Any]) -> None:
        """Raise RuleError for a qualifier or a value of one that the framework does not have."""
        for name, value in qualifiers.items():
            if value not in self.qualifiers.get(name, ()):
                known = ", ".join(self.qualifiers.get(name, ())) or "not a qualifier here"
                raise RuleError(f"qualifier {name} cannot be {value!r}: {known}")


def age_in_months(text: str) -> int:
    """Whole months, rounded down. Raises RuleError.

    Example: "3 weeks" -> 3 * 12 // 52 = 0, "9 weeks" -> 2, "2 years" -> 24.
    """
    match = AGE.fullmatch(text.strip())
    if match is None:
        raise RuleError(f"an age is a number and days, weeks, months or years, not {text!r}")
    number, unit = int(match[1]), match[2].lower()
    return {"day": number * 12 // 365, "week": number * 12 // 52, "month": number}.get(
        unit, number * 12
    )


def cue_pattern(cue: str) -> re.Pattern[str]:
    """A cue as a pattern of whole words; a star matches the rest of a word. Raises re.error.

    "smother*" matches smothered; alternatives in brackets are allowed: "closed too (soon|early)".
    """
    # "closed too (soon|early)" -> "closed\s+too\s+(soon|early)"; "smother*" -> "smother\w*". A star
    # after a dot or a bracket already belongs to a pattern: "no .* contact" keeps its own.
    bare = re.sub(r"(?<![.\]])\*", r"\\w*", cue).replace(" ", r"\s+")
    return re.compile(rf"(?<!\w)(?:{bare})(?!\w)", re.IGNORECASE)


def read_framework(source: str, *, file: str) -> FrameworkFile:
    """The framework of a YAML text. Raises SpecError with every fault and its line."""
    framework, lines = yaml_file.read_yaml(source, FrameworkFile, file=file)
    faults = [
        FileFault(yaml_file.line_of(lines, path), message)
        for path, message in _framework_faults(framework)
    ]
    if faults:
        raise SpecError(file, faults)
    return framework


SchemaFinding = tuple[yaml_file.Path, str]


def _framework_faults(framework: FrameworkFile) -> Iterable[SchemaFinding]:
    yield from _repeated_ids("codes", [code.id for code in framework.codes])
    yield from _repeated_ids("variables", [variable.id for variable in framework.variables])
    yield from _repeated_ids("sections", [section.id for section in framework.sections])
    yield from _code_faults(framework)
    for number, variable in enumerate(framework.variables):
        if variable.type == "category" and not variable.values:
            yield ("variables", number, "type"), f"{variable.id}: a category needs values"
        if variable.type != "category" and variable.values:
            yield ("variables", number, "values"), f"{variable.id}: a {variable.type} has no values"


def _repeated_ids(part: str, ids: list[str]) -> Iterable[SchemaFinding]:
    for number, name in enumerate(ids):
        if name in ids[:number]:
            yield (part, number, "id"), f"{name} is already used in {part}"


def _code_faults(framework: FrameworkFile) -> Iterable[SchemaFinding]:
    sections = {section.id for section in framework.sections}
    parents = {code.id: code.parent for code in framework.codes}
    for number, code in enumerate(framework.codes):
        at: yaml_file.Path = ("codes", number)
        if code.section not in sections:
            yield (*at, "section"), f"{code.id}: there is no section {code.section}"
        if code.parent is not None and code.parent not in parents:
            yield (*at, "parent"), f"{code.id}: its parent {code.parent} is not a code"
        elif _goes_round(code.id, parents):
            yield (*at, "parent"), f"{code.id}: its parents form a circle"
        for place, cue in enumerate(code.cues):
            try:
                cue_pattern(cue)
            except re.error as error:
                yield (*at, "cues", place), f"{code.id}: the cue {cue!r} cannot be read: {error}"


def _goes_round(code: str, parents: dict[str, str | None]) -> bool:
    # Follow the parents until there is none (sound) or one comes again (a circle).
    seen: set[str] = set()
    at: str | None = code
    while at is not None and at not in seen:
        seen.add(at)
        at = parents.get(at)
    return at is not None
