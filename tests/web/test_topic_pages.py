"""Topic pages: numbers, passages, years, links, and editing."""

import json
import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import agree_code, shelve
from waymark.accounts.content_state import ContentCache
from waymark.accounts.models import AuditEntry, Role, State
from waymark.documents.models import Review
from waymark.documents.services.reviews import set_review_state
from waymark.library.models import TopicVersion
from waymark.library.services import mark_changed
from waymark.library.services.topics import add_topic, withdraw_topic
from waymark.library.topics.description import TopicDescription

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test."""
    settings.DATA = tmp_path


@pytest.fixture
def sleep():
    """A topic with two public reviews and an internal one, of 2004, 2006 and 2006."""
    reviews = []
    for number, year, state in (
        (1, 2004, State.PUBLISHED),
        (2, 2006, State.PUBLISHED),
        (3, 2006, State.INTERNAL),
    ):
        review = make_review(
            f"R{number}",
            title=f"Safer sleep {number}",
            state=state,
            published_on=date(year, 5, 1),
        )
        make_report(review, f"The advice on safer sleep was given once to family {number}.")
        reviews.append(review)
    shelve(*reviews)
    description = TopicDescription("Sleep", "How babies sleep.", words=("safer sleep",))
    add_topic(by=None, key="sleep", description=description, now=NOON)
    return reviews


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.mark.parametrize(("role", "number"), [(None, 2), (Role.CODER, 3)])
def test_every_number_of_a_topic_opens_to_what_it_counts(client, sleep, role, number):
    if role:
        client.force_login(make_person(role))
    answer = client.get(reverse("topic", args=["sleep"]))
    assert f"See all {number} reviews" in text_of(answer)
    links = re.findall(r'href="(/[^"]*topic[^"]*kind=case-review[^"]*)"', answer.content.decode())
    totals = [client.get(link.replace("&amp;", "&")).context["answer"].total for link in links]
    assert totals == [number, 1, number - 1]
    years = client.get(reverse("topic-years", args=["sleep"])).content.decode()
    assert years.splitlines() == ["year,reviews", "2004,1", "2005,0", f"2006,{number - 1}"]


def test_the_page_is_searched_once_for_a_state_of_the_library_and_never_shows_what_is_gone(
    client, sleep
):
    address = reverse("topic", args=["sleep"])

    def ask():
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address).context["page"]
        return len(queries), page.reviews, [passage.review for passage in page.passages]

    (searched, *first), (again, *second) = ask(), ask()
    assert first == second == [2, ["R1", "R2"]]
    assert again <= 12 < searched
    # Straight in the database, as after an accident: no service, no audit entry, no index.
    Review.objects.filter(reference="R1").update(state=State.WITHDRAWN)
    assert ask()[1:] == (1, ["R2"])
    # The page of staff is searched each time.
    client.force_login(make_person(Role.CODER))
    assert ask()[1] == ask()[1] == 2


def test_a_withdrawn_review_leaves_number_and_passages_at_once(client, sleep):
    before = client.get(reverse("topic", args=["sleep"])).context["page"]
    assert {passage.review for passage in before.passages} == {"R1", "R2"}
    set_review_state(by=None, review=sleep[0], state=State.WITHDRAWN, now=timezone.now())
    mark_changed(reviews=[sleep[0]], now=timezone.now())
    after = client.get(reverse("topic", args=["sleep"])).context["page"]
    assert (after.reviews, [passage.review for passage in after.passages]) == (1, ["R2"])


def test_a_coded_part_of_a_sentence_is_quoted_as_the_whole_sentence_and_once(client, framework):
    review = make_review("R1", title="Safer sleep", published_on=date(2004, 5, 1))
    text = "He slept at home. The advice was given once, in a leaflet. Nobody asked again."
    report = make_report(review, text)
    code = framework.codes.get(code="a.b")
    agree_code(review, code, on=report, words="advice was given once")
    agree_code(review, framework.codes.get(code="a"), on=report, words="once, in a leaflet")
    shelve(review)
    description = TopicDescription("Sleep", "How babies sleep.", codes=("a",))
    add_topic(by=None, key="sleep", description=description, now=NOON)
    (passage,) = client.get(reverse("topic", args=["sleep"])).context["page"].passages
    assert passage.text == "The advice was given once, in a leaflet."
    assert client.get(reverse("passage", args=[passage.key])).status_code == 200


def test_a_paragraph_found_by_its_words_is_left_out_if_a_part_of_it_is_quoted(client, framework):
    review = make_review("R1", title="Safer sleep", published_on=date(2004, 5, 1))
    text = (
        "The midwife gave advice on safer sleep once. Nobody in any service asked about it again."
    )
    report = make_report(review, text)
    agree_code(review, framework.codes.get(code="a"), on=report, words="Nobody in any service")
    shelve(review)
    description = TopicDescription("Sleep", "How babies sleep.", ("safer sleep",), codes=("a",))
    add_topic(by=None, key="sleep", description=description, now=NOON)
    (passage,) = client.get(reverse("topic", args=["sleep"])).context["page"].passages
    assert passage.text == "Nobody in any service asked about it again."


@pytest.mark.parametrize(
    ("coded", "shown"),
    [("Where he slept was asked", ["Where he slept was asked once."]), ("for his sleep", [])],
    ids=["another sentence", "a sentence that also says how the child died"],
)
def test_a_code_that_only_counts_brings_a_review_and_none_of_its_words(
    client, framework, coded, shown
):
    review = make_review("R1", title="Elm", published_on=date(2004, 5, 1))
    text = "No cause was found for his sleep. The midwife asked. Where he slept was asked once."
    report = make_report(review, text)
    agree_code(review, framework.codes.get(code="a.b"), on=report, words="No cause was found")
    agree_code(review, framework.codes.get(code="a"), on=report, words=coded)
    shelve(review)
    description = TopicDescription(
        "Sleep", "How babies sleep.", ("sleep",), codes=("a",), counted_codes=("a.b",)
    )
    add_topic(by=None, key="sleep", description=description, now=NOON)
    answer = client.get(reverse("topic", args=["sleep"]))
    page = answer.context["page"]
    assert page.reviews == 1
    assert [passage.text for passage in page.passages] == shown
    assert "Codes that only count, whose passages are not shown here" in text_of(answer)


def test_a_search_is_narrowed_to_a_topic_and_widened_again(client, sleep):
    other = make_review("R4", title="Another")
    make_report(other, "The advice was given twice.")
    shelve(other)
    page = client.get("/find/", {"q": "advice", "topic": "sleep"})
    assert page.context["answer"].total == 2
    assert '<option value="sleep" selected>Sleep</option>' in page.content.decode()
    (chosen,) = page.context["chosen"]
    assert (chosen.facet, chosen.label) == ("Topic", "Sleep")
    assert client.get(f"/find/{chosen.url}").context["answer"].total == 3


def more_reviews(letter):
    """Six reviews about sleep: more than a topic page shows passages of."""
    reviews = [
        make_review(f"{letter}{number}", title="Safer sleep", published_on=date(2005, 1, 1))
        for number in range(6)
    ]
    for review in reviews:
        make_report(review, f"They spoke of safer sleep in {review.reference}.")
    shelve(*reviews)


def test_the_queries_of_a_topic_page_do_not_grow_with_its_reviews(
    client, sleep, django_assert_max_num_queries
):
    more_reviews("M")
    client.get(reverse("topic", args=["sleep"]))
    # Both times without counts from an earlier visit: a new review starts a new state of them.
    ContentCache.clear_all()
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("topic", args=["sleep"]))
    more_reviews("N")
    ContentCache.clear_all()
    with django_assert_max_num_queries(len(few)):
        client.get(reverse("topic", args=["sleep"]))


def test_the_chart_of_a_topic_is_a_file_with_its_numbers_base_and_source(client, sleep):
    page = client.get(reverse("topic", args=["sleep"])).content.decode()
    for ending, kind in (("svg", "image/svg+xml"), ("png", "image/png")):
        address = reverse("topic-chart", args=["sleep", ending])
        assert f'href="{address}"' in page
        answer = client.get(address)
        assert answer["Content-Type"] == kind
        assert f'filename="sleep-by-year.{ending}"' in answer["Content-Disposition"]
    drawn = client.get(reverse("topic-chart", args=["sleep", "svg"])).content.decode()
    assert ">Base: 2 reviews.</text>" in drawn
    assert ">Sleep: reviews by year</text>" in drawn
    assert client.get(reverse("topic-chart", args=["sleep", "gif"])).status_code == 404


def test_the_chart_of_a_topic_is_said_once(client, sleep):
    page = client.get(reverse("topic", args=["sleep"])).content.decode()
    # The title has the finding and the table has the numbers: no sentence repeats them.
    assert "Reviews by year. 2004: 1" not in page
    assert page.count("2 reviews from 2004 to 2006, in 2 of 3 years") == 1
    assert '<th scope="row">2004</th>' in page


def test_the_page_of_a_topic_and_the_terms_agree_on_reuse(client, sleep):
    page = text_of(client.get(reverse("topic", args=["sleep"])))
    terms = text_of(client.get(reverse("terms")))
    words = "quote with a citation, and ask us for anything else"
    assert f"no licence is given: {words}" in page
    assert words in terms
    assert "The page of each review says who holds the rights" in page
    assert "Passages of reports, on any page as of the report they are from" in terms


def test_search_engines_may_list_the_topics_and_not_the_pages_that_quote(client, sleep):
    listed = client.get(reverse("topics"))
    assert "X-Robots-Tag" not in listed
    (script,) = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', listed.content.decode()
    )
    assert json.loads(script)["hasDefinedTerm"][0]["name"] == "Sleep"
    assert client.get(reverse("topic", args=["sleep"]))["X-Robots-Tag"] == "noindex, nofollow"
    sitemap = client.get("/sitemap.xml").content.decode()
    assert "/topics/</loc>" in sitemap
    assert "/topics/sleep/" not in sitemap


def test_no_words_of_a_topic_end_the_script_that_search_engines_read(client, sleep):
    hostile = "</script><script>alert(1)</script><!-- & "
    description = TopicDescription("Cots", hostile, words=("cot",))
    add_topic(by=None, key="cots", description=description, now=NOON)
    page = client.get(reverse("topics")).content.decode()
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert hostile.strip() in json.loads(script)["hasDefinedTerm"][0]["description"]
    assert "<script>alert" not in page


def test_the_feed_of_a_topic_keeps_its_id(client, sleep):
    feed = client.get(reverse("topic-feed", args=["sleep"])).content.decode()
    assert "<id>tag:waymark.localhost,2026:topics/sleep/</id>" in feed
    assert sorted(re.findall(r"<entry>.*?<id>(.*?)</id>", feed, re.S)) == [
        "tag:waymark.localhost,2026:review/R1",
        "tag:waymark.localhost,2026:review/R2",
    ]


def test_themes_lead_to_the_topics_and_the_codebook_is_under_methods(client, coded):
    moved = client.get("/themes/?from=mail")
    assert (moved.status_code, moved["Location"]) == (301, "/topics/?from=mail")
    methods = client.get(reverse("methods"))
    assert "/frameworks/cr-core/1.0.0/" in methods.content.decode()
    assert "Six promises" in text_of(methods)


def test_pages_of_codes_link_to_their_topics(client, coded):
    description = TopicDescription("Telling", "About telling.", codes=("prac.recording",))
    add_topic(by=None, key="telling", description=description, now=NOON)
    answer = client.get(reverse("code", args=["cr-core", "1.0.0", "prac.recording"]))
    assert '<a href="/topics/telling/">Telling</a>' in answer.content.decode()


def test_a_withdrawn_topic_has_no_page(client, sleep):
    withdraw_topic(by=None, key="sleep", reason="Being rewritten.", now=NOON)
    assert client.get(reverse("topic", args=["sleep"])).status_code == 404
    assert client.get(reverse("topic-feed", args=["sleep"])).status_code == 404


# ---- editing ----

ENTERED = {
    "seen": "1",
    "name": "Sleep and cots",
    "summary": "How babies sleep, and where.",
    "words": "safer sleep\r\ncot",
    "subjects": "",
    "codes": "",
    "related": "",
}


@pytest.fixture
def cataloguer(client):
    person = make_person(Role.CATALOGUER)
    client.force_login(person)
    return person


def test_an_edit_is_previewed_without_being_stored_and_then_saved(client, sleep, cataloguer):
    address = reverse("edit-topic", args=["sleep"])
    preview = client.post(address, {**ENTERED, "words": "safer sleep 2", "do": "preview"})
    assert "1 review found" in text_of(preview)
    assert TopicVersion.objects.count() == 1
    assert client.post(address, {**ENTERED, "do": "save"}).status_code == 302
    page = text_of(client.get(reverse("topic", args=["sleep"])))
    assert "Sleep and cots" in page
    history = text_of(client.get(address))
    assert "Version 2" in history
    assert "How babies sleep." in history


def test_an_overtaken_edit_keeps_what_was_typed(client, sleep, cataloguer):
    address = reverse("edit-topic", args=["sleep"])
    client.post(address, {**ENTERED, "do": "save"})
    late = client.post(address, {**ENTERED, "name": "Mine", "do": "save"})
    assert late.status_code == 400
    assert 'value="Mine"' in late.content.decode()
    assert "his topic was changed while you were editing" in text_of(late)


def test_an_unknown_subject_is_refused_and_named(client, sleep, cataloguer):
    address = reverse("edit-topic", args=["sleep"])
    answer = client.post(address, {**ENTERED, "subjects": "nowhere", "do": "save"})
    assert answer.status_code == 400
    assert "here is no subject nowhere" in text_of(answer)


def test_a_topic_is_added_withdrawn_with_a_reason_and_restored(client, cataloguer):
    added = client.post(reverse("add-topic"), {**ENTERED, "key": "cots", "do": "save"})
    assert added.status_code == 302
    address = reverse("edit-topic", args=["cots"])
    assert client.post(address, {"do": "withdraw", "reason": ""}).status_code == 400
    client.post(address, {"do": "withdraw", "reason": "Said twice."})
    assert client.get(reverse("topic", args=["cots"])).status_code == 404
    assert AuditEntry.objects.get(action="withdraw topic").detail == {"reason": "Said twice."}
    client.post(address, {"do": "restore"})
    assert client.get(reverse("topic", args=["cots"])).status_code == 200
    assert "Sleep and cots" in text_of(client.get(reverse("edit-topics")))
