"""The learned suggester: what it learns, how sure it is, and how its answers are scored."""

import numpy as np
import pytest

from waymark.coding.learned.coded_text import CodedText
from waymark.coding.learned.evaluation import evaluate, scores
from waymark.coding.learned.tables import coded_texts
from waymark.coding.learned.text_model import train
from waymark.core.errors import FileRefused, RuleError

PLACES = ("at home", "in the clinic", "at school", "in the flat", "by the river", "in the town")
VISITS = tuple(f"nobody visited the child {place}" for place in PLACES)
RECORDS = tuple(f"the file was lost {place}" for place in PLACES)
NEITHER = tuple(f"the weather was mild {place}" for place in PLACES)


def coded(texts, *codes):
    return [CodedText(text, frozenset(codes), group=f"R{n}") for n, text in enumerate(texts)]


TEXTS = [*coded(VISITS, "visits"), *coded(RECORDS, "records"), *coded(NEITHER)]


@pytest.fixture(scope="module")
def model():
    return train(TEXTS, ["visits", "records", "never"])


def best(model, text):
    (row,) = model.probabilities([text])
    return model.codes[int(np.argmax(row))], float(row.max())


def test_a_text_like_those_of_a_code_has_a_high_probability_for_it(model):
    assert best(model, "nobody came to visit her at the hostel")[0] == "visits"
    assert best(model, "her files were lost at the hostel")[0] == "records"


def test_a_text_like_none_of_them_is_below_the_threshold(model):
    (row,) = model.probabilities(["the weather was mild at the hostel"])
    assert (row < model.threshold).all()


def test_a_code_without_examples_is_not_learned_and_is_named(model):
    assert model.codes == ("records", "visits")
    assert model.examples == (6, 6)
    assert model.not_learned == ("never",)


def test_texts_that_teach_nothing_are_refused():
    with pytest.raises(RuleError, match="no code has 3 texts with it and 3 without it"):
        train(coded(VISITS, "visits"), ["visits"])


def test_the_same_texts_give_the_same_model(model):
    again = train(TEXTS, ["visits", "records", "never"])
    assert np.array_equal(again.weights, model.weights)
    assert again.threshold == model.threshold


def test_a_report_is_not_divided_between_learning_and_checking():
    from waymark.coding.learned.text_model import folds_of

    texts = [CodedText("a", frozenset(), group=f"R{n % 5}") for n in range(40)]
    parts = folds_of(texts)
    assert all(len({parts[n] for n in range(g, 40, 5)}) == 1 for g in range(5))
    assert len(set(parts)) == 4


def test_the_scores_of_the_example_are_those_worked_out_by_hand():
    # Two texts with {a} and {a, b}; {a} suggested for both: 2*2/(2+3), (1 + 0)/2.
    given = np.array([[True, False], [True, True]])
    suggested = np.array([[True, False], [True, False]])
    result = scores(given, suggested, np.array([[0.9, 0.1], [0.8, 0.3]], np.float32), ("a", "b"))
    assert (result.micro_f1, result.macro_f1) == (0.8, 0.5)
    assert [(row.precision, row.recall) for row in result.codes] == [(1.0, 1.0), (None, 0.0)]
    assert result.recall_at_3 == 1.0


def test_recall_at_three_is_the_mean_share_of_a_texts_codes_and_leaves_out_texts_without_one():
    # Of four codes the best three are a, b, c: the first text has a and d (half found).
    given = np.array([[True, False, False, True], [False] * 4, [False, True, False, False]])
    sure = np.array([[0.9, 0.8, 0.7, 0.1]] * 3, np.float32)
    result = scores(given, sure > 0.5, sure, ("a", "b", "c", "d"))
    assert result.recall_at_3 == pytest.approx((0.5 + 1.0) / 2)


def test_a_code_that_was_not_learned_counts_as_missed(model):
    unseen = [CodedText("nobody visited", frozenset({"never"}))]
    (never,) = (
        row
        for row in evaluate(model, unseen, ("never", "records", "visits")).codes
        if row.code == "never"
    )
    assert (never.given, never.suggested, never.recall) == (1, 0, 0.0)


def test_a_table_gives_texts_with_the_codes_of_their_cells():
    table = 'id,text,visits,"loss, harm"\nR1,"one, two",1,0\nR2,three,,yes\n'
    texts, codes = coded_texts(table, file="a.csv", text="text", group="id")
    assert codes == ("visits", "loss, harm")
    assert texts == [
        CodedText("one, two", frozenset({"visits"}), "R1"),
        CodedText("three", frozenset({"loss, harm"}), "R2"),
    ]


@pytest.mark.parametrize(
    ("table", "labels", "words"),
    [
        ("text,a\nx,1\n", ("b",), "it has no column “b”"),
        ("words,a\nx,1\n", (), "it has no column “text”"),
        ("text,a\nx,1\ny,2\n", ("a",), "row 3, column “a”: “2” is neither 1 nor 0"),
        ("text,place\nx,home\n", (), "no column says 1 or 0"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_with_its_place(table, labels, words):
    with pytest.raises(FileRefused) as refusal:
        coded_texts(table, file="a.csv", text="text", labels=labels)
    assert words in str(refusal.value)


def test_a_table_saved_by_a_spreadsheet_begins_with_a_mark_that_is_no_letter():
    texts, codes = coded_texts("\ufefftext,a\nx,1\n", file="a.csv", text="text")
    assert (texts, codes) == ([CodedText("x", frozenset({"a"}))], ("a",))
