"""Gunicorn worker whose threads never wait for a client that sends or reads slowly.

Gunicorn's own threaded worker hands a connection to a thread at the first byte, and the thread then
waits for the rest: as many half-sent forms as there are threads stop the site. Here the main loop,
which can wait for any number of connections, first collects the headers of a request and a small
body. A thread starts only when there is something to do:

    accepted -> receiving (main loop, at most RECEIVE_SECONDS) -> thread -> answer -> receiving ...
                                                                       or -> closing (main loop)

A large file is sent by a thread of its own (file_sender.py), to any number of clients, so that
downloads keep no thread from answering pages.

The thread itself reads a large body, through a TimedSocket, which gives up if nothing arrives for
IDLE_SECONDS or if the average is below SLOWEST bytes a second. How many large
bodies are read at once is limited by waymark.web.middleware.body_limits.
"""

import os
import re
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

from waymark.web.server.file_sender import FileSender, FileToSend
from waymark.web.shared.file_answers import FilePart

RECEIVE_SECONDS = 10.0
"""From the first moment of a connection until the head and a small body are there."""
LARGEST_HEAD = 64 * 1024
"""Bytes after which a head without an end is refused: a thread would wait for the rest of it."""
HEAD_TOO_LARGE = b"\r\n".join(
    (
        b"HTTP/1.1 431 Request Header Fields Too Large",
        b"Connection: close",
        b"Content-Length: 0",
        b"\r\n",
    )
)
LARGEST_SMALL_BODY = 64 * 1024
"""Bytes of body that are collected before a thread is asked; a larger one is read by its thread."""
IDLE_SECONDS = 10.0
GRACE_SECONDS = 20.0
SLOWEST = 8 * 1024
"""Bytes a second, on average once GRACE_SECONDS are over, below which a body is given up."""
SEND_SECONDS = 60.0
"""How long one piece of an answer may take to be sent."""
DRAIN_SECONDS = 0.01
"""How long a thread stays with a connection for what is left of a body."""
LINGER_SECONDS, LINGER_BYTES = 0.5, 64 * 1024
"""How long, and for how much of a body that nobody wants, a connection stays open after its answer:
closed at once with bytes unread, it would take the answer back."""

SMALL_FILE = 256 * 1024
"""Bytes up to which a thread sends a file itself: they fit into the buffers of a connection."""

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)


class ClientConnection(TConn):  # type: ignore[misc]
    """Client connection. received: bytes of the next request, not yet handed to a thread."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.received = bytearray()
        self.discarded = 0

    def is_complete(self) -> bool:
        """True if a thread can start: the headers and a small body have arrived.

        Only an estimate that saves a thread from waiting: gunicorn's parser reads the same bytes
        again and decides.
        """
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return False
        # Up to end + 2, so that the last header has its line end, which the pattern needs.
        length = _LENGTH.search(self.received, 0, end + 2)
        size = int(length[1]) if length else 0
        return size > LARGEST_SMALL_BODY or len(self.received) >= end + 4 + size

    def has_large_head(self) -> bool:
        """True if more has arrived than any head may have, and it has not ended."""
        return len(self.received) > LARGEST_HEAD and b"\r\n\r\n" not in self.received

    def close(self, graceful: bool = False) -> None:  # noqa: FBT001, FBT002 (gunicorn's signature)
        """Close at once: the main loop calls this, so it must not wait."""
        util.close(self.sock)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Threaded worker that collects requests in its main loop. wsgi: the site."""

    wsgi: Any

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.receiving: deque[ClientConnection] = deque()
        self.closing: deque[ClientConnection] = deque()
        self.parts: dict[socket.socket, tuple[int, int, int]] = {}
        self.sender: FileSender | None = None

    def load_wsgi(self) -> None:
        """Load the site, and keep back the large files that it answers with."""
        super().load_wsgi()
        self.wsgi = partial(self._answer, self.wsgi)

    def _answer(
        self,
        site: Callable[..., Iterable[bytes]],
        environ: dict[str, Any],
        start_response: Callable[..., Any],
    ) -> Iterable[bytes]:
        """The answer of the site; of a large file only the headers, as the sender has the rest."""
        answer = site(environ, start_response)
        part = getattr(answer, "filelike", None)
        if (
            isinstance(part, FilePart)
            and part.length > SMALL_FILE
            and environ["REQUEST_METHOD"] == "GET"
            and environ["SERVER_PROTOCOL"].startswith("HTTP/1.")
        ):
            file = os.dup(part.fileno()), part.first, part.first + part.length
            self.parts[environ["gunicorn.socket"]] = file
            part.close()
            return ()
        return answer

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection and wait for its request."""
        try:
            client, address = listener.accept()
        except OSError:
            return  # the client has gone, or another process was faster
        self.nr_conns += 1
        self._receive(ClientConnection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: ClientConnection, client: socket.socket) -> None:
        """Start to collect the next request of a kept-alive connection."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._receive(conn)

    def _receive(self, conn: ClientConnection) -> None:
        # Non-blocking: the main loop must never wait for one client.
        conn.sock.settimeout(0)
        conn.timeout = time.monotonic() + RECEIVE_SECONDS
        self.receiving.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self._collect, conn))

    def _collect(self, conn: ClientConnection, client: socket.socket) -> None:
        """Read arrived bytes; hand the connection to a thread when they are enough."""
        try:
            chunk = client.recv(LARGEST_HEAD)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            chunk = b""
        conn.received += chunk
        refused = conn.has_large_head()
        if chunk and not refused and not conn.is_complete():
            return
        self._no_longer_receiving(conn)
        if not chunk:
            self._drop(conn)
        elif refused:
            with suppress(OSError):
                client.send(HEAD_TOO_LARGE)
            self._close_after_answer(conn)
        else:
            conn.data_ready = True
            self.enqueue_req(conn)

    def _no_longer_receiving(self, conn: ClientConnection) -> None:
        self.receiving.remove(conn)
        self.poller.unregister(conn.sock)

    def _drop(self, conn: ClientConnection) -> None:
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Close connections whose request did not arrive in time (called about once a second)."""
        super().murder_pending()
        now = time.monotonic()
        # The deque is sorted by time limit because all limits are equally long.
        while self.receiving and self.receiving[0].timeout <= now:
            conn = self.receiving[0]
            self._no_longer_receiving(conn)
            self._drop(conn)
        while self.closing and self.closing[0].timeout <= now:
            self._end_closing(self.closing[0])

    def _close_after_answer(self, conn: ClientConnection) -> None:
        """Close a connection so that its answer arrives even if bytes are left unread.

        In the main loop: a client that goes on sending keeps no thread.
        """
        try:
            conn.sock.settimeout(0)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)  # the client has gone
            return
        conn.timeout = time.monotonic() + LINGER_SECONDS
        self.closing.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self._discard, conn))

    def _discard(self, conn: ClientConnection, client: socket.socket) -> None:
        """Drop bytes that arrive on a connection that is being closed."""
        try:
            chunk = client.recv(LINGER_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            chunk = b""
        conn.discarded += len(chunk)
        if not chunk or conn.discarded >= LINGER_BYTES:
            self._end_closing(conn)

    def _end_closing(self, conn: ClientConnection) -> None:
        self.closing.remove(conn)
        self.poller.unregister(conn.sock)
        self._drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """While the worker stops, wait for no connection beyond the deadline."""
        super()._cap_keepalive(deadline)
        for conn in self.receiving:
            conn.timeout = min(conn.timeout, deadline)

    def handle(self, conn: ClientConnection) -> Any:
        """Answer one request; runs in a thread. Returns true if the connection stays open."""
        conn.sock.settimeout(None)
        conn.init()
        received, conn.received = bytes(conn.received), bytearray()
        # Give the collected bytes back to the parser, which reads them before the socket.
        conn.parser.unreader.unread(received)
        conn.parser.unreader.sock = TimedSocket(conn.sock)
        keep = super().handle(conn)
        if part := self.parts.pop(conn.sock, None):
            return FileToSend(conn.sock, *part, partial(self._file_ended, conn, keep))
        return keep

    def finish_request(self, conn: ClientConnection, fs: Future[Any]) -> None:
        """Pass a file to the sender; else wait for the next request, or close."""
        result = False if fs.cancelled() or fs.exception() else fs.result()
        if isinstance(result, FileToSend):
            if self.sender is None:
                self.sender = FileSender()
                self.sender.start()
            self.sender.send(result)
        elif result:
            super().finish_request(conn, fs)
        else:
            self._close_after_answer(conn)

    def _file_ended(self, conn: ClientConnection, keep: bool, whole: bool) -> None:  # noqa: FBT001
        """Keep or close a connection after its file; called by the sender."""
        ended: Future[bool] = Future()
        ended.set_result(bool(keep and whole))
        self.method_queue.defer(self.finish_request, conn, ended)

    def _keepalive_after(self, conn: ClientConnection, keepalive: bool) -> bool:  # noqa: FBT001
        """True if the connection can take another request, so not if a body is left unread.

        A small body has been collected and is discarded at once; no thread waits for the rest of
        a large one that was refused.
        """
        deadline = time.monotonic() + DRAIN_SECONDS
        return bool(keepalive and conn.parser.finish_body(deadline=deadline))

    def handle_request(self, req: Any, conn: ClientConnection) -> Any:
        """Run the application, with a time limit on sending each piece of its response."""
        conn.sock.settimeout(SEND_SECONDS)
        return super().handle_request(req, conn)


class TimedSocket:
    """Socket for reading one request, abandoned if it arrives too slowly.

    recv then raises TimeoutError, which Django turns into UnreadablePostError.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.begun = time.monotonic()
        self.taken = 0

    def recv(self, size: int) -> bytes:
        """Return at most size bytes, as soon as some arrive."""
        # Negative during the grace period, so that slow starts of a connection are allowed.
        # Example: 30 s after the start, late is 10 s and 80 KiB must have arrived.
        late = time.monotonic() - self.begun - GRACE_SECONDS
        if self.taken < late * SLOWEST:
            raise TimeoutError("the request arrived too slowly")
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
