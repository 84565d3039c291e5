"""Pages drawn in many ways, each with the order in which a person reads it."""

from itertools import chain, zip_longest

from tests.documents.making import LEFT, RIGHT, line, paragraph

TITLE = "Seven minute briefing"
FAR_LEFT = (
    "A school nurse told the",
    "panel that she had seen",
    "the boy three times and",
    "each time had asked how",
    "he slept, which nobody",
    "else had thought to do.",
)
MIDDLE = (
    "Two letters went to the",
    "old address after the",
    "move and were returned",
    "unread. The clinic then",
    "closed the case without",
    "a call to the teachers.",
)
FAR_RIGHT = (
    "Later that summer, an",
    "aunt rang the duty team",
    "and described what she",
    "had seen. Her words are",
    "in the log, but nobody",
    "phoned her back.",
)
FACTS = ("Key facts", "Age of child: 3 years", "Outcome: serious harm", "Published: May 2021")
FIRST_LIST = ("Visits were missed", "Records were not read", "Nobody saw the child alone")
SECOND_LIST = ("Keep every visit", "Read the record first", "Ask the child what happened")


def rows_of(*columns):
    """Lines of several columns, row by row."""
    return [part for part in chain.from_iterable(zip_longest(*columns)) if part]


def prose(*blocks):
    return " ".join(chain.from_iterable(blocks))


def titled_late():
    return [*paragraph(50, 700, LEFT), *paragraph(320, 700, RIGHT), line(50, 740, TITLE, size=18)]


def late_line():
    left = paragraph(50, 700, LEFT)
    return [*left[:2], *left[3:], *paragraph(320, 700, RIGHT), left[2]]


def last_line_drawn(*, first):
    left, right = paragraph(50, 700, LEFT), paragraph(320, 700, RIGHT[:5])
    return [left[-1], *left[:-1], *right] if first else [*left[:-1], *right, left[-1]]


def first_line_late():
    left = paragraph(50, 700, LEFT)
    return [*left[1:], *paragraph(320, 700, RIGHT), left[0]]


def sidebar_by_height():
    """Prose and a sidebar whose lines are further apart, drawn from the top down."""
    lines = [(700 - 12 * n, 50, text) for n, text in enumerate(LEFT)]
    lines += [(704 - 17 * n, 330, text) for n, text in enumerate(FACTS)]
    return [line(x, y, text) for y, x, text in sorted(lines, reverse=True)]


def shuffled(lines):
    """Lines in an order that nobody reads: every fifth, then every fifth from the second on."""
    return [text for start in range(5) for text in lines[start::5]]


def reaching_over():
    """Two columns; the last two lines of the left one reach into the right one, below its end."""
    left = [*paragraph(50, 700, [*FAR_LEFT, *MIDDLE]), *paragraph(50, 556, RIGHT[:2])]
    drawn = [*left, *paragraph(220, 694, [*FAR_RIGHT, *FACTS])]
    return drawn, prose(FAR_LEFT, MIDDLE, RIGHT[:2], FAR_RIGHT, FACTS)


def third_column_late():
    """Three columns, the last of which begins with a paragraph that was drawn last."""
    drawn = [
        *paragraph(50, 700, [*FAR_LEFT, *MIDDLE]),
        *paragraph(220, 700, [*FAR_RIGHT, *FACTS[1:]]),
        *paragraph(420, 630, FIRST_LIST),
        *paragraph(420, 700, SECOND_LIST[:2]),
    ]
    return drawn, prose(FAR_LEFT, MIDDLE, FAR_RIGHT, FACTS[1:], SECOND_LIST[:2], FIRST_LIST)


def figure():
    """The boxes of a drawing, each of two lines, in the order in which somebody drew them."""
    places = [(60, 500), (210, 690), (90, 640), (260, 420), (70, 300), (140, 560), (250, 610),
              (100, 450), (230, 350), (80, 720)]  # fmt: skip
    boxes = [(f"Box {n} of the drawing", f"has number {n} in it") for n in range(len(places))]
    drawn = [paragraph(*place, box) for place, box in zip(places, boxes, strict=True)]
    return list(chain.from_iterable(drawn)), prose(*boxes)


def bullets(x, y, items, *, apart=12):
    """The bullets and the words of a list, drawn separately."""
    marks = [line(x, y - 18 * n, "\u2022") for n in range(len(items))]
    return marks, [line(x + apart, y - 18 * n, item) for n, item in enumerate(items)]


def bulleted(first_drawn):
    marks, items = bullets(50, 700, FIRST_LIST)
    return [*marks, *items] if first_drawn == "bullets" else [*items, *marks]


def lists_in_columns():
    left, right = (bullets(x, 700, items) for x, items in ((50, FIRST_LIST), (320, SECOND_LIST)))
    drawn = [part for marks, items in (left, right) for part in rows_of(marks, items)]
    title = line(50, 740, TITLE, size=18)
    return [*drawn, title], prose([TITLE], FIRST_LIST, SECOND_LIST)


def section_heading_between():
    """Two columns above a heading over both and two below it, the heading drawn last."""
    heading = "What the panel heard from those who had known the family well"
    drawn = [
        *rows_of(paragraph(50, 700, LEFT), paragraph(320, 700, RIGHT)),
        *rows_of(paragraph(50, 560, FAR_LEFT), paragraph(320, 560, MIDDLE)),
        line(50, 590, heading, size=14),
    ]
    return drawn, prose(LEFT, RIGHT, [heading], FAR_LEFT, MIDDLE)


def footnoted():
    """A page whose footnote and page number are drawn before its text."""
    note = "1 The panel met in the spring and again in the autumn of that year"
    text = [*paragraph(50, 700, LEFT), *paragraph(50, 610, RIGHT)]
    drawn = [line(290, 40, "12"), line(50, 80, note, size=8), *text]
    return drawn, prose(LEFT, RIGHT, [note, "12"])


def chronology(*, by_cell):
    """A table with cells of several lines, drawn cell by cell or row by row of the whole table."""
    rows = [("May 2001",), LEFT[:3]], [("June 2001",), RIGHT[:3]], [("July 2001",), MIDDLE[:3]]
    cells = [
        [paragraph(60, 700 - 50 * n, date), paragraph(150, 700 - 50 * n, text)]
        for n, (date, text) in enumerate(rows)
    ]
    parts = [chain.from_iterable(row) if by_cell else rows_of(*row) for row in cells]
    truth = prose(*(block for row in rows for block in row))
    return list(chain.from_iterable(parts)), truth


def wide_cells():
    """A table of two columns of sentences, drawn cell by cell."""
    texts = (LEFT[:3], RIGHT[:3]), (LEFT[3:], RIGHT[3:])
    drawn = [
        part
        for n, (left, right) in enumerate(texts)
        for part in (*paragraph(50, 700 - 60 * n, left), *paragraph(320, 700 - 60 * n, right))
    ]
    return drawn, prose(LEFT[:3], RIGHT[:3], LEFT[3:], RIGHT[3:])


def wide_cells_by_line():
    """A table of three rows of sentences, drawn line by line across both columns."""
    texts = (LEFT[:3], RIGHT[:3]), (LEFT[3:], RIGHT[3:]), (FAR_LEFT[:2], MIDDLE[:3])
    drawn = [
        rows_of(paragraph(50, 700 - 50 * n, left), paragraph(320, 700 - 50 * n, right))
        for n, (left, right) in enumerate(texts)
    ]
    return list(chain.from_iterable(drawn)), texts


def short_table():
    """A table of short words in small letters, drawn row by row."""
    cells = [("seen alone", "yes", "not known"), ("seen at home", "no", "no"),
             ("asked about sleep", "not known", "yes"), ("letter answered", "no", "not known"),
             ("visit kept", "yes", "no")]  # fmt: skip
    drawn = [
        line(60 + 150 * column, 700 - 14 * row, cell)
        for row, texts in enumerate(cells)
        for column, cell in enumerate(texts)
    ]
    return drawn, prose(*cells)


def column_pages():
    """Two and three columns and sidebars, drawn column by column or not."""
    left, right = paragraph(50, 700, LEFT), paragraph(320, 700, RIGHT)
    texts = FAR_LEFT, MIDDLE, FAR_RIGHT
    three = [paragraph(x, 700, text) for x, text in zip((50, 220, 390), texts, strict=True)]
    facts, beside = paragraph(50, 700, FACTS), paragraph(220, 700, RIGHT)
    two, both = [*left, *right], prose(LEFT, RIGHT)
    return {
        "columns": (two, both),
        "columns row by row": (rows_of(left, right), both),
        "columns reversed": (two[::-1], both),
        "columns in no order": (shuffled(two), both),
        "right column first": ([*right, *left], both),
        "right column first, title close above": (
            [line(220, 726, TITLE, size=12), *right, *left],
            prose([TITLE], LEFT, RIGHT),
        ),
        "lines in no order": (shuffled(left + paragraph(50, 628, RIGHT)), both),
        "three columns": (list(chain(*three)), prose(*texts)),
        "three columns row by row": (rows_of(*three), prose(*texts)),
        "a column that reaches too far": reaching_over(),
        "sidebar left": ([*facts, *beside], prose(FACTS, RIGHT)),
        "sidebar left drawn last": ([*beside, *facts], prose(RIGHT, FACTS)),
        "sidebar left row by row": (rows_of(facts, beside), prose(FACTS, RIGHT)),
        "sidebar right": ([*left, *paragraph(330, 706, FACTS)], prose(LEFT, FACTS)),
        "sidebar right row by row": (sidebar_by_height(), prose(LEFT, FACTS)),
    }


def late_pages():
    """Pages of which a line or a few were drawn too early or too late."""
    both, short = prose(LEFT, RIGHT), prose(LEFT, RIGHT[:5])
    return {
        "title last": (titled_late(), prose([TITLE], LEFT, RIGHT)),
        "heading over columns last": section_heading_between(),
        "late line": (late_line(), both),
        "first line late": (first_line_late(), both),
        "last line of a column first": (last_line_drawn(first=True), short),
        "last line of a column last": (last_line_drawn(first=False), short),
        "first paragraph of the third column last": third_column_late(),
        "bullets first": (bulleted("bullets"), prose(FIRST_LIST)),
        "bullets last": (bulleted("words"), prose(FIRST_LIST)),
        "lists in columns, title last": lists_in_columns(),
        "footnote first": footnoted(),
    }


def table_pages():
    """Tables, drawn row by row or cell by cell, and a figure."""
    return {
        "chronology cell by cell": chronology(by_cell=True),
        "chronology row by row": chronology(by_cell=False),
        "wide cells": wide_cells(),
        "short table": short_table(),
        "figure": figure(),
    }


PAGES = {**column_pages(), **late_pages(), **table_pages()}
"""Name -> what is drawn, and the text in the order of reading."""
