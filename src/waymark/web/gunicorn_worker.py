"""Gunicorn worker whose threads never wait for a visitor who sends or reads slowly.

Gunicorn's own threaded worker gives a connection to a thread with the first byte, and the thread
then waits for the rest: as many half-sent forms as there are threads stop the site. Here the main
loop, which waits for any number of connections at once, collects the head of a request and a small
body first. A thread is asked to work only when there is something to do:

    accepted -> receiving (main loop, at most RECEIVE_SECONDS) -> thread -> answer -> receiving ...

A large body is read by the thread itself, through a TimedSocket, which gives up when nothing comes
for IDLE_SECONDS or less than SLOWEST bytes a second on average. How many of those may be read at
once is for waymark.web.bodies to say.
"""

import re
import socket
import time
from collections import deque
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

RECEIVE_SECONDS = 10.0
"""From the first moment of a connection until the head and a small body are there."""
LARGEST_HEAD = 64 * 1024
"""Bytes after which a head without an end goes to gunicorn, which refuses it."""
LARGEST_SMALL_BODY = 64 * 1024
"""Bytes of body that are collected before a thread is asked; a larger one is read by its thread."""
IDLE_SECONDS = 10.0
GRACE_SECONDS = 20.0
SLOWEST = 8 * 1024
"""Bytes a second, on average once GRACE_SECONDS are over, below which a body is given up."""
SEND_SECONDS = 60.0
"""How long one piece of an answer may take to be sent."""
DRAIN_SECONDS, LINGER_SECONDS = 0.1, 0.5
"""How long a thread stays with a connection for what is left of a body, and to close it."""

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)


class Connection(TConn):  # type: ignore[misc]
    """Connection of a visitor. received: bytes of the next request, not yet given to a thread."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.received = bytearray()
        self.closed = False

    def is_complete(self) -> bool:
        """Whether a thread can begin: the head is there, and a body that is small.

        Only a guess that saves a thread from waiting: gunicorn's parser reads the same bytes again
        and judges them.
        """
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return len(self.received) > LARGEST_HEAD
        length = _LENGTH.search(self.received, 0, end + 2)
        size = int(length[1]) if length else 0
        return size > LARGEST_SMALL_BODY or len(self.received) >= end + 4 + size

    def close(self, graceful: bool = False) -> None:  # noqa: FBT001, FBT002 (gunicorn's signature)
        """Close at once. The main loop calls this, so it may not wait: linger() has been called."""
        if not self.closed:
            self.closed = True
            util.close(self.sock)

    def linger(self) -> None:
        """Close so that the answer arrives even where unread bytes are left; waits a little."""
        self.closed = True
        self.sock.settimeout(None)
        util.close_graceful(self.sock, timeout=LINGER_SECONDS)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Threaded worker that collects requests in its main loop."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.receiving: deque[Connection] = deque()

    def accept(self, listener: socket.socket) -> None:
        """Take a connection and wait for its request."""
        try:
            client, address = listener.accept()
        except OSError:
            return  # the visitor has gone, or another process was quicker
        self.nr_conns += 1
        self._receive(Connection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Begin to collect the next request of a connection that was kept open."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._receive(conn)

    def _receive(self, conn: Connection) -> None:
        conn.sock.settimeout(0)
        conn.timeout = time.monotonic() + RECEIVE_SECONDS
        self.receiving.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self._collect, conn))

    def _collect(self, conn: Connection, client: socket.socket) -> None:
        """Read what has come; give the connection to a thread when that is enough."""
        try:
            chunk = client.recv(LARGEST_HEAD)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            chunk = b""
        conn.received += chunk
        if chunk and not conn.is_complete():
            return
        self._no_longer_receiving(conn)
        if chunk:
            conn.data_ready = True
            self.enqueue_req(conn)
        else:
            self._drop(conn)

    def _no_longer_receiving(self, conn: Connection) -> None:
        self.receiving.remove(conn)
        self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Close connections whose request did not come in time (called about once a second)."""
        super().murder_pending()
        now = time.monotonic()
        # The deque is in the order of the time limits, as all are equally long.
        while self.receiving and self.receiving[0].timeout <= now:
            conn = self.receiving[0]
            self._no_longer_receiving(conn)
            self._drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """While the worker stops: no connection is waited for beyond the deadline."""
        super()._cap_keepalive(deadline)
        for conn in self.receiving:
            conn.timeout = min(conn.timeout, deadline)

    def handle(self, conn: Connection) -> Any:
        """Answer one request; runs in a thread. The result says whether the connection stays."""
        conn.sock.settimeout(None)
        conn.init()
        received, conn.received = bytes(conn.received), bytearray()
        conn.parser.unreader.unread(received)
        conn.parser.unreader.sock = TimedSocket(conn.sock)
        keep = super().handle(conn)
        if not keep:
            conn.linger()
        return keep

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:  # noqa: FBT001
        """Whether the connection can take another request: not where a body was left unread.

        A small body has been collected, so it is read off at once; for the rest of a large one
        that was refused no thread waits.
        """
        deadline = time.monotonic() + DRAIN_SECONDS
        return bool(keepalive and conn.parser.finish_body(deadline=deadline))

    def handle_request(self, req: Any, conn: Connection) -> Any:
        """Run the application, with a time limit on sending each piece of its answer."""
        conn.sock.settimeout(SEND_SECONDS)
        return super().handle_request(req, conn)


class TimedSocket:
    """Socket from which one request is read, given up when it comes too slowly.

    recv raises TimeoutError then; Django makes UnreadablePostError of it.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.begun = time.monotonic()
        self.taken = 0

    def recv(self, size: int) -> bytes:
        """At most size bytes, as soon as there are any."""
        late = time.monotonic() - self.begun - GRACE_SECONDS
        if self.taken < late * SLOWEST:
            raise TimeoutError("the request came too slowly")
        before = self.sock.gettimeout()
        self.sock.settimeout(IDLE_SECONDS if before is None else min(before, IDLE_SECONDS))
        try:
            chunk = self.sock.recv(size)
        finally:
            self.sock.settimeout(before)
        self.taken += len(chunk)
        return chunk

    def gettimeout(self) -> float | None:
        """The time limit of the socket itself."""
        return self.sock.gettimeout()

    def settimeout(self, seconds: float | None) -> None:
        """Set the time limit of the socket itself."""
        self.sock.settimeout(seconds)
