"""An end of TLS with a user and a password in front of a node, as a secured cluster has it."""

import datetime
import ipaddress
import ssl
from base64 import b64encode
from contextlib import suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "waymark", "ottér: 7"
DAY = datetime.timedelta(days=1)


class Authority:
    """An authority that signs certificates. file: its own one."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} of a test")])
        self.file = folder / f"{name}.pem"
        basic = x509.BasicConstraints(ca=True, path_length=None)
        signed = self._signed(self.name, self.key.public_key(), basic, days=2)
        self.file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def context(self, host: str = "127.0.0.1", *, days: int = 1) -> ssl.SSLContext:
        """For a server of this name. days: until the certificate expires; negative for expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a node")])
        signed = self._signed(
            subject, key.public_key(), x509.SubjectAlternativeName([name]), days=days
        )
        file = self.folder / "node.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + signed.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        extension: x509.ExtensionType,
        days: int,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 9 * DAY)
            .not_valid_after(now + days * DAY)
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .sign(self.key, hashes.SHA256())
        )


class TlsEnd(ThreadingHTTPServer):
    """The server. context: None for plain HTTP. node: address that it passes requests on to.

    requests: the request lines and the passwords that reached it.
    """

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None, node: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.context, self.node = context, node
        self.requests: list[tuple[str, str]] = []
        self.refusal = 401
        Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.server_port}"

    def finish_request(self, request: Any, client_address: Any) -> None:
        # In the thread of the request: a client that says nothing stops nobody else.
        if self.context is None:
            super().finish_request(request, client_address)
            return
        with suppress(OSError), self.context.wrap_socket(request, server_side=True) as encrypted:
            super().finish_request(encrypted, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are a part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: TlsEnd
    protocol_version = "HTTP/1.1"

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        given = self.headers.get("Authorization", "")
        self.server.requests.append((self.requestline, given))
        expected = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if given != f"Basic {expected}" or not self.server.node:
            self._answer(self.server.refusal, b"Unauthorized", "text/plain")
            return
        node = urlsplit(self.server.node)
        connection = HTTPConnection(node.hostname or "", node.port, timeout=60)
        kinds = {"Content-Type": self.headers.get("Content-Type", "application/json")}
        connection.request(self.command, self.path, body, kinds)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self._answer(answer.status, content, answer.getheader("Content-Type") or "text/plain")

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass_on

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""
