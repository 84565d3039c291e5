"""Programs that suggest codes: what they learn from, their files, and where they are off."""

import io
import subprocess
import sys
import zipfile
from datetime import timedelta

import numpy as np
import pytest

from tests.coding.settled_world import (
    new_report,
    settled_report,
    settled_world,
    small_model,
    trained_machine,
)
from tests.factories import NOON, make_person
from waymark.accounts.models import Role, State
from waymark.coding import services
from waymark.coding.learned.coded_text import CodedText
from waymark.coding.learned.held_out import held_out_scores
from waymark.coding.learned.model_file import dump_model, load_model
from waymark.coding.learned.suggester import LinearSuggester
from waymark.coding.learned.text_model import train
from waymark.coding.machine_files import suggesters_folder
from waymark.coding.models import (
    Assignment,
    MachineCoder,
    Suggestion,
    SuggestionDecision,
    SuggestionRun,
)
from waymark.coding.queries import shown_suggestions
from waymark.coding.queries.machines import machines_used, why_unusable
from waymark.coding.queries.settled_texts import settled_texts
from waymark.coding.suggest import CueSuggester, PassageText, Suggester
from waymark.core.errors import FileRefused, NotPermitted, RuleError
from waymark.documents.models import Review
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of
from waymark.pipeline import suggest_codes, train_suggester
from waymark.pipeline.coding.suggestions import jobs_if, suggest_next, train_next

PLACES = ("at home", "in the clinic", "at school", "in the flat", "by the river", "in the town")
TEXTS = [
    CodedText(words.format(place), codes, group=f"R{number}")
    for number, place in enumerate(PLACES)
    for words, codes in (
        ("nobody visited the child {}", frozenset({"visits"})),
        ("the file was lost {}", frozenset({"records"})),
        ("the weather was mild {}", frozenset()),
    )
]
PASSAGES = [
    PassageText(0, "nobody came to visit her", "Findings"),
    PassageText(25, "the weather was mild", "Findings"),
]


@pytest.fixture(scope="module")
def model():
    return train(TEXTS, ["visits", "records"])


# ---- the model and its file ----


def test_the_linear_model_suggests_whole_passages_with_a_score_and_the_words_that_led_to_it(model):
    suggester: Suggester = LinearSuggester("linear 1", model)
    (only,) = suggester.suggest(PASSAGES)
    assert (only.code, only.span.start, only.exact) == ("visits", 0, "nobody came to visit her")
    assert model.threshold <= only.score <= 1
    assert "nobody" in only.cue
    assert suggester.suggest([]) == suggester.suggest([PassageText(0, "", "")]) == []


def test_a_model_is_the_same_after_it_was_written_and_read(model):
    again = load_model(dump_model(model), file="model")
    texts = [row.text for row in TEXTS]
    assert np.array_equal(again.probabilities(texts), model.probabilities(texts))
    assert (again.codes, again.examples, again.threshold) == (
        model.codes,
        model.examples,
        model.threshold,
    )


def _with_pickle(content: bytes) -> bytes:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) if name != "borders.npy" else _pickled())
    return changed.getvalue()


def _pickled() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([{"run": "this"}], dtype=object), allow_pickle=True)
    return file.getvalue()


def test_a_file_that_would_run_something_or_is_no_model_is_refused(model):
    content = dump_model(model)
    for wrong in (_with_pickle(content), content[:100], b"", b"PK nothing"):
        with pytest.raises(FileRefused, match="not a model of this version"):
            load_model(wrong, file="model")


def test_every_document_is_tried_once_by_a_model_that_has_not_seen_it():
    tried = held_out_scores(TEXTS, ["visits", "records"])
    assert (tried.documents, tried.evaluation.texts) == (6, 18)
    assert {row.code: row.given for row in tried.evaluation.codes} == {"visits": 6, "records": 6}
    # Of 4 other documents: a quarter, a half and all. One has too few examples to learn from.
    assert [step.documents for step in tried.curve] == [4]
    assert tried.curve[-1].texts == 12


# ---- learning from settled codings ----


@pytest.fixture
def data(settings, tmp_path):
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture(scope="module")
def small():
    return small_model()


@pytest.fixture
def lead(db, data):
    return make_person(Role.ANALYST, name="lead")


@pytest.fixture
def trained(framework, small, data):
    return trained_machine(framework, small)


@pytest.fixture
def coder(db):
    return make_person(Role.CODER, name="cora")


def test_it_learns_from_settled_reviews_and_from_nothing_else(lead, framework):
    """V3 is being coded again, V4 was finished after it was settled, V5 withdrawn, V6 left out."""
    settled_world(framework)
    for number in (9, 10, 11, 12):
        settled_report(framework, lead, f"V{number}")
    Assignment.objects.filter(review__reference="V3").update(finished_at=None)
    later = NOON + timedelta(days=1)
    Assignment.objects.filter(review__reference="V4").update(finished_at=later)
    review = Assignment.objects.get(review__reference="V5").review
    review.state = State.WITHDRAWN
    review.save()
    off = Assignment.objects.get(review__reference="V7").review
    services.block_suggestions(by=lead, review=off, now=NOON)
    rows = settled_texts(framework, NOON, {"V6"})
    assert [row.reference for row in rows.reviews] == sorted(
        f"V{n}" for n in (1, 2, 8, 9, 10, 11, 12)
    )
    assert {row.group for row in rows.texts} == {row.reference for row in rows.reviews}
    assert sum(row.codes == {"a"} for row in rows.texts) == 14
    assert len(rows.texts) == 28


def test_below_the_minimum_training_is_refused_with_the_reason(framework, lead):
    settled_world(framework, reviews=5)
    machine = train_suggester(by=lead, framework=framework, now=NOON)
    assert (machine.state, machine.sha256) == ("refused", "")
    assert "5 settled reviews can be learned from" in machine.reason
    assert "at least 6 are needed" in machine.reason
    assert why_unusable(machine) == "linear 1 is not trained"


def test_each_training_is_a_coder_of_its_own_kind_with_its_file_and_figures(lead, framework, data):
    settled_world(framework)
    trained = train_suggester(by=lead, framework=framework, now=NOON)
    assert (trained.name, trained.kind, trained.state) == ("linear 1", "linear", "ready")
    assert (data / "suggesters" / trained.sha256).is_file()
    assert trained.reviews.count() == 8
    scores = trained.scores
    assert (scores["documents"], scores["texts"]) == (8, 32)
    assert scores["codes"][0]["code"] == "a"
    assert scores["codes"][0]["given"] == 16
    assert scores["codes"][0]["f1"] == 1
    assert [step["documents"] for step in scores["curve"]] == [2, 3, 6]
    services.request_training(by=lead, framework=framework, now=NOON)
    waiting = services.request_training(by=lead, framework=framework, now=NOON)
    assert (waiting.name, MachineCoder.objects.count()) == ("linear 2", 2)
    assert train_next(lambda: NOON)
    assert not train_next(lambda: NOON)
    assert [(row.name, why_unusable(row)) for row in MachineCoder.objects.order_by("name")] == [
        ("linear 1", ""),
        ("linear 2", ""),
    ]


def test_a_model_that_learned_from_a_review_that_was_withdrawn_is_used_no_more(
    trained, framework, coder
):
    review = new_report(framework, coder).review
    trained.reviews.add(review)
    assert why_unusable(trained) == ""
    review.state = State.WITHDRAWN
    review.save()
    assert "learned from a review that was withdrawn" in why_unusable(trained)


def test_training_that_was_killed_three_times_is_given_up(lead, framework):
    services.request_training(by=lead, framework=framework, now=NOON)
    for hours in range(3):
        assert services.lease_training(now=NOON + timedelta(hours=hours)) is not None
    assert services.lease_training(now=NOON + timedelta(hours=3)) is None
    assert "stopped three times" in MachineCoder.objects.get().reason


def test_training_that_is_told_to_stop_waits_again_at_once(lead, framework, monkeypatch):
    services.request_training(by=lead, framework=framework, now=NOON)

    def stopped(*_):
        raise SystemExit

    monkeypatch.setattr("waymark.pipeline.coding.suggestions._train", stopped)
    for _ in range(4):
        with pytest.raises(SystemExit):
            train_next(lambda: NOON)
    machine = MachineCoder.objects.get()
    assert (machine.attempts, machine.lease_until, machine.done_at) == (0, None, None)


# ---- suggesting ----


def test_a_program_reads_the_reports_of_a_review_in_the_background(trained, lead, framework, coder):
    report = new_report(framework, coder)
    asked = {"by": lead, "machine": trained, "framework": framework, "now": NOON}
    assert services.request_suggestions(**asked, reviews=[report.review]) == 1
    assert services.request_suggestions(**asked, reviews=[report.review]) == 0
    assert suggest_next(lambda: NOON)
    assert not suggest_next(lambda: NOON)
    run = SuggestionRun.objects.get()
    assert (run.passages, run.suggested, run.dropped, run.refused) == (2, 1, 0, "")
    suggestion = Suggestion.objects.get()
    assert (suggestion.suggester, suggestion.code.code) == ("linear 1", "a")
    assert list(MachineCoder.objects.all()) == [trained]
    assert suggestion.exact == "Nobody came and visited the child in the hostel."
    assert 0 < suggestion.score <= 1
    assert list(shown_suggestions(Suggestion.objects.all(), coder)) == [suggestion]
    assert machines_used(Review.objects.all(), framework) == [trained]


def test_a_report_with_a_newer_text_is_not_read_under_the_old_one(trained, lead, framework, coder):
    report = new_report(framework, coder)
    asked = {"by": lead, "machine": trained, "framework": framework, "now": NOON}
    services.request_suggestions(**asked, reviews=[report.review])
    SuggestionRun.objects.update(reading=2)
    assert suggest_next(lambda: NOON)
    assert "newer text" in SuggestionRun.objects.get().refused
    assert machines_used(Review.objects.all(), framework) == []


def test_a_program_can_read_a_report_again_with_another_framework_version(lead, framework, coder):
    report = new_report(framework, coder)
    later = Framework.objects.create(
        name=framework.name,
        version="1.1.0",
        source=framework.source,
        sha256="1" * 64,
        published_at=NOON,
    )
    asked = {"by": lead, "machine": services.cue_machine(NOON), "reviews": [report.review]}
    for version in (framework, later):
        assert services.request_suggestions(**asked, framework=version, now=NOON) == 1
        assert services.request_suggestions(**asked, framework=version, now=NOON) == 0
    assert SuggestionRun.objects.count() == 2


def test_a_report_that_a_program_failed_to_read_can_be_asked_for_again(
    trained, lead, framework, coder
):
    """The program was stopped three times; then it reads the report, with a new date and asker."""
    report = new_report(framework, coder)
    asked = {"machine": trained, "framework": framework, "reviews": [report.review]}
    services.request_suggestions(**asked, by=None, now=NOON)
    for hours in range(3):
        assert services.lease_run(now=NOON + timedelta(hours=hours)) is not None
    later = NOON + timedelta(hours=3)
    assert services.lease_run(now=later) is None
    assert "stopped three times" in SuggestionRun.objects.get().refused
    assert services.request_suggestions(**asked, by=lead, now=later) == 1
    assert services.request_suggestions(**asked, by=lead, now=later) == 0
    run = SuggestionRun.objects.get()
    assert (run.asked_by, run.asked_at, run.attempts, run.refused) == (lead, later, 0, "")
    assert suggest_next(lambda: later)
    run.refresh_from_db()
    assert (run.done_at, run.suggested, run.refused) == (later, 1, "")


def test_a_worker_whose_lease_ran_out_neither_renews_nor_refuses_the_work_of_another(
    trained, lead, framework, coder
):
    report = new_report(framework, coder)
    asked = {"by": lead, "machine": trained, "framework": framework, "now": NOON}
    services.request_suggestions(**asked, reviews=[report.review])
    first = services.lease_run(now=NOON)
    services.renew_run(run=first, now=NOON + timedelta(minutes=29))
    assert services.lease_run(now=NOON + timedelta(minutes=58)) is None
    second = services.lease_run(now=NOON + timedelta(minutes=60))
    with pytest.raises(RuleError, match="another worker reads this report"):
        services.renew_run(run=first, now=NOON + timedelta(minutes=61))
    services.refuse_run(run=first, reason="It failed.", now=NOON)
    second.refresh_from_db()
    assert (second.attempts, second.done_at, second.refused) == (2, None, "")


def test_a_damaged_model_file_suggests_nothing_and_says_so(trained, lead, framework, coder):
    report = new_report(framework, coder)
    path = suggesters_folder() / trained.sha256
    path.chmod(0o600)
    path.write_bytes(b"something else")
    with pytest.raises(FileRefused, match="has changed"):
        suggest_codes(by=lead, report=report, framework=framework, machine=trained, now=NOON)
    assert Suggestion.objects.count() == 0


def test_a_program_that_was_ended_suggests_nothing_and_its_suggestions_stay(
    trained, lead, framework, coder
):
    report = new_report(framework, coder)
    suggest_codes(by=lead, report=report, framework=framework, machine=trained, now=NOON)
    services.end_machine(by=lead, machine=trained, now=NOON)
    trained.refresh_from_db()
    asked = {"by": lead, "machine": trained, "framework": framework, "now": NOON}
    with pytest.raises(RuleError, match="no longer used"):
        services.request_suggestions(**asked, reviews=[report.review])
    assert Suggestion.objects.count() == 1
    with pytest.raises(RuleError, match="no longer used"):
        services.end_machine(by=lead, machine=trained, now=NOON)


def test_a_person_can_take_back_a_decision_and_decide_again(trained, lead, framework, coder):
    report = new_report(framework, coder)
    suggest_codes(by=lead, report=report, framework=framework, machine=trained, now=NOON)
    suggestion = Suggestion.objects.get()
    services.decide_suggestion(by=coder, suggestion=suggestion, accept=False, now=NOON)
    with pytest.raises(RuleError, match="already refused"):
        services.decide_suggestion(by=coder, suggestion=suggestion, accept=True, now=NOON)
    services.undo_suggestion_decision(by=coder, suggestion=suggestion, now=NOON)
    with pytest.raises(RuleError, match="not decided"):
        services.undo_suggestion_decision(by=coder, suggestion=suggestion, now=NOON)
    assert services.decide_suggestion(by=coder, suggestion=suggestion, accept=True, now=NOON)
    assert SuggestionDecision.objects.count() == 2


# ---- off means off ----


def test_off_in_the_installation_nothing_is_asked_trained_suggested_or_shown(
    trained, lead, framework, coder, settings
):
    report = new_report(framework, coder)
    suggest_codes(by=lead, report=report, framework=framework, now=NOON)
    suggest_codes(by=lead, report=report, framework=framework, machine=trained, now=NOON)
    services.request_training(by=lead, framework=framework, now=NOON)
    settings.SUGGESTIONS = False
    assert shown_suggestions(Suggestion.objects.all(), coder).count() == 0
    assert not train_next(lambda: NOON)
    assert not suggest_next(lambda: NOON)
    for act in (
        lambda: services.request_training(by=lead, framework=framework, now=NOON),
        lambda: suggest_codes(by=lead, report=report, framework=framework, now=NOON),
        lambda: services.store_suggestions(
            by=lead, report=report, framework=framework, suggestions=[], now=NOON
        ),
    ):
        with pytest.raises(RuleError, match="switched off in this installation"):
            act()


@pytest.mark.parametrize("level", ["collection", "review"])
def test_off_in_a_collection_or_a_review_nothing_is_suggested_or_shown(
    trained, lead, framework, coder, level
):
    report = new_report(framework, coder, collection="north")
    other = new_report(framework, coder, "T2", collection="south")
    for each in (report, other):
        suggest_codes(by=lead, report=each, framework=framework, machine=trained, now=NOON)
    about = {"collection": {"collection": "north"}, "review": {"review": report.review}}[level]
    block = services.block_suggestions(by=lead, **about, reason="Families asked.", now=NOON)
    assert block == services.block_suggestions(by=lead, **about, now=NOON)
    shown = shown_suggestions(Suggestion.objects.all(), coder)
    assert [row.report for row in shown] == [other]
    with pytest.raises(RuleError, match="switched off for T1"):
        suggest_codes(by=lead, report=report, framework=framework, machine=trained, now=NOON)
    hidden = Suggestion.objects.get(report=report)
    with pytest.raises(RuleError, match="switched off for T1"):
        services.decide_suggestion(by=coder, suggestion=hidden, accept=True, now=NOON)
    SuggestionRun.objects.all().delete()
    asked = {"by": lead, "machine": trained, "framework": framework, "now": NOON}
    assert services.request_suggestions(**asked, reviews=[report.review, other.review]) == 1
    services.lift_block(by=lead, block=block, now=NOON)
    assert shown.all().count() == 2
    with pytest.raises(RuleError, match="on there already"):
        services.lift_block(by=lead, block=block, now=NOON)


def test_suggestions_are_switched_off_only_for_a_collection_that_exists(lead):
    for name in ("", "nowhere"):
        with pytest.raises(RuleError, match="there is no collection"):
            services.block_suggestions(by=lead, collection=name, now=NOON)


def test_a_coder_cannot_switch_or_train(coder, framework):
    with pytest.raises(NotPermitted):
        services.request_training(by=coder, framework=framework, now=NOON)


def test_where_suggestions_are_off_the_worker_has_no_such_job():
    assert jobs_if(False) == ()
    assert [job.name for job in jobs_if(True)] == ["train suggesters", "suggest codes"]


def test_where_suggestions_are_off_the_machine_learning_is_never_imported(tmp_path):
    """In a new interpreter: the whole site and the worker, without scikit-learn and sockets."""
    program = (
        "import socket, sys, django\n"
        "def refuse(*_): raise AssertionError('a socket')\n"
        "socket.socket.connect = refuse\n"
        "django.setup()\n"
        "import waymark.web.urls, waymark.pipeline.worker as worker\n"
        "names = {job.name for job in worker.JOBS}\n"
        "assert not names & {'train suggesters', 'suggest codes'}, names\n"
        "assert not [name for name in sys.modules if name.startswith('sklearn')]\n"
    )
    environment = {
        "WAYMARK_SUGGESTIONS": "0",
        "WAYMARK_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "waymark.settings",
        "PATH": "",
    }
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr


def test_cues_are_a_suggester_with_a_name_and_version_like_the_others(framework):
    suggester: Suggester = CueSuggester(file_of(framework))
    passages = [PassageText(0, "The visits stopped. No visits stopped.", "Findings")]
    (only,) = suggester.suggest(passages)
    assert (suggester.name, only.code, only.score) == ("cues 1", "a", None)
