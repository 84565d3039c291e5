"""Suggestions in the workbench: taken, changed, refused and undone, each the coder's own act."""

import re

import pytest

from tests.factories import NOON, make_person, make_report, make_review
from tests.web.test_workbench import Coder, span_of
from waymark.accounts.models import Role
from waymark.coding import services
from waymark.coding.models import Coding, MachineCoder, Suggestion, SuggestionDecision
from waymark.coding.services import RoundOptions
from waymark.coding.suggest import SuggestedCode
from waymark.core.spans import Span

pytestmark = pytest.mark.django_db
WORDS = "Nobody visited the child."


@pytest.fixture
def report(core):
    return make_report(make_review("W01", collection="north"), WORDS, "The weather was mild.")


@pytest.fixture
def ann(report, core):
    return Coder("ann", report, core)


@pytest.fixture
def suggestion(report, core):
    return suggest(report, core)


def suggest(report, framework, code="prac.recording"):
    services.store_suggestions(
        by=None,
        report=report,
        framework=framework,
        suggestions=[SuggestedCode(Span(0, len(WORDS)), WORDS, code, "nobody visited", 0.71)],
        machine=MachineCoder.objects.get_or_create(
            name="linear 1", kind="linear", asked_at=NOON, state="ready"
        )[0],
        now=NOON,
    )
    return Suggestion.objects.get(code__code=code)


def current(person):
    rows = Coding.objects.filter(coder=person, superseded_at=None)
    return sorted(rows.values_list("code__code", "exact"))


def text_of(page):
    """What a page says, without the ids of its forms."""
    return re.sub(r'value="[^"]*"', "", page)


def outcome():
    row = SuggestionDecision.objects.get(superseded_at=None)
    return row.accepted, row.changed


def test_a_coder_sees_each_suggestion_with_its_program_and_probability_and_nothing_is_chosen(
    ann, suggestion
):
    page = ann.see()
    assert "1 suggestion of software on this part" in " ".join(page.split())
    assert "linear 1" in page
    assert "0.71" in page
    assert "because of “nobody visited”" in page
    part = page.partition('class="suggestions')[2].partition("</details>")[0]
    assert "checked" not in part
    assert "all" not in part.lower().split()


def test_accepting_records_the_coders_own_coding_and_undo_brings_the_suggestion_back(
    ann, suggestion
):
    status, answer = ann.act("accept", suggestion=str(suggestion.pk))
    assert (status, answer["message"], current(ann.person)) == (
        200,
        "",
        [("prac.recording", WORDS)],
    )
    assert outcome() == (True, False)
    assert "suggestion-form" not in answer["parts"][0]["html"]
    status, answer = ann.act("undo")
    assert (current(ann.person), "suggestion-form" in answer["parts"][0]["html"]) == ([], True)
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.decided_by) == ("pending", None)
    ann.act("redo")
    assert current(ann.person) == [("prac.recording", WORDS)]
    assert outcome() == (True, False)


def test_refusing_codes_nothing_and_can_be_undone(ann, suggestion):
    status, answer = ann.act("refuse", suggestion=str(suggestion.pk))
    assert (status, current(ann.person), outcome()) == (200, [], (False, False))
    assert answer["undo"]["label"].startswith("decision on the suggestion")
    assert [part["number"] for part in answer["parts"]] == [1]
    assert ann.act("refuse", suggestion=str(suggestion.pk))[0] == 400
    ann.act("undo")
    assert SuggestionDecision.objects.filter(superseded_at=None).count() == 0


def test_taking_other_words_or_another_code_counts_as_changed(ann, suggestion, report):
    page = ann.client.get(ann.address("workbench-suggestion"), {"suggestion": suggestion.pk})
    assert "Code these words" in page.content.decode()
    sent = {"suggestion": str(suggestion.pk), "code": "prac.communication"}
    status, _ = ann.act("take-changed", **span_of(report, "Nobody visited"), **sent)
    assert (status, current(ann.person)) == (200, [("prac.communication", "Nobody visited")])
    assert outcome() == (True, True)


def test_taking_the_same_words_and_code_on_the_form_counts_as_accepted(ann, suggestion, report):
    sent = {"suggestion": str(suggestion.pk), "code": "prac.recording"}
    ann.act("take-changed", **span_of(report, WORDS), **sent)
    assert outcome() == (True, False)


def test_without_javascript_the_form_leads_back_to_the_page(ann, suggestion):
    sent = {"act": "one", "reading": "1", "page": "1", "suggestion": suggestion.pk, "do": "accept"}
    answer = ann.post(**sent)
    assert (answer.status_code, current(ann.person)) == (302, [("prac.recording", WORDS)])


@pytest.mark.parametrize("do", ["accept", "refuse", "take-changed"])
def test_a_suggestion_of_another_report_is_no_act_here(ann, report, core, do):
    other = make_report(make_review("W02"), WORDS)
    row = suggest(other, core)
    sent = {"suggestion": str(row.pk), "code": "prac.recording"}
    assert ann.act(do, **span_of(report, WORDS), **sent)[0] == 409
    page = ann.client.get(ann.address("workbench-suggestion"), {"suggestion": row.pk})
    assert page.status_code == 404


@pytest.mark.parametrize("level", ["installation", "collection", "review"])
def test_where_suggestions_are_off_there_is_no_control(ann, suggestion, report, level, settings):
    lead = make_person(Role.ANALYST)
    if level == "installation":
        settings.SUGGESTIONS = False
    else:
        about = {"collection": "north"} if level == "collection" else {"review": report.review}
        services.block_suggestions(by=lead, **about, now=NOON)
    assert "suggestion" not in ann.see()
    assert ann.act("accept", suggestion=str(suggestion.pk))[0] == 400
    page = ann.client.get(ann.address("workbench-suggestion"), {"suggestion": suggestion.pk})
    assert (page.status_code, current(ann.person)) == (404, [])


@pytest.mark.parametrize("rule", ["hidden", "after"])
def test_a_round_hides_suggestions_of_every_program_from_the_workbench(core, report, rule):
    """Also from the acts: an id that was guessed tells nothing."""
    coder, lead = Coder("bea", report, core, assigned=False), make_person(Role.ANALYST)
    services.start_round(
        by=lead,
        name="Round",
        framework=core,
        reviews=[report.review],
        coders=[coder.person],
        options=RoundOptions(share=0, suggestions=rule),
        now=NOON,
    )
    coder.post("workbench-begin", veil="never", break_minutes="45")
    before = text_of(coder.see())
    row = suggest(report, core)
    assert text_of(coder.see()) == before
    assert coder.act("accept", suggestion=str(row.pk))[0] == 409
    coder.act("code", **span_of(report, "visited the"), code="prac.communication")
    assert ("suggestion-form" in coder.see()) == (rule == "after")


def test_what_another_coder_decided_changes_nothing_for_the_first(ann, suggestion, report, core):
    bea = Coder("bea", report, core)
    bea.act("refuse", suggestion=str(suggestion.pk))
    assert "suggestion-form" in ann.see()


def test_a_finished_review_shows_no_suggestions(ann, suggestion):
    services.finish_coding(
        by=ann.person, review=ann.report.review, framework=ann.framework, now=NOON
    )
    assert "suggestion-form" not in ann.see()
