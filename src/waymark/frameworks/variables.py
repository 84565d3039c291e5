"""Variables of a framework: their types, what may be judged, and how values are stored. Pure."""

# Example of the types that need more than a name:
#
#     - {id: impairment, name: Impairment of the child, level: child, type: categories, ..., values:
#        [{value: none, label: None stated, alone: true}, {value: hearing, label: Hearing}]}
#     - {id: nature_ni4, name: Nature of the incident, level: review, type: category, ..., values:
#        [{value: assault, label: Assault}, {value: other, label: Other}],
#        derived: {from: trigger_class, groups: {assault: [overt, covert], other: [neglect]}}}

import re
from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from waymark.core.errors import RuleError
from waymark.core.near_names import one_of

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", max_length=80)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Version = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
Level = Literal["review", "child", "adult"]
NationId = Literal["england", "wales", "scotland", "northern_ireland"]
NATIONS: dict[NationId, str] = {
    "england": "England",
    "wales": "Wales",
    "scotland": "Scotland",
    "northern_ireland": "Northern Ireland",
}

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
READ_FROM_WORDS = frozenset({"state", "contact", "year", "age", "number"})
"""Types whose value can be read from the words around a cue."""
SILENT = frozenset({"not_mentioned", "not_recorded", "not_stated", ""})
OLDEST: dict[Level, int] = {"child": 25 * 12, "adult": 120 * 12, "review": 120 * 12}
"""Highest age in months by level: young people in care are supported until they are 25."""
PERSON: dict[Level, str] = {"child": "child", "adult": "person", "review": "person"}
AGE = re.compile(r"(\d{1,4}) (day|week|month|year)s?", re.IGNORECASE)
UNKNOWN_NUMBER = frozenset({"", "not recorded", "not stated"})
SEPARATOR = ", "
"""Between the values of `categories`, as stored and as a person may enter them."""
LONGEST_VALUE = 500
"""Characters of a stored value: all the values of a variable together have to fit."""


class FrameworkPart(BaseModel):
    """Part of a framework file: no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Crosswalk(FrameworkPart):
    """The nearest heading or value in the frames of others, in their words."""

    england_2014_17: Text | None = None
    dfe_notification: Text | None = None
    ncmd: Text | None = None
    wales: Text | None = None
    scotland: Text | None = None


CROSSWALK_NAMES = {
    "england_2014_17": "England, triennial analysis 2014-2017",
    "dfe_notification": "England, serious incident notifications",
    "ncmd": "National Child Mortality Database",
    "wales": "Wales",
    "scotland": "Scotland",
}


class NationalPart(FrameworkPart):
    """What codes and variables say about nations, versions and other frames.

    id: unique among the codes, or the variables, of a framework.
    rule: how to decide against the nearest ones. nations: where it applies; empty means everywhere.
    equivalents: nation -> the words used there. since: the version that added it.
    """

    id: Id
    rule: Text | None = None
    nations: tuple[NationId, ...] = ()
    equivalents: dict[NationId, tuple[Words, ...]] = Field(default_factory=dict)
    since: Version | None = None
    crosswalk: Crosswalk = Crosswalk()
    language_note: Text | None = None

    def __hash__(self) -> int:
        # Mappings cannot be hashed; equal parts have the same id.
        return hash(self.id)

    @property
    def equivalent_words(self) -> list[tuple[str, tuple[str, ...]]]:
        """Nation -> the words used there, in the order of NATIONS."""
        return [
            (name, self.equivalents[nation])
            for nation, name in NATIONS.items()
            if nation in self.equivalents
        ]

    @property
    def nation_names(self) -> list[str]:
        """The nations in which it applies, in words; empty means everywhere."""
        return [name for nation, name in NATIONS.items() if nation in self.nations]

    @property
    def is_explained(self) -> bool:
        """True if there is more to say than its definition."""
        notes = self.rule or self.language_note or self.since
        return bool(notes or self.nations or self.equivalents or self.crosswalk_lines)

    @property
    def crosswalk_lines(self) -> list[tuple[str, str]]:
        """Frame of others -> its nearest heading, without those that have none."""
        headings = self.crosswalk.model_dump(exclude_none=True)
        return [(name, headings[key]) for key, name in CROSSWALK_NAMES.items() if key in headings]


class AllowedValue(FrameworkPart):
    """One allowed value. death: counts as a death. unknown: means that it is not known.

    alone: of several values, it excludes all others, as "none" does; unknown values always do.
    """

    value: Id
    label: Words
    death: bool = False
    unknown: bool = False
    alone: bool = False


class ValueEvidence(FrameworkPart):
    """What speaks for a value of a variable: codes of passages, and cues.

    value: None if it is read from the words around: the state of a factor, a year, an age, a
    number. The cues of the codes count as well.
    """

    value: Id | None = None
    codes: tuple[Id, ...] = ()
    cues: tuple[Words, ...] = ()


class Derivation(FrameworkPart):
    """How a variable is computed: each value stands for some values of another variable."""

    source: Id = Field(alias="from")
    groups: dict[Id, Annotated[tuple[Id, ...], Field(min_length=1)]]

    def value_of(self, source: str) -> str | None:
        """The value that a value of the source belongs to; None if it belongs to none."""
        return next((value for value, group in self.groups.items() if source in group), None)


class VariableSpec(NationalPart):
    name: Words
    definition: Text
    include: tuple[Words, ...] = ()
    exclude: tuple[Words, ...] = ()
    level: Level
    type: Literal["category", "categories", "state", "contact", "year", "age", "number", "text"]
    group: Id | None = None
    values: tuple[AllowedValue, ...] = ()
    derived: Derivation | None = None
    evidence: tuple[ValueEvidence, ...] = ()

    @property
    def allowed(self) -> tuple[AllowedValue, ...]:
        """The values a judgement may take; empty for years, ages, numbers and text."""
        if self.type == "state":
            return tuple(AllowedValue(value=value, label=label) for value, label in STATES)
        if self.type == "contact":
            return tuple(AllowedValue(value=value, label=label) for value, label in CONTACTS)
        return self.values

    def stored(self, entered: object) -> str:
        """The entered value -> the value as stored. Raises RuleError that lists what is allowed.

        A year as "2003"; an age in whole months, rounded down, and a number as digits, "" if it is
        not recorded; several values in the order of the framework: "learning, hearing".
        """
        if self.type == "categories":
            return self._several(entered)
        text = str(entered).strip()
        if self.type == "year":
            if not re.fullmatch(r"(19|20)\d\d", text):
                raise RuleError(f"{self.id} must be a year such as 2008, not {text!r}")
            return text
        if self.type == "age":
            return "" if text.lower() == "not recorded" else str(self._age(text))
        if self.type == "number":
            return self._number(text)
        return text if self.type == "text" else self._known(text)

    def _known(self, text: str) -> str:
        if text not in {value.value for value in self.allowed}:
            allowed = [value.value for value in self.allowed]
            raise RuleError(f"{self.id} cannot be {text!r}{one_of(text, allowed)}")
        return text

    def _number(self, text: str) -> str:
        if text.lower() in UNKNOWN_NUMBER:
            return ""
        if not re.fullmatch(r"\d{1,4}", text, re.ASCII):
            raise RuleError(
                f"{self.id} must be a whole number such as 7, or: not recorded; not {text!r}"
            )
        return str(int(text))

    def _several(self, entered: object) -> str:
        """Values in the framework's order, each once, so that equal judgements are equal texts."""
        listed = entered if isinstance(entered, list | tuple) else str(entered).split(",")
        chosen = {self._known(str(value).strip()) for value in listed}
        if not chosen:
            raise RuleError(f"{self.id} needs at least one value")
        for value in self.allowed:
            if value.value in chosen and (value.alone or value.unknown) and len(chosen) > 1:
                raise RuleError(
                    f"{self.id}: {value.value} cannot be combined with other values: remove it,"
                    " or remove the others"
                )
        return SEPARATOR.join(value.value for value in self.allowed if value.value in chosen)

    def values_in(self, stored: str) -> tuple[str, ...]:
        """The single values of a stored one: several only for `categories`."""
        if self.type == "categories" and stored:
            return tuple(stored.split(SEPARATOR))
        return (stored,)

    def _age(self, text: str) -> int:
        months, oldest = age_in_months(text), OLDEST[self.level]
        if months > oldest:
            raise RuleError(
                f"{self.id}: {text!r} cannot be the age of a {PERSON[self.level]}: the highest is"
                f" {oldest // 12} years"
            )
        return months

    def judged(self, value: object, *, of: Level, quoted: bool, today: date) -> str:
        """The value of a judgement as stored. Raises RuleError if it breaks a rule.

        of: what the judgement is about. quoted: it has a quote from the report.
        """
        if self.derived is not None:
            raise RuleError(
                f"{self.id} is computed from {self.derived.source}: record that instead"
            )
        stored = self.stored(value)
        if self.level != of:
            article = "an" if self.level == "adult" else "a"
            raise RuleError(f"{self.id} is a fact about {article} {self.level}")
        if self.type == "year" and int(stored) > today.year:
            raise RuleError(f"{self.id}: {stored} is in the future")
        if self.needs_quote(stored) and not quoted:
            raise RuleError(f"{self.id}: {stored} needs a quote from the report")
        return stored

    def needs_quote(self, stored: str) -> bool:
        """True if a judgement of this value must quote the report: silence cannot be quoted."""
        return stored not in SILENT


def nation_id(nation: str) -> NationId | None:
    """The id of a nation from its name: "Northern Ireland" -> northern_ireland; None if unknown."""
    nation_key = "_".join(nation.lower().split())
    return next((known for known in get_args(NationId) if known == nation_key), None)


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
