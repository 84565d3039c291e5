"""A site as operators watch it: metrics, JSON logs, an email when a process dies."""

import json
import os
import re
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from tests.databases import environment_for
from tests.mail.test_outbox import Office, free_port
from tests.new_installations import new_installation
from tests.web.test_serve import answers, children_of, name_of, until

WAYMARK = Path(sys.executable).with_name("waymark")


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A site that is watched: process, port, port of the metrics, mail server, file of the log."""
    folder = tmp_path_factory.mktemp("watched")
    data, log = new_installation(folder / "data"), folder / "log"
    port, metrics, mail = free_port(), free_port(), free_port()
    controller = Controller(Office(), hostname="127.0.0.1", port=mail, ready_timeout=60)
    controller.start()
    environment = environment_for(data) | {
        "WAYMARK_METRICS": f"127.0.0.1:{metrics}",
        "WAYMARK_OPERATOR_EMAIL": "operators@example.org",
        "WAYMARK_SMTP_URL": f"smtp://127.0.0.1:{mail}",
        "WAYMARK_MAIL_FROM": "library@example.org",
        "WAYMARK_DISK_WARNING_MIB": "1",
        "WAYMARK_JSON_LOGS": "1",
        "WAYMARK_ACCESS_LOG": "1",
    }
    with log.open("wb") as lines:
        process = subprocess.Popen(
            [WAYMARK, "serve", "--port", str(port)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=lines,
        )
    try:
        until(lambda: answers(port), seconds=120)
        yield process, port, metrics, controller.handler, log
    finally:
        process.terminate()
        process.wait(timeout=30)
        controller.stop()


def get(port, address):
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", address)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def value(text, metric):
    """Value of a metric; 0 where it is not listed."""
    match = re.search(rf"^{re.escape(metric)} (\S+)$", text, re.MULTILINE)
    return float(match[1]) if match else 0.0


def test_prometheus_gets_sums_of_all_processes_and_no_searches(watched):
    _, port, metrics, _, _ = watched
    # A page that no process asks for itself when it begins.
    found = 'waymark_requests_total{method="GET",route="help/",status="200"}'
    assert value(get(metrics, "/metrics")[1], found) == 0
    for number in range(6):
        assert get(port, f"/help/?q=secret{number}")[0] == 200
    assert get(port, "/find/?q=secret")[0] == 200
    status, text = get(metrics, "/metrics")
    assert status == 200
    assert value(text, found) == 6
    assert value(text, "waymark_request_seconds_count") >= 6
    assert value(text, "waymark_database_up") == 1
    assert value(text, "waymark_disk_free_bytes") > 1_000_000
    assert value(text, 'waymark_unsent_emails{state="failed"}') == 0
    assert "secret" not in text


def test_the_site_itself_has_no_page_of_metrics(watched):
    assert get(watched[1], "/metrics")[0] == 404
    assert get(watched[1], "/readyz") == (200, "ready\n")


@pytest.mark.parametrize(
    ("name", "told"),
    [("waymark reading", "the reading worker ended"), ("waymark site", "the site ended")],
)
def test_an_operator_is_told_when_a_process_dies(watched, name, told):
    process, port, metrics, office, _ = watched
    (pid,) = [child for child in children_of(process.pid) if name_of(child) == name[:15]]
    os.kill(pid, signal.SIGKILL)
    subject = f"Waymark at localhost:8000: {told} and was started again"
    until(lambda: subject in [email["Subject"] for _, email in office.arrived], seconds=60)
    short = told.removeprefix("the ").removesuffix(" ended")
    text = get(metrics, "/metrics")[1]
    assert value(text, f'waymark_process_ends_total{{process="{short}"}}') == 1
    until(lambda: answers(port), seconds=60)


def test_an_operator_is_told_when_a_process_that_answers_requests_dies(watched):
    process, port, _, office, _ = watched
    sites = lambda: [pid for pid in children_of(process.pid) if name_of(pid) == "waymark site"]  # noqa: E731
    (site,) = until(sites)
    until(lambda: len(children_of(site)) == 2)
    os.kill(children_of(site)[0], signal.SIGKILL)
    subject = "a process that answers requests ended and was started again"
    until(lambda: any(subject in email["Subject"] for _, email in office.arrived), seconds=60)
    until(lambda: answers(port), seconds=60)


def test_every_line_of_the_log_is_an_object(watched):
    log = watched[4]
    entries = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    access = [entry for entry in entries if entry["logger"] == "waymark.access"]
    assert {"find/", "about/"} <= {entry["route"] for entry in access}
    assert all(len(entry["request"]) == 32 for entry in access)
    assert any(entry["message"].startswith("the reading worker ended") for entry in entries)
    assert any(entry["logger"] == "gunicorn.error" for entry in entries)
    assert "secret" not in log.read_text("utf-8")
