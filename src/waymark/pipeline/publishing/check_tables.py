"""Check in the background whether all tables of an overview can be shown under a profile.

The result of a check:

    {"shown": 8, "of": 15,                         tables
     "numbers": 120, "withheld": 31,               counts that are printed, and those withheld
     "refused": {"T4": ["Too few ..."]},           table -> reasons
     "others": ["Figure 2, Ages. It ..."],         texts and figures that are left out
     "failure": "", "together": false}             why nothing could be shown; no table is the cause
"""

from datetime import datetime
from functools import partial
from typing import Any

import yaml
from django.utils import timezone

from waymark.accounts.models import User
from waymark.accounts.permissions import require_permission
from waymark.accounts.queries import content_state
from waymark.core.errors import NoSingleCause, TablesNotShown, WaymarkError
from waymark.core.jobs import Clock, Job, JobQueue, returned_on_stop
from waymark.core.wording import as_sentence
from waymark.overview import services as overview
from waymark.overview.models import SpecVersion, TableCheck
from waymark.overview.queries.overviews import decision_of, latest_version, overview_for
from waymark.overview.queries.table_checks import same_check
from waymark.overview.spec.template import with_parts
from waymark.pipeline.publishing.preview import (
    OverviewPreview,
    PreviewSource,
    preview_of_source,
    preview_source,
)


def ask_table_check(*, by: User, slug: str, now: datetime, profile: str = "") -> TableCheck:
    """Queue the check of all tables of the last version. profile: "" for that of the version.

    Another profile is only tried: nothing of the overview changes. Raises NotPermitted, NotFound,
    RuleError for an unknown profile.
    """
    require_permission(by, "analyse")
    version = latest_version(overview_for(slug))
    return overview.ask_check(
        by=by, version=version, profile=profile or decision_of(version).profile, now=now
    )


def check_next(clock: Clock = timezone.now) -> bool:
    """Make the check that has waited longest; False if there is none."""
    check = overview.lease_check(now=clock())
    if check is None:
        return False
    with returned_on_stop(partial(overview.return_check, check=check)):
        state = content_state()
        digest = state.digest if state else ""
        result, content = _result_of(check, clock)
        overview.finish_check(
            check=check, result=result, content=content, digest=digest, now=clock()
        )
    return True


def _result_of(check: TableCheck, clock: Clock) -> tuple[dict[str, Any], str]:
    """Result of a check, and the hash of what it was counted from."""
    content = ""
    try:
        source = preview_source(
            by=check.asked_by,
            slug=check.version.overview.slug,
            spec=spec_under(check.version, check.profile),
            now=clock(),
        )
        content = source.content
        if (before := same_check(check, content)) is not None:
            return dict(before.result or {}), content
        return _check_source(check, source, clock), content
    except WaymarkError as error:
        return {"failure": as_sentence(error)}, content


def _check_source(check: TableCheck, source: PreviewSource, clock: Clock) -> dict[str, Any]:
    def on_round(left_out: int) -> None:
        overview.note_round(check=check, left_out=left_out, now=clock())

    try:
        preview = preview_of_source(source, table="", now=clock(), on_round=on_round)
    except TablesNotShown as error:
        refused: dict[str, list[str]] = {}
        for part, reason in error.reasons.items():
            refused.setdefault(part.partition(".")[0], []).append(reason)
        return {"shown": 0, "of": len(source.spec.tables), "refused": refused}
    except NoSingleCause as error:
        return {"failure": as_sentence(error), "together": True}
    return _summary(preview)


def _summary(preview: OverviewPreview) -> dict[str, Any]:
    refused: dict[str, list[str]] = {}
    others = []
    for part in preview.left_out:
        if part.table:
            refused.setdefault(part.table, []).append(part.reason)
        else:
            others.append(f"{part.name}. {part.reason}")
    cells = [
        cell
        for protected in preview.release.tables
        for row in protected.table.rows
        for cell in row.cells
        if cell.kind == "count"
    ]
    return {
        "shown": len(preview.shown),
        "of": len(preview.spec.tables),
        "numbers": sum(cell.value is not None for cell in cells),
        "withheld": sum(cell.is_withheld for cell in cells),
        "refused": refused,
        "others": others,
    }


def spec_under(version: SpecVersion, profile: str) -> str:
    """The YAML of a version with another disclosure profile; unchanged if it has this one."""
    if decision_of(version).profile == profile:
        return version.spec
    disclosure = yaml.safe_load(version.spec)["disclosure"]
    return with_parts(version.spec, {"disclosure": {**disclosure, "profile": profile}})


JOBS = (Job("check tables", JobQueue.READING, check_next),)
