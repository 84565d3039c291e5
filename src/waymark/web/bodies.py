"""Limits on what a visitor sends, asked before any of it is read or stored.

Django takes a form apart when somebody first looks into it, and the check against forged forms does
so before the page asks who sent it: files of any size would lie on the disk of a page that takes
none. So this middleware, which comes before, refuses by the size that the request announces:

    who, where                               bytes
    anybody, any page                        SMALL
    somebody signed in, any page             MEDIUM
    the form for deposits                    DEPOSIT_TOGETHER files of the largest size
    somebody signed in, forms that take      what the form takes
    files (staff/upload/, ...)

At most LARGE_AT_ONCE bodies over SMALL are received at a time by each process, LARGE_EACH of them
from one address, and none while the disk would become full: the site must answer meanwhile.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from waymark.documents.storage import receiving
from waymark.web.errors import Explanation, page
from waymark.web.origin import origin_of
from waymark.web.receiving import DEPOSIT_TOGETHER, MIB, MOST_TOGETHER
from waymark.web.serve import PROCESSES

SMALL = 64 * 1024
MEDIUM = 2 * MIB
OVERHEAD = MIB
"""What the other fields and the frame of a form with files may add."""
IMPORT = 10 * MIB
"""What a form takes that imports records or subjects."""
LARGE_AT_ONCE, LARGE_EACH = 4, 2
ROOM = 512 * MIB
"""Free bytes on the disk that no body may take."""


def largest_body(name: str | None, *, signed_in: bool) -> int:
    """Bytes that a request to the page of this name may hold. name: None where there is no page."""
    largest = settings.MAX_UPLOAD_MIB * MIB
    if name == "deposit" and settings.DEPOSITS:
        return DEPOSIT_TOGETHER * largest + OVERHEAD
    if not signed_in:
        return SMALL
    if name == "upload":
        return MOST_TOGETHER * largest + OVERHEAD
    return IMPORT + OVERHEAD if name in {"imports", "load-subjects"} else MEDIUM


class BodyLimits:
    """Middleware: 413, 411, 507 or 503 for a body that is too large, unmeasured or one too many."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.places = Places()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.headers.get("Transfer-Encoding"):
            return _refused(request, UNMEASURED)
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        if size <= SMALL:
            return self.get_response(request)
        if size > largest_body(_name(request), signed_in=request.user.is_authenticated):
            return _refused(request, TOO_LARGE)
        # What is received lies on the disk twice until it is stored. The other processes receive,
        # too: that each has as much under way as this one is the most that is reckoned with.
        under_way = PROCESSES * (self.places.bytes + size)
        if shutil.disk_usage(settings.DATA).free < ROOM + 2 * under_way:
            return _refused(request, NO_ROOM)
        receiving().mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.places.taken_by(origin_of(request), size) as free:
            return self.get_response(request) if free else _refused(request, BUSY)


def _name(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).url_name
    except Resolver404:
        return None


class Places:
    """Places for large bodies that this process receives at a time. bytes: their sizes together."""

    def __init__(self) -> None:
        self.bytes = 0
        self._of: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def taken_by(self, address: str, size: int = 0) -> Iterator[bool]:
        """Take a place for an address and so many bytes; False where none is free for it."""
        with self._lock:
            free = self._of.total() < LARGE_AT_ONCE and self._of[address] < LARGE_EACH
            if free:
                self._of[address] += 1
                self.bytes += size
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._of[address] -= 1
                    self.bytes -= size
                    self._of += Counter()  # forgets addresses with nothing under way


TOO_LARGE = Explanation(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "This is too large",
    "You sent more than this page accepts. Nothing was stored.",
    "Send fewer or smaller files. If you are signed out, sign in and try again.",
)
UNMEASURED = Explanation(
    HTTPStatus.LENGTH_REQUIRED,
    "The size is missing",
    "Your program did not say how large the request is. Nothing was stored.",
    "Send it with a Content-Length header.",
)
NO_ROOM = Explanation(
    HTTPStatus.INSUFFICIENT_STORAGE,
    "There is no room for this file",
    "The disk of this site is almost full. Nothing was stored.",
    "Tell whoever runs this site. Send the file again when they have made room.",
)
BUSY = Explanation(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Too many files are being sent",
    "The site is receiving as many files as it can. Nothing was stored.",
    "Try again in a minute.",
)


def _refused(request: HttpRequest, explanation: Explanation) -> HttpResponse:
    answer = page(request, explanation)
    if explanation.status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer["Retry-After"] = "60"
    return answer
