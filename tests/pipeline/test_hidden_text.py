"""Hidden text holds a report back, on every way in, until a person has answered for it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.documents.making import BOX, LEFT, SECRET, line, paragraph, pdf_of, scanned
from tests.factories import NOON, make_person, make_report, make_review
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import NotPermitted, RuleError
from waymark.documents import services
from waymark.documents.files.storage import original_path
from waymark.documents.models import HiddenText, Passage, Report, ReportText
from waymark.documents.queries.holdings import open_properties, reports_with_hidden_text
from waymark.library.queries import search_json
from waymark.pipeline.checks import doctor

PROSE = paragraph(60, 600, LEFT)
HELD = "hidden text that nobody has marked as harmless"


@pytest.fixture
def data(db, settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    return settings.DATA


@pytest.fixture
def keeper(db):
    return make_person(Role.CATALOGUER, name="keeper")


@pytest.fixture
def boxed(tmp_path):
    return pdf_of([b"".join([*PROSE, line(60, 700, SECRET), BOX])], tmp_path / "boxed.pdf")


@pytest.fixture
def clean(tmp_path):
    return pdf_of([b"".join([*PROSE, line(60, 700, "Nothing hidden")])], tmp_path / "clean.pdf")


def answer(keeper, report, verdict="harmless", kind="covered", **changed):
    return services.answer_hidden_text(
        by=keeper,
        report=report,
        kind=kind,
        verdict=verdict,
        **{"answer": "Crop marks", "now": NOON, **changed},
    )


def published(keeper, item, state=State.PUBLISHED, **options):
    pipeline.change_state(by=keeper, item=item, state=state, now=NOON, **options)


def test_publishing_a_folder_holds_back_what_has_hidden_text(data, boxed, clean):
    result = pipeline.ingest_files([boxed, clean], workers=1, by=None, publish=True)
    blocked = Report.objects.get(file_name="boxed.pdf")
    assert result.as_json()["held"] == [
        {
            "file": "boxed.pdf",
            "report": blocked.key,
            "reason": f"has {HELD} (words under a box, 1 place on 1 page)",
        }
    ]
    assert (blocked.state, blocked.review.state) == (State.RECEIVED, State.RECEIVED)
    assert Report.objects.get(file_name="clean.pdf").state == State.PUBLISHED


def test_a_scan_with_a_box_is_held_back_as_well(data, tmp_path):
    file = scanned(tmp_path / "scan.pdf", boxed_in_image=True)
    result = pipeline.ingest_files([file], workers=1, by=None, publish=True)
    assert [report.file for report in result.held_back] == ["scan.pdf"]


def test_an_upload_by_staff_is_held_back(data, boxed, keeper):
    upload = SimpleUploadedFile("boxed.pdf", boxed.read_bytes())
    services.receive_upload(by=keeper, files=[upload], batch="b1", now=NOON)
    pipeline.run_worker(once=True)
    report = Report.objects.get()
    with pytest.raises(RuleError, match=HELD):
        published(keeper, report)
    assert Report.objects.get().state == State.RECEIVED


def test_hidden_words_are_in_no_text_passage_warning_or_hit(data, boxed):
    pipeline.ingest_files([boxed], workers=1, by=None)
    assert SECRET not in ReportText.objects.get().content
    assert not Passage.objects.filter(heading__contains="secret").exists()
    assert "secret" not in " ".join([*Report.objects.get().warnings, Report.objects.get().title])
    assert search_json("secret")["total"] == 0
    assert search_json("practitioners")["total"] == 1


@pytest.mark.parametrize("state", [State.PUBLISHED, State.EMBARGOED])
def test_no_state_that_opens_a_report_is_possible_while_it_is_held(data, boxed, keeper, state):
    report = pipeline.store_file(by=keeper, path=boxed, now=NOON)
    opens = NOON + timedelta(days=9) if state == State.EMBARGOED else None
    with pytest.raises(RuleError, match=HELD):
        published(keeper, report, state, public_from=opens)
    with pytest.raises(RuleError, match=HELD):
        services.set_report_state(by=None, report=report, state=state, public_from=opens, now=NOON)
    published(keeper, report, State.INTERNAL)


def test_a_review_that_would_open_such_a_report_stays_closed(data, keeper):
    report = make_report(make_review(state=State.INTERNAL), "Some words.")
    HiddenText.objects.create(report=report, kind="covered", page=1, words=SECRET, cause="a box")
    with pytest.raises(RuleError, match=HELD):
        published(keeper, report.review)


def test_a_harmless_find_lets_the_report_be_published_and_is_audited(data, boxed, keeper):
    report = pipeline.store_file(by=keeper, path=boxed, now=NOON)
    assert answer(keeper, report) == 1
    published(keeper, report)
    find = HiddenText.objects.get()
    assert (find.verdict, find.answer, find.answered_by) == ("harmless", "Crop marks", keeper)
    entry = AuditEntry.objects.get(action="decide on hidden text")
    assert (entry.actor, entry.subject) == ("keeper", f"report {report.key}")
    assert SECRET not in str(entry.detail)


def test_a_file_that_has_to_be_replaced_stays_held_until_somebody_answers_again(
    data, boxed, keeper
):
    report = pipeline.store_file(by=keeper, path=boxed, now=NOON)
    answer(keeper, report, "replace")
    with pytest.raises(RuleError, match=HELD):
        published(keeper, report)
    answer(keeper, report)
    published(keeper, report)


def test_every_class_of_hidden_text_has_its_own_answer(data, keeper, tmp_path):
    words = [line(60, 700, SECRET), BOX, b"1 g ", line(60, 500, "White words"), b"0 g "]
    file = pdf_of([b"".join([*PROSE, *words])], tmp_path / "both.pdf")
    report = pipeline.store_file(by=keeper, path=file, now=NOON)
    answer(keeper, report, kind="invisible")
    with pytest.raises(RuleError, match="words under a box, 1 place"):
        published(keeper, report)


def test_words_under_boxes_are_declared_harmless_one_by_one_and_other_classes_at_once(
    data, keeper, tmp_path
):
    words = [line(60, 700, SECRET), BOX, b"1 g ", line(60, 500, "White words"), b"0 g "]
    page = b"".join([*PROSE, *words])
    report = pipeline.store_file(
        by=keeper, path=pdf_of([page, page], tmp_path / "two.pdf"), now=NOON
    )
    with pytest.raises(RuleError, match="choose the places"):
        answer(keeper, report)
    covered = report.hidden_texts.filter(kind="covered")
    assert answer(keeper, report, places=[covered[0].pk]) == 1
    assert answer(keeper, report, kind="invisible") == 2
    with pytest.raises(RuleError, match=r"words under a box, 1 place on 1 page\)"):
        published(keeper, report)
    assert answer(keeper, report, "replace") == 2


@pytest.mark.parametrize(
    "wrong", [{"answer": "  "}, {"answer": "x" * 501}, {"verdict": "fine"}, {"kind": "comment"}]
)
def test_an_answer_without_a_reason_a_verdict_or_a_find_is_refused(data, boxed, keeper, wrong):
    report = pipeline.store_file(by=keeper, path=boxed, now=NOON)
    with pytest.raises(RuleError):
        answer(keeper, report, **wrong)
    assert services.unanswered_findings(report).count() == 1


@pytest.mark.parametrize("role", [Role.READER, Role.CODER, Role.ANALYST])
def test_nobody_else_answers_or_sees_the_list(data, boxed, role):
    report = pipeline.store_file(by=None, path=boxed, now=NOON)
    person = make_person(role)
    with pytest.raises(NotPermitted):
        answer(person, report)
    with pytest.raises(NotPermitted):
        reports_with_hidden_text(person)


def test_an_erased_file_leaves_no_hidden_words(data, boxed, keeper):
    report = pipeline.store_file(by=keeper, path=boxed, now=NOON)
    published(keeper, report, State.WITHDRAWN)
    services.erase_original(by=keeper, report=report, now=NOON)
    assert not HiddenText.objects.exists()


# ---- reports that an earlier version stored ----


@pytest.fixture
def stored(data, boxed):
    """A report stored before hidden text was looked for."""
    pipeline.store_file(by=None, path=boxed, now=NOON)
    HiddenText.objects.all().delete()
    Report.objects.update(hidden_text_checked_at=None)
    return Report.objects.get()


def faults():
    return [fault for finding in doctor.examine_installation(now=NOON) for fault in finding.faults]


def test_a_report_nobody_looked_at_is_not_published_and_the_doctor_says_so(stored, keeper):
    with pytest.raises(RuleError, match="run waymark reports check"):
        published(keeper, stored)
    assert "1 stored files were not checked for hidden text: run waymark reports check" in faults()


def test_a_check_of_stored_files_lists_what_is_public_and_leaves_it_public(stored):
    Report.objects.update(
        state=State.PUBLISHED, warnings=[f"page 1 holds words that cannot be seen (x): “{SECRET}”"]
    )
    stored.review.state = State.PUBLISHED
    stored.review.save()
    outcome = pipeline.check_stored_reports(by=None)
    assert (outcome.checked, outcome.failed) == (1, [])
    (blocked,) = outcome.held_back
    assert (blocked.report, blocked.public) == (stored.key, True)
    report = Report.objects.get()
    assert (report.state, report.warnings) == (State.PUBLISHED, [])
    assert any(fault.startswith(f"report {stored.key} is public") for fault in faults())


def test_a_check_takes_a_report_under_an_embargo_off_the_calendar(stored):
    Report.objects.update(state=State.EMBARGOED, public_from=NOON + timedelta(days=9))
    pipeline.check_stored_reports(by=None, clock=lambda: NOON)
    assert Report.objects.get().state == State.INTERNAL


def test_a_second_check_keeps_the_answers_and_adds_nothing(stored, keeper):
    pipeline.check_stored_reports(by=None)
    answer(keeper, stored)
    assert pipeline.check_stored_reports(by=None).checked == 0
    outcome = pipeline.check_stored_reports(by=None, everything=True)
    assert (outcome.checked, outcome.held_back, HiddenText.objects.count()) == (1, [], 1)


def test_a_stored_file_that_cannot_be_read_again_is_listed_and_not_taken_as_checked(stored):
    original_path(stored.original_id).write_bytes(b"%PDF-1.7 cut short")
    outcome = pipeline.check_stored_reports(by=None)
    assert [fault.file for fault in outcome.failed] == ["boxed.pdf"]
    assert Report.objects.get().hidden_text_checked_at is None


def test_a_property_of_many_files_is_answered_once_with_its_reason_in_each_report(data, keeper):
    reports = [make_report(make_review(), "Nothing.", state=State.RECEIVED) for _ in range(4)]
    for report, words in zip(
        reports, ("Oak Office", "Oak Office", "Elm", "Oak Office"), strict=True
    ):
        fields = {"report": report, "kind": "metadata", "page": 0, "cause": "author"}
        HiddenText.objects.create(**fields, words=words)
    HiddenText.objects.create(
        report=reports[0], kind="comment", page=1, words="Oak Office", cause="x"
    )
    services.answer_hidden_text(
        by=keeper, report=reports[3], kind="metadata", verdict="replace", answer="No.", now=NOON
    )
    assert [(row.words, row.reports) for row in open_properties(keeper)] == [
        ("Oak Office", 2),
        ("Elm", 1),
    ]
    with pytest.raises(RuleError, match="enter a reason"):
        services.answer_properties(by=keeper, words=["Oak Office"], answer=" ", now=NOON)
    count = services.answer_properties(
        by=keeper, words=["Oak Office"], answer="Our office.", now=NOON
    )
    assert count == 2
    rows = HiddenText.objects.order_by("pk").values_list("kind", "verdict", "answer")
    assert list(rows) == [
        ("metadata", "harmless", "Our office."),
        ("metadata", "harmless", "Our office."),
        ("metadata", "", ""),
        ("metadata", "replace", "No."),
        ("comment", "", ""),
    ]
    entries = AuditEntry.objects.filter(action="decide on hidden text", detail__verdict="harmless")
    assert {entry.subject for entry in entries} == {row.audit_subject() for row in reports[:2]}
    with pytest.raises(RuleError, match="at least one property"):
        services.answer_properties(by=keeper, words=["Oak Office"], answer="Again.", now=NOON)
