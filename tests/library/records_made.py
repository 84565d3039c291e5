"""Records with hard names and signs, and what a format must give back of them."""

import string
from dataclasses import fields, replace
from datetime import date

from hypothesis import strategies as st

from waymark.library.catalogue.author_names import bodies_among
from waymark.library.exchange.formats import READERS, read_as
from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writers import WRITINGS
from waymark.library.exchange.writers.plain import paragraphs_of, single_line
from waymark.library.models.kinds import CASE_REVIEW, KINDS

FORMATS = {
    "ris": "ris",
    "bib": "bibtex",
    "csl.json": "csl",
    "mrc": "marc",
    "marc.xml": "marcxml",
    "mods.xml": "mods",
    "csv": "csv",
}
"""Ending of a file that we write -> format in which it is read."""
PIECES = (
    *("{", "}", "{x}", "\\", "\\&", "\\textit{x}", "&", "&amp;", "%", "$5", "$x$", "#1", "_x", "~"),
    *("^", "''", "``", "--", "---", "-", '"', "'", "<i>x</i>", "<tag>", "<5", "@book{a,", "=1+1"),
    *("TY  - BOOK", "ER  - ", "AB  - x", "%0 Book", "PMID- 1", "and", " and ", "; ", ", ", ": "),
    *("Board: Otter", "Licence: none", "t\u0177", "\u0174yr", "leana\u00ed", "\u0142\u00f3d\u017a"),
    *("\u00e6\u00df", "\u0627\u0644", "\u05d0\u05d1", "\U0001f476\U0001f3fd", "\u4e2d", "(page 3)"),
    *(
        "/",
        ".",
        "...",
        "?",
        "!",
        "?`",
        "[1]",
        "|",
        "+",
        "NA",
        "x\u00a0y",
        "\u2013",
        "\u201cq\u201d",
    ),
)
WORDS = (
    "Otter",
    "review",
    "the",
    "of",
    "Child",
    "O'Neill",
    "Ni",
    "van",
    "der",
    "2004",
    "Smith",
    "A.",
)
text = st.lists(st.sampled_from(PIECES + WORDS), min_size=1, max_size=6).map(
    lambda parts: " ".join(" ".join(parts).split())
)
title = text.map(lambda words: f"Study {words} end")
"""A title begins and ends with a word: punctuation there is a matter of style in some formats."""
surname = st.sampled_from(
    ["O'Neill", "van der Berg", "N\u00ed Dhomhnaill", "de la Cruz", "Sm\u0177th-Jones", "Board"]
)
given_names = st.sampled_from(["\u00c1ine", "J.", "Mary Ann", "Anna-Luise", "J. P."])
person = st.builds("{}, {}".format, surname, given_names)
BODIES = (
    "Office for Standards in Education, Children's Services and Skills",
    "Department of Health, Social Services and Public Safety",
    "NSPCC",
    "Barnes and Noble, Inc.",
    "An Ghn\u00edomhaireacht um Leana\u00ed; TUSLA",
    "Bournemouth, Christchurch and Poole Safeguarding Children Partnership",
    "A {curly} & Co",
)
body = st.sampled_from(BODIES)
word = st.text(string.ascii_letters + "\u0177\u00e9", min_size=1, max_size=10)
names = st.lists(person | body, max_size=4, unique=True).map(tuple)
optional = st.one_of(st.just(""), title)
paragraphs = st.lists(text.map(lambda words: f"So {words}."), max_size=3).map("\n\n".join)
entries = st.tuples(title, st.none() | st.integers(1, 99))


@st.composite
def records(draw: st.DrawFn) -> RecordData:
    """A record of any kind."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    year = draw(st.one_of(st.none(), st.integers(1900, 2030)))
    day = draw(st.booleans()) if year else False
    authors = draw(names)
    host = draw(title) if kind in {"journal-article", "book-chapter"} else ""
    common = RecordData(
        kind=kind,
        kind_label=KINDS[kind],
        title=draw(title),
        authors=authors,
        author_bodies=tuple(name for name in authors if name in BODIES),
        year=year,
        published_on=date(year, 3, 1) if day and year else None,
        nation=draw(st.sampled_from(["", "Wales", "Northern Ireland"])),
        language=draw(st.sampled_from(["en", "cy", "ga", "en-GB", "ar"])),
        abstract=draw(paragraphs),
        subjects=tuple(draw(st.lists(word, max_size=2, unique=True))),
        keywords=tuple(draw(st.lists(word, max_size=2, unique=True))),
        url=draw(
            st.sampled_from(["", "https://example.org/a_b?x=1&y=%20{z}#e", "https://a.test/~x"])
        ),
        rights_holder=draw(st.sampled_from(["", "Crown, copyright & more"])),
        licence=draw(st.sampled_from(["", "CC-BY-4.0", "terms in {words} & so"])),
        key="resource/made",
        page="https://library.test/resources/made/",
    )
    if kind == CASE_REVIEW:
        return replace(
            common,
            board=draw(body),
            review_type=draw(st.sampled_from(["", "Serious case review"])),
            pseudonym=draw(st.sampled_from(["", "Child Z & sister"])),
            period=draw(st.sampled_from(["", "2004 to 2006"])),
        )
    return replace(
        common,
        strapline=draw(optional),
        editors=draw(names),
        conducted_by=draw(optional),
        publisher=draw(st.one_of(st.just(""), body)),
        place=draw(st.sampled_from(["", "London", "Caerdydd"])),
        edition=draw(st.sampled_from(["", "2nd", "3ydd"])),
        series=draw(optional),
        report_number=draw(st.sampled_from(["", "DFE-RR226", "Cm 5730", "41(2), 242-260"])),
        host_title=host,
        volume=draw(st.sampled_from(["", "41"])) if host else "",
        issue=draw(st.sampled_from(["", "2"])) if host else "",
        pages=draw(st.sampled_from(["", "242-260", "e12"])) if host else "",
        issn=draw(st.sampled_from(["", "0145-2134"])),
        audience=draw(optional),
        key_points=tuple(draw(st.lists(title, max_size=2, unique=True))),
        contents=tuple(draw(st.lists(entries, max_size=2, unique=True))),
        doi=draw(st.sampled_from(["", "10.1000/abc_def<g>", "10.1000/182"])),
        isbn=draw(st.sampled_from(["", "9781849050012"])),
        transcript_url=draw(st.sampled_from(["", "https://example.org/t"])),
        accessed_on=draw(st.sampled_from([None, date(2021, 1, 31)])),
    )


def read_back(ending: str, record: RecordData) -> RecordData:
    """The record after it was written and read; there must be one, without faults or doubts."""
    content = WRITINGS[ending].write([record])
    reading = read_as(FORMATS[ending], content)
    assert not reading.faults, reading.faults
    (candidate,) = reading.candidates
    assert not candidate.notes, candidate.notes
    return candidate.data


def differences(ending: str, record: RecordData) -> dict[str, tuple[object, object]]:
    """{field: (what it must be, what it is)} of the fields that did not come back whole."""
    wanted, given = expected(record, ending), read_back(ending, record)
    bodies = given.author_bodies
    if bodies is None:
        given = replace(given, author_bodies=bodies_among(given.authors))
    given = replace(given, subjects=(), keywords=tuple(sorted({*given.subjects, *given.keywords})))
    return {
        one.name: (getattr(wanted, one.name), getattr(given, one.name))
        for one in fields(RecordData)
        if getattr(wanted, one.name) != getattr(given, one.name)
    }


def expected(record: RecordData, ending: str) -> RecordData:
    """What another library gets: names that begin its citation, the address of its page here."""
    if ending == "csv":
        # A table has every field as it is.
        keywords = tuple(sorted({*record.subjects, *record.keywords}))
        url = single_line(record.url)
        return replace(
            record, subjects=(), keywords=keywords, url=url, kind_label="", key="", page=""
        )
    authors = record.creators
    url = single_line(record.url or record.page)
    return replace(
        record,
        authors=authors,
        author_bodies=tuple(name for name in authors if record.is_body(name)),
        publisher=record.publisher or record.board,
        abstract="\n\n".join(paragraphs_of(record.abstract)),
        subjects=(),
        keywords=tuple(sorted({*record.subjects, *record.keywords})),
        url=_without_braces(url) if ending == "bib" else url,
        kind_label="",
        key="",
        page="",
    )


def _without_braces(url: str) -> str:
    return url.replace("{", "%7B").replace("}", "%7D")


assert set(FORMATS.values()) <= set(READERS)
