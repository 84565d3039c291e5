"""Large files go to clients from a thread of their own, so that downloads hold up no page."""

import os
import signal
import socket
import time
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest
from gunicorn.app.base import BaseApplication

from waymark.core.processes import fork
from waymark.web.server import file_sender
from waymark.web.server.file_sender import FileSender, FileToSend, seconds_to_rest
from waymark.web.server.gunicorn_worker import SMALL_FILE, PatientWorker
from waymark.web.shared.file_answers import FilePart

CONTENT = os.urandom(3_000_000)
"""More than the buffers of a connection take."""
PART = (1_000, 1_000 + SMALL_FILE + 1)
THREADS = 2


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("sent") / "file"
    path.write_bytes(CONTENT)
    return path


# ---- the thread ----


@pytest.fixture
def sending(file):
    """Function that sends bytes of the file to a client: returns the client and how it ended."""
    sender = FileSender()
    sender.start()

    def send(first, end):
        ours, client = socket.socketpair()
        ended = []
        handle = os.open(file, os.O_RDONLY)
        sender.send(FileToSend(ours, handle, first, end, ended.append))
        clients.enter_context(ours)
        return clients.enter_context(client), ended

    with ExitStack() as clients:
        yield send


def received(client, size):
    whole = bytearray()
    while len(whole) < size and (piece := client.recv(size - len(whole))):
        whole += piece
    return bytes(whole)


@pytest.mark.parametrize(
    ("sent", "seconds", "rest"),
    [
        pytest.param(4 * 1024 * 1024, 0.00125, 0.03, id="four mebibytes take a 32nd of a second"),
        pytest.param(4 * 1024 * 1024, 0.05, 0.0, id="clients that are slower need no rest"),
        pytest.param(0, 0.0, 0.0, id="nothing was sent"),
    ],
)
def test_all_clients_together_get_a_gigabit_a_second_at_most(sent, seconds, rest):
    assert seconds_to_rest(sent, seconds) == pytest.approx(rest)


def test_the_thread_rests_for_what_it_sent(sending, monkeypatch):
    sent_bytes = []

    def note(sent, seconds):
        sent_bytes.append(sent)
        return 0.0

    monkeypatch.setattr(file_sender, "seconds_to_rest", note)
    client, ended = sending(0, 1_000_000)
    assert received(client, 1_000_000) == CONTENT[:1_000_000]
    until(lambda: ended == [True] and sum(sent_bytes) == 1_000_000)


def until(condition):
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen within 5 seconds")


def test_each_client_gets_its_part_though_others_do_not_read(sending):
    idle, idle_ended = sending(0, len(CONTENT))
    client, ended = sending(7, len(CONTENT) - 7)
    assert received(client, len(CONTENT) - 14) == CONTENT[7:-7]
    until(lambda: ended == [True])
    assert idle_ended == []
    assert received(idle, len(CONTENT)) == CONTENT
    until(lambda: idle_ended == [True])


def test_a_client_who_goes_away_ends_its_download_alone(sending):
    client, ended = sending(0, len(CONTENT))
    client.recv(1)
    client.close()
    until(lambda: ended == [False])
    other, _ = sending(0, 10)
    assert received(other, 10) == CONTENT[:10]


def test_a_client_who_reads_too_slowly_is_given_up(sending, monkeypatch):
    monkeypatch.setattr(file_sender, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(file_sender, "WAITING_SECONDS", -1_000)
    _, ended = sending(0, len(CONTENT))
    until(lambda: ended == [False])


def test_the_time_a_client_has_grows_with_what_it_took():
    file = FileToSend(socket.socket(), -1, 0, 10_000_000, print, begun=100.0)
    # 60 seconds, and one more for each 32 KiB.
    assert not file.is_too_slow(160.0)
    assert file.is_too_slow(160.1)
    file.at = 10 * 32 * 1024
    assert not file.is_too_slow(170.0)
    assert file.is_too_slow(170.1)
    file.client.close()


# ---- the server ----


class TwoThreads(BaseApplication):
    """Server with THREADS threads that answers with the file, a part of it, or a page."""

    def __init__(self, listener, file):
        self.listener, self.file = listener, file
        super().__init__()

    def load_config(self):
        options = {
            "bind": f"fd://{self.listener.fileno()}",
            "workers": 1,
            "worker_class": PatientWorker,
            "threads": THREADS,
            "loglevel": "warning",
            "control_socket_disable": True,
            "graceful_timeout": 1,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self):
        return self.answer

    def answer(self, environ, start):
        if environ["PATH_INFO"] == "/page":
            start("200 OK", [("Content-Length", "4")])
            return [b"page"]
        first, end = (0, len(CONTENT)) if environ["PATH_INFO"] == "/whole" else PART
        start("200 OK", [("Content-Length", str(end - first))])
        opened = self.file.open("rb")
        opened.seek(first)
        return environ["wsgi.file_wrapper"](FilePart(opened, first, end - first))


@pytest.fixture(scope="module")
def port(file):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        process = fork(
            lambda: TwoThreads(listener, file).run(),
            name="waymark test",
            signals=(signal.SIGTERM, signal.SIGINT),
        )
        yield listener.getsockname()[1]
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def asking(port):
    """Function that asks for an address on a new connection, which it returns."""
    with ExitStack() as opened:

        def ask(path, method="GET"):
            connection = HTTPConnection("127.0.0.1", port, timeout=20)
            opened.callback(connection.close)
            connection.request(method, path)
            return connection

        yield ask


def test_pages_are_answered_while_more_clients_download_than_there_are_threads(asking):
    downloads = [asking("/whole") for _ in range(4 * THREADS)]
    assert asking("/page").getresponse().read() == b"page"
    assert [one.getresponse().read() == CONTENT for one in downloads] == [True] * len(downloads)


def test_a_part_is_sent_and_the_connection_takes_the_next_request(asking):
    connection = asking("/part")
    assert connection.getresponse().read() == CONTENT[slice(*PART)]
    for path, expected in (("/page", b"page"), ("/part", CONTENT[slice(*PART)])):
        connection.request("GET", path)
        assert connection.getresponse().read() == expected


def test_the_head_of_a_file_has_its_size_and_no_content(asking):
    connection = asking("/whole", "HEAD")
    answer = connection.getresponse()
    assert (answer.headers["Content-Length"], answer.read()) == (str(len(CONTENT)), b"")
    connection.request("GET", "/page")
    assert connection.getresponse().read() == b"page"
