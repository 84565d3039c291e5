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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator

from waymark.core import yaml_file
from waymark.core.errors import FileFault, RuleError, SpecError
from waymark.core.near_names import did_you_mean, one_of
from waymark.frameworks.variables import (
    LONGEST_VALUE,
    NATIONS,
    READ_FROM_WORDS,
    SEPARATOR,
    Derivation,
    FrameworkPart,
    Id,
    NationalPart,
    NationId,
    Text,
    ValueEvidence,
    VariableSpec,
    Version,
    Words,
)

LISTED_PERSON = "listed_person"
"""A qualifier with this value alone takes a person of the review: "child 1", "adult 2"."""
PERSON_OF_REVIEW = re.compile(r"(child|adult) [1-9]\d?")


class CodedExample(FrameworkPart):
    """Words of a report that do or do not deserve a code. note: why."""

    report: Words
    quote: Text
    note: Text


class CodeSpec(NationalPart):
    """Code of a framework. theme: number of the theme for learning that it represents, if any.

    cues: of every nation; cues_by_nation: only in reviews of that nation. aliases: earlier ids.
    """

    name: Words
    section: Id
    parent: Id | None = None
    definition: Text
    include: tuple[Words, ...] = ()
    exclude: tuple[Words, ...] = ()
    theme: int | None = Field(default=None, ge=1, le=99)
    cues: tuple[Words, ...] = ()
    cues_by_nation: dict[NationId, tuple[Words, ...]] = Field(default_factory=dict)
    example: CodedExample | None = None
    counter_example: CodedExample | None = None
    aliases: tuple[Id, ...] = ()

    @property
    def national_cues(self) -> list[tuple[str, tuple[str, ...]]]:
        """Nation -> the cues of its reviews alone, in the order of NATIONS."""
        return [
            (name, self.cues_by_nation[nation])
            for nation, name in NATIONS.items()
            if nation in self.cues_by_nation
        ]

    def cues_in(self, nation: NationId | None) -> tuple[Words, ...]:
        """The cues for reviews of a nation; None: a review of no known nation."""
        if self.nations and nation is not None and nation not in self.nations:
            return ()
        own = self.cues_by_nation.get(nation, ()) if nation is not None else ()
        return (*self.cues, *own)


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
        raise RuleError(f"{name} cannot be {value!r}{one_of(value, allowed)}")


class FrameworkFile(FrameworkPart):
    """A whole framework as in its YAML.

    supersedes: the version before. mapping: id of that version -> its ids here, of which the first
    takes what was coded with it; an id that is the same in both versions may be left out.
    """

    framework: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
    version: Version
    title: Words
    description: str = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
    licence: Words
    qualifiers: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)
    variables: tuple[VariableSpec, ...] = ()
    sections: tuple[CodeSection, ...]
    codes: Annotated[tuple[CodeSpec, ...], Field(min_length=1)]
    recommendations: RecommendationOptions = RecommendationOptions()
    supersedes: Version | None = None
    mapping: dict[Id, Annotated[tuple[Id, ...], Field(min_length=1)]] = Field(default_factory=dict)

    @field_validator("mapping", mode="before")
    @classmethod
    def _one_as_list(cls, mapping: Any) -> Any:
        if not isinstance(mapping, dict):
            return mapping
        return {
            earlier: [later] if isinstance(later, str) else later
            for earlier, later in mapping.items()
        }

    def __str__(self) -> str:
        return f"{self.framework} {self.version}"

    def variable(self, name: str) -> VariableSpec:
        """The variable of an id. Raises RuleError naming the framework."""
        for variable in self.variables:
            if variable.id == name:
                return variable
        known = [variable.id for variable in self.variables]
        raise RuleError(f"{self} has no variable {name}{self._hint(name, known)}")

    def code(self, name: str) -> CodeSpec:
        """The code of an id. Raises RuleError naming the framework."""
        for code in self.codes:
            if code.id == name:
                return code
        known = [code.id for code in self.codes]
        raise RuleError(f"{self} has no code {name}{self._hint(name, known)}")

    def _hint(self, name: str, known: Sequence[str]) -> str:
        """The name of an earlier one today, or names that are near."""
        return self._now_called(name) or did_you_mean(name, known)

    def _now_called(self, earlier: str) -> str:
        """Hint for an id of an earlier version: ": it is now prac.early". "" if unknown."""
        named = [code.id for code in self.codes if earlier in code.aliases]
        later = self.mapping.get(earlier, tuple(named))
        return f": in {self.version} it is {' or '.join(later)}" if later else ""

    def check_qualifiers(self, qualifiers: dict[str, Any]) -> None:
        """Raise RuleError for a qualifier or a value of one that the framework does not have."""
        for name, value in qualifiers.items():
            values = self.qualifiers.get(name, ())
            if values == (LISTED_PERSON,):
                if not PERSON_OF_REVIEW.fullmatch(str(value)):
                    raise RuleError(
                        f"qualifier {name} is a person of the review, such as child 1, not"
                        f" {value!r}"
                    )
            elif value not in values:
                if not values:
                    near = did_you_mean(name, self.qualifiers)
                    raise RuleError(f"{self} has no qualifier {name}{near}")
                raise RuleError(f"qualifier {name} cannot be {value!r}{one_of(str(value), values)}")

    def people_in(self, qualifiers: Mapping[str, str]) -> Iterator[tuple[str, int]]:
        """The people whom qualifiers name: "adult 2" -> ("adult", 2)."""
        for name, value in qualifiers.items():
            if self.qualifiers.get(name) == (LISTED_PERSON,):
                kind, _, number = value.partition(" ")
                yield kind, int(number)


@lru_cache(maxsize=8_192)
def cue_pattern(cue: str) -> re.Pattern[str]:
    """A cue as a pattern of whole words; a star matches the rest of a word. Raises re.error.

    "smother*" matches smothered; alternatives in brackets are allowed: "closed too (soon|early)".
    """
    # The cache of re is smaller than the 884 cues of the built-in framework, so it kept none.
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
        at: yaml_file.Path = ("variables", number)
        yield from _value_faults(variable, at)
        yield from _derivation_faults(variable, framework, at)
        yield from _since_faults(variable, framework, at)
        yield from evidence_faults(variable, variable.evidence, framework, (*at, "evidence"))
    yield from _alias_faults(framework)
    yield from _mapping_faults(framework)


def _repeated_ids(part: str, ids: list[str]) -> Iterable[SchemaFinding]:
    for number, name in enumerate(ids):
        if name in ids[:number]:
            yield (part, number, "id"), f"{name} is already used in {part}"


def _value_faults(variable: VariableSpec, at: yaml_file.Path) -> Iterable[SchemaFinding]:
    name = variable.id
    listed = variable.type in {"category", "categories"}
    if listed and not variable.values:
        yield (*at, "type"), f"{name}: {variable.type} needs values"
    if not listed and variable.values:
        yield (*at, "values"), f"{name}: a {variable.type} has no values"
    ids = [value.value for value in variable.values]
    for number, value in enumerate(ids):
        if value in ids[:number]:
            yield (*at, "values", number), f"{name}: {value} is already one of its values"
    if variable.type == "categories" and len(SEPARATOR.join(ids)) > LONGEST_VALUE:
        message = f"its values together have more than {LONGEST_VALUE} characters: shorten them"
        yield (*at, "values"), f"{name}: {message}"


def _derivation_faults(
    variable: VariableSpec, framework: FrameworkFile, at: yaml_file.Path
) -> Iterable[SchemaFinding]:
    """Faults of a derived variable: each value of its source has one place in it."""
    derived, name = variable.derived, variable.id
    if derived is None:
        return
    at = (*at, "derived")
    source = next((other for other in framework.variables if other.id == derived.source), None)
    if variable.type != "category":
        yield at, f"{name}: only a category can be computed"
    if source is None or source.type != "category" or source.level != variable.level:
        yield (*at, "from"), f"{name}: {derived.source} is not a category of each {variable.level}"
        return
    if source.derived is not None:
        yield (*at, "from"), f"{name}: {source.id} is computed itself: name what is judged"
    for value in sorted(derived.groups.keys() ^ {value.value for value in variable.values}):
        yield (*at, "groups"), f"{name}: {value} is not in both its values and its groups"
    yield from _group_faults(variable, derived, source, (*at, "groups"))


def _group_faults(
    variable: VariableSpec, derived: Derivation, source: VariableSpec, at: yaml_file.Path
) -> Iterable[SchemaFinding]:
    placed = [value for group in derived.groups.values() for value in group]
    known = [value.value for value in source.values]
    for value in known:
        if placed.count(value) != 1:
            yield at, f"{variable.id}: {value} of {source.id} must be in one group"
    for value in placed:
        if value not in known:
            yield at, f"{variable.id}: {source.id} has no value {value}"


def evidence_faults(
    variable: VariableSpec,
    evidence: Sequence[ValueEvidence],
    framework: FrameworkFile,
    at: yaml_file.Path,
) -> Iterable[SchemaFinding]:
    """Faults of what speaks for the values of a variable: unknown values and codes, bad cues."""
    codes = {code.id for code in framework.codes}
    values = {value.value for value in variable.allowed}
    for number, row in enumerate(evidence):
        here = (*at, number)
        if row.value is None and variable.type not in READ_FROM_WORDS:
            yield here, f"{variable.id}: evidence for a {variable.type} names its value"
        if row.value is not None and row.value not in values:
            yield (*here, "value"), f"{variable.id}: {row.value} is not one of its values"
        for code in row.codes:
            if code not in codes:
                yield (*here, "codes"), f"{variable.id}: there is no code {code}"
        yield from _unreadable_cues(variable, row.cues, (*here, "cues"))


def _since_faults(
    part: NationalPart, framework: FrameworkFile, at: yaml_file.Path
) -> Iterable[SchemaFinding]:
    if part.since is not None and version_number(part.since) > version_number(framework.version):
        yield (*at, "since"), f"since: {part.since} is later than this version"


def version_number(version: str) -> tuple[int, ...]:
    """A version for comparison: "1.10.0" is later than "1.9.0"."""
    return tuple(int(part) for part in version.split("."))


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
        yield from _cue_faults(code, at)
        yield from _since_faults(code, framework, at)


def _cue_faults(code: CodeSpec, at: yaml_file.Path) -> Iterable[SchemaFinding]:
    yield from _unreadable_cues(code, code.cues, (*at, "cues"))
    for nation, cues in code.cues_by_nation.items():
        here = (*at, "cues_by_nation", nation)
        if code.nations and nation not in code.nations:
            yield here, f"{code.id}: it has cues for {nation}, but does not apply there"
        yield from _unreadable_cues(code, cues, here)


def _unreadable_cues(
    part: NationalPart, cues: Iterable[str], at: yaml_file.Path
) -> Iterable[SchemaFinding]:
    for place, cue in enumerate(cues):
        try:
            cue_pattern(cue)
        except re.error as error:
            yield (*at, place), f"{part.id}: the cue {cue!r} cannot be read: {error}"


def _alias_faults(framework: FrameworkFile) -> Iterable[SchemaFinding]:
    owners = {code.id: code.id for code in framework.codes}
    for number, code in enumerate(framework.codes):
        for place, alias in enumerate(code.aliases):
            owner = owners.setdefault(alias, code.id)
            if owner != code.id or alias == code.id:
                at = ("codes", number, "aliases", place)
                yield at, f"{code.id}: its alias {alias} is already the name of {owner}"


def _mapping_faults(framework: FrameworkFile) -> Iterable[SchemaFinding]:
    if framework.mapping and framework.supersedes is None:
        yield ("mapping",), "a mapping needs supersedes: the version whose ids it lists"
    before = framework.supersedes
    if before is not None and version_number(before) >= version_number(framework.version):
        yield ("supersedes",), f"{before} is not an earlier version than {framework.version}"
    known = {code.id for code in framework.codes}
    known |= {variable.id for variable in framework.variables}
    for earlier, ids in framework.mapping.items():
        for name in ids:
            if name not in known:
                yield ("mapping", earlier), f"{earlier}: {name} is neither a code nor a variable"


def _goes_round(code: str, parents: dict[str, str | None]) -> bool:
    # Follow the parents until there is none (sound) or one comes again (a circle).
    seen: set[str] = set()
    at: str | None = code
    while at is not None and at not in seen:
        seen.add(at)
        at = parents.get(at)
    return at is not None
