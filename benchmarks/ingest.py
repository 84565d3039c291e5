"""Reading reports: the whole of what `waymark ingest` reads against bare pdfium text reading.

    .venv/bin/python benchmarks/ingest.py [--rounds 7] [--folder DIR]

Reads every PDF of a folder ($WAYMARK_SHARED or ../shared: 20 inspection reports of 371 pages; any
folder will do), round by round, so that each round's figures come from the same minutes of a
machine that may be shared. Medians over the rounds; the ratio is the median of the rounds' ratios.

    bare        pypdfium2: open, load each page, get its text; in this process, one file after
                another
    one reader  ours: preflight, words with boxes, reading order, furniture, paragraphs, headings,
                packed boxes, each file in a child of its own, the answer checked; one at a time
    two readers the same, two files at a time

Answers are checked: the same number of pages, every span within the text, and at least 99.5 % of
the letters and digits that bare reading gives, in the text or in running headers and footers, which
are set apart (words off the page are left out by design).
Last, pages of two columns drawn line by line across both: the share of runs of six words that come
out in order, for bare reading and for ours.
"""

import argparse
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pypdfium2

from tests.documents.making import line, pdf_of
from waymark.core.errors import FileRefused
from waymark.documents.isolation.parent import ReadingJob, read_isolated, read_many
from waymark.documents.reading.values import ReadingLimits, ReadReport, broken_laws

SHARED = Path(os.environ.get("WAYMARK_SHARED") or Path(__file__).resolve().parents[2] / "shared")
LIMITS = ReadingLimits()
RUN = 6
LEAST_READ = 0.995
SAID = (
    "the panel found that nobody had asked about visits made in winter when records were kept by "
    "different services and letters went unanswered although the school wrote twice to the clinic"
)
VOCABULARY = tuple(SAID.split())


def bare(paths: list[Path]) -> dict[Path, str]:
    """The text of each file as pdfium gives it."""
    texts = {}
    for path in paths:
        document = pypdfium2.PdfDocument(path)
        pages = []
        for number in range(len(document)):
            page = document[number]
            layer = page.get_textpage()
            pages.append(layer.get_text_range())
            layer.close()
            page.close()
        document.close()
        texts[path] = "\f".join(pages)
    return texts


def ours(paths: list[Path], workers: int) -> dict[Path, ReadReport]:
    """The reading of each file, in children."""
    reports = {}
    jobs = [ReadingJob(path, path.name) for path in paths]
    for job, read in read_many(jobs, workers=workers, limits=LIMITS):
        if isinstance(read, FileRefused):
            raise SystemExit(f"refused: {read}")
        reports[job.path] = read
    return reports


def timed(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def letters(text: str) -> int:
    """The number of letters and digits."""
    return sum(map(str.isalnum, text))


def check(texts: dict[Path, str], reports: dict[Path, ReadReport]) -> int:
    """The number of pages. Ends the run when the answers are not right."""
    pages = 0
    for path, text in texts.items():
        report = reports[path]
        assert len(report.pages) == text.count("\f") + 1, path
        assert broken_laws(report) == [], path
        read = letters(report.text) + sum(letters(line.text) for line in report.running_lines)
        share = read / max(1, letters(text))
        assert LEAST_READ <= share <= 2 - LEAST_READ, (path, share)
        pages += len(report.pages)
    return pages


def column(seed: int) -> list[str]:
    """Thirty lines of prose; the order of the words differs from line to line and by seed."""
    count = len(VOCABULARY)
    steps = [(7 * seed + 11 * n) % count for n in range(30)]
    return [" ".join(VOCABULARY[(at + 3 * n) % count] for n in range(8)) for at in steps]


def in_order(found: str, columns: list[list[str]]) -> float:
    """The share of runs of six words of the columns that stand in the text that was found."""
    found = f" {' '.join(found.split())} "
    runs = []
    for lines in columns:
        words = " ".join(lines).split()
        runs += [f" {' '.join(words[n : n + RUN])} " for n in range(len(words) - RUN + 1)]
    return sum(run in found for run in runs) / len(runs)


def two_columns() -> tuple[float, float]:
    """Bare and ours, on pages drawn line by line across both columns."""
    columns, pages = [], []
    for number in range(4):
        left, right = column(2 * number), column(2 * number + 1)
        rows = zip(left, right, strict=True)
        pages.append(
            b"".join(
                line(50, 780 - 14 * n, a, size=8) + line(330, 780 - 14 * n, b, size=8)
                for n, (a, b) in enumerate(rows)
            )
        )
        columns += [left, right]
    with tempfile.TemporaryDirectory() as folder:
        path = pdf_of(pages, Path(folder) / "columns.pdf")
        return (
            in_order(bare([path])[path], columns),
            in_order(read_isolated(path, path.name, LIMITS).text, columns),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Reading reports against bare pdfium.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", type=Path, default=SHARED / "data" / "ofsted_pdf")
    options = parser.parse_args()
    paths = sorted(options.folder.glob("**/*.pdf"))
    if not paths:
        raise SystemExit(f"no PDF in {options.folder}: name another folder with --folder")
    pages = check(bare(paths), ours(paths, workers=2))
    print(f"{len(paths)} files, {pages} pages, {options.rounds} rounds")
    ways: dict[str, Callable[[], object]] = {
        "bare": lambda: bare(paths),
        "one reader": lambda: ours(paths, workers=1),
        "two readers": lambda: ours(paths, workers=2),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, work in ways.items():
            seconds[name].append(timed(work))
    for name, times in seconds.items():
        ratio = statistics.median(
            own / least for own, least in zip(times, seconds["bare"], strict=True)
        )
        speed = pages / statistics.median(times)
        print(f"{name:12} {speed:7.0f} pages/s   {ratio:5.2f} times bare")
    drawn, read = two_columns()
    print(f"two columns drawn across: {drawn:.2f} of runs in order bare, {read:.2f} ours")


if __name__ == "__main__":
    main()
