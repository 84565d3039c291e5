"""Services that describe an indicator, and publish or withdraw it."""

import re
from dataclasses import asdict, dataclass
from datetime import date, datetime

from waymark.accounts import audit, removals
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError, require_found
from waymark.indicators.areas import NATIONS
from waymark.indicators.models import (
    Comparability,
    Indicator,
    IndicatorMeasure,
    IndicatorState,
    NationPanel,
    SeriesBreak,
)

EDIT = "edit indicators"
PUBLISH = "publish indicators"
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorDescription:
    """What people write about an indicator: see Indicator."""

    title: str
    name: str
    topics: tuple[str, ...] = ()
    overviews: tuple[str, ...] = ()
    definition: str
    cautions: str = ""
    comparability: str = Comparability.NOT_ASSESSED
    comparability_note: str = ""
    comparability_by: str = ""
    comparability_address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelDescription:
    """What people write about one nation: see NationPanel. measure: its key, "" for no values."""

    finding: str = ""
    measure: str = ""
    counting: str = ""
    absence: str = ""


@audit.serialized
def create_indicator(
    *, by: Actor, slug: str, description: IndicatorDescription, now: datetime
) -> Indicator:
    """Create a draft. Raises NotPermitted, RuleError."""
    require_permission(by, EDIT)
    if not _SLUG.fullmatch(slug) or len(slug) > 60:
        raise RuleError(
            f"{slug[:60]!r} is no web address name: use at most 60 lower-case letters, digits and"
            " hyphens"
        )
    if Indicator.objects.filter(slug=slug).exists():
        raise RuleError(f"there is already an indicator {slug}: choose another web address name")
    values = _checked(description)
    indicator = Indicator.objects.create(slug=slug, created_at=now, changed_at=now, **values)
    audit.record_about(by, "create indicator", indicator, now)
    return indicator


@audit.serialized
def describe_indicator(
    *, by: Actor, slug: str, description: IndicatorDescription, now: datetime
) -> Indicator:
    """Change the texts of an indicator. Raises NotPermitted, NotFound, RuleError."""
    require_permission(by, EDIT)
    indicator = locked_indicator(slug)
    values = _checked(description)
    before = {name: getattr(indicator, name) for name in values}
    changed = {name: value for name, value in values.items() if before[name] != value}
    if not changed:
        return indicator
    for name, value in changed.items():
        setattr(indicator, name, value)
    indicator.changed_at = now
    indicator.save(update_fields=[*changed, "changed_at"])
    earlier = {name: before[name] for name in changed}
    audit.record_about(by, "describe indicator", indicator, now, earlier=earlier)
    return indicator


def locked_indicator(slug: str) -> Indicator:
    """An indicator whose row is locked. Raises NotFound."""
    row = Indicator.objects.select_for_update(of=("self",)).filter(slug=slug).first()
    return require_found(row, f"there is no indicator {slug}")


def _checked(description: IndicatorDescription) -> dict[str, object]:
    """Values of the columns. Raises RuleError."""
    values: dict[str, object] = {
        name: value.strip() if isinstance(value, str) else list(value)
        for name, value in asdict(description).items()
    }
    for name in ("title", "name", "definition"):
        if not values[name]:
            raise RuleError(f"enter the {name} of the indicator")
    if values["comparability"] not in Comparability.values:
        raise RuleError("choose if the nations are comparable")
    if values["comparability"] != Comparability.NOT_ASSESSED and not values["comparability_by"]:
        raise RuleError("enter who says if the nations are comparable")
    return values


@audit.serialized
def describe_panel(
    *, by: Actor, slug: str, nation: str, panel: PanelDescription, now: datetime
) -> NationPanel:
    """Say what a nation's part shows, or why it shows nothing.

    Raises NotPermitted, NotFound for an unknown indicator or measure, RuleError.
    """
    require_permission(by, EDIT)
    indicator = locked_indicator(slug)
    if nation not in NATIONS:
        raise RuleError(f"{nation} is none of the four nations")
    measure = None
    if panel.measure:
        rows = IndicatorMeasure.objects.filter(indicator=indicator, key=panel.measure)
        measure = require_found(rows.first(), f"{slug} has no measure {panel.measure}")
    elif not panel.absence.strip():
        raise RuleError(f"choose a measure for {NATIONS[nation]}, or say why there are no values")
    values = {
        "finding": panel.finding.strip(),
        "measure": measure,
        "counting": panel.counting.strip(),
        "absence": "" if measure else panel.absence.strip(),
    }
    row, _ = NationPanel.objects.update_or_create(
        indicator=indicator, nation=nation, defaults=values
    )
    _touch(indicator, now)
    audit.record_about(by, "describe nation of indicator", indicator, now, nation=nation)
    return row


def _touch(indicator: Indicator, now: datetime) -> None:
    indicator.changed_at = now
    indicator.save(update_fields=["changed_at"])


@audit.serialized
def add_series_break(
    *, by: Actor, slug: str, starts: date, note: str, nation: str = "", now: datetime
) -> SeriesBreak:
    """Mark a day from which values are counted otherwise. Raises NotPermitted, RuleError."""
    require_permission(by, EDIT)
    indicator = locked_indicator(slug)
    if nation and nation not in NATIONS:
        raise RuleError(f"{nation} is none of the four nations")
    if not note.strip():
        raise RuleError("enter what changed on that day")
    row, _ = SeriesBreak.objects.update_or_create(
        indicator=indicator, nation=nation, starts=starts, defaults={"note": note.strip()[:300]}
    )
    _touch(indicator, now)
    audit.record_about(
        by, "add series break", indicator, now, starts=starts.isoformat(), nation=nation
    )
    return row


@audit.serialized
def remove_series_break(*, by: Actor, slug: str, number: int, now: datetime) -> None:
    """Remove a break that was entered by mistake. Raises NotPermitted, NotFound."""
    require_permission(by, EDIT)
    indicator = locked_indicator(slug)
    rows = SeriesBreak.objects.filter(indicator=indicator, pk=number)
    row = require_found(rows.first(), "there is no such break of the series")
    starts, note = row.starts.isoformat(), row.note
    row.delete()
    _touch(indicator, now)
    audit.record_about(by, "remove series break", indicator, now, starts=starts, note=note)


@audit.serialized
def set_indicator_state(*, by: Actor, slug: str, state: str, now: datetime) -> Indicator:
    """Publish an indicator, or withdraw it. What was published never becomes a draft again.

    Raises NotPermitted, NotFound, and RuleError with all that is missing before publication.
    """
    require_permission(by, PUBLISH)
    indicator = locked_indicator(slug)
    if indicator.state == state:
        return indicator
    if state not in {IndicatorState.PUBLISHED, IndicatorState.WITHDRAWN}:
        raise RuleError("an indicator that was published cannot become a draft: withdraw it")
    if state == IndicatorState.PUBLISHED and (missing := missing_texts(indicator)):
        raise RuleError("; ".join(missing))
    indicator.state, indicator.changed_at = state, now
    if state == IndicatorState.PUBLISHED:
        indicator.published_at = now
    indicator.save(update_fields=["state", "changed_at", "published_at"])
    removals.note_withdrawal(
        subject=indicator.audit_subject(), withdrawn=state == IndicatorState.WITHDRAWN, now=now
    )
    audit.record_about(by, f"set indicator to {state}", indicator, now)
    return indicator


def missing_texts(indicator: Indicator) -> list[str]:
    """What an indicator must have before it is published."""
    missing = []
    if not indicator.caution_list:
        missing.append("enter at least one caution")
    if "Nobody has written a definition yet" in indicator.definition:
        missing.append("write a definition")
    if not indicator.measures.exists():
        missing.append("import values")
    described = {row.nation for row in indicator.panels.all()}
    missing += [
        f"choose a measure for {label}, or say why there are no values"
        for nation, label in NATIONS.items()
        if nation not in described
    ]
    return missing
