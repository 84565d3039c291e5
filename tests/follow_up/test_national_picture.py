"""The national picture is always a plain recount, though most of its counts are kept."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.factories import NOON, make_person, make_report, make_review
from tests.recommendations.test_ledger import enter, serve, tell
from tests.recommendations.test_recommendations import begin, core, record  # noqa: F401
from tests.written_once import written_once
from waymark.accounts.audit import record_entry
from waymark.accounts.content_state import ContentCache
from waymark.accounts.models import Role, State
from waymark.bodies.models import Body
from waymark.bodies.services import BodyAbout, add_body, merge_bodies
from waymark.documents.models import Report, Review
from waymark.follow_up.queries import PictureChoice, blocks_to_count, national_picture
from waymark.follow_up.queries import recommendations as rows_of_recommendations
from waymark.pipeline.follow_up import CountRun
from waymark.recommendations import services
from waymark.recommendations.models import (
    REVIEWS_IN_BLOCK,
    Addressee,
    CountBlock,
    Recommendation,
)

pytestmark = pytest.mark.django_db
VISITOR = AnonymousUser()
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
@written_once
def reviews(core):  # noqa: F811
    """Three reviews of two boards in two blocks; the last stands in a block of its own."""
    for name in ("Ash Board", "Board of Birch", "Ash Trust", "Birch Police"):
        add_body(by=None, about=BodyAbout(name, listed=True), now=NOON)
    made = []
    for at, board in enumerate(("Ash Board", "Ash Board", "Board of Birch")):
        more = {"pk": REVIEWS_IN_BLOCK * 5} if at == 2 else {}
        ended = date(2024 + at // 2, 3, 1)
        review = make_review(f"N{at}", board=board, completed_on=ended, **more)
        report = make_report(review, f"The visits of N{at} stopped in May.")
        coder = begin(report)
        for number in (1, 2):
            record(report, by=coder, number=number, audience=("health", "police")[number - 1])
        enter(serve(review, "Ash Trust"), "notified")
        made.append(review)
    serve(made[2], "Birch Police")
    return made


def recount(now=NOON, person=VISITOR):
    """The same counts, one row after the other, as a reader of the tables would make them."""
    axes = {name: Counter() for name in ("standing", "late", "board", "year", "audience", "body")}
    today = now.date()
    for row in Recommendation.objects.filter(superseded_at=None):
        report, review = row.report, row.review
        seen = {"published"} if person is VISITOR else {"published", "internal"}
        if {report.state, review.state} - seen:
            continue
        axes["standing"][row.standing] += 1
        axes["late"][row.standing] += bool(row.overdue_from and row.overdue_from <= today)
        axes["board"][review.board] += 1
        axes["year"][str(review.completed_on.year)] += 1
        axes["audience"][row.audience] += 1
        for asked in Addressee.objects.filter(review=review, number=row.number, body__isnull=False):
            axes["body"][(asked.body.merged_into or asked.body).key] += 1
    return {name: {k: n for k, n in counts.items() if n} for name, counts in axes.items()}


def shown(now=NOON, person=VISITOR, **choice):
    picture = national_picture(PictureChoice(**choice), person, now)
    names = dict(Body.objects.values_list("key", "name"))
    assert picture.total == sum(row.number for row in picture.standings)
    assert picture.late == sum(row.late for row in picture.standings)
    assert {row.value: sum(picture.by_year[row.value].values()) for row in picture.years} == {
        row.value: row.number for row in picture.years
    }
    return {
        "standing": {row.value: row.number for row in picture.standings},
        "late": {row.value: row.late for row in picture.standings if row.late},
        "board": {names[row.value]: row.number for row in picture.boards},
        "year": {row.value: row.number for row in picture.years},
        "audience": {row.value: row.number for row in picture.audiences},
        "body": {row.value: row.number for row in picture.bodies},
    }


def count_all(now=NOON):
    """The worker counts; then the process forgets, as after a start."""
    CountRun()(lambda: now)
    ContentCache.clear_all()


def answer(review):
    enter(review.addressees.first(), "answered", answer="in_part", text="One day.")


def finish(review):
    tell(review.addressees.first(), "complete", "practice_change")


def withdraw_one(review):
    row = review.recommendations.get(number=2, superseded_at=None)
    services.withdraw_recommendation(by=row.recorded_by, recommendation=row, now=NOON)


def correct_one(review):
    row = review.recommendations.get(number=2, superseded_at=None)
    record(row.report, by=row.recorded_by, number=2, audience="education")


def name_body(review):
    body = Body.objects.get(key="birch-police")
    services.name_body_of(by=None, addressee=review.addressees.first(), body=body, now=NOON)


def remove_one(review):
    services.remove_addressee(by=None, addressee=serve(review, "Birch Police"), now=NOON)


def merge_two(review):
    trust, police = Body.objects.get(key="ash-trust"), Body.objects.get(key="birch-police")
    merge_bodies(by=None, duplicate=police, into=trust, now=NOON)


CHANGES = (answer, finish, withdraw_one, correct_one, name_body, remove_one, merge_two)


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_by_a_service_reaches_the_kept_counts_at_once(reviews, change):
    count_all()
    assert shown() == recount()
    change(reviews[0])
    assert shown() == recount()
    count_all()
    assert shown() == recount()


def test_the_worker_counts_only_what_has_changed(reviews):
    count_all()
    assert blocks_to_count(NOON) == []
    assert CountBlock.objects.exclude(counted_for="").count() == 2
    answer(reviews[2])
    (block,) = blocks_to_count(NOON)
    assert block.number == 5
    run = CountRun()
    assert [run(lambda: NOON), run(lambda: NOON)] == [True, False]
    # Every day, because what is late depends on the day.
    assert run(lambda: NOON + 24 * HOUR) is True


def test_kept_counts_are_used(reviews):
    """Counts changed on purpose show: else every test here would pass without any being kept."""
    count_all()
    block = CountBlock.objects.get(number=5)
    block.counts["audience"]["police"][0] += 100
    block.save()
    assert shown()["audience"]["police"] == recount()["audience"]["police"] + 100


@pytest.mark.parametrize("model", [Review, Report])
def test_what_is_withdrawn_leaves_the_kept_counts_at_once(reviews, model):
    count_all()
    assert shown()["standing"] == {"waiting": 3, "not_told": 3}
    # Straight in the database, as after an accident: no service, no audit entry, no worker.
    rows = {"pk": reviews[2].pk} if model is Review else {"review": reviews[2]}
    model.objects.filter(**rows).update(state=State.WITHDRAWN)
    assert shown()["standing"] == recount()["standing"] == {"waiting": 2, "not_told": 2}
    assert "2025" not in shown()["year"]


def test_reports_that_change_places_are_told_apart(reviews):
    """Two of four reports are hidden, then the two others: as many, with the same sum of keys."""
    answer(reviews[0])
    more = [make_report(review, "Another report.").pk for review in reviews[:2]]
    own = Report.objects.filter(review__in=reviews[:2]).exclude(pk__in=more).order_by("pk")
    first, second = own.values_list("pk", flat=True)
    assert first + more[1] == second + more[0]
    for hidden in ((first, more[1]), (second, more[0])):
        Report.objects.update(state=State.PUBLISHED)
        Report.objects.filter(pk__in=hidden).update(state=State.WITHDRAWN)
        record_entry(actor=None, action="set state", subject="reports", now=NOON)
        assert shown() == recount()


def test_an_embargo_that_ends_brings_a_review_in_without_any_task(reviews):
    Review.objects.filter(pk=reviews[0].pk).update(state=State.EMBARGOED, public_from=NOON + HOUR)
    count_all()
    assert national_picture(PictureChoice(), VISITOR, NOON).total == 4
    assert national_picture(PictureChoice(), VISITOR, NOON + HOUR).total == 6


def test_staff_count_what_visitors_do_not_see_and_each_sees_their_own(reviews):
    Review.objects.filter(pk=reviews[1].pk).update(state=State.INTERNAL)
    staff = make_person(Role.EDITOR)
    count_all()
    assert shown(person=staff)["standing"] == recount(person=staff)["standing"]
    assert shown()["standing"] == recount()["standing"]
    assert national_picture(PictureChoice(), staff, NOON).total == 6


def test_where_small_numbers_are_protected_a_review_leaves_the_kept_counts(reviews, monkeypatch):
    count_all()
    assert national_picture(PictureChoice(), VISITOR, NOON).total == 6
    withheld = {"N2": "overview"}
    monkeypatch.setattr(rows_of_recommendations, "reviews_with_protected_numbers", lambda: withheld)
    record_entry(actor=None, action="freeze", subject="overview", now=NOON)
    picture = national_picture(PictureChoice(), VISITOR, NOON)
    assert (picture.total, picture.not_shown) == (4, 2)
    assert [row.value for row in picture.bodies] == ["ash-trust"]


def test_a_choice_counts_the_rows_that_its_list_shows(reviews):
    answer(reviews[0])
    count_all()
    later = NOON + 1_500 * 24 * HOUR
    for choice in (
        {"board": "ash-board"},
        {"standing": "waiting"},
        {"audience": "police", "first": 2024, "last": 2024},
        {"category": "training", "late": True},
    ):
        chosen = PictureChoice(**choice)
        listed = rows_of_recommendations.listed_recommendations(chosen, VISITOR, later)
        counted = national_picture(chosen, VISITOR, later)
        assert counted.total == listed.count() > 0, choice
        bodies = Counter()
        for row in listed:
            bodies.update(
                row.review.addressees.filter(number=row.number).values_list("body__key", flat=True)
            )
        assert {row.value: row.number for row in counted.bodies} == dict(bodies)
