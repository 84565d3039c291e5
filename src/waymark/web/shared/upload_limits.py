"""Files that come with a form: limits while they are received, not after."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from waymark.core.errors import FileRefused
from waymark.documents.files.uploads import IncomingFile, plain_name
from waymark.web.shared.forms import SiteForm

MIB = 1024 * 1024
FORMATS = "PDF, Word (DOCX), OpenDocument (ODT), HTML, email, Markdown or plain text"
ENDINGS = ".pdf,.docx,.odt,.html,.htm,.mht,.mhtml,.eml,.md,.txt"
"""A hint for browsers: the content decides the format, whatever the name."""
MOST_TOGETHER = 10
"""Files of the largest size that one form may contain: until they are staged, the disk has them
twice."""
DEPOSIT_TOGETHER = 2
"""The same for one deposit: strangers send them."""

STATISTICS = 20 * MIB
"""Largest file of statistics."""


class SizeLimit(FileUploadHandler):
    """Stop storing a file that is too large, and all files once they are too large together.

    The rest of it is read and dropped, so that the answer reaches the browser.
    largest, together: bytes.
    """

    def __init__(self, request: HttpRequest, *, largest: int, together: int) -> None:
        super().__init__(request)
        self.largest, self.together = largest, together
        self.taken = 0
        self.dropped: list[OversizedFile] = []

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """The chunk unchanged. Raises SkipFile if the file is over a limit."""
        # All files of the form together, also the dropped ones: eleven of the largest size are
        # refused although each of them is allowed.
        self.taken += len(raw_data)
        if self.is_exceeded:
            raise SkipFile
        if start + len(raw_data) > self.largest:
            self.dropped.append(OversizedFile(self.file_name, self.largest + 1))
            raise SkipFile
        return raw_data

    @property
    def is_exceeded(self) -> bool:
        """True if the files are too large together."""
        return self.taken > self.together

    def file_complete(self, file_size: int) -> None:
        """None: the next handlers store the file."""


@dataclass(slots=True)
class OversizedFile:
    """A file that was dropped. size: just over the limit, in bytes."""

    name: str | None
    size: int | None

    def chunks(self, chunk_size: int | None = None) -> list[bytes]:
        """No chunks: the file was dropped."""
        return []


class UploadForm(SiteForm):
    """Base of forms with files. limit: watched the files while they were received."""

    def __init__(self, limit: SizeLimit | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.limit = limit

    def received(
        self,
        name: str,
        *,
        most: int = 1,
        too_large: str = "",
        earlier: Sequence[IncomingFile] = (),
    ) -> list[IncomingFile]:
        """The files of a field, with those over the limit. too_large: message to refuse these.

        earlier: files that were kept when the form was refused before.

        Raises ValidationError if there is none, or too much.
        """
        dropped = self.limit.dropped if self.limit else []
        files: list[IncomingFile] = [*earlier, *self.cleaned_data[name], *dropped]
        if too_large and self.limit and (dropped or self.limit.is_exceeded):
            raise ValidationError(too_large)
        if self.limit and self.limit.is_exceeded:
            together = self.limit.together // MIB
            raise ValidationError(
                f"These files are larger than {together} MiB together: add them in several parts."
            )
        if not files:
            raise ValidationError("Choose a file.")
        if len(files) > most:
            raise ValidationError(f"Choose at most {most} files at a time.")
        return files


def unreadable_because(file: IncomingFile, *, largest: int) -> str:
    """The reason why a file is unreadable, from its size and beginning, or "". largest: bytes.

    The sender gets this answer at once; the parser reads the rest later.
    """
    name = plain_name(file.name or "")
    if (file.size or 0) > largest:
        return f"{name} is larger than {largest // MIB} MiB. Send it in parts, or write to us."
    if not file.size:
        return f"{name} is empty. Open it where it came from, and choose it again."
    # Imported only here: the parsers need large libraries, and no other page does.
    from waymark.documents.parsers import HEAD, parser_for

    try:
        parser_for(next(iter(file.chunks()))[:HEAD], name)
    except FileRefused as wrong:
        return f"{name} {wrong.reason}. Choose the report as {FORMATS}."
    return ""
