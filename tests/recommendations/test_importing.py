"""Recommendations of inquiries are imported from files, each with the state of every addressee."""

import csv
import io
from collections import Counter
from datetime import date, timedelta

import openpyxl
import pytest

from tests.factories import NOON, make_person
from tests.shared import SHARED, needs_shared
from waymark.accounts.models import AuditEntry, Role
from waymark.bodies.services import BodyAbout, add_body
from waymark.core.errors import FileRefused, RuleError
from waymark.follow_up.queries.inquiries import scheme_pictures, scheme_rows
from waymark.recommendations.import_rows import repair_encoding
from waymark.recommendations.models import (
    InquiryAddressee,
    InquiryRecommendation,
    InquiryScheme,
)
from waymark.recommendations.services import import_recommendations, set_scheme_state

pytestmark = pytest.mark.django_db
TAIC = SHARED / "data" / "taic" / "taic_recommendations_to_2012.csv"
HEAD = "Number,Recipient,Inquiry,Status,Made,Closed,Recommendation,Reply Text\n"
ROWS = (
    "1/20,Ash Trust,I-1,Open,2020-03-01,,Check the gate.,\n"
    "2/20,Birch Trust,I-1,Closed,2020-03-04,2021-01-02,check the gate,Done.\n"
    "3/20,Ash Trust,I-2,Open,2021-05-01,,Check the gate.,\n"
)


def imported(text=HEAD + ROWS, now=NOON, **more):
    return import_recommendations(by=None, file="a.csv", content=text.encode(), now=now, **more)


def test_the_same_words_to_several_in_one_inquiry_are_one_recommendation():
    result = imported()
    assert (result.reading.rows, result.stored, result.recommendations, result.addressees) == (
        *(3, 3),
        *(2, 3),
    )
    first = InquiryRecommendation.objects.get(inquiry__reference="I-1")
    assert (first.text, first.made_on) == ("Check the gate.", date(2020, 3, 1))
    states = first.addressees.values_list("words", "status", "closed_on", "reply")
    assert list(states) == [
        ("Ash Trust", "Open", None, ""),
        ("Birch Trust", "Closed", date(2021, 1, 2), "Done."),
    ]


def test_rows_without_an_inquiry_are_not_joined_with_each_other():
    result = imported(HEAD + "1,Ash,,Open,,,Check the gate.,\n2,Elm,,Open,,,Check the gate.,\n")
    assert (result.recommendations, result.addressees) == (2, 2)


def test_the_same_file_again_changes_nothing():
    imported()
    again = imported(now=NOON + timedelta(days=1))
    assert (again.stored, again.unchanged, again.recommendations, again.addressees) == (0, 3, 2, 3)
    assert InquiryAddressee.objects.count() == 3


def test_a_changed_state_supersedes_the_earlier_one():
    imported()
    result = imported(HEAD + ROWS.replace("1/20,Ash Trust,I-1,Open", "1/20,Ash Trust,I-1,Closed"))
    assert (result.stored, result.unchanged) == (1, 2)
    rows = InquiryAddressee.objects.filter(number="1/20").order_by("pk")
    assert [(row.status, row.superseded_at is None) for row in rows] == [
        ("Open", False),
        ("Closed", True),
    ]


def test_changed_words_are_another_recommendation_and_the_earlier_one_ends():
    imported()
    imported(HEAD + ROWS.replace("Check the gate.,\n2", "Lock the gate.,\n2", 1))
    texts = InquiryRecommendation.objects.filter(superseded_at=None).values_list("text", flat=True)
    assert sorted(texts) == ["Check the gate.", "Check the gate.", "Lock the gate."]
    # The other recipient still has the earlier words.
    imported(HEAD + ROWS.replace("heck the gate.", "lose it.").replace("heck the gate", "lose it"))
    current = InquiryRecommendation.objects.filter(superseded_at=None)
    assert {row.text for row in current} == {"Close it."}


def test_a_row_that_cannot_be_stored_is_refused_and_the_others_are_stored():
    bad = (
        "4/20,Ash,I-3,Open,2020-13-01,,Mend it.,\n"
        "5/20,Ash,I-3,Open,2020-02-01,2019-02-01,Mend it.,\n"
        "6/20,Ash,I-3,Open,,,  ,\n"
        "1/20,Ash Trust,I-1,Open,,,Mend it.,\n"
        f"7/20,{'x' * 201},I-3,Open,,,Mend it.,\n"
    )
    result = imported(HEAD + ROWS + bad)
    assert result.stored == 3
    assert [(row.row, row.column, row.reason) for row in result.reading.refused] == [
        (5, "Made", "'2020-13-01' is not a date such as 2012-12-14 or 14/12/2012"),
        (6, "Closed", "2019-02-01 is before it was made on 2020-02-01: correct it"),
        (7, "Recommendation", "is empty: enter it, or leave the row out"),
        (8, "Number", "row 2 has the same inquiry, number and recipient"),
        (9, "Recipient", "has more than 200 characters: shorten it"),
    ]


@pytest.mark.parametrize(
    ("broken", "repaired"),
    [
        ("CAAâ€™s", "CAA\u2019s"),
        ("â€œsafeâ€\x9d", "\u201csafe\u201d"),
        ("24Â°", "24°"),
        ("CafÃ©", "Café"),
        ("naïve Âge \u2013 5°", "naïve Âge \u2013 5°"),
    ],
)
def test_text_that_was_encoded_twice_is_repaired_and_other_text_is_left(broken, repaired):
    assert repair_encoding(broken) == repaired


def test_repaired_cells_are_reported():
    text = HEAD + "1,Ash,I-1,Open,,,The trustâ€™s gate.,Itâ€™s done.\n"
    result = imported(text)
    assert [(cell.row, cell.column) for cell in result.reading.repaired] == [
        (2, "Recommendation"),
        (2, "Reply Text"),
    ]
    assert InquiryRecommendation.objects.get().text == "The trust\u2019s gate."


def test_a_workbook_has_the_same_rows_as_its_csv():
    imported()
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(HEAD + ROWS)):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    again = import_recommendations(by=None, file="a.xlsx", content=file.getvalue(), now=NOON)
    assert (again.stored, again.unchanged) == (0, 3)


def test_a_file_without_recommendations_is_refused():
    with pytest.raises(FileRefused, match="it has no column Recommendation"):
        imported("Number,Words\n1,Mend it.\n")
    with pytest.raises(RuleError, match="enter a name of the scheme"):
        imported(scheme="!")


def test_a_recipient_is_the_body_of_that_name():
    trust = add_body(by=None, about=BodyAbout("Ash Trust"), now=NOON)
    imported()
    assert set(InquiryAddressee.objects.filter(body=trust).values_list("words", flat=True)) == {
        "Ash Trust"
    }


def test_a_scheme_is_shown_to_staff_until_it_is_published():
    scheme = imported(scheme="Transport inquiries").scheme
    visitor, staff = make_person(Role.READER), make_person(Role.CATALOGUER)
    assert scheme_pictures(visitor, NOON) == ()
    assert [row.key for row in scheme_pictures(staff, NOON)] == ["transport-inquiries"]
    set_scheme_state(by=staff, scheme=scheme, state="published", now=NOON)
    (picture,) = scheme_pictures(visitor, NOON)
    assert (picture.recommendations, picture.addressees, picture.inquiries) == (2, 3, 2)
    assert picture.states == {"Open": 2, "Closed": 1}
    assert picture.years == {"2020": 2, "2021": 1}
    set_scheme_state(by=staff, scheme=scheme, state="withdrawn", now=NOON)
    assert scheme_pictures(visitor, NOON) == scheme_pictures(staff, NOON) == ()
    with pytest.raises(RuleError, match="the state must be one of"):
        set_scheme_state(by=staff, scheme=scheme, state="embargoed", now=NOON)


def test_an_import_is_in_the_audit_log():
    imported()
    entry = AuditEntry.objects.get(action="import recommendations")
    assert entry.subject == "inquiry-scheme other-inquiries"
    assert {"file": "a.csv", "rows": 3, "stored": 3}.items() <= entry.detail.items()


@needs_shared
def test_the_recommendations_of_transport_inquiries_are_counted_as_a_plain_recount_does():
    result = import_recommendations(by=None, file=TAIC.name, content=TAIC.read_bytes(), now=NOON)
    refused = {row.row for row in result.reading.refused}
    with TAIC.open(encoding="utf-8", newline="") as file:
        rows = [row for at, row in enumerate(csv.DictReader(file), 2) if at not in refused]
    assert (result.reading.rows, len(rows), len(refused)) == (1839, 1831, 8)
    (picture,) = scheme_pictures(None, NOON)
    assert picture.states == Counter(row["Status"] for row in rows)
    assert picture.years == Counter(row["Made"][:4] for row in rows)
    recipients = Counter(repair_encoding(row["Recipient"]) for row in rows)
    assert picture.recipients == recipients
    joined = {
        (row["Inquiry"], row["Inquiry"] or row["Number"], _words(row["Recommendation"]))
        for row in rows
    }
    assert picture.recommendations == len(joined)
    assert not any(
        mark in row.recommendation.text + row.reply
        for row in scheme_rows(InquiryScheme.objects.get(), None, NOON)
        for mark in ("â€", "Â°", "Ã")
    )
    again = import_recommendations(by=None, file=TAIC.name, content=TAIC.read_bytes(), now=NOON)
    assert (again.stored, again.unchanged) == (0, 1831)


def _words(text):
    letters = (letter if letter.isalnum() else " " for letter in repair_encoding(text).casefold())
    return " ".join("".join(letters).split())
