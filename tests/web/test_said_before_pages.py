"""Pages that show what was recommended before, and the schemes of other inquiries."""

import re

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review
from tests.recommendations.test_importing import HEAD, imported
from tests.recommendations.test_recommendations import begin, core  # noqa: F401
from tests.recommendations.test_said_before import AGAIN, OTHER, VISITS, key_of, recommend
from waymark.accounts.models import Role, State
from waymark.recommendations.models import InquiryScheme, Recommendation, RecommendationRelation
from waymark.recommendations.services import set_scheme_state

pytestmark = pytest.mark.django_db


def page(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", answer.content.decode())


def address_of(row):
    return reverse("recommendation", args=[row.review.reference, row.number])


@pytest.fixture
def two():
    """Two recommendations that say nearly the same, and others that do not."""
    recommend(OTHER)
    recommend("Police record each visit to a home on the same day.")
    return recommend(VISITS), recommend(AGAIN)


def shown(client, row):
    return page(client, "recommendation", row.review.reference, row.number)


def test_the_public_page_shows_what_says_nearly_the_same_in_words(client, two):
    words = shown(client, two[0])
    assert AGAIN in words
    assert "Nearly the same words" in words
    assert address_of(two[1]) in words
    assert "Says the same</button>" not in words
    assert not re.search(r"0\.\d\d", words)
    two[1].review.state = State.WITHDRAWN
    two[1].review.save()
    assert AGAIN not in shown(client, two[0])


def test_a_person_compares_two_and_undoes_it(client, two):
    one, other = two
    client.force_login(make_person(Role.CATALOGUER))
    sent = {"one": key_of(one), "other": key_of(other), "relation": "contradicts"}
    answer = client.post(reverse("relate-recommendations"), sent, follow=True)
    assert f"{other.review.reference} recommendation 1: contradicts." in answer.content.decode()
    client.logout()
    for row in two:
        assert "Contradicts this one" in shown(client, row)
        assert "Compared by a person" in shown(client, row)
    client.force_login(make_person(Role.CODER))
    client.post(reverse("relate-recommendations"), sent | {"relation": "undo"})
    assert "Contradicts this one" not in shown(client, one)
    assert RecommendationRelation.objects.filter(taken_back_at=None).count() == 0


def test_what_contradicts_is_named_by_the_address_of_its_page(client, two):
    one, other = two[0], Recommendation.objects.get(exact=OTHER)
    client.force_login(make_person(Role.CATALOGUER))
    sent = {"one": key_of(one), "relation": "contradicts"}
    path = reverse("relate-recommendations")
    for address in ("nonsense", "/recommendations/T404/1/", address_of(one)):
        client.post(path, sent | {"address": address})
    assert not RecommendationRelation.objects.exists()
    client.post(path, sent | {"address": f"https://waymark.example{address_of(other)}"})
    assert RecommendationRelation.objects.get().relation == "contradicts"
    client.logout()
    assert OTHER in shown(client, one)


def test_visitors_cannot_compare(client, two):
    sent = {"one": key_of(two[0]), "other": key_of(two[1]), "relation": "same"}
    assert client.post(reverse("relate-recommendations"), sent).status_code in {302, 403}
    client.force_login(make_person(Role.READER))
    assert client.post(reverse("relate-recommendations"), sent).status_code == 403
    assert not RecommendationRelation.objects.exists()
    client.force_login(make_person(Role.CATALOGUER))
    assert client.post(reverse("relate-recommendations"), sent | {"one": "x"}).status_code == 404


def test_a_coder_sees_what_was_said_before_when_confirming_and_compares_at_once(client, two):
    report = make_report(
        make_review("P1"), "Nobody saw the child.", f"1. {VISITS}", heading="Recommendations"
    )
    finding = report.passages.first()
    report.passages.filter(pk=finding.pk).update(heading="Findings")
    coder = begin(report)
    client.force_login(coder)
    words = page(client, "propose-recommendations", "P1")
    assert AGAIN in words
    assert "Nobody saw the child." in words
    assert "Depends on people remembering what they were told." in words
    sent = {"number": 1, "category": "training", "audience": "health"}
    address = reverse("propose-recommendations", args=["P1"])
    client.post(address, sent | {"strength": "mighty"})
    client.post(address, sent | {"finding": "x-0-1"})
    # The recommendation and what it is compared with are stored together, or neither is.
    client.post(address, sent | {f"relation-{key_of(two[1])}": "twin"})
    assert not Recommendation.objects.filter(review__reference="P1").exists()
    more = {"strength": "weak", "finding": finding.key, f"relation-{key_of(two[1])}": "same"}
    client.post(address, sent | more)
    row = Recommendation.objects.get(review__reference="P1")
    assert (row.strength, row.finding) == ("weak", finding.key)
    relation = RecommendationRelation.objects.get()
    assert {relation.first, relation.second} == {str(key_of(row)), str(key_of(two[1]))}
    assert relation.recorded_by == coder
    client.logout()
    words = shown(client, row)
    for expected in ("Nobody saw the child.", "Weak: depends on people", "Says the same"):
        assert expected in words


# ---- other schemes ----


@pytest.fixture
def scheme():
    rows = (
        f'1/20,Ash Trust,I-1,Open,2020-03-01,,"{VISITS}",\n2/20,Elm,I-1,Shut,,,"{VISITS}",Done.\n'
    )
    return imported(HEAD + rows, scheme="Transport inquiries").scheme


def test_a_scheme_has_its_counts_and_rows_apart_from_reviews(client, two, scheme):
    key = scheme.key
    assert client.get(reverse("inquiry-scheme", args=[key])).status_code == 404
    assert "Transport inquiries" not in page(client, "recommendations")
    set_scheme_state(by=None, scheme=scheme, state="published", now=NOON)
    words = page(client, "recommendations")
    assert "Transport inquiries" in words
    assert "4 recommendations," in words
    words = page(client, "inquiry-scheme", key)
    assert "1 recommendation of 1 inquiry, made 2 times" in words
    for row in ("Ash Trust", "Elm", "Open", "Shut", "2020", "Not known"):
        assert row in words
    assert "Ash Trust</td>" not in page(client, "inquiry-scheme", key, q="Elm")
    number = scheme.inquiries.get().recommendations.get().pk
    words = page(client, "inquiry-recommendation", key, number)
    for expected in (VISITS, "Ash Trust", "Shut", "Done.", AGAIN, "which are not case reviews"):
        assert expected in words
    assert VISITS in shown(client, two[1])
    other = reverse("inquiry-recommendation", args=["other", number])
    assert client.get(other).status_code == 404


def test_only_those_who_publish_change_who_sees_a_scheme(client, scheme):
    address = reverse("inquiry-scheme", args=[scheme.key])
    client.force_login(make_person(Role.CODER))
    assert "Shown to staff only" in page(client, "inquiry-scheme", scheme.key)
    assert client.post(address, {"state": "published"}).status_code == 403
    client.force_login(make_person(Role.EDITOR))
    assert client.post(address, {"state": "published"}).status_code == 302
    assert InquiryScheme.objects.get().state == "published"
    client.post(address, {"state": "embargoed"})
    assert InquiryScheme.objects.get().state == "published"
    assert client.post(address, {"state": "withdrawn"}).status_code == 302
    assert client.get(address).status_code == 404
