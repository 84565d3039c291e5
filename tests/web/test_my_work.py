"""My work: what waits for a person, each count as many as its link lists, and the last changes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import NOON, make_person, make_report, make_review
from tests.web.test_deciding_pages import SPEC
from tests.web.test_pages import see, strictly
from waymark.accounts.audit import record_entry
from waymark.accounts.models import Role, State, User
from waymark.coding.models import AgreedCode, Assignment
from waymark.documents.models import (
    HiddenText,
    PageRecognition,
    PossibleIdentifier,
    Reading,
    ReadingState,
    Report,
    Review,
)
from waymark.documents.queries.readiness import reports_with_questions
from waymark.documents.services.readiness import open_reasons
from waymark.enquiries.services import NewEnquiry, log_call, start_search
from waymark.library.models import Concern, Deposit, DepositState, Retention
from waymark.mail.models import Letter
from waymark.overview.services import create_overview, freeze_overview
from waymark.web.shared.waiting_work import waiting_counts
from waymark.web.staff.my_work import tasks_of

pytestmark = pytest.mark.django_db


def deposit(reference, state, batch=""):
    return Deposit.objects.create(
        reference=reference,
        board="A board",
        contact_name="A. Person",
        contact_email="board@zennorshire.example",
        title=f"Deposit {reference}",
        rights="Yes.",
        batch=batch or reference,
        state=state,
        received_at=NOON,
    )


def report_in(state, **values):
    """A report of a new review, both in a state, with both checks made."""
    report = make_report(make_review(state=state), "Words.", state=state)
    values = {"hidden_text_checked_at": NOON, "anonymity_checked_at": NOON, **values}
    Report.objects.filter(pk=report.pk).update(**values)
    report.refresh_from_db()
    return report


def hide_words(report):
    HiddenText.objects.create(report=report, kind="comment", page=1, words="Late.", cause="x")


def raise_identifier(report):
    PossibleIdentifier.objects.create(
        report=report, kind="person", words="Siobhan", folded="siobhan", reason="A name.", count=1
    )


def read_again(report):
    Reading.objects.create(
        report=report,
        number=2,
        state=ReadingState.PENDING,
        extractor="test 2",
        content="Words.",
        read_at=NOON,
    )


def rows(tree, selector):
    return len(tree.findall(selector))


LISTED = {
    "/staff/deposits/": lambda tree: rows(tree, ".//tbody/tr"),
    "/staff/anonymity/": lambda tree: rows(tree.find(".//table"), "./tbody/tr"),
    "/staff/hidden-text/": lambda tree: rows(tree.find(".//table"), "./tbody/tr"),
    "/staff/newer-texts/": lambda tree: rows(tree.find(".//table"), "./tbody/tr"),
    "/staff/": lambda tree: rows(tree, ".//tbody"),
    "/staff/coding/": lambda tree: rows(tree, ".//tbody/tr"),
    "/staff/letters/": lambda tree: rows(tree, ".//tbody/tr"),
    "/staff/keeping/": lambda tree: rows(tree, ".//tbody/tr"),
    "/staff/concerns/": lambda tree: rows(tree, ".//tbody/tr"),
    "/staff/overviews/": lambda tree: rows(tree, ".//main//ul[@id='to-sign']/li"),
}
"""Address of a list -> the number of things that it lists."""


def counts(client, person):
    """Title of each task -> its count, after a look at what its link lists."""
    tasks = tasks_of(person, timezone.now())
    page = see(client, reverse("my-work"))
    for task in tasks:
        assert task.title in page
        address = task.url.partition("#")[0]
        tree = strictly(client.get(address))
        path = address.partition("?")[0]
        if path in LISTED:
            assert LISTED[path](tree) == task.number, task.title
        else:
            words = " ".join(tree.itertext())
            assert words.count("is required and has no text yet") == task.number
    return {task.title.partition(" ")[2]: task.number for task in tasks}


@pytest.fixture
def waiting(db):
    """One or two of everything that can wait for those who look after the collection."""
    deposit("D1", DepositState.RECEIVED)
    deposit("D2", DepositState.RECEIVED)
    deposit("D3", DepositState.IN_CHECK)
    deposit("D4", DepositState.RETURNED)
    hide_words(report_in(State.INTERNAL))
    for state in (State.PUBLISHED, State.INTERNAL, State.WITHDRAWN):
        raise_identifier(report_in(state))
    read_again(report_in(State.PUBLISHED))
    read_again(report_in(State.WITHDRAWN))
    report_in(State.INTERNAL)
    for number, kind in enumerate(("identifying", "error", "other")):
        Concern.objects.create(
            reference=f"C{number}", page="/topics/", kind=kind, text="x", received_at=NOON
        )
    Concern.objects.update(origin="x")
    Letter.objects.create(key="a", to="a@b.example", subject="A", body="B", written_at=NOON)
    Letter.objects.create(
        key="b", to="a@b.example", subject="B", body="B", written_at=NOON, failed="Refused."
    )
    Letter.objects.create(
        key="c", to="a@b.example", subject="C", body="B", written_at=NOON, sent_at=NOON
    )
    today = timezone.localdate()
    for days, hold in ((-1, False), (10, False), (10, True), (400, False)):
        Retention.objects.create(
            report=report_in(State.PUBLISHED), until=today + timedelta(days=days), legal_hold=hold
        )
    Retention.objects.filter(legal_hold=True).update(hold_reason="Asked for.")


def test_each_count_is_what_its_link_lists(client, waiting):
    person = make_person(Role.CATALOGUER)
    client.force_login(person)
    Retention.objects.filter(legal_hold=True).delete()
    assert counts(client, person) == {
        "deposits to check": 2,
        "deposit in check, to publish or return": 1,
        "reports with words that may identify a person": 2,
        "report with hidden text to check": 1,
        "newer text of a report to accept": 1,
        "review that is not public, with files that are ready": 1,
        "emails not sent": 2,
        "files expire within 90 days": 2,
        "concern that a page may identify a person": 1,
        "other concerns about pages": 2,
    }


def test_the_menu_counts_beside_each_place_what_waits_there_in_one_query(client, waiting):
    person = make_person(Role.CATALOGUER)
    Retention.objects.filter(legal_hold=True).delete()
    now = timezone.now()
    with CaptureQueriesContext(connection) as asked:
        counted = waiting_counts(person, now)
    assert len([query for query in asked if "grant" not in query["sql"]]) == 1
    assert counted == {
        "deposits": 3,
        "anonymity-checks": 2,
        "hidden-texts": 1,
        "newer-texts": 1,
        "letters": 2,
        "keeping": 2,
        "concerns": 3,
    }
    client.force_login(person)
    menu = strictly(client.get(reverse("my-work"))).find(".//nav[@class='side']")
    shown = {
        link.get("href"): int("".join(link.find("span").itertext()).split()[0])
        for link in menu.iter("a")
        if link.find("span") is not None
    }
    assert shown == {reverse(page): number for page, number in counted.items()}


def test_the_menu_counts_nothing_that_the_person_may_not_do(client, waiting):
    coder = make_person(Role.CODER)
    assert waiting_counts(coder, timezone.now()) == {}
    assert waiting_counts(make_person(Role.READER), timezone.now()) == {}


def test_an_identifying_concern_comes_first_in_my_work(waiting):
    tasks = tasks_of(make_person(Role.EDITOR), timezone.now())
    assert [task.urgent for task in tasks[:2]] == [True, True]
    assert "concern that a page may identify a person" in {
        task.title.partition(" ")[2] for task in tasks if task.urgent
    }


def test_files_on_legal_hold_do_not_wait(waiting):
    tasks = tasks_of(make_person(Role.CATALOGUER), timezone.now())
    assert [task.number for task in tasks if "expire" in task.title] == [2]


def test_a_coder_sees_only_the_reviews_assigned_to_them(client, core, waiting):
    coder, other = make_person(Role.CODER), make_person(Role.CODER)
    client.force_login(coder)
    for reference in ("A1", "A2", "A3"):
        make_review(reference)
    for who, reference, finished in (
        (coder, "A1", None),
        (coder, "A2", NOON),
        (other, "A3", None),
    ):
        Assignment.objects.create(
            review=Review.objects.get(reference=reference),
            framework=core,
            coder=who,
            position=1,
            started_at=NOON,
            finished_at=finished,
        )
    assert counts(client, coder) == {"review assigned to you for coding": 1}
    assert "Review A1" in see(client, "/staff/coding/?state=open")
    assert "Review A1" in see(client, "/staff/?waiting=coding")


def test_an_analyst_settles_reviews_whose_coders_have_all_finished(client, core):
    analyst = make_person(Role.ANALYST)
    client.force_login(analyst)
    coders = [make_person(Role.CODER), make_person(Role.CODER)]
    for reference, ends in (("A1", (NOON, NOON)), ("A2", (NOON, None)), ("A3", (NOON, NOON))):
        review = make_review(reference)
        for position, (coder, end) in enumerate(zip(coders, ends, strict=True), start=1):
            Assignment.objects.create(
                review=review,
                framework=core,
                coder=coder,
                position=position,
                started_at=NOON,
                finished_at=end,
            )
    AgreedCode.objects.create(
        review=Review.objects.get(reference="A3"),
        code=core.codes.first(),
        present=False,
        basis="both",
        decided_by=analyst,
        decided_at=NOON,
    )
    assert counts(client, analyst) == {"coded review to settle": 1}


def test_an_overview_waits_for_signatures_and_for_its_required_chapters(client, coded):
    editor, analyst = make_person(Role.EDITOR), make_person(Role.ANALYST)
    overview = create_overview(by=analyst, spec=SPEC, file="small.yaml", now=NOON)
    freeze_overview(by=analyst, overview=overview, now=NOON)
    client.force_login(editor)
    found = counts(client, editor)
    # What cannot be signed yet is no signature that waits.
    assert "overview to sign" not in found
    assert [number for title, number in found.items() if "to write" in title]


def test_a_report_has_a_question_exactly_where_publishing_it_would_be_refused(db):
    report_in(State.INTERNAL)
    hide_words(report_in(State.INTERNAL))
    raise_identifier(report_in(State.INTERNAL))
    PageRecognition.objects.create(report=report_in(State.INTERNAL), number=1)
    report_in(State.INTERNAL, hidden_text_checked_at=None)
    report_in(State.INTERNAL, anonymity_checked_at=None)
    refused = {report.pk for report in Report.objects.all() if open_reasons([report])}
    assert len(refused) == 5
    assert set(reports_with_questions().values_list("pk", flat=True)) == refused


def test_nothing_waits_on_an_empty_site_and_readers_have_no_such_page(client):
    client.force_login(make_person(Role.READER))
    see(client, reverse("my-work"), status=403)
    client.force_login(make_person(Role.CATALOGUER))
    assert "Nothing waits for you." in see(client, reverse("my-work"))


def test_a_list_of_what_waits_is_for_those_who_work_on_it(client):
    client.force_login(make_person(Role.CODER))
    see(client, "/staff/?waiting=ready", status=403)
    see(client, "/staff/?waiting=nonsense", status=404)


def test_one_continues_with_ones_own_last_changes_that_are_still_there(client):
    person = make_person(Role.CATALOGUER, name="mairead")
    client.force_login(person)
    for reference, state in (
        ("A1", State.INTERNAL),
        ("A2", State.WITHDRAWN),
        ("A3", State.INTERNAL),
    ):
        make_review(reference, state=state)
    other = make_person(Role.CATALOGUER)
    for actor, reference in ((person, "A1"), (person, "A2"), (other, "A3"), (person, "A1")):
        record_entry(actor=actor, action="edit review", subject=f"review {reference}", now=NOON)
    page = see(client, reverse("my-work"))
    assert page.count("Review A1") == 1
    assert "Edit review" in page
    assert "Review A2" not in page
    assert "Review A3" not in page


def test_one_continues_with_the_enquiry_and_the_literature_search_one_worked_on(client):
    person = make_person(Role.CATALOGUER, name="mairead")
    client.force_login(person)
    asked = NewEnquiry("search", "Which reviews tell of fathers?", phone="01632 960 123")
    enquiry = log_call(by=person, asked=asked, now=NOON)
    start_search(by=person, enquiry=enquiry, title="Fathers", question="Which?", now=NOON)
    page = see(client, reverse("my-work"))
    assert "Which reviews tell of fathers? Log call" in page
    assert "Literature search: Fathers Start literature search" in page
    client.force_login(make_person(Role.CODER, name="coder"))
    record_entry(
        actor=User.objects.get(username="coder"),
        action="edit",
        subject=enquiry.audit_subject(),
        now=NOON,
    )
    assert "fathers" not in see(client, reverse("my-work"))


def test_the_page_asks_as_many_queries_however_much_waits(client, waiting):
    client.force_login(make_person(Role.CATALOGUER))
    client.get(reverse("my-work"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("my-work"))
    for number in range(30):
        deposit(f"E{number}", DepositState.RECEIVED)
        raise_identifier(report_in(State.INTERNAL))
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("my-work"))
    assert len(many) <= len(few)
