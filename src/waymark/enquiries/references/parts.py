"""What a reference says: identifiers, years, volume and pages, and its words in order. Pure.

References are written in many styles, and by hand. So a reference is not parsed into fields:
the title of a work of the library is looked for among its words, and what is before and after it
is compared with the other facts of the work.
"""

import re
import unicodedata
from dataclasses import dataclass

from waymark.library.catalogue.duplicates import plain_title
from waymark.library.catalogue.resource_description import isbn13

_DOI = re.compile(r"(?:doi:?\s*|https?://(?:dx\.)?doi\.org/)?\b(10\.\d{4,9}/[^\s\"<>]+)", re.I)
_ISBN = re.compile(r"\bISBN(?:-1[03])?:?\s*((?:97[89][ -]?)?(?:\d[ -]?){9}[\dXx])", re.I)
_BARE_ISBN = re.compile(r"\b97[89][ -]?(?:\d[ -]?){9}\d\b")
_URL = re.compile(r"https?://[^\s<>\"]+", re.I)
_ACCESSED = re.compile(
    r"[(\[]?\b(?:accessed|cited|retrieved|viewed|last accessed)\b:?[^)\]]{0,60}?\b20\d\d\b"
    r"(?:\s+\w{3,9}\.?\s+\d{1,2})?[)\]]?",
    re.I,
)
_YEAR = re.compile(r"\b((?:18|19|20)\d\d)[a-z]?\b")
_YEAR_IN_BRACKETS = re.compile(r"\([^()]{0,20}?\b((?:18|19|20)\d\d)[a-z]?\b[^()]{0,20}\)")
_WORD = re.compile(r"[^\W_]+|&")
_BREAK = re.compile(
    r"[.?!]\s|[\[\]()\u201c\u201d\"\u2018\n]"
    r"|(?<=\s)['\u2019]|['\u2019](?=[\s,.;:]|$)|[.?!]['\u2019]"
)
_PAGES = r"(?:pp?\.?\s*)?([a-z]?\d{1,6})(?:\s*[-\u2013\u2014]\s*([a-z]?\d{1,6}))?"
_VOLUME_ISSUE = re.compile(
    rf"\b(\d{{1,4}})\s*\(\s*([^()]{{1,16}})\)(?:\s*[:,;.]\s*{_PAGES})?", re.I
)
_VOLUME_NUMBER = re.compile(
    rf"\b(\d{{1,4}}),?\s*(?:no|issue|iss)\.?\s*(\d{{1,4}})(?:\s*[:,;]\s*{_PAGES})?", re.I
)
_VOLUME_PAGES = re.compile(rf"(?<![\d-])(\d{{1,4}})\s*[:,]\s*{_PAGES}", re.I)
_VOLUME = re.compile(r"\bvol(?:ume|\.)?\s*(\d{1,4})\b", re.I)
_ISSUE = re.compile(r"\b(?:no|issue|iss)\.?\s*(\d{1,4}(?:\s*[-\u2013]\s*\d{1,4})?)\b", re.I)
_ONLY_PAGES = re.compile(
    r"\bpp?\.?\s*([a-z]?\d{1,6})(?:\s*[-\u2013\u2014]\s*([a-z]?\d{1,6}))?", re.I
)


LONGEST_REFERENCE = 3_000
"""Characters that are read: no reference is as long, and comparing words takes their square."""


@dataclass(frozen=True, slots=True)
class ReferenceWord:
    """A word of a reference. plain: without case and accents; start, end: in its text."""

    plain: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ReferenceText:
    """A reference that was read. text: without addresses, identifiers and dates of access.

    doi, isbn, url: "" without one; isbn: of 13 digits where its check digit is right.
    """

    original: str
    text: str
    words: tuple[ReferenceWord, ...]
    doi: str
    isbn: str
    url: str

    def breaks_after(self, at: int, *, comma: bool = False) -> bool:
        """True if a sentence, a bracket or a quotation ends between a word and the next one.

        comma: a comma counts too.
        """
        if at + 1 >= len(self.words):
            return True
        gap = self.text[self.words[at].end : self.words[at + 1].start]
        return bool(_BREAK.search(gap)) or (comma and any(sign in gap for sign in ",;"))


def read_reference(reference: str) -> ReferenceText:
    """Read one reference, at most LONGEST_REFERENCE characters of it."""
    text = unicodedata.normalize("NFKC", reference[:LONGEST_REFERENCE])
    doi = _DOI.search(text)
    url = next((match[0] for match in _URL.finditer(text) if "doi.org/" not in match[0]), "")
    isbn = _ISBN.search(text) or _BARE_ISBN.search(text)
    number = isbn[isbn.lastindex or 0] if isbn else ""
    plain = text
    for pattern in (_DOI, _URL, _ISBN, _BARE_ISBN, _ACCESSED):
        plain = pattern.sub(" ", plain)
    return ReferenceText(
        original=reference,
        text=plain,
        words=_words_of(plain),
        doi=doi[1].rstrip(".,;)").lower() if doi else "",
        isbn=isbn13(number) or re.sub(r"[ -]", "", number),
        url=url.rstrip(".,;)"),
    )


def _words_of(text: str) -> tuple[ReferenceWord, ...]:
    words = (
        ReferenceWord(plain_word(match[0]), match[0], match.start(), match.end())
        for match in _WORD.finditer(text)
    )
    return tuple(word for word in words if word.plain)


def plain_word(word: str) -> str:
    """A word without case and accents; "&" is "and"."""
    # An article alone is a word too: plain_title() leaves out leading articles of titles.
    return plain_title(word) or word.casefold()


def years_in(text: str) -> tuple[int, ...]:
    """The years of a text without its title: the first in brackets, else all of them."""
    in_brackets = _YEAR_IN_BRACKETS.search(text)
    if in_brackets:
        return (int(in_brackets[1]),)
    return tuple(int(year) for year in _YEAR.findall(text))


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """Volume, issue and pages as far as a reference gives them, "" where it does not."""

    volume: str = ""
    issue: str = ""
    pages: str = ""


def journal_place(text: str) -> JournalPlace:
    """The place in a journal that the text after a title gives.

    "British Journal of Social Work, 41(2), pp. 242-260" and "Br J Soc Work. 2011;41(2):242-60" are
    both volume 41, issue 2, pages 242-260.
    """
    text = re.sub(r"\((?:18|19|20)\d\d[a-z]?\)", " ", text)
    text = re.sub(r"\b(?:18|19|20)\d\d\s*(?:\w{3,9}\s*(?:\d{1,2})?)?;", " ", text)
    whole = _VOLUME_ISSUE.search(text) or _VOLUME_NUMBER.search(text)
    volume, issue, only = _VOLUME.search(text), _ISSUE.search(text), _ONLY_PAGES.search(text)
    if whole:
        pages = _page_range(whole[3], whole[4]) if whole[3] else _range_of(only)
        return JournalPlace(whole[1], whole[2].strip(), pages)
    short = None if volume or only else _VOLUME_PAGES.search(text)
    if short:
        return JournalPlace(short[1], "", _page_range(short[2], short[3]))
    return JournalPlace(volume[1] if volume else "", issue[1] if issue else "", _range_of(only))


def _range_of(match: re.Match[str] | None) -> str:
    return _page_range(match[1], match[2]) if match else ""


def _page_range(first: str, last: str | None) -> str:
    """First and last page; "242", "60" is "242-260"."""
    if not last:
        return first
    if len(last) < len(first) and first.isdigit() and last.isdigit():
        last = first[: len(first) - len(last)] + last
    return f"{first}-{last}"
