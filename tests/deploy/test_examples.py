"""The other examples in deploy/: systemd reads the units, Caddy runs its file, images are whole."""

import json
import re
import shutil
import subprocess
import sys
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from tests.mail.test_outbox import free_port
from tests.web.test_serve import until
from waymark.web.server.serve import STOP_SECONDS
from waymark.web.shared.upload_limits import DEPOSIT_TOGETHER, MOST_TOGETHER

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
LARGEST = 100
"""WAYMARK_MAX_UPLOAD_MIB where it is not set."""
HAS_SYSTEMD = shutil.which("systemd-analyze") is not None
CADDY = shutil.which("caddy")
HADOLINT = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin")


# ---- systemd ----


@pytest.mark.skipif(not HAS_SYSTEMD, reason="systemd-analyze is not on this machine")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_no_fault_in_a_unit(unit, tmp_path):
    # The program of the example is not on this machine: another stands in its place.
    text = unit.read_text("utf-8").replace("/srv/waymark/.venv/bin/waymark", "/bin/true")
    for path in UNITS:
        (tmp_path / path.name).write_text("[Service]\nExecStart=/bin/true\n", "utf-8")
    (tmp_path / unit.name).write_text(text, "utf-8")
    run = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit.name],
        capture_output=True,
        text=True,
    )
    faults = [line for line in run.stderr.splitlines() if unit.name in line]
    assert (run.returncode, faults) == (0, [])


@pytest.mark.skipif(not HAS_SYSTEMD, reason="systemd-analyze is not on this machine")
@pytest.mark.parametrize("name", ["waymark", "waymark-backup", "waymark-doctor"])
def test_systemd_finds_little_that_a_service_could_still_do(name):
    """The scale goes from 0 to 10; a service without any hardening has 9.6."""
    run = subprocess.run(
        [
            *("systemd-analyze", "security", "--offline=yes", "--threshold=25"),
            DEPLOY / "systemd" / f"{name}.service",
        ],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-300:]


def test_the_service_has_time_to_stop_its_processes():
    text = (DEPLOY / "systemd/waymark.service").read_text("utf-8")
    assert int(re.search(r"TimeoutStopSec=(\d+)", text)[1]) > STOP_SECONDS


# ---- sizes ----


def test_every_front_server_lets_the_largest_uploads_through_and_one_more_mebibyte():
    for name, unit in (("nginx/waymark.conf", "m;"), ("caddy/Caddyfile", "MiB")):
        text = (DEPLOY / name).read_text("utf-8")
        sizes = [int(size) for size in re.findall(rf"max_(?:body_)?size (\d+){unit}", text)]
        assert set(sizes) == {
            *(2, LARGEST + 1, DEPOSIT_TOGETHER * LARGEST + 1, MOST_TOGETHER * LARGEST + 1),
        }, name


# ---- Caddy ----


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that it got."""

    def do_GET(self):
        content = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        while length > 0:
            length -= len(self.rfile.read(min(length, 65_536))) or length
        self.do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def caddy(tmp_path_factory):
    """Port of Caddy without TLS in front of an echo, and its log."""
    if CADDY is None:
        pytest.skip("caddy is not on this machine")
    folder = tmp_path_factory.mktemp("caddy")
    echo = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=echo.serve_forever, daemon=True).start()
    port = free_port()
    text = (DEPLOY / "caddy/Caddyfile").read_text("utf-8")
    text = text.replace("{\n\tservers {", "{\n\tadmin off\n\tservers {", 1)
    text = text.replace("\nlibrary.example.org {", f"\nhttp://127.0.0.1:{port} {{")
    text = re.sub(r"\ttls \{.*?\n\t\}\n", "", text, flags=re.DOTALL)
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{echo.server_port}")
    text = text.replace("/var/log/caddy", str(folder))
    (folder / "Caddyfile").write_text(text, "utf-8")
    command = [CADDY, "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]
    environment = {
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        until(lambda: ask(port, "GET", "/")[0] == 200)
        yield port, folder / "waymark.log"
    finally:
        process.terminate()
        process.wait(timeout=20)
        echo.shutdown()
        echo.server_close()


def ask(port, method, address, body=None, **headers):
    """Status and content; status 0 if nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, address, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def test_caddy_takes_its_file_with_tls_as_it_stands():
    if CADDY is None:
        pytest.skip("caddy is not on this machine")
    path = DEPLOY / "caddy/Caddyfile"
    command = [CADDY, "adapt", "--adapter", "caddyfile", "--config", path]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "warn" not in run.stderr
    policies = json.loads(run.stdout)["apps"]["http"]["servers"]["srv0"]["tls_connection_policies"]
    assert policies[0]["protocol_min"] == "tls1.2"


def test_caddy_writes_the_headers_that_the_site_believes(caddy):
    port, _ = caddy
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "gopher"}
    _, content = ask(port, "GET", "/about/", **forged, **{"X-Request-ID": "forged-number"})
    headers = json.loads(content)
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http"
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["X-Request-Id"])


def test_caddy_refuses_large_bodies_and_the_probes(caddy):
    port, _ = caddy
    assert ask(port, "POST", "/find/", bytes(3 * 1024 * 1024))[0] in {0, 413, 502}
    assert ask(port, "POST", "/deposit/", bytes(3 * 1024 * 1024))[0] == 200
    assert ask(port, "GET", "/readyz")[0] == 404


def test_the_log_of_caddy_has_no_search_no_secret_link_and_no_address_of_a_visitor(caddy):
    port, log = caddy
    ask(port, "GET", "/find/?q=canary-search")
    ask(port, "GET", "/alerts/confirm/canary-token/")
    until(lambda: '"uri":"/alerts/"' in log.read_text("utf-8"))
    text = log.read_text("utf-8")
    assert '"uri":"/find/"' in text
    assert "canary" not in text
    # The only address is the one that Caddy itself listens at.
    assert all("remote_ip" not in line for line in text.splitlines())


# ---- containers ----


def test_the_image_is_made_of_files_that_exist_and_runs_as_no_root():
    text = (DEPLOY / "container/Containerfile").read_text("utf-8")
    kept = (ROOT / ".containerignore").read_text("utf-8")
    assert kept == (ROOT / ".dockerignore").read_text("utf-8")
    kept = set(re.findall(r"^!(\S+)", kept, re.MULTILINE))
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name
            assert name in kept, name
    assert re.search(r"^USER [1-9]\d+$", text, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"debian:12-slim"}


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not on this machine")
def test_a_linter_finds_no_fault_in_the_containerfile():
    subprocess.run([HADOLINT, DEPLOY / "container/Containerfile"], check=True)


def test_no_container_of_the_example_may_write_or_gain_rights():
    services = yaml.safe_load((DEPLOY / "container/compose.yaml").read_text("utf-8"))["services"]
    assert set(services) == {"waymark", "front", "backup"}
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert services["waymark"]["ports"] == ["80:80", "443:443"]
    assert services["front"]["network_mode"] == "service:waymark"
