"""Heavy downloads, one at a time for the whole site.

A file made from all records, or of 50 references, keeps a processor busy, and anyone can request
it any number of times. So all processes together make one such file at a time; other requests get
503 and are asked to try again. A client that reads too slowly is disconnected.
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

from waymark.web.middleware.errors import ErrorExplanation, error_page
from waymark.web.shared.file_answers import SLOWEST, WAITING_SECONDS

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

LOCK = "downloads.lock"
"""Empty file in the data folder, locked by the process that sends a heavy download."""

BUSY = ErrorExplanation(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Another download is running",
    "These files take long to make, so the site makes one at a time.",
    "Try again in a minute.",
    retry_after=60,
)


class DownloadLock:
    """Lock on heavy downloads, released by end() or when this process ends."""

    def __init__(self) -> None:
        self.handle = os.open(settings.DATA / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            # flock works across processes and ends with its own, so a crash cannot block others.
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Release the lock."""
        handle, self.handle = self.handle, -1
        if handle >= 0:
            os.close(handle)

    def __del__(self) -> None:
        # A response that nobody closes must not block all other downloads.
        self.end()


def one_at_a_time(view: View[P]) -> View[P]:
    """Decorate a view to answer 503 while another heavy download is running."""

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            turn = DownloadLock()
        except BlockingIOError:
            return error_page(request, BUSY)
        try:
            download = view(request, *args, **kwargs)
        except BaseException:
            turn.end()
            raise
        # A streamed file is sent after the view has returned: the lock goes with the stream. Any
        # other response is complete here.
        if isinstance(download, StreamingHttpResponse):
            pieces = cast(Iterable[bytes], download.streaming_content)
            download.streaming_content = TimedDownload(pieces, turn)
        else:
            turn.end()
        return download

    return cast(View[P], answer)


class TimedDownload:
    """Pieces of a file, ended when the client has been too slow.

    Only the time between yielding a piece and the request for the next counts: it is the client's,
    not the time spent making the file. Django calls close() with the response, even if the client
    disconnects before the first piece. turn: released then.
    """

    def __init__(self, pieces: Iterable[bytes], turn: DownloadLock) -> None:
        self.pieces, self.turn = pieces, turn

    def __iter__(self) -> Iterator[bytes]:
        waited, sent = 0.0, 0
        for piece in self.pieces:
            begun = time.monotonic()
            yield piece
            waited += time.monotonic() - begun
            sent += len(piece)
            if waited > WAITING_SECONDS + sent / SLOWEST:
                raise TimeoutError("the client reads the download too slowly")

    def close(self) -> None:
        """Release the lock."""
        self.turn.end()
