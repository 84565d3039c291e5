"""What a round hides: suggestions of all versions of its framework, as if they did not exist."""

import pytest

from tests.coding.settled_world import new_report
from tests.factories import NOON, make_person
from waymark.accounts.models import Role
from waymark.coding import services
from waymark.coding.models import Assignment, CodingRound, Suggestion, SuggestionDecision
from waymark.coding.queries import hidden_suggestions, shown_suggestions
from waymark.coding.suggest import SuggestedCode
from waymark.core.errors import ConcurrentChange
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.frameworks.services import load_framework, publish_framework

WORDS = "Nobody came"


@pytest.fixture
def coder(db):
    return make_person(Role.CODER, name="cora")


@pytest.fixture
def report(framework, coder):
    """A report that the coder codes, with a suggestion of the framework on its first words."""
    report = new_report(framework, coder)
    suggest(report, framework)
    return report


@pytest.fixture
def newer(framework):
    """The next version of the framework, with the same codes."""
    source = framework.source.replace(framework.version, "9.0.0", 1)
    made = load_framework(by=None, source=source, file="newer.yaml", now=NOON)
    publish_framework(by=None, framework=made, now=NOON)
    return made


def suggest(report, framework):
    start = ReportAnchors(report).text.index(WORDS)
    services.store_suggestions(
        by=None,
        report=report,
        framework=framework,
        suggestions=[SuggestedCode(Span(start, start + len(WORDS)), WORDS, "a", "came")],
        now=NOON,
    )


def hide(rule, framework):
    """Draw the assignments to a framework version in a round with a rule for suggestions."""
    lead = make_person(Role.ANALYST, name=f"lead-{rule}")
    coding_round = CodingRound.objects.create(
        name=rule,
        framework=framework,
        share=100,
        seed=1,
        suggestions=rule,
        created_by=lead,
        created_at=NOON,
    )
    Assignment.objects.filter(framework=framework).update(round=coding_round)


def shown(report, coder):
    rows = shown_suggestions(Suggestion.objects.filter(report=report), coder)
    return set(rows.values_list("code__framework__version", flat=True))


def test_a_round_hides_the_suggestions_of_other_versions_until_the_coder_has_finished(
    report, coder, framework, newer
):
    suggest(report, newer)
    assert shown(report, coder) == {framework.version, "9.0.0"}
    hide("hidden", framework)
    assert shown(report, coder) == set()
    assert hidden_suggestions(report, coder).count() == 2
    Assignment.objects.update(finished_at=NOON)
    assert shown(report, coder) == {"9.0.0"}


def test_a_round_shows_those_of_other_versions_after_the_coders_own_answer(
    report, coder, framework, newer
):
    suggest(report, newer)
    hide("after", framework)
    assert shown(report, coder) == set()
    anchors = ReportAnchors(report)
    start = anchors.text.index(WORDS)
    services.record_coding(
        by=coder,
        anchors=anchors,
        span=Span(start, start + 6),
        code=framework.codes.get(code="a"),
        qualifiers={},
        memo="",
        now=NOON,
    )
    assert shown(report, coder) == {framework.version, "9.0.0"}


@pytest.mark.parametrize("rule", ["hidden", "after"])
def test_a_hidden_suggestion_is_refused_with_the_words_for_one_that_does_not_exist(
    report, coder, framework, rule
):
    hide(rule, framework)
    number = Suggestion.objects.get().pk
    act = {"by": coder, "report": report, "framework": framework, "reading": 1, "now": NOON}
    for service in (services.take_suggestion, services.refuse_suggestion):
        refused = []
        for pk in (number, number + 1):
            with pytest.raises(ConcurrentChange) as error:
                service(**act, act=f"act-{pk}", suggestion=pk)
            refused.append(str(error.value))
        assert refused[0] == refused[1]
    assert not SuggestionDecision.objects.exists()
