"""Settled codings -> a trained model; passages -> suggestions. On request, in the background.

Nothing here runs unless a person asked for it, and nothing at all where WAYMARK_SUGGESTIONS is off:
then the worker has no such job, and scikit-learn is never imported.

The figures that a trained model is stored with (MachineCoder.scores):

    {"texts": 812, "documents": 27,                   passages and reviews learned from
     "threshold": 0.41, "not_learned": ["a.b"],       codes with too few examples
     "micro_f1": 0.61, "macro_f1": 0.42, "recall_at_3": 0.7,
     "codes": [{"code", "given", "suggested", "right", "precision", "recall", "f1"}],
     "curve": [{"documents", "texts", "micro_f1", "macro_f1"}]}

All but the first four are from documents that the model tried had not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from waymark.accounts.permissions import Actor
from waymark.coding import services as coding
from waymark.coding.language_model import LanguageSuggester
from waymark.coding.machine_files import store_model, stored_model
from waymark.coding.models import MachineCoder, MachineKind, SuggestionRun
from waymark.coding.queries.machines import (
    is_public,
    require_suggestions,
    suggestions_on,
    why_no_suggestions,
    why_unusable,
)
from waymark.coding.queries.settled_texts import passage_texts, settled_texts
from waymark.coding.suggest import CueSuggester, Suggester
from waymark.core.errors import RuleError, WaymarkError
from waymark.core.extras import LaterModule
from waymark.core.jobs import Clock, Job, JobQueue, returned_on_stop
from waymark.core.wording import as_sentence
from waymark.documents.models import Report
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of
from waymark.pipeline.language_model import asker
from waymark.publishing.queries.protected import reviews_with_protected_numbers

if TYPE_CHECKING:
    from waymark.coding.learned import held_out, suggester, text_model
    from waymark.coding.learned.text_model import TextModel
else:
    held_out, suggester, text_model = (
        LaterModule(f"waymark.coding.learned.{name}")
        for name in ("held_out", "suggester", "text_model")
    )


def train_suggester(*, by: Actor, framework: Framework, now: datetime) -> MachineCoder:
    """Train a linear model now, as the command does; the row says if it was refused, and why.

    Raises as coding.services.request_training.
    """
    machine = coding.request_training(by=by, framework=framework, now=now)
    _train(machine, lambda: now)
    machine.refresh_from_db()
    return machine


def train_next(clock: Clock = timezone.now) -> bool:
    """Train the model that has waited longest; False if none waits."""
    if not suggestions_on():
        return False
    machine = coding.lease_training(now=clock())
    if machine is None:
        return False
    with returned_on_stop(partial(coding.return_task, task=machine)):
        _train(machine, clock)
    return True


def _train(machine: MachineCoder, clock: Clock) -> None:
    framework = machine.framework
    assert framework is not None  # noqa: S101 a linear model is of a framework
    try:
        rows = settled_texts(framework, clock(), reviews_with_protected_numbers())
        model = text_model.train(rows.texts, rows.codes)
        scores = _scores(model, held_out.held_out_scores(rows.texts, rows.codes))
    except WaymarkError as error:
        coding.refuse_training(machine=machine, reason=as_sentence(error), now=clock())
        return
    sha256 = store_model(model)
    coding.finish_training(
        machine=machine,
        sha256=sha256,
        reviews=rows.reviews,
        reports=rows.reports,
        scores=scores,
        now=clock(),
    )


def _scores(model: TextModel, tried: Any) -> dict[str, Any]:
    result = tried.evaluation
    return {
        "texts": model.texts,
        "documents": tried.documents,
        "threshold": model.threshold,
        "not_learned": list(model.not_learned),
        "micro_f1": result.micro_f1,
        "macro_f1": result.macro_f1,
        "recall_at_3": result.recall_at_3,
        "codes": [asdict(row) for row in result.codes if row.given or row.suggested],
        "curve": [asdict(step) for step in tried.curve],
    }


# ---- suggesting ----


def suggest_codes(
    *,
    by: Actor,
    report: Report,
    framework: Framework,
    now: datetime,
    machine: MachineCoder | None = None,
    renew: Callable[[], None] = lambda: None,
) -> int:
    """Let a program suggest codes for a report; returns how many suggestions were new.

    machine: None for the framework's cues. renew: called before each question to a language model;
    what it raises stops the work. Raises NotPermitted; RuleError if suggestions are off,
    also for the review, or the program can suggest nothing; FileRefused if its file is damaged.
    """
    require_suggestions()
    machine = machine or coding.cue_machine(now)
    if reason := why_no_suggestions(report.review) or why_unusable(machine):
        raise RuleError(reason)
    if machine.framework_id not in {None, framework.pk}:
        raise RuleError(f"{machine.name} suggests codes of {machine.framework}, not {framework}")
    suggester = suggester_of(machine, framework, report, renew)
    passages = passage_texts(report)
    suggestions = suggester.suggest(passages, report.review.nation)
    new = coding.store_suggestions(
        by=by,
        report=report,
        framework=framework,
        suggestions=suggestions,
        machine=machine,
        now=now,
    )
    coding.note_run(
        machine=machine,
        framework=framework,
        report=report,
        passages=len(passages),
        suggested=new,
        dropped=suggester.dropped,
        by=by,
        now=now,
    )
    return new


def suggester_of(
    machine: MachineCoder, framework: Framework, report: Report, renew: Callable[[], None]
) -> Suggester:
    """The program of a row, ready to suggest codes of a framework for a report. renew: as above."""
    if machine.kind == MachineKind.CUES:
        return CueSuggester(file_of(framework))
    if machine.kind == MachineKind.LANGUAGE:

        def before_question() -> None:
            # A report can be withdrawn, or suggestions switched off, between two questions.
            _require_may_leave(machine, report)
            renew()

        ask = asker(machine.connection, settings.LANGUAGE_MODEL_KEY, before_question)
        return LanguageSuggester(machine.name, file_of(framework), ask)
    return suggester.LinearSuggester(machine.name, stored_model(machine.sha256))


def _require_may_leave(machine: MachineCoder, report: Report) -> None:
    """Raise RuleError unless everyone may read the words that are about to be sent."""
    now = timezone.now()
    if not is_public(report, now):
        raise RuleError(
            f"{report.key} is not public: no unpublished text is sent to a language model"
        )
    machine.refresh_from_db(fields=["ended_at"])
    if reason := why_no_suggestions(report.review) or why_unusable(machine):
        raise RuleError(reason)


def suggest_next(clock: Clock = timezone.now) -> bool:
    """Let a program read the report that has waited longest; False if none waits."""
    if not suggestions_on():
        return False
    run = coding.lease_run(now=clock())
    if run is None:
        return False
    with returned_on_stop(partial(coding.return_task, task=run)):
        try:
            _read(run, clock)
        except WaymarkError as error:
            coding.refuse_run(run=run, reason=as_sentence(error), now=clock())
    return True


def _read(run: SuggestionRun, clock: Clock) -> None:
    if run.reading != run.report.reading:
        raise RuleError("the report has a newer text: ask for suggestions again")
    suggest_codes(
        by=run.asked_by,
        report=run.report,
        framework=run.framework,
        machine=run.machine,
        renew=lambda: coding.renew_run(run=run, now=clock()),
        now=clock(),
    )


def jobs_if(on: bool) -> tuple[Job, ...]:  # noqa: FBT001 the setting itself
    """The jobs of an installation where suggestions are on or off."""
    if not on:
        return ()
    return (
        Job("train suggesters", JobQueue.READING, train_next),
        Job("suggest codes", JobQueue.READING, suggest_next),
    )


JOBS = jobs_if(settings.SUGGESTIONS)
