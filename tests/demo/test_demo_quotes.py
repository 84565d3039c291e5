"""script/demo-quotes: quotations follow the reports they quote, or are refused."""

import subprocess
import sys
from pathlib import Path

import pytest

CODING_FILE = "demo/codings/R01.coder.a.yaml"
SCRIPT = Path(__file__).resolve().parents[2] / "script" / "demo-quotes"

ASKED = "Nobody asked the father how he spent his days."

REPORT = """---
review: R01
---

# Review of Child Oak

1.1 The nurse visited four times. She was careful, and she wrote down what she saw.

1.2 Nobody asked the father how he spent his days.

- March 2004: The school rang the office, and the office did not ring back.

Recommendation 1: Every nurse should visit every child within a minute of any call.
"""

CODING = """format: waymark-coding 1
review: R01
judgements:
- variable: ag.health_visiting
  quotes:
  - "The nurse visited four times."
  - "she wrote down what she saw"
codings:
- code: prac.child_focus
  quote: "Nobody asked the father how he spent his days."
- code: prac.communication
  quote: "the office did not ring back"
recommendations:
- number: 1
  quote: "Every nurse should visit every child within a minute of any call."
"""


@pytest.fixture
def demo(tmp_path):
    """A repository with one report and everything that quotes it, committed."""
    files = {
        "demo/reports/R01.md": REPORT,
        "demo/codings/R01.coder.a.yaml": CODING,
        "demo/report/themes.md": f'Text.\n{{quote R01 "{ASKED}"}}\n',
        "demo/possible-identifiers.yaml": "answers:\n- type: person\n  words: [Oak]\n"
        "  because: A tree.\n",
        "demo/catalogue.yaml": (
            "abstracts:\n  - review: R01\n    event:\n      - The nurse visited four times.\n"
            "other: 1\n"
        ),
        "tests/test_it.py": f'PLACE = "{ASKED}"\nOTHER = "Words that were in no report."\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    subprocess.run(["git", "-C", str(tmp_path), "init", "-q"], check=True)
    commit(tmp_path)
    return tmp_path


def commit(demo):
    git = ["git", "-C", str(demo), "-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--allow-empty", "-qm", "Edit"], check=True)


def run(demo, *options):
    command = [sys.executable, str(SCRIPT), "--root", str(demo), *options]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def edit(demo, old, new, name="demo/reports/R01.md"):
    text = (demo / name).read_text("utf-8")
    assert text.count(old) == 1
    (demo / name).write_text(text.replace(old, new), "utf-8")


def contents(demo):
    files = (path for path in demo.rglob("*.*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(demo).as_posix(): path.read_text("utf-8") for path in files}


def test_a_report_that_did_not_change_moves_nothing(demo):
    before = contents(demo)
    done = run(demo)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert contents(demo) == before


def test_quotations_of_an_edited_sentence_become_its_new_words_in_every_file(demo):
    edit(demo, "how he spent his days.", "what his days at home were like.")
    edit(demo, "visited four times.", "visited the family six times.")
    edit(demo, "1.1 The nurse", "1.1 We begin with health care. The nurse")
    assert run(demo).returncode == 0
    files = contents(demo)
    new = "Nobody asked the father what his days at home were like."
    assert f'quote: "{new}"' in files["demo/codings/R01.coder.a.yaml"]
    assert '  - "The nurse visited the family six times."' in files["demo/codings/R01.coder.a.yaml"]
    assert files["demo/report/themes.md"] == f'Text.\n{{quote R01 "{new}"}}\n'
    assert f'PLACE = "{new}"\n' in files["tests/test_it.py"]
    assert "      - The nurse visited the family six times.\n" in files["demo/catalogue.yaml"]


def test_part_of_a_sentence_becomes_the_same_part_of_the_new_one(demo):
    edit(demo, "she wrote down what she saw", "she always wrote down what she had seen")
    edit(demo, "the office did not ring back", "the office never rang back")
    assert run(demo).returncode == 0
    coding = contents(demo)["demo/codings/R01.coder.a.yaml"]
    assert '"she always wrote down what she had seen"' in coding
    assert '"the office never rang back"' in coding


def test_a_second_run_changes_nothing(demo):
    edit(demo, "the office did not ring back", "the office never rang back")
    run(demo)
    before = contents(demo)
    done = run(demo)
    assert (done.returncode, done.stdout) == (0, "")
    assert contents(demo) == before


@pytest.mark.parametrize("label", ["Recommendation 1:", "- R1", "7.4 R1:", "7.4 Recommendation 1:"])
def test_a_rewritten_recommendation_is_placed_by_its_number_and_marked_to_be_read_again(
    demo, label
):
    edit(demo, "Recommendation 1:", label)
    commit(demo)
    new = "The board should remind its staff of the leaflet on visits."
    edit(demo, "Every nurse should visit every child within a minute of any call.", new)
    done = run(demo)
    assert done.returncode == 0
    assert "read: demo/codings/R01.coder.a.yaml:15:" in done.stdout
    assert f'quote: "{new}"' in contents(demo)["demo/codings/R01.coder.a.yaml"]


def test_a_quotation_without_the_stop_or_comma_after_it_stays_without(demo):
    edit(demo, '"The nurse visited four times."', '"The nurse visited four"', CODING_FILE)
    edit(demo, "visited four times.", "visited six, or more, times.")
    assert run(demo).returncode == 0
    assert '  - "The nurse visited six, or more"\n' in contents(demo)[CODING_FILE]


def test_what_cannot_be_placed_is_listed_and_its_whole_file_stays(demo):
    edit(demo, "1.2 Nobody asked the father how he spent his days.\n\n", "")
    edit(demo, "visited four times.", "visited the family six times.")
    before = contents(demo)
    done = run(demo)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"{place}: has no corresponding sentence in the report:"
        " Nobody asked the father how he spent his days."
        for place in (
            "demo/codings/R01.coder.a.yaml:10",
            "demo/report/themes.md:2",
            "tests/test_it.py:1",
        )
    ]
    after = contents(demo)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"demo/catalogue.yaml"}


def test_a_quotation_that_no_report_ever_contained_is_refused(demo):
    edit(
        demo,
        "she wrote down what she saw",
        "she drew what she saw",
        "demo/codings/R01.coder.a.yaml",
    )
    edit(demo, "[Oak]", "[Oak, Lisbon]", "demo/possible-identifiers.yaml")
    done = run(demo)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "demo/codings/R01.coder.a.yaml:7: was never in the report: she drew what she saw",
        "demo/possible-identifiers.yaml:3: was never in a report: Lisbon",
    ]


def test_words_that_are_now_in_the_report_twice_are_refused(demo):
    edit(demo, "1.2 Nobody", "1.2 The nurse visited four times. Nobody")
    done = run(demo)
    assert done.returncode == 1
    assert "is in the report more than once: The nurse visited four times." in done.stderr


def test_check_prints_what_would_move_and_changes_nothing(demo):
    edit(demo, "the office did not ring back", "the office never rang back")
    before = contents(demo)
    done = run(demo, "--check")
    assert "  + the office never rang back" in done.stdout
    assert contents(demo) == before
