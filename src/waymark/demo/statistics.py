"""Indicators of the demo and its annual report, by the same services as real ones."""

from pathlib import Path
from typing import Any

from django.utils import timezone

from waymark.accounts.models import User
from waymark.core.wording import list_in_words
from waymark.core.yaml_file import load_yaml
from waymark.indicators import services
from waymark.indicators.annual_about import AnnualAbout
from waymark.indicators.areas import NATIONS
from waymark.indicators.mapping import (
    AreaColumns,
    ImportMapping,
    MeasureEntry,
    PeriodColumn,
    SourceEntry,
)
from waymark.indicators.models import IndicatorState
from waymark.indicators.queries.annual import annual_draft, annual_manuscripts, annual_texts
from waymark.indicators.reading import measure_key
from waymark.indicators.services import annual
from waymark.publishing.models import Publication, SigningCapacity

TOPICS = {
    "in-care": ("children-in-care",),
    "in-need": ("thresholds-and-early-help",),
    "workforce": ("supervision-and-support",),
}
"""Key of an indicator -> topics of the library that show it."""
DEMO_OVERVIEW = "demo"
"""The overview that shows the figures of plans and registers as context."""
NEVER_ADDED = "Each nation counts in its own way. The figures are never added up or ranked."
WHO = "the notes of those who publish the figures, as read for the demonstration"
Entry = dict[str, Any]


def publish_statistics(place: Path, *, analyst: User, editor: User) -> None:
    """Import, describe and publish the indicators of the file; what is done already stays."""
    values, _ = load_yaml(
        (place / "services" / "indicators.yaml").read_text("utf-8"), file="indicators.yaml"
    )
    checked = f"Read on {values['checked_on']:%-d %B %Y}. Nobody has confirmed the licence."
    for theme in values["themes"]:
        entries = {
            row["nation"]: row for row in values["indicators"] if row["theme"] == theme["key"]
        }
        counted = [row for row in entries.values() if row.get("values")]
        if counted:
            for row in counted:
                _import(row, theme, checked, analyst)
            _describe(theme, entries, analyst)
            services.set_indicator_state(
                by=editor, slug=theme["key"], state=IndicatorState.PUBLISHED, now=timezone.now()
            )


def _import(row: Entry, theme: Entry, checked: str, analyst: User) -> None:
    """The figures of a nation, as a file of two columns."""
    year = row["counted_on"].startswith("year ending")
    lines = [
        f"{value['on'].year if year else value['on']},{value['number']}" for value in row["values"]
    ]
    mapping = ImportMapping(
        indicator=theme["key"],
        title=theme["title"],
        definition=_definition(theme),
        source=SourceEntry(
            title=row["official_name"], publisher=row["producer"], address=row["url"], note=checked
        ),
        period=PeriodColumn(column="on", type="financial" if year else "day"),
        area=AreaColumns(nation=_nation_key(row["nation"])),
        measures=(MeasureEntry(column=row["key"], label=row["official_name"]),),
    )
    services.import_values(
        by=analyst,
        file=f"{row['key']}.csv",
        content="\n".join([f"on,{row['key']}", *lines]).encode(),
        mapping=mapping,
        now=timezone.now(),
    )


def _definition(theme: Entry) -> str:
    return f"{theme['title']}. What one unit is, and when it is counted, is said for each nation."


def _nation_key(name: str) -> str:
    return next(key for key, label in NATIONS.items() if label == name)


def _describe(theme: Entry, entries: dict[str, Entry], analyst: User) -> None:
    slug, now = theme["key"], timezone.now()
    cautions = [NEVER_ADDED, *([theme["note"]] if "note" in theme else [])]
    services.describe_indicator(
        by=analyst,
        slug=slug,
        description=services.IndicatorDescription(
            title=theme["title"],
            name=theme["title"],
            topics=TOPICS.get(slug, ()),
            overviews=(DEMO_OVERVIEW,) if slug == "registers" else (),
            definition=_definition(theme),
            cautions="\n".join(cautions),
            comparability="no",
            comparability_by=WHO,
            comparability_note="They count other units, on other days or by other rules.",
        ),
        now=now,
    )
    for key, label in NATIONS.items():
        row = entries.get(label, {})
        panel = services.PanelDescription(
            measure=measure_key(row["key"]) if row.get("values") else "",
            counting=_counting(row),
            absence=_absence(row, entries),
        )
        services.describe_panel(by=analyst, slug=slug, nation=key, panel=panel, now=now)


def _counting(row: Entry) -> str:
    if not row:
        return ""
    caveats = " ".join(row.get("caveats", ()))
    return f"Counts {row['unit']}; {row['counted_on']}. {caveats}"


def _absence(row: Entry, entries: dict[str, Entry]) -> str:
    if row.get("values"):
        return ""
    if row:
        return f"{row['official_name']} is not shown here: no figure was read from its page."
    others = list_in_words(sorted(name for name in entries if " and " in name))
    return f"Counted together: {others}." if others else "No official series was found for it."


# ---- annual report ----


def publish_annual_report(place: Path, *, analyst: User, editor: User) -> None:
    """Write, sign and publish the annual report of the file, unless it is published."""
    values, _ = load_yaml(
        (place / "services" / "annual.yaml").read_text("utf-8"), file="annual.yaml"
    )
    now = timezone.now()
    about = AnnualAbout(**{name: values[name] for name in ("title", "subtitle", "indicators")})
    report = annual_manuscripts(analyst).filter(slug=values["slug"]).first()
    if report is None:
        report = annual.add_annual_report(by=analyst, slug=values["slug"], about=about, now=now)
    saved = annual_texts(report)
    for slot, text in values["texts"].items():
        if slot not in saved:
            annual.save_annual_text(
                by=analyst, manuscript=report, slot=slot, text=text, base=0, now=now
            )
    draft = annual_draft(report)
    if draft.edition is not None:
        return
    for person, capacity in (
        (analyst, SigningCapacity.ANALYST),
        (editor, SigningCapacity.EDITOR),
    ):
        annual.sign_annual_report(
            by=person, manuscript=report, capacity=capacity, seen=draft.content.sha256, now=now
        )
    prepared = annual.prepare_annual_report(by=editor, manuscript=report, now=now)
    if not isinstance(prepared, Publication):
        annual.publish_annual_report(by=editor, prepared=prepared, now=now)
