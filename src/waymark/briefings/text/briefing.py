"""A briefing as it is signed and published: texts, sources and numbers, read and checked. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from waymark.briefings.text.about import ABOUT, BriefingAbout, read_about
from waymark.briefings.text.sections import SHORT, has_short_form, sections_of, slots_of
from waymark.briefings.text.statements import (
    BriefingStatement,
    StatementText,
    read_statements,
    with_plain_questions,
)
from waymark.briefings.text.support import (
    BriefingSources,
    StatementFault,
    short_form_faults,
    text_faults,
    word_count,
)
from waymark.publishing.document.citations import (
    ReportContent,
    content_sha256,
    passage_keys,
    record_keys,
)

WORDS_A_MINUTE = 200
UNREAD = frozenset({"references", "changes"})
"""Sections that are looked up, not read."""


@dataclass(frozen=True, slots=True)
class BriefingNumbers:
    """Numbers of a briefing: those of one edition of one overview, as printed there.

    overview, edition: "" and 0 if it names no overview. cells: printed number by its mark.
    """

    overview: str = ""
    edition: int = 0
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BriefingContent:
    """Content of a briefing. report: texts with passages and publications; numbers: apart.

    refused: why a passage or a number may not be cited, by what names it.
    """

    kind: str
    report: ReportContent
    numbers: BriefingNumbers = field(default_factory=BriefingNumbers)
    refused: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def about(self) -> BriefingAbout:
        """Its description. Raises SpecError if there is none yet, or it is wrong."""
        return read_about(self.report.texts.get(ABOUT, ""))

    @cached_property
    def sources(self) -> BriefingSources:
        """What its statements may cite."""
        return BriefingSources(
            self.report.passages, self.report.records, self.numbers.cells, self.refused
        )

    @cached_property
    def sections(self) -> dict[str, StatementText]:
        """Its sections that have a text, by slot, without the seven-minute form."""
        sections = {}
        for section in sections_of(self.kind):
            if (source := self.report.texts.get(section.slot, "")).strip():
                text = read_statements(section.slot, source, plain=section.plain)
                sections[section.slot] = with_plain_questions(text) if section.asks else text
        return sections

    @cached_property
    def short(self) -> StatementText:
        """Its seven-minute form; without parts if there is none."""
        text = read_statements(SHORT, self.report.texts.get(SHORT, ""))
        return with_plain_questions(text, last_part=True)

    @cached_property
    def statements(self) -> tuple[BriefingStatement, ...]:
        """Statements to check, in order, those of the seven-minute form last; no questions."""
        texts = (*self.sections.values(), self.short)
        return tuple(row for text in texts for row in text.statements if not row.plain)

    @cached_property
    def faults(self) -> tuple[StatementFault, ...]:
        """All that must be mended before it can be signed."""
        rows = [
            StatementFault(section.slot, 0, 0, f"write “{section.title}”")
            for section in sections_of(self.kind)
            if section.needed and section.slot not in self.sections
        ]
        for text_slot, text in (*self.sections.items(), (SHORT, self.short)):
            rows += [StatementFault(text_slot, 0, line, words) for line, words in text.faults]
            rows += text_faults(text_slot, text, self.sources)
        if has_short_form(self.kind):
            rows += short_form_faults(self.short, self.report.passages)
        return tuple(rows)

    @property
    def titles(self) -> dict[str, str]:
        """Title of each text, by slot."""
        return slots_of(self.kind)

    @property
    def short_words(self) -> int:
        """Number of words of the seven-minute form."""
        return word_count(self.short, self.report.passages)

    @property
    def reading_minutes(self) -> int:
        """Minutes to read its sections, with quotations: 1 at least."""
        texts = [text for slot, text in self.sections.items() if slot not in UNREAD]
        words = sum(word_count(text, self.report.passages) for text in texts)
        return max(1, round(words / WORDS_A_MINUTE))

    @property
    def stored(self) -> ReportContent:
        """The report with the numbers, as an edition stores it."""
        numbers = {
            "kind": self.kind,
            "overview": self.numbers.overview,
            "edition": self.numbers.edition,
            "cells": dict(sorted(self.numbers.cells.items())),
        }
        plan = json.dumps(numbers, sort_keys=True, ensure_ascii=False)
        report = self.report
        return ReportContent(plan, report.texts, report.passages, report.records)

    def faults_of(self, slot: str) -> list[StatementFault]:
        """Those of one text."""
        return [row for row in self.faults if row.slot == slot]

    @cached_property
    def sha256(self) -> str:
        """The hash that people sign."""
        return content_sha256(self.stored, snapshot="", profile="")


def content_from(stored: ReportContent) -> BriefingContent:
    """Content of an edition, from what it stores."""
    plan = json.loads(stored.plan)
    numbers = BriefingNumbers(plan["overview"], plan["edition"], plan["cells"])
    return BriefingContent(plan["kind"], stored, numbers)


def cited_passages(texts: Mapping[str, str]) -> list[str]:
    """Keys of the passages that texts cite, each once, in order."""
    return passage_keys(text for slot, text in texts.items() if slot != ABOUT)


def cited_publications(texts: Mapping[str, str]) -> list[str]:
    """Keys of the publications that texts cite, each once, in order."""
    return record_keys(text for slot, text in texts.items() if slot != ABOUT)


def named_cells(texts: Mapping[str, str]) -> list[str]:
    """Numbers of tables that texts name, each once, in order."""
    rows = (read_statements(slot, text) for slot, text in texts.items() if slot != ABOUT)
    names = (name for text in rows for row in text.statements for name in row.names("cell"))
    return list(dict.fromkeys(names))
