"""Answers with a file whose name changes with its content, compressed where that is read."""

import re
from pathlib import Path

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from waymark.web.shared.file_answers import file_answer

GZIP_ENDING = "-gz"


def stored_file(
    request: HttpRequest, path: Path, compressed: Path, *, name: str, media_type: str
) -> HttpResponseBase:
    """Answer with a file whose name changes with its content.

    compressed: its copy, sent to those who accept gzip, except in ranges, which are of the plain
    file. Every cache must ask again, so that nobody gets the file of a state that is over. Raises
    FileNotFoundError.
    """
    is_packed = _accepts_gzip(request) and "Range" not in request.headers and compressed.exists()
    chosen = compressed if is_packed else path
    if not chosen.exists():
        raise FileNotFoundError(chosen)
    # Each encoding has a tag of its own: a client must not join parts of both.
    tag = path.stem + (GZIP_ENDING if is_packed else "")
    answer = file_answer(request, chosen, name=name, media_type=media_type, tag=tag)
    if is_packed and answer.status_code == 200:
        answer["Content-Encoding"] = "gzip"
    answer["Cache-Control"] = "private, no-cache"
    patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


def _accepts_gzip(request: HttpRequest) -> bool:
    """True if the browser reads gzip: "gzip;q=0" says that it does not."""
    accepted = request.headers.get("Accept-Encoding", "")
    return re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", accepted) is not None
