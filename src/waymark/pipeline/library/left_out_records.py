"""Possible duplicates that an import left out: added later, or merged into what is there.

The file is kept for a week after the import while some are left. Merging fills only what is empty
here, so that nothing a cataloguer wrote is lost.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from waymark.accounts.audit import serialized_in
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.library import services as library
from waymark.library.catalogue.resource_description import FIELDS
from waymark.library.models import CatalogueRecord, Import, ImportState, Resource
from waymark.library.queries.imports import (
    LIKE,
    MOST_KEYWORDS,
    MOST_SUBJECTS,
    NEW,
    PlannedRecord,
    import_for,
    is_left_out,
)
from waymark.library.services import imports
from waymark.library.services.resource_mapping import description_of
from waymark.pipeline.library.import_records import ImportOptions, import_some, preview_import

GONE = "the file of this import is no longer kept: import it again, with possible duplicates"
NEVER_FILLED = frozenset({"kind", "title", "language", "author_bodies", "keywords"})
"""Fields that every record has, that belong to another, or that are added up."""


@serialized_in("documents", "library")
def take_left_out(
    *, by: Actor, key: str, numbers: Collection[int], merge: bool, now: datetime
) -> tuple[int, list[str]]:
    """Add the records with these numbers (from 0, in the report) to the catalogue, or merge them.

    merge: fill the empty fields of the first record that each may duplicate. Returns how many were
    added or merged, and a message for each other. Raises NotPermitted, NotFound, RuleError.
    """
    require_permission(by, "catalogue")
    batch = import_for(key, by)
    if batch.state != ImportState.DONE or batch.content is None:
        raise RuleError(GONE)
    lines: list[dict[str, Any]] = batch.report["records"]
    plan = preview_import(batch, ImportOptions(batch.report.get("kind", "")), by)
    chosen = [
        (planned, line)
        for number, (planned, line) in enumerate(zip(plan.records, lines, strict=True))
        if number in numbers and is_left_out(line)
    ]
    if merge:
        _merge_each(by, chosen, now)
    else:
        _take_each(by, batch, chosen, now)
    done = [line for _, line in chosen if line.get("taken") or line.get("merged")]
    report = batch.report | {"taken": sum(line.get("taken", 0) for line in lines)}
    imports.note_left_out(by=by, batch=batch, report=report, now=now)
    faults = [f"{line['title']}: {line['wrong'][-1]}" for _, line in chosen if line not in done]
    return len(done), faults


Chosen = list[tuple[PlannedRecord, dict[str, Any]]]


def _take_each(by: Actor, batch: Import, chosen: Chosen, now: datetime) -> None:
    rows = []
    for planned, line in chosen:
        if planned.outcome in {LIKE, NEW}:
            rows.append((planned, line))
        else:
            line["wrong"] = [*line["wrong"], "it is in the catalogue by now"]
    import_some(by, batch, rows, ImportOptions(include_similar=True), now)


def _merge_each(by: Actor, chosen: Chosen, now: datetime) -> None:
    for planned, line in chosen:
        try:
            record = _merged(by, planned, line, now)
        except RuleError as error:
            line["wrong"] = [*line["wrong"], str(error)]
        else:
            line["there"], line["merged"] = record.audit_subject(), 1


def _merged(
    by: Actor, planned: PlannedRecord, line: dict[str, Any], now: datetime
) -> CatalogueRecord:
    """Fill what is empty in the record that another may duplicate. Raises RuleError."""
    kind, _, rest = line["like"][0].partition(" ")
    described = planned.description
    resource = Resource.objects.filter(key=rest.partition(":")[0]).first()
    if kind != "resource" or described is None or resource is None:
        raise RuleError("merge it by hand: it may duplicate a review, or a record of this file")
    before = description_of(resource)
    filled = {
        name: getattr(described, name)
        for name in FIELDS
        if name not in NEVER_FILLED and not getattr(before, name)
    }
    if not before.authors:
        filled["author_bodies"] = described.author_bodies
    keywords = tuple(dict.fromkeys((*before.keywords, *described.keywords)))[:MOST_KEYWORDS]
    library.change_resource(
        by=by, resource=resource, description=replace(before, **filled, keywords=keywords), now=now
    )
    record = CatalogueRecord.objects.get(resource=resource)
    own = set(record.subjects.values_list("key", flat=True))
    if more := [key for key in planned.subjects if key not in own][: MOST_SUBJECTS - len(own)]:
        library.set_subjects(by=by, record=record, subjects=own.union(more), now=now)
    return record
