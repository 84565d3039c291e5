"""Adults of a review: described in coding files, judged, settled, shown, and never counted."""

import pytest

from tests.factories import NOON, make_person
from tests.frameworks.test_version_1_1 import ALONE
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.core.errors import SpecError
from waymark.documents.queries.reader import reports_of
from waymark.frameworks.services import load_framework, publish_framework
from waymark.profiles.models import Adult, AgreedJudgement, Judgement
from waymark.profiles.queries import agreed_judgements, facts_of_review, people_of

GOOD = """\
format: waymark-coding 1
framework: small 1.1.0
review: T1
report: overview-report
coder: first
children:
- {number: 1, name: Child A}
adults:
- {number: 1, name: Mother}
- {number: 2, name: The lodger}
judgements:
- {variable: trigger, value: covert, quotes: ["visits stopped"]}
- {variable: age_of_adult, adult: 2, value: 34 years, quotes: ["two letters"]}
- {variable: impairment, child: 1, value: [learning, hearing], quotes: ["Nobody asked"]}
codings:
- {code: c.not_in_school, quote: "Nobody asked why.", qualifiers: {about_whom: adult 2}}
"""
DECIDE = """\
format: waymark-adjudication 1
framework: small 1.1.0
review: T1
adjudicator: judge
decisions:
- {variable: age_of_adult, adult: 2, agreed: 35 years, reason: the letters say so}
"""

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def later(report):
    made = load_framework(by=None, source=ALONE, file="small.yaml", now=NOON)
    publish_framework(by=None, framework=made, now=NOON)
    for name in ("first", "second"):
        make_person(Role.CODER, name=name)
    make_person(Role.ANALYST, name="judge")
    return made


def take(source):
    return pipeline.import_coding_file(source=source, file="T1.yaml", now=NOON)


def settle():
    take(DECIDE.partition("decisions:")[0] + "decisions: []\n")


def refused(source):
    with pytest.raises(SpecError) as error:
        take(source)
    assert not Judgement.objects.exists()
    return [str(fault) for fault in error.value.faults]


def test_a_file_describes_adults_and_judges_them_and_is_taken_in_once():
    assert take(GOOD).outcome == "stored"
    assert take(GOOD).outcome == "unchanged"
    assert list(Adult.objects.values_list("number", "name")) == [(1, "Mother"), (2, "The lodger")]
    judgement = Judgement.objects.get(adult__number=2)
    assert (judgement.value, judgement.child) == ("408", None)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("adult: 2, value", "adult: 3, value", "there is no adult 3 in this review"),
        ("about_whom: adult 2", "about_whom: child 4", "there is no child 4 in this review"),
        ("adult: 2, value", "adult: 2, child: 1, value", "about a child or an adult"),
        ("adult: 2, value", "child: 1, value", "age_of_adult is a fact about an adult"),
        ("number: 2, name", "number: 1, name", "adult 1 is described twice"),
        ("variable: trigger", "variable: group4", "group4 is computed from trigger"),
    ],
)
def test_what_cannot_be_of_an_adult_is_refused_with_its_line(old, new, says):
    (fault, *_) = [fault for fault in refused(GOOD.replace(old, new)) if says in fault]
    assert fault.startswith("line ")


def test_two_coders_who_differ_about_an_adult_are_adjudicated():
    take(GOOD)
    take(GOOD.replace("coder: first", "coder: second").replace("34 years", "36 years"))
    with pytest.raises(SpecError, match="age_of_adult"):
        settle()
    take(DECIDE)
    assert AgreedJudgement.objects.get(adult__number=2).value == "420"


def test_facts_about_adults_are_shown_with_their_review_and_never_counted(later, report):
    take(GOOD)
    settle()
    reader = make_person(Role.ANALYST)
    facts = {fact.variable.variable: fact for fact in facts_of_review(report.review, reader, NOON)}
    assert (facts["age_of_adult"].adult, facts["age_of_adult"].label) == (2, "34 years")
    assert people_of(report.review, [report]).adults == ((1, "Mother"), (2, "The lodger"))
    counted = [row.variable for row in agreed_judgements(later, [report.review.pk])]
    assert counted == ["group4", "trigger", "impairment"]


def test_a_computed_value_is_agreed_with_its_source(report):
    take(GOOD)
    settle()
    computed = AgreedJudgement.objects.get(variable__variable="group4", superseded_at=None)
    source = AgreedJudgement.objects.get(variable__variable="trigger", superseded_at=None)
    assert (computed.value, computed.basis) == ("assault", source.basis)
    assert set(computed.judgements.all()) == set(source.judgements.all()) != set()
    assert not Judgement.objects.filter(variable__variable="group4").exists()


def test_adults_are_named_only_to_those_who_may_see_the_words(report):
    take(GOOD)
    report.state = State.WITHDRAWN
    report.save()
    seen = reports_of(report.review, make_person(Role.CODER), NOON)
    assert people_of(report.review, seen).adults == ()


def test_an_adult_left_out_of_a_corrected_file_is_withdrawn(report):
    unfinished = take(GOOD)
    pipeline.reopen_coding(
        by=make_person(Role.ANALYST),
        review=report.review,
        framework=Judgement.objects.first().variable.framework,
        coder=Judgement.objects.first().coder,
        now=NOON,
    )
    change = take(GOOD.replace("- {number: 1, name: Mother}\n", "")).change
    assert unfinished.new
    assert [str(item) for item in change.withdrawn] == ["adult 1"]
    assert Adult.objects.get(number=1).withdrawn_at == NOON
