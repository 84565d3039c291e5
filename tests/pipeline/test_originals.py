"""Originals in the data folder and at an S3 address: the same answers, and what only S3 can do."""

import hashlib
import logging
import os
import tempfile
from functools import partial
from itertools import count
from pathlib import Path
from threading import BoundedSemaphore

import pytest
import typst
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.documents.scans import SETUP, WORDS, needs_tesseract, page_image, pdf_of_pages
from tests.factories import NOON, answer_identifiers, make_person
from tests.pipeline.forked import Failed
from tests.pipeline.installation import ON_POSTGRESQL
from tests.s3_store import forget_clients, running_store
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.accounts.sessions import CONFIRMED
from waymark.core.errors import FileRefused, OriginalsRefused, OriginalsUnavailable, RuleError
from waymark.core.locks import FolderLock
from waymark.documents import services as documents
from waymark.documents.files import originals, storage
from waymark.documents.files.originals import original_store, store_at
from waymark.documents.files.s3_bucket import bucket_faults, bucket_notes
from waymark.documents.models import Intake, Original, PageRecognition, Report
from waymark.library.services.originals import offer_original
from waymark.pipeline.backup import back_up
from waymark.pipeline.backup.originals import originals_at_address
from waymark.pipeline.checks.checks_before_serving import open_installation
from waymark.pipeline.checks.unknown_files import returnable, unknown_files
from waymark.pipeline.documents.intake import read_upload
from waymark.pipeline.documents.move_originals import move_originals
from waymark.pipeline.documents.recognition import recognise_next, recognise_pages
from waymark.pipeline.documents.stored_files import file_of_report
from waymark.setting_values import originals_setting
from waymark.web.server import slow_work

CONTENT = b"1 Findings\n\nThe visits stopped in May. Nobody asked why.\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NOWHERE = "http://127.0.0.1:9"
buckets = count(1)


@pytest.fixture(scope="module")
def s3():
    with running_store() as store:
        yield store


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path / "installation"
    settings.DATA.mkdir()
    return settings.DATA


@pytest.fixture
def bucket(s3, settings):
    """An address in an empty bucket, which the setting names."""
    settings.ORIGINALS = s3.new_bucket(f"waymark-{next(buckets)}")
    return settings.ORIGINALS


@pytest.fixture(params=["folder", "s3"])
def store(request):
    """Either store, empty."""
    if request.param == "s3":
        request.getfixturevalue("bucket")
    return original_store()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "report.txt"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def silent(monkeypatch):
    """From when it is called, no store answers; called with an address, that one does again."""

    def point_at(endpoint=NOWHERE):
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        forget_clients()

    yield point_at
    forget_clients()


def damage(store, content=b"other bytes"):
    """Give the original other bytes, behind the back of Waymark."""
    if isinstance(store, originals.OriginalFolder):
        storage.original_path(SHA256).unlink()
        storage.original_path(SHA256).write_bytes(content)
    else:
        store.call("put_object", Key=f"originals/{SHA256[:2]}/{SHA256}", Body=content)


def bytes_in(store, sha256=SHA256):
    with store.local_file(sha256) as path:
        return path.read_bytes()


# ---- the same with both ----


def test_an_original_is_stored_once_listed_read_whole_and_removed(store, file):
    assert store.keep(file) == (SHA256, len(CONTENT))
    assert store.keep(file, expected=SHA256) == (SHA256, len(CONTENT))
    assert (store.has(SHA256), store.traces(SHA256)) == (True, True)
    assert store.sizes() == {SHA256: len(CONTENT)}
    assert bytes_in(store) == CONTENT
    assert store.place(SHA256).endswith(f"originals/{SHA256[:2]}/{SHA256}")
    store.remove(SHA256)
    assert (store.has(SHA256), store.traces(SHA256), store.sizes()) == (False, False, {})
    store.remove(SHA256)


def test_a_file_that_changed_since_it_was_read_is_refused_and_not_stored(store, file):
    with pytest.raises(FileRefused, match="changed while it was being read"):
        store.keep(file, expected="ab" * 32)
    with pytest.raises(FileRefused, match="no longer there"):
        store.keep(file.with_name("gone.txt"))
    assert store.sizes() == {}


def test_a_changed_and_a_missing_original_are_told_apart(store, file):
    store.keep(file)
    assert store.fault(SHA256) == ""
    damage(store)
    assert store.fault(SHA256) == "has changed"
    store.remove(SHA256)
    assert store.fault(SHA256) == "is missing"
    with pytest.raises(FileNotFoundError):
        store.content(SHA256)


def test_what_a_killed_process_stored_without_its_row_is_known_as_that(db, store, file):
    """The write of the row failed: storing the file again finishes the work."""
    store.keep(file)
    unknown = unknown_files()
    assert [path.name for path in unknown.arriving] == [SHA256]
    assert unknown.blocking == ()
    pipeline.store_file(by=None, path=file, now=NOON)
    assert unknown_files().arriving == ()


def test_an_original_without_a_row_stops_the_site_and_can_be_moved_aside_and_back(db, store, file):
    store.add(file, SHA256)
    open_installation_names(f"1 reports that .*{SHA256}")
    (path,) = unknown_files().originals
    aside = documents.move_aside(by=None, path=path, now=NOON)
    assert (aside.read_bytes(), aside.name, store.sizes()) == (CONTENT, f"{SHA256}.txt", {})
    Original.objects.create(sha256=SHA256, media_type="text/plain", size=1, stored_at=NOON)
    ((path, target),) = returnable().items()
    documents.bring_back(by=None, path=path, target=target, now=NOON)
    assert (bytes_in(store), aside.exists(), returnable()) == (CONTENT, False, {})


def open_installation_names(words):
    with pytest.raises(RuleError, match=words):
        open_installation(now=NOON, list_originals=True)


@pytest.fixture
def report(db, store, tmp_path):
    """A public PDF with one page, whose file is offered."""
    path = tmp_path / "report.pdf"
    path.write_bytes(typst.compile((SETUP + "The visits stopped in May.").encode()))
    report = pipeline.store_file(by=None, path=path, now=NOON)
    answer_identifiers(report)
    for item in (report, report.review):
        type(item).objects.filter(pk=item.pk).update(state=State.PUBLISHED)
    offered = Report.objects.select_related("original", "review").get(pk=report.pk)
    offer_original(
        by=None, report=offered, terms="permission", reason="The board agreed.", now=NOON
    )
    return offered


def test_a_report_is_drawn_downloaded_read_again_and_erased(
    report, store, tmp_path, django_capture_on_commit_callbacks
):
    """One report through everything that reads its file: a reading process costs a second."""
    content = (tmp_path / "report.pdf").read_bytes()
    client = Client()
    image = client.get(reverse("page-image", args=[report.key, 1]))
    assert (image.status_code, image["Content-Type"]) == (200, "image/png")
    address = reverse("report-original", args=[report.key])
    whole = client.get(address)
    assert (whole.status_code, b"".join(whole)) == (200, content)
    assert whole["Content-Length"] == str(len(content))
    part = client.get(address, HTTP_RANGE="bytes=9-20")
    assert (part.status_code, b"".join(part)) == (206, content[9:21])
    assert part["Content-Range"] == f"bytes 9-20/{len(content)}"
    known = client.get(address, HTTP_IF_NONE_MATCH=whole["ETag"])
    assert known.status_code == 304
    again = pipeline.reread_reports(by=None, keys=[report.key], workers=1, clock=lambda: NOON)
    assert (again.failed, [outcome.report for outcome in again.reports]) == ([], [report.key])
    pipeline.change_state(by=None, item=report, state=State.WITHDRAWN, now=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        documents.erase_original(by=None, report=report, now=NOON)
    assert not store.traces(report.original_id)


def test_a_missing_original_is_a_plain_page_and_a_line_for_the_operator(report, store, caplog):
    store.remove(report.original_id)
    for name, more in (("report-original", ()), ("page-image", (1,))):
        answer = Client().get(reverse(name, args=[report.key, *more]))
        assert answer.status_code == 503
        assert "cannot find the file of this report" in answer.content.decode()
    assert store.place(report.original_id) in caplog.text


# ---- a store that does not answer ----


def test_while_the_store_does_not_answer_only_its_files_are_not_available(
    db, bucket, file, silent, caplog
):
    report = public_text(file)
    silent()
    answer = Client().get(reverse("report-original", args=[report.key]))
    assert (answer.status_code, answer["Retry-After"]) == (503, "120")
    assert "The place where files are stored does not answer." in answer.content.decode()
    assert f"{bucket} does not answer" in caplog.text
    assert Client().get("/").status_code == 200
    assert Client().get(reverse("report", args=[report.key])).status_code == 200


def test_two_threads_never_wait_for_a_store(db, bucket, file, monkeypatch):
    """However many visitors download from one that does not answer, pages are answered."""
    address = reverse("report-original", args=[public_text(file).key])
    monkeypatch.setattr(slow_work, "_places", BoundedSemaphore(1))
    with slow_work.place_to_wait():
        busy = Client().get(address)
    assert (busy.status_code, busy["Retry-After"]) == (503, "5")
    # Free again.
    for _ in range(2):
        assert b"".join(Client().get(address).streaming_content) == CONTENT


def public_text(file):
    """A public report whose file is offered, as if it were a PDF."""
    report = pipeline.store_file(by=None, path=file, now=NOON)
    answer_identifiers(report)
    for item in (report, report.review):
        type(item).objects.filter(pk=item.pk).update(state=State.PUBLISHED)
    Original.objects.update(media_type="application/pdf")
    offered = Report.objects.select_related("original", "review").get(pk=report.pk)
    offer_original(
        by=None, report=offered, terms="permission", reason="The board agreed.", now=NOON
    )
    return offered


def test_a_file_that_cannot_be_stored_is_refused_alone(db, bucket, tmp_path, monkeypatch):
    names = ["one.txt", "two.txt", "three.txt"]
    for name in names:
        (tmp_path / name).write_bytes(CONTENT + name.encode())
    put = type(original_store())._put
    failing = hashlib.sha256(CONTENT + b"two.txt").hexdigest()

    def put_but_one(self, copy, sha256, size):
        if sha256 == failing:
            raise OriginalsUnavailable(f"{self.name} does not answer: check the store")
        put(self, copy, sha256, size)

    monkeypatch.setattr(type(original_store()), "_put", put_but_one)
    run = pipeline.ingest_files(
        [tmp_path / name for name in names], workers=1, by=None, clock=lambda: NOON
    )
    (refused,) = run.refused
    assert refused.file == "two.txt"
    assert str(refused).endswith("does not answer: check the store. Then add it again")
    assert (Report.objects.count(), run.stopped) == (2, "")


def test_an_upload_waits_until_the_store_answers_again(db, bucket, silent, s3):
    staged = storage.stage_upload([CONTENT])
    Intake.objects.create(batch="b", file_name="late.txt", staged=staged, received_at=NOON)
    silent()
    assert read_upload(lambda: NOON) is False
    assert (Report.objects.count(), (storage.staging_folder() / staged).exists()) == (0, True)
    silent(s3.endpoint)
    assert read_upload(lambda: NOON.replace(hour=18)) is True
    assert Report.objects.get().original_id == SHA256
    assert bytes_in(original_store()) == CONTENT


def test_an_erasure_is_done_when_the_store_answers_again(
    db, bucket, file, silent, s3, caplog, django_capture_on_commit_callbacks
):
    report = pipeline.store_file(by=None, path=file, now=NOON)
    pipeline.change_state(by=None, item=report, state=State.WITHDRAWN, now=NOON)
    silent()
    with django_capture_on_commit_callbacks(execute=True):
        documents.erase_original(by=None, report=report, now=NOON)
    assert f"original {SHA256[:12]} is not erased yet" in caplog.text
    assert documents.sweep_leftovers(by=None, now=NOON) == []
    silent(s3.endpoint)
    assert doctor_says("was erased but still exists: run waymark work")
    assert [path.name for path in documents.sweep_leftovers(by=None, now=NOON)] == [SHA256]
    assert not original_store().traces(SHA256)


def test_the_page_says_that_a_file_is_not_erased_yet(
    db, bucket, file, silent, s3, django_capture_on_commit_callbacks
):
    report = pipeline.store_file(by=None, path=file, now=NOON)
    pipeline.change_state(by=None, item=report, state=State.WITHDRAWN, now=NOON)
    client = signed_in_editor()
    address = reverse("report-keeping", args=[report.key])
    silent()
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(address, {"erase": report.key}, follow=True).content.decode()
    assert "The file is erased." not in page
    assert "has not deleted the file yet: the site tries again each hour" in page
    assert not originals.is_erased(SHA256)
    silent(s3.endpoint)
    documents.sweep_leftovers(by=None, now=NOON)
    assert originals.is_erased(SHA256)


def signed_in_editor():
    """A client of an editor who signed in a moment ago."""
    client = Client()
    client.force_login(make_person(Role.EDITOR))
    session = client.session
    session[CONFIRMED] = timezone.now().isoformat()
    session.save()
    return client


def test_a_file_that_a_bucket_keeps_holds_up_no_other_erasure(db, s3, settings, tmp_path, caplog):
    bucket = f"waymark-{next(buckets)}"
    settings.ORIGINALS = f"s3://{bucket}/originals"
    store = store_with_lock(bucket)
    for number in range(2):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(CONTENT + bytes([48 + number]))
        pipeline.store_file(by=None, path=path, now=NOON)
    kept, free = Original.objects.values_list("sha256", flat=True)
    hold(store, kept)
    Original.objects.update(erased_at=NOON)
    documents.sweep_leftovers(by=None, now=NOON)
    assert (store.traces(kept), store.traces(free)) == (True, False)
    assert f"original {kept[:12]} is not erased yet" in caplog.text


def store_with_lock(bucket):
    """A store in a new bucket that can keep files for good."""
    store = store_at(f"s3://{bucket}/originals")
    where = {"LocationConstraint": "eu-west-2"}
    store.call("create_bucket", CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True)
    return store


def hold(store, sha256):
    """Let the bucket keep an original, whoever deletes it."""
    key = f"originals/{sha256[:2]}/{sha256}"
    store.call("put_object_legal_hold", Key=key, LegalHold={"Status": "ON"})


def doctor_says(words):
    return [
        fault
        for check in pipeline.examine_installation(now=NOON)
        for fault in check.faults
        if words in fault
    ]


def test_the_site_starts_without_the_store_but_not_with_a_wrong_address(
    db, bucket, settings, silent, caplog
):
    open_installation(now=NOON, list_originals=True)
    silent()
    with caplog.at_level(logging.ERROR):
        open_installation(now=NOON, list_originals=True)
    assert "the original files were not compared with the database" in caplog.text
    assert doctor_says("does not answer as it should")


def test_a_bucket_that_does_not_exist_is_named_at_the_start(db, s3, settings):
    settings.ORIGINALS = "s3://no-such-bucket/originals"
    open_installation_names(
        "there is no bucket for s3://no-such-bucket/originals: check this address"
    )
    faults = doctor_says("there is no bucket for s3://no-such-bucket/originals")
    with pytest.raises(OriginalsRefused, match="there is no bucket"):
        next(bucket_notes(settings.ORIGINALS))
    assert faults
    # Nothing is lost that a backup would bring back.
    assert not [fault for fault in faults if "restore" in fault]


def test_missing_keys_are_named(bucket, monkeypatch, silent, s3):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    silent(s3.endpoint)
    with pytest.raises(OriginalsRefused, match=f"{bucket} refuses access.*keys and endpoint in"):
        original_store().sizes()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_ENDPOINT_URL_S3", "store.example.org"),
        ("AWS_ENDPOINT_URL_S3", "https://store.example.org:99999"),
        ("AWS_PROFILE", "no-such-profile"),
        ("AWS_CONFIG_FILE", __file__),
    ],
)
def test_a_wrong_setting_of_the_client_is_one_line(db, bucket, monkeypatch, silent, name, value):
    monkeypatch.setenv(name, value)
    silent(os.environ["AWS_ENDPOINT_URL_S3"])
    open_installation_names(f"{bucket} cannot be used .*: check this address")


@pytest.mark.parametrize("fault", ["full", "missing"])
def test_without_room_for_a_copy_a_file_is_not_available_and_not_missing(
    db, bucket, file, monkeypatch, tmp_path, caplog, fault
):
    report = public_text(file)
    if fault == "full":
        monkeypatch.setattr(tempfile, "TemporaryFile", partial(Path("/dev/full").open, "r+b"))
    else:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    answer = Client().get(reverse("report-original", args=[report.key]))
    assert answer.status_code == 503
    assert "This file is not available at the moment" in answer.content.decode()
    assert "folder for temporary files" in caplog.text
    with pytest.raises(OriginalsUnavailable), file_of_report(report):
        pass


def test_a_missing_bucket_is_not_a_missing_file(db, bucket, file):
    """A page of a missing file fails for good; one whose store is wrong waits."""
    report = pipeline.store_file(by=None, path=file, now=NOON)
    store = original_store()
    store.remove(SHA256)
    store.call("delete_bucket")
    for ask in (store.has, store.content, store.fault):
        with pytest.raises(OriginalsRefused, match="there is no bucket"):
            ask(SHA256)
    with pytest.raises(OriginalsRefused, match="there is no bucket"), file_of_report(report):
        pass


def test_a_file_that_cannot_be_fetched_is_named_when_reports_are_read_again(
    db, bucket, file, silent
):
    report = pipeline.store_file(by=None, path=file, now=NOON)
    silent()
    again = pipeline.reread_reports(by=None, keys=[report.key], workers=1, clock=lambda: NOON)
    (refused,) = again.failed
    assert str(refused).startswith(f"report.txt: could not be read: {bucket} does not answer")
    assert str(refused).endswith("Then try again")


@needs_tesseract
def test_a_scanned_page_waits_until_the_store_answers_again(db, bucket, tmp_path, silent):
    scan = pdf_of_pages(tmp_path / "scan.pdf", [page_image(SETUP + WORDS)])
    report = pipeline.store_file(by=None, path=scan, now=NOON)
    silent()
    assert recognise_next(lambda: NOON) is False
    assert list(PageRecognition.objects.values_list("state", "attempts")) == [("waiting", 0)]
    outcome = recognise_pages(by=None, reports=[report], workers=1, clock=lambda: NOON)
    assert (outcome.waiting, outcome.failed) == (1, [])
    assert list(PageRecognition.objects.values_list("state", "attempts")) == [("waiting", 0)]


# ---- bytes ----


def test_lists_of_several_pages_are_read_to_their_end(bucket, tmp_path, monkeypatch):
    """A store answers with a thousand rows at most: here with two."""
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    store = original_store()
    store.call("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"})
    names = set()
    for number in range(5):
        (tmp_path / "file").write_bytes(bytes([number]))
        names.add(store.keep(tmp_path / "file")[0])
    assert store.sizes() == dict.fromkeys(names, 1)
    sha256 = min(names)
    key = f"originals/{sha256[:2]}/{sha256}"
    for _ in range(4):
        store.call("put_object", Key=key, Body=b"once more")
    store.call("delete_object", Key=key)
    store.remove(sha256)
    assert not store.traces(sha256)
    assert store.sizes() == dict.fromkeys(names - {sha256}, 1)


def test_bytes_that_do_not_match_their_name_are_not_given_out(bucket, file):
    store = original_store()
    store.keep(file)
    damage(store)
    with pytest.raises(OriginalsUnavailable, match="does not have the bytes that it is named"):
        bytes_in(store)
    content = store.content(SHA256)
    with pytest.raises(OriginalsUnavailable):
        content.open_part(0, content.size)


def test_a_large_file_is_read_in_pieces(bucket, tmp_path, monkeypatch):
    monkeypatch.setattr("waymark.documents.files.s3.PIECE", 1_000)
    content = bytes(range(256)) * 17
    (tmp_path / "large").write_bytes(content)
    store = original_store()
    sha256, size = store.keep(tmp_path / "large")
    assert bytes_in(store, sha256) == content
    with store.content(sha256).open_part(998, 1_004) as part:
        assert part.read() == content[998:2_002]
    assert size == len(content)


def test_a_copy_has_no_name_that_a_killed_process_could_leave(bucket, file, tmp_path, monkeypatch):
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(copies))
    store = original_store()
    store.keep(file)
    with store.local_file(SHA256) as path:
        assert path.read_bytes() == CONTENT
        assert list(copies.iterdir()) == []
    assert not path.exists()


# ---- a bucket that remembers ----


def test_an_erasure_deletes_all_versions(bucket, file):
    store = original_store()
    store.call("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"})
    store.keep(file)
    damage(store)
    store.call("delete_object", Key=f"originals/{SHA256[:2]}/{SHA256}")
    assert (store.has(SHA256), store.traces(SHA256)) == (False, True)
    originals.erase_original(SHA256)
    assert not store.traces(SHA256)
    left = store.call("list_object_versions")
    assert left.get("Versions", []) + left.get("DeleteMarkers", []) == []


def test_an_erasure_reaches_the_folder_and_the_quarantine_too(bucket, file, folder):
    """Copies from before the originals were moved, and moved aside."""
    aside = folder / "quarantine" / "originals" / f"{SHA256}.txt"
    for path in (aside, storage.original_path(SHA256)):
        path.parent.mkdir(parents=True)
        path.write_bytes(CONTENT)
    originals.erase_original(SHA256)
    assert not aside.exists()
    assert not storage.original_path(SHA256).exists()


def test_a_bucket_that_everyone_can_read_is_a_fault(bucket):
    assert list(bucket_faults(bucket)) == []
    store_at(bucket).call("put_bucket_acl", ACL="public-read")
    (fault,) = bucket_faults(bucket)
    assert "everyone can read the bucket" in fault
    assert doctor_says("everyone can read")


def test_a_bucket_that_keeps_what_is_deleted_is_a_fault_or_a_note(s3, bucket):
    store = store_at(bucket)
    assert not [note for note in bucket_notes(bucket) if "earlier versions" in note]
    store.call("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"})
    assert [note for note in bucket_notes(bucket) if "s3:DeleteObjectVersion" in note]
    locked = f"locked-{next(buckets)}"
    store_at(f"s3://{locked}").call(
        "create_bucket",
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": "eu-west-2"},
    )
    store_at(f"s3://{locked}").call(
        "put_object_lock_configuration",
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}},
        },
    )
    assert "lock that keeps deleted files" in " ".join(bucket_faults(f"s3://{locked}"))


# ---- setting ----


@pytest.mark.parametrize(
    "value", ["bucket/x", "https://bucket", "s3://", "s3://key:secret@bucket/x", "s3://b/../x y"]
)
def test_an_address_that_is_none_is_refused_and_a_key_in_it_is_not_repeated(value, monkeypatch):
    monkeypatch.setenv("WAYMARK_ORIGINALS", value)
    with pytest.raises(ImproperlyConfigured, match="must be the address of a bucket") as refused:
        originals_setting("WAYMARK_ORIGINALS")
    assert "secret" not in str(refused.value)


def test_an_address_may_end_with_a_slash(monkeypatch):
    monkeypatch.setenv("WAYMARK_ORIGINALS", "s3://reports.example/waymark/")
    assert originals_setting("WAYMARK_ORIGINALS") == "s3://reports.example/waymark"


def test_a_command_without_the_setting_stores_nothing_beside_the_address(
    db, bucket, file, settings
):
    """The likely slip: a shell or a timer that lacks WAYMARK_ORIGINALS."""
    open_installation(now=NOON)
    assert originals.noted_address() == bucket
    pipeline.store_file(by=None, path=file, now=NOON)
    settings.ORIGINALS = ""
    open_installation_names(
        f"are in {bucket}, and WAYMARK_ORIGINALS is not set: set it to {bucket}"
    )
    assert doctor_says("WAYMARK_ORIGINALS is not set")


def test_an_address_for_an_installation_with_originals_in_its_folder_is_refused(
    db, s3, file, settings
):
    pipeline.store_file(by=None, path=file, now=NOON)
    settings.ORIGINALS = s3.new_bucket(f"waymark-{next(buckets)}")
    open_installation_names("are in the data folder, and WAYMARK_ORIGINALS is s3://.*: remove it")


# ---- moving ----


@pytest.fixture
def three(db, tmp_path, folder):
    """Three stored reports; their SHA-256."""
    for number in range(3):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(CONTENT + bytes([48 + number]))
        pipeline.store_file(by=None, path=path, now=NOON)
    return sorted(Original.objects.values_list("sha256", flat=True))


def move(address, **how):
    lock = FolderLock(configured.DATA)
    lock.lock_shared()
    try:
        return move_originals(address, lock, **how)
    finally:
        lock.close()


def test_originals_move_to_an_address_and_back(three, s3, settings):
    address = s3.new_bucket(f"waymark-{next(buckets)}")
    moved = move(address)
    assert (moved.files, moved.copied, moved.deleted) == (3, 3, 0)
    assert moved.size == 3 * (len(CONTENT) + 1)
    assert sorted(store_at(address).sizes()) == sorted(store_at("").sizes()) == three
    settings.ORIGINALS = address
    open_installation(now=NOON, list_originals=True)
    assert not doctor_says("original")
    with pytest.raises(RuleError, match=r"are in s3://.* already"):
        move(address)
    for sha256 in three:
        storage.original_path(sha256).unlink()
    back = move("folder", delete=True)
    assert (back.copied, back.deleted) == (3, 3)
    assert (sorted(store_at("").sizes()), store_at(address).sizes()) == (three, {})
    assert originals.noted_address() == ""
    assert storage.arriving_names() == set()


def test_a_move_that_fails_leaves_the_old_place_in_use_and_goes_on_later(
    three, s3, settings, monkeypatch
):
    address = s3.new_bucket(f"waymark-{next(buckets)}")
    put = type(store_at(address))._put

    def put_all_but_the_last(self, copy, sha256, size):
        if sha256 == three[2]:
            raise OriginalsUnavailable("the store does not answer")
        put(self, copy, sha256, size)

    with monkeypatch.context() as patch:
        patch.setattr(type(store_at(address)), "_put", put_all_but_the_last)
        with pytest.raises(OriginalsUnavailable):
            move(address, delete=True)
    assert (originals.noted_address(), sorted(store_at("").sizes())) == ("", three)
    assert move(address).copied == 1


def erase(sha256):
    """Erase a file in the database alone, as when its store does not answer."""
    Original.objects.filter(sha256=sha256).update(erased_at=NOON)


def test_what_was_erased_after_a_move_was_cut_short_goes_from_the_new_place_too(three, s3):
    address = s3.new_bucket(f"waymark-{next(buckets)}")
    store_at(address).add(storage.original_path(three[0]), three[0])
    storage.original_path(three[0]).unlink()
    erase(three[0])
    assert move(address).files == 2
    assert sorted(store_at(address).sizes()) == three[1:]
    assert not store_at(address).traces(three[0])


def test_what_waits_to_be_erased_goes_from_the_old_place_in_a_move(three, s3, settings):
    """Afterwards no one would look for it there."""
    address = settings.ORIGINALS = s3.new_bucket(f"waymark-{next(buckets)}")
    originals.note_address(address)
    for sha256 in three:
        store_at(address).add(storage.original_path(sha256), sha256)
        storage.original_path(sha256).unlink()
    erase(three[0])
    assert move("folder").files == 2
    assert sorted(store_at(address).sizes()) == sorted(store_at("").sizes()) == three[1:]


def test_a_move_whose_old_place_keeps_files_says_where_all_are(three, s3, settings):
    bucket = f"waymark-{next(buckets)}"
    address = settings.ORIGINALS = f"s3://{bucket}/originals"
    store = store_with_lock(bucket)
    for sha256 in three:
        store.add(storage.original_path(sha256), sha256)
    hold(store, three[0])
    with pytest.raises(RuleError) as refused:
        move("folder", delete=True)
    message = str(refused.value)
    assert message.startswith(
        f"the original files are in the data folder now, but 1 of 3 could not be deleted from "
        f"{address} ({address} refuses access (Access Denied)"
    )
    assert message.endswith(f"delete them there yourself, the first is {store.place(three[0])}")
    assert originals.noted_address() == ""
    assert [store.traces(sha256) for sha256 in three] == [True] * 3
    for sha256 in three:
        storage.original_path(sha256).unlink()
    assert [store.traces(sha256) for sha256 in three] == [True, False, False]


def test_a_damaged_file_is_named_and_nothing_is_deleted(three, s3):
    address = s3.new_bucket(f"waymark-{next(buckets)}")
    path = storage.original_path(three[1])
    path.unlink()
    path.write_bytes(b"other bytes")
    with pytest.raises(
        RuleError, match=f"1 original files are damaged, the first, {three[1][:12]}"
    ):
        move(address, delete=True)
    assert (originals.noted_address(), sorted(store_at("").sizes())) == ("", three)


def test_a_copy_that_is_damaged_in_the_new_place_ends_the_move(three, s3):
    address = s3.new_bucket(f"waymark-{next(buckets)}")
    size = len(CONTENT) + 1
    target = store_at(address)
    target.call("put_object", Key=f"originals/{three[0][:2]}/{three[0]}", Body=b"x" * size)
    with pytest.raises(RuleError, match="has changed"):
        move(address, delete=True)
    assert sorted(store_at("").sizes()) == three


def test_an_address_with_originals_of_others_is_refused(three, s3, file):
    address = s3.new_bucket(f"waymark-{next(buckets)}")
    store_at(address).add(file, SHA256)
    with pytest.raises(RuleError, match="1 original files that this installation does not know"):
        move(address)
    for wrong in ("s3://", "elsewhere"):
        with pytest.raises(RuleError, match="or the word folder"):
            move(wrong)


# ---- backups ----

on_sqlite = pytest.mark.skipif(ON_POSTGRESQL, reason="compares SQLite's files")


@pytest.fixture
def moved(data, run, s3, settings):
    """A copy of the filled installation, with its originals at an address and not in the folder."""
    address = s3.new_bucket(f"waymark-{next(buckets)}")
    run(data, lambda: _moved(data, address))
    settings.ORIGINALS = address
    return data


def _moved(data, address):
    lock = FolderLock(data)
    (data / "lock").unlink()
    lock.lock_shared()
    return move_originals(address, lock, delete=True).files


@on_sqlite
@pytest.mark.parametrize("name", ["backups", "one.tar"])
def test_a_backup_has_the_originals_and_restores_them_where_the_setting_says(
    name, moved, run, restored, tmp_path, settings, s3
):
    assert not [path for path in (moved / "originals").rglob("*") if path.is_file()]
    backup = tmp_path / name

    def work():
        done = back_up(backup, now=NOON)
        return [str(done.place), list(done.missing), back_up_again(backup)]

    place, missing, new = run(moved, work)
    assert (missing, new) == ([], 0 if name == "backups" else None)
    first = store_at(settings.ORIGINALS).sizes()
    with pytest.raises(Failed, match="contains 3 original files already: give another address"):
        restored(place)
    settings.ORIGINALS = s3.new_bucket(f"waymark-{next(buckets)}")
    data = restored(place)
    assert store_at(settings.ORIGINALS).sizes() == first
    assert (data / "originals-address").read_text() == f"{settings.ORIGINALS}\n"
    assert not [path for path in (data / "originals").rglob("*") if path.is_file()]
    settings.ORIGINALS = ""
    data = restored(place)
    assert {path.name for path in (data / "originals").rglob("*") if path.is_file()} == set(first)
    assert not (data / "originals-address").exists()


def back_up_again(backup):
    """Number of new files of a second backup in a folder; None for one file."""
    return back_up(backup, now=NOON.replace(hour=18)).new if backup.suffix == "" else None


@on_sqlite
def test_a_restore_mends_an_original_that_is_damaged_in_the_bucket(
    moved, run, restored, tmp_path, settings
):
    place = run(moved, lambda: str(back_up(tmp_path / "backups", now=NOON).place))
    store = store_at(settings.ORIGINALS)
    sha256, size = min(store.sizes().items())
    store.call("put_object", Key=f"originals/{sha256[:2]}/{sha256}", Body=b"x" * size)
    assert store.fault(sha256) == "has changed"
    restored(place, replace=True)
    assert store.fault(sha256) == ""


def test_a_restore_says_that_the_address_has_newer_files(bucket, file, tmp_path):
    """The site does not start with them."""
    original_store().add(file, SHA256)
    steps = []
    with originals_at_address(tmp_path, tell=steps.append):
        pass
    assert steps[-1] == (
        f"note: {bucket} has 1 original files that are not in this backup: before you start the "
        "site, run waymark files unknown and waymark files quarantine"
    )


@on_sqlite
def test_a_restore_that_fails_takes_back_what_it_brought_to_the_address(
    data, run, restored, tmp_path, settings, s3, monkeypatch
):
    place = run(data, lambda: str(back_up(tmp_path / "backups", now=NOON).place))
    settings.ORIGINALS = s3.new_bucket(f"waymark-{next(buckets)}")

    def fail(*_, **__):
        raise OSError("the disk is gone")

    monkeypatch.setattr("waymark.pipeline.backup.restoring.finish_restoring", fail)
    with pytest.raises(Failed, match="the disk is gone"):
        restored(place)
    assert store_at(settings.ORIGINALS).sizes() == {}


@on_sqlite
def test_an_original_that_is_missing_in_the_bucket_is_named_by_the_backup(
    moved, run, tmp_path, settings
):
    store = store_at(settings.ORIGINALS)
    lost = min(store.sizes())
    store.remove(lost)
    missing = run(moved, lambda: list(back_up(tmp_path / "backups", now=NOON).missing))
    assert missing == [f"originals/{lost[:2]}/{lost}"]
