"""Answered enquiries as anonymised questions and answers: written, approved, found, withdrawn."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from tests.factories import answer_identifiers, make_person, make_report, make_review
from tests.library.conftest import make_subject
from waymark.accounts.models import Role, State
from waymark.core.errors import ConcurrentChange, NotPermitted, NotReady, RuleError
from waymark.enquiries.models import Enquiry, PublishedAnswer
from waymark.enquiries.queries import published_answers as queries
from waymark.enquiries.services import NewEnquiry, send_answer, take_enquiry
from waymark.library.queries.public_words import find_public_words, mark_of
from waymark.library.queries.search import search_library
from waymark.library.search.protocol import SearchRequest
from waymark.library.services import index_changed, rename_resource
from waymark.library.services.public_words import answer_public_words
from waymark.library.services.topics import add_topic
from waymark.library.topics.description import TopicDescription
from waymark.pipeline import enquiries
from waymark.pipeline.publishing import published_answers as answers
from waymark.pipeline.publishing import published_tables
from waymark.pipeline.removals.state_changes import change_state
from waymark.web.shared.form_guard import started_token

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
QUESTION = "What do reviews say about missed health visits?"
ASKER = "asker@board.example"


@pytest.fixture(autouse=True)
def installation(settings, tmp_path):
    settings.DATA = tmp_path
    settings.MAIL_FROM = "library@waymark.example"


@pytest.fixture
def author():
    return make_person(Role.CATALOGUER, name="author")


@pytest.fixture
def editor():
    return make_person(Role.EDITOR, name="editor")


@pytest.fixture
def cited():
    """A public review with one passage: its key."""
    review = make_review("T7", title="Child Maple")
    report = make_report(review, "1.1 The visits stopped in May.")
    answer_identifiers(report)
    return report


@pytest.fixture
def enquiry():
    asked = NewEnquiry(
        kind="question",
        text="I am Dana from Leeds. What about missed visits?",
        name="Dana Whitcombe",
        address=ASKER,
        phone="01632 960 123",
    )
    return take_enquiry(by=AnonymousUser(), asked=asked, network="192.0.2.1", now=NOON)


def write(by, text="Visits stopped early.", enquiry=None, **values):
    return answers.write_answer(
        by=by, question=QUESTION, text=text, enquiry=enquiry, now=NOON, **values
    )


def publish(answer, by):
    answer.refresh_from_db()
    answers.publish_answer(by=by, answer=answer, seen=answer.mark, now=NOON)
    answer = PublishedAnswer.objects.get(pk=answer.pk)
    index_changed(now=NOON)
    return answer


def page(answer):
    return " ".join(answer.content.decode().split())


# ---- writing and approving ----


def test_nobody_can_read_an_answer_before_another_person_approved_it(client, author, editor):
    answer = write(author)
    key = answer.resource.key
    assert key == "what-do-reviews-say-about-missed-health-visits"
    assert client.get(reverse("answer", args=[key])).status_code == 404
    with pytest.raises(RuleError, match="another person than its author"):
        publish(answer, author)
    assert answer.resource.state == State.RECEIVED
    publish(answer, editor)
    shown = page(client.get(reverse("answer", args=[key])))
    assert QUESTION in shown
    assert "Visits stopped early." in shown


def test_where_one_person_runs_the_desk_the_author_may_approve(settings, author):
    settings.ANSWERS_BY_TWO = False
    assert publish(write(author), author).resource.state == State.PUBLISHED


def test_an_approval_is_for_the_words_that_were_read(author, editor):
    answer = write(author)
    seen = answer.mark
    answers.write_answer(
        by=author, question=QUESTION, text="Visits went on.", answer=answer, now=NOON
    )
    with pytest.raises(ConcurrentChange, match="read it again"):
        answers.publish_answer(by=editor, answer=answer, seen=seen, now=NOON)


def test_the_record_of_an_answer_is_published_in_no_other_way(author, editor):
    answer = write(author)
    with pytest.raises(NotReady, match="nobody has approved"):
        change_state(by=editor, item=answer.resource, state=State.PUBLISHED, now=NOON)


@pytest.mark.parametrize("role", [Role.READER, Role.CODER, Role.ANALYST])
def test_only_those_who_handle_enquiries_write_answers(role):
    with pytest.raises(NotPermitted):
        write(make_person(role))


def test_a_public_answer_is_withdrawn_before_it_is_changed(author, editor):
    answer = publish(write(author), editor)
    with pytest.raises(RuleError, match="withdraw it, then change it"):
        answers.write_answer(by=author, question="Other?", text="x", answer=answer, now=NOON)
    answer.resource.refresh_from_db()
    assert answer.resource.title == QUESTION


# ---- anonymity ----


@pytest.mark.parametrize(
    "words",
    [
        "as Dana  whitcombe asked",
        "write to ASKER@board.example",
        "call 01632960123",
        "01632 960 123",
    ],
)
def test_what_says_who_asked_is_refused(author, enquiry, words):
    with pytest.raises(RuleError, match="says who asked"):
        write(author, f"Visits stopped, {words}.", enquiry)
    with pytest.raises(RuleError, match="says who asked"):
        write(author, f"Visits stopped ({enquiry.reference}).", enquiry)


def test_the_address_of_an_answer_has_the_words_of_its_question_as_it_was_published(
    client, author, editor
):
    first = "Was Siobhan of Brackenthwaite visited?"
    answer = answers.write_answer(by=author, question=first, text="No.", now=NOON)
    assert answer.resource.key == "was-siobhan-of-brackenthwaite-visited"
    changed = answers.write_answer(
        by=author, question=QUESTION, text="No.", answer=answer, now=NOON
    )
    answer = publish(changed, editor)
    key = "what-do-reviews-say-about-missed-health-visits"
    assert client.get(reverse("answer", args=[key])).status_code == 200
    assert "siobhan" not in page(client.get(reverse("answers")))
    # What was public keeps its address, also with another question.
    answers.withdraw_answer(by=editor, answer=answer, reason="A mistake.", now=NOON)
    answer = PublishedAnswer.objects.get(pk=answer.pk)
    answers.write_answer(by=author, question="Other?", text="No.", answer=answer, now=NOON)
    assert PublishedAnswer.objects.get().resource.key == key
    with pytest.raises(RuleError, match="was public: its address stays"):
        rename_resource(by=author, resource=answer.resource, key="other", now=NOON)


def test_words_that_may_identify_a_person_are_decided_on_before_it_is_published(author, editor):
    answer = write(author, "A nurse in Brackenthwaite called Siobhan found that visits stopped.")
    with pytest.raises(NotReady, match="place"):
        publish(answer, editor)
    answer.refresh_from_db()
    assert not answer.is_approved
    answer_public_words(
        by=editor,
        item=answer.resource,
        marks=[mark_of(row) for row in find_public_words(answer.resource)],
        verdict="false",
        answer="Invented.",
        now=NOON,
    )
    assert publish(answer, editor).is_approved


# ---- sources ----


def test_sources_are_numbered_and_only_those_that_the_public_can_see(client, author, editor, cited):
    key = cited.passages.get().key
    answer = publish(write(author, f"They stopped [passage  {key}], see [record T7]."), editor)
    shown = page(client.get(reverse("answer", args=[answer.resource.key])))
    assert "They stopped [1], see [2]." in shown
    assert f'<li><a href="/p/{key}/">Child Maple, page 1</a></li>' in shown
    assert answer.resource.summary == "They stopped, see."
    make_review("T8", state=State.INTERNAL)
    with pytest.raises(RuleError, match="nothing that the asker can see"):
        write(author, "See [record T8].")


@pytest.mark.parametrize("mark", ["passage", "record"])
def test_an_answer_is_hidden_at_once_when_its_source_is_withdrawn(
    client, author, editor, cited, mark
):
    name = cited.passages.get().key if mark == "passage" else "T7"
    answer = publish(write(author, f"They stopped [{mark} {name}]."), editor)
    other = publish(write(author, "Visits went on."), editor)
    change_state(by=editor, item=cited.review, state=State.WITHDRAWN, now=NOON)
    assert client.get(reverse("answer", args=[answer.resource.key])).status_code == 404
    assert client.get(reverse("answer", args=[other.resource.key])).status_code == 200
    answer = PublishedAnswer.objects.get(pk=answer.pk)
    with pytest.raises(RuleError, match="nothing that the asker can see"):
        answers.publish_answer(by=editor, answer=answer, seen=answer.mark, now=NOON)


def test_the_summary_of_an_answer_goes_when_no_edition_shows_its_table(author, editor):
    answer = publish(write(author, "Visits stopped early in autumn."), editor)
    other = publish(write(author, "Visits went on."), editor)
    # As it was approved while there was an edition with this table.
    answer.text = "Visits stopped early in autumn [table demo T1]."
    answer.approved_mark = answer.mark
    answer.save()
    enquiries._checked.clear()
    assert enquiries.hide_answers(lambda: NOON) is True
    assert enquiries.hide_answers(lambda: NOON) is False
    assert list(queries.public_answers(NOON)) == [other]
    index_changed(now=NOON)
    request = SearchRequest("autumn", filters=queries.KIND_FILTER)
    assert search_library(request, person=AnonymousUser(), now=NOON).total == 0


# ---- found and withdrawn ----


def test_an_answer_is_in_list_search_feed_and_sitemap_until_it_is_withdrawn(client, author, editor):
    answer = publish(write(author, "Visits stopped early in autumn."), editor)
    address = reverse("answer", args=[answer.resource.key])
    record = reverse("resource", args=[answer.resource.key])
    places = {
        reverse("answers"): address,
        f"{reverse('find')}?kind=answered-question&q=autumn": record,
        f"{reverse('feed-atom')}?kind=answered-question": record,
        reverse("sitemap"): address,
    }
    for place, link in places.items():
        assert link in page(client.get(place)), place
    assert client.get(record)["Location"] == address
    answers.withdraw_answer(by=editor, answer=answer, reason="It was wrong.", now=NOON)
    index_changed(now=NOON)
    for place, link in places.items():
        assert link not in page(client.get(place)), place
    gone = client.get(address)
    assert gone.status_code == 410
    assert "It was wrong." in page(gone)
    assert QUESTION not in page(gone)


def test_a_question_that_was_answered_before_is_answered_before_it_is_sent(client, author, editor):
    answer = publish(write(author), editor)
    form = {
        "kind": "question",
        "text": "Please tell me: do reviews say anything about missed health visits?",
        "address": ASKER,
        "phone": "",
        "name": "",
        "asked_from": "",
        "homepage": "",
        "seen_help": "",
        "seen_answers": "",
        "started": started_token(ago=60),
    }
    offered = client.post(reverse("ask"), form)
    assert reverse("answer", args=[answer.resource.key]) in page(offered)
    assert not Enquiry.objects.exists()
    sent = dict(offered.context["typed"])
    again = client.post(reverse("ask"), {**sent, "do": "change"})
    assert again.status_code == 200
    assert form["text"] in page(again)
    assert client.post(reverse("ask"), {**sent, "do": "send"}).status_code == 302
    assert Enquiry.objects.get().subject.startswith("Please tell me")


def test_other_questions_are_sent_without_a_word_of_earlier_answers(author, editor):
    publish(write(author), editor)
    assert queries.answers_like("How do boards keep minutes?", NOON) == []
    assert queries.answers_like("...", NOON) == []


# ---- the pages of the desk ----


def test_the_desk_makes_an_answer_of_a_thread(client, author, editor, enquiry, cited):
    key = cited.passages.get().key
    send_answer(
        by=author,
        enquiry=enquiry,
        text=f"They stopped [passage {key}].",
        state="answered",
        seen=enquiry.messages.last().pk,
        now=NOON,
    )
    client.force_login(author)
    address = f"{reverse('new-answer')}?enquiry={enquiry.reference}"
    assert address in page(client.get(reverse("enquiry", args=[enquiry.reference])))
    form = client.get(address)
    assert form.context["form"]["text"].value() == f"They stopped [passage {key}]."
    assert "Dana" not in page(form)
    saved = client.post(
        address, {"question": QUESTION, "text": f"They stopped [passage {key}]."}, follow=True
    )
    answer = PublishedAnswer.objects.get()
    assert answer.enquiry == enquiry
    assert "Another person than its author must approve it." in page(saved)
    client.force_login(editor)
    edit = reverse("edit-answer", args=[answer.resource.key])
    done = client.post(edit, {"do": "publish", "seen": answer.mark}, follow=True)
    assert "The answer is public." in page(done)
    assert client.get(reverse("edit-resource", args=[answer.resource.key]))["Location"] == edit
    nothing = client.post(edit, {"do": "withdraw", "reason": ""})
    assert nothing.status_code == 400
    done = client.post(edit, {"do": "withdraw", "reason": "Wrong."}, follow=True)
    assert "The answer is withdrawn." in page(done)


def test_the_page_says_which_words_to_decide_on(client, author, editor):
    answer = write(author, "A nurse in Brackenthwaite found it.")
    client.force_login(editor)
    edit = reverse("edit-answer", args=[answer.resource.key])
    assert "1 possible identifier." in page(client.get(edit))
    refused = client.post(edit, {"do": "publish", "seen": answer.mark})
    assert refused.status_code == 400
    assert reverse("resource-words", args=[answer.resource.key]) in page(refused)


def test_answers_are_listed_by_topic(client, author, editor):
    make_subject("visits", "Health visits")
    about = publish(write(author, subjects=["visits"]), editor)
    other = publish(write(author, "Boards differ."), editor)
    description = TopicDescription("Visiting", "About visits.", subjects=("visits",))
    add_topic(by=None, key="visiting", description=description, now=NOON)
    links = [reverse("answer", args=[row.resource.key]) for row in (about, other)]
    everything = page(client.get(reverse("answers")))
    assert all(f'href="{link}"' in everything for link in links)
    assert "?topic=visiting" in everything
    chosen = page(client.get(f"{reverse('answers')}?topic=visiting"))
    assert [f'href="{link}"' in chosen for link in links] == [True, False]


def test_notebooks_read_published_answers_as_a_table(author, editor, cited):
    answer = publish(write(author, "They stopped [record T7]."), editor)
    write(author, "Not approved yet.")
    (row,) = published_tables.answers().to_dict("records")
    assert (row["name"], row["question"]) == (answer.resource.key, QUESTION)
    assert (row["answer"], row["sources"]) == ("They stopped [1].", ["/reviews/T7/"])
    assert list(published_tables.briefings().columns)[:2] == ["kind", "name"]
    assert list(published_tables.alert_items().columns)[:2] == ["list", "issue"]
