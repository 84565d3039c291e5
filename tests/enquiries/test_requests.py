"""The gap list, requests for a copy or a loan, and consultancies."""

from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from tests.factories import make_person
from waymark.accounts.models import Role, State
from waymark.core.errors import NotPermitted, RuleError
from waymark.enquiries.declaration import current_declaration, declarations
from waymark.enquiries.models import (
    Consultancy,
    CopyRequest,
    Enquiry,
    GapState,
    LibraryGap,
)
from waymark.enquiries.queries.gaps import listed_gaps
from waymark.enquiries.queries.statistics import desk_statistics
from waymark.enquiries.services import NewEnquiry, change_kind, close_enquiry, take_enquiry
from waymark.enquiries.services.consultancy import ConsultancyTerms, add_hours, save_consultancy
from waymark.enquiries.services.erasure import erase_due
from waymark.enquiries.services.gaps import change_gap, note_gap
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.models import Holding
from waymark.library.services import add_resource, set_resource_state
from waymark.library.services.holdings import add_holding, remove_holding
from waymark.web.shared.form_guard import started_token

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = datetime(2028, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def installation(settings, tmp_path):
    settings.DATA = tmp_path
    settings.MAIL_FROM = "library@waymark.example"


@pytest.fixture
def editor():
    return make_person(Role.EDITOR, name="editor")


@pytest.fixture
def book(editor):
    description = ResourceDescription(kind="research-report", title="Visits that were missed")
    resource = add_resource(by=editor, description=description, key="missed", now=NOON)
    set_resource_state(by=editor, resource=resource, state=State.PUBLISHED, now=NOON)
    return resource


def ask(text="Do you have the 1998 guide on visits?", **values):
    asked = NewEnquiry(
        **{
            "kind": "question",
            "text": text,
            "name": "Dana Fern",
            "phone": "01632 960 123",
            **values,
        }
    )
    return take_enquiry(by=AnonymousUser(), asked=asked, network="192.0.2.1", now=NOON)


def page(answer):
    return " ".join(answer.content.decode().split())


# ---- the gap list ----


def test_the_same_asked_twice_is_one_gap_with_two_enquiries(editor):
    first, second = ask(), ask("Is there a guide of 1998?")
    gap = note_gap(by=editor, enquiry=first, title="Guide on  visits, 1998", now=NOON)
    again = note_gap(by=editor, enquiry=second, title="guide on visits, 1998", now=NOON)
    note_gap(by=editor, enquiry=second, title="", gap=gap.pk, now=NOON)
    assert gap == again
    (row,) = listed_gaps(editor)
    assert (row.title, row.number_of_requests) == ("Guide on visits, 1998", 2)


def test_a_gap_says_nothing_of_who_asked(editor):
    with pytest.raises(RuleError, match="says who asked"):
        note_gap(by=editor, enquiry=ask(), title="The guide for Dana fern", now=NOON)
    # Only whole words are: somebody called Ann may ask for an annual report.
    note_gap(by=editor, enquiry=ask(name="Ann"), title="Annual report, 1998", now=NOON)
    with pytest.raises(RuleError, match="enter what was not found"):
        note_gap(by=editor, enquiry=ask(), title=" ", now=NOON)


def test_an_added_gap_leads_to_its_record_and_the_others_to_none(editor, book):
    gap = note_gap(by=editor, enquiry=ask(), title="Missed visits", now=NOON)
    values = {"by": editor, "gap": gap, "note": "", "now": NOON}
    with pytest.raises(RuleError, match="the key of the record"):
        change_gap(**values, state="added", resource="none")
    assert change_gap(**values, state="added", resource="missed").resource == book
    assert change_gap(**values, state="unavailable", resource="missed").resource is None
    with pytest.raises(NotPermitted):
        change_gap(**{**values, "by": make_person(Role.CODER)}, state="ordered", resource="")


def test_the_desk_notes_gaps_on_the_page_of_an_enquiry_and_lists_them(client, editor, book):
    enquiry = ask()
    client.force_login(editor)
    address = reverse("enquiry", args=[enquiry.reference])
    client.post(address, {"do": "gap", "title": "Guide of 1998", "gap": ""})
    gap = LibraryGap.objects.get()
    assert reverse("gap", args=[gap.pk]) in page(client.get(address))
    assert "Guide of 1998" in page(client.get(reverse("gaps")))
    own = reverse("gap", args=[gap.pk])
    refused = client.post(own, {"state": "added", "resource": "", "note": ""})
    assert refused.status_code == 400
    client.post(own, {"state": "added", "resource": "missed", "note": "Gift."})
    assert reverse("resource", args=["missed"]) in page(client.get(own))
    assert 'Added: <span class="num">1</span>' in page(client.get(reverse("desk-statistics")))


# ---- how to get an item ----


def test_the_page_of_a_resource_says_where_it_can_be_read(client, editor, book):
    shown = page(client.get(reverse("resource", args=["missed"])))
    assert "We do not know of a place where you can read it online." in shown
    add = {"by": editor, "resource": book, "now": NOON}
    add_holding(**add, kind="open", place="Repository", address="https://repository.example/1")
    add_holding(**add, kind="shelf", place="British Library", note="Shelf 7")
    shown = page(client.get(reverse("resource", args=["missed"])))
    assert 'href="https://repository.example/1"' in shown
    assert "Held by a library: British Library" in shown
    assert reverse("ask-for-copy", args=["missed"]) in shown
    remove_holding(by=editor, resource=book, holding=book.holdings.last().pk, now=NOON)
    assert "British Library" not in page(client.get(reverse("resource", args=["missed"])))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "gift"}, "choose how"),
        ({"kind": "open"}, "enter the web address"),
        ({"kind": "shelf"}, "enter the name of the library"),
        ({"kind": "open", "address": "javascript:alert(1)"}, "full web address"),
    ],
)
def test_a_place_is_refused_with_what_it_lacks(editor, book, values, message):
    with pytest.raises(RuleError, match=message):
        add_holding(by=editor, resource=book, now=NOON, **values)


def test_cataloguers_keep_the_places_on_a_tab_of_the_record(client, editor, book):
    client.force_login(editor)
    address = reverse("resource-holdings", args=["missed"])
    assert client.post(address, {"kind": "shelf"}).status_code == 400
    client.post(address, {"kind": "shelf", "place": "Town library", "address": "", "note": ""})
    row = Holding.objects.get()
    assert "Town library" in page(client.get(address))
    client.post(address, {"remove": str(row.pk)})
    assert not Holding.objects.exists()


COPY = {
    "wanted": "copy",
    "part": "Chapter 3",
    "declared": "on",
    "name": "Dana Fern",
    "address": "dana@board.example",
    "phone": "",
    "text": "",
    "homepage": "",
    "seen_help": "",
}


def request_copy(client, **values):
    sent = {**COPY, "started": started_token(ago=60), **values}
    return client.post(
        reverse("ask-for-copy", args=["missed"]),
        {name: value for name, value in sent.items() if value is not None},
    )


def test_a_copy_request_keeps_its_item_and_the_declaration_that_was_confirmed(client, book):
    form = page(client.get(reverse("ask-for-copy", args=["missed"])))
    for point in current_declaration().points:
        assert point in form
    assert "section 42A" in form
    assert request_copy(client).status_code == 302
    enquiry = Enquiry.objects.get()
    row = enquiry.copy_request
    assert (enquiry.kind, enquiry.asked_from) == ("copy", "/resources/missed/")
    assert (row.resource, row.part) == (book, "Chapter 3")
    assert declarations()[row.declaration].points == current_declaration().points
    assert "Visits that were missed" in enquiry.messages.get().text


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"declared": None}, "Confirm each point of the declaration"),
        ({"part": ""}, "Enter the part that you need."),
        ({"name": ""}, "Enter your name"),
        ({"address": ""}, "Enter an email address or a telephone number."),
        ({"wanted": ""}, "Choose what you need."),
    ],
)
def test_a_copy_is_asked_for_with_all_that_the_law_needs(client, book, values, message):
    answer = request_copy(client, **values)
    assert answer.status_code == 400
    assert message in page(answer)
    assert not Enquiry.objects.exists()


def test_a_loan_needs_no_declaration(client, book, editor):
    request_copy(client, wanted="loan", declared=None, part="", name="")
    row = CopyRequest.objects.get()
    assert (row.wanted, row.declaration, row.declared_at) == ("loan", "", None)
    client.force_login(editor)
    assert "A loan:" in page(client.get(reverse("enquiry", args=[row.enquiry.reference])))


CALL = {
    "kind": "copy",
    "text": "Chapter 3, please.",
    "name": "Dana Fern",
    "phone": "01632 960 123",
    "record": "https://waymark.example/resources/missed/",
    "wanted": "copy",
    "part": "chapter 3",
    "declared": "on",
}


def log_call(client, editor, **values):
    client.force_login(editor)
    sent = {name: value for name, value in {**CALL, **values}.items() if value is not None}
    return client.post(reverse("log-call"), sent, follow=True)


def test_the_desk_logs_a_caller_s_request_for_a_copy_with_the_declaration(client, editor, book):
    shown = page(log_call(client, editor))
    request = CopyRequest.objects.get()
    assert (request.resource, request.wanted, request.part) == (book, "copy", "chapter 3")
    assert request.declaration
    assert "Declaration" in shown
    assert (request.enquiry.channel, request.enquiry.name) == ("phone", "Dana Fern")


@pytest.mark.parametrize("wanted", ["loan", "visit"])
def test_a_caller_s_loan_or_visit_needs_no_declaration(client, editor, book, wanted):
    log_call(client, editor, wanted=wanted, declared=None, part="", record="missed")
    assert CopyRequest.objects.get().declaration == ""


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"declared": None}, "confirm the declaration in writing"),
        ({"part": ""}, "Enter the part that the caller needs."),
        ({"name": ""}, "the declaration needs it"),
        ({"wanted": ""}, "Choose a copy, a loan or a visit."),
        ({"kind": "question"}, "Choose the kind Copy or loan"),
        ({"record": "https://waymark.example/resources/none/"}, "no public record"),
    ],
)
def test_a_caller_s_request_is_logged_with_all_that_the_law_needs(
    client, editor, book, values, message
):
    answer = log_call(client, editor, **values)
    assert answer.status_code == 400
    assert message in unescape(page(answer))
    assert not Enquiry.objects.exists()


def test_a_caller_s_request_for_what_the_library_lacks_is_an_enquiry_alone(client, editor):
    log_call(client, editor, record="", wanted="", part="", declared=None)
    assert Enquiry.objects.get().kind == "copy"
    assert not CopyRequest.objects.exists()


def test_words_about_a_child_at_risk_show_whom_to_call_first(client, book):
    answer = request_copy(client, text="My neighbour is hitting her children every night.")
    assert "Is a child at risk now?" in page(answer)
    assert not Enquiry.objects.exists()
    sent = dict(answer.context["typed"])
    again = client.post(reverse("ask-for-copy", args=["missed"]), {**sent, "do": "send"})
    assert again.status_code == 302
    assert CopyRequest.objects.get().declaration


def test_nobody_asks_for_a_copy_of_what_is_not_public(client, editor, book):
    set_resource_state(by=editor, resource=book, state=State.INTERNAL, now=NOON)
    assert client.get(reverse("ask-for-copy", args=["missed"])).status_code == 404


# ---- consultancy ----


def terms(**values):
    return ConsultancyTerms(
        **{
            "organisation": "A board",
            "scope": "Help to plan a review.",
            "starts_on": date(2026, 7, 1),
            "ends_on": date(2026, 9, 1),
            "agreement": "agreed",
            "fee": Decimal(450),
            **values,
        }
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"fee": None}, "agreed fee in pounds"),
        ({"agreement": "perhaps"}, "whether a fee is agreed"),
        ({"ends_on": date(2026, 6, 1)}, "on or after the day it begins"),
    ],
)
def test_the_terms_of_a_consultancy_make_sense(editor, values, message):
    enquiry = ask(kind="consultancy")
    with pytest.raises(RuleError, match=message):
        save_consultancy(by=editor, enquiry=enquiry, terms=terms(**values), now=NOON)


def test_only_a_consultancy_has_terms_and_only_terms_have_hours(editor):
    enquiry = ask()
    with pytest.raises(RuleError, match="change the kind"):
        save_consultancy(by=editor, enquiry=enquiry, terms=terms(), now=NOON)
    hours = {"by": editor, "enquiry": enquiry, "on": date(2026, 7, 2), "now": NOON}
    with pytest.raises(RuleError, match="save the terms"):
        add_hours(**hours, hours=Decimal("1.5"))
    change_kind(by=editor, enquiry=enquiry, kind="consultancy", now=NOON)
    save_consultancy(by=editor, enquiry=enquiry, terms=terms(), now=NOON)
    for wrong in (Decimal(0), Decimal(25)):
        with pytest.raises(RuleError, match="hours of one day"):
            add_hours(**hours, hours=wrong)
    add_hours(**hours, hours=Decimal("1.5"))
    add_hours(**hours, hours=Decimal(2))
    assert desk_statistics(editor).consultancy_hours == 3.5


def test_the_desk_writes_terms_and_hours_on_a_page_of_their_own(client, editor):
    enquiry = ask(kind="consultancy")
    client.force_login(editor)
    address = reverse("consultancy", args=[enquiry.reference])
    assert address in page(client.get(reverse("enquiry", args=[enquiry.reference])))
    sent = {"do": "terms", "organisation": "A board", "scope": "Plan.", "fee": ""}
    assert client.post(address, {**sent, "agreement": "agreed"}).status_code == 400
    assert client.post(address, {**sent, "agreement": "none"}).status_code == 302
    day = {"do": "hours", "on_day": "2", "on_month": "7", "on_year": "2026", "hours": "1.5"}
    assert client.post(address, day).status_code == 302
    assert "1.50 hours" in page(client.get(address))


# ---- erasure ----


def test_erasing_an_asker_leaves_numbers_alone(client, editor, book):
    request_copy(client)
    copy = Enquiry.objects.get()
    work = ask(kind="consultancy")
    save_consultancy(by=editor, enquiry=work, terms=terms(), now=NOON)
    add_hours(by=editor, enquiry=work, on=date(2026, 7, 2), hours=Decimal(2), now=NOON)
    note_gap(by=editor, enquiry=work, title="Guide of 1998", now=NOON)
    for enquiry in (copy, work):
        close_enquiry(by=editor, enquiry=enquiry, spam=False, now=NOON)
    before = desk_statistics(editor).as_json()
    while erase_due(now=LATER):
        pass
    assert Enquiry.objects.filter(erased_at=None).count() == 0
    assert CopyRequest.objects.get().part == ""
    row = Consultancy.objects.get()
    assert (row.organisation, row.scope, row.fee) == ("", "", Decimal(450))
    assert LibraryGap.objects.get().state == GapState.TO_FIND
    assert desk_statistics(editor).as_json() == before
