"""Serving: the port, the site and the reading worker live and end together. Real processes."""

import gzip
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from tests.databases import environment_for
from tests.new_installations import new_installation
from tests.web.attackers import large_bodies, read_pages, slow_senders
from waymark.core.errors import RuleError
from waymark.web.server import serve
from waymark.web.server.serve import STOP_SECONDS, ProcessSupervisor, SupervisedProcess, serve_site
from waymark.web.server.site import FIRST_PAGES, warm_up

WAYMARK = Path(sys.executable).with_name("waymark")
SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
SOON_DEAD = [sys.executable, "-c", "pass"]


def children_of(pid):
    """The numbers of the processes that a process started."""
    try:
        said = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except FileNotFoundError:
        return []
    return [int(number) for number in said.split()]


def alive(pid):
    """Whether a process runs; one that ended and was not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def name_of(pid):
    """The name of a process; "" of one that has ended since it was listed."""
    try:
        return Path(f"/proc/{pid}/comm").read_text("utf-8").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def until(happened, seconds=30):
    """Waits until happened() is true; returns what it gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = happened()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


# ---- the keeper ----


def test_a_process_that_dies_early_is_started_again_after_longer_and_longer_pauses():
    started = []

    def start():
        started.append(subprocess.Popen(SOON_DEAD))
        return started[-1]

    kept = SupervisedProcess("a process", start)
    kept.look(100.0)
    for again_at in (101.0, 103.0, 107.0):
        started[-1].wait()
        begun = kept.began
        kept.look(begun)
        assert kept.process is None
        assert kept.again_at - begun == again_at - begun
        kept.look(kept.again_at - 0.01)
        assert kept.process is None
        kept.look(kept.again_at)
        assert kept.process is started[-1]
    started[-1].wait()
    assert len(started) == 4


def test_a_process_that_lived_long_is_started_again_at_once():
    started = []

    def start():
        started.append(subprocess.Popen(SOON_DEAD))
        return started[-1]

    kept = SupervisedProcess("a process", start)
    kept.look(100.0)
    started[0].wait()
    kept.look(200.0)
    assert len(started) == 2
    started[1].wait()


def test_the_keeper_ends_what_it_keeps_when_it_is_told_to_stop():
    def start():
        return subprocess.Popen(SLEEPER, start_new_session=True)

    kept = [SupervisedProcess("one", start), SupervisedProcess("two", start)]
    keeper = ProcessSupervisor(kept)
    Thread(target=lambda: (time.sleep(1), os.kill(os.getpid(), signal.SIGTERM))).start()
    before = signal.getsignal(signal.SIGTERM)
    keeper.run()
    assert [one.process.returncode for one in kept] == [-signal.SIGTERM, -signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) == before


def test_the_keeper_starts_its_processes_before_it_waits_for_the_first_time(monkeypatch):
    monkeypatch.setattr(serve, "LOOK_EVERY", 5)

    def start():
        keeper.stopping.set()
        return subprocess.Popen(SLEEPER, start_new_session=True)

    keeper = ProcessSupervisor([SupervisedProcess("one", start)])
    begun = time.monotonic()
    keeper.run()
    assert time.monotonic() - begun < 5
    assert keeper.processes[0].process.returncode == -signal.SIGTERM


def test_a_process_that_does_not_stop_is_killed():
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True)"

    def start():
        return subprocess.Popen(
            [sys.executable, "-c", f"{deaf}; time.sleep(60)"],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    kept = SupervisedProcess("a deaf process", start)
    kept.look(time.monotonic())
    kept.process.stdout.readline()
    kept.ask_to_stop()
    kept.end(time.monotonic() + 0.2)
    assert kept.process.returncode == -signal.SIGKILL
    kept.process.stdout.close()


def test_a_port_that_is_taken_is_told_in_one_line(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RuleError, match=f"port {port} is not available .* try --port"):
            serve_site(port)


@pytest.fixture
def one_connection(db):
    """As the test client does: the connection of a test stays open after a request."""
    signals = (request_started, request_finished)
    for sent in signals:
        sent.disconnect(close_old_connections)
    yield
    for sent in signals:
        sent.connect(close_old_connections)


def test_a_process_asks_for_the_first_pages_itself(one_connection):
    site, statuses = WSGIHandler(), []

    def application(environ, start):
        return site(environ, lambda status, headers: statuses.append(status))

    warm_up(application)
    assert statuses == ["200 OK"] * len(FIRST_PAGES)


# ---- the whole ----


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data folder with an empty, up-to-date database."""
    return new_installation(tmp_path_factory.mktemp("served"))


@contextmanager
def serving(data):
    """`waymark serve` on an empty collection: the process and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [WAYMARK, "--data", data, "serve", "--port", str(port)],
        env=environment_for(data),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: answers(port), seconds=120)
        yield process, port
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=STOP_SECONDS + 10)


@pytest.fixture
def served(data):
    """A site of its own: the process and its port."""
    with serving(data) as started:
        yield started


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A site that tests share, as `served`: who kills a part of it waits until it is back."""
    with serving(new_installation(tmp_path_factory.mktemp("shared"))) as started:
        yield started


@pytest.fixture
def site(shared):
    """The port of the site that tests share."""
    return shared[1]


def answers(port):
    """Whether the site gives a page within five seconds."""
    asking = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asking.request("GET", "/about/")
        return asking.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        asking.close()


def worker_of(process):
    found = [pid for pid in children_of(process.pid) if name_of(pid) == "waymark reading"]
    return found[0] if found else None


def family(pid):
    """A process's children, their children and so on."""
    found = children_of(pid)
    for child in found:
        found += children_of(child)
    return found


def test_a_killed_reading_worker_is_started_again_while_the_site_answers(shared):
    process, port = shared
    first = until(lambda: worker_of(process))
    os.kill(first, signal.SIGKILL)
    second = until(lambda: worker_of(process) not in {None, first} and worker_of(process))
    assert alive(second)
    assert answers(port)


def test_a_killed_web_server_is_started_again_on_the_same_port(shared):
    process, port = shared
    server = next(pid for pid in children_of(process.pid) if name_of(pid) == "waymark site")
    os.kill(server, signal.SIGKILL)
    until(lambda: not alive(server))
    until(lambda: answers(port))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_signal_stops_all_of_it(served, number):
    process, port = served
    until(lambda: worker_of(process))
    everybody = family(process.pid)
    assert len(everybody) >= 4
    process.send_signal(number)
    assert process.wait(timeout=STOP_SECONDS + 10) == 0
    until(lambda: not any(alive(pid) for pid in everybody))
    assert not answers(port)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells children that a parent died")
def test_nothing_is_left_running_when_the_whole_is_killed(served):
    process, port = served
    until(lambda: worker_of(process))
    everybody = family(process.pid)
    process.kill()
    process.wait()
    until(lambda: not any(alive(pid) for pid in everybody))
    assert not answers(port)


def test_connections_that_say_nothing_do_not_stop_the_site(site):
    silent = [socket.create_connection(("127.0.0.1", site)) for _ in range(6)]
    try:
        assert answers(site)
    finally:
        for one in silent:
            one.close()


# ---- static files ----


def fetch(port, path):
    """Status, headers and bytes of an answer to a browser that reads gzip."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


FIRST_LOAD = 150_000
"""Largest size in bytes of the home page with its styles, scripts and fonts."""


def test_browsers_keep_static_files_for_a_year_and_pages_only_until_they_ask(site):
    files = re.findall(rb'(?:href|src)="(/static/[^"]+)"', whole(fetch(site, "/")))
    assert len(files) >= 5
    for file in files:
        status, headers, _content = fetch(site, file.decode())
        assert (status, headers["Cache-Control"]) == (200, "max-age=315360000, public, immutable")
        assert (headers["Content-Encoding"] == "gzip") == (not file.endswith(b".woff2"))
    assert fetch(site, "/")[1]["Cache-Control"] == "private, no-cache"


def test_the_first_load_of_the_home_page_is_small(site):
    page = fetch(site, "/")
    files = set(re.findall(rb'(?:href|src)="(/static/[^"]+)"', whole(page)))
    fonts = {file for file in files if file.endswith(b".woff2")}
    assert len(fonts) == 2
    sizes = {file: len(fetch(site, file.decode())[2]) for file in files}
    assert len(page[2]) + sum(sizes.values()) <= FIRST_LOAD, sizes


def whole(answer):
    """The bytes of an answer before compression."""
    return gzip.decompress(answer[2])


def test_the_name_of_a_font_in_a_stylesheet_has_its_hash_too(site):
    styles = re.search(rb'href="(/static/waymark\.[0-9a-f]+\.css)"', whole(fetch(site, "/")))[1]
    fonts = re.findall(rb'url\("([^"]+)"\)', whole(fetch(site, styles.decode())))
    assert len(fonts) == 4
    for font in fonts:
        status, headers, _content = fetch(site, f"/static/{font.decode()}")
        assert (status, "immutable" in headers["Cache-Control"]) == (200, True)


# ---- visitors who keep it waiting ----

SLOW = 40
"""More than the threads of all processes."""


def sending(port, *pieces):
    """A connection on which some of a request has been sent."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    for piece in pieces:
        connection.sendall(piece)
    return connection


def status_of(connection):
    """The status of the answer that comes on a connection; 0 where it is closed without one."""
    first = connection.makefile("rb").readline().split()
    return int(first[1]) if len(first) > 1 else 0


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(b"GET /about/ HTTP/1.1\r\nHost: local", id="half a head"),
        pytest.param(
            b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\nname=",
            id="half a small form",
        ),
        pytest.param(
            b"POST /deposit/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n",
            id="half a large form",
        ),
        pytest.param(
            b"GET /about/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            id="an answer that is not taken",
        ),
    ],
)
def test_requests_sent_in_part_do_not_stop_the_site(site, begun):
    slow = [sending(site, begun) for _ in range(SLOW)]
    try:
        for _ in range(5):
            assert answers(site)
    finally:
        for connection in slow:
            connection.close()


def test_a_request_that_does_not_come_whole_in_time_is_closed(site):
    with sending(site, b"GET /about/ HTTP/1.1\r\nHost: localhost\r\n") as connection:
        assert connection.recv(1) == b""


def test_a_request_sent_letter_by_letter_is_answered(site):
    whole = b"GET /about/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
    letters = [whole[at : at + 1] for at in range(len(whole))]
    with sending(site, *letters) as connection:
        assert status_of(connection) == 200


def test_two_requests_sent_at_once_on_one_connection_are_both_answered(site):
    one = b"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with sending(site, one + last) as connection:
        assert connection.makefile("rb").read().count(b"HTTP/1.1 200 OK") == 2


def test_heads_without_an_end_are_refused_and_keep_no_thread(site):
    heads = [sending(site, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 15_000) for _ in range(SLOW)]
    before = time.monotonic()
    assert [status_of(connection) for connection in heads] == [431] * SLOW
    assert answers(site)
    # A thread waits 10 seconds for more of a head.
    assert time.monotonic() - before < 8
    for connection in heads:
        connection.close()


@pytest.mark.parametrize("page", ["/oai/", "/sign-in/", "/staff/upload/", "/nowhere/"])
def test_a_large_body_is_refused_before_it_is_sent(site, page):
    head = f"POST {page} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 524288000\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\nCookie: csrftoken=made-up\r\n\r\n"
    with sending(site, head.encode()) as connection:
        assert status_of(connection) == 413


def test_readers_have_their_pages_while_others_send_slowly_and_much(site):
    """Short form of tests/web/test_attacks.py, which measures how long readers wait."""
    with slow_senders(site, 60), large_bodies(site, 6) as statuses:
        times = read_pages(site, readers=3, seconds=1.5)
    assert max(times) < 10
    assert set(statuses) <= {0, 413, 503}
    assert 413 in statuses


def test_a_large_body_of_which_nothing_is_wanted_keeps_no_thread(site):
    """The answer arrives at once, although the sender goes on sending and never reads it."""
    head = b"POST /oai/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n"
    begun = [sending(site, head) for _ in range(SLOW)]
    before = time.monotonic()
    assert answers(site)
    assert [status_of(connection) for connection in begun] == [413] * SLOW
    assert time.monotonic() - before < 5
    for connection in begun:
        connection.close()


def test_a_body_of_unknown_length_is_refused(site):
    head = b"POST /oai/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with sending(site, head + b"5\r\nverb=\r\n") as connection:
        assert status_of(connection) == 411
