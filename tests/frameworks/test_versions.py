"""A later version of a framework reads what was coded with the version before."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.coding.test_services import begin, code
from tests.coding.test_services import settle as settle_codes
from tests.factories import NOON, make_person, make_report, make_review
from tests.frameworks.test_schema import GOOD
from tests.profiles.test_services import judge
from tests.profiles.test_services import settle as settle_judgements
from waymark.accounts.content_state import ContentCache
from waymark.accounts.models import Role
from waymark.coding.double_coded import double_coded
from waymark.coding.models import AgreedCode
from waymark.coding.queries import (
    agreed_codes,
    agreed_qualifiers,
    coded_reviews,
    codes_of_review,
    review_counts,
    reviews_with_code,
)
from waymark.coding.services import finish_coding
from waymark.core.errors import RuleError, SpecError
from waymark.frameworks.queries import code_for
from waymark.frameworks.schema import read_framework
from waymark.frameworks.services import builtin_frameworks, load_framework, publish_framework
from waymark.frameworks.versions import check_supersedes, ids_read_as, ids_through
from waymark.profiles.queries import agreed_judgements, facts_of_review
from waymark.profiles.services import add_child

LATER = (
    GOOD.replace(
        "version: 1.0.0", "version: 1.1.0\nsupersedes: 1.0.0\nmapping: {a.b: c, sex: gender}"
    )
    .replace("{id: a.b, name: B,", "{id: c, name: B,")
    .replace("- id: sex", "- id: gender")
    .replace("valence: [concern, strength]", "valence: [concern]")
    .replace(
        "sections:",
        """- id: drink_known
  name: Drink known
  definition: Computed.
  level: child
  type: category
  values: [{value: told, label: Told}, {value: untold, label: Untold}]
  derived: {from: gender, groups: {told: [female], untold: [not_recorded]}}
sections:""",
    )
)
THIRD = (
    LATER.replace("1.1.0", "1.2.0")
    .replace("supersedes: 1.0.0", "supersedes: 1.1.0")
    .replace("mapping: {a.b: c, sex: gender}", "mapping: {c: a}")
    .replace("- {id: c, name: B, section: themes, definition: About b., parent: a}\n", "")
)


def read(source):
    return read_framework(source, file="small.yaml")


def refused(later, earlier=GOOD):
    with pytest.raises(SpecError) as error:
        check_supersedes(read(later), read(earlier), file="later.yaml")
    return [fault.message for fault in error.value.faults]


# ---- the mapping ----


def test_every_id_of_the_version_before_has_a_place():
    check_supersedes(read(LATER), read(GOOD), file="later.yaml")
    assert ids_read_as(read(LATER), read(GOOD)) == {
        "a": "a",
        "a.b": "c",
        "year": "year",
        "drink": "drink",
        "sex": "gender",
    }


def test_ids_are_read_through_two_versions():
    assert ids_through([read(THIRD), read(LATER), read(GOOD)])["a.b"] == "a"


def test_an_alias_is_a_place_too():
    source = LATER.replace("a.b: c, ", "").replace("parent: a}", "parent: a, aliases: [a.b]}")
    assert ids_read_as(read(source), read(GOOD))["a.b"] == "c"


NO_PLACE = [
    ("{a.b: c, sex", "{sex", "a.b of small 1.0.0 has no place among the codes"),
    (", sex: gender}", "}", "sex of small 1.0.0 has no place among the variables"),
    ("{a.b: c,", "{a.b: year,", "a.b of small 1.0.0 has no place among the codes"),
    ("{a.b: c,", "{a.b: c, z: c,", "small 1.0.0 has no code or variable z"),
    ("sex: gender}", "sex: gender, drink: gender}", "drink and sex of small 1.0.0 are both gender"),
    ("sex: gender}", "sex: drink}", "sex of small 1.0.0 is a category of each child, but drink"),
    ("value: female,", "value: girl,", "gender lacks the value female of small 1.0.0"),
]


@pytest.mark.parametrize(("old", "new", "says"), NO_PLACE, ids=[says for _, _, says in NO_PLACE])
def test_a_mapping_that_leaves_something_without_a_place_is_refused(old, new, says):
    later = LATER.replace(old, new)
    if "girl" in new:
        later = later.replace("told: [female]", "told: [girl]")
    assert later != LATER
    assert any(says in fault for fault in refused(later)), refused(later)


def test_the_built_in_versions_follow_on_from_each_other():
    earlier, later = [read(file.read_text("utf-8")) for file in builtin_frameworks()][:2]
    check_supersedes(later, earlier, file="cr-core-1.1.0.yaml")
    assert (str(earlier), str(later)) == ("cr-core 1.0.0", "cr-core 1.1.0")


def test_names_of_codes_have_two_words_from_1_1_on():
    for file in builtin_frameworks()[1:]:
        short = [c.name for c in read(file.read_text("utf-8")).codes if len(c.name.split()) < 2]
        assert short == [], file.name


def test_a_name_with_a_comma_is_whole_from_1_1_on():
    # YAML cuts {name: Absence, exclusion} at the comma; in a block it does not, and quotes show it.
    for file in builtin_frameworks()[1:]:
        for line in file.read_text("utf-8").splitlines():
            match = re.match(r"\s*(?:- )?name: (.*)$", line)
            assert match is None or "," not in match[1] or match[1][0] == '"', line


# ---- in the database ----

pytestmark = pytest.mark.django_db


def publish(source, earlier=None):
    made = load_framework(by=None, source=source, file="later.yaml", now=NOON)
    publish_framework(by=None, framework=made, now=NOON)
    return made


def test_a_version_is_refused_until_the_one_before_is_loaded():
    with pytest.raises(RuleError, match=r"supersedes small 1\.0\.0, which is not loaded"):
        publish(LATER)


@pytest.fixture
def coded(framework, report):
    """A review coded and settled with 1.0.0, and the version 1.1.0 beside it."""
    coder = begin(framework, report, "ann")
    code(coder, framework, report, "Nobody asked why", name="a.b", valence="strength")
    child = add_child(by=coder, review=report.review, number=1, name="Child A", now=NOON)
    judge(coder, framework, report, "sex", "female", child=child)
    finish_coding(by=coder, review=report.review, framework=framework, now=NOON)
    settle_codes(framework, report)
    settle_judgements(framework, report, [coder])
    return report


def test_what_was_coded_before_is_read_as_the_later_ids(framework, coded):
    later, reviews = publish(LATER), [coded.review.pk]
    assert coded_reviews(later, reviews) == {"T1"}
    rows = [(row.code, row.present) for row in agreed_codes(later, reviews)]
    assert rows == [("a", False), ("c", True)]
    values = [(row.child, row.variable, row.value) for row in agreed_judgements(later, reviews)]
    assert values == [(1, "drink_known", "told"), (1, "gender", "female")]


def test_a_qualifier_that_is_gone_stays_readable(coded):
    (place,) = agreed_qualifiers(publish(LATER), [coded.review.pk])["T1"].items()
    assert place[0][0] == "c"
    assert place[1] == {"valence": {"strength"}}


def test_a_computed_value_rests_on_the_words_of_its_source(coded):
    rows = {row.variable: row for row in agreed_judgements(publish(LATER), [coded.review.pk])}
    assert rows["drink_known"].quotes == rows["gender"].quotes != ()
    assert rows["drink_known"].basis == rows["gender"].basis


def test_the_earlier_version_keeps_its_own_codings(framework, coded):
    publish(LATER)
    assert [row.code for row in agreed_codes(framework, [coded.review.pk])] == ["a", "a.b"]


def test_two_earlier_codes_read_as_one_are_one_row_with_the_words_of_both(framework, coded):
    publish(LATER)
    (row,) = agreed_codes(publish(THIRD), [coded.review.pk])
    assert (row.code, row.present, [q.exact for q in row.quotes]) == (
        "a",
        True,
        ["Nobody asked why"],
    )


def test_a_review_counts_in_its_newest_version_alone(framework, coded):
    later = publish(LATER)
    coder = begin(later, coded, "bob")
    code(coder, later, coded, "The visits stopped", name="a")
    finish_coding(by=coder, review=coded.review, framework=later, now=NOON)
    settle_codes(later, coded)
    reviews = [coded.review.pk]
    assert [(row.code, row.present) for row in agreed_codes(later, reviews)] == [("a", True)]
    assert agreed_judgements(later, reviews) == []
    reader = make_person(Role.ANALYST)
    shown = codes_of_review(coded.review, reader, NOON)
    assert [(view.code.code, view.code.framework.version) for view in shown] == [("a", "1.1.0")]
    assert facts_of_review(coded.review, reader, NOON) == []
    assert dict(review_counts(later, reader, NOON)) == {"a": 1}


def test_the_pages_of_a_later_version_count_and_list_what_was_coded_before(coded):
    later, reader = publish(LATER), make_person(Role.ANALYST)
    assert dict(review_counts(later, reader, NOON)) == {"c": 1}
    total, (row,) = reviews_with_code(code_for(later, "c"), reader, NOON, offset=0, limit=5)
    assert (total, row.review, [quote.exact for quote in row.quotes]) == (
        *(1, "T1"),
        ["Nobody asked why"],
    )


def test_reviews_of_a_version_are_counted_at_the_same_cost_however_many_they_are(framework, coded):
    reader = make_person(Role.ANALYST)
    review_counts(framework, reader, NOON)
    # Both times without a count from before: a new review starts a new state of them.
    ContentCache.clear_all()
    with CaptureQueriesContext(connection) as one:
        assert dict(review_counts(framework, reader, NOON)) == {"a.b": 1}
    agreed = AgreedCode.objects.get(review=coded.review, present=True)
    for number in range(2, 5):
        agreed.pk, agreed.review = None, make_review(f"T{number}")
        agreed.save(force_insert=True)
    ContentCache.clear_all()
    with CaptureQueriesContext(connection) as four:
        assert dict(review_counts(framework, reader, NOON)) == {"a.b": 4}
    assert len(one) == len(four)
    assert "GROUP BY" in four.captured_queries[-1]["sql"]


def test_a_review_with_two_codes_that_became_one_counts_once(framework, coded):
    """Version 1.2.0 reads the codes a and a.b of 1.0.0 as one."""
    AgreedCode.objects.filter(review=coded.review, code__code__in=["a", "a.b"]).update(present=True)
    assert dict(review_counts(framework, make_person(Role.ANALYST), NOON)) == {"a": 1, "a.b": 1}
    publish(LATER)
    assert dict(review_counts(publish(THIRD), make_person(Role.ANALYST), NOON)) == {"a": 1}


def test_independent_codes_are_compared_in_the_version_that_counts(framework, coded):
    other = make_report(make_review("T2"), "Nobody asked why here.")
    for name in ("cat", "dan"):
        coder = begin(framework, other, name)
        code(coder, framework, other, "Nobody asked why", name="a.b")
        finish_coding(by=coder, review=other.review, framework=framework, now=NOON)
    settle_codes(framework, other)
    (row,) = double_coded(publish(LATER), [coded.review.pk, other.review.pk])
    assert (row.review, row.first, row.second) == ("T2", {"c"}, {"c"})
