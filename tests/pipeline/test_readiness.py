"""Before something is published: every open reason at once, on its page and in its refusal."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NOON, make_person, make_review
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.core.errors import NotFound, NotPermitted, NotReady
from waymark.documents import services
from waymark.documents.models import HiddenText, PageRecognition, Report, Review
from waymark.library.services.retention import set_retention

TEXT = "1 Findings\n\nThe social worker spoke to Siobhan at home.\n"
ALL = ["expiry", "hidden-text", "anonymity", "scanned-pages"]


@pytest.fixture
def editor(db):
    return make_person(Role.EDITOR, name="editor")


@pytest.fixture
def stored(db, settings, tmp_path):
    """A report with an open question of every kind."""
    settings.DATA = tmp_path / "data"
    file = tmp_path / "a.txt"
    file.write_text(TEXT)
    report = pipeline.store_file(by=None, path=file, now=NOON)
    HiddenText.objects.create(report=report, kind="comment", page=1, words="Late.", cause="x")
    PageRecognition.objects.create(report=report, number=1)
    day = (NOON - timedelta(days=1)).date()
    set_retention(
        by=None,
        report=report,
        until=day,
        legal_hold=False,
        hold_reason="",
        reason="A test.",
        now=NOON,
    )
    return report


def kinds(reasons):
    return [reason.kind for reason in reasons]


def test_a_refusal_names_every_open_reason_of_a_report(stored, editor):
    with pytest.raises(NotReady) as refusal:
        pipeline.change_state(by=editor, item=stored, state=State.PUBLISHED, now=NOON)
    assert kinds(refusal.value.reasons) == ALL
    assert {reason.key for reason in refusal.value.reasons} == {stored.key}
    assert "Siobhan" not in str(refusal.value)
    assert Report.objects.get().state == State.RECEIVED


def test_a_refusal_names_the_reasons_of_every_report_that_a_review_would_open(stored, editor):
    assert pipeline.open_reasons(stored.review, NOON) == []
    assert kinds(pipeline.open_reasons(stored.review, NOON, whole=True)) == ALL
    Report.objects.update(state=State.PUBLISHED)
    with pytest.raises(NotReady) as refusal:
        pipeline.change_state(by=editor, item=stored.review, state=State.PUBLISHED, now=NOON)
    assert kinds(refusal.value.reasons) == ALL[1:]


def test_the_service_refuses_as_well(stored, editor):
    Report.objects.update(state=State.PUBLISHED)
    with pytest.raises(NotReady):
        services.set_review_state(by=editor, review=stored.review, state=State.PUBLISHED, now=NOON)


def test_who_may_not_publish_does_not_learn_what_is_open(stored):
    with pytest.raises(NotPermitted):
        pipeline.change_state(
            by=make_person(Role.CODER), item=stored, state=State.PUBLISHED, now=NOON
        )


def test_a_review_is_published_without_the_reports_that_are_not_ready(stored, editor, tmp_path):
    file = tmp_path / "b.txt"
    file.write_text("1 Findings\n\nThe visits stopped in May. Nobody asked why.\n")
    ready = pipeline.store_file(by=None, path=file, now=NOON, review=stored.review)
    outcome = pipeline.publish_review(by=editor, review=stored.review, now=NOON)
    assert outcome.published == (ready.key,)
    assert {key: kinds(rows) for key, rows in outcome.refused.items()} == {stored.key: ALL}
    assert Review.objects.get().state == State.PUBLISHED


def test_of_many_reviews_each_that_is_ready_is_published_and_the_errors_are_returned(
    stored, editor, tmp_path
):
    for name in "ab":
        review = make_review(f"many-{name}")
        file = tmp_path / f"{name}.txt"
        file.write_text(f"1 Findings\n\nThe visits stopped. Nobody asked about {name}.\n")
        pipeline.store_file(by=None, path=file, now=NOON, review=review)
    references = ["many-a", "no-such-review", stored.review.reference, "many-b"]
    with CaptureQueriesContext(connection) as captured:
        results = pipeline.publish_reviews(by=editor, references=references, now=NOON)
    assert list(results) == references
    assert isinstance(results["no-such-review"], NotFound)
    assert kinds(results[stored.review.reference].refused[stored.key]) == ALL
    published = Review.objects.filter(state=State.PUBLISHED).order_by("reference")
    assert list(published.values_list("reference", flat=True)) == ["many-a", "many-b"]
    # The head of the audit log is read once for each commit.
    log = [row["sql"] for row in captured if "accounts_auditentry" in row["sql"]]
    assert sum(sql.startswith("SELECT") for sql in log) == 1


def test_the_page_of_states_lists_every_reason_with_a_link_to_its_answer(client, stored, editor):
    client.force_login(editor)
    links = [
        reverse(name, args=[stored.key])
        for name in ("report-keeping", "hidden-text", "anonymity", "scanned-pages")
    ]
    for name, key in (("report-state", stored.key), ("review-state", stored.review.reference)):
        page = client.get(reverse(name, args=[key])).content.decode()
        section = page[page.index('id="not-ready"') :].partition("</section>")[0]
        assert [link for link in links if f'"{link}"' in section] == links


def test_a_refusal_is_a_page_with_every_reason_and_its_link(client, stored, editor):
    client.force_login(editor)
    address = reverse("report-state", args=[stored.key])
    answer = client.post(address, {"to": "published"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Nothing has been changed" in page
    for name in ("report-keeping", "hidden-text", "anonymity", "scanned-pages"):
        assert f'href="{reverse(name, args=[stored.key])}"' in page
    assert f'href="{address}"' in page
    assert "Siobhan" not in page
