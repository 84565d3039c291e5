"""Erasing the file of a report: its words leave suggestions, and models that learned from it."""

import pytest

from tests.coding.settled_world import (
    new_report,
    settled_world,
    small_model,
    trained_machine,
)
from tests.factories import NOON, make_person
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.coding import services
from waymark.coding.machine_files import suggesters_folder
from waymark.coding.models import MachineCoder, Suggestion
from waymark.coding.queries.machines import why_unusable
from waymark.coding.queries.settled_texts import settled_texts
from waymark.core.errors import NotPermitted, RuleError


@pytest.fixture(scope="module")
def small():
    return small_model()


@pytest.fixture
def machine(db, framework, small, settings, tmp_path):
    settings.DATA = tmp_path
    return trained_machine(framework, small)


@pytest.fixture
def keeper(db):
    return make_person(Role.CATALOGUER, name="petra")


@pytest.fixture
def report(framework, machine, keeper):
    """A report that a model and the cues of the framework have read; one suggestion is refused."""
    coder = make_person(Role.CODER, name="cora")
    report = new_report(framework, coder)
    for program in (machine, None):
        pipeline.suggest_codes(
            by=coder, report=report, framework=framework, machine=program, now=NOON
        )
    first = Suggestion.objects.first()
    services.decide_suggestion(by=coder, suggestion=first, accept=False, now=NOON)
    return report


def withdraw(report, state=State.WITHDRAWN):
    report.state = state
    report.save(update_fields=["state"])


def test_erasing_a_file_leaves_no_word_of_it_in_suggestions_and_keeps_places_and_decisions(
    report, keeper
):
    columns = ("report", "start", "end", "code", "suggester", "score", "state")
    before = list(Suggestion.objects.values_list(*columns))
    assert Suggestion.objects.exclude(exact="").exists()
    withdraw(report)
    pipeline.erase_file(by=keeper, report=report, now=NOON)
    words = Suggestion.objects.values_list("exact", "prefix", "suffix", "cue")
    assert set(words) == {("", "", "", "")}
    assert list(Suggestion.objects.values_list(*columns)) == before


def test_the_suggestions_of_a_report_that_is_shown_are_not_erased(report, keeper):
    with pytest.raises(RuleError, match="withdraw the report first"):
        services.erase_machine_words(by=keeper, report=report, now=NOON)
    withdraw(report)
    with pytest.raises(NotPermitted):
        services.erase_machine_words(by=make_person(Role.CODER), report=report, now=NOON)


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.EXPIRED])
def test_a_model_that_learned_from_a_report_that_is_shown_no_more_is_unusable(
    report, machine, framework, state
):
    machine.reports.add(report)
    assert why_unusable(machine) == ""
    withdraw(report, state)
    assert "learned from a report that was withdrawn or expired since" in why_unusable(machine)


def test_the_file_of_a_model_is_erased_with_that_of_a_report_it_learned_from(
    report, machine, keeper, framework, django_capture_on_commit_callbacks
):
    path = suggesters_folder() / machine.sha256
    machine.reports.add(report)
    withdraw(report)
    with django_capture_on_commit_callbacks(execute=True):
        pipeline.erase_file(by=keeper, report=report, now=NOON)
    machine.refresh_from_db()
    assert (machine.sha256, path.exists()) == ("", False)
    assert why_unusable(machine)


def test_the_file_of_a_model_that_did_not_learn_from_it_stays(
    report, machine, keeper, django_capture_on_commit_callbacks
):
    other = MachineCoder.objects.create(
        name="linear 2", kind="linear", asked_at=NOON, sha256=machine.sha256
    )
    other.reports.add(report)
    withdraw(report)
    with django_capture_on_commit_callbacks(execute=True):
        pipeline.erase_file(by=keeper, report=report, now=NOON)
    machine.refresh_from_db()
    assert (suggesters_folder() / machine.sha256).is_file()


def test_a_model_that_was_trained_while_a_file_was_erased_keeps_no_file(
    framework, machine, keeper, django_capture_on_commit_callbacks
):
    settled_world(framework)
    rows = settled_texts(framework, NOON, ())
    assert {row.review for row in rows.reports} == set(rows.reviews)
    training = services.request_training(
        by=make_person(Role.ANALYST), framework=framework, now=NOON
    )
    withdraw(rows.reports[0])
    pipeline.erase_file(by=keeper, report=rows.reports[0], now=NOON)
    sha256 = machine.sha256
    MachineCoder.objects.filter(pk=machine.pk).update(sha256="")
    with django_capture_on_commit_callbacks(execute=True):
        services.finish_training(
            machine=training,
            sha256=sha256,
            reviews=rows.reviews,
            reports=rows.reports,
            scores={},
            now=NOON,
        )
    training.refresh_from_db()
    assert (training.sha256, (suggesters_folder() / sha256).exists()) == ("", False)
