"""The demo's sources: fictional, complete, each its own."""

import re
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from tests.demo.files import THEMES_IN_ORDER, agreed_in_files, coding_files
from waymark.coding.agreement import agreement_within_codes, cohen_kappa
from waymark.coding.files.coding_file import read_adjudication, read_coding
from waymark.core.errors import SpecError
from waymark.demo.report_files import BANNER, WRITERS, write_pdf, write_scan
from waymark.demo.sources import read_collection, read_progress, read_source, sources_folder
from waymark.recommendations.progress_rules import (
    ReportedState,
    progress_doubts,
    progress_faults,
)

PLACE = sources_folder()
COLLECTION = read_collection(PLACE)
REVIEWS = [listed.review for listed in COLLECTION.reports]


def source(review):
    return read_source(PLACE / "reports" / f"{review}.md")


def test_there_are_24_reports_in_four_kinds_of_file_most_of_them_pdf():
    kinds = Counter(listed.file for listed in COLLECTION.reports)
    assert (len(REVIEWS), kinds["scan"]) == (24, 1)
    assert kinds["pdf"] > 12
    assert kinds["docx"] > 0 < kinds["html"]


@pytest.mark.parametrize("review", REVIEWS)
def test_every_report_has_headings_findings_and_a_believable_length(review):
    blocks = source(review).blocks
    words = sum(len(block.text.split()) for block in blocks)
    assert 900 <= words <= 1_600
    assert sum(block.kind == "heading" for block in blocks) >= 4


def test_no_two_reports_share_nine_words_in_a_row():
    seen = {}
    for review in REVIEWS:
        words = re.findall(r"[a-z0-9']+", " ".join(b.text for b in source(review).blocks).lower())
        for at in range(len(words) - 8):
            run = tuple(words[at : at + 9])
            assert seen.setdefault(run, review) == review, " ".join(run)


def test_the_title_page_says_that_a_report_was_never_published_but_released_for_research():
    about = source("R18").about
    assert about.dates_in_words == (
        "Completed 12 March 2008, not published, released for research 24 June 2008"
    )
    assert about.dates_in_words.encode() in WRITERS["html"][1](source("R18"))


def test_the_reports_became_available_in_three_ways():
    ways = Counter(source(review).about.release for review in REVIEWS)
    assert ways == {"full": 6, "summary": 6, "research": 12}


@pytest.mark.parametrize("how", list(WRITERS))
def test_the_same_source_always_gives_the_same_bytes(how):
    _, write = WRITERS[how]
    assert write(source("R01")) == write(source("R01"))


def test_every_page_says_that_the_report_is_fictional():
    import pypdfium2

    for made in (write_pdf(source("R01")), write_scan(source("R17"))):
        with pypdfium2.PdfDocument(made) as pdf:
            assert len(pdf) >= 2
            assert all(BANNER in page.get_textpage().get_text_range() for page in pdf)


def test_six_reviews_are_coded_by_both_coders_and_the_others_by_one():
    files = list((PLACE / "codings").glob("*.coder.*.yaml"))
    coders = Counter(read_coding(f.read_text("utf-8"), file=f.name)[0].review for f in files)
    assert sorted(coders) == REVIEWS
    assert Counter(coders.values()) == {1: 18, 2: 6}
    settled = {
        read_adjudication(f.read_text("utf-8"), file=f.name)[0].review
        for f in (PLACE / "codings").glob("*.adjudication.yaml")
    }
    assert settled == {review for review, number in coders.items() if number == 2}


def test_something_is_told_about_each_recommendation_once():
    progress = [(entry.review, entry.number) for entry in read_progress(PLACE).progress]
    assert len(progress) == len(set(progress)) == 96
    assert all(a < b for a, b in pairwise(progress))


def test_no_progress_of_the_demo_is_impossible_or_doubtful():
    for entry in read_progress(PLACE).progress:
        state = ReportedState(
            entry.status, entry.impact, entry.due, entry.evidence, entry.evidence_on
        )
        made_on = source(entry.review).about.completed
        assert progress_faults(state, made_on=made_on, today=date(2010, 3, 31)) == []
        assert progress_doubts(state, made_on=made_on) == []


def test_impossible_progress_in_a_file_is_refused_at_its_line(tmp_path):
    lines = (
        "format: waymark-progress 1",
        "progress:",
        "- {review: R01, number: 1, status: complete, impact: practice_change}",
        "- {review: R01, number: 2, status: not_started, impact: practice_change}",
    )
    (tmp_path / "progress.yaml").write_text("\n".join(lines), "utf-8")
    with pytest.raises(
        SpecError, match="line 4: progress: a recommendation that has not been started"
    ):
        read_progress(tmp_path)


def test_the_agreement_on_parts_of_themes_that_a_chapter_gives_is_that_of_the_coding_files():
    themes = {f"prac.{theme}" for theme in THEMES_IN_ORDER}
    agreed = {code for code, _ in agreed_in_files()}
    parts = sorted(code for code in agreed - themes if ".".join(code.split(".")[:2]) in themes)
    coders = [
        [{one["code"] for one in file["codings"]} for file in files]
        for files in coding_files().values()
        if len(files) == 2
    ]
    first, second = (
        [str(part in codes[at]) for codes in coders for part in parts] for at in (0, 1)
    )
    alike = sum(a == b for a, b in zip(first, second, strict=True))
    chapter = (PLACE / "report" / "methodology.after.md").read_text("utf-8")
    assert f"on {alike} of {len(first)} decisions" in chapter
    by_part = [
        [tuple([str(part in codes[at])] for at in (0, 1)) for codes in coders] for part in parts
    ]
    within = agreement_within_codes(cohen_kappa, by_part).together
    pooled = cohen_kappa(first, second)
    assert f"a kappa of {within:.2f} within parts and {pooled:.2f} pooled" in chapter
