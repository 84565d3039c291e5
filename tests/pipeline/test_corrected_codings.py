"""A corrected coding file supersedes the coder's work, or is refused; it is never thrown away."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_person, reading_of
from tests.frameworks.test_schema import GOOD as SMALL
from waymark import pipeline
from waymark.accounts.audit import broken_links
from waymark.accounts.models import AuditEntry, Role
from waymark.coding.assignments import assignment_of
from waymark.coding.models import AgreedCode, Assignment, Coding
from waymark.coding.services import assign_coder
from waymark.core.errors import NotPermitted, RuleError, SpecError
from waymark.frameworks.services import load_framework, publish_framework
from waymark.profiles.models import AgreedJudgement, Child, Judgement
from waymark.profiles.queries import children_of
from waymark.recommendations.models import Recommendation
from waymark.recommendations.queries import recommendation_rows, recommendations_of
from waymark.recommendations.services import record_progress

pytestmark = pytest.mark.django_db

WIDE = SMALL.replace("framework: small", "framework: wide").replace(
    "sections:\n",
    "- {id: age, name: Age, definition: Age., level: child, type: age}\nsections:\n",
) + (
    "recommendations:\n"
    "  categories: [{value: training, label: Training}, {value: policy, label: Policy}]\n"
    "  audiences: [{value: health, label: Health}]\n"
)
FIRST = """\
format: waymark-coding 1
framework: wide 1.0.0
review: T1
report: overview-report
coder: first
children:
- {number: 1, name: Child A}
- {number: 2, name: Child B}
judgements:
- {variable: drink, value: present, quotes: ["visits stopped"]}
- {variable: age, child: 1, value: 5 months, quotes: ["two letters"]}
- {variable: sex, child: 2, value: not_recorded}
codings:
- {code: a, quote: "Nobody asked why.", qualifiers: {valence: concern}}
- {code: a.b, quote: "The file held"}
recommendations:
- {number: 1, quote: "Nobody asked why.", category: training, audience: health}
"""
CORRECTED = """\
format: waymark-coding 1
framework: wide 1.0.0
review: T1
report: overview-report
coder: first
children:
- {number: 1, name: Child A}
judgements:
- {variable: drink, value: unclear, quotes: ["visits stopped"]}
- {variable: age, child: 1, value: 5 months, quotes: ["two letters"]}
codings:
- {code: a, quote: "Nobody asked why.", qualifiers: {valence: strength}}
- {code: a.b, quote: "two letters"}
recommendations:
- {number: 1, quote: "Nobody asked why.", category: policy, audience: health}
"""
LATER = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def wide(report):
    framework = load_framework(by=None, source=WIDE, file="wide.yaml", now=NOON)
    publish_framework(by=None, framework=framework, now=NOON)
    return framework


@pytest.fixture(autouse=True)
def first():
    return make_person(Role.CODER, name="first")


@pytest.fixture
def analyst():
    return make_person(Role.ANALYST, name="judge")


def take(source, now=NOON):
    return pipeline.import_coding(source=source, file="T1.yaml", now=now)


def reopen(wide, report, coder, by, now=NOON):
    return pipeline.reopen_coding(by=by, review=report.review, framework=wide, coder=coder, now=now)


def settle(wide, report, by):
    pipeline.settle_review(
        by=by,
        adjudicator=by,
        review=report.review,
        framework=wide,
        codes={},
        judgements={},
        now=NOON,
    )


def stored():
    return [list(table.objects.order_by("pk").values()) for table in (Coding, Judgement, Child)]


def test_the_same_file_again_changes_nothing_and_says_so():
    take(FIRST)
    before, entries = stored(), AuditEntry.objects.count()
    assert take(FIRST, LATER).outcome == "unchanged"
    assert (stored(), AuditEntry.objects.count()) == (before, entries)


def test_a_file_with_the_same_content_in_other_words_of_yaml_is_the_same():
    take(FIRST)
    lines = FIRST.splitlines()
    lines[9], lines[10] = lines[10], lines[9]
    assert take("# once more\n" + "\n".join(lines) + "\n").outcome == "unchanged"


def test_work_of_an_earlier_version_that_kept_no_hash_is_compared():
    take(FIRST)
    Assignment.objects.update(file_sha256="")
    assert take(FIRST).outcome == "unchanged"
    with pytest.raises(RuleError, match="differs from the stored work"):
        take(CORRECTED)


def test_a_different_file_is_refused_while_the_review_is_finished_with_the_reason_and_the_remedy():
    take(FIRST)
    before = stored()
    with pytest.raises(RuleError) as refusal:
        take(CORRECTED, LATER)
    message = str(refusal.value)
    assert "T1.yaml differs from the stored work, and nothing was changed" in message
    assert "first has finished T1" in message
    assert "`waymark coding reopen T1 --coder first --by NAME`" in message
    assert "changed: drink: present -> unclear" in message
    assert stored() == before


def test_a_different_file_is_checked_whole_before_it_is_refused():
    take(FIRST)
    with pytest.raises(SpecError) as refusal:
        take(CORRECTED.replace("two letters", "three letters").replace("policy", "wishes"))
    assert [fault.line for fault in refusal.value.faults] == [10, 13, 15]


def test_a_corrected_file_supersedes_and_edits_nothing(wide, report, first, analyst):
    take(FIRST)
    before = {row.pk: (row.value, row.memo) for row in Judgement.objects.all()}
    codings = {row.pk: (row.code_id, row.qualifiers) for row in Coding.objects.all()}
    reopen(wide, report, first, analyst)
    result = take(CORRECTED, LATER)
    assert result.outcome == "superseded"
    key = report.key
    assert sorted(result.change.lines()) == [
        f"added: a.b at {key}-59-70",
        f"changed: a at {key}-27-44: valence concern -> valence strength",
        "changed: drink: present -> unclear",
        "changed: recommendation 1: training, health -> policy, health",
        f"withdrawn: a.b at {key}-45-58",
        "withdrawn: child 2: Child B",
        "withdrawn: sex of child 2: not_recorded",
    ]
    assert [str(item) for item in result.change.same] == ["child 1", "age of child 1"]
    current = {
        row.variable.variable: row.value for row in Judgement.objects.filter(superseded_at=None)
    }
    assert current == {"drink": "unclear", "age": "5"}
    assert {
        pk: (row.value, row.memo) for pk, row in Judgement.objects.in_bulk(before).items()
    } == before
    assert {
        pk: (row.code_id, row.qualifiers) for pk, row in Coding.objects.in_bulk(codings).items()
    } == codings
    assert Coding.objects.filter(superseded_at=LATER).count() == 2
    assert assignment_of(first, report.review, wide).finished_at == LATER
    entry = AuditEntry.objects.filter(action="import coding").latest("pk")
    assert (entry.actor, entry.detail["changed"], entry.detail["same"]) == ("first", 3, 2)
    assert broken_links() == []


def test_a_child_that_a_corrected_file_leaves_out_is_counted_no_more(wide, report, first, analyst):
    take(FIRST)
    reopen(wide, report, first, analyst)
    take(CORRECTED)
    assert [child.number for child in children_of([report.review.pk])] == [1]
    reopen(wide, report, first, analyst)
    take(FIRST)
    assert [child.number for child in children_of([report.review.pk])] == [1, 2]


def test_a_child_and_codings_of_another_coder_stay(wide, report, first, analyst):
    take(FIRST)
    make_person(Role.CODER, name="second")
    assert (
        take(FIRST.replace("coder: first", "coder: second").split("recomm")[0]).outcome == "stored"
    )
    reopen(wide, report, first, analyst)
    take(CORRECTED)
    assert [child.number for child in children_of([report.review.pk])] == [1, 2]
    assert Coding.objects.filter(coder__username="second", superseded_at=None).count() == 2


def test_a_corrected_recommendation_keeps_what_was_told_of_it(wide, report, first, analyst):
    take(FIRST)
    teller = make_person(Role.CATALOGUER)
    progress = {"status": "complete", "impact": "practice_change", "due": None, "now": NOON}
    record_progress(by=teller, review=report.review, number=1, **progress)
    reopen(wide, report, first, analyst)
    take(CORRECTED)
    (row,) = recommendation_rows([report.review.pk], as_at=NOON.date())
    assert (row.category, row.status) == ("policy", "complete")
    (followed,) = recommendations_of(report.review, analyst, NOON)
    assert followed.progress.status == "complete"
    assert Recommendation.objects.count() == 2


def test_a_recommendation_of_which_progress_is_on_record_is_not_withdrawn(
    wide, report, first, analyst
):
    take(FIRST)
    teller = make_person(Role.CATALOGUER)
    progress = {"status": "complete", "impact": "practice_change", "due": None, "now": NOON}
    record_progress(by=teller, review=report.review, number=1, **progress)
    reopen(wide, report, first, analyst)
    before = stored()
    with pytest.raises(SpecError, match="recommendation 1 of T1 has progress on record"):
        take(CORRECTED.split("recommendations")[0])
    assert stored() == before


# ---- opening again ----


def test_opening_again_ends_what_was_agreed_until_it_is_settled_again(wide, report, first, analyst):
    take(FIRST)
    settle(wide, report, analyst)
    agreed = AgreedCode.objects.filter(superseded_at=None).count()
    reopened = reopen(wide, report, first, analyst, LATER)
    assert (reopened.codes, reopened.judgements) == (agreed, 3) == (2, 3)
    assert not AgreedCode.objects.filter(superseded_at=None).exists()
    assert not AgreedJudgement.objects.filter(superseded_at=None).exists()
    take(CORRECTED, LATER)
    settle(wide, report, analyst)
    drink = AgreedJudgement.objects.get(superseded_at=None, variable__variable="drink")
    assert drink.value == "unclear"


def test_opening_again_is_for_analysts_and_on_record(wide, report, first, analyst):
    take(FIRST)
    with pytest.raises(NotPermitted, match="cannot adjudicate"):
        reopen(wide, report, first, first)
    reopen(wide, report, first, analyst)
    entry = AuditEntry.objects.filter(action="reopen coding").get()
    assert (entry.actor, entry.subject, entry.detail["coder"]) == ("judge", "review T1", "first")


def test_what_is_open_or_not_assigned_is_not_opened_again(wide, report, first, analyst):
    with pytest.raises(RuleError, match="not assigned to first"):
        reopen(wide, report, first, analyst)
    assign_coder(by=first, review=report.review, framework=wide, coder=first, now=NOON)
    with pytest.raises(RuleError, match="first has not finished T1"):
        reopen(wide, report, first, analyst)


def test_work_of_somebody_who_may_not_code_any_more_is_not_opened_again(
    wide, report, first, analyst
):
    take(FIRST)
    first.is_active = False
    first.save()
    with pytest.raises(NotPermitted, match="first cannot code"):
        reopen(wide, report, first, analyst)


def test_the_same_file_after_opening_again_finishes_the_review(wide, report, first, analyst):
    take(FIRST)
    reopen(wide, report, first, analyst)
    before = stored()
    assert take(FIRST, LATER).outcome == "unchanged"
    assert stored() == before
    assert assignment_of(first, report.review, wide).finished_at == LATER


def test_a_review_that_was_only_assigned_takes_the_first_file(wide, report, first):
    assign_coder(by=first, review=report.review, framework=wide, coder=first, now=NOON)
    assert take(FIRST).outcome == "stored"


# ---- what contradicts itself ----


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "- {variable: sex, child: 2",
            "- {variable: drink, value: unclear, quotes: [May]}\n- {variable: sex, child: 2",
            "line 12: drink is described twice: line 10 says present, this line unclear: remove",
        ),
        (
            "number: 2, name: Child B",
            "number: 1, name: Child B",
            "line 8: child 1 is described twice: line 7 says Child A, this line Child B",
        ),
        (
            "number: 2, name: Child B",
            "number: 1, name: Child A",
            "line 8: child 1 is described twice: on line 7 and here",
        ),
        (
            '- {code: a.b, quote: "The file held"}',
            '- {code: a, quote: "Nobody asked why."}',
            "this line nothing",
        ),
        ("value: 5 months", "value: 999 years", "cannot be the age of a child: the highest is 25"),
        (
            "- {variable: drink, value: present",
            "- {variable: year, value: 2027",
            "line 10: year: 2027 is in the future",
        ),
        ("Nobody asked", "N\u043ebody asked", "CYRILLIC SMALL LETTER O, U+043E"),
    ],
)
def test_what_contradicts_itself_or_cannot_be_is_refused_with_its_lines(old, new, says):
    with pytest.raises(SpecError) as refusal:
        take(FIRST.replace(old, new))
    assert says in str(refusal.value)
    assert stored() == [[], [], []]
    assert not Assignment.objects.exists()


def test_every_quote_that_is_not_there_is_told_at_its_own_line():
    source = FIRST.replace('  quotes: ["visits stopped"]', "").replace(
        '- {variable: drink, value: present, quotes: ["visits stopped"]}',
        "- variable: drink\n  value: present\n  quotes:\n  - visits stopped\n  - visits began\n"
        "  - visits went on",
    )
    with pytest.raises(SpecError) as refusal:
        take(source)
    assert [fault.line for fault in refusal.value.faults] == [14, 15]


def test_after_a_re_reading_the_same_file_is_the_same_work(report):
    """Quotes in the file are found in the newer text, where the stored work has moved to."""
    take(FIRST)
    Assignment.objects.update(file_sha256="")
    newer = reading_of("Read by a newer reader.", *report.text.content.split("\n"))
    pipeline.propose_reading(by=None, report=report, read=newer, now=LATER, accept_moved=True)
    assert set(Coding.objects.values_list("reading", flat=True)) == {2}
    before = stored()
    assert take(FIRST, LATER).outcome == "unchanged"
    assert stored() == before


def test_work_that_stays_in_an_earlier_text_is_not_taken_for_the_same_positions_of_the_newer_one(
    report,
):
    take(FIRST)
    Assignment.objects.update(file_sha256="", finished_at=None)
    # Letters of other words at the positions of "Nobody asked why.".
    newer = reading_of(
        "The visits stopped in May. Said no one at that.", "The file held two letters."
    )
    pipeline.propose_reading(by=None, report=report, read=newer, now=LATER)
    report.refresh_from_db()
    pipeline.accept_reading(by=None, report=report, now=LATER)
    assert Coding.objects.filter(reading=1).exists()
    other = FIRST.replace("Nobody asked why.", newer.text[27:44])
    assert take(other, LATER).outcome == "superseded"
