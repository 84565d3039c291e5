"""Published indicators and courses are found in the library, and only while they are public."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from tests.factories import make_person
from tests.indicators.invented import NOON
from tests.indicators.invented import SLUG as INDICATOR
from tests.indicators.invented import published as published_indicator
from tests.library.conftest import make_subject
from tests.training.courses import COURSE, published_course
from tests.training.courses import SLUG as COURSE_SLUG
from waymark.accounts.models import Role, State
from waymark.indicators import services as indicators
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.models import Resource
from waymark.library.queries.resources import open_resources
from waymark.library.services import add_resource, index_changed, set_subjects
from waymark.library.services.topics import add_topic
from waymark.library.topics.description import TopicDescription
from waymark.pipeline.library.service_records import UpdateAfterChanges, update_service_records
from waymark.pipeline.removals.state_changes import change_state
from waymark.training import services as training

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=2)
VISITOR = AnonymousUser()
STATISTICS, TRAINING = f"statistics-{INDICATOR}", f"training-{COURSE_SLUG}"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def public():
    published_indicator()
    indicators.set_indicator_state(by=None, slug=INDICATOR, state="published", now=NOON)
    published_course()
    assert update_service_records(now=NOON)


def open_keys():
    return set(open_resources(VISITOR, LATER).values_list("key", flat=True))


def withdraw_both(now=LATER):
    indicators.set_indicator_state(by=None, slug=INDICATOR, state="withdrawn", now=now)
    training.set_course_state(
        by=None, slug=COURSE_SLUG, state="withdrawn", reason="Too old.", now=now
    )


def test_both_are_records_of_their_kind_whose_pages_lead_to_them(client, public):
    kinds = dict(Resource.objects.values_list("key", "kind"))
    assert kinds == {STATISTICS: "statistics", TRAINING: "training-course"}
    for key, page in ((STATISTICS, ("indicator", INDICATOR)), (TRAINING, ("course", COURSE_SLUG))):
        answer = client.get(reverse("resource", args=[key]))
        assert (answer.status_code, answer.url) == (301, reverse(page[0], args=[page[1]]))


def test_find_finds_them(client, public):
    index_changed(now=LATER)
    for words, key in (("plans", STATISTICS), ("semicolons", TRAINING)):
        page = client.get(reverse("find"), {"q": words}).content.decode()
        assert f'href="/resources/{key}/' in page


def test_the_sitemap_lists_each_once(client, public):
    text = client.get("/sitemap.xml").content.decode()
    assert text.count(f"/statistics/{INDICATOR}/") == 1
    assert STATISTICS not in text
    assert TRAINING not in text


def test_a_second_round_changes_nothing(public):
    assert not update_service_records(now=LATER)
    job = UpdateAfterChanges()
    assert not job(lambda: LATER)
    assert not job(lambda: LATER)


def test_what_is_changed_is_changed_in_the_library(public):
    changed = training.CourseDescription(
        title="Reading anew", summary=COURSE.summary, provider=COURSE.provider
    )
    training.change_course(by=None, slug=COURSE_SLUG, description=changed, now=LATER)
    assert UpdateAfterChanges()(lambda: LATER)
    assert Resource.objects.get(key=TRAINING).title == "Reading anew"


def make_topic(key, *subjects):
    for subject in subjects:
        make_subject(subject, subject.capitalize())
    description = TopicDescription(key.capitalize(), "About it.", subjects=subjects)
    add_topic(by=None, key=key, description=description, now=NOON)


def subjects_of(key=TRAINING):
    return set(Resource.objects.get(key=key).record.subjects.values_list("key", flat=True))


def choose_topics(*topics, now):
    changed = replace(COURSE, topics=topics)
    training.change_course(by=None, slug=COURSE_SLUG, description=changed, now=now)
    update_service_records(now=now + timedelta(minutes=1))


def test_the_record_of_a_course_has_the_first_subject_of_each_of_its_topics(public):
    make_topic("visiting", "visits", "consent")
    make_topic("schools", "school")
    choose_topics("visiting", "schools", "no-such-topic", now=LATER)
    assert subjects_of() == {"visits", "school"}
    assert not update_service_records(now=LATER + timedelta(hours=1))


def test_what_a_cataloguer_makes_of_these_subjects_stays(public):
    """Until the course gets other topics: what is missing of these is added, nothing removed."""
    make_topic("visiting", "visits", "consent")
    make_topic("schools", "school")
    choose_topics("visiting", now=LATER)
    record = Resource.objects.get(key=TRAINING).record
    later = LATER + timedelta(hours=1)
    set_subjects(by=None, record=record, subjects=["consent"], now=later)
    assert not update_service_records(now=later)
    assert subjects_of() == {"consent"}
    choose_topics("schools", now=later + timedelta(hours=1))
    assert subjects_of() == {"consent", "school"}


def test_a_record_of_an_earlier_version_gets_its_subjects(public):
    make_topic("visiting", "visits")
    choose_topics("visiting", now=LATER)
    Resource.objects.get(key=TRAINING).record.subjects.clear()
    assert update_service_records(now=LATER + timedelta(hours=1))
    assert subjects_of() == {"visits"}


def test_what_is_withdrawn_leaves_the_library_and_comes_back_when_it_is_published(public):
    withdraw_both()
    update_service_records(now=LATER)
    assert open_keys() == set()
    indicators.set_indicator_state(
        by=None, slug=INDICATOR, state="published", now=LATER + timedelta(hours=1)
    )
    update_service_records(now=LATER + timedelta(hours=1))
    assert open_keys() == {STATISTICS}


def test_a_record_that_staff_withdrew_stays_withdrawn(public):
    change_state(by=None, item=Resource.objects.get(key=TRAINING), state=State.WITHDRAWN, now=LATER)
    update_service_records(now=LATER)
    assert open_keys() == {STATISTICS}


def test_a_draft_and_a_publication_of_a_cataloguer_are_left_alone():
    other = ResourceDescription(kind="tool", title="Another thing", url="https://a.example/x/")
    add_resource(by=None, description=other, key=TRAINING, now=NOON)
    published_course()
    training.add_course(by=None, slug="draft", description=COURSE, now=NOON)
    assert not update_service_records(now=NOON)
    assert Resource.objects.get().title == "Another thing"


def test_the_button_that_withdraws_does_it_at_once(client, public):
    client.force_login(make_person(Role.EDITOR))
    client.post(reverse("indicator-state", args=[INDICATOR]), {"state": "withdrawn"})
    client.post(
        reverse("course-state", args=[COURSE_SLUG]), {"state": "withdrawn", "reason": "Too old."}
    )
    assert open_keys() == set()
