"""Judgements and their agreed values."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, make_person, make_report, make_review
from waymark.accounts.models import Role, State
from waymark.coding.models import Assignment
from waymark.coding.services import assign_coder, finish_coding, reopen_coding
from waymark.core.errors import RuleError
from waymark.core.settle import AdjudicatorDecision
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.frameworks.schema import read_framework
from waymark.frameworks.services import builtin_frameworks
from waymark.profiles import queries, services
from waymark.profiles.models import Judgement

pytestmark = pytest.mark.django_db


VISITS = (Span(0, 10),)


def begin(framework, report):
    person = make_person(Role.CODER)
    assign_coder(by=person, review=report.review, framework=framework, coder=person, now=NOON)
    return person


@pytest.fixture
def coder(framework, report):
    return begin(framework, report)


def judge(coder, framework, report, variable, value, *, child=None, spans=VISITS):
    return services.record_judgement(
        by=coder,
        review=report.review,
        child=child,
        variable=framework.variables.get(variable=variable),
        value=value,
        anchors=ReportAnchors(report),
        spans=spans,
        memo="",
        now=NOON,
    )


def settle(framework, report, coders, decisions=None):
    analyst = make_person(Role.ANALYST)
    services.settle_judgements(
        by=analyst,
        adjudicator=analyst,
        review=report.review,
        framework=framework,
        coders=coders,
        decisions=decisions or {},
        now=NOON,
    )


def rows(framework, report):
    return [
        (row.child, row.variable, row.value, row.basis, [quote.exact for quote in row.quotes])
        for row in queries.agreed_judgements(framework, [report.review.pk])
    ]


def test_a_judgement_keeps_the_words_it_rests_on(coder, framework, report):
    judgement = judge(coder, framework, report, "drink", "suspected")
    assert [quote.exact for quote in judgement.quotes.all()] == ["The visits"]


def test_silence_needs_no_quote_and_anything_else_does(coder, framework, report):
    judge(coder, framework, report, "drink", "not_mentioned", spans=())
    with pytest.raises(RuleError, match="needs a quote"):
        judge(coder, framework, report, "drink", "stated_absent", spans=())


def test_a_later_judgement_supersedes_the_earlier_one(coder, framework, report):
    judge(coder, framework, report, "drink", "suspected")
    judge(coder, framework, report, "drink", "present")
    current = Judgement.objects.filter(superseded_at=None)
    assert ([row.value for row in current], Judgement.objects.count()) == (["present"], 2)


def test_a_review_is_judged_and_described_by_whoever_has_it_and_has_not_finished_it(
    coder, framework, report
):
    def describe(by):
        return services.add_child(by=by, review=report.review, number=1, name="Child A", now=NOON)

    stranger = make_person(Role.CODER)
    for act in (lambda by: judge(by, framework, report, "drink", "present"), describe):
        with pytest.raises(RuleError, match="T1 is not assigned to"):
            act(stranger)
    child, judgement = describe(coder), judge(coder, framework, report, "drink", "present")
    finish_coding(by=coder, review=report.review, framework=framework, now=NOON)
    for act in (
        lambda: judge(coder, framework, report, "drink", "unclear"),
        lambda: describe(coder),
        lambda: services.withdraw_judgement(by=coder, judgement=judgement, now=NOON),
        lambda: services.withdraw_child(by=coder, child=child, now=NOON),
    ):
        with pytest.raises(RuleError, match="has finished T1"):
            act()
    analyst = make_person(Role.ANALYST)
    reopen_coding(by=analyst, review=report.review, framework=framework, coder=coder, now=NOON)
    assert judge(coder, framework, report, "drink", "unclear").value == "unclear"


def test_a_judgement_is_withdrawn_by_its_coder_and_stays_on_record(coder, framework, report):
    judgement = judge(coder, framework, report, "drink", "present")
    with pytest.raises(RuleError, match="only the coder who made a judgement"):
        services.withdraw_judgement(by=begin(framework, report), judgement=judgement, now=NOON)
    services.withdraw_judgement(by=coder, judgement=judgement, now=NOON)
    judgement.refresh_from_db()
    assert (judgement.value, judgement.superseded_at) == ("present", NOON)


def test_a_child_is_withdrawn_when_nobody_describes_it_and_comes_back_when_somebody_does(
    coder, framework, report
):
    def describe():
        return services.add_child(
            by=coder, review=report.review, number=1, name="Child A", now=NOON
        )

    child = describe()
    judgement = judge(coder, framework, report, "sex", "female", child=child)
    with pytest.raises(RuleError, match="child 1 still has judgements"):
        services.withdraw_child(by=coder, child=child, now=NOON)
    services.withdraw_judgement(by=coder, judgement=judgement, now=NOON)
    services.withdraw_child(by=coder, child=child, now=NOON)
    assert queries.children_of([report.review.pk]) == []
    assert describe().pk == child.pk
    assert [row.name for row in queries.children_of([report.review.pk])] == ["Child A"]


@pytest.mark.parametrize(
    ("value", "stored"), [("25 years", "300"), ("301 months", ""), ("999 years", "")]
)
def test_a_child_is_at_most_25_years_old(value, stored):
    age = read_framework(builtin_frameworks()[0].read_text("utf-8"), file="core").variable("age")
    if stored:
        assert age.stored(value) == stored
    else:
        with pytest.raises(RuleError, match="cannot be the age of a child"):
            age.stored(value)


def test_a_childs_fact_needs_a_child_of_the_same_review(coder, framework, report):
    with pytest.raises(RuleError, match="fact about a child"):
        judge(coder, framework, report, "sex", "female")
    other = make_review("T2")
    assign_coder(by=coder, review=other, framework=framework, coder=coder, now=NOON)
    child = services.add_child(by=coder, review=other, number=1, name="Child B", now=NOON)
    with pytest.raises(RuleError, match="another review"):
        judge(coder, framework, report, "sex", "female", child=child)


def test_a_quote_from_another_reviews_report_is_refused(coder, framework, report):
    other = make_report(make_review("T2"), "Other words entirely.")
    with pytest.raises(RuleError, match="another review"):
        services.record_judgement(
            by=coder,
            review=report.review,
            child=None,
            variable=framework.variables.get(variable="drink"),
            value="present",
            anchors=ReportAnchors(other),
            spans=[Span(0, 5)],
            memo="",
            now=NOON,
        )


def test_where_two_coders_differ_the_decision_stands_and_only_its_words_carry_it(
    coder, framework, report
):
    second = begin(framework, report)
    judge(coder, framework, report, "drink", "present")
    judge(second, framework, report, "drink", "suspected", spans=[Span(11, 18)])
    with pytest.raises(RuleError, match="needs a decision"):
        settle(framework, report, [coder, second])
    settle(
        framework,
        report,
        [coder, second],
        {(None, "drink"): AdjudicatorDecision("suspected", "hearsay")},
    )
    assert rows(framework, report) == [(None, "drink", "suspected", "adjudicated", ["stopped"])]


def test_settling_many_values_takes_no_more_statements_than_settling_one(coder, framework, report):
    def statements():
        with CaptureQueriesContext(connection) as queries:
            settle(framework, report, [coder])
        return [query["sql"] for query in queries if "agreedjudgement" in query["sql"]]

    judge(coder, framework, report, "drink", "present")
    one = statements()
    judge(coder, framework, report, "year", "2008")
    assert len(statements()) == len(one)
    assert [row[1:3] for row in rows(framework, report)] == [("drink", "present"), ("year", "2008")]


@pytest.mark.parametrize(
    ("start", "end", "touched"), [(3, 4, 0), (3, 5, 1), (9, 10, 1), (10, 11, 0)]
)
def test_a_fact_touches_words_that_share_a_character_with_its_own(
    coder, framework, report, start, end, touched
):
    judge(coder, framework, report, "drink", "present", spans=[Span(4, 10)])
    settle(framework, report, [coder])
    facts = queries.facts_touching(report, Span(start, end), coder, NOON)
    assert len(facts) == touched


def test_facts_are_listed_for_the_review_first_and_then_child_by_child(coder, framework, report):
    child = services.add_child(by=coder, review=report.review, number=1, name="Child A", now=NOON)
    judge(coder, framework, report, "sex", "female", child=child)
    judge(coder, framework, report, "year", "2008")
    settle(framework, report, [coder])
    assert [row[:3] for row in rows(framework, report)] == [
        (None, "year", "2008"),
        (1, "sex", "female"),
    ]


def test_what_rests_on_an_unpublished_report_alone_is_not_shown_to_the_public(
    coder, framework, report
):
    services.add_child(by=coder, review=report.review, number=1, name="Child Oak", now=NOON)
    judge(coder, framework, report, "drink", "present")
    settle(framework, report, [coder])
    reader = make_person(Role.READER)
    (fact,) = queries.facts_of_review(report.review, reader, NOON)
    assert (fact.label, len(fact.quotes)) == ("Recorded as present", 1)
    report.state = State.INTERNAL
    report.save()
    assert queries.facts_of_review(report.review, reader, NOON) == []
    assert queries.people_of(report.review, []) == queries.NamedPeople()
    (fact,) = queries.facts_of_review(report.review, coder, NOON)
    assert len(fact.quotes) == 1
    # Nobody judged the child: while somebody codes, only coders know of it.
    assert queries.people_of(report.review, [report]).children == ()
    Assignment.objects.update(finished_at=NOON)
    assert queries.people_of(report.review, [report]).children == ((1, "Child Oak"),)


def test_a_fact_in_two_reports_is_quoted_to_the_public_from_the_published_one_alone(
    coder, framework, report
):
    closed = make_report(report.review, "He drank every day.", state=State.INTERNAL)
    second = begin(framework, report)
    judge(coder, framework, report, "drink", "present")
    judge(second, framework, closed, "drink", "present")
    settle(framework, report, [coder, second])
    for person, quotes in (
        (make_person(Role.READER), ["The visits"]),
        (coder, ["The visits", "He drank e"]),
    ):
        (fact,) = queries.facts_of_review(report.review, person, NOON)
        assert sorted(quote.exact for quote in fact.quotes) == sorted(quotes)


@pytest.mark.parametrize(
    ("months", "words"),
    [
        ("", "Not recorded"),
        ("0", "Under 1 month"),
        ("1", "1 month"),
        ("18", "1 year 6 months"),
        ("24", "2 years"),
        ("170", "14 years"),
    ],
)
def test_an_age_is_shown_in_words(months, words):
    assert queries.age_in_words(months) == words
