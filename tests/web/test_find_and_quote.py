"""Find and quote: the page, the files of quotations, and the draft by a language model."""

import io
import re
import socket

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from tests.factories import make_person, make_report, make_review
from tests.library.conftest import shelve
from tests.pipeline.test_language_model import address_of, model_server
from tests.pipeline.test_quote_drafts import connected, keys_of, written
from waymark.accounts.models import AuditEntry, Role, State

pytestmark = pytest.mark.django_db
VISITS = "Nobody visited the child & her <sister> in May."
RANG = "The school rang twice about the visits and left a message."
GOOD = {"text": "No <b>visit</b> took place.", "passage": 1, "quote": "Nobody visited the child"}
PAGE = "/staff/find-and-quote/"


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def reports(data):
    public = make_report(make_review("P1", title="Review Oak", board="Some board"), VISITS)
    hidden = make_report(make_review("P2", title="Review Elm", state=State.INTERNAL), RANG)
    shelve(public.review, hidden.review)
    return public, hidden


@pytest.fixture
def client(db):
    client = Client()
    client.force_login(make_person(Role.EDITOR))
    return client


@pytest.fixture
def server(settings):
    settings.LANGUAGE_MODELS = settings.QUOTE_DRAFTS = True
    with model_server() as running:
        yield running


def text(answer):
    return " ".join(answer.content.decode().split())


def sent(*reports, question="Who visited the child?", **more):
    return {"q": question, "passage": [key for row in reports for key in keys_of(row)], **more}


def test_passages_with_the_words_of_a_question_are_listed_and_those_not_public_marked(
    client, reports
):
    page = text(client.get(PAGE, {"q": "Who visited the child?"}))
    assert "1 passage for" in page
    assert f'value="{keys_of(reports[0])[0]}"' in page
    page = text(client.get(PAGE, {"q": "Were there visits?"}))
    assert "Review Elm" in page
    assert re.search(r"Quote passage \d<span[^>]*> of Review Elm</span> \(not published\)", page)
    assert "of Review Oak</span> (not published)" not in page


def test_if_no_record_has_all_words_those_with_some_of_them_count(client, reports):
    page = text(client.get(PAGE, {"q": "Did the school ask the sister about hospitals?"}))
    assert "2 passages for" in page
    assert "No passages match" in text(client.get(PAGE, {"q": "zebra"}))


@pytest.mark.parametrize("question", ["", "   ", "?", "*", '"', "(", "the of and", "x" * 3_000])
def test_any_question_has_a_page(client, reports, question):
    assert client.get(PAGE, {"q": question}).status_code == 200


def test_chosen_passages_are_downloaded_as_text_with_citations(client, reports):
    answer = client.post(reverse("quotations"), sent(*reports, do="text"))
    assert answer["Content-Disposition"] == 'attachment; filename="quotations.txt"'
    assert answer["Cache-Control"] == "private, no-store"
    first, second, third = answer.content.decode().strip().split("\n\n")
    assert first == "Who visited the child?"
    assert second.startswith(f"[1] \u201c{VISITS}\u201d\nSome board. Review Oak, ")
    assert f"/p/{keys_of(reports[0])[0]}/" in second
    assert third.endswith("Not published: for work within this service only.")


def test_chosen_passages_are_downloaded_for_word(client, reports):
    answer = client.post(reverse("quotations"), sent(*reports, do="docx"))
    words = [row.text for row in Document(io.BytesIO(answer.content)).paragraphs]
    assert "Who visited the child?" in words
    assert {VISITS, RANG} <= set(words)
    assert any(row.startswith("[1] Some board. Review Oak, ") for row in words)


def test_no_passage_or_too_many_are_refused_and_unknown_ones_not_found(client, reports):
    for passages in ([], [f"{number:012x}-0-1" for number in range(60)]):
        answer = client.post(reverse("quotations"), {"q": "Who?", "passage": passages})
        assert answer.status_code == 400
        assert "Choose at least one passage, and 50 at most" in text(answer)
    for key in ("none", "000000000000-0-1", f"{keys_of(reports[0])[0]}0"):
        sent_keys = {"q": "Who?", "passage": [key]}
        assert client.post(reverse("quotations"), sent_keys).status_code == 404


def test_a_reader_has_no_page_and_no_file(reports, server):
    connected(address_of(server))
    reader = Client()
    reader.force_login(make_person(Role.READER))
    assert reader.get(PAGE).status_code == 403
    for name in ("quotations", "quote-draft"):
        assert reader.post(reverse(name), sent(*reports)).status_code == 403
    assert server.asked == []


def test_with_drafts_off_there_is_no_control_and_no_connection(client, reports, settings):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.LANGUAGE_MODELS = True
        connected(f"http://127.0.0.1:{listening.getsockname()[1]}/chat")
        page = client.get(PAGE, {"q": "Who visited the child?"})
        assert reverse("quote-draft") not in page.content.decode()
        assert "model" not in text(page)
        assert client.post(reverse("quote-draft"), sent(reports[0])).status_code == 404
        client.post(reverse("quotations"), sent(reports[0], do="text"))
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.parametrize("role", [Role.CODER, Role.ADMINISTRATOR])
def test_those_who_do_not_write_have_no_control(reports, server, role):
    connected(address_of(server))
    other = Client()
    other.force_login(make_person(role))
    page = other.get(PAGE, {"q": "Who visited the child?"}).content.decode()
    assert reverse("quotations") in page
    assert reverse("quote-draft") not in page
    assert other.post(reverse("quote-draft"), sent(reports[0])).status_code == 403
    assert server.asked == []


def test_a_draft_is_marked_escaped_and_has_our_places_and_the_number_left_out(
    client, reports, server
):
    connected(address_of(server))
    server.answers["/chat"] = written(
        {**GOOD, "page": 99, "heading": "Made up"},
        {**GOOD, "quote": "Everybody visited the child"},
        {**GOOD, "text": "<script>alert(1)</script>", "quote": "her <sister> in May"},
    )
    page = text(client.get(PAGE, {"q": "Who visited the child?"}))
    assert f'formaction="{reverse("quote-draft")}"' in page
    assert "small-7b" in page
    answer = client.post(reverse("quote-draft"), sent(reports[0]))
    page = text(answer)
    assert answer["Cache-Control"] == "private, no-store"
    assert "Written by a program" in page
    assert "No &lt;b&gt;visit&lt;/b&gt; took place." in page
    assert "<script>alert" not in page
    assert "<p>her &lt;sister&gt; in May</p>" in page
    assert (
        f'<a href="{reverse("passage", args=keys_of(reports[0]))}">Review Oak</a>, page 1' in page
    )
    assert "Findings" in page
    assert "page 99" not in page
    assert "Made up" not in page
    assert "1 sentence left out:" in page
    assert "1: the quoted words are in none of the passages" in page
    assert " checked>" in page


def test_a_draft_that_is_refused_says_why_and_keeps_what_was_chosen(client, reports, server):
    connected(address_of(server))
    answer = client.post(reverse("quote-draft"), sent(*reports))
    assert answer.status_code == 400
    page = text(answer)
    assert "P2 has a passage that is not public" in page
    assert f'value="{keys_of(reports[0])[0]}" id="choose-1" checked' in page
    assert server.asked == []
    assert not AuditEntry.objects.filter(action="ask for draft").exists()
