"""The numbers of the demo's tables 1 to 14 straight from the database, in plain SQL (SQLite).

What a statistician would write who wants the numbers and nothing else: no words, no records, no
snapshot, no hash. One table of the reviews that count, then a GROUP BY for each table, one for all
facts of one variable. Of table 14 the counts alone: kappa and AC1 are arithmetic on them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db import connection

Place = tuple[str, str, str]
"""The ids of a table, a row and a column."""
Numbers = dict[Place, int]
Rows = list[tuple[Any, ...]]
Pair = tuple[str, str]

COUNTED = """
CREATE TEMP TABLE counted AS
SELECT review.id FROM documents_review review
WHERE review.collection = %s AND review.state = 'published'
  AND EXISTS (SELECT 1 FROM documents_report report
              WHERE report.review_id = review.id AND report.state = 'published')
  AND EXISTS (SELECT 1 FROM coding_agreedcode agreed WHERE agreed.review_id = review.id
              AND agreed.superseded_at IS NULL AND agreed.code_id IN (SELECT code FROM family))
"""
FAMILY = """
CREATE TEMP TABLE family AS
WITH RECURSIVE below(theme, code) AS (
  SELECT code, id FROM frameworks_code WHERE framework_id = %s
  UNION ALL
  SELECT below.theme, code.id FROM frameworks_code code JOIN below ON code.parent_id = below.code
)
SELECT below.theme, below.code, frameworks_code.theme IS NOT NULL AS counts
FROM below JOIN frameworks_code ON frameworks_code.code = below.theme
WHERE frameworks_code.framework_id = %s
"""
FLOW = """
SELECT COUNT(*), COUNT(reported), (SELECT COUNT(*) FROM counted) FROM (
  SELECT review.id, MIN(report.id) AS reported FROM documents_review review
  LEFT JOIN documents_report report ON report.review_id = review.id
  WHERE review.collection = %s GROUP BY review.id)
"""
TWICE = """
CREATE TEMP TABLE twice AS
SELECT review_id, MIN(CASE position WHEN 1 THEN coder_id END) AS first,
       MIN(CASE position WHEN 2 THEN coder_id END) AS second
FROM coding_assignment WHERE finished_at IS NOT NULL AND review_id IN (SELECT id FROM counted)
GROUP BY review_id HAVING COUNT(*) >= 2
"""
VALUES = """
SELECT variable.variable, fact.value, COUNT(*) FROM profiles_agreedjudgement fact
JOIN counted ON counted.id = fact.review_id
JOIN frameworks_variable variable ON variable.id = fact.variable_id
WHERE fact.superseded_at IS NULL AND fact.child_id IS NULL GROUP BY 1, 2
"""
YEARS = """
SELECT year.value, nature.value, COUNT(*)
FROM counted
JOIN profiles_agreedjudgement year ON year.review_id = counted.id AND year.child_id IS NULL
  AND year.superseded_at IS NULL AND year.variable_id = %s
JOIN profiles_agreedjudgement nature ON nature.review_id = counted.id AND nature.child_id IS NULL
  AND nature.superseded_at IS NULL AND nature.variable_id = %s
GROUP BY 1, 2
"""
SIZES = """
SELECT children, COUNT(*) FROM (
  SELECT COUNT(child.id) AS children FROM counted
  LEFT JOIN profiles_child child ON child.review_id = counted.id GROUP BY counted.id)
GROUP BY 1
"""
CHILDREN = """
SELECT one.value, other.value, COUNT(*)
FROM profiles_child child JOIN counted ON counted.id = child.review_id
JOIN profiles_agreedjudgement one ON one.child_id = child.id AND one.superseded_at IS NULL
  AND one.variable_id = %s
JOIN profiles_agreedjudgement other ON other.child_id = child.id AND other.superseded_at IS NULL
  AND other.variable_id = %s
GROUP BY 1, 2
"""
TOGETHER = """
SELECT recorded, COUNT(*) FROM (
  SELECT COUNT(DISTINCT factor.number) AS recorded FROM counted
  LEFT JOIN profiles_agreedjudgement fact ON fact.review_id = counted.id
    AND fact.child_id IS NULL AND fact.superseded_at IS NULL
    AND fact.value IN ('present', 'suspected')
  LEFT JOIN (SELECT %s AS id, 1 AS number UNION SELECT %s, 2 UNION SELECT %s, 3 UNION SELECT %s, 3)
    factor ON factor.id = fact.variable_id
  GROUP BY counted.id)
GROUP BY 1
"""
BORNE = """
CREATE TEMP TABLE borne AS
SELECT DISTINCT family.theme, agreed.review_id FROM coding_agreedcode agreed
JOIN counted ON counted.id = agreed.review_id
JOIN family ON family.code = agreed.code_id AND family.counts
WHERE agreed.present AND agreed.superseded_at IS NULL
"""
THEMES = "SELECT theme, COUNT(*) FROM borne GROUP BY 1"
PASSAGES = """
SELECT theme, COUNT(*) FROM (
  SELECT family.theme, coding.start AS start,
         MAX(coding.end) OVER (PARTITION BY family.theme, coding.report_id
                               ORDER BY coding.start, coding.end
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
  FROM coding_agreedcode agreed
  JOIN counted ON counted.id = agreed.review_id
  JOIN family ON family.code = agreed.code_id AND family.counts
  JOIN coding_agreedcode_codings link ON link.agreedcode_id = agreed.id
  JOIN coding_coding coding ON coding.id = link.coding_id
  WHERE agreed.present AND agreed.superseded_at IS NULL)
WHERE reached IS NULL OR start >= reached GROUP BY 1
"""
ACROSS = """
SELECT borne.theme, nature.value, COUNT(*) FROM borne
JOIN profiles_agreedjudgement nature ON nature.review_id = borne.review_id
  AND nature.child_id IS NULL AND nature.superseded_at IS NULL AND nature.variable_id = %s
GROUP BY 1, 2
"""
ASKED = """
CREATE TEMP TABLE asked AS
SELECT one.id, one.category, one.audience, one.smart, told.impact,
       CASE WHEN told.due < %s AND told.status NOT IN ('complete', 'superseded', 'not_accepted')
            THEN 'overdue' ELSE told.status END AS status
FROM recommendations_recommendation one JOIN counted ON counted.id = one.review_id
LEFT JOIN (
  SELECT recommendation_id, status, impact, due,
         ROW_NUMBER() OVER (PARTITION BY recommendation_id ORDER BY told_at DESC, id DESC) AS place
  FROM recommendations_progress) told ON told.recommendation_id = one.id AND told.place = 1
"""
BY_AUDIENCE = "SELECT category, audience, COUNT(*) FROM asked GROUP BY 1, 2"
BY_STATUS = "SELECT category, status, impact, COUNT(*) FROM asked GROUP BY 1, 2, 3"
CRITERIA = """
SELECT criterion.value, COUNT(*) FROM asked, json_each(asked.smart) criterion GROUP BY 1
UNION ALL SELECT 'every', COUNT(*) FROM asked WHERE json_array_length(smart) = 5
"""
AGREEMENT = """
SELECT theme, SUM(first), SUM(second), SUM(first AND second) FROM (
  SELECT family.theme, coding.coder_id, report.review_id,
         MAX(coding.coder_id = twice.first) AS first, MAX(coding.coder_id = twice.second) AS second
  FROM twice JOIN documents_report report ON report.review_id = twice.review_id
  JOIN coding_coding coding ON coding.report_id = report.id AND coding.superseded_at IS NULL
  JOIN family ON family.code = coding.code_id AND family.counts
  GROUP BY family.theme, twice.review_id)
GROUP BY 1
"""
MADE = ("family", "counted", "twice", "borne", "asked")
DEATHS = {"assault", "infant_death", "suicide_or_accident"}
CHANGED = {"practice_change", "outcome_for_children"}
BANDS = (
    ("under_1", 0, 11),
    ("from_1_to_5", 12, 71),
    ("from_6_to_10", 72, 131),
    ("from_11_to_15", 132, 191),
    ("from_16_to_17", 192, 215),
)


class Straight:
    """All numbers of the demo's tables for the reviews of one collection."""

    def __init__(self, collection: str, framework: int, *, as_at: date) -> None:
        self.collection, self.framework, self.as_at = collection, framework, as_at
        self.variables: dict[str, int] = {}

    def numbers(self) -> Numbers:
        """Every number of the tables, by place. Makes temporary tables and drops them."""
        self.variables = dict(self._ask(
            "SELECT variable, id FROM frameworks_variable WHERE framework_id = %s", self.framework
        ))  # fmt: skip
        self._ask(FAMILY, self.framework, self.framework)
        self._ask(COUNTED, self.collection)
        try:
            return {place: number for part in self._parts() for place, number in part.items()}
        finally:
            for name in MADE:
                self._ask(f"DROP TABLE IF EXISTS {name}")

    def _ask(self, query: str, *values: object) -> Rows:
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def _parts(self) -> Iterator[Numbers]:
        yield self._flow()
        facts: dict[str, dict[str, int]] = defaultdict(dict)
        for variable, value, number in self._ask(VALUES):
            facts[variable][value] = number
        yield self._nature(facts["nature"])
        yield {("T7", name, "n"): values.get("in_contact", 0)
               for name, values in facts.items() if name.startswith("ag.")}  # fmt: skip
        yield self._factors(facts)
        years = self._crossed("review_year", "nature", YEARS)
        yield self._died("T2", "", years, str, ("death", "other"))
        yield self._children()
        yield self._together()
        yield self._themes(facts["nature"])
        yield self._recommendations()
        yield self._agreement()

    def _crossed(self, one: str, other: str, query: str) -> Rows:
        return self._ask(query, self.variables[one], self.variables[other])

    def _flow(self) -> Numbers:
        ((identified, obtained, coded),) = self._ask(FLOW, self.collection)
        self._ask(TWICE)
        ((twice,),) = self._ask("SELECT COUNT(*) FROM twice")
        stages = {"identified": identified, "obtained": obtained, "excluded": 0, "coded": coded,
                  "double_coded": twice}  # fmt: skip
        return {("T1", stage, "n"): number for stage, number in stages.items()}

    @staticmethod
    def _nature(nature: dict[str, int]) -> Numbers:
        made = {("T3", value, "n"): number for value, number in nature.items()}
        made["T3", "deaths", "n"] = sum(nature.get(value, 0) for value in DEATHS)
        made["T3", "all", "n"] = sum(nature.values())
        return made

    @staticmethod
    def _factors(facts: dict[str, dict[str, int]]) -> Numbers:
        made: Numbers = {}
        for name, values in facts.items():
            if name.startswith("fac."):
                made["T8", name, "recorded"] = values.get("present", 0) + values.get("suspected", 0)
                made["T8", name, "not_mentioned"] = values.get("not_mentioned", 0)
        return made

    @staticmethod
    def _died(
        table: str, block: str, rows: Rows, place: Callable[[str], str], columns: Pair
    ) -> Numbers:
        """A crossing with an outcome or a nature, in two columns and their total."""
        made: Numbers = defaultdict(int)
        for value, other, number in rows:
            died = columns[0] if other in DEATHS or other == "died" else columns[1]
            for row in (place(value), "all"):
                for column in (died, "n"):
                    made[table, block + row, column] += number
        return dict(made)

    def _children(self) -> Numbers:
        made: Numbers = defaultdict(int)
        for children, number in self._ask(SIZES):
            band = "one" if children == 1 else "two" if children == 2 else "three_or_more"
            made["T4", f"children.{band}", "n"] += number
            made["T4", "children.all", "n"] += number
        columns = ("died", "did_not_die")
        made |= self._died("T4", "sex.", self._crossed("sex", "outcome", CHILDREN), str, columns)
        made |= self._died("T5", "", self._crossed("age", "outcome", CHILDREN), band_of, columns)
        for status, role, number in self._crossed("register_status", "role", CHILDREN):
            if role == "subject":
                made["T6", status, "n"] += number
                made["T6", "all", "n"] += number
        return dict(made)

    def _together(self) -> Numbers:
        names = ("fac.domestic_violence", "fac.parental_mental_health", "fac.alcohol_misuse",
                 "fac.drug_misuse")  # fmt: skip
        rows = self._ask(TOGETHER, *(self.variables[name] for name in names))
        made = {("T9", str(recorded), "n"): number for recorded, number in rows}
        return made | {("T9", "all", "n"): sum(made.values())}

    def _themes(self, nature: dict[str, int]) -> Numbers:
        self._ask(BORNE)
        made: Numbers = defaultdict(int)
        for theme, number in self._ask(THEMES):
            made["T10", theme, "n"] = number
        for theme, number in self._ask(PASSAGES):
            made["T10", theme, "passages"] = number
        for theme, value, number in self._ask(ACROSS, self.variables["nature"]):
            made["T11", theme, value] = number
            if value in DEATHS:
                made["T11", theme, "deaths"] += number
        return dict(made)

    def _recommendations(self) -> Numbers:
        self._ask(ASKED, self.as_at.isoformat())
        made: Numbers = defaultdict(int)
        for category, audience, number in self._ask(BY_AUDIENCE):
            for row in (category, "all"):
                for column in (audience, "n"):
                    made["T12", row, column] += number
        for criterion, number in self._ask(CRITERIA):
            made["T13", f"smart.{criterion}", "n"] = number
        for category, status, impact, number in self._ask(BY_STATUS):
            made["T13", "smart.all", "n"] += number
            for place in places_of(category, status, impact):
                made["T13", *place] += number
        return dict(made)

    def _agreement(self) -> Numbers:
        ((twice,),) = self._ask("SELECT COUNT(*) FROM twice")
        rows = self._ask(AGREEMENT)
        themes = self._ask("SELECT COUNT(DISTINCT theme) FROM family WHERE counts")[0][0]
        made: Numbers = {}
        for theme, first, second, both in [*rows, ("all", *totals(rows))]:
            units = twice * (themes if theme == "all" else 1)
            agreed = units - first - second + 2 * both
            for column, number in (("units", units), ("first", first), ("second", second),
                                   ("agreed", agreed)):  # fmt: skip
                made["T14", theme, column] = number
        return made


def places_of(category: str, status: str, impact: str) -> Iterator[Pair]:
    """The rows and columns of table 13 in which a recommendation counts."""
    split = f"complete_with{'' if impact in CHANGED else 'out'}_change"
    by_evidence = ("complete", split) if status == "complete" else (status,)
    for row in (category, "all"):
        for column in (*by_evidence, "n"):
            yield f"category.{row}", column
    for row in (impact, "all"):
        for column in (status, "n"):
            yield f"impact.{row}", column


def totals(rows: Rows) -> Sequence[int]:
    """The sums of every column of numbers."""
    return [sum(row[place] for row in rows) for place in (1, 2, 3)]


def band_of(months: str) -> str:
    """The band of an age in months; "" is not recorded."""
    if not months:
        return "not_recorded"
    return next((band for band, start, end in BANDS if start <= int(months) <= end), "outside")
