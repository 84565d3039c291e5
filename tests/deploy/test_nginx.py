"""deploy/nginx/waymark.conf: nginx runs it as it stands, in front of the real site.

Only what belongs to a machine is replaced: ports, paths, the name; time limits are a tenth.
"""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import ip_address
from pathlib import Path

import pytest
from django.urls import get_resolver

from tests.databases import environment_for
from tests.mail.test_outbox import free_port
from tests.new_installations import new_installation
from tests.web.test_serve import until

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = (ROOT / "deploy/nginx/waymark.conf").read_text("utf-8")
NAME = "library.example.org"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
MIB = 1024 * 1024
ORIGINAL = b"%PDF-1.7 the original of a report that nobody offered"
ROWS = """
import django
django.setup()
from tests.factories import make_person, make_report, make_review
from waymark.accounts.models import Role
from waymark.documents.files.storage import original_path
report = make_report(make_review("R1"), "1.1 The visits stopped in May.")
path = original_path(report.original_id)
path.parent.mkdir(parents=True, exist_ok=True)
path.write_bytes({original!r})
make_person(Role.CATALOGUER, name="cat")
print(report.key, report.original_id)
"""
AROUND = """
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/start.log;
events {{ worker_connections 512; }}
http {{
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/waymark.conf;
}}
"""


class Front:
    """nginx in front of a site. key, sha256: of its report; log: the access log."""

    def __init__(self, folder, site, http, https):
        self.folder, self.site, self.http, self.https = folder, site, http, https
        self.log = folder / "waymark.log"
        self.trust = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))

    def connect(self, name=NAME):
        """A TLS connection under a name."""
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=30)
        return self.trust.wrap_socket(plain, server_hostname=name)

    def ask(self, method, address, body=None, **headers):
        """Status, headers and content of an answer over TLS."""
        connection = HTTPSConnection(NAME, self.https, timeout=60, context=self.trust)
        connection.sock = self.connect()
        try:
            connection.request(method, address, body, {"Host": NAME, **headers})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


def configured(folder, site, http, https):
    """The example for the ports and files of a test."""
    text = CONFIGURATION.replace("127.0.0.1:8000", f"127.0.0.1:{site}")
    text = re.sub(
        r"listen (\[::\]:)?(443|80)\b",
        lambda found: f"listen {found[1] or '127.0.0.1:'}{https if found[2] == '443' else http}",
        text,
    )
    text = re.sub(r"    listen \[::\].*\n", "", text)
    text = text.replace(f"/etc/letsencrypt/live/{NAME}", str(folder))
    text = text.replace("/var/log/nginx", str(folder))
    return re.sub(r"_timeout 10s", "_timeout 1s", text)


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    """The site behind nginx."""
    assert NGINX, "nginx is not installed: run script/setup --dev"
    folder = tmp_path_factory.mktemp("front")
    folder.chmod(0o755)
    data = new_installation(folder / "data")
    site, http, https = free_port(), free_port(), free_port()
    environment = environment_for(data) | {
        "DJANGO_SETTINGS_MODULE": "waymark.settings",
        "WAYMARK_HOSTS": NAME,
        "WAYMARK_HTTPS": "1",
        "WAYMARK_ACCESS_LOG": "1",
        "WAYMARK_JSON_LOGS": "1",
    }
    rows = [sys.executable, "-c", ROWS.format(original=ORIGINAL)]
    made = subprocess.run(rows, env=environment, cwd=ROOT, capture_output=True, check=True)
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *(
                "-nodes",
                "-days",
                "2",
                "-subj",
                f"/CN={NAME}",
                "-addext",
                f"subjectAltName=DNS:{NAME}",
            ),
            *("-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    (folder / "waymark.conf").write_text(configured(folder, site, http, https), "utf-8")
    # Of root, nginx would change to a user that cannot enter the folder of the test.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user), "utf-8")
    command = [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-g", "daemon off;"]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    program = Path(sys.executable).with_name("waymark")
    with (folder / "site.log").open("wb") as log:
        serving = subprocess.Popen(
            [program, "serve", "--port", str(site)], env=environment, stderr=log
        )
    nginx = subprocess.Popen(command)
    made_front = Front(folder, site, http, https)
    made_front.key, made_front.sha256 = made.stdout.decode().split()
    try:
        until(lambda: probe(site) == 200, seconds=120)
        yield made_front
    finally:
        for process in (nginx, serving):
            process.terminate()
            process.wait(timeout=30)


def probe(port):
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


# ---- TLS ----


def test_plain_http_leads_to_https(front):
    connection = HTTPConnection("127.0.0.1", front.http, timeout=10)
    connection.request("GET", "/find/?q=a", headers={"Host": NAME})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/find/?q=a")
    connection.close()


def test_plain_http_leads_to_no_other_site(front):
    connection = HTTPConnection("127.0.0.1", front.http, timeout=10)
    connection.request("GET", "/find/", headers={"Host": "evil.example"})
    assert connection.getresponse().headers["Location"] == f"https://{NAME}/find/"
    connection.close()


def test_a_page_comes_over_tls_with_hsts_for_this_host_only(front):
    status, headers, content = front.ask("GET", "/about/")
    assert status == 200
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert b"</html>" in content
    assert headers["Server"] == "nginx"


def test_old_tls_and_other_names_are_refused(front):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", front.https)) as plain,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        old.wrap_socket(plain, server_hostname=NAME)
    with pytest.raises(ssl.SSLError):
        front.connect("evil.example")


# ---- sizes and times ----


@pytest.mark.parametrize(
    ("page", "size", "status"),
    [
        ("/find/", 3 * MIB, 413),
        ("/deposit/", 202 * MIB, 413),
        ("/staff/upload/", 1_002 * MIB, 413),
    ],
)
def test_a_body_that_no_page_takes_is_refused_by_its_announced_size(front, page, size, status):
    with front.connect() as connection:
        head = f"POST {page} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {size}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(64).split()[1] == str(status).encode()


@pytest.mark.parametrize("page", ["/staff/upload/", "/staff/imports/", "/staff/coding/exchange/"])
def test_a_large_body_of_a_stranger_is_refused_before_it_is_sent(front, page):
    """The site decides by the head: nothing of it waits on the disk of the front server."""
    with front.connect() as connection:
        head = f"POST {page} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {90 * MIB}\r\n\r\n"
        connection.sendall(head.encode() + bytes(1_000))
        connection.settimeout(10)
        assert connection.recv(64).split()[1] == b"413"


@pytest.mark.parametrize("last", ["::1", "::a", "a0a:a0a:a0a:a0a", "ffff:ffff:ffff:ffff"])
def test_an_ipv6_network_is_one_visitor_whatever_the_last_64_bits_are(last):
    """Also where a byte of them is that of a new line, which a point does not match."""
    pattern = re.search(r'"~(\S+)" \$network;', CONFIGURATION)[1].replace("(?<", "(?P<")
    address = ip_address(f"2001:db8:a0a:1:{last}".replace(":::", "::"))
    found = re.search(pattern.encode(), address.packed)
    assert found is not None
    assert found["network"] == address.packed[:8]
    assert re.search(pattern.encode(), ip_address("192.0.2.10").packed) is None


def test_a_cataloguer_uploads_a_large_file(front):
    _, headers, content = front.ask("GET", "/sign-in/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', content)[1].decode()
    cookie = headers["Set-Cookie"].partition(";")[0]
    assert cookie.startswith("__Host-csrf=")
    fields = f"csrfmiddlewaretoken={token}&name=cat&password=correct+horse+battery"
    status, headers, _ = front.ask(
        "POST",
        "/sign-in/",
        fields,
        Cookie=cookie,
        Referer=f"https://{NAME}/sign-in/",
        **{"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert status == 302
    cookie = "; ".join(value.partition(";")[0] for value in headers.get_all("Set-Cookie"))
    _, _, content = front.ask("GET", "/staff/upload/", Cookie=cookie)
    token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', content)[1].decode()
    part = '--x\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    body = (part.format("csrfmiddlewaretoken", "") + token + "\r\n").encode()
    body += part.format("review", "").encode() + b"\r\n"
    body += part.format("files", '; filename="large.pdf"').encode() + b"%PDF-1.7 " + bytes(30 * MIB)
    status, headers, _ = front.ask(
        "POST",
        "/staff/upload/",
        body + b"\r\n--x--\r\n",
        Cookie=cookie,
        Referer=f"https://{NAME}/staff/upload/",
        **{"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert status == 302, headers
    assert "/staff/upload" in headers["Location"]


def test_slow_senders_are_given_up_and_never_reach_the_site(front):
    begun = f"POST /sign-in/ HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 500\r\n\r\nname="
    half = f"GET /about/ HTTP/1.1\r\nHost: {NAME}"
    before = site_lines(front)
    slow = [front.connect() for _ in range(30)]
    for number, connection in enumerate(slow):
        connection.sendall((begun if number % 2 else half).encode())
    began = time.monotonic()
    assert front.ask("GET", "/about/")[0] == 200
    assert time.monotonic() - began < 5
    for connection in slow:
        # 408 or a closed connection, after the second that the example calls ten.
        with connection, suppress(ConnectionError, ssl.SSLError):
            assert b"200" not in connection.recv(64)
    assert [line for line in site_lines(front)[len(before) :] if "sign-in" in line] == []


def test_one_address_has_at_most_forty_connections(front):
    held = [front.connect() for _ in range(45)]
    try:
        for connection in held:
            connection.sendall(f"GET /deposit/ HTTP/1.1\r\nHost: {NAME}\r\nX: ".encode())
        # Counted when the head of a request has arrived, so those that wait are not refused.
        assert front.ask("GET", "/about/")[0] == 200
    finally:
        for connection in held:
            connection.close()


# ---- what must not be had ----


def test_the_original_of_a_report_that_was_not_offered_is_not_served_under_any_address(front):
    assert front.ask("GET", f"/reports/{front.key}/")[0] == 200
    folder = front.sha256[:2]
    for address in (
        f"/reports/{front.key}/original/",
        f"/originals/{folder}/{front.sha256}",
        f"/static/../originals/{folder}/{front.sha256}",
        f"/static/%2e%2e/originals/{folder}/{front.sha256}",
        f"/static//..%2f..%2foriginals/{folder}/{front.sha256}",
        f"/data/originals/{folder}/{front.sha256}",
        "/waymark.sqlite3",
        "/secret-key",
        "/static/../secret-key",
    ):
        status, _, content = front.ask("GET", address)
        assert status in {400, 403, 404}, address
        assert ORIGINAL not in content


def test_a_visitor_cannot_ask_the_probes_or_forge_an_address(front):
    # This machine may ask; the example names no other.
    assert front.ask("GET", "/healthz")[0] == 200
    assert "deny all;" in CONFIGURATION.partition("healthz|readyz")[2]
    number = front.ask("GET", "/about/", **{"X-Request-ID": "chosen-by-a-visitor"})[1]
    assert re.fullmatch(r"[0-9a-f]{32}", number["X-Request-ID"])
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in CONFIGURATION
    assert "$proxy_add_x_forwarded_for" not in CONFIGURATION


def site_lines(front):
    text = (front.folder / "site.log").read_text("utf-8")
    return [line for line in text.splitlines() if '"logger": "waymark.access"' in line]


def test_the_log_has_no_search_and_no_secret_link_and_the_number_of_the_sites_log(front):
    number = front.ask("GET", "/find/?q=canary-search")[1]["X-Request-ID"]
    front.ask("GET", "/alerts/confirm/canary-token/")
    # nginx writes its line after the answer has gone.
    until(lambda: '"address":"/alerts/..."' in front.log.read_text("utf-8"))
    text = front.log.read_text("utf-8")
    assert "canary" not in text
    assert number in text
    assert any(number in line for line in site_lines(front))


def secret_routes(patterns=None, before=""):
    """Routes whose address has a secret of one person."""
    for pattern in patterns or get_resolver().url_patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from secret_routes(pattern.url_patterns, route)
        elif re.search(r"<str:(token|signed)>", route):
            yield route


def test_every_address_with_a_secret_is_hidden_in_the_log():
    hidden = re.search(r"~\^\(\?<kept>(\S+)\)\. ", CONFIGURATION)[1]
    routes = list(secret_routes())
    assert len(routes) >= 8
    assert [route for route in routes if not re.match(hidden, f"/{route}")] == []
