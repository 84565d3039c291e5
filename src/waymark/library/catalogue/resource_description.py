"""Description of a resource as a cataloguer enters it: normalised, validated, compared."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from waymark.core.licences import licence_in

KINDS = (
    "research-report",
    "journal-article",
    "book",
    "book-chapter",
    "thesis",
    "inquiry-report",
    "thematic-briefing",
    "guidance",
    "legislation",
    "statistics",
    "evaluation",
    "training-course",
    "tool",
    "web-page",
    "recording",
    "answered-question",
)
FIRST_YEAR, LAST_YEAR = 1800, 2100
MAX_LENGTHS = {
    "title": 300,
    "strapline": 300,
    "conducted_by": 300,
    "publisher": 200,
    "series": 200,
    "report_number": 60,
    "covers": 100,
    "nation": 60,
    "audience": 200,
    "rights_holder": 200,
    "licence": 200,
    "language": 10,
    "url": 500,
    "doi": 100,
    "isbn": 20,
    "evaluated": 300,
    "setting": 300,
    "method": 2_000,
    "sample": 500,
    "limits": 2_000,
    "standard": 500,
    "cost": 300,
    "host_title": 300,
    "volume": 40,
    "issue": 40,
    "pages": 40,
    "edition": 60,
    "place": 200,
    "issn": 20,
    "transcript_url": 500,
}
MOST_AUTHORS, MOST_POINTS, MOST_ENTRIES, MOST_KEYWORDS = 50, 40, 200, 40
MOST_CPD = Decimal(1000)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_ISSN = re.compile(r"(?i)(?:issn:?\s*)?(\d{4})[-\s]?(\d{3}[\dX])")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_URL = re.compile(r"https?://[^\s/?#]+\.[^\s/?#]+\S*|https?://localhost\S*", re.IGNORECASE)
_DOI_PREFIX = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ResourceDescription:
    """The fields of a resource that people write; models.Resource explains them.

    kind: one of KINDS. authors: "Surname, First" or the name of a body, in order. author_bodies:
    those of them that are bodies, None if nobody has said which. contents: title and page (or None)
    of each entry. host_title: of an article the journal, of a chapter the book.
    """

    kind: str
    title: str
    strapline: str = ""
    authors: tuple[str, ...] = ()
    author_bodies: tuple[str, ...] | None = None
    conducted_by: str = ""
    publisher: str = ""
    series: str = ""
    report_number: str = ""
    year: int | None = None
    published_on: date | None = None
    covers: str = ""
    nation: str = ""
    audience: str = ""
    language: str = "en"
    summary: str = ""
    key_points: tuple[str, ...] = ()
    contents: tuple[tuple[str, int | None], ...] = ()
    url: str = ""
    doi: str = ""
    isbn: str = ""
    rights_holder: str = ""
    licence: str = ""
    accessed_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    cpd_hours: Decimal | None = None
    evaluated: str = ""
    setting: str = ""
    method: str = ""
    sample: str = ""
    limits: str = ""
    standard: str = ""
    cost: str = ""
    editors: tuple[str, ...] = ()
    host_title: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    edition: str = ""
    place: str = ""
    issn: str = ""
    keywords: tuple[str, ...] = ()
    transcript_url: str = ""


OF_EVALUATIONS = ("evaluated", "setting", "method", "sample", "limits", "standard", "cost")
"""Fields of evaluations only."""
FIELDS = tuple(field.name for field in fields(ResourceDescription))


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A fault of one field, as a sentence that says what to do. field: one of FIELDS."""

    field: str
    message: str


def tidy_description(entered: ResourceDescription) -> ResourceDescription:
    """Return the description without stray white space, empty entries and DOI or ISBN prefixes.

    A missing year is taken from the date of publication.
    """
    plain: dict[str, Any] = {
        name: _clean_line(value)
        for name in FIELDS
        if isinstance(value := getattr(entered, name), str)
    }
    plain["summary"] = _clean_paragraphs(entered.summary)
    plain["licence"] = licence_in(plain["licence"])
    # "https://doi.org/10.1136/ADC.2010.1." and "doi: 10.1136/adc.2010.1" are the same DOI.
    plain["doi"] = _DOI_PREFIX.sub("", plain["doi"]).rstrip(".,; ").lower()
    plain["issn"] = _issn_form(plain["issn"])
    plain["isbn"] = re.sub(r"(?i)^isbn(?:-1[03])?:?\s*|[\s-]", "", plain["isbn"]).upper()
    authors, bodies = _clean_lines(entered.authors), entered.author_bodies
    return replace(
        entered,
        **plain,
        authors=authors,
        author_bodies=None if bodies is None else _bodies_of(authors, bodies),
        key_points=_clean_lines(entered.key_points),
        editors=_clean_lines(entered.editors),
        keywords=tuple(dict.fromkeys(_clean_lines(entered.keywords))),
        contents=tuple(
            (line, page) for title, page in entered.contents if (line := _clean_line(title))
        ),
        year=_publication_year(entered),
    )


def _bodies_of(authors: tuple[str, ...], bodies: Iterable[str]) -> tuple[str, ...]:
    """The bodies in the order of the authors, without those that are none of them."""
    named = set(_clean_lines(bodies))
    return tuple(name for name in dict.fromkeys(authors) if name in named)


def _publication_year(entered: ResourceDescription) -> int | None:
    if entered.year is None and entered.published_on:
        return entered.published_on.year
    return entered.year


def _issn_form(text: str) -> str:
    """An ISSN as it is printed, "0145-2134"; another text as it is, for the message about it."""
    match = _ISSN.fullmatch(text)
    return f"{match[1]}-{match[2].upper()}" if match else text


def _clean_lines(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(line for text in texts if (line := _clean_line(text)))


def _clean_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _clean_paragraphs(text: str) -> str:
    """The text with single spaces, and at most one empty line between paragraphs."""
    lines = [_clean_line(line) for line in unicodedata.normalize("NFC", text).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def description_faults(description: ResourceDescription) -> list[FieldFault]:
    """Return the faults of a tidied description, in the order of its fields."""
    wrong = [
        FieldFault(name, f"Use {most} characters or fewer. You have used {len(text)}.")
        for name, most in MAX_LENGTHS.items()
        if len(text := getattr(description, name)) > most
    ]
    checks = (_name_faults, _number_faults, _date_faults, _course_faults, _evaluation_faults)
    wrong += [fault for check in checks for fault in check(description)]
    return sorted(wrong, key=lambda fault: FIELDS.index(fault.field))


def _name_faults(description: ResourceDescription) -> list[FieldFault]:
    wrong = []
    if description.kind not in KINDS:
        wrong.append(FieldFault("kind", "Select what kind of resource it is."))
    if not description.title:
        wrong.append(FieldFault("title", "Enter the title as printed on the publication."))
    if not _LANGUAGE.fullmatch(description.language):
        wrong.append(FieldFault("language", "Enter the language as a code, such as en, cy or ga."))
    if description.url and not _URL.fullmatch(description.url):
        wrong.append(
            FieldFault("url", "Enter a full web address that starts with https:// or http://.")
        )
    if description.doi and not _DOI.fullmatch(description.doi):
        wrong.append(FieldFault("doi", "Enter a DOI in the form 10.1136/adc.2010.12345."))
    if description.isbn and isbn13(description.isbn) is None:
        wrong.append(FieldFault("isbn", "Check the ISBN: a digit is missing or wrong."))
    return wrong + _source_faults(description)


def _source_faults(description: ResourceDescription) -> list[FieldFault]:
    wrong = []
    if description.issn and not valid_issn(description.issn):
        wrong.append(FieldFault("issn", "Check the ISSN: a digit is missing or wrong."))
    if description.transcript_url and not _URL.fullmatch(description.transcript_url):
        wrong.append(
            FieldFault("transcript_url", "Enter a full web address that starts with https://.")
        )
    return wrong


def _number_faults(description: ResourceDescription) -> list[FieldFault]:
    wrong = []
    if description.year is not None and not FIRST_YEAR <= description.year <= LAST_YEAR:
        wrong.append(FieldFault("year", f"Enter a year between {FIRST_YEAR} and {LAST_YEAR}."))
    for name, most in (
        ("authors", MOST_AUTHORS),
        ("editors", MOST_AUTHORS),
        ("keywords", MOST_KEYWORDS),
        ("key_points", MOST_POINTS),
        ("contents", MOST_ENTRIES),
    ):
        if len(getattr(description, name)) > most:
            wrong.append(FieldFault(name, f"Enter {most} or fewer, one on each line."))
    if any(page is not None and page < 1 for _, page in description.contents):
        wrong.append(FieldFault("contents", "Page numbers must be 1 or more."))
    return wrong


def _date_faults(description: ResourceDescription) -> list[FieldFault]:
    wrong = []
    published, year = description.published_on, description.year
    if published and year is not None and published.year != year:
        wrong.append(
            FieldFault("published_on", "The date and the year of publication do not match.")
        )
    starts, ends = description.starts_on, description.ends_on
    if starts and ends and ends < starts:
        wrong.append(FieldFault("ends_on", "The course must end on or after the day it starts."))
    return wrong


def _course_faults(description: ResourceDescription) -> list[FieldFault]:
    wrong = []
    if description.cpd_hours is not None and not 0 < description.cpd_hours < MOST_CPD:
        wrong.append(FieldFault("cpd_hours", "Enter more than 0 hours, such as 6 or 7.5."))
    if description.kind != "training-course":
        wrong += [
            FieldFault(name, "Leave this empty: it is only for training courses.")
            for name in ("starts_on", "ends_on", "cpd_hours")
            if getattr(description, name) is not None
        ]
    return wrong


def _evaluation_faults(description: ResourceDescription) -> list[FieldFault]:
    if description.kind == "evaluation":
        return []
    return [
        FieldFault(name, "Leave this empty: it is only for evaluations.")
        for name in OF_EVALUATIONS
        if getattr(description, name)
    ]


def isbn13(isbn: str) -> str | None:
    """Return an ISBN of 10 or 13 digits as 13 digits; None for an invalid one.

    An ISBN-10 weighs its digits 10 to 1 (X is 10) and is a multiple of 11: 0-306-40615-2 gives
    0*10 + 3*9 + 0*8 + 6*7 + 4*6 + 0*5 + 6*4 + 1*3 + 5*2 + 2*1 = 132 = 12 * 11, and becomes
    978030640615 with the check digit 7.
    """
    digits = re.sub(r"[\s-]", "", isbn).upper()
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


def valid_issn(issn: str) -> bool:
    """True for an ISSN with the right check digit.

    It weighs its digits 8 to 1 (X is 10) and is a multiple of 11: 0145-2134 gives
    0*8 + 1*7 + 4*6 + 5*5 + 2*4 + 1*3 + 3*2 + 4*1 = 77 = 7 * 11.
    """
    match = _ISSN.fullmatch(issn)
    if match is None:
        return False
    digits = (match[1] + match[2]).upper()
    total = sum(
        (8 - place) * (10 if digit == "X" else int(digit)) for place, digit in enumerate(digits)
    )
    return total % 11 == 0


def _check_digit(twelve: str) -> str:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return str(-total % 10)


def changed_fields(ours: ResourceDescription, theirs: ResourceDescription) -> list[str]:
    """The names of the fields in which two descriptions differ, in their order."""
    return [name for name in FIELDS if getattr(ours, name) != getattr(theirs, name)]


def version_of(*values: object) -> str:
    """Short hash of a description, used to detect concurrent edits.

    values: dataclasses and plain values. A form carries the hash, so that a change saved by
    someone else in the meantime is noticed.
    """
    plain = [
        asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
        for value in values
    ]
    return hashlib.sha256(json.dumps(plain, default=str, sort_keys=True).encode()).hexdigest()[:16]
