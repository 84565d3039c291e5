"""Bytes of a text file -> its characters."""

import re

DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
HEAD = 4_096


def decode_text(content: bytes, *, declared: bool = False) -> tuple[str, list[str]]:
    """Decode a text file: its characters with LF line ends, and warnings about the encoding.

    A byte order mark decides; then UTF-8, if the bytes are sound UTF-8; then, if declared, the
    encoding that an HTML file names; then Windows-1252, dropping bytes that it does not define.
    """
    for mark, name in MARKS:
        if content.startswith(mark):
            return _unify_line_ends(content[len(mark) :].decode(name, "replace")), []
    try:
        return _unify_line_ends(content.decode("utf-8")), []
    except UnicodeDecodeError:
        pass
    declaration = DECLARED.search(content[:HEAD]) if declared else None
    if declaration is not None:
        try:
            return _unify_line_ends(content.decode(declaration[1].decode("ascii"))), []
        except (LookupError, UnicodeDecodeError):
            pass
    warning = "the file does not name its character encoding; Windows-1252 was assumed"
    return _unify_line_ends(content.decode("cp1252", "ignore")), [warning]


def _unify_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
