"""Convert a reference of named fields to a record, whatever its format calls them.

A format is data: which of its fields has the title, which types are which kinds. Example, of RIS:
TY JOUR, T2 "Child Abuse Review", VL 12, XX "seen" -> an article in the journal, volume 12, and the
note "fields not taken: XX (seen)". What was not read is always told.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.library.catalogue.author_names import bodies_among
from waymark.library.exchange.readers.markup import without_markup
from waymark.library.exchange.readers.names import names_in
from waymark.library.exchange.readers.result import (
    CandidateRecord,
    clean_line,
    clean_lines,
    clean_paragraphs,
    day_in,
    doi_in,
    first_in,
    isbns_and_issns,
    kind_in,
    language_in,
    language_note,
    url_in,
    year_in,
)
from waymark.library.exchange.readers.rights import rights_in
from waymark.library.exchange.readers.statements import read_statements
from waymark.library.exchange.record import ARTICLE, RecordData
from waymark.library.exchange.statements import ORGANISATION, PERSON

BODY = "\x02"
"""Before a name that its format says is a body's, as BibTeX does by braces."""
IN_HOST = frozenset({ARTICLE, "book-chapter"})
"""Kinds of works that are part of a journal or a book."""
MOST_NAMED = 20
"""Fields that one note names."""
EMPTY = frozenset({""})
NOTHING = frozenset({"", "NA", "N/A", "null", "undefined"})
"""What programs write for no value."""
DOI_IN_URL = re.compile(r"(?i)^https?://(?:dx\.)?doi\.org/10\.")


class ReferenceFields:
    """Fields of one reference, name -> values in order; each value is read once.

    literal: "NA" is a value, as in a file that Waymark wrote.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]], *, literal: bool = False) -> None:
        self._values: dict[str, list[str]] = {}
        nothing = EMPTY if literal else NOTHING
        for name, value in pairs:
            if value.strip() not in nothing:
                self._values.setdefault(name, []).append(value)

    def every(self, names: Iterable[str]) -> list[str]:
        """All values of these fields, which are read then."""
        return [value for name in names for value in self._values.pop(name, ())]

    def first(self, names: Iterable[str]) -> str:
        """The first value of the first field that has one; equal values of the others are read."""
        named = [name for name in names if name in self._values]
        if not named:
            return ""
        chosen = self._values[named[0]][0]
        plain = _folded(chosen)
        for name in named:
            if left := [value for value in self._values[name] if _folded(value) != plain]:
                self._values[name] = left
            else:
                del self._values[name]
        return chosen

    def unread(self) -> list[tuple[str, str]]:
        """Names and values that nobody has read."""
        return [(name, value) for name, values in self._values.items() for value in values]


def _folded(value: str) -> str:
    return " ".join(value.casefold().split())


@dataclass(frozen=True, slots=True)
class ReferenceForm:
    """The fields of a format: property of a record -> names of its fields there, the best first.

    kinds: its types in small letters -> kind. silent: fields of the program alone, such as the date
    of the export, that nobody misses. keyword_signs: regular expression between two keywords.
    tells_bodies: it says of each author whether that is a body.
    """

    names: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, str]
    silent: frozenset[str] = field(default=frozenset())
    keyword_signs: str = r"[;\n]"
    tells_bodies: bool = False


def candidate_of(
    fields: ReferenceFields, form: ReferenceForm, place: str, *, literal: bool = False
) -> CandidateRecord:
    """The record of a reference, with notes of what is doubtful and what was not taken.

    literal: texts have no signs of HTML, as in a file that Waymark wrote.
    """
    reading = _Reading(fields, form, literal=literal)
    data = reading.record()
    return CandidateRecord(data, place, notes=(*reading.notes, *_unread_note(fields, form)))


def _unread_note(fields: ReferenceFields, form: ReferenceForm) -> list[str]:
    unread = [(name, value) for name, value in fields.unread() if name not in form.silent]
    named = [f"{name} ({clean_line(value)[:40]})" for name, value in unread[:MOST_NAMED]]
    more = [f"{len(unread) - MOST_NAMED} more"] if len(unread) > MOST_NAMED else []
    return [f"fields not taken: {', '.join([*named, *more])}"] if named else []


class _Reading:
    """Reads the properties of one record; notes: doubts about values."""

    def __init__(self, fields: ReferenceFields, form: ReferenceForm, *, literal: bool) -> None:
        self.fields, self.form, self.literal = fields, form, literal
        self.notes: list[str] = []

    def _every(self, name: str) -> list[str]:
        return self.fields.every(self.form.names.get(name, ()))

    def _first(self, name: str) -> str:
        return self.fields.first(self.form.names.get(name, ()))

    def _text(self, value: str) -> str:
        return value if self.literal else without_markup(value)

    def _line(self, name: str) -> str:
        return clean_line(self._text(self._first(name)))

    def record(self) -> RecordData:
        """The record."""
        types = self._every("type")
        kind = first_in(types, self._kind_of)
        labels = self._every("kind")
        kind = first_in(labels, kind_in) or kind
        stated = self._stated()
        kind = stated.pop("kind", "") or kind
        title, strapline = self._titles()
        values: dict[str, Any] = {
            "kind": kind,
            "title": title,
            "strapline": strapline,
            "review_type": first_in(labels, lambda text: "" if kind_in(text) else clean_line(text)),
            **self._names(stated),
            **self._host(kind),
            **self._dates(),
            **self._numbers(),
            "publisher": self._line("publisher"),
            "place": self._line("place"),
            "edition": self._line("edition"),
            "language": self._language(),
            "abstract": self._abstract(),
            "keywords": self._keywords(),
        }
        return RecordData(**{**values, **{name: value for name, value in stated.items() if value}})

    def _kind_of(self, text: str) -> str:
        label = clean_line(text).lower()
        return self.form.kinds.get(label) or kind_in(label)

    def _stated(self) -> dict[str, Any]:
        """What the notes of a Waymark file state, and rights; other notes are told as not taken."""
        notes = self._every("notes")
        stated, others = read_statements(notes) if self.literal else ({}, notes)
        rights = rights_in([*self._every("rights")])
        from_notes = rights_in(others, stated_only=True)
        left = [note for note in others if not _is_rights(note)]
        if left:
            self.notes += [f"note not taken: {clean_line(note)[:100]}" for note in left[:5]]
        return {**{name: rights[name] or from_notes[name] for name in rights}, **stated}

    def _titles(self) -> tuple[str, str]:
        """Title and strapline; "Crossing: a study" is divided where "Crossing" is the short one."""
        title, strapline = self._line("title"), self._line("strapline")
        short = clean_line(self._text(self._first("short_title")))
        if not title:
            return short, strapline
        if not strapline and short and title.startswith(f"{short}: "):
            return short, title.removeprefix(f"{short}: ").strip()
        if short and short != title and not self.literal:
            self.notes.append(f"short title not taken: {short[:100]}")
        return title, strapline

    def _names(self, stated: dict[str, Any]) -> dict[str, Any]:
        # In a file of our own each field is one name, whatever signs are in it.
        read = clean_lines if self.literal else names_in
        marked = [self._text(name) for name in self._every("authors")]
        authors = [
            (name, value.startswith(BODY))
            for value in marked
            for name in (clean_lines([value]) if value.startswith(BODY) else read([value]))
        ]
        authors += [(name, True) for name in clean_lines(self._every("bodies"))]
        editors = read(self._text(name) for name in self._every("editors"))
        names = tuple(dict.fromkeys(name for name, _ in authors))
        bodies = {name for name, body in authors if body}
        tells_bodies = self.form.tells_bodies
        organisations, persons = (stated.pop(name, ()) for name in (ORGANISATION, PERSON))
        if not tells_bodies and (self.literal or bodies):
            bodies |= set(bodies_among(names, bodies=organisations, persons=persons))
            tells_bodies = True
        named = tuple(name for name in names if name in bodies)
        return {
            "authors": names,
            "author_bodies": named if tells_bodies else None,
            "editors": editors,
        }

    def _host(self, kind: str) -> dict[str, str]:
        """Journal or book with the place in it, series and report number, by the kind."""
        journal, second = self._line("journal"), self._line("second_title")
        series, host = self._line("series"), journal
        if kind in IN_HOST:
            host = journal or second
            if second and second != host:
                series = series or second
        elif second:
            series, host = (series or second), (host or (second if series else ""))
        issue, number = self._line("issue"), self._line("number")
        volume, either = self._line("volume"), self._line("issue_or_number")
        if host:
            issue = issue or either
        else:
            number = number or either
        return {
            "host_title": host,
            "series": series,
            "volume": volume,
            "issue": issue,
            "pages": self._pages(),
            "report_number": number,
        }

    def _pages(self) -> str:
        pages = self._line("pages")
        first, last = self._line("first_page"), self._line("last_page")
        if first and last and first != last and "-" not in first:
            first = f"{first}-{last}"
        return re.sub(r"\s*(?:--|[\u2010-\u2015-])\s*", "-", pages or first or last).strip("-")

    def _dates(self) -> dict[str, Any]:
        texts = self._every("dates")
        day, year = first_in(texts, day_in), first_in(texts, year_in)
        if year is None and day:
            year = day.year
        if texts and year is None:
            self.notes.append(f"no year could be read from {clean_line(texts[0])[:40]!r}")
        accessed = first_in(self._every("accessed"), day_in)
        agreed = day if day and day.year == year else None
        return {"year": year, "published_on": agreed, "accessed_on": accessed}

    def _numbers(self) -> dict[str, str]:
        """DOI, address, ISBN and ISSN; more than one of them are told."""
        isbns, issns = isbns_and_issns(self._every("isbn_or_issn"))
        urls = [url for text in self._every("url") for url in map(url_in, text.split("\n")) if url]
        dois = [doi for text in self._every("doi") if (doi := doi_in(text.split(" [")[0]))]
        dois += [doi_in(url) for url in urls if not dois and DOI_IN_URL.match(url)]
        values: dict[str, str] = {}
        for name, numbers in (("doi", dois), ("isbn", isbns), ("issn", issns)):
            different = list(dict.fromkeys(numbers))
            values[name] = different[0] if different else ""
            if different[1:]:
                others = ", ".join(different[1:])[:300]
                self.notes.append(f"further {name.upper()} not taken: {others}")
        different = list(dict.fromkeys(urls))
        values["url"] = different[0] if different else ""
        if different[1:] and not self.literal:
            self.notes.append(f"further addresses not taken: {', '.join(different[1:])[:300]}")
        return values

    def _language(self) -> str:
        text = self._first("language")
        self.notes += language_note(text)
        return language_in(text)

    def _abstract(self) -> str:
        """All abstracts, each as a paragraph; the same twice is one."""
        parts = {_folded(text): self._text(text) for text in reversed(self._every("abstract"))}
        return clean_paragraphs("\n\n".join(reversed(parts.values())))

    def _keywords(self) -> tuple[str, ...]:
        texts = map(self._text, self._every("keywords"))
        signs = self.form.keyword_signs
        return clean_lines(
            part for text in texts for part in (re.split(signs, text) if signs else [text])
        )


def _is_rights(note: str) -> bool:
    return clean_line(note) == FORBIDDEN_USES_IN_FULL or any(
        rights_in([note], stated_only=True).values()
    )


def written_here(text: str) -> bool:
    """True for a file that Waymark wrote: it has the sentences about forbidden uses."""
    return FORBIDDEN_USES_IN_FULL[:60] in text
