"""Records in the forms of other programs, read back by programs that are not ours."""

import csv
import io
import json
import re
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default

import bibtexparser
import pymarc
import pytest
import rispy
from defusedxml import ElementTree as ET
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from rdflib import Graph
from rdflib.namespace import RDF, SDO

from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writers import WRITINGS
from waymark.library.exchange.writers.schema_org import citation_tags

REPORT = RecordData(
    kind="research-report",
    kind_label="Research report",
    title="The price of 50% & {braces}_and #hashes",
    strapline="A made-up study",
    key="resource/price-2013",
    page="https://library.test/resources/price-2013/",
    authors=("O'Neill, Ana", "Śmith, Bo", "Trust of Bees and Honey"),
    publisher="A Press",
    series="Made-up series",
    year=2013,
    published_on=date(2013, 1, 24),
    language="cy",
    abstract="First part.\n\nSecond part.\r\nER  - \r\nTY  - BOOK",
    subjects=("Neglect", "Information sharing"),
    contents=(("Foreword", 5), ("References", None)),
    url="https://press.test/a_b?c=1&d=2",
    doi="10.1000/182",
    isbn="9780000000002",
    changed_at=datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
)
REVIEW = RecordData(
    kind="case-review",
    kind_label="Case review",
    title="Review of a child's care",
    key="review/R01",
    page="https://library.test/reviews/R01/",
    board="A Board",
    review_type="Case management review",
    year=2004,
    abstract="What happened.",
)

ARTICLE = RecordData(
    kind="journal-article",
    title="A made-up article",
    key="resource/made-up-article",
    page="https://library.test/resources/made-up-article/",
    authors=("Śmith, Bo",),
    host_title="Journal of Made-up Studies",
    volume="41",
    issue="2",
    pages="242-260",
    year=2011,
)


def written(ending: str, *records: RecordData) -> bytes:
    return WRITINGS[ending].write(records)


def said_by(*command: str, text: bytes) -> bytes:
    """What an independent program makes of it; it must not complain."""
    done = subprocess.run(command, input=text, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_line_break_in_a_value_is_gone_so_that_no_text_begins_a_field_of_its_own() -> None:
    references = rispy.loads(written("ris", REPORT, REVIEW).decode())
    assert [reference["type_of_reference"] for reference in references] == ["RPRT", "RPRT"]
    assert references[0]["abstract"] == "First part.  Second part. ER - TY - BOOK"
    assert references[0]["authors"] == ["O'Neill, Ana", "Śmith, Bo", "Trust of Bees and Honey"]
    assert references[1]["authors"] == ["A Board"]


def test_bibutils_reads_the_ris() -> None:
    mods = ET.fromstring(said_by("ris2xml", "-i", "unicode", text=written("ris", REPORT, REVIEW)))
    space = "{http://www.loc.gov/mods/v3}"
    assert len(mods.findall(f"{space}mods")) == 2
    first = mods.find(f"{space}mods")
    assert first.findtext(f"{space}titleInfo/{space}title").endswith("50% & {braces}_and #hashes")
    families = [
        name.text for name in first.iter(f"{space}namePart") if name.get("type") == "family"
    ]
    assert families[:2] == ["O'Neill", "Śmith"]


def test_bibtex_keeps_keys_apart_and_every_character_as_it_was() -> None:
    library = bibtexparser.parse_string(written("bib", REPORT, REPORT, REVIEW).decode())
    assert [entry.key for entry in library.entries] == ["price-2013", "price-2013-2", "R01"]
    assert not library.failed_blocks
    fields = library.entries[0].fields_dict
    assert fields["title"].value == (
        r"{The price of 50\% \& \textbraceleft{}braces\textbraceright{}\_and \#hashes: "
        "A made-up study}"
    )
    assert fields["author"].value == "O'Neill, Ana and Śmith, Bo and {Trust of Bees and Honey}"
    assert fields["url"].value == "https://press.test/a_b?c=1&d=2"


def test_bibutils_reads_the_bibtex() -> None:
    mods = ET.fromstring(said_by("bib2xml", "-i", "unicode", text=written("bib", REPORT)))
    text = " ".join(mods.itertext())
    assert "50% &" in text
    assert "hashes" in text
    assert "Trust of Bees and Honey" in text


def test_csl_json_divides_the_names_of_persons_and_leaves_bodies_whole() -> None:
    (item,) = json.loads(written("csl.json", REPORT))
    assert item["author"] == [
        {"family": "O'Neill", "given": "Ana"},
        {"family": "Śmith", "given": "Bo"},
        {"literal": "Trust of Bees and Honey"},
    ]
    assert item["issued"] == {"date-parts": [[2013, 1, 24]]}
    assert item["type"] == "report"


def test_an_article_has_its_journal_volume_issue_and_pages_in_each_format() -> None:
    (reference,) = rispy.loads(written("ris", ARTICLE).decode())
    assert reference["type_of_reference"] == "JOUR"
    assert reference["secondary_title"] == "Journal of Made-up Studies"
    names = ("volume", "number", "start_page", "end_page")
    assert [reference[name] for name in names] == ["41", "2", "242", "260"]
    (entry,) = bibtexparser.parse_string(written("bib", ARTICLE).decode()).entries
    fields = {field.key: field.value for field in entry.fields}
    assert entry.entry_type == "article"
    assert fields["journal"] == "Journal of Made-up Studies"
    assert [fields[name] for name in ("volume", "number", "pages")] == ["41", "2", "242--260"]
    (item,) = json.loads(written("csl.json", ARTICLE))
    assert item["type"] == "article-journal"
    names = ("container-title", "volume", "issue", "page")
    assert [item[name] for name in names] == ["Journal of Made-up Studies", "41", "2", "242-260"]
    (record,) = pymarc.MARCReader(io.BytesIO(written("mrc", ARTICLE)))
    assert record["773"]["g"] == "41(2), 242-260"
    assert "490" not in record


def test_a_report_has_its_number_and_audience() -> None:
    report = replace(REPORT, report_number="DFE-RR226", audience="health visitors")
    assert rispy.loads(written("ris", report).decode())[0]["number"] == "DFE-RR226"
    assert json.loads(written("csl.json", report))[0]["number"] == "DFE-RR226"
    (record,) = pymarc.MARCReader(io.BytesIO(written("mrc", report)))
    assert (record["088"]["a"], record["521"]["a"]) == ("DFE-RR226", "health visitors")


def test_yaz_reads_the_binary_marc_and_finds_the_same_as_in_the_xml() -> None:
    from_binary = said_by(
        "yaz-marcdump", "-i", "marc", "-o", "line", "/dev/stdin", text=written("mrc", REPORT)
    )
    from_xml = said_by(
        "yaz-marcdump",
        "-i",
        "marcxml",
        "-o",
        "line",
        "/dev/stdin",
        text=written("marc.xml", REPORT),
    )
    # The leader of the binary form holds lengths that XML has not.
    assert from_binary.splitlines()[1:] == from_xml.splitlines()[1:]
    assert "245 14 $a The price of 50% & {braces}_and #hashes $b A made-up study" in (
        from_binary.decode()
    )


def test_marc_says_language_date_and_kind_of_name() -> None:
    (record,) = pymarc.MARCReader(io.BytesIO(written("mrc", REPORT)))
    assert len(record["008"].data) == 40
    assert (record["008"].data[7:11], record["008"].data[35:38]) == ("2013", "wel")
    assert record["005"].data == "20260203040506.0"
    assert record["100"]["a"] == "O'Neill, Ana"
    assert [field["a"] for field in record.get_fields("710")] == ["Trust of Bees and Honey"]
    assert record["505"]["a"] == "Foreword -- References"
    assert [field["a"] for field in record.get_fields("650")] == ["Neglect", "Information sharing"]


def test_a_text_too_long_for_one_field_of_marc_is_divided_between_words() -> None:
    long = replace(REPORT, abstract=" ".join(f"wörd{number}" for number in range(4_000)))
    (record,) = pymarc.MARCReader(io.BytesIO(written("mrc", long)))
    parts = [field["a"] for field in record.get_fields("520")]
    assert len(parts) > 1
    assert " ".join(parts) == long.abstract
    assert all(len(part.encode()) <= 9_000 for part in parts)


def test_a_title_is_filed_without_its_article() -> None:
    (record,) = pymarc.MARCReader(io.BytesIO(written("mrc", replace(REVIEW, title="A child"))))
    assert record["245"].indicators == ("1", "2")


def test_dublin_core_has_each_value_in_an_element_of_its_own() -> None:
    root = ET.fromstring(written("dc.xml", REPORT))
    dc = "{http://purl.org/dc/elements/1.1/}"
    values = [(element.tag.removeprefix(dc), element.text) for element in root[0]]
    assert ("subject", "Neglect") in values
    assert ("identifier", "doi:10.1000/182") in values
    assert [text for name, text in values if name == "creator"] == list(REPORT.authors)
    assert ("description", "First part.\n\nSecond part.\nER  - \nTY  - BOOK") in values


# rdflib warns of a class that it uses itself.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_rdflib_reads_the_json_ld_as_schema_org() -> None:
    """With the context's one rule, which is all that is used of it, instead of the network."""
    plain = json.loads(written("jsonld", REPORT, REVIEW))
    plain["@context"] = {"@vocab": "https://schema.org/"}
    graph = Graph().parse(data=json.dumps(plain), format="json-ld")
    assert {str(name).rpartition("/")[2] for name in graph.objects(None, RDF.type)} == {
        "Report",
        "Person",
        "Organization",
        "CreativeWorkSeries",
        "CreativeWork",
    }
    names = {str(name) for name in graph.objects(None, SDO.name)}
    assert {"Ana O'Neill", "Trust of Bees and Honey", REVIEW.title} <= names


def test_a_page_tells_reference_managers_each_author_by_a_tag_of_its_own() -> None:
    tags = list(citation_tags(REPORT))
    assert tags[0] == ("citation_title", f"{REPORT.title}: {REPORT.strapline}")
    assert [text for name, text in tags if name == "citation_author"] == list(REPORT.authors)
    assert ("citation_publication_date", "2013/01/24") in tags
    assert ("citation_abstract_html_url", REPORT.page) in tags


ANYTHING = st.text(max_size=40)


def number_for_people(ending: str, content: bytes) -> int:
    """How many records a table, a list of references or an email draft has."""
    match ending:
        case "csv":
            return len(list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))) - 1
        case "xlsx":
            return load_workbook(io.BytesIO(content))["Records"].max_row - 1
        case "eml":
            message = message_from_bytes(content, policy=default)
            assert message["X-Unsent"] == "1"
            return [part.get_filename() for part in message.iter_attachments()].count("records.ris")
        case _:
            return len(content.decode().splitlines())


FOR_PEOPLE = ("csv", "xlsx", "eml", "harvard.txt", "apa.txt", "vancouver.txt")


@pytest.mark.parametrize("ending", FOR_PEOPLE)
@settings(max_examples=5)
@given(title=ANYTHING.filter(str.strip), abstract=ANYTHING)
def test_whatever_a_record_says_it_is_one_row_or_reference(ending, title, abstract) -> None:
    record = replace(REPORT, title=f"A {title}", abstract=abstract)
    assert number_for_people(ending, written(ending, record)) == 1


@pytest.mark.parametrize("ending", sorted(WRITINGS.keys() - set(FOR_PEOPLE)))
@given(
    title=ANYTHING.filter(str.strip),
    abstract=ANYTHING,
    names=st.lists(ANYTHING.filter(str.strip), max_size=3),
)
def test_whatever_a_record_says_it_is_written_and_read_back_as_one_record(
    ending, title, abstract, names
) -> None:
    record = replace(REPORT, title=title, abstract=abstract, authors=tuple(names), subjects=())
    content = written(ending, record)
    match ending:
        case "ris":
            assert len(rispy.loads(content.decode())) == 1
        case "bib":
            library = bibtexparser.parse_string(content.decode())
            assert (len(library.entries), len(library.failed_blocks)) == (1, 0)
        case "mrc":
            records = [record for record in pymarc.MARCReader(io.BytesIO(content)) if record]
            assert len(records) == 1
        case "csl.json" | "jsonld":
            assert json.loads(content)
        case _:
            text = "".join(ET.fromstring(content).itertext())
            assert re.sub(r"\s", "", "price-2013") in re.sub(r"\s", "", text)


EVALUATION = replace(
    REPORT,
    kind="evaluation",
    key="resource/evaluation-1",
    evaluation=(
        ("What was evaluated", "A programme of\nvisits"),
        ("Where", "Two towns"),
        ("Method", "Before and after"),
        ("Sample", "120 families"),
        ("Findings", "More visits were kept."),
        ("Limits", "No control group."),
        ("Cost", "£300 a family"),
    ),
)
STATEMENTS = [
    "What was evaluated: A programme of visits",
    "Where: Two towns",
    "Method: Before and after",
    "Sample: 120 families",
    "Findings: More visits were kept.",
    "Limits: No control group.",
    "Cost: £300 a family",
]


def test_what_an_evaluation_says_of_itself_is_in_every_format_that_can_hold_it() -> None:
    (ris,) = rispy.loads(written("ris", EVALUATION).decode())
    assert [note for note in ris["notes"] if note in STATEMENTS] == STATEMENTS
    (csl,) = json.loads(written("csl.json", EVALUATION))
    assert csl["note"].splitlines()[:7] == STATEMENTS
    descriptions = [
        element.text
        for element in ET.fromstring(written("dc.xml", EVALUATION)).iter()
        if element.tag.endswith("}description")
    ]
    assert [text for text in descriptions if text in STATEMENTS] == STATEMENTS
    (marc,) = pymarc.MARCReader(written("mrc", EVALUATION))
    assert [field["a"] for field in marc.get_fields("567")] == STATEMENTS[2:4]
    notes = [field["a"] for field in marc.get_fields("500") if field["a"] in STATEMENTS]
    assert notes == STATEMENTS[:2] + STATEMENTS[4:]
