"""What supports a statement, by hand: passages, quoted words, numbers, the seven-minute form."""

import pytest

from waymark.briefings.services import with_passage
from waymark.briefings.text.about import about_yaml, read_about
from waymark.briefings.text.statements import read_statements, with_plain_questions
from waymark.briefings.text.support import (
    BriefingSources,
    short_form_faults,
    text_faults,
    word_count,
)
from waymark.core.errors import ParseError, SpecError
from waymark.publishing.document.citations import CitedPassage, CitedRecord

FIRST, SECOND, GONE = "000000000001-0-40", "000000000002-0-40", "000000000003-0-40"
PASSAGES = {
    FIRST: CitedPassage(
        FIRST,
        "The midwife\u2019s notes run to two sheets for seven visits.",
        "R01",
        "Alder",
        "x",
        1,
    ),
    SECOND: CitedPassage(
        SECOND, "It was left blank at eleven consecutive reviews.", "R02", "Ash", "x", 2
    ),
}
RECORDS = {"law-2020": CitedRecord("law-2020", ("A body",), 2020, "A law")}
SOURCES = BriefingSources(
    PASSAGES, RECORDS, {"T3/deaths/n": "12"}, {GONE: "it is gone", "T3/fire/n": "it is withheld"}
)


def problems(text):
    return [row.message for row in text_faults("issues", read_statements("issues", text), SOURCES)]


def problems_of_questions(text):
    questions = with_plain_questions(read_statements("questions", text))
    return [row.message for row in text_faults("questions", questions, SOURCES)]


@pytest.mark.parametrize(
    "text",
    [
        f"The notes say little. [@{FIRST}]",
        f"{{quote {FIRST}}}",
        "We think so. {own}",
        "It is a duty. [@record:law-2020]",
        "In {T3/deaths/n} reviews a child died.",
        f"The notes of seven visits run to two sheets. [@{FIRST}]",
        f"The “midwife's notes run to two sheets”, it says. [@{FIRST}]",
        f"In two reviews the notes say little. [@{FIRST}] [@{SECOND}]",
        f"Some reviews say so. [@{FIRST}]",
        f"It was left blank at eleven reviews in a row. [@{SECOND}]",
        "We counted three cups. {own} {exempt three: cups are no people}",
        "In 2004 it began. {own}",
        f"The \u2018midwife\u2019s notes run to two sheets\u2019, it says. [@{FIRST}]",
        f"The boys' notes and the girls' notes say little. [@{FIRST}]",
        f"### Seven visits\n\nThe notes of seven visits say little. [@{FIRST}]",
        "### One day at a time\n\nWe think so. {own}",
    ],
)
def test_a_supported_statement_has_no_fault(text):
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("The notes say little.", "nothing supports this statement"),
        (f"We think so. [@{FIRST}] {{own}}", "is marked as your own and cites a passage"),
        (f"The notes say little. [@{GONE}]", "it is gone"),
        (f"The notes say little. [@{SECOND}9]", "there is no passage"),
        ("In {T3/fire/n} reviews it burned.", "it is withheld"),
        ("In {T3/other/n} reviews it burned.", "is no number of a published table"),
        ("It is a duty. [@record:law-2021]", "no publication law-2021"),
        (f"The notes are “very short”. [@{FIRST}]", "are not in the passages cited"),
        (f"The notes of nine visits say little. [@{FIRST}]", "“nine” is not in the passages"),
        ("Three cups were there. {own}", "“Three” is not in the passages"),
        (f"In three reviews the notes say little. [@{FIRST}]", "“three” counts reviews"),
        ("In 3 reviews it was so. {own} {exempt 3: I counted them}", "“3” counts reviews"),
        ("Most reviews say so. {own}", "“Most” counts reviews"),
        (f"Half of them. [@{FIRST}]", "“Half” is not in the passages"),
        (f"See {{see T3}}. [@{FIRST}]", "has no tables to refer to"),
        (
            f"The notes are \u2018very short\u2019. [@{FIRST}]",
            "the words “very short” are not in the",
        ),
        (f"The notes are 'very short'. [@{FIRST}]", "the words “very short” are not in the"),
        (
            f"### Nine visits\n\nThe notes of seven visits say little. [@{FIRST}]",
            "“Nine” in the heading “Nine visits” is in no statement under it",
        ),
        ("### Most reviews\n\nWe think so. {own}", "“Most” in the heading “Most reviews”"),
    ],
)
def test_a_fault_names_what_to_do(text, fault):
    assert any(fault in message for message in problems(text)), problems(text)


@pytest.mark.parametrize(
    "text",
    ["- Who asks?\n- Who would know, and when?", "Who says “we ask”?", "- We think so. {own}"],
)
def test_a_question_needs_no_support(text):
    assert problems_of_questions(text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("- They drank.", "nothing supports this statement"),
        ("They drank. Who asked?", "nothing supports this statement"),
        ("Who asked the nine mothers?", "“nine” is not in the passages"),
        ("Why do most reviews say so?", "“most” counts reviews"),
    ],
)
def test_a_claim_among_the_questions_needs_support(text, fault):
    assert any(fault in message for message in problems_of_questions(text))


def test_a_line_of_the_change_log_counts_no_reviews():
    log = read_statements("changes", "- 3 May 2026: 4 words.\n- Two reviews added.", plain=True)
    (fault,) = text_faults("changes", log, SOURCES)
    assert "“Two” counts reviews" in fault.message


def test_each_item_and_each_paragraph_is_a_statement_with_its_line():
    text = "### Endings\n\nOne thing. {own}\n\n- Another. {own}\n- A third.\n"
    rows = read_statements("issues", text).statements
    assert [(row.number, row.line, row.own) for row in rows] == [
        (1, 3, True),
        (2, 5, True),
        (3, 6, False),
    ]
    assert [row.words for row in rows] == ["One thing.", "Another.", "A third."]


# ---- the seven-minute form ----


def short(parts=7, questions=3, words=3):
    heads = [f"### Part {chr(64 + at)}\n\n{'Word ' * words}.\n" for at in range(1, parts + 1)]
    text = read_statements("short", "\n".join([*heads, *["- Who?"] * questions]))
    return with_plain_questions(text, last_part=True)


def test_a_seven_minute_form_has_seven_parts_three_questions_and_at_most_700_words():
    assert list(short_form_faults(short(), {})) == []
    # 7 headings of 2 words, 7 times 97, 3 questions of one word: 696.
    assert word_count(short(words=97), {}) == 696
    assert list(short_form_faults(short(words=97), {})) == []


def test_the_words_of_a_quotation_count_as_they_are_printed():
    quoted = read_statements("short", f"### Visits\n\n{{quote {FIRST}}}\n")
    # "The midwife's notes run to two sheets for seven visits": 10, and the heading.
    assert word_count(quoted, PASSAGES) == 11


def test_three_claims_in_place_of_the_questions_are_no_questions():
    heads = "\n".join(f"### {name}\n\nWe ask. {{own}}\n" for name in "ABCDEFG")
    text = read_statements("short", f"{heads}\n- They drank.\n- They moved.\n- They hid.\n")
    (fault,) = short_form_faults(with_plain_questions(text, last_part=True), {})
    assert "it has 0 that end with a question mark" in str(fault)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (short(parts=6), "needs 7 parts, each with a heading (###): it has 6"),
        (short(questions=2), "needs a list of 3 questions for the team in its last part"),
        (short(questions=4), "it has 4"),
        (short(words=98), "can have 700 words, not 703"),
    ],
)
def test_a_seven_minute_form_that_breaks_a_rule_says_which(text, fault):
    assert [fault in str(row) for row in short_form_faults(text, {})] == [True]


def test_questions_need_no_support_and_the_statement_above_them_does():
    text = "### Questions\n\nNo words support this.\n\n- Who asks?\n"
    rows = with_plain_questions(read_statements("short", text)).statements
    assert [row.plain for row in rows] == [False, True]


# ---- the description, and the button that cites ----


def test_a_description_is_written_and_read_again():
    about = read_about("title: A\naudience: b\nreviews: [R01, R02]\nfirst: 2003\nlast: 2008\n")
    assert read_about(about_yaml(about)) == about
    assert about.period == "2003 to 2008"


@pytest.mark.parametrize(
    "source",
    ["title: A\n", "title: A\naudience: b\nfirst: 2008\nlast: 2003\n", "title: [", "x: 1\n"],
)
def test_a_faulty_description_is_refused_with_its_line(source):
    with pytest.raises(SpecError):
        read_about(source)


def test_a_passage_is_cited_where_the_text_has_a_place_for_it():
    text = "First [@]. Second."
    assert with_passage(text, FIRST, quote=False) == f"First [@{FIRST}]. Second."
    assert with_passage("First.", FIRST, quote=False) == f"First. [@{FIRST}]\n"
    assert with_passage("First.", FIRST, quote=True) == f"First.\n\n{{quote {FIRST}}}\n"
    with pytest.raises(ParseError):
        with_passage("First.", "no key", quote=False)
