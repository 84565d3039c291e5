"""A thread that sends files to any number of clients, so that no request thread waits for them.

A thread that answers requests hands over the connection once the headers are sent. The system
copies the file to the network itself (sendfile); this thread only waits until a client can take
more, and gives up one that is too slow:

    request thread: headers -> FileSender: the file, a piece at a time -> main loop: next request
"""

import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from socket import socket, socketpair
from threading import Thread, get_native_id

from waymark.web.shared.file_answers import SLOWEST, WAITING_SECONDS

PIECE = 256 * 1024
"""Most bytes that one client gets before the others have their turn."""
PRIORITY = 10
"""Niceness of the thread: pages come before downloads on a busy processor."""
RATE = 128 * 1024 * 1024
"""Most bytes a second that a process sends to all clients together: a gigabit of network. A client
on the same machine would take several times as much, and the processors with it.
"""
LOOK_EVERY = 1.0


@dataclass(slots=True, eq=False)
class FileToSend:
    """Part of an open file for a client. handle: of the file, closed in the end; at: next byte.

    finished: called from the thread of the sender; True if all of it was sent.
    """

    client: socket
    handle: int
    at: int
    end: int
    finished: Callable[[bool], None]
    begun: float = field(default_factory=time.monotonic)
    first: int = field(init=False)

    def __post_init__(self) -> None:
        self.first = self.at

    def is_too_slow(self, now: float) -> bool:
        """True if the client took less than SLOWEST bytes a second, after WAITING_SECONDS."""
        return now - self.begun > WAITING_SECONDS + (self.at - self.first) / SLOWEST


class FileSender(Thread):
    """Thread that sends files until the process ends."""

    def __init__(self) -> None:
        super().__init__(name="files", daemon=True)
        self._selector = DefaultSelector()
        self._arrived: deque[FileToSend] = deque()
        self._woken, self._wake = socketpair()
        self._woken.settimeout(0)
        self._selector.register(self._woken, EVENT_READ)

    def send(self, file: FileToSend) -> None:
        """Send a file; called from another thread."""
        self._arrived.append(file)
        self._wake.send(b"1")

    def run(self) -> None:
        """Send what was handed over, for ever."""
        os.setpriority(os.PRIO_PROCESS, get_native_id(), PRIORITY)
        looked = time.monotonic()
        while True:
            ready = self._selector.select(LOOK_EVERY)
            begun, sent = time.monotonic(), 0
            for key, _ in ready:
                if key.data is None:
                    self._woken.recv(4096)
                else:
                    sent += self._send_piece(key.data)
            while self._arrived:
                self._begin(self._arrived.popleft())
            time.sleep(seconds_to_rest(sent, time.monotonic() - begun))
            now = time.monotonic()
            if now - looked > LOOK_EVERY:
                looked = now
                self._give_up_slow_clients(now)

    def _begin(self, file: FileToSend) -> None:
        if file.client.fileno() < 0:  # closed since, after a fault
            os.close(file.handle)
            file.finished(False)  # noqa: FBT003
            return
        file.client.settimeout(0)
        self._selector.register(file.client, EVENT_WRITE, file)

    def _send_piece(self, file: FileToSend) -> int:
        """Send what the client takes at once, a piece at most; returns how many bytes."""
        try:
            count = min(PIECE, file.end - file.at)
            sent = os.sendfile(file.client.fileno(), file.handle, file.at, count)
        except BlockingIOError:
            return 0
        except OSError:
            self._end(file, whole=False)  # the client has gone
            return 0
        file.at += sent
        # Nothing sent: the file is shorter than it was.
        if file.at >= file.end or not sent:
            self._end(file, whole=file.at >= file.end)
        return sent

    def _give_up_slow_clients(self, now: float) -> None:
        for key in list(self._selector.get_map().values()):
            if key.data is not None and key.data.is_too_slow(now):
                self._end(key.data, whole=False)

    def _end(self, file: FileToSend, *, whole: bool) -> None:
        self._selector.unregister(file.client)
        os.close(file.handle)
        file.finished(whole)


def seconds_to_rest(sent: int, seconds: float) -> float:
    """Seconds until these bytes, which took some seconds to send, are no more than RATE allows."""
    return max(0.0, sent / RATE - seconds)
