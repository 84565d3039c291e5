"""Answers with a file of the disk: with an entity tag, in ranges, compressed where it can be."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from whitenoise.responders import MissingFileError, StaticFile

from waymark.web.middleware.downloads import TimedDownload

GZIP_ENDING = "-gz"


def stored_file(
    request: HttpRequest, path: Path, compressed: Path, headers: dict[str, str]
) -> HttpResponseBase:
    """Answer with a file whose name changes with its content.

    compressed: its copy, sent to those who accept gzip, except in ranges, which are of the plain
    file. Every cache must ask again, so that nobody gets the file of a state that is over. Raises
    FileNotFoundError.
    """
    is_packed = _accepts_gzip(request) and "Range" not in request.headers and compressed.exists()
    # Each encoding has a tag of its own: a client must not join parts of both.
    tag = f'"{path.stem}{GZIP_ENDING if is_packed else ""}"'
    chosen = compressed if is_packed else path
    headers = {**headers, "ETag": tag, "Cache-Control": "private, no-cache"}
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    if not chosen.exists():
        raise FileNotFoundError(chosen)
    answer = get_conditional_response(request, etag=tag) or _whole_or_range(
        request, chosen, tag, headers
    )
    for name in ("ETag", "Cache-Control"):
        answer[name] = headers[name]
    patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


def _whole_or_range(
    request: HttpRequest, path: Path, tag: str, headers: dict[str, str]
) -> HttpResponseBase:
    meta = dict(request.META)
    if request.headers.get("If-Range", tag) != tag:
        meta.pop("HTTP_RANGE", None)
    # Conditions are answered already, by Django, which reads lists of tags as well.
    meta.pop("HTTP_IF_NONE_MATCH", None)
    meta.pop("HTTP_IF_MODIFIED_SINCE", None)
    try:
        found = StaticFile(str(path), list(headers.items())).get_response(request.method, meta)
    except MissingFileError as error:
        raise FileNotFoundError(path) from error
    answer = FileResponse(found.file or (), status=int(found.status))
    pieces = cast(Iterable[bytes], answer.streaming_content)
    answer.streaming_content = TimedDownload(pieces)
    for name, value in found.headers:
        answer[name] = value
    return answer


def _accepts_gzip(request: HttpRequest) -> bool:
    """True if the browser reads gzip: "gzip;q=0" says that it does not."""
    accepted = request.headers.get("Accept-Encoding", "")
    return re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", accepted) is not None
