"""Codings, suggestions and the agreed layer in the database."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_person
from tests.frameworks.test_schema import GOOD
from waymark.accounts.audit import broken_links
from waymark.accounts.models import Role, State
from waymark.accounts.services import withdraw_role
from waymark.coding import assignments, queries, services
from waymark.coding.double_coded import double_coded
from waymark.coding.files.coding_file import find_quote
from waymark.coding.models import Assignment, Coding, Suggestion
from waymark.coding.suggest import SuggestedCode
from waymark.core.errors import NotPermitted, RuleError
from waymark.core.settle import AdjudicatorDecision
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.frameworks.services import load_framework

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(framework, report):
    return begin(framework, report, "first")


def begin(framework, report, name):
    person = make_person(Role.CODER, name=name)
    services.assign_coder(
        by=person, review=report.review, framework=framework, coder=person, now=NOON
    )
    return person


def code(person, framework, report, quote, *, name="a", now=NOON, **qualifiers):
    anchors = ReportAnchors(report)
    return services.record_coding(
        by=person,
        anchors=anchors,
        span=find_quote(anchors.text, quote),
        code=framework.codes.get(code=name),
        qualifiers=qualifiers,
        memo="",
        now=now,
    )


def test_an_assignment_is_found_without_joining_the_reviews(
    first, framework, report, django_assert_num_queries
):
    with django_assert_num_queries(1) as asked:
        assignments.assignment_of(first, report.review, framework)
    assert "JOIN" not in asked[0]["sql"]


def test_a_review_is_not_settled_once_another_coder_has_finished_since(first, framework, report):
    def progress():
        return assignments.coders_of_reviews([report.review], framework)[report.review.pk]

    def waiting():
        return list(assignments.reviews_to_settle(make_person(Role.ANALYST)))

    finish(first, framework, report)
    settle(framework, report)
    assert progress() == ({"first": True}, True)
    second = begin(framework, report, "second")
    # Somebody who still codes has not differed yet.
    assert progress() == ({"first": True, "second": False}, True)
    later = NOON + timedelta(days=1)
    services.finish_coding(by=second, review=report.review, framework=framework, now=later)
    assert progress() == ({"first": True, "second": True}, False)
    assert waiting() == [report.review]
    settle(framework, report, now=later)
    assert progress() == ({"first": True, "second": True}, True)
    assert waiting() == []


def settle(framework, report, decisions=None, now=NOON):
    analyst = make_person(Role.ANALYST)
    services.settle_codes(
        by=analyst,
        adjudicator=analyst,
        review=report.review,
        framework=framework,
        decisions=decisions or {},
        now=now,
    )


def finish(person, framework, report):
    services.finish_coding(by=person, review=report.review, framework=framework, now=NOON)


def test_a_coding_holds_the_exact_words_of_its_place(first, framework, report):
    coding = code(first, framework, report, "visits stopped in\n May")
    assert coding.exact == "visits stopped in May"
    assert report.text.content[coding.start : coding.end] == coding.exact
    assert coding.key == f"{report.key}-4-25"


def test_a_second_judgement_of_the_same_words_supersedes_the_first(first, framework, report):
    once = code(first, framework, report, "Nobody asked why.")
    later = NOON + timedelta(hours=1)
    again = code(first, framework, report, "Nobody asked why.", now=later, valence="concern")
    once.refresh_from_db()
    assert (once.superseded_at, again.superseded_at) == (later, None)
    assert Coding.objects.count() == 2


def test_a_quote_that_is_not_in_the_report_or_stands_there_twice_is_refused():
    with pytest.raises(RuleError, match="not in the report"):
        find_quote("The visits stopped.", "visits began")
    with pytest.raises(RuleError, match="occurs 2 times"):
        find_quote("no one, no one", "no one")


def test_an_unknown_qualifier_is_refused_with_the_known_ones(first, framework, report):
    with pytest.raises(RuleError, match="concern, strength"):
        code(first, framework, report, "Nobody asked why.", valence="red")


def test_only_a_coder_with_the_review_may_code_it(framework, report):
    with pytest.raises(NotPermitted):
        code(make_person(Role.READER), framework, report, "Nobody asked why.")
    with pytest.raises(RuleError, match="not assigned"):
        code(make_person(Role.CODER), framework, report, "Nobody asked why.")


def test_a_draft_framework_cannot_be_coded_with(report):
    draft = load_framework(by=None, source=GOOD, file="small.yaml", now=NOON)
    with pytest.raises(RuleError, match="is a draft"):
        begin(draft, report, "early")


def test_a_finished_review_takes_no_more_codings(first, framework, report):
    finish(first, framework, report)
    with pytest.raises(RuleError, match="has finished"):
        code(first, framework, report, "Nobody asked why.")


def test_a_sole_coders_work_becomes_the_agreed_layer_with_absent_themes(first, framework, report):
    code(first, framework, report, "Nobody asked why.", name="a.b")
    finish(first, framework, report)
    settle(framework, report)
    rows = queries.agreed_codes(framework, [report.review.pk])
    assert [(row.code, row.present, row.basis) for row in rows] == [
        ("a", False, "sole"),
        ("a.b", True, "sole"),
    ]
    assert [quote.exact for quote in rows[1].quotes] == ["Nobody asked why."]


def test_two_coders_are_kept_apart_until_they_are_settled(first, framework, report):
    second = begin(framework, report, "second")
    code(first, framework, report, "visits stopped in May")
    finish(first, framework, report)
    finish(second, framework, report)
    with pytest.raises(RuleError, match="a needs a decision"):
        settle(framework, report)
    settle(framework, report, {"a": AdjudicatorDecision("present", "it is about early help")})
    (row,) = queries.agreed_codes(framework, [report.review.pk])
    assert (row.present, row.basis) == (True, "adjudicated")
    (pair,) = double_coded(framework, [report.review.pk])
    assert (pair.first, pair.second) == ({"a"}, frozenset())


def test_agreement_is_of_the_first_two_coders_where_a_third_has_finished_too(
    first, framework, report
):
    """A third may be asked because the first two differ, so their work is not independent."""
    second, third = (begin(framework, report, name) for name in ("second", "third"))
    code(first, framework, report, "visits stopped in May", name="a")
    code(second, framework, report, "Nobody asked why.", name="a.b")
    for coder in (third, second, first):
        finish(coder, framework, report)
    (pair,) = double_coded(framework, [report.review.pk])
    assert (pair.first, pair.second) == ({"a"}, {"a.b"})


def test_a_third_coder_never_takes_the_place_of_one_who_codes_again(first, framework, report):
    second, third = (begin(framework, report, name) for name in ("second", "third"))
    for coder in (third, second):
        finish(coder, framework, report)
    assert double_coded(framework, [report.review.pk]) == []


def test_settling_again_supersedes_and_keeps_the_earlier_layer(first, framework, report):
    finish(first, framework, report)
    settle(framework, report)
    settle(framework, report)
    assert report.review.agreed_codes.count() == 2
    assert report.review.agreed_codes.filter(superseded_at=None).count() == 1


def test_a_withdrawn_coding_stays_on_record_and_is_counted_no_more(first, framework, report):
    coding = code(first, framework, report, "Nobody asked why.")
    services.withdraw_coding(by=first, coding=coding, now=NOON)
    finish(first, framework, report)
    settle(framework, report)
    (row,) = queries.agreed_codes(framework, [report.review.pk])
    assert (row.present, Coding.objects.count()) == (False, 1)


def test_a_coding_is_withdrawn_by_its_coder_alone(first, framework, report):
    coding = code(first, framework, report, "Nobody asked why.")
    with pytest.raises(RuleError, match="only your own"):
        services.withdraw_coding(by=begin(framework, report, "second"), coding=coding, now=NOON)
    assert list(queries.current_codings(report.review, framework)) == [coding]


def test_the_work_of_a_coder_who_still_codes_counts_for_nothing(first, framework, report):
    """Both code the same; only the first has finished."""
    code(first, framework, report, "Nobody asked why.")
    code(begin(framework, report, "second"), framework, report, "visits stopped in May")
    finish(first, framework, report)
    settle(framework, report)
    (row,) = queries.agreed_codes(framework, [report.review.pk])
    assert (row.present, row.basis, len(row.places)) == (True, "sole", 1)
    assert double_coded(framework, [report.review.pk]) == []


def suggest(framework, report, exact, start):
    suggested = SuggestedCode(Span(start, start + len(exact)), exact, "a", "visits")
    return services.store_suggestions(
        by=None, report=report, framework=framework, suggestions=[suggested], now=NOON
    )


def test_a_suggestion_whose_words_are_not_there_is_refused_and_nothing_is_kept(framework, report):
    with pytest.raises(RuleError, match="not in"):
        suggest(framework, report, "The visits began", 0)
    assert Suggestion.objects.count() == 0


def test_a_suggestion_is_kept_once_and_never_counted(first, framework, report):
    assert suggest(framework, report, "The visits", 0) == 1
    assert suggest(framework, report, "The visits", 0) == 0
    finish(first, framework, report)
    settle(framework, report)
    (row,) = queries.agreed_codes(framework, [report.review.pk])
    assert not row.present


def test_accepting_a_suggestion_records_the_persons_own_coding_and_keeps_both(
    first, framework, report
):
    suggest(framework, report, "The visits", 0)
    suggestion = Suggestion.objects.get()
    coding = services.decide_suggestion(by=first, suggestion=suggestion, accept=True, now=NOON)
    assert (coding.exact, coding.coder, suggestion.state) == ("The visits", first, "accepted")
    with pytest.raises(RuleError, match="already accepted"):
        services.decide_suggestion(by=first, suggestion=suggestion, accept=False, now=NOON)


@pytest.mark.parametrize("accept", [True, False])
def test_a_suggestion_is_decided_by_a_coder_of_the_review_alone(framework, report, accept):
    suggest(framework, report, "The visits", 0)
    suggestion = Suggestion.objects.get()
    with pytest.raises(RuleError, match="is not assigned to other"):
        services.decide_suggestion(
            by=make_person(Role.CODER, name="other"), suggestion=suggestion, accept=accept, now=NOON
        )
    suggestion.refresh_from_db()
    assert suggestion.state == "pending"


def test_suggestions_are_shown_to_coders_only(first, framework, report):
    suggest(framework, report, "The visits", 0)
    assert len(queries.suggestions_touching(report, Span(0, 10), first)) == 1
    assert queries.suggestions_touching(report, Span(0, 10), make_person(Role.READER)) == []


def test_passages_of_an_unpublished_report_are_not_shown_to_the_public(first, framework, report):
    code(first, framework, report, "Nobody asked why.")
    finish(first, framework, report)
    settle(framework, report)
    the_code = framework.codes.get(code="a")
    reader = make_person(Role.READER)
    (number, (bearing,)) = queries.reviews_with_code(the_code, reader, NOON, offset=0, limit=9)
    assert (number, [quote.exact for quote in bearing.quotes]) == (1, ["Nobody asked why."])
    report.state = State.INTERNAL
    report.save()
    assert queries.reviews_with_code(the_code, reader, NOON, offset=0, limit=9) == (0, [])
    assert queries.codes_touching(report, Span(27, 44), reader, NOON) == []


def test_a_review_is_finished_by_a_coder_while_they_may_code(first, framework, report):
    withdraw_role(person=first, role=Role.CODER, by=None, now=NOON)
    with pytest.raises(NotPermitted, match="cannot code"):
        finish(first, framework, report)
    assert Assignment.objects.get().finished_at is None


@pytest.mark.parametrize(
    ("start", "end", "touched"),
    [(26, 27, 0), (26, 28, 1), (30, 31, 1), (43, 44, 1), (43, 45, 1), (44, 45, 0)],
)
def test_words_touch_where_they_share_a_character_and_not_where_they_meet(
    first, framework, report, start, end, touched
):
    """The words coded are the characters from 27 up to 44."""
    coding = code(first, framework, report, "Nobody asked why.")
    assert (coding.start, coding.end) == (27, 44)
    Suggestion.objects.create(
        code=coding.code,
        cue="why",
        suggester="test 1",
        made_at=NOON,
        **ReportAnchors(report).fields(Span(27, 44)),
    )
    finish(first, framework, report)
    settle(framework, report)
    span = Span(start, end)
    assert len(queries.codes_touching(report, span, first, NOON)) == touched
    assert len(queries.suggestions_touching(report, span, first)) == touched


def test_every_change_is_in_the_audit_and_its_chain_is_whole(first, framework, report):
    code(first, framework, report, "Nobody asked why.")
    finish(first, framework, report)
    assert broken_links() == []
