"""Taking in: stored once, by those who may, whole or not at all; the queue of uploads; states."""

import io
import os
import time
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.documents.making import REPORT, pdf_of, typeset
from tests.factories import NOON, make_person, make_report, make_review
from tests.shared import SHARED, needs_shared
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import FileRefused, NotFound, NotPermitted, RuleError
from waymark.core.spans import Span
from waymark.documents import services
from waymark.documents.files import storage
from waymark.documents.files.page_images import WEBP_WIDTHS, page_png, page_webp
from waymark.documents.ingest import expand_paths, reading_limits
from waymark.documents.isolation.parent import read_isolated
from waymark.documents.isolation.render import page_as_image
from waymark.documents.keys import span_key
from waymark.documents.models import Intake, IntakeState, Original, Report, Review
from waymark.documents.queries import reader as queries
from waymark.documents.reading.words import span_rectangles, unpack_words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.DATA = tmp_path / "data"
    return settings.DATA


@pytest.fixture(scope="module")
def oak(tmp_path_factory):
    return typeset(REPORT, tmp_path_factory.mktemp("files") / "oak.pdf")


@pytest.fixture(scope="module")
def read(oak):
    return read_isolated(oak, oak.name, reading_limits())


@pytest.fixture
def cataloguer():
    return make_person(Role.CATALOGUER)


def store(read, path, by=None, **values):
    return services.store_report(
        by=by, path=path, file_name="oak.pdf", read=read, now=NOON, **values
    )


def test_a_report_is_stored_with_its_pages_passages_and_original(oak, read, cataloguer):
    review = make_review("R10")
    report, stored = store(read, oak, by=cataloguer, review=review)
    assert stored
    assert (report.review, report.page_count, report.state) == (review, 2, State.RECEIVED)
    assert report.key == report.original.sha256[:12]
    assert storage.original_path(report.original.sha256).read_bytes() == oak.read_bytes()
    assert queries.text_of(report) == read.text
    assert report.pages.count() == 2
    rows = list(queries.passages_of(report))
    assert [row.text for row in rows] == [read.text[p.start : p.end] for p in read.passages]
    assert AuditEntry.objects.filter(action="store report", actor=str(cataloguer)).count() == 1


def test_the_same_bytes_are_stored_once(oak, read):
    first, _ = store(read, oak)
    again, stored = store(read, oak, review=make_review())
    assert (again, stored) == (first, False)
    assert (Report.objects.count(), Original.objects.count()) == (1, 1)


def test_without_a_review_one_is_made_with_the_documents_title(oak, read):
    report, _ = store(read, oak)
    assert report.review.title == "Case management review: Child Oak"
    assert report.review.reference == f"r-{report.key}"
    assert report.review.state == State.RECEIVED


def test_a_reader_may_not_take_in_reports(oak, read):
    with pytest.raises(NotPermitted):
        store(read, oak, by=make_person(Role.READER))
    assert not Original.objects.exists()
    assert not storage.originals_folder().exists()


def test_a_reference_is_given_once():
    services.add_review(by=None, reference="R1", title="One", now=NOON)
    with pytest.raises(RuleError, match="a review R1 already exists"):
        services.add_review(by=None, reference="R1", title="Two", now=NOON)


def test_originals_cannot_be_written_to(oak, read):
    report, _ = store(read, oak)
    assert storage.original_path(report.original_id).stat().st_mode & 0o222 == 0


# ---- places ----


def test_a_citation_key_leads_to_its_words_heading_page_and_rectangles(oak, read):
    report, _ = store(read, oak)
    start = read.text.index("who did not answer")
    key = span_key(report.key, Span(start, start + len("who did not answer")))
    place = queries.cited_place(key, make_person(Role.CODER), NOON)
    assert place.quote == "who did not answer"
    assert place.heading == "1. What happened > Contact with services"
    page = report.pages.get(number=place.page)
    boxes = span_rectangles(unpack_words(bytes(page.words)), place.span)
    assert boxes
    for x0, y0, x1, y1 in boxes:
        assert 0 < x0 < x1 < page.width
        assert 0 < y0 < y1 < page.height


def test_what_a_person_may_not_see_is_not_found(oak, read):
    report, _ = store(read, oak)
    key = span_key(report.key, Span(0, 5))
    with pytest.raises(NotFound):
        queries.cited_place(key, make_person(Role.READER), NOON)
    services.answer_hidden_text(
        by=None,
        report=report,
        kind="metadata",
        verdict="harmless",
        answer="The title of a test.",
        now=NOON,
    )
    services.set_report_state(by=None, report=report, state=State.PUBLISHED, now=NOON)
    with pytest.raises(NotFound):
        queries.cited_place(key, make_person(Role.READER), NOON)
    services.set_review_state(by=None, review=report.review, state=State.PUBLISHED, now=NOON)
    assert queries.cited_place(key, make_person(Role.READER), NOON).quote == read.text[:5]


@pytest.mark.parametrize("key", ["", "x", "000000000000-0-5", "0-0-5"])
def test_a_key_of_nothing_is_not_found(key):
    with pytest.raises(NotFound):
        queries.cited_place(key, make_person(Role.EDITOR), NOON)


def test_a_key_beyond_the_text_is_not_found(oak, read):
    report, _ = store(read, oak)
    with pytest.raises(NotFound):
        queries.cited_place(f"{report.key}-0-99999999", make_person(Role.EDITOR), NOON)


def test_a_page_is_drawn_once_and_then_kept(oak, read):
    report, _ = store(read, oak)
    first = page_png(report, 2, width=300)
    assert first.startswith(b"\x89PNG")
    (image,) = storage.page_images_folder().rglob("*.png")
    image.write_bytes(b"what is kept")
    assert page_png(report, 2, width=300) == b"what is kept"
    with pytest.raises(NotFound):
        page_png(report, 3)


def test_a_page_is_drawn_as_webp_in_the_width_that_was_asked_for(oak, read):
    report, _ = store(read, oak)
    image = Image.open(io.BytesIO(page_webp(report, 2, 480)))
    # A4 is 595 by 842 points: 480 pixels wide, it is 480 x 842 / 595 = 679 high.
    assert (image.format, image.size) == ("WEBP", (480, 679))
    with Image.open(io.BytesIO(page_png(report, 2, width=480))) as png:
        assert png.size == (480, 679)
    stored = {path.name for path in storage.page_images_folder().rglob("*.*")}
    assert stored == {f"{report.key}-2-480.webp", f"{report.key}-2-480.png"}


@pytest.mark.parametrize("width", [0, 100, 481, 2_001, 100_000])
def test_a_width_that_is_not_listed_is_not_drawn(oak, read, width):
    report, _ = store(read, oak)
    assert width not in WEBP_WIDTHS
    with pytest.raises(NotFound):
        page_webp(report, 1, width)
    assert not storage.page_images_folder().exists()


def test_a_page_too_long_for_webp_is_drawn_narrower(tmp_path):
    # 100 by 14,000 points: at 160 pixels it would be 22,400 high, and WebP ends at 16,383.
    path = pdf_of([b""], tmp_path / "long.pdf", box=(0, 0, 100, 14_000))
    image = Image.open(io.BytesIO(page_as_image(path, 1, 160, "webp")))
    assert image.height <= 16_383


@pytest.mark.parametrize("what", ["report", "review"])
def test_withdrawing_a_report_or_its_review_forgets_the_page_images(
    oak, read, django_capture_on_commit_callbacks, what
):
    report, _ = store(read, oak)
    page_png(report, 1, width=200)
    page_webp(report, 1, 160)
    how = {"by": None, "state": State.WITHDRAWN, "now": NOON}
    with django_capture_on_commit_callbacks(execute=True):
        if what == "report":
            services.set_report_state(report=report, **how)
        else:
            services.set_review_state(review=report.review, **how)
    assert list(storage.page_images_folder().rglob("*.*")) == []


# ---- states ----


def test_an_embargo_needs_its_end_and_nothing_else_takes_one(cataloguer):
    review = make_review(state=State.RECEIVED)
    change = {"by": cataloguer, "review": review, "now": NOON}
    with pytest.raises(RuleError, match="an embargo needs an end time"):
        services.set_review_state(**change, state=State.EMBARGOED)
    with pytest.raises(RuleError, match="no other state has one"):
        services.set_review_state(**change, state=State.PUBLISHED, public_from=NOON)
    services.set_review_state(**change, state=State.EMBARGOED, public_from=NOON)
    reader = make_person(Role.READER)
    assert not queries.open_reviews(reader, NOON - timedelta(seconds=1)).exists()
    assert queries.open_reviews(reader, NOON).get() == review


def test_nobody_changes_a_state_that_was_changed_since_they_saw_it(cataloguer):
    review = make_review(state=State.RECEIVED)
    change = {"by": cataloguer, "review": review, "seen": State.RECEIVED, "now": NOON}
    services.set_review_state(**change, state=State.INTERNAL)
    with pytest.raises(RuleError, match="it has since been changed to internal"):
        services.set_review_state(**change, state=State.PUBLISHED)
    assert Review.objects.get().state == State.INTERNAL


def test_a_coder_may_not_publish():
    report = make_report(make_review(), "Words.", state=State.RECEIVED)
    with pytest.raises(NotPermitted):
        services.set_report_state(
            by=make_person(Role.CODER), report=report, state=State.PUBLISHED, now=NOON
        )


def test_a_change_of_state_is_written_to_the_audit(cataloguer):
    review = make_review("R7", state=State.RECEIVED)
    services.set_review_state(by=cataloguer, review=review, state=State.INTERNAL, now=NOON)
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.subject, entry.detail) == (
        "set state",
        "review R7",
        {"state": "internal"},
    )


# ---- uploads ----


def upload(by, *files):
    return services.receive_upload(by=by, files=files, batch="b1", now=NOON)


def test_an_upload_is_read_stored_and_gone_from_the_staging_folder(
    oak, cataloguer, django_capture_on_commit_callbacks
):
    (intake,) = upload(cataloguer, SimpleUploadedFile("C:\\docs\\oak.pdf", oak.read_bytes()))
    assert (intake.file_name, intake.state) == ("oak.pdf", IntakeState.WAITING)
    with django_capture_on_commit_callbacks(execute=True):
        assert pipeline.read_upload(clock=lambda: NOON)
    intake.refresh_from_db()
    assert (intake.state, intake.report.page_count) == (IntakeState.STORED, 2)
    assert list(storage.staging_folder().iterdir()) == []
    assert not pipeline.read_upload(clock=lambda: NOON)


def test_the_same_upload_again_is_already_here(oak, cataloguer):
    for _ in range(2):
        upload(cataloguer, SimpleUploadedFile("oak.pdf", oak.read_bytes()))
        pipeline.read_upload(clock=lambda: NOON)
    states = [intake.state for intake in queries.recent_intakes(cataloguer, batch="b1")]
    assert states == [IntakeState.ALREADY, IntakeState.STORED]
    assert Report.objects.count() == 1


def test_an_upload_that_cannot_be_read_is_refused_with_its_reason(cataloguer):
    upload(cataloguer, SimpleUploadedFile("a.pdf", b"%PDF-1.7 and no more"))
    pipeline.read_upload(clock=lambda: NOON)
    (intake,) = queries.recent_intakes(cataloguer)
    assert (intake.state, intake.reason) == (IntakeState.REFUSED, "is damaged or cut short")
    assert intake.remedy == "Ask for another copy"


def test_an_upload_that_is_too_large_is_refused_at_once(cataloguer, settings):
    settings.MAX_UPLOAD_MIB = 1
    (intake,) = upload(cataloguer, SimpleUploadedFile("a.pdf", bytes(2 * 1024 * 1024)))
    assert (intake.state, intake.reason) == (IntakeState.REFUSED, "is larger than 1 MiB")
    assert not storage.staging_folder().exists()


def test_a_leased_file_comes_back_when_its_reader_dies_and_is_refused_after_three(cataloguer):
    upload(cataloguer, SimpleUploadedFile("a.txt", b"words"))
    at = NOON
    for attempt in (1, 2, 3):
        leased = services.lease_intake(now=at)
        assert leased.attempts == attempt
        assert services.lease_intake(now=at + timedelta(minutes=9)) is None
        at += timedelta(minutes=11)
    assert services.lease_intake(now=at) is None
    intake = Intake.objects.get()
    assert (intake.state, intake.reason) == (IntakeState.REFUSED, "crashed its reader 3 times")


@pytest.mark.parametrize("stop", [SystemExit, KeyboardInterrupt])
def test_a_worker_that_is_told_to_stop_gives_its_file_back_at_once(
    oak, cataloguer, monkeypatch, stop
):
    """As often as it is stopped: five clean stops say nothing against the file."""
    (intake,) = upload(cataloguer, SimpleUploadedFile("oak.pdf", oak.read_bytes()))

    def stopped(*_):
        raise stop

    with monkeypatch.context() as patched:
        patched.setattr("waymark.pipeline.documents.intake.read_job", stopped)
        for _ in range(5):
            with pytest.raises(stop):
                pipeline.read_upload(clock=lambda: NOON)
            intake.refresh_from_db()
            assert (intake.state, intake.attempts) == (IntakeState.WAITING, 0)
            assert intake.lease_until is None
    assert pipeline.read_upload(clock=lambda: NOON)
    intake.refresh_from_db()
    assert intake.state == IntakeState.STORED


@pytest.mark.parametrize("late", ["finish", "refuse"])
def test_a_reader_whose_lease_ran_out_changes_nothing_any_more(read, oak, cataloguer, late):
    upload(cataloguer, SimpleUploadedFile("a.txt", b"words"))
    slow = services.lease_intake(now=NOON)
    quick = services.lease_intake(now=NOON + timedelta(minutes=11))
    assert (slow.pk, slow.attempts, quick.attempts) == (quick.pk, 1, 2)
    report, _ = store(read, oak)

    def end(intake):
        if late == "finish":
            services.finish_intake(by=None, intake=intake, report=report, stored=False, now=NOON)
        else:
            refused = FileRefused("a.txt", "is no longer here", "Upload it again")
            services.refuse_intake(by=None, intake=intake, refused=refused, now=NOON)

    end(slow)
    assert Intake.objects.get().state == IntakeState.READING
    services.finish_intake(by=None, intake=quick, report=report, stored=True, now=NOON)
    end(slow)
    end(quick)
    assert Intake.objects.get().state == IntakeState.STORED


def test_only_those_who_take_in_reports_see_what_came_in(cataloguer):
    upload(cataloguer, SimpleUploadedFile("a.txt", b"words"))
    assert len(queries.recent_intakes(cataloguer)) == 1
    assert queries.recent_intakes(make_person(Role.CODER)) == []


# ---- folders and leftovers ----


def test_a_batch_names_what_it_refuses_and_goes_on(tmp_path, oak):
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "oak.pdf").write_bytes(oak.read_bytes())
    (folder / "copy.pdf").write_bytes(oak.read_bytes())
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "list.csv").write_text("name,age\nOak,3\n")
    (folder / "picture").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    (folder / "without an ending").write_text("The panel met nine times.")
    (folder / ".hidden.pdf").write_bytes(b"")
    done = []
    result = pipeline.ingest_files(
        expand_paths([folder, folder / "oak.pdf"]), workers=2, by=None, on_done=done.append
    )
    printed = result.as_json()
    assert (printed["stored"], printed["already"], printed["pages"]) == (2, 1, 3)
    assert sorted((refusal["file"], refusal["reason"]) for refusal in printed["refused"]) == [
        ("empty.pdf", "is empty"),
        ("list.csv", "is a table (CSV)"),
        ("picture", "is an image"),
    ]
    names = ["copy.pdf", "empty.pdf", "list.csv", "oak.pdf", "picture", "without an ending"]
    assert sorted(done) == names


@needs_shared
def test_real_reports_are_stored_once_whatever_the_run():
    paths = expand_paths([SHARED / "data" / "ofsted_pdf"])
    first = pipeline.ingest_files(paths, workers=2, by=None)
    assert (first.stored, first.already, first.refused, first.pages) == (20, 0, [], 371)
    for report in Report.objects.all():
        text = queries.text_of(report)
        assert report.pages.last().end == len(text)
        assert all(row.text == text[row.start : row.end] for row in queries.passages_of(report))
    second = pipeline.ingest_files(paths, workers=2, by=None)
    assert (second.stored, second.already, second.pages) == (0, 20, 0)


def test_published_at_once_when_asked(tmp_path):
    oak = typeset(
        REPORT.replace("A title nobody sees", "Case management review"), tmp_path / "o.pdf"
    )
    pipeline.ingest_files([oak], workers=1, by=None, publish=True)
    assert Report.objects.get().state == Review.objects.get().state == State.PUBLISHED


def test_a_refused_file_raises_from_take_in(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"")
    with pytest.raises(FileRefused, match=r"a\.txt: is empty\."):
        pipeline.store_file(by=None, path=tmp_path / "a.txt", now=NOON)


def test_what_writers_left_is_swept_after_a_day_and_nothing_else(
    oak, read, cataloguer, settings, tmp_path
):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "receiving"
    report, _ = store(read, oak)
    (intake,) = upload(cataloguer, SimpleUploadedFile("a.txt", b"words"))
    staying = {storage.original_path(report.original_id), storage.staging_folder() / intake.staged}
    staying |= {
        storage.originals_folder() / "ab" / ("ab" * 32),
        storage.publications_folder() / f"{'cd' * 32}.pdf",
        storage.staging_folder() / ("f" * 32),
    }
    leftovers = {
        storage.originals_folder() / "0123456789abcdef.part",
        storage.publications_folder() / "0123456789abcdef.part",
        storage.staging_folder() / "0123456789abcdef.part",
        storage.receiving_folder() / "tmp0123.upload.pdf",
    }
    for path in staying | leftovers:
        if path.exists():
            continue
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    now = NOON.fromtimestamp(time.time(), tz=NOON.tzinfo)
    assert services.sweep_leftovers(by=None, now=now) == []
    yesterday = time.time() - 25 * 3600
    for path in staying | leftovers:
        path.chmod(0o644)
        os.utime(path, (yesterday, yesterday))
    assert set(services.sweep_leftovers(by=None, now=now)) == leftovers
    assert all(path.exists() for path in staying)


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    def broken():
        yield b"half"
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        storage.write_whole(tmp_path / "f", broken(), name=lambda: "a")
    assert list((tmp_path / "f").iterdir()) == []
    assert storage.write_whole(tmp_path / "f", io.BytesIO(b"all"), name=lambda: "a").exists()
