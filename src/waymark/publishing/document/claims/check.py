"""Check that every number in the sentences of a report is supported by a table or a source. Pure.

A sentence is right if each of its numbers is the number of a cell, follows from cells by a rule, is
in a source that the sentence cites, or is exempt with a reason.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from waymark.core.errors import RuleError
from waymark.overview.releases.release import Release
from waymark.publishing.document.citations import CitedPassage, ReportContent
from waymark.publishing.document.claims.rules import (
    CheckedRule,
    LinkedCell,
    check_rule,
    linked_cell,
)
from waymark.publishing.document.claims.sentences import Sentence, sentences_of
from waymark.publishing.document.claims.vocabulary import (
    NumberFound,
    Vocabulary,
    normal,
    vocabulary,
)
from waymark.publishing.document.markdown import read_text
from waymark.publishing.document.report_plan import ReportPlan, read_plan

CHANGE = "change the sentence, or link it to the numbers that it rests on"
MOST = 100
"""Numbers and marks of a sentence, compared with each other: no sentence to be read has as many."""
LINK = (
    "name a cell as {{T3/row/column}}, link the word as {{check {0}: T3/row/column}}, cite a"
    " passage that has it, or give a reason as {{exempt {0}: reason}}"
)


@dataclass(frozen=True, slots=True)
class SentenceFault:
    """What is wrong with a sentence, and what to do. chapter: its title, with that of a theme.

    paragraph, sentence: counted from 1 in the text and in the paragraph.
    """

    slot: str
    chapter: str
    paragraph: int
    sentence: int
    line: int
    words: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return (
            f"{self.chapter}, paragraph {self.paragraph}, sentence {self.sentence}"
            f" (line {self.line}): {self.problem}; {self.remedy}"
        )


@dataclass(frozen=True, slots=True)
class TypedFigure:
    """Number that a person typed, with the reason why no table supports it.

    listed: True for digits, number words and shares; False for words such as "several".
    """

    slot: str
    chapter: str
    line: int
    text: str
    reason: str
    listed: bool = True


@dataclass(frozen=True, slots=True)
class SentenceReview:
    """Result of a check. numbers: of numbers found, those printed from a cell included."""

    faults: tuple[SentenceFault, ...] = ()
    typed: tuple[TypedFigure, ...] = ()
    numbers: int = 0


def review_sentences(release: Release, report: ReportContent) -> SentenceReview:
    """Check every sentence of the texts of a report, in the order of its plan. Raises SpecError.

    The sentences of the specification that are printed in chapters come last, with the slot "".
    """
    faults: list[SentenceFault] = []
    typed: list[TypedFigure] = []
    numbers = 0
    for place, text in _titled_texts(release, report):
        for sentence in sentences_of(read_text(text)):
            check = _SentenceCheck(sentence, release, report.passages, vocabulary())
            words = sentence.words
            # A word that is there twice has one problem.
            for problem, remedy in dict.fromkeys(check.problems()):
                where = (*place, sentence.paragraph, sentence.number, sentence.line)
                faults.append(SentenceFault(*where, words, problem, remedy))
            for number, reason in check.exempt:
                listed = number.meaning is None or number.meaning.figure
                typed.append(TypedFigure(*place, sentence.line, number.text, reason, listed))
            numbers += len(check.numbers) + len(check.cells)
    faults += finding_faults(release)
    return SentenceReview(tuple(faults), tuple(typed), numbers)


def finding_faults(release: Release) -> Iterator[SentenceFault]:
    """Faults of the sentences that charts say of themselves. A rule writes them: there are none."""
    for figure in release.figures:
        for sentence in sentences_of(read_text(figure.claim)):
            check = _SentenceCheck(sentence, release, {}, vocabulary())
            for problem, remedy in check.problems():
                place = ("", f"Chart {figure.id}", sentence.paragraph, sentence.number)
                yield SentenceFault(*place, sentence.line, sentence.words, problem, remedy)


def _titled_texts(release: Release, report: ReportContent) -> Iterator[tuple[tuple[str, str], str]]:
    """Slot and title of each text, with its words."""
    plan = read_plan(report.plan)
    themes = {code.id: code.name for code in release.framework.codes if code.theme is not None}
    for slot in plan.slots(tuple(themes)):
        yield (slot, _title(plan, slot, themes)), report.texts.get(slot, "")
    yield ("", "Specification, about"), "\n\n".join(release.spec.about)
    yield ("", "Specification, main points"), "\n\n".join(release.spec.points)


def has_checks(report: ReportContent) -> bool:
    """True if a text has a mark that links or exempts a word.

    Editions from before such marks existed have none.
    """
    return any(
        mark.kind in {"check", "exempt"}
        for text in report.texts.values()
        for mark in read_text(text).marks()
    )


def _title(plan: ReportPlan, slot: str, themes: Mapping[str, str]) -> str:
    chapter, name = plan.chapter_of(slot), slot.partition(":")[2]
    title = chapter.title if chapter else slot
    return f"{title}: {themes.get(name, name)}" if name else title


@dataclass
class _SentenceCheck:
    """Check of one sentence. exempt: filled by problems(): numbers with the reason of each."""

    sentence: Sentence
    release: Release
    passages: Mapping[str, CitedPassage]
    words: Vocabulary
    exempt: list[tuple[NumberFound, str]] = field(default_factory=list)

    @cached_property
    def numbers(self) -> list[NumberFound]:
        return list(self.words.numbers_in(self.sentence.text))

    @cached_property
    def rules(self) -> list[CheckedRule]:
        marks = self.sentence.marks_of("check")
        return [check_rule(mark.name, self.release, self.words) for mark in marks]

    @cached_property
    def cells(self) -> dict[str, LinkedCell]:
        """Cells that the sentence prints, by the character of their mark."""
        cells = {}
        for key, mark in self.sentence.marks.items():
            if mark.kind == "cell":
                # compose.py reports a cell that does not exist.
                try:
                    cells[key] = linked_cell(mark.name, self.release)
                except RuleError:
                    continue
        return cells

    @cached_property
    def exemptions(self) -> dict[str, str]:
        """Reason by word."""
        reasons: dict[str, str] = {}
        for mark in self.sentence.marks_of("exempt"):
            words, _, reason = mark.name.partition(":")
            # A comma with a space separates words: "1,200" is one.
            reasons |= {normal(word): reason.strip() for word in words.split(", ")}
        return reasons

    @cached_property
    def cited(self) -> list[CitedPassage]:
        marks = self.sentence.marks_of("note", "quote")
        return [self.passages[mark.name] for mark in marks if mark.name in self.passages]

    def problems(self) -> Iterator[tuple[str, str]]:
        """Every problem of the sentence with its remedy."""
        if len(self.numbers) + len(self.sentence.marks) > MOST:
            yield f"the sentence has more than {MOST} numbers and marks", "divide it"
            return
        for rule in self.rules:
            if rule.fault:
                yield rule.fault, CHANGE
        yield from self._unused_marks()
        for number in self.numbers:
            reason = self._exemption(number)
            if self._is_supported(number):
                continue
            if reason:
                self.exempt.append((number, reason))
            else:
                yield f"“{number.text}” is not linked to a table", LINK.format(number.text)
        yield from self._unit_problems()

    def _unused_marks(self) -> Iterator[tuple[str, str]]:
        """Rules and exemptions for words that the sentence does not have, or without a reason."""
        for word in [*(rule.word for rule in self.rules), *self.exemptions]:
            if not self._has_word(word):
                yield f"the sentence does not have the word “{word}”", "remove or change the mark"
        for word, reason in self.exemptions.items():
            if not re.search(r"\w{2}", reason):
                remedy = f"write {{exempt {word}: reason}}"
                yield f"the exemption of “{word}” has no reason", remedy

    def _has_word(self, word: str) -> bool:
        literal = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
        same = any(self._is_same(word, number) for number in self.numbers)
        return same or literal.search(" ".join(self.sentence.text.split())) is not None

    def _is_same(self, word: str, number: NumberFound) -> bool:
        """True if a word of a mark means a number of the sentence: "ten" and "10" are the same."""
        if number.meaning is not None:
            return self.words.quantities.get(word) is number.meaning
        if number.value is not None:
            return self.words.value_of(word) == number.value
        return word == normal(number.text)

    def _exemption(self, number: NumberFound) -> str:
        """Reason why a number needs no support, "" if there is none."""
        for word, reason in self.exemptions.items():
            if self._is_same(word, number):
                return reason
        if self.sentence.marks_of("record"):
            return "from the publication cited there"
        return ""

    def _is_supported(self, number: NumberFound) -> bool:
        """True if a rule, a label of a linked row or column, or a cited passage has the number."""
        if any(self._is_same(rule.word, number) for rule in self.rules):
            return True
        reviews = len({passage.review for passage in self.cited})
        if number.meaning is not None:
            # "Several reviews say so", with passages of three reviews.
            count = number.meaning.count
            return reviews > 0 and count is not None and count.contain(reviews)
        linked = [*self.cells.values(), *(cell for rule in self.rules for cell in rule.cells)]
        labels = " ".join(f"{cell.row.label} {cell.column.label}" for cell in linked)
        sources = " ".join([labels, *(passage.words for passage in self.cited)])
        return number.value in {*self.words.values_in(sources), *([reviews] if reviews else [])}

    # ---- units ----

    def _unit_problems(self) -> Iterator[tuple[str, str]]:
        """Numbers said of another unit than their cell counts: "10 children" for 10 reviews."""
        places = list(self._number_places())
        wrong = [
            self._unit_problem(cell, noun)
            for end, cell in places
            if (noun := self.words.unit_after(self.sentence.text, end))
            and cell.unit in self.words.known_units
            and noun != cell.unit
        ]
        return iter(wrong or self._unit_of_the_sentence([cell for _, cell in places]))

    def _number_places(self) -> Iterator[tuple[int, LinkedCell]]:
        """End of each number that a cell supports, and the cell."""
        for key, cell in self.cells.items():
            yield self.sentence.text.index(key) + 1, cell
        for rule in self.rules:
            for number in self.numbers:
                if rule.cells and self._is_same(rule.word, number):
                    yield number.end, rule.cells[0]

    def _unit_of_the_sentence(self, cells: Sequence[LinkedCell]) -> Iterator[tuple[str, str]]:
        """The problem of a sentence that names other units, and not the one of all its numbers."""
        units = {cell.unit for cell in cells}
        others = self.words.plural_units(self.sentence.text) - units
        one_unit = len(units) == 1 and units <= self.words.known_units
        if one_unit and others and not self.words.names_unit(self.sentence.text, *units):
            yield self._unit_problem(cells[0], min(others))

    def _unit_problem(self, cell: LinkedCell, noun: str) -> tuple[str, str]:
        return (
            f"the sentence speaks of {PLURAL[noun]}, but {cell.name} counts {PLURAL[cell.unit]}",
            f"say {PLURAL[cell.unit]}, or link it to a number of {PLURAL[noun]}",
        )


PLURAL = {
    "review": "reviews",
    "child": "children",
    "recommendation": "recommendations",
    "passage": "passages",
}
