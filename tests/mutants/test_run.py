"""The program that breaks rules: what it copies, breaks, mends and reports."""

from contextlib import suppress
from dataclasses import replace

import pytest
from click.testing import CliRunner

from tests.mutants import run
from tests.mutants.mutant import ROOT, Mutant

SPAN = Mutant(
    "a span is never empty",
    "core/spans.py",
    "0 <= self.start < self.end:",
    "0 <= self.start <= self.end:",
    "core/test_core.py",
    "never_empty",
)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"text": "no such text"}, "its text occurs 0 times in core/spans.py"),
        ({"text": "self.start"}, "times in core/spans.py"),
        ({"file": "core/gone.py"}, "there is no file core/gone.py"),
        ({"only": "no_such_test"}, "there is no such test in core/test_core.py"),
        ({"tests": "core/test_gone.py"}, "there is no such test in core/test_gone.py"),
    ],
)
def test_a_break_that_no_longer_fits_is_stale_and_says_why(change, says):
    assert SPAN.why_stale() == ""
    assert says in replace(SPAN, **change).why_stale()
    assert run.outcome_of(ROOT, replace(SPAN, **change), set()).startswith("STALE: ")


def test_a_rule_is_broken_in_the_copy_alone_and_mended_whatever_happens(tmp_path):
    source = SPAN.source(tmp_path)
    source.parent.mkdir(parents=True)
    sound = SPAN.source().read_text("utf-8")
    source.write_text(sound, "utf-8")
    with suppress(KeyboardInterrupt), run.broken(tmp_path, SPAN):
        assert SPAN.instead in source.read_text("utf-8")
        assert SPAN.source().read_text("utf-8") == sound
        raise KeyboardInterrupt
    assert source.read_text("utf-8") == sound


def test_where_all_its_tests_fail_anyway_a_break_proves_nothing():
    failing = set(SPAN.test_names())
    assert run.outcome_of(ROOT, SPAN, failing).startswith("UNPROVEN")


def test_a_run_looks_into_its_copy_alone_and_without_tests_runs_none(tmp_path):
    assert SPAN.why_stale(tmp_path) == "there is no file core/spans.py"
    assert run.failing_before(tmp_path, []) == set()


def test_the_rules_are_listed_and_chosen_by_their_words():
    chosen = CliRunner().invoke(run.main, ["--list", "--only", "never empty"])
    assert (chosen.exit_code, chosen.output.count("\n")) == (0, 1)
    assert "a span is never empty" in chosen.output
    nothing = CliRunner().invoke(run.main, ["--only", "no such rule"])
    assert (nothing.exit_code, "no rule contains" in nothing.output) == (1, True)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("instead", "outcome", "code"),
    [(SPAN.instead, "caught", 0), ("0 <= self.start < self.end or False:", "SURVIVED", 1)],
)
def test_a_break_is_caught_by_its_tests_and_one_that_is_none_survives(
    monkeypatch, instead, outcome, code
):
    monkeypatch.setattr(run, "MUTANTS", (replace(SPAN, instead=instead),))
    result = CliRunner().invoke(run.main, [])
    assert (result.exit_code, outcome in result.output) == (code, True)
