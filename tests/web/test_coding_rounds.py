"""Pages of rounds, differences, decisions and agreement."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_report, make_review
from tests.web.coding_rounds import double_coding
from waymark.coding.models import Assignment, CodingRound


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def pair(core):
    return double_coding(core)


@pytest.fixture
def differing(pair):
    pair.code(pair.ann, "prac.communication", "Two letters were filed", memo="clear")
    pair.judge(pair.ann, "nature", "infant_death", "died at home")
    pair.judge(pair.bea, "nature", "other", "died at home")
    pair.finish(pair.ann, pair.bea)
    return pair


@pytest.fixture
def page(pair):
    return reverse("adjudicate", args=["R1", pair.framework.name, pair.framework.version])


def _round_fields(**changed):
    return {
        "name": "Second round",
        "framework": "cr-core 1.0.0",
        "reviews": "R7\nR8",
        "coders": ["ann", "bea"],
        "share": "50",
        "seed": "11",
        "suggestions": "hidden",
        "names_hidden": "on",
        "variables": "",
        "reasons": "Because",
        **changed,
    }


def test_a_round_is_previewed_and_started(pair):
    for reference in ("R7", "R8"):
        make_report(make_review(reference, title=f"Review: Child {reference}"), "A text.")
    client = signed_in(pair.lead)
    preview = client.post(reverse("add-round"), _round_fields(do="preview"))
    assert "2 reviews, 1 of them coded by two people" in text(preview)
    assert "R7 Review: Child R7" in text(preview)
    # Enter in a field presses the button beside the draw: a changed form shows its own draw first.
    previewed = re.search(r'name="previewed" value="(\w+)"', preview.content.decode())[1]
    fields = _round_fields(do="start", previewed=previewed)
    changed = text(client.post(reverse("add-round"), fields | {"share": "100"}))
    assert "2 reviews, 2 of them coded by two people" in changed
    assert "The round is not started yet" in changed
    assert CodingRound.objects.count() == 1
    client.post(reverse("add-round"), fields)
    started = CodingRound.objects.get(name="Second round")
    assert started.assignments.count() == 3
    shown = text(client.get(reverse("coding-round", args=[started.pk])))
    assert "50 per cent coded twice, seed 11" in shown
    assert "Second round" in text(client.get(reverse("coding-rounds")))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": "First round"}, "There is already a round called First round"),
        ({"reviews": "R1"}, "Already assigned with cr-core 1.0.0: R1"),
        ({"reviews": "NONE"}, "NONE"),
        ({"share": "101"}, "must be a whole number from 0 to 100"),
        ({"variables": "nonsense"}, "no variable nonsense"),
        ({"coders": ["lead", "nobody"]}, "Choose who codes"),
        ({"coders": ["ann"], "share": "100"}, "Double coding needs at least two coders"),
    ],
)
def test_a_round_that_cannot_be_is_refused_with_what_to_do(pair, changed, message):
    make_report(make_review("R7"), "A text.")
    fields = {"do": "start", "reviews": "R7", **changed}
    answer = signed_in(pair.lead).post(reverse("add-round"), _round_fields(**fields))
    assert answer.status_code == 400
    assert message in text(answer)
    assert CodingRound.objects.count() == 1


def test_reasons_are_changed(pair):
    address = reverse("coding-round", args=[pair.coding_round.pk])
    signed_in(pair.lead).post(address, {"reasons": "One\nTwo"})
    pair.coding_round.refresh_from_db()
    assert pair.coding_round.reasons == ["One", "Two"]


def test_differences_are_not_shown_before_both_have_finished(pair, page):
    pair.finish(pair.ann)
    answer = signed_in(pair.lead).get(page)
    assert answer.status_code == 409
    assert "R1 is still being coded" in text(answer)


def test_an_adjudicator_decides_undoes_and_settles_and_coders_see_the_reasons(differing, page):
    lead, bea = signed_in(differing.lead), signed_in(differing.bea)
    assert "R1" in text(lead.get(reverse("disagreements")))
    first = text(lead.get(page))
    assert "1 of 2, 2 to decide" in first
    assert "<mark>Two letters were filed</mark>" in first
    assert not {"ann", "bea"} & set(first.split())
    refused = lead.post(f"{page}?item=1", {"value": "present", "do": "decide"})
    assert (refused.status_code, "Choose a reason" in text(refused)) == (400, True)
    words = {"chosen": "The words are explicit", "reason": "see 2.1", "do": "decide"}
    answer = lead.post(f"{page}?item=1", {"value": "present", **words})
    assert answer["Location"] == f"{page}?item=2#difference"
    lead.post(page, {"do": "undo"})
    assert "2 to decide" in text(lead.get(page))
    assert "still to decide" in text(lead.post(page, {"do": "settle"}, follow=True))
    lead.post(f"{page}?item=1", {"value": "present", **words})
    lead.post(
        f"{page}?item=2", {"value": "infant_death", "reason": "Wrong sentence", "do": "decide"}
    )
    assert "No review that you coded is settled" in text(bea.get(reverse("coding-decisions")))
    assert "R1 is settled" in text(lead.post(page, {"do": "settle"}, follow=True))
    seen = text(bea.get(reverse("coding-decisions")))
    assert "The words are explicit: see 2.1" in seen
    assert "Wrong sentence" in seen
    assert "This review was settled" in text(lead.get(page))


def test_work_is_sent_back_with_a_note_that_only_its_coder_sees(differing, page):
    lead = signed_in(differing.lead)
    refused = lead.post(page, {"coder": "Coder 1", "note": " ", "do": "return"})
    assert "Write what the coder should do" in text(refused)
    lead.post(page, {"coder": "Coder 1", "note": "Read 2.1 again.", "do": "return"})
    unfinished = Assignment.objects.get(finished_at=None)
    other = {differing.ann: differing.bea, differing.bea: differing.ann}[unfinished.coder]
    decisions = reverse("coding-decisions")
    assert "Read 2.1 again." in text(signed_in(unfinished.coder).get(decisions))
    assert "Read 2.1 again." not in text(signed_in(other).get(decisions))


def test_agreement_is_shown_and_downloaded_once_both_have_finished(differing):
    lead, number = signed_in(differing.lead), differing.coding_round.pk
    shown = text(lead.get(reverse("round-agreement", args=[number])))
    assert "1 review coded by two people (Coder A, Coder B)" in shown
    assert "Themes in reviews" in shown
    passages = text(lead.get(reverse("round-agreement", args=[number]) + "?passages=1"))
    assert "Only one coder used it" in passages or "Fewer than two coders" in passages
    rows = lead.get(reverse("round-agreement-file", args=[number, "csv"])).content.decode()
    (raw,) = [
        row
        for row in rows.splitlines()
        if row.startswith("Themes in reviews,,") and ",Agreement," in row
    ]
    # 11 themes in one review: the coders differ on one of them.
    assert raw.split(",")[5].startswith("0.909090")
    workbook = lead.get(reverse("round-agreement-file", args=[number, "xlsx"])).content
    assert workbook[:2] == b"PK"
    assert lead.get(reverse("round-agreement-file", args=[number, "pdf"])).status_code == 404
    assert "First round" in text(lead.get(reverse("agreement")))
    version = [differing.framework.name, differing.framework.version]
    assert lead.get(reverse("framework-agreement", args=version)).status_code == 200
    assert lead.get(reverse("framework-agreement-file", args=[*version, "csv"])).status_code == 200


def test_coders_open_no_page_of_those_who_lead(differing, page):
    number = differing.coding_round.pk
    for address in (
        page,
        *map(reverse, ("coding-rounds", "add-round", "disagreements", "agreement")),
        reverse("coding-round", args=[number]),
        reverse("round-agreement", args=[number]),
        reverse("round-agreement-file", args=[number, "csv"]),
    ):
        assert signed_in(differing.ann).get(address).status_code == 403, address
