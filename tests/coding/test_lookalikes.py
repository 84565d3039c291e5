"""A quote that only looks like the report's words is refused with the letter by name."""

import pytest

from waymark.coding.files.coding_file import find_quote
from waymark.core.errors import RuleError

TEXT = (
    "Consequently, the child\u2019s wishes were not heard."
    " The re\u00adview found Zoë alone - again."
)


def refusal(quote, text=TEXT):
    with pytest.raises(RuleError) as error:
        find_quote(text, quote)
    return str(error.value)


@pytest.mark.parametrize(
    ("quote", "says"),
    [
        (
            "Cons\u0435quently, the child\u2019s wishes",
            (
                "character 5 is \u0435 (CYRILLIC SMALL LETTER IE, U+0435), where the report has"
                " e (LATIN SMALL LETTER E, U+0065)"
            ),
        ),
        (
            "wishes were n\u03bft heard",
            (
                "character 14 is \u03bf (GREEK SMALL LETTER OMICRON, U+03BF), where the report has"
                " o (LATIN SMALL LETTER O, U+006F)"
            ),
        ),
        (
            "the child's wishes",
            (
                "character 10 is ' (APOSTROPHE, U+0027), where the report has"
                " \u2019 (RIGHT SINGLE QUOTATION MARK, U+2019)"
            ),
        ),
        (
            "wishes were\u00ad not heard",
            "character 12 is (SOFT HYPHEN, U+00AD), which the report does not have",
        ),
        ("The review found", "before character 7 the report has (SOFT HYPHEN, U+00AD)"),
        (
            "view found Zoe\u0308 alone",
            (
                "character 14 is e (LATIN SMALL LETTER E, U+0065), where the report has"
                " ë (LATIN SMALL LETTER E WITH DIAERESIS, U+00EB)"
            ),
        ),
        (
            "found Zoë alone \u2013 again",
            (
                "character 17 is \u2013 (EN DASH, U+2013), where the report has"
                " - (HYPHEN-MINUS, U+002D)"
            ),
        ),
    ],
)
def test_a_letter_that_looks_like_the_reports_is_named_with_its_place(quote, says):
    assert says in refusal(quote)
    assert refusal(quote).endswith(": copy the words from the report")


def test_a_no_break_space_is_a_space():
    assert find_quote(TEXT, "wishes\u00a0were not").of(TEXT) == "wishes were not"


def test_every_letter_is_named_up_to_three():
    message = refusal("th\u0435 child\u0027s wish\u0435s w\u0435re not heard")
    assert [f"character {n} " in message for n in (3, 10, 17, 21)] == [True, True, True, False]


@pytest.mark.parametrize(
    "quote", ["the child was heard", "\u0430\u0435\u043e", "wholly other words\u2019"]
)
def test_words_that_are_not_there_at_all_are_not_explained_by_letters(quote):
    assert "U+" not in refusal(quote)


def test_where_two_places_look_like_the_quote_none_is_chosen():
    assert "U+" not in refusal("she\u2019d left home", "she'd left home. she'd left home.")


def test_a_long_quote_against_a_long_text_is_refused_at_once():
    quote = ("e\u0435-' " * 400).strip()
    assert "not in the report" in refusal(quote, "e-e-'e " * 20_000)
