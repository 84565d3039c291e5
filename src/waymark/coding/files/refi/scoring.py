"""Which dialect a project is in: every possible reading of its positions is scored.

A reading is good if the selections then have the words of their own names (programs name a
selection after its beginning), and begin and end at words. The best one counts for the project; a
selection that it cannot place is looked for by its words, or listed.
"""

# Example: in "He said so. \r\n😀 Nobody asked why." a selection named "Nobody asked why." is
# written as 17 to 34. Read as code points it has "obody asked why." and starts within a word: 0 of
# 2 points for its name, 0.5 of 1 for its ends. Read as UTF-16 units it has its words: 2 and 1.

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from waymark.coding.files.refi.folding import FoldedText, fold
from waymark.coding.files.refi.offsets import OffsetReading, Place, TextOffsets, possible_readings
from waymark.core.errors import RuleError
from waymark.documents.reading.qda_values import QdaProject, QdaSelection, QdaSource

CUTS = ("\u2026", "...")
"""Ends of a name that was cut short."""
COMPARED, END_COMPARED = 300, 50
"""Folded characters of a long name that are compared, at its beginning and at its end."""
GLANCE = 24
WIDER = 1_400
"""Characters of a text that are folded for them: white space is dropped."""
MOST_SELECTIONS = 100_000
SHORTEST_QUOTE = 8
"""Folded characters of a name that can stand for a place by itself."""
LEAST_SCORE = 0.6
"""Below this, positions that nothing confirms are not trusted."""

How = Literal["checked", "position", "words"]


@dataclass(frozen=True, slots=True)
class ReadingScore:
    """Result of one reading. named: selections that then have the words of their names.

    nameable: those that have in some reading. at_words: ends at words, of 2 for each selection.
    """

    reading: OffsetReading
    named: int
    nameable: int
    at_words: int
    selections: int

    @property
    def score(self) -> float:
        """0 to 1: a name counts twice as much as the two ends."""
        most = 2 * self.nameable + self.selections
        return (2 * self.named + self.at_words / 2) / most if most else 0.0


@dataclass(frozen=True, slots=True)
class PlacedSelection:
    """A selection at code points of its source's text. how: what the place rests on."""

    selection: QdaSelection
    start: int
    end: int
    how: How


@dataclass(frozen=True, slots=True)
class UnplacedSelection:
    selection: QdaSelection
    reason: str


@dataclass(frozen=True, slots=True)
class ReadingChoice:
    """The reading of a project, with the scores of all, best first."""

    chosen: ReadingScore
    scores: tuple[ReadingScore, ...]

    @property
    def equals(self) -> tuple[OffsetReading, ...]:
        """Readings that nothing tells from the chosen one, with it.

        No known program includes the last character: that reading is no rival of an equal one.
        """
        best, chosen = self.chosen.score, self.chosen.reading
        return tuple(
            row.reading
            for row in self.scores
            if row.score >= best - 1e-9
            and (row.reading.includes_end == chosen.includes_end or chosen.includes_end)
        )


@dataclass(frozen=True, slots=True)
class _ScoredSelection:
    selection: QdaSelection
    offsets: TextOffsets
    folded: FoldedText
    name: str
    is_cut: bool
    places: dict[OffsetReading, Place | None] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """The text it is in."""
        return self.offsets.text.content

    def has_name(self, place: tuple[int, int]) -> bool:
        """True if the words at a place are those of the name, or begin with a name cut short."""
        if not self.name:
            return False
        # Bounded: a hostile file may name a thousand selections of a megabyte each.
        start, end = place
        content, name = self.content, self.name[:COMPARED]
        # Most readings are wrong from the first letter on.
        letter = content[start]
        if letter.isascii() and letter.isalnum() and letter != name[:1]:
            return False
        glance = fold(content[start : min(end, start + GLANCE)])[: len(name)]
        if not name.startswith(glance):
            return False
        if not self.is_cut and len(self.name) <= COMPARED:
            return end - start <= WIDER and fold(content[start:end]) == name
        if not fold(content[start : min(end, start + WIDER)]).startswith(name):
            return False
        last = self.name[-END_COMPARED:]
        return self.is_cut or fold(content[max(start, end - WIDER) : end]).endswith(last)


class ProjectPlaces:
    """The places of all selections of a project. quotes: GUID -> words known from elsewhere."""

    def __init__(self, sources: Iterable[QdaSource], quotes: Mapping[str, str]) -> None:
        self._sources = [source for source in sources if source.text is not None]
        self._rows: dict[str, list[_ScoredSelection]] = defaultdict(list)
        for source in self._sources:
            if source.text is None:
                continue
            offsets, folded = TextOffsets(source.text), FoldedText(source.text.content)
            for selection in source.selections:
                name, is_cut = _compared_name(quotes.get(selection.guid, selection.name))
                row = _ScoredSelection(selection, offsets, folded, name, is_cut)
                self._rows[source.guid].append(row)
        self.choice = self._choose()

    def _choose(self) -> ReadingChoice:
        if sum(len(source.selections) for source in self._sources) > MOST_SELECTIONS:
            raise RuleError(f"the project has more than {MOST_SELECTIONS:,} selections: split it")
        texts = [source.text for source in self._sources if source.text and source.selections]
        readings = possible_readings(texts)
        named: dict[OffsetReading, set[int]] = {reading: set() for reading in readings}
        ends = dict.fromkeys(readings, 0)
        rows = [row for group in self._rows.values() for row in group]
        for reading in readings:
            for group in self._rows.values():
                self._place_all(group, reading)
            for number, row in enumerate(rows):
                place = row.places[reading]
                if place is not None:
                    ends[reading] += _ends_at_words(row.content, *place)
                    if row.has_name(place):
                        named[reading].add(number)
        nameable = len(set[int]().union(*named.values()))
        scores = [
            ReadingScore(reading, len(named[reading]), nameable, ends[reading], len(rows))
            for reading in readings
        ]
        # sorted() is stable: of equal scores the reading of the standard stays first.
        scores.sort(key=lambda row: -row.score)
        return ReadingChoice(scores[0], tuple(scores))

    @staticmethod
    def _place_all(rows: Sequence["_ScoredSelection"], reading: OffsetReading) -> None:
        """Note the places of the selections of one text in a reading."""
        starts = [row.selection.start for row in rows]
        ends = [row.selection.end for row in rows]
        places = rows[0].offsets.places(starts, ends, reading)
        for row, place in zip(rows, places, strict=True):
            row.places[reading] = place

    def places(self, source: QdaSource) -> tuple[list[PlacedSelection], list[UnplacedSelection]]:
        """The selections of a source that have a certain place, and the others with the reason."""
        placed: list[PlacedSelection] = []
        others: list[UnplacedSelection] = []
        for row in self._rows[source.guid]:
            result = self._place(row)
            if isinstance(result, PlacedSelection):
                placed.append(result)
            else:
                others.append(result)
        return placed, others

    def _place(self, row: _ScoredSelection) -> PlacedSelection | UnplacedSelection:
        selection, reading = row.selection, self.choice.chosen.reading
        place = row.places[reading]
        if place is not None and row.has_name(place):
            rivals = self._rival_places(row)
            if len(rivals) > 1 and row.is_cut:
                return UnplacedSelection(selection, "two readings of its position are equally good")
            return PlacedSelection(selection, *place, "checked")
        by_words = self._by_words(row)
        if by_words is not None:
            return PlacedSelection(selection, *by_words, "words")
        if place is None:
            return UnplacedSelection(selection, "its position is outside its text")
        if self.choice.chosen.score < LEAST_SCORE:
            return UnplacedSelection(selection, "nothing confirms its position")
        if len(self._rival_places(row)) > 1:
            return UnplacedSelection(selection, "two readings of its position are equally good")
        return PlacedSelection(selection, *place, "position")

    def _rival_places(self, row: _ScoredSelection) -> set[tuple[int, int]]:
        """The different words that equally good readings give a selection."""
        places = (row.places[reading] for reading in self.choice.equals)
        return {_without_space(row.content, *place) for place in places if place is not None}

    @staticmethod
    def _by_words(row: _ScoredSelection) -> tuple[int, int] | None:
        if row.is_cut or len(row.name) < SHORTEST_QUOTE:
            return None
        span = row.folded.find(row.name)
        return (span.start, span.end) if span else None


def project_places(project: QdaProject) -> ProjectPlaces:
    """The places of all selections of the texts of a project."""
    # ATLAS.ti gives a rectangle and the selection of its words one GUID: the words of the rectangle
    # then say what the selection has.
    quotes = {
        region.guid: region.words
        for source in project.sources
        for region in source.regions
        if region.words.strip()
    }
    return ProjectPlaces(project.sources, quotes)


def _compared_name(name: str) -> tuple[str, bool]:
    """The name of a selection as it is compared, and True if it is cut short."""
    bare = name.rstrip()
    for mark in CUTS:
        if bare.endswith(mark):
            return fold(bare.removesuffix(mark)), True
    return fold(bare), False


def _ends_at_words(content: str, start: int, end: int) -> int:
    """0, 1 or 2: how many ends of a stretch are between words, with no space inside them."""
    starts = not content[start].isspace() and not _within_word(content, start)
    stops = not content[end - 1].isspace() and not _within_word(content, end)
    return starts + stops


def _within_word(content: str, at: int) -> bool:
    return 0 < at < len(content) and content[at - 1].isalnum() and content[at].isalnum()


def _without_space(content: str, start: int, end: int) -> tuple[int, int]:
    while start < end and content[start].isspace():
        start += 1
    while start < end and content[end - 1].isspace():
        end -= 1
    return start, end
