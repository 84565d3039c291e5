"""Pages of the anonymity check: words in context, the forms to answer, the list of words."""

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.web.test_pages import see
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.documents.models import ListedWords, Report
from waymark.documents.queries.holdings import report_in_any_state

pytestmark = pytest.mark.django_db
CHECKS = "/staff/anonymity/"
WORDS = "/staff/anonymity/words/"


@pytest.fixture
def stored(settings, tmp_path):
    """A report that names two people and a place."""
    settings.DATA = tmp_path / "data"
    path = tmp_path / "a.txt"
    path.write_text(
        "1 Findings\n\nThe social worker spoke to Siobhan and to Tomasz.\n\n"
        "The family moved to Brackenthwaite.\n"
    )
    return pipeline.store_file(by=None, path=path, now=NOON)


@pytest.fixture
def editor(client):
    person = make_person(Role.EDITOR, name="editor")
    client.force_login(person)
    return person


def page_of(report):
    return reverse("anonymity", args=[report.key])


def ids(report, *words):
    return [
        str(pk)
        for pk in report.possible_identifiers.filter(words__in=words).values_list("pk", flat=True)
    ]


def test_identifiers_are_shown_by_kind_with_their_words_in_context(client, stored, editor):
    assert "a.txt" in see(client, CHECKS)
    see(client, page_of(stored))
    page = client.get(page_of(stored)).content.decode()
    assert "spoke to <mark>Siobhan</mark> and to" in page
    assert page.index("Names of people") < page.index("Names of places")
    assert reverse("report-page", args=[stored.key, 1]) in page


def test_ticked_identifiers_are_answered_then_the_rest_and_the_report_can_be_published(
    client, stored, editor
):
    state = reverse("report-state", args=[stored.key])
    assert "may identify people" in see(client, state)
    form = {"kind": "person", "verdict": "kept", "answer": "The author.", "do": "chosen"}
    client.post(page_of(stored), {**form, "identifier": ids(stored, "Siobhan")})
    verdicts = dict(stored.possible_identifiers.values_list("words", "verdict"))
    assert verdicts == {"Siobhan": "kept", "Tomasz": "", "Brackenthwaite": ""}
    client.post(page_of(stored), {**form, "verdict": "false", "do": "all"})
    future = {"kind": "place", "verdict": "false", "answer": "A big town.", "in_future": "on"}
    future["confirmed"] = "on"
    answer = client.post(page_of(stored), {**future, "do": "all"}, follow=True)
    assert "Someone has decided on all possible identifiers" in answer.content.decode()
    assert [row.words for row in ListedWords.objects.all()] == ["Brackenthwaite"]
    client.post(state, {"to": "published"})
    assert Report.objects.get().state == State.PUBLISHED


def test_one_answer_for_the_rest_leaves_the_words_that_must_be_masked(client, stored, editor):
    form = {"kind": "person", "verdict": "masked", "answer": "A mother.", "do": "chosen"}
    client.post(page_of(stored), {**form, "identifier": ids(stored, "Siobhan")})
    client.post(page_of(stored), {**form, "verdict": "false", "answer": "A test.", "do": "all"})
    verdicts = dict(stored.possible_identifiers.values_list("words", "verdict"))
    assert verdicts == {"Siobhan": "masked", "Tomasz": "false", "Brackenthwaite": ""}
    page = see(client, page_of(stored))
    assert "2 possible identifiers, all answered" in " ".join(page.split())
    assert page.count("Save answer for all without one") == 1


def test_words_that_must_be_masked_are_not_called_undecided(client, stored, editor):
    form = {"verdict": "masked", "answer": "A mother.", "do": "all"}
    for kind in ("person", "place"):
        client.post(page_of(stored), {**form, "kind": kind})
    page = see(client, page_of(stored))
    assert "it has words that must be masked in a new file (names of people, 2; names" in page
    assert "nobody has decided" not in page
    answer = client.post(reverse("report-state", args=[stored.key]), {"to": "published"})
    assert "upload a copy without the words" in answer.content.decode()


def test_identifiers_stay_ticked_when_an_answer_is_missing(client, stored, editor):
    tick = ids(stored, "Tomasz")
    sent = {"kind": "person", "verdict": "false", "answer": "", "do": "chosen", "identifier": tick}
    page = client.post(page_of(stored), sent).content.decode()
    assert f'id="identifier-{tick[0]}" checked' in page
    assert page.count(" checked") == 2


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "person", "verdict": "false", "answer": "", "do": "all"},
        {"kind": "person", "answer": "A test.", "do": "all"},
        {"kind": "person", "verdict": "false", "answer": "A test.", "do": "chosen"},
        {"kind": "nonsense", "verdict": "false", "answer": "A test.", "do": "all"},
        {"kind": "place", "verdict": "masked", "answer": "A test.", "in_future": "on", "do": "all"},
    ],
)
def test_a_form_that_is_not_complete_says_what_is_missing(client, stored, editor, sent):
    answer = client.post(page_of(stored), sent)
    assert answer.status_code == 400
    assert "There is a problem" in answer.content.decode()
    assert not stored.possible_identifiers.exclude(verdict="").exists()


def test_a_report_of_an_earlier_version_is_listed_and_checked_by_a_button(client, stored, editor):
    stored.possible_identifiers.all().delete()
    Report.objects.update(anonymity_checked_at=None)
    assert "Not checked yet" in see(client, CHECKS)
    assert "has not been checked yet" in see(client, page_of(stored))
    answer = client.post(CHECKS, {"report": stored.key}, follow=True)
    assert "3 possible identifiers" not in answer.content.decode()
    assert "2 possible identifiers, 2 without an answer" in " ".join(
        answer.content.decode().split()
    )


def test_the_staff_list_leads_from_a_report_to_its_open_identifiers(client, stored, editor):
    link = f'href="{page_of(stored)}">check anonymity'
    assert link in client.get("/staff/").content.decode()
    stored.possible_identifiers.update(verdict="false")
    assert link not in client.get("/staff/").content.decode()


def test_the_form_says_that_words_of_the_list_are_missed_in_later_reports(client, stored, editor):
    assert "a child in a later report can have the same name" in see(client, page_of(stored))


def test_words_are_added_to_the_list_and_taken_off(client, editor):
    sent = {"words": "Brackenthwaite\nQuern", "rule": "never", "reason": "Towns here."}
    assert "may be the name of a person" in client.post(WORDS, sent).content.decode()
    assert client.post(WORDS, {**sent, "reason": "", "confirmed": "on"}).status_code == 400
    client.post(WORDS, {**sent, "confirmed": "on"})
    assert "Towns here." in see(client, WORDS)
    assert "Brackenthwaite" in see(client, WORDS)
    client.post(WORDS, {"remove": "Quern"})
    assert [row.words for row in ListedWords.objects.all()] == ["Brackenthwaite"]
    assert client.post(WORDS, {"words": "", "rule": "never"}).status_code == 400
    assert client.post(WORDS, {"remove": "Quern"}).status_code == 302


@pytest.mark.parametrize("role", [None, Role.READER, Role.CODER, Role.ANALYST])
def test_nobody_else_sees_the_words_or_answers(client, stored, role):
    if role:
        client.force_login(make_person(role))
    sent = {"kind": "person", "verdict": "false", "answer": "A test.", "do": "all"}
    for answer in (
        client.get(page_of(stored)),
        client.get(CHECKS),
        client.get(WORDS),
        client.post(page_of(stored), sent),
        client.post(CHECKS, {"report": stored.key}),
        client.post(WORDS, {"words": "Quern", "rule": "never"}),
    ):
        assert answer.status_code == (403 if role else 302)
        assert "Siobhan" not in answer.content.decode()
    assert not stored.possible_identifiers.exclude(verdict="").exists()
    assert not ListedWords.objects.exists()


def test_a_report_is_known_by_its_key_and_by_the_reference_made_of_it(stored):
    for name in (stored.key, f"r-{stored.key}", stored.review.reference):
        assert report_in_any_state(name, None) == stored
