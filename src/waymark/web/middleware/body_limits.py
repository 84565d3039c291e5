"""Limits on the size of requests, checked before any of the body is read or stored.

Django parses a form on first access, and the CSRF check does so before the view checks who sent
it: without this middleware, files of any size would reach the disk through a page that accepts
none. So it refuses requests early, by the size in their Content-Length:

    who, where                               bytes
    anybody, any page                        SMALL
    a signed-in person, any page             MEDIUM
    a device where someone signed in before  MEDIUM
    the form for deposits                    DEPOSIT_TOGETHER files of the largest size
    a signed-in person, forms with files     the limit of the form
    (staff/upload/, ...)

Each process receives at most LARGE_AT_ONCE bodies over SMALL at a time, LARGE_EACH of them from one
network and OF_STRANGERS of them without an account, and none that would fill the disk, so that the
site can still answer other requests, and staff can work while strangers send.

A refusal costs next to nothing: a visitor gets a page that is made once, and no line in the log.
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

from waymark.documents.files.storage import receiving_folder
from waymark.web.middleware.errors import ErrorExplanation, error_page, plain_page
from waymark.web.server.serve import PROCESSES
from waymark.web.shared.client_address import client_network
from waymark.web.shared.known_device import known_device
from waymark.web.shared.upload_limits import DEPOSIT_TOGETHER, MIB, MOST_TOGETHER, STATISTICS

SMALL = 64 * 1024
MEDIUM = 2 * MIB
OVERHEAD = MIB
"""Bytes for the other fields and the multipart framing of a form with files."""
IMPORT = 10 * MIB
"""Largest file that can be imported as records or subjects."""
UNREAD = "/alerts/unsubscribe/"
"""Addresses to which mail programs send any body, which nobody reads (RFC 8058)."""
LARGE_AT_ONCE, LARGE_EACH, OF_STRANGERS = 4, 2, 2
ROOM = 512 * MIB
"""Bytes on the disk that must stay free."""


def largest_body(name: str | None, *, signed_in: bool, known: bool = False) -> int:
    """Largest body, in bytes, for the page of this name. name: None if there is no page.

    known: somebody has signed in on this device before.
    """
    largest = settings.MAX_UPLOAD_MIB * MIB
    if name == "deposit" and settings.DEPOSITS:
        return DEPOSIT_TOGETHER * largest + OVERHEAD
    if not signed_in:
        return MEDIUM if known else SMALL
    if name in {"coding-exchange", "import-codebook"}:
        return largest + OVERHEAD
    if name == "upload":
        return MOST_TOGETHER * largest + OVERHEAD
    imported = {"imports": IMPORT, "load-subjects": IMPORT, "import-statistics": STATISTICS}
    return imported[name] + OVERHEAD if name in imported else MEDIUM


class BodyLimits:
    """Middleware: 413 too large, 411 size missing, 507 disk full, 503 too many bodies at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.places = LargeBodySlots()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(UNREAD) and _page_name(request) == "alert-unsubscribe":
            return self.get_response(request)
        # Chunked bodies do not announce their size, so no limit could be checked in advance.
        if request.headers.get("Transfer-Encoding"):
            return _refusal(request, UNMEASURED)
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        if size <= SMALL:
            return self.get_response(request)
        signed_in = request.user.is_authenticated
        # Who was signed out while they typed does not lose a long text: see kept_forms.py.
        known = not signed_in and known_device(request) is not None
        if size > largest_body(_page_name(request), signed_in=signed_in, known=known):
            return _refusal(request, TOO_LARGE)
        # A file is on the disk twice until it is stored: as Django's temporary file and as ours.
        # Other processes receive files too; assume that each receives as much as this one.
        # Example: 2 processes, 100 MiB in progress and 50 MiB new need 2 * 2 * 150 = 600 MiB.
        under_way = PROCESSES * (self.places.bytes + size)
        if shutil.disk_usage(settings.DATA).free < ROOM + 2 * under_way:
            return _refusal(request, NO_ROOM)
        receiving_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        network = client_network(request)
        with self.places.taken_by(network, size, signed_in=signed_in) as free:
            return self.get_response(request) if free else _refusal(request, BUSY)


def _refusal(request: HttpRequest, explanation: ErrorExplanation) -> HttpResponse:
    if request.user.is_authenticated:
        return error_page(request, explanation)
    answer = plain_page(explanation)
    # Django writes a line for each answer of 400 and over, unless it is marked as written: whoever
    # sends large bodies all day would fill the disk with lines.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def _page_name(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).url_name
    except Resolver404:
        return None


class LargeBodySlots:
    """Places for the large bodies that this process receives. bytes: their total size."""

    def __init__(self) -> None:
        self.bytes = 0
        self._of: Counter[str] = Counter()
        self._strangers = 0
        self._lock = Lock()

    @contextmanager
    def taken_by(self, network: str, size: int = 0, *, signed_in: bool = True) -> Iterator[bool]:
        """Take a place for a body of size bytes from a network; yields False if none is free."""
        stranger = int(not signed_in)
        with self._lock:
            free = (
                self._of.total() < LARGE_AT_ONCE
                and self._of[network] < LARGE_EACH
                and self._strangers + stranger <= OF_STRANGERS
            )
            if free:
                self._of[network] += 1
                self._strangers += stranger
                self.bytes += size
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._of[network] -= 1
                    self._strangers -= stranger
                    self.bytes -= size
                    self._of += Counter()  # drops networks that have no body in progress


TOO_LARGE = ErrorExplanation(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "This is too large",
    "You sent more than this page accepts. Nothing was stored.",
    "Send fewer or smaller files. If you are signed out, sign in and try again.",
)
UNMEASURED = ErrorExplanation(
    HTTPStatus.LENGTH_REQUIRED,
    "The size is missing",
    "Your software did not send the size of the request. Nothing was stored.",
    "Send it with a Content-Length header.",
)
NO_ROOM = ErrorExplanation(
    HTTPStatus.INSUFFICIENT_STORAGE,
    "There is no space for this file",
    "The disk of this site is almost full. Nothing was stored.",
    "Tell the people who run this site. Send the file again when they have freed some space.",
)
BUSY = ErrorExplanation(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Too many files are being sent",
    "The site is receiving as many files as it can. Nothing was stored.",
    "Try again in a minute.",
    retry_after=60,
)
