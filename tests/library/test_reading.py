"""Files of other catalogues: what is read, and the place of what is not."""

import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waymark.cli.catalogue import FORMATS
from waymark.library.exchange.formats import READERS, format_of, read_as
from waymark.library.exchange.readers import result
from waymark.library.exchange.readers.result import ReadFault
from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writers import WRITINGS

REPORT = RecordData(
    kind="guidance",
    kind_label="Guidance",
    title="A study of river crossings",
    authors=("Byrne, Aoife", "Órla Board for Children"),
    publisher="Fictional Press",
    year=2004,
    abstract="First part. Half of 50% & more.",
    subjects=("Neglect",),
    keywords=("bridges",),
    url="https://press.example/a_b?c=1&d=2",
    doi="10.1000/182",
    isbn="9780000000002",
)


def read(name: str, content: str | bytes):
    return read_as(name, content.encode() if isinstance(content, str) else content)


def told(reading) -> list[tuple[str, str]]:
    return [(fault.place, fault.message) for fault in reading.faults]


def run(*command: str, input_bytes: bytes) -> bytes:
    done = subprocess.run(command, input=input_bytes, capture_output=True, timeout=30, check=True)
    return done.stdout


def test_the_command_and_the_readers_know_the_same_formats():
    assert tuple(READERS) == FORMATS


# ---- tables ----


def test_a_table_is_read_by_the_names_of_its_columns():
    reading = read(
        "csv",
        "Title,Year,Authors,Kind,Published on,Keywords,Shelf\r\n"
        '"A study, ""long""",2004,"Byrne, Aoife; Board",Guidance,2004-05-17,x; y,Z9\r\n',
    )
    (candidate,) = reading.candidates
    assert candidate.place == "line 2"
    assert (candidate.data.title, candidate.data.year, candidate.data.kind) == (
        'A study, "long"',
        2004,
        "guidance",
    )
    assert candidate.data.authors == ("Byrne, Aoife", "Board")
    assert candidate.data.published_on.isoformat() == "2004-05-17"
    assert candidate.data.keywords == ("x", "y")
    assert reading.notes == ("we left out unknown columns: Shelf",)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(sign):
    (candidate,) = read("csv", f"title{sign}year\nA{sign}1999\n").candidates
    assert (candidate.data.title, candidate.data.year) == ("A", 1999)


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        ("\ufefftitle\nÓrla\n".encode(), ()),
        ("title\nÓrla\n".encode("utf-16"), ()),
        (
            "title\nÓrla\n".encode("cp1252"),
            ("the file does not name its character encoding; Windows-1252 was assumed",),
        ),
    ],
)
def test_letters_are_read_and_a_guess_is_told(content, notes):
    reading = read("csv", content)
    assert [candidate.data.title for candidate in reading.candidates] == ["Órla"]
    assert reading.notes == notes


def test_a_row_with_a_wrong_value_is_told_and_the_rest_is_read():
    reading = read(
        "csv",
        "title,year,doi,url,kind\nGood,2004,,,\nBad,20l4,,,\n,2004,,,\nWorse,,x,ftp://a,poem\n",
    )
    assert [candidate.data.title for candidate in reading.candidates] == ["Good"]
    assert told(reading) == [
        ("line 3", "year: '20l4' is not a year"),
        ("line 4", "has no title"),
        ("line 5", "kind: 'poem' is not a kind of record such as guidance or case-review"),
        ("line 5", "url: 'ftp://a' is not a web address"),
        ("line 5", "doi: 'x' is not a DOI"),
    ]


def test_a_row_with_too_many_cells_is_told():
    assert told(read("csv", "title;year\nA study; of rivers;2004\n")) == [
        ("line 2", "has 3 cells, but the heading row has 2")
    ]


def test_a_line_break_in_a_cell_does_not_shift_the_lines_that_are_told():
    reading = read("csv", 'title,year\n"Two\nlines",2004\nBad,x\n')
    assert [one.place for one in reading.candidates] == ["line 2"]
    assert told(reading) == [("line 4", "year: 'x' is not a year")]


def test_a_cell_of_fifty_megabytes_is_refused_with_its_line():
    reading = read("csv", b"title\nGood\n" + b"x" * 49_000_000 + b"\nAlso good\n")
    assert [candidate.data.title for candidate in reading.candidates] == ["Good", "Also good"]
    assert told(reading) == [
        ("line 3", "the row cannot be read: field larger than field limit (131072)")
    ]


def test_a_quotation_that_never_ends_is_refused_with_its_line():
    assert told(read("csv", 'title\nGood\n"Endless\nA\nB\n')) == [
        (
            "line 3",
            (
                "the row cannot be read: unexpected end of data: "
                "a quotation mark has no second one, so all to line 5 is one cell"
            ),
        )
    ]


def test_a_table_without_a_title_column_is_refused():
    assert [place for place, _ in told(read("csv", "name\nA\n"))] == ["line 1"]
    assert told(read("csv", "")) == [("line 1", "the file is empty")]


# ---- RIS ----

RIS = """1.
TY  - RPRT
TI  - A study
AU  - Byrne, Aoife
AU  - Board for Children
PY  - 2004/05/17/
DA  - 2004/05/17
AB  - First line
 goes on
KW  - neglect
M3  - Guidance
UR  - https://example.org/a
SN  - 978-0-00-000000-2
ER  -

TY - BOOK
TI - Other
Y1 - 1999///
ER -
"""


def test_ris_is_read_with_one_space_or_two():
    first, second = read("ris", RIS).candidates
    assert (first.place, first.data.title, first.data.year) == ("line 2", "A study", 2004)
    assert first.data.authors == ("Byrne, Aoife", "Board for Children")
    assert first.data.published_on.isoformat() == "2004-05-17"
    assert first.data.abstract == "First line goes on"
    assert (first.data.kind, first.data.isbn) == ("guidance", "9780000000002")
    assert (second.place, second.data.title, second.data.year) == ("line 16", "Other", 1999)


def test_a_reference_without_an_end_is_read_to_the_next_and_told():
    reading = read("ris", "TY  - RPRT\nTI  - First\nTY  - RPRT\nTI  - Whole\nER  - \nstray\n")
    first, whole = reading.candidates
    assert (first.data.title, whole.data.title) == ("First", "Whole")
    assert first.notes == (
        "has no line ER  - : we took it to end where the next one begins, or the file ends",
    )
    assert whole.notes == ()
    assert told(reading) == [("line 6", "is outside a reference: 'stray'")]


# ---- BibTeX ----

BIB = r"""@string{press = {Fictional Press}}
@techreport{a1,
  title = {A {S}tudy of 50% of \'Orla's \& other things},
  author = {Aoife N{\'i} Bhroin and {Board for Children and Others} and Smith, J.},
  institution = press, year = 2004,
  url = {https://example.org/a%20b}, doi = {10.1000/182}
}
@book{broken, title={x
@misc{ok, title={Fine}, date={2011-02-03}}
"""


def test_bibtex_is_read_without_its_latex():
    first, second = read("bibtex", BIB).candidates
    assert first.data.title == "A Study of 50% of Órla's & other things"
    assert first.data.authors == (
        "Bhroin, Aoife Ní",
        "Board for Children and Others",
        "Smith, J.",
    )
    assert (first.data.publisher, first.data.year) == ("Fictional Press", 2004)
    assert (first.data.url, first.data.doi) == ("https://example.org/a%20b", "10.1000/182")
    assert (second.place, second.data.title) == ("line 9", "Fine")
    assert second.data.published_on.isoformat() == "2011-02-03"


def test_a_broken_entry_is_told_with_its_line():
    ((place, message),) = told(read("bibtex", BIB))
    assert place == "line 8"
    assert "Unexpected block start" in message


def test_braces_without_an_end_do_no_harm():
    assert told(read("bibtex", "@a{k, title={" + "{" * 100_000)) == [
        ("line 1", "has braces more than 200 deep")
    ]


# ---- MARC ----

MARC_LINES = """00000nam a2200000 a 4500
001 42
003 FICT
008 040517s2004    xxk     o    |000 0 wel d
020    $a 9780000000002
100 1  $a Byrne, Aoife.
245 12 $a A study of rivers : $b with maps / $c Aoife Byrne.
260    $a Town : $b Fictional Press, $c c2004.
520    $a What it says.
650  0 $a Children $x Neglect.
700 1  $a Smith, J.
856 42 $u https://elsewhere.example/x
856 40 $u https://example.org/a
"""


@pytest.fixture(scope="module")
def marc() -> bytes:
    """A record that yaz-marcdump made."""
    return run(
        "yaz-marcdump", "-i", "line", "-o", "marc", "/dev/stdin", input_bytes=MARC_LINES.encode()
    )


def test_a_record_that_another_program_wrote_is_read(marc):
    (candidate,) = read("marc", marc).candidates
    assert (candidate.data.title, candidate.data.strapline) == ("A study of rivers", "with maps")
    assert candidate.data.authors == ("Byrne, Aoife", "Smith, J.")
    assert (candidate.data.publisher, candidate.data.year) == ("Fictional Press", 2004)
    assert (candidate.data.language, candidate.data.isbn) == ("cy", "9780000000002")
    assert candidate.data.keywords == ("Children - Neglect",)
    assert candidate.data.url == "https://example.org/a"
    assert (candidate.identity, candidate.place) == ("marc:FICT:42", "record 1")


def test_binary_and_xml_say_the_same(marc):
    xml = run("yaz-marcdump", "-i", "marc", "-o", "marcxml", "/dev/stdin", input_bytes=marc)
    (from_xml,) = read("marcxml", xml).candidates
    (from_marc,) = read("marc", marc).candidates
    assert from_xml.data == from_marc.data
    assert from_xml.place.startswith("record 1 (line ")


def test_a_damaged_record_costs_only_itself(marc):
    reading = read("marc", marc + b"00026garbage\x1e\x1d" + marc + b"00100nam")
    assert [candidate.place for candidate in reading.candidates] == ["record 1", "record 3"]
    assert [place for place, _ in told(reading)] == ["record 4", "record 2"]


# ---- XML that means harm ----

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<collection><record><leader>&d;</leader></record></collection>"""
OUTSIDE = b"""<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>
<collection><record><datafield tag="245"><subfield code="a">&e;</subfield></datafield></record>
</collection>"""


@pytest.mark.parametrize("name", ["marcxml", "oai"])
@pytest.mark.parametrize("content", [BOMB, OUTSIDE])
def test_a_document_type_is_refused(name, content):
    reading = read(name, content)
    assert reading.candidates == ()
    assert reading.faults[0].message.startswith("has a document type")


@pytest.mark.parametrize("name", ["marcxml", "oai", "abstracts"])
def test_xml_of_great_depth_is_refused_or_read(name):
    reading = read(name, b"<a>" * 100_000)
    assert reading.candidates == ()
    assert reading.faults


# ---- OAI-PMH, saved ----

OAI = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>
<record><header><identifier>oai:f.example:1</identifier><datestamp>2026-01-01</datestamp></header>
<metadata><dc xmlns="http://www.openarchives.org/OAI/2.0/oai_dc/"
 xmlns:d="http://purl.org/dc/elements/1.1/"><d:title>A study</d:title><d:title>Astudiaeth</d:title>
<d:creator>Byrne, Aoife</d:creator><d:date>2004-05-17</d:date><d:type>Guidance</d:type>
<d:identifier>doi:10.1000/182</d:identifier><d:identifier>https://example.org/a</d:identifier>
<d:identifier>urn:isbn:9780000000002</d:identifier><d:coverage>Wales</d:coverage>
<d:language>eng</d:language><d:subject>Neglect</d:subject></dc></metadata></record>
<record><header status="deleted"><identifier>oai:f.example:2</identifier></header></record>
<record><header><identifier>oai:f.example:3</identifier></header><metadata/></record>
<resumptionToken>more</resumptionToken></ListRecords></OAI-PMH>"""


def test_a_saved_answer_of_a_repository_is_read():
    reading = read("oai", OAI)
    (candidate,) = reading.candidates
    assert candidate.identity == "oai:oai:f.example:1"
    assert (candidate.data.title, candidate.data.kind, candidate.data.nation) == (
        "A study",
        "guidance",
        "Wales",
    )
    assert (candidate.data.doi, candidate.data.isbn) == ("10.1000/182", "9780000000002")
    assert candidate.data.url == "https://example.org/a"
    assert candidate.notes == ("we left out further titles: Astudiaeth",)
    assert [(deleted.identity, deleted.place) for deleted in reading.deleted] == [
        ("oai:oai:f.example:2", "record 2")
    ]
    assert told(reading) == [("record 3", "has no description in Dublin Core (oai_dc)")]
    assert reading.notes == (
        "this is one page of a longer list: harvest the repository to get the rest",
    )


# ---- there and back ----


@pytest.mark.parametrize(
    ("ending", "name"),
    [("ris", "ris"), ("bib", "bibtex"), ("mrc", "marc"), ("marc.xml", "marcxml")],
)
def test_what_we_write_we_read_again(ending, name):
    written = WRITINGS[ending].write([REPORT, REPORT])
    first, second = read(name, written).candidates
    for candidate in (first.data, second.data):
        assert (candidate.title, candidate.authors, candidate.year) == (
            REPORT.title,
            REPORT.authors,
            REPORT.year,
        )
        assert (candidate.publisher, candidate.abstract) == (REPORT.publisher, REPORT.abstract)
        assert set(candidate.keywords) == {"Neglect", "bridges"}
        assert (candidate.url, candidate.doi, candidate.isbn) == (
            REPORT.url,
            REPORT.doi,
            REPORT.isbn,
        )


@pytest.mark.parametrize(
    ("ending", "name"),
    [("ris", "ris"), ("bib", "bibtex"), ("mrc", "marc"), ("marc.xml", "marcxml")],
)
def test_an_article_is_read_again_with_its_journal_and_a_report_with_its_number(ending, name):
    article = replace(
        REPORT,
        kind="journal-article",
        kind_label="Journal article",
        host_title="Journal of Bridges",
        volume="41",
        issue="2",
        pages="242-260",
    )
    report = replace(REPORT, report_number="RR226")
    written = WRITINGS[ending].write([article, report])
    first, second = (candidate.data for candidate in read(name, written).candidates)
    assert first.kind == "journal-article"
    assert (first.host_title, first.volume, first.issue, first.pages) == (
        "Journal of Bridges",
        "41",
        "2",
        "242-260",
    )
    assert second.report_number == "RR226"


def test_what_another_program_made_of_ris_is_read_as_bibtex():
    mods = run("ris2xml", input_bytes=RIS.replace(" - ", "  - ").replace("   - ", "  - ").encode())
    bib = run("xml2bib", input_bytes=mods)
    first, second = read("bibtex", bib).candidates
    assert (first.data.title, first.data.year) == ("A study", 2004)
    assert first.data.authors[0] == "Byrne, Aoife"
    assert (second.data.title, second.data.year) == ("Other", 1999)


def test_what_another_program_made_of_bibtex_is_read_as_ris():
    whole = BIB.replace("@book{broken, title={x\n", "")
    ris = run("xml2ris", input_bytes=run("bib2xml", input_bytes=whole.encode()))
    first, second = read("ris", ris).candidates
    assert (first.data.year, second.data.title) == (2004, "Fine")


# ---- which format ----


@pytest.mark.parametrize(
    ("name", "content", "format_name"),
    [
        ("a.csv", b"", "csv"),
        ("A.RIS", b"", "ris"),
        ("a.bib", b"", "bibtex"),
        ("a.mrc", b"", "marc"),
        ("a.xml", b'<collection xmlns="http://www.loc.gov/MARC21/slim">', "marcxml"),
        ("a.xml", OAI.encode(), "oai"),
        ("a.html", b"", "abstracts"),
        ("a", b"\xef\xbb\xbfTY  - RPRT", "ris"),
        ("a", b"@book{", "bibtex"),
        ("a.ttl", b"@prefix skos: <http://www.w3.org/2004/02/skos/core#> .", ""),
        ("a.xml", b"<other/>", ""),
        ("a.pdf", b"%PDF", ""),
    ],
)
def test_the_format_is_known_by_name_or_beginning(name, content, format_name):
    assert format_of(name, content) == format_name


def test_a_file_that_is_too_large_is_one_fault(monkeypatch):
    monkeypatch.setattr("waymark.library.exchange.formats.MOST_BYTES", 3)
    assert read("csv", "title\n").faults[0].place == "the file"


def test_faults_beyond_a_thousand_are_counted(monkeypatch):
    monkeypatch.setattr(result, "MOST_FAULTS", 2)
    reading = read("csv", "title,year\nA,x\nB,x\nC,x\n")
    assert reading.faults == (
        ReadFault("line 2", "year: 'x' is not a year"),
        ReadFault("line 3", "year: 'x' is not a year"),
    )
    assert reading.notes == ("1 more faults are not listed",)


# ---- whatever comes ----

PIECES = {
    "csv": st.text('title,year;"\n\t|x2\0', max_size=80),
    "ris": st.text("TYERAUI -\n012x\ufeff", max_size=120),
    "bibtex": st.text("@misc{k,title=\"}#=\\%$'& and\n~^_", max_size=120),
    "csl": st.text('[{"title":"type author family DOI 1]},', max_size=120),
    "pubmed": st.text("PMIDTIFAU- \n12x", max_size=120),
    "endnote": st.text("%0TAJ Book\nx", max_size=120),
    "endnotexml": st.text('<record><titles>/ref-type name="', max_size=120),
    "wos": st.text("PTAUTIER J\n\tx", max_size=120),
    "mods": st.text('<mods><titleInfo>/part detail type="host"', max_size=120),
    "marc": st.text("0123459nam a2200000\x1d\x1e\x1f", max_size=120),
    "marcxml": st.text('<record>/datafield tag="245" subfield code="a"&;!', max_size=120),
    "oai": st.text('<OAI-PMH record header/ status="deleted">', max_size=120),
    "abstracts": st.text("2014 \u2013 Child A<p>:;,.\nLearning includes Keywords", max_size=160),
}


@pytest.mark.parametrize("name", list(READERS))
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_bytes_give_records_and_faults_and_nothing_else(name, data):
    content = data.draw(st.binary(max_size=300) | PIECES[name].map(str.encode))
    reading = read(name, content)
    assert all(item.data.title and item.place for item in reading.candidates)
    assert all(item.place and item.message for item in reading.faults)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_marc_record_with_changed_bytes_is_read_or_told(data):
    whole = WRITINGS["mrc"].write([REPORT])
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + data.draw(st.binary(max_size=3)) + whole[at + 1 :]
    reading = read("marc", changed)
    assert reading.candidates or reading.faults
