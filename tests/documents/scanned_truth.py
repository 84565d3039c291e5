"""Pages with known text, scanned on paper that was never there: for the test and the benchmark."""

import io
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from difflib import SequenceMatcher

import numpy as np
from PIL import Image

SENTENCES = (
    "The visits stopped in May and nobody wrote down a reason for it.",
    "The family had moved to another town, where the misunderstanding continued over the summer.",
    "The school noticed that the child was often tired and told the education welfare officer.",
    "The health visitor called four times at the house and found nobody at home.",
    "She wrote to the general practitioner, who did not answer the letter until the autumn.",
    "The panel met nine times and heard from eleven practitioners, who spoke frankly.",
    "Nobody asked the older brother what he had seen, although he was at home both times.",
    "The strategy discussion was held by telephone and recorded three weeks later.",
    "A referral to the housing service was closed because an appointment had been missed.",
    "Records of the two hospitals could not be compared because they used different names.",
    "Each agency should review its guidance within six months and report to the partnership.",
    "It was assumed that another service would take the lead, and so none of them did.",
)
AGENCIES = ("Housing service", "Midwifery", "Police", "School nursing", "Probation", "Social care")
TASKS = (
    "Write down why a visit was missed and tell the lead worker on the same day",
    "Tell the new school about a move before the child arrives there",
    "Share the chronology with all agencies of the core group every month",
    "Name a lead worker for each family that is known to three services",
    "Check an address twice before a case is closed because nobody was at home",
    "Ask older children what they have seen, alone and in their own words",
)
STATES = ("Complete", "Under way", "Not begun", "Complete", "Late", "Under way")
SETUP = (
    '#set page(paper: "a4", margin: 2.2cm)\n#set text(size: {size}pt, lang: "en", '
    "hyphenate: false)\n#set par(justify: true)\n"
)

Page = tuple[str, list[str]]
"""Source for typst, and the paragraphs, cells and headings in the order of reading."""


def prose(seed: int, paragraphs: int, words: int) -> list[str]:
    draw = np.random.default_rng(seed)
    texts = []
    for _ in range(paragraphs):
        chosen: list[str] = []
        while sum(len(sentence.split()) for sentence in chosen) < words:
            chosen.append(SENTENCES[draw.integers(len(SENTENCES))])
        texts.append(" ".join(chosen))
    return texts


def one_column() -> Page:
    texts = prose(1, 5, 60)
    return SETUP.format(size=11) + "= Findings\n\n" + "\n\n".join(texts), ["Findings", *texts]


def two_columns() -> Page:
    texts = prose(2, 8, 45)
    body = "\n\n".join(texts)
    return f"{SETUP.format(size=10)}= Findings\n#columns(2)[{body}]", ["Findings", *texts]


def small_print() -> Page:
    texts = prose(3, 6, 80)
    return SETUP.format(size=8) + "\n\n".join(texts), texts


def table(stroke: str) -> Page:
    """An action plan whose cells have several lines: read cell by cell, row by row."""
    rows = [("Agency", "Action", "By", "State")]
    for place, (agency, task, state) in enumerate(zip(AGENCIES, TASKS, STATES, strict=True)):
        rows.append((agency, task, f"May {2014 + place}", state))
    cells = ", ".join(f"[{cell}]" for row in rows for cell in row)
    before, after = prose(5, 2, 40)
    source = (
        f"{SETUP.format(size=11)}= Action plan\n\n{before}\n\n#set par(justify: false)\n"
        f"#table(columns: (3.2cm, 7cm, 2.2cm, 1fr), stroke: {stroke}, inset: 7pt, {cells})\n\n"
        f"{after}"
    )
    return source, ["Action plan", before, *(cell for row in rows for cell in row), after]


def sidebar() -> Page:
    main, side = prose(7, 4, 50), prose(8, 2, 20)
    body, beside = "\n\n".join(main), "\n\n".join(side)
    source = (
        f"{SETUP.format(size=11)}= Learning\n#grid(columns: (2fr, 1fr), gutter: 8mm)"
        f"[{body}][#set par(justify: false)\n{beside}]"
    )
    return source, ["Learning", *main, *side]


PAGES: dict[str, Callable[[], Page]] = {
    "one column": one_column,
    "two columns": two_columns,
    "small print": small_print,
    "table": lambda: table("none"),
    "ruled table": lambda: table("0.5pt"),
    "sidebar": sidebar,
}
DAMAGE: dict[str, dict[str, float]] = {
    "300 dpi, skew 1.5": {"dpi": 300, "skew": 1.5, "noise": 12, "blur": 0.8},
    "150 dpi, skew -2, noisy": {"dpi": 150, "skew": -2, "noise": 18, "blur": 0.6},
}


def words_in(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def score(truth: list[str], text: str) -> tuple[float, float]:
    """Shares of the true words that were found, and that were found in order."""
    true, read = words_in(" ".join(truth)), words_in(text)
    found = sum((Counter(true) & Counter(read)).values())
    blocks = SequenceMatcher(None, true, read, autojunk=False).get_matching_blocks()
    return found / len(true), sum(block.size for block in blocks) / len(true)


def bare_text(image: Image.Image, dpi: int) -> str:
    """The text that Tesseract itself writes for an image, without anything of ours."""
    drawn = io.BytesIO()
    image.save(drawn, "PNG")
    command = ["tesseract", "-", "-", "--dpi", str(dpi), "-l", "eng"]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    done = subprocess.run(
        command, input=drawn.getvalue(), capture_output=True, check=True, env=environment
    )
    return done.stdout.decode()
