"""A mail server whose certificate is not trusted gets no password."""

import socket
import ssl
import subprocess
from contextlib import suppress
from threading import Thread

import pytest

from waymark.core.errors import ServiceUnavailable
from waymark.mail.bulk import ServerUnavailable, open_connection
from waymark.mail.inbound import deliveries
from waymark.mail.inbound.deliveries import unread_by_imap


class Impostor(Thread):
    """An IMAP server with a certificate that it made itself. heard: what clients said."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
                *("ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
                *("-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate),
            ],
            check=True,
            capture_output=True,
        )
        self.certificate = certificate
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard = b""

    def run(self):
        plain, _ = self.listener.accept()
        with plain, suppress(OSError), self.context.wrap_socket(plain, server_side=True) as client:
            client.sendall(b"* OK ready\r\n")
            while line := client.recv(1_000):
                self.heard += line
                tag, command, *_ = line.split()
                if command == b"CAPABILITY":
                    client.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")
                else:
                    client.sendall(tag + b" NO refused\r\n")


@pytest.fixture
def impostor(tmp_path):
    server = Impostor(tmp_path)
    server.start()
    yield server
    server.join(timeout=10)
    server.listener.close()


def test_a_server_with_a_certificate_of_its_own_making_gets_no_password(impostor):
    with pytest.raises(ServiceUnavailable, match="certificate verify failed"):
        list(unread_by_imap(f"imaps://ann:secret@localhost:{impostor.port}/INBOX"))
    impostor.join(timeout=10)
    assert impostor.heard == b""


def test_nor_does_a_server_to_which_emails_are_sent(impostor):
    server = {"host": "localhost", "port": impostor.port, "use_ssl": True, "use_tls": False}
    with (
        pytest.raises(ServerUnavailable, match="certificate verify failed"),
        open_connection(server | {"username": "ann", "password": "secret"}),
    ):
        pass
    impostor.join(timeout=10)
    assert impostor.heard == b""


def test_a_server_whose_certificate_is_trusted_is_signed_in_to(impostor, monkeypatch):
    trusting = ssl.create_default_context(cafile=str(impostor.certificate))
    monkeypatch.setattr(deliveries.ssl, "create_default_context", lambda: trusting)
    with pytest.raises(ServiceUnavailable, match="refused"):
        list(unread_by_imap(f"imaps://ann:secret@localhost:{impostor.port}/INBOX"))
    impostor.join(timeout=10)
    assert b"ann" in impostor.heard
