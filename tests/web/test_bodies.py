"""Limits on what visitors send: by page and person, and on how much at once."""

import socket
import time
from pathlib import Path
from threading import Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import make_person
from waymark import settings as default
from waymark.accounts.models import Role
from waymark.web.middleware import body_limits
from waymark.web.middleware.body_limits import (
    LARGE_AT_ONCE,
    LARGE_EACH,
    MEDIUM,
    MIB,
    SMALL,
    LargeBodySlots,
    largest_body,
)
from waymark.web.server import gunicorn_worker
from waymark.web.server.gunicorn_worker import TimedSocket


@pytest.mark.parametrize(
    ("page", "signed_in", "bytes_allowed"),
    [
        ("sign-in", False, 64 * 1024),
        ("oai", False, 64 * 1024),
        ("upload", False, 64 * 1024),
        ("imports", False, 64 * 1024),
        (None, False, 64 * 1024),
        ("deposit", False, 201 * MIB),
        ("deposit", True, 201 * MIB),
        ("upload", True, 1001 * MIB),
        ("imports", True, 11 * MIB),
        ("load-subjects", True, 11 * MIB),
        ("import-statistics", True, 21 * MIB),
        ("spec", True, 2 * MIB),
        (None, True, 2 * MIB),
    ],
)
def test_a_page_takes_so_many_bytes(settings, page, signed_in, bytes_allowed):
    settings.MAX_UPLOAD_MIB, settings.DEPOSITS = 100, True
    assert largest_body(page, signed_in=signed_in) == bytes_allowed


def test_where_no_deposits_are_taken_their_form_takes_no_files(settings):
    settings.DEPOSITS = False
    assert largest_body("deposit", signed_in=False) == SMALL


def test_one_network_takes_a_part_of_the_places_and_all_networks_no_more_than_there_are():
    places = LargeBodySlots()
    begun = [places.taken_by(network) for network in ("a", "a", "a", "b", "b", "c")]
    assert [taking.__enter__() for taking in begun] == [True, True, False, True, True, False]
    assert (LARGE_EACH, LARGE_AT_ONCE) == (2, 4)
    for taking in begun:
        taking.__exit__(None, None, None)
    with places.taken_by("c") as free:
        assert free


def test_strangers_leave_places_for_people_with_an_account():
    places = LargeBodySlots()
    begun = [places.taken_by(network, signed_in=False) for network in "abc"]
    assert [taking.__enter__() for taking in begun] == [True, True, False]
    with places.taken_by("d", signed_in=True) as free:
        assert free
    for taking in begun:
        taking.__exit__(None, None, None)
    with places.taken_by("e", signed_in=False) as free:
        assert free


def test_the_bytes_under_way_are_counted_while_they_are_received():
    places = LargeBodySlots()
    with places.taken_by("a", 200), places.taken_by("b", 100):
        assert places.bytes == 300
    assert places.bytes == 0


def test_a_place_is_free_again_after_a_fault():
    places = LargeBodySlots()

    def fail():
        with places.taken_by("a") as free:
            assert free
            raise ValueError("broken")

    for _ in range(LARGE_AT_ONCE + 1):
        with pytest.raises(ValueError, match="broken"):
            fail()


@pytest.fixture
def stored(settings, tmp_path):
    """The folder in which Django stores the files of a form while it reads them."""
    settings.DATA = settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    return tmp_path


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/oai/", "/sign-in/", "/staff/upload/", "/nowhere/"])
def test_nothing_of_a_body_that_is_too_large_is_read(client, stored, page):
    answer = client.post(page, b"x" * (SMALL + 1), content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert "Nothing was stored" in answer.content.decode()
    assert not answer.wsgi_request._read_started


@pytest.mark.django_db
def test_a_refusal_asks_nothing_of_the_database_and_writes_no_line(
    client, stored, caplog, django_assert_num_queries
):
    """Refusals are sent as often as somebody sends large bodies: they must cost next to nothing."""
    body = b"x" * (SMALL + 1)
    with django_assert_num_queries(0):
        answer = client.post("/oai/", body, content_type="text/plain")
    assert answer.status_code == 413
    assert caplog.records == []


@pytest.mark.django_db
def test_somebody_signed_in_may_send_a_larger_form(client, stored):
    client.force_login(make_person(Role.ANALYST))
    field = {"text": "x" * (SMALL + 1)}
    assert client.post("/oai/", field).status_code == 200
    assert client.post("/oai/", {"text": "x" * MEDIUM}).status_code == 413


@pytest.mark.django_db
def test_a_body_that_does_not_say_its_size_is_refused(client, stored):
    answer = client.post("/oai/", {"text": "x"}, headers={"Transfer-Encoding": "chunked"})
    assert answer.status_code == 411


@pytest.mark.django_db
def test_a_body_for_which_the_disk_has_no_room_is_refused(client, stored, settings, monkeypatch):
    settings.MAX_UPLOAD_MIB, settings.DEPOSITS = 1, True
    monkeypatch.setattr(body_limits, "ROOM", 1 << 60)
    assert client.post("/deposit/", {"note": "x" * (SMALL + 1)}).status_code == 507


def test_files_are_received_on_the_disk_whose_room_is_asked_for():
    assert Path(default.FILE_UPLOAD_TEMP_DIR).parent == default.DATA


@pytest.mark.django_db
def test_a_file_is_received_in_a_private_folder_of_the_data_folder(client, settings, tmp_path):
    settings.DATA, settings.FILE_UPLOAD_TEMP_DIR = tmp_path, tmp_path / "receiving"
    client.force_login(make_person(Role.CATALOGUER))
    file = SimpleUploadedFile("large.txt", b"x" * (MIB + MIB // 2))
    assert client.post("/staff/upload/", {"files": [file]}).status_code < 400
    assert (tmp_path / "receiving").stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "receiving").iterdir()) == []


@pytest.mark.django_db
def test_one_body_too_many_at_a_time_is_refused(client, stored, settings, monkeypatch):
    settings.MAX_UPLOAD_MIB, settings.DEPOSITS = 1, True
    monkeypatch.setattr(body_limits, "LARGE_EACH", 0)
    answer = client.post("/deposit/", {"note": "x" * (SMALL + 1)})
    assert answer.status_code == 503
    assert answer["Retry-After"] == "60"


# ---- time ----


@pytest.fixture
def line():
    """The two ends of a connection."""
    here, there = socket.socketpair()
    with here, there:
        yield here, there


def test_a_body_that_stops_coming_is_given_up(line, monkeypatch):
    monkeypatch.setattr(gunicorn_worker, "IDLE_SECONDS", 0.05)
    here, there = line
    there.sendall(b"begun")
    timed = TimedSocket(here)
    assert timed.recv(100) == b"begun"
    with pytest.raises(TimeoutError):
        timed.recv(100)
    assert here.gettimeout() is None


def test_a_body_that_comes_byte_by_byte_is_given_up(line, monkeypatch):
    monkeypatch.setattr(gunicorn_worker, "GRACE_SECONDS", 0.2)
    here, there = line

    def trickle():
        for _ in range(100):
            there.send(b"x")
            time.sleep(0.01)

    sender = Thread(target=trickle)
    sender.start()
    timed = TimedSocket(here)
    with pytest.raises(TimeoutError, match="too slowly"):
        list(iter(lambda: timed.recv(1), b""))
    sender.join()
    assert 0 < timed.taken < 100
