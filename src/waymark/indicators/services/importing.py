"""Services that import files of official statistics: preview, import, save the mapping."""

import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.core.sheet_rows import Row, read_rows
from waymark.indicators.inference import DEFINITION
from waymark.indicators.mapping import ImportMapping, SourceEntry, mapping_yaml, read_mapping
from waymark.indicators.models import (
    Indicator,
    IndicatorImport,
    IndicatorMeasure,
    SavedMapping,
    StatisticalArea,
    StatisticalSource,
)
from waymark.indicators.reading import RowProblem, TableReading, read_table
from waymark.indicators.services.describing import (
    EDIT,
    IndicatorDescription,
    create_indicator,
    locked_indicator,
)
from waymark.indicators.services.values import AppendedValues, append_values

MOST_REFUSED = 1_000
"""Refused rows that an import stores with their reasons; their number is kept in any case."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did. stored: number of rows whose values are now stored."""

    file: IndicatorImport
    indicator: Indicator
    rows: int
    stored: int
    values: AppendedValues
    refused: tuple[RowProblem, ...]


@audit.serialized
def propose_import(
    *, by: Actor, file: str, content: bytes, mapping: str, now: datetime
) -> IndicatorImport:
    """Keep an uploaded file for its preview, replacing earlier ones of the same person.

    Raises NotPermitted.
    """
    require_permission(by, EDIT)
    person = by if isinstance(by, User) else None
    IndicatorImport.objects.filter(by=person, imported_at=None).delete()
    return IndicatorImport.objects.create(
        file=file[:255],
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        mapping=mapping,
        received_at=now,
        by=person,
    )


@audit.serialized
def drop_proposed_import(*, by: Actor, number: int, now: datetime) -> None:
    """Discard a file that was only previewed. Raises NotPermitted."""
    require_permission(by, EDIT)
    IndicatorImport.objects.filter(pk=number, imported_at=None).delete()
    audit.record_entry(
        actor=by, action="discard file of statistics", subject=f"import {number}", now=now
    )


@audit.serialized
def import_values(
    *,
    by: Actor,
    file: str,
    content: bytes,
    mapping: ImportMapping,
    proposed: int | None = None,
    now: datetime,
) -> ImportResult:
    """Append the values of a file by a mapping; the same file again changes nothing.

    Creates the indicator as a draft if there is none. proposed: the preview that it was.
    Raises NotPermitted, FileRefused, and RuleError if no row of the file can be stored.
    """
    require_permission(by, EDIT)
    reading = read_table(rows_of(content, file, mapping), mapping, name=file)
    if not reading.values:
        first = reading.problems[0]
        raise RuleError(f"no row of {file} can be stored. Row {first.row}: {first.reason}")
    indicator = _indicator(by, mapping, now)
    person = by if isinstance(by, User) else None
    row = _import_row(file, content, mapping, person, proposed, now)
    _store_areas(reading)
    _store_measures(indicator, reading)
    source = stored_source(mapping.source)
    values = append_values(indicator, reading.values, row, source, person, now)
    row.indicator, row.content, row.imported_at = indicator, None, now
    row.rows, row.stored = reading.rows, reading.rows_read
    row.new, row.revised, row.unchanged = values.new, values.revised, values.unchanged
    row.refused = [asdict(problem) for problem in reading.problems[:MOST_REFUSED]]
    row.save()
    indicator.changed_at = now
    indicator.save(update_fields=["changed_at"])
    audit.record_about(
        by,
        "import values of indicator",
        indicator,
        now,
        file=file,
        sha256=row.sha256,
        refused=len(reading.problems),
        **asdict(values),
    )
    return ImportResult(
        row, indicator, reading.rows, reading.rows_read, values, tuple(reading.problems)
    )


def rows_of(content: bytes, file: str, mapping: ImportMapping) -> list[Row]:
    """Rows of the sheet that a mapping names. Raises FileRefused."""
    return read_rows(content, name=file, sheet=mapping.sheet)


def _indicator(by: Actor, mapping: ImportMapping, now: datetime) -> Indicator:
    if Indicator.objects.filter(slug=mapping.indicator).exists():
        return locked_indicator(mapping.indicator)
    name = mapping.title or mapping.indicator.replace("-", " ").capitalize()
    description = IndicatorDescription(
        title=name, name=name, definition=mapping.definition or DEFINITION
    )
    return create_indicator(by=by, slug=mapping.indicator, description=description, now=now)


def _import_row(
    file: str,
    content: bytes,
    mapping: ImportMapping,
    person: User | None,
    proposed: int | None,
    now: datetime,
) -> IndicatorImport:
    rows = IndicatorImport.objects.filter(imported_at=None)
    row = rows.filter(pk=proposed).first() if proposed else None
    if row is None:
        row = IndicatorImport(by=person, received_at=now)
    row.file, row.mapping = file[:255], mapping_yaml(mapping)
    row.sha256 = hashlib.sha256(content).hexdigest()
    row.save()
    return row


def _store_areas(reading: TableReading) -> None:
    """Add areas that are not known; a known one keeps its name, so that lists stay the same."""
    known = {row.code: row for row in StatisticalArea.objects.all()}
    # Those above come first in a row, so a parent is stored before its parts.
    for area in reading.areas.values():
        if area.code in known:
            continue
        known[area.code] = StatisticalArea.objects.create(
            code=area.code,
            name=area.name,
            level=area.level,
            nation=area.nation,
            parent=known.get(area.parent),
        )


def _store_measures(indicator: Indicator, reading: TableReading) -> None:
    """Add measures that are not known. What people know a measure as does not change by a file."""
    known = {row.key: row for row in indicator.measures.all()}
    last = max((row.position for row in known.values()), default=0)
    for key, measure in reading.measures.items():
        before = known.get(key)
        if before is None:
            last += 1
            IndicatorMeasure.objects.create(
                indicator=indicator,
                key=key,
                label=measure.label,
                breakdown=measure.breakdown,
                unit=measure.unit,
                words=measure.words,
                period_type=measure.period_type,
                position=last,
            )
        elif before.period_type != measure.period_type:
            raise RuleError(
                f"the measure {key} has values by {before.get_period_type_display().lower()}:"
                f" correct its type in the mapping"
            )


def stored_source(entry: SourceEntry) -> StatisticalSource:
    """The row of a source, the same one for the same entries."""
    row, _ = StatisticalSource.objects.get_or_create(**entry.model_dump())
    return row


@audit.serialized
def save_mapping(*, by: Actor, name: str, text: str, now: datetime) -> SavedMapping:
    """Save a mapping under a name, or replace the one of that name.

    Raises NotPermitted, SpecError for a mapping that cannot be read, RuleError for a wrong name.
    """
    require_permission(by, EDIT)
    read_mapping(text)
    if not _NAME.fullmatch(name) or len(name) > 60:
        raise RuleError("the name of a mapping has lower-case letters, digits and hyphens")
    person = by if isinstance(by, User) else None
    values = {"text": text, "saved_at": now, "saved_by": person}
    row, _ = SavedMapping.objects.update_or_create(name=name, defaults=values)
    audit.record_about(by, "save indicator mapping", row, now)
    return row
