"""Read the formats with a tag at the beginning of each line: PubMed, EndNote and Web of Science.

PMID- 12345678      PubMed (nbib): tags of up to four letters; further lines begin with spaces
TI  - A study of
      rivers
%T A study          EndNote (enw): a sign after a per cent sign
TI A study          Web of Science: two letters; a reference ends with ER
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from waymark.documents.parsers.charset import decode_text
from waymark.library.exchange.readers.reference import (
    ReferenceFields,
    ReferenceForm,
    candidate_of,
)
from waymark.library.exchange.readers.result import LONGEST, ReadCollector, ReadResult
from waymark.library.exchange.record import ARTICLE

Pair = tuple[str, str]

PUBMED = ReferenceForm(
    names={
        "type": ("PT",),
        "title": ("TI", "BTI"),
        "second_title": ("CTI",),
        "authors": ("FAU", "AU"),
        "bodies": ("CN",),
        "editors": ("FED", "ED"),
        "journal": ("JT", "TA"),
        "publisher": ("PB",),
        "place": ("PL",),
        "volume": ("VI",),
        "issue": ("IP",),
        "pages": ("PG",),
        "edition": ("EN",),
        "dates": ("DP", "DEP"),
        "isbn_or_issn": ("ISBN", "IS"),
        "doi": ("LID", "AID"),
        "abstract": ("AB",),
        "keywords": ("MH", "OT"),
        "language": ("LA",),
        "rights": ("CI",),
    },
    kinds={"journal article": ARTICLE, "review": ARTICLE, "book": "book"},
    # Numbers and days of the database, not of the work.
    silent=frozenset(
        [
            "PMID",
            "OWN",
            "STAT",
            "DCOM",
            "LR",
            "JID",
            "SB",
            "EDAT",
            "MHDA",
            "CRDT",
            "PHST",
            "PST",
            "DA",
            "RN",
            "GR",
            "AD",
            "AUID",
            "PMC",
            "MID",
            "COIS",
            "OID",
            "OTO",
            "TT",
            "PT",
            "AU",
            "LID",
            "AID",
            "TA",
            "SO",
            "DEP",
            "IS",
            "SI",
            "CRF",
            "CRI",
            "ISBN",
        ]
    ),
    keyword_signs="",
)
ENDNOTE = ReferenceForm(
    names={
        "type": ("%0",),
        "kind": ("%9",),
        "title": ("%T",),
        "short_title": ("%!",),
        "authors": ("%A",),
        "editors": ("%E", "%Y", "%?"),
        "journal": ("%J",),
        "second_title": ("%B",),
        "series": ("%S",),
        "publisher": ("%I",),
        "place": ("%C",),
        "volume": ("%V",),
        "issue_or_number": ("%N",),
        "pages": ("%P",),
        "edition": ("%7",),
        "dates": ("%D", "%8"),
        "isbn_or_issn": ("%@",),
        "doi": ("%R",),
        "url": ("%U",),
        "abstract": ("%X",),
        "keywords": ("%K",),
        "language": ("%G",),
        "notes": ("%Z",),
        "accessed": ("%[",),
    },
    kinds={
        "magazine article": ARTICLE,
        "newspaper article": ARTICLE,
        "electronic article": ARTICLE,
        "edited book": "book",
        "electronic book": "book",
        "electronic book section": "book-chapter",
        "statute": "legislation",
        "bill": "legislation",
        "legal rule or regulation": "legislation",
        "blog": "web-page",
        "dataset": "statistics",
        "film or broadcast": "recording",
        "audiovisual material": "recording",
        "online multimedia": "recording",
        "podcast": "recording",
    },
    silent=frozenset({"%M", "%W", "%~", "%F", "%>"}),
    keyword_signs=r"[;\n]",
)
SCIENCE = ReferenceForm(
    names={
        "type": ("DT", "PT"),
        "title": ("TI",),
        "authors": ("AF", "AU"),
        "bodies": ("CA", "GP"),
        "editors": ("BE", "ED"),
        "journal": ("SO",),
        "series": ("SE",),
        "publisher": ("PU",),
        "place": ("PI",),
        "volume": ("VL",),
        "issue": ("IS",),
        "first_page": ("BP", "AR"),
        "last_page": ("EP",),
        # The day alone, "MAR 5", has no year.
        "dates": ("PY",),
        "isbn_or_issn": ("SN", "EI", "BN"),
        "doi": ("DI", "D2"),
        "abstract": ("AB",),
        "keywords": ("DE", "ID"),
        "language": ("LA",),
    },
    kinds={
        **dict.fromkeys(("article", "review", "editorial material", "j"), ARTICLE),
        "article; early access": ARTICLE,
        "b": "book",
        "book": "book",
        "s": "book-chapter",
    },
    silent=frozenset(
        [
            "PT",
            "AU",
            "J9",
            "JI",
            "PD",
            "PA",
            "C1",
            "C3",
            "RP",
            "EM",
            "RI",
            "OI",
            "FU",
            "FX",
            "CR",
            "NR",
            "TC",
            "Z9",
            "U1",
            "U2",
            "PG",
            "WC",
            "SC",
            "GA",
            "UT",
            "PM",
            "OA",
            "HC",
            "HP",
            "DA",
            "EA",
            "WE",
            "EI",
            "SN",
        ]
    ),
    keyword_signs=";",
)


@dataclass(frozen=True, slots=True)
class TaggedLines:
    """How the lines of a format are divided. tag: its groups are the tag and the value.

    begins, ends: tags that begin and end a reference. blank_ends: an empty line ends it, too.
    lists: tags of which each further line is another value.
    """

    tag: re.Pattern[str]
    begins: str = ""
    ends: str = ""
    blank_ends: bool = False
    lists: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()

    def divides(self, raw: str, tag: str) -> bool:
        """True for a line with which the reference before has ended."""
        return tag in {self.begins, self.ends} - {""} or (self.blank_ends and not raw.strip())

    def is_silent(self, raw: str, tag: str) -> bool:
        """True for a line that is of no reference."""
        return not raw.strip() or tag in self.outside or (bool(tag) and tag == self.ends)


PUBMED_LINES = TaggedLines(re.compile(r"([A-Z]{2,4}) {0,2}- ?(.*)"), begins="PMID", blank_ends=True)
ENDNOTE_LINES = TaggedLines(re.compile(r"(%\S)[ \t]?(.*)"), begins="%0", blank_ends=False)
SCIENCE_LINES = TaggedLines(
    re.compile(r"([A-Z][A-Z0-9])(?:[ ]|$)(.*)"),
    begins="PT",
    ends="ER",
    lists=frozenset({"AU", "AF", "BE", "ED", "CA", "GP", "CR", "C1"}),
    outside=frozenset({"FN", "VR", "EF"}),
)


def read_pubmed(content: bytes) -> ReadResult:
    """Read a file of PubMed or MEDLINE (nbib)."""
    return _read(content, PUBMED_LINES, PUBMED, "each begins with a line PMID- 1234")


def read_endnote(content: bytes) -> ReadResult:
    """Read a tagged file of EndNote (enw)."""
    return _read(content, ENDNOTE_LINES, ENDNOTE, "each begins with a line %0 Journal Article")


def read_science(content: bytes) -> ReadResult:
    """Read a file of the Web of Science, with tags or as a table divided by tabs."""
    text, _ = decode_text(content)
    heading = text.lstrip("\ufeff\n").split("\n", 1)[0].split("\t")
    if len(heading) > 2 and heading[0] == "PT":
        return _read_columns(content)
    return _read(content, SCIENCE_LINES, SCIENCE, "each begins with a line PT J")


def _read(content: bytes, lines: TaggedLines, form: ReferenceForm, begins: str) -> ReadResult:
    gathered = ReadCollector()
    text, warnings = decode_text(content)
    gathered.notes += warnings
    for start, pairs in _references(text, lines, gathered):
        if gathered.full:
            break
        _add(pairs, form, f"line {start}", gathered)
    if not gathered.candidates and not gathered.faults:
        gathered.fault("line 1", f"contains no references: {begins}")
    return gathered.result()


def _add(pairs: list[Pair], form: ReferenceForm, place: str, gathered: ReadCollector) -> None:
    candidate = candidate_of(ReferenceFields(_preferred(pairs)), form, place)
    # A book of PubMed has BTI and no journal, whatever its types say.
    if form is PUBMED and any(tag == "BTI" for tag, _ in pairs):
        kind = "book-chapter" if any(tag == "TI" for tag, _ in pairs) else "book"
        candidate = replace(candidate, data=replace(candidate.data, kind=kind))
    gathered.add(candidate)


def _preferred(pairs: list[Pair]) -> list[Pair]:
    """The fields without short forms of names where there are long ones, and only DOIs of numbers.

    "FAU - Byrne, Aoife" and "AU  - Byrne A" are one author; "AID - S0145 [pii]" is no DOI.
    """
    tags = {tag for tag, _ in pairs}
    short = {"AU"} if {"FAU", "AF"} & tags else set()
    short |= {"ED"} if "FED" in tags else set()
    return [
        (tag, value)
        for tag, value in pairs
        if tag not in short and (tag not in {"LID", "AID"} or value.rstrip().endswith("[doi]"))
    ]


def _references(
    text: str, lines: TaggedLines, gathered: ReadCollector
) -> Iterator[tuple[int, list[Pair]]]:
    """(number of its first line, its fields) of each reference."""
    start, pairs = 0, list[Pair]()
    for number, raw in enumerate(text.split("\n"), start=1):
        match = None if raw[:1].isspace() else lines.tag.match(raw)
        tag, value = (match[1], match[2]) if match else ("", "")
        if pairs and lines.divides(raw, tag):
            yield start, pairs
            pairs = []
        if lines.is_silent(raw, tag):
            continue
        if match is None:
            _add_line(pairs, raw, number, lines, gathered)
        else:
            start = start if pairs else number
            pairs.append((tag, value[:LONGEST]))
    if pairs:
        yield start, pairs


def _add_line(
    pairs: list[Pair], raw: str, number: int, lines: TaggedLines, gathered: ReadCollector
) -> None:
    """Add a line without a tag to the field above it, or as another value of it."""
    if not pairs:
        gathered.fault(f"line {number}", f"is outside a reference: {raw[:60]!r}")
        return
    tag, value = pairs[-1]
    if tag in lines.lists:
        pairs.append((tag, raw.strip()))
    else:
        pairs[-1] = tag, f"{value}\n{raw}"[:LONGEST]


def _read_columns(content: bytes) -> ReadResult:
    """A table of the Web of Science: the first row has the tags."""
    gathered = ReadCollector()
    text, warnings = decode_text(content)
    gathered.notes += warnings
    heading, *rows = text.lstrip("\ufeff").split("\n")
    tags = [tag.strip() for tag in heading.split("\t")]
    for number, row in enumerate(rows, start=2):
        if gathered.full:
            break
        if row.strip():
            cells = [cell.strip().strip('"') for cell in row.split("\t")]
            _add(list(zip(tags, cells, strict=False)), SCIENCE, f"line {number}", gathered)
    return gathered.result()
