"""`waymark agreement`: any file of ratings or spans, without a database."""

import json

import pytest
from click.testing import CliRunner

from waymark.cli import main

RATINGS = "unit,coder,code,value\n" + "".join(
    f"u{n},{coder},neglect,{value}\n"
    for n in range(12)
    for coder, value in (("ann", "yes" if n < 6 else "no"), ("ben", "yes" if n < 5 else "no"))
)
SPANS = """document,coder,code,start,end,length
R01,ann,neglect,0,10,100
R01,ben,neglect,5,15,100
"""


def run(tmp_path, text, *options):
    file = tmp_path / "ratings.csv"
    file.write_text(text, "utf-8")
    return CliRunner().invoke(main, ["agreement", str(file), *options])


def test_ratings_give_each_figure_with_its_interval_and_the_question_it_answers(tmp_path):
    answer = json.loads(run(tmp_path, RATINGS, "--json").stdout)
    (code,) = answer["codes"]
    # 11 of 12 alike; chance (6 * 5 + 6 * 7) / 144 = 0.5.
    assert code["figures"]["raw"]["value"] == pytest.approx(11 / 12)
    assert code["figures"]["kappa"]["value"] == pytest.approx(5 / 6)
    low, high = code["figures"]["kappa"]["interval"]
    assert low < 5 / 6 < high
    assert code["of_coders"] == {
        "ann": {"no": 0.5, "yes": 0.5},
        "ben": {"no": pytest.approx(7 / 12), "yes": pytest.approx(5 / 12)},
    }
    assert {*code["figures"], "within", "mean"} == set(answer["questions"])


def test_the_words_name_all_that_a_figure_rests_on_and_its_question(tmp_path):
    pooled = RATINGS + RATINGS.partition("\n")[2].replace("neglect", "harm")
    lines = run(tmp_path, pooled).stdout.splitlines()
    assert lines[0] == (
        "harm: 12 units rated by two coders or more; intervals drawn from single units, because"
        " their documents are not known"
    )
    assert lines[1:4] == [
        "  all coders: no 54%, yes 46%",
        "  ann: no 50%, yes 50%",
        "  ben: no 58%, yes 42%",
    ]
    assert "all codes, pooled: 24 units" in "\n".join(lines)
    assert "  kappa within codes: How far beyond the chance of each code?" in lines
    ordered = run(tmp_path, RATINGS, "--scale", "linear", "--values", "no,yes").stdout
    assert "Weighted kappa 0.833" in ordered
    assert "Gwet's AC2: How far beyond chance" in ordered


def test_few_units_and_few_spans_have_no_figure_and_the_reason(tmp_path):
    few = "\n".join(RATINGS.splitlines()[:9])
    assert (
        "Cohen's kappa - (4 units rated by two coders; a figure needs 10)"
        in run(tmp_path, few).stdout
    )
    assert "gamma - (2 spans; a figure needs 10)" in run(tmp_path, SPANS).stdout
    alone = SPANS.replace("R01,ben,neglect", "R01,ben,harm")
    assert "gamma - (only one coder used it)" in run(tmp_path, alone).stdout


def test_spans_give_alpha_u_gamma_and_f1(tmp_path):
    answer = json.loads(run(tmp_path, SPANS, "--fewest", "2", "--json").stdout)
    (code,) = answer["codes"]
    assert code["f1"] == 0.5
    assert code["marked"] == {"ann": 0.1, "ben": 0.1}
    assert code["intervals"] == {"alpha_u": None, "gamma": None, "f1": None}
    assert code["interval_reason"] == "1 document to draw from; an interval needs 20"
    assert set(answer["questions"]) == {"alpha_u", "gamma", "f1"}


def test_spans_of_twenty_documents_have_intervals_drawn_from_them(tmp_path):
    head, *rows = SPANS.splitlines()
    # Every second document has the two spans alike, every other half over each other.
    for number in range(2, 21):
        end = 10 if number % 2 else 15
        rows += [
            f"R{number:02},ann,neglect,0,10,100",
            f"R{number:02},ben,neglect,{end - 10},15,100",
        ]
    text = "\n".join([head, *rows])
    (code,) = json.loads(run(tmp_path, text, "--json").stdout)["codes"]
    low, high = code["intervals"]["f1"]
    assert (code["documents"], code["interval_reason"]) == (20, "")
    assert low < code["f1"] < high
    words = run(tmp_path, text).stdout
    assert "; 95% intervals drawn from 20 whole documents" in words
    assert f"  F1 of characters {code['f1']:.3f} ({low:.3f} to {high:.3f})" in words


def test_without_lengths_a_note_says_where_documents_end(tmp_path):
    text = "\n".join(line.rpartition(",")[0] for line in SPANS.splitlines())
    result = run(tmp_path, text)
    assert "each document ends with its last span" in result.stderr


def test_bad_rows_are_all_named_by_their_line(tmp_path):
    text = SPANS.replace("5,15", "15,5") + "R01,ben,neglect,x,9,100\n,ben,neglect,1,9,100\n"
    result = run(tmp_path, text)
    assert result.exit_code == 1
    for words in (
        "line 3: a span from 15 to 5 is empty",
        "line 4: start: 'x' is not a number of characters",
        "line 5: document: empty",
    ):
        assert words in result.stderr


def test_other_columns_are_refused_with_those_that_are_needed(tmp_path):
    result = run(tmp_path, "a,b\n1,2\n")
    assert result.exit_code == 1
    assert "ratings need unit, coder, code, value" in result.stderr
