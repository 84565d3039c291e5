"""The demo's seed content for alerts, recommendations, indicators, courses and evaluations."""

import re
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import pytest
import yaml

from tests.demo.files import DEMO
from tests.demo.services_models import (
    AlertFile,
    CourseFile,
    EvaluationFile,
    IndicatorFile,
    StoryFile,
)
from waymark.core.language_advice import language_advice
from waymark.core.yaml_file import read_yaml
from waymark.recommendations.progress_rules import ReportedState, progress_faults

SERVICES = DEMO / "services"
NOTHING_YET = ("not_started", "no_evidence")


def read(name, model):
    return read_yaml((SERVICES / name).read_text("utf-8"), model, file=name)[0]


ALERT = read("alert.yaml", AlertFile)
STORY = read("recommendation-story.yaml", StoryFile)
INDICATORS = read("indicators.yaml", IndicatorFile)
COURSES = read("courses.yaml", CourseFile)
EVALUATIONS = read("evaluations.yaml", EvaluationFile)
FILES = {
    "alert.yaml": ALERT,
    "recommendation-story.yaml": STORY,
    "indicators.yaml": INDICATORS,
    "courses.yaml": COURSES,
    "evaluations.yaml": EVALUATIONS,
}


def plain(path):
    return yaml.safe_load((DEMO / path).read_text("utf-8"))


def report(review):
    return (DEMO / "reports" / f"{review}.md").read_text("utf-8")


def front_matter(review):
    return yaml.safe_load(report(review).split("---")[1])


def recommendation_is_in_report(review, number):
    pattern = rf"(?m)^(?:- |\d+(?:\.\d+)?\.? )?(?:R|Recommendation ){number}\b"
    return re.search(pattern, report(review)) is not None


def records():
    return {record["key"]: record for record in plain("resources.yaml")["resources"]}


def texts(value, name=""):
    """Every text of a file with the name of its field."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from texts(part, key)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from texts(part, name)
    elif isinstance(value, str):
        yield name, value


def position(recommendation, day):
    """Status and impact of a recommendation at the end of a day."""
    stated = [event for event in recommendation.events if event.status and event.on <= day]
    return (stated[-1].status, stated[-1].impact) if stated else NOTHING_YET


def story_id(recommendation):
    return f"{recommendation.review}-{recommendation.number}"


each_recommendation = pytest.mark.parametrize("recommendation", STORY.recommendations, ids=story_id)


# ---- All files ----


@pytest.mark.parametrize("name", FILES)
def test_no_text_uses_a_word_that_editors_are_advised_against(name):
    # The official name of a publication is a quotation: it is given as printed.
    own = [(key, text) for key, text in texts(plain(f"services/{name}")) if key != "official_name"]
    assert [str(advice) for key, text in own for advice in language_advice(text, key)] == []


def test_whatever_is_made_up_says_so():
    names = [STORY.title, *(body.name for body in STORY.bodies)]
    names += [addressee.name for addressee in STORY.addressees if addressee.key != "committee"]
    names += [text for course in COURSES.courses for text in (course.title, course.provider)]
    names += [evaluation.title for evaluation in EVALUATIONS.evaluations]
    assert [name for name in names if "(fictional" not in name] == []


# ---- The alert ----


def test_the_catch_up_alert_has_eight_items_each_with_an_address_and_a_date():
    assert len(ALERT.items) == 8
    assert len({item.title for item in ALERT.items}) == 8
    for item in ALERT.items:
        assert item.url.scheme == "https"
        assert item.published or re.search(
            r"does not state|No page .* states", item.date_as_checked
        )


def test_no_alert_item_was_published_after_the_day_of_the_check():
    for item in ALERT.items:
        if item.published:
            assert item.published <= ALERT.checked_on.isoformat()


def test_an_alert_item_about_deaths_has_a_content_note():
    about_death = [item for item in ALERT.items if re.search(r"\bdeaths?\b|homicide", item.what)]
    assert [item.title for item in about_death if not item.content_note] == []
    assert len(about_death) == 4


def test_the_records_of_alert_items_exist_and_agree_with_them():
    for item in ALERT.items:
        assert (item.record is None) == (item.record_is is None)
        if item.record_is != "this item":
            continue
        record = records()[item.record]
        assert (record["title"], record["nation"]) == (item.title, item.nation)
        assert item.published.startswith(str(record["year"]))
    assert {item.record for item in ALERT.items if item.record} <= set(records())


# ---- The story ----


def test_the_bodies_follow_one_another_without_a_gap_or_an_overlap():
    for earlier, later in pairwise(STORY.bodies):
        assert earlier.ends is not None
        assert later.starts == earlier.ends + timedelta(days=1)
        assert later.took_over
    assert STORY.bodies[-1].ends is None


def test_the_story_covers_every_recommendation_of_the_boards_six_reviews_once():
    board = STORY.bodies[0].name.removesuffix(" (fictional)")
    reviews = [path.stem for path in sorted((DEMO / "reports").glob("R*.md"))]
    expected = {
        (review, number)
        for review in reviews
        if front_matter(review)["board"] == board
        for number in range(1, 5)
    }
    keys = [(entry.review, entry.number) for entry in STORY.recommendations]
    assert len(keys) == len(set(keys)) == 24
    assert set(keys) == expected


@each_recommendation
def test_a_recommendation_is_in_its_report_and_was_served_after_the_report_ended(recommendation):
    assert recommendation_is_in_report(recommendation.review, recommendation.number)
    completed = front_matter(recommendation.review)["completed"]
    for served in recommendation.served:
        assert served.on > completed
        assert served.to in {addressee.key for addressee in STORY.addressees}


@each_recommendation
def test_the_story_agrees_with_the_progress_that_the_demo_shows(recommendation):
    shown = next(
        entry
        for entry in plain("progress.yaml")["progress"]
        if (entry["review"], entry["number"]) == (recommendation.review, recommendation.number)
    )
    day = STORY.progress_shown_on
    assert position(recommendation, day) == (shown["status"], shown["impact"])
    if "due" in shown:
        assert recommendation.due == shown["due"]
    if "evidence" in shown:
        event = next(e for e in recommendation.events if e.on == shown["evidence_on"])
        assert event.evidence == shown["evidence"]


def test_the_day_of_the_shown_progress_is_not_before_its_newest_evidence():
    newest = max(e["evidence_on"] for e in plain("progress.yaml")["progress"] if "evidence" in e)
    assert newest <= STORY.progress_shown_on


@each_recommendation
def test_the_dates_of_a_recommendation_are_in_order(recommendation):
    served = {entry.to: entry.on for entry in recommendation.served}
    for response in recommendation.responses:
        assert response.on >= served[response.sender]
    for earlier, later in pairwise(event.on for event in recommendation.events):
        assert earlier <= later
    assert recommendation.events[0].on >= min(served.values())
    assert recommendation.events[-1].on <= STORY.closing.on


@each_recommendation
def test_an_event_is_the_work_of_the_body_of_its_day(recommendation):
    bodies = {body.key: body for body in STORY.bodies}
    for event in (*recommendation.events, STORY.closing):
        body = bodies[event.by]
        assert body.starts <= event.on <= (body.ends or date.max)


@each_recommendation
def test_each_reported_state_is_possible(recommendation):
    for event in recommendation.events:
        assert (event.status is None) == (event.impact is None)
        if event.status:
            state = ReportedState(event.status, event.impact)
            assert progress_faults(state) == []


@each_recommendation
def test_letters_are_numbered_and_only_complete_work_is_reopened(recommendation):
    letters = [event.number for event in recommendation.events if event.kind == "letter"]
    assert letters == list(range(1, len(letters) + 1))
    for event in recommendation.events:
        if event.kind == "reopened":
            before = position(recommendation, event.on - timedelta(days=1))
            assert (before[0], event.status) == ("complete", "in_progress")


def test_a_recommendation_without_a_date_is_overdue_by_its_age():
    listed = next(e for e in STORY.recommendations if (e.review, e.number) == ("R16", 2))
    assert listed.due is None
    # Published on 18 September 2007: 18 months later is 18 March 2009.
    assert STORY.overdue_without_date_after_months == 18
    assert front_matter("R16")["published"] == date(2007, 9, 18)
    assert listed.events[0].on == date(2009, 3, 24)


def test_the_service_that_was_told_late_has_a_reason_and_answered_afterwards():
    late = [s for e in STORY.recommendations for s in e.served if s.late_because]
    assert [(s.to, s.on) for s in late] == [("trust-addiction", date(2008, 1, 15))]


def test_a_recommendation_made_three_times_names_the_other_two():
    entry = next(e for e in STORY.recommendations if e.said_before)
    for earlier in entry.said_before:
        assert recommendation_is_in_report(earlier.review, earlier.number)
        assert front_matter(earlier.review)["completed"] < front_matter(entry.review)["completed"]
    for later in entry.said_again:
        assert recommendation_is_in_report(later.review, later.number)
        assert front_matter(later.review)["completed"] > front_matter(entry.review)["completed"]
    for key in (*entry.said_before, entry, *entry.said_again):
        assert re.search(
            rf"{key.number}\b.*single electronic|{key.number}\b.*one electronic", report(key.review)
        )


def test_the_closing_counts_are_those_of_the_events():
    final = Counter(position(entry, STORY.closing.on)[0] for entry in STORY.recommendations)
    assert dict(final) == STORY.closing.counts


# ---- Indicators ----


def test_the_indicators_cover_four_nations_and_never_the_united_kingdom():
    nations = {indicator.nation for indicator in INDICATORS.indicators}
    assert nations == {"England", "England and Wales", "Wales", "Scotland", "Northern Ireland"}
    names = [f"{i.key} {i.official_name} {i.unit} {i.part}" for i in INDICATORS.indicators]
    assert not re.search(r"United Kingdom|\bUK\b", " ".join(names))


def test_each_indicator_has_a_theme_and_its_own_key():
    keys = [indicator.key for indicator in INDICATORS.indicators]
    assert len(keys) == len(set(keys))
    assert {i.theme for i in INDICATORS.indicators} == {t.key for t in INDICATORS.themes}


def test_registers_notifications_and_care_have_a_box_for_each_nation():
    for theme in ("registers", "in-care", "notifications"):
        nations = {i.nation for i in INDICATORS.indicators if i.theme == theme}
        assert nations == {"England", "Wales", "Scotland", "Northern Ireland"}, theme


def test_the_figures_of_an_indicator_are_in_order_and_stated_in_its_text():
    for indicator in INDICATORS.indicators:
        days = [value.on for value in indicator.values]
        assert days == sorted(set(days))
        for value in indicator.values:
            assert value.on <= INDICATORS.checked_on
            assert value.text.startswith(f"{value.number:,} ")


# ---- Courses ----


def test_two_courses_have_two_sessions_each_one_cancelled_and_one_moved():
    assert [len(course.sessions) for course in COURSES.courses] == [2, 2]
    statuses = Counter(s.status for course in COURSES.courses for s in course.sessions)
    assert statuses == {"planned": 2, "cancelled": 1, "moved": 1}


def test_each_session_lasts_as_long_as_its_course_and_changes_are_decided_before_it():
    for course in COURSES.courses:
        for session in course.sessions:
            days = [day.on for day in session.days]
            assert days == sorted(set(days))
            assert sum(day.hours for day in session.days) == course.hours
            changed = session.status != "planned"
            assert (session.decided_on is not None, session.reason is not None) == (
                changed,
                changed,
            )
            assert (session.moved_from is not None) == (session.status == "moved")
            if changed:
                assert session.decided_on < (session.moved_from or days[0])


def test_the_passages_of_courses_and_evaluations_exist_in_the_reports():
    passages = [p for course in COURSES.courses for p in (*course.preparation, course.exercise)]
    passages += [p for e in EVALUATIONS.evaluations for p in e.follows_paragraphs]
    for passage in passages:
        paragraph = passage.paragraph or ""
        assert re.search(rf"(?m)^{re.escape(paragraph)}", report(passage.review))
        if paragraph:
            assert re.search(rf"(?m)^{re.escape(paragraph)}\.? ", report(passage.review))
    assert {course.related_record for course in COURSES.courses} <= set(records())


# ---- Evaluations ----


def test_an_evaluation_has_its_protocol_first_and_reports_last():
    for evaluation in EVALUATIONS.evaluations:
        days = [evaluation.before.starts, evaluation.before.ends, evaluation.after.starts]
        days += [evaluation.after.ends, evaluation.reported_on]
        assert days == sorted(set(days))
        assert evaluation.protocol.agreed_on < evaluation.after.starts
        assert all(entry.on > evaluation.reported_on for entry in evaluation.later)


def test_each_evaluation_has_one_negative_result():
    for evaluation in EVALUATIONS.evaluations:
        assert [result.negative for result in evaluation.results].count(True) == 1


def series(key, name, period):
    evaluation = next(e for e in EVALUATIONS.evaluations if e.key == key)
    return next(
        s.values for s in evaluation.dataset if s.name.startswith(name) and s.period == period
    )


def test_the_results_of_the_handover_form_are_counted_from_its_dataset():
    days = {period: series("E1", "working days", period) for period in ("before", "after")}
    assert [len(values) for values in days.values()] == [24, 24]
    assert [sum(day <= 5 for day in values) for values in days.values()] == [9, 15]
    assert [median(values) for values in days.values()] == [8, 5]
    assert [sum(series("E1", "child seen", period)) for period in days] == [13, 13]


def test_the_results_of_group_supervision_are_counted_from_its_dataset():
    before, after = (series("E2", "how sure", period) for period in ("before", "after"))
    stayed = [(b, a) for b, a in zip(before, after, strict=True) if a is not None]
    assert (len(before), len(stayed), sum(a > b for b, a in stayed)) == (11, 9, 8)
    assert [a == b for b, a in stayed].count(True) == 1
    criteria = [series("E2", "criteria", period) for period in ("before", "after")]
    assert [(len(values), sum(values)) for values in criteria] == [(15, 33), (15, 33)]


def test_the_handover_evaluation_follows_a_recommendation_of_the_story():
    evaluation = EVALUATIONS.evaluations[0]
    entry = next(
        e
        for e in STORY.recommendations
        if (e.review, e.number) == (evaluation.follows.review, evaluation.follows.number)
    )
    # Both tell of the form that went out of use on the same day.
    assert evaluation.later[0].on in {event.on for event in entry.events}
