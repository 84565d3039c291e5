"""What became of suggestions, and how many codes a program misses: worked out by hand."""

import pytest

from tests.coding.settled_world import settle
from tests.factories import NOON, make_person, make_report, make_review
from waymark.accounts.models import Role, State
from waymark.coding import services
from waymark.coding.miss_estimate import estimate_misses
from waymark.coding.models import (
    Assignment,
    MachineCoder,
    PassageSample,
    Suggestion,
    SuggestionDecision,
)
from waymark.coding.queries.machines import machine_for
from waymark.coding.queries.samples import own_samples, passage_to_read
from waymark.coding.queries.suggestion_figures import figures_for
from waymark.coding.suggest import SuggestedCode
from waymark.core.errors import NotPermitted, RuleError
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.frameworks.models import Framework

pytestmark = pytest.mark.django_db
WORDS = (
    "Nobody visited the child.",
    "A neighbour visited the child.",
    "The file was lost.",
    "The weather was mild.",
)


@pytest.fixture
def machine(db):
    return services.cue_machine(NOON)


@pytest.fixture
def lead(db):
    return make_person(Role.ANALYST, name="lead")


@pytest.fixture
def reader(db):
    return make_person(Role.CODER, name="rita")


@pytest.fixture
def coder(db):
    return make_person(Role.CODER, name="cora")


def read_report(framework, machine, coder, reference="T1"):
    """ "a" is suggested for the first two passages and agreed for the first and third."""
    report = make_report(make_review(reference), *WORDS)
    anchors = ReportAnchors(report)
    spans = [
        Span(anchors.text.index(words), anchors.text.index(words) + len(words)) for words in WORDS
    ]
    services.store_suggestions(
        by=None,
        report=report,
        framework=framework,
        suggestions=[
            SuggestedCode(span, span.of(anchors.text), "a", "visited") for span in spans[:2]
        ],
        now=NOON,
    )
    services.note_run(
        machine=machine,
        framework=framework,
        report=report,
        passages=4,
        suggested=2,
        dropped=0,
        by=None,
        now=NOON,
    )
    settle(framework, coder, report, [WORDS[0], WORDS[2]])
    return report


def test_precision_decisions_and_what_was_looked_at_are_counted_per_code(
    framework, machine, coder, lead
):
    read_report(framework, machine, coder)
    first, second = Suggestion.objects.order_by("start")
    other = make_person(Role.CODER)
    rows = ((first, coder, True, False), (first, other, True, True), (second, coder, False, False))
    for suggestion, person, accepted, changed in rows:
        SuggestionDecision.objects.create(
            suggestion=suggestion,
            decided_by=person,
            accepted=accepted,
            changed=changed,
            decided_at=NOON,
        )
    figures = figures_for(machine, framework, lead, NOON)
    (row,) = figures.codes
    assert (figures.reviews, figures.passages, figures.unsuggested) == (1, 4, 2)
    assert (row.suggested, row.right, row.found, row.precision) == (2, 1, 1, 0.5)
    assert (row.looked_at, row.accepted, row.changed, row.refused) == (2, 1, 1, 1)


def test_what_is_decided_in_a_review_that_somebody_codes_is_told_to_nobody(
    framework, machine, coder, lead
):
    read_report(framework, machine, coder)
    Assignment.objects.update(finished_at=None)
    assert figures_for(machine, framework, lead, NOON).codes == ()


def test_numbers_of_suggestions_leave_out_what_a_person_codes_or_may_not_see(
    framework, machine, coder
):
    lead = make_person(Role.ANALYST, Role.CODER, name="lead")
    reports = [read_report(framework, machine, coder, f"T{number}") for number in range(1, 5)]
    machine.runs.update(dropped=3)

    def numbers():
        row = machine_for(machine.pk, lead, NOON, {"T3"})
        return row.reports_read, row.suggestions, row.dropped

    assert numbers() == (3, 6, 9)
    services.assign_coder(
        by=lead, review=reports[0].review, framework=framework, coder=lead, now=NOON
    )
    assert numbers() == (2, 4, 6)
    reports[1].review.state = State.WITHDRAWN
    reports[1].review.save()
    assert numbers() == (1, 2, 3)
    machine.runs.all().delete()
    assert numbers() == (0, None, 0)


def test_a_review_that_a_model_learned_from_or_that_is_hidden_does_not_count(
    framework, machine, coder, lead
):
    report = read_report(framework, machine, coder)
    assert figures_for(machine, framework, lead, NOON, {"T1"}).reviews == 0
    machine.reviews.add(report.review)
    assert figures_for(machine, framework, lead, NOON).reviews == 0
    machine.reviews.clear()
    report.review.state = State.WITHDRAWN
    report.review.save()
    assert figures_for(machine, framework, lead, NOON).reviews == 0


def draw(lead, machine, framework, reader, size=10, seed=7):
    return services.draw_sample(
        by=lead,
        machine=machine,
        framework=framework,
        reader=reader,
        size=size,
        seed=seed,
        now=NOON,
    )


def test_a_sample_is_drawn_from_passages_without_a_suggestion_and_read_once(
    framework, machine, coder, lead, reader
):
    read_report(framework, machine, coder)
    sample = draw(lead, machine, framework, reader)
    assert (sample.passages, sample.rows.count()) == (2, 2)
    texts = []
    while passage := passage_to_read(sample, 0, NOON):
        texts.append(passage.text)
        codes = ["a"] if passage.text == WORDS[2] else []
        services.answer_passage(by=reader, passage=passage.row, codes=codes, now=NOON)
    assert sorted(texts) == sorted(WORDS[2:])
    with pytest.raises(RuleError, match="no passages without a suggestion"):
        draw(lead, machine, framework, reader)
    (row,) = figures_for(machine, framework, lead, NOON).codes
    assert row.missed == 1
    # All were read: one found, one missed, and nothing left to chance.
    estimate = figures_for(machine, framework, lead, NOON).misses(row)
    assert (estimate.share, estimate.share_low, estimate.share_high) == (0.5, 0.5, 0.5)


def test_the_same_seed_draws_the_same_passages(framework, machine, coder, lead, reader):
    for number in range(1, 4):
        read_report(framework, machine, coder, f"T{number}")

    def drawn():
        sample = draw(lead, machine, framework, reader, size=3)
        places = list(sample.rows.values_list("report", "start"))
        sample.rows.all().delete()
        sample.delete()
        return places

    assert drawn() == drawn()


def test_a_person_reads_no_sample_of_a_review_that_they_are_coding(
    framework, machine, coder, lead, reader
):
    """It would tell them where software proposes nothing. They code it with a later framework."""
    report = read_report(framework, machine, coder)
    later = Framework.objects.create(
        name=framework.name,
        version="1.1.0",
        source=framework.source,
        sha256="1" * 64,
        published_at=NOON,
    )
    Assignment.objects.create(
        review=report.review, framework=later, coder=reader, position=1, started_at=NOON
    )
    with pytest.raises(RuleError, match="no passages without a suggestion"):
        draw(lead, machine, framework, reader)


def test_a_sample_is_drawn_only_from_reviews_that_the_figures_count(
    framework, machine, coder, lead, reader
):
    """Not from T1, which the model learned from, nor from T2, which is not settled."""
    learned = read_report(framework, machine, coder, "T1")
    machine.reviews.add(learned.review)
    read_report(framework, machine, coder, "T2")
    Assignment.objects.filter(review__reference="T2").update(finished_at=None)
    with pytest.raises(RuleError, match="settled reviews that it did not learn from"):
        draw(lead, machine, framework, reader)
    counted = read_report(framework, machine, coder, "T3")
    sample = draw(lead, machine, framework, reader)
    assert {row.report for row in sample.rows.all()} == {counted}
    for row in sample.rows.all():
        services.answer_passage(by=reader, passage=row, codes=[], now=NOON)
    figures = figures_for(machine, framework, lead, NOON)
    assert (figures.unsuggested, figures.read) == (2, 2)


def test_a_sample_is_closed_for_its_reader_while_they_code_its_review(
    framework, machine, coder, lead, reader
):
    for reference in ("T1", "T2"):
        read_report(framework, machine, coder, reference)
    sample = draw(lead, machine, framework, reader)
    closed = sample.rows.filter(report__review__reference="T1")
    assert (sample.rows.count(), closed.count()) == (4, 2)
    review = closed[0].report.review
    services.assign_coder(by=lead, review=review, framework=framework, coder=reader, now=NOON)
    assert [passage_to_read(sample, row.number, NOON) for row in closed] == [None, None]
    with pytest.raises(RuleError, match="cannot read this passage now"):
        services.answer_passage(by=reader, passage=closed[0], codes=[], now=NOON)
    assert own_samples(reader, NOON).get().size == 2
    services.finish_coding(by=reader, review=review, framework=framework, now=NOON)
    assert own_samples(reader, NOON).get().size == 4


def test_a_sample_is_answered_by_its_reader_alone_with_codes_that_exist(
    framework, machine, coder, lead, reader
):
    report = read_report(framework, machine, coder)
    sample = draw(lead, machine, framework, reader)
    row = sample.rows.first()
    with pytest.raises(RuleError, match="your own sample"):
        services.answer_passage(by=coder, passage=row, codes=[], now=NOON)
    with pytest.raises(RuleError, match="no code nothing"):
        services.answer_passage(by=reader, passage=row, codes=["nothing"], now=NOON)
    with pytest.raises(NotPermitted):
        draw(lead, machine, framework, make_person(Role.READER))
    report.state = State.WITHDRAWN
    report.save()
    assert passage_to_read(sample, row.number, NOON) is None
    assert own_samples(reader, NOON).get().size == 0


def test_suggestions_that_are_off_draw_no_sample(framework, machine, coder, lead, reader, settings):
    report = read_report(framework, machine, coder)
    services.block_suggestions(by=lead, review=report.review, now=NOON)
    with pytest.raises(RuleError, match="no passages without a suggestion"):
        draw(lead, machine, framework, reader)
    settings.SUGGESTIONS = False
    with pytest.raises(RuleError, match="switched off in this installation"):
        draw(lead, machine, framework, reader)
    assert PassageSample.objects.count() == 0
    assert MachineCoder.objects.count() == 1


def test_the_estimate_of_the_example_is_the_one_worked_out_by_hand():
    result = estimate_misses(found=30, with_code=2, read=100, passages=1_000)
    assert result.share == 0.6
    assert (round(result.share_low, 2), round(result.share_high, 2)) == (0.31, 0.84)


def test_nothing_is_estimated_from_fewer_than_ten_passages():
    assert estimate_misses(found=30, with_code=0, read=9, passages=1_000) is None
    assert estimate_misses(found=30, with_code=0, read=10, passages=1_000) is not None
    # Without a passage left, nothing can have been missed.
    assert estimate_misses(found=3, with_code=0, read=0, passages=0).share == 1
    assert estimate_misses(found=0, with_code=0, read=20, passages=20).share is None
