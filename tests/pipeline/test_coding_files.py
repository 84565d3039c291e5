"""Coding and adjudication files on their way into the database."""

import pytest

from tests.factories import NOON, make_person, make_review
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.coding.models import AgreedCode, Assignment, Coding
from waymark.core.errors import SpecError
from waymark.documents.models import Report
from waymark.profiles.models import AgreedJudgement, Child, Judgement
from waymark.recommendations.models import Recommendation

HEAD = """\
format: waymark-coding 1
framework: small 1.0.0
review: T1
report: overview-report
coder: first
"""
GOOD = (
    HEAD
    + """\
children:
- {number: 1, name: Child A}
judgements:
- {variable: drink, value: present, quotes: ["visits stopped"]}
- {variable: sex, child: 1, value: not_recorded}
codings:
- {code: a, quote: "Nobody asked  why.", qualifiers: {valence: concern}}
"""
)
SECOND = GOOD.replace("coder: first", "coder: second").replace("value: present", "value: unclear")
DECIDE = """\
format: waymark-adjudication 1
framework: small 1.0.0
review: T1
adjudicator: judge
decisions:
- {code: a, agreed: present, reason: the passage is about help that ended}
- {variable: drink, agreed: suspected, reason: it is reported at second hand}
"""

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people(framework, report):
    make_person(Role.CODER, name="first")
    make_person(Role.CODER, name="second")
    make_person(Role.ANALYST, name="judge")


def take(source, file="T1.yaml"):
    return pipeline.import_coding(source=source, file=file, now=NOON)


def faults(source):
    with pytest.raises(SpecError) as error:
        take(source)
    assert Coding.objects.count() == Judgement.objects.count() == Child.objects.count() == 0
    assert not Assignment.objects.exists()
    return [str(fault) for fault in error.value.faults]


def test_a_file_is_taken_in_once_as_its_coders_finished_work():
    assert take(GOOD).outcome == "stored"
    assert take(GOOD).outcome == "unchanged"
    assert (Coding.objects.count(), Judgement.objects.count()) == (1, 2)
    assert Assignment.objects.get().finished_at == NOON


def test_every_fault_is_told_with_its_line_and_nothing_of_the_file_is_kept():
    source = (
        HEAD
        + """\
judgements:
- {variable: drink, value: present, quotes: ["visits began"]}
- {variable: drink, value: present}
- {variable: colour, value: red}
- {variable: sex, child: 3, value: female}
codings:
- {code: a, quote: "Nobody asked why."}
- {code: z, quote: "Nobody asked why."}
"""
    )
    assert [fault.split(": ", 1)[0] for fault in faults(source)] == [
        "line 7",
        "line 8",
        "line 9",
        "line 10",
        "line 13",
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("review: T1", "review: T9", "line 3: there is no review T9"),
        ("small 1.0.0", "small 9.0.0", "line 2: there is no published framework"),
        ("overview-report", "response", "line 4: T1 has no response"),
        ("coder: first", "coder: nobody", "line 5: there is no account nobody"),
    ],
)
def test_a_file_about_what_is_not_there_says_so_at_its_line(old, new, says):
    (fault,) = faults(GOOD.replace(old, new))
    assert fault.startswith(says)


def test_a_missing_review_suggests_none_that_was_withdrawn_or_expired():
    for name, state in (("T8", "withdrawn"), ("T7", "expired"), ("T6", "in_check")):
        make_review(name, state=State(state))
    (fault,) = faults(GOOD.replace("review: T1", "review: T9"))
    assert "T6" in fault
    assert not {"T7", "T8"} & set(fault.replace("?", "").split())


def test_a_quote_that_stands_twice_in_the_report_is_refused():
    (fault,) = faults(HEAD + 'codings:\n- {code: a, quote: "e"}\n')
    assert "occurs" in fault
    assert Report.objects.count() == 1


def test_recommendations_outside_the_frameworks_lists_are_refused():
    source = HEAD + (
        "recommendations:\n"
        '- {number: 1, quote: "Nobody asked why.", category: wishes, audience: all}\n'
    )
    (fault,) = faults(source)
    assert "category cannot be" in fault
    assert not Recommendation.objects.exists()


def test_an_adjudication_settles_what_two_coders_see_differently():
    take(GOOD)
    take(SECOND.split("codings:")[0])
    pipeline.import_adjudication(source=DECIDE, file="T1.adjudication.yaml", now=NOON)
    assert AgreedCode.objects.get().basis == "adjudicated"
    drink = AgreedJudgement.objects.get(variable__variable="drink")
    assert drink.value == "suspected"
    assert drink.judgements.count() == 2, "the words both coders weighed carry the decision"


def test_an_adjudication_that_leaves_something_open_names_it_and_settles_nothing():
    take(GOOD)
    take(SECOND)
    source = DECIDE.split("- {code")[0].replace("decisions:\n", "decisions: []\n")
    with pytest.raises(SpecError, match=r"line 5: .*drink.* needs a decision"):
        pipeline.import_adjudication(source=source, file="T1.adjudication.yaml", now=NOON)
    assert not AgreedCode.objects.exists()


@pytest.mark.parametrize(
    ("decision", "fault"),
    [
        ("{code: a, agreed: maybe, reason: r}", "agreed: must be 'present' or 'absent'"),
        ("{variable: drink, reason: r}", "agreed: is missing"),
        ("{agreed: present, reason: r}", "code: is missing"),
    ],
)
def test_an_error_in_a_decision_names_only_the_fields_of_its_kind(decision, fault):
    source = DECIDE.partition("- {code")[0] + f"- {decision}\n"
    with pytest.raises(SpecError) as error:
        pipeline.import_adjudication(source=source, file="T1.adjudication.yaml", now=NOON)
    assert str(error.value) == f"T1.adjudication.yaml, line 6: {fault}"
