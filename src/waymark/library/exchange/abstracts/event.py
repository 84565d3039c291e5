"""The first sentence of an abstract: what it says of outcome, age, sex and time, never more.

These are the words of a cataloguer about a report: a hint for those who code it, no finding.
"""

import re
from dataclasses import dataclass

from waymark.library.exchange.abstracts.profiles import MONTHS, NUMBERS, Event, compiled

SENTENCE = re.compile(r".*?[.!?](?=\s|$)|.+", re.DOTALL)
LONGEST = 1_000
UNSPECIFIED, MIXED, NOT_SAID = "unspecified", "mixed", ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the sentence says. outcome: "death" or "serious harm"; sex: "female" or "male", or
    "mixed"; age: as "5 months" or "16 years", several divided by commas, or a stage of life as it
    stands there; month, year: of the event. "unspecified" where it says that; "" where it says
    nothing. sentence: the words it rests on.
    """

    sentence: str
    outcome: str = NOT_SAID
    age: str = NOT_SAID
    sex: str = NOT_SAID
    month: int | None = None
    year: int | None = None

    @property
    def key(self) -> tuple[str, str, str, int, int] | None:
        """What makes two events look alike; None where too little is said to compare."""
        said = (self.outcome, self.age, self.sex)
        if self.month is None or self.year is None or {UNSPECIFIED, NOT_SAID} & set(said):
            return None
        return (*said, self.month, self.year)


def told_in(text: str, patterns: Event) -> Told:
    """What the first sentence of a narrative says."""
    found = SENTENCE.match(text.strip()[:LONGEST])
    sentence = found[0].strip() if found else ""
    month, year = _when(sentence, patterns)
    return Told(
        sentence=sentence,
        outcome=_first_of(sentence, patterns.outcome),
        age=_age(sentence, patterns),
        sex=_sex(sentence, patterns),
        month=month,
        year=year,
    )


def _word(pattern: str) -> re.Pattern[str]:
    return compiled(rf"\b(?:{pattern})\b")


def _first_of(sentence: str, values: dict[str, str]) -> str:
    """The value whose pattern stands first: "death of a girl who was abused" is a death."""
    places = [
        (found.start(), value)
        for value, pattern in values.items()
        if (found := _word(pattern).search(sentence))
    ]
    return min(places)[1] if places else NOT_SAID


def _sex(sentence: str, patterns: Event) -> str:
    said = {value for value, pattern in patterns.sex.items() if _word(pattern).search(sentence)}
    if len(said) > 1:
        return MIXED
    if said:
        return said.pop()
    return _unspecified(sentence, patterns, "sex|gender")


def _age(sentence: str, patterns: Event) -> str:
    ages = []
    for found in _word(patterns.age).finditer(sentence):
        number, half = _number(found["number"]), ".5" if found["half"] else ""
        unit = found["unit"].lower()
        ages.append(f"{number}{half} {unit}{'' if number == '1' and not half else 's'}")
    for found in _word(patterns.aged).finditer(sentence):
        said = f"{_number(found['number'])} years"
        if said not in ages:
            ages.append(said)
    if ages:
        return ", ".join(dict.fromkeys(ages))
    unspecified = _unspecified(sentence, patterns, "age")
    stage = _word(patterns.stage).search(sentence)
    return unspecified or (stage[0].lower() if stage else NOT_SAID)


def _number(said: str) -> str:
    lower = said.lower()
    return str(NUMBERS.index(lower) + 1) if lower in NUMBERS else said


def _unspecified(sentence: str, patterns: Event, what: str) -> str:
    """Whether the sentence says that it does not say it."""
    no, pair = patterns.unspecified, r"(?:\w+ (?:and|or) )?"
    said = compiled(
        rf"\b(?:(?:{no})[ -]{pair}(?:{what})"
        rf"|(?:{what})(?: (?:and|or) \w+)?[ -](?:is |are |was |were )?(?:{no}))\b"
    )
    return UNSPECIFIED if said.search(sentence) else NOT_SAID


def _when(sentence: str, patterns: Event) -> tuple[int | None, int | None]:
    """Month (1 to 12) and year of the event; what differs between several is not told."""
    found = list(_word(patterns.when).finditer(sentence))
    months = {(one["month"] or "").capitalize() for one in found}
    years = {int(one["year"]) for one in found}
    year = years.pop() if len(years) == 1 else None
    month = months.pop() if len(months) == 1 and year is not None else ""
    return (MONTHS.index(month) + 1 if month else None), year
