"""Programs that suggest codes: train them, let them read reports, end them, switch them off.

Work is queued as rows and leased to a background worker, as in overview.services.table_checks: a
task whose worker was killed is free again when its lease has run out.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.coding.models import (
    MachineCoder,
    MachineKind,
    MachineState,
    SuggestionBlock,
    SuggestionRun,
)
from waymark.coding.queries.machines import (
    CONNECT,
    LEAD,
    NO_LANGUAGE_MODELS,
    reports_to_read,
    require_suggestions,
    waiting_runs,
    waiting_trainings,
    why_unusable,
)
from waymark.coding.services.erasure import erase_models
from waymark.core.errors import RuleError
from waymark.documents.models import Report, Review
from waymark.frameworks.models import Framework

LEASE = timedelta(minutes=30)
"""Time to train, to read one report, or for each question to a language model."""
MOST_ATTEMPTS = 3
STOPPED = (
    "The work was stopped three times before it ended. Ask the person who runs this site whether"
    " its memory is enough, then ask again."
)
Task = TypeVar("Task", MachineCoder, SuggestionRun)


@audit.serialized
def request_training(*, by: Actor, framework: Framework, now: datetime) -> MachineCoder:
    """Queue the training of a linear model on what is settled with a framework version.

    One that waits already is returned. Raises NotPermitted; RuleError for a draft framework, or if
    suggestions are off.
    """
    require_permission(by, LEAD)
    require_suggestions()
    if framework.published_at is None:
        raise RuleError(f"{framework} is a draft: publish it before training with it")
    waiting = waiting_trainings().filter(framework=framework).first()
    if waiting is not None:
        return waiting
    known = MachineCoder.objects.filter(kind=MachineKind.LINEAR)
    version = max(known.values_list("version", flat=True), default=0) + 1
    machine = MachineCoder.objects.create(
        name=f"linear {version}",
        kind=MachineKind.LINEAR,
        version=version,
        framework=framework,
        asked_by=_account(by),
        asked_at=now,
    )
    audit.record_about(by, "train suggester", machine, now, framework=str(framework))
    return machine


def _account(by: Actor) -> User | None:
    return by if isinstance(by, User) else None


@audit.serialized
def connect_language_model(
    *, by: Actor, address: str, model: str, private: bool, now: datetime
) -> MachineCoder:
    """Add a language model at an address, which suggests only when it is asked to.

    private: the server is on the own network. Raises NotPermitted; RuleError if language models are
    off, or for an address that is not https (http is for this computer alone).
    """
    require_permission(by, CONNECT)
    require_suggestions()
    if not settings.LANGUAGE_MODELS:
        raise RuleError(NO_LANGUAGE_MODELS)
    _check_address(address)
    if not model:
        raise RuleError("enter the name of the model, as its server knows it")
    known = MachineCoder.objects.filter(kind=MachineKind.LANGUAGE)
    version = max(known.values_list("version", flat=True), default=0) + 1
    machine = MachineCoder.objects.create(
        name=f"language model {version}",
        kind=MachineKind.LANGUAGE,
        version=version,
        state=MachineState.READY,
        connection={"address": address, "model": model, "private": private},
        asked_by=_account(by),
        asked_at=now,
        done_at=now,
    )
    audit.record_about(
        by, "connect language model", machine, now, address=address, model=model, private=private
    )
    return machine


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise RuleError("the address is not valid: copy it from your server") from error
    plain = address.isascii() and address.isprintable() and " " not in address
    if not plain or not parts.hostname or port == 0 or len(address) > 500:
        raise RuleError("the address is not valid: copy it from your server")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise RuleError("the address must have no user name, password or query")
    here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        raise RuleError("the address must begin with https://")


@audit.serialized
def lease_training(*, now: datetime) -> MachineCoder | None:
    """Lease the training that has waited longest; None if none waits."""
    rows = waiting_trainings().select_for_update(skip_locked=True, of=("self",))
    return _leased(rows.select_related("framework", "asked_by"), now)


@audit.serialized
def lease_run(*, now: datetime) -> SuggestionRun | None:
    """Lease the report that has waited longest for a program; None if none waits."""
    return _leased(waiting_runs().select_for_update(skip_locked=True, of=("self",)), now)


def _leased(rows: QuerySet[Task], now: datetime) -> Task | None:
    free = rows.filter(Q(lease_until=None) | Q(lease_until__lt=now))
    for task in free.order_by("asked_at", "pk"):
        if task.attempts >= MOST_ATTEMPTS:
            _refuse(task, STOPPED, now)
            continue
        task.lease_until, task.attempts = now + LEASE, task.attempts + 1
        task.save(update_fields=["lease_until", "attempts"])
        return task
    return None


@audit.serialized
def return_task(*, task: MachineCoder | SuggestionRun) -> None:
    """Let a leased training or report wait again, for a process that is told to stop meanwhile.

    This attempt is not counted.
    """
    rows = type(task).objects.filter(pk=task.pk, done_at=None, lease_until=task.lease_until)
    if rows.exists():
        task.attempts, task.lease_until = task.attempts - 1, None
        task.save(update_fields=["attempts", "lease_until"])


def _refuse(task: MachineCoder | SuggestionRun, reason: str, now: datetime) -> None:
    task.done_at, task.lease_until = now, None
    if isinstance(task, MachineCoder):
        task.state, task.reason = MachineState.REFUSED, reason
    else:
        task.refused = reason
    task.save()


@audit.serialized
def finish_training(
    *,
    machine: MachineCoder,
    sha256: str,
    reviews: Sequence[Review],
    reports: Sequence[Report],
    scores: Mapping[str, Any],
    now: datetime,
) -> None:
    """Store a trained model, unless another worker has done so meanwhile."""
    machine = MachineCoder.objects.select_for_update(of=("self",)).get(pk=machine.pk)
    if machine.done_at is not None:
        return
    machine.sha256, machine.scores, machine.state = sha256, dict(scores), MachineState.READY
    machine.done_at, machine.lease_until = now, None
    machine.save()
    machine.reviews.set(reviews)
    machine.reports.set(reports)
    audit.record_about(
        machine.asked_by, "store suggester", machine, now, sha256=sha256, reviews=len(reviews)
    )
    # A file may have been erased while the model was trained.
    for report in machine.reports.exclude(original__erased_at=None):
        erase_models(report)


@audit.serialized
def refuse_training(*, machine: MachineCoder, reason: str, now: datetime) -> None:
    """Store why a model was not trained."""
    machine = MachineCoder.objects.select_for_update(of=("self",)).get(pk=machine.pk)
    if machine.done_at is None:
        _refuse(machine, reason, now)


@audit.serialized
def request_suggestions(
    *,
    by: Actor,
    machine: MachineCoder,
    framework: Framework,
    reviews: Collection[Review],
    now: datetime,
) -> int:
    """Queue the reports of reviews for a program to read; returns how many it is to read.

    Reports that it read or is to read already are left out, those that it failed to read are not.
    Reviews for which suggestions are off are left out. Raises NotPermitted; RuleError if
    suggestions are off, if the program can suggest nothing, or if it is of another framework.
    """
    require_permission(by, LEAD)
    require_suggestions()
    if reason := why_unusable(machine):
        raise RuleError(reason)
    if machine.framework_id not in {None, framework.pk}:
        raise RuleError(f"{machine.name} suggests codes of {machine.framework}, not {framework}")
    reports = reports_to_read(machine, framework, reviews, by, now)
    SuggestionRun.objects.bulk_create(
        (
            SuggestionRun(
                machine=machine,
                framework=framework,
                report=report,
                reading=report.reading,
                asked_by=_account(by),
                asked_at=now,
            )
            for report in reports
        ),
        update_conflicts=True,  # a report that it failed to read is asked for anew
        unique_fields=["machine", "framework", "report", "reading"],
        update_fields=["asked_by", "asked_at", "done_at", "lease_until", "attempts", "refused"],
    )
    if reports:
        audit.record_about(
            by, "request suggestions", machine, now, framework=str(framework), reports=len(reports)
        )
    return len(reports)


@audit.serialized
def note_run(
    *,
    machine: MachineCoder,
    framework: Framework,
    report: Report,
    passages: int,
    suggested: int,
    dropped: int,
    by: Actor,
    now: datetime,
) -> None:
    """Store that a program has read a report, asked for or not. Numbers: see SuggestionRun."""
    require_permission(by, "suggest")
    run, _ = SuggestionRun.objects.get_or_create(
        machine=machine,
        framework=framework,
        report=report,
        reading=report.reading,
        defaults={"asked_by": _account(by), "asked_at": now},
    )
    run.passages, run.suggested, run.dropped = passages, run.suggested + suggested, dropped
    run.done_at, run.lease_until, run.refused = now, None, ""
    run.save()


@audit.serialized
def refuse_run(*, run: SuggestionRun, reason: str, now: datetime) -> None:
    """Store why a program did not read a report, unless another worker has it meanwhile."""
    if _own_lease(run).exists():
        _refuse(run, reason, now)


@audit.serialized
def renew_run(*, run: SuggestionRun, now: datetime) -> None:
    """Renew the lease of a report that is being read.

    Raises RuleError if it ran out and the report is no longer this worker's to read.
    """
    lease_until = now + LEASE
    if not _own_lease(run).update(lease_until=lease_until):
        raise RuleError("another worker reads this report")
    run.lease_until = lease_until


def _own_lease(run: SuggestionRun) -> QuerySet[SuggestionRun]:
    """The row of a run, empty if another worker leased or ended it since."""
    return SuggestionRun.objects.filter(pk=run.pk, done_at=None, lease_until=run.lease_until)


@audit.serialized
def end_machine(*, by: Actor, machine: MachineCoder, now: datetime) -> None:
    """Stop using a program: it suggests nothing more. Its file, figures and suggestions stay.

    Raises NotPermitted; RuleError if it has ended.
    """
    require_permission(by, LEAD)
    ended = MachineCoder.objects.filter(pk=machine.pk, ended_at=None).update(ended_at=now)
    if not ended:
        raise RuleError(f"{machine.name} is no longer used")
    audit.record_about(by, "end suggester", machine, now)


@audit.serialized
def block_suggestions(
    *,
    by: Actor,
    collection: str = "",
    review: Review | None = None,
    reason: str = "",
    now: datetime,
) -> SuggestionBlock:
    """Switch suggestions off for a collection or a review; those there are no longer shown.

    Raises NotPermitted; RuleError for a collection that no review is in.
    """
    require_permission(by, LEAD)
    if (
        review is None
        and not Review.objects.filter(collection=collection).exclude(collection="").exists()
    ):
        raise RuleError(f"there is no collection {collection}")
    block, is_new = SuggestionBlock.objects.get_or_create(
        collection="" if review else collection,
        review=review,
        lifted_at=None,
        defaults={"reason": reason[:300], "blocked_by": _account(by), "blocked_at": now},
    )
    if is_new:
        audit.record_about(by, "switch suggestions off", block, now)
    return block


@audit.serialized
def lift_block(*, by: Actor, block: SuggestionBlock, now: datetime) -> None:
    """Switch suggestions on again. Raises NotPermitted; RuleError if they are."""
    require_permission(by, LEAD)
    lifted = SuggestionBlock.objects.filter(pk=block.pk, lifted_at=None)
    if not lifted.update(lifted_at=now, lifted_by=_account(by)):
        raise RuleError("suggestions are on there already")
    audit.record_about(by, "switch suggestions on", block, now)
