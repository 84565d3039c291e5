"""Frozen rows for tests: the shared fixture's facts, with invented places in invented reports."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.shared import FACTS
from waymark.core.evidence import (
    ChildRow,
    CodeRow,
    DoubleCoded,
    JudgementRow,
    Quote,
    RecommendationRow,
)
from waymark.frameworks.schema import FrameworkFile, read_framework
from waymark.frameworks.variables import SILENT
from waymark.overview.snapshot.rows import FrozenRows, ReviewRow, freeze_rows
from waymark.overview.spec.check import checked_overview
from waymark.overview.spec.names import CRITERIA
from waymark.overview.spec.schema import OverviewSpec

ROOT = Path(__file__).resolve().parents[2]
BUILTIN = ROOT / "src" / "waymark" / "frameworks" / "builtin" / "cr-core-1.0.0.yaml"
OF_LATER = re.compile(r"    leave_out: .*\n    notes:\n      - >-\n(?: {8}.*\n)+")
DEMO_SPEC = OF_LATER.sub(
    "",
    (ROOT / "demo" / "overview.yaml")
    .read_text("utf-8")
    .replace("framework: cr-core 1.1.0", "framework: cr-core 1.0.0"),
)
"""The demo's overview with the first version of the framework, which has the fixture's facts."""

NATURE = {"assault": "assault", "sudi": "infant_death", "suicide_accident": "suicide_or_accident"}
FACTORS = {
    "parental mental health problem": "fac.parental_mental_health",
    "alcohol misuse": "fac.alcohol_misuse",
    "domestic violence": "fac.domestic_violence",
    "neglect": "fac.neglect",
    "housing problems or frequent moves": "fac.housing_or_moves",
    "parent maltreated in childhood": "fac.parent_maltreated",
    "drug misuse": "fac.drug_misuse",
    "adult criminal record": "fac.adult_criminal_record",
    "parent under 20 at first birth": "fac.parent_under_20",
    "social isolation": "fac.social_isolation",
    "parental learning disability": "fac.parental_learning_disability",
}
AGENCIES = {
    "social services": "ag.social_services",
    "general practitioner": "ag.general_practitioner",
    "health visiting": "ag.health_visiting",
    "police": "ag.police",
    "education": "ag.education",
    "hospital emergency department": "ag.emergency_department",
    "midwifery": "ag.midwifery",
    "adult mental health": "ag.adult_mental_health",
    "voluntary sector": "ag.voluntary_sector",
    "addiction services": "ag.addiction",
    "child and adolescent mental health": "ag.camhs",
    "probation": "ag.probation",
}
THEMES = {
    "early and sustained intervention": "prac.early",
    "child neglect": "prac.neglect",
    "thresholds for intervention": "prac.threshold",
    "communication and information sharing": "prac.communication",
    "recording and record keeping": "prac.recording",
    "compliance with policies and practice": "prac.compliance",
    "assessment and analysis": "prac.assessment",
    "supervision, staff support and training": "prac.supervision",
    "focus on the child": "prac.child_focus",
    "organisational and staffing context": "prac.organisation",
    "inter and intra agency working": "prac.interagency",
}
SEX = {"F": "female", "M": "male", "NR": "not_recorded"}
MONTHS = {"<1": "5", "1-5": "30", "6-10": "100", "11-15": "150", "16-17": "200", "not recorded": ""}


@lru_cache(maxsize=1)
def framework() -> FrameworkFile:
    """The framework that comes with Waymark."""
    return read_framework(BUILTIN.read_text("utf-8"), file=BUILTIN.name)


def spec(source: str = DEMO_SPEC) -> OverviewSpec:
    """A checked spec; the demo's where none is given."""
    return checked_overview(source, framework(), file="overview.yaml")


class Places:
    """Quotes in invented reports: every call is a new place, in reading order."""

    def __init__(self) -> None:
        self.at = 0

    def quote(self, review: str) -> tuple[Quote, ...]:
        self.at += 100
        report = f"{int(review.strip('R')):012x}"
        return (Quote(report, self.at, self.at + 40, 1 + self.at // 3000, f"words at {self.at}"),)


def fixture_rows(spec_source: str = DEMO_SPEC) -> FrozenRows:
    """The facts of the shared fixture as frozen rows; each non-silent fact has one quote."""
    facts: dict[str, Any] = json.loads((FACTS / "reviews.json").read_text("utf-8"))
    places = Places()
    judged: list[tuple[str, int | None, str, str]] = [
        *_review_facts(facts),
        *_child_facts(facts),
    ]
    reviews = [ReviewRow(row["id"], f"Case {row['id']}", True, True) for row in facts["reviews"]]
    missing = facts["flow"]["identified"] - facts["flow"]["obtained"]
    reviews += [ReviewRow(f"X{n}", f"Case X{n}", False, False) for n in range(1, missing + 1)]
    return freeze_rows(
        framework="cr-core 1.0.0",
        framework_sha256="0" * 64,
        spec=spec_source,
        reviews=reviews,
        children=[
            ChildRow(row["review"], row["n"], f"Child {row['review']}/{row['n']}")
            for row in facts["children"]
        ],
        judgements=[
            JudgementRow(
                review,
                child,
                variable,
                value,
                "sole",
                () if value in SILENT else places.quote(review),
            )
            for review, child, variable, value in judged
        ],
        codes=list(_code_rows(facts, places)),
        double_coded=_double_coded(facts["double_coding"]),
        recommendations=list(_recommendation_rows(facts, places)),
    )


def _review_facts(facts: dict[str, Any]) -> Iterator[tuple[str, None, str, str]]:
    for row in facts["reviews"]:
        yield row["id"], None, "review_year", str(row["year"])
        yield row["id"], None, "nature", NATURE.get(row["category"], "other")
        for name, variable in FACTORS.items():
            yield row["id"], None, variable, facts["factors"][name][row["id"]].replace(" ", "_")
        for name, variable in AGENCIES.items():
            known = row["id"] in facts["agencies"][name]
            yield row["id"], None, variable, "in_contact" if known else "not_mentioned"


def _child_facts(facts: dict[str, Any]) -> Iterator[tuple[str, int, str, str]]:
    for row in facts["children"]:
        place = row["review"], row["n"]
        yield *place, "age", MONTHS[row["age"]]
        yield *place, "sex", SEX[row["sex"]]
        yield *place, "outcome", row["outcome"].replace(" ", "_")
        yield *place, "role", row["role"].replace(" ", "_")
        if "register" in row:
            yield *place, "register_status", row["register"].replace(" ", "_")


def _code_rows(facts: dict[str, Any], places: Places) -> Iterator[CodeRow]:
    """Every theme of every review; the passages dealt out to the reviews one after another."""
    for name, code in THEMES.items():
        bearing = facts["themes"][name]
        dealt = dict.fromkeys(bearing, 0)
        for turn in range(facts["theme_passages"][name]):
            dealt[bearing[turn % len(bearing)]] += 1
        for row in facts["reviews"]:
            number = dealt.get(row["id"], 0)
            quotes = tuple(quote for _ in range(number) for quote in places.quote(row["id"]))
            yield CodeRow(row["id"], code, number > 0, "sole", quotes)


def _recommendation_rows(facts: dict[str, Any], places: Places) -> Iterator[RecommendationRow]:
    """The facts tell overdue as a status; here it is still in progress, with its day passed."""
    numbers: Counter[str] = Counter()
    for row in facts["recommendations"]:
        numbers[row["review"]] += 1
        yield RecommendationRow(
            review=row["review"],
            number=numbers[row["review"]],
            category=row["category"].replace(" ", "_"),
            audience=row["audience"].replace(" ", "_"),
            smart=tuple(criterion for criterion in CRITERIA if row[criterion]),
            status=row["status"].replace("overdue", "in progress").replace(" ", "_"),
            impact=row["impact"].replace(" ", "_"),
            overdue=row["status"] == "overdue",
            places=places.quote(row["review"]),
        )


def _double_coded(counts: dict[str, int]) -> list[DoubleCoded]:
    """Units of reviews x codes, dealt in the order both, first only, second only, neither."""
    codes = list(THEMES.values())
    ratings = (
        ["both"] * counts["both_present"]
        + ["first"] * counts["first_only"]
        + ["second"] * counts["second_only"]
        + ["neither"] * counts["both_not"]
    )
    result = []
    for number in range(counts["reviews"]):
        mine = dict(zip(codes, ratings[number :: counts["reviews"]], strict=True))
        result.append(
            DoubleCoded(
                f"R{number + 1:02}",
                frozenset(code for code in codes if mine[code] in {"both", "first"}),
                frozenset(code for code in codes if mine[code] in {"both", "second"}),
            )
        )
    return result


def with_value(
    rows: FrozenRows, review: str, variable: str, value: str, *, child: int | None = None
) -> FrozenRows:
    """The rows with one judgement changed; silence loses its quotes, speech keeps or gets one."""
    changed = []
    for row in rows.judgements:
        if (row.review, row.child, row.variable) == (review, child, variable):
            quotes = () if value in SILENT else row.places or NEW_PLACE
            row = row._replace(value=value, places=quotes)
        changed.append(row)
    return replace(rows, judgements=tuple(changed))


NEW_PLACE = (Quote("feedfacef00d", 10, 20, 1, "new words"),)
