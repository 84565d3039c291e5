"""Laws that hold for whatever a file says: the text slices exactly, words lie in their page."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.documents.making import line, pdf_of
from tests.shared import SHARED, needs_shared
from waymark.core.errors import FileRefused
from waymark.documents.ingest import expand_paths
from waymark.documents.isolation import ipc
from waymark.documents.isolation.parent import ReadingJob, read_many
from waymark.documents.parsers import parser_for, pdf
from waymark.documents.parsers.plain import pieces_of
from waymark.documents.reading.details import is_detail, is_labelled
from waymark.documents.reading.values import ReadingLimits, broken_laws

LIMITS = ReadingLimits()
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
written = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), min_size=1)
placed = st.tuples(
    st.integers(-50, 640), st.integers(-50, 890), written, st.sampled_from([6, 10, 11, 24]),
    st.booleans(),
)  # fmt: skip


@quick
@given(
    pages=st.lists(st.lists(placed, max_size=12), min_size=1, max_size=4),
    turn=st.sampled_from([0, 90, 180, 270]),
)
def test_a_pdf_keeps_the_laws_wherever_its_words_stand(tmp_path, pages, turn):
    contents = [
        b"".join(line(x, y, text, size=size, bold=bold) for x, y, text, size, bold in page)
        for page in pages
    ]
    path = pdf_of(contents, tmp_path / "any.pdf", rotate=turn)
    try:
        report = pdf.read_pdf(path, "any.pdf", LIMITS)
    except FileRefused:
        return
    assert broken_laws(report) == []
    assert unicodedata.is_normalized("NFC", report.text)
    words = [report.text[word.start : word.end] for page in report.pages for word in page.words]
    # The words, in the order of their places, are the text but for the white space.
    assert "".join(words) == "".join(report.text.split())
    assert ipc.decode_report(ipc.encode_report(report)) == report


@quick
@given(st.text())
def test_a_text_file_keeps_the_laws_whatever_it_holds(tmp_path, content):
    path = tmp_path / "any.txt"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    try:
        read = parser_for(path.read_bytes()[:4_096], path.name)
        report = read(path, path.name, LIMITS)
    except FileRefused:
        return
    assert broken_laws(report) == []
    assert unicodedata.is_normalized("NFC", report.text)


@quick
@given(st.text(st.characters(categories=["L", "N", "P", "Zs"], include_characters="\n")))
def test_every_letter_of_a_text_file_reaches_a_passage(content):
    text = "".join(piece.text for piece in pieces_of(content))
    letters = [c for c in unicodedata.normalize("NFC", content) if c.isalpha()]
    assert [c for c in text if c.isalpha()] == letters


@quick
@given(st.binary(max_size=300))
def test_an_answer_that_is_no_report_is_refused(answer):
    with pytest.raises(ipc.RuleError):
        ipc.decode_report(answer)


@needs_shared
def test_real_reports_keep_the_laws_and_have_headings_and_running_lines():
    paths = expand_paths([SHARED / "data" / "ofsted_pdf"])
    reports = {
        job.path: read
        for job, read in read_many(
            [ReadingJob(path, path.name) for path in paths], workers=2, limits=LIMITS
        )
    }
    assert len(reports) == 20
    assert sum(len(report.pages) for report in reports.values()) == 371
    for path, report in reports.items():
        assert broken_laws(report) == [], path.name
        assert report.running_lines, path.name
        # Authors, titles and descriptions of pictures outside the pages: nothing else is hidden.
        assert {find.kind for find in report.hidden} <= {"metadata", "alternate"}, path.name
        under = sum(1 for passage in report.passages if passage.heading)
        assert under > 0.7 * len(report.passages), path.name
        sections = ("Recommendations", "What needs to improve")
        assert any(
            passage.kind == "item" and passage.heading.split(" > ")[-1].startswith(sections)
            for passage in report.passages
        ), path.name
        assert not any(
            is_detail(heading) or is_labelled(heading)
            for passage in report.passages
            for heading in passage.heading.split(" > ")
        ), path.name
        # No half of a paragraph or item is left: none begins with a small letter.
        texts = [report.text[passage.start : passage.end] for passage in report.passages]
        assert [text for text in texts if text[0].islower()] == [], path.name
        # A paragraph broken off by mistake ends in the middle of a sentence.
        prose = [passage for passage in report.passages if passage.kind == "paragraph"]
        ends = [report.text[passage.start : passage.end] for passage in prose]
        long = [text for text in ends if len(text) > 200]
        finished = sum(text[-1] in ".:;?!\u2019\u201d)" or text[-1].isdigit() for text in long)
        assert finished >= 0.85 * len(long), path.name
