"""What a cataloguer says of a resource: put in order, checked, told apart from what was there."""

import hashlib
import json
import re
import unicodedata
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal

KINDS = (
    "research-report",
    "thematic-briefing",
    "guidance",
    "statistics",
    "evaluation",
    "training-course",
    "tool",
    "web-page",
)
FIRST_YEAR, LAST_YEAR = 1800, 2100
LONGEST = {
    "title": 300,
    "strapline": 300,
    "conducted_by": 300,
    "publisher": 200,
    "series": 200,
    "covers": 100,
    "nation": 60,
    "language": 10,
    "url": 500,
    "doi": 100,
    "isbn": 20,
}
MOST_AUTHORS, MOST_POINTS, MOST_ENTRIES = 50, 40, 200
MOST_CPD = Decimal(1000)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_URL = re.compile(r"https?://[^\s/?#]+\.[^\s/?#]+\S*|https?://localhost\S*", re.IGNORECASE)
_DOI_PREFIX = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Description:
    """The fields of a resource that people write, as models.Resource explains them.

    kind: one of KINDS. authors: "Surname, First", in order. contents: title and page (None where
    it has none) of each entry.
    """

    kind: str
    title: str
    strapline: str = ""
    authors: tuple[str, ...] = ()
    conducted_by: str = ""
    publisher: str = ""
    series: str = ""
    year: int | None = None
    published_on: date | None = None
    covers: str = ""
    nation: str = ""
    language: str = "en"
    summary: str = ""
    key_points: tuple[str, ...] = ()
    contents: tuple[tuple[str, int | None], ...] = ()
    url: str = ""
    doi: str = ""
    isbn: str = ""
    accessed_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    cpd_hours: Decimal | None = None


FIELDS = tuple(one.name for one in fields(Description))


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a field, as a sentence that says what to do. field: one of FIELDS."""

    field: str
    message: str


def tidied(said: Description) -> Description:
    """The same without stray white space, empty entries, and prefixes of a DOI or an ISBN.

    Where a date of publication is known and no year, the year is that of the date.
    """
    plain = {name: _line(value) for name in FIELDS if isinstance(value := getattr(said, name), str)}
    plain["summary"] = _paragraphs(said.summary)
    plain["doi"] = _DOI_PREFIX.sub("", plain["doi"]).rstrip(".,; ").lower()
    plain["isbn"] = re.sub(r"(?i)^isbn(?:-1[03])?:?\s*|[\s-]", "", plain["isbn"]).upper()
    return Description(
        **plain,
        authors=tuple(name for one in said.authors if (name := _line(one))),
        key_points=tuple(point for one in said.key_points if (point := _line(one))),
        contents=tuple((title, page) for one, page in said.contents if (title := _line(one))),
        year=said.published_on.year if said.year is None and said.published_on else said.year,
        published_on=said.published_on,
        accessed_on=said.accessed_on,
        starts_on=said.starts_on,
        ends_on=said.ends_on,
        cpd_hours=said.cpd_hours,
    )


def _line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _paragraphs(text: str) -> str:
    """The text with single spaces, and one empty line between paragraphs at most."""
    lines = [_line(line) for line in unicodedata.normalize("NFC", text).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def faults(said: Description) -> list[Wrong]:
    """What is wrong with a tidied description, in the order of its fields; empty where nothing."""
    wrong = [
        Wrong(name, f"Use at most {most} characters; there are {len(text)}.")
        for name, most in LONGEST.items()
        if len(text := getattr(said, name)) > most
    ]
    checks = (_of_names, _of_numbers, _of_dates, _of_course)
    wrong += [one for check in checks for one in check(said)]
    return sorted(wrong, key=lambda one: FIELDS.index(one.field))


def _of_names(said: Description) -> list[Wrong]:
    wrong = []
    if said.kind not in KINDS:
        wrong.append(Wrong("kind", "Choose what kind of resource it is."))
    if not said.title:
        wrong.append(Wrong("title", "Enter the title as it stands on the publication."))
    if not _LANGUAGE.fullmatch(said.language):
        wrong.append(Wrong("language", "Give the language as a code, such as en, cy or ga."))
    if said.url and not _URL.fullmatch(said.url):
        wrong.append(Wrong("url", "Enter a whole address that begins with https:// or http://."))
    if said.doi and not _DOI.fullmatch(said.doi):
        wrong.append(Wrong("doi", "A DOI looks like 10.1136/adc.2010.12345."))
    if said.isbn and isbn13(said.isbn) is None:
        wrong.append(Wrong("isbn", "This is no ISBN: a digit is missing or wrong."))
    return wrong


def _of_numbers(said: Description) -> list[Wrong]:
    wrong = []
    if said.year is not None and not FIRST_YEAR <= said.year <= LAST_YEAR:
        wrong.append(Wrong("year", f"Enter a year between {FIRST_YEAR} and {LAST_YEAR}."))
    for name, most in (
        ("authors", MOST_AUTHORS),
        ("key_points", MOST_POINTS),
        ("contents", MOST_ENTRIES),
    ):
        if len(getattr(said, name)) > most:
            wrong.append(Wrong(name, f"Enter at most {most}, one on each line."))
    if any(page is not None and page < 1 for _, page in said.contents):
        wrong.append(Wrong("contents", "Pages are counted from 1."))
    return wrong


def _of_dates(said: Description) -> list[Wrong]:
    wrong = []
    if said.published_on and said.year is not None and said.published_on.year != said.year:
        wrong.append(Wrong("published_on", "The date and the year of publication disagree."))
    if said.starts_on and said.ends_on and said.ends_on < said.starts_on:
        wrong.append(Wrong("ends_on", "The course ends before it begins."))
    return wrong


def _of_course(said: Description) -> list[Wrong]:
    wrong = []
    if said.cpd_hours is not None and not 0 < said.cpd_hours < MOST_CPD:
        wrong.append(Wrong("cpd_hours", "Enter hours above 0, such as 6 or 7.5."))
    if said.kind != "training-course":
        wrong += [
            Wrong(name, "Only a training course has this: leave it empty.")
            for name in ("starts_on", "ends_on", "cpd_hours")
            if getattr(said, name) is not None
        ]
    return wrong


def isbn13(said: str) -> str | None:
    """An ISBN of 10 or 13 digits as 13 digits; None for what is no ISBN."""
    digits = re.sub(r"[\s-]", "", said).upper()
    if re.fullmatch(r"\d{9}[\dX]", digits):
        total = sum(
            (10 - place) * (10 if digit == "X" else int(digit))
            for place, digit in enumerate(digits)
        )
        if total % 11:
            return None
        body = f"978{digits[:9]}"
        return body + _check_digit(body)
    if re.fullmatch(r"97[89]\d{10}", digits) and digits[12] == _check_digit(digits[:12]):
        return digits
    return None


def _check_digit(twelve: str) -> str:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return str(-total % 10)


def differences(ours: Description, theirs: Description) -> list[str]:
    """The names of the fields in which two descriptions differ, in their order."""
    return [name for name in FIELDS if getattr(ours, name) != getattr(theirs, name)]


def version_of(*said: object) -> str:
    """A short mark of what is said: the same for the same, another for anything else.

    said: dataclasses and plain values. A form carries it, so that a change made meanwhile by
    somebody else is noticed.
    """
    plain = [
        asdict(one) if is_dataclass(one) and not isinstance(one, type) else one for one in said
    ]
    return hashlib.sha256(json.dumps(plain, default=str, sort_keys=True).encode()).hexdigest()[:16]
