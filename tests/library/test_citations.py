"""References in the styles of the field, as a processor of citation styles prints them."""

from dataclasses import replace
from datetime import date

import pytest

from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writers import WRITINGS
from waymark.library.exchange.writers.citations import references, write_references

ARTICLE = RecordData(
    kind="journal-article",
    title="Crossing rivers & <b>roads</b>",
    strapline="a study",
    authors=("Byrne, Aoife Mary", "Board for Bees, Honey and Wax"),
    author_bodies=("Board for Bees, Honey and Wax",),
    host_title="Journal of rivers",
    volume="41",
    issue="2",
    pages="242-260",
    year=2011,
    doi="10.1000/182",
)
REVIEW = RecordData(
    kind="case-review",
    title="Child Z",
    board="Ash, Oak and Elm Board",
    review_type="Serious case review",
    year=2004,
    page="https://library.test/reviews/R01/",
)
CHAPTER = RecordData(
    kind="book-chapter",
    title="A chapter",
    authors=("Smith, Bo",),
    editors=("Horn, Ann",),
    host_title="Handbook",
    publisher="Press",
    place="London",
    pages="1-20",
    year=2009,
)


# By hand, from the guides of the styles.
@pytest.mark.parametrize(
    ("style", "article", "review", "chapter"),
    [
        (
            "harvard",
            (
                "Byrne, A.M. and Board for Bees, Honey and Wax (2011) \u2018Crossing rivers & "
                "<b>roads</b>: a study\u2019, Journal of rivers, 41(2), pp. 242\u2013260. "
                "Available at: https://doi.org/10.1000/182."
            ),
            (
                "Ash, Oak and Elm Board (2004) Child Z. Serious case review. "
                "Ash, Oak and Elm Board. Available at: https://library.test/reviews/R01/."
            ),
            (
                "Smith, B. (2009) \u2018A chapter\u2019, in A. Horn (ed.) Handbook. London: Press, "
                "pp. 1\u201320."
            ),
        ),
        (
            "apa",
            (
                "Byrne, A. M., & Board for Bees, Honey and Wax. (2011). Crossing rivers & "
                "<b>roads</b>: a study. Journal of Rivers, 41(2), 242\u2013260. "
                "https://doi.org/10.1000/182"
            ),
            (
                "Ash, Oak and Elm Board. (2004). Child Z [Serious case review]. Ash, Oak and Elm "
                "Board. https://library.test/reviews/R01/"
            ),
            "Smith, B. (2009). A chapter. In A. Horn (Ed.), Handbook (pp. 1\u201320). Press.",
        ),
        (
            "vancouver",
            (
                "Byrne AM, Board for Bees, Honey and Wax. Crossing rivers & <b>roads</b>: a study. "
                "Journal of rivers. 2011;41(2):242\u201360. doi:10.1000/182"
            ),
            (
                "Ash, Oak and Elm Board. Child Z [Serious case review] [Internet]. Ash, Oak and "
                "Elm Board; 2004. Available from: https://library.test/reviews/R01/"
            ),
            "Smith B. A chapter. In: Horn A, editor. Handbook. London: Press; 2009. p. 1\u201320.",
        ),
    ],
)
def test_works_of_three_kinds_are_cited_as_the_style_has_them(style, article, review, chapter):
    assert references([ARTICLE, REVIEW, CHAPTER], style) == [article, review, chapter]


def test_a_file_is_sorted_by_name_or_numbered():
    lines = write_references([REVIEW, ARTICLE], "harvard").decode().splitlines()
    assert [line[:4] for line in lines] == ["Ash,", "Byrn"]
    lines = write_references([ARTICLE, REVIEW], "vancouver").decode().splitlines()
    assert [line[:6] for line in lines] == ["1. Byr", "2. Ash"]


def test_the_styles_are_formats_of_every_export():
    assert [WRITINGS[f"{style}.txt"].label for style in ("harvard", "apa", "vancouver")] == [
        "References (Harvard)",
        "References (APA)",
        "References (Vancouver)",
    ]


EDITED = RecordData(
    kind="book",
    title="Edited book",
    editors=("Sidmouth, Pat", "Horwood, Jo"),
    publisher="Press",
    year=2012,
)
UNSIGNED = RecordData(kind="book-chapter", title="A chapter", host_title="Handbook", year=2015)
ODD = RecordData(kind="tool", title="Odd kind")
EDITORS_ONLY = replace(CHAPTER, authors=())


# By hand, from the guides of the styles.
@pytest.mark.parametrize(
    ("style", "edited", "unsigned", "odd", "editors_only"),
    [
        (
            "harvard",
            "Sidmouth, P. and Horwood, J. (eds) (2012) Edited book. Press.",
            "\u2018A chapter\u2019 (2015) in Handbook.",
            "\u2018Odd kind\u2019 (no date).",
            (
                "Horn, A. (ed.) (2009) \u2018A chapter\u2019, in Handbook. London: Press, "
                "pp. 1\u201320."
            ),
        ),
        (
            "apa",
            "Sidmouth, P., & Horwood, J. (Eds.). (2012). Edited book. Press.",
            "A chapter. (2015). In Handbook.",
            "Odd kind. (n.d.).",
            "Horn, A. (Ed.). (2009). A chapter. In Handbook (pp. 1\u201320). Press.",
        ),
        (
            "vancouver",
            "Sidmouth P, Horwood J, editors. Edited book. Press; 2012.",
            "A chapter. In: Handbook. 2015.",
            "Odd kind.",
            "Horn A, editor. A chapter. In: Handbook. London: Press; 2009. p. 1\u201320.",
        ),
    ],
)
def test_editors_and_titles_that_begin_a_reference_are_not_repeated(
    style, edited, unsigned, odd, editors_only
):
    assert references([EDITED, UNSIGNED, ODD, EDITORS_ONLY], style) == [
        edited,
        unsigned,
        odd,
        editors_only,
    ]


@pytest.mark.parametrize(
    ("pages", "whole", "shortest"),
    [
        ("104-17", "104\u2013117", "104\u201317"),
        ("104-117", "104\u2013117", "104\u201317"),
        ("98-104", "98\u2013104", "98\u2013104"),
        ("10-104", "10\u2013104", "10\u2013104"),
        ("1-20, 104\u20139", "1\u201320, 104\u2013109", "1\u201320, 104\u20139"),
        ("7", "7", "7"),
    ],
)
def test_ranges_of_pages_are_whole_or_as_short_as_the_style_has_them(pages, whole, shortest):
    article = replace(ARTICLE, pages=pages)
    label = "p." if whole.isdigit() else "pp."
    assert f", {label} {whole}. " in references([article], "harvard")[0]
    assert f", {whole}. https" in references([article], "apa")[0]
    assert f":{shortest}. doi" in references([article], "vancouver")[0]


def test_dates_of_vancouver_have_spaces_between_year_month_and_day():
    review = replace(REVIEW, published_on=date(2010, 6, 3), accessed_on=date(2026, 9, 30))
    (printed,) = references([review], "vancouver")
    assert "; 2010 Jun [cited 2026 Sep 30]. Available" in printed
    article = replace(ARTICLE, published_on=date(2011, 5, 4))
    assert "rivers. 2011 May 4;41(2)" in references([article], "vancouver")[0]


@pytest.mark.parametrize("style", ["harvard", "apa", "vancouver"])
def test_no_mark_follows_the_mark_that_ends_a_title_and_an_edition_is_printed_once(style):
    asked = replace(ARTICLE, title="What can we learn?", strapline="a study.")
    (printed,) = references([asked], style)
    assert "What can we learn? a study" in printed
    assert "study.\u2019" not in printed
    assert ".." not in printed
    book = replace(EDITED, authors=("Smith, Bo",), edition="2", host_title="Child Abuse Review")
    assert references([book], style)[0].count("2nd ed") == 1
