"""Keep the projects that people import from other programs, and note what they export."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_account, require_permission
from waymark.coding.models import ProjectImport, ProjectImportState
from waymark.core.errors import RuleError

PREVIEW_LIFETIME = timedelta(days=7)
"""How long a preview is kept without a decision."""
MOST_PREVIEWS = 5
"""Previews without a decision of one person."""


@audit.serialized
def open_project_import(
    *, by: Actor, file_name: str, sha256: str, project: str, now: datetime
) -> ProjectImport:
    """Keep a project for its preview. The person's oldest previews above MOST_PREVIEWS are deleted.

    Raises NotPermitted.
    """
    person = require_account(by, "code", "import codings")
    # They cannot be refused instead: a preview that is too large to show could not be discarded.
    for old in _previews().filter(by=person)[MOST_PREVIEWS - 1 :]:
        audit.record_about(by, "drop coding import", old, now)
        old.delete()
    row = ProjectImport.objects.create(
        key=secrets.token_hex(6),
        by=person,
        file_name=file_name[:255],
        sha256=sha256,
        project=project,
        at=now,
    )
    audit.record_about(by, "open coding import", row, now, sha256=sha256)
    return row


def forget_imports(*, now: datetime) -> int:
    """Delete previews without a decision for PREVIEW_LIFETIME; returns their number."""
    number, _ = _previews().filter(at__lt=now - PREVIEW_LIFETIME).delete()
    if number:
        audit.record_entry(
            actor=None,
            action="forget coding imports",
            subject="coding imports",
            now=now,
            number=number,
        )
    return number


@audit.serialized
def change_project_import(
    *, by: Actor, row: ProjectImport, choices: Mapping[str, Any], now: datetime
) -> None:
    """Keep what the person chose for an import. Raises NotPermitted, RuleError once imported."""
    _require_open(by, row)
    row.choices = dict(choices)
    row.save(update_fields=["choices"])
    audit.record_about(by, "change coding import", row, now)


@audit.serialized
def close_project_import(
    *, by: Actor, row: ProjectImport, report: Mapping[str, Any], now: datetime
) -> None:
    """Keep the report of an import and forget the project. Raises as change_project_import does."""
    _require_open(by, row)
    row.state, row.report, row.project = ProjectImportState.DONE, dict(report), ""
    row.at = now
    row.save(update_fields=["state", "report", "project", "at"])
    audit.record_about(by, "close coding import", row, now)


@audit.serialized
def drop_project_import(*, by: Actor, row: ProjectImport, now: datetime) -> None:
    """Delete a preview. Raises as change_project_import does."""
    _require_open(by, row)
    audit.record_about(by, "drop coding import", row, now)
    row.delete()


@audit.serialized
def note_export(
    *, by: Actor, what: str, ending: str, codings: int, now: datetime, coder: User | None = None
) -> None:
    """Note in the audit log that codings were exported. coder: whose, None for settled ones.

    Raises NotPermitted.
    """
    require_permission(by, "code")
    audit.record_entry(
        actor=by,
        action="export codings",
        subject=what,
        now=now,
        format=ending,
        codings=codings,
        coder=coder.get_username() if coder else "",
    )


def _previews() -> QuerySet[ProjectImport]:
    return ProjectImport.objects.filter(state=ProjectImportState.PROPOSED)


def _require_open(by: Actor, row: ProjectImport) -> None:
    require_permission(by, "code")
    if row.by != by:
        raise RuleError("you can decide only about your own imports")
    if row.state != ProjectImportState.PROPOSED or not row.project:
        raise RuleError("this project has been imported already")
