"""How long a session lasts, by what it is known, and how it is ended."""

import sqlite3
import time
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_person
from waymark.accounts import session_store
from waymark.accounts.devices import device_in_words
from waymark.accounts.models import AuditEntry, Role, User
from waymark.accounts.services import (
    end_other_sessions,
    end_own_session,
    end_sessions,
    grant_role,
)
from waymark.accounts.sessions import LIMITS, live_sessions
from waymark.core.errors import NotPermitted, RuleError

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Clock:
    """The time that the session store sees, in minutes after the start."""

    def __init__(self):
        self.start = self.now = timezone.now()

    def at(self, minutes):
        self.now = self.start + timedelta(minutes=minutes)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def is_signed_in(client):
    # Read as a request reads it: by the key in the cookie.
    store = session_store.SessionStore(client.cookies["sessionid"].value)
    return SESSION_KEY in store.load()


def test_a_session_of_staff_ends_after_30_minutes_without_a_page(clock):
    client = signed_in(make_person(Role.CODER))
    clock.at(29)
    assert is_signed_in(client)
    clock.at(58)
    assert is_signed_in(client), "the page at 29 minutes counts"
    clock.at(89)
    assert not is_signed_in(client)


def test_a_session_of_staff_ends_12_hours_after_signing_in_however_it_is_used(clock):
    client = signed_in(make_person(Role.EDITOR))
    for minutes in range(0, 720, 25):
        clock.at(minutes)
        assert is_signed_in(client), minutes
    clock.at(720)
    assert not is_signed_in(client)
    assert not Session.objects.exists(), "it is gone from the database too"


def test_a_session_of_a_reader_lasts_as_long_as_the_setting_says(clock, settings):
    settings.READER_SESSION_HOURS = 48
    client = signed_in(make_person(Role.READER))
    clock.at(47 * 60)
    assert is_signed_in(client)
    clock.at(48 * 60)
    assert not is_signed_in(client)


def test_whoever_becomes_staff_has_the_limits_of_staff(clock, settings):
    settings.READER_SESSION_HOURS = 48
    person = make_person(Role.READER)
    client = signed_in(person)
    grant_role(person=person, role=Role.CODER, by=None, now=clock.now)
    clock.at(2)
    assert is_signed_in(client)
    clock.at(33)
    assert not is_signed_in(client)


def test_a_session_of_an_earlier_version_goes_on_with_the_limits_of_today(clock):
    client = signed_in(make_person(Role.CODER))
    row = Session.objects.get()
    content = {key: value for key, value in row.get_decoded().items() if key != LIMITS}
    Session.objects.update(
        session_data=session_store.SessionStore().encode(content),
        expire_date=clock.now + timedelta(hours=12),
    )
    assert is_signed_in(client)
    clock.at(31)
    assert not is_signed_in(client)


def test_use_is_noted_once_a_minute_and_keeps_what_another_request_stores(clock):
    client = signed_in(make_person(Role.CODER))
    clock.at(0.5)
    with CaptureQueriesContext(connection) as queries:
        assert is_signed_in(client)
    assert len(queries) == 1
    clock.at(5)
    key = client.cookies["sessionid"].value
    early = session_store.SessionStore(key)
    other = session_store.SessionStore(key)
    other["drafts"] = ["a"]
    other.save()
    early.load()
    assert session_store.SessionStore(key)["drafts"] == ["a"]


def test_storing_something_does_not_lengthen_a_session(clock):
    client = signed_in(make_person(Role.CODER))
    store = session_store.SessionStore(client.cookies["sessionid"].value)
    store["drafts"] = ["a"]
    store.save()
    assert Session.objects.get().expire_date == clock.now + timedelta(minutes=30)


def test_sessions_are_listed_with_device_beginning_and_last_use_the_current_one_first(clock):
    ann = make_person(Role.CODER)
    first, second = signed_in(ann), Client(headers={"User-Agent": FIREFOX})
    signed_in(make_person(Role.CODER))
    clock.at(3)
    second.force_login(ann)
    clock.at(10)
    is_signed_in(second)
    key = first.cookies["sessionid"].value
    mine, other = live_sessions(ann, now=clock.now, current=key)
    assert (mine.current, other.current) == (True, False)
    assert (mine.since, mine.seen) == (clock.start, clock.start)
    assert other.since == clock.start + timedelta(minutes=3)
    assert other.seen == clock.now
    assert key not in mine.mark


def test_own_sessions_are_ended_one_by_one_and_all_others_together(clock):
    ann = make_person(Role.CODER)
    clients = [signed_in(ann) for _ in range(4)]
    stranger = signed_in(make_person(Role.CODER))
    key = clients[0].cookies["sessionid"].value
    rows = live_sessions(ann, now=clock.now, current=key)
    end_own_session(by=ann, mark=rows[1].mark, now=clock.now)
    assert sum(map(is_signed_in, clients)) == 3
    with pytest.raises(RuleError, match="already ended"):
        end_own_session(by=ann, mark=rows[1].mark, now=clock.now)
    (theirs,) = live_sessions(stranger_of(stranger), now=clock.now)
    with pytest.raises(RuleError, match="already ended"):
        end_own_session(by=ann, mark=theirs.mark, now=clock.now)
    assert end_other_sessions(by=ann, keep=key, now=clock.now) == 2
    assert [is_signed_in(client) for client in clients] == [True, False, False, False]
    assert is_signed_in(stranger)
    details = AuditEntry.objects.filter(action="end sessions").values_list("detail", flat=True)
    assert [detail["number"] for detail in details] == [1, 2]


def stranger_of(client):
    return User.objects.get(pk=client.session[SESSION_KEY])


def test_administrators_end_the_sessions_of_an_account_and_others_do_not(clock):
    ann, editor = make_person(Role.CODER), make_person(Role.EDITOR)
    client, theirs = signed_in(ann), signed_in(editor)
    with pytest.raises(NotPermitted):
        end_sessions(person=ann, by=editor, now=clock.now)
    assert end_sessions(person=ann, by=make_person(Role.ADMINISTRATOR), now=clock.now) == 1
    assert not is_signed_in(client)
    assert is_signed_in(theirs)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL locks one row")
@pytest.mark.django_db(transaction=True)
def test_a_page_does_not_wait_for_an_import_that_is_writing(clock):
    client = signed_in(make_person(Role.CODER))
    clock.at(5)
    writer = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        began = time.monotonic()
        assert is_signed_in(client)
        assert time.monotonic() - began < 2
    finally:
        writer.execute("ROLLBACK")
        writer.close()
    assert is_signed_in(client)
    assert Session.objects.get().expire_date == clock.now + timedelta(minutes=30)


WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36"
)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (WINDOWS, "Edge on Windows"),
        (ANDROID, "Chrome on Android"),
        ("curl/8.0", ""),
        ("<script>Firefox/1", "Firefox"),
    ],
)
def test_a_device_is_named_in_words(agent, words):
    assert device_in_words(agent) == words
