"""References in the styles of the field, as a processor of citation styles prints them."""

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
            "Smith, B. (2009). A chapter. In A. Horn (ed.), Handbook (pp. 1\u201320). Press.",
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
