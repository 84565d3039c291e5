"""The query language: what a person types -> a tree, and what could not be understood.

    query    = any ; any = all {"OR" all} ; all = one {["AND"] one} ; one = {"NOT"} primary
    primary  = "(" any ")" | word | word"*" | "words" | field":"value
    field    = one of tree.FIELDS ; value = word, "words", or for years and dates a range

Words side by side are joined by AND: a reader who adds a word wants fewer hits. Operators are
upper case, so that "and" in a sentence stays a word. Nothing a person types raises: what is
understood is searched, and each rest is told with its place.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from waymark.library.analysis import forms, words
from waymark.library.tree import (
    DATE_FIELDS,
    FIELDS,
    OPERATORS,
    Dates,
    Field,
    Phrase,
    Prefix,
    Tree,
    Word,
    Years,
    all_of,
    any_of,
    as_text,
    in_order,
    is_date,
    without,
    word_text,
)

LONGEST_QUERY = 1_000
DEEPEST_BRACKETS = 10
MOST_LEAVES = 50
MOST_PREFIXES = 5
SHORTEST_PREFIX = 2

QUOTES = '"“”„'
LEXEME = re.compile(rf"(?P<open>\()|(?P<close>\))|(?P<quote>[{QUOTES}])|(?P<run>[^\s(){QUOTES}]+)")
QUOTE = re.compile(f"[{QUOTES}]")
NAMED = re.compile(r"(?P<name>[A-Za-z]+):(?P<value>.*)", re.DOTALL)
YEARS = re.compile(
    r"(?P<one>[0-9]{4})|(?P<first>[0-9]{4})?(?:-|\u2013|\.\.)(?P<last>[0-9]{4})?", re.ASCII
)
DAY = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"
DATES = re.compile(rf"(?P<one>{DAY})|(?P<first>{DAY})?(?:\.\.|\u2013|-)(?P<last>{DAY})?", re.ASCII)
# A run of these alone is punctuation between words, not something that was not understood.
BETWEEN_WORDS = frozenset("-\u2013\u2014&+/.,;:!?\u2026'\u2019")

__all__ = ["Note", "Parsed", "as_text", "parse"]


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was not understood, and what was done: code points start to end of the query.

    start == end == 0 where the whole is meant.
    """

    message: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Parsed:
    """tree: what is searched; None where nothing is asked for. notes: in the order of places."""

    tree: Tree | None
    notes: tuple[Note, ...] = ()


Mark = Literal["(", ")", "AND", "OR", "NOT"]


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A mark, or the leaves of one written word (several where a prefix has a hyphen)."""

    mark: Mark | None
    leaves: tuple[Tree, ...]
    start: int
    end: int


def parse(text: str) -> Parsed:
    """What a person typed -> tree and notes. Never raises."""
    reading = _Reading(text)
    lexemes = _balanced(_bounded(reading), reading.notes)
    tree = _Structure(lexemes, reading.notes).read()
    notes = sorted(reading.notes, key=lambda note: (note.start, note.end))
    if tree is None and text.strip() and not notes:
        notes = [Note("There is no word to search for here.", 0, len(text))]
    return Parsed(tree, tuple(notes))


class _Reading:
    """From characters to lexemes."""

    def __init__(self, text: str) -> None:
        self.text = text[:LONGEST_QUERY]
        self.notes: list[Note] = []
        if len(text) > LONGEST_QUERY:
            said = f"Only the first {LONGEST_QUERY:,} characters are read."
            self.notes.append(Note(said, LONGEST_QUERY, len(text)))

    def lexemes(self) -> Iterator[Lexeme]:
        at = 0
        while found := LEXEME.search(self.text, at):
            start, at = found.span()
            if found["quote"]:
                content, at = self._quoted(start)
                yield from self._leaf(self._phrase(content, start, at), start, at)
            elif found["run"] is None:
                yield Lexeme("(" if found["open"] else ")", (), start, at)
            elif found["run"] in OPERATORS:
                mark: Mark = "AND" if found["run"] == "AND" else "OR"
                yield Lexeme("NOT" if found["run"] == "NOT" else mark, (), start, at)
            else:
                leaves, at = self._run(found["run"], start, at)
                yield from self._leaf(leaves, start, at)

    @staticmethod
    def _leaf(leaves: tuple[Tree, ...], start: int, end: int) -> Iterator[Lexeme]:
        if leaves:
            yield Lexeme(None, leaves, start, end)

    def _say(self, message: str, start: int, end: int) -> None:
        self.notes.append(Note(message, start, end))

    def _quoted(self, start: int) -> tuple[str, int]:
        """The content of the quotation that opens at start, and where reading goes on."""
        closing = QUOTE.search(self.text, start + 1)
        if closing is None:
            end = len(self.text)
            self._say("The quotation mark is not closed: all after it is one phrase.", start, end)
            return self.text[start + 1 :], end
        return self.text[start + 1 : closing.start()], closing.end()

    def _phrase(self, content: str, start: int, end: int) -> tuple[Tree, ...]:
        found = words(content)
        if not found:
            self._say("There is no word between the quotation marks.", start, end)
            return ()
        return (Phrase(" ".join(found), start=start, end=end),)

    def _run(self, run: str, start: int, end: int) -> tuple[tuple[Tree, ...], int]:
        """What a run of characters without space, bracket or quotation mark says."""
        named = NAMED.fullmatch(run)
        if named is None:
            return self._word(run, start, end), end
        name, value = named["name"].lower(), named["value"]
        if name not in FIELDS:
            known = ", ".join(FIELDS)
            said = f"There is no field {named['name']}, so this is read as words. Fields: {known}."
            self._say(said, start, end)
            return self._word(run, start, end), end
        if not value and end < len(self.text) and self.text[end] in QUOTES:
            value, end = self._quoted(end)
        return self._field(name, value, start, end), end

    def _word(self, run: str, start: int, end: int) -> tuple[Tree, ...]:
        found = words(run)
        if not found:
            if set(run) - BETWEEN_WORDS:
                self._say(f"{run} has no letter or digit in it.", start, end)
            return ()
        if run.startswith("-"):
            self._say("To leave a word out, write NOT before it.", start, end)
        stem, star, after = run.rpartition("*")
        if not star or after or "*" in stem:
            if "*" in run:
                self._say("A star stands only at the end of a word: it is left out.", start, end)
            return (Word(word_text("-".join(found)), start=start, end=end),)
        return self._prefix(found, start, end)

    def _prefix(self, found: list[str], start: int, end: int) -> tuple[Tree, ...]:
        *before, last = found
        leaves: list[Tree] = [Word(word_text(word), start=start, end=end) for word in before]
        if len(forms(last)[0]) < SHORTEST_PREFIX:
            self._say(f"A star needs at least {SHORTEST_PREFIX} letters before it.", start, end)
        else:
            leaves.append(Prefix(last, start=start, end=end))
        return tuple(leaves)

    def _field(self, name: str, value: str, start: int, end: int) -> tuple[Tree, ...]:
        if name == "year":
            return self._years(value.strip(), start, end)
        if name in DATE_FIELDS:
            return self._dates(name, value.strip(), start, end)
        found = words(value)
        if not found:
            said = f'{name}: needs a word, or "words", right after the colon.'
            self._say(said, start, end)
            return ()
        if "*" in value:
            self._say("A star has no meaning in a field: it is left out.", start, end)
        return (Field(name, " ".join(found), start=start, end=end),)

    def _years(self, value: str, start: int, end: int) -> tuple[Tree, ...]:
        found = YEARS.fullmatch(value)
        said = [found["one"] or found["first"], found["one"] or found["last"]] if found else []
        if not any(said):
            self._say("year: needs a year or years, as 2004 or 2004-2006.", start, end)
            return ()
        first, last = (int(year) if year else None for year in said)
        if first is not None and last is not None and first > last:
            self._say(f"Read as year:{last}-{first}.", start, end)
            first, last = last, first
        return (Years(first, last, start=start, end=end),)

    def _dates(self, name: str, value: str, start: int, end: int) -> tuple[Tree, ...]:
        found = DATES.fullmatch(value)
        first = found and (found["one"] or found["first"])
        last = found and (found["one"] or found["last"])
        ends = [day for day in (first, last) if day]
        if not ends or not all(is_date(day) for day in ends):
            said = f"{name}: needs a date or dates, as 2026, 2026-01-31 or 2026-01..2026-03."
            self._say(said, start, end)
            return ()
        if not in_order(first, last):
            self._say(f"Read as {name}:{last}..{first}.", start, end)
            first, last = last, first
        return (Dates(name, first, last, start=start, end=end),)


def _bounded(reading: _Reading) -> list[Lexeme]:
    """The lexemes, with no more leaves and prefixes than a search may have."""
    kept: list[Lexeme] = []
    leaves = prefixes = 0
    for lexeme in reading.lexemes():
        stars = sum(isinstance(leaf, Prefix) for leaf in lexeme.leaves)
        if lexeme.leaves and leaves + len(lexeme.leaves) > MOST_LEAVES:
            said = f"Only the first {MOST_LEAVES} words are searched."
            reading.notes.append(Note(said, lexeme.start, len(reading.text)))
            break
        if stars and prefixes + stars > MOST_PREFIXES:
            said = f"Only the first {MOST_PREFIXES} words with a star are searched."
            reading.notes.append(Note(said, lexeme.start, lexeme.end))
            continue
        leaves, prefixes = leaves + len(lexeme.leaves), prefixes + stars
        kept.append(lexeme)
    return kept


def _balanced(lexemes: list[Lexeme], notes: list[Note]) -> list[Lexeme]:
    """The lexemes with every bracket closed, none deeper than DEEPEST_BRACKETS."""
    kept: list[Lexeme] = []
    opened: list[Lexeme] = []
    for lexeme in lexemes:
        said = ""
        if lexeme.mark == "(":
            opened.append(lexeme)
            if len(opened) > DEEPEST_BRACKETS:
                said = f"Brackets deeper than {DEEPEST_BRACKETS} are left out."
        elif lexeme.mark == ")":
            said = "" if opened else "This bracket closes nothing."
            if opened and len(opened) > DEEPEST_BRACKETS:
                said = "This bracket closes one that is left out."
            del opened[-1:]
        if said:
            notes.append(Note(said, lexeme.start, lexeme.end))
        else:
            kept.append(lexeme)
    return kept + _closing(opened, notes)


def _closing(opened: list[Lexeme], notes: list[Note]) -> list[Lexeme]:
    """A closing bracket for each of those still open; none for those left out."""
    for bracket in opened[:DEEPEST_BRACKETS]:
        said = "This bracket is not closed: it is closed at the end."
        notes.append(Note(said, bracket.start, bracket.end))
    return [Lexeme(")", (), at.end, at.end) for at in opened[:DEEPEST_BRACKETS]]


class _Structure:
    """From balanced lexemes to a tree; never deeper than the brackets."""

    def __init__(self, lexemes: list[Lexeme], notes: list[Note]) -> None:
        self.lexemes, self.notes, self.at = lexemes, notes, 0

    def read(self) -> Tree | None:
        return self._any()

    @property
    def _mark(self) -> Mark | Literal["end"] | None:
        return self.lexemes[self.at].mark if self.at < len(self.lexemes) else "end"

    def _needs(self, lexeme: Lexeme, said: str) -> None:
        self.notes.append(Note(said, lexeme.start, lexeme.end))

    def _any(self) -> Tree | None:
        parts = [part for part in [self._all()] if part is not None]
        while self._mark == "OR":
            operator = self.lexemes[self.at]
            self.at += 1
            before = len(parts)
            if (part := self._all()) is not None:
                parts.append(part)
            if not before or len(parts) == before:
                self._needs(operator, "OR needs something on both sides.")
        return any_of(parts) if parts else None

    def _all(self) -> Tree | None:
        parts: list[Tree] = []
        waiting: Lexeme | None = None
        while self._mark in (None, "(", "NOT", "AND"):
            if self._mark == "AND":
                if waiting is not None or not parts:
                    self._needs(self.lexemes[self.at], "AND needs something on both sides.")
                waiting = self.lexemes[self.at]
                self.at += 1
                continue
            if (part := self._one()) is not None:
                parts.append(part)
                waiting = None
        if waiting is not None and parts:
            self._needs(waiting, "AND needs something on both sides.")
        return all_of(parts) if parts else None

    def _one(self) -> Tree | None:
        negated, operator = False, None
        while self._mark == "NOT":
            negated, operator = not negated, self.lexemes[self.at]
            self.at += 1
        part = self._primary()
        if part is None:
            if operator is not None:
                self._needs(operator, "NOT needs something after it.")
            return None
        return without(part) if negated else part

    def _primary(self) -> Tree | None:
        if self._mark == "(":
            bracket = self.lexemes[self.at]
            self.at += 1
            inner = self._any()
            self.at += 1  # the closing bracket: _balanced saw to it
            if inner is None:
                self._needs(bracket, "There is nothing between these brackets.")
            return inner
        if self._mark is None:
            self.at += 1
            return all_of(self.lexemes[self.at - 1].leaves)
        return None
