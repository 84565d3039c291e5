"""Pages for hidden text: who sees the words, where they are, and the form to answer."""

import pikepdf
import pytest
from django.urls import reverse

from tests.documents.making import BOX, LEFT, SECRET, line, paragraph, pdf_of
from tests.factories import NOON, make_person
from tests.web.test_pages import see
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.documents.models import HiddenText, Report
from waymark.documents.services import answer_hidden_text, receive_upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def boxed(settings, tmp_path):
    """A report with words under a box."""
    settings.DATA = tmp_path / "data"
    content = [*paragraph(60, 600, LEFT), line(60, 700, SECRET), BOX]
    path = pdf_of([b"".join(content)], tmp_path / "boxed.pdf")
    return pipeline.store_file(by=None, path=path, now=NOON)


@pytest.fixture
def editor(client):
    person = make_person(Role.EDITOR, name="editor")
    client.force_login(person)
    return person


def page_of(report):
    return reverse("hidden-text", args=[report.key])


def test_a_report_with_hidden_text_is_listed_until_it_is_found_harmless(client, boxed, editor):
    address = reverse("hidden-texts")
    assert "boxed.pdf" in see(client, address)
    see(client, address)
    answer_hidden_text(
        by=editor, report=boxed, kind="covered", verdict="harmless", answer="A test", now=NOON
    )
    assert "There is no hidden text to check" in see(client, address)


def test_the_page_shows_the_words_their_page_and_their_place(client, boxed, editor):
    shown = see(client, page_of(boxed))
    assert SECRET in shown
    assert "Words under a box" in shown
    answer = client.get(page_of(boxed)).content.decode()
    x0, y0, *_ = HiddenText.objects.get().box
    assert f'<rect class="hl" x="{x0:.2f}" y="{y0:.2f}"' in answer
    assert reverse("page-image", args=[boxed.key, 1]) in answer


def test_the_form_stores_an_answer_and_the_report_can_then_be_published(client, boxed, editor):
    state = reverse("report-state", args=[boxed.key])
    assert "Before you can publish this report" in see(client, state)
    assert client.post(state, {"to": "published"}).status_code == 400
    sent = {"kind": "covered", "verdict": "harmless", "answer": "Crop marks"}
    answer = client.post(page_of(boxed), sent, follow=True)
    assert "All hidden text in this report has been found harmless" in answer.content.decode()
    assert "Crop marks" in answer.content.decode()
    client.post(state, {"to": "published"})
    assert Report.objects.get().state == State.PUBLISHED


@pytest.fixture
def twice_boxed(settings, tmp_path):
    """A report with words under two boxes, on two pages, and an author in its properties."""
    settings.DATA = tmp_path / "data"
    content = b"".join([*paragraph(60, 600, LEFT), line(60, 700, SECRET), BOX])
    path = pdf_of([content, content], tmp_path / "boxed.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.docinfo["/Author"] = "Rowan Tree"
        pdf.save(path)
    return pipeline.store_file(by=None, path=path, now=NOON)


def test_words_under_boxes_are_answered_place_by_place(client, twice_boxed, editor):
    places = list(HiddenText.objects.filter(kind="covered").values_list("pk", flat=True))
    shown = client.get(page_of(twice_boxed)).content.decode()
    assert all(f'name="places" value="{place}" form="answer-covered"' in shown for place in places)
    sent = {"kind": "covered", "verdict": "harmless", "answer": "Crop marks"}
    assert "choose the places that you checked" in client.post(
        page_of(twice_boxed), sent
    ).content.decode().replace("Choose", "choose")
    client.post(page_of(twice_boxed), {**sent, "places": places[0]})
    verdicts = HiddenText.objects.filter(kind="covered").values_list("pk", "verdict")
    assert dict(verdicts) == {places[0]: "harmless", places[1]: ""}


def test_the_properties_of_a_file_need_one_answer_with_a_suggested_reason(
    client, twice_boxed, editor
):
    shown = see(client, page_of(twice_boxed))
    assert "Whole file" in shown
    assert "Rowan Tree" in shown
    reason = "The properties name authors or offices, and no one whom the review protects."
    assert reason in client.get(page_of(twice_boxed)).content.decode()
    client.post(page_of(twice_boxed), {"kind": "metadata", "verdict": "harmless", "answer": reason})
    assert HiddenText.objects.get(kind="metadata").verdict == "harmless"


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "covered", "verdict": "harmless", "answer": ""},
        {"kind": "covered", "answer": "Crop marks"},
        {"kind": "nonsense", "verdict": "harmless", "answer": "Crop marks"},
        {"kind": "100%d", "verdict": "harmless", "answer": "Crop marks"},
    ],
)
def test_a_form_that_is_not_complete_says_what_is_missing(client, boxed, editor, sent):
    answer = client.post(page_of(boxed), sent)
    assert answer.status_code == 400
    assert "There is a problem" in answer.content.decode()
    assert HiddenText.objects.get().verdict == ""


@pytest.mark.parametrize("role", [None, Role.READER, Role.CODER, Role.ANALYST])
def test_nobody_else_sees_the_words_or_answers(client, boxed, role):
    if role:
        client.force_login(make_person(role))
    sent = {"kind": "covered", "verdict": "harmless", "answer": "Crop marks"}
    for answer in (
        client.get(page_of(boxed)),
        client.get(reverse("hidden-texts")),
        client.post(page_of(boxed), sent),
    ):
        assert answer.status_code == (403 if role else 302)
        assert "secret" not in answer.content.decode()
    assert HiddenText.objects.get().verdict == ""


def test_pages_that_all_staff_see_do_not_repeat_the_words(client, boxed):
    client.force_login(make_person(Role.CODER))
    pipeline.update_index()
    addresses = [reverse("staff"), reverse("report-page", args=[boxed.key, 1])]
    for address in [*addresses, "/find/?q=secret", "/find/?q=practitioners"]:
        shown = see(client, address)
        assert SECRET not in shown, address
        assert "boxed.pdf: secret" not in shown


def test_the_page_of_an_upload_says_which_file_has_hidden_text(client, boxed, editor, tmp_path):
    class File:
        name, size = "again.pdf", 1

        def chunks(self, chunk_size=None):
            return [(tmp_path / "boxed.pdf").read_bytes()]

    receive_upload(by=editor, files=[File()], batch="b1", now=NOON)
    pipeline.run_worker(once=True)
    assert "check it before you publish" in see(client, reverse("upload-batch", args=["b1"]))


def test_properties_are_answered_for_all_reports_in_the_list(client, twice_boxed, editor):
    address = reverse("hidden-texts")
    page = client.get(address).content.decode()
    assert "Rowan Tree" in page
    assert client.post(address, {"words": "Rowan Tree", "answer": ""}).status_code == 400
    assert client.post(address, {"answer": "An office."}).status_code == 400
    client.post(address, {"words": "Rowan Tree", "answer": "An office."})
    assert HiddenText.objects.get(kind="metadata").answer == "An office."
    assert "Rowan Tree" not in client.get(address).content.decode()
