"""Impact and evidence: evaluations, records of use, the audit form and the learning event."""

import io
from datetime import date
from zipfile import ZipFile

import docx
import openpyxl
import pytest
from django.urls import reverse

from tests.briefings.writing import make_briefing, publish
from tests.factories import NOON, make_person
from tests.recommendations.test_ledger import serve
from tests.recommendations.test_recommendations import core, followed, record  # noqa: F401
from waymark.accounts.models import Role, State
from waymark.bodies.services import BodyAbout, add_body
from waymark.briefings import services as briefings
from waymark.library.catalogue.resource_description import (
    ResourceDescription,
    description_faults,
    tidy_description,
)
from waymark.library.services import add_resource
from waymark.pipeline.removals.state_changes import change_state

pytestmark = pytest.mark.django_db
EVALUATION = ResourceDescription(
    kind="evaluation",
    title="Did the form help?",
    year=2020,
    evaluated="A form for handovers",
    setting="One county",
    method="Before and after, without a comparison group",
    sample="24 handovers before and 24 after",
    limits="It cannot say that the form made the difference.",
    standard="Weak evidence of effect",
    cost="Not reported",
    key_points=("9 of 24 were on time before, and 15 of 24 after.",),
)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


def see(client, name, *args):
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200, answer.content.decode()[:500]
    return " ".join(answer.content.decode().split())


def evaluation(state=State.PUBLISHED):
    resource = add_resource(by=None, description=EVALUATION, now=NOON, key="form")
    change_state(by=None, item=resource, state=state, now=NOON)


# ---- evaluations ----


def test_an_evaluation_says_what_where_how_who_what_came_out_and_what_it_cannot_show(client):
    evaluation()
    for page in (see(client, "impact"), see(client, "resource", "form")):
        for text in (
            *("A form for handovers", "One county", "24 handovers before"),
            *("15 of 24 after", "cannot say that", "Weak evidence", "Not reported"),
        ):
            assert text in page


def test_an_evaluation_that_is_not_public_is_on_no_page(client):
    evaluation(State.INTERNAL)
    assert "Did the form help?" not in see(client, "impact")
    assert "No evaluation is published here yet." in see(client, "impact")


def test_fields_of_evaluations_are_refused_for_other_resources():
    other = tidy_description(ResourceDescription(kind="tool", title="A tool", sample="24"))
    assert [fault.field for fault in description_faults(other)] == ["sample"]
    assert description_faults(tidy_description(EVALUATION)) == []


# ---- we used it ----


def test_what_teams_changed_is_shown_once_a_person_has_read_it(client):
    publication = publish(make_briefing())
    said = briefings.ReportedUse("Riverside team", date(2026, 5, 1), "We ring on the day.")
    row = briefings.take_use(by=None, publication=publication, use=said, now=NOON)
    assert "We ring on the day." not in see(client, "impact")
    briefings.decide_use(by=make_person(Role.EDITOR), use=row.pk, shown=True, now=NOON)
    page = see(client, "impact")
    assert "We ring on the day." in page
    assert 'href="/briefings/visits/"' in page
    assert ">Ask us</a>" in page


# ---- learning tools for boards ----


def test_the_audit_form_has_each_recommendation_to_the_body_and_room_to_fill_in(client, report):
    body = add_body(by=None, about=BodyAbout("Ash Trust", listed=True), now=NOON)
    record(report)
    serve(report.review)
    words = " ".join(report.review.recommendations.get().exact.split())
    page = see(client, "body-audit", body.key)
    assert "Audit of recommendations to Ash Trust" in page
    assert words in page
    sheet = client.get(reverse("body-audit-file", args=[body.key, "xlsx"])).content
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet))["Recommendations"].values)
    assert rows[0][3] == "Done? Yes, in part, no"
    assert rows[1][:3] == ("T1, 1 (Ash Trust)", words, "Not notified yet")
    assert not any(rows[1][3:])
    word = client.get(reverse("body-audit-file", args=[body.key, "docx"])).content
    table = docx.Document(io.BytesIO(word)).tables[0]
    assert table.rows[1].cells[1].text == words
    assert client.get(reverse("body-audit-file", args=[body.key, "exe"])).status_code == 404


def test_the_audit_form_leaves_out_a_review_that_is_not_public(client, report):
    body = add_body(by=None, about=BodyAbout("Ash Trust", listed=True), now=NOON)
    record(report)
    serve(report.review)
    other = report.review.recommendations.get().exact
    change_state(by=None, item=report, state=State.INTERNAL, now=NOON)
    page = see(client, "body-audit", body.key)
    assert other not in page
    assert "nothing to audit" in page


def test_a_learning_event_has_a_programme_the_short_form_questions_and_sheets(client):
    publish(make_briefing())
    page = see(client, "briefing-event", "briefing", "visits", 1)
    for text in ("Programme", "Sign-in sheet", "Feedback form", "What we will change"):
        assert text in page
    place = reverse("briefing-file", args=["briefing", "visits", 1, "event-pack.docx"])
    word = docx.Document(io.BytesIO(client.get(place).content))
    assert [len(table.rows) for table in word.tables] == [8, 6, 21, 6]
    assert ">Questions to discuss<" in page
    assert ">Questions for your team<" not in page
    assert "event" in see(client, "briefing-short", "briefing", "visits", 1)
    assert 'href="/briefings/visits/1/learning-event/"' in see(client, "impact")


def test_the_same_form_gives_the_same_bytes(client):
    publish(make_briefing())
    place = reverse("briefing-file", args=["briefing", "visits", 1, "event-pack.docx"])
    first, second = (client.get(place).content for _ in range(2))
    assert first == second
    assert ZipFile(io.BytesIO(first)).testzip() is None
