"""The contacts log: no names in it, and protected counts of a year out of it."""

import random
from datetime import UTC, date, datetime

import numpy as np
import pytest
from django.urls import reverse
from scipy.optimize import LinearConstraint, milp

from tests.factories import make_person
from waymark.accounts.models import Role
from waymark.core.errors import RuleError
from waymark.indicators import services
from waymark.indicators.contact_counts import ContactFacts, highlight_tables
from waymark.indicators.contact_rows import read_contacts
from waymark.indicators.contact_terms import CHANNELS, TOPICS
from waymark.indicators.models import ContactHighlight, LoggedContact
from waymark.indicators.services.contacts import check_note, starts_of_year

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
YEAR = date(2025, 4, 1)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


def contact(day: date = date(2025, 10, 1), **changes: object) -> services.ContactDetails:
    values = {"topic": "neglect", "channel": "phone", "referred": True, **changes}
    return services.ContactDetails(day=day, **values)


def log(number: int, **changes: object) -> None:
    contacts = [contact(**changes)] * number
    services.log_contacts(by=None, contacts=contacts, now=NOW)


@pytest.mark.parametrize(
    "note",
    [
        "Siobhan called about her son",
        "Spoke with Mrs Kelly",
        "lives at 12 Mill Road",
        "call back on 07700 900123",
        "write to ann.other@example.org",
    ],
)
def test_a_note_that_may_identify_a_person_is_refused(note):
    with pytest.raises(RuleError, match="may identify a person"):
        services.log_contact(by=None, contact=contact(note=note), now=NOW)
    assert not LoggedContact.objects.exists()


def test_a_note_about_nobody_is_logged():
    row = services.log_contact(by=None, contact=contact(note="Asked about safer sleep"), now=NOW)
    assert row.note == "Asked about safer sleep"


def test_a_contact_of_the_future_or_of_an_unknown_topic_is_refused():
    for wrong in (contact(date(2026, 5, 5)), contact(topic="weather"), contact(channel="pigeon")):
        with pytest.raises(RuleError):
            services.log_contact(by=None, contact=wrong, now=NOW)


def test_a_year_begins_on_the_first_of_april():
    assert starts_of_year(date(2026, 3, 31)) == YEAR
    assert starts_of_year(date(2026, 4, 1)) == date(2026, 4, 1)


def test_small_counts_of_a_year_are_withheld_with_those_from_which_they_would_follow():
    """Neglect 40 and 20, sexual abuse 9 and 3 of 72: the 3 would follow from any single margin."""
    facts = [ContactFacts("neglect", "phone", True)] * 40
    facts += [ContactFacts("neglect", "phone", False)] * 20
    facts += [ContactFacts("sexual", "email", True)] * 9
    facts += [ContactFacts("sexual", "email", False)] * 3
    tables = highlight_tables(facts, "k5")
    rows = {row.label: (row.referred, row.not_referred, row.total) for row in tables.topics}
    assert tables.total == "72"
    assert rows["Sexual abuse"][1] == "[c]"
    shown = [cells for cells in rows.values() for cells in cells]
    assert shown.count("[c]") >= 4
    assert not {"3"} & set(shown)


def test_a_highlight_is_published_once_and_closes_its_year(client):
    log(40)
    log(25, referred=False)
    services.publish_highlight(by=None, starts=YEAR, profile="k5", now=NOW)
    html = client.get(reverse("helpline-highlight", args=["2025-26"])).content.decode()
    assert "65 contacts in 2025-26" in html
    assert "62% were referred" in html
    assert "Contacts in 2025-26" in client.get(reverse("statistics")).content.decode()
    with pytest.raises(RuleError, match="counted once"):
        log(1)
    with pytest.raises(RuleError, match="published already"):
        services.publish_highlight(by=None, starts=YEAR, profile="k3", now=NOW)
    first = LoggedContact.objects.first()
    with pytest.raises(RuleError, match="its contacts stay"):
        services.remove_contact(by=None, number=first.pk, now=NOW)
    services.withdraw_highlight(by=None, starts=YEAR, now=NOW)
    assert client.get(reverse("helpline-highlight", args=["2025-26"])).status_code == 404
    with pytest.raises(RuleError, match="published already"):
        services.publish_highlight(by=None, starts=YEAR, profile="k3", now=NOW)


def test_a_restored_database_publishes_no_other_numbers_of_a_year():
    """Else the two could be subtracted: 41 and 40 contacts show the one that came between."""
    log(40)
    services.publish_highlight(by=None, starts=YEAR, profile="k5", now=NOW)
    # As in a copy of the database from before.
    ContactHighlight.objects.all().delete()
    log(1, topic="sexual")
    with pytest.raises(RuleError, match="before the database was restored"):
        services.publish_highlight(by=None, starts=YEAR, profile="k5", now=NOW)
    LoggedContact.objects.filter(topic="sexual").delete()
    services.publish_highlight(by=None, starts=YEAR, profile="k5", now=NOW)
    assert ContactHighlight.objects.count() == 1


def bounds(tables, wanted):
    """The least and the most that a withheld number can be, worked out of the printed ones alone.

    By a program of its own, which knows nothing of the protection: the tables of topics and of
    channels, whose columns have the same totals.
    """
    cells = [
        (rows, row.label, at)
        for rows in (0, 1)
        for row in _rows(tables, rows)[:-1]
        for at in (0, 1)
    ]
    numbers, values = [], []
    for rows in (0, 1):
        *lines, last = _rows(tables, rows)
        for row in (*lines, last):
            for at, shown in enumerate((row.referred, row.not_referred, row.total)):
                if shown != "[c]":
                    numbers.append(
                        [
                            cell[0] == rows
                            and row in (last, _row(tables, cell))
                            and at in (2, cell[2])
                            for cell in cells
                        ]
                    )
                    values.append(int(shown.replace(",", "")))
    for at in (0, 1):
        numbers.append([(1 - 2 * cell[0]) * (cell[2] == at) for cell in cells])
        values.append(0)
    chosen = np.array([cell == wanted for cell in cells], float)
    found = [
        milp(
            sign * chosen,
            constraints=LinearConstraint(np.array(numbers, float), values, values),
            integrality=np.ones(len(cells)),
        )
        for sign in (1, -1)
    ]
    return tuple(round(abs(one.fun)) for one in found)


def _rows(tables, rows):
    return tables.channels if rows else tables.topics


def _row(tables, cell):
    return next(row for row in _rows(tables, cell[0]) if row.label == cell[1])


@pytest.mark.parametrize("seed", range(6))
def test_no_small_number_can_be_worked_out_of_what_is_printed_of_a_year(seed):
    chance = random.Random(seed)  # noqa: S311 (no secrets)
    often = {name: chance.random() ** 3 for name in (*TOPICS, *CHANNELS)}
    number, referred = chance.choice((25, 60, 150)), chance.random()
    facts = [
        ContactFacts(
            *(
                chance.choices(list(terms), [often[one] for one in terms])[0]
                for terms in (TOPICS, CHANNELS)
            ),
            chance.random() < referred,
        )
        for _ in range(number)
    ]
    tables = highlight_tables(facts, "k5")
    withheld = 0
    for rows in (0, 1):
        for row in _rows(tables, rows)[:-1]:
            for at, shown in enumerate((row.referred, row.not_referred)):
                if shown != "[c]":
                    assert not 0 < int(shown) < 5
                    continue
                withheld += 1
                least, most = bounds(tables, (rows, row.label, at))
                assert least < 5 <= most or least >= 5, (row, least, most)
                assert least < most
    assert withheld


def test_a_highlight_says_how_the_number_of_contacts_changed(client):
    log(40)
    log(32, day=date(2024, 10, 1))
    for starts in (date(2024, 4, 1), YEAR):
        services.publish_highlight(by=None, starts=starts, profile="k5", now=NOW)
    html = client.get(reverse("helpline-highlight", args=["2025-26"])).content.decode()
    assert "25% more than the year before" in " ".join(html.split())


@pytest.mark.parametrize(
    ("starts", "profile", "words"),
    [
        (date(2026, 4, 1), "k5", "not over yet"),
        (date(2025, 1, 1), "k5", "from 1 April"),
        (YEAR, "open", "protects small numbers"),
        (date(2020, 4, 1), "k5", "no contact was logged"),
    ],
)
def test_a_highlight_that_cannot_be_is_refused(starts, profile, words):
    log(10)
    with pytest.raises(RuleError, match=words):
        services.publish_highlight(by=None, starts=starts, profile=profile, now=NOW)
    assert not ContactHighlight.objects.exists()


def test_staff_log_by_a_form_and_remove_a_mistake(client):
    client.force_login(make_person(Role.CATALOGUER))
    address = reverse("contacts-log")
    fields = {
        "day_day": "1",
        "day_month": "10",
        "day_year": "2025",
        "topic": "online",
        "channel": "email",
        "referred": "no",
        "note": "Spoke with Mrs Kelly",
    }
    refused = client.post(address, fields)
    assert refused.status_code == 400
    assert "may identify a person" in refused.content.decode()
    logged = client.post(address, {**fields, "note": ""}, follow=True)
    assert "Harm online" in logged.content.decode()
    row = LoggedContact.objects.get()
    client.post(address, {"remove": row.pk})
    assert not LoggedContact.objects.exists()


def test_rows_of_a_file_are_read_and_bad_ones_listed():
    rows = [
        (1, ["Date", "Topic", "Channel", "Referred", "Note"]),
        (2, ["2025-10-01", "Neglect", "phone", "yes", ""]),
        (3, ["1 October", "neglect", "phone", "yes", ""]),
        (4, ["2025-10-01", "neglect", "pigeon", "yes", ""]),
        (5, ["2025-10-01", "neglect", "Email", "perhaps", ""]),
        (6, ["2025-10-01", "neglect", "Email", "no", "Spoke with Mrs Kelly"]),
    ]
    reading = read_contacts(rows, name="contacts.csv", check=check_note)
    assert [row["channel"] for row in reading.contacts] == ["phone"]
    assert [(row.row, row.column) for row in reading.problems] == [
        (3, "date"),
        (4, "channel"),
        (5, "referred"),
        (6, "note"),
    ]
