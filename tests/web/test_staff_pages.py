"""Pages for staff: what is held, who may see it, taking files in and what became of them."""

import re
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review
from tests.web.test_pages import see, strictly
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Installation, Role, State
from waymark.documents.models import Intake, IntakeState, Report, Review
from waymark.documents.queries import holdings
from waymark.documents.services import receive_upload
from waymark.web.staff import holdings as pages
from waymark.web.staff import review_list

pytestmark = pytest.mark.django_db

TEXT = b"1 Findings\n\nThe visits stopped in May. Nobody asked why.\n"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test, with its own originals, staging and index."""
    settings.DATA = tmp_path


@pytest.fixture
def cataloguer(client):
    person = make_person(Role.CATALOGUER, name="cataloguer")
    client.force_login(person)
    return person


def file(name="report.txt", content=TEXT):
    return SimpleUploadedFile(name, content)


def send(client, *files, **said):
    return client.post(reverse("upload"), {"files": list(files), **said})


# ---- who may come in ----


@pytest.mark.parametrize("name", ["staff", "upload"])
def test_a_visitor_is_asked_to_sign_in_and_a_reader_is_refused(client, name):
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"] == f"/sign-in/?next={reverse(name)}"
    client.force_login(make_person(Role.READER))
    assert "You cannot do this" in see(client, reverse(name), status=403)


@pytest.mark.parametrize("role", [Role.CODER, Role.ANALYST])
def test_coders_and_analysts_see_the_list_and_take_in_nothing(client, role):
    make_review("T1", state=State.INTERNAL)
    client.force_login(make_person(role))
    said = see(client, reverse("staff"))
    assert "Review T1" in said
    assert "Add reports" not in said
    assert re.search(r"\bchange\b", said) is None
    assert client.get(reverse("upload")).status_code == 403
    assert send(client, file()).status_code == 403
    assert client.get(reverse("review-state", args=["T1"])).status_code == 403
    posted = client.post(reverse("review-state", args=["T1"]), {"to": "published"})
    assert posted.status_code == 403
    assert not Intake.objects.exists()
    assert Review.objects.get(reference="T1").state == State.INTERNAL


@pytest.mark.parametrize("role", [Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR])
def test_those_who_may_take_in_reports_are_offered_to(client, role):
    client.force_login(make_person(role))
    assert "Add reports" in see(client, reverse("staff"))
    assert "At most 100 MiB" in see(client, reverse("upload"))


# ---- the list ----


def test_staff_are_told_that_emails_wait_and_why(client, cataloguer):
    assert "No emails have been sent" not in see(client, reverse("staff"))
    Installation.objects.create(
        identifier="a", created_at=NOON, sending_paused_at=NOON, sending_paused_reason="A copy."
    )
    for page in ("staff", "letters"):
        said = see(client, reverse(page))
        assert "No emails have been sent since 4 May 2026, 13:00: A copy." in said
        assert "waymark sending resume" in said


def test_the_list_is_whole_when_nothing_is_held(client, cataloguer):
    assert "Nothing has been added yet." in see(client, reverse("staff"))


def test_the_list_shows_state_size_coding_and_who_brought_it(client, cataloguer, coded):
    said = see(client, reverse("staff"))
    assert "1 review" in said
    assert (
        "W01 Case management review: Child Beech catalogue record of W01 Published change" in said
    )
    assert "1 of 1 finished" in said
    row = next(
        tr
        for tr in strictly(client.get(reverse("staff"))).iter("tr")
        if "W01.txt" in "".join(tr.itertext())
    )
    assert [("".join(td.itertext())).strip() for td in row.findall("td")][2:4] == ["1", "9"]


def test_the_list_names_who_uploaded_a_report(client, cataloguer):
    send(client, file())
    pipeline.run_worker(once=True)
    assert "cataloguer, " in see(client, reverse("staff"))


def test_the_list_can_be_narrowed_to_a_state_of_a_review_or_of_its_report(client, cataloguer):
    make_review("T1", state=State.INTERNAL)
    make_report(make_review("T2"), "Words.", state=State.WITHDRAWN)
    make_review("T3")
    said = see(client, f"{reverse('staff')}?state=withdrawn")
    assert "Review T2" in said
    assert "Review T1" not in said
    assert "Review T3" not in said
    assert "Internal (1)" in said
    assert "Published (2)" in said
    assert "Review T1" in see(client, f"{reverse('staff')}?state=internal")
    assert "No reviews match." in see(client, f"{reverse('staff')}?state=expired")
    assert "there is no “nonsense”" in see(client, f"{reverse('staff')}?state=nonsense")


def test_a_review_counts_once_in_its_state_and_in_each_other_state_of_its_reports(
    django_assert_num_queries,
):
    two = make_review("T1", state=State.INTERNAL)
    make_report(two, "Words.", state=State.PUBLISHED)
    make_report(two, "Words.", state=State.PUBLISHED)
    make_report(two, "Words.", state=State.INTERNAL)
    make_report(make_review("T2"), "Words.", state=State.WITHDRAWN)
    make_report(make_review("T3", state=State.WITHDRAWN), "Words.")
    with django_assert_num_queries(2):
        assert holdings.state_counts(None) == {
            State.INTERNAL: 1,
            State.PUBLISHED: 3,
            State.WITHDRAWN: 2,
        }
    coder = make_person(Role.CODER)
    assert holdings.state_counts(coder) == {State.INTERNAL: 1, State.PUBLISHED: 2}


def test_the_list_asks_as_many_queries_for_a_full_page_as_for_one_review(client, cataloguer):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("staff"))
        return len(asked)

    make_report(make_review("T0"), "Words.")
    client.get(reverse("staff"))
    one = queries()
    for number in range(1, 30):
        make_report(make_review(f"T{number}"), "Words.")
    assert queries() == one


def test_the_list_comes_in_pages(client, cataloguer, monkeypatch):
    monkeypatch.setattr(review_list, "REVIEWS", replace(review_list.REVIEWS, size=2))
    for number in range(1, 4):
        make_review(f"T{number}")
    said = see(client, reverse("staff"))
    assert "3 reviews" in said
    assert "1 to 2 of 3 reviews" in said
    assert "Review T3" in see(client, f"{reverse('staff')}?page=2")
    see(client, f"{reverse('staff')}?page=3", status=404)


def test_what_is_withdrawn_stays_in_the_list_without_a_link(client, cataloguer):
    report = make_report(make_review("T1"), "Words.", state=State.WITHDRAWN)
    tree = strictly(client.get(reverse("staff")))
    links = [one.get("href") for one in tree.iter("a")]
    assert reverse("report", args=[report.key]) not in links
    assert reverse("report-state", args=[report.key]) in links


# ---- states ----


@pytest.mark.parametrize(
    ("to", "visitor", "staff"),
    [("published", 200, 200), ("internal", 404, 200)],
)
def test_a_change_of_state_counts_at_once(client, cataloguer, to, visitor, staff):
    report = make_report(make_review("T1"), "Words.", state=State.IN_CHECK)
    address = reverse("report-state", args=[report.key])
    assert f"Visibility of {report.file_name}" in see(client, address)
    answer = client.post(address, {"to": to})
    assert answer["Location"] == address
    assert f"{report.file_name} is now {to}." in see(client, address)
    page = reverse("report-page", args=[report.key, 1])
    assert client.get(page).status_code == staff
    assert Client().get(page).status_code == visitor
    entry = AuditEntry.objects.get(action="set state")
    assert (entry.actor, entry.subject, entry.detail["state"]) == (
        "cataloguer",
        f"report {report.key}",
        to,
    )


def test_a_withdrawn_review_can_be_published_again(client, cataloguer):
    make_review("T1", state=State.WITHDRAWN)
    client.post(reverse("review-state", args=["T1"]), {"to": "published", "incomplete": "on"})
    assert Client().get(reverse("review", args=["T1"])).status_code == 200


def test_a_report_of_a_hidden_review_says_that_it_stays_hidden(client, cataloguer):
    report = make_report(make_review("T1", state=State.INTERNAL), "Words.")
    said = see(client, reverse("report-state", args=[report.key]))
    assert "Until the review is published too, the public cannot see this report." in said


def test_a_state_that_is_not_offered_changes_nothing(client, cataloguer):
    make_review("T1")
    for to in ("", "expired", "embargoed", "withdrawn", "nonsense"):
        answer = client.post(reverse("review-state", args=["T1"]), {"to": to})
        assert answer.status_code == 400
    assert Review.objects.get(reference="T1").state == State.PUBLISHED


def test_looking_at_a_state_never_changes_it(client, cataloguer):
    make_review("T1")
    see(client, f"{reverse('review-state', args=['T1'])}?to=withdrawn")
    assert Review.objects.get(reference="T1").state == State.PUBLISHED


def test_states_of_what_is_not_there_are_not_found(client, cataloguer):
    see(client, reverse("review-state", args=["NONE"]), status=404)
    see(client, reverse("report-state", args=["none"]), status=404)


# ---- taking in files ----


def test_files_are_taken_in_read_and_shown_with_what_became_of_each(client, cataloguer):
    answer = send(client, file("one.txt"), file("two.txt", b"Another.\n\nText of two lines.\n"))
    batch = Intake.objects.first().batch
    assert answer["Location"] == reverse("upload-batch", args=[batch])
    page = reverse("upload-batch", args=[batch])
    said = see(client, page)
    assert "2 of 2 files still to be read." in said
    assert "one.txt Waiting to be read" in said
    pipeline.run_worker(once=True)
    said = see(client, page)
    assert "All read: 2 stored, 0 already stored, 0 refused." in said
    report = Report.objects.get(file_name="one.txt")
    links = [one.get("href") for one in strictly(client.get(page)).iter("a")]
    assert reverse("report", args=[report.key]) in links
    assert "The visits stopped in May." in see(client, reverse("report-page", args=[report.key, 1]))
    assert Client().get(reverse("report-page", args=[report.key, 1])).status_code == 404


def test_the_encoding_that_a_person_chooses_reaches_the_reader(client, cataloguer):
    welsh = SimpleUploadedFile("welsh.txt", "\u0174yn a th\u0177.".encode("iso8859-14"))
    send(client, welsh, encoding="iso-8859-14")
    pipeline.run_worker(once=True)
    report = Report.objects.get(file_name="welsh.txt")
    assert report.text.content == "\u0174yn a th\u0177."


def test_an_encoding_that_is_not_offered_is_refused(client, cataloguer):
    assert send(client, file(), encoding="base64").status_code == 400
    assert not Intake.objects.exists()


def test_the_page_of_an_upload_renews_itself_until_all_is_read(client, cataloguer):
    send(client, file())
    page = reverse("upload-batch", args=[Intake.objects.get().batch])
    waiting = client.get(page).content.decode()
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in waiting
    assert "live.js" in waiting
    pipeline.run_worker(once=True)
    done = client.get(page).content.decode()
    assert "refresh" not in done
    assert "live.js" not in done


def test_the_same_file_again_is_told_with_where_it_is(client, cataloguer):
    send(client, file("first.txt"))
    pipeline.run_worker(once=True)
    send(client, file("second.txt"))
    pipeline.run_worker(once=True)
    again = Intake.objects.get(file_name="second.txt")
    assert again.state == IntakeState.ALREADY
    said = see(client, reverse("upload-batch", args=[again.batch]))
    assert "All read: 0 stored, 1 already stored, 0 refused." in said
    assert "Read it" in said
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.pdf", b"", "is empty"),
        ("picture.pdf", b"\x89PNG\r\n\x1a\n" + bytes(100), "is an image"),
        ("cut.pdf", b"%PDF-1.4\n1 0 obj\n<<", ""),
        ("program.txt", b"\x7fELF" + bytes(200), ""),
    ],
)
def test_a_wrong_file_is_refused_with_its_reason_and_a_remedy(
    client, cataloguer, name, content, reason
):
    send(client, file(name, content), file("good.txt"))
    pipeline.run_worker(once=True)
    intake = Intake.objects.get(file_name=name)
    assert intake.state == IntakeState.REFUSED
    assert intake.remedy
    said = see(client, reverse("upload-batch", args=[intake.batch]))
    assert "1 stored, 0 already stored, 1 refused." in said
    assert f"{name} Refused It {intake.reason}. {intake.remedy}." in said
    assert reason in said


def test_a_file_over_the_limit_is_refused_and_the_others_are_kept(client, cataloguer, settings):
    settings.MAX_UPLOAD_MIB = 1
    send(client, file("large.pdf", bytes(1024 * 1024 + 1)), file("small.txt"))
    pipeline.run_worker(once=True)
    said = see(client, reverse("upload-batch", args=[Intake.objects.first().batch]))
    assert "large.pdf Refused It is larger than 1 MiB." in said
    assert "small.txt Stored" in said
    kept = [*(settings.DATA / "staging").iterdir(), *(settings.DATA / "originals").rglob("*")]
    assert max(one.stat().st_size for one in kept if one.is_file()) == len(TEXT)


def test_a_file_of_just_the_limit_is_kept(client, cataloguer, settings):
    settings.MAX_UPLOAD_MIB = 1
    words = b"Words and words. " * 70_000
    send(client, file("just.txt", words[: 1024 * 1024]))
    assert Intake.objects.get().state == IntakeState.WAITING


def test_files_that_are_too_much_together_are_dropped_and_told(
    client, cataloguer, settings, monkeypatch
):
    settings.MAX_UPLOAD_MIB = 1
    monkeypatch.setattr(pages, "MOST_TOGETHER", 2)
    answer = send(client, *(file(f"{name}.txt", bytes(800 * 1024)) for name in "abc"))
    assert answer.status_code == 400
    said = " ".join(strictly(answer).itertext())
    assert "These files are larger than 2 MiB together: add them in several parts." in said
    assert not Intake.objects.exists()
    assert not (settings.DATA / "staging").exists()


def test_too_many_files_are_told_before_any_is_kept(client, cataloguer, monkeypatch):
    monkeypatch.setattr(pages, "MOST_FILES", 2)
    answer = send(client, file("a.txt"), file("b.txt"), file("c.txt"))
    assert answer.status_code == 400
    assert "Choose at most 2 files at a time." in " ".join(strictly(answer).itertext())
    assert not Intake.objects.exists()


def test_a_form_without_a_file_is_answered_with_what_to_do(client, cataloguer):
    answer = client.post(reverse("upload"), {"review": ""})
    assert answer.status_code == 400
    assert "Choose a file." in " ".join(strictly(answer).itertext())
    assert strictly(answer).find(".//title").text.startswith("Error: ")
    assert not Intake.objects.exists()


def test_more_files_than_a_form_may_hold_are_answered_with_what_to_do(client, cataloguer, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    answer = send(client, *(file(f"{number}.txt") for number in range(4)))
    assert answer.status_code == 400
    assert "Choose at most 50 files at a time." in " ".join(strictly(answer).itertext())
    assert not Intake.objects.exists()


def test_files_join_a_review_that_is_here(client, cataloguer):
    make_review("T1")
    send(client, file("summary.txt"), review="T1", kind="executive-summary")
    pipeline.run_worker(once=True)
    report = Report.objects.get()
    assert (report.review.reference, report.kind) == ("T1", "executive-summary")


def test_a_review_that_is_not_here_is_told_and_nothing_is_kept(client, cataloguer):
    answer = send(client, file(), review="<T9>", kind="response")
    assert answer.status_code == 400
    said = " ".join(strictly(answer).itertext())
    assert "There is no review <T9>." in said
    assert strictly(answer).find(".//input[@id='review']").get("value") == "<T9>"
    assert strictly(answer).find(".//option[@selected]").get("value") == "response"
    assert not Intake.objects.exists()


def test_a_kind_that_is_not_offered_is_not_taken(client, cataloguer):
    assert send(client, file(), kind="novel").status_code == 400
    assert not Intake.objects.exists()


def test_a_file_s_name_is_shown_as_text_and_never_as_a_path(client, cataloguer):
    send(client, file("../../etc/<b>pass</b>.txt"))
    name = Intake.objects.get().file_name
    assert "/" not in name.removesuffix("</b>.txt")
    see(client, reverse("upload-batch", args=[Intake.objects.get().batch]))
    assert b"<b>pass" not in client.get(reverse("upload")).content


def test_a_form_that_was_not_sent_from_the_site_is_refused(settings):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_person(Role.CATALOGUER))
    assert send(strict, file()).status_code == 403
    make_review("T1")
    posted = strict.post(reverse("review-state", args=["T1"]), {"to": "withdrawn"})
    assert posted.status_code == 403
    assert not Intake.objects.exists()
    assert Review.objects.get(reference="T1").state == State.PUBLISHED


def test_a_form_with_its_token_is_taken():
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_person(Role.CATALOGUER))
    form = strictly(strict.get(reverse("upload")))
    token = form.find(".//main//input[@name='csrfmiddlewaretoken']").get("value")
    assert send(strict, file(), csrfmiddlewaretoken=token).status_code == 302
    assert Intake.objects.count() == 1


def test_an_upload_is_open_to_those_who_may_take_in_reports_only(client, cataloguer):
    receive_upload(by=cataloguer, files=[file("name.txt")], batch="b1", now=NOON)
    page = reverse("upload-batch", args=["b1"])
    assert "name.txt" in see(client, page)
    client.force_login(make_person(Role.ANALYST))
    assert client.get(page).status_code == 403
    assert "name.txt" not in client.get(reverse("staff")).content.decode()


def test_an_upload_that_never_was_is_not_found(client, cataloguer):
    see(client, reverse("upload-batch", args=["none"]), status=404)


def test_the_form_lists_what_came_in_last(client, cataloguer):
    send(client, file("earlier.txt"))
    said = see(client, reverse("upload"))
    assert "Recently added" in said
    assert "earlier.txt : waiting" in said or "earlier.txt: waiting" in said
