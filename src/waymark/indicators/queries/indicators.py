"""Indicators that a person may see, with their measures, panels and imports."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from waymark.accounts.permissions import Actor, has_permission, require_permission
from waymark.core.errors import FileRefused, SpecError, require_found
from waymark.core.sheet_rows import read_rows
from waymark.indicators.areas import NATIONS
from waymark.indicators.inference import infer_mapping
from waymark.indicators.mapping import ImportMapping, mapping_yaml, read_mapping
from waymark.indicators.models import (
    Indicator,
    IndicatorImport,
    IndicatorState,
    NationPanel,
    SavedMapping,
    StatisticalSource,
)
from waymark.indicators.reading import TableReading, read_table

STAFF = "see unpublished reports"
EDIT = "edit indicators"


def visible_indicators(person: Actor) -> QuerySet[Indicator]:
    """Published indicators; drafts too for staff. Withdrawn ones are on no list."""
    rows = Indicator.objects.exclude(state=IndicatorState.WITHDRAWN)
    return rows if has_permission(person, STAFF) else rows.filter(state=IndicatorState.PUBLISHED)


def visible_indicator(slug: str, person: Actor) -> Indicator:
    """An indicator. Raises NotFound, also for a draft that the person may not see."""
    row = visible_indicators(person).filter(slug=slug).first()
    return require_found(row, f"there is no indicator {slug}")


def withdrawn_indicator(slug: str) -> Indicator | None:
    """An indicator that was published and withdrawn since."""
    rows = Indicator.objects.filter(slug=slug, state=IndicatorState.WITHDRAWN)
    return rows.exclude(published_at=None).first()


def edited_indicators(person: Actor) -> QuerySet[Indicator]:
    """All indicators, with their number of current values. Raises NotPermitted."""
    require_permission(person, EDIT)
    return Indicator.objects.annotate(
        number_of_values=Count("measures__values", filter=Q(measures__values__superseded_at=None))
    )


def listed_indicators(person: Actor) -> list[dict[str, object]]:
    """Name, state and number of current values of all indicators. Raises NotPermitted."""
    rows = edited_indicators(person).annotate(values=F("number_of_values"))
    return [dict(row) for row in rows.values("slug", "name", "state", "values")]


def edited_indicator(slug: str, person: Actor) -> Indicator:
    """An indicator in any state. Raises NotPermitted, NotFound."""
    require_permission(person, EDIT)
    return require_found(
        Indicator.objects.filter(slug=slug).first(), f"there is no indicator {slug}"
    )


def indicators_of_topic(topic: str, person: Actor) -> list[Indicator]:
    """Indicators that carry a topic of the library, by name."""
    rows = visible_indicators(person)
    # Few rows: a query into a JSON list differs between the databases.
    return [row for row in rows if topic in row.topics]


def indicators_of_overview(slug: str, person: Actor) -> list[Indicator]:
    """Indicators that are shown beside an overview as context, by name."""
    return [row for row in visible_indicators(person) if slug in row.overviews]


def indicators_by_topic(person: Actor) -> dict[str, list[Indicator]]:
    """Key of a topic -> its indicators; "" -> those without a topic."""
    groups: dict[str, list[Indicator]] = {}
    for row in visible_indicators(person):
        for topic in row.topics or [""]:
            groups.setdefault(topic, []).append(row)
    return groups


def panels_of(indicator: Indicator) -> list[NationPanel]:
    """What is said of each nation, in the order of pages; an unsaved row for one without."""
    rows = {row.nation: row for row in indicator.panels.select_related("measure")}
    return [
        rows.get(nation)
        or NationPanel(indicator=indicator, nation=nation, absence="Not entered yet.")
        for nation in NATIONS
    ]


def sources_of(indicator: Indicator) -> list[StatisticalSource]:
    """Sources of the current values."""
    return list(
        StatisticalSource.objects.filter(
            values__measure__indicator=indicator, values__superseded_at=None
        ).distinct()
    )


# ---- imports ----


def listed_imports(person: Actor) -> QuerySet[IndicatorImport]:
    """Imports that were carried out. Raises NotPermitted."""
    require_permission(person, EDIT)
    rows = IndicatorImport.objects.exclude(imported_at=None)
    return rows.select_related("indicator", "by").defer("content")


def import_by_number(number: int, person: Actor) -> IndicatorImport:
    """An import, previewed or carried out. Raises NotPermitted, NotFound."""
    require_permission(person, EDIT)
    row = IndicatorImport.objects.select_related("indicator").filter(pk=number).first()
    return require_found(row, f"there is no import {number}")


def saved_mappings(person: Actor) -> list[SavedMapping]:
    """All saved mappings. Raises NotPermitted."""
    require_permission(person, EDIT)
    return list(SavedMapping.objects.all())


def mapping_called(name: str, person: Actor) -> ImportMapping:
    """A saved mapping. Raises NotPermitted, NotFound."""
    require_permission(person, EDIT)
    row = SavedMapping.objects.filter(name=name).first()
    return read_mapping(require_found(row, f"there is no mapping {name}").text, file=name)


def detected_mapping(content: bytes, file: str) -> ImportMapping:
    """The mapping of a file: a saved one with its columns, or what its layout shows.

    Raises FileRefused for a file of an unknown layout.
    """
    rows = read_rows(content, name=file)
    inferred = None
    try:
        inferred = infer_mapping(rows, name=file)
    except FileRefused:
        if (saved := _saved_for(rows[:50])) is None:
            raise
        return saved
    for row in SavedMapping.objects.all():
        mapping = read_mapping(row.text, file=row.name)
        if mapping.indicator == inferred.indicator:
            return mapping
    return inferred


def _saved_for(rows: Sequence[tuple[int, list[str]]]) -> ImportMapping | None:
    """The only saved mapping whose columns are all in its row of heads."""
    heads = {number: set(cells) for number, cells in rows}
    mappings = []
    for row in SavedMapping.objects.all():
        mapping = read_mapping(row.text, file=row.name)
        if not mapping.sheet and set(mapping.columns) <= heads.get(mapping.header, set()):
            mappings.append(mapping)
    return mappings[0] if len(mappings) == 1 else None


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would store. problem: why it cannot be carried out at all, or ""."""

    mapping: ImportMapping | None
    text: str
    reading: TableReading | None
    problem: str = ""


def preview_import(row: IndicatorImport, text: str, person: Actor) -> ImportPreview:
    """Read a proposed file by a mapping, "" to detect it. Raises NotPermitted."""
    require_permission(person, EDIT)
    content = bytes(row.content or b"")
    mapping = None
    try:
        mapping = read_mapping(text) if text.strip() else detected_mapping(content, row.file)
        rows = read_rows(content, name=row.file, sheet=mapping.sheet)
        reading = read_table(rows, mapping, name=row.file)
    except (FileRefused, SpecError) as error:
        return ImportPreview(
            mapping, text or (mapping_yaml(mapping) if mapping else ""), None, str(error)
        )
    return ImportPreview(mapping, text if text.strip() else mapping_yaml(mapping), reading)


def record_key(slug: str) -> str:
    """Key of the record of an indicator in the library."""
    return f"statistics-{slug}"


def indicator_of_record(key: str, address: str, person: Actor) -> Indicator | None:
    """The indicator that a record of the library is of. address: as the record has it."""
    slug = key.removeprefix("statistics-")
    if slug == key or not address.endswith(f"/statistics/{slug}/"):
        return None
    return visible_indicators(person).filter(slug=slug).first()
