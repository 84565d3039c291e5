"""Numbers and files that are cached change at once with what they count."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import agree_code, make_resource, make_subject, shelve
from tests.written_once import written_once
from waymark.accounts.audit import WITHOUT_EFFECT, record_entry
from waymark.accounts.content_state import ContentCache, content_mark, digest_mark
from waymark.accounts.models import Role, State
from waymark.coding.queries import review_counts
from waymark.documents.models import Report, Review
from waymark.frameworks.models import Code
from waymark.library.models import CatalogueRecord, Concept, Concern, Resource
from waymark.library.queries.library_mark import index_mark
from waymark.library.queries.thesaurus import record_counts
from waymark.library.queries.topics import topic_counts
from waymark.library.services import index_changed
from waymark.library.services.links import note_link
from waymark.library.services.topics import add_topic
from waymark.library.topics.description import TopicDescription
from waymark.web.middleware.navigation import menu_counts

VISITOR = AnonymousUser()
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def own_index(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
@written_once
def reviews(framework):
    """Two reviews about visits, with code a, beside a resource."""
    make_subject("visits", "Home visits")
    description = TopicDescription("Visiting", "Visits to families.", subjects=("visits",))
    add_topic(by=None, key="visiting", description=description, now=NOON)
    listed = [make_review("C1"), make_review("C2")]
    for review in listed:
        report = make_report(review, "The visits stopped in May.")
        agree_code(review, Code.objects.get(code="a"), on=report, words="visits stopped")
    shelve(*listed, make_resource("guide"))
    for record in CatalogueRecord.objects.filter(review__in=listed):
        record.subjects.add(Concept.objects.get(key="visits"))
    shelve(*listed, now=NOON + timedelta(seconds=1))
    return listed


def numbers(framework, now=NOON + HOUR):
    """Reviews of the subject, of the topic and of the code."""
    (topic,) = topic_counts(VISITOR, now)
    return (
        record_counts(VISITOR, now).get("visits", 0),
        topic.reviews,
        review_counts(framework, VISITOR, now).get("a", 0),
    )


def test_a_review_that_is_withdrawn_leaves_every_cached_number_at_once(client, framework, reviews):
    assert numbers(framework) == (2, 2, 2)
    # Straight in the database, as after an accident: no service, no audit entry, no index.
    Review.objects.filter(reference="C1").update(state=State.WITHDRAWN)
    assert numbers(framework) == (1, 2, 1)
    # The index follows once the record is marked, and until then its number is not cached.
    CatalogueRecord.objects.filter(review__reference="C1").update(changed_at=NOON + 2 * HOUR)
    assert numbers(framework) == (1, 1, 1)
    page = client.get("/subjects/").content.decode()
    assert "1 record" in page
    assert "2 records" not in page


def test_a_record_that_is_withdrawn_leaves_the_cached_sitemap_at_once(client, reviews):
    listed = [client.get("/sitemap.xml").content.count(b"/resources/guide/") for _ in range(2)]
    assert listed == [1, 1]
    Resource.objects.update(state=State.WITHDRAWN)
    assert b"/resources/guide/" not in client.get("/sitemap.xml").content


def test_an_embargo_that_ends_changes_cached_numbers_without_any_task(client, framework, reviews):
    Review.objects.filter(reference="C1").update(state=State.EMBARGOED, public_from=NOON + 2 * HOUR)
    assert record_counts(VISITOR, NOON + HOUR)["visits"] == 1
    assert record_counts(VISITOR, NOON + 2 * HOUR)["visits"] == 2


def test_a_running_site_shows_a_review_from_the_moment_its_embargo_ends(
    client, framework, reviews, monkeypatch
):
    """Nothing is restarted or indexed between the two rounds; "newly added" follows the worker."""
    ends = NOON + 2 * HOUR
    late = make_review("C3", title="Review of Child Larch", state=State.EMBARGOED, public_from=ends)
    report = make_report(late, "The visits of C3 stopped in June.")
    guide = make_resource("larch", state=State.EMBARGOED, public_from=ends)
    shelve(late, guide)
    CatalogueRecord.objects.get(review=late).subjects.add(Concept.objects.get(key="visits"))
    shelve(late, guide, now=NOON + timedelta(seconds=1))
    pages = {
        "/": '<span class="num">3</span>',
        "/find/?q=visits": "Child Larch",
        "/find/?q=visits&view=passages": "stopped in June",
        "/reviews/C3/": "Child Larch",
        f"/reports/{report.key}/": "stopped in June",
        "/topics/visiting/": "See all 3 reviews",
        reverse("feed-atom"): "Child Larch",
        "/data/reviews.csv": "C3",
        "/sitemap.xml": "/resources/larch/",
    }

    def see(address, **headers):
        answer = client.get(address, headers=headers)
        return answer, " ".join(answer.getvalue().decode().split())

    monkeypatch.setattr("django.utils.timezone.now", lambda: ends - timedelta(seconds=1))
    tags = {}
    for address, words in pages.items():
        # Twice, so that what can be cached is.
        for _ in range(2):
            answer, text = see(address)
            assert words not in text, address
        tags[address] = answer.get("ETag", "")
    assert tags[reverse("feed-atom")]
    monkeypatch.setattr("django.utils.timezone.now", lambda: ends)
    for address, words in pages.items():
        answer, text = see(address, **{"If-None-Match": tags[address]})
        assert answer.status_code == 200, address
        assert words in text, address
    # What the worker does all the time.
    index_changed(now=ends)
    assert "/reviews/C3/" in see("/")[1]


def test_what_waits_to_be_indexed_has_no_mark_for_numbers_of_the_index(reviews):
    assert index_mark(VISITOR, NOON + HOUR) is not None
    CatalogueRecord.objects.filter(review__reference="C1").update(changed_at=NOON + HOUR)
    assert index_mark(VISITOR, NOON + HOUR) is None


def test_any_audited_action_starts_a_new_state_except_those_without_effect(db):
    record_entry(actor=None, action="something new", subject="review R1", now=NOON)
    first = digest_mark()
    for action in sorted(WITHOUT_EFFECT):
        record_entry(actor=None, action=action, subject="review R1", now=NOON)
    assert digest_mark() == first
    record_entry(actor=None, action="something new", subject="review R1", now=NOON)
    assert digest_mark() != first


def test_links_that_fail_do_not_have_the_files_of_data_written_again(client, db):
    """The checks try a few links every minute, and a table of a large library takes a minute."""
    guide = make_resource("guide-to-visits", url="https://guide.example.org/visits")
    shelve(guide)
    before = digest_mark()
    for day in (0, 7, 14):
        now = NOON + timedelta(days=day)
        note_link(resource=guide, status=None, fault="there is no such computer", now=now)
    assert digest_mark() == before
    assert "This address did not answer" in client.get(f"/resources/{guide.key}/").content.decode()


def test_visitors_and_staff_have_marks_of_their_own(db):
    make_review("C3", state=State.RECEIVED)
    assert content_mark(VISITOR, NOON, Review, Report).visible == ((0, 0), (0, 0))
    mark = content_mark(None, NOON, Review, Report)
    assert (mark.staff, mark.visible[0][0]) == (True, 1)


def test_a_cache_forgets_the_value_used_longest_ago(db):
    cache, mark = ContentCache(size=2), digest_mark()
    computed = []

    def value_of(key):
        return cache.value(mark, key, lambda: computed.append(key) or key)

    assert [value_of(key) for key in ("a", "b", "a", "c", "a", "b")] == list("abacab")
    assert computed == ["a", "b", "c", "b"]


@pytest.mark.django_db
def test_the_menu_counts_again_after_a_change_and_what_arrived_by_itself_within_ten_seconds():
    def waiting(later=timedelta()):
        return menu_counts(editor, NOON + later).get("concerns", 0)

    def arrive(reference):
        Concern.objects.create(
            reference=reference,
            page="/topics/",
            kind="error",
            text="x",
            origin="x",
            received_at=NOON,
        )

    editor = make_person(Role.EDITOR)
    assert waiting() == 0
    arrive("C-1")
    assert [waiting(), waiting(timedelta(seconds=10))] == [0, 1]
    arrive("C-2")
    record_entry(actor=None, action="receive concern", subject="concern C-2", now=NOON)
    assert waiting() == 2
