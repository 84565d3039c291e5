"""Read UTF-8 text files; errors name the line and the byte that is not UTF-8."""

from pathlib import Path

from waymark.core.errors import FileFault, SpecError

REMEDY = "save the file as UTF-8 and try again"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_MOST_FAULTS = 20
"""A file in another encoding has an error on nearly every line; 20 are enough to show."""


def read_utf8(path: Path) -> str:
    """Text of a file with \\n line ends. Raises SpecError for bytes that are not UTF-8."""
    return decode_utf8(path.read_bytes(), file=path.name)


def decode_utf8(content: bytes, *, file: str) -> str:
    """Decode bytes as read_utf8() does. Raises SpecError."""
    if content.startswith(_UTF_16):
        raise SpecError(file, [FileFault(1, f"the file is UTF-16, not UTF-8: {REMEDY}")])
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(file, _encoding_faults(content)) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding_faults(content: bytes) -> list[FileFault]:
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    faults = []
    for number, line in enumerate(lines, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            # Any byte is a character in Latin-1: the one that an old editor shows.
            before = line[: error.start].decode("utf-8")
            character = line[error.start : error.start + 1].decode("latin-1")
            byte = line[error.start]
            perhaps = f" (perhaps {character})" if character.isprintable() else ""
            message = (
                f"byte 0x{byte:02X}{perhaps} at character {len(before) + 1} is not UTF-8: {REMEDY}"
            )
            faults.append(FileFault(number, message))
    return faults[:_MOST_FAULTS]
