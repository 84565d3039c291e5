"""Files sent with a validator, and in part if a browser asks for a part (RFC 9110)."""

import re
import time
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from waymark.documents.files.originals import StoredContent

PIECE = 64 * 1024
"""Bytes that are read at a time to hash a file."""
WAITING_SECONDS = 60.0
"""Waiting time allowed to a client over a whole download, besides SLOWEST."""
SLOWEST = 32 * 1024
"""Bytes a second that a client must read, on average over the time spent waiting for it."""
ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def file_answer(
    request: HttpRequest,
    content: bytes | Path | StoredContent,
    *,
    name: str,
    media_type: str,
    tag: str = "",
    attachment: bool = True,
) -> HttpResponseBase:
    """A file whose address may give other bytes later. tag: hash of the content, if known;
    it must be given for content without a path.

    304 if the browser has these bytes; 206 for one range of them, if If-Range does not say that the
    rest is of other bytes; 416 for a range outside. Several ranges at once get the whole file: RFC
    9110 allows that, they cost much, and no browser needs them.
    """
    etag = f'"{tag or _hash_of(content)}"'
    known = get_conditional_response(request, etag=etag)
    answer = known if known is not None else _whole_or_part(request, content, etag)
    if answer.status_code in {200, 206}:
        kind = "attachment" if attachment else "inline"
        answer["Content-Type"] = media_type
        answer["Content-Disposition"] = f'{kind}; filename="{name}"'
    answer["ETag"] = etag
    answer["Accept-Ranges"] = "bytes"
    return answer


def _hash_of(content: bytes | Path | StoredContent) -> str:
    if isinstance(content, bytes):
        return sha256(content).hexdigest()[:32]
    if not isinstance(content, Path):
        raise TypeError("content without a path needs a tag")
    digest = sha256()
    with content.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()[:32]


def _whole_or_part(
    request: HttpRequest, content: bytes | Path | StoredContent, etag: str
) -> HttpResponseBase:
    size = _size_of(content)
    part = _part_of(request, size, etag)
    if part is None:
        return _body(content, 0, size, status=200)
    first, last = part
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    answer = _body(content, first, last - first + 1, status=206)
    answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    return answer


def _size_of(content: bytes | Path | StoredContent) -> int:
    match content:
        case bytes():
            return len(content)
        case Path():
            return content.stat().st_size
        case _:
            return content.size


def _body(
    content: bytes | Path | StoredContent, first: int, length: int, *, status: int
) -> HttpResponseBase:
    """Response with `length` bytes from `first` on; a file is streamed."""
    if isinstance(content, bytes):
        return HttpResponse(content[first : first + length], status=status)
    if isinstance(content, Path):
        file: BinaryIO = content.open("rb")
        file.seek(first)
    else:
        file, first = content.open_part(first, length), 0
    answer = FileResponse(FilePart(file, first, length), status=status)
    answer["Content-Length"] = str(length)
    return answer


def _part_of(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """First and last byte of the range asked for; None for the whole file.

    Of 100 bytes "bytes=90-" and "bytes=-10" are (90, 99) and "bytes=0-500" is (0, 99).
    "bytes=100-" is (100, 99): first > last, so it is outside.
    """
    # A date in If-Range never matches: only the tag is sent, so whoever has a date has other bytes.
    if request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    match = ONE_RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if match is None or match[0] == "bytes=-":
        return None
    begin, end = match[1], match[2]
    if not begin:
        # The last bytes: none of them ("-0") is outside.
        return max(0, size - int(end)) if int(end) else size, size - 1
    if end and int(end) < int(begin):
        return None  # not a range: RFC 9110 says to ignore it
    return int(begin), min(int(end or size), size - 1)


class FilePart:
    """The next `length` bytes of an open file, of which `first` is the first.

    A server that can sends them from the file itself (web/server/file_sender.py). Others read them
    here, until the client has been too slow. The response closes it, also if nobody reads it.
    """

    def __init__(self, file: BinaryIO, first: int, length: int) -> None:
        self.file, self.first, self.length = file, first, length
        self._sent, self._waited, self._given = 0, 0.0, 0.0

    def fileno(self) -> int:
        """Number of the open file."""
        return self.file.fileno()

    def read(self, size: int) -> bytes:
        """At most size bytes. Raises TimeoutError if the client took the last ones too slowly."""
        if self._given:
            self._waited += time.monotonic() - self._given
        if self._waited > WAITING_SECONDS + self._sent / SLOWEST:
            raise TimeoutError("the client reads the download too slowly")
        piece = self.file.read(min(size, self.length - self._sent))
        self._sent += len(piece)
        self._given = time.monotonic()
        return piece

    def close(self) -> None:
        """Close the file."""
        self.file.close()
