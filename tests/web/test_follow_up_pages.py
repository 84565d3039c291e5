"""The pages of recommendations: the national picture, one ledger, staff, and bodies by a link."""

import csv
import io
import json
import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import NOON, make_person, make_report, make_review
from tests.recommendations.test_ledger import TOLD, enter, serve
from tests.recommendations.test_recommendations import begin, core, record  # noqa: F401
from tests.written_once import written_once
from waymark.accounts.models import Role, State
from waymark.bodies.services import BodyAbout, add_body
from waymark.follow_up.queries import recommendations as rows_of_recommendations
from waymark.mail.models import Letter
from waymark.recommendations import services
from waymark.recommendations.models import (
    AddresseeAction,
    BodyContact,
    ContactLink,
    LedgerEntry,
    Progress,
    Recommendation,
)
from waymark.web.shared.form_guard import started_token

pytestmark = pytest.mark.django_db
ADDRESS = "office@ash.example"


@pytest.fixture
@written_once
def asked(report):
    """Recommendation 1 of review T1, of a board, to a trust that was told."""
    record(report)
    review = report.review
    review.board, review.completed_on = "Board of Ash", date(2025, 3, 1)
    review.save()
    for name in ("Board of Ash", "Ash Trust"):
        add_body(by=None, about=BodyAbout(name, listed=True), now=NOON)
    addressee = serve(review, scheme="coroner-pfd")
    enter(addressee, "notified", how="letter")
    return addressee


def words_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def page(client, name, *args, **query):
    return words_of(client.get(reverse(name, args=args), query))


# ---- for everyone ----


def test_the_page_of_a_recommendation_shows_its_words_and_the_ledger(client, asked):
    enter(asked, "answered", on=date(2026, 4, 1), answer="in_part", text="Until four months.")
    words = page(client, "recommendation", "T1", 1)
    for expected in (
        "The visits stopped in May.",
        "Notified</b> 12 January 2026: letter",
        "Answer due</b> 9 March 2026",
        "Accepted in part</b> 1 April 2026: Until four months.",
        reverse("body", args=["ash-trust"]),
    ):
        assert expected in words


def test_the_picture_counts_by_standing_topic_agency_board_body_and_year(client, asked):
    words = page(client, "recommendations")
    assert "1 recommendation, 1 late" in words
    for row in ("Notified, no answer yet", "Board of Ash", "Ash Trust", "2025", "Training"):
        assert row in words
    assert "1 recommendation found" in page(client, "recommendations", board="board-of-ash")
    assert "0 recommendations found" in page(client, "recommendations", standing="verified")
    assert "0 recommendations found" in page(client, "recommendations", to="2024")
    for wrong in ({"standing": "x"}, {"board": "none"}):
        assert client.get(reverse("recommendations"), wrong).status_code == 404


@pytest.mark.parametrize(
    ("years", "message"),
    [
        ({"from": "abc"}, '<a href="#from">From must be a year from 1900 to 2200, such as 2010.'),
        ({"from": "9"}, "From must be a year from 1900 to 2200"),
        ({"to": "2O10"}, '<a href="#to">To must be a year from 1900 to 2200, such as 2010.'),
        (
            {"from": "2010", "to": "2005"},
            '<a href="#to">To must be 2010 or later: no review ended from 2010 to 2005.',
        ),
    ],
)
def test_years_that_make_no_sense_get_a_message_and_limit_nothing(client, asked, years, message):
    for name in ("recommendations", "recommendation-list"):
        answer = client.get(reverse(name), years)
        assert (answer.status_code, message in answer.content.decode()) == (400, True)
    shown = " ".join(client.get(reverse("recommendations"), years).content.decode().split())
    assert "1 recommendation, 1 late" in shown
    assert all(f'value="{year}"' in shown for year in years.values())
    assert client.get(reverse("recommendation-counts", args=["csv"]), years).status_code == 404
    assert "1 recommendation found" in page(client, "recommendations", **{"from": " 2025 "})


def test_the_picture_shows_the_years_as_a_chart_with_its_table(client, asked):
    assert "Over time" not in page(client, "recommendations")
    other = make_report(
        make_review("T2", completed_on=date(2023, 5, 1)), "We ask all of you to act at once."
    )
    record(other)
    Recommendation.objects.filter(review=other.review).update(standing="verified")
    words = page(client, "recommendations")
    assert "Of 2 recommendations of reviews that ended from 2023 to 2025, 1 is complete" in words
    row = re.search(r'from=2023&amp;to=2023">2023</a>.*?</tr>', words)[0]
    assert re.findall(r'class="n">(\d+)', row) == ["1", "0", "0", "0", "1"]
    assert words.count("<svg") >= 2
    # 2024 has no review, and its place on the axis all the same.
    assert ">2024</text>" in words


def test_the_picture_says_what_it_is_limited_to(client, asked):
    choice = {"board": "board-of-ash", "category": "training", "standing": "waiting"}
    words = page(client, "recommendations", **choice, late="yes", **{"from": "2020", "to": "2025"})
    expected = "Board of Ash, Training, Notified, no answer yet, late, reviews that ended from 2020"
    assert f"Limited to: {expected} to 2025." in words
    assert "Limited to" not in page(client, "recommendations")


def test_counts_and_rows_are_taken_away_as_csv_and_json(client, asked):
    def content(name, ending):
        answer = client.get(reverse(name, args=[ending]))
        return b"".join(answer.streaming_content).decode()

    rows = list(csv.DictReader(io.StringIO(content("recommendation-rows", "csv"))))
    assert [(row["review"], row["standing"], row["late_since"]) for row in rows] == [
        ("T1", "waiting", "2026-03-10")
    ]
    (row,) = json.loads(content("recommendation-rows", "json"))["recommendations"]
    assert row["words"] == "The visits stopped in May."
    counts = list(csv.DictReader(io.StringIO(content("recommendation-counts", "csv"))))
    assert {
        "table": "By standing",
        "value": "waiting",
        "label": "Notified, no answer yet",
    }.items() <= (counts[0].items())
    assert json.loads(content("recommendation-counts", "json"))["total"] == 1
    assert client.get(reverse("recommendation-rows", args=["xls"])).status_code == 404


@pytest.mark.parametrize("state", [State.INTERNAL, State.WITHDRAWN])
def test_what_is_not_public_is_counted_and_shown_nowhere(client, asked, state):
    asked.review.state = state
    asked.review.save()
    assert "0 recommendations" in page(client, "recommendations")
    assert "visits" not in page(client, "recommendation-list")
    assert client.get(reverse("recommendation", args=["T1", 1])).status_code == 404


def test_where_small_numbers_are_protected_only_the_words_are_shown(client, asked, monkeypatch):
    withheld = {"T1": "overview"}
    monkeypatch.setattr(rows_of_recommendations, "reviews_with_protected_numbers", lambda: withheld)
    monkeypatch.setattr(rows_of_recommendations, "facts_are_withheld", lambda *_: True)
    words = page(client, "recommendation", "T1", 1)
    assert "The visits stopped in May." in words
    assert "What became of it is not shown" in words
    assert "12 January 2026" not in words
    counts = page(client, "recommendations")
    assert "0 recommendations" in counts
    assert "1 more are not counted here" in counts
    assert "visits" not in page(client, "recommendation-list")
    assert "told, no answer yet" not in page(client, "body", "ash-trust")


# ---- staff ----


def test_staff_serve_a_recommendation_and_record_what_happened(client, asked):
    client.force_login(make_person(Role.CATALOGUER))
    address = reverse("edit-ledger", args=["T1", 1])
    sent = {"addressee-words": "Board of Ash", "addressee-scheme": "", "do": "addressee"}
    assert client.post(address, sent).status_code == 302
    board = asked.review.addressees.get(words="Board of Ash")
    assert board.body.key == "board-of-ash"
    entry = {
        "entry-addressee": asked.pk,
        "entry-kind": "answered",
        "entry-on_day": "1",
        "entry-on_month": "4",
        "entry-on_year": "2026",
        "entry-answer": "rejected",
        "do": "entry",
    }
    refused = client.post(address, entry)
    assert refused.status_code == 400
    assert "Enter the reason why the recommendation is not accepted" in words_of(refused)
    assert client.post(address, entry | {"entry-text": "No money."}).status_code == 302
    asked.refresh_from_db()
    assert asked.standing == "rejected"
    wrong = LedgerEntry.objects.get(kind="answered")
    sent = {"do": "take-back", "number": wrong.pk, "reason": "It was another."}
    assert client.post(address, sent).status_code == 302
    asked.refresh_from_db()
    assert asked.standing == "waiting"
    assert client.post(address, {"do": "remove", "number": board.pk}).status_code == 302
    assert asked.review.addressees.count() == 1


def test_the_list_of_staff_shows_who_is_late_and_whom_nobody_can_write_to(client, asked):
    client.force_login(make_person(Role.EDITOR))
    assert "Ash Trust" in page(client, "follow-up", late="post")
    services.add_contact(by=None, body=asked.body, address=ADDRESS, now=NOON)
    assert "No addressees match" in page(client, "follow-up", late="post")
    assert "10 March 2026" in page(client, "follow-up", late="late")


@pytest.mark.parametrize("order", ["late", "-late"])
def test_those_who_are_late_come_before_those_who_are_not(client, asked, order):
    # In the order of the table the one who is not late would come first, or last.
    serve(asked.review, "Yew Board")
    client.force_login(make_person(Role.EDITOR))
    answer = page(client, "follow-up", sort=order)
    assert answer.index("10 March 2026") < answer.index("Yew Board")


def test_an_address_of_a_body_is_added_and_removed_with_its_emails(client, asked):
    client.force_login(make_person(Role.CATALOGUER))
    address = reverse("body-contacts", args=["ash-trust"])
    assert client.post(address, {"address": ADDRESS, "do": "add"}).status_code == 302
    services.chase_late(now=NOON)
    assert Letter.objects.count() == 1
    number = BodyContact.objects.get().pk
    assert client.post(address, {"do": "remove", "number": number}).status_code == 302
    assert (BodyContact.objects.count(), Letter.objects.count()) == (0, 0)


def test_a_coder_confirms_what_is_proposed_from_a_numbered_list(client, db, core):  # noqa: F811
    words = "The Trust should train all health visitors."
    report = make_report(make_review("P1"), "1. " + words, "2. Nothing.", heading="Recommendations")
    coder = begin(report)
    client.force_login(coder)
    address = reverse("propose-recommendations", args=["P1"])
    shown = page(client, "propose-recommendations", "P1")
    assert words in shown
    assert "Nothing." not in shown
    sent = {"number": 1, "category": "training", "audience": "health", "smart": ["specific"]}
    assert client.post(address, sent | {"category": "wishes"}).status_code == 302
    assert not Recommendation.objects.exists()
    client.post(address, sent)
    stored = Recommendation.objects.get()
    assert (stored.exact, stored.number, stored.smart, stored.page) == (words, 1, ["specific"], 1)
    assert words not in page(client, "propose-recommendations", "P1").partition("<main")[2]


# ---- bodies ----


def ask_link(client, address=ADDRESS):
    sent = {"address": address, "started": started_token(ago=10)}
    return client.post(reverse("our-recommendations"), sent)


def link_in(letter):
    return re.search(r"/our-recommendations/enter/\S+/", letter.body)[0]


@pytest.fixture
def entered(client, asked):
    """A client that has entered for the trust."""
    services.add_contact(by=None, body=asked.body, address=ADDRESS, now=NOON)
    ask_link(client)
    client.post(link_in(Letter.objects.get()))
    return client


def test_a_link_is_mailed_to_a_registered_address_and_the_answer_tells_nobody(client, asked):
    services.add_contact(by=None, body=asked.body, address=ADDRESS, now=NOON)
    known, unknown = ask_link(client), ask_link(client, "stranger@ash.example")
    assert [letter.to for letter in Letter.objects.all()] == [ADDRESS]
    assert words_of(known) == words_of(unknown)
    assert ContactLink.objects.get().digest not in Letter.objects.get().body


def test_opening_a_link_enters_nobody_and_its_button_works_once(client, asked):
    services.add_contact(by=None, body=asked.body, address=ADDRESS, now=NOON)
    ask_link(client)
    link = link_in(Letter.objects.get())
    assert "Recommendations to Ash Trust" in words_of(client.get(link))
    assert "Email me a link" in page(client, "our-recommendations")
    assert client.post(link).status_code == 302
    assert "You are in as office@ash.example" in page(client, "our-recommendations")
    assert client.get(link).status_code == 404
    assert client.post(link).status_code == 404


def test_a_link_is_worth_nothing_after_a_day(client, asked, monkeypatch):
    services.add_contact(by=None, body=asked.body, address=ADDRESS, now=NOON)
    ask_link(client)
    ContactLink.objects.update(expires_at=timezone.now())
    assert client.post(link_in(Letter.objects.get())).status_code == 404


def test_a_body_reports_of_its_own_recommendations_and_it_is_marked_so(entered, asked):
    address = reverse("our-recommendation", args=[asked.pk])
    on = {"entry-on_day": "1", "entry-on_month": "5", "entry-on_year": "2026"}
    sent = {"do": "entry", "entry-kind": "answered", "entry-answer": "accepted", **on}
    assert entered.post(address, sent).status_code == 302
    action = {"do": "action", "action-text": "Train 64 health visitors."}
    assert entered.post(address, action).status_code == 302
    done = {"do": "done", "done-number": AddresseeAction.objects.get().pk}
    done |= {"done-done_on_day": "2", "done-done_on_month": "5", "done-done_on_year": "2026"}
    assert entered.post(address, done).status_code == 302
    progress = {"do": "progress", "progress-status": "complete", "progress-impact": "activity_only"}
    for part, value in (("day", "3"), ("month", "5"), ("year", "2026")):
        progress[f"progress-reported_on_{part}"] = value
    assert entered.post(address, progress | {"progress-verified": "yes"}).status_code == 302
    asked.refresh_from_db()
    assert asked.standing == "reported"
    assert Progress.objects.get().verified is None
    assert AddresseeAction.objects.get().done_on == date(2026, 5, 2)
    words = page(entered, "recommendation", "T1", 1)
    assert words.count("reported by the body itself") == 3


def test_a_body_sees_and_reports_of_no_other_body(entered, asked):
    other = serve(asked.review, "Board of Ash")
    enter(other, "notified", on=TOLD)
    assert entered.get(reverse("our-recommendation", args=[other.pk])).status_code == 404
    assert "Board of Ash" not in page(entered, "our-recommendations").partition("<main")[2]


def test_whoever_has_not_entered_or_has_left_reports_nothing(client, entered, asked):
    entered.post(reverse("leave-our-recommendations"))
    address = reverse("our-recommendation", args=[asked.pk])
    sent = {"do": "action", "action-text": "x"}
    assert entered.post(address, sent).url == reverse("our-recommendations")
    assert not AddresseeAction.objects.exists()


def test_who_entered_is_out_once_the_address_is_removed(entered, asked):
    services.remove_contact(by=None, contact=BodyContact.objects.get(), now=NOON)
    assert "Email me a link" in page(entered, "our-recommendations")


def test_links_are_limited_by_address_and_network(client, asked):
    services.add_contact(by=None, body=asked.body, address=ADDRESS, now=NOON)
    for _ in range(7):
        ask_link(client)
    assert Letter.objects.count() == 5
    for _ in range(13):
        ask_link(client, "stranger@ash.example")
    assert "Too many links were asked for today" in words_of(ask_link(client))


def test_old_links_are_forgotten_with_their_emails(client, asked):
    services.add_contact(by=None, body=asked.body, address=ADDRESS, now=NOON)
    ask_link(client)
    assert services.forget_links(now=timezone.now()) == 0
    ContactLink.objects.update(expires_at=NOON.replace(year=2020))
    assert services.forget_links(now=timezone.now()) == 1
    assert (ContactLink.objects.count(), Letter.objects.count()) == (0, 0)
