"""Documents whose reading order, paragraphs and headings are known, for reading_truth.py.

Every word of a document is used in it once, so that a reader's order of the words shows exactly
what it did. The words are made up from syllables; the documents are set by typst, by LibreOffice
(where it is installed), by python-docx, or drawn line by line.
"""

import itertools
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import docx
from docx.enum.section import WD_SECTION
from docx.oxml.ns import qn
from docx.shared import Pt

from tests.documents.making import line, pdf_of, typeset

ONSETS = ("b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr")
VOWELS = ("a", "e", "i", "o", "u", "ea", "ou")
CODAS = ("", "n", "r", "s", "l", "m", "t")
PARAGRAPH, ITEM, HEADING, ROW, TITLE = "paragraph", "item", "heading", "row", "title"


@dataclass(frozen=True, slots=True)
class TruthBlock:
    """A paragraph, item, table row, heading or title. level: of a heading, from 1; else 0.

    stream: blocks of other streams, as a sidebar's, may come before or after those of stream 0.
    """

    kind: str
    words: tuple[str, ...]
    level: int = 0
    stream: int = 0

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass(slots=True)
class TruthDocument:
    """A document with its blocks in the order in which a person reads them."""

    name: str
    path: Path
    blocks: list[TruthBlock] = field(default_factory=list)


class WordMaker:
    """Source of words that never repeat: "dean", "stomar", "voutel"; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311
        self._used: set[str] = set()

    def word(self) -> str:
        choose = self._random.choice
        while True:
            count = self._random.choice((1, 2, 2, 2, 3))
            word = "".join(choose(ONSETS) + choose(VOWELS) + choose(CODAS) for _ in range(count))
            if len(word) > 2 and word not in self._used:
                self._used.add(word)
                return word

    def words(self, least: int, most: int) -> list[str]:
        return [self.word() for _ in range(self._random.randint(least, most))]

    def sentences(self, count: int) -> tuple[str, ...]:
        """Words of sentences, with a capital first and a full stop last."""
        words: list[str] = []
        for _ in range(count):
            sentence = self.words(8, 22)
            sentence[0] = sentence[0].capitalize()
            sentence[-1] += "."
            words += sentence
        return tuple(words)

    def paragraph(self, sentences: int = 4, stream: int = 0) -> TruthBlock:
        return TruthBlock(PARAGRAPH, self.sentences(sentences), stream=stream)

    def heading(self, level: int) -> TruthBlock:
        words = self.words(2, 5)
        words[0] = words[0].capitalize()
        return TruthBlock(HEADING, tuple(words), level)

    def row(self, cells: int) -> TruthBlock:
        return TruthBlock(ROW, tuple(self.word().capitalize() for _ in range(cells)))


def report_blocks(maker: WordMaker, chapters: int = 4) -> list[TruthBlock]:
    """Chapters with sections, each of several paragraphs and a list."""
    blocks = []
    for _ in range(chapters):
        blocks.append(maker.heading(1))
        blocks.append(maker.paragraph(5))
        for _ in range(2):
            blocks.append(maker.heading(2))
            blocks += [maker.paragraph(count) for count in (4, 7, 5, 6)]
            blocks += [TruthBlock(ITEM, maker.sentences(2)) for _ in range(3)]
    return blocks


# ---- set by typst ----

HEAD = """
#set page(paper: "a4", margin: 2.2cm,
  header: [Safeguarding review], footer: context [Page #counter(page).display()])
#set text(size: 11pt, hyphenate: false)
#set par(justify: true)
"""


def typst_source(blocks: list[TruthBlock]) -> str:
    """The blocks in typst's markup."""
    parts = []
    for kind, group in itertools.groupby(blocks, key=lambda block: block.kind):
        if kind == ROW:
            rows = list(group)
            cells = "".join(f"[{word}]," for row in rows for word in row.words)
            parts.append(f"#table(columns: {len(rows[0].words)}, {cells})")
        else:
            mark = "- " if kind == ITEM else ""
            parts += ["=" * block.level + f" {mark}{block.text}" for block in group]
    return "\n\n".join(parts)


def one_column(maker: WordMaker) -> tuple[str, list[TruthBlock]]:
    blocks = report_blocks(maker)
    return HEAD + typst_source(blocks), blocks


def two_columns(maker: WordMaker, gutter: str = "24pt") -> tuple[str, list[TruthBlock]]:
    blocks = report_blocks(maker)
    columns = f"#set page(columns: 2)\n#set columns(gutter: {gutter})\n#set par(justify: false)\n"
    return HEAD + columns + typst_source(blocks), blocks


def narrow_gutter(maker: WordMaker) -> tuple[str, list[TruthBlock]]:
    source, blocks = two_columns(maker, "9pt")
    return source + "\n#set par(justify: true)", blocks


def three_columns(maker: WordMaker) -> tuple[str, list[TruthBlock]]:
    blocks = report_blocks(maker, 2)
    return (
        HEAD
        + "#set page(columns: 3, flipped: true)\n#set par(justify: false)\n"
        + typst_source(blocks),
        blocks,
    )


def footnotes(maker: WordMaker) -> tuple[str, list[TruthBlock]]:
    """Prose with notes at the foot of the page, which are a stream of their own."""
    blocks: list[TruthBlock] = []
    parts = []
    for stream in range(1, 13):
        block, note = maker.paragraph(6), maker.paragraph(1, stream=stream)
        middle = len(block.words) // 2
        marked = list(block.words)
        marked[middle] += f"#footnote[{note.text}]"
        blocks += [block, note]
        parts.append(" ".join(marked))
    return HEAD + "\n\n".join(parts), blocks


def tables(maker: WordMaker) -> tuple[str, list[TruthBlock]]:
    blocks: list[TruthBlock] = []
    for _ in range(4):
        blocks += [maker.heading(1), maker.paragraph(5), *(maker.row(4) for _ in range(8))]
        blocks.append(maker.paragraph(5))
    return HEAD + typst_source(blocks), blocks


def chronology(maker: WordMaker) -> tuple[str, list[TruthBlock]]:
    """A table over pages whose cells have several lines; each cell is read before the next."""
    rows = [[maker.sentences(count) for count in (1, 3, 2)] for _ in range(20)]
    blocks = [TruthBlock(ROW, cell) for row in rows for cell in row]
    cells = ", ".join(f"[{block.text}]" for block in blocks)
    before = maker.paragraph(4)
    style = "#set par(justify: false)\n#set table.cell(breakable: false)"
    table = f"{style}\n#table(columns: (3cm, 1fr, 4cm), {cells})"
    return f"{HEAD}{before.text}\n\n{table}", [before, *blocks]


def lists_in_columns(maker: WordMaker) -> tuple[str, list[TruthBlock]]:
    """Two columns of bullets with hanging text, under a line of prose over both."""
    intro = maker.paragraph(2)
    items = [TruthBlock(ITEM, maker.sentences(2)) for _ in range(24)]
    columns = f"#columns(2, gutter: 16pt)[\n{typst_source(items)}\n]"
    return f"{HEAD}#set par(justify: false)\n{intro.text}\n\n{columns}", [intro, *items]


def sideways(maker: WordMaker) -> tuple[str, list[TruthBlock]]:
    """A page of prose, and one whose paragraphs are turned by a quarter on upright paper."""
    upright, turned = [maker.paragraph(6) for _ in range(3)], [maker.paragraph(5) for _ in range(4)]
    box = f"#box(width: 22cm)[#set par(justify: false)\n{typst_source(turned)}]"
    source = f"{HEAD}{typst_source(upright)}\n#pagebreak()\n#rotate(-90deg, reflow: true)[{box}]"
    return source, upright + turned


def sidebar(maker: WordMaker) -> tuple[str, list[TruthBlock]]:
    """Prose beside a narrow grey box of short paragraphs."""
    main = [maker.paragraph(5) for _ in range(5)]
    side = [maker.paragraph(1, stream=1) for _ in range(4)]
    grid = (
        "#set par(justify: false)\n#grid(columns: (1fr, 4.5cm), gutter: 14pt,\n"
        f"[{typst_source(main)}], rect(fill: luma(230))[#set text(9pt)\n{typst_source(side)}])"
    )
    return HEAD + grid, main + side


def numbered_paragraphs(maker: WordMaker) -> tuple[str, list[TruthBlock]]:
    """Paragraphs with numbers of their own, as most reviews have; numbers are not counted."""
    blocks, parts = [], []
    for chapter in range(1, 5):
        heading = maker.heading(1)
        blocks.append(heading)
        parts.append(f"= {chapter} {heading.text}")
        for number in range(1, 9):
            block = maker.paragraph(5)
            blocks.append(block)
            parts.append(f"{chapter}.{number} {block.text}")
    return HEAD + "\n\n".join(parts), blocks


# ---- drawn line by line ----

Lines = list[tuple[float, float, str]]  # x, y from the bottom left, words
WIDE, SIZE, PITCH = 220.0, 10.0, 12.0
# Widths of Helvetica's letters in thousandths of the type size; 556 for those not listed.
WIDTHS = {"i": 222, "l": 222, "f": 278, "t": 278, " ": 278, ".": 278, "r": 333, "c": 500, "k": 500}
WIDTHS |= {"s": 500, "v": 500, "w": 722, "m": 833} | dict.fromkeys("BDFGHKLMNPRSTVW", 700)


def width_of(row: str) -> float:
    """Points that a row of words takes."""
    return sum(WIDTHS.get(letter, 556) for letter in row) * SIZE / 1_000


def set_lines(blocks: list[TruthBlock], x: float, top: float, most: float = WIDE) -> Lines:
    """The blocks as lines of at most so many points, with most of a line between blocks."""
    lines: Lines = []
    y = top
    for block in blocks:
        row = ""
        for word in block.words:
            if row and width_of(f"{row} {word}") > most:
                lines.append((x, y, row))
                row, y = "", y - PITCH
            row = f"{row} {word}".strip()
        lines.append((x, y, row))
        y -= 1.8 * PITCH
    return lines


def drawn(lines: Lines) -> bytes:
    return b"".join(line(x, y, words, size=SIZE) for x, y, words in lines)


def two_halves(maker: WordMaker) -> tuple[list[TruthBlock], Lines, Lines]:
    left, right = ([maker.paragraph(4) for _ in range(4)] for _ in range(2))
    return left + right, set_lines(left, 50, 780), set_lines(right, 320, 780)


def interleaved(maker: WordMaker) -> tuple[list[bytes], list[TruthBlock]]:
    """Two columns, drawn row by row over both."""
    blocks, left, right = two_halves(maker)
    return [drawn(sorted(left + right, key=lambda place: (-place[1], place[0])))], blocks


def right_column_first(maker: WordMaker) -> tuple[list[bytes], list[TruthBlock]]:
    blocks, left, right = two_halves(maker)
    return [drawn(right + left)], blocks


def reversed_lines(maker: WordMaker) -> tuple[list[bytes], list[TruthBlock]]:
    """One column whose lines are drawn from the bottom up."""
    blocks = [maker.paragraph(5) for _ in range(4)]
    return [drawn(set_lines(blocks, 50, 780, 490)[::-1])], blocks


def late_line(maker: WordMaker) -> tuple[list[bytes], list[TruthBlock]]:
    """Two columns of which one line in the middle of the left one is drawn last."""
    blocks, left, right = two_halves(maker)
    return [drawn([*left[:7], *left[8:], *right, left[7]])], blocks


def title_last(maker: WordMaker) -> tuple[list[bytes], list[TruthBlock]]:
    """Two columns under a title over both, which is drawn last."""
    title = TruthBlock(TITLE, maker.heading(1).words)
    blocks, left, right = two_halves(maker)
    top = line(50, 810, title.text, size=18, bold=True)
    return [drawn(left + right) + top], [title, *blocks]


def sidebar_last(maker: WordMaker) -> tuple[list[bytes], list[TruthBlock]]:
    """Prose with a narrow sidebar on its left, which is drawn line by line after it."""
    main = [maker.paragraph(5) for _ in range(5)]
    side = [maker.paragraph(1, stream=1) for _ in range(6)]
    lines = [*set_lines(main, 210, 780, 320), *set_lines(side, 50, 776, 120)]
    return [drawn(lines)], main + side


def bullets_last(maker: WordMaker) -> tuple[list[bytes], list[TruthBlock]]:
    """A list whose text is drawn first and its bullets after it."""
    items = [TruthBlock(ITEM, maker.sentences(2)) for _ in range(8)]
    lines: Lines = []
    bullets: Lines = []
    top = 780.0
    for item in items:
        rows = set_lines([item], 68, top, 460)
        bullets.append((50, top, "\u2022"))
        lines += rows
        top = rows[-1][1] - 1.5 * PITCH
    return [drawn(lines + bullets)], items


def drawn_breaks(maker: WordMaker) -> tuple[list[bytes], list[TruthBlock]]:
    """Prose over many pages, cut by page breaks, with running header and footer drawn first."""
    blocks = [maker.paragraph(6) for _ in range(30)]
    lines = set_lines(blocks, 60, 780, 470)
    pages: dict[int, Lines] = {}
    for x, y, words in lines:
        number = int((780 - y) // 690)
        pages.setdefault(number, []).append((x, y + 690 * number, words))
    contents = []
    for number, rows in sorted(pages.items()):
        edge = [(60.0, 815.0, "SAFEGUARDING REVIEW"), (280.0, 40.0, f"Page {number + 1}")]
        contents.append(drawn([*edge, *rows]))
    return contents, blocks


# ---- Word ----


def word_document(blocks: list[TruthBlock], into: Path, *, columns: int = 1) -> Path:
    """The blocks as a Word document with styles, running header and footer."""
    document = docx.Document()
    document.styles["Normal"].font.size = Pt(11)
    section = document.sections[0]
    section.header.paragraphs[0].text = "SAFEGUARDING REVIEW"
    if columns > 1:
        found = section._sectPr.xpath("./w:cols")
        found[0].set(qn("w:num"), str(columns))
        section.start_type = WD_SECTION.NEW_PAGE
    for kind, group in itertools.groupby(blocks, key=lambda block: block.kind):
        if kind == ROW:
            rows = list(group)
            table = document.add_table(rows=0, cols=len(rows[0].words))
            for row in rows:
                for cell, word in zip(table.add_row().cells, row.words, strict=True):
                    cell.text = word
            continue
        for block in group:
            style = {HEADING: f"Heading {block.level}", ITEM: "List Bullet"}.get(kind, "Normal")
            document.add_paragraph(block.text, style=style)
    document.save(str(into))
    return into


def word_blocks(maker: WordMaker) -> list[TruthBlock]:
    return [*report_blocks(maker, 3), *(maker.row(4) for _ in range(6)), maker.paragraph(3)]


def office_converted(path: Path, kind: str) -> Path | None:
    """The document converted by LibreOffice, or None where it is not installed."""
    office = shutil.which("soffice")
    if office is None:
        return None
    with tempfile.TemporaryDirectory() as home:
        into = path.parent / "converted"
        subprocess.run(
            [
                *(office, f"-env:UserInstallation=file://{home}", "--headless"),
                *("--convert-to", kind, "--outdir", str(into), str(path)),
            ],
            check=True,
            capture_output=True,
            timeout=180,
        )
    return into / f"{path.stem}.{kind}"


# ---- the set ----

TYPESET: dict[str, Callable[[WordMaker], tuple[str, list[TruthBlock]]]] = {
    "one column": one_column,
    "two columns": two_columns,
    "two columns, gutter 9 pt": narrow_gutter,
    "three columns": three_columns,
    "footnotes": footnotes,
    "tables": tables,
    "chronology": chronology,
    "lists in columns": lists_in_columns,
    "sideways": sideways,
    "sidebar": sidebar,
    "numbered paragraphs": numbered_paragraphs,
}
DRAWN: dict[str, Callable[[WordMaker], tuple[list[bytes], list[TruthBlock]]]] = {
    "columns drawn row by row": interleaved,
    "right column drawn first": right_column_first,
    "lines drawn bottom up": reversed_lines,
    "a line drawn last": late_line,
    "title drawn last": title_last,
    "sidebar drawn last": sidebar_last,
    "bullets drawn last": bullets_last,
    "breaks in sentences": drawn_breaks,
}


def truth_documents(folder: Path, *, office: bool = True) -> Iterator[TruthDocument]:
    """Make the documents of the set in a folder. office: also those that LibreOffice converts."""
    for seed, (name, write) in enumerate(TYPESET.items()):
        source, blocks = write(WordMaker(seed))
        path = typeset(source, folder / f"typeset-{seed}.pdf")
        yield TruthDocument(f"typst: {name}", path, blocks)
    for seed, (name, draw) in enumerate(DRAWN.items(), start=100):
        pages, blocks = draw(WordMaker(seed))
        yield TruthDocument(f"drawn: {name}", pdf_of(pages, folder / f"drawn-{seed}.pdf"), blocks)
    yield from _word_documents(folder, office=office)


def _word_documents(folder: Path, *, office: bool) -> Iterator[TruthDocument]:
    for seed, columns in ((200, 1), (201, 2)):
        blocks = word_blocks(WordMaker(seed))
        path = word_document(blocks, folder / f"word-{seed}.docx", columns=columns)
        yield TruthDocument(f"python-docx: {columns} column", path, blocks)
        pdf = office_converted(path, "pdf") if office else None
        if pdf is None:
            continue
        yield TruthDocument(f"LibreOffice PDF: {columns} column", pdf, blocks)
        odt = office_converted(path, "odt")
        written = odt and office_converted(odt, "docx")
        if written:
            yield TruthDocument(f"LibreOffice DOCX: {columns} column", written, blocks)
