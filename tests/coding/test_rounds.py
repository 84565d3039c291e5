"""Rounds: the draw, the blind rule in queries, decisions, work that is sent back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, make_person, make_report, make_review
from tests.web.coding_rounds import double_coding
from tests.web.conftest import core  # noqa: F401 - a fixture
from waymark.accounts.models import Role, State
from waymark.coding.assignments import reviews_to_settle
from waymark.coding.models import Assignment
from waymark.coding.queries.coded_places import ExportRequest, coded_places, queried_places
from waymark.coding.queries.rounds import listed_rounds, reviews_of_round, work_to_settle
from waymark.coding.round_draw import draw_assignments
from waymark.coding.services import RoundOptions, start_round, undo_decision
from waymark.core.errors import NotPermitted, RuleError
from waymark.core.settle import AdjudicatorDecision
from waymark.documents.models import Report, Review
from waymark.frameworks.models import Framework
from waymark.pipeline.coding.adjudication import adjudication_of, decide, send_back, settle_decided
from waymark.pipeline.coding.round_agreement import agreement_of_framework, agreement_of_round
from waymark.pipeline.coding.settled_decisions import notes_for, settled_for
from waymark.pipeline.coding.settling import reopen_coding, settle_review
from waymark.pipeline.coding_exchange.project_export import case_values
from waymark.profiles.models import AgreedJudgement

COMMUNICATION = ("code", "prac.communication", 0)
NATURE = ("variable", "nature", 0)


# ---- the draw ----


def test_the_same_seed_always_draws_the_same():
    reviews = [f"R{number:02}" for number in range(1, 9)]
    draw = draw_assignments(reviews, ["ann", "bea"], share=25, seed=7)
    assert draw == draw_assignments(reversed(reviews), ["bea", "ann"], share=25, seed=7)
    assert draw != draw_assignments(reviews, ["ann", "bea"], share=25, seed=8)


@pytest.mark.parametrize(
    ("share", "double"), [(0, 0), (25, 2), (50, 4), (56, 4), (57, 5), (100, 8)]
)
def test_the_share_is_coded_twice_and_halves_round_up(share, double):
    reviews = [f"R{number:02}" for number in range(1, 9)]
    draw = draw_assignments(reviews, ["ann", "bea"], share=share, seed=1)
    assert sum(len(coders) == 2 for coders in draw.values()) == double


def test_every_pair_and_every_coder_gets_as_much_as_any_other():
    reviews = [f"R{number:02}" for number in range(12)]
    draw = draw_assignments(reviews, ["ann", "bea", "cat"], share=50, seed=3)
    pairs = [frozenset(coders) for coders in draw.values() if len(coders) == 2]
    singles = [coders[0] for coders in draw.values() if len(coders) == 1]
    assert {pairs.count(pair) for pair in pairs} == {2}
    assert {singles.count(name) for name in singles} == {2}


@pytest.mark.parametrize(
    ("reviews", "coders", "share", "message"),
    [
        ([], ["ann"], 0, "at least one review"),
        (["R1"], [], 0, "one coder"),
        (["R1"], ["ann"], 100, "at least two coders"),
    ],
)
def test_a_draw_that_cannot_be_is_refused(reviews, coders, share, message):
    with pytest.raises(RuleError, match=message):
        draw_assignments(reviews, coders, share=share, seed=1)


# ---- starting ----


@pytest.fixture
def pair(core):  # noqa: F811
    return double_coding(core)


def test_a_round_assigns_its_reviews_to_its_coders(pair):
    assigned = Assignment.objects.order_by("coder__username")
    assert [(row.coder.username, row.round) for row in assigned] == [
        ("ann", pair.coding_round),
        ("bea", pair.coding_round),
    ]


def test_a_review_that_somebody_codes_already_is_refused_and_nothing_is_stored(pair):
    again = {"by": pair.lead, "framework": pair.framework, "coders": [pair.ann], "now": NOON}
    with pytest.raises(RuleError, match=r"already assigned with cr-core 1\.0\.0: R1"):
        start_round(name="B", reviews=[pair.review], options=RoundOptions(share=0), **again)
    with pytest.raises(RuleError, match="already a round called First round"):
        start_round(name="First round", reviews=[], options=RoundOptions(), **again)
    assert Assignment.objects.count() == 2


def test_who_may_not_code_cannot_be_given_reviews(pair):
    review = make_review()
    make_report(review, "A text.")
    with pytest.raises(NotPermitted):
        start_round(
            by=pair.lead,
            name="B",
            framework=pair.framework,
            reviews=[review],
            coders=[make_person(Role.EDITOR)],
            options=RoundOptions(share=0),
            now=NOON,
        )


# ---- blind until both have finished ----


def test_nobody_adjudicates_or_measures_before_both_coders_have_finished(pair):
    pair.code(pair.ann, "prac.communication", "Two letters were filed")
    pair.finish(pair.ann)
    with pytest.raises(RuleError, match="still being coded"):
        adjudication_of(pair.review, pair.framework, pair.lead, NOON)
    assert list(work_to_settle(pair.lead, NOON)) == []
    agreement = agreement_of_round(pair.coding_round, pair.lead, NOON)
    assert (agreement.reviews, agreement.waiting, agreement.levels) == ((), 1, ())


def test_a_lead_who_codes_does_not_learn_who_has_finished_until_they_have(core):  # noqa: F811
    pair = double_coding(core)
    lead = make_person(Role.ANALYST, name="zoe")
    Assignment.objects.filter(coder=pair.bea).update(coder=lead)
    pair.finish(pair.ann)
    assert reviews_of_round(pair.coding_round, lead, NOON)[0].finished is None
    assert reviews_of_round(pair.coding_round, pair.lead, NOON)[0].finished == ("ann",)
    with pytest.raises(RuleError, match="you still code R1"):
        agreement_of_round(pair.coding_round, lead, NOON)
    pair.finish(lead)
    assert set(reviews_of_round(pair.coding_round, lead, NOON)[0].finished) == {"ann", "zoe"}
    with pytest.raises(NotPermitted, match="you coded R1"):
        adjudication_of(pair.review, core, lead, NOON)


def test_a_lead_who_codes_with_another_version_sees_nothing_of_the_review_until_finished(pair):
    _coded(pair)
    settle_review(
        by=pair.lead,
        adjudicator=pair.lead,
        review=pair.review,
        framework=pair.framework,
        codes={"prac.communication": AdjudicatorDecision("present", "It is plain")},
        judgements={(None, "nature"): AdjudicatorDecision("other", "Not an infant")},
        now=NOON,
    )
    settled, of_ann = (ExportRequest(pair.framework, coder) for coder in (None, pair.ann))

    def seen():
        rows = reviews_of_round(pair.coding_round, pair.lead, NOON)
        return (
            [row.settled for row in rows],
            len(coded_places(pair.lead, settled, NOON)),
            len(case_values(pair.lead, settled, NOON)),
            len(queried_places(pair.lead, settled, NOON)),
            len(queried_places(pair.lead, of_ann, NOON)),
        )

    assert seen() == ([True], 1, 1, 1, 1)
    later = Framework.objects.get(pk=pair.framework.pk)
    later.pk, later.version = None, "2.0.0"
    later.save()
    work = Assignment.objects.create(
        review=pair.review, framework=later, coder=pair.lead, position=1, started_at=NOON
    )
    assert seen() == ([False], 0, 0, 0, 0)
    for refused in (
        lambda: adjudication_of(pair.review, pair.framework, pair.lead, NOON),
        lambda: agreement_of_round(pair.coding_round, pair.lead, NOON),
    ):
        with pytest.raises(RuleError, match="you still code R1"):
            refused()
    Assignment.objects.exclude(pk=work.pk).update(finished_at=NOON + timedelta(days=1))
    assert list(work_to_settle(pair.lead, NOON)) == list(reviews_to_settle(pair.lead)) == []
    Assignment.objects.filter(pk=work.pk).update(finished_at=NOON)
    assert {row.review for row in work_to_settle(pair.lead, NOON)} == {pair.review}


def test_where_names_are_hidden_no_query_or_agreement_tells_them_before_the_review_is_settled(
    pair,
):
    _coded(pair)
    of_ann = ExportRequest(pair.framework, pair.ann)
    assert queried_places(pair.lead, of_ann, NOON) == []
    for agreement in (
        agreement_of_round(pair.coding_round, pair.lead, NOON, passages=True),
        agreement_of_framework(pair.framework, pair.lead, NOON, passages=True),
    ):
        assert agreement.coders == ("Coder A", "Coder B")
        assert "ann" not in repr((agreement.levels, agreement.spans))
    _decide(pair, COMMUNICATION, "present")
    _decide(pair, NATURE, "infant_death")
    settle_decided(by=pair.lead, review=pair.review, framework=pair.framework, now=NOON)
    assert len(queried_places(pair.lead, of_ann, NOON)) == 1
    settled = agreement_of_round(pair.coding_round, pair.lead, NOON)
    assert settled.coders == ("ann", "bea")


def test_agreement_and_the_list_of_rounds_count_no_withdrawn_review(pair):
    _coded(pair)
    assert agreement_of_round(pair.coding_round, pair.lead, NOON).reviews == ("R1",)
    Review.objects.filter(pk=pair.review.pk).update(state=State.WITHDRAWN)
    assert agreement_of_round(pair.coding_round, pair.lead, NOON).reviews == ()
    assert agreement_of_framework(pair.framework, pair.lead, NOON).reviews == ()
    assert listed_rounds(pair.lead, NOON).get().reviews == 0


# ---- adjudication ----


def _coded(pair):
    """ann codes communication and infant death; bea neither."""
    pair.code(pair.ann, "prac.communication", "Two letters were filed", memo="clear")
    pair.judge(pair.ann, "nature", "infant_death", "died at home")
    pair.judge(pair.bea, "nature", "other", "died at home")
    pair.finish(pair.ann, pair.bea)
    return pair


def _decide(pair, subject, value, reason="The words are explicit"):
    decide(
        by=pair.lead,
        review=pair.review,
        framework=pair.framework,
        subject=subject,
        value=value,
        reason=reason,
        now=NOON,
    )


def test_differences_are_shown_side_by_side_with_the_words_around_and_without_names(pair):
    work = adjudication_of(_coded(pair).review, pair.framework, pair.lead, NOON)
    assert [row.subject for row in work.differences] == [COMMUNICATION, NATURE]
    positions = {row.label: row for row in work.differences[0].positions}
    assert set(positions) == {"Coded", "Not coded"}
    (passage,) = positions["Coded"].passages
    assert (passage.exact, passage.memo) == ("Two letters were filed", "clear")
    assert passage.before.endswith("home.\n2.1 ")
    assert passage.after.startswith(" and never passed on.")
    assert set(work.coders) == {"Coder 1", "Coder 2"}
    assert "ann" not in repr([row.positions for row in work.differences])


def test_words_of_a_withdrawn_report_are_not_shown_to_the_adjudicator(pair):
    other = replace(pair, report=make_report(pair.review, "The school wrote twice."))
    other.code(pair.ann, "prac.communication", "wrote", memo="wrote twice")
    other.judge(pair.ann, "nature", "infant_death", "wrote")
    pair.finish(pair.ann, pair.bea)
    Report.objects.filter(pk=other.report.pk).update(state=State.WITHDRAWN)
    work = adjudication_of(pair.review, pair.framework, pair.lead, NOON)
    assert [row.subject for row in work.differences] == [COMMUNICATION, NATURE]
    assert "wrote" not in repr(work)


def test_names_are_shown_where_the_round_says_so(core):  # noqa: F811
    pair = _coded(double_coding(core, names_hidden=False))
    work = adjudication_of(pair.review, pair.framework, pair.lead, NOON)
    assert set(work.coders) == {"ann", "bea"}


def test_a_review_is_settled_with_the_decisions_and_coders_see_them_with_the_reason(pair):
    _coded(pair)
    _decide(pair, COMMUNICATION, "present")
    with pytest.raises(RuleError, match="1 difference still to decide"):
        settle_decided(by=pair.lead, review=pair.review, framework=pair.framework, now=NOON)
    assert settled_for(pair.bea, NOON) == []
    _decide(pair, NATURE, "infant_death", "Coded the wrong sentence")
    settle_decided(by=pair.lead, review=pair.review, framework=pair.framework, now=NOON)
    (settled,) = settled_for(pair.bea, NOON)
    assert [(row.label, row.own, row.reason) for row in settled.decided] == [
        ("Communication and information sharing", "Not coded", "The words are explicit"),
        ("Nature of the incident", "Other (no death)", "Coded the wrong sentence"),
    ]


def test_a_value_that_a_coder_left_out_can_be_decided(pair):
    pair.judge(pair.ann, "nature", "infant_death", "died at home")
    pair.finish(pair.ann, pair.bea)
    _decide(pair, NATURE, "infant_death")
    settle_decided(by=pair.lead, review=pair.review, framework=pair.framework, now=NOON)
    agreed = AgreedJudgement.objects.get(variable__variable="nature")
    assert (agreed.value, agreed.basis) == ("infant_death", "adjudicated")


@pytest.mark.parametrize(
    ("subject", "value", "reason", "message"),
    [
        (COMMUNICATION, "present", " ", "choose a reason"),
        (COMMUNICATION, "perhaps", "x", "decide whether"),
        (NATURE, "perhaps", "x", "nature cannot be 'perhaps'"),
        (("code", "prac.recording", 0), "present", "x", "do not differ"),
    ],
)
def test_a_decision_without_a_reason_or_a_difference_is_refused(
    pair, subject, value, reason, message
):
    _coded(pair)
    with pytest.raises(RuleError, match=message):
        _decide(pair, subject, value, reason)


def test_undo_takes_back_the_last_decision_and_the_one_before_counts_again(pair):
    _coded(pair)
    _decide(pair, COMMUNICATION, "present")
    _decide(pair, COMMUNICATION, "absent")
    about = {"by": pair.lead, "review": pair.review, "framework": pair.framework, "now": NOON}

    def decided():
        row = adjudication_of(pair.review, pair.framework, pair.lead, NOON).differences[0]
        return row.decision and row.decision.value

    assert decided() == "absent"
    undo_decision(**about)
    assert decided() == "present"
    undo_decision(**about)
    assert decided() is None
    with pytest.raises(RuleError, match="no decision of yours"):
        undo_decision(**about)


# ---- sent back ----


def test_one_coders_review_is_sent_back_with_a_note_and_the_others_work_stays_finished(pair):
    _coded(pair)
    _decide(pair, COMMUNICATION, "present")
    send_back(
        by=pair.lead,
        review=pair.review,
        framework=pair.framework,
        coder=pair.bea,
        note="Read 2.1 again.",
        now=NOON,
    )
    assert [row.note for row in notes_for(pair.bea, NOON)] == ["Read 2.1 again."]
    assert notes_for(pair.ann, NOON) == []
    unfinished = Assignment.objects.filter(finished_at=None)
    assert [row.coder for row in unfinished] == [pair.bea]
    pair.code(pair.bea, "prac.communication", "Two letters were filed")
    pair.finish(pair.bea)
    # The coders now agree on it, so the decision is void.
    work = adjudication_of(pair.review, pair.framework, pair.lead, NOON)
    assert [(row.subject, row.decision) for row in work.differences] == [(NATURE, None)]


def test_a_decision_between_other_values_is_void(pair):
    _coded(pair)
    _decide(pair, NATURE, "infant_death")
    about = {"review": pair.review, "framework": pair.framework, "now": NOON}
    reopen_coding(by=pair.lead, coder=pair.bea, **about)
    pair.judge(pair.bea, "nature", "assault", "died at home")
    pair.finish(pair.bea)
    work = adjudication_of(pair.review, pair.framework, pair.lead, NOON)
    assert work.differences[1].decision is None


def test_a_settled_review_shows_what_was_decided_also_by_a_file(pair):
    _coded(pair)
    decided = {"by": pair.lead, "adjudicator": pair.lead, "now": NOON}
    settle_review(
        review=pair.review,
        framework=pair.framework,
        codes={"prac.communication": AdjudicatorDecision("present", "It is plain")},
        judgements={(None, "nature"): AdjudicatorDecision("other", "Not an infant")},
        **decided,
    )
    work = adjudication_of(pair.review, pair.framework, pair.lead, NOON)
    assert [row.decided for row in work.differences] == [
        "The review has this code",
        "Other (no death)",
    ]
    assert work.undecided == 0
