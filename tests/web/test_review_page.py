"""The public page of a review: what is first, what is folded, and what one can take away."""

import re
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from tests.factories import NOON, make_person, make_review
from tests.library.conftest import make_resource, make_subject, shelve
from tests.web.conftest import PARAGRAPHS
from tests.web.test_overview_pages import SPEC, given_out
from tests.web.test_pages import see, strictly
from waymark.accounts.content_state import ContentCache
from waymark.accounts.models import Role, State
from waymark.core.uk_time import uk_date
from waymark.documents.models import Report
from waymark.library import services
from waymark.library.models import AbstractPlace
from waymark.library.services import catalogue_review
from waymark.recommendations.services import record_progress
from waymark.web.library.review_card import AbstractPart, linked_abstract
from waymark.web.library.reviews import group_heading

REVIEW = "/reviews/W01/"
MOST_QUERIES, MOST_CACHED = 21, 15


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def placed(coded, key_of):
    """The abstract of the coded review: one sentence of its report, and one of the cataloguer."""
    sentence = "The review was completed in 2005."
    start = "\n".join(PARAGRAPHS).index(sentence)
    place = AbstractPlace.objects.create(
        review=coded.review,
        report=coded,
        key=key_of(sentence),
        start=start,
        end=start + len(sentence),
        exact=sentence,
        page=1,
        ordinal=0,
    )
    coded.review.summary = f"A baby died. {sentence}"
    coded.review.save()
    return place


# ---- the card and the abstract ----


def test_the_card_comes_first_and_says_who_what_where_and_in_which_report(client, coded):
    tree = strictly(client.get(REVIEW))
    card = tree.find(".//section[@aria-labelledby='card']")
    words = " ".join(" ".join(card.itertext()).split())
    for told in (
        "Child Child Beech: 4 months, female, died",
        "What happened Sudden unexpected infant death",
        "Board A board",
        "Recommendations 1 recommendation",
        "Read the overview report",
    ):
        assert told in words
    headings = [heading.get("id") for heading in tree.iter("h2")]
    assert headings[:4] == ["card", "abstract", "evidence", "recommendations"]


def test_each_sentence_of_the_abstract_that_the_report_has_is_followed_by_its_page(client, placed):
    page = see(client, REVIEW)
    assert "A baby died. The review was completed in 2005. page 1" in page
    link = reverse("passage", args=[placed.key])
    assert f'<a class="pin" href="{link}">' in client.get(REVIEW).content.decode()


def test_a_review_without_an_abstract_says_so(client, coded):
    assert "No abstract has been written for this review." in see(client, REVIEW)


def test_a_place_whose_words_were_edited_stays_a_source_of_the_abstract(placed):
    linked = linked_abstract("Edited.\n\nSecond paragraph.", [placed])
    assert linked.paragraphs == (
        (AbstractPart("Edited.", None),),
        (AbstractPart("Second paragraph.", None),),
    )
    assert linked.unplaced == (placed,)


# ---- evidence and recommendations ----


def test_the_evidence_is_folded_with_the_names_and_number_of_each_group(client, coded):
    tree = strictly(client.get(REVIEW))
    folds = [
        " ".join(" ".join(fold.find("summary").itertext()).split())
        for fold in tree.iter("details")
        if fold.get("class") == "fold"
    ]
    assert all(fold.get("open") is None for fold in tree.iter("details"))
    (themes,) = [fold for fold in folds if fold.startswith("Themes for learning")]
    assert "2 codes" in themes
    assert "2 passages" in themes
    assert "Recording and record keeping" in themes
    (factors,) = [fold for fold in folds if fold.startswith("Factors")]
    assert "3 mentioned" in factors
    assert "1 not" in factors


def test_a_recommendation_has_an_address_its_state_and_what_was_reported_before(client, coded):
    keeper = make_person(Role.CATALOGUER, name="keeper")
    assert "No progress has been reported yet." in see(client, REVIEW)
    reported = {"by": keeper, "review": coded.review, "number": 1, "impact": "no_evidence"}
    record_progress(status="not_started", due=date(2005, 6, 1), now=NOON, **reported)
    record_progress(
        status="in_progress", due=date(2005, 12, 1), now=NOON.replace(day=5), **reported
    )
    tree = strictly(client.get(REVIEW))
    (heading,) = [one for one in tree.iter("h3") if one.get("id") == "recommendation-1"]
    assert heading.find("a").get("href") == "#recommendation-1"
    page = see(client, REVIEW)
    for told in (
        "In progress · overdue",
        "How it is written says what to do",
        "Due 1 December 2005",
        "(not started: no change shown)",
        "1 in all: 1 in progress; 1 overdue",
    ):
        assert told in page
    # The words for criteria and impact are defined one click away, and nowhere else.
    assert "Activity only" not in page
    assert page.count("(specific)") == 1
    (link,) = [one for one in tree.iter("a") if one.get("href") == "#recommendation-words"]
    assert link.text == "What these words mean"


# ---- cite, follow, download ----


def test_every_public_object_has_cite_follow_and_download_in_one_part(client, coded, key_of):
    given_out(SPEC)
    shelve(coded.review, make_resource("guide"))
    pages = {
        "review": REVIEW,
        "passage": reverse("passage", args=[key_of("died suddenly at home")]),
        "resource": reverse("resource", args=["guide"]),
        "overview": reverse("overview", args=["small"]),
    }
    for noun, address in pages.items():
        tree = strictly(client.get(address))
        (part,) = [one for one in tree.iter("section") if one.get("aria-labelledby") == "take"]
        assert [one.text for one in part.iter("h2")] == ["Cite, follow, download"]
        headings = [one.text for one in part.iter("h3")]
        assert headings == [f"Cite this {noun}", "Follow", "Download"], noun
        links = [one.get("href") for one in tree.iter("a")]
        assert "#take" in links
        for link in part.iter("a"):
            assert resolve(urlsplit(link.get("href")).path)


# ---- speed ----


def counted_queries(client, *, cached=False) -> int:
    """Queries of the page. cached: with its facts as read for an earlier reader."""
    client.get(REVIEW)
    if not cached:
        ContentCache.clear_all()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(REVIEW).status_code == 200
    return len(asked)


def test_the_page_asks_few_queries_however_large_the_collection(client, placed):
    given_out(SPEC)
    review = placed.review
    record = catalogue_review(by=None, review=review, now=NOON)
    services.set_details(by=None, review=review, scheme="nir-cmr", now=NOON)
    keeper = make_person(Role.CATALOGUER, name="keeper")
    reported = {"by": keeper, "review": review, "number": 1, "due": None, "now": NOON}
    record_progress(status="in_progress", impact="no_evidence", **reported)
    subjects = [make_subject(f"subject-{number}", f"Subject {number}") for number in range(3)]
    record.subjects.set(subjects)
    near = catalogue_review(by=None, review=make_review("N00"), now=NOON)
    near.subjects.set(subjects)
    services.link_records(by=None, source=record, target=near, now=NOON)
    before = counted_queries(client)
    assert before <= MOST_QUERIES
    assert counted_queries(client, cached=True) <= MOST_CACHED
    for number in range(1, 12):
        other = catalogue_review(by=None, review=make_review(f"N{number:02}"), now=NOON)
        other.subjects.set(subjects)
        services.link_records(by=None, source=record, target=other, now=NOON)
    assert counted_queries(client) == before
    assert len(re.findall(r"/reviews/N\d\d/", client.get(REVIEW).content.decode())) > 6


def test_agreed_facts_are_read_once_for_a_state_and_are_gone_at_once_with_their_report(
    client, coded, monkeypatch
):
    assert counted_queries(client, cached=True) <= counted_queries(client) - 5
    facts = "Sudden unexpected infant death"
    assert facts in see(client, REVIEW)
    # Straight in the database, as after an accident: no service, no audit entry.
    Report.objects.filter(pk=coded.pk).update(state=State.INTERNAL)
    assert facts not in see(client, REVIEW)
    Report.objects.filter(pk=coded.pk).update(state=State.PUBLISHED)
    assert facts in see(client, REVIEW)
    # What is on time today is overdue tomorrow.
    now, keeper = timezone.now(), make_person(Role.CATALOGUER, name="keeper")
    reported = {"by": keeper, "review": coded.review, "number": 1, "impact": "no_evidence"}
    record_progress(status="in_progress", due=uk_date(now), now=now, **reported)
    assert "In progress · overdue" not in see(client, REVIEW)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(days=1))
    assert "In progress · overdue" in see(client, REVIEW)


def test_a_group_of_facts_has_a_heading_that_is_understood_alone():
    names = ("factors", "agencies", "contact_when", "hobbies_of_child")
    assert [group_heading(name) for name in names] == [
        "Factors",
        "Services involved",
        "When the services were in contact",
        "Hobbies of child",
    ]
