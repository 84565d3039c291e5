"""The case profile: a coder's own answers, each with its passages, saved one by one."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import NOON
from tests.web.coding_rounds import TEXT, double_coding
from waymark.coding.assignments import suggestion_rules_of
from waymark.coding.models import Assignment
from waymark.coding.services.machines import block_suggestions, lift_block
from waymark.coding.services.suggestions import store_suggestions
from waymark.coding.suggest import SuggestedCode
from waymark.profiles.models import DescribedPerson, Judgement


@pytest.fixture
def pair(core):
    return double_coding(core, variables=("nature", "fac.neglect", "fac.alcohol_misuse", "sex"))


@pytest.fixture
def page(pair):
    return reverse("case-profile", args=["R1", pair.framework.name, pair.framework.version])


@pytest.fixture
def ann(pair):
    client = Client()
    client.force_login(pair.ann)
    return client


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def sent(question, value, passages="", **more):
    return {"do": "answer", "question": question, "value": value, "passages": passages, **more}


def current():
    return {
        row.variable.variable: (row.value, [quote.exact for quote in row.quotes.all()])
        for row in Judgement.objects.filter(superseded_at=None)
    }


def test_an_answer_is_saved_with_words_of_the_report_and_superseded_by_the_next(pair, page, ann):
    assert "0 of 3 answered" in text(ann.get(page))
    answer = ann.post(page, sent("nature", "infant_death", "died at home", memo="page 1"))
    assert answer["Location"] == f"{page}?of=review#q-nature"
    assert current() == {"nature": ("infant_death", ["died at home"])}
    key = f"{pair.report.key}-4-36"
    ann.post(page, sent("nature", "other", key))
    assert current() == {"nature": ("other", ["A child of four months died at h"])}
    assert Judgement.objects.count() == 2
    assert "1 of 3 answered" in text(ann.get(page))
    ann.post(page, {"do": "clear", "question": "nature"})
    assert current() == {}


@pytest.mark.parametrize(
    ("value", "passages", "message"),
    [
        ("", "", "Choose or enter an answer"),
        ("infant_death", "", "Nature: infant_death needs a quote from the report"),
        ("infant_death", "died at hone", "The quote is not in the report"),
        ("infant_death", "0000-1-2", "is not in the report"),
        ("perhaps", "died at home", "Nature cannot be"),
    ],
)
def test_an_answer_that_is_refused_says_why_and_keeps_what_was_typed(
    pair, page, ann, value, passages, message
):
    answer = ann.post(page, sent("nature", value, passages))
    assert answer.status_code == 400
    assert message in text(answer)
    assert passages in text(answer)
    assert current() == {}


def test_a_passage_chosen_in_the_report_is_offered_to_every_question(pair, page, ann):
    key = f"{pair.report.key}-4-36"
    shown = text(ann.get(f"{page}?passage={key}"))
    assert "Passage chosen: <q>A child of four months died at h</q>" in shown
    assert shown.count(f"{key}</textarea>") == 3
    assert ann.get(f"{page}?passage=none").status_code == 404
    assert f"{page}?passage={key}" in text(ann.get(reverse("passage", args=[key])))


def test_open_factors_are_answered_with_not_mentioned_and_undone_as_one_act(pair, page, ann):
    ann.post(page, sent("fac.neglect", "suspected", "thought to drink"))
    ann.post(page, {"do": "group", "group": "factors"})
    assert current()["fac.alcohol_misuse"] == ("not_mentioned", [])
    assert current()["fac.neglect"][0] == "suspected"
    ann.post(page, {"do": "undo-group"})
    assert set(current()) == {"fac.neglect"}
    assert "There is nothing to undo" in text(ann.post(page, {"do": "undo-group"}))


def test_children_and_adults_are_each_coders_own(pair, page, ann):
    ann.post(page, {"do": "add", "level": "child", "number": "1", "person": "Child 1"})
    child = f"{page}?of=child-1"
    ann.post(child, sent("sex", "female", "A child of four months"))
    assert "Child 1: Child 1" in text(ann.get(child))
    bea = Client()
    bea.force_login(pair.bea)
    assert bea.get(child).status_code == 404
    assert "Child 1" not in text(bea.get(page)).replace("such as Child 1", "")
    assert "still has judgements" in text(ann.post(child, {"do": "remove"}))
    ann.post(child, {"do": "clear", "question": "sex"})
    ann.post(child, {"do": "remove"})
    assert DescribedPerson.objects.get().withdrawn_at is not None


def test_a_finished_profile_is_shown_and_cannot_be_changed(pair, page, ann):
    ann.post(page, {"do": "finish"})
    assert Assignment.objects.get(coder=pair.ann).finished_at is not None
    shown = text(ann.get(page))
    assert "You finished this review on" in shown
    assert "Save answer" not in shown
    assert ann.post(page, sent("nature", "other", "died at home")).status_code == 400
    assert "R1" in text(ann.get(reverse("case-profiles")))


def test_nobody_opens_a_case_profile_that_is_not_theirs(pair, page):
    lead = Client()
    lead.force_login(pair.lead)
    assert lead.get(page).status_code == 404


DRINK = "2.2 The father was thought to drink."
LOOK = "Look for passages"


def proposals(client, page, question="fac.alcohol_misuse"):
    return text(client.get(f"{page}?proposals={question}"))


def test_a_round_can_show_proposals_after_the_coders_own_first_answer(core):
    pair = double_coding(core, suggestions="after", variables=("fac.alcohol_misuse", "fac.neglect"))
    page = reverse("case-profile", args=["R1", pair.framework.name, pair.framework.version])
    ann, bea = Client(), Client()
    ann.force_login(pair.ann)
    bea.force_login(pair.bea)
    assert LOOK not in text(ann.get(page))
    assert DRINK not in proposals(ann, page)
    bea.post(page, sent("fac.alcohol_misuse", "suspected", "thought to drink"))
    assert LOOK not in text(ann.get(page))  # another's answer opens nothing
    ann.post(page, sent("fac.alcohol_misuse", "not_mentioned"))
    assert text(ann.get(page)).count(LOOK) == 1
    shown = proposals(ann, page)
    assert f"<b>Suspected?</b> <q>{DRINK}</q>" in shown
    # The stored answer stays chosen: a proposal chooses nothing.
    assert '<option value="not_mentioned" selected>' in shown
    assert '<option value="suspected" selected>' not in shown
    assert "checked" not in shown
    # An answer that was removed was still the first one.
    ann.post(page, {"do": "clear", "question": "fac.alcohol_misuse"})
    assert DRINK in proposals(ann, page)


def test_a_round_that_hides_suggestions_shows_no_proposals(pair, page, ann):
    ann.post(page, sent("fac.alcohol_misuse", "not_mentioned"))
    assert LOOK not in text(ann.get(page))
    assert "thought to drink" not in proposals(ann, page)


def test_no_proposals_are_shown_where_suggestions_are_switched_off(core, settings):
    pair = double_coding(core, suggestions="after", variables=("fac.alcohol_misuse",))
    page = reverse("case-profile", args=["R1", pair.framework.name, pair.framework.version])
    ann = Client()
    ann.force_login(pair.ann)
    ann.post(page, sent("fac.alcohol_misuse", "not_mentioned"))
    assert DRINK in proposals(ann, page)
    block = block_suggestions(by=None, review=pair.report.review, now=NOON)
    assert LOOK not in text(ann.get(page))
    assert DRINK not in proposals(ann, page)
    lift_block(by=None, block=block, now=NOON)
    settings.SUGGESTIONS = False
    assert LOOK not in text(ann.get(page))
    assert DRINK not in proposals(ann, page)


def test_proposals_rest_on_the_coders_own_codings_and_fill_in_one_question(core):
    pair = double_coding(core, suggestions="after", variables=("fac.neglect", "nature"))
    page = reverse("case-profile", args=["R1", pair.framework.name, pair.framework.version])
    ann = Client()
    ann.force_login(pair.ann)
    pair.code(pair.bea, "harm.neglect", "died at home")
    ann.post(page, sent("fac.neglect", "not_mentioned"))
    assert "Neither your codings nor the words" in proposals(ann, page, "fac.neglect")
    pair.code(pair.ann, "harm.neglect", "Two letters were filed")
    shown = proposals(ann, page, "fac.neglect")
    assert "<q>Two letters were filed</q>" in shown
    assert "died at home" not in shown
    start = len(TEXT[0]) + 1 + 4
    key = f"{pair.report.key}-{start}-{start + 22}"
    assert key in shown
    filled = text(ann.get(f"{page}?of=review&question=fac.neglect&passage={key}"))
    assert filled.count(f"{key}</textarea>") == 1


def test_not_mentioned_for_a_whole_group_is_no_first_answer(core):
    pair = double_coding(core, suggestions="after", variables=("fac.alcohol_misuse", "fac.neglect"))
    page = reverse("case-profile", args=["R1", pair.framework.name, pair.framework.version])
    ann = Client()
    ann.force_login(pair.ann)
    ann.post(page, {"do": "group", "group": "factors"})
    assert set(current()) == {"fac.alcohol_misuse", "fac.neglect"}
    assert LOOK not in text(ann.get(page))
    ann.post(page, {"do": "undo-group"})
    assert DRINK not in proposals(ann, page)
    ann.post(page, sent("fac.alcohol_misuse", "not_mentioned"))
    assert text(ann.get(page)).count(LOOK) == 1


def test_no_proposal_shows_words_on_which_a_suggestion_is_hidden(core):
    pair = double_coding(core, suggestions="after", variables=("fac.alcohol_misuse",))
    page = reverse("case-profile", args=["R1", pair.framework.name, pair.framework.version])
    ann = Client()
    ann.force_login(pair.ann)
    ann.post(page, sent("fac.alcohol_misuse", "not_mentioned"))
    assert DRINK in proposals(ann, page)
    hidden = SuggestedCode(pair.span("to drink"), "to drink", "harm.neglect", "drink")
    store_suggestions(
        by=None, report=pair.report, framework=pair.framework, suggestions=[hidden], now=NOON
    )
    assert DRINK not in proposals(ann, page)
    pair.code(pair.ann, "harm.neglect", "drink")
    assert DRINK in proposals(ann, page)


def test_a_round_of_another_version_hides_proposals_too(core, framework):
    pair = double_coding(core, suggestions="hidden", variables=("fac.alcohol_misuse",))
    Assignment.objects.create(
        coder=pair.ann, review=pair.review, framework=framework, position=2, started_at=NOON
    )
    other = Assignment.objects.get(coder=pair.ann, framework=framework)
    assert suggestion_rules_of(other) == set()
    framework.name, framework.version = pair.framework.name, "9.0.0"
    framework.save()
    other.refresh_from_db()
    assert suggestion_rules_of(other) == {"hidden"}
    Assignment.objects.filter(coder=pair.ann, framework=pair.framework).update(finished_at=NOON)
    assert suggestion_rules_of(other) == set()
