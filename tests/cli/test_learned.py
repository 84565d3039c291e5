"""`waymark coding evaluate`: the learned suggester on any labelled table, without a database."""

import json

from click.testing import CliRunner

from waymark.cli import main

SEEN = "report,text,visits,records\n" + "".join(
    f"R{n},nobody visited the child {n},1,\nR{n},the file was lost {n},0,yes\n"
    f"R{n},mild weather {n},,\n"
    for n in range(6)
)
UNSEEN = "text,visits,records\nnobody visited her,1,0\nfiles were lost,0,1\nmild weather,0,0\n"


def run(tmp_path, *options, seen=SEEN, unseen=UNSEEN):
    (tmp_path / "seen.csv").write_text(seen, "utf-8")
    (tmp_path / "unseen.csv").write_text(unseen, "utf-8")
    files = ["--train", str(tmp_path / "seen.csv"), "--test", str(tmp_path / "unseen.csv")]
    return CliRunner().invoke(main, ["coding", "evaluate", *files, "--text", "text", *options])


def test_the_scores_on_unseen_texts_are_printed_for_all_codes_and_for_each(tmp_path):
    # Both codes are right on their text, and the third text has none: every score is 1.
    answer = json.loads(run(tmp_path, "--group", "report", "--json").stdout)
    assert (answer["trained_on"], answer["tested_on"]) == (18, 3)
    assert (answer["micro_f1"], answer["macro_f1"], answer["recall_at_3"]) == (1, 1, 1)
    assert [row["code"] for row in answer["codes"]] == ["visits", "records"]
    numbers = [(row["given"], row["suggested"], row["right"]) for row in answer["codes"]]
    assert numbers == [(1, 1, 1)] * 2


def test_labels_are_named_one_after_the_other(tmp_path):
    printed = run(tmp_path, "--labels", "visits", "records").stdout
    assert "visits: F1 1.000, 1 of 1 suggested and of 1 given" in printed
    assert "records: F1 1.000" in printed


def test_a_wrong_cell_is_refused_with_its_row_and_column(tmp_path):
    result = run(tmp_path, "--labels", "visits", unseen="text,visits\nx,maybe\n")
    assert result.exit_code == 1
    assert "unseen.csv: row 2, column \u201cvisits\u201d" in result.output
