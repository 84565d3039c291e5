"""Recognising scanned pages: ours against the text that bare Tesseract writes for the same image.

    .venv/bin/python benchmarks/recognition.py

The pages are typeset here, so every word is known, and then skewed, blurred and made noisy: prose
in one and two columns, small print, tables whose cells have several lines, a sidebar. For each: the
share of words found, the share found in order, and seconds; bare, then ours. Ours draws the page at
300 dpi, straightens it, and finds lines, columns and paragraphs from the boxes of the words. Exits
with 1 where ours is below bare. Takes about two minutes on one core.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.documents.scanned_truth import DAMAGE, PAGES, bare_text, score
from tests.documents.scans import page_image, pdf_of_pages
from waymark.documents.isolation.engine import find_engine
from waymark.documents.isolation.parent import ReadingJob, read_job, recognise_isolated
from waymark.documents.reading.values import ReadingLimits

LIMITS = ReadingLimits()
TOLERANCE = 0.002  # one word of 500 that another rendering reads otherwise


def main() -> int:
    engine = find_engine()
    if engine is None:
        print("Tesseract is not installed: nothing to measure")
        return 0
    below = 0
    print(f"{engine.name}; words found, found in order, seconds\n")
    print(f"{'':38}{'bare Tesseract':>22}{'ours':>22}")
    with tempfile.TemporaryDirectory() as folder:
        for damage, values in DAMAGE.items():
            for name, make in PAGES.items():
                source, truth = make()
                image = page_image(source, **values)
                begun = time.monotonic()
                bare = score(truth, bare_text(image, int(values["dpi"])))
                middle = time.monotonic()
                path = pdf_of_pages(Path(folder) / "page.pdf", [image])
                page = recognise_isolated(path, 1, engine, "eng", LIMITS)
                text = read_job(ReadingJob(path, path.name, recognised={1: page}), LIMITS).text
                ours = score(truth, text)
                worse = any(mine < its - TOLERANCE for mine, its in zip(ours, bare, strict=True))
                below += worse
                print(
                    f"{damage:25}{name:13}"
                    f"{bare[0]:8.3f}{bare[1]:7.3f}{middle - begun:7.1f}"
                    f"{ours[0]:8.3f}{ours[1]:7.3f}{time.monotonic() - middle:7.1f}"
                    f"{'  below bare' if worse else ''}",
                    flush=True,
                )
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
