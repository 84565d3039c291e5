"""A small invented table in the layout of official files, and what the tests do with it."""

from datetime import UTC, datetime

from waymark.indicators import services
from waymark.indicators.areas import NATIONS
from waymark.indicators.mapping import ImportMapping, read_mapping
from waymark.indicators.models import Indicator
from waymark.indicators.services import ImportResult, import_values

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEAD = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,"
    "region_name,old_la_code,new_la_code,la_name,category,plans_at31,started,rate_per_10000"
)
ENGLAND = "Reporting year,National,E92000001,England,,,,,,Plans"
NORTH = "Reporting year,Regional,E92000001,England,E12000099,Far North,,,,Plans"


def local(code: str, name: str) -> str:
    """The beginning of a row of a local area of the invented region, after its year."""
    return (
        "Reporting year,Local authority,E92000001,England,E12000099,Far North,900,"
        f"{code},{name},Plans"
    )


TABLE = "\n".join(
    (
        HEAD,
        f"2024,{ENGLAND},900,310,40.5",
        f"2025,{ENGLAND},1020,330,45.0",
        f"2025,{NORTH},100,30,51.5",
        f"2025,{local('E06000901', 'Ashby Mere')},60,20,u",
        f"2025,{local('E06000902', 'Broadwater')},37,10,48.1",
        f"2025,{local('E06000903', 'Cold Isle')},c,c,z",
    )
)
MAPPING = """format: waymark-indicator-mapping 1
indicator: children-on-plans
title: Children on plans
definition: Children with a plan on 31 March. The table is invented.
source:
  title: Invented table of plans
  publisher: Office of Invented Numbers
  address: https://example.org/plans
  licence: OGL-UK-3.0
  published: 2025-10-30
period: {column: time_period}
area:
  column: geographic_level
  levels:
  - {level: national, value: National, code: country_code, name: country_name}
  - {level: regional, value: Regional, code: region_code, name: region_name}
  - {level: local, value: Local authority, code: new_la_code, name: la_name}
measures:
- {column: plans_at31, label: Children on a plan, words: children, type: day}
- {column: started, label: Plans started, words: plans}
- {column: rate_per_10000, label: "Plans per 10,000 children", unit: rate}
"""
SLUG = "children-on-plans"


def mapping(**changes: object) -> ImportMapping:
    """The mapping of the invented table."""
    return read_mapping(MAPPING).model_copy(update=changes)


def imported(table: str = TABLE, *, by: object = None, now: datetime = NOON) -> ImportResult:
    """Import a table by the mapping."""
    return import_values(
        by=by, file="plans.csv", content=table.encode(), mapping=mapping(), now=now
    )


DESCRIPTION = services.IndicatorDescription(
    title="More children are on plans than a year before",
    name="Children on plans",
    definition="Children with a plan on 31 March. The table is invented.",
    cautions="Plans count decisions, not harm.\nSmall areas change much by chance.",
    comparability="no",
    comparability_by="Office of Invented Numbers",
    comparability_note="Each nation has its own procedure.",
)


def published(table: str = TABLE) -> Indicator:
    """The invented indicator, published at noon of 2 March 2026."""
    imported(table)
    services.describe_indicator(by=None, slug=SLUG, description=DESCRIPTION, now=NOON)
    for nation in NATIONS:
        england = nation == "england"
        panel = services.PanelDescription(
            measure="plans-at31" if england else "",
            absence="" if england else "The invented office counts only England.",
        )
        services.describe_panel(by=None, slug=SLUG, nation=nation, panel=panel, now=NOON)
    return services.set_indicator_state(by=None, slug=SLUG, state="published", now=NOON)
