"""Scans from file to text: stored, queued, recognised page by page, whatever dies meanwhile."""

from datetime import timedelta

import pikepdf
import pytest
import typst
from django.conf import settings
from django.utils import timezone

from tests.documents.scans import SETUP, WORDS, needs_tesseract, page_image, pdf_of_pages, scan_of
from tests.factories import NOON, make_person
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role, State
from waymark.cli.reports import tell_waiting
from waymark.core.errors import FileRefused, NotPermitted, RuleError
from waymark.documents import services
from waymark.documents.files.storage import original_path
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.engine import find_engine
from waymark.documents.isolation.parent import read_isolated
from waymark.documents.models import PageRecognition, Passage, RecognitionState, Report, Review
from waymark.documents.queries.reader import text_of
from waymark.documents.reading.recognised import RecognisedPage, RecognisedWord
from waymark.documents.reading.values import ConcealedText
from waymark.library.queries import search_json
from waymark.pipeline.checks import doctor
from waymark.pipeline.documents.recognition import recognise_next
from waymark.pipeline.worker import run_worker

TYPED = "The panel met nine times and heard from eleven practitioners."
NAMING = ("Mr", "Jonathan", "Smithers", "wrote", "to", "the", "school", "of", "Mrs", "Smithers.")
UNREAD = "has scanned pages whose text is not recognised yet (page 2)"


@pytest.fixture(autouse=True)
def data(db, settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    return settings.DATA


@pytest.fixture
def no_engine(monkeypatch, tmp_path):
    """A computer without Tesseract."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def cataloguer():
    return make_person(Role.CATALOGUER, name="cataloguer")


@pytest.fixture
def mixed(tmp_path):
    """A typeset page and a scanned one."""
    typed = typst.compile((SETUP + TYPED).encode())
    return pdf_of_pages(tmp_path / "mixed.pdf", [typed, page_image(SETUP + WORDS)])


@pytest.fixture
def stored(mixed):
    return pipeline.store_file(by=None, path=mixed, now=NOON)


def recognised(*texts, confidence=90):
    words = [
        RecognisedWord(text, (60 + 40 * place, 70, 95 + 40 * place, 82), confidence, place == 0)
        for place, text in enumerate(texts)
    ]
    return RecognisedPage("tesseract 5.3.0", "eng", 0.0, tuple(words))


def finish_all(report, *texts, now=NOON, **values):
    """Recognise every waiting page as these words, and give the report its text."""
    while page := services.lease_page(now=now):
        services.finish_page(by=None, page=page, recognised=recognised(*texts, **values), now=now)
    run_worker(once=True, clock=lambda: now)
    report.refresh_from_db()


def states(report):
    return list(report.recognitions.values_list("number", "state", "in_text"))


def test_a_report_with_scanned_pages_is_stored_with_the_text_of_the_others(stored):
    assert text_of(stored) == f"{TYPED}\n"
    assert states(stored) == [(2, RecognitionState.WAITING, False)]
    assert stored.warnings == ["the text of scanned pages is not recognised (page 2)"]


def test_a_report_of_scans_alone_is_stored_and_named_after_its_file_until_it_is_read(tmp_path):
    path = scan_of(tmp_path / "oak.pdf", SETUP + WORDS)
    report = pipeline.store_file(by=None, path=path, now=NOON)
    assert (report.title, report.review.title, text_of(report)) == ("oak.pdf", "oak.pdf", "")
    finish_all(report, "Child", "Oak")
    report.review.refresh_from_db()
    assert (report.title, report.review.title, text_of(report)) == ("Child Oak",) * 3


@needs_tesseract
def test_ingest_recognises_the_scanned_pages_of_its_files_and_publishes_them(mixed):
    result = pipeline.ingest_files([mixed], workers=2, by=None, publish=True, clock=lambda: NOON)
    report = Report.objects.get()
    assert (result.recognised, result.waiting, result.held_back) == (1, 0, [])
    assert states(report) == [(2, RecognitionState.DONE, True)]
    assert report.state == report.review.state == State.PUBLISHED
    assert text_of(report) == f"{TYPED}\n{WORDS}"
    hit = search_json("misunderstanding", limit=5)["hits"][0]["passages"][0]
    assert (hit["page"], hit["text"]) == (2, WORDS)
    page = report.recognitions.get()
    assert page.confidence >= 90
    assert (page.engine.split()[0], page.languages) == ("tesseract", "eng")


def test_ingest_without_ocr_leaves_the_pages_to_the_worker(mixed):
    result = pipeline.ingest_files([mixed], workers=1, by=None, recognise=False, publish=True)
    assert (result.recognised, result.waiting) == (0, 1)
    assert [(report.file, report.reason) for report in result.held_back] == [("mixed.pdf", UNREAD)]
    assert Report.objects.get().state == State.RECEIVED


@needs_tesseract
def test_the_same_ingest_again_recognises_the_pages_that_a_killed_run_left(mixed, stored):
    result = pipeline.ingest_files([mixed], workers=1, by=None, clock=lambda: NOON)
    assert (result.stored, result.already) == (0, 1)
    assert (result.recognised, result.waiting, result.held_back) == (1, 0, [])
    assert text_of(stored) == f"{TYPED}\n{WORDS}"


def test_the_same_ingest_again_counts_the_pages_that_still_wait_and_publishes_nothing(
    no_engine, mixed, stored
):
    result = pipeline.ingest_files([mixed], workers=1, by=None, publish=True, clock=lambda: NOON)
    assert (result.already, result.recognised, result.waiting) == (1, 0, 1)
    assert [report.reason for report in result.held_back] == [UNREAD]
    stored.refresh_from_db()
    assert stored.state == State.RECEIVED


def test_without_tesseract_the_pages_wait_and_the_worker_ends(no_engine, stored):
    run_worker(once=True, clock=lambda: NOON)
    assert states(stored) == [(2, RecognitionState.WAITING, False)]
    faults = {check.name: check.faults for check in doctor.examine_installation(now=NOON)}
    (fault,) = faults["no scanned page has failed or waited too long"]
    assert "apt install tesseract-ocr" in fault
    assert stored.key in fault


@needs_tesseract
def test_the_worker_goes_on_by_itself_when_tesseract_is_there(stored):
    run_worker(once=True, clock=lambda: NOON)
    assert states(stored) == [(2, RecognitionState.DONE, True)]
    assert text_of(stored) == f"{TYPED}\n{WORDS}"


@needs_tesseract
def test_pages_that_a_process_has_begun_are_told_with_the_time_when_they_are_free(stored, capsys):
    tell_waiting(1)
    assert "waymark work or waymark reports recognise does it" in capsys.readouterr().err
    page = services.lease_page(now=timezone.now())
    tell_waiting(1)
    message = capsys.readouterr().err
    free = f"free again in 10 minutes (after {page.lease_until:%H:%M} UTC)"
    assert f"If it was stopped, they are {free}: run waymark reports recognise then" in message
    assert "or now with --release" in message
    assert "does it" not in message
    tell_waiting(1, [stored.pk + 1])
    assert "does it" in capsys.readouterr().err
    PageRecognition.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    tell_waiting(1)
    assert "waymark reports recognise does it" in capsys.readouterr().err


def test_the_page_of_a_killed_worker_is_taken_again_when_its_lease_has_run_out(stored):
    first = services.lease_page(now=NOON)
    assert services.lease_page(now=NOON + timedelta(minutes=9)) is None
    second = services.lease_page(now=NOON + timedelta(minutes=11))
    assert (first.pk, second.attempts) == (second.pk, 2)
    # The first was only slow: what it brings now is ignored.
    services.finish_page(by=None, page=first, recognised=recognised("late"), now=NOON)
    assert states(stored) == [(2, RecognitionState.RUNNING, False)]
    services.finish_page(by=None, page=second, recognised=recognised("right"), now=NOON)
    assert services.recognised_pages(stored)[2].words[0].text == "right"


def test_a_person_releases_pages_that_a_stopped_process_had_begun(stored, cataloguer):
    first = services.lease_page(now=NOON)
    later = NOON + timedelta(minutes=1)
    assert services.release_pages(by=cataloguer, report=stored, now=later) == [2]
    assert states(stored) == [(2, RecognitionState.WAITING, False)]
    # The process was alive after all: what it brings is ignored, before and after the next lease.
    services.finish_page(by=None, page=first, recognised=recognised("late"), now=later)
    assert states(stored) == [(2, RecognitionState.WAITING, False)]
    second = services.lease_page(now=later)
    services.finish_page(by=None, page=first, recognised=recognised("late"), now=later)
    services.finish_page(by=None, page=second, recognised=recognised("right"), now=later)
    assert services.recognised_pages(stored)[2].words[0].text == "right"
    entry = AuditEntry.objects.get(action="release pages")
    assert (entry.actor, entry.detail["pages"]) == ("cataloguer", [2])
    assert services.release_pages(by=cataloguer, report=stored, now=later) == []


def test_a_process_whose_page_a_person_chose_anew_brings_nothing(stored):
    first = services.lease_page(now=NOON)
    later = NOON + timedelta(minutes=1)
    services.choose_pages(by=None, report=stored, now=later, numbers=[2], languages="eng")
    services.lease_page(now=later)
    services.finish_page(by=None, page=first, recognised=recognised("late"), now=later)
    assert states(stored) == [(2, RecognitionState.RUNNING, False)]


@needs_tesseract
def test_a_run_that_is_stopped_by_hand_leaves_no_page_leased(stored):
    def stop(name):
        raise KeyboardInterrupt

    scan = page_image(SETUP + WORDS)
    other = pipeline.store_file(
        by=None, path=pdf_of_pages(settings.DATA / "b.pdf", [scan] * 3), now=NOON
    )
    with pytest.raises(KeyboardInterrupt):
        pipeline.recognise_pages(by=None, reports=[other, stored], workers=2, on_done=stop)
    rows = PageRecognition.objects.values_list("state", flat=True)
    assert RecognitionState.RUNNING not in rows
    assert RecognitionState.WAITING in rows


@needs_tesseract
def test_a_worker_that_is_told_to_stop_gives_its_page_back_at_once(stored, monkeypatch):
    def stopped(*_):
        raise SystemExit

    monkeypatch.setattr("waymark.pipeline.documents.recognition.recognise_leased", stopped)
    for _ in range(4):
        with pytest.raises(SystemExit):
            recognise_next(lambda: NOON)
    page = PageRecognition.objects.get(report=stored)
    assert (page.state, page.attempts, page.lease_until) == (RecognitionState.WAITING, 0, None)


@needs_tesseract
@pytest.mark.parametrize(
    ("nation", "chosen", "language", "package"),
    [
        ("Wales", "", "Welsh", "cym"),
        ("Northern Ireland", "", "Irish", "gle"),
        ("England", "eng+cym", "Welsh", "cym"),
    ],
)
def test_a_language_that_is_not_installed_is_named_and_the_others_are_used(
    stored, nation, chosen, language, package
):
    if package in find_engine().languages:
        pytest.skip(f"{language} is installed")
    Review.objects.filter(pk=stored.review_id).update(nation=nation)
    if chosen:
        pipeline.choose_words(by=None, report=stored, now=NOON, languages=chosen)
    result = pipeline.recognise_pages(by=None, reports=[stored], clock=lambda: NOON)
    page = stored.recognitions.get()
    assert (page.state, page.languages, page.in_text) == (RecognitionState.DONE, "eng", True)
    assert page.reason.startswith(f"recognised without {language}, which is not installed")
    assert f"apt install tesseract-ocr-{package};" in page.reason
    assert result.as_json()["notes"] == [page.reason]
    # After it was installed: the language of the nation is asked for again.
    pipeline.choose_words(by=None, report=stored, now=NOON, languages=chosen)
    assert stored.recognitions.get().languages == chosen


@needs_tesseract
def test_the_worker_notes_a_language_that_is_not_installed(stored):
    if "cym" in find_engine().languages:
        pytest.skip("Welsh is installed")
    Review.objects.filter(pk=stored.review_id).update(nation="Wales")
    assert recognise_next(lambda: NOON)
    assert "recognised without Welsh" in stored.recognitions.get().reason


def test_a_page_that_kills_three_workers_has_failed(stored):
    for minutes in (0, 11, 22):
        assert services.lease_page(now=NOON + timedelta(minutes=minutes)) is not None
    assert services.lease_page(now=NOON + timedelta(minutes=33)) is None
    page = stored.recognitions.get()
    assert (page.state, page.reason) == ("failed", "text recognition stopped 3 times")


def test_recognition_goes_on_with_the_pages_that_are_left(tmp_path):
    scan = page_image(SETUP + WORDS)
    path = pdf_of_pages(tmp_path / "a.pdf", [scan, scan, scan])
    report = pipeline.store_file(by=None, path=path, now=NOON)
    page = services.lease_page(now=NOON)
    services.finish_page(by=None, page=page, recognised=recognised("First."), now=NOON)
    # A process that stops here has lost nothing: one page is done, and the text is not changed.
    assert (text_of(report), len(services.reports_behind())) == ("\n\n", 0)
    finish_all(report, "Other.")
    assert text_of(report) == "First.\nOther.\nOther."


def test_a_text_that_was_made_ready_while_a_person_chose_otherwise_is_not_used(stored):
    page = services.lease_page(now=NOON)
    services.finish_page(by=None, page=page, recognised=recognised("Some", "words"), now=NOON)
    services.choose_pages(
        by=None, report=stored, now=NOON, numbers=[2], own_words=True, because="Only images."
    )
    run_worker(once=True, clock=lambda: NOON)
    assert text_of(stored) == f"{TYPED}\n"


def test_bookmarks_of_a_scan_are_no_hidden_text_once_its_words_are_recognised(tmp_path):
    path = scan_of(tmp_path / "oak.pdf", SETUP + WORDS)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        with pdf.open_outline() as outline:
            for title in ("Findings of the panel", "Karen Smithers", "Names in the file"):
                outline.root.append(pikepdf.OutlineItem(title, 0))
        pdf.save()
    report = pipeline.store_file(by=None, path=path, now=NOON)

    def names():
        return [row.words for row in report.hidden_texts.order_by("words")]

    assert names() == ["Findings of the panel", "Karen Smithers", "Names in the file"]
    services.answer_hidden_text(
        by=make_person(Role.CATALOGUER),
        report=report,
        kind="bookmark",
        places=[report.hidden_texts.get(words="Names in the file").pk],
        verdict="harmless",
        answer="It names nobody.",
        now=NOON,
    )
    finish_all(report, "Findings", "of", "the", "panel", "Names", "in", "the", "file")
    # The page does not show one of them, and a person has answered another.
    assert names() == ["Karen Smithers", "Names in the file"]
    entry = AuditEntry.objects.filter(action="look for hidden text").last()
    assert (entry.detail["new"], entry.detail["gone"]) == (0, 1)
    # Without the recognised words, the bookmark is hidden text again.
    services.choose_pages(
        by=None, report=report, now=NOON, numbers=[1], own_words=True, because="A test."
    )
    run_worker(once=True, clock=lambda: NOON)
    assert "Findings of the panel" in names()


def test_a_failed_redaction_does_not_end_because_another_reading_misses_it(stored):
    find = ConcealedText(1, "Karen Smithers", "under a box", "covered", (0, 0, 9, 9))
    services.record_check(by=None, report=stored, hidden=[find], now=NOON)
    services.record_check(by=None, report=stored, hidden=[], now=NOON)
    assert stored.hidden_texts.get().words == "Karen Smithers"


def test_pages_that_wait_prevent_publication(stored, cataloguer):
    for item in (stored, stored.review):
        stored.state = State.RECEIVED
        if item is stored.review:
            Report.objects.filter(pk=stored.pk).update(state=State.EMBARGOED)
        with pytest.raises(RuleError, match=r"not recognised yet \(page 2\): wait for it, or run"):
            pipeline.change_state(by=cataloguer, item=item, state=State.PUBLISHED, now=NOON)


def test_a_report_whose_scans_need_no_text_can_be_published(stored, cataloguer):
    pipeline.choose_words(
        by=cataloguer, report=stored, now=NOON, own_words=True, because="Only images."
    )
    pipeline.change_state(by=cataloguer, item=stored, state=State.PUBLISHED, now=NOON)
    assert states(stored) == [(2, RecognitionState.OWN_WORDS, False)]
    entry = AuditEntry.objects.get(action="choose words of pages")
    assert entry.actor == "cataloguer"
    assert (entry.detail["pages"], entry.detail["words"]) == ([2], "own")


def test_names_in_recognised_words_are_looked_for_and_prevent_publication(stored, cataloguer):
    assert not stored.possible_identifiers.filter(verdict="").exists()
    finish_all(stored, *NAMING)
    assert stored.possible_identifiers.filter(words__contains="Smithers").exists()
    with pytest.raises(RuleError):
        pipeline.change_state(by=cataloguer, item=stored, state=State.PUBLISHED, now=NOON)


def test_names_in_recognised_words_prevent_publication_when_they_leave_the_text(stored, cataloguer):
    finish_all(stored, *NAMING)
    pipeline.choose_words(
        by=cataloguer, report=stored, now=NOON, numbers=[2], own_words=True, because="Only images."
    )
    run_worker(once=True, clock=lambda: NOON)
    assert text_of(stored) == f"{TYPED}\n"
    identifier = stored.possible_identifiers.get(words__contains="Jonathan Smithers")
    assert (identifier.verdict, identifier.source) == ("", "earlier text")
    with pytest.raises(RuleError, match="may identify people"):
        pipeline.change_state(by=cataloguer, item=stored, state=State.PUBLISHED, now=NOON)


def test_an_embargo_ends_where_recognised_words_name_people(stored, cataloguer):
    finish_all(stored, "Nothing", "of", "note")
    pipeline.change_state(
        by=cataloguer,
        item=stored,
        state=State.EMBARGOED,
        public_from=NOON + timedelta(days=9),
        now=NOON,
    )
    pipeline.choose_words(by=None, report=stored, now=NOON, numbers=[2])
    finish_all(stored, *NAMING)
    assert stored.state == State.INTERNAL


def test_reading_a_file_again_keeps_its_recognised_words(stored):
    finish_all(stored, "Recognised", "words")
    (again,) = pipeline.reread_reports(by=None, everything=True, clock=lambda: NOON).reports
    assert again.state == "same"
    assert text_of(stored) == f"{TYPED}\nRecognised words"


def test_passages_of_recognised_pages_are_marked(stored):
    finish_all(stored, "A", "sure", "reading", "of", "it", confidence=95)
    sources = dict(Passage.objects.filter(report=stored).values_list("page", "source"))
    assert sources == {1: "", 2: "scan"}


def test_passages_of_low_confidence_are_marked_as_such(stored):
    finish_all(stored, "An", "unsure", "reading", confidence=60)
    passage = Passage.objects.get(report=stored, page=2)
    assert passage.get_source_display() == (
        "Text recognised from a low quality scan: check against the page image"
    )
    assert stored.pages.get(number=2).source == "poor-scan"
    assert any(warning.startswith("low quality scan or a form") for warning in stored.warnings)


def test_the_files_own_words_can_be_chosen_again_and_the_recognised_ones_stay_in_the_record(stored):
    finish_all(stored, "Wrong", "words")
    pipeline.choose_words(
        by=None, report=stored, now=NOON, numbers=[2], own_words=True, because="Only images."
    )
    run_worker(once=True, clock=lambda: NOON)
    assert text_of(stored) == f"{TYPED}\n"
    page = stored.recognitions.get()
    assert (page.state, page.in_text) == (RecognitionState.OWN_WORDS, False)
    assert services.recognised_pages(stored) == {}
    assert page.words is not None


def test_a_person_can_have_a_typeset_page_recognised(stored):
    finish_all(stored, "A", "scan.")
    assert pipeline.choose_words(by=None, report=stored, now=NOON, numbers=[1]) == [1]
    finish_all(stored, "Recognised.")
    assert text_of(stored) == "Recognised.\nA scan."


def test_pages_that_no_file_has_are_refused(stored):
    with pytest.raises(RuleError, match=r"has no image of a page 9"):
        pipeline.choose_words(by=None, report=stored, now=NOON, numbers=[2, 9])
    assert states(stored) == [(2, RecognitionState.WAITING, False)]


def test_an_older_text_stays_at_its_address(stored):
    finish_all(stored, "The", "first", "reading")
    first = Passage.objects.get(report=stored, page=2).key
    pipeline.choose_words(by=None, report=stored, now=NOON, numbers=[2])
    finish_all(stored, "Another", "reading")
    from waymark.documents.queries.reader import cited_place

    assert cited_place(first, None, NOON).quote == "The first reading"


def test_a_file_that_was_erased_has_no_recognised_words_left(stored, cataloguer):
    finish_all(stored, "Private", "words")
    pipeline.change_state(by=cataloguer, item=stored, state=State.WITHDRAWN, now=NOON)
    services.erase_original(by=cataloguer, report=stored, now=NOON)
    assert not PageRecognition.objects.exists()


def test_a_report_whose_file_is_damaged_meanwhile_says_so_and_keeps_its_text(stored):
    page = services.lease_page(now=NOON)
    services.finish_page(by=None, page=page, recognised=recognised("words"), now=NOON)
    path = original_path(stored.original_id)
    path.chmod(0o600)
    path.write_bytes(b"%PDF-1.4 nothing")
    run_worker(once=True, clock=lambda: NOON)
    page.refresh_from_db()
    assert (page.state, text_of(stored)) == ("failed", f"{TYPED}\n")
    assert page.reason


def test_a_page_that_could_not_be_recognised_says_why(stored):
    page = services.lease_page(now=NOON)
    refused = FileRefused("mixed.pdf", "page 2 could not be recognised", "Try again")
    services.fail_page(by=None, page=page, refused=refused, now=NOON)
    assert services.reason_not_ready(stored) == UNREAD
    assert recognise_next(lambda: NOON) is False


def test_only_those_who_may_add_reports_choose_the_words_of_pages(stored):
    reader = make_person(Role.READER)
    with pytest.raises(NotPermitted):
        pipeline.choose_words(by=reader, report=stored, now=NOON)


def test_the_same_file_sent_twice_queues_its_pages_once(stored, mixed):
    read = read_isolated(mixed, "mixed.pdf", reading_limits())
    services.store_report(by=None, path=mixed, file_name="again.pdf", read=read, now=NOON)
    assert PageRecognition.objects.count() == 1
