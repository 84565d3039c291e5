"""Literature searches and checks of references as people use them, without JavaScript."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    answer_description,
    answer_identifiers,
    make_person,
    make_report,
    make_review,
)
from tests.library.conftest import make_resource, shelve
from waymark.accounts.models import Role, State
from waymark.cli.common import main
from waymark.core.wording import date_in_words
from waymark.enquiries.models import AnswerDraft, Enquiry, LiteratureSearch
from waymark.enquiries.services import NewEnquiry, take_enquiry
from waymark.library.services import catalogue_review, index_changed
from waymark.pipeline.publishing.published_tables import check_references
from waymark.web.enquiries import references
from waymark.web.shared.form_guard import started_token
from waymark.web.shared.rate_limit import RateLimiter

pytestmark = pytest.mark.django_db
REAL = "Reed A (2012) Otters and the river: crossings in winter. Riverside Trust."
WRONG_YEAR = "Reed A (2015) Otters and the river: crossings in winter. Riverside Trust."
MADE_UP = "Mole D (2015) Tunnels of the mind: attachment below ground. Press."


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path
    cache.clear()
    monkeypatch.setattr(references, "LIMITER", RateLimiter(at_once=20, a_minute=6))


@pytest.fixture
def editor(client):
    person = make_person(Role.EDITOR, name="editor")
    client.force_login(person)
    return person


@pytest.fixture
def otters(db):
    values = {"authors": ["Reed, Anna"], "publisher": "Riverside Trust", "year": 2012}
    title = "Otters and the river: crossings in winter"
    otters = make_resource("otters", title=title, **values)
    shelve(otters)
    return otters


def asks(text, kind="question"):
    asked = NewEnquiry(kind, text, address="asker@board.example")
    return take_enquiry(by=None, asked=asked, network="n", now=timezone.now())


def page(answer):
    return " ".join(answer.content.decode().split())


def check(client, text, **values):
    sent = {"text": text, "homepage": "", "started": started_token(ago=60), **values}
    return client.post(reverse("check-references"), sent)


# ---- check references ----


def test_anybody_can_check_references_and_nothing_is_stored(client, otters):
    answer = check(client, f"1. {REAL}\n2. {WRONG_YEAR}\n3. {MADE_UP}")
    assert answer.status_code == 200
    words = page(answer)
    assert "1 found, 1 found with differences, 1 not found." in words
    assert 'href="/resources/otters/"' in words
    assert '<td data-label="Your reference">2015</td>' in words
    assert "<b>Not found in our library.</b> It may not exist." in words
    assert answer["Cache-Control"] == "no-store"
    assert not Enquiry.objects.exists()


def test_what_the_public_cannot_see_is_not_found(client, editor):
    title = "Otters and the river: crossings in winter"
    shelve(make_resource("otters", title=title, state=State.RECEIVED))
    assert "0 found, 0 found with differences, 1 not found." in page(check(client, REAL))


def test_an_empty_a_long_and_a_hasty_form_are_refused(client, monkeypatch):
    assert "Enter at least one reference." in page(check(client, ""))
    assert "at least one reference" in page(check(client, "abc"))
    assert check(client, "x" * 40_001).status_code == 400
    assert check(client, REAL, started=started_token()).status_code == 400
    assert check(client, REAL, homepage="x").status_code == 400
    monkeypatch.setattr(references, "LIMITER", RateLimiter(at_once=1, a_minute=1))
    assert check(client, REAL).status_code == 200
    limited = check(client, REAL)
    assert limited.status_code == 429
    assert "Wait a minute" in page(limited)
    assert "Reed A (2012)" in page(limited)


def test_only_the_first_hundred_references_are_checked(client, otters):
    answer = check(client, "\n".join(f"{at}. {REAL}" for at in range(1, 104)))
    assert "100 references checked" in page(answer)
    assert "3 more were not checked" in page(answer)


def test_the_desk_checks_the_references_of_an_enquiry_and_adds_the_result(client, editor, otters):
    enquiry = asks(f"Are these right?\n1. {REAL}\n2. {MADE_UP}", kind="references")
    address = reverse("enquiry-references", args=[enquiry.reference])
    first = client.get(address)
    assert "1 found, 0 found with differences, 1 not found." in page(first)
    sent = {"text": f"{WRONG_YEAR}\n{MADE_UP}", "do": "add"}
    assert client.post(address, sent).status_code == 302
    draft = AnswerDraft.objects.get()
    assert "Found, with differences: [record otters]" in draft.text
    assert "We could not find this; it may not exist." in draft.text
    form = client.get(reverse("enquiry", args=[enquiry.reference])).context["form"]
    assert form["text"].value() == draft.text
    client.post(address, {"text": REAL, "do": "add"})
    assert AnswerDraft.objects.get().text.startswith(draft.text)


def test_an_enquiry_without_a_reference_opens_an_empty_form(client, editor):
    enquiry = asks("Why?")
    answer = client.get(reverse("enquiry-references", args=[enquiry.reference]))
    assert answer.status_code == 200
    assert "There is a problem" not in page(answer)


def test_the_command_checks_a_file(otters, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("waymark.cli.references.start_django", lambda: None)
    file = tmp_path / "list.txt"
    file.write_text(f"{REAL}\n{WRONG_YEAR}\n{MADE_UP}\n")
    main(["references", "check", str(file), "--json"], standalone_mode=False)
    rows = json.loads(capsys.readouterr().out)["references"]
    assert [(row["found"], row["record"], row["differences"]) for row in rows] == [
        ("yes", "otters", []),
        ("differs", "otters", ["year"]),
        ("no", None, []),
    ]
    assert rows[0]["text"] == REAL
    assert rows[1]["details"] == [{"part": "year", "given": "2015", "library": "2012"}]
    main(["references", "check", str(file)], standalone_mode=False)
    printed = capsys.readouterr().out
    assert "         year: 2015; in the library 2012" in printed
    assert "1 found, 1 found with differences, 1 not found" in printed
    file.write_text("\n".join(f"{at}. {REAL}" for at in range(1, 702)))
    main(["references", "check", str(file), "--json"], standalone_mode=False)
    answer = json.loads(capsys.readouterr().out)
    assert (len(answer["references"]), answer["left_out"]) == (701, 0)


def test_a_notebook_checks_references_against_what_the_public_can_find(otters):
    shelve(make_resource("hidden", title="Badgers beside the lake at dusk", state=State.RECEIVED))
    text = f"{WRONG_YEAR}\n\nHeron B (2011) Badgers beside the lake at dusk. Press."
    rows = check_references(text).to_dict("records")
    assert [(row["found"], row["record"]) for row in rows] == [("differs", "otters"), ("no", "")]
    assert rows[0]["differences"] == ["Year: 2015; in the library 2012"]


# ---- drafts ----


def answer_form(client, enquiry, **values):
    address = reverse("enquiry", args=[enquiry.reference])
    form = client.get(address).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    return client.post(address, typed | values)


def test_every_button_of_an_answer_stores_what_was_typed(client, editor):
    enquiry = asks("Why?")
    address = reverse("enquiry", args=[enquiry.reference])
    answer_form(client, enquiry, text="Because", do="search", words="otter")
    again = client.get(address)
    assert again.context["form"]["text"].value() == "Because"
    assert "Your draft of" in page(again)
    assert "Answers you have not sent" in page(client.get(reverse("my-work")))
    answer_form(client, enquiry, text="Because [record", do="preview")
    assert client.get(address).context["form"]["text"].value() == "Because [record"
    client.post(address, {"do": "drop", "draft": AnswerDraft.objects.get().number})
    assert client.get(address).context["form"]["text"].value() in (None, "")


def test_two_windows_of_one_person_overwrite_nothing(client, editor):
    enquiry = asks("Why?")
    store = reverse("store-answer", args=[enquiry.reference])
    assert client.post(store, {"text": "One", "draft": ""}).json() == {"number": 1}
    newer = client.post(store, {"text": "Older", "draft": "0"})
    assert (newer.status_code, newer.json()) == (409, {"number": 1, "text": "One"})
    address = reverse("enquiry", args=[enquiry.reference])
    seen = client.get(address).context["form"]["seen"].value()
    typed = {"seen": seen, "draft": "", "text": "Older", "state": "answered", "do": "preview"}
    both = client.post(address, typed)
    assert '<pre id="other-words" class="scroll whole-text" tabindex="0">One</pre>' in page(both)
    assert both.context["form"]["text"].value() == "Older"
    # A button that follows the script at once is no second window.
    client.post(store, {"text": "Old", "draft": both.context["form"]["draft"].value()})
    assert client.post(address, typed | {"draft": "1"}).context["other"] == ""
    assert AnswerDraft.objects.get().text == "Older"
    assert client.post(store, {"text": "x" * 40_001, "draft": "3"}).status_code == 400


# ---- a literature search ----


def add_review(reference, words):
    review = make_review(reference, title=f"Review {reference}", board="Riverside Board")
    report = make_report(review, words)
    catalogue_review(by=None, review=review, now=timezone.now())
    answer_identifiers(report)
    answer_description(review)
    index_changed(now=timezone.now())


def test_question_limits_and_strategy_are_entered_and_checked(client, editor):
    add_review("T1", "1.1 The otter slept beside the heron.")
    enquiry = asks("What is known about sleeping otters?", kind="search")
    desk = reverse("enquiry", args=[enquiry.reference])
    begin = f"{reverse('new-search')}?enquiry={enquiry.reference}"
    assert begin in page(client.get(desk))
    assert "What is known about sleeping otters?" in page(client.get(begin))
    sent = {"enquiry": enquiry.reference, "title": "Sleep", "question": "How do otters sleep?"}
    named = client.post(begin, sent | {"question": "How, for asker@board.example?"})
    assert "says who asked: leave it out of the search" in page(named)
    assert "How, for asker@board.example?</textarea>" in page(named)
    assert client.post(begin, sent).status_code == 302
    search = LiteratureSearch.objects.get()
    assert search.enquiry == enquiry

    edit = reverse("edit-search", args=[search.pk])
    form = client.get(edit).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    typed |= {"parts": "Population: otters\nWhat: sleep", "years_from": "2003"}
    assert client.post(edit, typed).status_code == 302
    assert "someone else changed this search" in page(client.post(edit, typed)).lower()
    whole = reverse("literature-search", args=[search.pk])
    assert "from 2003" in page(client.get(whole))
    assert "Enter the strategy of at least one source." in page(client.get(whole))

    ours = reverse("search-source", args=[search.pk, 1])
    lines = {"line-1": "otter", "line-2": "slept", "line-3": "#1 AND #2"}
    assert client.post(ours, lines | {"do": "run"}).status_code == 302
    wrong = client.post(ours, {"line-1": "#1", "do": "run"})
    assert wrong.status_code == 400
    assert "Line 1 names line 1" in page(wrong)
    added = client.post(whole, {"do": "add-source", "name": "MEDLINE", "platform": "Ovid"})
    medline = reverse("search-source", args=[search.pk, 2])
    assert added["Location"] == medline
    day = timezone.now().date() - timedelta(days=2)
    on = {"on_day": day.day, "on_month": day.month, "on_year": day.year}
    bad = client.post(medline, {"line-1": "otter*", "hits-1": "many", **on})
    assert "Line 1: enter hits as a whole number" in page(bad)
    assert 'value="many"' in page(bad)
    assert client.post(medline, {"line-1": "otter*", "hits-1": "1,204", **on}).status_code == 302
    assert '<td data-label="Hits">1,204</td>' in page(client.get(whole))
    again = client.get(medline)
    # Hits are typed anew for each date; those from before are beside the field.
    assert 'name="hits-1" value=""' in page(again)
    assert f"1,204 on {date_in_words(day)}" in page(again)
    stale = {"line-1": "heron*", "seen": "old", **on}
    refused = page(client.post(medline, stale))
    assert "The lines that are saved now" in refused
    assert "heron*</textarea>" in refused


def test_results_are_chosen_and_the_report_reaches_the_asker_alone(client, editor):
    add_review("T1", "1.1 The otter slept beside the heron.")
    enquiry = asks("What is known about sleeping otters?", kind="search")
    begun = {"enquiry": enquiry.reference, "title": "Sleep", "question": "How do otters sleep?"}
    client.post(reverse("new-search"), begun)
    search = LiteratureSearch.objects.get()
    whole = reverse("literature-search", args=[search.pk])
    client.post(reverse("search-source", args=[search.pk, 1]), {"line-1": "otter", "do": "run"})
    results = reverse("search-results", args=[search.pk])
    assert 'name="choose" value="T1"' in page(client.get(results))
    assert 'name="choose" value="T1"' in page(client.get(f"{results}?page=9"))
    client.post(results, {"choose": "T1"})
    row = search.results.get()
    other = {"new-citation": "Mole D. Dens. 2011.", "new-url": "", "new-note": "", "do": "add"}
    client.post(results, other)
    client.post(results, {f"note-{row.pk}": "It sleeps.", "do": "notes"})
    client.post(results, {"remove": search.results.get(key="").pk})
    assert "It sleeps." in page(client.get(whole))

    client.post(whole, {"do": "finish"})
    assert "Finished on" in page(client.get(whole))
    pdf = client.get(reverse("search-report", args=[search.pk, "pdf"]))
    assert pdf["Content-Type"] == "application/pdf"
    assert b"".join(pdf).startswith(b"%PDF")
    answer_form(client, enquiry, text="Attached.", do="send")
    search.refresh_from_db()
    assert search.sent_at is not None
    client.logout()
    thread = client.get(reverse("enquiry-thread", args=[enquiry.reference, enquiry.token]))
    for ending in ("pdf", "docx"):
        place = [enquiry.reference, enquiry.token, search.pk, ending]
        address = reverse("enquiry-search-report", args=place)
        assert address in page(thread)
        assert client.get(address).status_code == 200
    assert client.get(address.replace("docx", "exe")).status_code == 404
    assert client.get(address.replace(enquiry.token, "x")).status_code == 404


def test_a_search_is_run_again_at_a_click_and_shows_what_is_new(client, editor):
    add_review("T1", "1.1 The otter slept.")
    client.post(reverse("new-search"), {"title": "Otters", "question": "Which otters?"})
    number = LiteratureSearch.objects.get().pk
    client.post(reverse("search-source", args=[number, 1]), {"line-1": "otter", "do": "run"})
    whole = reverse("literature-search", args=[number])
    client.post(whole, {"do": "run", "source": "1"})
    assert "the same as on" in page(client.get(whole))
    add_review("T2", "1.1 Another otter.")
    client.post(whole, {"do": "run", "source": "1"})
    assert "new: T2" in page(client.get(whole))


def test_a_similar_search_is_copied_for_a_new_enquiry(client, editor):
    client.post(reverse("new-search"), {"title": "Sleep of otters", "question": "How?"})
    earlier = LiteratureSearch.objects.get()
    LiteratureSearch.objects.update(finished_at=timezone.now())
    enquiry = asks("Is there research on the sleep of otters?", kind="search")
    begin = f"{reverse('new-search')}?enquiry={enquiry.reference}"
    assert "Asked before" in page(client.get(begin))
    sent = {"do": "copy", "search": str(earlier.pk), "enquiry": enquiry.reference}
    client.post(reverse("new-search"), sent)
    copy = LiteratureSearch.objects.exclude(pk=earlier.pk).get()
    assert (copy.copied_from, copy.enquiry) == (earlier, enquiry)
