"""The original file of a report: offered by a person, refused while questions are open, served."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import (
    NOON,
    answer_description,
    answer_identifiers,
    make_person,
    make_report,
    make_review,
)
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import NotPermitted, RuleError
from waymark.documents.files.storage import original_path
from waymark.documents.models import HiddenText, Original, Report
from waymark.documents.reading.values import ACTIVE_CONTENT
from waymark.library.models import OriginalDecision
from waymark.library.services import catalogue_review, set_details
from waymark.library.services.originals import offer_original, stop_offering_original

pytestmark = pytest.mark.django_db

CONTENT = b"%PDF-1.7 a small file"
DECIDERS = {Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test."""
    settings.DATA = tmp_path


@pytest.fixture
def report():
    """A public PDF whose questions are answered, and whose rights holder is not known."""
    review = make_review("T1")
    report = make_report(review, "1.1 The visits stopped in May.")
    catalogue_review(by=None, review=review, now=NOON)
    answer_identifiers(report)
    answer_description(review)
    Original.objects.update(media_type="application/pdf")
    path = original_path(report.original_id)
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    return Report.objects.select_related("original", "review").get()


def offer(report, terms="permission", by=None, reason="The board agreed on 3 May 2026."):
    return offer_original(by=by, report=report, terms=terms, reason=reason, now=NOON)


def address(report):
    return reverse("report-original", args=[report.key])


def download(report, **headers):
    answer = Client().get(address(report), **headers)
    return answer, b"".join(answer) if answer.streaming else answer.content


def test_no_file_is_offered_until_a_person_decides(report):
    assert download(report)[0].status_code == 404
    assert "original file" not in Client().get(reverse("report", args=["x"])).content.decode()
    offer(report)
    answer, content = download(report)
    assert (answer.status_code, content) == (200, CONTENT)
    for page in (reverse("report", args=[report.key]), reverse("review", args=["T1"])):
        assert f'href="{address(report)}"' in Client().get(page).content.decode(), page


def test_a_file_is_sent_with_safe_headers_and_a_name_that_says_nothing(report):
    Report.objects.update(file_name="Jo Quillfeather.pdf")
    offer(report)
    answer, _ = download(report)
    assert answer["Content-Disposition"] == 'attachment; filename="T1-overview-report.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Quillfeather" not in str(answer.headers)
    part, content = download(report, HTTP_RANGE="bytes=0-3")
    assert (part.status_code, content) == (206, b"%PDF")
    again, _ = download(report, HTTP_IF_NONE_MATCH=answer["ETag"])
    assert again.status_code == 304


def test_a_file_that_is_gone_from_the_data_folder_is_an_error_in_the_log_and_a_plain_page(
    report, caplog
):
    offer(report)
    report.pages.update(has_image=True)
    original_path(report.original_id).unlink()
    for name, more in (("report-original", ()), ("page-image", (1,))):
        caplog.clear()
        answer = Client().get(reverse(name, args=[report.key, *more]))
        assert answer.status_code == 503
        assert "cannot find the file of this report" in answer.content.decode()
        (line,) = [row for row in caplog.records if row.name.startswith("waymark")]
        assert (line.levelname, report.key in line.message) == ("ERROR", True)
        assert "restore the file from a backup" in line.message


def test_a_file_with_scripts_or_attached_files_is_not_offered_whatever_was_answered(report):
    offer(report)
    Report.objects.update(warnings=[f"{ACTIVE_CONTENT}: JavaScript, attached files"])
    assert download(report)[0].status_code == 404
    report.refresh_from_db()
    with pytest.raises(RuleError, match=r"JavaScript, attached files.*ask for a copy without it"):
        offer(report)


@pytest.mark.parametrize("role", [None, *Role])
def test_those_who_publish_reports_decide_and_nobody_else(report, client, role):
    person = make_person(role) if role else None
    if person:
        client.force_login(person)
    page = reverse("original-decision", args=[report.key])
    back = f'<a href="{reverse("report-state", args=[report.key])}">Back to the visibility'
    assert (back in client.get(page).content.decode()) == (role in DECIDERS)
    values = {"terms": "permission", "reason": "The board agreed."}
    status = client.post(page, values).status_code
    may = role in DECIDERS
    assert status == (302 if may or role is None else 403)
    assert OriginalDecision.objects.exists() == may
    if person and not may:
        with pytest.raises(NotPermitted):
            offer(report, by=person)
        with pytest.raises(NotPermitted):
            stop_offering_original(by=person, report=report, reason="x", now=NOON)


def test_a_decision_is_recorded_with_its_terms_and_replaced_never_edited(report, client):
    editor = make_person(Role.EDITOR, name="editor")
    client.force_login(editor)
    page = reverse("original-decision", args=[report.key])
    client.post(page, {"terms": "permission", "reason": "The board agreed."})
    client.post(page, {"reason": "The board changed its mind."})
    rows = OriginalDecision.objects.order_by("pk").values_list(
        "offered", "terms", "reason", "decided_by__username", "superseded_at"
    )
    first, second = rows
    assert first[:4] == (True, "permission", "The board agreed.", "editor")
    assert first[4] is not None
    assert second == (False, "", "The board changed its mind.", "editor", None)
    logged = AuditEntry.objects.filter(action__endswith="original").order_by("pk")
    assert list(logged.values_list("action", "subject")) == [
        ("offer original", f"report {report.key}"),
        ("stop offering original", f"report {report.key}"),
    ]
    assert download(report)[0].status_code == 404
    assert "The board changed its mind." in client.get(page).content.decode()


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_decision_needs_a_reason(report, reason):
    with pytest.raises(RuleError, match="enter a reason"):
        offer(report, reason=reason)


def open_hidden_text(report):
    HiddenText.objects.create(report=report, kind="covered", page=1, words="Hidden words")


def open_identifier(report):
    report.possible_identifiers.create(kind="name", words="Jo Fern", count=1)


def not_checked(report):
    Report.objects.filter(pk=report.pk).update(anonymity_checked_at=None)


def not_a_pdf(report):
    Original.objects.update(media_type="application/msword")
    report.original.refresh_from_db()


def erased(report):
    Original.objects.update(erased_at=NOON)
    report.original.refresh_from_db()


OBSTACLES = [open_hidden_text, open_identifier, not_checked, not_a_pdf, erased]


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_a_file_with_open_questions_is_not_offered(report, obstacle):
    obstacle(report)
    with pytest.raises(RuleError):
        offer(report)
    assert not OriginalDecision.objects.exists()


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_a_question_that_comes_up_later_stops_the_download_at_once(report, obstacle):
    offer(report)
    obstacle(report)
    assert download(report)[0].status_code == 404
    page = Client().get(reverse("review", args=["T1"])).content.decode()
    assert address(report) not in page


def test_a_licence_must_allow_copies(report):
    for licence in ("", "For teaching only"):
        set_details(by=None, review=report.review, licence=licence, now=NOON)
        with pytest.raises(RuleError, match="names no licence that allows copies"):
            offer(report, "licence")
    set_details(by=None, review=report.review, licence="OGL-UK-3.0", now=NOON)
    offer(report, "licence")
    assert download(report)[0].status_code == 200
    set_details(by=None, review=report.review, licence="", now=NOON)
    assert download(report)[0].status_code == 404
    with pytest.raises(RuleError, match="choose why"):
        offer(report, "hope")


@pytest.mark.parametrize("what", ["review", "report"])
def test_nobody_is_offered_to_offer_the_file_of_what_is_withdrawn(report, client, what):
    client.force_login(make_person(Role.EDITOR))
    page = reverse("original-decision", args=[report.key])
    assert "Offer the file" in client.get(page).content.decode()
    item = report.review if what == "review" else report
    pipeline.change_state(by=None, item=item, state=State.WITHDRAWN, now=NOON)
    withdrawn = client.get(page).content.decode()
    assert "Offer the file" not in withdrawn
    assert "It cannot be offered now: it is withdrawn: restore it first" in withdrawn
    with pytest.raises(RuleError, match="it is withdrawn"):
        offer(Report.objects.get())


@pytest.mark.parametrize("what", ["review", "report"])
def test_a_withdrawn_report_has_a_neutral_page_instead_of_its_file(report, what):
    offer(report)
    tag = download(report)[0]["ETag"]
    item = report.review if what == "review" else report
    pipeline.change_state(by=None, item=item, state=State.WITHDRAWN, now=NOON)
    for headers in ({}, {"HTTP_IF_NONE_MATCH": tag}, {"HTTP_RANGE": "bytes=0-3"}):
        answer, content = download(report, **headers)
        assert (answer.status_code, answer["Cache-Control"]) == (410, "no-store")
        assert b"%PDF" not in content


@pytest.mark.parametrize("state", [State.RECEIVED, State.IN_CHECK, State.INTERNAL])
@pytest.mark.parametrize("what", ["review", "report"])
def test_the_file_of_what_is_not_public_is_for_staff(report, client, what, state):
    offer(report)
    item = report.review if what == "review" else report
    type(item).objects.filter(pk=item.pk).update(state=state)
    assert download(report)[0].status_code == 404
    client.force_login(make_person(Role.CODER))
    answer = client.get(address(report))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert b"".join(answer) == CONTENT
