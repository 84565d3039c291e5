"""Proposals of values of a case profile, from a coder's own codings and from cues. Pure.

A proposal is words of a report that may speak for a value. It is never stored, counted or chosen
beforehand: the coder reads the words and answers.
"""

# Example for a factor (a state) with the cue "drink*": "The father was thought to drink." proposes
# "suspected", "She did not drink." proposes "stated absent", "He drank daily." proposes "present".

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from waymark.coding.suggest import OPENING_SHARE, PassageText, is_negated
from waymark.core.errors import RuleError
from waymark.core.spans import Span
from waymark.core.text import sentences
from waymark.frameworks.evidence import evidence_for
from waymark.frameworks.schema import FrameworkFile, cue_pattern
from waymark.frameworks.variables import NationId, ValueEvidence, VariableSpec

MOST_OF_A_VALUE = 5
"""Proposals of one value that are shown, the coder's own codings first."""
_ASIDE = re.compile(
    r"\b(?:contents|terms of reference|glossary|abbreviations|references|bibliography|members"
    r"|recommend\w*|action plan)\b",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"\b(?:suspect\w*|alleg\w*|possibl[ey]|possibility|may|might|thought to|believed to"
    r"|reported(?:ly)?|rumours?|concerns? (?:that|about))\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NUMBER_WORDS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    *("nineteen", "twenty"),
)
_NUMBERS = {word: str(number) for number, word in enumerate(_NUMBER_WORDS, start=1)}
_NUMBER = re.compile(rf"\b(?:\d{{1,4}}|{'|'.join(_NUMBERS)})\b", re.IGNORECASE)
_AGE = re.compile(rf"({_NUMBER.pattern})[- ](day|week|month|year)s?\b", re.IGNORECASE)
_AGED = re.compile(rf"\baged ({_NUMBER.pattern})(?![- ]?(?:day|week|month|year))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CodedWords:
    """Words that the coder has coded. code: its id, with its name."""

    span: Span
    code: str
    name: str
    exact: str


@dataclass(frozen=True, slots=True)
class ValueProposal:
    """Words of a report that may speak for a value. value: as stored; reason: why, in words."""

    value: str
    span: Span
    exact: str
    reason: str


def proposals_of(
    variable: VariableSpec,
    framework: FrameworkFile,
    passages: Sequence[PassageText],
    coded: Iterable[CodedWords],
    nation: NationId | None,
) -> list[ValueProposal]:
    """Proposals for a variable in one report: from codings first, then from cues in reading order.

    passages: of the report in order; coded: by the one coder to whom the proposals are shown.
    """
    evidence = evidence_for(variable, framework)
    number: Counter[str] = Counter()
    chosen: list[ValueProposal] = []
    for proposal in _all_of(variable, evidence, framework, passages, coded, nation):
        known = any(
            proposal.value == other.value
            and proposal.span.start < other.span.end
            and other.span.start < proposal.span.end
            for other in chosen
        )
        if not known and number[proposal.value] < MOST_OF_A_VALUE:
            number[proposal.value] += 1
            chosen.append(proposal)
    return chosen


def _all_of(
    variable: VariableSpec,
    evidence: Sequence[ValueEvidence],
    framework: FrameworkFile,
    passages: Sequence[PassageText],
    coded: Iterable[CodedWords],
    nation: NationId | None,
) -> Iterator[ValueProposal]:
    cues_of = [_cues_of(row, framework, nation) for row in evidence]
    for words in coded:
        for row, (anywhere, opening) in zip(evidence, cues_of, strict=True):
            if words.code in row.codes:
                yield from _from_coding(variable, row.value, words, [*anywhere, *opening])
    length = max((passage.start + len(passage.text) for passage in passages), default=0)
    for row, (anywhere, opening) in zip(evidence, cues_of, strict=True):
        for passage in passages:
            if _ASIDE.search(passage.heading):
                continue
            early = passage.start < length * OPENING_SHARE
            cues = [*anywhere, *(opening if early else [])]
            yield from _in_passage(variable, row.value, passage, cues)


def _from_coding(
    variable: VariableSpec, value: str | None, words: CodedWords, cues: Sequence[re.Pattern[str]]
) -> Iterator[ValueProposal]:
    if value is None:
        # The coder may have coded "no sign of neglect": a cue tells where a negation would be.
        hit = next((match for cue in cues if (match := cue.search(words.exact))), None)
        value = _value_read(variable, words.exact, hit.start() if hit else 0)
    if value is not None:
        yield ValueProposal(value, words.span, words.exact, f"you coded it: {words.name}")


def _cues_of(
    row: ValueEvidence, framework: FrameworkFile, nation: NationId | None
) -> tuple[list[re.Pattern[str]], list[re.Pattern[str]]]:
    """Patterns that count anywhere, and those that count in the opening of a report alone."""
    places = {section.id: section.look_in for section in framework.sections}
    anywhere: list[str] = list(row.cues)
    opening: list[str] = []
    for name in row.codes:
        code = framework.code(name)
        part = opening if places[code.section] == "opening" else anywhere
        part.extend(code.cues_in(nation))
    return [cue_pattern(cue) for cue in anywhere], [cue_pattern(cue) for cue in opening]


def _in_passage(
    variable: VariableSpec,
    value: str | None,
    passage: PassageText,
    cues: Sequence[re.Pattern[str]],
) -> Iterator[ValueProposal]:
    if not any(cue.search(passage.text) for cue in cues):
        return
    for place in sentences(passage.text):
        sentence = place.of(passage.text)
        hits = (match for cue in cues if (match := cue.search(sentence)))
        for hit in hits:
            read = _value_at(variable, value, sentence, hit.start())
            if read is not None:
                span = Span(passage.start + place.start, passage.start + place.end)
                yield ValueProposal(read, span, sentence, f"the words “{hit.group()[:60]}”")
                break


def _value_at(variable: VariableSpec, value: str | None, sentence: str, at: int) -> str | None:
    """The value for which a cue at a place of a sentence speaks, None if for none."""
    if value is None:
        return _value_read(variable, sentence, at)
    return None if is_negated(sentence, at) else value


def _value_read(variable: VariableSpec, sentence: str, at: int) -> str | None:
    """The value that a sentence with a cue at a place gives; None if it gives none, or several."""
    if variable.type == "state":
        if is_negated(sentence, at):
            return "stated_absent"
        return "suspected" if _HEDGED.search(sentence) else "present"
    if variable.type == "contact":
        return "no_contact" if is_negated(sentence, at) else "in_contact"
    entered = set(_entered(variable, sentence))
    try:
        values = {variable.stored(text) for text in entered}
    except RuleError:
        return None
    return values.pop() if len(values) == 1 else None


def _entered(variable: VariableSpec, sentence: str) -> Iterator[str]:
    """The years, ages or numbers in a sentence, as a person would enter them."""
    if variable.type == "year":
        yield from _YEAR.findall(sentence)
    elif variable.type == "age":
        for number, unit in _AGE.findall(sentence):
            yield f"{_digits(number)} {unit.lower()}s"
        for number in _AGED.findall(sentence):
            yield f"{_digits(number)} years"
    else:
        yield from (_digits(number) for number in _NUMBER.findall(sentence))


def _digits(number: str) -> str:
    return _NUMBERS.get(number.lower(), number)
