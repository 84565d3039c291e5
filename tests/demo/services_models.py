"""Formats of the demo's seed content for services; an unknown field is refused."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl

Text = Annotated[str, Field(min_length=1)]
Status = Literal["not_started", "in_progress", "complete", "superseded", "not_accepted"]
Impact = Literal["no_evidence", "activity_only", "practice_change", "outcome_for_children"]
Nation = Literal["England", "England and Wales", "Wales", "Scotland", "Northern Ireland"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# ---- The alert ----


class AlertItem(Strict):
    title: Text
    producer: Text
    record: Text | None = None
    record_is: Text | None = None
    nation: Nation
    audience: Text
    what: Text
    content_note: Text | None = None
    minutes: Annotated[int, Field(ge=1, le=30)]
    published: Annotated[str, Field(pattern=r"^\d{4}(-\d\d(-\d\d)?)?$")] | None = None
    date_as_checked: Text
    url: HttpUrl
    url_is: Text


class AlertFile(Strict):
    format: Literal["waymark-alert 1"]
    title: Text
    kind: Literal["catch-up"]
    checked_on: date
    introduction: Text
    items: tuple[AlertItem, ...]


# ---- The recommendation story ----


class Body(Strict):
    key: Text
    name: Text
    starts: date
    ends: date | None = None
    took_over: Text | None = None


class Addressee(Strict):
    key: Text
    name: Text


class RecommendationKey(Strict):
    review: Annotated[str, Field(pattern=r"^R\d\d$")]
    number: Annotated[int, Field(ge=1)]


class Served(Strict):
    to: Text
    on: date
    late_because: Text | None = None


class Response(Strict):
    sender: Annotated[Text, Field(alias="from")]
    on: date
    answer: Literal["accepted", "in_principle", "not_accepted"]
    text: Text | None = None


class StoryEvent(Strict):
    on: date
    by: Text
    kind: Literal[
        *("return", "letter", "audit", "decision", "listed", "note"), *("reopened", "closed")
    ]
    number: int | None = None
    status: Status | None = None
    impact: Impact | None = None
    evidence: Text | None = None
    text: Text


class StoryRecommendation(RecommendationKey):
    short: Text
    due: date | None = None
    said_before: tuple[RecommendationKey, ...] = ()
    said_again: tuple[RecommendationKey, ...] = ()
    served: Annotated[tuple[Served, ...], Field(min_length=1)]
    responses: tuple[Response, ...]
    events: Annotated[tuple[StoryEvent, ...], Field(min_length=1)]


class Closing(Strict):
    on: date
    by: Text
    text: Text
    counts: dict[Status, int]


class StoryFile(Strict):
    format: Literal["waymark-recommendation-story 1"]
    fictional: Literal[True]
    title: Text
    content_note: Text
    progress_shown_on: date
    overdue_without_date_after_months: int
    bodies: tuple[Body, ...]
    addressees: tuple[Addressee, ...]
    recommendations: tuple[StoryRecommendation, ...]
    closing: Closing


# ---- Indicators ----


class Marker(Strict):
    mark: Text
    means: Text
    used_by: Text


class IndicatorTheme(Strict):
    key: Text
    title: Text
    note: Text | None = None


class IndicatorValue(Strict):
    on: date
    number: int
    text: Text


class Indicator(Strict):
    key: Text
    theme: Text
    nation: Nation
    official_name: Text
    part: Text | None = None
    producer: Text
    url: HttpUrl
    url_is: Text | None = None
    unit: Text
    counted_on: Text
    values: tuple[IndicatorValue, ...] = ()
    caveats: Annotated[tuple[Text, ...], Field(min_length=1)]


class IndicatorFile(Strict):
    format: Literal["waymark-indicators 1"]
    checked_on: date
    never_added: Literal[True]
    markers: tuple[Marker, ...]
    themes: tuple[IndicatorTheme, ...]
    indicators: tuple[Indicator, ...]


# ---- Courses and evaluations ----


class Passage(Strict):
    review: Annotated[str, Field(pattern=r"^R\d\d$")]
    paragraph: Text | None = None
    text: Text | None = None


def _hours(at: str) -> float:
    hours, minutes = at.split(":")
    return int(hours) + int(minutes) / 60


class CourseDay(Strict):
    on: date
    starts: Annotated[str, Field(pattern=r"^\d\d:\d\d$")]
    ends: Annotated[str, Field(pattern=r"^\d\d:\d\d$")]

    @property
    def hours(self) -> float:
        return _hours(self.ends) - _hours(self.starts)


class CourseSession(Strict):
    key: Text
    status: Literal["planned", "cancelled", "moved"]
    days: Annotated[tuple[CourseDay, ...], Field(min_length=1)]
    moved_from: date | None = None
    decided_on: date | None = None
    reason: Text | None = None


class FollowUp(Strict):
    after_weeks: int
    records: int
    text: Text
    criteria: tuple[Text, ...]


class Course(Strict):
    key: Text
    title: Text
    provider: Text
    related_record: Text
    audience: Text
    places: int
    hours: float
    where: Text
    content_note: Text
    opting_out: Text
    outcomes: tuple[Text, ...]
    preparation: tuple[Passage, ...]
    exercise: Passage
    assessment: Text
    follow_up: FollowUp | None = None
    sessions: tuple[CourseSession, ...]


class CourseFile(Strict):
    format: Literal["waymark-courses 1"]
    fictional: Literal[True]
    courses: tuple[Course, ...]


class Protocol(Strict):
    agreed_on: date
    design: Text
    planned: Text


class Period(Strict):
    starts: date
    ends: date


class Series(Strict):
    name: Text
    period: Literal["before", "after"]
    values: tuple[int | None, ...]


class EvaluationResult(Strict):
    text: Text
    negative: bool


class Later(Strict):
    on: date
    text: Text


class Evaluation(Strict):
    key: Text
    title: Text
    follows: RecommendationKey | None = None
    follows_paragraphs: tuple[Passage, ...] = ()
    sample: Text
    setting: Text
    standard: Text
    subjects: tuple[Text, ...]
    question: Text
    protocol: Protocol
    ethics: Text
    before: Period
    after: Period
    deviation: Text
    dataset: tuple[Series, ...]
    results: tuple[EvaluationResult, ...]
    harms: Text | None = None
    cost: Text | None = None
    cannot_say: Text
    reported_on: date
    later: tuple[Later, ...] = ()


class EvaluationFile(Strict):
    format: Literal["waymark-evaluations 1"]
    fictional: Literal[True]
    content_note: Text
    evaluations: tuple[Evaluation, ...]
