"""Reading order, paragraphs and headings of documents with a known truth, ours and other readers'.

    .venv/bin/python benchmarks/reading_truth.py [--keep DIR]

Documents are made on the spot (benchmarks/reading_documents.py). Peers, each where it is
installed: bare pdfium, pdftotext, pypdf, pdfminer.six for PDF; python-docx for Word.

    words        share of the document's words that are in the text
    inversions   places where a word follows that a person reads earlier; sidebars and notes may
                 come before or after, each as one piece
    whole        share of paragraphs whose words stand together, with no other word among them
    passages     ours alone: share of paragraphs that are one passage, and nothing else is in it
    headings     ours alone: share of blocks whose path of headings is the true one

Ends with an error if ours has an inversion, is below the best peer of a file in words, inversions
or whole; or if of all files together fewer than 99 % of paragraphs are one passage, or 98 % of
paths are right. A ragged paragraph that ends with a full line and a full stop at the foot of a
column cannot be told from one that goes on there: such places are cut.
"""

import argparse
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pypdfium2

from benchmarks.reading_documents import HEADING, TruthBlock, TruthDocument, truth_documents
from waymark.documents.isolation.parent import read_isolated
from waymark.documents.reading.values import ReadingLimits, ReadReport

WORD = re.compile(r"[a-z]{3,}")
LEAST_WHOLE, LEAST_PATHS = 0.99, 0.98


@dataclass(frozen=True, slots=True)
class OrderScore:
    """How a text keeps a document. words, whole: shares from 0 to 1; inversions: a count."""

    words: float
    inversions: int
    whole: float

    def below(self, other: "OrderScore") -> bool:
        return (
            self.words < other.words
            or self.inversions > other.inversions
            or self.whole < other.whole
        )

    def __str__(self) -> str:
        return f"{self.words:6.3f} {self.inversions:5d} {self.whole:6.3f}"


def plain_words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def order_score(document: TruthDocument, text: str) -> OrderScore:
    """The score of a text as a reading of the document."""
    places: dict[str, tuple[int, int, int]] = {}  # word -> stream, block, place in the document
    for number, block in enumerate(document.blocks):
        for word in plain_words(block.text):
            places[word] = (block.stream, number, len(places))
    tokens = [places.get(token) for token in plain_words(text)]
    known = [place for place in tokens if place is not None]
    inversions = sum(_is_inverted(before, after) for before, after in pairwise(known))
    blocks = range(len(document.blocks))
    whole = sum(_is_together(document.blocks[number], number, tokens) for number in blocks)
    return OrderScore(len(set(known)) / len(places), inversions, whole / len(document.blocks))


def _is_inverted(before: tuple[int, int, int], after: tuple[int, int, int]) -> bool:
    """True if after is read earlier in its stream, or a stream is entered or left in mid-block."""
    # A passage to another stream is not an inversion by itself: whether a block is cut by it is
    # what "whole" counts.
    return before[0] == after[0] and after[2] < before[2]


def _is_together(block: TruthBlock, number: int, tokens: list[tuple[int, int, int] | None]) -> bool:
    mine = [at for at, place in enumerate(tokens) if place is not None and place[1] == number]
    count = len(plain_words(block.text))
    return len(mine) == count and mine[-1] - mine[0] == count - 1


def passage_counts(document: TruthDocument, report: ReadReport) -> tuple[int, int]:
    """Number of paragraphs and items that are exactly one passage, and of all."""
    passages = {
        tuple(plain_words(report.text[passage.start : passage.end])) for passage in report.passages
    }
    body = [block for block in document.blocks if block.kind in {"paragraph", "item"}]
    return sum(tuple(plain_words(block.text)) in passages for block in body), len(body)


def path_counts(document: TruthDocument, report: ReadReport) -> tuple[int, int]:
    """Number of blocks of stream 0 below a heading whose path is the true one, and of all."""
    found: dict[str, str] = {}
    for passage in report.passages:
        for word in plain_words(report.text[passage.start : passage.end]):
            if passage.kind != HEADING:
                found.setdefault(word, " ".join(plain_words(passage.heading)))
    path: list[TruthBlock] = []
    right = total = 0
    for block in document.blocks:
        if block.kind == HEADING:
            path = [above for above in path if above.level < block.level] + [block]
        elif path and not block.stream:
            true = " ".join(word for above in path for word in plain_words(above.text))
            right += found.get(plain_words(block.text)[0]) == true
            total += 1
    return right, total


# ---- the readers ----


def _bare(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def _pdftotext(path: Path) -> str:
    program = shutil.which("pdftotext") or ""
    return subprocess.run(
        [program, str(path), "-"], check=True, capture_output=True
    ).stdout.decode()


def _pypdf(path: Path) -> str:
    import pypdf

    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def _pdfminer(path: Path) -> str:
    from pdfminer.high_level import extract_text

    return extract_text(path)


def _python_docx(path: Path) -> str:
    import docx.table

    parts = []
    for content in docx.Document(str(path)).iter_inner_content():
        if isinstance(content, docx.table.Table):
            parts += [" ".join(cell.text for cell in row.cells) for row in content.rows]
        else:
            parts.append(content.text)
    return "\n".join(parts)


def peers_for(path: Path) -> dict[str, Callable[[Path], str]]:
    """The installed readers of a format."""
    if path.suffix == ".docx":
        return {"python-docx": _python_docx}
    peers: dict[str, Callable[[Path], str]] = {"pdfium": _bare}
    if shutil.which("pdftotext"):
        peers["pdftotext"] = _pdftotext
    if importlib.util.find_spec("pypdf"):
        peers["pypdf"] = _pypdf
    if importlib.util.find_spec("pdfminer"):
        peers["pdfminer"] = _pdfminer
    return peers


@dataclass(slots=True)
class Totals:
    """Counts over all documents: paragraphs that are one passage, and true heading paths."""

    passages: int = 0
    paragraphs: int = 0
    paths: int = 0
    below_headings: int = 0

    def add(self, document: TruthDocument, report: ReadReport) -> str:
        """Add the counts of a document; returns its two shares as text."""
        passages, paragraphs = passage_counts(document, report)
        paths, below = path_counts(document, report)
        self.passages += passages
        self.paragraphs += paragraphs
        self.paths += paths
        self.below_headings += below
        return f"{_share(passages, paragraphs):6.3f} {_share(paths, below):6.3f}"

    def faults(self) -> list[str]:
        """The aims that all documents together miss."""
        passages = _share(self.passages, self.paragraphs)
        paths = _share(self.paths, self.below_headings)
        print(f"{'all documents':36} ours {'':26}{passages:6.3f} {paths:6.3f}")
        wrong = []
        if passages < LEAST_WHOLE:
            wrong.append(f"only {passages:.3f} of paragraphs are one passage")
        if paths < LEAST_PATHS:
            wrong.append(f"only {paths:.3f} of heading paths are right")
        return wrong


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def measure(document: TruthDocument, totals: Totals) -> list[str]:
    """Print the scores of one document; returns what is wrong with ours."""
    report = read_isolated(document.path, document.path.name, ReadingLimits())
    ours = order_score(document, report.text)
    print(f"{document.name:36} ours        {ours} {totals.add(document, report)}")
    wrong = []
    for name, read in peers_for(document.path).items():
        peer = order_score(document, read(document.path))
        mark = "  BETTER" if ours.below(peer) else ""
        print(f"{'':36} {name:11} {peer}{mark}")
        if mark:
            wrong.append(f"{document.name}: below {name}")
    if ours.inversions:
        wrong.append(f"{document.name}: {ours.inversions} inversions")
    return wrong


def main() -> None:
    """Make the documents, measure all readers and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="folder to keep the documents in")
    parser.add_argument("--only", default="", help="documents whose name contains this")
    options = parser.parse_args()
    print(f"{'':48} words   inv  whole  passg   path")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        wrong: list[str] = []
        totals = Totals()
        for document in truth_documents(folder):
            if options.only in document.name:
                wrong += measure(document, totals)
        wrong += totals.faults()
    if wrong:
        raise SystemExit("\n".join(["", *wrong]))


if __name__ == "__main__":
    main()
