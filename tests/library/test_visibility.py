"""Who finds what: the filter in the index, and the rows asked again."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import agree_code, ask, counts, found, shelve
from waymark.accounts.models import Role, State
from waymark.library.queries import library_holdings
from waymark.library.services import index_changed, mark_changed

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db

VISITOR = AnonymousUser()


@pytest.fixture
def staff(db):
    return make_person(Role.CODER)


@pytest.fixture
def reader(db):
    return make_person(Role.READER)


def shelved(reference, text="The baby was not seen.", *, state=State.PUBLISHED, **values):
    review = make_review(reference, state=state, nation="Wales", **values)
    report = make_report(review, text)
    shelve(review)
    return review, report


@pytest.mark.parametrize("state", [State.RECEIVED, State.IN_CHECK, State.INTERNAL])
def test_what_is_not_published_is_found_by_staff_only(state, staff, reader):
    shelved("R1", state=state)
    assert found(ask("baby", person=staff)) == ["R1"]
    assert found(ask("baby", person=None)) == ["R1"]
    for person in (VISITOR, reader):
        answer = ask("baby", person=person)
        assert (answer.total, answer.passages_total, answer.hits) == (0, 0, ())
        assert counts(answer, "nation") == {}


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.EXPIRED])
def test_what_is_withdrawn_or_expired_is_found_by_nobody(state, staff):
    shelved("R1", state=state)
    assert ask("baby", person=staff).total == 0
    assert ask("baby", person=VISITOR).total == 0


def test_counts_of_a_reader_hold_nothing_unpublished(staff):
    shelved("R1")
    shelved("R2", state=State.INTERNAL)
    assert counts(ask("baby", person=VISITOR), "nation") == {"Wales": 1}
    assert counts(ask("baby", person=staff), "nation") == {"Wales": 2}
    assert ask("baby", person=VISITOR).passages_total == 1
    assert ask("baby", person=staff).passages_total == 2


def test_a_published_review_is_not_found_by_the_words_of_a_report_in_check(staff):
    review, _ = shelved("R1")
    make_report(review, "The response names the ward.", state=State.IN_CHECK)
    mark_changed(reviews=[review], now=NOON)
    index_changed(now=NOON)
    assert found(ask("ward", person=staff)) == ["R1"]
    assert ask("ward", person=VISITOR).total == 0
    assert ask("baby ward", person=VISITOR).total == 0
    (hit,) = ask("baby", person=VISITOR).hits
    assert len(hit.record.reports) == 1
    (hit,) = ask("baby", person=staff).hits
    assert len(hit.record.reports) == 2


def test_an_embargo_ends_at_its_moment_without_indexing(staff):
    shelved("R1", state=State.EMBARGOED, public_from=NOON + HOUR)
    before, at = NOON + HOUR - timedelta(microseconds=1), NOON + HOUR
    assert ask("baby", person=VISITOR, now=before).total == 0
    assert counts(ask("", person=VISITOR, now=before), "nation") == {}
    assert found(ask("baby", person=VISITOR, now=at)) == ["R1"]
    assert counts(ask("", person=VISITOR, now=at), "nation") == {"Wales": 1}
    assert found(ask("baby", person=staff, now=before)) == ["R1"]
    assert ask("baby", person=staff, now=at).total == 1


def test_the_first_embargo_of_a_library_that_was_searched_before_is_kept_and_ends():
    shelved("R1")
    assert found(ask("baby", person=VISITOR)) == ["R1"]
    shelved("R2", state=State.EMBARGOED, public_from=NOON + HOUR)
    assert found(ask("baby", person=VISITOR)) == ["R1"]
    answer = ask("baby", person=VISITOR, now=NOON + HOUR)
    assert sorted(found(answer)) == ["R1", "R2"]
    assert counts(answer, "nation") == {"Wales": 2}


def test_an_embargoed_report_opens_its_words_at_its_moment(staff):
    review, _ = shelved("R1")
    late = make_report(review, "The response names the ward.", state=State.EMBARGOED)
    late.public_from = NOON + HOUR
    late.save()
    mark_changed(reviews=[review], now=NOON)
    index_changed(now=NOON)
    assert ask("ward", person=VISITOR).total == 0
    assert found(ask("baby", person=VISITOR)) == ["R1"]
    later = NOON + 2 * HOUR
    assert found(ask("ward baby", person=VISITOR, now=later)) == ["R1"]
    answer = ask("", person=VISITOR, now=later)
    assert (answer.total, counts(answer, "nation")) == (1, {"Wales": 1})
    (hit,) = ask("ward", person=VISITOR, now=later).hits
    assert [passage.text for passage in hit.passages] == ["The response names the ward."]


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.EXPIRED, State.INTERNAL])
def test_a_withdrawn_review_is_gone_at_once_though_the_index_still_holds_it(state):
    shelved("R1")
    gone, _ = shelved("R2")
    gone.state = state
    gone.save()
    answer = ask("baby")
    assert found(answer) == ["R1"]
    assert (answer.total, answer.passages_total) == (1, 1)
    assert counts(answer, "nation") == {"Wales": 1}


def test_a_withdrawn_report_is_gone_at_once_with_what_was_found_by_it():
    review, _ = shelved("R1")
    response = make_report(review, "The response names the ward.")
    mark_changed(reviews=[review], now=NOON)
    index_changed(now=NOON)
    assert found(ask("ward")) == ["R1"]
    response.state = State.WITHDRAWN
    response.save()
    assert (ask("ward").total, ask("ward").hits) == (0, ())
    mark_changed(reviews=[review], now=NOON)
    assert ask("ward").total == 0
    index_changed(now=NOON)
    assert ask("ward").total == 0
    assert found(ask("baby")) == ["R1"]


def test_what_waits_to_be_indexed_after_a_withdrawal_is_in_no_count():
    for number in range(3):
        shelved(f"R{number}")
    gone, _ = shelved("R9")
    gone.state = State.WITHDRAWN
    gone.save()
    mark_changed(reviews=[gone], now=NOON)
    answer = ask("", limit=2)
    assert (answer.total, counts(answer, "nation")) == (3, {"Wales": 3})
    assert library_holdings(VISITOR, NOON).passages == 3


def test_a_published_review_stays_found_while_another_of_its_reports_is_in_check():
    review, _ = shelved("R1")
    make_report(review, "The response names the ward.", state=State.IN_CHECK)
    mark_changed(reviews=[review], now=NOON)
    assert found(ask("baby")) == ["R1"]
    assert library_holdings(VISITOR, NOON).passages == 1


def test_pages_stay_full_when_a_review_has_gone_from_among_them():
    reviews = [shelved(f"R{number}")[0] for number in range(4)]
    reviews[1].state = State.WITHDRAWN
    reviews[1].save()
    assert len(ask("baby", limit=3).hits) == 3


def test_a_withdrawn_report_leaves_the_index():
    review, report = shelved("R1")
    report.state = State.WITHDRAWN
    report.save()
    mark_changed(reviews=[review], now=NOON)
    index_changed(now=NOON)
    assert ask("baby", person=None).total == 0
    assert found(ask("", person=None)) == ["R1"]
    report.state = State.PUBLISHED
    report.save()
    mark_changed(reviews=[review], now=NOON)
    index_changed(now=NOON)
    assert found(ask("baby")) == ["R1"]


def test_an_embargo_without_a_moment_is_no_embargo_that_ends(staff):
    shelved("R1", state=State.EMBARGOED, public_from=None)
    assert ask("baby", now=NOON + 1000 * HOUR).total == 0
    assert found(ask("baby", person=staff)) == ["R1"]


def test_an_embargo_put_on_what_was_published_holds_at_once():
    review, _ = shelved("R1")
    review.state, review.public_from = State.EMBARGOED, None
    review.save()
    mark_changed(reviews=[review], now=NOON)
    assert (ask("baby").total, counts(ask(""), "nation")) == (0, {})


def test_a_theme_that_rests_on_an_unpublished_report_is_not_told_to_readers(framework, staff):
    code = framework.codes.get(code="a")
    review, _ = shelved("R1")
    hidden = make_report(review, "The response names the ward.", state=State.INTERNAL)
    agree_code(review, code, on=hidden)
    mark_changed(reviews=[review], now=NOON)
    index_changed(now=NOON)
    assert counts(ask("baby", person=staff), "theme") == {"a": 1}
    assert counts(ask("baby", person=VISITOR), "theme") == {}
    assert ask("theme:a", person=VISITOR).total == 0


def test_a_suggestion_never_tells_a_word_of_unpublished_reports(staff):
    shelved("R1", "The ward was closed.", state=State.INTERNAL)
    shelved("R2")
    assert ask("wardd", person=staff).suggestion.query == "ward"
    assert ask("wardd", person=VISITOR).suggestion is None


def test_a_suggestion_tells_no_word_of_what_was_withdrawn_though_the_index_still_holds_it():
    shelved("R1", "The heron stood by.")
    gone, _ = shelved("R2", "The ward was closed.")
    assert ask("wardd OR heronn").suggestion.query == "ward OR heron"
    gone.state = State.WITHDRAWN
    gone.save()
    mark_changed(reviews=[gone], now=NOON)
    assert ask("wardd OR heronn").suggestion.query == "wardd OR heron"


def test_holdings_count_what_a_person_may_see(staff):
    shelved("R1")
    shelved("R2", "One paragraph.", state=State.INTERNAL)
    make_report(make_review("UNCATALOGUED"), "Not in the library yet.")
    here = library_holdings(VISITOR, NOON)
    assert (here.reviews, here.reports, here.passages) == (1, 1, 1)
    here = library_holdings(staff, NOON)
    assert (here.reviews, here.reports, here.passages) == (2, 2, 2)
