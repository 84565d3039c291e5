"""Ask us and the desk, as people see them in the browser."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    answer_description,
    answer_identifiers,
    make_person,
    make_report,
    make_review,
)
from waymark.accounts.models import Role
from waymark.enquiries.models import Enquiry, EnquiryMessage
from waymark.enquiries.services import NewEnquiry, log_call
from waymark.library.services import catalogue_review, index_changed
from waymark.mail.models import Letter
from waymark.web.shared.client_address import client_network
from waymark.web.shared.form_guard import started_token

pytestmark = pytest.mark.django_db

RISK = "My neighbour is hitting her children every night."
ASKED = {
    "kind": "question",
    "text": "What do reviews say about missed visits?",
    "address": "asker@board.example",
    "phone": "",
    "name": "A health visitor",
    "asked_from": "/topics/",
    "homepage": "",
    "seen_help": "",
}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path
    settings.CONTACT_PHONE = "01234 567 890"
    settings.OPENING_HOURS = "Monday to Friday, 9am to 5pm"


@pytest.fixture
def editor(client):
    person = make_person(Role.EDITOR, name="editor")
    client.force_login(person)
    return person


def ask(client, **values):
    return client.post(reverse("ask"), {**ASKED, "started": started_token(ago=60), **values})


def page(answer):
    return " ".join(answer.content.decode().split())


# ---- the form ----


def test_every_public_page_leads_to_the_form_with_its_address(client):
    link = 'href="/ask/?page=%2Fmethods%2F"'
    assert link in page(client.get("/methods/"))
    form = client.get("/ask/?page=%2Fmethods%2F")
    assert "asked from this page" in page(form)
    assert form.context["form"]["asked_from"].value() == "/methods/"


def test_search_words_that_travel_with_a_question_are_named_and_can_be_left_out(client):
    link = 'href="/ask/?page=%2Ffind%2F%3Fq%3Dabsent%2Bfather"'
    assert link in page(client.get("/find/?q=absent+father"))
    form = page(client.get("/ask/?page=%2Ffind%2F%3Fq%3Dabsent%2Bfather"))
    assert "its address contains what you searched for" in form
    assert '<a href="/ask/">Ask without telling us the page</a>' in form
    assert "asked from this page" not in page(client.get("/ask/"))
    privacy = page(client.get("/privacy/"))
    assert "the page you asked from with the words of your search" in privacy
    assert "we do not keep them, unless you ask us" in privacy


@pytest.mark.parametrize("address", ["https://evil.example/x", "//evil.example", "javascript:x"])
def test_the_context_is_a_page_of_this_site_or_none(client, address):
    assert client.get("/ask/", {"page": address}).context["asked_from"] in {"", "/x"}
    ask(client, asked_from=address)
    assert Enquiry.objects.get().asked_from in {"", "/x"}


def test_the_form_says_when_we_answer_and_how_to_call(client):
    words = page(client.get("/ask/"))
    assert "We answer within 2 working days. We are open Monday to Friday, 9am to 5pm" in words
    assert 'href="tel:01234567890"' in words


def test_an_asker_gets_a_private_page_with_reference_and_due_day(client):
    answer = ask(client)
    enquiry = Enquiry.objects.get()
    address = reverse("enquiry-thread", args=[enquiry.reference, enquiry.token])
    assert (answer.status_code, answer["Location"]) == (302, address)
    thread = client.get(address)
    assert thread["Cache-Control"] == "no-store"
    assert thread["X-Robots-Tag"] == "noindex, nofollow"
    words = page(thread)
    assert enquiry.reference in words
    assert "We have your message. We answer by" in words
    assert ASKED["text"] in words
    assert "<h2>You" in words
    # The link is private: it is passed on to no form.
    assert enquiry.token not in " ".join(re.findall(r'href="([^"]*)"', words))


def test_a_form_with_an_error_keeps_all_that_was_typed(client):
    answer = ask(client, kind="", address="nonsense", phone="0123")
    assert answer.status_code == 400
    words = page(answer)
    assert "Choose what you need." in words
    assert "Enter an email address, such as" in words
    for typed in (ASKED["text"], "nonsense", "0123", "A health visitor"):
        assert typed in words
    assert answer.context["form"]["asked_from"].value() == "/topics/"
    assert not Enquiry.objects.exists()


def test_an_asker_gives_a_way_to_answer(client):
    answer = ask(client, address="")
    assert "Enter an email address or a telephone number." in page(answer)
    assert ask(client, address="", phone="01234 5678").status_code == 302


def test_a_program_is_refused_and_a_quick_person_only_waits(client):
    assert ask(client, homepage="http://spam.example").status_code == 400
    # Shown a minute ahead, so that a slow computer makes no person of the program.
    for started, words in (
        ("", "send the form again"),
        ("forged", "send the form again"),
        (started_token(ago=-60), "Wait a few seconds"),
    ):
        answer = ask(client, started=started)
        assert words in page(answer)
        assert ASKED["text"] in page(answer)
    assert not Enquiry.objects.exists()


def test_too_many_questions_of_a_network_are_refused_with_the_text_kept(client):
    for number in range(10):
        ask(client, text=f"Question {number}", address=f"{number}@b.example")
    answer = ask(client, text="Question 11", address="11@b.example")
    assert answer.status_code == 429
    assert "Question 11" in page(answer)
    assert Enquiry.objects.count() == 10


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_a_connection_counts_as_one_network(rf, address, network):
    assert client_network(rf.get("/", REMOTE_ADDR=address)) == network


# ---- a child at risk ----


def test_words_about_a_child_at_risk_show_whom_to_call_before_anything_is_sent(client):
    answer = ask(client, text=RISK)
    assert answer.status_code == 200
    words = page(answer)
    assert "Is a child at risk now?" in words
    assert 'href="tel:999"' in words
    assert "Your message has not been sent yet" in words
    assert RISK in words
    assert not Enquiry.objects.exists()


def fields_of(answer):
    """The hidden inputs of a page, as a browser without JavaScript sends them."""
    inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page(answer))
    return {name: value for name, value in inputs if name != "csrfmiddlewaretoken"}


def test_the_message_can_be_sent_all_the_same(client):
    kept = fields_of(ask(client, text=RISK))
    answer = client.post(reverse("ask"), {**kept, "do": "send"})
    assert answer.status_code == 302
    enquiry = Enquiry.objects.get()
    assert enquiry.may_be_at_risk
    assert (enquiry.messages.get().text, enquiry.asked_from) == (RISK, "/topics/")


def test_the_message_can_be_changed_and_nothing_is_lost(client):
    kept = fields_of(ask(client, text=RISK))
    form = client.post(reverse("ask"), {**kept, "do": "change"})
    assert form.status_code == 200
    assert form.context["form"].errors == {}
    values = {name: form.context["form"][name].value() for name in ASKED}
    assert values == {**ASKED, "text": RISK, "seen_help": "yes"}


def test_a_reply_is_read_for_risk_too(client):
    ask(client)
    enquiry = Enquiry.objects.get()
    address = reverse("enquiry-thread", args=[enquiry.reference, enquiry.token])
    answer = client.post(address, {"text": RISK, "started": started_token(ago=60)})
    assert "Is a child at risk now?" in page(answer)
    assert enquiry.messages.count() == 1
    client.post(address, {**fields_of(answer), "do": "send"})
    assert enquiry.messages.count() == 2


# ---- the thread ----


def test_ask_answer_and_reopen(client, editor):
    client.logout()
    ask(client)
    enquiry = Enquiry.objects.get()
    thread = reverse("enquiry-thread", args=[enquiry.reference, enquiry.token])
    client.force_login(editor)
    desk = reverse("enquiry", args=[enquiry.reference])
    seen = client.get(desk).context["form"]["seen"].value()
    typed = {"seen": seen, "text": "Three reviews do.", "state": "answered", "words": ""}
    preview = client.post(desk, {**typed, "do": "preview"})
    assert "Preview" in page(preview)
    assert EnquiryMessage.objects.count() == 1
    assert client.post(desk, {**typed, "do": "send"}).status_code == 302
    client.post(desk, {"do": "note", "note-text": "A note about Quillfeather."})
    client.logout()
    words = page(client.get(thread))
    assert "Three reviews do." in words
    assert "We have answered." in words
    assert "Quillfeather" not in words
    assert "editor" not in words
    answer = client.post(thread, {"text": "And in Wales?", "started": started_token(ago=60)})
    assert answer.status_code == 302
    enquiry.refresh_from_db()
    assert enquiry.state == "waiting"
    assert Letter.objects.count() == 2


def test_without_the_whole_link_there_is_no_page(client):
    ask(client)
    enquiry = Enquiry.objects.get()
    for token in ("x", enquiry.token[:-1], enquiry.token.upper()):
        address = reverse("enquiry-thread", args=[enquiry.reference, token])
        assert client.get(address).status_code == 404
        assert client.post(address, {"text": "x"}).status_code == 404


# ---- the desk ----


def make_enquiry(text, *, due=0, **values):
    now = timezone.now()
    enquiry = log_call(by=None, asked=NewEnquiry("question", text), now=now)
    values.setdefault("due_at", now + timedelta(hours=due))
    Enquiry.objects.filter(pk=enquiry.pk).update(**values)
    return enquiry


def test_the_queue_begins_with_risk_and_then_what_is_due_first(client, editor):
    make_enquiry("Later", due=5)
    make_enquiry("Answered", state="answered", due=-9)
    make_enquiry("Overdue", due=-5)
    make_enquiry("Risk", due=8, may_be_at_risk=True)
    answer = client.get(reverse("enquiries"))
    assert [row.subject for row in answer.context["list"].rows] == [
        "Risk",
        "Overdue",
        "Later",
        "Answered",
    ]
    assert "overdue" in page(answer)
    overdue = client.get(reverse("enquiries"), {"due": "overdue"}).context["list"]
    assert [row.subject for row in overdue.rows] == ["Overdue"]


def test_my_work_counts_mine_those_of_nobody_and_what_is_overdue(client, editor):
    make_enquiry("Mine", due=5, assigned_to=editor)
    make_enquiry("Nobody's", due=-5)
    make_enquiry("Another's", due=5, assigned_to=make_person(Role.EDITOR))
    words = page(client.get(reverse("my-work")))
    for title in (
        "1 enquiry overdue",
        "1 enquiry assigned to you",
        "1 enquiry that nobody is assigned to",
    ):
        assert title in words
    for task in client.get(reverse("my-work")).context["tasks"]:
        listed = client.get(task.url).context["list"]
        assert listed.total == task.number


def test_a_button_adds_a_citation_to_the_answer_without_javascript(client, editor):
    review = make_review("T7", title="Missed visits and a baby")
    report = make_report(review, "1.1 The health visits were missed in May.")
    catalogue_review(by=None, review=review, now=timezone.now())
    answer_identifiers(report)
    answer_description(review)
    index_changed(now=timezone.now())
    enquiry = make_enquiry("What do reviews say about missed visits?")
    address = reverse("enquiry", args=[enquiry.reference])
    first = client.get(address)
    assert [hit.record.reference for hit in first.context["hits"]] == ["T7"]
    key = report.passages.get().key
    assert f'value="passage {key}"' in page(first)
    seen = first.context["form"]["seen"].value()
    typed = {"seen": seen, "text": "They were missed.", "state": "answered", "words": ""}
    cited = client.post(address, {**typed, "cite": f"passage {key}"})
    assert cited.context["form"]["text"].value() == f"They were missed. [passage {key}]"
    assert cited.context["form"]["seen"].value() == seen
    other = client.post(address, {**typed, "do": "search", "words": "nothing of that"})
    assert other.context["form"]["text"].value() == "They were missed."


def test_similar_earlier_answers_are_offered(client, editor):
    for text in ("How do reviews describe fathers?", "Which reviews are about missed visits?"):
        enquiry = make_enquiry(text)
        seen = enquiry.messages.last().pk
        client.post(
            reverse("enquiry", args=[enquiry.reference]),
            {"seen": seen, "text": f"About: {text}", "state": "answered", "do": "send"},
        )
    enquiry = make_enquiry("What do reviews say about missed visits of babies?")
    answer = client.get(reverse("enquiry", args=[enquiry.reference]))
    subjects = [row.enquiry.subject for row in answer.context["earlier"]]
    assert subjects[0] == "Which reviews are about missed visits?"


def test_an_answer_that_crosses_a_new_message_is_kept_and_not_sent(client, editor):
    ask(client)
    enquiry = Enquiry.objects.get()
    seen = enquiry.messages.last().pk
    thread = reverse("enquiry-thread", args=[enquiry.reference, enquiry.token])
    client.post(thread, {"text": "I mean babies.", "started": started_token(ago=60)})
    typed = {"seen": seen, "text": "An answer", "state": "answered", "do": "send"}
    answer = client.post(reverse("enquiry", args=[enquiry.reference]), typed)
    assert answer.status_code == 400
    words = page(answer)
    assert "There is a newer message in this enquiry" in words
    assert "An answer" in words
    assert "I mean babies." in words


@pytest.mark.parametrize("role", [None, Role.READER, Role.CODER, Role.ANALYST])
def test_only_the_desk_sees_enquiries(client, role):
    enquiry = make_enquiry("Secret Quillfeather")
    if role:
        client.force_login(make_person(role))
    for name, args in (
        ("enquiries", []),
        ("enquiry", [enquiry.reference]),
        ("log-call", []),
    ):
        answer = client.get(reverse(name, args=args))
        assert answer.status_code in {302, 403}
        assert "Quillfeather" not in page(answer)


def test_small_actions_of_the_desk(client, editor):
    enquiry = make_enquiry("A question")
    address = reverse("enquiry", args=[enquiry.reference])
    for sent, column, value in (
        ({"do": "assign", "person": "editor"}, "assigned_to", editor),
        ({"do": "assign", "person": ""}, "assigned_to", None),
        ({"do": "kind", "kind": "search"}, "kind", "search"),
        ({"do": "close"}, "state", "closed"),
        ({"do": "reopen"}, "state", "waiting"),
        ({"do": "spam"}, "state", "spam"),
    ):
        assert client.post(address, sent).status_code == 302
        enquiry.refresh_from_db()
        assert getattr(enquiry, column) == value, sent
    client.post(address, {"do": "assign", "person": "nobody-known"})
    client.post(address, {"do": "kind", "kind": "none"})
    enquiry.refresh_from_db()
    assert (enquiry.assigned_to, enquiry.kind) == (None, "search")


def test_a_call_is_logged(client, editor):
    typed = {"kind": "copy", "text": "Where is the report?", "name": "", "phone": "0123"}
    assert client.post(reverse("log-call"), {**typed, "address": "x"}).status_code == 400
    answer = client.post(reverse("log-call"), {**typed, "address": ""})
    enquiry = Enquiry.objects.get()
    assert answer["Location"] == reverse("enquiry", args=[enquiry.reference])
    assert (enquiry.channel, enquiry.kind) == ("phone", "copy")
