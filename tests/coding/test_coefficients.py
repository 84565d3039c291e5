"""Coefficients for any number of coders, against published examples and the figures of irrCAC."""

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.demo.files import THEMES_IN_ORDER, coding_files
from tests.shared import SHARED, needs_shared
from waymark.coding.agreement import agreement_within_codes, bootstrap_intervals
from waymark.coding.agreement import cohen_kappa as kappa_of_two
from waymark.coding.agreement import gwet_ac1 as ac1_of_two
from waymark.coding.agreement.coefficients import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    raw,
    total,
    unit_sums,
)
from waymark.coding.agreement.ratings import (
    Rating,
    RatingScale,
    agreement_weights,
    collect_ratings,
    masi_distance,
)
from waymark.coding.agreement.summary import CodedRating, summarise_agreement
from waymark.core.errors import RuleError

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), part C: three coders, fifteen
# units, a star where a coder gave no value.
TEXTBOOK = (
    "* * * * * 3 4 1 2 1 1 3 3 * 3",
    "1 * 2 1 3 3 4 3 * * * * * * *",
    "* * 2 1 3 4 4 * 2 1 1 3 3 * 4",
)
# Fleiss 1971: how many of 14 raters put each of 10 subjects into each of 5 categories.
FLEISS = (
    *((0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1)),
    *((7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7)),
)
GWET = sorted((SHARED / "data" / "agreement" / "gwet").glob("*.json"))


def ratings_of(*lines, scale=()):
    """Ratings of one line for each coder, a value for each unit, "*" for none."""
    rows = [
        Rating(f"u{unit}", f"c{coder}", value)
        for coder, line in enumerate(lines)
        for unit, value in enumerate(line.split() if isinstance(line, str) else line)
        if value != "*"
    ]
    return collect_ratings(rows, scale)


def figure(coefficient, ratings, scale=RatingScale.NOMINAL):
    weights = agreement_weights(ratings.values, scale)
    return float(coefficient(total(unit_sums(ratings, weights)), weights)[0])


def table_of(counts):
    """Two coders' ratings with these counts: row of the first by column of the second."""
    size = range(len(counts))
    pairs = [
        (str(row), str(column))
        for row, column in product(size, size)
        for _ in range(counts[row][column])
    ]
    first, second = zip(*pairs, strict=True)
    return ratings_of(first, second, scale=[str(value) for value in size])


# ---- published examples ----


def test_alpha_of_the_textbook_matrix_with_missing_values():
    assert figure(krippendorff_alpha, ratings_of(*TEXTBOOK)) == pytest.approx(0.6914, abs=5e-5)


def test_alpha_of_the_textbook_matrix_for_intervals():
    alpha = figure(krippendorff_alpha, ratings_of(*TEXTBOOK), RatingScale.QUADRATIC)
    assert alpha == pytest.approx(0.811, abs=5e-4)


def test_kappa_of_fleiss_own_example():
    coders = [[] for _ in range(14)]
    for counts in FLEISS:
        values = [str(value) for value, number in enumerate(counts) for _ in range(number)]
        for coder, value in zip(coders, values, strict=True):
            coder.append(value)
    assert figure(fleiss_kappa, ratings_of(*coders)) == pytest.approx(0.210, abs=5e-4)


@needs_shared
@pytest.mark.parametrize("path", GWET, ids=[path.stem for path in GWET])
def test_ac1_and_ac2_are_those_of_irrcac(path):
    fixture = json.loads(path.read_text("utf-8"))
    ratings = table_of(fixture["table"])
    for case in fixture["cases"]:
        scale = RatingScale.NOMINAL if case["measure"] == "AC1" else RatingScale.QUADRATIC
        assert figure(raw, ratings, scale) == pytest.approx(case["pa"], abs=1e-5)
        assert figure(gwet_ac, ratings, scale) == pytest.approx(case["coefficient"], abs=1e-5)


def test_weighted_kappa_by_hand():
    # Places 0, 1, 2; linear weights 1, 0.5, 0. Agreement (2 + 1 + 1 + 0.5 * 2) / 6 = 5/6. The first
    # says 0 three times, 1 twice, 2 once; the second 0 twice, 1 three times, 2 once: chance
    # (6 + 6 + 1 + 0.5 * (9 + 4 + 2 + 3)) / 36 = 22/36; kappa (30 - 22) / (36 - 22).
    rated = ratings_of("0 0 0 1 1 2", "0 0 1 1 2 1", scale="012")
    assert figure(raw, rated, RatingScale.LINEAR) == pytest.approx((3 + 0.5 * 3) / 6)
    rated = ratings_of("0 0 0 1 1 2", "0 0 1 1 1 2", scale="012")
    # Agreement (5 + 0.5) / 6; the second 0 twice, 1 three times, 2 once, as above.
    assert figure(cohen_kappa, rated, RatingScale.LINEAR) == pytest.approx((33 - 22) / (36 - 22))


# ---- sets ----


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [
        ("a", "a", 0),
        ("ab", "a", 1 - 1 / 2 * 2 / 3),
        ("ab", "bc", 1 - 1 / 3 * 1 / 3),
        ("a", "b", 1),
        ("", "a", 1),
        ("", "", 0),
    ],
)
def test_masi_weighs_how_much_of_two_sets_is_shared_and_how(first, second, distance):
    assert masi_distance(frozenset(first), frozenset(second)) == pytest.approx(distance)


def test_alpha_of_sets_by_hand():
    # Disagreement 2/3 both ways, in six values: 4/3. Expected: of {a} three times, {a, b} once and
    # {b} twice, 2 * (3*2/3 + 6*1 + 2*2/3) / 5 = 56/15. Alpha 1 - (4/3) / (56/15) = 9/14.
    rated = ratings_of("a a|b b", "a a b")
    assert figure(krippendorff_alpha, rated, RatingScale.SETS) == pytest.approx(9 / 14)


# ---- laws ----

VALUES = st.lists(st.tuples(*[st.sampled_from("abc*")] * 3), min_size=2, max_size=12)


@given(VALUES)
def test_no_figure_depends_on_which_coder_is_which(units):
    columns = [list(column) for column in zip(*units, strict=True)]
    if sum(set(column) != {"*"} for column in columns) < 3:
        return
    there, back = ratings_of(*columns, scale="abc"), ratings_of(*columns[::-1], scale="abc")
    for coefficient in (raw, fleiss_kappa, gwet_ac, krippendorff_alpha):
        assert figure(coefficient, there) == pytest.approx(
            figure(coefficient, back), nan_ok=True, abs=1e-9
        )


@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=12).filter(lambda v: len(set(v)) > 1))
def test_coders_who_always_agree_agree_wholly(values):
    rated = ratings_of(values, values, scale="abc")
    for coefficient in (raw, cohen_kappa, fleiss_kappa, gwet_ac, krippendorff_alpha):
        assert figure(coefficient, rated) == pytest.approx(1)


# ---- the summary of several codes ----


def demo_ratings():
    """The double coding of the demo's themes: six reviews, eleven themes, two coders."""
    for review, files in coding_files().items():
        if len(files) != 2:
            continue
        for coder, file in zip("ab", files, strict=True):
            codes = {coding["code"] for coding in file["codings"]}
            for theme in THEMES_IN_ORDER:
                own = f"prac.{theme}"
                used = any(code == own or code.startswith(f"{own}.") for code in codes)
                rating = Rating(review, coder, "yes" if used else "no", review)
                yield CodedRating(own, rating)


def summary_of(rows, **options):
    return {row.code: row for row in summarise_agreement(list(rows), **options)}


def test_the_demos_double_coding_agrees_less_within_codes_than_pooled():
    pooled = summary_of(demo_ratings(), values=("no", "yes"), fewest=5)[""]
    values = {name: round(figure.value, 3) for name, figure in pooled.figures.items()}
    assert (values["raw"], values["kappa"], values["ac1"]) == (0.894, 0.788, 0.788)
    assert round(pooled.within["kappa"].value, 2) == 0.64
    assert round(pooled.within["mean"].value, 2) == 0.55


def test_intervals_say_what_they_are_drawn_from():
    # Six reviews are too few to draw from.
    pooled = summary_of(demo_ratings(), fewest=5)[""]
    assert (pooled.drawn, pooled.documents) == ("units", 6)
    many = [
        CodedRating("x", Rating(f"u{n}", coder, "yn"[n % 2], f"d{n % 20}"))
        for n in range(40)
        for coder in "ab"
    ]
    assert summary_of(many)["x"].drawn == "documents"


def test_a_code_with_few_units_has_no_figure_and_says_why():
    of_code = summary_of(demo_ratings())["prac.early"]
    assert of_code.figures["kappa"].value is None
    assert of_code.figures["kappa"].reason == "6 units rated by two coders; a figure needs 10"


def test_ac1_counts_values_of_the_scale_that_nobody_gave():
    rows = [CodedRating("x", Rating(f"u{n}", coder, "no")) for n in range(12) for coder in "ab"]
    figures = summary_of(rows, values=("no", "yes"))["x"].figures
    assert figures["ac1"].value == 1
    assert figures["kappa"].reason == "not defined: every value is the same"


def test_a_coder_who_rates_a_unit_twice_is_named():
    rows = [CodedRating("x", Rating("u1", "ann", value)) for value in "yn"]
    with pytest.raises(RuleError, match="ann rated the unit"):
        summarise_agreement(rows)


@pytest.mark.parametrize("reviews", [6, 24])
def test_the_page_of_agreement_and_a_table_of_an_overview_have_the_same_intervals(reviews):
    """Four codes of each review: one on which the coders differ now and then, one that only a few
    reviews have, one that every review has, one always alike."""
    names = [f"R{number:02}" for number in range(reviews)]
    given = {
        (code, name): (one, other)
        for n, name in enumerate(names)
        for code, one, other in (
            ("a", n % 2 < 1, n % 3 < 1),
            ("b", n < 2, n == 1),
            ("c", True, True),
            ("d", n % 2 < 1, n % 2 < 1),
        )
    }
    words = ("no", "yes")
    rows = [
        CodedRating(code, Rating(name, coder, words[value], name))
        for (code, name), values in given.items()
        for coder, value in zip(("x", "y"), values, strict=True)
    ]
    page = {row.code: row for row in summarise_agreement(rows, values=words, fewest=2)}
    clusters = {
        codes: [
            tuple([words[given[code, name][coder]] for code in codes] for coder in (0, 1))
            for name in names
        ]
        for codes in ("a", "b", "abcd")
    }
    table = bootstrap_intervals([kappa_of_two, ac1_of_two], list(clusters.values()), values=words)
    for codes, intervals in zip(clusters, table, strict=True):
        figures = page[codes if len(codes) == 1 else ""].figures
        shown = [figures["kappa"].interval, figures["ac1"].interval]
        assert list(map(rounded, shown)) == list(map(rounded, intervals))
    alone = [[([words[given[c, n][0]]], [words[given[c, n][1]]]) for n in names] for c in "abcd"]
    within = agreement_within_codes(kappa_of_two, alone, values=words)
    shown = page[""].within
    assert rounded(within.interval) == rounded(shown["kappa"].interval)
    assert within.together == pytest.approx(shown["kappa"].value)
    assert within.mean == pytest.approx(shown["mean"].value)


def rounded(interval):
    return (round(interval.lower, 9), round(interval.upper, 9))
