"""Projects uploaded on the page: read once, kept for the preview, imported or dropped."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_account, require_permission
from waymark.coding import services as coding
from waymark.coding.models import ProjectImport
from waymark.core.errors import FileRefused
from waymark.documents.files.uploads import plain_name
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.parent import read_qda_isolated
from waymark.documents.reading.qda_values import QdaProject
from waymark.documents.reading.values import MIB
from waymark.pipeline.coding_exchange.project_import import ProjectImported, import_project
from waymark.pipeline.coding_exchange.project_plan import (
    ProjectChoices,
    ProjectPlan,
    plan_project,
)

SECONDS = 30
"""Processor time for a project that somebody waits for."""
LARGEST_PREVIEW = 32 * MIB
"""Bytes of a project that is kept for its preview."""
_PROJECT = TypeAdapter(QdaProject)


def read_uploaded(path: Path, name: str) -> QdaProject:
    """Read a project or a codebook that somebody waits for. Raises FileRefused."""
    limits = replace(
        reading_limits(),
        cpu_seconds=SECONDS,
        wall_seconds=2 * SECONDS,
        answer=LARGEST_PREVIEW,
    )
    return read_qda_isolated(path, plain_name(name), limits)


def propose_project(
    *, by: Actor, path: Path, name: str, choices: ProjectChoices, now: datetime
) -> ProjectImport:
    """Read an uploaded project and keep it for its preview. Raises NotPermitted, FileRefused."""
    require_permission(by, "code")
    project = read_uploaded(path, name)
    if project.kind != "project":
        raise FileRefused(
            plain_name(name),
            "is a codebook without codings",
            "Import it below as a framework",
        )
    content = json.dumps(asdict(project), separators=(",", ":"))
    if len(content) > LARGEST_PREVIEW:
        reason = f"contains more than {LARGEST_PREVIEW // MIB} MiB of texts and codings"
        raise FileRefused(plain_name(name), reason, "Import it with the command line")
    row = coding.open_project_import(
        by=by,
        file_name=plain_name(name),
        sha256=sha256(path.read_bytes()).hexdigest(),
        project=content,
        now=now,
    )
    coding.change_project_import(by=by, row=row, choices=asdict(choices), now=now)
    return row


def stored_choices(row: ProjectImport) -> ProjectChoices:
    """What the person has chosen so far."""
    values: dict[str, Any] = row.choices
    # Earlier versions offered other accounts too.
    return ProjectChoices(**values | {"users": {}})


def preview_proposed(row: ProjectImport, person: User, now: datetime) -> ProjectPlan:
    """The plan of a stored project. Raises as plan_project does."""
    project = _PROJECT.validate_json(row.project)
    return plan_project(project, by=person, coder=person, choices=stored_choices(row), now=now)


@serialized_in("coding", "profiles")
def import_proposed(*, by: Actor, row: ProjectImport, now: datetime) -> ProjectImported:
    """Import a stored project and keep its report. Raises as import_project does."""
    person = require_account(by, "code", "import codings")
    done = import_project(
        project=_PROJECT.validate_json(row.project),
        by=person,
        coder=person,
        choices=stored_choices(row),
        file=row.file_name,
        now=now,
    )
    coding.close_project_import(by=by, row=row, report=done.report, now=now)
    return done
