"""A report that is read again: proposed, compared, accepted; what is anchored in it moves along."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_person, reading_of
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role
from waymark.coding import queries as coding_queries
from waymark.coding import services as coding
from waymark.coding.files.coding_file import find_quote
from waymark.coding.models import Coding, Suggestion
from waymark.coding.suggest import SuggestedCode
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.core.spans import Span
from waymark.documents import services
from waymark.documents.anchors import ReportAnchors
from waymark.documents.files.storage import original_path
from waymark.documents.models import (
    AnchorMove,
    MoveDecision,
    MoveOutcome,
    PageRecognition,
    Reading,
    RecognitionState,
    RejectedReading,
)
from waymark.documents.queries import reader, readings
from waymark.documents.services import replace_reading
from waymark.library import services as library
from waymark.library.models import CatalogueRecord
from waymark.pipeline.checks import check_readings
from waymark.profiles import services as profiles
from waymark.profiles.models import JudgementQuote
from waymark.recommendations.models import Recommendation

LATER = NOON + timedelta(days=30)
ASKED = "Nobody asked why."
OLD = "The visits stopped in May. Nobody asked why.", "The file held two letters."
NEW = "Read by a newer reader.", *OLD
REWORDED = "The visits stopped in May.", "No one had asked why it was.", OLD[1]


@pytest.fixture(autouse=True)
def data(db, settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()


@pytest.fixture
def keeper():
    return make_person(Role.CATALOGUER, name="keeper")


@pytest.fixture
def coder(framework, report):
    person = make_person(Role.CODER, name="coder")
    coding.assign_coder(
        by=person, review=report.review, framework=framework, coder=person, now=NOON
    )
    return person


def code(coder, framework, report, quote, **qualifiers):
    anchors = ReportAnchors(report)
    return coding.record_coding(
        by=coder,
        anchors=anchors,
        span=find_quote(anchors.text, quote),
        code=framework.codes.get(code="a"),
        qualifiers=qualifiers,
        memo="seen twice",
        now=NOON,
    )


def propose(report, *paragraphs, by=None, **options):
    return pipeline.propose_reading(
        by=by, report=report, read=reading_of(*paragraphs), now=LATER, **options
    )


def accept(report, by=None):
    report.refresh_from_db()
    return pipeline.accept_reading(by=by, report=report, now=LATER).moved


def decide(move, by=None, **how):
    return pipeline.decide_move(by=by, move=move, now=LATER, **how).moved


def words_at(key):
    return reader.cited_place(key, make_person(Role.READER), LATER).quote


def test_a_newer_reading_changes_nothing_until_a_person_accepts_it(coder, framework, report):
    row = code(coder, framework, report, ASKED)
    outcome = propose(report, *NEW)
    assert (outcome.state, outcome.moved, outcome.unsure, outcome.lost) == ("pending", 1, 0, 0)
    report.refresh_from_db()
    assert (report.reading, reader.text_of(report)) == (1, "\n".join(OLD))
    before = Coding.objects.get()
    assert (before.key, before.reading) == (row.key, 1)
    (pending,) = readings.pending_readings(None)
    assert (pending.number, pending.content) == (2, "\n".join(NEW))


def test_accepting_moves_what_is_anchored_and_leaves_what_was_decided(coder, framework, report):
    row = code(coder, framework, report, ASKED, valence="concern")
    keeper = make_person(Role.CATALOGUER, name="keeper")
    propose(report, *NEW)
    assert accept(report, by=keeper) == 1
    moved = Coding.objects.get()
    assert moved.key == f"{report.key}r2-51-68"
    assert (moved.exact, words_at(moved.key), words_at(row.key)) == (ASKED, ASKED, ASKED)
    assert moved.prefix.endswith("stopped in May. ")
    same = ("pk", "code", "coder", "qualifiers", "memo", "decided_at", "superseded_at")
    assert [getattr(moved, name) for name in same] == [getattr(row, name) for name in same]
    entry = AuditEntry.objects.get(action="move codings")
    assert (entry.actor, entry.detail) == ("keeper", {"keys": {row.key: moved.key}})
    move = AnchorMove.objects.get()
    assert (move.decision, move.decided_by, move.decided_at) == ("move", keeper, LATER)


def test_everything_that_is_anchored_in_a_report_moves(coder, framework, report):
    anchors = ReportAnchors(report)
    code(coder, framework, report, ASKED)
    coding.store_suggestions(
        by=None,
        report=report,
        framework=framework,
        suggestions=[SuggestedCode(Span(4, 25), "visits stopped in May", "a", "stop*")],
        now=NOON,
    )
    profiles.record_judgement(
        by=coder,
        review=report.review,
        child=None,
        variable=framework.variables.get(variable="drink"),
        value="present",
        anchors=anchors,
        spans=[find_quote(anchors.text, "two letters")],
        memo="",
        now=NOON,
    )
    Recommendation.objects.create(
        review=report.review,
        number=1,
        category="c",
        audience="a",
        recorded_by=coder,
        recorded_at=NOON,
        **anchors.fields(find_quote(anchors.text, "The file held")),
    )
    report.review.summary = "The file held two letters."
    report.review.save()
    key = f"{report.key}-45-71"
    library.set_abstract_places(by=None, review=report.review, keys=[key], now=NOON)
    outcome = propose(report, *NEW, accept_moved=True)
    assert (outcome.state, outcome.moved) == ("accepted", 5)
    for model in (Coding, Suggestion, JudgementQuote, Recommendation):
        row = model.objects.get()
        assert (row.reading, words_at(row.key)) == (2, row.exact)
    place = report.review.abstract_places.get()
    assert (place.key, place.exact) == (f"{report.key}r2-69-95", "The file held two letters.")
    report.refresh_from_db()
    assert library.set_abstract_places(by=None, review=report.review, keys=[], now=NOON) == [
        place.key
    ]


def test_the_evidence_of_a_moved_coding_is_in_the_newer_reading(coder, framework, report):
    code(coder, framework, report, ASKED)
    coding.finish_coding(by=coder, review=report.review, framework=framework, now=NOON)
    analyst = make_person(Role.ANALYST)
    coding.settle_codes(
        by=analyst,
        adjudicator=analyst,
        review=report.review,
        framework=framework,
        decisions={},
        now=NOON,
    )

    def evidence():
        (row,) = coding_queries.agreed_codes(framework, [report.review.pk])
        return [(quote.key, quote.report, quote.exact) for quote in row.quotes]

    assert evidence() == [(f"{report.key}-27-44", report.key, ASKED)]
    propose(report, *NEW, accept_moved=True)
    assert evidence() == [(f"{report.key}r2-51-68", report.key, ASKED)]
    report.refresh_from_db()
    reader_ = make_person(Role.READER)
    assert coding_queries.codes_touching(report, Span(51, 52), reader_, NOON)
    assert not coding_queries.codes_touching(report, Span(27, 28), reader_, NOON)


def test_without_a_decision_lost_and_unsure_words_stay_in_the_older_reading_and_count(
    coder, framework, report
):
    row = code(coder, framework, report, ASKED)
    outcome = propose(report, *REWORDED, accept_moved=True)
    assert outcome.state == "pending"
    assert accept(report) == 0
    kept = Coding.objects.get()
    assert (kept.key, kept.reading, kept.superseded_at) == (row.key, 1, None)
    assert words_at(kept.key) == ASKED
    (listed,) = readings.reports_with_open_moves(None)
    assert listed == (report, 1)


def test_a_person_points_at_the_place_of_lost_words(coder, framework, report, keeper):
    row = code(coder, framework, report, ASKED)
    propose(report, *REWORDED)
    (move,) = readings.listed_moves(report, keeper)
    assert move.outcome == MoveOutcome.LOST
    assert decide(move, by=keeper, quote="No one had asked why") == 0
    assert Coding.objects.get().key == row.key
    assert accept(report) == 1
    assert Coding.objects.get().exact == "No one had asked why"
    assert not readings.reports_with_open_moves(None)


def test_a_person_decides_after_the_newer_reading_was_accepted(coder, framework, report, keeper):
    code(coder, framework, report, ASKED)
    propose(report, *REWORDED)
    accept(report)
    move = AnchorMove.objects.get()
    assert decide(move, by=keeper, keep=True) == 0
    assert not readings.reports_with_open_moves(None)
    # A person may think again, as long as the words stay where they were.
    assert decide(move, by=keeper, quote="No one had asked why") == 1
    assert Coding.objects.get().reading == 2
    with pytest.raises(RuleError, match="already been moved"):
        decide(move, by=keeper, keep=True)


@pytest.mark.parametrize(
    ("quote", "fault"),
    [
        ("Nobody asked", "not in the newer text"),
        ("e", "more than once"),
        ("", "no place was found"),
    ],
)
def test_words_to_point_at_are_in_the_newer_text_once(coder, framework, report, quote, fault):
    code(coder, framework, report, ASKED)
    propose(report, *REWORDED)
    with pytest.raises(RuleError, match=fault):
        decide(AnchorMove.objects.get(), quote=quote)


def test_an_unsure_place_is_taken_only_by_a_person(coder, framework, report, keeper):
    code(coder, framework, report, "The file held two letters.")
    propose(report, OLD[0], "The \ufb01le held two let-ters.")
    accept(report)
    assert Coding.objects.get().reading == 1
    move = AnchorMove.objects.get()
    assert (move.outcome, move.words) == (MoveOutcome.UNSURE, "The \ufb01le held two let-ters.")
    decide(move, by=keeper)
    assert Coding.objects.get().exact == "The \ufb01le held two let-ters."
    assert AnchorMove.objects.get().decided_by == keeper


def test_certain_words_can_be_kept_in_their_reading(coder, framework, report):
    row = code(coder, framework, report, ASKED)
    propose(report, *NEW)
    decide(AnchorMove.objects.get(), keep=True)
    assert accept(report) == 0
    assert Coding.objects.get().key == row.key


def test_a_third_reading_finds_words_of_the_first_and_of_the_second(coder, framework, report):
    code(coder, framework, report, ASKED)
    code(coder, framework, report, "The file held two letters")
    propose(report, *REWORDED)
    accept(report)
    assert {row.reading for row in Coding.objects.all()} == {1, 2}
    propose(report, "A third.", *NEW)
    assert accept(report) == 2
    assert {row.key for row in Coding.objects.all()} == {
        f"{report.key}r3-60-77",
        f"{report.key}r3-78-103",
    }
    assert not readings.reports_with_open_moves(None)


def test_a_superseded_coding_stays_where_it_was(coder, framework, report):
    before = code(coder, framework, report, ASKED)
    code(coder, framework, report, ASKED)
    propose(report, *NEW, accept_moved=True)
    assert [row.reading for row in Coding.objects.order_by("pk")] == [1, 2]
    before.refresh_from_db()
    assert words_at(before.key) == ASKED


def test_a_rejected_suggestion_does_not_come_back_in_the_newer_reading(coder, framework, report):
    def suggest(span):
        return coding.store_suggestions(
            by=None,
            report=report,
            framework=framework,
            suggestions=[SuggestedCode(span, "visits stopped in May", "a", "stop*")],
            now=NOON,
        )

    suggest(Span(4, 25))
    coding.decide_suggestion(by=coder, suggestion=Suggestion.objects.get(), accept=False, now=NOON)
    propose(report, *NEW, accept_moved=True)
    report.refresh_from_db()
    assert suggest(Span(28, 49)) == 0


def met(coder, framework, report, *, later_first=False):
    """Two codings of one coder and code, in two texts, that a person moves to the same words."""
    first = code(coder, framework, report, ASKED)
    propose(report, *NEW)
    accept(report)
    report.refresh_from_db()
    second = code(coder, framework, report, "Nobody asked")
    if later_first:
        Coding.objects.filter(pk=first.pk).update(decided_at=LATER)
    propose(report, "Nobody asked why.", *OLD)
    for move in AnchorMove.objects.filter(reading=3):
        decide(move, quote="stopped in May")
    report.refresh_from_db()
    return first, second, pipeline.accept_reading(by=None, report=report, now=LATER)


@pytest.mark.parametrize("later_first", [False, True])
def test_of_two_codings_that_meet_at_one_place_the_later_one_counts(
    coder, framework, report, later_first
):
    first, second, moved = met(coder, framework, report, later_first=later_first)
    earlier, later = (second, first) if later_first else (first, second)
    assert Coding.objects.get(superseded_at=None).pk == later.pk
    assert Coding.objects.get(superseded_at=LATER).pk == earlier.pk
    assert moved.moved == 1
    assert moved.merged == (f"{earlier.code.name}, coded by coder",)
    (row,) = AuditEntry.objects.get(action="merge codings").detail["superseded"]
    assert (row["code"], row["coder"]) == ("a", "coder")


def test_a_coding_that_moves_onto_a_coding_of_the_current_text_is_merged(coder, framework, report):
    code(coder, framework, report, ASKED)
    propose(report, *REWORDED)
    accept(report)
    report.refresh_from_db()
    again = code(coder, framework, report, "No one had asked why")
    move = AnchorMove.objects.get()
    moved = pipeline.decide_move(by=None, move=move, quote="No one had asked why", now=LATER)
    assert (moved.moved, len(moved.merged)) == (0, 1)
    assert Coding.objects.filter(superseded_at=None).count() == 1
    again.refresh_from_db()
    assert {again.superseded_at is None, again.decided_at == NOON} == {True}


def test_the_codings_of_two_coders_that_meet_both_count(coder, framework, report):
    other = make_person(Role.CODER, name="other")
    coding.assign_coder(by=other, review=report.review, framework=framework, coder=other, now=NOON)
    code(coder, framework, report, ASKED)
    code(other, framework, report, "Nobody asked")
    propose(report, *NEW)
    for move in AnchorMove.objects.all():
        decide(move, quote="stopped in May")
    assert accept(report) == 2
    assert {row.coder for row in Coding.objects.filter(superseded_at=None)} == {coder, other}


def test_the_evidence_of_a_merged_coding_moves_along(coder, framework, report):
    code(coder, framework, report, ASKED)
    code(coder, framework, report, "Nobody asked")
    coding.finish_coding(by=coder, review=report.review, framework=framework, now=NOON)
    analyst = make_person(Role.ANALYST)
    coding.settle_codes(
        by=analyst,
        adjudicator=analyst,
        review=report.review,
        framework=framework,
        decisions={},
        now=NOON,
    )
    propose(report, *NEW)
    for move in AnchorMove.objects.all():
        decide(move, quote="stopped in May")
    assert accept(report) == 2
    (row,) = coding_queries.agreed_codes(framework, [report.review.pk])
    assert {quote.exact for quote in row.quotes} == {"stopped in May"}


def test_a_newer_reading_with_the_same_text_is_taken_over_at_once(coder, framework, report):
    row = code(coder, framework, report, ASKED)
    outcome = propose(report, *OLD)
    report.refresh_from_db()
    assert (outcome.state, report.extractor, report.reading) == ("same", "test 2", 1)
    assert not Reading.objects.exists()
    assert Coding.objects.get().key == row.key


def test_proposing_again_replaces_the_proposal(coder, framework, report):
    code(coder, framework, report, ASKED)
    propose(report, *REWORDED)
    propose(report, *NEW)
    assert Reading.objects.get().content == "\n".join(NEW)
    assert AnchorMove.objects.get().outcome == MoveOutcome.MOVED


def test_accepting_marks_the_record_for_the_index(report):
    library.catalogue_review(by=None, review=report.review, now=NOON)
    CatalogueRecord.objects.update(indexed_at=NOON, changed_at=NOON)
    propose(report, *NEW)
    assert CatalogueRecord.objects.get().changed_at == NOON
    accept(report)
    assert CatalogueRecord.objects.get().changed_at == LATER


def test_nothing_can_be_accepted_twice(report):
    propose(report, *NEW)
    accept(report)
    with pytest.raises(RuleError, match="no newer reading"):
        accept(report)


def test_a_coder_cannot_accept_a_reading_or_move_words(coder, framework, report):
    code(coder, framework, report, ASKED)
    propose(report, *REWORDED)
    with pytest.raises(NotPermitted):
        accept(report, by=coder)
    with pytest.raises(NotPermitted):
        decide(AnchorMove.objects.get(), by=coder, keep=True)
    assert AnchorMove.objects.get().decision == ""


def test_a_new_coding_is_made_in_the_current_reading(coder, framework, report):
    code(coder, framework, report, ASKED)
    propose(report, *REWORDED)
    accept(report)
    report.refresh_from_db()
    # The same positions as the coding that stays in the first reading: it is not superseded.
    start, end = Coding.objects.get().start, Coding.objects.get().end
    coding.record_coding(
        by=coder,
        anchors=ReportAnchors(report),
        span=Span(start, end),
        code=framework.codes.get(code="a"),
        qualifiers={},
        memo="",
        now=LATER,
    )
    assert [row.reading for row in Coding.objects.filter(superseded_at=None)] == [1, 2]


def test_decisions_are_recorded_with_old_and_new_keys(coder, framework, report, keeper):
    row = code(coder, framework, report, ASKED)
    propose(report, *REWORDED)
    decide(AnchorMove.objects.get(), by=keeper, keep=True)
    entry = AuditEntry.objects.get(action="decide on place")
    assert (entry.actor, entry.detail["key"], entry.detail["to"]) == (
        "keeper",
        row.key,
        MoveDecision.KEEP,
    )


def test_what_is_coded_while_a_reading_waits_moves_too(coder, framework, report):
    withdrawn = code(coder, framework, report, "visits stopped")
    propose(report, *REWORDED)
    late = code(coder, framework, report, "The file held two letters.")
    lost = code(coder, framework, report, ASKED)
    coding.withdraw_coding(by=coder, coding=withdrawn, now=LATER)
    assert accept(report) == 1
    late.refresh_from_db()
    lost.refresh_from_db()
    assert (late.reading, lost.reading) == (2, 1)
    # What is lost is listed, and what was withdrawn meanwhile is not.
    assert {move.key: move.outcome for move in AnchorMove.objects.all()} == {
        f"{report.key}-45-71": MoveOutcome.MOVED,
        lost.key: MoveOutcome.LOST,
    }


def test_reading_the_same_again_keeps_what_was_decided(coder, framework, report, keeper):
    code(coder, framework, report, ASKED)
    propose(report, *REWORDED)
    decide(AnchorMove.objects.get(), by=keeper, keep=True)
    assert propose(report, *REWORDED).state == "pending"
    assert AnchorMove.objects.get().decision == MoveDecision.KEEP


def test_a_suggestion_that_stays_in_an_older_reading_is_accepted_there(coder, framework, report):
    coding.store_suggestions(
        by=None,
        report=report,
        framework=framework,
        suggestions=[SuggestedCode(Span(27, 44), ASKED, "a", "stop*")],
        now=NOON,
    )
    propose(report, *REWORDED)
    accept(report)
    row = coding.decide_suggestion(
        by=coder, suggestion=Suggestion.objects.get(), accept=True, now=LATER
    )
    assert (row.key, row.exact) == (f"{report.key}-27-44", ASKED)


# ---- rejected ----


def reject(report, by=None, reason="It mixes two columns."):
    report.refresh_from_db()
    return services.reject_reading(by=by, report=report, reason=reason, now=LATER)


def test_a_rejected_reading_leaves_the_text_and_its_quotations(coder, framework, report, keeper):
    row = code(coder, framework, report, ASKED)
    propose(report, *REWORDED)
    decide(AnchorMove.objects.get(), by=keeper, keep=True)
    reject(report, by=keeper)
    report.refresh_from_db()
    assert (report.reading, reader.text_of(report)) == (1, "\n".join(OLD))
    assert (Coding.objects.get().key, words_at(row.key)) == (row.key, ASKED)
    assert list(readings.pending_readings(None)) == []
    assert not AnchorMove.objects.exists()
    entry = AuditEntry.objects.get(action="reject reading")
    assert entry.actor == "keeper"
    assert entry.detail["reason"] == "It mixes two columns."
    (listed,) = readings.rejected_readings(None)
    assert (listed.report, listed.extractor, listed.rejected_by) == (report, "test 2", keeper)
    assert listed.rejected_at == LATER


def test_a_rejected_text_is_not_proposed_again_but_another_one_is(report):
    propose(report, *REWORDED)
    reject(report)
    assert propose(report, *REWORDED, accept_moved=True).state == "rejected"
    assert list(readings.pending_readings(None)) == []
    assert propose(report, *NEW).state == "pending"


def test_a_rejected_text_is_proposed_again_on_request(report):
    propose(report, *REWORDED)
    reject(report)
    assert propose(report, *REWORDED, also_rejected=True).state == "pending"
    assert readings.rejected_readings(None) == []


def test_a_reading_is_rejected_with_a_reason_and_by_those_who_add_reports(coder, report):
    with pytest.raises(RuleError, match="no newer reading"):
        reject(report)
    propose(report, *REWORDED)
    with pytest.raises(RuleError, match="enter why"):
        reject(report, reason="  ")
    with pytest.raises(NotPermitted):
        reject(report, by=coder)
    assert readings.pending_reading(report)


def test_scanned_pages_of_a_rejected_reading_keep_the_files_own_words(report):
    PageRecognition.objects.create(
        report=report, number=1, state=RecognitionState.DONE, in_text=True, words=b"x"
    )
    propose(report, *REWORDED)
    reject(report)
    page = PageRecognition.objects.get()
    assert (page.state, page.in_text) == (RecognitionState.OWN_WORDS, False)
    assert not services.reports_behind().exists()


# ---- checks ----


def test_the_checks_find_nothing_wrong_and_note_what_waits(coder, framework, report):
    code(coder, framework, report, ASKED)
    propose(report, *REWORDED)
    (note,) = check_readings.reading_notes()
    assert note.startswith(f"report {report.key} has been read again")
    accept(report)
    (note,) = check_readings.reading_notes()
    assert note.startswith(f"1 quotations of report {report.key} were not found for certain")
    assert [*check_readings.quotation_faults(), *check_readings.reading_faults()] == []


def test_a_quotation_is_checked_in_its_own_reading(coder, framework, report):
    row = code(coder, framework, report, ASKED)
    propose(report, *REWORDED)
    accept(report)
    Reading.objects.update(content="Other words. " * 10)
    assert list(check_readings.quotation_faults()) == [
        f"coding {row.key} is not in the text of its report"
    ]
    Reading.objects.update(content="Short")
    (fault,) = check_readings.reading_faults()
    assert fault == f"a page or passage of reading 1 of report {report.key} is outside its text"
    Reading.objects.all().delete()
    assert list(check_readings.quotation_faults()) == [
        f"coding {row.key} is in a reading that does not exist"
    ]


# ---- files ----


TEXT = b"1 Findings\n\nThe visits stopped in May. Nobody asked why.\n\nThe file held two letters.\n"


@pytest.fixture
def stored(data, tmp_path):
    """A stored file whose text is of an earlier reader."""
    path = tmp_path / "report.txt"
    path.write_bytes(TEXT)
    stored = pipeline.store_file(by=None, path=path, now=NOON)
    older = reading_of("Findings", *OLD, extractor="waymark-plain/0")
    replace_reading(by=None, report=stored, read=older, now=NOON)
    stored.refresh_from_db()
    return stored


def test_only_what_an_earlier_reader_read_is_read_again(stored):
    assert [report.key for report in readings.reports_to_read_again(None)] == [stored.key]
    result = pipeline.reread_reports(by=None, clock=lambda: LATER)
    (report,) = result.as_json()["reports"]
    assert (report["report"], report["state"]) == (stored.key, "pending")
    # It waits, so it is not read again by itself: what people decide on it stays.
    assert readings.reports_to_read_again(None) == []
    accept(stored)
    assert readings.reports_to_read_again(None) == []
    assert pipeline.reread_reports(by=None, clock=lambda: LATER).reports == []
    assert stored.reading == 3


def test_a_report_whose_newest_reading_was_rejected_is_not_read_again_by_itself(stored):
    pipeline.reread_reports(by=None, clock=lambda: LATER)
    reject(stored)
    assert readings.reports_to_read_again(None) == []
    assert pipeline.reread_reports(by=None).reports == []
    again = pipeline.reread_reports(by=None, keys=[stored.key]).as_json()
    assert (again["rejected"], again["pending"]) == (1, 0)
    RejectedReading.objects.update(extractor="waymark-plain/0")
    assert readings.reports_to_read_again(None) == [stored]
    # A newer reader that gives the rejected text is rejected with it.
    pipeline.reread_reports(by=None)
    assert readings.reports_to_read_again(None) == []


def test_reports_are_read_again_by_their_keys_or_all_of_them(stored):
    with pytest.raises(NotFound, match="no report with a file nothing"):
        pipeline.reread_reports(by=None, keys=[stored.key, "nothing"])
    by_key = pipeline.reread_reports(by=None, keys=[stored.key], accept_moved=True)
    assert [report.state for report in by_key.reports] == ["accepted"]
    every = pipeline.reread_reports(by=None, everything=True)
    assert [report.state for report in every.reports] == ["same"]


def test_a_missing_file_is_listed_and_the_others_are_read(stored, tmp_path):
    path = tmp_path / "other.txt"
    path.write_bytes(TEXT + b"\nMore.\n")
    pipeline.store_file(by=None, path=path, now=NOON)
    file = original_path(stored.original_id)
    file.parent.chmod(0o700)
    file.unlink()
    result = pipeline.reread_reports(by=None, everything=True)
    assert [fault.file for fault in result.failed] == ["report.txt"]
    assert [report.file for report in result.reports] == ["other.txt"]
