"""What says nearly the same as a recommendation is shown, and people say how the two relate."""

import math

import pytest

from tests.factories import NOON, make_person, make_report, make_review
from tests.recommendations.test_importing import HEAD, imported
from tests.recommendations.test_recommendations import begin, core, record  # noqa: F401
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import NotPermitted, RuleError
from waymark.follow_up.queries.said_before import repeated_pairs, said_before
from waymark.follow_up.text_similarity import TextVectors, stems_of
from waymark.recommendations.models import RecommendationRelation
from waymark.recommendations.relation_keys import RelationKey, read_relation_key
from waymark.recommendations.services import (
    relate_recommendations,
    set_scheme_state,
    take_back_relation,
)

pytestmark = pytest.mark.django_db
VISITS = "Health visitors must visit every child under one within ten days of a move."
AGAIN = "Within ten days of a move, health visitors visit every child under one."
LATER = "Health visitors should visit every child under one within thirty days of a move."
OTHER = "The board should publish an annual account of its training budget."


def recommend(text, *, state=State.PUBLISHED, number=1):
    report = make_report(make_review(state=state), text, state=state)
    row = record(report, by=begin(report), number=number)
    row.exact, row.end = text, len(text)
    row.save()
    return row


def key_of(row):
    return RelationKey(review=row.review_id, number=row.number)


@pytest.fixture
def visitor():
    return make_person(Role.READER)


@pytest.fixture
def others():
    """Fillers, so that no word is in all texts."""
    for text in (OTHER, "Police record each visit to a home on the same day."):
        recommend(text)


def labels(rows):
    return [(row.other.text, row.closeness) for row in rows]


# ---- similarity ----


def test_similarity_is_the_cosine_of_weighted_stems():
    vectors = TextVectors(["train staff", "train police"], str.split)
    rare, common = 1 + math.log(3 / 2), 1.0
    expected = common**2 / (common**2 + rare**2)
    ((_, one), (_, other)) = vectors.nearest("train staff", least=0, most=2)
    assert one == pytest.approx(1)
    assert other == pytest.approx(expected, abs=1e-6)
    (pair,) = vectors.pairs(least=0.3)
    assert (pair.first, pair.second) == (0, 1)
    assert pair.similarity == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("least", [0.2, 0.5, 0.8])
def test_pairs_are_those_that_a_full_comparison_finds(least):
    texts = [f"w{n % 3} w{n % 5} w{n % 7} w{n % 11} common words" for n in range(80)]
    vectors = TextVectors(texts, str.split)
    pairs = {(pair.first, pair.second) for pair in vectors.pairs(least=least)}
    full = {
        (min(at, other), max(at, other))
        for at, text in enumerate(texts)
        for other, _ in vectors.nearest(text, least=least, most=80)
        if at != other
    }
    # At the limit itself the last digit decides.
    near = {
        (min(at, other), max(at, other))
        for at, text in enumerate(texts)
        for other, similarity in vectors.nearest(text, least=least - 1e-5, most=80)
        if abs(similarity - least) < 1e-5
    }
    assert pairs - near == full - near
    assert pairs


def test_texts_that_are_added_are_found_and_words_that_are_new_count():
    vectors = TextVectors(["train staff", "train police"], str.split)
    vectors.add(["visit homes"])
    assert [at for at, _ in vectors.nearest("visit homes", least=0.9, most=5)] == [2]
    assert vectors.nearest("nothing known", least=0.1, most=5) == []
    assert vectors.nearest("", least=0.1, most=5) == []


# ---- shown ----


def test_what_says_nearly_the_same_elsewhere_is_found(visitor, others):
    first = recommend(VISITS)
    rows = said_before(AGAIN, visitor, NOON)
    assert [row.other.key for row in rows] == [key_of(first)]
    assert rows[0].closeness in {"Similar words", "Nearly the same words"}
    assert said_before(OTHER + " Yearly.", visitor, NOON)[0].other.text == OTHER


def test_a_recommendation_is_not_said_before_by_itself(visitor, others):
    row = recommend(VISITS)
    assert said_before(row.exact, visitor, NOON, key=key_of(row)) == []


def test_other_words_from_elsewhere_come_before_the_same_words_and_the_own_review(visitor, others):
    own = recommend(LATER)
    recommend(VISITS)
    recommend(AGAIN)
    rows = said_before(VISITS, visitor, NOON, source=f"review-{own.review_id}")
    assert labels(rows) == [
        (AGAIN, "Nearly the same words"),
        (VISITS, "The same words"),
        (LATER, "Similar words"),
    ]


@pytest.mark.parametrize("state", [State.INTERNAL, State.WITHDRAWN])
def test_what_is_withdrawn_is_gone_at_once(visitor, others, state):
    row = recommend(VISITS)
    assert said_before(AGAIN, visitor, NOON)
    row.review.state = state
    row.review.save()
    assert said_before(AGAIN, visitor, NOON) == []
    staff = said_before(AGAIN, make_person(Role.CATALOGUER), NOON)
    assert bool(staff) == (state == State.INTERNAL)


def test_corrected_words_replace_the_earlier_ones(visitor, others):
    row = recommend(VISITS)
    assert said_before(AGAIN, visitor, NOON)
    type(row).objects.filter(pk=row.pk).update(superseded_at=NOON)
    row.pk, row.exact = None, OTHER
    row.save()
    assert said_before(AGAIN, visitor, NOON) == []
    assert {found.other.key for found in said_before(OTHER, visitor, NOON)} >= {key_of(row)}


def test_inquiries_are_searched_too_once_their_scheme_is_published(visitor, others):
    scheme = imported(f'{HEAD}1/20,Ash,I-1,Open,,,"{VISITS}",\n').scheme
    assert said_before(AGAIN, visitor, NOON) == []
    set_scheme_state(by=None, scheme=scheme, state="published", now=NOON)
    (row,) = said_before(AGAIN, visitor, NOON)
    assert (row.other.label, row.other.scheme) == ("I-1 1/20", "other-inquiries")


def test_pairs_between_sources_leave_out_those_of_one_inquiry():
    imported(
        f'{HEAD}1,Ash,I-1,Open,,,"{VISITS}",\n2,Elm,I-1,Open,,,"{AGAIN}",\n'
        f'3,Ash,I-2,Open,,,"{LATER}",\n4,Ash,I-3,Open,,,"{VISITS}",\n5,Ash,I-4,,,,"{OTHER}",\n'
    )
    between = repeated_pairs(None, NOON, between_sources=True)
    names = [(pair.one.label, pair.other.label, pair.identical) for pair in between]
    assert set(names[:-1]) == {
        ("I-1 1", "I-2 3", False),
        ("I-1 2", "I-2 3", False),
        ("I-1 2", "I-3 4", False),
        ("I-2 3", "I-3 4", False),
    }
    assert names[-1] == ("I-1 1", "I-3 4", True)
    assert len(repeated_pairs(None, NOON)) == 6
    assert repeated_pairs(make_person(Role.READER), NOON) == []


# ---- how two relate ----


def relate(one, other, relation="same", by=None):
    return relate_recommendations(
        by=by, one=key_of(one), other=key_of(other), relation=relation, now=NOON
    )


def relation_shown(row, person):
    found = said_before(row.exact, person, NOON, key=key_of(row))
    return [(other.other.text, other.relation) for other in found]


def test_a_contradiction_that_a_person_flagged_is_shown_on_both_sides(visitor, others):
    one, other = recommend(VISITS), recommend(OTHER + " It must not publish it.")
    relate(one, other, "contradicts", make_person(Role.CODER))
    assert relation_shown(one, visitor)[0] == (other.exact, "contradicts")
    assert relation_shown(other, visitor)[0] == (one.exact, "contradicts")
    other.review.state = State.WITHDRAWN
    other.review.save()
    assert relation_shown(one, visitor) == []


def test_what_a_person_judged_to_be_different_is_shown_to_those_who_can_undo_it(visitor, others):
    one, other = recommend(VISITS), recommend(AGAIN)
    relate(one, other, "different")
    assert said_before(VISITS, visitor, NOON, key=key_of(one)) == []
    rows = said_before(VISITS, visitor, NOON, key=key_of(one), with_different=True)
    assert [row.relation for row in rows] == ["different"]
    take_back_relation(by=None, one=key_of(other), other=key_of(one), now=NOON)
    assert relation_shown(one, visitor) == [(AGAIN, "")]


def test_a_relation_is_one_row_with_who_and_when_and_stays_on_record(visitor, others):
    one, other, person = recommend(VISITS), recommend(AGAIN), make_person(Role.CATALOGUER)
    relate(one, other, "same", person)
    relate(other, one, "contradicts", person)
    rows = RecommendationRelation.objects.order_by("pk")
    assert [(row.relation, row.recorded_by, row.taken_back_at) for row in rows] == [
        ("same", person, NOON),
        ("contradicts", person, None),
    ]
    assert AuditEntry.objects.filter(action="relate recommendations").count() == 2


def test_only_two_recommendations_that_there_are_can_relate(others):
    one = recommend(VISITS)
    missing = RelationKey(inquiry=99)
    for other, relation, reason in (
        (missing, "same", "there is no recommendation inquiry-99"),
        (key_of(one), "same", "cannot be compared with itself"),
        (missing, "nearly", "choose one of: same, contradicts, different"),
    ):
        with pytest.raises(RuleError, match=reason):
            relate_recommendations(
                by=None, one=key_of(one), other=other, relation=relation, now=NOON
            )
    with pytest.raises(RuleError, match="nobody has compared these two"):
        take_back_relation(by=None, one=key_of(one), other=missing, now=NOON)
    with pytest.raises(NotPermitted):
        relate(one, one, by=make_person(Role.READER))


def test_keys_are_read_back_and_nothing_else_is():
    for key in (RelationKey(review=12, number=3), RelationKey(inquiry=45)):
        assert read_relation_key(str(key)) == key
    for text in ("", "review-12", "inquiry-", "inquiry-x", "review-1-2\n", "inquiry-٣"):
        assert read_relation_key(text) is None


def test_texts_are_compared_by_stems():
    assert stems_of("Training trained staff") == ["train", "train", "staff"]
