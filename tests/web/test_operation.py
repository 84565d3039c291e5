"""What operators see of the site: log lines, numbers of requests, probes, HSTS."""

import json
import logging
import subprocess
import sys

import pytest
from django.conf import settings as site_settings
from django.db import DatabaseError
from django.test import Client

from tests.databases import environment_for
from tests.factories import NOON
from waymark.accounts.installation import database_identifier
from waymark.accounts.models import Installation
from waymark.core.log_lines import JsonLines, TextLines, request_id
from waymark.web.middleware import probes


class Lines(logging.Handler):
    """Handler that keeps the formatted records."""

    def __init__(self, formatter):
        super().__init__()
        self.setFormatter(formatter)
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture
def lines():
    """A function that begins to collect what the log gets in a format."""
    handlers = []

    def begin(formatter):
        handler = Lines(formatter)
        logging.getLogger().addHandler(handler)
        handlers.append(handler)
        return handler.lines

    yield begin
    for handler in handlers:
        logging.getLogger().removeHandler(handler)


# ---- log lines ----


@pytest.mark.django_db
@pytest.mark.parametrize("formatter", [TextLines(), JsonLines()])
def test_a_wrong_host_is_one_line_of_the_log_that_names_our_setting(lines, settings, formatter):
    settings.ALLOWED_HOSTS = ["library.example.org"]
    logged = lines(formatter)
    answer = Client(raise_request_exception=False).get("/about/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    (line,) = logged
    assert "\n" not in line
    assert "evil.example" in line
    assert "WAYMARK_HOSTS" in line
    assert "ALLOWED_HOSTS" not in line


def test_a_fault_of_the_program_keeps_its_traceback_in_both_formats(lines):
    text, objects = lines(TextLines()), lines(JsonLines())
    token = request_id.set("0123456789abcdef")
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("waymark.web").exception("it stopped")
    finally:
        request_id.reset(token)
    assert text[0].startswith("it stopped\nTraceback")
    assert "\n" not in objects[0]
    entry = json.loads(objects[0])
    assert entry["error"].endswith("ValueError: broken")
    assert (entry["level"], entry["logger"], entry["message"], entry["request"]) == (
        *("error", "waymark.web", "it stopped", "0123456789abcdef"),
    )


@pytest.mark.django_db
def test_every_answer_has_the_number_that_its_log_lines_have(lines, client):
    logged = lines(JsonLines())
    answer = client.get("/no-such-page/")
    assert len(answer["X-Request-ID"]) == 32
    assert {json.loads(line)["request"] for line in logged} == {answer["X-Request-ID"]}


@pytest.mark.django_db
def test_a_number_is_taken_from_a_front_server_only(client, settings):
    given = {"x-request-id": "front-server-1234"}
    assert client.get("/healthz", headers=given)["X-Request-ID"] != "front-server-1234"
    settings.HTTPS = True
    assert client.get("/healthz", headers=given)["X-Request-ID"] == "front-server-1234"
    forged = {"x-request-id": "a\tb: forged line"}
    assert "forged" not in client.get("/healthz", headers=forged)["X-Request-ID"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "route"),
    [
        ("/find/?q=secret+words", "find/"),
        ("/alerts/confirm/secret-token/", "alerts/confirm/<str:token>/"),
        ("/secret-address/", "-"),
    ],
)
def test_the_access_log_has_the_route_and_nothing_of_the_search(
    lines, client, settings, address, route
):
    settings.ACCESS_LOG = True
    access = logging.getLogger("waymark.access")
    assert access.level == logging.INFO
    logged = lines(JsonLines())
    client.get(address)
    entries = [json.loads(line) for line in logged]
    (entry,) = (entry for entry in entries if entry["logger"] == "waymark.access")
    assert (entry["method"], entry["route"]) == ("GET", route)
    assert entry["status"] in {200, 404, 410}
    assert entry["milliseconds"] > 0
    # Django's own line about a refused request names its route too; of no page, the address.
    assert "secret" not in "".join(logged[:-1] if route == "-" else logged)


# ---- probes ----


@pytest.fixture
def asked_anew(monkeypatch):
    monkeypatch.setattr(probes, "KEPT_SECONDS", 0.0)


@pytest.mark.django_db
def test_the_site_is_ready_when_its_database_and_folder_are(client, settings, asked_anew):
    settings.ALLOWED_HOSTS = ["library.example.org"]
    Installation.objects.get_or_create(defaults={"identifier": "0" * 32, "created_at": NOON})
    assert database_identifier()
    for address, text in (("/healthz", b"ok\n"), ("/readyz", b"ready\n")):
        answer = client.get(address, headers={"host": "10.0.0.7:8000"})
        assert (answer.status_code, answer.content) == (200, text)
        assert answer["Cache-Control"] == "no-store"
        assert client.post(address).status_code == 405


@pytest.mark.django_db
def test_a_site_without_its_database_lives_and_is_not_ready(client, monkeypatch, asked_anew):
    def refuse():
        raise DatabaseError("password=secret")

    monkeypatch.setattr(probes, "database_identifier", refuse)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"database: no answer\n")
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_a_site_whose_folder_is_away_is_not_ready(client, settings, asked_anew):
    settings.DATA = site_settings.DATA / "no-such-folder"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert b"folder: the data folder cannot be written\n" in answer.content


@pytest.mark.django_db
def test_a_process_asks_the_database_again_only_after_two_seconds(
    client, django_assert_num_queries
):
    client.get("/readyz")
    with django_assert_num_queries(0):
        client.get("/readyz")


# ---- HSTS ----


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, (0, False, False)),
        ({"WAYMARK_HTTPS": "1"}, (31_536_000, False, False)),
        ({"WAYMARK_HTTPS": "1", "WAYMARK_HSTS_SUBDOMAINS": "1"}, (31_536_000, True, False)),
        ({"WAYMARK_HTTPS": "1", "WAYMARK_HSTS_PRELOAD": "1"}, (31_536_000, True, True)),
        ({"WAYMARK_HSTS_PRELOAD": "1"}, (0, False, False)),
    ],
)
def test_only_the_operator_binds_other_sites_of_the_domain_to_https(tmp_path, chosen, expected):
    names = "SECONDS", "INCLUDE_SUBDOMAINS", "PRELOAD"
    wanted = ", ".join(f"settings.SECURE_HSTS_{name}" for name in names)
    run = subprocess.run(
        [sys.executable, "-c", f"from waymark import settings; print(({wanted}))"],
        env=environment_for(tmp_path) | chosen,
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == str(expected), run.stderr
