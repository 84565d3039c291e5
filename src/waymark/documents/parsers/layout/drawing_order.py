"""Repair of the drawing order of a page: only what was drawn out of place is moved.

Most files draw a page in the order in which it is read, with a few lines out of place: a title
drawn last, a page number drawn first, a forgotten line, a right column before the left one. The
page is cut into runs, which are lines drawn one below the other, and a run that contradicts the
places of other lines is put where it contradicts the fewest.
"""

# Example, a title drawn last (ranks in drawing order on the left, reading order on the right):
#
#     4 Title            0
#     0 first line       1
#     1 second line      2
#     2 third line       3
#     3 fourth line      4
#
# Drawn line 4 is above line 3, so it begins a run. The title after the four lines below it is 4
# faults; before the first it is none. Moving the four lines behind the title would do as well, but
# a fault is mended by moving as few lines as possible.

import re
from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from waymark.documents.reading.segment import TERMINAL
from waymark.documents.reading.text_lines import PrintedLine

FEWEST_LINES = 3  # of a column of prose
MEAN_CHARACTERS = 18  # of its lines
RUNNING_ON = 0.35  # share of its lines that begin in the middle of a sentence
ALIKE_IN_WIDTH = 0.6  # narrower column against the wider one
LONG_GAP = 2.5  # heights of a line, between two runs
OVERLAP = 0.2  # share of the narrower line's width
CLOSE = 0.8  # heights of a line, between neighbours of one paragraph or one row
SINGLE_LINES = 0.5  # share of lines drawn alone: with more, the drawing order says little
MOST_FAULTS = 0.25  # share of the pairs of lines whose order their places decide
ONE_ABOVE_THE_OTHER = 0.25  # share of the pairs of lines of two runs
NEVER = 1e6  # faults: what it costs to put a line where it does not fit
ALIGNED = 2.0  # points between the left edges of lines of one column
LONGEST_NUMBER = 20  # characters of a page number
PAGE_NUMBER = re.compile(r"\W*(?:page\s*)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE)
MOST_MOVED = 0.2  # share of the lines
MOST_LINES = 600  # of a page that is repaired: the work grows with their square

Lines = list[PrintedLine]
Faults = NDArray[np.float64]


def repaired_order(lines: Lines) -> Lines:
    """Lines in drawing order -> the same lines, with those drawn out of place put in theirs."""
    runs = list(_runs_drawn_down(lines))
    ordered = list(chain.from_iterable(runs))
    if _each_below_the_last(runs) or len(lines) > MOST_LINES:
        return ordered
    repair = _Repair(ordered, runs)
    if repair.order_says_little():
        return lines_by_row(ordered)
    places = repair.repaired_places()
    return [ordered[place] for place in places]


def lines_by_row(lines: Lines) -> Lines:
    """From the top down, and within a row from left to right."""
    rows: list[Lines] = []
    for line in sorted(lines, key=lambda line: (line.y0 + line.y1) / 2):
        if rows and rows[-1][0].beside(line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.x0)]


def is_prose(lines: Lines) -> bool:
    """True if lines run on from one to the next, like those of a column of prose."""
    if len(lines) < FEWEST_LINES:
        return False
    characters = sum(len(line.text) for line in lines)
    running = sum(line.text[0].islower() for line in lines)
    return characters >= MEAN_CHARACTERS * len(lines) and running >= RUNNING_ON * len(lines)


def _runs_drawn_down(lines: Lines) -> Iterator[Lines]:
    """Runs of lines drawn from the top down; lines drawn upwards as one run, turned about."""
    upwards: Lines = []
    for run in _runs(lines):
        if len(run) == 1 and (not upwards or _is_just_above(run[0], upwards[-1])):
            upwards += run
            continue
        yield from _turned_about(upwards)
        upwards = run if len(run) == 1 else []
        if len(run) > 1:
            yield run
    yield from _turned_about(upwards)


def _turned_about(upwards: Lines) -> Iterator[Lines]:
    if len(upwards) >= FEWEST_LINES:
        yield upwards[::-1]
    else:
        yield from ([line] for line in upwards)


def _is_just_above(line: PrintedLine, before: PrintedLine) -> bool:
    near = before.y0 - line.y1 < LONG_GAP * line.height
    return near and line.y1 < before.y1 and _share_width(line.x0, line.x1, before)


def _runs(lines: Lines) -> Iterator[Lines]:
    """Lines drawn one below or beside the other, without a jump."""
    run: Lines = []
    left = right = 0.0
    for line in lines:
        if run and _begins_run(run[-1], line, left, right):
            yield run
            run = []
        left, right = (min(left, line.x0), max(right, line.x1)) if run else (line.x0, line.x1)
        run.append(line)
    if run:
        yield run


def _begins_run(before: PrintedLine, line: PrintedLine, left: float, right: float) -> bool:
    """True if a line is not where the run that ends with before goes on.

    It goes on to the right in the same row, or further down within its width, left to right.
    """
    if line.beside(before):
        return line.x0 < before.x0
    below = line.y1 > before.y1 and line.y0 - before.y1 < LONG_GAP * max(line.height, before.height)
    return not below or line.x0 > right or line.x1 < left


def _each_below_the_last(runs: list[Lines]) -> bool:
    """True if no run begins above the foot of an earlier one: then nothing is out of place."""
    foot = float("-inf")
    for run in runs:
        if run[0].y0 < foot - 0.5 * run[0].height:
            return False
        foot = max(foot, *(line.y1 for line in run))
    return True


def _share_width(x0: float, x1: float, other: PrintedLine) -> bool:
    shared = min(x1, other.x1) - max(x0, other.x0)
    return shared > OVERLAP * min(x1 - x0, other.x1 - other.x0)


def _is_like_column_left_of(run: Lines, other: Lines) -> bool:
    """True if run is a column of about the same width as other, and beside it on the left."""
    x0, x1, other_x0, other_x1 = (
        float(np.median(values))
        for values in (
            [line.x0 for line in run],
            [line.x1 for line in run],
            [line.x0 for line in other],
            [line.x1 for line in other],
        )
    )
    narrow, wide = sorted((x1 - x0, other_x1 - other_x0))
    if x1 >= other_x0 or narrow < ALIKE_IN_WIDTH * wide:
        return False
    beside = sum(any(line.beside(right) for right in other if right.x0 >= line.x1) for line in run)
    return beside > 0.5 * min(len(run), len(other))


def _goes_on(line: PrintedLine, following: PrintedLine) -> bool:
    """True if a sentence runs from a line into the one drawn next, further down."""
    below = following.y0 > line.y0 and _share_width(line.x0, line.x1, following)
    return below and following.text[0].islower() and not TERMINAL.search(line.text)


class _Repair:
    """The lines of a page in drawing order and the faults of that order.

    faults: (n, n) 1 where a line may not come before another: it is below it, or the next part of
    its line. beside: (n, n) True where the second may be the line after the first. close: (n, n)
    True if it is the next line of the same paragraph. joined: (n,) True if the next line drawn
    belongs to it, being of the same run or sentence.
    """

    def __init__(self, lines: Lines, runs: list[Lines]) -> None:
        self.runs = runs
        self.joined = np.array([*map(_goes_on, lines[:-1], lines[1:]), False])
        ends = np.cumsum([len(run) for run in runs]) - 1
        self.joined |= ~np.isin(np.arange(len(lines)), ends)
        boxes = np.array([(line.x0, line.y0, line.x1, line.y1) for line in lines])
        x0, self.top, x1, self.foot = boxes.T
        height = self.foot - self.top
        high = np.minimum.outer(height, height)
        # The shared width or height of two lines; below zero it is the gap between them.
        width = np.minimum.outer(x1, x1) - np.maximum.outer(x0, x0)
        over = width > OVERLAP * np.minimum.outer(x1 - x0, x1 - x0)
        on_row = np.minimum.outer(self.foot, self.foot) - np.maximum.outer(self.top, self.top)
        on_row = on_row > 0.5 * high
        middle = self.top + self.foot
        below = over & ~on_row & np.greater.outer(middle, middle)
        # Parts of one line are close; columns and cells are further apart, and may be drawn in any
        # order.
        next_part = on_row & ~over & (-width < CLOSE * high) & np.greater.outer(x0, x0)
        self.faults = (below | next_part).astype(np.float64)
        self._forget_faults_of_chance()
        self._add_faults_of_page_numbers(lines)
        gap = self.top[None, :] - self.foot[:, None]
        self.close = below.T & (gap < CLOSE * high)
        aligned = np.abs(np.subtract.outer(x0, x0)) < ALIGNED
        self.near = below.T & (gap < LONG_GAP * high)
        self.beside = self.close | (self.near & aligned) | next_part.T

    def _forget_faults_of_chance(self) -> None:
        """Drop the faults between runs that are side by side, where a few lines reach too far."""
        # Of a title and the text below it, or a line and its column, each two lines share width.
        counts = np.array([len(run) for run in self.runs])
        starts = np.cumsum(counts) - counts
        ordered = self.faults + self.faults.T
        pairs = np.add.reduceat(np.add.reduceat(ordered, starts, axis=0), starts, axis=1)
        aside = pairs < ONE_ABOVE_THE_OTHER * np.multiply.outer(counts, counts)
        self.faults[np.repeat(np.repeat(aside, counts, axis=0), counts, axis=1)] = 0

    def _add_faults_of_page_numbers(self, lines: Lines) -> None:
        """A page number is read before what is all below it, or after what is all above it."""
        for place, line in enumerate(lines):
            if len(line.text) <= LONGEST_NUMBER and PAGE_NUMBER.fullmatch(line.text):
                others = np.arange(len(lines)) != place
                if (self.foot[others] < line.y0).all():
                    self.faults[place, others] = 1
                if (self.top[others] > line.y1).all():
                    self.faults[others, place] = 1

    def order_says_little(self) -> bool:
        """True if the drawing order is no order of reading: single lines, and many faults."""
        if sum(len(run) == 1 for run in self.runs) <= SINGLE_LINES * len(self.top):
            return False
        return bool(np.triu(self.faults).sum() > MOST_FAULTS * self.faults.sum())

    def repaired_places(self) -> list[int]:
        """The numbers of the lines in a repaired order.

        The drawing order stays if many lines would move: of the labels of a figure it is as good as
        any, and the labels of one box are together in it.
        """
        ends = np.cumsum([len(run) for run in self.runs]).tolist()
        units = [range(end - len(run), end) for end, run in zip(ends, self.runs, strict=True)]
        prose = {unit[0] for unit, run in zip(units, self.runs, strict=True) if is_prose(run)}
        self._add_faults_of_columns(units, prose)
        self._add_faults_of_last_lines(units)
        wrong = np.triu(self.faults)
        at_fault = wrong.any(axis=0) | wrong.any(axis=1)
        drawn = list(range(len(self.top)))
        order = drawn
        moved = 0
        # Short runs first: the title is moved, not the text.
        for unit in sorted((unit for unit in units if at_fault[unit].any()), key=len):
            place = order.index(unit[0])
            # A run into which a line of its own was put back stays, and so does the second half of
            # a sentence.
            parted = order[place : place + len(unit)] != list(unit)
            if parted or (place and order[place - 1] == unit[0] - 1 and self.joined[unit[0] - 1]):
                continue
            others = order[:place] + order[place + len(unit) :]
            better = self._best_place(others, unit, place, is_prose=unit[0] in prose)
            if better != place:
                order = [*others[:better], *unit, *others[better:]]
                moved += 0 if unit[0] in prose else len(unit)
        return order if moved <= max(FEWEST_LINES, MOST_MOVED * len(order)) else drawn

    def _add_faults_of_columns(self, units: list[range], prose: set[int]) -> None:
        """Count it as faults if of two like columns of prose the right one was drawn first."""
        columns = [
            (unit, run) for unit, run in zip(units, self.runs, strict=True) if unit[0] in prose
        ]
        for place, (unit, first) in enumerate(columns):
            for other, second in columns[place + 1 :]:
                if _is_like_column_left_of(second, first):
                    x0 = np.array([line.x0 for line in first])
                    x1 = np.array([line.x1 for line in second])
                    self.faults[np.ix_(unit, other)] += np.greater_equal.outer(x0, x1)

    def _add_faults_of_last_lines(self, units: list[range]) -> None:
        """Count it as faults if the end of a column's last sentence was drawn after others."""
        # Nothing below it in its column says that it is late; only its words do.
        for place, (unit, run) in enumerate(zip(units, self.runs, strict=True)):
            if len(run) >= FEWEST_LINES:
                continue
            for other, column in zip(units[: max(place - 1, 0)], self.runs, strict=False):
                late = self.close[other[-1], unit[0]] and _goes_on(column[-1], run[0])
                if late and is_prose(column):
                    self.faults[other[-1] + 1 : unit[0], unit] = 1

    def _best_place(self, others: list[int], unit: range, now: int, *, is_prose: bool) -> int:
        """The place among the others where a unit makes the fewest faults; now: its old place."""
        # Before the first of the others, the unit is at fault with each of them that has to come
        # first; every step further exchanges the two counts for one of them.
        early = self.faults[np.ix_(unit, others)].sum(axis=0)
        late = self.faults[np.ix_(others, unit)].sum(axis=1)
        costs = np.concatenate([[0.0], np.cumsum(late - early)]) + early.sum()
        costs[1:-1] += self._costs_of_parting(others, unit, is_prose=is_prose)
        best = float(costs.min())
        if best >= costs[now]:
            return now
        places = np.flatnonzero(costs == best).tolist()
        for neighbours in (self.close, self.beside):
            for place in places:
                after = place and neighbours[others[place - 1], unit[0]]
                if after or (place < len(others) and neighbours[unit[-1], others[place]]):
                    return int(place)
        last = int(places[-1])
        if last < len(others) and self.faults[others[last], unit].any():
            return last  # just before the first line that has to come after it
        return self._place_in_band(places, others, unit)

    def _costs_of_parting(self, others: list[int], unit: range, *, is_prose: bool) -> Faults:
        """(n - 1,) what it costs to put a unit between each two of the n others."""
        before, after = others[:-1], others[1:]
        fitting = self.near if is_prose else self.beside
        fits = fitting[before, unit[0]] | fitting[unit[-1], after]
        drawn_together = self.joined[before] & (np.diff(others) == 1)
        costs: Faults = NEVER * (drawn_together & ~fits)
        return costs

    def _place_in_band(self, places: list[int], others: list[int], unit: range) -> int:
        """The last of some places with the most lines higher up before and lower down after."""
        higher = (self.foot[others] <= self.top[unit].min()).astype(int)
        lower = (self.top[others] >= self.foot[unit].max()).astype(int)
        counts = np.concatenate([[0], np.cumsum(higher - lower)])
        return max(places, key=lambda place: (counts[place], place))
