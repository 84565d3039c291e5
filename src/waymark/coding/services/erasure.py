"""Erase the words of a report from what programs made of it: suggestions and trained models."""

from datetime import datetime
from functools import partial

from django.db import transaction

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.coding.models import MachineCoder, Suggestion
from waymark.core.errors import RuleError
from waymark.documents.models import Report


@audit.serialized
def erase_machine_words(*, by: Actor, report: Report, now: datetime) -> None:
    """Erase the words of a report from suggestions, and the files of models that learned from it.

    The rows stay, with their places and decisions, because figures are counted from them. Only for
    a report that is withdrawn or expired. Raises NotPermitted, RuleError.
    """
    require_permission(by, "publish reports")
    if Report.objects.get(pk=report.pk).state in OPEN_TO_STAFF:
        raise RuleError("withdraw the report first: its suggestions are still used")
    suggestions = Suggestion.objects.filter(report=report).update(
        exact="", prefix="", suffix="", cue=""
    )
    models = erase_models(report)
    if suggestions or models:
        audit.record_about(
            by, "erase suggestions", report, now, suggestions=suggestions, suggesters=models
        )


def erase_models(report: Report) -> list[str]:
    """Erase the files of all models that learned from a report; returns the models' names.

    Only inside a service.
    """
    # Not above: it loads numpy and scipy, and every process imports the services.
    from waymark.coding.machine_files import erase_model

    learned = MachineCoder.objects.filter(reports=report).exclude(sha256="")
    files = dict(learned.values_list("name", "sha256"))
    learned.update(sha256="")
    # Two trainings on the same texts have one file.
    used = MachineCoder.objects.filter(sha256__in=files.values()).values_list("sha256", flat=True)
    for sha256 in set(files.values()) - set(used):
        # If a crash comes before this is done, doctor names the file.
        transaction.on_commit(partial(erase_model, sha256))
    return sorted(files)
