"""Bytes of a text file -> its characters.

In this order: the encoding that a person names; a byte order mark; the zeros of UTF-16; UTF-8,
where the bytes are sound or nearly sound UTF-8; the encoding that the file names, read as browsers
read it; else a guess between six encodings.
"""

# Example of the guess: byte 0xD5 in "child?s" is an apostrophe in Mac Roman and a capital O with a
# tilde in Windows-1252. A capital between small letters is implausible, so Mac Roman wins.

import codecs
import re
from collections.abc import Iterator

from waymark.core.errors import FileRefused
from waymark.documents.parsers.flow import without_parts
from waymark.documents.parsers.letters import plausibility

DECLARED = re.compile(
    r"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|"
    r"^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([\w.:-]{2,40})[\"']",
    re.IGNORECASE | re.ASCII,
)
MOST_HEAD = 1_048_576  # bytes in which a declaration is looked for
MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# Labels that browsers read as a larger encoding than the one they name (the WHATWG standard), and
# labels that Python does not know.
LABELS = {
    **dict.fromkeys(
        ("iso8859-1", "iso-8859-1", "latin-1", "latin1", "l1", "ascii", "us-ascii", "ansi"),
        "cp1252",
    ),
    **dict.fromkeys(("x-mac-roman", "macintosh", "mac", "mac-roman", "macroman"), "mac-roman"),
    **dict.fromkeys(("shift-jis", "sjis", "x-sjis", "ms-kanji", "windows-31j"), "cp932"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk", "chinese"), "gb18030"),
    **dict.fromkeys(("euc-kr", "ks-c-5601-1987", "korean"), "cp949"),
    **dict.fromkeys(("iso-8859-9", "latin5", "l5"), "cp1254"),
    **dict.fromkeys(("iso-8859-11", "tis-620"), "cp874"),
    "big5": "big5hkscs",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "unicode": "utf-8",
    "utf8": "utf-8",
}
NAMES = {
    "cp1252": "Windows-1252",
    "mac-roman": "Mac Roman",
    "cp1250": "Windows-1250",
    "iso8859-2": "ISO-8859-2 (Latin-2)",
    "iso8859-14": "ISO-8859-14 (Celtic)",
    "cp932": "Shift_JIS",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-8": "UTF-8",
}
# Encodings to guess between, with what each is short of certainty: the reports are in English,
# Welsh and Irish, and most come from Windows.
GUESSES = {
    "cp1252": 0.0,
    "mac-roman": 0.05,
    "iso8859-14": 0.1,
    "cp1250": 0.15,
    "iso8859-2": 0.16,
    "cp932": 0.2,
}
SYLLABLES = re.compile("[\u3040-\u30ff]{2}")  # no Japanese text is without them
SAMPLE = 262_144  # bytes
CLEAR = 0.1  # a lead over the next guess that makes the first certain enough
LEAST = 0.5  # a plausibility that does, from -1 to 1
# Cyrillic and Greek letters have the bytes of accented Latin ones, but no Latin alphabet writes
# words of these alone.
ACCENTED = r"[^\W\d_a-zA-Z]"
ALL_ACCENTS = re.compile(rf"\b{ACCENTED}{{3,}}\b|{ACCENTED}{{4,}}")
OTHER_ALPHABET = (
    "but it may be in another alphabet, such as Cyrillic or Greek: "
    "compare the letters, or name the encoding"
)
UNCERTAIN = "which is not certain: compare letters with accents, or name the encoding"


def decode_text(
    content: bytes, file_name: str = "the file", *, declared: str = "", chosen: str = ""
) -> tuple[str, list[str]]:
    """Decode a text file: its characters with LF line ends, and warnings about the encoding.

    declared: label of the encoding that the file names; chosen: that a person names. Raises
    FileRefused if the file is not in the chosen encoding.
    """
    if chosen:
        return _unify_line_ends(_decode_as_chosen(content, file_name, chosen)), []
    text, warnings = _decode_by_content(content, codec_for(declared))
    return _unify_line_ends(text), warnings


def codec_for(label: str) -> str:
    """Python's name of the encoding that a label stands for on the web; "" if there is none."""
    plain = label.strip().lower().replace("_", "-")
    name = LABELS.get(plain, plain)
    try:
        codec = codecs.lookup(name).name if name else ""
        "".encode(codec or "utf-8")  # "base64" is a codec of Python, but not of text
    except (LookupError, ValueError):
        return ""
    # ISO-8859-2 is "iso8859-2" there and UTF-7, which no browser reads any more, can hide markup.
    return "" if codec == "utf-7" else codec


def declared_encoding(content: bytes) -> str:
    """Label of the encoding that markup names, however late; "" if none. Comments do not count."""
    markup = content[:MOST_HEAD].decode("latin-1")
    match = DECLARED.search(without_parts(markup, "<!--", "-->"))
    return (match[1] or match[2]) if match is not None else ""


def wide_encoding(content: bytes) -> str:
    """The encoding of a text in UTF-16 without a mark, by the places of its zeros; else "".

    Example: "The" is 54 00 68 00 65 00 with the low byte first, so every second byte is zero.
    """
    sample = content[:4_096]
    pairs = len(sample) // 2
    if pairs < 2:
        return ""
    first, second = sample[0 : 2 * pairs : 2], sample[1 : 2 * pairs : 2]
    zeros = first.count(0), second.count(0)
    for these, others, name in ((1, 0, "utf-16-le"), (0, 1, "utf-16-be")):
        if zeros[these] > 0.6 * pairs and zeros[others] <= 0.01 * pairs:
            return name
    return ""


def _decode_as_chosen(content: bytes, file_name: str, chosen: str) -> str:
    codec = codec_for(chosen)
    for mark, name in MARKS:
        if content.startswith(mark) and name.startswith(codec):
            return content[len(mark) :].decode(name, "replace")
    text = _decode_soundly(content, codec)
    if text is None:
        raise FileRefused(
            file_name,
            f"is not in the encoding {chosen}",
            "Name another encoding, or none, so that it is found by the content",
        )
    return text


def _decode_by_content(content: bytes, declared: str) -> tuple[str, list[str]]:
    for mark, name in MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace"), []
    if wide := wide_encoding(content):
        warning = "the file does not name its character encoding; UTF-16 was assumed"
        return content.decode(wide, "replace"), [warning]
    if declared.startswith("iso2022") and b"\x1b" in content:
        return content.decode(declared, "replace"), []
    text = _decode_soundly(content, "utf-8")
    if text is None and (mixed := _nearly_utf_8(content)):
        return mixed
    if text is None and declared and not declared.startswith(("utf-8", "utf-16")):
        text = _decode_soundly(content, declared)
    return _guess(content) if text is None else (text, [])


def _decode_soundly(content: bytes, codec: str) -> str | None:
    """The text; None if the bytes are not sound in this encoding."""
    try:
        # Browsers read the five bytes that Windows-1252 does not define as control characters.
        return content.decode(codec, "ignore" if codec == "cp1252" else "strict")
    except (LookupError, UnicodeError):
        return None


def _nearly_utf_8(content: bytes) -> tuple[str, list[str]] | None:
    """UTF-8 with a few bytes of Windows-1252 between, as after pasting; None for anything else."""
    text = content.decode("utf-8", "surrogateescape")
    wrong = len(re.findall("[\udc80-\udcff]", text))
    sound = len(re.findall("[\x80-\ud7ff\ue000-\U0010ffff]", text))
    if sound < 10 * wrong:
        return None
    mended = re.sub(
        "[\udc80-\udcff]+",
        lambda part: part[0].encode("utf-8", "surrogateescape").decode("cp1252", "ignore"),
        text,
    )
    bytes_ = "1 byte is" if wrong == 1 else f"{wrong:,} bytes are"
    return mended, [f"{bytes_} not UTF-8, unlike the rest; Windows-1252 was assumed for them"]


def _guess(content: bytes) -> tuple[str, list[str]]:
    ranked = sorted(_ranked(content), reverse=True)
    best, name, sample = ranked[0]
    # Another encoding that gives the same words is no other answer.
    others = [score for score, _, other in ranked[1:] if other != sample]
    warning = f"the file does not name its character encoding; {NAMES[name]} was assumed"
    if name != "cp932" and ALL_ACCENTS.search(sample):
        warning = f"{warning}, {OTHER_ALPHABET}"
    elif best < LEAST or (others and best - others[0] < CLEAR):
        warning = f"{warning}, {UNCERTAIN}"
    return content.decode(name, "ignore"), [warning]


def _ranked(content: bytes) -> Iterator[tuple[float, str, str]]:
    """Plausibility, name and text of a sample for each encoding to guess between."""
    first = re.search(rb"[\x80-\xff]", content)
    start = max(0, (first.start() if first else 0) - 100)
    sample = content[start : start + SAMPLE]
    for name, short in GUESSES.items():
        # Two-byte encodings may fail at the edges of the sample alone.
        text = sample.decode(name, "replace")
        is_japanese = name != "cp932" or SYLLABLES.search(text) is not None
        yield plausibility(text) - short if is_japanese else -1.0, name, text


def _unify_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
