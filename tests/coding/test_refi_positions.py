"""Positions in projects of other programs: every selection has its own words, or is listed."""

from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.coding.refi_projects import DIALECTS, NVIVO_WINDOWS, Dialect, Project
from tests.shared import SHARED, needs_shared
from waymark.coding.files.refi.folding import FoldedText, fold
from waymark.coding.files.refi.offsets import OffsetReading, TextOffsets
from waymark.coding.files.refi.scoring import ProjectPlaces, project_places
from waymark.documents.parsers.qda import read_qda_file
from waymark.documents.reading.qda_values import QdaSelection, QdaSource, QdaText
from waymark.documents.reading.values import ReadingLimits

TEXT = (
    "Cafe\u0301 notes 😀 from the home visit.\n\n"
    "Nobody asked why the father had left. 👨\u200d👩\u200d👧 The baby was seen once.\n"
    "“Closed too soon”, said the naïve chair; \U0001d4b3 was not told.\nEnd of the report."
)
QUOTES = ["notes", "Nobody asked why", "The baby was seen once.\n“Closed too soon”", "was not told"]


def span_of(quote: str) -> tuple[int, int]:
    start = TEXT.index(quote)
    return start, start + len(quote)


@pytest.mark.parametrize("name", DIALECTS)
def test_every_selection_of_a_dialect_has_its_words(name, tmp_path):
    project = Project(DIALECTS[name])
    project.add_text("visit", TEXT, [(*span_of(quote), "Seen") for quote in QUOTES])
    read = read_bytes(project.package(), tmp_path)
    places = project_places(read)
    placed, others = places.places(read.sources[0])
    content = read.sources[0].text.content
    assert others == []
    words = [content[row.start : row.end].replace("\r\n", "\n") for row in placed]
    assert words == QUOTES
    assert places.choice.chosen.score == 1.0
    assert read.origin == DIALECTS[name].origin
    assert not read.faults


def read_bytes(content: bytes, folder: Path):
    path = folder / "study.qdpx"
    path.write_bytes(content)
    return read_qda_file(path, path.name, ReadingLimits())


def test_the_reading_of_nvivo_on_windows_is_named(tmp_path):
    project = Project(NVIVO_WINDOWS)
    project.add_text("visit", TEXT, [(*span_of(quote), "Seen") for quote in QUOTES])
    choice = project_places(read_bytes(project.package(), tmp_path)).choice
    assert str(choice.chosen.reading) == "counted in UTF-16 units, the end not included"
    # 8 of 8 ends between words; no selection has a name.
    assert (choice.chosen.at_words, choice.chosen.nameable) == (8, 0)
    assert choice.scores[1].score < 1


@needs_shared
def test_the_sample_of_atlas_ti_is_listed_because_it_has_no_texts():
    path = SHARED / "data/refi/sky-loom_TestProject.qdpx"
    project = read_qda_file(path, path.name, ReadingLimits())
    assert project.origin.startswith("ATLAS.ti 8.4")
    assert (len(project.codes), len(project.sources), project.faults) == (14, 12, ())
    texts = [source for source in project.sources if source.text]
    assert texts == []
    assert sum(len(source.selections) for source in project.sources) == 8
    assert {source.problem for source in project.sources} == {
        "its text file is not in the package",
        "it has no text",
    }


def places_of(text: str, *selections: tuple[str, int, int]) -> ProjectPlaces:
    rows = tuple(
        QdaSelection(str(number), name, start, end, "", "", ())
        for number, (name, start, end) in enumerate(selections)
    )
    source = QdaSource("S", "s", "TextSource", QdaText(text), (), rows, (), ())
    return ProjectPlaces([source], {})


def results(places: ProjectPlaces):
    placed, others = places.places(places._sources[0])
    return [(row.start, row.end, row.how) for row in placed], [row.reason for row in others]


def test_a_selection_at_a_wrong_position_is_found_by_its_words():
    text = "One is here. The social worker was not told. Two is there."
    places = places_of(
        text, ("One is here.", 0, 12), ("The social worker was not told.", 3, 20), ("Two", 45, 48)
    )
    assert results(places) == ([(0, 12, "checked"), (13, 44, "words"), (45, 48, "checked")], [])


def test_words_that_are_there_twice_are_listed_and_not_guessed():
    text = "It was closed. It was closed. Nobody asked."
    places = places_of(text, ("It was closed.", 100, 120), ("Nobody asked.", 30, 43))
    assert results(places) == ([(30, 43, "checked")], ["its position is outside its text"])


def test_positions_that_nothing_confirms_are_listed():
    # Both ends are within words, and no name says what is meant.
    places = places_of("Nobody asked why the father had left.", ("", 2, 10), ("Code 1", 3, 15))
    assert results(places) == ([], ["nothing confirms its position"] * 2)


def test_a_selection_that_two_equally_good_readings_place_differently_is_listed():
    # 2 to 3 is the dash in characters, and the letter a in UTF-16 units: both are whole.
    places = places_of("😀a\u2013b", ("", 2, 3))
    assert results(places) == ([], ["two readings of its position are equally good"])
    # That the end is included is not as likely as that it is not.
    assert results(places_of("a\u2013b", ("", 0, 1))) == ([(0, 1, "position")], [])


def test_long_and_cut_names_are_compared_at_their_ends():
    text = "Begin. " + "word " * 400 + "The end is here. More."
    whole = text[: text.index(" More")]
    places = places_of(text, (whole, 0, len(whole)), (whole, 0, len(whole) + 6))
    # The second ends elsewhere: its words are looked for, and are at the place of the first.
    assert results(places) == ([(0, len(whole), "checked"), (0, len(whole), "words")], [])
    places = places_of(text, ("Begin. word word \u2026 ", 0, 50), ("Beg...", 0, 50))
    assert [how for _, _, how in results(places)[0]] == ["checked", "checked"]


def test_names_that_are_nowhere_take_bounded_time():
    text = "Nobody asked why 😀 the child left. é \r\n" * 20_000
    name = " " * 200_000 + "x" * 200_000
    rows = [(f"{name}\u2026", number, 500_000) for number in range(20)]
    rows += [(f"not there {number}", number, 500_000) for number in range(2_000)]
    start = process_time()
    placed, reasons = results(places_of(text, *rows))
    assert len(placed) + len(reasons) == 2_020
    assert {how for *_, how in placed} <= {"position"}
    # Measured: 1.2 s of processor. Without the bounds it takes minutes.
    assert process_time() - start < 20


def test_positions_within_a_character_or_beyond_the_text_are_none():
    offsets = TextOffsets(QdaText("a😀b"))
    utf16 = OffsetReading("utf-16")
    assert offsets.place(1, 3, utf16) == (1, 2)
    assert offsets.place(2, 3, utf16) is None
    assert offsets.place(0, 99, utf16) is None
    assert offsets.place(-1, 1, utf16) is None
    assert offsets.place(3, 3, utf16) is None
    assert offsets.place(10**12, 10**12, OffsetReading(includes_end=True)) is None


@pytest.mark.parametrize(
    ("reading", "place"),
    [
        (OffsetReading(), (6, 9)),
        (OffsetReading("utf-16"), (7, 10)),
        (OffsetReading("bytes"), (10, 13)),
        (OffsetReading(line_breaks="one"), (5, 8)),
        (OffsetReading(counts_mark=True), (7, 10)),
        (OffsetReading(includes_end=True), (6, 8)),
    ],
    ids=str,
)
def test_the_example_of_the_documentation_is_read_in_each_unit(reading, place):
    # "Né 😀\r\nend": the worked example at the head of offsets.py.
    assert TextOffsets(QdaText("Né 😀\r\nend", has_mark=True)).place(*place, reading) == (6, 9)


HARD_CHARACTERS = "ab é\u0301😀\U0001d4b3\n  .,“”\u2019\u2013\u00ad\ufeffñ"
HARD = st.text(st.sampled_from(HARD_CHARACTERS), min_size=1, max_size=60)
ANY_DIALECT = st.builds(
    Dialect,
    origin=st.just("Any 1"),
    unit=st.sampled_from(["characters", "utf-16", "bytes"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    newline_counts=st.sampled_from([None, 1, 2]),
    mark=st.booleans(),
    mark_counts=st.booleans(),
    end_included=st.booleans(),
    names=st.sampled_from(["whole", "cut"]),
)


@settings(max_examples=60)
@given(HARD, st.lists(st.tuples(st.integers(0, 59), st.integers(1, 20)), max_size=5), ANY_DIALECT)
def test_a_selection_with_a_whole_name_has_its_words_or_is_listed(text, spans, dialect):
    rows, words = [], {}
    for number, (start, length) in enumerate(spans):
        end = min(len(text), start + length)
        if start < end:
            first, last = dialect.place(text, start, end)
            words[str(number)] = text[start:end]
            rows.append(QdaSelection(str(number), text[start:end], first, last, "", "", ()))
    stored = QdaText(text.replace("\n", dialect.newline), has_mark=dialect.mark)
    source = QdaSource("S", "s", "TextSource", stored, (), tuple(rows), (), ())
    places = ProjectPlaces([source], {})
    placed, others = places.places(source)
    assert len(placed) + len(others) == len(rows)
    for row in placed:
        if row.how != "position":
            found = stored.content[row.start : row.end]
            assert fold(found) == fold(words[row.selection.guid])


@settings(max_examples=60)
@given(HARD, HARD)
def test_folded_words_are_at_the_span_that_is_found(before, words):
    text = FoldedText(f"{before}Zq{words}")
    span = text.find("Zq")
    assert span is not None
    assert span.of(text.text) == "Zq"
    start, end = text.folded_span(0, len(text.text))
    assert text.folded[start:end] == text.folded
