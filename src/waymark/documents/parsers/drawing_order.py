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

from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from waymark.documents.reading.text_lines import PrintedLine

FEWEST_LINES = 3  # of a column of prose
MEAN_CHARACTERS = 18  # of its lines
RUNNING_ON = 0.35  # share of its lines that begin in the middle of a sentence
ALIKE_IN_WIDTH = 0.6  # narrower column against the wider one
LONG_GAP = 2.5  # heights of a line, between two runs
OVERLAP = 0.2  # share of the narrower line's width
CLOSE = 0.8  # heights of a line, between neighbours of one paragraph or one row
INTERRUPTION = 2.0  # what it costs to part two lines of a paragraph, in faults
SINGLE_LINES = 1 / 3  # runs for each line: with more, the drawing order says little
MOST_FAULTS = 0.25  # share of the pairs of lines whose order their places decide
MOST_LINES = 600  # of a page that is repaired: the work grows with their square

Lines = list[PrintedLine]
Faults = NDArray[np.float64]


def repaired_order(lines: Lines) -> Lines:
    """Lines in drawing order -> the same lines, with those drawn out of place put in theirs."""
    runs = list(_runs_drawn_down(lines))
    ordered = list(chain.from_iterable(runs))
    if len(runs) == 1 or len(lines) > MOST_LINES:
        return ordered
    boxes = np.array([(line.x0, line.y0, line.x1, line.y1) for line in ordered])
    faults = _faults(boxes)
    if _says_little(faults, len(runs)):
        return lines_by_row(ordered)
    _add_faults_of_columns(faults, runs)
    places = _repaired_places(boxes, faults, runs)
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


def _share_width(x0: float, x1: float, other: PrintedLine) -> bool:
    shared = min(x1, other.x1) - max(x0, other.x0)
    return shared > OVERLAP * min(x1 - x0, other.x1 - other.x0)


def _faults(boxes: Faults) -> Faults:
    """(n, n) 1 where a line may not come before another: it is below it, or close on its right.

    boxes: (n, 4) x0, y0, x1, y1 of the lines.
    """
    x0, y0, x1, y1 = boxes.T
    wide = np.minimum.outer(x1 - x0, x1 - x0)
    high = np.minimum.outer(y1 - y0, y1 - y0)
    shared_width = np.minimum.outer(x1, x1) - np.maximum.outer(x0, x0)
    on_one_row = np.minimum.outer(y1, y1) - np.maximum.outer(y0, y0) > 0.5 * high
    over = shared_width > OVERLAP * wide
    middle = y0 + y1
    below = over & ~on_one_row & np.greater.outer(middle, middle)
    # A negative shared width is the gap between two lines. Parts of one line are close; columns and
    # cells are further apart, and may be drawn in any order.
    part = on_one_row & ~over & (-shared_width < CLOSE * high) & np.greater.outer(x0, x0)
    return (below | part).astype(np.float64)


def _says_little(faults: Faults, runs: int) -> bool:
    """True if the drawing order is no order of reading: single lines, and many faults."""
    if runs <= SINGLE_LINES * len(faults):
        return False
    return bool(np.triu(faults).sum() > MOST_FAULTS * faults.sum())


def _add_faults_of_columns(faults: Faults, runs: list[Lines]) -> None:
    """Count it as faults if of two like columns of prose the right one is drawn before the left."""
    start = 0
    columns: list[tuple[slice, Lines]] = []
    for run in runs:
        if is_prose(run):
            columns.append((slice(start, start + len(run)), run))
        start += len(run)
    for place, (rows, first) in enumerate(columns):
        for others, second in columns[place + 1 :]:
            if _is_like_column_left_of(second, first):
                x0 = np.array([line.x0 for line in first])
                x1 = np.array([line.x1 for line in second])
                faults[rows, others] += np.greater_equal.outer(x0, x1)


def _is_like_column_left_of(run: Lines, other: Lines) -> bool:
    """True if run is a column of about the same width and height on the left of other."""
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
    shared = min(run[-1].y1, other[-1].y1) - max(run[0].y0, other[0].y0)
    low = min(run[-1].y1 - run[0].y0, other[-1].y1 - other[0].y0)
    return x1 < other_x0 and narrow >= ALIKE_IN_WIDTH * wide and shared > 0.5 * low


def _interruptions(boxes: Faults) -> Faults:
    """(n, n) INTERRUPTION where a line is the next one of the other's paragraph, else 0."""
    x0, y0, x1, y1 = boxes.T
    high = np.minimum.outer(y1 - y0, y1 - y0)
    wide = np.minimum.outer(x1 - x0, x1 - x0)
    gap = y0[None, :] - y1[:, None]
    shared = np.minimum.outer(x1, x1) - np.maximum.outer(x0, x0)
    close = (np.abs(gap) < CLOSE * high) & (shared > OVERLAP * wide)
    return INTERRUPTION * close


def _repaired_places(boxes: Faults, faults: Faults, runs: list[Lines]) -> list[int]:
    """The numbers of the lines in a repaired order: runs are moved while that mends faults."""
    ends = np.cumsum([len(run) for run in runs]).tolist()
    units = [range(end - len(run), end) for end, run in zip(ends, runs, strict=True)]
    interruptions = _interruptions(boxes)
    order = list(range(len(faults)))
    # Short runs first: the title is moved, not the text.
    for unit in sorted(units, key=len):
        place = order.index(unit[0])
        # A run that was parted by a line of its own, put back, stays.
        if order[place : place + len(unit)] == list(unit):
            others = order[:place] + order[place + len(unit) :]
            order = _with_unit_moved(boxes, faults, interruptions, others, unit, place)
    return order


def _with_unit_moved(
    boxes: Faults,
    faults: Faults,
    interruptions: Faults,
    others: list[int],
    unit: range,
    now: int,
) -> list[int]:
    """The others with a unit at the place where it makes the fewest faults; now: its old place."""
    # Before the first of the others, the unit is at fault with each of them that has to come first;
    # every step further exchanges the two counts for one of them.
    early = faults[np.ix_(unit, others)].sum(axis=0)
    late = faults[np.ix_(others, unit)].sum(axis=1)
    costs = np.concatenate([[0.0], np.cumsum(late - early)]) + early.sum()
    costs[1:-1] += interruptions[others[:-1], others[1:]]
    best = float(costs.min())
    if best >= costs[now]:
        return [*others[:now], *unit, *others[now:]]
    places = np.flatnonzero(costs == best).tolist()
    near = _places_beside_neighbours(places, others, interruptions, unit)
    place = near if near is not None else _place_in_band(places, others, boxes, unit)
    return [*others[:place], *unit, *others[place:]]


def _places_beside_neighbours(
    places: list[int], others: list[int], interruptions: Faults, unit: range
) -> int | None:
    """The first of some places after or before a line of the same paragraph."""
    for place in places:
        if place and interruptions[others[place - 1], unit[0]]:
            return place
        if place < len(others) and interruptions[unit[-1], others[place]]:
            return place
    return None


def _place_in_band(places: list[int], others: list[int], boxes: Faults, unit: range) -> int:
    """The last of those places that leave the most lines higher up before and lower down after."""
    top, foot = boxes[unit, 1].min(), boxes[unit, 3].max()
    higher = (boxes[others, 3] <= top).astype(int)
    lower = (boxes[others, 1] >= foot).astype(int)
    counts = np.concatenate([[0], np.cumsum(higher - lower)])
    return max(places, key=lambda place: (counts[place], place))
