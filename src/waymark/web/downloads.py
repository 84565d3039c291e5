"""Heavy downloads, one at a time for the whole site.

A file that is made from all records takes a processor while it lasts, and a visitor can ask for it
as often as they like. So one is made and sent at a time, whichever process does it; whoever comes
meanwhile is asked to come again. A reader who takes it too slowly is cut off.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse

from waymark.web.errors import Explanation, page

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

LOCK = "downloads.lock"
"""Empty file in the data folder; who has locked it sends a heavy download."""
WAITING_SECONDS = 60.0
"""How long, over the whole download, a reader may keep it waiting, beside SLOWEST."""
SLOWEST = 32 * 1024
"""Bytes a second that a reader must take, on average over the time that it is waited for."""

BUSY = Explanation(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Another download is running",
    "These files are made from all records, so the site makes one at a time.",
    "Try again in a minute.",
)


class Turn:
    """The turn to send a heavy download: the lock, until it ends, or this process does."""

    def __init__(self) -> None:
        self.handle = os.open(settings.DATA / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Let the next download begin."""
        handle, self.handle = self.handle, -1
        if handle >= 0:
            os.close(handle)

    def __del__(self) -> None:
        # An answer that nobody closes must not keep all others waiting.
        self.end()


def one_at_a_time(view: View[P]) -> View[P]:
    """The view, answered with 503 while another heavy download is made or sent."""

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            turn = Turn()
        except BlockingIOError:
            busy = page(request, BUSY)
            busy["Retry-After"] = "60"
            return busy
        try:
            download = view(request, *args, **kwargs)
        except BaseException:
            turn.end()
            raise
        if isinstance(download, StreamingHttpResponse):
            pieces = cast(Iterable[bytes], download.streaming_content)
            download.streaming_content = Download(pieces, turn)
        else:
            turn.end()
        return download

    return cast(View[P], answer)


class Download:
    """The pieces of a file until their reader has taken too long.

    Only the time between handing over a piece and being asked for the next counts: it is the
    reader's, not that of making the file. Django calls close() with the answer, also where the
    reader has gone before the first piece.
    """

    def __init__(self, pieces: Iterable[bytes], turn: Turn) -> None:
        self.pieces, self.turn = pieces, turn

    def __iter__(self) -> Iterator[bytes]:
        waited, sent = 0.0, 0
        for piece in self.pieces:
            begun = time.monotonic()
            yield piece
            waited += time.monotonic() - begun
            sent += len(piece)
            if waited > WAITING_SECONDS + sent / SLOWEST:
                raise TimeoutError("the reader of a download is too slow")

    def close(self) -> None:
        """Let the next download begin."""
        self.turn.end()
