"""Outcome, age, sex and date of the event in the first sentence of an abstract.

These are a cataloguer's words about a report: a hint for those who code the review, not a finding.
Nothing is inferred. Example of a sentence as such lists write it, and of the result:

    "Death of a 5-month-old girl in May 2013. ..."
    -> outcome "death", age "5 months", sex "female", month 5, year 2013
"""

import re
from dataclasses import dataclass

from waymark.library.exchange.abstracts.profiles import (
    MONTHS,
    NUMBERS,
    EventPatterns,
    compile_pattern,
)

SENTENCE = re.compile(r".*?[.!?](?=\s|$)|.+", re.DOTALL)
LONGEST = 1_000
UNSPECIFIED, MIXED, NOT_SAID = "unspecified", "mixed", ""


@dataclass(frozen=True, slots=True)
class EventFacts:
    """Facts of an event. outcome: "death" or "serious harm"; sex: "female", "male" or "mixed".

    age: "5 months" or "16 years", several divided by commas, or a stage of life in the words of
    the source; month, year: of the event. "unspecified" if the sentence says so, "" if it says
    nothing. sentence: the words that this is based on.
    """

    sentence: str
    outcome: str = NOT_SAID
    age: str = NOT_SAID
    sex: str = NOT_SAID
    month: int | None = None
    year: int | None = None

    @property
    def key(self) -> tuple[str, str, str, int, int] | None:
        """Key that is equal for similar events; None if there is too little to compare."""
        described = (self.outcome, self.age, self.sex)
        if self.month is None or self.year is None or {UNSPECIFIED, NOT_SAID} & set(described):
            return None
        return (*described, self.month, self.year)


def event_facts(text: str, patterns: EventPatterns) -> EventFacts:
    """Facts in the first sentence of a narrative."""
    match = SENTENCE.match(text.strip()[:LONGEST])
    sentence = match[0].strip() if match else ""
    month, year = _date_in(sentence, patterns)
    return EventFacts(
        sentence=sentence,
        outcome=_first_of(sentence, patterns.outcome),
        age=_ages_in(sentence, patterns),
        sex=_sex_in(sentence, patterns),
        month=month,
        year=year,
    )


def _word_pattern(pattern: str) -> re.Pattern[str]:
    return compile_pattern(rf"\b(?:{pattern})\b")


def _first_of(sentence: str, values: dict[str, str]) -> str:
    """The value whose pattern comes first: "death of a girl who was abused" is a death."""
    places = [
        (match.start(), value)
        for value, pattern in values.items()
        if (match := _word_pattern(pattern).search(sentence))
    ]
    return min(places)[1] if places else NOT_SAID


def _sex_in(sentence: str, patterns: EventPatterns) -> str:
    sexes = {
        value for value, pattern in patterns.sex.items() if _word_pattern(pattern).search(sentence)
    }
    # "twins, a boy and a girl" mentions both.
    if len(sexes) > 1:
        return MIXED
    if sexes:
        return sexes.pop()
    return _unspecified_in(sentence, patterns, "sex|gender")


def _ages_in(sentence: str, patterns: EventPatterns) -> str:
    ages = []
    for match in _word_pattern(patterns.age).finditer(sentence):
        number, half = _number_text(match["number"]), ".5" if match["half"] else ""
        unit = match["unit"].lower()
        ages.append(f"{number}{half} {unit}{'' if number == '1' and not half else 's'}")
    for match in _word_pattern(patterns.aged).finditer(sentence):
        age = f"{_number_text(match['number'])} years"
        if age not in ages:
            ages.append(age)
    if ages:
        return ", ".join(dict.fromkeys(ages))
    # A number comes first, then "age not specified", then a stage of life such as "baby".
    unspecified = _unspecified_in(sentence, patterns, "age")
    stage = _word_pattern(patterns.stage).search(sentence)
    return unspecified or (stage[0].lower() if stage else NOT_SAID)


def _number_text(text: str) -> str:
    lower = text.lower()
    return str(NUMBERS.index(lower) + 1) if lower in NUMBERS else text


def _unspecified_in(sentence: str, patterns: EventPatterns, topic: str) -> str:
    """UNSPECIFIED for "age and gender not specified" with the topic age or gender; else ""."""
    no, pair = patterns.unspecified, r"(?:\w+ (?:and|or) )?"
    pattern = compile_pattern(
        rf"\b(?:(?:{no})[ -]{pair}(?:{topic})"
        rf"|(?:{topic})(?: (?:and|or) \w+)?[ -](?:is |are |was |were )?(?:{no}))\b"
    )
    return UNSPECIFIED if pattern.search(sentence) else NOT_SAID


def _date_in(sentence: str, patterns: EventPatterns) -> tuple[int | None, int | None]:
    """Month (1 to 12) and year of the event; None if several dates disagree."""
    matches = list(_word_pattern(patterns.when).finditer(sentence))
    months = {(match["month"] or "").capitalize() for match in matches}
    years = {int(match["year"]) for match in matches}
    year = years.pop() if len(years) == 1 else None
    month = months.pop() if len(months) == 1 and year is not None else ""
    return (MONTHS.index(month) + 1 if month else None), year
