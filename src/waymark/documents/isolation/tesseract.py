"""Text recognition by Tesseract, a program of the system, in the disposable child (no Django).

The image goes to its standard input and a table of words comes from its standard output: it opens
no file of ours, writes none and is given no address. It has the limits of the child that starts it.
"""

import ctypes
import io
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from waymark.core.errors import FileRefused, RuleError
from waymark.documents.isolation.engine import LANGUAGE, PROGRAM, Engine, engine_of_json
from waymark.documents.isolation.render import page_in_grey
from waymark.documents.isolation.straighten import skew_angle, straightened, unexpanded
from waymark.documents.reading.recognised import (
    LONGEST_WORD,
    LOW_CONFIDENCE,
    MOST_WORDS,
    RecognisedPage,
    RecognisedWord,
)

DOTS_PER_INCH = 300
NOISE = 60  # confidence below which marks without letters or digits are specks, not bullets
SHORTEST_WORD = 3  # letters of a word whose box tells how it runs
WORD_LEVEL = "5"
PR_SET_PDEATHSIG = 1


def recognise_page(path: Path, number: int, engine: Engine, languages: str) -> RecognisedPage:
    """Recognise the words of page number (from 1) of a PDF. Raises FileRefused, RuleError.

    The page is drawn in grey and straightened first: Tesseract loses whole lines of a page that is
    skewed and noisy. A page that lies on its side or its head is turned by quarters as well.
    """
    drawn, scale = page_in_grey(path, number, DOTS_PER_INCH / 72)
    page = _recognise_turned(path, number, drawn, scale, 0, engine, languages)
    turned = [
        _recognise_turned(path, number, drawn, scale, turn, engine, languages)
        for turn in _likely_turns(page)
    ]
    return max([*turned, page], key=_sure_letters)


def _likely_turns(page: RecognisedPage) -> tuple[int, ...]:
    """Quarter turns, clockwise, that the words of a page may have, by how they were recognised.

    Words that run up or down have boxes that are higher than wide. Tesseract reads those that run
    down, but takes the last line for the first; of those on their head it makes scribble.
    """
    long = [word for word in page.words if len(word.text) >= SHORTEST_WORD]
    if 2 * sum(map(_is_wide, long)) < len(long):
        return 1, 3
    return (2,) if page.words and page.confidence < LOW_CONFIDENCE else ()


def _is_wide(word: RecognisedWord) -> bool:
    x0, y0, x1, y1 = word.box
    return x1 - x0 >= y1 - y0


def _sure_letters(page: RecognisedPage) -> int:
    """Letters of the long upright words with a high confidence: scribble has few."""
    return sum(
        len(word.text)
        for word in page.words
        if word.confidence >= LOW_CONFIDENCE and len(word.text) >= SHORTEST_WORD and _is_wide(word)
    )


def _recognise_turned(
    path: Path,
    number: int,
    drawn: Image.Image,
    scale: float,
    turn: int,
    engine: Engine,
    languages: str,
) -> RecognisedPage:
    """The words of a drawn page, if they are turned clockwise by so many quarters."""
    image = drawn.rotate(90 * turn, expand=True)
    angle = skew_angle(np.asarray(image), DOTS_PER_INCH)
    upright = straightened(image, angle)
    table = _run_engine(path, number, upright, engine, languages)
    # Turning enlarges the image, so its middle moves: boxes are counted from the page's own corner.
    left, top = unexpanded(image.size, upright.size)
    words = tuple(
        RecognisedWord(
            word.text,
            (
                round((word.box[0] - left) / scale, 2),
                round((word.box[1] - top) / scale, 2),
                round((word.box[2] - left) / scale, 2),
                round((word.box[3] - top) / scale, 2),
            ),
            word.confidence,
            word.begins_line,
        )
        for word in words_of_table(table)
    )
    return RecognisedPage(engine.name, languages, angle, words, turn=turn)


def _run_engine(path: Path, number: int, image: Image.Image, engine: Engine, names: str) -> str:
    if not all(LANGUAGE.fullmatch(name) for name in names.split("+")):
        raise RuleError(f"not languages of Tesseract: {names}")
    drawn = io.BytesIO()
    image.save(drawn, "PNG", compress_level=1)
    environment = {"PATH": os.defpath, "OMP_THREAD_LIMIT": "1", "LC_ALL": "C"}
    if engine.data:
        environment["TESSDATA_PREFIX"] = engine.data
    command = [engine.program, "-", "-", "-l", names, "--dpi", str(DOTS_PER_INCH), "--psm", "3"]
    done = subprocess.run(
        [*command, "tsv"],
        input=drawn.getvalue(),
        capture_output=True,
        env=environment,
        check=False,
        preexec_fn=_end_with_parent,
    )
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").split("\n")
        reason = " ".join(lines[0].split())[:200] or f"status {done.returncode}"
        raise FileRefused(
            path.name,
            f"page {number} could not be recognised: {PROGRAM} stopped ({reason})",
            "Try again, or type the page",
        )
    return done.stdout.decode("utf-8", "replace")


def _end_with_parent() -> None:
    """In the new process: end it if the child that started it is killed."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def words_of_table(table: str) -> Iterator[RecognisedWord]:
    """The words of Tesseract's TSV table, with boxes in pixels.

    Columns: level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
    """
    before: list[str] = []
    count = 0
    for row in table.split("\n"):
        columns = row.rstrip("\r").split("\t")
        if len(columns) != 12 or columns[0] != WORD_LEVEL:
            continue
        text, confidence = columns[11].strip(), round(float(columns[10]))
        bare = not any(map(str.isalnum, text))
        if not text or len(text) > LONGEST_WORD or (bare and confidence < NOISE):
            continue
        left, top, width, height = (float(side) for side in columns[6:10])
        line = columns[2:5]
        for part in text.split():
            yield RecognisedWord(
                part, (left, top, left + width, top + height), confidence, line != before
            )
            before, count = line, count + 1
        if count >= MOST_WORDS - 100:
            return


def answer_job(path: Path, job: dict[str, Any]) -> bytes:
    """The answer to a job of the reading process: the recognised page as JSON."""
    page = recognise_page(path, job["number"], engine_of_json(job["engine"]), job["languages"])
    return json.dumps(page.as_json(), ensure_ascii=False).encode("utf-8")
